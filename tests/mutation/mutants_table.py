"""Mutants of the table: its derivatives, its functions on floats and on arrays."""

from __future__ import annotations

from .mutant import Mutant, mutants, slopes, values

OPS, FLOATS, PIECES, VECTORS = (
    "autograd_core/operations/table.py",
    "autograd_core/base/float_functions.py",
    "autograd_core/base/piecewise_functions.py",
    "autograd_core/base/array_functions.py",
)
COSTS, GAINS = "tests/test_graph.py -k 'arithmetic or stat'", "tests/nn/test_modules.py"
POLES = "tests/test_operations.py -k 'pole or limits'"
CONVENTIONS = "tests/test_conventions.py"


def _derivatives(*rows: tuple[str, str, str]) -> list[Mutant]:
    return [mutant for name, old, new in rows for mutant in mutants(OPS, slopes(name), (old, new))]


def _floats(*rows: tuple[str, str, str]) -> list[Mutant]:
    return [mutant for name, old, new in rows for mutant in mutants(FLOATS, values(name), (old, new))]


def _pieces(*rows: tuple[str, str, str]) -> list[Mutant]:
    return [mutant for name, old, new in rows for mutant in mutants(PIECES, values(name), (old, new))]


def _vectors(*rows: tuple[str, str, str]) -> list[Mutant]:
    return [mutant for name, old, new in rows for mutant in mutants(VECTORS, values(name), (old, new))]


TABLE = [
    *_derivatives(
        (
            "sub",
            "lambda a, b, y: 1.0, lambda a, b, y: -1.0,",
            "lambda a, b, y: 1.0, lambda a, b, y: 1.0,",
        ),
        (
            "mul",
            "lambda a, b, y: b, lambda a, b, y: a,",
            "lambda a, b, y: a, lambda a, b, y: b,",
        ),
        (
            "div",
            "lambda a, b, y: div(1.0, b), lambda a, b, y: -div(y, b)",
            "lambda a, b, y: div(1.0, b), lambda a, b, y: div(y, b)",
        ),
        (
            "div",
            "floats.div, lambda a, b, y: div(1.0, b),",
            "floats.div, lambda a, b, y: div(a, b),",
        ),
        ("neg", "lambda x, y: -1.0,", "lambda x, y: 1.0,"),
        ("pow", "lambda a, b, y: b * slope_of_power(a, b)", "lambda a, b, y: slope_of_power(a, b)"),
        (
            "pow",
            "lambda a, b, y: y * where(a, log(a), minimum(b, 0.0))",
            "lambda a, b, y: y * where(a, log2(a), minimum(b, 0.0))",
        ),
        ("square", "lambda x, y: 2.0 * x,", "lambda x, y: x,"),
        ("reciprocal", "lambda x, y: -square(y),", "lambda x, y: square(y),"),
        ("sqrt", "lambda x, y: div(0.5, y),", "lambda x, y: div(0.5, x),"),
        ("cbrt", "div(1.0, 3.0 * square(y))", "div(1.0, 3.0 * square(x))"),
        (
            "hypot",
            "lambda a, b, y: direction(a, b), lambda a, b, y: direction(b, a),",
            "lambda a, b, y: direction(b, a), lambda a, b, y: direction(a, b),",
        ),
        ("exp2", "square(ROOT_LN2 * exp2(0.5 * x))", "square(exp2(0.5 * x))"),
        ("log2", "div(1.0 / LN2, x)", "div(LN2, x)"),
        ("log10", "div(1.0 / LN10, x)", "div(1.0 / LN2, x)"),
        (
            "logaddexp",
            "lambda a, b, y: softmax([a, b])[0], lambda a, b, y: softmax([a, b])[1]",
            "lambda a, b, y: softmax([a, b])[1], lambda a, b, y: softmax([a, b])[0]",
        ),
        ("cos", "lambda x, y: -sin(x),", "lambda x, y: sin(x),"),
        ("tan", "square(reciprocal(cos(x)))", "reciprocal(cos(x))"),
        ("acosh", "reciprocal(sqrt(x - 1.0)) * reciprocal(sqrt(x + 1.0))", "reciprocal(sqrt(x - 1.0))"),
        ("leaky_relu", "lambda x, negative_slope, y: minimum(x, 0.0)", "lambda x, negative_slope, y: x"),
        (
            "sign",
            "piecewise.sign,               lambda x, y: 0.0",
            "piecewise.sign,               lambda x, y: 1.0",
        ),
        (
            "floor",
            "piecewise.floor,             lambda x, y: 0.0",
            "piecewise.floor,             lambda x, y: 1.0",
        ),
        ("mean", "[1.0 / len(xs)] * len(xs)", "[1.0] * len(xs)"),
        ("dot", "[*xs[len(xs) // 2:], *xs[: len(xs) // 2]]", "[*xs[: len(xs) // 2], *xs[len(xs) // 2:]]"),
        ("prod", "before.append(before[-1] * x)", "before.append(before[0] * x)"),
        (
            "prod",
            "for x in reversed(xs[1:]):\n        after.append(after[-1] * x)",
            "for x in xs[1:]:\n        after.append(after[-1] * x)",
        ),
        (
            "softmax",
            "return [p[0] * others, *[-p[0] * q for q in p[1:]]]",
            "return [p[0] * others, *[p[0] * q for q in p[1:]]]",
        ),
        ("log_softmax", "else 0.0, *[-q for q in p[1:]]]", "else 0.0, *[-q * q for q in p[1:]]]"),
        ("where", "lambda condition, a, b, y: where(condition, 1.0, 0.0)", "lambda condition, a, b, y: 1.0"),
    ),
    *mutants(
        OPS,
        "tests/test_operations.py -k pole",
        (
            'definition="log(x)/log(2)", domain="x > 0", pole=lambda x: x == 0.0,',
            'definition="log(x)/log(2)", domain="x > 0", pole=lambda x: x == 1.0,',
        ),
        ("pole=lambda x: x == -1.0", "pole=lambda x: x == 1.0"),
        ("pole=lambda x: abs(x) == 1.0", "pole=lambda x: x == 1.0"),
        (
            'definition="log(x)/log(10)", domain="x > 0", pole=lambda x: x == 0.0,',
            'definition="log(x)/log(10)", domain="x > 0",',
        ),
        ("pole=lambda a, b: b == 0.0", "pole=lambda a, b: a == 0.0"),
        ("pole=lambda a, b: a == 0.0", "pole=lambda a, b: b == 0.0"),
        (
            "[divide_no_nan(x, y) for x in xs]",
            "[divide_no_nan(y, x) for x in xs]",
            "tests/test_operations.py -k many_numbers",
        ),
        (
            "outside=lambda y, x: equal(y, 0.0) * equal(x, 0.0)",
            "outside=lambda y, x: equal(x, 0.0)",
            "tests/test_conventions.py",
        ),
    ),
    *mutants(
        OPS,
        CONVENTIONS,
        ("cost=lambda n: (0, n - 1)", "cost=lambda n: (0, n)", COSTS),
        ("cost=lambda n: (n // 2, n // 2 - 1)", "cost=lambda n: (n, n - 1)", COSTS),
        ("gain=5.0 / 3.0", "gain=4.0 / 3.0", GAINS),
        (
            'notation=Notation("cases"), selects=True',
            'notation=Notation("cases"), selects=False',
            "tests/test_conventions.py tests/compile/test_selects.py",
        ),
        ('definition="x", selects=True', 'definition="x"', "tests/test_jax_habits.py -k infinite_slope"),
        ("return [divide_no_nan(hit, count) for hit in hits]", "return hits"),
        (
            "lambda x, h0, y: equal(x, 0.0)",
            "lambda x, h0, y: 0.0",
            slopes("heaviside") + " tests/test_conventions.py",
        ),
    ),
    *_floats(
        (
            "atanh",
            "if abs(x) < 1.0 or x != x:\n        return math.atanh(x)",
            "if abs(x) < 1.0 or x != x:\n        return math.tanh(x)",
        ),
        ("sigmoid", "return 1.0 / (1.0 + math.exp(-x))", "return 1.0 / (1.0 + math.exp(x))"),
        (
            "sigmoid",
            "e = math.exp(x)\n    return e / (1.0 + e)\n\n\ndef softplus",
            "e = math.exp(x)\n    return 1.0 / (1.0 + e)\n\n\ndef softplus",
        ),
        (
            "softplus",
            "math.log1p(math.exp(-abs(x))) + (x if x > 0.0 else 0.0)",
            "math.log(1.0 + math.exp(-abs(x))) + (x if x > 0.0 else 0.0)",
        ),
        (
            "logaddexp",
            "(x if d > 0.0 else y) + math.log1p(math.exp(-",
            "(y if d > 0.0 else x) + math.log1p(math.exp(-",
        ),
        ("xlogy", "return x * log(y)", "return y * log(x)"),
        ("softsign", "x / (1.0 + abs(x))", "x / (1.0 + x)"),
        ("mean", "s = reduce(add, xs) / n", "s = reduce(add, xs)"),
    ),
    *_pieces(
        (
            "leaky_relu",
            "return x if x > 0.0 else negative_slope * x",
            "return x if x > 0.0 else -negative_slope * x",
        ),
        (
            "elu",
            "return x if x > 0.0 else alpha * math.expm1(x)",
            "return x if x > 0.0 else alpha * math.exp(x)",
        ),
        ("selu", "return SELU_SCALE * elu(x, SELU_ALPHA)", "return SELU_ALPHA * elu(x, SELU_SCALE)"),
        ("heaviside", "if x == 0.0:\n        return h0", "if x == 1.0:\n        return h0"),
        (
            "maximum",
            "return x if x > y else y if y >= x else nan",
            "return x if x < y else y if y <= x else nan",
        ),
        (
            "minimum",
            "return x if x < y else y if y <= x else nan",
            "return x if x < y else y if y < x else nan",
        ),
        ("equal", "return float(x == y)", "return float(x >= y)"),
        ("where", "return a if condition else b", "return b if condition else a"),
    ),
    *mutants(
        FLOATS,
        POLES,
        ("return -inf\n        return nan if x < pole", "return inf\n        return nan if x < pole"),
        ("return math.copysign(inf, x) if y % 2.0 == 1.0 else inf", "return inf"),
        ("if x == 0.0 and y == y:\n        return 0.0", "if x == 0.0:\n        return 0.0"),
        ("math.copysign(inf, a) * math.copysign(1.0, b)", "math.copysign(inf, a)"),
        ("return math.copysign(inf, x) if abs(x) == 1.0 else nan", "return inf if abs(x) == 1.0 else nan"),
        (
            "return math.copysign(inf, x) if odd else inf",
            "return inf",
            "tests/test_operations.py tests/test_conventions.py -k 'sinh or overflow'",
        ),
        (
            "return -inf if x < 0.0 and y % 2.0 == 1.0 else inf",
            "return inf",
            "tests/test_operations.py tests/test_conventions.py tests/compile/test_poles.py -k pow",
        ),
    ),
    *mutants(
        PIECES,
        "tests/test_operations.py -k 'relu and nan'",
        ("return 0.0 if x <= 0.0 else x", "return x if x > 0.0 else 0.0"),
    ),
    *_vectors(
        (
            "sigmoid",
            "return np.where(x >= 0.0, 1.0, e) / (1.0 + e)",
            "return np.where(x >= 0.0, e, 1.0) / (1.0 + e)",
        ),
        ("softplus", "+ np.where(x > 0.0, x, 0.0)", "+ np.where(x > 0.0, 0.0, x)"),
        ("mean", "result = sum(xs) / len(xs)", "result = sum(xs)"),
        ("silu", "y = x * sigmoid(x)", "y = x"),
        ("max", "return stacked(xs).max(axis=0)", "return stacked(xs).min(axis=0)"),
        ("min", "return stacked(xs).min(axis=0)", "return stacked(xs).max(axis=0)"),
        ("softmax", "return list(e / e.sum(axis=0))", "return list(e)"),
    ),
    *mutants(
        VECTORS,
        POLES,
        ("zero = (x == 0.0) & (y == y)", "zero = x == 0.0"),
    ),
]
