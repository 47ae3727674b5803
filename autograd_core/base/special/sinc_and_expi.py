"""Integrals of exponentials and the sine, and inverses of such.

A&S is Abramowitz and Stegun, *Handbook of Mathematical Functions* (1964).
"""

from __future__ import annotations

import math
from math import inf, nan

from .gammas import EULER, is_order

ROOT_2PI = math.sqrt(2.0 * math.pi)


def expi(x: float) -> float:
    """Compute Ei(x), the integral of exp(t)/t from -∞ to x (A&S 5.1.10, 5.1.51, 5.1.22)."""
    if x == 0.0:
        return -inf
    if x != x or math.isinf(x):
        return 0.0 if x == -inf else x
    if x < -1.0:
        return -_continued(-x)
    if x < 40.0:
        term, terms = 1.0, []
        for k in range(1, 160):
            term *= x / k
            terms.append(term / k)
            if abs(terms[-1]) < 1e-18 * abs(terms[0]):
                break
        return math.fsum([EULER, math.log(abs(x)), *terms])
    term = total = 1.0
    for k in range(1, 60):
        if k > x:
            break
        term *= k / x
        total += term
    half = math.exp(0.5 * x) if x < 1400.0 else inf
    return half * (total / x) * half


def _continued(x: float) -> float:
    """Compute E₁(x) for x > 1."""
    count = int(60.0 + 300.0 / x)
    fraction = x + 2.0 * count + 1.0
    for k in range(count, 0, -1):
        fraction = x + 2.0 * k - 1.0 - k * k / fraction
    return math.exp(-x) / fraction


def sinc(x: float) -> float:
    """Compute sin(πx)/(πx), 1 at 0."""
    return sinc_derivative(0.0, x)


def sinc_derivative(n: float, x: float) -> float:
    """Compute the n-th derivative of sinc, πⁿ ∫ tⁿ cos(πxt + nπ/2) dt from 0 to 1.

    With z = πx, the integrals y obey z yₖ + k yₖ₋₁ = sin(z + kπ/2): upward for k < |z|, else downward.
    """
    if not is_order(n, 0) or x != x:
        return nan
    order = int(n)
    if math.isinf(x):
        return 0.0
    z = math.pi * x
    if abs(z) <= 1.0:
        return _series_of_sinc(order, z)
    turns = math.fmod(x, 2.0)
    s, c = sine_of_turns(turns), sine_of_turns(turns + 0.5 if turns < 1.0 else turns - 1.5)
    phases = (s, c, -s, -c)
    if order <= abs(z):
        y = s / z
        for k in range(1, order + 1):
            y = (phases[k % 4] - k * y) / z
    else:
        y, above, share = 0.0, order, 1.0
        while share > 1e-20:  # The share of what is left out above that reaches the result.
            above += 1
            share *= abs(z) / above
        for k in range(above, order, -1):
            y = (phases[k % 4] - z * y) / k
    return y * math.pi**order


def sine_of_turns(x: float) -> float:
    """Compute sin(πx) for |x| <= 2."""
    if abs(x) > 0.5:
        nearest = float(round(x))
        s = math.sin(math.pi * (x - nearest))
        return -s if int(nearest) % 2 else s
    return math.sin(math.pi * x)


def _series_of_sinc(n: int, z: float) -> float:
    k = n + n % 2  # Only even powers of z are in sinc.
    term = (-1.0) ** (k // 2) / (k + 1) * math.pi**n
    term *= z ** (k - n)
    terms, j = [], k
    for _ in range(60):
        terms.append(term)
        j += 2
        term *= -z * z / ((j - n) * (j - n - 1)) * (j - 1) / (j + 1)
        if abs(term) < 1e-18 * abs(terms[0]):
            break
    return math.fsum(terms)
