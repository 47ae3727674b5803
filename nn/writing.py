"""Files that are written whole or not at all, and read only if they are files."""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
from typing import Any

from autograd_core import DataError, DataValueError

PREFIX = ".autograd-core-"


def path_of(path: Any, who: str) -> str:
    """A path as text."""
    if not isinstance(path, (str, os.PathLike)) or not isinstance(os.fspath(path), str):
        raise DataError(f"{who}: no path: got {type(path).__name__}; expected str or pathlib.Path.")
    name: str = os.fspath(path)
    if not name or "\0" in name:
        raise DataValueError(f"{who}: no path: got {name!r}; expected the name of a file.")
    return name


def write_whole(name: str, data: bytes) -> None:
    """Writes a file beside its place, then moves it there in one step: at no moment is half of it to be seen.

    What a killed process leaves behind begins with `.autograd-core-`.
    """
    target = os.path.realpath(name)
    try:
        permissions = _permissions(target)
        beside = os.path.join(os.path.dirname(target), f"{PREFIX}{os.getpid()}-{secrets.token_hex(8)}.tmp")
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            if permissions is not None:
                os.chmod(beside, permissions)
            os.replace(beside, target)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(beside)
            raise
    except OSError as error:
        raise _named(error, f"save: cannot write {name!r}") from None


def read_whole(name: str, who: str) -> None:
    """Makes sure that a path is a regular file that can be read: not a folder, a pipe or a device."""
    try:
        if not stat.S_ISREG(os.stat(name).st_mode):
            raise OSError(f"{who}: cannot read {name!r}: it is no regular file.")
        with open(name, "rb"):
            pass
    except OSError as error:
        raise error if error.errno is None else _named(error, f"{who}: cannot read {name!r}") from None


def _permissions(target: str) -> int | None:
    """Those of the file that is there, which must be writable; None where there is none yet."""
    try:
        mode = os.stat(target).st_mode
    except FileNotFoundError:
        return None
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(21, "it is a folder")
    if not stat.S_ISREG(mode):
        raise OSError(22, "it is no regular file")
    if not os.access(target, os.W_OK):
        raise PermissionError(13, "it is read-only")
    return stat.S_IMODE(mode)


def _named(error: OSError, what: str) -> OSError:
    """The same error with the path in its message, of the class that people catch."""
    return OSError(error.errno, f"{what}: {error.strerror}")
