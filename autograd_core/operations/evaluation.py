"""Evaluate a row's functions on floats, on arrays and on numbers of any size."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dis import get_instructions
from functools import cached_property
from math import inf, isfinite
from typing import TYPE_CHECKING, Any

from ..base import array_functions, extended_range_functions
from ..base.extended_range import SMALLEST_NORMAL, far_apart, narrow, unbounded
from ..base.importing import np
from ..native import Row
from .foreign_forms import FORMS, filled
from .function_code import reading

if TYPE_CHECKING:
    from .operation import Operation

TINY, HUGE = 1e-290, 1e290
"""Between these bounds a local derivative and everything it was computed from have all their digits."""
HELPERS = ("products_of_the_others", "slopes_of_norm", "density", "slope_of_sigmoid", "slope_of_asin")
EXPONENTIALS = extended_range_functions.EXPONENTIALS | {"density", "slope_of_sigmoid"}
TABLE_MODULES = (f"{__package__}.table", f"{__package__}.special_table")
TABLE: dict[str, Operation] = {}
"""Every row by name, in the order of the table."""


class Evaluated(Row):
    """What is computed from a row's functions; `Operation` describes the fields."""

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
        """Return the value at these floats, without errors at poles, for any number of arguments."""
        return self.forward(xs) if self.arity is None else self.forward(*xs)

    def by_each(
        self, of: Sequence[Callable[..., Any]], args: Sequence[Any], y: Any, needs: Sequence[bool] = ()
    ) -> Sequence[Any]:
        """Call functions such as `partials`; return one result for each argument (0.0 if not needed)."""
        if self.arity is None:
            return of[0](tuple(args), y)  # type: ignore[no-any-return]
        if not needs:
            return [slope(*args, y) for slope in of]
        return [slope(*args, y) if need else 0.0 for slope, need in zip(of, needs, strict=True)]

    def local_derivatives(self, args: Sequence[Any], y: Any) -> Sequence[Any]:
        """Return the local derivatives as written in the row; at `Value`s or symbols they are such, too."""
        return self.by_each(self.partials, args, y)

    def slopes_at(self, xs: Sequence[float], y: float) -> Sequence[float]:
        """Return the local derivatives at these floats, without errors at poles, as a node records them."""
        slopes = self.by_each(self.slopes, xs, y)
        return self.in_any_range(xs, y, slopes, [True] * len(xs)) if self.leaves_range else slopes

    @cached_property
    def slopes(self) -> tuple[Callable[..., Any], ...]:
        """The local derivatives as functions of floats, without errors at poles."""
        return tuple(reading(f, _on_floats) for f in self.partials)

    @cached_property
    def is_level(self) -> tuple[bool, ...]:
        """For each argument, whether the slope is 0 everywhere, so that the value changes only in steps."""
        return tuple(f.__module__ in TABLE_MODULES and _is_zero(f) for f in self.partials)

    @cached_property
    def leaves_range(self) -> bool:
        """Whether a local derivative may be out of a float's range when the arguments are within it."""
        if self.ties or self.selects or any(f.__module__ not in TABLE_MODULES for f in self.partials):
            return False
        return any(map(_multiplies, self.partials))

    @cached_property
    def limit(self) -> float:
        """The argument beyond which a slope has vanished for good, whatever its factor: exp(-1500) is 0."""
        exponential = any(not EXPONENTIALS.isdisjoint(f.__code__.co_names) for f in self.partials)
        return 1500.0 if exponential else inf

    @cached_property
    def _wide_slopes(self) -> tuple[Callable[..., Any], ...]:
        return tuple(reading(f, _on_any_size) for f in self.partials)

    def in_any_range(
        self, xs: Sequence[float], y: float, slopes: Sequence[float], needs: Sequence[bool]
    ) -> Sequence[float]:
        """Return the needed local derivatives, as a `Wide` where a float would lose digits."""
        pairs = zip(slopes, needs, strict=True)
        ordinary = all([TINY < d < HUGE or -HUGE < d < -TINY or not need for d, need in pairs])
        far = self._has_partial_products and far_apart(xs)
        if ordinary and not -TINY < y < TINY and not far:
            return slopes
        if not (far or isfinite(y)) or not all(map(isfinite, xs)):
            return slopes
        again = self.wide_slopes_at(xs, y)
        # Keep a float that is right, with the sign of a zero and the last digit.
        return [
            d if not need or (type(w) is float and abs(w - d) <= 1e-15 * abs(w)) else w
            for w, d, need in zip(again, slopes, needs, strict=True)
        ]

    @cached_property
    def _has_partial_products(self) -> bool:
        return any("products_of_the_others" in f.__code__.co_names for f in self.partials)

    def value_in_any_range(self, xs: Sequence[float], y: float) -> float:
        """Return the value y, recomputed as a `Wide` if it or an argument is beyond a float's range."""
        return extended_range_functions.value_again(self.name, xs, y, together=self.arity is None)

    def wide_slopes_at(self, xs: Sequence[float], y: float) -> list[float]:
        """Return the local derivatives, computed with numbers of any size."""
        args = [unbounded(x) for x in xs]
        again = extended_range_functions.FUNCTIONS.get(self.name) if self.arity is not None else None
        value = again(*args) if again and abs(y) < SMALLEST_NORMAL else unbounded(y)
        return [narrow(d) for d in self.by_each(self._wide_slopes, args, value)]

    @cached_property
    def array_slopes(self) -> tuple[Callable[..., Any], ...]:
        """The local derivatives as functions of arrays, element by element."""
        return tuple(reading(f, _on_arrays) for f in self.partials)

    @cached_property
    def array(self) -> Callable[..., Any]:
        """The forward function on arrays, element by element, without errors at poles."""
        if self.on_arrays is not None:
            return array_functions.quiet(self.on_arrays)
        if self.ufunc is not None:
            return array_functions.quiet(getattr(np, self.ufunc))
        if "numpy" in self.forms:
            return array_functions.quiet(self._array_by_form(self.forms["numpy"]))
        if self.built_in and hasattr(array_functions, self.name):
            return array_functions.quiet(getattr(array_functions, self.name))
        if self.arity is None:
            return self._array_of_sequence
        return array_functions.quiet(array_functions.each(self.forward))

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
        """Whether the row belongs to the package's table and has the forms listed there."""
        return self.forms is FORMS.get(self.name)


def _on_floats(thing: Any) -> Any:
    return (thing.vector or thing.forward) if isinstance(thing, Evaluated) else thing


def _on_any_size(thing: Any) -> Any:
    if not isinstance(thing, Evaluated):
        return thing
    known = extended_range_functions.FUNCTIONS.get(thing.name) or extended_range_functions.EXACT.get(
        thing.name
    )
    return known or extended_range_functions.on_any_size(thing.vector or thing.forward)


def _is_zero(f: Callable[..., Any]) -> bool:
    return not f.__code__.co_names and f.__code__.co_consts[-1:] == (0.0,)


def _multiplies(f: Callable[..., Any]) -> bool:
    """Whether a local derivative multiplies or calls functions with results of any size and never selects."""
    names = set(f.__code__.co_names)
    if "len" in names or "equal" in names:
        return False
    operators = any(instruction.opname.startswith("BINARY") for instruction in get_instructions(f))
    return operators or not names.isdisjoint({*extended_range_functions.FUNCTIONS, *HELPERS})


def _on_arrays(thing: Any) -> Any:
    # Looked up when called: a derivative does not need every row defined beside it.
    return (lambda *args: thing.array(*args)) if isinstance(thing, Evaluated) else thing
