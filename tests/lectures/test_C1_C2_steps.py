"""C1-C5 and S2: the lectures' examples, forward and backward, to twelve digits."""

import math

import pytest

from autograd_core import Value, gradients, parse, steps
from autograd_core.kernel.topological_order import topological_order
from autograd_core.steps.steps import Contribution

C1 = "t = x**2; u1 = sin(t); u2 = 3*t; u = u1 + u2; J = cos(u)"
C2 = "y = exp(x*z) + x*z/log(x) + sin(log(x))/(x*z)"

digits = 1e-12


def close(value):
    return pytest.approx(value, rel=digits, abs=0.0)


@pytest.mark.parametrize("method", ["push", "pull"])
@pytest.mark.parametrize("text", [C1, "cos(sin(x**2) + 3*x**2)"])
@pytest.mark.parametrize(
    ("x", "value", "slope"),
    [(2.0, 0.24510036817001535, 9.099148544832385), (1.0, -0.7649205628044862, 4.560791790678778)],
)
def test_c1(text, method, x, value, slope):
    table = steps(parse(text, {"x": x}), method)
    assert table.forward[-1].value == close(value)
    assert table.gradients["x"] == close(slope)
    assert table.backward[-1].after == close(slope)
    assert table.checks[0].verdict == "agrees"
    assert table.checks[0].difference == pytest.approx(slope, rel=1e-8)


def test_c1_column_by_column():
    x = 2.0
    t = x * x
    u = math.sin(t) + 3 * t
    du = -math.sin(u)
    table = steps(parse(C1, {"x": x}))
    assert [s.value for s in table.forward] == [close(v) for v in (x, t, math.sin(t), 3 * t, u, math.cos(u))]
    expected = [
        ("u", "−sin u", du, du),
        ("u1", "1", 1.0, du),
        ("u2", "1", 1.0, du),
        ("t", "3", 3.0, 3 * du),
        ("t", "cos t", math.cos(t), 3 * du + math.cos(t) * du),
        ("x", "2x", 2 * x, 9.099148544832385),
    ]
    found = [s for s in table if isinstance(s, Contribution)]
    assert [(s.target, s.local_formula) for s in found] == [row[:2] for row in expected]
    assert [s.local for s in found] == [close(row[2]) for row in expected]
    assert [s.after for s in found] == [close(row[3]) for row in expected]
    assert [s.target for s in found if s.adds] == ["t"]


def test_c1_second_derivative():
    J = parse(C1, {"x": 2.0})
    x = topological_order(J)[0]
    assert x.label == "x"
    (slope,) = gradients(J, [x], create_graph=True)
    assert gradients(slope, x) == close(-5.30089617362448)


@pytest.mark.parametrize("method", ["push", "pull"])
def test_c2(method):
    table = steps(parse(C2, {"x": 2.0, "z": 3.0}), method)
    assert table.forward[-1].value == close(412.19145728412116)
    assert table.gradients["x"] == pytest.approx(1208.38121513, abs=5e-9)
    assert table.gradients["z"] == pytest.approx(809.70747922, abs=5e-9)
    # By hand, from the quotient and product rules.
    x, z, log = 2.0, 3.0, math.log(2.0)
    by_x = z * math.exp(x * z) + z / log - z / log**2 + (math.cos(log) - math.sin(log)) / (x * x * z)
    by_z = x * math.exp(x * z) + x / log - math.sin(log) / (x * z * z)
    assert table.gradients["x"] == close(by_x)
    assert table.gradients["z"] == close(by_z)
    assert (round(table.gradients["x"]), round(table.gradients["z"])) == (1208, 810)
    assert [check.verdict for check in table.checks] == ["agrees", "agrees"]


def test_c3_and_c4_are_the_same_sums():
    output = parse(C2, {"x": 2.0, "z": 3.0})
    assert steps(output, "pull").gradients == steps(output, "push").gradients
    output.backward()
    for node, name in zip(topological_order(output), steps(output).gradients, strict=False):
        if node.requires_grad and node.label == name:
            assert node.grad == steps(output).gradients[name]


def test_s2_error_signals():
    w, x, b, t = 0.7, 1.5, -0.3, 1.0
    table = steps(parse("s = w*x + b; y = sigmoid(s); L = (y - t)**2/2", {"w": w, "x": x, "b": b, "t": t}))
    s = w * x + b
    y = 1 / (1 + math.exp(-s))
    delta_y = y - t
    delta_s = delta_y * y * (1 - y)
    expected = {"y": delta_y, "s": delta_s, "w": delta_s * x, "b": delta_s}
    assert {name: table.gradients[name] for name in expected} == {n: close(v) for n, v in expected.items()}


def test_a_program_gives_the_same_table():
    x = Value(2.0, label="x")
    t = x**2
    u1 = t.sin()
    u2 = 3 * t
    u = u1 + u2
    J = u.cos()
    t.label, u1.label, u2.label, u.label, J.label = "t", "u1", "u2", "u", "J"
    assert str(steps(J)) == str(steps(parse(C1, {"x": 2.0})))
