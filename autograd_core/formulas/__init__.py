"""Print graphs as text, LaTeX or MathML, and parse text into graphs."""

from .formula import Forms, Formulas, forms_of, formula, writer_of, written
from .latex_and_mathml import MathML, latex_text
from .parser import check_name, inputs_of, parse
from .text_notation import PRODUCT, SUM, Fragment, Text
from .tokens_and_corrections import MOST_CHARACTERS, repaired

__all__ = [
    "Forms",
    "Formulas",
    "Fragment",
    "MOST_CHARACTERS",
    "MathML",
    "PRODUCT",
    "SUM",
    "Text",
    "check_name",
    "forms_of",
    "formula",
    "inputs_of",
    "latex_text",
    "parse",
    "repaired",
    "writer_of",
    "written",
]
