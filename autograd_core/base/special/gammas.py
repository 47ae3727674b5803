"""The gamma function, its logarithm and derivatives, and Euler's beta function.

A&S is Abramowitz and Stegun, *Handbook of Mathematical Functions* (1964).
"""

from __future__ import annotations

import math
from functools import cache
from math import inf, nan

EULER = 0.5772156649015329
LOG_ROOT_2PI = 0.9189385332046728
ROOT, ROOT_REST = 1.4616321449683622, 9.549995429965697e-17  # Where digamma is 0, as the sum of two floats.
BERNOULLI = (
    1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510, 43867 / 798, -174611 / 330,
    854513 / 138, -236364091 / 2730,
)  # fmt: skip
MOST = 170
"""The highest order of a derivative in a family of functions; its factorial is still a float."""
ENOUGH = 12.0
"""From here on, Stirling's and similar series have all digits."""
VANISHED = 1e200
"""Beyond such a number, its power -12 is 0."""


def gamma(x: float) -> float:
    try:
        return math.gamma(x)
    except OverflowError:
        return math.copysign(inf, x)  # Large, or beside the pole at 0.
    except ValueError:
        return math.copysign(inf, x) if x == 0.0 else nan


def lgamma(x: float) -> float:
    """Compute log |Γ(x)|; near its zeros 1 and 2 by A&S 6.1.33."""
    if 0.5 <= x <= 2.5:
        z = x - 1.0 if x < 1.5 else x - 2.0
        return _near_two(z) - (math.log1p(z) if x < 1.5 else 0.0)
    if 0.0 < x < 0.5:
        return _near_two(x) - math.log1p(x) - math.log(x)
    try:
        return math.lgamma(x)
    except OverflowError:
        return inf
    except ValueError:
        return inf  # At 0, -1, -2 and so on.


def _near_two(z: float) -> float:
    """Compute log Γ(2 + z) for |z| <= 1/2."""
    total = 0.0
    for c in reversed(_excesses()):
        total = z * (c - total)
    return z * (1.0 - EULER) + z * total


@cache
def _excesses() -> list[float]:
    """Return (ζ(k) - 1)/k for k = 2, 3, ..."""
    return [scaled_zeta(float(k), 2.0) / 2.0**k / k for k in range(2, 54)]


def stirling_rest(x: float) -> float:
    """Compute log Γ(x) - (x - 1/2) log x + x - log √(2π) for large x (A&S 6.1.41)."""
    square = 1.0 / (x * x)
    total = 0.0
    for k in range(9, -1, -1):
        total = total * square + BERNOULLI[k] / ((2 * k + 2) * (2 * k + 1))
    return total / x


def digamma(x: float) -> float:
    """Compute Γ'(x)/Γ(x): around its positive zero by Taylor's series, else by A&S 6.3.5, 6.3.7, 6.3.18."""
    if x <= 0.0:
        if x == -inf or x == math.floor(x):
            return math.copysign(inf, -x) if x == 0.0 else nan
        return digamma(1.0 - x) - math.pi / math.tan(math.pi * (x - round(x)))
    z = (x - ROOT) - ROOT_REST
    if abs(z) < 0.25:
        total = 0.0
        for c in reversed(_around_the_root()):
            total = z * (c - total)
        return total
    head = 0.0
    while x < ENOUGH:
        head += 1.0 / x
        x += 1.0
    if x == inf:
        return inf
    square, tail = 1.0 / (x * x), 0.0
    for k in range(9, -1, -1):
        tail = square * (tail + BERNOULLI[k] / (2 * k + 2))
    return math.log(x) - 0.5 / x - tail - head


@cache
def _around_the_root() -> list[float]:
    """Return |digamma⁽ᵏ⁾|/k! at the zero for k = 1, 2, ...; the signs alternate."""
    return [scaled_zeta(k + 1.0, ROOT) / ROOT ** (k + 1) for k in range(1, 28)]


def polygamma(n: float, x: float) -> float:
    """Compute the n-th derivative of digamma, (-1)ⁿ⁺¹ n! Σ (x + k)⁻ⁿ⁻¹ (A&S 6.4.10), n a whole number."""
    if n == 0.0:
        return digamma(x)
    if not is_order(n, 1) or x != x:
        return nan
    sign = 1.0 if n % 2.0 else -1.0
    if x > 0.0:
        return sign * _power_sum(int(n), x)
    if x == -inf or x == math.floor(x):
        return inf if n % 2.0 and x > -inf else nan
    # Terms with x + k < 0 are those of the distances to 0, with the sign of their odd powers.
    count = math.ceil(-x)
    near = -x - (count - 1)
    return _power_sum(int(n), near) - _power_sum(int(n), 1.0 - x) + sign * _power_sum(int(n), x + count)


def _power_sum(n: int, q: float) -> float:
    """Compute n! Σ (q + k)⁻ⁿ⁻¹ for q > 0."""
    if q == inf:
        return 0.0
    size = 1.0
    for k in range(1, n + 1):
        size *= k / q
    return size * (scaled_zeta(n + 1.0, q) / q)


def scaled_zeta(s: float, q: float) -> float:
    """Compute Hurwitz's zeta function times qˢ, Σ (1 + k/q)⁻ˢ, for s > 1, q > 0."""
    return log_zeta_sum(0, s, q)


def log_zeta_sum(n: int, s: float, q: float) -> float:
    """Compute Σ log(1 + k/q)ⁿ (1 + k/q)⁻ˢ for s > 1, q > 0 by Euler's and Maclaurin's formula (A&S 23.1.30).

    It is (-1)ⁿ times the n-th derivative of `scaled_zeta` by s.
    """
    total, a, end = 0.0, q, ENOUGH + 0.5 * (s + n)
    while a < end:
        log = math.log(a / q) if n else 1.0
        term = math.pow(q / a, s) * math.pow(log, n)
        total += term
        if term <= 1e-18 * total and s * log > n:
            return total
        a += 1.0
    log = math.log(a / q)
    integral, power = 1.0 / (s - 1.0), 1.0
    for k in range(1, n + 1):
        power *= log
        integral = (k * integral + power) / (s - 1.0)
    return total + math.pow(q / a, s) * (a * integral + _at_the_end(n, s, a, log))


def _at_the_end(n: int, s: float, a: float, log: float) -> float:
    """Compute the terms of Euler's and Maclaurin's formula at a: polynomials of s times powers of a."""
    degree = min(n, 2 * len(BERNOULLI) - 1)
    rise = [s / a, 1.0 / a, *[0.0] * degree]  # Taylor's coefficients of s/a, s (s + 1) (s + 2)/a³, ...
    factors = [0.5, *[0.0] * degree]
    for j, b in enumerate(BERNOULLI):
        for i in range(degree + 1):
            factors[i] += b / math.factorial(2 * j + 2) * rise[i]
        for m in (2 * j + 1, 2 * j + 2):
            for i in range(degree, 0, -1):
                rise[i] = (rise[i] * (s + m) + rise[i - 1]) / a
            rise[0] *= (s + m) / a
    # The product rule for a polynomial times a⁻ˢ.
    return sum([(-1.0) ** i * math.perm(n, i) * math.pow(log, n - i) * f for i, f in enumerate(factors)])


def is_order(n: float, least: int) -> bool:
    """Whether n is a whole number from `least` to the highest order."""
    return least <= n <= MOST and n == math.floor(n)


def _ordered(a: float, b: float) -> tuple[float, float]:
    """Return the smaller and the larger number; both are nan if one is."""
    return (nan, nan) if a != a or b != b else (min(a, b), max(a, b))


def betaln(a: float, b: float) -> float:
    """Compute log B(a, b) for a, b > 0 (Didonato and Morris, TOMS 18, 1992)."""
    p, q = _ordered(a, b)
    if not p > 0.0:
        return inf if p == 0.0 else nan
    if q == inf:
        return -inf
    if p >= ENOUGH:
        rest = stirling_rest(p) + stirling_rest(q) - stirling_rest(p + q)
        h = p / q
        return LOG_ROOT_2PI - 0.5 * math.log(q) + rest - (p - 0.5) * math.log1p(q / p) - q * math.log1p(h)
    if q >= ENOUGH:
        rest = stirling_rest(q) - stirling_rest(p + q)
        return lgamma(p) + rest + p - p * math.log(p + q) - (q - 0.5) * math.log1p(p / q)
    whole = gamma(p) * (gamma(q) / gamma(p + q))
    return math.log(whole) if whole < inf else -math.log(p)


def beta(a: float, b: float) -> float:
    """Compute B(a, b) = Γ(a) Γ(b)/Γ(a + b) for a, b > 0; for large ones from Stirling's series."""
    p, q = _ordered(a, b)
    if not p > 0.0:
        return inf if p == 0.0 else nan
    if q < ENOUGH:
        return gamma(p) * (gamma(q) / gamma(p + q))
    if q == inf or (p >= ENOUGH and q > VANISHED):
        return 0.0
    if p < ENOUGH:
        rest = stirling_rest(q) - stirling_rest(p + q)
        return gamma(p) * math.exp(rest + _excess(p, q)) * math.pow(p + q, -p)
    s = p + q
    rest = stirling_rest(p) + stirling_rest(q) - stirling_rest(s)
    root = math.sqrt(2.0 * math.pi * (s / p) / q)
    return root * math.exp(rest) * _share(p, q) * _share(q, p)


def _excess(p: float, q: float) -> float:
    """Compute p - (q - 1/2) log(1 + p/q) without the cancellation of p."""
    h = p / q
    if h > 0.1:
        return p - (q - 0.5) * math.log1p(h)
    total, power = 0.0, h
    for k in range(2, 18):
        power *= -h
        total -= power / k  # log1p(h) - h = -h²/2 + h³/3 - ...
    return q * total + 0.5 * math.log1p(h)


def _share(p: float, q: float) -> float:
    """Compute (p/(p + q))ᵖ, corrected for the rounding of the quotient, which the power would multiply."""
    s = p + q
    r = p / s
    small, large = min(p, q), max(p, q)
    rest = small - (s - large)  # p + q = s + rest, exactly.
    from_quotient = _remainder(p, r, s) / p
    return math.pow(r, p) * math.exp(p * from_quotient - p * rest / s)


def _remainder(p: float, r: float, s: float) -> float:
    """Compute p - r s, in which r s is nearly p (Dekker, 1971)."""
    c = 134217729.0
    r_high = c * r - (c * r - r)
    s_high = c * s - (c * s - s)
    r_low, s_low = r - r_high, s - s_high
    product = r * s
    error = ((r_high * s_high - product) + r_high * s_low + r_low * s_high) + r_low * s_low
    return (p - product) - error
