"""Languages: one catalog for tables, terminal, page and problems, complete, with its plurals and decimals."""

import ast
import json
import re
from pathlib import Path

import pytest

from autograd_core import Value, maximum, steps
from autograd_core.base import width
from autograd_core.errors import AutogradError
from autograd_core.languages import LANGUAGES, catalog_of
from autograd_core.steps import cells, check_lines, tables, update_tables
from nn import SGD
from tests import catalogs
from tests.pseudo import Pseudo, outside
from tests.viz.lecture import example
from viz import stepper
from viz.cli import terminal_stepper
from viz.cli.command import main
from viz.cli.options_and_output import of_the_shell
from viz.cli.terminal_stepper import Reader
from viz.pages import text_of


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


def test_every_language_is_listed_by_its_own_name():
    assert LANGUAGES["de"] == "Deutsch"


@pytest.mark.parametrize(
    ("variables", "code"),
    [
        ({"LANG": "de_AT.UTF-8"}, "de"),
        ({"LC_ALL": "C", "LANG": "fr_FR"}, "en"),
        ({"LC_MESSAGES": "pt_BR.UTF-8", "LANG": "fr_FR"}, "pt"),
        ({"LANGUAGE": "xx:ja"}, "ja"),
        ({"LANGUAGE": "es", "LC_ALL": "C.UTF-8"}, "en"),
        ({"LANG": "it_IT.UTF-8"}, "en"),
        ({}, "en"),
    ],
)
def test_the_shell_chooses(monkeypatch, variables, code):
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert of_the_shell() == code


@pytest.mark.parametrize(
    ("code", "forms", "used"),
    [
        ("en", ["{n} addition", "{n} additions"], [1, 0, 1, 1]),
        ("de", ["{n} Addition", "{n} Additionen"], [1, 0, 1, 1]),
        ("fr", ["{n} addition", "{n} additions"], [0, 0, 1, 1]),
        ("ja", ["加算 {n} 回"], [0, 0, 0, 0]),
    ],
)
def test_plurals(code, forms, used):
    catalog = catalog_of(code)
    assert list(dict.fromkeys(catalog.forms("{n} addition", "{n} additions"))) == forms
    for n, form in zip((0, 1, 2, 21), used, strict=True):
        assert catalog.count("{n} addition", "{n} additions", n) == forms[form].replace("{n}", str(n))


DECIMALS = [
    ("max(0.5, x)", "max(0,5; x)"),
    ("x = −1.25e−5", "x = −1,25e−5"),
    ("w[1, 2]·0.5", "w[1, 2]·0,5"),
    ("l1.0.w + 2.1.b", "l1.0.w + 2.1.b"),
    ("12 · 3", "12 · 3"),
]


@pytest.mark.parametrize(("point", "comma"), DECIMALS)
def test_decimal_commas_leave_names_alone(point, comma):
    assert catalog_of("de").decimal(point) == comma
    assert catalog_of("ja").decimal(point) == point


def everything_said():
    """Return a function with a tie, several paths, a constant, an update, and a leaf that has changed."""
    x, c = Value(2.0, "x"), Value(3.0, "c", requires_grad=False)
    output = maximum(x, x * 1.0) * c + x
    table = steps(output, optimizer=SGD([x], lr=0.1, momentum=0.9))
    x.data = 2.5
    return table


NAMES = {"max", "maximum", "SGD", "velocity"}
"""Words of tables that are names of the engine's, not of a language."""


@pytest.mark.parametrize("format", ["text", "narrow", "markdown", "latex", "html"])
def test_no_word_of_a_table_stays_outside_the_catalog(monkeypatch, format):
    monkeypatch.setattr(tables, "catalog_of", lambda code: Pseudo())
    table = everything_said()
    made = table.to_text(width=40) if format == "narrow" else getattr(table, f"to_{format}")()
    plain = re.sub(r"\\text\{(«)|\\[a-zA-Z]+|</?[a-z]+[^>]*>|align", r"\1", made)
    assert set(outside(plain)) <= NAMES
    assert "«" in made


def test_no_word_of_the_terminal_stays_outside_the_catalog(monkeypatch):
    monkeypatch.setattr(terminal_stepper, "catalog_of", lambda code: Pseudo())
    reader = Reader(everything_said(), "de")
    for _ in range(len(reader.steps) + 1):
        assert set(outside("\n".join(reader.screen(200, 60, color=False)))) <= NAMES
        reader.press("n")


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_table_has_the_words_and_numbers_of_its_language(code):
    table, catalog = steps(example()), catalog_of(code)
    sign = "," if catalog.has_comma else "."
    for made in (table.to_text(lang=code), table.to_markdown(lang=code), table.to_html(lang=code)):
        assert catalog.say("backward") in made
        assert f"9{sign}0991" in made
    assert catalog.say("(agrees)") in table.to_latex(lang=code)
    narrow = table.to_text(lang=code, width=60).splitlines()
    assert max(map(width, narrow)) <= 60
    assert table.to_text(lang=code, ascii=True) == table.to_text(ascii=True)


def test_the_command_speaks_the_language_that_is_asked_for(capsys, monkeypatch):
    assert main(["step", "x**2/8", "x=3", "--lang", "de", "--no-graph"]) == 0
    german = capsys.readouterr().out
    assert "rückwärts" in german
    assert "1,1250" in german
    monkeypatch.setenv("LC_ALL", "ja_JP.UTF-8")
    monkeypatch.delenv("LANGUAGE")
    assert main(["step", "x**2/8", "x=3", "--no-graph"]) == 0
    assert "逆方向" in capsys.readouterr().out
    assert main(["step", "x**2/8", "x=3", "--lang", "en", "--no-graph"]) == 0
    assert "backward" in capsys.readouterr().out
    for code, word in (("de_AT", "rückwärts"), ("pt-BR", "para trás"), ("EN", "backward")):
        assert main(["step", "x**2/8", "x=3", "--lang", code, "--no-graph"]) == 0
        assert word in capsys.readouterr().out
    assert str(steps(Value(1.0, "x"))) == steps(Value(1.0, "x")).to_text(lang="en")


@pytest.mark.parametrize("lang", [3, "xx", ["de"], "deutsch", ""])
def test_an_unknown_language_is_refused(lang):
    for refused in (lambda: stepper(Value(1.0), lang=lang), lambda: steps(Value(1.0)).to_text(lang=lang)):
        with pytest.raises(AutogradError, match="not a known language"):
            refused()


SENTENCE = re.compile(r"[A-Za-z]{2,}[,:.;]? [a-z]{2,}")
"""What has two words in a row."""


def said():
    """Return every text of the catalog, each form of those that depend on a number."""
    return {text for entry in catalogs.said() for text in ([entry] if isinstance(entry, str) else entry)}


@pytest.mark.parametrize(
    "module", [tables, update_tables, check_lines, cells, terminal_stepper], ids=lambda m: m.__name__
)
def test_every_sentence_of_tables_and_terminal_is_in_the_catalog(module):
    tree = ast.parse(Path(module.__file__).read_text(encoding="utf-8"))
    documents = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    raised = {id(part) for node in ast.walk(tree) if isinstance(node, ast.Raise) for part in ast.walk(node)}
    texts = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and id(node) not in documents | raised
        and "<" not in node.value
    ]
    assert {text for text in texts if SENTENCE.search(text)} <= said()


# Selectors, classes and keys in the page's scripts, which look like sentences.
NOT_SAID = {
    "(prefers-reduced-motion: reduce)", "badge lost", "button, input, [role=button]", "left top", "now down",
    "input:not([type=range], [type=checkbox]), select, textarea", "not finite", "now up", "number moved",
    "2px solid var(--accent)", "place filled", "frame depth…", "unit bias", "polynomial order…",
    "svg, math, h1, #table, #point, .stale, script",
}  # fmt: skip


TOKEN = re.compile(
    r'//[^\n]*|"(?:[^"\\]|\\.)*"|(?<=[(,=:!&|?;])\s*/(?![/*])(?:[^/\\\n\[]|\\.|\[(?:[^\]\\]|\\.)*\])+/|[`{}]|[^`{}"/]+|.'
)
"""A comment, a string, a regular expression, a sign that opens or closes, or other code of a script."""


def texts_of(script):
    """Return the strings and templates of a script, with … for what is filled in."""
    found, open_templates, at = [], [[None, 0]], 0
    while at < len(script):
        depth = open_templates[-1][1]
        if depth is None:  # Inside a template.
            part = re.compile(r"`|\$\{|(?:\\.|[^`$\\]|\$(?!\{))+", re.DOTALL).match(script, at)[0]
            if part == "`":
                found.append(open_templates.pop()[0])
            elif part == "${":
                open_templates[-1][0] += "…"
                open_templates.append([None, 0])
            else:
                open_templates[-1][0] += part
        else:
            part = TOKEN.match(script, at)[0]
            if part == "`":
                open_templates.append(["", None])
            elif part == "}" and depth == 0 and len(open_templates) > 1:
                open_templates.pop()
            else:
                open_templates[-1][1] += (part == "{") - (part == "}")
                found += [part[1:-1]] if part[0] == '"' and len(part) > 1 else []
        at += len(part)
    assert len(open_templates) == 1
    return found


def test_texts_of_a_script_are_found():
    script = 'f(`a b`, "c", x.replace(/[`"]/g), `Step ${n ? `of ${m}` : g({ d })} here`) // `no`'
    assert sorted(texts_of(script)) == ["Step … here", "a b", "c", "of …"]


def test_the_playground_lists_the_languages_that_there_are():
    listed = re.search(r"LANGUAGES = (\[.*?\]);", text_of(catalogs.PLAYGROUND.package, "words.js"))[1]
    assert json.loads(listed) == list(LANGUAGES)


@pytest.mark.parametrize(
    ("package", "name"),
    [(page.package, name) for page in catalogs.PAGES for name in page.scripts],
)
def test_every_sentence_of_the_pages_is_in_the_catalog(package, name):
    script = text_of(package, f"{name}.js")
    if name != "words":
        assert not re.findall(r"\b(?:inWords|counted)\([^\"]", script), "what is said is written there"
    texts = {text for text in texts_of(script) if SENTENCE.search(text) and "<" not in text}
    assert texts - NOT_SAID <= said()
