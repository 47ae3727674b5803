"""Validate settings read from a file with the checks of the constructor that takes them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from inspect import Parameter, signature
from typing import Any

from autograd_core import AutogradError, DataError, DataValueError

from ..checks import brief, rate, size

BY_NAME = (Parameter.POSITIONAL_OR_KEYWORD, Parameter.KEYWORD_ONLY)


def known_kinds(name: Any, base: type, who: str, what: str) -> list[type]:
    """The classes of that name, below `base`, of nn's own or of the user's that are defined by now."""
    found, below = [], [base]
    while below:
        kind = below.pop(0)
        below += kind.__subclasses__()
        if kind is not base and kind.__name__ == name:
            found.append(kind)
    if not found:
        raise DataValueError(
            f"{who}: the {what} is of an unknown kind: got {brief(name)}; expected one of nn's, or a class "
            "that is defined by now. If there is such a class, import its module first."
        )
    return found


def fits_one(kinds: Iterable[type], check: Callable[[Any], Any]) -> None:
    """Raise what the check of the last class raises, unless there is one whose check raises nothing."""
    errors: list[DataError | DataValueError] = []
    for kind in kinds:
        try:
            check(kind)
        except (DataError, DataValueError) as error:
            errors.append(error)
        else:
            return
    raise errors[-1]


def checked_settings(
    kind: type, first: Any, settings: Any, names: Iterable[str], who: str, like: Any = None
) -> dict[str, Any]:
    """The settings `names` as an object `kind(first, **settings)` has them.

    Those that the constructor does not take must be of the same type as `like` has them (by default, as the
    object just made). Raises an `AutogradError` for names that are missing or unknown, and for values that
    the constructor refuses or turns into others.
    """
    if not isinstance(settings, dict) or set(settings) != set(names):
        raise DataValueError(f"{who}: settings {brief(settings)}; expected {brief(list(names))}.")
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
                raise DataValueError(f"{who}: {name} = {brief(x)}; expected such as {brief(found[name])}.")
    return found


def _made(kind: type, first: Any, arguments: dict[str, Any], who: str) -> Any:
    try:
        return kind(first, **arguments)
    except AutogradError:
        raise
    except Exception as error:  # Of a constructor of the user's own.
        told = f"{type(error).__name__}: {str(error)[:200]}"
        raise DataValueError(
            f"{who}: {kind.__name__} refuses its settings {brief(arguments)}: {told}."
        ) from error


def alike(made: Any, x: Any) -> bool:
    """Whether a setting is what was given, but for lists in place of tuples and 1 in place of 1.0."""
    if isinstance(made, (list, tuple)):
        return (
            isinstance(x, (list, tuple))
            and len(made) == len(x)
            and all(alike(a, b) for a, b in zip(made, x, strict=True))
        )
    return isinstance(made, bool) == isinstance(x, bool) and bool(made == x)


def exact(x: Any, who: str, name: str) -> float:
    """Any finite number that a float holds as it is."""
    number = rate(x, who, name, -float("inf"))
    if number != x:
        raise DataValueError(f"{who}: {name} = {brief(x)}; expected a float.")
    return number


def _like(before: Any, x: Any, who: str, name: str) -> Any:
    """What was counted or noted on the way, of the type that it has now; a number may be None at first."""
    if before is None or (isinstance(before, float) and not isinstance(before, bool)):
        if x is None or x in (float("inf"), -float("inf")):
            return x
        return exact(x, who, name)
    if isinstance(before, int) and not isinstance(before, bool):
        return size(x, who, name, 0)
    if type(x) is not type(before):
        raise DataError(f"{who}: {name} = {brief(x)}; expected a {type(before).__name__}.")
    return x
