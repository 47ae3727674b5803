"""What a `Value` refuses: what would lose the gradient without a word, or means nothing of one number."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

from .errors import DataError

LOSES = "it would lose the gradient; expected an operation of autograd_core."


def refuse(what: str, cure: str, why: str = LOSES) -> NoReturn:
    raise DataError(f"Value: {what} is not supported: {why} {cure}")


_ITEM = "Use v.item() for the number without its gradient."
_REFUSED: dict[str, tuple[str, ...]] = {
    "__float__": (
        "float(v), and so math.sin(v) and '%f' % v",
        "Use the functions of autograd_core, as sin(v); to print, f'{v:.2f}'. " + _ITEM,
    ),
    "__int__": ("int(v)", _ITEM),
    "__complex__": ("complex(v)", _ITEM),
    "__round__": ("round(v)", "Use autograd_core.round(v), whose gradient is 0. " + _ITEM),
    "__floor__": ("math.floor(v)", "Use autograd_core.floor(v), whose gradient is 0. " + _ITEM),
    "__ceil__": ("math.ceil(v)", "Use -floor(-v), whose gradient is 0. " + _ITEM),
    "__trunc__": ("math.trunc(v)", "Use sign(v)*floor(abs(v)), whose gradient is 0. " + _ITEM),
    "__floordiv__": ("v // w", "Use floor(v / w), whose gradient is 0."),
    "__rfloordiv__": ("w // v", "Use floor(w / v), whose gradient is 0."),
    "__mod__": ("v % w", "Use v - w*floor(v / w)."),
    "__rmod__": ("w % v", "Use w - v*floor(w / v)."),
    "__divmod__": ("divmod(v, w)", _ITEM),
    "__rdivmod__": ("divmod(w, v)", _ITEM),
    "__matmul__": (
        "v @ w", "Use v*w, or dot(vs, ws) on lists.", "a Value is a single number; expected two vectors."
    ),
}


def _refusal(*words: str) -> Any:
    def refused(self: object, *others: Any) -> NoReturn:
        refuse(*words)

    return refused


REFUSALS: dict[str, Callable[..., NoReturn]] = {name: _refusal(*words) for name, words in _REFUSED.items()}
