"""Files that are written whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import stat

PREFIX = ".autograd-core-"


def write_whole(path: str | os.PathLike[str], content: bytes, who: str) -> None:
    """Writes a file beside its place, then moves it there in one step: at no moment is half of it to be seen.

    A link is followed, the permissions of an older file are kept. What a killed process leaves behind begins
    with `.autograd-core-`. Raises the `OSError` that people catch (`PermissionError`, ...), with the name of
    `who` writes and of the file in its message.
    """
    try:
        target = os.path.realpath(path)
        _write(target, content, _permissions(target))
    except (OSError, ValueError) as error:
        number = error.errno if isinstance(error, OSError) else errno.EINVAL
        raise OSError(number, f"{who}: cannot write {os.fspath(path)!r}: {_reason(path, error)}") from None


def _write(target: str, content: bytes, permissions: int | None) -> None:
    beside = os.path.join(os.path.dirname(target), f"{PREFIX}{os.getpid()}-{secrets.token_hex(8)}.tmp")
    try:
        with open(beside, "xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if permissions is not None:
            os.chmod(beside, permissions)
        os.replace(beside, target)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(beside)
        raise


def _permissions(target: str) -> int | None:
    """Those of the file that is there, which must be writable; None where there is none yet."""
    try:
        mode = os.stat(target).st_mode
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(mode):  # Taking its place would destroy a device or a pipe that others use.
        number = errno.EISDIR if stat.S_ISDIR(mode) else errno.EINVAL
        raise OSError(number, "a folder, device or pipe stands there. Choose another name.")
    if not os.access(target, os.W_OK):
        raise PermissionError(
            errno.EACCES, "the file is read-only. Choose another name or change its permissions."
        )
    return stat.S_IMODE(mode)


def _reason(path: str | os.PathLike[str], error: OSError | ValueError) -> str:
    if isinstance(error, FileNotFoundError):
        return f"there is no folder {os.path.dirname(os.fspath(path))!r}. Create it first."
    return getattr(error, "strerror", None) or str(error)
