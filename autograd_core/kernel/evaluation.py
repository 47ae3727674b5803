"""How a row's functions are evaluated: on floats, on arrays, and in numbers of any size."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dis import get_instructions
from functools import cached_property
from math import inf, isfinite
from typing import TYPE_CHECKING, Any

from ..base import vectors, wide_functions
from ..base.foreign_forms import FORMS, filled
from ..base.importing import np
from ..base.wide import SMALLEST_NORMAL, far_apart, narrow, unbounded
from ..native import Row
from .extending.user_functions import reading

if TYPE_CHECKING:
    from .operation import Operation

TINY, HUGE = 1e-290, 1e290
"""Between them a local derivative surely has all its digits, and so had all that it was made of."""
HELPERS = ("products_of_the_others", "slopes_of_norm", "density", "slope_of_sigmoid", "slope_of_asin")
EXPONENTIALS = wide_functions.EXPONENTIALS | {"density", "slope_of_sigmoid"}
TABLE_MODULE = f"{__package__}.table"
TABLE: dict[str, Operation] = {}
"""Every row by its name, in the order in which the table lists them."""


class Evaluated(Row):
    """What is computed from the functions of a row, whose fields `Operation` describes."""

    name: str
    forward: Callable[..., float]
    partials: tuple[Callable[..., Any], ...]
    arity: int | None
    selects: bool
    ties: bool
    vector: Callable[[Sequence[float]], list[float]] | None
    ufunc: str | None
    on_arrays: Callable[..., Any] | None
    forms: Mapping[str, str]

    def value_at(self, xs: Sequence[float]) -> float:
        """The value at these floats, quiet at poles, however many arguments the row takes."""
        return self.forward(xs) if self.arity is None else self.forward(*xs)

    def by_each(
        self, of: Sequence[Callable[..., Any]], args: Sequence[Any], y: Any, needs: Sequence[bool] = ()
    ) -> Sequence[Any]:
        """Functions such as `partials` at these arguments, one result for each (0.0 where not needed)."""
        if self.arity is None:
            return of[0](tuple(args), y)  # type: ignore[no-any-return]
        if not needs:
            return [slope(*args, y) for slope in of]
        return [slope(*args, y) if need else 0.0 for slope, need in zip(of, needs, strict=True)]

    def local_derivatives(self, args: Sequence[Any], y: Any) -> Sequence[Any]:
        """The local derivatives by all arguments, as written in the row: of `Value`s or symbols, such."""
        return self.by_each(self.partials, args, y)

    def slopes_at(self, xs: Sequence[float], y: float) -> Sequence[float]:
        """The local derivatives at these floats, quiet at poles, as a node records them."""
        slopes = self.by_each(self.slopes, xs, y)
        return self.in_any_range(xs, y, slopes, [True] * len(xs)) if self.leaves_range else slopes

    @cached_property
    def slopes(self) -> tuple[Callable[..., Any], ...]:
        """The local derivatives as functions of floats, quiet at poles."""
        return tuple(reading(f, _on_floats) for f in self.partials)

    @cached_property
    def is_level(self) -> tuple[bool, ...]:
        """Whether the value changes in steps only, argument by argument: the slope is 0 everywhere."""
        return tuple(f.__module__ == TABLE_MODULE and _is_zero(f) for f in self.partials)

    @cached_property
    def leaves_range(self) -> bool:
        """Whether a local derivative may be out of the range of floats where the arguments are in it."""
        if self.ties or self.selects or any(f.__module__ != TABLE_MODULE for f in self.partials):
            return False
        return any(map(_multiplies, self.partials))

    @cached_property
    def limit(self) -> float:
        """Beyond such arguments no factor brings back a slope that has vanished: exp(-1500) is 0."""
        exponential = any(not EXPONENTIALS.isdisjoint(f.__code__.co_names) for f in self.partials)
        return 1500.0 if exponential else inf

    @cached_property
    def _wide_slopes(self) -> tuple[Callable[..., Any], ...]:
        return tuple(reading(f, _on_any_size) for f in self.partials)

    def in_any_range(
        self, xs: Sequence[float], y: float, slopes: Sequence[float], needs: Sequence[bool]
    ) -> Sequence[float]:
        """The needed local derivatives, with a `Wide` where no float has all the digits."""
        pairs = zip(slopes, needs, strict=True)
        ordinary = all([TINY < d < HUGE or -HUGE < d < -TINY or not need for d, need in pairs])
        far = self._has_partial_products and far_apart(xs)
        if ordinary and not -TINY < y < TINY and not far:
            return slopes
        if not (far or isfinite(y)) or not all(map(isfinite, xs)):
            return slopes
        again = self.wide_slopes_at(xs, y)
        # A float that is right stays as it is: the sign of a zero, and the last digit.
        return [
            d if not need or (type(w) is float and abs(w - d) <= 1e-15 * abs(w)) else w
            for w, d, need in zip(again, slopes, needs, strict=True)
        ]

    @cached_property
    def _has_partial_products(self) -> bool:
        return any("products_of_the_others" in f.__code__.co_names for f in self.partials)

    def value_in_any_range(self, xs: Sequence[float], y: float) -> float:
        """The value y; where it or an argument is beyond the range of floats, as a `Wide` if it is one."""
        return wide_functions.value_again(self.name, xs, y, together=self.arity is None)

    def wide_slopes_at(self, xs: Sequence[float], y: float) -> list[float]:
        """The local derivatives, computed in numbers of any size."""
        args = [unbounded(x) for x in xs]
        again = wide_functions.FUNCTIONS.get(self.name) if self.arity is not None else None
        value = again(*args) if again and abs(y) < SMALLEST_NORMAL else unbounded(y)
        return [narrow(d) for d in self.by_each(self._wide_slopes, args, value)]

    @cached_property
    def array_slopes(self) -> tuple[Callable[..., Any], ...]:
        """The local derivatives as functions of arrays, element by element."""
        return tuple(reading(f, _on_arrays) for f in self.partials)

    @cached_property
    def array(self) -> Callable[..., Any]:
        """The forward function on arrays, element by element, quiet at poles."""
        if self.on_arrays is not None:
            return vectors.quiet(self.on_arrays)
        if self.ufunc is not None:
            return vectors.quiet(getattr(np, self.ufunc))
        if "numpy" in self.forms:
            return vectors.quiet(self._array_by_form(self.forms["numpy"]))
        if self.built_in and hasattr(vectors, self.name):
            return vectors.quiet(getattr(vectors, self.name))
        if self.arity is None:
            return self._array_of_sequence
        return vectors.quiet(vectors.each(self.forward))

    def _array_by_form(self, form: str) -> Callable[..., Any]:
        names = [f"x{i}" for i in range(self.arity or 1)]
        called = TABLE.keys() & re.findall(r"(?<![.\w])\w+(?=\()", form)
        namespace = {"np": np, **{name: TABLE[name].array for name in called}}
        function: Callable[..., Any] = eval(f"lambda {', '.join(names)}: {filled(form, names)}", namespace)
        return function

    def _array_of_sequence(self, xs: Sequence[Any]) -> Any:
        columns = np.broadcast_arrays(*xs)
        flat = zip(*(column.ravel().tolist() for column in columns), strict=True)
        shape = columns[0].shape
        if self.vector is None:
            return np.array([self.forward(row) for row in flat]).reshape(shape)
        results = np.array([self.vector(row) for row in flat])
        return [results[:, i].reshape(shape) for i in range(len(xs))]

    @cached_property
    def built_in(self) -> bool:
        """Whether it is a row of the package's own table, whose forms are that table's own."""
        return self.forms is FORMS.get(self.name)


def _on_floats(thing: Any) -> Any:
    return (thing.vector or thing.forward) if isinstance(thing, Evaluated) else thing


def _on_any_size(thing: Any) -> Any:
    if not isinstance(thing, Evaluated):
        return thing
    known = wide_functions.FUNCTIONS.get(thing.name) or wide_functions.EXACT.get(thing.name)
    return known or wide_functions.on_any_size(thing.vector or thing.forward)


def _is_zero(f: Callable[..., Any]) -> bool:
    return not f.__code__.co_names and f.__code__.co_consts[-1:] == (0.0,)


def _multiplies(f: Callable[..., Any]) -> bool:
    """Whether a local derivative is a product or calls what has results of any size; not one that chooses."""
    names = set(f.__code__.co_names)
    if "len" in names or "equal" in names:
        return False
    operators = any(instruction.opname.startswith("BINARY") for instruction in get_instructions(f))
    return operators or not names.isdisjoint({*wide_functions.FUNCTIONS, *HELPERS})


def _on_arrays(thing: Any) -> Any:
    # Looked up when it is called: not every row that stands beside a derivative is needed by it.
    return (lambda *args: thing.array(*args)) if isinstance(thing, Evaluated) else thing
