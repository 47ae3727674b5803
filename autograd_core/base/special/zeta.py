"""Riemann's zeta function and its derivatives."""

from __future__ import annotations

import math
from math import inf, nan

from .gammas import digamma, gamma, is_order, log_zeta_sum, scaled_zeta
from .sinc_and_expi import sine_of_turns

STIELTJES = (
    0.5772156649015329, 0.07281584548367673, -0.00484518159643616, -0.00034230573671722433,
    9.689041939447084e-05, -6.6110318108421895e-06, -3.316240908752772e-07, 1.0462094584479188e-07,
    -8.733218100273798e-09, 9.47827778276236e-11, 5.658421927608708e-11, -6.768689863513697e-12,
    3.4921159366720317e-13, 4.4104247417577536e-15, -2.3997862217709992e-15, 2.1677312200726828e-16,
    -9.544466076366965e-18, -7.387676660538637e-20, 4.800850782488065e-20, -4.139956737713306e-21,
    1.9168201593991233e-22, -2.0441543122262165e-24, -4.818498501107353e-25, 4.8118570515125666e-26,
    -2.560263310318815e-27, 6.927840895304667e-29, 1.628607550485587e-30, -3.1939375611532554e-31,
    2.0991515893634255e-32, -8.33674529544144e-34, 1.3412593772192187e-35, 9.137143891298173e-37,
    -9.768421446893165e-38, 5.1946428874557335e-39, -1.7317495951610044e-40, 1.9716202332662872e-42,
)  # fmt: skip
"""(-1)ᵏ γₖ/k! for k = 0, 1, ...: Laurent's coefficients of ζ at 1 (Keiper, Math. Comp. 58, 1992)."""
SHARE_OF_PI = 3.8981718325193755e-17
"""The rounding error of the float π, relative to π."""
BEYOND = -1000.0
"""Below it ζ is infinite or 0."""


def zeta(x: float) -> float:
    """Compute ζ(x), which is Σ k⁻ˣ for x > 1."""
    return zeta_derivative(0.0, x)


def zeta_derivative(n: float, x: float) -> float:
    """Compute the n-th derivative of ζ.

    Near the pole at 1 by Laurent's series, above by Euler's and Maclaurin's formula, term by term, below by
    the product rule for Riemann's formula ζ(x) = 2 (2π)ˣ⁻¹ sin(πx/2) Γ(1 - x) ζ(1 - x) (Apostol, Math.
    Comp. 44, 1985), whose terms cancel in high orders: below -2 it has 11 digits in order 20, and 8 in
    order 40, the last.
    """
    if not is_order(n, 0) or n > 40.0 or x != x or x == -inf:
        return nan
    order = int(n)
    if x > 2.0:
        sign = -1.0 if order % 2 else 1.0
        return sign * log_zeta_sum(order, x, 1.0) if x < inf else float(order == 0)
    near = _around_one(order, x - 1.0) if x > -2.0 else None
    return _reflected(order, x) if near is None else near


def _around_one(n: int, u: float) -> float | None:
    """Compute the n-th derivative at 1 + u, or return None where its terms cancel."""
    if u == 0.0:
        return -inf if n % 2 else inf
    pole = 1.0 / u
    for k in range(1, n + 1):
        pole *= -k / u
    total = size = 0.0
    for k in range(len(STIELTJES) - 1, n - 1, -1):
        c = STIELTJES[k] * math.perm(k, n)
        total, size = total * u + c, size * abs(u) + abs(c)
    return pole + total if u >= -1.0 or abs(pole) + size < 4.0 * abs(pole + total) else None


def _reflected(n: int, x: float) -> float:
    """Compute the n-th derivative at x < 0 by power series in ε of the factors at x + ε."""
    y = 1.0 - x
    rest = (1.0 - y) - x  # 1 - x = y + rest, exactly.
    others = _product(_exponential(_log_gamma(y, n + 2)), _zeta_series(y, n + 2))
    others = [others[k] - rest * (k + 1) * others[k + 1] for k in range(n + 1)]
    total = _product(_sines(x, n + 1), others)[n] * math.factorial(n)
    if total == 0.0 or x < BEYOND:
        return math.copysign(inf, total) if total else 0.0
    # Γ(y) by its duplication formula, to whose factors powers of π are in proportion.
    power = math.pow(math.pi, -0.5 * y) * (1.0 - 0.5 * y * SHARE_OF_PI)
    half = 0.5 * y - 0.5  # Exact, unlike half + 1.
    return total * (gamma(0.5 * y) * power) * (half * gamma(half) * power / math.sqrt(math.pi))


def _product(a: list[float], b: list[float]) -> list[float]:
    return [math.fsum([a[i] * b[k - i] for i in range(k + 1)]) for k in range(len(a))]


def _exponential(a: list[float]) -> list[float]:
    found = [1.0]
    for n in range(1, len(a)):
        found.append(math.fsum([k * a[k] * found[n - k] for k in range(1, n + 1)]) / n)
    return found


def _log_gamma(y: float, count: int) -> list[float]:
    """Return Taylor's coefficients of log (2π)ᵋ Γ(y - ε), without the first."""
    head = [0.0, math.log(2.0 * math.pi) - digamma(y)]
    return head + [math.pow(y, -k) * scaled_zeta(float(k), y) / k for k in range(2, count)]


def _zeta_series(y: float, count: int) -> list[float]:
    """Return Taylor's coefficients of ζ(y - ε)."""
    return [log_zeta_sum(k, y, 1.0) / math.factorial(k) for k in range(count)]


def _sines(x: float, count: int) -> list[float]:
    """Return Taylor's coefficients of sin(π (x + ε)/2)."""
    turns = math.fmod(x, 4.0) * 0.5
    s, c = sine_of_turns(turns), sine_of_turns(turns + 0.5)
    return [(s, c, -s, -c)[k % 4] * (0.5 * math.pi) ** k / math.factorial(k) for k in range(count)]
