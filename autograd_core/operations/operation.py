"""`Operation`: a row of the table, and how it is called."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from inspect import Parameter, Signature, unwrap
from types import MethodType
from typing import Any
from weakref import WeakSet

from ..base import array_functions, modes
from ..base.modes import examine
from ..base.reals import box, floats_of, is_array, is_object, is_sequence, on_elements, real
from ..base.text import counted
from ..errors import DataError, DataValueError, OperationError
from .evaluation import TABLE as TABLE
from .evaluation import Evaluated
from .function_code import PYTHON, closes_over, fingerprint


@dataclass(frozen=True, slots=True)
class Notation:
    """How an operation is written.

    `kind` is "call", "infix", "prefix", "postfix", "power", "fraction", "root", "fence", "step", "cases" or
    "products"; a higher `precedence` binds tighter (comparison 0, sum 1, product 2, sign 3, power 4, call 5).
    """

    kind: str = "call"
    symbol: str = ""
    precedence: int = 5
    latex: str = ""


class _OfARow:
    """An attribute of functions that rows have too, but that the class of rows must not have."""

    def __init__(self, made: Callable[[Any], Any]) -> None:
        self.made = made

    def __get__(self, row: Any, owner: type | None = None) -> Any:
        if row is None:
            raise AttributeError(self.made.__name__)
        return self.made(row)


@dataclass(frozen=True, eq=False, repr=False)
class Operation(Evaluated):
    """One row of the table, which defines everything about one operation.

    Call it like a function: on numbers it returns a float, on `Value`s it builds a node, and on NumPy arrays
    it works element by element.

    `forward` takes floats and never raises; `partials` has one function `(*arguments, y) -> dy/dx` for each
    argument or, if the number of arguments is free (`arity` is None), a single function `(arguments, y)` for
    all of them. They are written in the table's functions and run on floats, on `Value`s (which builds the
    graph of the gradient) and on arrays.

    >>> from autograd_core.operations.table import sin
    >>> sin.name, sin.arity, sin(0.0), sin.slopes[0](0.0, 0.0)
    ('sin', 1, 0.0, 1.0)
    """

    name: str
    forward: Callable[..., float]
    partials: tuple[Callable[..., Any], ...]
    arity: int | None = 1
    domain: str = "real numbers"
    cure: str = ""
    defaults: tuple[float, ...] = ()
    pole: Callable[..., bool] | None = None  # Where an infinite result is a pole rather than overflow.
    outside: Callable[..., bool] | None = None  # Where the result is finite but undefined.
    vanishes: bool = False  # Whether the result can underflow.
    selects: bool = False
    """Whether no gradient flows into an argument with slope 0, such as a branch that is not taken."""
    vector: Callable[[Sequence[float]], list[float]] | None = None
    """All n values at once, for a row such as softmax, which makes n nodes of n arguments."""
    exponentials: bool = False  # Whether these values are computed from the arguments' exponentials.
    printed: tuple[Callable[..., Any], ...] = ()
    """The local derivatives as people write them, if `partials` has a form that preserves digits."""
    ties: bool = False  # Whether tied arguments share a slope of 1.
    of_square: tuple[Callable[..., Any], ...] = ()  # The derivatives of y²/2, if only y has a kink.
    over_argument: Callable[..., Any] | None = None  # For a smooth function of x²: (dy/dx)/x.
    sequences: int = 1
    """If the number of arguments is free: how many sequences of equal length they form, end to end."""
    ufunc: str | None = None
    """The NumPy function that does the same."""
    on_arrays: Callable[..., Any] | None = None
    """The function on NumPy arrays, for a row with neither a `ufunc` nor a NumPy form."""
    forms: Mapping[str, str] = field(default_factory=dict)
    """How it is written in other languages: the columns of `operations/foreign_forms.py`."""
    notation: Notation = field(default_factory=Notation)
    definition: str = ""
    """Its formula in terms of other operations, if its notation is just its name."""
    awkward: tuple[tuple[float, ...], ...] = ()
    """Kinks, ties and ends of the domain; the docstring states the convention at each."""
    parametric: bool = False
    """Whether a constant argument is part of the formula, like an exponent, and not data."""
    cost: Callable[[int], tuple[int, int]] = field(default=lambda n: (0, 0))
    """The number of multiplications and additions for n arguments; other functions are not counted."""
    rounding: float = 4e-15  # The largest relative error of the value.
    accumulates: bool = False  # Adds n terms: n times that, relative to the sum of their sizes.
    saturates: bool = False  # Whether it flattens out away from 0, where gradients vanish.
    rectifies: bool = False
    """Whether it passes positive numbers and cuts off negative ones, or nearly so."""
    module: str = ""
    """The class that `nn` makes of an activation; PyTorch's class, if any, has the same name."""
    gain: float = 1.0
    """The factor by which initial weights make up for the spread that an activation loses."""
    synonyms: tuple[str, ...] = ()  # Its names in other programs.
    about: str = ""
    """The docstring of the function it was made from."""

    def __repr__(self) -> str:
        return f"<operation {self.name}>"

    def __reduce__(self) -> tuple[Callable[[str], Operation], tuple[str]]:
        return operation, (text_of(self),)

    def __get__(self, node: object, owner: type | None = None) -> Operation:
        # A row can be a method of a class: `Value.sin = sin` makes `v.sin()` mean `sin(v)`.
        return self if node is None else MethodType(self, node)  # type: ignore[return-value]

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names of the arguments, from the first function that has them all."""
        count, functions = self.arity or 1, (*self.partials[:1], self.forward)
        codes = (unwrap(function).__code__ for function in functions)
        return next(code.co_varnames[:count] for code in codes if code.co_argcount >= count)

    @_OfARow
    def __name__(self) -> str:
        return str(self.name)

    @_OfARow
    def __signature__(self) -> Signature:
        """How it is called, for `inspect.signature`."""
        if self.arity is None:
            return Signature([Parameter("xs", Parameter.VAR_POSITIONAL)])
        defaults = [Parameter.empty] * (self.arity - len(self.defaults)) + list(self.defaults)
        pairs = zip(self.names, defaults, strict=True)
        return Signature([Parameter(n, Parameter.POSITIONAL_OR_KEYWORD, default=d) for n, d in pairs])

    @cached_property
    def fingerprint(self) -> str:
        """A text that distinguishes the row from others with its name."""
        return fingerprint((self.forward, *self.partials))

    @cached_property
    def as_printed(self) -> Operation:
        """The row with its local derivatives in their printed form."""
        return replace(self, partials=self.printed) if self.printed else self

    def arguments(self, args: Sequence[Any], named: dict[str, Any]) -> tuple[Any, ...]:
        """Return the arguments in order, with defaults filled in and sequences spread out."""
        if named:
            named = {n: x for n, x in named.items() if n in self.names or not _asks_nothing(n, x)}
        if self.arity is None:
            return self._spread(args, named)
        required = self.arity - len(self.defaults)
        given = dict(zip(self.names[required:], self.defaults, strict=True))
        for name, x in [*zip(self.names, args, strict=False), *named.items()]:
            if name not in self.names or (name in named and self.names.index(name) < len(args)):
                raise DataError(f"{self.name}: unexpected argument {name!r}; expected {self.signature}.")
            given[name] = x
        if len(given) != self.arity or len(args) > self.arity:
            count = len(args) + len(named)
            raise DataError(f"{self.name}: got {counted(count, 'argument')}; expected {self.signature}.")
        return tuple([given[name] for name in self.names])

    def _spread(self, args: Sequence[Any], named: dict[str, Any]) -> tuple[Any, ...]:
        if named:
            name = next(iter(named))
            raise DataError(f"{self.name}: unexpected argument {name!r}; expected {self.signature}.")
        lists = [list(x) for x in args if is_sequence(x)]
        if not lists:
            spread = list(args)
        elif len(lists) != len(args) or len(lists) != self.sequences:
            raise DataError(
                f"{self.name}: got {counted(len(args), 'argument')}, of them "
                f"{counted(len(lists), 'sequence')}; expected {self.signature}."
            )
        elif len({len(xs) for xs in lists}) > 1:
            lengths = " and ".join(str(len(xs)) for xs in lists)
            raise DataValueError(f"{self.name}: sequences of lengths {lengths}; expected equal lengths.")
        else:
            spread = [x for xs in lists for x in xs]
        if not spread or len(spread) % self.sequences:
            raise DataValueError(f"{self.name}: got {len(spread)} numbers; expected {self.signature}.")
        return tuple(spread)

    @property
    def signature(self) -> str:
        """How it is called, for messages: `leaky_relu(x, negative_slope=0.01)`."""
        if self.arity is None:
            lists = ", ".join(["[a1, a2, ...]", "[b1, b2, ...]"][: self.sequences])
            return f"{self.name}({lists}), with at least one number each"
        required = self.arity - len(self.defaults)
        optional = [f"{n}={d}" for n, d in zip(self.names[required:], self.defaults, strict=True)]
        return f"{self.name}({', '.join([*self.names[:required], *optional])})"

    def takes(self, count: int) -> bool:
        """Whether it accepts that number of arguments."""
        return count == self.arity if self.arity is not None else count > 0 == count % self.sequences

    def __call__(self, *args: Any, **named: Any) -> Any:
        if len(args) == 1 == self.arity and not named:
            apply = getattr(type(args[0]), "__apply_operation__", None)
            if apply is not None:
                return apply(self, args)
        if named and self.arity is None and self.sequences == 1 and array_functions.names_axes(args, named):
            return array_functions.along(self, *args, **named)
        if named or len(args) != self.arity:  # Never equal if the number of arguments is free.
            args = self.arguments(args, named)
        if self.vector is not None and (any(map(is_object, args)) or not any(map(is_array, args))):
            return [self._apply((x, *args[:i], *args[i + 1 :])) for i, x in enumerate(args)]
        return self._apply(args)

    def _apply(self, args: tuple[Any, ...]) -> Any:
        apply = None
        for kind in set(map(type, args)):
            apply = getattr(kind, "__apply_operation__", None) or apply
            if hasattr(kind, "shape") and any(map(is_array, args)):
                return self._apply_to_arrays(args)
        if apply is not None:
            return apply(self, args)
        xs = tuple([real(x, self.name) for x in args])
        y = self.value_at(xs)
        if y - y or modes.unusual or self.outside:
            examine(self, xs, y)
        return y

    def _apply_to_arrays(self, args: tuple[Any, ...]) -> Any:
        if any(is_object(x) for x in args):
            return on_elements(lambda *xs: self._apply(xs), [x if is_array(x) else box(x) for x in args])
        for x in [x for x in args if getattr(getattr(x, "dtype", None), "kind", "f") not in "biuf"]:
            floats_of(x, self.name)  # Raises with the right message.
        return self.array(args) if self.arity is None else self.array(*args)


made: dict[str, WeakSet[Operation]] = {}
"""User-defined rows by name, including those that another row has replaced in the table."""


def register(row: Operation) -> Operation:
    """Add a row to the table."""
    if row.name in TABLE:
        raise DataValueError(f"register: {row.name!r} is already in the table; expected another name.")
    if not row.name.isidentifier():
        raise DataValueError(f"register: not the name of an operation: {row.name!r}; expected an identifier.")
    count = 1 if row.arity is None else row.arity
    if len(row.partials) != count:
        raise OperationError(
            f"{row.name}: wrong number of local derivatives: {len(row.partials)}; expected {count}."
        )
    TABLE[row.name] = row
    return row


def text_of(row: Operation) -> str:
    """Return a row's text in files: its name and, if user-defined, Python's version and a fingerprint."""
    return f"{row.name}:{row.fingerprint}" if row in made.get(row.name, ()) else row.name


def operation(text: str) -> Operation:
    """Return the row for such a text; one from another version of Python is found by name alone."""
    name, _, mark = text.partition(":")
    rows: list[Operation] = [TABLE[name]] if name in TABLE else []
    rows += [row for row in made.get(name, ()) if row not in rows]
    found = [row for row in rows if row.fingerprint == mark] if mark else rows
    if len(rows) == 1 and mark.partition(":")[0] not in ("", PYTHON) and not found:
        found = [row for row in rows if not any(map(closes_over, (row.forward, *row.partials)))]
    if not found:
        which = f"{name!r} with the same code" if mark else repr(name)
        raise OperationError(f"operation: no {which} in the table; register it first.")
    return found[0]


def _asks_nothing(option: str, x: Any) -> bool:
    """Whether this is a default that `np.sum(v)` and the like pass on to a method of a single number."""
    if option in ("axis", "dtype", "out"):
        return x is None or (option == "axis" and type(x) is int and x in (0, -1))
    return (option == "keepdims" and x is False) or (option == "decimals" and type(x) is int and x == 0)
