"""Paths as users give them, and files that are read only if they are files."""

from __future__ import annotations

import os
import stat
from typing import Any

from autograd_core import DataError, DataValueError
from autograd_core.errors import without_endless_words


def path_of(path: Any, who: str) -> str:
    """A path as text."""
    if not isinstance(path, (str, os.PathLike)) or not isinstance(os.fspath(path), str):
        raise DataError(f"{who}: no path: got {type(path).__name__}; expected str or pathlib.Path.")
    name: str = os.fspath(path)
    if not name or "\0" in name:
        raise DataValueError(f"{who}: no path: got {name!r}; expected the name of a file.")
    return name


def read_whole(name: str, who: str) -> None:
    """Makes sure that a path is a regular file that can be read: not a folder, a pipe or a device."""
    try:
        if not stat.S_ISREG(os.stat(name).st_mode):
            raise OSError(f"{who}: cannot read {name!r}: it is no regular file.")
        with open(name, "rb"):
            pass
    except OSError as error:
        raise error if error.errno is None else _named(error, f"{who}: cannot read {name!r}") from None


def _named(error: OSError, what: str) -> OSError:
    """The same error with the path in its message, of the class that people catch."""
    return OSError(error.errno, without_endless_words(f"{what}: {error.strerror}"))
