"""Languages: everything said is translated, fields and numbers are kept, commas and plurals are right."""

import re

import pytest

from viz.teaching import KINDS, language, problems
from viz.teaching.formats import Sheet, write
from viz.teaching.language import Language
from viz.teaching.text_parts import Say, Several, number


class Pseudo(Language):
    """A language in which every translated text stands in brackets."""

    def __init__(self):
        super().__init__("en")

    def template(self, say):
        assert set(re.findall(r"\{(\w+)\}", say.template)) <= set(say.fields)
        return re.sub(r"(^|\})([^{}]+)($|\{)", r"\1⟦\2⟧\3", super().template(say))


UNTRANSLATED = re.compile(r"(?<![\w&;.\\/=\"'-])[A-Za-z]{4,}(?![\w(=\"'-])")


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_no_text_stays_outside_the_catalog(kind):
    made = Sheet(Say("Problems on backpropagation"), Pseudo(), (tuple(problems(kind, 3, 2, level=2)),))
    for file in write(made, "markdown"):
        outside = re.sub(r"⟦[^⟧]*⟧", " ", file.content.decode())
        assert set(UNTRANSLATED.findall(outside)) <= {"relu", "sigmoid", "sqrt"}


def test_decimal_commas_stand_in_every_notation():
    german = language.language("de")
    half = number(0.5)
    assert [german.formula(half, form) for form in ("text", "latex", "mathml")] == [
        "0,5",
        "0{,}5",
        "<mn>0,5</mn>",
    ]
    assert language.language("ja").formula(half, "text") == "0.5"


@pytest.mark.parametrize(
    ("code", "forms"),
    [
        ("en", ["0 points", "1 point", "2 points"]),
        ("de", ["0 Punkte", "1 Punkt", "2 Punkte"]),
        ("fr", ["0 point", "1 point", "2 points"]),
        ("ja", ["0 点", "1 点", "2 点"]),
    ],
)
def test_plurals(code, forms):
    spoken = language.language(code)
    assert [spoken.text(Several("{n} point", "{n} points", n)) for n in range(3)] == forms
