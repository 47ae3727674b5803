"""Choose the engine: the compiled one if available, otherwise the Python kernel."""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any


def _loaded() -> tuple[Any, str]:
    if os.environ.get("AUTOGRAD_CORE_PURE", "") not in ("", "0"):
        return None, "AUTOGRAD_CORE_PURE is set"
    try:
        compiled = import_module(f"{__package__}._engine")
    except ImportError:
        return None, "it was installed without a C compiler, or the compiled part does not fit this Python"
    if compiled.is_adopted():
        return None, "another import of the package in this process has the compiled engine"
    return compiled, "compiled"


in_c, reason = _loaded()
"""The compiled module, or None, and the reason."""

if TYPE_CHECKING:
    Node = object
    Row = object
else:
    Node, Row = (object, object) if in_c is None else (in_c.Node, in_c.Row)


def engine() -> str:
    """Return "native" if nodes, operators and the sweep are compiled, otherwise "python".

    The results are the same, bit for bit. The environment variable `AUTOGRAD_CORE_PURE=1` chooses the Python
    engine, both at installation and at import.

    >>> from autograd_core import engine
    >>> engine() in ("native", "python")
    True
    """
    return "python" if in_c is None else "native"


def which_engine() -> str:
    """Return which engine runs and why, for `autograd-core --version`."""
    return f"{engine()} engine: {reason}"
