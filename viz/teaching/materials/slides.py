"""`slides`: the steps of a function as slides of 16:9, one step after the other."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from autograd_core import Value
from autograd_core.base import shorten
from autograd_core.errors import DataValueError
from autograd_core.steps import Steps

from ...stepper.animation import STYLE as PICTURE_STYLE
from ...stepper.animation import Animation
from ...stepper.page_data import Record
from ..formats.markup import Html, LatexMarkup, Markup
from ..language import Language, language
from ..problem import CellTable
from ..tables import backward_table, forward_table
from ..text_parts import Say
from .steps_worksheet import point_of, title_of

ROWS, ROWS_BELOW = 9, 4
"""The most rows of a table on one slide, alone and below a picture."""

LARGEST_PICTURE = 24
"""The most nodes of a graph whose numbers are legible on a slide."""

FORMATS = ("beamer", "html")
PASSES = {"forward": Say("Forward pass"), "backward": Say("Backward pass")}


def slides(
    output: Value, format: str = "beamer", *, passes: Sequence[str] = tuple(PASSES), lang: str = "en"
) -> str:
    """Return `steps(output)` as a document of slides that uncover one row at a time.

    "html" is one file with a slide for each step: the picture after that step, and the table up to it. The
    keys ← and → turn the slides, ↑ and ↓ go to another pass, and printing gives a slide a page. "beamer" is
    LaTeX, a frame for each pass (or for nine rows of it) with overlays. `passes` are "forward", "backward" or
    both. A graph of more than 24 nodes is shown without its picture, which would be too small.

    Raises `DataError` if `output` is not a node, `DataValueError` for an unknown format, pass or language.

    >>> x = Value(2.0, "x")
    >>> [slides(x * x, passes=passes).count("{frame}{") for passes in (["backward"], ["forward", "backward"])]
    [1, 2]
    """
    if not isinstance(format, str) or format not in FORMATS:
        raise DataValueError(f"slides: unknown format: {shorten(repr(format))}; expected 'beamer' or 'html'.")
    if not isinstance(passes, Sequence) or not passes or any(name not in PASSES for name in passes):
        raise DataValueError(
            f"slides: unknown pass: passes = {shorten(repr(passes))}; expected a list of 'forward', "
            "'backward' or both."
        )
    record, spoken = Record(output), language(lang)
    return _beamer(record.push, passes, spoken) if format == "beamer" else _deck(record, passes, spoken)


def _parts(table: Steps, passes: Sequence[str], size: int) -> list[tuple[str, CellTable]]:
    """Return the tables of the passes, in parts that fit a slide."""
    tables = {"forward": forward_table(table), "backward": backward_table(table)}
    return [
        (name, CellTable(whole.head, whole.rows[start : start + size]))
        for name, whole in tables.items()
        if name in passes
        for start in range(0, len(whole.rows), size)
    ]


def _cells(markup: Markup, part: CellTable) -> tuple[list[str], list[list[str]]]:
    rows = [[markup.cell(content) for content in row] for row in part.rows]
    return [markup.inline(title) for title in part.head], rows


# What is wider than the slide is made smaller, and nothing else.
FITTED = r"""\newsavebox{\fitted}
\newcommand{\fit}[1]{\sbox{\fitted}{#1}%
  \ifdim\wd\fitted>\textwidth\resizebox{\textwidth}{!}{\usebox{\fitted}}\else\usebox{\fitted}\fi}
"""


def _beamer(table: Steps, passes: Sequence[str], spoken: Language) -> str:
    markup = LatexMarkup(spoken, lambda blank: "")
    title = rf"\fit{{\Large ${spoken.formula(title_of(table), 'latex')}$}}"
    point = rf"\fit{{{markup.inline(point_of(table))}}}"
    frames = [f"\\begin{{frame}}\n\\centering {title}\n\n\\bigskip {point}\n\\end{{frame}}\n"]
    latest = ""
    for name, part in _parts(table, passes, ROWS):
        heading = markup.inline(PASSES[name])
        if name != latest:
            frames.append(f"\\section{{{heading}}}\n")
            latest = name
        head, rows = _cells(markup, part)
        titles = " & ".join([rf"\textbf{{{cell}}}" for cell in head])
        lines = [
            " & ".join([rf"\uncover<{k}->{{{cell}}}" for cell in row]) + r" \\"
            for k, row in enumerate(rows, start=1)
        ]
        body = "\n".join(lines)
        frames.append(
            f"\\begin{{frame}}{{{heading}}}\n"
            f"\\fit{{\\begin{{tabular}}{{@{{}}{'l' * len(head)}@{{}}}}\n"
            f"{titles} \\\\\\hline\n{body}\n\\end{{tabular}}}}\n\\end{{frame}}\n"
        )
    return (
        "\\documentclass[aspectratio=169]{beamer}\n\\usepackage{amsmath}\n"
        "\\IfFileExists{lmodern.sty}{\\usepackage[T1]{fontenc}\\usepackage{lmodern}}{}\n"
        "\\setbeamertemplate{navigation symbols}{}\n\\renewcommand{\\arraystretch}{1.35}\n"
        f"{FITTED}\\begin{{document}}\n{''.join(frames)}\\end{{document}}\n"
    )


STYLE = """\
html, body { margin: 0; height: 100%; background: #222; color: #111 }
body { font-family: system-ui, "Noto Sans", sans-serif }
section { display: none; position: absolute; inset: 0; margin: auto; width: min(100vw, 177.78vh);
  height: min(100vh, 56.25vw); box-sizing: border-box; padding: 3% 5%; background: #fff; overflow: hidden;
  font-size: min(2.2vw, 3.9vh) } section.now { display: flex; flex-direction: column }
h1 { font-size: 1.5em; margin: 0 0 .6em } h2 { font-size: 1.15em; margin: 0 0 .5em }
.picture { flex: 1 1 0; min-height: 0; margin-bottom: .8em } .picture svg { width: 100%; height: 100% }
table { align-self: start }
nav { margin-top: 2em } nav a { margin-right: 2em; color: #1a4fa3 } nav a:focus-visible { outline: 3px solid }
table { border-collapse: collapse }
th, td { padding: .1em .7em; text-align: left; border-bottom: 1px solid #ccc }
tr.last { background: #fff3c4; font-weight: 600 } tr.later { visibility: hidden }
.count { position: absolute; right: 2%; bottom: 2%; font-size: .6em; color: #555 }
@page { size: 338.7mm 190.5mm; margin: 0 }
@media print {
  section, section.now { display: flex; flex-direction: column; position: relative; break-after: page;
    width: 100%; height: 190mm }
}
"""
SCRIPT = """\
"use strict";
const all = [...document.querySelectorAll("section")];
const chapters = all.map((section, i) => (section.dataset.pass ? i : -1)).filter((i) => i >= 0);
const wanted = () => Number(location.hash.slice(1)) || 1;
let at = 0;
function show(to) {
  at = Math.min(Math.max(to, 0), all.length - 1);
  all.forEach((section, i) => section.classList.toggle("now", i === at));
  history.replaceState(null, "", `#${at + 1}`);
}
const before = () => chapters.filter((i) => i < at).pop() ?? 0;
const after = () => chapters.find((i) => i > at) ?? at;
const moves = {
  ArrowRight: () => at + 1, PageDown: () => at + 1, " ": () => at + 1, ArrowLeft: () => at - 1,
  PageUp: () => at - 1, Home: () => 0, End: () => all.length, ArrowUp: before, ArrowDown: after,
};
addEventListener("keydown", (event) => {
  if (event.key in moves) { show(moves[event.key]()); event.preventDefault(); }
});
addEventListener("click", (event) => { if (!event.target.closest("a")) show(at + 1); });
addEventListener("hashchange", () => show(wanted() - 1));
show(wanted() - 1);
"""


def _deck(record: Record, passes: Sequence[str], spoken: Language) -> str:
    table, markup = record.push, Html(spoken, lambda blank: "")
    film = Animation(record) if len(record.graph) <= LARGEST_PICTURE else None
    found = _slides_of(table, passes, film, markup)
    names = [name for name, _ in found]
    chapters = {name: names.index(name) + 2 for name in dict.fromkeys(names)}  # The title is the first slide.
    links = [f'<a href="#{at}">{markup.inline(PASSES[name])}</a>' for name, at in chapters.items()]
    title = f"<h1>{markup.inline(title_of(table))}</h1><p>{markup.inline(point_of(table))}</p>"
    sections = [f"<section>{title}<nav>{''.join(links)}</nav>"]
    for at, (name, text) in enumerate(found, start=2):
        begins = f' data-pass="{name}"' if chapters[name] == at else ""
        sections.append(f"<section{begins}>{text}")
    pages = [
        f'{text}<div class="count">{i} / {len(sections)}</div></section>'
        for i, text in enumerate(sections, start=1)
    ]
    style = STYLE + (PICTURE_STYLE if film is not None else "")
    return (
        f'<!DOCTYPE html>\n<html lang="{spoken.code}">\n<head>\n<meta charset="utf-8">\n'
        f"<title>{escape(spoken.text(title_of(table)))}</title>\n<style>{style}</style>\n</head>\n<body>\n"
        + "\n".join(pages)
        + f"\n<script>{SCRIPT}</script>\n</body>\n</html>\n"
    )


def _slides_of(
    table: Steps, passes: Sequence[str], film: Animation | None, markup: Html
) -> list[tuple[str, str]]:
    """Return each slide after the title: its pass, and its heading, picture and rows."""
    found = []
    for name, part in _parts(table, passes, ROWS if film is None else ROWS_BELOW):
        head, rows = _cells(markup, part)
        heading = f"<h2>{markup.inline(PASSES[name])}</h2>"
        for now, row in enumerate(part.rows):
            picture = "" if film is None else _picture(film, int(str(row[0])), markup.language)
            found.append((name, heading + picture + _table(head, rows, now)))
    return found


def _picture(film: Animation, done: int, spoken: Language) -> str:
    still = film.still(done, style=False, caption=False)
    return f'<div class="picture">{spoken.drawing(still)}</div>'


def _table(head: list[str], rows: list[list[str]], now: int) -> str:
    """Return a table whose rows up to `now` are visible, so that it does not move from slide to slide."""
    lines = []
    for k, row in enumerate(rows):
        state = "last" if k == now else "later" if k > now else "done"
        lines.append(f'<tr class="{state}">{"".join([f"<td>{cell}</td>" for cell in row])}</tr>')
    titles = "".join([f'<th scope="col">{cell}</th>' for cell in head])
    return f"<table><thead><tr>{titles}</tr></thead><tbody>{''.join(lines)}</tbody></table>"
