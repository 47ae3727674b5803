"""`slides`: the steps of a function as slides of 16:9, one step after the other."""

from __future__ import annotations

from html import escape

from autograd_core import Value, steps
from autograd_core.base import shorten
from autograd_core.errors import DataValueError
from autograd_core.steps import Steps

from ..formats.markup import Html, LatexMarkup, Markup
from ..language import Language, language
from ..phrases import Say
from ..problem import CellTable
from ..tables import backward_table, forward_table
from .worksheet import point_of, title_of

ROWS = 9
"""The most rows of a table on one slide."""

FORMATS = ("beamer", "html")


def slides(output: Value, format: str = "beamer", *, lang: str = "en") -> str:
    """Return `steps(output)` as a document of slides that uncover one row at a time.

    "beamer" is LaTeX, a frame for each pass (or for nine rows of it) with overlays; "html" is one file with a
    slide for each step, which the keys ← and → turn. Raises `DataError` if `output` is not a node,
    `DataValueError` for an unknown format or language.

    >>> x = Value(2.0, "x")
    >>> slides(x * x).count("\\\\begin{frame}")
    3
    """
    if not isinstance(format, str) or format not in FORMATS:
        raise DataValueError(f"slides: unknown format: {shorten(repr(format))}; expected 'beamer' or 'html'.")
    table, spoken = steps(output), language(lang)
    return _beamer(table, spoken) if format == "beamer" else _deck(table, spoken)


def _passes(table: Steps) -> list[tuple[Say, CellTable]]:
    """Return the tables of both passes with their titles, in parts that fit a slide."""
    passes = ((Say("Forward pass"), forward_table(table)), (Say("Backward pass"), backward_table(table)))
    return [
        (title, CellTable(whole.head, whole.rows[start : start + ROWS]))
        for title, whole in passes
        for start in range(0, len(whole.rows), ROWS)
    ]


def _cells(markup: Markup, part: CellTable) -> tuple[list[str], list[list[str]]]:
    rows = [[markup.cell(content) for content in row] for row in part.rows]
    return [markup.inline(title) for title in part.head], rows


def _beamer(table: Steps, spoken: Language) -> str:
    markup = LatexMarkup(spoken, lambda blank: "")
    title = f"${spoken.formula(title_of(table), 'latex')}$"
    point = markup.inline(point_of(table))
    frames = [f"\\begin{{frame}}\n\\centering\\Large {title}\n\n\\bigskip {point}\n\\end{{frame}}\n"]
    for heading, part in _passes(table):
        head, rows = _cells(markup, part)
        titles = " & ".join([rf"\textbf{{{cell}}}" for cell in head])
        lines = [
            " & ".join([rf"\uncover<{k}->{{{cell}}}" for cell in row]) + r" \\"
            for k, row in enumerate(rows, start=1)
        ]
        body = "\n".join(lines)
        frames.append(
            f"\\begin{{frame}}{{{markup.inline(heading)}}}\n"
            f"\\begin{{tabular}}{{@{{}}{'l' * len(head)}@{{}}}}\n"
            f"{titles} \\\\\\hline\n{body}\n\\end{{tabular}}\n\\end{{frame}}\n"
        )
    return (
        "\\documentclass[aspectratio=169]{beamer}\n\\usepackage{amsmath}\n"
        "\\IfFileExists{lmodern.sty}{\\usepackage[T1]{fontenc}\\usepackage{lmodern}}{}\n"
        "\\setbeamertemplate{navigation symbols}{}\n\\renewcommand{\\arraystretch}{1.35}\n"
        f"\\begin{{document}}\n{''.join(frames)}\\end{{document}}\n"
    )


STYLE = """\
html, body { margin: 0; height: 100%; background: #222; color: #111 }
body { font-family: system-ui, "Noto Sans", sans-serif }
section { display: none; position: absolute; inset: 0; margin: auto; width: min(100vw, 177.78vh);
  height: min(100vh, 56.25vw); box-sizing: border-box; padding: 3% 5%; background: #fff; overflow: hidden;
  font-size: min(2.2vw, 3.9vh) } section.now { display: block }
h1 { font-size: 1.5em; margin: 0 0 .6em } h2 { font-size: 1.15em; margin: 0 0 .5em }
table { border-collapse: collapse }
th, td { padding: .1em .7em; text-align: left; border-bottom: 1px solid #ccc }
tr.last { background: #fff3c4; font-weight: 600 } tr.later { visibility: hidden }
.count { position: absolute; right: 2%; bottom: 2%; font-size: .6em; color: #555 }
@page { size: 338.7mm 190.5mm; margin: 0 }
@media print {
  section { display: block; position: relative; break-after: page; width: 100%; height: 190mm }
}
"""
SCRIPT = """\
"use strict";
const all = [...document.querySelectorAll("section")];
let at = Math.min(Math.max(Number(location.hash.slice(1)) || 1, 1), all.length) - 1;
function show(to) {
  at = Math.min(Math.max(to, 0), all.length - 1);
  all.forEach((section, i) => section.classList.toggle("now", i === at));
  history.replaceState(null, "", `#${at + 1}`);
}
addEventListener("keydown", (event) => {
  const moves = { ArrowRight: 1, PageDown: 1, " ": 1, ArrowLeft: -1, PageUp: -1, Home: -at, End: all.length };
  if (event.key in moves) { show(at + moves[event.key]); event.preventDefault(); }
});
addEventListener("click", () => show(at + 1));
show(at);
"""


def _deck(table: Steps, spoken: Language) -> str:
    markup = Html(spoken, lambda blank: "")
    title = markup.inline(title_of(table))
    sections = [f"<h1>{title}</h1><p>{markup.inline(point_of(table))}</p>"]
    for heading, part in _passes(table):
        head, rows = _cells(markup, part)
        sections += [
            f"<h2>{markup.inline(heading)}</h2>{_table(head, rows, now)}" for now in range(len(rows))
        ]
    count = len(sections)
    pages = [
        f'<section>{text}<div class="count">{i} / {count}</div></section>'
        for i, text in enumerate(sections, start=1)
    ]
    return (
        f'<!DOCTYPE html>\n<html lang="{spoken.code}">\n<head>\n<meta charset="utf-8">\n'
        f"<title>{escape(spoken.text(title_of(table)))}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n"
        + "\n".join(pages)
        + f"\n<script>{SCRIPT}</script>\n</body>\n</html>\n"
    )


def _table(head: list[str], rows: list[list[str]], now: int) -> str:
    """Return a table whose rows up to `now` are visible, so that it does not move from slide to slide."""
    lines = []
    for k, row in enumerate(rows):
        state = "last" if k == now else "later" if k > now else "done"
        lines.append(f'<tr class="{state}">{"".join([f"<td>{cell}</td>" for cell in row])}</tr>')
    titles = "".join([f'<th scope="col">{cell}</th>' for cell in head])
    return f"<table><thead><tr>{titles}</tr></thead><tbody>{''.join(lines)}</tbody></table>"
