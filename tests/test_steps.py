"""Steps: the records and tables show exactly what the engine does."""

import dataclasses
import json
import math
import re
import sys
import xml.etree.ElementTree as ET
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings

from autograd_core import (
    TABLE,
    Graph,
    Value,
    cos,
    dot,
    errstate,
    exp,
    log,
    parse,
    relu,
    rounding,
    sin,
    sqrt,
    steps,
    where,
)
from autograd_core import abs as magnitude
from autograd_core import sum as total
from autograd_core.check.verdicts import check
from autograd_core.errors import DataError, DataValueError, DomainError
from autograd_core.kernel.topological_order import topological_order
from autograd_core.operations.operation import Notation, Operation, register
from autograd_core.steps.steps import Contribution, Forward, Seed, Steps
from tests.graphs import programs
from tests.work import Work

GOLDEN = Path(__file__).parent / "golden"
NAMED = "t = x**2; u1 = sin(t); u2 = 3*t; u = u1 + u2; J = cos(u)"


@pytest.fixture
def c1():
    return steps(parse(NAMED, {"x": 2.0}))


@pytest.mark.parametrize(
    ("name", "table"),
    [
        ("steps_c1.txt", lambda: steps(parse(NAMED, {"x": 2.0})).to_text()),
        ("steps_c1_ascii.txt", lambda: steps(parse(NAMED, {"x": 2.0})).to_text(ascii=True)),
        ("steps_c1_unnamed.txt", lambda: str(steps(parse("cos(sin(x**2) + 3*x**2)", {"x": 2.0})))),
        ("steps_c1_pull.txt", lambda: steps(parse(NAMED, {"x": 2.0}), "pull").to_text()),
        ("steps_c1.md", lambda: steps(parse(NAMED, {"x": 2.0})).to_markdown()),
        ("steps_c1.tex", lambda: steps(parse(NAMED, {"x": 2.0})).to_latex()),
        ("steps_c1.html", lambda: steps(parse(NAMED, {"x": 2.0})).to_html()),
        ("steps_c1.json", lambda: steps(parse(NAMED, {"x": 2.0})).to_json()),
    ],
)
def test_golden_tables(name, table):
    assert table() + "\n" == (GOLDEN / name).read_text(encoding="utf-8")


def assert_totals_are_the_engines(output):
    """Check that every total has the bits of `backward` on a new graph, by both methods."""
    output_steps = {method: steps(output, method) for method in ("push", "pull")}
    output.backward()
    for table in output_steps.values():
        grads = [node.grad.hex() for node in topological_order(output) if node.requires_grad]
        assert [grad.hex() for grad in table.gradients.values()] == grads
        assert_consistent(table)
    contributions = [sorted(edges(table)) for table in output_steps.values()]
    assert contributions[0] == contributions[1]


def edges(table):
    found = [step for step in table if isinstance(step, Contribution)]
    return [(s.source, s.target, s.slot, s.before.hex(), s.after.hex(), s.path) for s in found]


def assert_consistent(table):
    """Check that each contribution is a product of earlier numbers, and adds to the previous sum."""
    total, paths = {}, {}
    for step in table.backward:
        if isinstance(step, Seed):
            total[step.name] = step.gradient
            continue
        assert step.incoming.hex() == total[step.source].hex()
        assert step.product == step.incoming * step.local
        assert step.before.hex() == total.get(step.target, 0.0).hex()
        assert step.after == step.before + step.product
        paths[step.target] = paths.get(step.target, 0) + 1
        assert (step.path, step.adds) == (paths[step.target], paths[step.target] > 1)
        total[step.target] = step.after
    assert [step.number for step in table] == list(range(1, len(table) + 1))


@given(programs())
@hypothesis_settings(max_examples=60)
def test_totals_are_the_engines_bit_by_bit(program):
    with errstate(all="ignore"):
        output = program.build()[-1]
        try:
            assert_totals_are_the_engines(output)
        except DomainError:
            with pytest.raises(DomainError):
                output.backward()


@pytest.mark.parametrize(
    "text",
    ["x*x", "x + x", "x/x", "x - x", "(x*x)*(x*x)", "where(x, x*x, log(x))", "max(x, x, 1)", "x + x*x"],
)
def test_totals_where_a_node_is_used_twice(text):
    assert_totals_are_the_engines(parse(text, {"x": 3.0}))


def test_records_hold_the_numbers_of_the_table(c1):
    forward = [(s.number, s.name, s.operation, s.formula, s.arguments, s.value) for s in c1.forward]
    assert forward[:3] == [
        (1, "x", "input", "2", (), 2.0),
        (2, "t", "pow", "x²", ("x", "2"), 4.0),
        (3, "u1", "sin", "sin t", ("t",), math.sin(4.0)),
    ]
    assert isinstance(c1[6], Seed)
    assert (c1[6].number, c1[6].name, c1[6].gradient) == (7, "J", 1.0)
    last = c1[11]
    assert (last.source, last.target, last.slot, last.local_formula) == ("u1", "t", 0, "cos t")
    assert (last.adds, last.path, last.local) == (True, 2, math.cos(4.0))
    assert [type(s) for s in c1] == [Forward] * 6 + [Seed] + [Contribution] * 6
    assert c1.inputs == {"x": 2.0}
    assert list(c1.gradients) == ["x", "t", "u1", "u2", "u", "J"]


def test_push_goes_in_reverse_order_of_creation(c1):
    assert [s.target for s in c1.backward[1:]] == ["u", "u1", "u2", "t", "t", "x"]
    assert [s.source for s in c1.backward[1:]] == ["J", "u", "u", "u2", "u1", "t"]


def test_pull_collects_each_node_from_its_consumers():
    table = steps(parse("a = x*y; b = sin(a); J = a*b + a", {"x": 2.0, "y": 0.5}), "pull")
    targets = [s.target for s in table.backward[1:]]
    assert [a for a, b in pairwise([*targets, None]) if a != b] == ["v1", "b", "a", "y", "x"]
    assert table.method == "pull"


def test_it_cannot_be_changed(c1):
    with pytest.raises(dataclasses.FrozenInstanceError):
        c1[0].value = 3.0
    with pytest.raises(TypeError):
        c1[0] = c1[1]
    assert isinstance(c1, Steps)
    assert c1[-1] is c1[len(c1) - 1]
    assert c1[:2] == (c1[0], c1[1])
    with pytest.raises(IndexError):
        c1[len(c1)]


def test_labels_changed_later_do_not_change_it():
    output = parse(NAMED, {"x": 2.0})
    table = steps(output)
    text = table.to_text()
    for node in topological_order(output):
        node.label = "other"
    assert table.to_text() == text


def test_the_graph_is_left_alone():
    output = parse(NAMED, {"x": 2.0})
    nodes = topological_order(output)
    state = [(n.data, n.grad, n.label, n.partials) for n in nodes]
    table = steps(output)
    for write in (str, repr, Steps.to_html, Steps.to_latex, Steps.to_markdown, Steps.to_json):
        write(table)
    assert [(n.data, n.grad, n.label, n.partials) for n in nodes] == state


def test_names_do_not_clash_with_labels():
    x, y = Value(2.0, label="v1"), Value(3.0, label="J")
    table = steps(sin(x * y) + x)
    assert [s.name for s in table.forward] == ["v1", "J", "v2", "v3", "v4"]
    a, b = Value(2.0, label="w"), Value(3.0, label="w")
    assert [s.name for s in steps(a * b).forward] == ["w", "w_2", "J"]
    taken = [Value(1.0, label=label) for label in ("w", "w", "w_2")]
    assert len({s.name for s in steps(taken[0] * taken[1] * taken[2]).forward}) == 5


def test_constants_are_forward_rows_without_a_gradient():
    table = steps(parse("c = 3; J = c*x", {"x": 2.0}))
    assert [(s.name, s.operation) for s in table.forward] == [("x", "input"), ("c", "constant"), ("J", "mul")]
    assert [s.target for s in table.backward[1:]] == ["x"]
    assert "c = 3 (constant)" in " ".join(str(table).split())
    assert "1 · (c = 3)" in str(table)


def test_a_constant_output_has_no_backward_pass():
    table = steps(parse("2 + 3", {}))
    assert table.backward == ()
    assert str(table).splitlines()[0] == "J = 5"
    assert "check" not in str(table)


def test_a_leaf_as_output():
    assert str(steps(Value(2.0, label="x"))).splitlines()[0] == "x = 2"


def test_a_branch_not_taken_gets_nothing():
    x = Value(-1.0, label="x")
    with errstate(invalid="ignore"):
        table = steps(where(x > 0, log(x), x * x))
    assert "log" not in [s.source for s in table.backward[1:]]
    assert table.gradients["x"] == -2.0


@pytest.mark.slow
@pytest.mark.parametrize("method", ["push", "pull"])
def test_a_deep_graph_without_recursion(method):
    node = x = Value(0.5, label="x")
    for _ in range(2_000):
        node = node + 1.0
    limit = sys.getrecursionlimit()
    try:
        sys.setrecursionlimit(150)
        table = steps(node, method)
        text = str(table)
    finally:
        sys.setrecursionlimit(limit)
    assert table.gradients["x"] == 1.0
    assert len(table) == 4_002
    assert len(text.splitlines()) < 210
    assert "1801 more rows" in text
    assert len(repr(table)) < 80
    assert x.grad == 0.0


def test_a_wide_node():
    leaves = [Value(float(i)) for i in range(2000)]
    table = steps(total(leaves))
    assert len(table) == 2001 + 1 + 2000
    assert len(str(table)) < 60_000


@pytest.mark.parametrize(
    ("text", "x", "said"),
    [
        ("cos(sin(x**2) + 3*x**2)", 2.0, "central difference 9.0991 ✓"),
        ("relu(x)", 0.0, "kink near x: slopes 0.0000 and 1.0000, gradient 0.0000"),
        ("abs(x)", 0.0, "kink near x"),
        ("abs(x)", 1e-3, "central difference 1.0000 ✓"),
        ("sqrt(x)", 0.0, "infinite slope near x: no central difference, gradient ∞"),
        ("cbrt(x)", 0.0, "infinite slope near x"),
        ("x**1.5", 0.0, "x lies at the edge of the domain: no central difference"),
        ("x**2", 0.0, "central difference 0.0000 ✓"),
        ("sin(x)", math.pi / 2, "✓"),
        ("log(x)", 1e-300, "✓"),
        ("exp(x)", 700.0, "✓"),
        ("x*1e-300", 1.0, "central difference 1.0000e−300 ✓"),
        ("1e18 + x", 2.0, "too rough to tell"),
        ("sin(x)", 1e10, "✓"),
        ("floor(x)", 2.0, "jump near x: no central difference, gradient 0.0000"),
        ("heaviside(x, 0)", 0.0, "jump near x"),
        ("equal(x, 2)", 2.0, "jump near x"),
        ("sin(x)", 1e13, "✓"),
        ("sin(x)", 1e19, "too rough to tell"),
        ("sin(x)", 1e20, "too rough to tell"),
        ("exp(x)", 1000.0, "the function is infinite here"),
        ("exp(x)", 709.7827, "✓"),
        ("log(x)", 0.0, "the function is infinite here"),
        ("sin(x)**2 + cos(x)**2", 1.0, "central difference 0.0000 ✓"),
        ("1/x", 1e-200, "too rough to tell"),
    ],
)
def test_the_check_by_differences_is_honest(text, x, said):
    with errstate(all="ignore"):
        line = str(steps(parse(text, {"x": x}))).splitlines()[-1]
    assert line.startswith("check: ")
    assert said in line


def test_a_wrong_rule_fails_the_check():
    row = Operation("wrong_square", lambda x: x * x, (lambda x, y: 2.001 * x,), 1, notation=Notation())
    register(row)
    try:
        table = steps(row(Value(3.0, label="x")))
    finally:
        del TABLE["wrong_square"]
    said = "check: central difference 6.0000 ✗ (gradient 6.0030): wrong local derivative of wrong_square"
    assert str(table).splitlines()[-1] == said
    assert table.checks[0].verdict == "disagrees"


@pytest.mark.parametrize("factor", [1.0 + 1e-5, 1.0 - 1e-5, -1.0, 0.0])
def test_the_check_catches_small_faults(factor):
    x = Value(0.7)
    assert check(topological_order(exp(x)), x, exp(0.7) * factor).verdict == "disagrees"


def test_a_leaf_changed_since_is_told_at_the_top_and_where_it_stands():
    x = Value(2.0, label="x")
    y = x * x
    assert "changed" not in str(steps(y)) + str(Graph(y))
    x.data = 5.0
    table = steps(y)
    lines = str(table).splitlines()
    assert table.changed == ("x",)
    assert lines[1] == "changed since the forward pass: x. The other numbers are the old value's."
    assert lines[3].startswith(" 1  x = 5   (changed since)")
    assert lines[-1] == "check: a leaf has changed since the forward pass: no central difference"
    for text in (table.to_markdown(), table.to_latex(), table.to_html()):
        assert "changed since" in text
    assert str(Graph(y)).splitlines()[1].startswith("changed since the forward pass: x.")


def test_a_wide_table_puts_its_columns_one_below_the_other():
    names = [f"a_long_name_{i}" for i in range(8)]
    nodes = {name: float(i) for i, name in enumerate(names)}
    text = str(steps(parse(" + ".join([f"sin({name})" for name in names]), nodes)))
    lines = text.splitlines()
    assert max(map(len, lines)) <= 100
    assert lines[0].startswith("J = sin a_long_name_0 + ")
    assert any(line.startswith("at a_long_name_0 = 0, ") for line in lines[:5])
    assert " #  forward" in lines
    assert any(line.split() == ["#", "backward", "grad"] for line in lines)
    assert lines.index(" #  forward") < lines.index("") < len(lines) - 20


def test_notes_do_not_part_the_columns():
    lines = str(steps(parse("exp(sin(x*0.1234567)/(x + 1))*cos(x)", {"x": -2.5}))).splitlines()
    assert "" not in lines
    assert max(map(len, lines)) > 100 >= max([len(re.split("  second|  third", line)[0]) for line in lines])


def test_a_long_formula_moves_no_other_value():
    xs = [Value(1.0, label=f"quite_a_long_label_{i}") for i in range(4)]
    lines = str(steps(dot(xs, xs) + sin(xs[0]))).splitlines()
    (short,) = [line for line in lines if "= sin quite_a_long_label_0" in line]
    assert len(short) < 100
    assert short.endswith("= 0.8415")


@pytest.mark.parametrize(
    ("n", "said"), [(2, "second"), (3, "third"), (4, "4th"), (11, "11th"), (21, "21st"), (112, "112th")]
)
def test_paths_are_counted_in_english(n, said):
    x = Value(1.0, label="x")
    assert f"{said} path: gradients add" in steps(total([x] * n)).to_text()


def test_several_inputs_are_checked_each():
    lines = str(steps(parse("x*z", {"x": 2.0, "z": 3.0}))).splitlines()
    assert lines[-2] == "check ∂J/∂x: central difference 3.0000 ✓"
    assert lines[-1] == "check ∂J/∂z: central difference 2.0000 ✓"


def test_many_inputs_are_not_all_checked():
    table = steps(total([Value(1.0, f"x{i}") * i for i in range(13)]))
    said = "check: the first 10 of 13 inputs; not checked: x₁₀, x₁₁, x₁₂"
    assert str(table).splitlines()[-1] == said
    assert r"$x_{12}$" in table.to_latex().splitlines()[-1]
    table = steps(total([Value(1.0) * i for i in range(30)]))
    assert str(table).splitlines()[-1].endswith(" and 14 more")


@pytest.mark.slow
def test_a_large_graph_says_that_nothing_is_checked():
    table = steps(total([Value(1.0) * i for i in range(4000)]))
    assert "check: none of the 4000 inputs checked in so large a graph" in str(table)


@pytest.mark.parametrize("build", [sin, lambda x: x * 2.0 + 1.0, lambda x: x**0, lambda x: x - x])
def test_a_nan_is_not_taken_for_an_overflow(build):
    line = str(steps(build(Value(math.nan, "x")))).splitlines()[-1]
    assert line == "check: the value or an input is nan: no central difference"


@pytest.mark.parametrize(
    "label", ["</td><script>alert(1)</script>", "a|b", "`*_[x](y)", "\\end{align*}", "\n\x00\ud800"]
)
def test_hostile_labels(label):
    table = steps(sin(Value(1.0, label=label) * 2))
    html = table.to_html()
    assert "<script" not in html
    ET.fromstring(f"<body>{html}</body>")
    for line in table.to_markdown().splitlines()[2:-2]:
        assert len(re.findall(r"(?<!\\)\|", line)) == 7
    tex = table.to_latex()
    assert tex.count(r"\end{align*}") == 1
    for text in (html, tex, table.to_text(), table.to_json(), table.to_markdown()):
        text.encode("utf-8")
        assert "\x00" not in text
    assert table.to_text(ascii=True).isascii()
    assert json.loads(table.to_json())["inputs"]


def test_columns_line_up_with_wide_and_raised_characters():
    from autograd_core.base.text import width

    table = steps(sin(Value(1.0, label="损失") * 2) ** 2).to_text().splitlines()
    assert len({width(line) for line in table[2:5]}) == 1


def test_json_has_strings_for_what_json_lacks():
    with errstate(all="ignore"):
        table = steps(exp(Value(1000.0, label="x")))
        data = json.loads(table.to_json(), parse_constant=lambda name: pytest.fail(name))
    assert data["steps"][1]["value"] == "inf"
    assert data["gradients"]["x"] == "inf"
    assert data == json.loads(json.dumps(table.to_dict()))


def test_precision():
    table = steps(parse(NAMED, {"x": 2.0}))
    assert "9.099148544832" in table.to_text(precision=12)
    assert "check: central difference 9 ✓" in table.to_text(precision=0)
    for bad in (-1, 18, 2.0, None, True):
        with pytest.raises(DataValueError, match="precision"):
            table.to_text(precision=bad)


def test_latex_is_balanced(c1):
    tex = c1.to_latex()
    rows = tex.split(r"\begin{align*}")[1].split(r"\end{align*}")[0].strip().splitlines()
    assert all(row.count("&") == 5 for row in rows)
    assert all(row.endswith(r"\\") for row in rows[:-1])
    assert tex.count("{") == tex.count("}")


def test_notebooks_show_a_table(c1):
    assert c1._repr_html_() == c1.to_html()


def test_bad_arguments():
    for bad in (None, 3.0, [Value(1.0)], "x"):
        with pytest.raises(DataError, match="steps: not a single output"):
            steps(bad)
    for bad in ("Push", None, ["push"]):
        with pytest.raises(DataValueError, match="expected 'push' or 'pull'"):
            steps(Value(1.0), bad)


def test_what_backward_refuses_is_refused():
    x = Value(0.0, label="x")
    y = sqrt(x) * 0.0
    with pytest.raises(DomainError):
        y.backward()
    with pytest.raises(DomainError):
        steps(y)
    with errstate(invalid="ignore"):
        assert math.isnan(steps(y).gradients["x"])


def test_a_function_of_the_kind_of_relu_and_abs():
    for function in (relu, magnitude, cos):
        assert_totals_are_the_engines(function(Value(0.5, label="x")))


@pytest.mark.parametrize("precision", [2, 4, 8])
@pytest.mark.parametrize("x", [123456.789, 0.123456789, -98765.4321, 2.0, 1e-7, 1e12, math.inf])
def test_the_heading_has_the_digits_of_the_steps(x, precision):
    with errstate(all="ignore"):
        text = steps(Value(x, "x") * 2.0).to_text(precision=precision)
    heading = text.splitlines()[0].partition("x = ")[2]
    shown = float(heading.replace("−", "-").replace("∞", "inf"))
    assert shown == x or abs(shown - x) <= 0.5 * 10.0**-precision * max(1.0, abs(x) if abs(x) >= 1e9 else 1.0)


def test_a_large_graph_is_printed_in_linear_time():
    """Only the rows shown are written; what is needed of the whole graph is found once."""
    x = Value(0.5, "x")
    J, calls = x, []
    for _ in range(2):
        for _ in range(3000):
            J = sin(J) + x * 0.5
        table = steps(J)
        with Work() as work:
            assert "more rows" in str(table)
        calls.append(work.calls)
    assert calls[1] <= 2.5 * calls[0]


def test_rounding_stands_beside_the_values():
    x = Value(1e-4, label="x")
    J = (1.0 - cos(x)) / x**2
    table = steps(J, rounding=True)
    budget = {r.node: r.effect for r in rounding(J)}
    assert [step.rounding for step in table.forward] == [
        None,
        *[budget[n] for n in Graph(J).nodes if n in budget],
    ]
    assert "v₁ = cos x  =     1.0000 ± 2e−08" in str(table)
    assert "= 1.0000 +- 2e-08" in " ".join(table.to_text(ascii=True).split())
    assert r"1.0000 \pm 2 \cdot 10^{-8}" in table.to_latex()
    assert table.to_dict()["steps"][1]["rounding"] == budget[J.parents[0].parents[1]]
    assert "±" not in str(steps(J)).partition("check")[0]
    assert table.in_other_order("pull").forward[1].rounding == table.forward[1].rounding
