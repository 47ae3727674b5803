"""Write sentences, formulas and tables as Markdown, HTML or LaTeX."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape

from ..language import Language
from ..problem import Blank, CellContent, Paragraph
from ..text_parts import Inline, Math, Say

LETTERS = "abcdefghijklmnopqrstuvwxyz"

Fill = Callable[[Blank], str]
"""What stands in a blank."""


class Markup:
    """Markdown, with formulas as text; the base of the others."""

    notation = "text"

    def __init__(self, language: Language, fill: Fill) -> None:
        self.language = language
        self.fill = fill

    def escaped(self, text: str) -> str:
        """Return a text that stands for itself."""
        return re.sub(r"([\\`*_\[\]<>|#])", r"\\\1", text)

    def math(self, form: str) -> str:
        """Return a formula in a line."""
        return self.escaped(form)

    def inline(self, part: Inline) -> str:
        """Return a sentence, a formula or a text."""
        if isinstance(part, Math):
            return self.math(self.language.formula(part, self.notation))
        if isinstance(part, str):
            return self.escaped(part)
        return "".join([self.inline(piece) for piece in part.parts(self.language.template(part))])

    def cell(self, content: CellContent) -> str:
        """Return a cell of a table."""
        return self.fill(content) if isinstance(content, Blank) else self.inline(content)

    def paragraph(self, paragraph: Paragraph) -> str:
        """Return a sentence or a table as a paragraph."""
        if isinstance(paragraph, Say):
            return self.sentence(self.inline(paragraph))
        rows = [[self.cell(content) for content in row] for row in paragraph.rows]
        if not paragraph.head:
            return self.lines(rows)
        return self.table([self.inline(title) for title in paragraph.head], rows)

    def sentence(self, text: str) -> str:
        """Return a paragraph of one sentence."""
        return text + "\n"

    def lines(self, rows: list[list[str]]) -> str:
        """Return equations, one a line."""
        return "".join([f"- {' '.join(row)}\n" for row in rows])

    def heading(self, level: int, text: str) -> str:
        """Return a heading."""
        return f"{'#' * level} {text}\n"

    def choices(self, options: list[str]) -> str:
        """Return options to choose from, with letters."""
        return "".join([f"- {letter}) {option}\n" for letter, option in zip(LETTERS, options, strict=False)])

    def blank(self) -> str:
        """Return space to write an answer."""
        return r"\_\_\_\_\_\_"

    def unbroken(self, parts: list[str]) -> str:
        """Return parts that stay on one page where they fit on one."""
        return "\n".join(parts)

    def document(self, title: str, sections: list[str]) -> str:
        """Return the whole file, with each section on a page of its own."""
        return "\n---\n\n".join(sections)

    def table(self, head: list[str], rows: list[list[str]]) -> str:
        """Return a table."""
        lines = [head, ["---"] * len(head), *rows]
        return "".join([f"| {' | '.join(line)} |\n" for line in lines])


class Html(Markup):
    """HTML, with formulas in MathML."""

    notation = "mathml"
    lines_tag, head_tag = '<table class="lines">', '<th scope="col">'

    def escaped(self, text: str) -> str:
        return escape(text, quote=False)

    def math(self, form: str) -> str:
        return f"<math><mrow>{form}</mrow></math>"

    def sentence(self, text: str) -> str:
        return f"<p>{text}</p>"

    def lines(self, rows: list[list[str]]) -> str:
        return f"{self.lines_tag}<tbody>{self._rows(rows)}</tbody></table>"

    def table(self, head: list[str], rows: list[list[str]]) -> str:
        titles = "".join([f"{self.head_tag}{title}</th>" for title in head])
        return f"<table><thead><tr>{titles}</tr></thead><tbody>{self._rows(rows)}</tbody></table>"

    def heading(self, level: int, text: str) -> str:
        return f"<h{level}>{text}</h{level}>"

    def choices(self, options: list[str]) -> str:
        return f'<ol class="choices" type="a">{"".join([f"<li>{option}</li>" for option in options])}</ol>'

    def blank(self) -> str:
        return '<span class="blank"></span>'

    def unbroken(self, parts: list[str]) -> str:
        return f'<div class="unbroken">{super().unbroken(parts)}</div>'

    def document(self, title: str, sections: list[str]) -> str:
        body = "\n".join([f"<section>{section}</section>" for section in sections])
        return page(self.language.code, title, body)

    def _rows(self, rows: list[list[str]]) -> str:
        return "".join([f"<tr>{''.join([f'<td>{cell}</td>' for cell in row])}</tr>" for row in rows])


STYLE = """\
body { font: 11pt/1.5 Georgia, "Noto Serif", serif; max-width: 46em; margin: 2em auto; padding: 0 1em;
  color: #111; background: #fff }
h1 { font-size: 1.4em } h2 { font-size: 1.15em; margin: 1.4em 0 .3em; break-after: avoid }
table { border-collapse: collapse; margin: .5em 0 }
table:not(.lines) { display: inline-table; margin-right: 1.5em; vertical-align: top }
th, td { border: 1px solid #888; padding: .25em .7em; text-align: left }
table.lines td { border: 0; padding: .2em .7em .2em 0 } thead { background: #eee }
.blank { display: inline-block; min-width: 6em; height: 1.6em; border-bottom: 1px solid #111 }
td .blank { border-bottom-style: dotted } .choices { display: flex; flex-wrap: wrap; gap: 0 3em }
.choices li { margin: .2em 0 } .fields { display: flex; gap: 2em }
.fields span { flex: 1; border-bottom: 1px solid #111; padding-top: 1.5em; font-size: .9em }
mfrac { padding: .1em } tr { break-inside: avoid } .note { color: #444; font-size: .9em }
.unbroken { break-inside: avoid }
@page { size: A4; margin: 16mm 20mm }
@media print {
  body { margin: 0; max-width: none; font-size: 10.5pt; line-height: 1.35 } h1 { margin-top: 0 }
  section + section { break-before: page } h2 { margin-top: 1em } th, td { padding: .15em .6em }
}
"""


def page(code: str, title: str, body: str, style: str = "", script: str = "") -> str:
    """Return a page of HTML that needs no other file."""
    scripts = f"<script>{script}</script>" if script else ""
    return (
        f'<!DOCTYPE html>\n<html lang="{code}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{STYLE}{style}</style>\n</head>\n"
        f"<body>\n{body}\n{scripts}</body>\n</html>\n"
    )


class PlainHtml(Html):
    """HTML with formulas as text, for platforms whose editors lose MathML."""

    notation = "text"

    def math(self, form: str) -> str:
        text = self.escaped(form)
        return f"<i>{text}</i>" if any(map(str.isalpha, form)) else text


class MoodleHtml(Html):
    r"""HTML with formulas in LaTeX between \( and \), which Moodle's MathJax filter shows."""

    notation = "latex"

    def math(self, form: str) -> str:
        return rf"\({self.escaped(form)}\)"


LATEX_CHARACTERS = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "%": r"\%",
    "_": r"\_", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}", "−": "$-$", "·": r"$\cdot$",
    "½": r"$\frac12$", "∂": r"$\partial$", "δ": r"$\delta$", "…": r"\dots{}", "→": r"$\to$",
}  # fmt: skip


AFTER_TABLE = r"\par\smallskip"
UNBROKEN, SHORT = 18, 30
"""The most rows of a table that stays on one page, and the most characters of options in one line."""


class LatexMarkup(Markup):
    """LaTeX that needs amsmath and array."""

    notation = "latex"

    def escaped(self, text: str) -> str:
        return "".join([LATEX_CHARACTERS.get(c, c) for c in text])

    def math(self, form: str) -> str:
        return f"${form.replace('−', '-')}$"

    def sentence(self, text: str) -> str:
        return text + "\n\n"

    def lines(self, rows: list[list[str]]) -> str:
        columns = "l" * max([len(row) for row in rows], default=1)
        return self._set(columns, [f"  {' & '.join(row)} \\\\\n" for row in rows])

    def table(self, head: list[str], rows: list[list[str]]) -> str:
        titles = " & ".join([rf"\textbf{{{title}}}" for title in head])
        body = [f"  {' & '.join(row)} \\\\\\hline\n" for row in rows]
        rows_of_text = [f"  \\hline\n  {titles} \\\\\\hline\n", *body]
        return self._set("|" + "l|" * len(head), rows_of_text, head=True)

    def _set(self, columns: str, rows: list[str], head: bool = False) -> str:
        """Return a table, which only breaks across pages if it is long."""
        if len(rows) <= UNBROKEN:
            return f"\\begin{{tabular}}[t]{{{columns}}}\n{''.join(rows)}\\end{{tabular}}{AFTER_TABLE}\n\n"
        if head:
            rows = [rows[0] + "\\endhead\n", *rows[1:]]  # The titles stand on every page.
        return f"\\begin{{longtable}}[l]{{{columns}}}\n{''.join(rows)}\\end{{longtable}}\n\n"

    def heading(self, level: int, text: str) -> str:
        command = "section" if level == 1 else "subsection"
        return f"\\{command}*{{{text}}}\n"

    def choices(self, options: list[str]) -> str:
        pairs = list(zip(LETTERS, options, strict=False))
        if all(len(option) <= SHORT for option in options):
            return self.sentence(r"\qquad ".join([f"{letter}) {option}" for letter, option in pairs]))
        return self.lines([[f"{letter})", option] for letter, option in pairs])

    def blank(self) -> str:
        return r"\underline{\hspace{2.6cm}}"

    def unbroken(self, parts: list[str]) -> str:
        text = super().unbroken(parts)
        # A long table breaks across pages, which it cannot do inside a box.
        return text if "{longtable}" in text else f"\\begin{{unbroken}}\n{text}\\end{{unbroken}}\n\n"

    def document(self, title: str, sections: list[str]) -> str:
        preamble = PREAMBLES.get(self.language.code, PREAMBLE)
        # Tables that follow each other stand side by side, where they fit.
        together = (
            rf"(?<=hline\n\\end\{{tabular\}}){re.escape(AFTER_TABLE)}\s+(?=\\begin\{{tabular\}}\[t\]\{{\|)"
        )
        body = re.sub(together, r"\\qquad\\hfil\\penalty0\\hfilneg\n", "\\clearpage\n".join(sections))
        return f"{preamble}{PACKAGES}\\begin{{document}}\n{body}\\end{{document}}\n"


PREAMBLE = r"""\documentclass[a4paper,11pt]{article}
\IfFileExists{lmodern.sty}{\usepackage[T1]{fontenc}\usepackage{lmodern}}{}
"""
PREAMBLES = {
    "zh": "% XeLaTeX or LuaLaTeX, with the package ctex\n\\documentclass[a4paper,11pt,UTF8]{ctexart}\n",
    "ja": "% LuaLaTeX, with the package luatexja\n\\documentclass[a4paper,11pt]{ltjsarticle}\n",
}
"""Languages whose letters pdfLaTeX lacks."""

PACKAGES = r"""\usepackage{amsmath,array,longtable}
\usepackage[margin=22mm]{geometry}
\setlength{\parindent}{0pt}
\setlength{\parskip}{4pt}
\setlength{\lineskip}{4pt}
\setlength{\LTpre}{4pt}
\setlength{\LTpost}{4pt}
\renewcommand{\arraystretch}{1.5}
\allowdisplaybreaks
% What belongs together stays on one page.
\newenvironment{unbroken}
  {\par\medskip\noindent\begin{minipage}{\linewidth}\setlength{\parskip}{4pt}\setlength{\lineskip}{6pt}}
  {\end{minipage}\par}
"""
