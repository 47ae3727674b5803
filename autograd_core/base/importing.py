"""Import packages lazily, on first use: NumPy for arrays, and optional packages."""

from __future__ import annotations

import sys
from importlib import import_module
from threading import Thread, current_thread, main_thread
from typing import TYPE_CHECKING, Any

from ..errors import MissingExtraError

if TYPE_CHECKING:
    import numpy as np

__all__ = ["PACKAGES", "extra", "imported", "np"]

PACKAGES = {__name__.partition(".")[0]}
"""Our packages, whose functions read only their arguments and attributes of these; others add themselves."""


def imported(name: str) -> Any:
    """Return the module with this name.

    Raises the errors of the import. Ctrl-C interrupts the wait, not the import, because a partially imported
    NumPy cannot be imported again in that process. So a thread imports it: signal handlers run only in the
    main thread.

    >>> imported("math").sqrt(4.0)
    2.0
    """
    module = sys.modules.get(name)
    if module is not None and not getattr(getattr(module, "__spec__", None), "_initializing", False):
        return module
    if current_thread() is main_thread() and sys.platform != "emscripten":
        errors: list[BaseException] = []
        thread = Thread(target=_import, args=(name, errors), name=f"import {name}")
        thread.start()
        thread.join()
        if errors:
            raise errors[0]
    return import_module(name)


def _import(name: str, errors: list[BaseException]) -> None:
    try:
        import_module(name)
    except BaseException as error:  # Raised where the import was requested.
        errors.append(error)


def extra(name: str, package: str, wanted_by: str) -> Any:
    """Return an optional package, or raise an error that says how to install it.

    `name` is the extra that installs it, or "" for a package that is missing only where it has no wheel.
    """
    try:
        return imported(package)
    except ImportError:
        absent = package.partition(".")[0]
        expected = f"the extra {name!r}" if name else "it"
        cure = f"'autograd-core[{name}]'" if name else absent
        raise MissingExtraError(
            f"{wanted_by}: the package {absent!r} is not installed; expected {expected}. "
            f"Install it with pip install {cure}."
        ) from None


class _NumPy:
    """A stand-in for the module, which is imported on the first access to an attribute."""

    def __getattr__(self, name: str) -> Any:
        try:
            module = imported("numpy")
        except ImportError as error:
            first = str(error).strip().partition("\n")[0]
            missing = isinstance(error, ModuleNotFoundError)
            reason = "not installed" if missing else f"not importable ({first})"
            raise MissingExtraError(
                f"numpy: {reason}; expected NumPy, which arrays, `compile` and `nn` need. "
                "Install it with pip install numpy."
            ) from None
        thing = getattr(module, name)
        setattr(self, name, thing)
        return thing


if not TYPE_CHECKING:
    np = _NumPy()
