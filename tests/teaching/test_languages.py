"""Languages: everything said is translated, fields and numbers are kept, commas and plurals are right."""

import re

import pytest

import viz
from autograd_core import Value
from autograd_core.errors import AutogradError
from autograd_core.languages import LANGUAGES
from tests import catalogs
from viz.cli.options import of_the_shell
from viz.teaching import KINDS, language, problems
from viz.teaching.formats import FORMATS, Sheet, write
from viz.teaching.language import Language
from viz.teaching.phrases import Say, Several, number


@pytest.mark.parametrize("code", catalogs.TRANSLATED)
def test_everything_is_translated_and_compiled(code):
    assert list(catalogs.faults(code)) == []


@pytest.mark.parametrize("code", catalogs.TRANSLATED)
def test_translations_keep_the_fields_and_are_not_too_long(code):
    for message in catalogs.catalog(code):
        forms = message.string if isinstance(message.string, tuple) else (message.string,)
        one, template = message.id if isinstance(message.id, tuple) else (message.id, message.id)
        for form in forms if template else ():
            assert fields(one) <= fields(form) <= fields(template)
            assert len(form) <= 2 * len(template) + 20, form


def fields(text):
    """Return the fields of a text."""
    return set(re.findall(r"\{\w+\}", text))


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


@pytest.mark.parametrize(
    ("variables", "code"),
    [
        ({"LANG": "de_AT.UTF-8"}, "de"),
        ({"LC_ALL": "C", "LANG": "fr_FR"}, "en"),
        ({"LC_MESSAGES": "pt_BR.UTF-8", "LANG": "fr_FR"}, "pt"),
        ({"LANGUAGE": "es", "LC_ALL": "C.UTF-8"}, "en"),
        ({"LANG": "it_IT.UTF-8"}, "en"),
        ({"LANGUAGE": "xx:ja"}, "ja"),
        ({}, "en"),
    ],
)
def test_the_shell_chooses(monkeypatch, variables, code):
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert of_the_shell() == code


@pytest.mark.parametrize("lang", [3, "xx", ["de"], "deutsch", ""])
def test_an_unknown_language_is_refused(lang):
    with pytest.raises(AutogradError, match="not a known language"):
        viz.stepper(Value(1.0), lang=lang)


def test_every_language_is_listed_by_its_own_name():
    assert LANGUAGES["de"] == "Deutsch"
    assert len(FORMATS) == 10
