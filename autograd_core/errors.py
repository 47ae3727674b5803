"""The exceptions, one class for each cause; each is also the built-in exception that users expect.

    AutogradError
    ├── DomainError          ValueError, FloatingPointError   undefined: log(-1), inf - inf
    │   └── PoleError        ZeroDivisionError                infinite at finite numbers: 1/0, log(0)
    ├── RangeError           OverflowError                    overflow or underflow, if set to raise
    ├── DataError            TypeError                        the wrong kind of thing: text, None, an array
    ├── DataValueError       ValueError                       the right kind of thing, an unusable value
    ├── GraphError           ValueError                       a cycle, an unknown node, a changed leaf
    ├── TraceError           TypeError                        a compiled function that branches on numbers
    ├── OperationError       RuntimeError                     a user-defined operation that misbehaves
    ├── ExpressionError      ValueError                       text that is not an expression; shows where
    ├── MissingExtraError    ImportError                      an optional package is absent; names the extra
    └── CheckError           AssertionError                   a gradient that disagrees with differences; has
                                                              the report; defined in check/gradcheck.py

A message has the form `<operation or function>: <what is wrong>: argument <i> = <got> (node '<label>');
expected <domain>. <The remedy.>`
"""

from __future__ import annotations

import re

__all__ = [
    "AutogradError",
    "DataError",
    "DataValueError",
    "DomainError",
    "ExpressionError",
    "GraphError",
    "MissingExtraError",
    "OperationError",
    "PoleError",
    "RangeError",
    "TraceError",
]


_ENDLESS = re.compile(r"\S{300,}|'[^'\n]{1000,}'|\"[^\"\n]{1000,}\"")


def without_endless_words(message: str) -> str:
    """Shorten words of more than 300 letters and quotations of more than 1,000 in a message.

    >>> without_endless_words(f"no node '{'x' * 20_000}'; expected a name.")
    "no node 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…'; expected a name."
    """
    return _ENDLESS.sub(_cut, message)


def _cut(found: re.Match[str]) -> str:
    text = found[0]
    end = re.search(r"[^\w\s]{0,3}$", text)
    return f"{text[:40]}…{end[0] if end else ''}"


class AutogradError(Exception):
    """The root of every error that this project raises deliberately.

    Very long names in a message are shortened.
    """

    def __str__(self) -> str:
        return without_endless_words(super().__str__())


class DomainError(AutogradError, ValueError, FloatingPointError):
    """An undefined value or derivative, such as `log(-1)` or `inf - inf`."""


class PoleError(DomainError, ZeroDivisionError):
    """An infinite result of finite arguments, such as `1/0` or `log(0)`."""


class RangeError(AutogradError, OverflowError):
    """Overflow or underflow inside `errstate(over="raise")` or `errstate(under="raise")`."""


class DataError(AutogradError, TypeError):
    """Something that is not a real number, or not a `Value`, where one is required."""


class DataValueError(AutogradError, ValueError):
    """An argument of the right kind whose value cannot be used."""


class GraphError(AutogradError, ValueError):
    """An invalid graph: a cycle, an unknown node, a leaf changed since the forward pass."""


class TraceError(AutogradError, TypeError):
    """A function that cannot be compiled, because its steps depend on its numbers."""


class OperationError(AutogradError, RuntimeError):
    """A user-defined operation that misbehaves, such as one with too few derivatives."""


class ExpressionError(AutogradError, ValueError):
    """Text that is not an expression.

    `text` is the user's input and `column` the position of the error in it (from 0).
    """

    def __init__(self, message: str, text: str = "", column: int = 0) -> None:
        super().__init__(message)
        self.text = text
        self.column = column


class MissingExtraError(AutogradError, ImportError):
    """An optional package is not installed; the message names the extra that installs it."""
