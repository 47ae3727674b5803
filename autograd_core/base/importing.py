"""Import modules lazily, on first use."""

from __future__ import annotations

import sys
from importlib import import_module
from threading import Thread, current_thread, main_thread
from typing import Any


def imported(name: str) -> Any:
    """Return the module of that name.

    Raises what importing it raises. Ctrl-C does not end the import but the waiting for it: a NumPy that is
    imported halfway can be imported no more in that process. So a thread imports it, for signal handlers
    run in the main thread alone.

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
    except BaseException as error:  # It is raised where the import was asked for.
        errors.append(error)
