"""All LaTeX output compiles with amsmath alone, whatever the names are."""

import pytest

from autograd_core import TABLE, Value, derivative_formula, errstate, formula, sin, steps, tanh
from tests.latex import compiled
from tests.viz.lecture import example
from tests.viz.test_dot import HOSTILE

pytestmark = pytest.mark.slow

NAMES = [
    *HOSTILE, "50 % & more # $x$ ^ ~", r"\input{/etc/passwd}", r"\end{align*}", "$", "$$", "%", "}", "{",
    "\\", "größe", "é", "loss_é", "ж", "损失", "α_max", "x_ß", "naïve café", "ÅÆØœł", "ðþđ", "ﬁ", "²",
    "x²", "٣", "x٣", "∞", "→", "w[0, 1]", "layers[0].w", "x" * 1000, "weight_1", "a_b_c", "theta", "Omega_2",
    "_", "",
]  # fmt: skip


def function_of(name):
    x = Value(0.5, name)
    y = sin(x) * x + 2.0
    y.label = name[::-1]
    return y * x


@pytest.mark.parametrize("method", ["push", "pull"])
def test_the_lectures_table_compiles(tmp_path, method):
    assert compiled(steps(example(), method).to_latex(), tmp_path).stat().st_size > 10_000


def test_the_table_of_a_network_compiles_over_several_pages(tmp_path):
    total = Value(0.5, "x")
    for i in range(60):
        total = tanh(total + Value(0.1, f"b{i}")) * -1.5e-3
    compiled("\\allowdisplaybreaks\n" + steps(total).to_latex(), tmp_path)


@pytest.mark.parametrize("x", [0.0, -0.0, 1e300, 1e-320, float("inf"), float("nan"), 123456789.123])
def test_awkward_numbers_compile(tmp_path, x):
    with errstate(all="ignore"):
        compiled(steps(Value(x, "x") * Value(-x) + x).to_latex(), tmp_path)


def test_every_name_compiles_in_tables_and_formulas(tmp_path):
    parts = [steps(function_of(name)).to_latex() for name in NAMES]
    parts += [f"$${formula(function_of(name), 'latex')}$$" for name in NAMES]
    compiled("\n\n".join(parts), tmp_path)


def test_a_name_is_shown_as_it_is_or_spelled_out(tmp_path):
    # Accented letters unchanged; characters missing from LaTeX's own fonts by code point.
    shown = {
        name: formula(Value(1.0, name), "latex")
        for name in ("größe", "ж", "损失", "α β", "50 %", "é", "2 × 3")
    }
    assert shown == {
        "größe": r"\textit{größe}", "ж": r"\textit{[U+0436]}", "损失": r"\textit{[U+635F][U+5931]}",
        "α β": r"\text{$\alpha$ $\beta$}", "50 %": r"\text{50 \%}", "é": r"\textit{é}",
        "2 × 3": r"\text{2 [U+00D7] 3}",
    }  # fmt: skip


def test_every_row_of_the_table_compiles_with_its_local_derivatives(tmp_path):
    lines = []
    for row in TABLE.values():
        n = row.arity or 4
        with errstate(all="ignore"):
            arguments = [Value(0.5 + 0.01 * i, f"x{i}") for i in range(n)]
            made = row(*arguments) if row.vector is None else row(arguments)[0]
        lines.append(f"$$y = {formula(made, 'latex')}$$")
        lines += [f"$${derivative_formula(made, slot, 'latex')}$$" for slot in range(n)]
    compiled("\n".join(lines), tmp_path)
