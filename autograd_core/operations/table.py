"""The table of operations: one row defines everything about an operation.

Read a row as: name, value on floats, local derivatives. In a derivative, `x` (or the operation's names for
its arguments) are the arguments and `y` is the value. Derivatives are written in the table's own functions,
so that one line serves floats, `Value`s (whose gradient is then a graph itself) and arrays, and in a form
that keeps its digits and those of higher derivatives: `square(sech(x))` for tanh, not `1 - y*y`. A quotient
whose denominator can be zero is `div(a, b)`, which on floats is infinite there.

If that form is hard to read, `printed` has the usual one, which formulas show wherever it gives the same
number. In it, `written(x)` is a number that formulas write out, such as the 10 in ln 10. `definition` is the
function's formula if its notation is just its name, and `awkward` lists kinks and ends of the domain: `help`
shows both.

If squaring removes a kink, like that of `norm` at 0, `of_square` has the derivatives of half the square;
`over_argument` has the derivative of an even function divided by its argument. With them norm(v)**2 is
differentiated as the smooth function that it is.

At kinks and ties a derivative is the (sub)gradient of least norm: 0 for `abs` and `relu` at 0, 1/2 for each
argument of `maximum` at a tie.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from ..base import float_functions as floats
from ..base import piecewise_functions as piecewise
from ..base.float_functions import DEGREE, GATE_A, GATE_B, LN2, LN10, RADIAN, SELU_ALPHA, SELU_SCALE
from .foreign_forms import FORMS
from .operation import TABLE, Notation, Operation, register

ROOT_PI, ROOT_2PI, ROOT_LN2 = math.sqrt(math.pi), math.sqrt(2.0 * math.pi), math.sqrt(LN2)
EXACT, HALF_ULP, ULP = 0.0, 2.0**-53, 2.0**-52
SELU_FLOOR = SELU_SCALE * SELU_ALPHA
FEW = 8


def row(name: str, forward: Callable[..., float], *partials: Callable[..., Any], **more: Any) -> Operation:
    """Register an operation with one argument for each local derivative."""
    return register(Operation(name, forward, partials, len(partials), forms=FORMS.get(name, {}), **more))


def variadic(name: str, forward: Callable[..., float], slopes: Callable[..., Any], **more: Any) -> Operation:
    """Register an operation of any number of arguments `xs`, whose local derivatives are a sequence."""
    return register(Operation(name, forward, (slopes,), None, forms=FORMS.get(name, {}), **more))


def call(latex: str) -> Notation:
    return Notation(latex=latex)


def written(x: Any, name: str = "") -> Any:
    """Return x itself; printed formulas write a number by that name or in full, such as ln 2."""
    return x


# The slopes of a maximum or minimum that only one argument attains.
LARGER = (lambda a, b, y: equal(a, y), lambda a, b, y: equal(b, y))
HITS = (lambda xs, y: [equal(x, y) for x in xs],)

# fmt: off
add         = row("add", lambda a, b: a + b,            lambda a, b, y: 1.0, lambda a, b, y: 1.0,
                  domain="no inf - inf", ufunc="add", notation=Notation("infix", "+", 1, "+"),
                  cost=lambda n: (0, 1), rounding=HALF_ULP)
sub         = row("sub", lambda a, b: a - b,            lambda a, b, y: 1.0, lambda a, b, y: -1.0,
                  domain="no inf - inf", ufunc="subtract", notation=Notation("infix", "-", 1, "-"),
                  cost=lambda n: (0, 1), rounding=HALF_ULP)
mul         = row("mul", lambda a, b: a * b,            lambda a, b, y: b, lambda a, b, y: a,
                  domain="no 0 * inf", ufunc="multiply", notation=Notation("infix", "*", 2, r"\cdot"),
                  vanishes=True, cost=lambda n: (1, 0), rounding=HALF_ULP)
div         = row("div", floats.div, lambda a, b, y: div(1.0, b), lambda a, b, y: -div(y, b),
                  printed=(lambda a, b, y: div(1.0, b), lambda a, b, y: -div(a, square(b))),
                  domain="a divisor other than 0", pole=lambda a, b: b == 0.0, ufunc="divide",
                  notation=Notation("fraction", "/", 2, r"\frac"), vanishes=True, cost=lambda n: (1, 0),
                  rounding=HALF_ULP)
neg         = row("neg", lambda x: -x,                  lambda x, y: -1.0,
                  ufunc="negative", notation=Notation("prefix", "-", 3, "-"), rounding=EXACT)
pow         = row("pow", floats.pow,
                  lambda a, b, y: b * slope_of_power(a, b),
                  lambda a, b, y: y * where(a, log(a), minimum(b, 0.0)),
                  printed=(lambda a, b, y: b * pow(a, b - 1.0), lambda a, b, y: y * log(written(a))),
                  over_argument=lambda a, b, y: power_over_argument(a, b),
                  domain="a base > 0, or a base < 0 with a constant whole exponent, "
                         "or base 0 with exponent >= 0",
                  pole=lambda a, b: a == 0.0, awkward=((0.0, 0.5), (0.0, 0.0)), ufunc="power",
                  notation=Notation("power", "**", 4, "^"), vanishes=True, parametric=True, rounding=ULP)
square      = row("square", lambda x: x * x,            lambda x, y: 2.0 * x,
                  over_argument=lambda x, y: 2.0, ufunc="square", vanishes=True, cost=lambda n: (1, 0),
                  notation=Notation("postfix", "**2", 4, "^2"), synonyms=("sqr",), rounding=HALF_ULP)
reciprocal  = row("reciprocal", lambda x: floats.div(1.0, x), lambda x, y: -square(y),
                  printed=(lambda x, y: -div(1.0, square(x)),),
                  domain="x other than 0", pole=lambda x: x == 0.0, ufunc="reciprocal",
                  notation=Notation("fraction", "1/", 2, r"\frac"), cost=lambda n: (1, 0), rounding=HALF_ULP)
sqrt        = row("sqrt", floats.quiet(math.sqrt),      lambda x, y: div(0.5, y),
                  printed=(lambda x, y: div(1.0, 2.0 * y),),
                  domain="x >= 0", awkward=((0.0,),), ufunc="sqrt", notation=Notation("root", latex=r"\sqrt"),
                  rounding=HALF_ULP)
rsqrt       = row("rsqrt", floats.rsqrt,                lambda x, y: -0.5 * div(y, x),
                  printed=(lambda x, y: -div(y, 2.0 * x),), definition="1/sqrt(x)",
                  domain="x > 0", pole=lambda x: x == 0.0, rounding=ULP)
cbrt        = row("cbrt", math.cbrt,                    lambda x, y: square(reciprocal(y)) / 3.0,
                  printed=(lambda x, y: div(1.0, 3.0 * square(y)),),
                  awkward=((0.0,),), ufunc="cbrt", notation=Notation("root", "3", latex=r"\sqrt[3]"))
hypot       = row("hypot", math.hypot, lambda a, b, y: direction(a, b), lambda a, b, y: direction(b, a),
                  printed=(lambda a, b, y: div(a, y), lambda a, b, y: div(b, y)),
                  of_square=(lambda a, b, y: a, lambda a, b, y: b),
                  definition="√(a² + b²)", awkward=((0.0, 0.0),), ufunc="hypot", rounding=ULP)
direction   = row("direction", floats.direction,
                  lambda a, b, y: divide_no_nan(square(direction(b, a)), hypot(a, b)),
                  lambda a, b, y: -divide_no_nan(y * direction(b, a), hypot(a, b)),
                  printed=(lambda a, b, y: div(1.0 - square(y), hypot(a, b)),
                           lambda a, b, y: -div(y * direction(b, a), hypot(a, b))),
                  definition="a/√(a² + b²)", vanishes=True)
inversion   = row("inversion", floats.inversion,
                  lambda a, b, y: difference_of_squares(inversion(b, a), y),
                  lambda a, b, y: -2.0 * (y * inversion(b, a)),
                  printed=(lambda a, b, y: square(inversion(b, a)) - square(y),
                           lambda a, b, y: -2.0 * y * inversion(b, a)),
                  definition="a/(a² + b²)", vanishes=True)
difference_of_squares = row("difference_of_squares", floats.difference_of_squares,
                  lambda a, b, y: 2.0 * a, lambda a, b, y: -2.0 * b,
                  definition="a² − b²", domain="no inf - inf", vanishes=True)

exp         = row("exp", floats.exp,                    lambda x, y: exp(x),
                  ufunc="exp", notation=call(r"\exp"), vanishes=True, synonyms=("exponential",), rounding=ULP)
expm1       = row("expm1", floats.growing(math.expm1),  lambda x, y: exp(x),
                  definition="exp(x) − 1", ufunc="expm1", rounding=ULP)
exp2        = row("exp2", floats.growing(math.exp2),    lambda x, y: square(ROOT_LN2 * exp2(0.5 * x)),
                  printed=(lambda x, y: y * written(LN2, "ln 2"),),
                  definition="2**x", ufunc="exp2", vanishes=True, rounding=ULP)
log         = row("log", floats.log,                    lambda x, y: div(1.0, x),
                  domain="x > 0", cure="For x log x at 0 take xlogy(x, x); for log sigmoid take logsigmoid.",
                  pole=lambda x: x == 0.0, ufunc="log", notation=call(r"\log"), synonyms=("ln",),
                  rounding=ULP)
log1p       = row("log1p", floats.logarithm(math.log1p, -1.0), lambda x, y: div(1.0, 1.0 + x),
                  definition="log(1 + x)", domain="x > -1", pole=lambda x: x == -1.0, ufunc="log1p",
                  rounding=ULP)
log2        = row("log2", floats.logarithm(math.log2),  lambda x, y: div(1.0 / LN2, x),
                  printed=(lambda x, y: div(1.0, x * written(LN2, "ln 2")),),
                  definition="log(x)/log(2)", domain="x > 0", pole=lambda x: x == 0.0, ufunc="log2",
                  notation=call(r"\log_2"), rounding=ULP)
log10       = row("log10", floats.logarithm(math.log10), lambda x, y: div(1.0 / LN10, x),
                  printed=(lambda x, y: div(1.0, x * written(LN10, "ln 10")),),
                  definition="log(x)/log(10)", domain="x > 0", pole=lambda x: x == 0.0, ufunc="log10",
                  notation=call(r"\log_{10}"), rounding=ULP)
logaddexp   = row("logaddexp", floats.logaddexp,
                  lambda a, b, y: softmax([a, b])[0], lambda a, b, y: softmax([a, b])[1],
                  printed=(lambda a, b, y: exp(a - y), lambda a, b, y: exp(b - y)),
                  definition="log(exp(a) + exp(b))", ufunc="logaddexp", accumulates=True)
logaddexp2  = row("logaddexp2", floats.logaddexp2,
                  lambda a, b, y: sigmoid(LN2 * (a - b)), lambda a, b, y: sigmoid(LN2 * (b - a)),
                  printed=(lambda a, b, y: exp2(a - y), lambda a, b, y: exp2(b - y)),
                  definition="log2(2**a + 2**b)", ufunc="logaddexp2", accumulates=True)
xlogy       = row("xlogy", floats.xlogy, lambda x, y, xlogy: log(y), lambda x, y, xlogy: divide_no_nan(x, y),
                  definition="x·log(y)", domain="y > 0, or x = 0", pole=lambda x, y: y == 0.0,
                  awkward=((0.0, 2.0),))

sin         = row("sin", floats.quiet(math.sin),        lambda x, y: cos(x),
                  domain="finite x", ufunc="sin", notation=call(r"\sin"), rounding=ULP)
cos         = row("cos", floats.quiet(math.cos),        lambda x, y: -sin(x),
                  domain="finite x", ufunc="cos", notation=call(r"\cos"), rounding=ULP)
tan         = row("tan", floats.quiet(math.tan),        lambda x, y: square(reciprocal(cos(x))),
                  printed=(lambda x, y: div(1.0, square(cos(x))),),
                  domain="finite x", ufunc="tan", notation=call(r"\tan"), rounding=ULP)
asin        = row("asin", floats.quiet(math.asin), lambda x, y: slope_of_asin(x),
                  printed=(lambda x, y: div(1.0, sqrt(1.0 - square(x))),),
                  domain="-1 <= x <= 1", awkward=((1.0,),), ufunc="arcsin", notation=call(r"\arcsin"),
                  rounding=ULP)
acos        = row("acos", floats.quiet(math.acos),
                  lambda x, y: -slope_of_asin(x),
                  printed=(lambda x, y: -div(1.0, sqrt(1.0 - square(x))),),
                  domain="-1 <= x <= 1", awkward=((1.0,),), ufunc="arccos", notation=call(r"\arccos"),
                  rounding=ULP)
atan        = row("atan", math.atan,                    lambda x, y: square(reciprocal(hypot(1.0, x))),
                  printed=(lambda x, y: div(1.0, 1.0 + square(x)),),
                  ufunc="arctan", notation=call(r"\arctan"), rounding=ULP)
atan2       = row("atan2", math.atan2,
                  lambda y, x, angle: inversion(x, y), lambda y, x, angle: -inversion(y, x), vanishes=True,
                  printed=(lambda y, x, angle: div(x, square(y) + square(x)),
                           lambda y, x, angle: -div(y, square(y) + square(x))),
                  domain="(y, x) other than (0, 0)", outside=lambda y, x: equal(y, 0.0) * equal(x, 0.0),
                  ufunc="arctan2", rounding=ULP)
deg2rad     = row("deg2rad", lambda x: DEGREE * x,      lambda x, y: DEGREE,
                  definition="x·pi/180", ufunc="deg2rad", vanishes=True, rounding=ULP)
rad2deg     = row("rad2deg", lambda x: RADIAN * x,      lambda x, y: RADIAN,
                  definition="x·180/pi", ufunc="rad2deg", rounding=ULP)

sinh        = row("sinh", floats.growing(math.sinh, odd=True), lambda x, y: cosh(x),
                  ufunc="sinh", notation=call(r"\sinh"))
cosh        = row("cosh", floats.growing(math.cosh),    lambda x, y: sinh(x),
                  ufunc="cosh", notation=call(r"\cosh"))
tanh        = row("tanh", math.tanh,                    lambda x, y: square(sech(x)),
                  printed=(lambda x, y: 1.0 - square(y),),
                  ufunc="tanh", notation=call(r"\tanh"), saturates=True, module="Tanh", gain=5.0 / 3.0)
sech        = row("sech", floats.sech,                  lambda x, y: -(y * tanh(x)),
                  definition="1/cosh(x)", notation=call(r"\operatorname{sech}"), vanishes=True)
asinh       = row("asinh", math.asinh,                  lambda x, y: reciprocal(hypot(1.0, x)),
                  printed=(lambda x, y: div(1.0, sqrt(1.0 + square(x))),), ufunc="arcsinh")
acosh       = row("acosh", floats.quiet(math.acosh),
                  lambda x, y: reciprocal(sqrt(x - 1.0)) * reciprocal(sqrt(x + 1.0)),
                  printed=(lambda x, y: div(1.0, sqrt(square(x) - 1.0)),),
                  domain="x >= 1", awkward=((1.0,),), ufunc="arccosh")
atanh       = row("atanh", floats.atanh,                lambda x, y: div(1.0, difference_of_squares(1.0, x)),
                  printed=(lambda x, y: div(1.0, 1.0 - square(x)),),
                  domain="-1 < x < 1", pole=lambda x: abs(x) == 1.0, ufunc="arctanh")

gaussian    = row("gaussian", floats.gaussian,
                  lambda x, scale, y: -2.0 * (scale * (beside(x, y) * y)),
                  lambda x, scale, y: -beside(x, y) * (beside(x, y) * y),
                  printed=(lambda x, scale, y: -2.0 * scale * x * y, lambda x, scale, y: -square(x) * y),
                  over_argument=lambda x, scale, y: -2.0 * (scale * y),
                  definition="exp(−scale·x²)", defaults=(1.0,), vanishes=True)
erf         = row("erf", math.erf,                      lambda x, y: 2.0 / ROOT_PI * gaussian(x, 1.0),
                  printed=(lambda x, y: div(2.0, sqrt(written(math.pi, "π"))) * exp(-square(x)),))
erfc        = row("erfc", math.erfc,                    lambda x, y: -2.0 / ROOT_PI * gaussian(x, 1.0),
                  printed=(lambda x, y: -div(2.0, sqrt(written(math.pi, "π"))) * exp(-square(x)),),
                  definition="1 − erf(x)", vanishes=True)
ndtr        = row("ndtr", floats.ndtr,                  lambda x, y: density(x),
                  printed=(lambda x, y: bell(x),), definition="(1 + erf(x/√2))/2", notation=call(r"\Phi"),
                  vanishes=True, saturates=True)

sigmoid     = row("sigmoid", floats.sigmoid,            lambda x, y: slope_of_sigmoid(x),
                  printed=(lambda x, y: y * (1.0 - y),),
                  definition="1/(1 + exp(−x))", notation=call(r"\sigma"), vanishes=True, saturates=True,
                  module="Sigmoid", synonyms=("logistic",))
logit       = row("logit", floats.logit,                lambda x, y: div(1.0, x) + div(1.0, 1.0 - x),
                  printed=(lambda x, y: div(1.0, x * (1.0 - x)),), definition="log(x/(1 − x))",
                  domain="0 < x < 1", pole=lambda x: x in (0.0, 1.0))
logsigmoid  = row("logsigmoid", lambda x: -floats.softplus(-x), lambda x, y: sigmoid(-x),
                  definition="log(sigmoid(x))", vanishes=True, module="LogSigmoid")
softplus    = row("softplus", floats.softplus,          lambda x, y: sigmoid(x),
                  definition="log(1 + exp(x))", vanishes=True, rectifies=True, module="Softplus")
relu        = row("relu", piecewise.relu,               lambda x, y: heaviside(x, 0.0),
                  definition="x if x > 0 else 0", awkward=((0.0,),), notation=call(r"\operatorname{ReLU}"),
                  rectifies=True, module="ReLU", gain=math.sqrt(2.0), rounding=EXACT)
leaky_relu  = row("leaky_relu", piecewise.leaky_relu,
                  lambda x, negative_slope, y: where(heaviside(x, 0.0), 1.0, negative_slope),
                  lambda x, negative_slope, y: minimum(x, 0.0),
                  definition="x if x > 0 else negative_slope·x", awkward=((0.0, 0.01),), defaults=(0.01,),
                  rectifies=True, vanishes=True, module="LeakyReLU", gain=math.sqrt(2.0 / (1.0 + 0.01**2)),
                  rounding=HALF_ULP)
relu6       = row("relu6", lambda x: piecewise.clip(x, 0.0, 6.0),
                  lambda x, y: heaviside(x, 0.0) * heaviside(6.0 - x, 0.0),
                  definition="clip(x, 0, 6)", awkward=((0.0,), (6.0,)), rectifies=True, module="ReLU6",
                  gain=math.sqrt(2.0), rounding=EXACT)
threshold   = row("threshold", lambda x, threshold, value: value if x <= threshold else x,
                  lambda x, threshold, value, y: heaviside(x - threshold, 0.0),
                  lambda x, threshold, value, y: 0.0,
                  lambda x, threshold, value, y: 1.0 - heaviside(x - threshold, 0.0),
                  definition="x if x > threshold else value", awkward=((1.0, 1.0, 0.0),), parametric=True,
                  module="Threshold", rounding=EXACT)
elu         = row("elu", piecewise.elu,
                  lambda x, alpha, y: where(heaviside(x, 0.0), 1.0, alpha * exp(-relu(-x))),
                  lambda x, alpha, y: expm1(-relu(-x)),
                  printed=(lambda x, alpha, y: where(heaviside(x, 0.0), 1.0, alpha * exp(x)),
                           lambda x, alpha, y: where(heaviside(x, 0.0), 0.0, expm1(x))),
                  definition="x if x > 0 else alpha·(exp(x) − 1)", awkward=((0.0, 1.0),), defaults=(1.0,),
                  rectifies=True, vanishes=True, module="ELU")
celu        = row("celu", piecewise.celu,
                  lambda x, alpha, y: where(heaviside(x, 0.0), 1.0, exp(below_zero(x, alpha))),
                  lambda x, alpha, y: expm1(below_zero(x, alpha))
                                      - bounded(below_zero(x, alpha)) * exp(below_zero(x, alpha)),
                  printed=(lambda x, alpha, y: where(heaviside(x, 0.0), 1.0, exp(div(x, alpha))),
                           lambda x, alpha, y: where(heaviside(x, 0.0), 0.0,
                                               expm1(div(x, alpha)) - div(x, alpha) * exp(div(x, alpha)))),
                  definition="x if x > 0 else alpha·(exp(x/alpha) − 1)", domain="alpha > 0",
                  awkward=((0.0, 1.0),), defaults=(1.0,), rectifies=True, vanishes=True, module="CELU")
selu        = row("selu", piecewise.selu,
                  lambda x, y: where(heaviside(x, 0.0), SELU_SCALE, SELU_FLOOR * exp(-relu(-x))),
                  printed=(lambda x, y: where(heaviside(x, 0.0), SELU_SCALE, SELU_FLOOR * exp(x)),),
                  definition="1.0507009873554805·x if x > 0 else 1.7580993408473766·(exp(x) − 1)",
                  awkward=((0.0,),), rectifies=True, module="SELU", gain=0.75)
gelu        = row("gelu", floats.gelu, lambda x, y: ndtr(x) + bounded(x) * density(x),
                  printed=(lambda x, y: ndtr(x) + x * bell(x),),
                  definition="x·ndtr(x)", vanishes=True, rectifies=True, module="GELU")
gelu_gate   = row("gelu_gate", floats.gelu_gate,        lambda x, y: gelu_bell(x) * slope_of_gate(x),
                  printed=(lambda x, y: y * (1.0 - y) * slope_of_cubic(x),),
                  definition="sigmoid(2·√(2/π)·(x + 0.044715·x**3))", vanishes=True, saturates=True)
gelu_bell   = row("gelu_bell", floats.gelu_bell,
                  lambda x, y: -(y * tanh(exponent_of_gate(x) / 2.0)) * slope_of_gate(x),
                  printed=(lambda x, y: y * (1.0 - 2.0 * gelu_gate(x)) * slope_of_cubic(x),),
                  definition="gelu_gate(x)·gelu_gate(−x)", vanishes=True)
gelu_tanh   = row("gelu_tanh", floats.gelu_tanh,
                  lambda x, y: gelu_gate(x) + bounded(x) * (gelu_bell(x) * slope_of_gate(x)),
                  printed=(lambda x, y: gelu_gate(x) + y * (1.0 - gelu_gate(x)) * slope_of_cubic(x),),
                  definition="x·gelu_gate(x)", vanishes=True)
silu        = row("silu", floats.silu, lambda x, y: sigmoid(x) + bounded(x) * slope_of_sigmoid(x),
                  printed=(lambda x, y: sigmoid(x) * (1.0 + x * (1.0 - sigmoid(x))),),
                  definition="x·sigmoid(x)", vanishes=True, rectifies=True, module="SiLU",
                  synonyms=("swish",))
mish        = row("mish", lambda x: floats.silu(x) if x < -40.0 else x * math.tanh(floats.softplus(x)),
                  lambda x, y: tanh(softplus(x)) + bounded(x) * (square(sech(softplus(x))) * sigmoid(x)),
                  printed=(lambda x, y: tanh(softplus(x))
                                        + x * sigmoid(x) * (1.0 - square(tanh(softplus(x)))),),
                  definition="x·tanh(softplus(x))", vanishes=True, module="Mish")
softsign    = row("softsign", floats.softsign,          lambda x, y: square(reciprocal(1.0 + abs(x))),
                  printed=(lambda x, y: div(1.0, square(1.0 + abs(x))),),
                  definition="x/(1 + |x|)", module="Softsign")
hardtanh    = row("hardtanh", piecewise.hardtanh,
                  lambda x, min_val, max_val, y: heaviside(x - min_val, 0.0) * heaviside(max_val - x, 0.0),
                  lambda x, min_val, max_val, y: heaviside(min_val - x, 0.0),
                  lambda x, min_val, max_val, y: heaviside(x - max_val, 0.0),
                  definition="clip(x, min_val, max_val)", domain="min_val <= max_val",
                  awkward=((-1.0, -1.0, 1.0), (1.0, -1.0, 1.0)), defaults=(-1.0, 1.0), saturates=True,
                  module="Hardtanh", rounding=EXACT)
hardsigmoid = row("hardsigmoid", piecewise.hardsigmoid, lambda x, y: heaviside(3.0 - abs(x), 0.0) / 6.0,
                  definition="clip(x + 3, 0, 6)/6", awkward=((-3.0,), (3.0,)), saturates=True,
                  module="Hardsigmoid", rounding=ULP)
hardswish   = row("hardswish", piecewise.hardswish,
                  lambda x, y: where(heaviside(x + 3.0, 0.0),
                                     where(heaviside(3.0 - x, 0.0), (2.0 * x + 3.0) / 6.0, 1.0), 0.0),
                  definition="x·hardsigmoid(x)", awkward=((-3.0,), (3.0,)), rectifies=True, vanishes=True,
                  module="Hardswish")
hardshrink  = row("hardshrink", lambda x, lambd: 0.0 if math.fabs(x) <= lambd else x,
                  lambda x, lambd, y: heaviside(abs(x) - lambd, 0.0), lambda x, lambd, y: 0.0,
                  definition="x if |x| > lambd else 0", awkward=((0.5, 0.5),), defaults=(0.5,),
                  module="Hardshrink", rounding=EXACT)
softshrink  = row("softshrink", piecewise.softshrink,
                  lambda x, lambd, y: heaviside(abs(x) - lambd, 0.0),
                  lambda x, lambd, y: -sign(x) * heaviside(abs(x) - lambd, 0.0),
                  definition="x − clip(x, −lambd, lambd)", domain="lambd >= 0", awkward=((0.5, 0.5),),
                  defaults=(0.5,), module="Softshrink", rounding=HALF_ULP)

huber       = row("huber", piecewise.huber,
                  lambda x, delta, y: clip(x, -delta, delta), lambda x, delta, y: relu(abs(x) - delta),
                  definition="delta·(|x| − delta/2) if |x| > delta else x²/2", domain="delta >= 0",
                  defaults=(1.0,), vanishes=True)

abs         = row("abs", math.fabs,                     lambda x, y: sign(x),
                  of_square=(lambda x, y: x,), awkward=((0.0,),), ufunc="absolute",
                  notation=Notation("fence", "|", 5, r"\left|"), rounding=EXACT)
sign        = row("sign", piecewise.sign,               lambda x, y: 0.0,
                  definition="[x > 0] − [0 > x]", awkward=((0.0,),), ufunc="sign",
                  notation=call(r"\operatorname{sign}"), rounding=EXACT)
copysign    = row("copysign", math.copysign,
                  lambda a, b, y: sign(a) * copysign(1.0, b), lambda a, b, y: 0.0,
                  definition="|a| if b > 0 else −|a|", awkward=((0.0, 1.0), (1.0, 0.0)),
                  ufunc="copysign", rounding=EXACT)
floor       = row("floor", piecewise.floor,             lambda x, y: 0.0, awkward=((1.0,),), ufunc="floor",
                  rounding=EXACT)
round       = row("round", piecewise.nearest,           lambda x, y: 0.0, awkward=((0.5,),), ufunc="rint",
                  rounding=EXACT)
ceil        = row("ceil", piecewise.ceil,               lambda x, y: 0.0, awkward=((1.0,),), ufunc="ceil",
                  rounding=EXACT)
trunc       = row("trunc", piecewise.trunc,             lambda x, y: 0.0, awkward=((1.0,),), ufunc="trunc",
                  definition="sign(x)·floor(abs(x))", rounding=EXACT)
fmod        = row("fmod", piecewise.fmod,               lambda a, b, y: 1.0,
                  lambda a, b, y: -round(div(a - y, b)),
                  printed=(lambda a, b, y: 1.0, lambda a, b, y: -trunc(div(a, b))),
                  definition="a − b·trunc(a/b)", domain="finite a, b other than 0",
                  awkward=((6.0, 3.0),), ufunc="fmod", rounding=EXACT)
remainder   = row("remainder", piecewise.remainder,     lambda a, b, y: 1.0,
                  lambda a, b, y: -round(div(a - y, b)),
                  printed=(lambda a, b, y: 1.0, lambda a, b, y: -floor(div(a, b))),
                  definition="a − b·floor(a/b)", domain="finite a, b other than 0",
                  awkward=((6.0, 3.0),), ufunc="remainder", synonyms=("mod",), rounding=HALF_ULP)
maximum     = row("maximum", piecewise.maximum,
                  lambda a, b, y: share(a, b, y),
                  lambda a, b, y: share(b, a, y),
                  printed=LARGER, definition="a if a > b else b", awkward=((1.0, 1.0),),
                  ufunc="maximum", notation=call(r"\max"), ties=True, rounding=EXACT)
minimum     = row("minimum", piecewise.minimum,
                  lambda a, b, y: share(a, b, y),
                  lambda a, b, y: share(b, a, y),
                  printed=LARGER, definition="b if a > b else a", awkward=((1.0, 1.0),),
                  ufunc="minimum", notation=call(r"\min"), ties=True, rounding=EXACT)
fmax        = row("fmax", piecewise.fmax,
                  lambda a, b, y: share(a, b, y), lambda a, b, y: share(b, a, y), printed=LARGER,
                  definition="a if a > b else b", awkward=((1.0, 1.0),), ufunc="fmax", ties=True,
                  rounding=EXACT)
fmin        = row("fmin", piecewise.fmin,
                  lambda a, b, y: share(a, b, y), lambda a, b, y: share(b, a, y), printed=LARGER,
                  definition="b if a > b else a", awkward=((1.0, 1.0),), ufunc="fmin", ties=True,
                  rounding=EXACT)
clip        = row("clip", piecewise.clip,
                  lambda x, min, max, y: equal(x, maximum(x, min)) * equal(maximum(x, min), y),
                  lambda x, min, max, y: (1.0 - equal(x, maximum(x, min))) * equal(maximum(x, min), y),
                  lambda x, min, max, y: (1.0 - equal(maximum(x, min), y)) * equal(max, y),
                  printed=(lambda x, min, max, y: equal(x, y),
                           lambda x, min, max, y: heaviside(min - x, 0.0),
                           lambda x, min, max, y: heaviside(x - max, 0.0)),
                  definition="minimum(maximum(x, min), max)", awkward=((1.0, -1.0, 1.0), (0.0, 1.0, -1.0)),
                  parametric=True, rounding=EXACT)
lerp        = row("lerp", lambda a, b, weight: (1.0 - weight) * a + weight * b,
                  lambda a, b, weight, y: 1.0 - weight, lambda a, b, weight, y: weight,
                  lambda a, b, weight, y: b - a,
                  definition="(1 − weight)·a + weight·b", domain="no inf - inf and no 0 * inf",
                  cost=lambda n: (2, 2), accumulates=True)
where       = row("where", piecewise.where,
                  lambda condition, a, b, y: 0.0,
                  lambda condition, a, b, y: where(condition, 1.0, 0.0),
                  lambda condition, a, b, y: where(condition, 0.0, 1.0),
                  notation=Notation("cases"), selects=True, rounding=EXACT)
stop_gradient = row("stop_gradient", lambda x: x,       lambda x, y: 0.0,
                  definition="x", selects=True, rounding=EXACT)
equal       = row("equal", piecewise.equal,             lambda a, b, y: 0.0, lambda a, b, y: 0.0,
                  notation=Notation("infix", "==", 0, "="), rounding=EXACT)
heaviside   = row("heaviside", piecewise.heaviside,     lambda x, h0, y: 0.0, lambda x, h0, y: equal(x, 0.0),
                  definition="h0 if x = 0 else [x > 0]", awkward=((0.0, 0.5),), defaults=(0.0,),
                  ufunc="heaviside", notation=Notation("step", latex=r"\operatorname{step}"), rounding=EXACT)
divide_no_nan = row("divide_no_nan", floats.divide_no_nan,
                  lambda a, b, y: divide_no_nan(1.0, b), lambda a, b, y: -divide_no_nan(y, b),
                  printed=(lambda a, b, y: div(1.0, b), lambda a, b, y: -div(a, square(b))),
                  definition="a/b if b ≠ 0 else 0", awkward=((1.0, 0.0),),
                  notation=Notation("fraction", "/", 2, r"\frac"), vanishes=True, cost=lambda n: (1, 0),
                  rounding=HALF_ULP)

sum         = variadic("sum", floats.total,             lambda xs, y: [1.0] * len(xs),
                  definition="x₁ + x₂ + x₃", domain="no inf - inf", notation=call(r"\sum"),
                  cost=lambda n: (0, n - 1), rounding=HALF_ULP, accumulates=True)
mean        = variadic("mean", floats.mean,             lambda xs, y: [1.0 / len(xs)] * len(xs),
                  printed=(lambda xs, y: [div(1.0, written(float(len(xs))))] * len(xs),),
                  definition="(x₁ + x₂ + x₃)/3", domain="no inf - inf", cost=lambda n: (1, n - 1),
                  rounding=HALF_ULP, accumulates=True)
prod        = variadic("prod", floats.product,          lambda xs, y: products_of_the_others(xs),
                  definition="x₁·x₂·x₃", domain="no 0 * inf", notation=call(r"\prod"), vanishes=True,
                  cost=lambda n: (n - 1, 0))
dot         = variadic("dot", floats.dot, lambda xs, y: [*xs[len(xs) // 2:], *xs[: len(xs) // 2]],
                  definition="a₁·b₁ + a₂·b₂", domain="no 0 * inf and no inf - inf", sequences=2,
                  notation=Notation("products"), vanishes=True, cost=lambda n: (n // 2, n // 2 - 1),
                  rounding=HALF_ULP, accumulates=True)
norm        = variadic("norm", floats.norm,             lambda xs, y: slopes_of_norm(xs, y),
                  printed=(lambda xs, y: [div(x, y) for x in xs],), of_square=(lambda xs, y: xs,),
                  definition="√(x1² + x2² + x3²)", awkward=((0.0, 0.0),), cost=lambda n: (n, n - 1))
unit        = variadic("unit", floats.unit_first,       lambda xs, y: slopes_of_unit(unit(xs), norm(xs)),
                  printed=(lambda xs, y: [div(1.0 - square(y), norm(xs)),
                                          *[-div(y * u, norm(xs)) for u in unit(xs)[1:]]],),
                  definition="x₁/√(x₁² + x₂² + x₃²)", vector=floats.unit, vanishes=True)
max         = variadic("max", floats.largest,           lambda xs, y: shares(xs, y),
                  printed=HITS, awkward=((1.0, 1.0), (1.0, 1.0, 0.0)), notation=call(r"\max"), ties=True,
                  rounding=EXACT)
min         = variadic("min", floats.smallest,          lambda xs, y: shares(xs, y),
                  printed=HITS, awkward=((1.0, 1.0), (1.0, 1.0, 2.0)), notation=call(r"\min"), ties=True,
                  rounding=EXACT)
logsumexp   = variadic("logsumexp", floats.logsumexp,   lambda xs, y: softmax(xs),
                  printed=(lambda xs, y: [exp(x - y) for x in xs],),
                  definition="log(exp(x₁) + exp(x₂) + exp(x₃))", notation=call(r"\operatorname{logsumexp}"),
                  accumulates=True)
softmax     = variadic("softmax", floats.softmax_first, lambda xs, y: slopes_of_softmax(softmax(xs)),
                  printed=(lambda xs, y: [y * (1.0 - y), *[-y * q for q in softmax(xs)[1:]]],),
                  definition="exp(x₁)/(exp(x₁) + exp(x₂) + exp(x₃))",
                  notation=call(r"\operatorname{softmax}"), vector=floats.softmax, exponentials=True,
                  vanishes=True, module="Softmax")
log_softmax = variadic("log_softmax", floats.log_softmax_first,
                  lambda xs, y: slopes_of_log_softmax(softmax(xs)),
                  printed=(lambda xs, y: [1.0 - exp(y), *[-q for q in softmax(xs)[1:]]],),
                  definition="x₁ − log(exp(x₁) + exp(x₂) + exp(x₃))", vector=floats.log_softmax,
                  exponentials=True, module="LogSoftmax")
# fmt: on


def slope_of_power(a: Any, b: Any) -> Any:
    """The slope of a**b by a, divided by b: a**(b - 1), or if b is 0 a number that can be multiplied by 0."""
    if isinstance(b, float) and b:  # Most exponents are constant and need no guard.
        # If b - 1 rounds to b, an odd power would become an even one.
        return sign(a) * pow(abs(a), b - 1.0) if 2.0**53 < b < math.inf else pow(a, b - 1.0)
    return where(b, pow(a, b - 1.0), where(equal(a, a), divide_no_nan(1.0, a), 0.0))


def power_over_argument(a: Any, b: Any) -> Any:
    """The slope of a**b by a, divided by a, if that is a power as well."""
    return b * pow(a, b - 2.0) if type(b) is float and b >= 2.0 else None


def bell(x: Any) -> Any:
    """The density of the standard normal distribution, as shown in formulas."""
    return div(exp(-(square(x) / written(2.0))), sqrt(2.0 * written(math.pi, "π")))


def beside(x: Any, y: Any) -> Any:
    """x as a factor of y: if y is 0, so are the product and its derivatives, however large x is."""
    return where(y, x, 0.0)


def bounded(x: Any) -> Any:
    """x, but bounded where the other factor is 0, in derivatives of any order."""
    return clip(x, -1000.0, 1000.0)


def below_zero(x: Any, alpha: Any) -> Any:
    """min(x, 0)/alpha, with a slope of 0 at 0."""
    return div(-relu(-x), alpha)


def density(x: Any) -> Any:
    """The density of the standard normal distribution."""
    return gaussian(x, 0.5) / ROOT_2PI


def slope_of_sigmoid(x: Any) -> Any:
    """sigmoid(x) sigmoid(-x)."""
    return square(0.5 * sech(0.5 * x))


def slope_of_asin(x: Any) -> Any:
    """1/√(1 - x²)."""
    return div(1.0, sqrt(difference_of_squares(1.0, x)))


def share(a: Any, b: Any, y: Any) -> Any:
    """The slope by a of a maximum y of a and b: 1, 0 or, at a tie, 1/2."""
    return divide_no_nan(equal(a, y), equal(a, y) + equal(b, y))


def slope_of_cubic(x: Any) -> Any:
    """A + 3B x², the derivative of A x + B x³."""
    return GATE_A + 3.0 * GATE_B * square(x)


def exponent_of_gate(x: Any) -> Any:
    """A x + B x³; gelu_gate is its sigmoid."""
    return bounded(x) * (GATE_A + GATE_B * square(bounded(x)))


def slope_of_gate(x: Any) -> Any:
    """The derivative of A x + B x³, for an x where the gate is not yet constant."""
    return slope_of_cubic(bounded(x))


def slopes_of_norm(xs: Sequence[Any], y: Any) -> Sequence[Any]:
    """Each x over the norm: `unit`, whose derivatives keep their digits, or x/y for many numbers.

    For n numbers, `unit` has n results with n derivatives each.
    """
    return unit(xs) if len(xs) <= FEW else [divide_no_nan(x, y) for x in xs]


def slopes_of_unit(u: Sequence[Any], r: Any) -> list[Any]:
    """The derivatives of u1 = x1/r by x1, (u2² + u3² + ...)/r, and by the others, -u1 uj/r."""
    others = sum([square(v) for v in u[1:]]) if u[1:] else 0.0
    return [divide_no_nan(others, r), *[-divide_no_nan(u[0] * v, r) for v in u[1:]]]


def products_of_the_others(xs: Sequence[Any]) -> list[Any]:
    """The product of all the others for each x, also at x = 0, where y/x would fail."""
    before, after = [1.0], [1.0]
    for x in xs[:-1]:
        before.append(before[-1] * x)
    for x in reversed(xs[1:]):
        after.append(after[-1] * x)
    return [a * b for a, b in zip(before, reversed(after), strict=True)]


def shares(xs: Sequence[Any], y: Any) -> list[Any]:
    """The slope 1 of a maximum, shared evenly by the arguments that attain it."""
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
