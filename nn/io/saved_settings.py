"""Validate settings read from a file with the checks of the constructor that takes them."""

from __future__ import annotations

from collections.abc import Iterable
from inspect import Parameter, signature
from typing import Any

from autograd_core import DataError, DataValueError

from ..checks import brief, rate, size

BY_NAME = (Parameter.POSITIONAL_OR_KEYWORD, Parameter.KEYWORD_ONLY)


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
        made = kind(first, **arguments)
    found = {}
    for name, x in settings.items():
        if made is None or name not in arguments:
            found[name] = _like(getattr(made if like is None else like, name), x, who, name)
        else:
            found[name] = getattr(made, name)
            if not alike(found[name], x):
                raise DataValueError(f"{who}: {name} = {brief(x)}; expected such as {brief(found[name])}.")
    return found


def alike(made: Any, x: Any) -> bool:
    """Whether a setting is what was given, but for lists in place of tuples and 1 in place of 1.0."""
    if isinstance(made, (list, tuple)):
        return (
            isinstance(x, (list, tuple))
            and len(made) == len(x)
            and all(alike(a, b) for a, b in zip(made, x, strict=True))
        )
    return isinstance(made, bool) == isinstance(x, bool) and bool(made == x)


def _like(before: Any, x: Any, who: str, name: str) -> Any:
    """What was counted or noted on the way, of the type that it has now; a number may be None at first."""
    if before is None or (isinstance(before, float) and not isinstance(before, bool)):
        if x is None or x in (float("inf"), -float("inf")):
            return x
        return rate(x, who, name, -float("inf"))
    if isinstance(before, int) and not isinstance(before, bool):
        return size(x, who, name, 0)
    if type(x) is not type(before):
        raise DataError(f"{who}: {name} = {brief(x)}; expected a {type(before).__name__}.")
    return x
