"""The normal distribution: its quantile, the logarithm of its distribution function, and erfinv."""

from __future__ import annotations

import math
from decimal import Decimal, localcontext
from functools import cache
from math import inf, nan
from typing import Any

from ..float_functions import gaussian, ndtr
from .gammas import is_order
from .sinc_and_expi import ROOT_2PI

# Wichura's algorithm AS 241, PPND16 (Applied Statistics 37, 1988): numerators and denominators.
CENTER = (
    (2.5090809287301226727e3, 3.3430575583588128105e4, 6.7265770927008700853e4, 4.5921953931549871457e4,
     1.3731693765509461125e4, 1.9715909503065514427e3, 1.3314166789178437745e2, 3.3871328727963666080e0),
    (5.2264952788528545610e3, 2.8729085735721942674e4, 3.9307895800092710610e4, 2.1213794301586595867e4,
     5.3941960214247511077e3, 6.8718700749205790830e2, 4.2313330701600911252e1, 1.0),
)  # fmt: skip


NEAR = (
    (7.74545014278341407640e-4, 2.27238449892691845833e-2, 2.41780725177450611770e-1,
     1.27045825245236838258e0, 3.64784832476320460504e0, 5.76949722146069140550e0,
     4.63033784615654529590e0, 1.42343711074968357734e0),
    (1.05075007164441684324e-9, 5.47593808499534494600e-4, 1.51986665636164571966e-2,
     1.48103976427480074590e-1, 6.89767334985100004550e-1, 1.67638483018380384940e0,
     2.05319162663775882187e0, 1.0),
)  # fmt: skip


FAR = (
    (2.01033439929228813265e-7, 2.71155556874348757815e-5, 1.24266094738807843860e-3,
     2.65321895265761230930e-2, 2.96560571828504891230e-1, 1.78482653991729133580e0,
     5.46378491116411436990e0, 6.65790464350110377720e0),
    (2.04426310338993978564e-15, 1.42151175831644588870e-7, 1.84631831751005468180e-5,
     7.86869131145613259100e-4, 1.48753612908506148525e-2, 1.36929880922735805310e-1,
     5.99832206555887937690e-1, 1.0),
)  # fmt: skip


def _quotient(polynomials: tuple[tuple[float, ...], tuple[float, ...]], r: float) -> float:
    above = below = 0.0
    for a, b in zip(*polynomials, strict=True):
        above, below = above * r + a, below * r + b
    return above / below


def _quantile(q: float, tail: float) -> float:
    """Compute the quantile of the standard normal distribution at 1/2 + q; `tail` is 1/2 - |q|."""
    if abs(q) <= 0.425:
        return q * _quotient(CENTER, 0.180625 - q * q)
    r = math.sqrt(-math.log(tail))
    return math.copysign(_quotient(NEAR, r - 1.6) if r <= 5.0 else _quotient(FAR, r - 5.0), q)


def ndtri(p: float) -> float:
    """Compute the inverse of `ndtr` by AS 241."""
    if not 0.0 < p < 1.0:
        return -inf if p == 0.0 else inf if p == 1.0 else nan
    return _quantile(p - 0.5, min(p, 1.0 - p))


def erfinv(x: float) -> float:
    """Compute the inverse of `erf`: the quantile at (1 + x)/2, over √2."""
    if not -1.0 < x < 1.0:
        return math.copysign(inf, x) if abs(x) == 1.0 else nan
    return _quantile(0.5 * x, 0.5 * (1.0 - abs(x))) * math.sqrt(0.5)


def log_ndtr(x: float) -> float:
    """Compute log ndtr(x); in the far tail as log φ(x) minus the logarithm of φ/ndtr."""
    if x > -1.0:
        return math.log1p(-ndtr(-x))
    if x > -20.0 or x != x:
        return math.log(ndtr(x)) if x == x else x
    return -0.5 * x * x - math.log(ROOT_2PI) - math.log(_ratio_in_tail(-x, 1)[0]) if x > -inf else -inf


def log_ndtr_derivative(n: float, x: float) -> float:
    """Compute the n-th derivative of log ndtr(x), n = 1, 2, ..., the first of which is r = φ(x)/ndtr(x).

    Below -2.25 by Taylor's series of the continued fraction A&S 26.2.14, far above by that of
    r' = -r (x + r), and between them, where that loses digits, by series around two points. In the tail it
    has 12 digits up to order 12, and 9 at order 20; the last order is 40.
    """
    if not is_order(n, 1) or n > 40.0 or x != x:
        return nan
    count = int(n)
    if math.isinf(x):
        return (inf, -1.0, 0.0)[min(count, 3) - 1] if x < 0.0 else 0.0
    if x < -2.25:
        return (1.0 if count % 2 else -1.0) * math.gamma(n) * _ratio_in_tail(-x, count)[-1]
    if count > 1 and x < 0.75:
        center = 0.0 if x > -0.75 else -1.5
        total, coefficients = 0.0, _ratio_around(center, count + 40)
        for k in range(count + 39, count - 2, -1):
            total = total * (x - center) + coefficients[k] * math.perm(k, count - 1)
        return total
    return math.gamma(n) * float(_ratio_series(x, gaussian(x, 0.5) / ROOT_2PI / ndtr(x), count)[-1])


RATIOS = {
    0.0: "0.797884560802865355879892119868763736951717262",
    -1.5: "1.9386771666225431894518429144139156918317938",
}
"""φ/ndtr at the centers of its series."""


@cache
def _ratio_around(center: float, count: int) -> list[float]:
    with localcontext(prec=80):
        return [float(c) for c in _ratio_series(Decimal(center), Decimal(RATIOS[center]), count)]


def _ratio_series(x: Any, ratio: Any, count: int) -> list[Any]:
    """Return the first coefficients of Taylor's series of φ/ndtr around x, of which `ratio` is the first."""
    r = [ratio]
    for k in range(count - 1):
        own = sum([r[i] * r[k - i] for i in range(k + 1)])
        r.append(-(x * r[k] + (r[k - 1] if k else 0) + own) / (k + 1))
    return r


def _ratio_in_tail(t: float, count: int) -> list[float]:
    """Return the first coefficients of φ/ndtr at -(t + ε), a series in ε, for t > 2."""
    depth = 10 + 2 * count + int((900.0 + 100.0 * count) / (t * t)) if t < 1e8 else 2 + count
    fraction = [t, 1.0, *[0.0] * count][:count]
    for k in range(depth, 0, -1):
        below = [1.0 / fraction[0]]
        for j in range(1, count):
            below.append(-below[0] * sum([fraction[i] * below[j - i] for i in range(1, j + 1)]))
        fraction = [k * b for b in below]
        fraction[0] += t
        if count > 1:
            fraction[1] += 1.0
    return fraction
