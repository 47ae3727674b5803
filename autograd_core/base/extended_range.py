"""Numbers beyond the range of floats, for intermediate results that overflow or underflow.

`1e200 * 1e200 * 1e-300` is 1e100, although its first product is too large for a float. A `Wide` holds such a
number as a mantissa and an exponent of 2. It is a float (infinite, subnormal or 0), and the result of
arithmetic on it is an ordinary float again as soon as a float can hold it. An `Unbounded` has any size, and
so do the results of arithmetic on it: whole formulas are evaluated with it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from functools import reduce
from math import frexp, inf, ldexp
from operator import add, mul
from typing import Any

SMALLEST_NORMAL = 2.0**-1022
LOWEST, HIGHEST = -1021, 1024
"""The exponents of normal floats, for mantissas from 1/2 to 1."""


class Wide(float):
    """m·2**e with an exponent outside that of normal floats; |m| is from 1/2 to 1.

    >>> from autograd_core.base.extended_range import wide
    >>> huge = wide(1e200) * wide(1e200)
    >>> float(huge), huge * 1e-300, huge / huge
    (inf, 1e+100, 1.0)
    """

    __slots__ = ("e", "m")
    m: float
    e: int

    def __mul__(self, other: float) -> float:
        m, e = parts(other)
        return self._made(self.m * m, self.e + e)

    __rmul__ = __mul__

    def __truediv__(self, other: float) -> float:
        return quotient(self, other, self._made)

    def __rtruediv__(self, other: float) -> float:
        return quotient(other, self, self._made)

    def __add__(self, other: float) -> float:
        m, e = parts(other)
        if m == 0.0 or m - m:
            return m if m - m else self
        top = max(e, self.e)
        return self._made(ldexp(m, e - top) + ldexp(self.m, self.e - top), top)

    __radd__ = __add__

    def __neg__(self) -> float:
        return self._made(-self.m, self.e)

    def __sub__(self, other: float) -> float:
        return self + -other

    def __rsub__(self, other: float) -> float:
        return -self + other

    def __reduce__(self) -> Any:
        return of_any_size, (self.m, self.e, type(self))

    @staticmethod
    def _made(m: float, e: int) -> float:
        return number(m, e)


class Unbounded(Wide):
    """A number of any size, whose arithmetic never rounds to the range of floats."""

    __slots__ = ()

    @staticmethod
    def _made(m: float, e: int) -> float:
        return of_any_size(m, e)


def parts(x: float) -> tuple[float, int]:
    """Return mantissa and exponent; for 0, infinities and NaN the number itself and 0."""
    return (x.m, x.e) if isinstance(x, Wide) else frexp(x)


def number(m: float, e: int) -> float:
    """Return m·2**e as a normal float if possible, otherwise as a `Wide`."""
    m, more = frexp(m)
    e += more
    if m == 0.0 or m - m:
        return m
    if LOWEST <= e <= HIGHEST:
        return ldexp(m, e)
    return of_any_size(m, e, Wide)


def of_any_size(m: float, e: int, kind: type[Wide] = Unbounded) -> float:
    """Return m·2**e, never as a plain float unless it is 0, infinite or NaN."""
    m, more = frexp(m)
    if m == 0.0 or m - m:
        return m
    e += more
    try:
        y = kind(ldexp(m, e) + 0.0)  # A gradient that underflows is 0.0, not -0.0.
    except OverflowError:
        y = kind(math.copysign(inf, m))
    y.m, y.e = m, e
    return y


def wide(x: float) -> float:
    """Return the number in a form whose arithmetic can leave the range of floats."""
    return of_any_size(*parts(x), Wide)


def unbounded(x: float) -> float:
    """Return the number in a form whose results can have any size."""
    return of_any_size(*parts(x))


def narrow(x: float) -> float:
    """Return the number as a normal float if possible, otherwise as a `Wide`."""
    return number(*parts(x))


def quotient(a: float, b: float, made: Callable[[float, int], float] = number) -> float:
    """Compute a/b if one is wide; the other may be 0."""
    (m, e), (n, k) = parts(a), parts(b)
    if n == 0.0:
        return math.nan if m == 0.0 or m != m else math.copysign(inf, m) * math.copysign(1.0, n)
    return made(m / n, e - k)


def far_apart(xs: Iterable[float]) -> bool:
    """Whether a product of some of these floats may leave the range of floats."""
    return sum([abs(frexp(x)[1]) for x in xs]) > 900


def product(xs: Iterable[float]) -> float:
    """Multiply from left to right without intermediate overflow or underflow."""
    return float(reduce(mul, map(wide, xs)))


def dot(xs: Sequence[float], ys: Sequence[float]) -> float:
    """Add products without intermediate overflow."""
    return float(reduce(add, [wide(x) * wide(y) for x, y in zip(xs, ys, strict=True)]))
