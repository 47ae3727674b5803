"""Reject uses of a `Value` that would silently lose the gradient or have no meaning for one number."""

from __future__ import annotations

import sys
from collections.abc import Callable
from opcode import opmap
from typing import Any, NoReturn

from ..base.reals import described
from ..errors import DataError, DataValueError, GraphError

LOSES = "it would lose the gradient; expected an operation of autograd_core."


def refuse(what: str, cure: str, why: str = LOSES) -> NoReturn:
    raise DataError(f"Value: {what} is not supported: {why} {cure}")


def refuse_result(node: Any, what: str, cure: str) -> NoReturn:
    come = f"{described([node])} comes from {node.op.name}"
    raise GraphError(f"Value.{what}: set on a result: {come}; expected a leaf. {cure}")


def refuse_to_rank_nan() -> None:
    """Raise if sort, argmax or the like compares a nan, which NumPy can rank among floats only."""
    caller = sys._getframe(3)  # Above the comparison operator.
    code = caller.f_code
    if code.co_code[caller.f_lasti] == COMPARE:  # Written as `a < b`, not a call of a function in C.
        return
    in_numpy = str(caller.f_globals.get("__name__")).startswith("numpy.")
    if in_numpy or not RANKING.isdisjoint(code.co_names):
        raise DataValueError(
            "sort, argmax, argmin and the like: a nan among Values: it is neither less nor greater than a "
            "number; expected numbers. Leave it out: A[[not np.isnan(x) for x in A]]."
        )


COMPARE = opmap["COMPARE_OP"]
RANKING = frozenset(["sort", "argsort", "argmax", "argmin", "partition", "argpartition", "searchsorted"])
"""The methods of arrays and lists that only compare elements."""

_ITEM = "Use v.item() for the number without its gradient."
_POWER = ("A power is written **, as in v**2.", "in Python ^ is not a power.")
_BITS = ("Use comparisons, as in v > 0, and where(c, a, b).", "a Value has no bits.")
_REFUSED: dict[str, tuple[str, ...]] = {
    "__float__": (
        "float(v), and so math.sin(v) and '%f' % v",
        "Use the functions of autograd_core, as sin(v); to print, f'{v:.2f}'. " + _ITEM,
    ),
    "__int__": ("int(v)", _ITEM),
    "__complex__": ("complex(v)", _ITEM),
    "__round__": ("round(v)", "Use autograd_core.round(v), whose gradient is 0. " + _ITEM),
    "__floor__": ("math.floor(v)", "Use autograd_core.floor(v), whose gradient is 0. " + _ITEM),
    "__ceil__": ("math.ceil(v)", "Use autograd_core.ceil(v), whose gradient is 0. " + _ITEM),
    "__trunc__": ("math.trunc(v)", "Use autograd_core.trunc(v), whose gradient is 0. " + _ITEM),
    "__floordiv__": ("v // w", "Use floor(v / w), whose gradient is 0."),
    "__rfloordiv__": ("w // v", "Use floor(w / v), whose gradient is 0."),
    "__divmod__": ("divmod(v, w)", _ITEM),
    "__rdivmod__": ("divmod(w, v)", _ITEM),
    "__xor__": ("v ^ w", *_POWER),
    "__rxor__": ("w ^ v", *_POWER),
    "__invert__": ("~v", *_BITS),
    **{
        f"__{side}{name}__": (f"v {sign} w", *_BITS)
        for name, sign in (("and", "&"), ("or", "|"))
        for side in ("", "r")
    },
    "__matmul__": (
        "v @ w",
        "Use v*w, or dot(vs, ws) on lists.",
        "a Value is a single number; expected two vectors.",
    ),
}


class Extra:
    """An attribute that programs set on objects with a `__dict__`, which a node does not have.

    A `__setattr__` could cover every name, but would make each node several times slower.
    """

    def __init__(self, name: str) -> None:
        self.name = name

    def __get__(self, node: Any, owner: type) -> Any:
        try:
            return node.__dict__[self.name]
        except (AttributeError, KeyError):
            raise AttributeError(f"{owner.__name__!r} object has no attribute {self.name!r}") from None

    def __set__(self, node: Any, x: Any) -> None:
        if not hasattr(node, "__dict__"):
            raise AttributeError(
                f"Value: cannot have an attribute {self.name!r}; expected one of a node's attributes. Use a "
                "subclass, which allows it (class V(Value): pass), or keep the data in a dict."
            )
        node.__dict__[self.name] = x


class NotAnArray:
    """An attribute of arrays, not of numbers, that NumPy's functions look up on the elements of an array."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __get__(self, node: Any, owner: type) -> NoReturn:
        raise AttributeError(
            f"{owner.__name__!r} object has no attribute {self.name!r}: it is a number, not an array, and "
            "NumPy cannot compute this with Values. Write it in the functions of autograd_core (sum, mean, "
            "where, ...), or pass NumPy the numbers, v.item(), if no gradient is needed."
        )


_EXTRAS = (
    *("m", "v", "mt", "vt", "velocity", "momentum", "cache", "color", "visited", "name"),
    *("_vis_color", "_name", "_id", "_visited", "_velocity", "_cache"),
)
EXTRAS = {name: Extra(name) for name in _EXTRAS} | {"dtype": NotAnArray("dtype")}


def _refusal(*words: str) -> Any:
    def refused(self: object, *others: Any) -> NoReturn:
        refuse(*words)

    return refused


REFUSALS: dict[str, Callable[..., NoReturn]] = {name: _refusal(*words) for name, words in _REFUSED.items()}
