"""The forms that each row needs outside the table exist."""

from __future__ import annotations

import re

import numpy as np
import pytest

import viz
from autograd_core import TABLE, Graph, OperationError, Value, compile, cos, primitive
from autograd_core.compile.emit.expressions import CONSTANTS, METHODS, OF_ALL, form_of, library
from autograd_core.operations.foreign_forms import FORMS, LANGUAGES
from tests.compile.languages import node_of
from tests.compile.test_exports import built, called, needs_cc
from tests.compile.test_runners import arguments_of
from tests.special_references import OF_ORDER, SPECIAL
from viz.stepper.graph_javascript import program as page_program

NOT_IN_SYMPY = {name for name in OF_ORDER if "derivative" in name}


@pytest.mark.parametrize("language", ["python", "numpy", *METHODS])
def test_every_row_has_a_form(language):
    missing = []
    rows = [row for name, row in TABLE.items() if name not in SPECIAL or language in ("python", "numpy")]
    for row in rows:
        try:
            form_of(row, language)
        except OperationError:
            missing.append(row.name)
    assert missing == [], (
        f"give each a {language} form in its line of operations/foreign_forms.py, or, for C and JavaScript, "
        "a function of its name in compile/emit/library.c and library.js"
    )


def test_every_row_is_written_for_sympy():
    unknown = pytest.importorskip("sympy").core.function.AppliedUndef
    missing = [
        name
        for name in TABLE.keys() - NOT_IN_SYMPY
        if Graph(node_of(name, arguments_of(name))[1]).to_sympy().atoms(unknown)
    ]
    assert missing == [], "give each its sympy form in its line of operations/foreign_forms.py"


@pytest.mark.parametrize("language", ["c", "javascript"])
@pytest.mark.parametrize("name", SPECIAL)
def test_a_special_function_is_refused_in_a_language_without_it(name, language):
    with pytest.raises(OperationError, match=rf"^to_\w+: {name} has no form in that language; expected "):
        form_of(TABLE[name], language)


def test_every_line_of_forms_is_that_of_a_row_and_in_known_languages():
    assert [name for name in FORMS if name not in TABLE] == []
    assert {language for forms in FORMS.values() for language in forms} <= set(LANGUAGES)


@pytest.mark.parametrize("language", ["c", "javascript"])
def test_no_function_of_a_library_is_dead(language):
    """Each is called by a form, by another function, or for a row without a form."""
    pieces = library(language)
    forms = " ".join(form.get(language, "") for form in FORMS.values())
    for name in pieces.keys() - CONSTANTS.keys():
        others = forms + " ".join(text for other, text in pieces.items() if other != name)
        called_by_its_row = name in TABLE and language not in FORMS.get(name, {})
        for_all = name.endswith(OF_ALL) and TABLE[name.removesuffix(OF_ALL)].vector is not None
        assert called_by_its_row or for_all or re.search(rf"\b{name}\b", others), name


@pytest.fixture
def made():
    rows = []

    def make(**more):
        @primitive(name="sin_over_x", partials=[lambda x, y: (cos(x) - y) / x], **more)
        def sin_over_x(x):
            return np.sin(x) / x

        rows.append(sin_over_x)
        return sin_over_x

    yield make
    for row in rows:
        del TABLE[row.name]
        delattr(Value, row.name)


FORM = {"c": "sin({0}) / {0}", "javascript": "Math.sin({0}) / {0}", "jax": "jnp.sin({0}) / {0}"}


@needs_cc
def test_an_operation_of_ones_own_brings_its_forms(made, tmp_path):
    sin_over_x = made(array=lambda x: np.sin(x) / x, forms=FORM)
    x = Value(0.7, "x")
    program = compile(sin_over_x(x) ** 2, inputs=[x])
    value, slope = program.value_and_grad(2.0)
    in_c = built({"sin_over_x": program.to_c()}, tmp_path).value_and_grad
    assert called(in_c, [2.0]) == pytest.approx([value, slope], rel=1e-15)
    assert "Math.sin(a[0]) / a[0]" in page_program(Graph(sin_over_x(x)))
    assert sin_over_x(np.array([1.0, 2.0])).tolist() == [sin_over_x(1.0), sin_over_x(2.0)]
    with pytest.raises(OperationError, match="to_torch: sin_over_x has no form in that language"):
        form_of(sin_over_x, "torch")


def test_without_forms_the_error_says_how_to_give_one(made):
    sin_over_x = made()
    x = Value(0.7, "x")
    program = compile(sin_over_x(x), inputs=[x])
    for language in ("c", "js"):
        with pytest.raises(OperationError, match=rf"to_{language}: sin_over_x has no form .*primitive\("):
            getattr(program, f"to_{language}")()
    assert page_program(Graph(sin_over_x(x))) == "{\n}"
    assert "sin_over_x" in viz.stepper(sin_over_x(x)).html


def test_a_form_in_an_unknown_language_is_refused(made):
    with pytest.raises(
        OperationError, match=r"sin_over_x: a form in an unknown language: got 'rust'; expected "
    ):
        made(forms={"rust": "{0}.sin()"})
