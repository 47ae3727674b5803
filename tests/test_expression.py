"""Expressions: valid ones are computed as in Python, invalid ones raise an error with the position."""

import gc
import math
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd_core import TABLE, ExpressionError, Value, cos, errstate, parse, sin
from autograd_core.errors import DataError
from autograd_core.formulas.tokens_and_corrections import MOST_CHARACTERS, MOST_TOKENS, repaired
from autograd_core.kernel.topological_order import topological_order
from autograd_core.operations.operation import Operation, register
from tests.work import Work


def value(text, **values):
    return parse(text, values).data


def fault(text, **values):
    with pytest.raises(ExpressionError) as caught:
        parse(text, values or {"x": 2.0})
    return caught.value


@pytest.mark.parametrize(
    "text",
    [
        "x", "x + 1", "-x**2", "--x", "+x", "-x*-x", "2**-x", "2**x**2", "(2**x)**2", "x - 1 - 1", "x/2/3",
        "x/(2*3)", "1e-3*x", ".5*x", "1.*x", "3*(x + 1)*(x - 1)", "-(-(-x))", "1/3*x", "x*1E2",
    ],
)  # fmt: skip
def test_operators_mean_what_they_mean_in_python(text):
    expected = eval(text, {"x": 2.0})
    assert value(text, x=2.0) == expected


def test_the_lecture_example_has_the_graph_and_the_bits_of_the_program():
    x = Value(2.0)
    t = x**2
    J = cos(sin(t) + 3 * t)
    J.backward()
    for text in ("cos(sin(x**2) + 3*x**2)", "t = x**2; u1 = sin(t); u2 = 3*t; u = u1 + u2; J = cos(u)"):
        parsed = parse(text, {"x": 2.0})
        parsed.backward()
        leaf = next(n for n in topological_order(parsed) if n.label == "x")
        assert (parsed.data, leaf.grad) == (J.data, x.grad)
        assert len(topological_order(parsed)) == len(topological_order(J))


def test_equal_parts_are_one_node():
    y = parse("(a*b + 1)**2 + sin(a*b + 1)", {"a": 2.0, "b": 3.0})
    assert y.parents[0].parents[0] is y.parents[1].parents[0]
    assert parse("a*b - b*a", {"a": 2.0, "b": 3.0}).parents[0].op.name == "mul"
    z = parse("max([x, 1]) + max([x, 1]) + clip(x, min=0, max=1)", {"x": 2.0})
    assert z.parents[0].parents[0] is z.parents[0].parents[1]


def test_names():
    J = parse("t = x**2; J = sin(t) + cos(t)*2", {"x": 2.0})
    labels = [n.label for n in topological_order(J) if n.requires_grad]
    assert labels == ["x", "t", "v1", "v2", "v3", "J"]
    assert parse("x*2", {"x": 1.0}).label == "J"
    assert parse("J*2 + v1", {"J": 1.0, "v1": 1.0}).label == "v3"
    assert parse("y = x", {"x": 1.0}).label == "x"
    constant = parse("c = 2*3; J = c*x", {"x": 1.0}).parents[0]
    assert (constant.label, constant.requires_grad) == ("c", False)


def test_values_are_taken_as_they_are():
    x = Value(2.0, label="mine")
    y = parse("x*x", {"x": x})
    assert y.parents[0] is x
    assert x.label == "mine"
    assert parse("x", {"x": x}) is x
    assert value("x", x=3) == 3.0
    with pytest.raises(DataError, match="x"):
        parse("x", {"x": "2"})
    with pytest.raises(DataError, match="not text"):
        parse(b"x", {"x": 2.0})


def test_constants_and_statements():
    assert value("pi*e") == math.pi * math.e
    assert value("2*π") == 2 * math.pi
    assert value("a = 2\n\nb = a*3;;\r\nb + 1\n") == 7.0
    assert value("(1 +\n 2)*3") == 9.0
    assert value("θ1 + λ", θ1=1.0, λ=2.0) == 3.0


@pytest.mark.parametrize("name", [n for n, row in TABLE.items() if row.vector is None and row.sequences == 1])
def test_every_row_is_a_function(name):
    row = TABLE[name]
    count = row.arity or 3
    names = [f"a{i}" for i in range(count)]
    with errstate(all="ignore"):
        node = parse(f"{name}({', '.join(names)})", dict.fromkeys(names, 0.5))
        assert node.op is row
        assert repr(node.data) == repr(row(*[0.5] * count))


def test_lists_and_named_arguments():
    assert value("dot([1, 2], [x, 4])", x=3.0) == 11.0
    assert value("sum([x, 1, 2])", x=3.0) == 6.0
    assert value("leaky_relu(x, negative_slope=0.5)", x=-2.0) == -1.0
    assert value("softmax(x, 0)", x=0.0) == 0.5
    assert value("x == 3", x=3.0) == 1.0


def test_a_new_row_works_at_once():
    register(Operation("thrice", lambda x: 3 * x, (lambda x, y: 3.0,), 1))
    try:
        assert value("thrice(x)**2", x=2.0) == 36.0
    finally:
        del TABLE["thrice"]
    assert "no function thrice" in str(fault("thrice(x)"))


def test_overflow_in_a_node_is_infinite():
    assert value("exp(1000*x)", x=1.0) == math.inf


# The text, the column of the error (from 1), and what the message says.
FAULTS = [
    ("", 1, "it is empty"),
    (" \n ; ", 1, "it is empty"),
    ("x +", 4, "ends where"),
    ("*x", 1, "'*' stands where"),
    ("x ** ** 2", 6, "'**' stands where"),
    ("()", 2, "nothing between"),
    ("(x", 1, "never closed"),
    ("sin((x)", 4, "never closed"),
    ("x)", 2, "closes nothing"),
    ("(x]", 3, "closes nothing"),
    ("sin(x,)", 7, "stands where"),
    ("sin(,x)", 5, "stands where"),
    # Powers, products and calls in common notations.
    ("x^2", 2, "Did you mean x**2 ?"),
    ("2x", 2, "Did you mean 2*x ?"),
    ("2(x + 1)", 2, "Did you mean 2*(x + 1) ?"),
    ("(x)(x)", 4, "Did you mean (x)*(x) ?"),
    ("x x", 3, "Did you mean x*x ?"),
    ("sin x", 5, "Did you mean sin(x) ?"),
    ("3,5", 2, "Did you mean 3.5 ?"),
    ("3,5*x", 2, "a comma is not allowed"),
    ("x²", 2, "U+00B2 SUPERSCRIPT TWO"),
    ("x² + 2x", 2, "Did you mean x**2 + 2*x ?"),
    ("−x", 1, "U+2212 MINUS SIGN"),
    ("2×x", 2, "Did you mean 2*x ?"),
    ("√x", 1, "Did you mean sqrt(x) ?"),
    ("|x|", 1, "Did you mean abs(x) ?"),
    ("х", 1, "U+0445 CYRILLIC SMALL LETTER HA"),
    ("ｘ", 1, "U+FF58 FULLWIDTH LATIN SMALL LETTER X"),
    ("x\u200b", 2, "U+200B ZERO WIDTH SPACE"),
    ("\ufeffx", 1, "U+FEFF"),
    ("x\x00", 2, "U+0000"),
    ("\ud800", 1, "U+D800"),
    ("x!", 2, "'!' is not allowed"),
    ("x//2", 2, "Write floor(a/b)"),
    ("x%2", 2, "Write remainder(a, b)"),
    ("x < 1", 3, "heaviside"),
    ("0x10", 2, "decimal digits"),
    ("1_000", 2, "decimal digits"),
    ("1.2.3", 4, "operator is missing"),
    ("2j", 2, "operator is missing"),
    # Names.
    ("y", 1, "Give y=NUMBER"),
    ("xx + x", 1, "Did you mean x ?"),
    ("x + t; t = x", 5, "no value for t"),
    ("sinx", 1, "Did you mean sin(x) ?"),
    ("tanhx + x", 1, "Did you mean tanh(x) ?"),
    ("X", 1, "Did you mean x ?"),
    ("a = x**2; x*3", 1, "a is computed but not used"),
    ("2*x; x", 1, "has no name and is not used"),
    ("foo(x)", 1, "no function foo"),
    ("Sin(x)", 1, "Did you mean sin ?"),
    ("arctan2(x, x)", 1, "Did you mean atan2 ?"),
    ("ln(x)", 1, "Did you mean log ?"),
    ("sin", 1, "Write sin(x)"),
    ("x(2)", 1, "x is not a function"),
    ("sin(x, x)", 1, "expected sin(x)"),
    ("sin()", 1, "expected sin(x)"),
    ("atan2(x)", 1, "expected atan2(y, x)"),
    ("dot([x], [x, x])", 1, "equal lengths"),
    ("sin([x])", 1, "does not take lists"),
    ("[x]", 1, "a list is not allowed"),
    ("leaky_relu(x, slope=1)", 1, "unexpected argument 'slope'"),
    ("sin(x, x=1)", 1, "unexpected argument"),
    ("t = x; t = 2", 8, "t already has a value"),
    ("x = 3", 1, "x already has a value"),
    ("pi = x", 1, "pi is a constant"),
    ("sin = x", 1, "sin is a function"),
    ("a = b = x", 7, "this = is not allowed"),
    ("x + 1 = x", 7, "this = is not allowed"),
    # Python that is not a valid expression here; the error names its kind.
    ("__import__('os').system('touch PWNED')", 12, "Text is not allowed"),
    ('x + "a"', 5, "Text is not allowed"),
    ("().__class__", 3, "Attributes are not supported"),
    ("x.real", 2, "Attributes are not supported"),
    ("x[0]", 2, "indexing is not supported"),
    ("lambda: x", 7, "':' is not allowed"),
    ("[x for x in (1, 2)]", 4, "'for' is not allowed"),
    ("x if x else 1", 3, "'if' is not allowed"),
    ("x and x", 3, "'and' is not allowed"),
    ("not x", 1, "'not' is not allowed"),
    ("True", 1, "'True' is not allowed"),
    ("2*lambda", 3, "it is a keyword of Python (column 3). Call a variable lam or λ"),
    ("class + 1", 1, "it is a keyword of Python (column 1). Give a variable another name, such as class_"),
    ("None*x", 1, "'None' is not allowed"),
    ("x := 2", 3, "':='"),
    ("{x}", 1, "Use ( and ) as brackets"),
    ("x @ x", 3, "'@' is not allowed"),
    ("~x", 1, "'~' is not allowed"),
    ("x # y", 3, "Comments are not supported"),
    ("import os", 1, "'import' is not allowed"),
    ("sin(*x)", 5, "stands where"),
    ("sin(**x)", 5, "stands where"),
    ("x == 2 == 2", 1, "Compare is not allowed"),
    ("x \\\n + 1", 3, "is not allowed"),
    # Numbers and domains.
    ("9**9**9", 1, "pow: overflow"),
    ("1<<10**10", 2, "'<<'"),
    ("10**400*x", 1, "overflow"),
    ("1e400*x", 1, "too large"),
    ("9" * 5000 + "*x", 1, ""),
    ("exp(1000)", 1, "exp: overflow"),
    ("log(x - 2)", 1, "log: pole"),
    ("1 + log(0)", 5, "log: pole: argument 1 = 0.0"),
    ("sqrt(-x)", 1, "sqrt: undefined: argument 1 = -2.0"),
    ("1/(x - 2)", 1, "div: pole"),
    ("(-8)**(1/3)", 1, "pow: undefined"),
    ("0**-1", 1, "pow: pole"),
    # Too long or too deep.
    ("(" * 100_000, MOST_CHARACTERS + 1, "too long"),
    ("(" * 1900, 51, "too deep"),
    ("-" * 100_000 + "x", MOST_CHARACTERS + 1, "too long"),
    ("-" * 1900 + "x", 51, "too deep"),
    ("x**" * 3000 + "x", 3001, "too long"),
    ("x**" * 990 + "x", 1, ""),
    ("+".join(["x"] * 3000), MOST_TOKENS + 1, "too long"),
    ("sin(" * 60 + "x" + ")" * 60, 204, "too deep"),
    ("sin(" * 5000 + "x" + ")" * 5000, MOST_CHARACTERS + 1, "too long"),
    ("x" * 1_000_000, MOST_CHARACTERS + 1, "too long"),
]

MOST_CALLS = 400_000  # Those of the longest expression are 180,000.


@pytest.mark.parametrize(("text", "column", "said"), FAULTS, ids=[repr(text[:24]) for text, _, _ in FAULTS])
def test_faults_are_told_with_their_place(text, column, said, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with Work() as work:
        try:
            parse(text, {"x": 2.0})
        except ExpressionError as error:
            told = error
        else:
            assert said == "", "it was taken for an expression"
            return
    assert work.calls <= MOST_CALLS
    assert said in str(told)
    assert told.text == text
    assert not said or told.column == column - 1
    message, shown, caret = str(told).split("\n")
    assert len(message) < 400
    assert len(shown) < 120
    assert caret.strip() == "^"
    assert message.startswith("expression: ")
    assert not list(tmp_path.iterdir())


def test_the_caret_stands_below_the_place():
    _, shown, caret = str(fault("损 + x")).split("\n")
    assert shown == "  损 + x"
    assert caret.index("^") == 2
    _, shown, caret = str(fault("x + 1\n" * 3 + "y = sin(x) + 損", x=1.0)).split("\n")
    assert shown[caret.index("^")] == "損"
    assert "line 4, column 14" in str(fault("x + 1\n" * 3 + "y = sin(x) + 損", x=1.0))
    _, shown, caret = str(fault("x + " * 100 + "$" + " + x" * 100)).split("\n")
    assert shown[caret.index("^")] == "$"
    assert shown.count("…") == 2


def test_a_fault_after_wide_characters_has_the_right_column():
    told = fault("θ + sin(θ, θ)", θ=1.0)
    assert told.column == 4


@pytest.mark.parametrize(
    "name", ["sin", "pi", "e", "lambda", "__x", "2x", "", " x", "ｘ", "x\n", "\ud800", "x" * 30_000, "if"]
)
def test_names_that_no_variable_can_have(name):
    with pytest.raises(ExpressionError):
        parse("1", {name: 1.0})


def test_values_that_are_not_used_are_named():
    assert "y has a value but is not in the expression" in str(fault("x", x=1.0, y=2.0))
    assert "Did you mean alpha ?" in str(fault("alpha*2", alpha=1.0, alhpa=2.0))


def test_a_recursion_limit_of_100_is_enough():
    limit = sys.getrecursionlimit()
    try:
        sys.setrecursionlimit(100)
        result = value("cos(sin(x**2) + 3*x**2)", x=2.0)
    finally:
        sys.setrecursionlimit(limit)
    assert result == 0.24510036817001535


def test_a_thousand_terms():
    text = "+".join(["x"] * 1000)
    assert value(text, x=1.0) == 1000.0


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("2x^2", "2*x**2"),
        ("sin x + cos x²", "sin(x) + cos(x**2)"),
        ("3·x − 4÷x", "3*x - 4/x"),
        ("x⁻¹", "x**-1"),
        ("2√x", "2*sqrt(x)"),
        ("x(x + 1)", ""),
        ("x + 1", ""),
        ("x +", ""),
        ("'a'", ""),
        ("", ""),
        ("x" * 2000 + "²", ""),
    ],
)
def test_what_was_probably_meant(text, meant):
    assert repaired(text) == meant


CHARACTERS = "xyπ sin()[]+-*/^=;,.0123456789e²√·|'\"\\\n\t{}#@:<>!~%&\u200b\ud800х"


@given(st.text(st.sampled_from(CHARACTERS), max_size=40))
def test_any_text_is_either_an_expression_or_told(text):
    try:
        result = parse(text, {"x": 2.0})
    except ExpressionError as error:
        told = str(error)
    else:
        told = "expression: " * isinstance(result, Value)
    assert told.startswith("expression: ")


# All but surrogates, which `st.text()` finds out by encoding each.
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=30))
def test_any_unicode_text_is_either_an_expression_or_told(text):
    try:
        parse(text, {})
    except ExpressionError as error:
        str(error).encode("utf-8", "surrogatepass")


@pytest.mark.slow
def test_no_graph_is_left_over():
    parse("x*x", {"x": 2.0})
    gc.collect()
    gc.disable()
    try:
        node = parse("sin(x)*x", {"x": 2.0})
        del node
        assert gc.collect() < 1500
    finally:
        gc.enable()
