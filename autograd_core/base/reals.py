"""Convert real numbers of any type to float; describe bad values in error messages."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from math import fsum, isinf
from operator import index
from typing import Any

from ..errors import DataError, DataValueError
from .importing import np
from .restoring import contained
from .text import counted

EXACT = 2**53
"""From here on, not every whole number is a float."""


def real(x: Any, name: str = "Value") -> float:
    """Convert any real number to float; refuse text, None, complex numbers and arrays."""
    if type(x) is float or (type(x) is int and -EXACT < x < EXACT):
        return float(x)
    if isinstance(x, (str, bytes, bytearray, complex)) or not hasattr(type(x), "__float__"):
        raise DataError(f"{name}: not a real number: got {brief(x)}; expected int, float or such. {_cure(x)}")
    refuse_masked(x, name)
    if getattr(x, "ndim", 0):
        raise DataError(f"{name}: not a single number: got {brief(x)}; expected one number. {_cure(x)}")
    try:
        number = float(x)
    except OverflowError:
        digits = f"an integer of {x.bit_length()} bits" if isinstance(x, int) else type(x).__name__
        message = f"{name}: too large for a float: got {digits}; expected at most 1.8e308."
        raise DataValueError(message) from None
    except (TypeError, ValueError):  # For example, a signaling NaN of decimal.
        message = f"{name}: not a real number: got {brief(x)}; expected int, float or such. {_cure(x)}"
        raise DataError(message) from None
    if isinf(number) and x != number:
        raise DataValueError(f"{name}: too large for a float: got {brief(x)}; expected at most 1.8e308.")
    return number


def number_of_leaf(x: Any, label: Any) -> float:
    """Convert `x` to float; explain the mistake if a label was passed in its place."""
    try:
        return real(x)
    except DataError:
        if isinstance(x, str) and hasattr(type(label), "__float__"):
            raise DataError(
                f"Value: the label comes before the number: got Value({x!r}, {label!r}); expected the "
                f"number first. Write Value({label!r}, {x!r})."
            ) from None
        raise


def brief(x: Any) -> str:
    """Describe anything in a short text, with its type, for messages."""
    text = shown(x)
    return text if text.startswith(type(x).__name__ + " that") else f"{type(x).__name__} {text}"


def shown(x: Any) -> str:
    """Describe anything in a short text, for messages."""
    try:
        text = repr(x)
    except Exception:  # For example, a list nested too deeply, or a number with too many digits.
        return f"{type(x).__name__} that cannot be shown"
    return text if len(text) <= 60 else text[:57] + "..."


def _cure(x: Any) -> str:
    if isinstance(x, str):
        return "Turn text into a number with float(text)."
    if isinstance(x, complex):
        return "Complex numbers are not supported; use two Values."
    if isinstance(x, (list, tuple)) or is_array(x):
        return "Make one Value of each element: [Value(x) for x in xs]."
    if hasattr(type(x), "__apply_operation__"):
        return "It is already a Value: use it as is, or x.detach() for a constant."
    return "Give it a number."


def described(args: Sequence[Any], limit: int = 4) -> str:
    """Describe the arguments of a call, with their labels."""
    parts = []
    for i, x in enumerate(args[:limit], start=1):
        label = getattr(x, "label", "")
        parts.append(f"argument {i} = {getattr(x, 'data', x)!r}" + (f" (node {label!r})" if label else ""))
    return ", ".join(parts) + (f", ... ({len(args)} arguments)" if len(args) > limit else "")


def is_array(x: Any) -> bool:
    """Whether `x` is a NumPy array of one or more dimensions, an array of objects, or similar."""
    if getattr(x, "ndim", None) is None or not hasattr(type(x), "__array_ufunc__"):
        return False
    return x.ndim > 0 or getattr(x.dtype, "kind", "") == "O"


def is_object(x: Any) -> bool:
    """Whether `x` is an array of objects, or a `Value`."""
    return str(getattr(x, "dtype", "")) == "object" or hasattr(type(x), "__apply_operation__")


def is_sequence(x: Any) -> bool:
    """Whether `x` holds several arguments."""
    if type(x) in (list, tuple):
        return True
    if isinstance(x, (str, bytes, dict)) or hasattr(type(x), "__apply_operation__"):
        return False
    return isinstance(x, Iterable) and getattr(x, "ndim", 1) > 0


def box(x: Any) -> Any:
    """Wrap `x` in a zero-dimensional array, which NumPy does not inspect."""
    empty = np.empty((), dtype=object)
    empty[()] = x
    return empty


@contained
def on_elements(function: Callable[..., Any], arrays: Sequence[Any]) -> Any:
    """Apply a function to the elements of arrays of objects; return an array of the results.

    NumPy would warn about the processor's flags afterwards; the function reports its own errors.
    """
    with np.errstate(all="ignore"):
        return np.frompyfunc(function, len(arrays), 1)(*arrays)


def floats_of(x: Any, name: str) -> Any:
    """Convert an array or nested lists of real numbers to float64; reject text, dates and the like.

    NumPy itself would convert text and dates to numbers, and drop imaginary parts and masks.
    """
    try:
        array = np.asarray(x)
    except ValueError:
        raise DataError(f"{name}: rows of different lengths: got {brief(x)}; expected numbers.") from None
    refuse_masked(x, name)
    if array.dtype.kind not in "fiub":
        if array.dtype == object:
            return np.array([real(item, name) for item in array.ravel()]).reshape(array.shape)
        raise DataError(f"{name}: not real numbers: got {brief(x)}; expected floats.")
    return np.asarray(array, np.float64)


def refuse_masked(x: Any, name: str) -> None:
    """Raise an error for an array with masked numbers, which would be used as if they were valid."""
    mask = getattr(x, "mask", None)
    if mask is not None and hasattr(x, "filled") and mask.any():
        raise DataError(f"{name}: masked numbers: got {brief(x)}; expected numbers. Use x.filled(...).")


def exact_sum(xs: Sequence[float]) -> float:
    """Return the sum, rounded once; if it is out of range or not a number, the sum as floats add up.

    >>> exact_sum([1e16, 1.0, -1e16]), exact_sum([1e308, 1e308])
    (1.0, inf)
    """
    try:
        return fsum(xs)
    except (OverflowError, ValueError):
        return sum(xs)


LARGEST = 2**63 - 1
"""The largest whole number: more does not fit in an array's shape, and overflows as a float."""


def whole_number(n: Any, who: str, name: str, at_least: int = 1) -> int:
    """Return `n` as an int of at least `at_least`."""
    expected = f"expected an int of at least {at_least}."
    try:
        whole = None if isinstance(n, bool) else index(n)
    except Exception:  # NumPy's arrays raise their own errors.
        whole = None
    if whole is None:
        raise DataError(f"{who}: not a whole number: {name} = {shown(n)}; {expected}")
    if whole < at_least:
        raise DataValueError(f"{who}: too small: {name} = {shown(n)}; {expected}")
    if whole > LARGEST:
        raise DataValueError(f"{who}: too large: {name} = {shown(n)}; expected an int of at most {LARGEST}.")
    return whole


def flag(x: Any, who: str, name: str) -> bool:
    """Return `x`, which is True or False, as a bool."""
    if isinstance(x, bool):
        return x
    if str(getattr(x, "dtype", "")) == "bool" and x.ndim == 0:
        return bool(x)
    raise DataError(f"{who}: neither True nor False: {name} = {shown(x)}; expected a bool.")


def elements(xs: Any, who: str, name: str, expected: str, what: str = "not a list") -> list[Any]:
    """Return the elements of a list, an array or another iterable, but not of text."""
    if not isinstance(xs, (str, bytes)):
        try:
            return list(xs)
        except TypeError:
            pass
    raise DataError(f"{who}: {what}: {name} = {shown(xs)}; expected {expected}.")


def item(
    things: Sequence[Any], place: Any, who: str, what: str = "place",
    refused: str = "not a place", expected: str = "a whole number or a slice",
) -> Any:  # fmt: skip
    """Return `things[place]`, for a place or a slice."""
    try:
        return things[place]
    except TypeError:
        raise DataError(f"{who}: {refused}: got {brief(place)}; expected {expected}.") from None
    except IndexError:
        told = f"got {index(place)}; expected at least {-len(things)} and less than {len(things)}."
        raise IndexError(f"{who}: no such {what}: {told}") from None


def called(who: str, function: Callable[..., Any], *args: Any, **named: Any) -> Any:
    """Call a user's function; explain the error if it does not accept these arguments."""
    try:
        return function(*args, **named)
    except TypeError as error:
        trace = error.__traceback__
        if trace is None or trace.tb_next is not None:  # It was called, so the error came from inside.
            raise
        raise DataError(
            f"{who}: the function cannot be called: got {brief(function)}; expected one of "
            f"{counted(len(args), 'argument')}: {error}."
        ) from None


def brief_label(label: str) -> str:
    """Return the repr of a label, shortened."""
    return repr(label if len(label) <= 40 else label[:37] + "...")


def label_text(label: Any) -> str:
    """Return the label if it is text; raise otherwise."""
    if not isinstance(label, str):
        raise DataError(f"Value: the label is not text: got {brief(label)}; expected str. Use str(...).")
    return str(label)
