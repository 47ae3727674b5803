"""Check the saved settings of modules, optimizers, schedules and callbacks."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from inspect import Parameter, signature
from math import isinf
from typing import Any

from autograd_core import AutogradError, DataError, DataValueError
from autograd_core.base import np

from ..checks import brief, rate, size

BY_NAME = (Parameter.POSITIONAL_OR_KEYWORD, Parameter.KEYWORD_ONLY)


def known_kinds(name: Any, base: type, who: str, what: str) -> list[type]:
    """Return the subclasses of `base` with this name, in nn or in user code that is already imported."""
    found, below = [], [base]
    while below:
        kind = below.pop(0)
        below += kind.__subclasses__()
        if kind is not base and kind.__name__ == name:
            found.append(kind)
    if not found:
        raise DataValueError(
            f"{who}: unknown {what}: got {brief(name)}; expected one of nn's, or a class that is already "
            "defined. If it is your own class, import its module first."
        )
    return found


def fits_one(kinds: Iterable[type], check: Callable[[Any], Any]) -> None:
    """Raise the error of the last class's check, unless the check passes for some class."""
    errors: list[DataError | DataValueError] = []
    for kind in kinds:
        try:
            check(kind)
        except (DataError, DataValueError) as error:
            errors.append(error)
        else:
            return
    raise errors[-1]


LATER = {"maximize": False}
"""Settings that older files lack, with the values to assume for them."""


def checked_settings(
    kind: type, first: Any, settings: Any, names: Iterable[str], who: str, like: Any = None
) -> dict[str, Any]:
    """Return the settings `names` of an object created as `kind(first, **settings)`.

    Settings that the constructor does not take must have the same type as in `like` (by default, the new
    object). Raises an `AutogradError` for names that are missing or unknown, and for values that the
    constructor rejects or changes.
    """
    names = list(names)
    if isinstance(settings, dict):
        settings = {name: x for name, x in LATER.items() if name in names} | settings
    if not isinstance(settings, dict) or set(settings) != set(names):
        raise DataValueError(f"{who}: settings {brief(settings)}; expected {brief(names)}.")
    parameters = [p for p in list(signature(kind).parameters.values())[1:] if p.kind in BY_NAME]
    arguments = {p.name: settings[p.name] for p in parameters if p.name in settings}
    made = None
    if all(p.name in arguments for p in parameters if p.default is Parameter.empty):
        made = _made(kind, first, arguments, who)
    example = made if like is None else like
    found = {}
    for name, x in settings.items():
        if made is None or name not in arguments:
            found[name] = x if example is None else _like(getattr(example, name), x, who, name)
        else:
            found[name] = getattr(made, name)
            if not alike(found[name], x):
                raise DataValueError(f"{who}: {name} = {brief(x)}; expected e.g. {brief(found[name])}.")
    return found


def _made(kind: type, first: Any, arguments: dict[str, Any], who: str) -> Any:
    try:
        return kind(first, **arguments)
    except AutogradError:
        raise
    except Exception as error:  # Raised by a user's constructor.
        told = f"{type(error).__name__}: {str(error)[:200]}"
        raise DataValueError(
            f"{who}: {kind.__name__} rejects its settings {brief(arguments)}: {told}."
        ) from error


def alike(made: Any, x: Any) -> bool:
    """Whether two settings or descriptions are equal, where a list equals a tuple and 1 equals 1.0."""
    if isinstance(made, dict):
        return isinstance(x, dict) and made.keys() == x.keys() and all(alike(made[k], x[k]) for k in made)
    if isinstance(made, (list, tuple)):
        return (
            isinstance(x, (list, tuple))
            and len(made) == len(x)
            and all(alike(a, b) for a, b in zip(made, x, strict=True))
        )
    same = made == x
    return isinstance(made, bool) == isinstance(x, bool) and isinstance(same, (bool, np.bool_)) and bool(same)


def exact(x: Any, who: str, name: str) -> float:
    """Return a finite number that a float represents exactly."""
    number = rate(x, who, name, -float("inf"))
    if number != x:
        raise DataValueError(f"{who}: {name} = {brief(x)}; expected a float.")
    return number


def _like(before: Any, x: Any, who: str, name: str) -> Any:
    """Return a count or a record after checking that its type is unchanged; a number may start as None."""
    if before is None or (isinstance(before, float) and not isinstance(before, bool)):
        if x is None or (isinstance(x, float) and isinf(x)):
            return x
        return exact(x, who, name)
    if isinstance(before, int) and not isinstance(before, bool):
        return size(x, who, name, 0)
    if type(x) is not type(before):
        raise DataError(f"{who}: {name} = {brief(x)}; expected a {type(before).__name__}.")
    return x
