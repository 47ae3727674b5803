"""Validate user input: sizes, rates, names, input vectors."""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from inspect import Parameter, Signature, signature
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

from autograd_core import DataError, DataValueError, Value
from autograd_core.base import contained, elements, flag, np, shown, whole_number

__all__ = [
    "DEEPEST", "ONE_ROW", "ChecksOptions", "brief", "checking_options", "constant", "counted", "examples",
    "flag", "generator", "known", "listed", "nearest", "number_of", "rate", "refuse_too_deep",
    "refuse_unknown", "size", "sizes", "vector",
]  # fmt: skip

KindT = TypeVar("KindT")

DEEPEST = 100
"""The deepest nesting of lists allowed, because a list that contains itself never ends."""

size, brief = whole_number, shown

ONE_ROW = "Give one row at a time, or use model.predict(x) for many."


def refuse_too_deep(depth: int, who: str) -> None:
    """Raise if a list is nested too deeply, for instance because it contains itself."""
    if depth > DEEPEST:
        raise DataError(f"{who}: nested too deeply; expected at most {DEEPEST} levels of lists.")


def rate(
    x: Any,
    who: str,
    name: str,
    low: float = 0.0,
    high: float = math.inf,
    *,
    closed: bool = True,
    including: bool = False,
) -> float:
    """Return `x` as a float in [low, high); `closed` includes `low`, `including` includes `high`."""
    expected = f"a finite number {'>=' if closed else '>'} {low:g}" + (
        f" and {'<=' if including else '<'} {high:g}" if high < math.inf else ""
    )
    if isinstance(x, (bool, str, bytes)) or not hasattr(type(x), "__float__") or isinstance(x, Value):
        raise DataError(f"{who}: not a number: {name} = {brief(x)}; expected {expected}.")
    try:
        number = float(x)
    except OverflowError:
        number = math.inf
    except (TypeError, ValueError):
        raise DataError(f"{who}: not a number: {name} = {brief(x)}; expected {expected}.") from None
    inside = low < number < high or (closed and number == low) or (including and number == high)
    if not (math.isfinite(number) and inside):
        told = f"{name} = {brief(x)}; expected {expected}."
        raise DataValueError(f"{who}: invalid {name.replace('_', ' ')}: {told}")
    return number


def known(name: Any, names: Iterable[str], who: str, what: str) -> str:
    """Return `name` if it is one of `names`; otherwise raise, listing them and the nearest."""
    names = list(names)
    if isinstance(name, str) and name in names:
        return name
    hint = nearest(name, names) if isinstance(name, str) and len(name) <= 100 else ""
    kind = DataValueError if isinstance(name, str) else DataError
    raise kind(f"{who}: unknown {what} {brief(name)}; expected one of {', '.join(names)}.{hint}")


def nearest(name: str, names: Iterable[str]) -> str:
    """Ask whether another name was meant, if a similar one exists."""
    near = difflib.get_close_matches(name, names, 1)
    return f" Did you mean {near[0]!r}?" if near else ""


def refuse_unknown(options: Iterable[str], names: Iterable[str], who: str) -> None:
    """Raise for an option that is not one of `names`, and name the nearest."""
    names = list(names)
    if unknown := [name for name in options if name not in names]:
        told = f"{who}: unexpected option {unknown[0]!r}; expected {', '.join(names) or 'none'}."
        raise DataError(told + nearest(unknown[0], names))


class ChecksOptions:
    """A class whose constructor names the option that was probably meant."""

    __slots__ = ()

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if "__init__" in vars(cls):
            checking_options(cls)

    if not TYPE_CHECKING:  # A type checker then knows that there are no arguments.

        def __init__(self, *args: Any, **options: Any) -> None:
            if getattr(super().__init__, "__objclass__", None) is object:
                who = type(self).__name__
                refuse_unknown(options, (), who)
                if args:
                    raise DataError(f"{who}: got {brief(args[0])}; expected no arguments.")
            super().__init__(*args, **options)

        __init__.__signature__ = Signature([Parameter("self", Parameter.POSITIONAL_ONLY)])


def checking_options(kind: type[KindT]) -> type[KindT]:
    """Make a class's constructor name the option that was probably meant; decorates a dataclass."""
    kind.__init__ = _checking_options(kind.__init__)  # type: ignore[method-assign]
    return kind


def _checking_options(construct: Callable[..., None]) -> Callable[..., None]:
    parameters = list(signature(construct).parameters.values())[1:]
    if any(parameter.kind is Parameter.VAR_KEYWORD for parameter in parameters):
        return construct
    names = dict.fromkeys(parameter.name for parameter in parameters)

    @wraps(construct)
    def checked(self: Any, *args: Any, **options: Any) -> None:
        if not options.keys() <= names.keys():
            refuse_unknown(options, names, type(self).__name__)
        construct(self, *args, **options)

    return checked


def listed(x: Any, who: object) -> list[Any]:
    """Return the numbers of one example as a list, from a list, a tuple, a row of an array, or a number."""
    if isinstance(x, (Value, float, int)):
        return [x]
    if isinstance(x, (list, tuple)):
        return list(x)
    if getattr(x, "ndim", None) == 0:
        return [x.item()]
    if getattr(x, "ndim", None) == 1 and hasattr(x, "tolist"):
        return list(x.tolist())
    shape = f"array of shape {x.shape}" if hasattr(x, "shape") else f"{type(x).__name__} {brief(x)}"
    raise DataError(f"{who}: not a single example: got {shape}; expected a list of numbers. {ONE_ROW}")


def examples(rows: Any) -> list[Any]:
    """Return the examples of a batch as a list."""
    return elements(rows, "forward_batch", "rows", "a list of examples")


def number_of(x: Any) -> Any:
    """Return the number of a `Value`, or anything else unchanged (NumPy numbers have an unrelated `data`)."""
    return x.data if isinstance(x, Value) else x


def vector(x: Any, length: int, who: object) -> list[Value]:
    """Return one example of `length` numbers as `Value`s; plain numbers become constants x1, x2, ..."""
    values = x if type(x) is list else listed(x, who)
    if len(values) != length:
        _refuse_length(values, length, who)
    for v in values:
        if type(v) is not Value:
            pairs = enumerate(values)
            return [v if isinstance(v, Value) else constant(v, i, who, f"x{i + 1}") for i, v in pairs]
    return values


def _refuse_length(values: list[Any], length: int, who: object) -> NoReturn:
    if values and isinstance(values[0], (list, tuple)):
        raise DataError(
            f"{who}: not a single example: got {len(values)} rows; expected {length} numbers. {ONE_ROW}"
        )
    cure = " To predict or fit a single example, pass a table with one row of numbers: [[...]]."
    raise DataValueError(
        f"{who}: wrong number of inputs: expected {length}, got {len(values)}.{cure * (len(values) == 1)}"
    )


def constant(x: Any, i: int, who: object, label: str = "") -> Value:
    """Return an input number as a node without gradient."""
    try:
        return Value(x, label, requires_grad=False)
    except DataError as error:
        cure = f" {ONE_ROW}" if isinstance(x, (list, tuple)) else ""
        told = f"{who}: input {i} is not a number: got {brief(x)}; expected a number.{cure}"
        raise DataError(told) from error


@contained  # NumPy changes its error state to create one, and Ctrl-C may arrive in the meantime.
def seeded(seed: Any) -> np.random.Generator:
    """Return a NumPy generator seeded with one or more numbers; a fresh one for None."""
    return np.random.default_rng(seed)


def generator(rng: Any, who: str) -> np.random.Generator:
    """Return a NumPy generator: the given one, one with that seed, or a fresh one for None."""
    if rng is None or isinstance(rng, (np.random.Generator, np.random.SeedSequence)):
        return seeded(rng)
    if isinstance(rng, bool) or not hasattr(type(rng), "__index__"):
        raise DataError(
            f"{who}: not a generator: rng = {brief(rng)}; "
            "expected numpy.random.default_rng(seed), a seed or None."
        )
    return seeded(size(rng, who, "rng", 0))


def counted(n: int, thing: str) -> str:
    """Write a count with its noun: `1 epoch`, `2 epochs`."""
    return f"{n} {thing}" + "s" * (n != 1)


def sizes(ns: Any, who: str, name: str) -> list[int]:
    """Return a list of at least one whole number, each at least 1."""
    if isinstance(ns, (str, bytes)) or not isinstance(ns, Sequence):
        raise DataError(f"{who}: not a list of sizes: {name} = {brief(ns)}; expected e.g. [16, 16, 1].")
    if not ns:
        raise DataValueError(f"{who}: not sizes: {name} = {brief(ns)}; expected e.g. [16, 16, 1].")
    return [size(n, who, f"{name}[{i}]") for i, n in enumerate(ns)]


Array = Any

SMALLEST, LARGEST = 1e-100, 1e100
"""The range in which squares and their sum are normal floats."""


def length(arrays: Sequence[Array]) -> tuple[float, float]:
    """Return the common Euclidean norm of arrays as a product (a, b), which may be too large for a float.

    >>> length([np.array([3e200]), np.array([4e200])])
    (4e+200, 1.25)
    """
    largest = float(max((np.abs(x).max(initial=0.0) for x in arrays), default=0.0))
    if SMALLEST <= largest <= LARGEST:
        return 1.0, float(np.linalg.norm([np.linalg.norm(x.ravel()) for x in arrays]))
    if not 0.0 < largest < np.inf:
        return 1.0, largest
    return largest, float(np.linalg.norm([np.linalg.norm(x.ravel() / largest) for x in arrays]))


def lengths(rows: Array) -> tuple[Array, Array]:
    """Return the norm of each row of a matrix, as two columns whose product it is."""
    largest = np.abs(rows).max(axis=1, keepdims=True, initial=0.0)
    ordinary = (largest >= SMALLEST) & (largest <= LARGEST)
    scale = np.where(ordinary | (largest == 0.0) | ~np.isfinite(largest), 1.0, largest)
    return scale, np.sqrt(np.sum(np.square(rows / scale), axis=1, keepdims=True))
