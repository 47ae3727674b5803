"""The table of operations: one row defines everything about an operation.

Read a row as: name, value on floats, local derivatives. In a derivative `x` (or the names that the operation
gives its arguments) are the arguments and `y` is the value. The derivatives are written in the table's own
functions, so that one line serves floats, `Value`s (whose gradient is then a graph itself) and arrays; and
in a form that keeps its digits and those of its own derivatives: `square(sech(x))` for tanh, not `1 - y*y`.
A quotient whose denominator can be zero is `div(a, b)`, which on floats is infinite there.

Where such a form is hard to read, `PRINTED` has the usual one, which formulas show wherever it gives the
same number. In it `written(x)` is a number that a formula writes out, as the 10 of ln 10.

A kink that squaring takes away, as that of `norm` at 0, has the derivatives of half the square in `of_square`;
an even function has its derivative over its argument in `over_argument`. So norm(v)**2 is differentiated as
the smooth function that it is.

At kinks and ties a derivative is the (sub)gradient of least norm: 0 for `abs` and `relu` at 0, a half each
for `maximum` at a tie.
"""
# ruff: noqa: E501

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from ..base import floats, tails
from ..base.floats import GATE_A, GATE_B, LN2, LN10, SELU_ALPHA, SELU_SCALE
from ..base.foreign_forms import FORMS
from .operation import TABLE, Notation, Operation, register

ROOT_PI = math.sqrt(math.pi)
ROOT_LN2 = math.sqrt(LN2)
ROOT_2PI = math.sqrt(2.0 * math.pi)
LARGEST = 1.7976931348623157e308
FEW = 8


def row(name: str, forward: Callable[..., float], *partials: Callable[..., Any], **more: Any) -> Operation:
    """An operation of as many arguments as it has local derivatives."""
    return register(Operation(name, forward, partials, len(partials), **(told_of(name) | more)))


def variadic(
    name: str, forward: Callable[..., float], partials: Callable[..., Any], **more: Any
) -> Operation:
    """An operation of any number of arguments `xs`, whose local derivatives come as a sequence."""
    return register(Operation(name, forward, (partials,), None, **(told_of(name) | more)))


def call(latex: str) -> Notation:
    return Notation(latex=latex)


def written(x: Any, name: str = "") -> Any:
    """x itself; where it is a number, printed formulas show it by that name or in full, as the 2 of log(2)."""
    return x


# fmt: off
PRINTED: dict[str, tuple[Callable[..., Any], ...]] = {
    "div":           (lambda a, b, y: div(1.0, b), lambda a, b, y: -div(a, square(b))),
    "divide_no_nan": (lambda a, b, y: div(1.0, b), lambda a, b, y: -div(a, square(b))),
    "reciprocal":    (lambda x, y: -div(1.0, square(x)),),
    "sqrt":          (lambda x, y: div(1.0, 2.0 * y),),
    "hypot":         (lambda a, b, y: div(a, y), lambda a, b, y: div(b, y)),
    "exp2":          (lambda x, y: y * written(LN2, "ln 2"),),
    "log2":          (lambda x, y: div(1.0, x * written(LN2, "ln 2")),),
    "log10":         (lambda x, y: div(1.0, x * written(LN10, "ln 10")),),
    "logaddexp":     (lambda a, b, y: exp(a - y), lambda a, b, y: exp(b - y)),
    "tan":           (lambda x, y: div(1.0, square(cos(x))),),
    "asin":          (lambda x, y: div(1.0, sqrt(1.0 - square(x))),),
    "acos":          (lambda x, y: -div(1.0, sqrt(1.0 - square(x))),),
    "atan":          (lambda x, y: div(1.0, 1.0 + square(x)),),
    "atan2":         (lambda y, x, angle: div(x, square(y) + square(x)),
                      lambda y, x, angle: -div(y, square(y) + square(x))),
    "asinh":         (lambda x, y: div(1.0, sqrt(1.0 + square(x))),),
    "acosh":         (lambda x, y: div(1.0, sqrt(square(x) - 1.0)),),
    "atanh":         (lambda x, y: div(1.0, 1.0 - square(x)),),
    "erf":           (lambda x, y: div(2.0, sqrt(written(math.pi, "π"))) * exp(-square(x)),),
    "erfc":          (lambda x, y: -div(2.0, sqrt(written(math.pi, "π"))) * exp(-square(x)),),
    "ndtr":          (lambda x, y: bell(x),),
    "gaussian":      (lambda x, scale, y: -2.0 * scale * x * y, lambda x, scale, y: -square(x) * y),
    "elu":           (lambda x, alpha, y: where(heaviside(x, 0.0), 1.0, alpha * exp(x)),
                      lambda x, alpha, y: where(heaviside(x, 0.0), 0.0, expm1(x))),
    "selu":          (lambda x, y: where(heaviside(x, 0.0), SELU_SCALE, SELU_SCALE * SELU_ALPHA * exp(x)),),
    "gelu":          (lambda x, y: ndtr(x) + x * bell(x),),
    "gelu_gate":     (lambda x, y: y * (1.0 - y) * (GATE_A + 3.0 * GATE_B * square(x)),),
    "gelu_tanh":     (lambda x, y: gelu_gate(x) + y * (1.0 - gelu_gate(x)) * (GATE_A + 3.0 * GATE_B * square(x)),),
    "silu":          (lambda x, y: sigmoid(x) * (1.0 + x * (1.0 - sigmoid(x))),),
    "mish":          (lambda x, y: tanh(softplus(x)) + x * sigmoid(x) * (1.0 - square(tanh(softplus(x)))),),
    "softsign":      (lambda x, y: div(1.0, square(1.0 + abs(x))),),
    "clip":          (lambda x, min, max, y: equal(x, y), lambda x, min, max, y: heaviside(min - x, 0.0),
                      lambda x, min, max, y: heaviside(x - max, 0.0)),
    "mean":          (lambda xs, y: [div(1.0, written(float(len(xs))))] * len(xs),),
    "norm":          (lambda xs, y: [div(x, y) for x in xs],),
    "direction":     (lambda a, b, y: div(1.0 - square(y), hypot(a, b)), lambda a, b, y: -div(y * direction(b, a), hypot(a, b))),
    "inversion":     (lambda a, b, y: square(inversion(b, a)) - square(y), lambda a, b, y: -2.0 * y * inversion(b, a)),
    "unit":          (lambda xs, y: [div(1.0 - square(y), norm(xs)), *[-div(y * u, norm(xs)) for u in unit(xs)[1:]]],),
    "gelu_bell":     (lambda x, y: y * (1.0 - 2.0 * gelu_gate(x)) * (GATE_A + 3.0 * GATE_B * square(x)),),
    "logsumexp":     (lambda xs, y: [exp(x - y) for x in xs],),
    "softmax":       (lambda xs, y: [y * (1.0 - y), *[-y * q for q in softmax(xs)[1:]]],),
    "log_softmax":   (lambda xs, y: [1.0 - exp(y), *[-q for q in softmax(xs)[1:]]],),
}
DEFINITIONS = {
    "hypot":         "√(a² + b²)",
    "direction":     "a/√(a² + b²)",
    "inversion":     "a/(a² + b²)",
    "difference_of_squares": "a² − b²",
    "sech":          "1/cosh(x)",
    "expm1":         "exp(x) − 1",
    "exp2":          "2**x",
    "log1p":         "log(1 + x)",
    "log2":          "log(x)/log(2)",
    "log10":         "log(x)/log(10)",
    "logaddexp":     "log(exp(a) + exp(b))",
    "xlogy":         "x·log(y)",
    "gaussian":      "exp(−scale·x²)",
    "erfc":          "1 − erf(x)",
    "ndtr":          "(1 + erf(x/√2))/2",
    "sigmoid":       "1/(1 + exp(−x))",
    "logsigmoid":    "log(sigmoid(x))",
    "softplus":      "log(1 + exp(x))",
    "relu":          "x if x > 0 else 0",
    "leaky_relu":    "x if x > 0 else negative_slope·x",
    "elu":           "x if x > 0 else alpha·(exp(x) − 1)",
    "selu":          "1.0507009873554805·x if x > 0 else 1.7580993408473766·(exp(x) − 1)",
    "gelu":          "x·ndtr(x)",
    "gelu_gate":     "sigmoid(2·√(2/π)·(x + 0.044715·x**3))",
    "gelu_bell":     "gelu_gate(x)·gelu_gate(−x)",
    "huber":         "delta·(|x| − delta/2) if |x| > delta else x²/2",
    "gelu_tanh":     "x·gelu_gate(x)",
    "silu":          "x·sigmoid(x)",
    "mish":          "x·tanh(softplus(x))",
    "softsign":      "x/(1 + |x|)",
    "sign":          "[x > 0] − [0 > x]",
    "maximum":       "a if a > b else b",
    "minimum":       "b if a > b else a",
    "clip":          "minimum(maximum(x, min), max)",
    "heaviside":     "h0 if x = 0 else [x > 0]",
    "divide_no_nan": "a/b if b ≠ 0 else 0",
    "mean":          "(x₁ + x₂ + x₃)/3",
    "prod":          "x₁·x₂·x₃",
    "sum":           "x₁ + x₂ + x₃",
    "dot":           "a₁·b₁ + a₂·b₂",
    "norm":          "√(x1² + x2² + x3²)",
    "unit":          "x₁/√(x₁² + x₂² + x₃²)",
    "logsumexp":     "log(exp(x₁) + exp(x₂) + exp(x₃))",
    "softmax":       "exp(x₁)/(exp(x₁) + exp(x₂) + exp(x₃))",
    "log_softmax":   "x₁ − log(exp(x₁) + exp(x₂) + exp(x₃))",
}
AWKWARD: dict[str, tuple[tuple[float, ...], ...]] = {
    "pow": ((0.0, 0.5), (0.0, 0.0)), "sqrt": ((0.0,),), "cbrt": ((0.0,),), "hypot": ((0.0, 0.0),),
    "xlogy": ((0.0, 2.0),), "asin": ((1.0,),), "acos": ((1.0,),), "acosh": ((1.0,),),
    "relu": ((0.0,),), "leaky_relu": ((0.0, 0.01),), "elu": ((0.0, 1.0),), "selu": ((0.0,),),
    "abs": ((0.0,),), "sign": ((0.0,),), "floor": ((1.0,),), "round": ((0.5,),),
    "maximum": ((1.0, 1.0),), "minimum": ((1.0, 1.0),), "clip": ((1.0, -1.0, 1.0), (0.0, 1.0, -1.0)),
    "heaviside": ((0.0, 0.5),), "divide_no_nan": ((1.0, 0.0),), "norm": ((0.0, 0.0),),
    "max": ((1.0, 1.0), (1.0, 1.0, 0.0)), "min": ((1.0, 1.0), (1.0, 1.0, 2.0)),
}
# fmt: on


def told_of(name: str) -> dict[str, Any]:
    """What readers are told of a row."""
    return {
        "printed": PRINTED.get(name, ()),
        "definition": DEFINITIONS.get(name, ""),
        "awkward": AWKWARD.get(name, ()),
        "forms": FORMS.get(name, {}),
        "built_in": True,
    }


# The slopes of a maximum, or a minimum, where one argument alone attains it.
LARGER = (lambda a, b, y: equal(a, y), lambda a, b, y: equal(b, y))
HITS = (lambda xs, y: [equal(x, y) for x in xs],)

# fmt: off
ANY = "real numbers"

add         = row("add", lambda a, b: a + b,            lambda a, b, y: 1.0,       lambda a, b, y: 1.0,         ufunc="add", notation=Notation("infix", "+", 1, "+"), domain="no inf - inf")
sub         = row("sub", lambda a, b: a - b,            lambda a, b, y: 1.0,       lambda a, b, y: -1.0,        ufunc="subtract", notation=Notation("infix", "-", 1, "-"), domain="no inf - inf")
mul         = row("mul", lambda a, b: a * b,            lambda a, b, y: b,         lambda a, b, y: a,           ufunc="multiply", notation=Notation("infix", "*", 2, r"\cdot"), domain="no 0 * inf", vanishes=True)
div         = row("div", floats.div,                    lambda a, b, y: div(1.0, b), lambda a, b, y: -div(y, b), ufunc="divide", notation=Notation("fraction", "/", 2, r"\frac"), domain="a divisor other than 0", pole=lambda a, b: b == 0.0, vanishes=True)
neg         = row("neg", lambda x: -x,                  lambda x, y: -1.0,                                      ufunc="negative", notation=Notation("prefix", "-", 3, "-"))
pow         = row("pow", floats.pow,
                  lambda a, b, y: b * slope_of_power(a, b),
                  lambda a, b, y: y * where(a, log(a), minimum(b, 0.0)),
                  printed=(lambda a, b, y: b * pow(a, b - 1.0), lambda a, b, y: y * log(written(a))),
                  over_argument=lambda a, b, y: b * pow(a, b - 2.0) if type(b) is float and b >= 2.0 else None,
                  ufunc="power", notation=Notation("power", "**", 4, "^"), pole=lambda a, b: a == 0.0, vanishes=True,
                  domain="a base > 0, or a base < 0 with a constant whole exponent, or base 0 with exponent >= 0")
square      = row("square", lambda x: x * x,            lambda x, y: 2.0 * x,                                   over_argument=lambda x, y: 2.0, ufunc="square", notation=Notation("postfix", "**2", 4, "^2"), vanishes=True)
reciprocal  = row("reciprocal", lambda x: floats.div(1.0, x), lambda x, y: -square(y),                          ufunc="reciprocal", notation=Notation("fraction", "1/", 2, r"\frac"), pole=lambda x: x == 0.0, domain="x other than 0")
sqrt        = row("sqrt", floats.quiet(math.sqrt),      lambda x, y: div(0.5, y),                               ufunc="sqrt", notation=Notation("root", latex=r"\sqrt"), domain="x >= 0")
cbrt        = row("cbrt", math.cbrt,                    lambda x, y: div(1.0, 3.0 * square(y)),                 ufunc="cbrt", notation=Notation("root", "3", latex=r"\sqrt[3]"))
hypot       = row("hypot", math.hypot,                  lambda a, b, y: direction(a, b), lambda a, b, y: direction(b, a),
                  of_square=(lambda a, b, y: a, lambda a, b, y: b), ufunc="hypot")
direction   = row("direction", floats.direction,        lambda a, b, y: divide_no_nan(square(direction(b, a)), hypot(a, b)), lambda a, b, y: -divide_no_nan(y * direction(b, a), hypot(a, b)))
inversion   = row("inversion", floats.inversion,        lambda a, b, y: difference_of_squares(inversion(b, a), y), lambda a, b, y: -2.0 * (y * inversion(b, a)))
difference_of_squares = row("difference_of_squares", floats.difference_of_squares, lambda a, b, y: 2.0 * a, lambda a, b, y: -2.0 * b, domain="no inf - inf", vanishes=True)

exp         = row("exp", floats.exp,                    lambda x, y: exp(x),                                    ufunc="exp", notation=call(r"\exp"), vanishes=True)
expm1       = row("expm1", floats.growing(math.expm1),  lambda x, y: exp(x),                                    ufunc="expm1")
exp2        = row("exp2", floats.growing(math.exp2),    lambda x, y: square(ROOT_LN2 * exp2(0.5 * x)),            ufunc="exp2", vanishes=True)
log         = row("log", floats.log,                    lambda x, y: div(1.0, x),                               ufunc="log", notation=call(r"\log"), pole=lambda x: x == 0.0, domain="x > 0", cure="For x log x at 0 take xlogy(x, x); for log sigmoid take logsigmoid.")
log1p       = row("log1p", floats.logarithm(math.log1p, -1.0), lambda x, y: div(1.0, 1.0 + x),                  ufunc="log1p", pole=lambda x: x == -1.0, domain="x > -1")
log2        = row("log2", floats.logarithm(math.log2),  lambda x, y: div(1.0 / LN2, x),                         ufunc="log2", notation=call(r"\log_2"), pole=lambda x: x == 0.0, domain="x > 0")
log10       = row("log10", floats.logarithm(math.log10), lambda x, y: div(1.0 / LN10, x),                       ufunc="log10", notation=call(r"\log_{10}"), pole=lambda x: x == 0.0, domain="x > 0")
logaddexp   = row("logaddexp", floats.logaddexp,        lambda a, b, y: softmax([a, b])[0], lambda a, b, y: softmax([a, b])[1], ufunc="logaddexp")
xlogy       = row("xlogy", floats.xlogy,                lambda x, y, xlogy: log(y), lambda x, y, xlogy: divide_no_nan(x, y), pole=lambda x, y: y == 0.0, domain="y > 0, or x = 0")

sin         = row("sin", floats.quiet(math.sin),        lambda x, y: cos(x),                                    ufunc="sin", notation=call(r"\sin"), domain="finite x")
cos         = row("cos", floats.quiet(math.cos),        lambda x, y: -sin(x),                                   ufunc="cos", notation=call(r"\cos"), domain="finite x")
tan         = row("tan", floats.quiet(math.tan),        lambda x, y: square(reciprocal(cos(x))),                ufunc="tan", notation=call(r"\tan"), domain="finite x")
asin        = row("asin", floats.quiet(math.asin),      lambda x, y: div(1.0, sqrt(difference_of_squares(1.0, x))), ufunc="arcsin", notation=call(r"\arcsin"), domain="-1 <= x <= 1")
acos        = row("acos", floats.quiet(math.acos),      lambda x, y: -div(1.0, sqrt(difference_of_squares(1.0, x))), ufunc="arccos", notation=call(r"\arccos"), domain="-1 <= x <= 1")
atan        = row("atan", math.atan,                    lambda x, y: square(reciprocal(hypot(1.0, x))),         ufunc="arctan", notation=call(r"\arctan"))
atan2       = row("atan2", math.atan2,
                  lambda y, x, angle: inversion(x, y),
                  lambda y, x, angle: -inversion(y, x),
                  ufunc="arctan2", domain="(y, x) other than (0, 0)", outside=lambda y, x: x == 0.0 == y)

sinh        = row("sinh", floats.growing(math.sinh, odd=True), lambda x, y: cosh(x),                            ufunc="sinh", notation=call(r"\sinh"))
cosh        = row("cosh", floats.growing(math.cosh),    lambda x, y: sinh(x),                                   ufunc="cosh", notation=call(r"\cosh"))
tanh        = row("tanh", math.tanh,                    lambda x, y: square(sech(x)), printed=(lambda x, y: 1.0 - square(y),), ufunc="tanh", notation=call(r"\tanh"))
sech        = row("sech", tails.sech,                   lambda x, y: -(y * tanh(x)), notation=call(r"\operatorname{sech}"), vanishes=True)
asinh       = row("asinh", math.asinh,                  lambda x, y: reciprocal(hypot(1.0, x)),                 ufunc="arcsinh")
acosh       = row("acosh", floats.quiet(math.acosh),    lambda x, y: div(1.0, sqrt(x - 1.0) * sqrt(x + 1.0)),   ufunc="arccosh", domain="x >= 1")
atanh       = row("atanh", floats.atanh,                lambda x, y: div(1.0, difference_of_squares(1.0, x)),           ufunc="arctanh", pole=lambda x: abs(x) == 1.0, domain="-1 < x < 1")

gaussian    = row("gaussian", tails.gaussian,           lambda x, scale, y: -2.0 * (scale * (finite(x) * y)), lambda x, scale, y: -finite(x) * (finite(x) * y), over_argument=lambda x, scale, y: -2.0 * (scale * y), defaults=(1.0,), vanishes=True)
erf         = row("erf", math.erf,                      lambda x, y: 2.0 / ROOT_PI * gaussian(x, 1.0))
erfc        = row("erfc", math.erfc,                    lambda x, y: -2.0 / ROOT_PI * gaussian(x, 1.0), vanishes=True)
ndtr        = row("ndtr", tails.ndtr,                   lambda x, y: gaussian(x, 0.5) / ROOT_2PI, notation=call(r"\Phi"), vanishes=True)

sigmoid     = row("sigmoid", floats.sigmoid,            lambda x, y: square(0.5 * sech(0.5 * x)), printed=(lambda x, y: y * (1.0 - y),), notation=call(r"\sigma"), vanishes=True)
logsigmoid  = row("logsigmoid", lambda x: -floats.softplus(-x), lambda x, y: sigmoid(-x), vanishes=True)
softplus    = row("softplus", floats.softplus,          lambda x, y: sigmoid(x), vanishes=True)
relu        = row("relu", floats.relu,                  lambda x, y: heaviside(x, 0.0), notation=call(r"\operatorname{ReLU}"))
leaky_relu  = row("leaky_relu", floats.leaky_relu,      lambda x, negative_slope, y: where(heaviside(x, 0.0), 1.0, negative_slope), lambda x, negative_slope, y: minimum(x, 0.0), defaults=(0.01,))
elu         = row("elu", floats.elu,                    lambda x, alpha, y: where(heaviside(x, 0.0), 1.0, alpha * exp(-relu(-x))), lambda x, alpha, y: expm1(-relu(-x)), defaults=(1.0,))
selu        = row("selu", floats.selu,                  lambda x, y: where(heaviside(x, 0.0), SELU_SCALE, SELU_SCALE * SELU_ALPHA * exp(-relu(-x))))
gelu        = row("gelu", tails.gelu,                   lambda x, y: ndtr(x) + bounded(x) * (gaussian(x, 0.5) / ROOT_2PI), vanishes=True)
gelu_gate   = row("gelu_gate", tails.gelu_gate,         lambda x, y: gelu_bell(x) * slope_of_gate(x), vanishes=True)
gelu_bell   = row("gelu_bell", tails.gelu_bell,         lambda x, y: -(y * tanh(exponent_of_gate(x) / 2.0)) * slope_of_gate(x), vanishes=True)
gelu_tanh   = row("gelu_tanh", tails.gelu_tanh,         lambda x, y: gelu_gate(x) + bounded(x) * (gelu_bell(x) * slope_of_gate(x)), vanishes=True)
silu        = row("silu", tails.silu,                   lambda x, y: sigmoid(x) + bounded(x) * square(0.5 * sech(0.5 * x)), vanishes=True)
mish        = row("mish", lambda x: tails.silu(x) if x < -40.0 else x * math.tanh(floats.softplus(x)), lambda x, y: tanh(softplus(x)) + bounded(x) * (square(sech(softplus(x))) * sigmoid(x)), vanishes=True)
softsign    = row("softsign", floats.softsign,          lambda x, y: square(reciprocal(1.0 + abs(x))))

huber       = row("huber", floats.huber,                lambda x, delta, y: clip(x, -delta, delta), lambda x, delta, y: relu(abs(x) - delta), defaults=(1.0,), domain="delta >= 0", vanishes=True)

abs         = row("abs", math.fabs,                     lambda x, y: sign(x), of_square=(lambda x, y: x,),      ufunc="absolute", notation=Notation("fence", "|", 5, r"\left|"))
sign        = row("sign", floats.sign,                  lambda x, y: 0.0,                                       ufunc="sign", notation=call(r"\operatorname{sign}"))
floor       = row("floor", floats.floor,                lambda x, y: 0.0,                                       ufunc="floor")
round       = row("round", floats.nearest,              lambda x, y: 0.0,                                       ufunc="rint")
maximum     = row("maximum", floats.maximum,            lambda a, b, y: divide_no_nan(equal(a, y), equal(a, y) + equal(b, y)), lambda a, b, y: divide_no_nan(equal(b, y), equal(a, y) + equal(b, y)), printed=LARGER, ties=True, ufunc="maximum", notation=call(r"\max"))
minimum     = row("minimum", floats.minimum,            lambda a, b, y: divide_no_nan(equal(a, y), equal(a, y) + equal(b, y)), lambda a, b, y: divide_no_nan(equal(b, y), equal(a, y) + equal(b, y)), printed=LARGER, ties=True, ufunc="minimum", notation=call(r"\min"))
clip        = row("clip", floats.clip,                  lambda x, min, max, y: equal(x, maximum(x, min)) * equal(maximum(x, min), y), lambda x, min, max, y: (1.0 - equal(x, maximum(x, min))) * equal(maximum(x, min), y), lambda x, min, max, y: (1.0 - equal(maximum(x, min), y)) * equal(max, y))
where       = row("where", floats.where,                lambda condition, a, b, y: 0.0, lambda condition, a, b, y: where(condition, 1.0, 0.0), lambda condition, a, b, y: where(condition, 0.0, 1.0), selects=True, notation=Notation("cases"))
equal       = row("equal", floats.equal,                lambda a, b, y: 0.0,       lambda a, b, y: 0.0,         notation=Notation("infix", "==", 0, "="))
heaviside   = row("heaviside", floats.heaviside,        lambda x, h0, y: 0.0,      lambda x, h0, y: equal(x, 0.0), defaults=(0.0,), ufunc="heaviside", notation=Notation("step", latex=r"\operatorname{step}"))
divide_no_nan = row("divide_no_nan", floats.divide_no_nan, lambda a, b, y: divide_no_nan(1.0, b), lambda a, b, y: -divide_no_nan(y, b), notation=Notation("fraction", "/", 2, r"\frac"), vanishes=True)

sum         = variadic("sum", floats.total,             lambda xs, y: [1.0] * len(xs), notation=call(r"\sum"), domain="no inf - inf")
mean        = variadic("mean", floats.mean,             lambda xs, y: [1.0 / len(xs)] * len(xs), domain="no inf - inf")
prod        = variadic("prod", floats.product,          lambda xs, y: products_of_the_others(xs), notation=call(r"\prod"), vanishes=True, domain="no 0 * inf")
dot         = variadic("dot", floats.dot,               lambda xs, y: [*xs[len(xs) // 2:], *xs[: len(xs) // 2]], sequences=2, vanishes=True, domain="no 0 * inf and no inf - inf")
norm        = variadic("norm", floats.norm,             lambda xs, y: slopes_of_norm(xs, y), of_square=(lambda xs, y: xs,))
unit        = variadic("unit", floats.unit_first,       lambda xs, y: slopes_of_unit(unit(xs), norm(xs)), vector=floats.unit, vanishes=True)
max         = variadic("max", floats.largest,           lambda xs, y: shares(xs, y), printed=HITS, ties=True, notation=call(r"\max"))
min         = variadic("min", floats.smallest,          lambda xs, y: shares(xs, y), printed=HITS, ties=True, notation=call(r"\min"))
logsumexp   = variadic("logsumexp", floats.logsumexp,   lambda xs, y: softmax(xs), notation=call(r"\operatorname{logsumexp}"))
softmax     = variadic("softmax", floats.softmax_first, lambda xs, y: slopes_of_softmax(softmax(xs)), vector=floats.softmax, notation=call(r"\operatorname{softmax}"), vanishes=True)
log_softmax = variadic("log_softmax", floats.log_softmax_first, lambda xs, y: slopes_of_log_softmax(softmax(xs)), vector=floats.log_softmax)
# fmt: on


def slope_of_power(a: Any, b: Any) -> Any:
    """The slope of a**b by a, divided by b: a**(b - 1), and where b is 0 a number that 0 b may meet."""
    if isinstance(b, float) and b:  # A constant exponent, as most are, needs no guard.
        # Where b - 1 rounds to b, an odd power would become an even one.
        return sign(a) * pow(abs(a), b - 1.0) if 2.0**53 < b < math.inf else pow(a, b - 1.0)
    return where(b, pow(a, b - 1.0), where(equal(a, a), divide_no_nan(1.0, a), 0.0))


def bell(x: Any) -> Any:
    """The density of the standard normal distribution, as formulas show it."""
    return div(exp(-(square(x) / written(2.0))), sqrt(2.0 * written(math.pi, "π")))


def finite(x: Any) -> Any:
    """x, or for an infinite x the largest float: a number that a factor 0 makes 0."""
    return clip(x, -LARGEST, LARGEST)


def bounded(x: Any) -> Any:
    """x, but not where it is so large that the factor beside it is 0, whatever the order of the derivative."""
    return clip(x, -1000.0, 1000.0)


def exponent_of_gate(x: Any) -> Any:
    """A x + B x³, of which gelu_gate is the sigmoid."""
    return bounded(x) * (GATE_A + GATE_B * square(bounded(x)))


def slope_of_gate(x: Any) -> Any:
    """A + 3B x², the derivative of A x + B x³."""
    return GATE_A + 3.0 * GATE_B * square(bounded(x))


def slopes_of_norm(xs: Sequence[Any], y: Any) -> Sequence[Any]:
    """Each x over the norm: as `unit`, whose derivatives keep their digits, but of many as x/y.

    Among n numbers `unit` has n derivatives for each of n results.
    """
    return unit(xs) if len(xs) <= FEW else [divide_no_nan(x, y) for x in xs]


def slopes_of_unit(u: Sequence[Any], r: Any) -> list[Any]:
    """The derivatives of u1 = x1/r by x1, (u2² + u3² + ...)/r, and by the others, -u1 uj/r."""
    others = sum([square(v) for v in u[1:]]) if u[1:] else 0.0
    return [divide_no_nan(others, r), *[-divide_no_nan(u[0] * v, r) for v in u[1:]]]


def products_of_the_others(xs: Sequence[Any]) -> list[Any]:
    """For each x the product of all the others, which a quotient y/x would not give at x = 0."""
    before, after = [1.0], [1.0]
    for x in xs[:-1]:
        before.append(before[-1] * x)
    for x in reversed(xs[1:]):
        after.append(after[-1] * x)
    return [a * b for a, b in zip(before, reversed(after), strict=True)]


def shares(xs: Sequence[Any], y: Any) -> list[Any]:
    """The slope 1 of a maximum, shared out evenly among those that attain it."""
    hits = [equal(x, y) for x in xs]
    count = sum(hits)
    return [divide_no_nan(hit, count) for hit in hits]


def slopes_of_softmax(p: Sequence[Any]) -> list[Any]:
    """The derivatives of p1 by its own logit, p1 (p2 + p3 + ...), and by the others, -p1 pj."""
    others = sum(p[1:]) if p[1:] else 0.0
    return [p[0] * others, *[-p[0] * q for q in p[1:]]]


def slopes_of_log_softmax(p: Sequence[Any]) -> list[Any]:
    """The derivatives of log p1 by its own logit, p2 + p3 + ..., and by the others, -pj."""
    return [sum(p[1:]) if p[1:] else 0.0, *[-q for q in p[1:]]]


__all__ = list(TABLE)
