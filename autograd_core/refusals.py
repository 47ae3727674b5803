"""What a `Value` refuses, because it would lose the gradient without a word."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

from .errors import DataError


def refuse(what: str, cure: str = "") -> NoReturn:
    raise DataError(f"Value: {what} is not supported: it would lose the gradient. {cure}".rstrip())


_ITEM = "Use v.item() for the number without its gradient."
_REFUSED = {
    "__float__": ("float(v), and so math.sin(v)", "Use the functions of autograd_core, as sin(v). " + _ITEM),
    "__int__": ("int(v)", _ITEM),
    "__complex__": ("complex(v)", _ITEM),
    "__round__": ("round(v)", "Use autograd_core.round(v), whose gradient is 0. " + _ITEM),
    "__floordiv__": ("v // w", "Use floor(v / w), whose gradient is 0."),
    "__rfloordiv__": ("w // v", "Use floor(w / v), whose gradient is 0."),
    "__mod__": ("v % w", "Use v - w*floor(v / w)."),
    "__rmod__": ("w % v", "Use w - v*floor(w / v)."),
    "__divmod__": ("divmod(v, w)", _ITEM),
    "__rdivmod__": ("divmod(w, v)", _ITEM),
    "__matmul__": ("v @ w", "Use v*w, or dot(vs, ws) on lists."),
}


def _refusal(what: str, cure: str) -> Any:
    def refused(self: object, *others: Any) -> NoReturn:
        refuse(what, cure)

    return refused


REFUSALS: dict[str, Callable[..., NoReturn]] = {name: _refusal(*words) for name, words in _REFUSED.items()}
