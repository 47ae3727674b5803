"""`Operation`: a row of the table, and how it is called."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from inspect import Parameter, Signature, unwrap
from types import MethodType
from typing import Any
from weakref import WeakSet

from ..base import modes, vectors
from ..base.modes import examine
from ..base.reals import box, floats_of, is_array, is_object, is_sequence, on_elements, real
from ..base.text import counted
from ..errors import DataError, DataValueError, OperationError
from .evaluation import TABLE as TABLE
from .evaluation import Evaluated
from .extending.user_functions import PYTHON, closes_over, fingerprint


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
    """What a function has and a row has too, but not the class of rows."""

    def __init__(self, made: Callable[[Any], Any]) -> None:
        self.made = made

    def __get__(self, row: Any, owner: type | None = None) -> Any:
        if row is None:
            raise AttributeError(self.made.__name__)
        return self.made(row)


@dataclass(frozen=True, eq=False, repr=False)
class Operation(Evaluated):
    """One row: all there is to say of one operation.

    It is called like a function: on numbers it gives a float, on `Value`s it builds a node, on NumPy arrays
    it works element by element.

    `forward` takes floats and never raises; `partials` has one function `(*arguments, y) -> dy/dx` for each
    argument, or, where the number of arguments is free (`arity` is None), one function `(arguments, y)` for
    all of them. They are written in the table's own functions, and read in three ways: on floats, on
    `Value`s (which builds the graph of the gradient) and on arrays.

    >>> from autograd_core.kernel.table import sin
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
    pole: Callable[..., bool] | None = None  # Where a result of infinity is a pole, and not overflow.
    outside: Callable[..., bool] | None = None  # Where the result is finite and yet undefined.
    vanishes: bool = False  # Whether the result can underflow.
    selects: bool = False
    """Whether a slope of 0 marks an argument into which no gradient flows, as a branch that is not taken."""
    vector: Callable[[Sequence[float]], list[float]] | None = None
    """For a row such as softmax, which a list of n arguments turns into n nodes: all n values at once."""
    exponentials: bool = False  # Whether all those values are made of the exponentials of the arguments.
    printed: tuple[Callable[..., Any], ...] = ()
    """The local derivatives as people write them, where `partials` guards boundary points or digits."""
    ties: bool = False  # Whether arguments that tie share a slope of 1.
    of_square: tuple[Callable[..., Any], ...] = ()  # The derivatives of y²/2, where y has a kink and y² none.
    over_argument: Callable[..., Any] | None = None  # Of a smooth function of x², its derivative by x over x.
    sequences: int = 1
    """Of a free number of arguments: how many sequences of one length they form, laid end to end."""
    ufunc: str | None = None
    """The NumPy function that does the same."""
    on_arrays: Callable[..., Any] | None = None
    """The function on NumPy arrays, of a row that has neither a `ufunc` nor a form in NumPy."""
    forms: Mapping[str, str] = field(default_factory=dict)
    """How it is written in other languages, by the columns of `base/foreign_forms.py`."""
    notation: Notation = field(default_factory=Notation)
    definition: str = ""
    """Its formula in terms of other operations, where its notation is but its name."""
    awkward: tuple[tuple[float, ...], ...] = ()
    """Kinks, ties and ends of the domain, at which its docstring tells what is taken to hold."""
    parametric: bool = False
    """Whether a constant argument is part of the formula, like an exponent, as with `defaults`, not data."""
    cost: Callable[[int], tuple[int, int]] = field(default=lambda n: (0, 0))
    """How many multiplications and additions it takes at n arguments; other functions are not counted."""
    rounding: float = 4e-15  # How far the value may be from the exact one, relative to it.
    accumulates: bool = False  # It adds n terms: then n times that, relative to the sum of their sizes.
    saturates: bool = False  # Whether it flattens away from 0, so that hardly a gradient passes.
    rectifies: bool = False
    """Whether it lets positive numbers pass and cuts negative ones off, or nearly."""
    module: str = ""
    """The class that `nn` makes of it, an activation; PyTorch's has the same name, if it has one."""
    gain: float = 1.0
    """Of an activation: the factor by which initial weights make up for the spread that it loses."""
    synonyms: tuple[str, ...] = ()  # What other programs call it.
    about: str = ""
    """The docstring of the function that it was made from."""

    def __repr__(self) -> str:
        return f"<operation {self.name}>"

    def __reduce__(self) -> tuple[Callable[[str], Operation], tuple[str]]:
        return operation, (text_of(self),)

    def __get__(self, node: object, owner: type | None = None) -> Operation:
        # A row can stand in a class as a method: `Value.sin = sin` makes `v.sin()` mean `sin(v)`.
        return self if node is None else MethodType(self, node)  # type: ignore[return-value]

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The arguments' names, from the first function that has them all."""
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
        """What tells the row from others of its name."""
        return fingerprint((self.forward, *self.partials))

    @cached_property
    def as_printed(self) -> Operation:
        """The row with its local derivatives as they are printed."""
        return replace(self, partials=self.printed) if self.printed else self

    def arguments(self, args: Sequence[Any], named: dict[str, Any]) -> tuple[Any, ...]:
        """The arguments in order, with defaults filled in and sequences spread out."""
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
        """Whether it can have that number of arguments."""
        return count == self.arity if self.arity is not None else count > 0 == count % self.sequences

    def __call__(self, *args: Any, **named: Any) -> Any:
        if len(args) == 1 == self.arity and not named:
            apply = getattr(type(args[0]), "__apply_operation__", None)
            if apply is not None:
                return apply(self, args)
        if named and self.arity is None and self.sequences == 1 and vectors.names_axes(args, named):
            return vectors.along(self, *args, **named)
        if named or len(args) != self.arity:  # Never equal where the number of arguments is free.
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
            floats_of(x, self.name)  # It has the words.
        return self.array(args) if self.arity is None else self.array(*args)


made: dict[str, WeakSet[Operation]] = {}
"""The rows of the user's own by their names, also those whose place in the table another has taken."""


def register(row: Operation) -> Operation:
    """Add a row to the table."""
    if row.name in TABLE:
        raise DataValueError(f"register: the table has {row.name!r} already; expected another name.")
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
    """What a file calls the row: its name, and of the user's own Python's version and a fingerprint."""
    return f"{row.name}:{row.fingerprint}" if row in made.get(row.name, ()) else row.name


def operation(text: str) -> Operation:
    """The row of that name and fingerprint; if that is of another version of Python, by its name alone."""
    name, _, mark = text.partition(":")
    rows: list[Operation] = [TABLE[name]] if name in TABLE else []
    rows += [row for row in made.get(name, ()) if row not in rows]
    found = [row for row in rows if row.fingerprint == mark] if mark else rows
    if len(rows) == 1 and mark.partition(":")[0] not in ("", PYTHON) and not found:
        found = [row for row in rows if not any(map(closes_over, (row.forward, *row.partials)))]
    if not found:
        which = f"{name!r} made as it was here" if mark else repr(name)
        raise OperationError(f"operation: no {which} in the table; register it first.")
    return found[0]


def _asks_nothing(option: str, x: Any) -> bool:
    """Whether this is what `np.sum(v)` and its like hand on to a method of a single number."""
    if option in ("axis", "dtype", "out"):
        return x is None or (option == "axis" and type(x) is int and x in (0, -1))
    return (option == "keepdims" and x is False) or (option == "decimals" and type(x) is int and x == 0)
