"""Bessel functions of the orders 0 and 1, and of any whole order over the power of the argument.

A&S is Abramowitz and Stegun, *Handbook of Mathematical Functions* (1964). Up to 25, J comes from its series
or from Miller's backward recurrence (9.12), Y from sums of J (9.1.88, 9.1.89); beyond, both from Hankel's
expansions (9.2.5 to 9.2.10). I comes from its series (9.6.10), from Miller's recurrence, whose sum is an
exponential (9.6.37), or from its expansion (9.7.1).

Near a zero of J or Y, the error is relative to the amplitude √(2/(πx)).
"""

from __future__ import annotations

import math
from math import inf, nan

from ..float_functions import LN2
from .gammas import EULER, is_order

FAR = 25.0
ROOT_HALF = math.sqrt(0.5)


def j0(x: float) -> float:
    return _j(0, x)


def j1(x: float) -> float:
    return _j(1, x)


def _j(n: int, x: float) -> float:
    a = abs(x)
    sign = -1.0 if x < 0.0 and n % 2 else 1.0
    if a <= 2.0:
        return sign * _series(n, -0.25 * a * a) * (0.5 * a) ** n
    if a >= FAR:
        return 0.0 if a == inf else sign * (_hankel(n, a)[0] if n < 2 else _upward(n, a))
    return sign * _miller(n, a)[n] if a == a else nan


def j_ratio(n: float, x: float) -> float:
    """Compute Jₙ(x)/xⁿ, a smooth function of x²."""
    if not is_order(n, 0) or x != x:
        return nan
    order, a = int(n), abs(x)
    if a <= 2.0:
        return _series(order, -0.25 * a * a) / 2.0**order
    return _j(order, a) * (1.0 / a) ** order


def _series(n: int, z: float) -> float:
    """Compute Σ zᵏ/(k! (n + k)!) for |z| <= 1."""
    term = 1.0 / math.factorial(n)
    terms, k = [term], 0
    while abs(term) > 1e-18 * abs(terms[0]) or k < 2:
        k += 1
        term *= z / (k * (n + k))
        terms.append(term)
    return math.fsum(terms)


def _miller(n: int, x: float) -> list[float]:
    """Return J₀(x), J₁(x), ... for 2 < x < 25, of orders up to some beyond n."""
    start = 2 * ((max(n, int(x)) + 44) // 2)
    values = [0.0] * (start + 2)
    values[start] = 1e-250
    for k in range(start, 0, -1):
        values[k - 1] = 2.0 * k / x * values[k] - values[k + 1]
        if abs(values[k - 1]) > 1e200:
            values = [1e-250 * v for v in values]
    total = values[0] + 2.0 * math.fsum(values[2::2])
    return [v / total for v in values]


def _upward(n: int, x: float) -> float:
    """Compute Jₙ(x) for large x from J₀ and J₁, which is stable while n < x."""
    if n > x:
        return _miller(n, x)[n]
    below, here = _hankel(0, x)[0], _hankel(1, x)[0]
    for k in range(1, n):
        below, here = here, 2.0 * k / x * here - below
    return here


def _hankel(n: int, x: float) -> tuple[float, float]:
    """Return Jₙ(x) and Yₙ(x) for n = 0 or 1 and large x."""
    p, q, term = 1.0, 0.0, 1.0
    for k in range(1, 40):
        term *= (4.0 * n * n - (2.0 * k - 1.0) ** 2) / (8.0 * k * x)
        if abs(term) < 1e-18:
            break
        if k % 2:
            q += term if k % 4 == 1 else -term
        else:
            p += -term if k % 4 == 2 else term
    s, c = math.sin(x), math.cos(x)
    cosine, sine = ((c + s), (s - c)) if n == 0 else ((s - c), -(s + c))
    size = ROOT_HALF * math.sqrt(2.0 / math.pi / x)
    return size * (p * cosine - q * sine), size * (p * sine + q * cosine)


def y0(x: float) -> float:
    if not 0.0 < x < FAR:
        return _y_outside(0, x)
    j = _all_j(x)
    sum_ = math.fsum([(1.0 if k % 2 else -1.0) * j[2 * k] / k for k in range(1, len(j) // 2)])
    return 2.0 / math.pi * (_log_half(x) * j[0] + 2.0 * sum_)


def y1(x: float) -> float:
    if not 0.0 < x < FAR:
        return _y_outside(1, x)
    j = _all_j(x)
    terms = [(1.0 if k % 2 else -1.0) * (j[2 * k - 1] - j[2 * k + 1]) / k for k in range(1, len(j) // 2)]
    return 2.0 / math.pi * (_log_half(x) * j[1] - j[0] / x - math.fsum(terms))


def _log_half(x: float) -> float:
    """Compute log(x/2) + γ."""
    return (math.log(0.5 * x) if x > 1e-300 else math.log(x) - LN2) + EULER


def _y_outside(n: int, x: float) -> float:
    if x == inf:
        return 0.0
    return _hankel(n, x)[1] if x >= FAR else -inf if x == 0.0 else nan


def _all_j(x: float) -> list[float]:
    if x > 2.0:
        return _miller(0, x)
    return [_series(n, -0.25 * x * x) * (0.5 * x) ** n for n in range(20)]


def i0(x: float) -> float:
    return _unscaled(_scaled(0, abs(x)), x)


def i1(x: float) -> float:
    return math.copysign(_unscaled(_scaled(1, abs(x)), x), x)


def i_ratio(n: float, x: float) -> float:
    """Compute Iₙ(x)/xⁿ, a smooth function of x²."""
    if not is_order(n, 0) or x != x:
        return nan
    order, a = int(n), abs(x)
    if a <= 2.0:
        return _series(order, 0.25 * a * a) / 2.0**order
    power = (1.0 / a) ** order
    if power < 1e-290 and a < 1400.0:  # The exponential may bring it back into range.
        return _scaled(order, a) * (math.exp(a / order) / a) ** order
    return _unscaled(_scaled(order, a) * power, x) if a < inf else inf


def i0e(x: float) -> float:
    return _scaled(0, abs(x))


def i1e(x: float) -> float:
    return math.copysign(_scaled(1, abs(x)), x)


def _unscaled(y: float, x: float) -> float:
    """Compute y exp(|x|), which may be in range where the exponential is not."""
    if abs(x) > 1400.0:
        return inf
    half = math.exp(0.5 * abs(x))
    return y * half * half


def _scaled(n: int, x: float) -> float:
    """Compute exp(-x) Iₙ(x) for x >= 0, between its series and its expansion by Miller's recurrence."""
    if not 2.0 < x < inf:
        return 0.0 if x == inf else _series(n, 0.25 * x * x) * (0.5 * x) ** n * math.exp(-x) if x == x else x
    if x > 30.0 + n * n:
        total = term = 1.0
        for k in range(1, 60):
            term *= -(4.0 * n * n - (2.0 * k - 1.0) ** 2) / (8.0 * k * x)
            total += term
            if abs(term) < 1e-18:
                break
        root = math.sqrt(2.0 * math.pi * x) if x < 1e307 else math.sqrt(2.0 * math.pi) * math.sqrt(x)
        return total / root
    above, here, total, wanted = 0.0, 1e-250, 0.0, 0.0
    for k in range(max(n, int(9.0 * math.sqrt(x))) + 30, 0, -1):
        above, here, total = here, above + 2.0 * k / x * here, total + here
        if k - 1 == n:
            wanted = here
        if here > 1e200:
            above, here, total, wanted = (1e-250 * v for v in (above, here, total, wanted))
    return wanted / (here + 2.0 * total)


def i0e_derivative(n: float, x: float) -> float:
    """Compute the n-th derivative of exp(-x) I₀(x) for x >= 0.

    It is (-1)ⁿ (2n - 1)!!/n! exp(-2x) M(1/2, n + 1, 2x), and all terms of Kummer's M (A&S 13.1.2) and of
    its expansion (13.5.1) have one sign.
    """
    if not is_order(n, 0) or not x >= 0.0:
        return nan
    z = 2.0 * x
    if z == inf:
        return 0.0
    sign = -1.0 if n % 2.0 else 1.0
    total = term = 1.0
    if z < 60.0 + 2.0 * n:
        k = 0
        while term > 1e-18 * total:
            term *= (0.5 + k) * z / ((n + 1.0 + k) * (k + 1.0))
            total += term
            k += 1
        for k in range(1, int(n) + 1):
            sign *= (2.0 * k - 1.0) / k
        return sign * math.exp(-z) * total
    for k in range(int(z - n)):
        term *= (0.5 + k) * (n + 0.5 + k) / ((k + 1.0) * z)
        total += term
        if term < 1e-18:
            break
    for k in range(1, int(n) + 1):
        sign *= (2.0 * k - 1.0) / z
    return sign * total / math.sqrt(math.pi * z)
