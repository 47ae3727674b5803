"""The special functions in mpmath, for `reference.py`."""

from __future__ import annotations

from typing import Any

from mpmath import mp, mpf

from tests.measuring import Number, Reference
from tests.sampling import both_signs, near, positive, singles, tuples, uniform


def is_order(slot: int, *_: float) -> bool:
    """Whether the argument is an order, by which there is no derivative."""
    return slot == 0


def order(n: Number) -> int:
    """Return the nearest whole number, which differences do not change."""
    return int(mp.nint(n))


def _scipy() -> Any:
    from scipy import special  # Not where Python runs in a browser.

    return special


def ndtri(p: Number) -> Number:
    """Improve SciPy's ndtri by Newton's method, each step of which doubles the digits."""
    if p > mpf(1) / 2:
        return -ndtri(1 - p)
    y, digits = mpf(float(_scipy().ndtri(float(p)))), 13
    while digits < mp.dps and p < mpf(1) / 2:
        digits = min(2 * digits, mp.dps)
        with mp.workdps(digits + 5):
            y -= (mp.erfc(-y / mp.sqrt(2)) / 2 - p) / mp.npdf(y)
    return y


def erfinv(x: Number) -> Number:
    """Improve SciPy's erfinv in the same way."""
    y, digits = mpf(float(_scipy().erfinv(float(x)))), 13
    while digits < mp.dps and x:
        digits = min(2 * digits, mp.dps)
        with mp.workdps(digits + 5 - min(0, mp.mag(x) // 3)):
            y -= (mp.erf(y) - x) * mp.exp(y * y) * mp.sqrt(mp.pi) / 2
    return y


def log_ndtr(x: Number) -> Number:
    """Compute it, far below 0 by the asymptotic expansion of erfc."""
    if x > 0:
        return mp.log1p(-mp.erfc(x / mp.sqrt(2)) / 2) if x < 1000 else mpf(0)
    if x > -1000:
        return mp.log(mp.erfc(-x / mp.sqrt(2)) / 2)
    terms = [mpf(1)]
    while abs(terms[-1]) > mpf(10) ** (-mp.dps - 5):
        terms.append(-terms[-1] * (2 * len(terms) - 1) / (x * x))
    return -x * x / 2 - mp.log(-x * mp.sqrt(2 * mp.pi)) + mp.log(mp.fsum(terms))


def log_ndtr_derivative(n: Number, x: Number) -> Number:
    """Compute it by Taylor's series of r' = -r (x + r), in as many digits as that loses."""
    n = order(n)
    with mp.workdps(mp.dps + 20 * n):
        r = [mp.npdf(x) / (mp.erfc(-x / mp.sqrt(2)) / 2)]
        for k in range(n - 1):
            own = mp.fsum(r[i] * r[k - i] for i in range(k + 1))
            r.append(-(x * r[k] + (r[k - 1] if k else 0) + own) / (k + 1))
        return r[-1] * mp.factorial(n - 1)


def sinc(x: Number) -> Number:
    return mp.sinpi(x) / (mp.pi * x) if x else mpf(1)


def sinc_derivative(n: Number, x: Number) -> Number:
    """Compute it by the product rule of x sinc(x) = sin(πx)/π, in as many digits as that loses."""
    n = order(n)
    with mp.workdps(mp.dps + 30 * n):
        y = sinc(x)
        for k in range(1, n + 1):
            y = (mp.pi ** (k - 1) * mp.sin(mp.pi * x + k * mp.pi / 2) - k * y) / x
        return y


def wave(x: Number) -> Number:
    """Return the size of the oscillation of sinc."""
    return 1 / (1 + abs(x))


def gamma(x: Number) -> Number:
    return mp.gamma(x) if x < 1000 else mp.exp(mp.loggamma(x))


def below_zero(x: Number) -> Number:
    """Return the size of the terms of digamma's reflection formula."""
    return abs(mp.psi(0, 1 - x)) + abs(mp.pi * mp.cot(mp.pi * x)) if x < 0 else mpf(0)


def poles_beside(n: Number, x: Number) -> Number:
    """Return the size of the terms of polygamma at the poles left and right of x < 0."""
    near = abs(x - mp.nint(x))
    return mp.factorial(n) * near ** (-n - 1) if x < 0 else mpf(0)


def beta_terms(slot: int, a: Number, b: Number) -> Number:
    return mp.beta(a, b) * betaln_terms(slot, a, b)


def betaln_terms(slot: int, a: Number, b: Number) -> Number:
    return abs(mp.digamma((a, b)[slot])) + abs(mp.digamma(a + b))


def betaln(a: Number, b: Number) -> Number:
    return mp.loggamma(a) + mp.loggamma(b) - mp.loggamma(a + b)


def j_ratio(n: Number, x: Number) -> Number:
    return mp.besselj(order(n), x) / x ** order(n)


def i_ratio(n: Number, x: Number) -> Number:
    return mp.besseli(order(n), x) / x ** order(n)


def i0e_derivative(n: Number, x: Number) -> Number:
    """Compute it as the integral of (cos t - 1)ⁿ exp((cos t - 1) x) over t, a confluent function."""
    n = order(n)
    return (-1) ** n * mp.fac2(2 * n - 1) / mp.factorial(n) * mp.hyp1f1(n + mpf(1) / 2, n + 1, -2 * x)


def y0(x: Number) -> Number:
    """Compute Y₀ by its series, which is quicker than mpmath's limit."""
    return mp.bessely(0, x) if x > 100 else bessel_series(0, x)


def y1(x: Number) -> Number:
    return mp.bessely(1, x) if x > 100 else bessel_series(1, x) - 2 / (mp.pi * x)


def bessel_series(n: int, x: Number) -> Number:
    """Compute Yₙ without its pole by A&S 9.1.11."""
    with mp.workdps(mp.dps + int(x) + 5):
        z, k = -x * x / 4, 0
        term, psi, total = (x / 2) ** n, -2 * mp.euler + n, mpf(0)
        while k < 3 or abs(term * psi) > mpf(10) ** -mp.dps * abs(total):
            total += (2 * mp.log(x / 2) - psi) * term
            k += 1
            term *= z / (k * (n + k))
            psi += mpf(1) / k + mpf(1) / (n + k)
        return total / mp.pi


def amplitude(x: Number) -> Number:
    """Return the amplitude of Bessel functions, to which errors near their zeros are relative."""
    return mp.sqrt(2 / (mp.pi * max(abs(x), 1)))


def amplitude_of_ratio(n: Number, x: Number) -> Number:
    return amplitude(x) / max(abs(x), 1) ** int(n)


def reflected(n: int, x: Number) -> Number:
    """Return the size of the terms of the n-th derivative of zeta in the product rule for x < 0."""
    if x > mpf(-1) / 4:
        return mpf(0)
    others = mp.gamma(1 - x) * (2 * mp.pi) ** x * mp.zeta(1 - x)
    return others * (abs(mp.log(2 * mp.pi) - mp.psi(0, 1 - x)) + mp.pi / 2) ** n


ORDERS = [float(n) for n in range(1, 5)]
BY_ORDER = ((1.0, 0.3), (1.0, -0.9), (2.0, 2.7))
NEAR_ZERO = "errors near a zero are relative to the size of the oscillation"

TERMS = "a difference: errors are relative to its terms"
ABOVE_ZERO = ((0.3,), (0.9,), (2.7,))
BESIDE_POLES = singles([x for x in uniform(50, -12.0, 0.0) if abs(x - round(x)) > 1e-3])
WAVES = singles(both_signs(positive(1e-300, 1e6, count=40)), uniform(50, -40.0, 40.0))
WAVES_ABOVE_ZERO = singles(positive(1e-300, 1e6, count=90), uniform(60, 0.0, 40.0))
GROWING = singles(both_signs(positive(1e-300, 712.0, count=40)), uniform(50, -40.0, 40.0))
SCALED = singles(both_signs(positive(1e-300, 1e6, count=40)), uniform(50, -40.0, 40.0))

SPECIAL: dict[str, Reference] = {
    "gamma": Reference(
        gamma,
        singles(positive(1e-300, 171.0, count=50), uniform(60, 0.0, 30.0)) + BESIDE_POLES,
        ABOVE_ZERO,
        partial_scale=lambda slot, x: abs(mp.gamma(x)) * max(below_zero(x), 1),
        reason="the derivative has zeros, near which errors are relative to its terms",
    ),
    "lgamma": Reference(
        lambda x: mp.log(abs(mp.gamma(x))),
        singles(positive(1e-300, 1e300, count=50), uniform(60, 0.0, 30.0), near(1.0, 2.0)) + BESIDE_POLES,
        ABOVE_ZERO,
        forward=5e-15,
        forward_scale=lambda x: abs(mp.loggamma(1 - x)) + 1 if x < 0 else mpf(0),
        partial_scale=lambda slot, x: below_zero(x),
        reason="Python's own lgamma, above 2.5; below 0 a difference, by the reflection formula",
    ),
    "digamma": Reference(
        mp.digamma,
        singles(positive(1e-300, 1e300, count=50), uniform(60, 0.0, 30.0), [1.4616321449683622, 1.3, 1.72])
        + BESIDE_POLES,
        ABOVE_ZERO,
        forward_scale=below_zero,
        partial_scale=lambda slot, x: poles_beside(1, x),
        reason="below 0 a difference, by the reflection formula",
    ),
    "polygamma": Reference(
        lambda n, x: mp.polygamma(order(n), x),
        tuples(ORDERS, positive(1e-20, 1e3, count=90), count=180)
        + tuples(ORDERS, [x for (x,) in BESIDE_POLES], count=30),
        ((1.0, 0.3), (2.0, 0.9), (3.0, 2.7)),
        is_order,
        forward_scale=poles_beside,
        partial_scale=lambda slot, n, x: poles_beside(n + 1, x),
        reason="between poles a sum of terms of both signs, to which its errors are relative",
    ),
    "beta": Reference(
        mp.beta,
        tuples(positive(1e-3, 1e3, count=80), positive(1e-3, 1e3, count=80), count=200),
        ((0.3, 0.8), (0.7, 1.9), (2.5, 1.4)),
        forward=8e-15,
        partial_scale=beta_terms,
        reason=f"two powers of large numbers; its derivative is {TERMS}",
    ),
    "betaln": Reference(
        betaln,
        tuples(positive(1e-3, 1e6, count=80), positive(1e-3, 1e6, count=80), count=200),
        ((0.3, 0.8), (0.7, 1.9), (2.5, 1.4)),
        forward_scale=lambda a, b: mpf(1),
        partial_scale=betaln_terms,
        reason=TERMS,
    ),
    "zeta": Reference(
        mp.zeta,
        singles(
            uniform(90, 0.0, 60.0), uniform(30, -170.0, 0.0), uniform(30, -4.0, 3.0), near(1.0, -4.0),
            both_signs(positive(1e-300, 0.5, count=20)),
        ),
        ((0.3,), (-0.7,), (2.7,)),
        partial_scale=lambda slot, x: reflected(0, x),
        reason=f"below 0 the derivative is {TERMS}",
    ),
    "zeta_derivative": Reference(
        lambda n, x: mp.zeta(x, 1, order(n)),
        tuples(ORDERS, uniform(90, 1.5, 60.0), count=180) + tuples(ORDERS, uniform(20, -4.0, 1.5), count=20),
        ((1.0, 2.7),),
        is_order,
        forward_scale=lambda n, x: reflected(int(n), x),
        partial_scale=lambda slot, n, x: reflected(int(n) + 1, x),
        reason=f"below 0 {TERMS}",
    ),
    "expi": Reference(
        mp.ei,
        singles(both_signs(positive(1e-300, 700.0, count=40)), uniform(60, -50.0, 50.0), near(-1.0, 40.0)),
        ABOVE_ZERO,
        forward_scale=lambda x: abs(x) if 0 < x < 1 else mpf(0),
        partial_scale=lambda slot, x: mpf(0),
        reason="near its zero, at 0.37, errors are relative to its terms",
    ),
    "j0": Reference(
        mp.j0, WAVES, forward_scale=amplitude, partial_scale=lambda slot, x: amplitude(x), reason=NEAR_ZERO
    ),
    "j1": Reference(
        mp.j1, WAVES, forward_scale=amplitude, partial_scale=lambda slot, x: amplitude(x), reason=NEAR_ZERO
    ),
    "j_ratio": Reference(
        j_ratio,
        tuples(ORDERS, both_signs(positive(0.01, 60.0, count=80)), count=200),
        BY_ORDER,
        is_order,
        forward_scale=amplitude_of_ratio,
        partial_scale=lambda slot, n, x: amplitude_of_ratio(n, x),
        reason=NEAR_ZERO,
    ),
    "y0": Reference(
        y0, WAVES_ABOVE_ZERO, ABOVE_ZERO,
        forward_scale=amplitude, partial_scale=lambda slot, x: amplitude(x), reason=NEAR_ZERO,
    ),
    "y1": Reference(
        y1, WAVES_ABOVE_ZERO, ABOVE_ZERO,
        forward_scale=amplitude, partial_scale=lambda slot, x: amplitude(x), reason=NEAR_ZERO,
    ),
    "i0": Reference(lambda x: mp.besseli(0, x), GROWING),
    "i1": Reference(lambda x: mp.besseli(1, x), GROWING),
    "i_ratio": Reference(
        i_ratio, tuples(ORDERS, both_signs(positive(0.01, 600.0, count=80)), count=200), BY_ORDER, is_order
    ),
    "i0e": Reference(lambda x: mp.besseli(0, x) * mp.exp(-abs(x)), SCALED),
    "i1e": Reference(
        lambda x: mp.besseli(1, x) * mp.exp(-abs(x)), SCALED,
        partial_scale=lambda slot, x: mp.besseli(0, x) * mp.exp(-abs(x)) / max(abs(x), 1), reason=TERMS,
    ),
    "i0e_derivative": Reference(
        i0e_derivative,
        tuples(ORDERS, positive(0.01, 600.0, count=80), count=200),
        ((1.0, 0.3), (1.0, 0.9), (2.0, 2.7)),
        is_order,
    ),
    "erfinv": Reference(
        erfinv,
        singles(
            both_signs(positive(1e-300, 0.999, count=40)), uniform(70, -1.0, 1.0), [1.0 - 2.0**-53]
        ),
        ((0.3,), (-0.7,), (0.05,)),
        partial=2e-14,
        reason="the derivative is exp(y²), which multiplies the rounding of y by 2 y²",
    ),
    "ndtri": Reference(
        ndtri,
        singles(positive(1e-300, 0.5, count=60), uniform(70, 0.0, 1.0), [0.5, 1.0 - 1e-9, 1.0 - 2.0**-53]),
        ((0.3,), (0.6,), (0.9,)),
    ),
    "log_ndtr": Reference(log_ndtr, singles(uniform(210, -60.0, 35.0), [-1.0, -20.0, 0.0, -1e5, 1e-300])),
    "log_ndtr_derivative": Reference(
        log_ndtr_derivative, tuples(ORDERS, uniform(90, -40.0, 30.0), count=200), BY_ORDER, is_order,
        forward_scale=lambda n, x: mp.npdf(x) * abs(x) ** (n - 1),
        partial_scale=lambda slot, n, x: mp.npdf(x) * abs(x) ** n,
        reason="above 0 it has zeros, near which errors are relative to its terms",
    ),
    "sinc": Reference(
        sinc,
        singles(both_signs(positive(1e-300, 1e6, count=80)), uniform(90, -20.0, 20.0)),
        partial_scale=lambda slot, x: wave(x),
        reason=NEAR_ZERO,
    ),
    "sinc_derivative": Reference(
        sinc_derivative,
        tuples(ORDERS, both_signs(positive(1e-5, 1e3, count=80)), count=200),
        BY_ORDER,
        is_order,
        forward_scale=lambda n, x: mp.pi ** int(n) * wave(x),
        partial_scale=lambda slot, n, x: mp.pi ** (int(n) + 1) * wave(x),
        reason=NEAR_ZERO,
    ),
}  # fmt: skip

OF_ORDER = tuple(name for name, reference in SPECIAL.items() if reference.kink is is_order)
"""Functions whose first argument is an order, a whole number."""
