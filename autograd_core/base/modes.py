"""The modes that change what an operation does: `no_grad` and `errstate`.

They are kept in a context variable, so each thread and each asyncio task has its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, replace
from math import isinf
from typing import TYPE_CHECKING, Any, Never, Self, TypeVar

from ..errors import DataError, DataValueError, DomainError, PoleError, RangeError
from .reals import described
from .restoring import TemporaryChange, decorated

if TYPE_CHECKING:
    from ..operations.operation import Operation

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Modes:
    """Whether gradients are recorded, how errors are handled, the hooks of tracers, and the scope."""

    grad: bool = True
    divide: str = "raise"
    invalid: str = "raise"
    over: str = "ignore"
    under: str = "ignore"
    build: Callable[..., Any] | None = None
    compare: Callable[..., Any] | None = None
    scope: Any = None


_USUAL = Modes()
_modes: ContextVar[Modes] = ContextVar("modes", default=_USUAL)

# The switches active in any thread or task. If there are none, an operation need not read the context
# variable, which would take a tenth of its time; if there are some, the context variable decides.
unusual: dict[object, Switch] = {}
overflow_raises: dict[object, Switch] = {}
"""The switches under which overflow is an error; a sweep then examines each number."""


def current() -> Modes:
    """Return the modes of this thread or task."""
    return _modes.get()


def tracing() -> bool:
    """Whether the graph will be evaluated at other points, where `where` may take its other branch."""
    return bool(unusual) and current().compare is not None


class Switch(TemporaryChange["Switch"]):
    """Change some modes for a `with` block or a decorated function, and restore them afterwards."""

    def __init__(self, **changes: Any) -> None:
        super().__init__()
        self._changes = changes

    def __call__(self, function: F) -> F:
        # A decorated function may run in several threads at once: each call has its own switch.
        return decorated(lambda: self._with(self._changes), function)  # type: ignore[return-value]

    @classmethod
    def _with(cls, changes: dict[str, Any]) -> Self:
        switch = cls.__new__(cls)
        Switch.__init__(switch, **changes)
        return switch

    def _changing(self) -> Iterator[Self]:
        before = _modes.get()
        inside = self._changed(before)
        key, after = object(), before
        unusual[key] = self
        try:
            if inside.over == "raise":
                overflow_raises[key] = self
            _modes.set(inside)
            yield self
            after = self._restored(before, inside)
        finally:
            del unusual[key]
            if key in overflow_raises:  # Ctrl-C may come after a call, and before the modes are set.
                del overflow_raises[key]  # noqa: RUF051
            _modes.set(after)

    def _changed(self, before: Modes) -> Modes:
        return replace(before, **self._changes)

    def _restored(self, before: Modes, inside: Modes) -> Modes:
        return before


def refuse_function(name: str, given: tuple[Any, ...]) -> None:
    """Raise if a mode without arguments gets one, usually because its brackets were forgotten."""
    if given:
        got = getattr(given[0], "__name__", repr(given[0])[:60])
        raise DataError(
            f"{name}: unexpected argument 1 = {got}; expected none by position. Write @{name}() with "
            f"brackets above a function, or with {name}():."
        )


class no_grad(Switch):
    """Record no graph: the results of operations inside are constants.

    >>> from autograd_core import Value
    >>> x = Value(3.0)
    >>> with no_grad():
    ...     y = x * x
    >>> y.requires_grad, y.parents
    (False, ())
    """

    def __init__(self, *given: Never) -> None:
        refuse_function("no_grad", given)
        super().__init__(grad=False)


class errstate(Switch):
    """Choose what happens at a pole, an undefined value, overflow and underflow.

    Each of `divide`, `invalid`, `over` and `under` is `"raise"` or `"ignore"`, as in `numpy.errstate`; `all`
    sets the four at once. By default divide and invalid raise, over and under are ignored.

    >>> from autograd_core import Value, log
    >>> with errstate(divide="ignore"):
    ...     log(Value(0.0)).data
    -inf
    """

    def __init__(
        self,
        *given: Never,
        all: str | None = None,
        divide: str | None = None,
        invalid: str | None = None,
        over: str | None = None,
        under: str | None = None,
        **unknown: Never,
    ) -> None:
        refuse_function("errstate", given)
        if unknown:
            name = next(iter(unknown))
            expected = "all, divide, invalid, over and under"
            raise DataError(f"errstate: unknown option {name!r}; expected some of {expected}.")
        named = {"divide": divide, "invalid": invalid, "over": over, "under": under}
        changes = {name: all if word is None else word for name, word in named.items()}
        changes = {name: word for name, word in changes.items() if word is not None}
        for name, word in changes.items():
            if not isinstance(word, str) or word not in ("raise", "ignore"):
                raise DataValueError(
                    f"errstate: unknown treatment: {name} = {word!r}; expected 'raise' or 'ignore'."
                )
        super().__init__(**changes)


class building(Switch):
    """Pass operations on to a tracer or simplifier.

    Inside, every operation is passed to `build(operation, nodes)`, and every comparison to
    `compare(outcome, test, a, b)`.
    """

    def __init__(
        self, build: Callable[..., Any] | None = None, compare: Callable[..., Any] | None = None
    ) -> None:
        super().__init__(build=build, compare=compare)


SMALLEST_NORMAL = 2.0**-1022


def examine(row: Operation, args: Sequence[Any], y: float) -> None:
    """Raise the error required by the modes if `y`, the row's value at `args`, is infinite or NaN."""
    xs = [getattr(x, "data", x) for x in args]
    mode = current()
    if y != y:
        if mode.invalid == "raise" and not any(x != x for x in xs):
            raise DomainError(_complaint(row, "undefined", args, "invalid", "nan"))
    elif isinf(y):
        if any(x != x or isinf(x) for x in xs):
            return
        if row.pole is not None and row.pole(*xs):
            if mode.divide == "raise":
                raise PoleError(_complaint(row, "pole", args, "divide", str(y)))
        elif mode.over == "raise":
            raise RangeError(_complaint(row, "overflow", args, "over", str(y)))
    elif row.outside is not None and row.outside(*xs):
        if mode.invalid == "raise":
            raise DomainError(_complaint(row, "undefined", args, "invalid", str(y)))
    elif row.vanishes and mode.under == "raise" and abs(y) < SMALLEST_NORMAL and not _is_exact_zero(xs, y):
        raise RangeError(_complaint(row, "underflow", args, "under", str(y)))


def _is_exact_zero(xs: Sequence[float], y: float) -> bool:
    return y == 0.0 and any(x == 0.0 or isinf(x) for x in xs)


def _complaint(row: Operation, fault: str, args: Sequence[Any], mode: str, result: str) -> str:
    cure = f"{row.cure} " if row.cure else ""
    return (
        f"{row.name}: {fault}: {described(args)}; expected {row.domain}. "
        f"{cure}Inside errstate({mode}='ignore') the result is {result}."
    )
