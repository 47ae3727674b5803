"""Rows of special functions, a second file of the table of operations.

They are read like the rows of `table`. Their values come from `base/special`, whose docstrings name the
sources. Where no formula in other rows keeps the digits of a derivative, it belongs to a family of functions
whose first argument is the order: a whole number, which is a part of the formula. Its slope is 0, like that
of `floor`, because there is no value between two orders.

They have no form in C or JavaScript: the native engine leaves them to Python, and so does a program that
calls one.
"""

from __future__ import annotations

import math

from ..base import special
from .operation import TABLE
from .table import (
    ROOT_PI,
    abs,
    beside,
    bounded,
    call,
    cos,
    div,
    exp,
    gaussian,
    ndtr,
    reciprocal,
    row,
    sign,
    sqrt,
    square,
    written,
)  # fmt: skip

BEFORE = frozenset(TABLE)
FROM_0 = "whole n from 0 to 170"
BESIDE_POLES = "x other than 0 and negative whole numbers"

# fmt: off
gamma       = row("gamma", special.gamma,               lambda x, y: y * digamma(x),
                  notation=call(r"\Gamma"), domain=BESIDE_POLES, pole=lambda x: x == 0.0, vanishes=True)
lgamma      = row("lgamma", special.lgamma,             lambda x, y: digamma(x),
                  definition="log(abs(gamma(x)))", domain=BESIDE_POLES, pole=lambda x: x <= 0.0,
                  synonyms=("gammaln", "loggamma"), accumulates=True)
digamma     = row("digamma", special.digamma,           lambda x, y: polygamma(1.0, x),
                  about="The derivative of lgamma.", notation=call(r"\psi"), domain=BESIDE_POLES,
                  pole=lambda x: x == 0.0, synonyms=("psi",), accumulates=True)
polygamma   = row("polygamma", special.polygamma,
                  lambda n, x, y: 0.0,                  lambda n, x, y: polygamma(n + 1.0, x),
                  about="The n-th derivative of digamma.", domain=f"{FROM_0}, and {BESIDE_POLES}",
                  pole=lambda n, x: x <= 0.0, parametric=True, vanishes=True, accumulates=True)
beta        = row("beta", special.beta,
                  lambda a, b, y: y * (digamma(a) - digamma(a + b)),
                  lambda a, b, y: y * (digamma(b) - digamma(a + b)),
                  definition="gamma(a)·gamma(b)/gamma(a + b)", domain="a > 0 and b > 0",
                  pole=lambda a, b: a == 0.0 or b == 0.0, vanishes=True)
betaln      = row("betaln", special.betaln,
                  lambda a, b, y: digamma(a) - digamma(a + b), lambda a, b, y: digamma(b) - digamma(a + b),
                  definition="log(gamma(a)) + log(gamma(b)) − log(gamma(a + b))", domain="a > 0 and b > 0",
                  pole=lambda a, b: a == 0.0 or b == 0.0, accumulates=True)

erfinv      = row("erfinv", special.erfinv,
                  lambda x, y: 0.5 * ROOT_PI * reciprocal(gaussian(y, 1.0)),
                  printed=(lambda x, y: div(sqrt(written(math.pi, "π")), 2.0) * exp(square(y)),),
                  about="The inverse of erf.", domain="-1 < x < 1", pole=lambda x: abs(x) == 1.0)
ndtri       = row("ndtri", special.ndtri,
                  lambda x, y: reciprocal(
                      x * (1.0 - x)
                      * beside(log_ndtr_derivative(1.0, y) + log_ndtr_derivative(1.0, -y), x * (1.0 - x))),
                  printed=(lambda x, y: sqrt(2.0 * written(math.pi, "π")) * exp(div(square(y), 2.0)),),
                  about="The inverse of ndtr.", domain="0 < x < 1",
                  pole=lambda x: x in (0.0, 1.0), synonyms=("probit",))
log_ndtr    = row("log_ndtr", special.log_ndtr,         lambda x, y: log_ndtr_derivative(1.0, x),
                  printed=(lambda x, y: div(exp(-(square(x) / written(2.0))),
                                            sqrt(2.0 * written(math.pi, "π")) * ndtr(x)),),
                  definition="log(ndtr(x))", vanishes=True)
log_ndtr_derivative = row("log_ndtr_derivative", special.log_ndtr_derivative,
                  lambda n, x, y: 0.0,                  lambda n, x, y: log_ndtr_derivative(n + 1.0, x),
                  about="The n-th derivative of log_ndtr.", domain="whole n from 1 to 40", parametric=True,
                  vanishes=True, accumulates=True)
sinc        = row("sinc", special.sinc,                 lambda x, y: sinc_derivative(1.0, x),
                  printed=(lambda x, y: div(cos(written(math.pi, "π") * x) - y, x),),
                  definition="sin(pi·x)/(pi·x) if x ≠ 0 else 1", vanishes=True)
sinc_derivative = row("sinc_derivative", special.sinc_derivative,
                  lambda n, x, y: 0.0,                  lambda n, x, y: sinc_derivative(n + 1.0, x),
                  about="The n-th derivative of sinc.", domain=FROM_0, parametric=True, vanishes=True,
                  accumulates=True)
expi        = row("expi", special.expi,                 lambda x, y: div(exp(x), bounded(x)),
                  printed=(lambda x, y: div(exp(x), x),),
                  about="The integral of exp(t)/t from −∞ to x.", notation=call(r"\operatorname{Ei}"),
                  domain="x other than 0", pole=lambda x: x == 0.0, vanishes=True, accumulates=True)

zeta        = row("zeta", special.zeta,                 lambda x, y: zeta_derivative(1.0, x),
                  about="Riemann's zeta function, the sum of k⁻ˣ for k = 1, 2, … where x > 1.",
                  notation=call(r"\zeta"), domain="x other than 1 and −∞", pole=lambda x: x == 1.0)
zeta_derivative = row("zeta_derivative", special.zeta_derivative,
                  lambda n, x, y: 0.0,                  lambda n, x, y: zeta_derivative(n + 1.0, x),
                  about="The n-th derivative of zeta.",
                  domain="whole n from 0 to 40, and x other than 1 and −∞", pole=lambda n, x: x == 1.0,
                  parametric=True, vanishes=True, accumulates=True)

j0          = row("j0", special.j0,                     lambda x, y: -j1(x),
                  about="The Bessel function J₀(x).", notation=call("J_0"), vanishes=True, accumulates=True)
j1          = row("j1", special.j1,                     lambda x, y: j0(x) - j_ratio(1.0, x),
                  printed=(lambda x, y: j0(x) - div(y, x),),
                  about="The Bessel function J₁(x).", notation=call("J_1"), vanishes=True, accumulates=True)
j_ratio     = row("j_ratio", special.j_ratio,
                  lambda n, x, y: 0.0,                  lambda n, x, y: -(x * j_ratio(n + 1.0, x)),
                  about="The Bessel function Jₙ(x) over xⁿ.", domain=FROM_0, parametric=True, vanishes=True,
                  accumulates=True)
y0          = row("y0", special.y0,                     lambda x, y: -y1(x), notation=call("Y_0"),
                  about="The Bessel function Y₀(x).", domain="x > 0", pole=lambda x: x == 0.0, vanishes=True,
                  accumulates=True)
y1          = row("y1", special.y1,                     lambda x, y: beside(y0(x), x) - div(y, x),
                  printed=(lambda x, y: y0(x) - div(y, x),), notation=call("Y_1"),
                  about="The Bessel function Y₁(x).", domain="x > 0", pole=lambda x: x == 0.0, vanishes=True,
                  accumulates=True)
i0          = row("i0", special.i0,                     lambda x, y: i1(x),
                  about="The modified Bessel function I₀(x).", notation=call("I_0"))
i1          = row("i1", special.i1,
                  lambda x, y: i_ratio(1.0, x) + square(x) * i_ratio(2.0, x),
                  printed=(lambda x, y: i0(x) - div(y, x),),
                  about="The modified Bessel function I₁(x).", notation=call("I_1"), vanishes=True)
i_ratio     = row("i_ratio", special.i_ratio,
                  lambda n, x, y: 0.0,                  lambda n, x, y: x * i_ratio(n + 1.0, x),
                  about="The modified Bessel function Iₙ(x) over xⁿ.", domain=FROM_0, parametric=True,
                  vanishes=True)
i0e         = row("i0e", special.i0e,
                  lambda x, y: beside(i0e_derivative(1.0, abs(x)), x) * sign(x),
                  printed=(lambda x, y: i1e(x) - sign(x) * y,),
                  definition="exp(−abs(x))·i0(x)", awkward=((0.0,),), vanishes=True)
i1e         = row("i1e", special.i1e,
                  lambda x, y: i0e_derivative(1.0, abs(x)) + i0e_derivative(2.0, abs(x)),
                  printed=(lambda x, y: i0e(x) - div(y, x) - sign(x) * y,),
                  definition="exp(−abs(x))·i1(x)", vanishes=True)
i0e_derivative = row("i0e_derivative", special.i0e_derivative,
                  lambda n, x, y: 0.0,                  lambda n, x, y: i0e_derivative(n + 1.0, x),
                  about="The n-th derivative of i0e, for x >= 0.", domain=f"{FROM_0} and x >= 0",
                  parametric=True, vanishes=True)
# fmt: on

__all__ = [name for name in TABLE if name not in BEFORE]
