"""Write files atomically: a file is complete or unchanged."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import secrets
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from ..errors import without_endless_words

PREFIX = ".autograd-core-"
# Contains the host and process, so that the next writer knows whether it is still in use.
_HOST = re.sub(r"\W", "_", os.uname().nodename) if hasattr(os, "uname") else ""
_LEFT_OVER = re.compile(rf"{re.escape(PREFIX)}{_HOST}-(\d{{1,9}})-[0-9a-f]{{16}}\.tmp")


def write_whole(path: str | os.PathLike[str], content: bytes, who: str) -> None:
    """Write a file atomically: write it next to its destination, then move it there in one step.

    Links are followed, and the permissions of an older file are kept. A killed process leaves a file whose
    name starts with `.autograd-core-`, which the next write to that folder removes. Raises the usual
    `OSError` (`PermissionError`, ...), whose message names `who` and the file.
    """
    write_all([(path, content, who)])


def write_all(files: Iterable[tuple[str | os.PathLike[str], bytes, str]]) -> None:
    """Write files as `write_whole` does, given as path, content and `who`, but none if one cannot be written.

    All are complete next to their destinations before the first is moved there. Two with the same destination
    raise `FileExistsError`.
    """
    staged: list[str] = []
    writers: dict[str, str] = {}
    moves = []
    try:
        for path, content, who in files:
            with _named(path, who):
                if os.fspath(path).endswith((os.sep, os.altsep or os.sep)):
                    raise OSError(errno.EISDIR, "that is the name of a folder. Add the name of a file.")
                target = os.path.realpath(path)
                if target in writers:
                    raise OSError(errno.EEXIST, f"{writers[target]} writes that file. Choose two names.")
                writers[target] = who
                _remove_leftovers(os.path.dirname(target))
                moves.append((_stage(target, content, _permissions(target), staged), target, path, who))
        for beside, target, path, who in moves:
            with _named(path, who):
                os.replace(beside, target)
    except BaseException:
        for beside in staged:
            with contextlib.suppress(OSError):
                os.unlink(beside)
        raise


@contextmanager
def _named(path: str | os.PathLike[str], who: str) -> Iterator[None]:
    """Let errors name the file and `who` was to write it."""
    try:
        yield
    except (OSError, ValueError) as error:
        number = error.errno if isinstance(error, OSError) else errno.EINVAL
        message = f"{who}: cannot write {os.fspath(path)!r}: {_reason(path, error)}"
        raise OSError(number, without_endless_words(message)) from None


def _stage(target: str, content: bytes, permissions: int | None, staged: list[str]) -> str:
    """Write a file next to its destination, note its name in `staged`, and return it."""
    name = f"{PREFIX}{_HOST}-{os.getpid()}-{secrets.token_hex(8)}.tmp"
    beside = os.path.join(os.path.dirname(target), name)
    staged.append(beside)
    with open(beside, "xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    if permissions is not None:
        os.chmod(beside, permissions)
    return beside


def _remove_leftovers(folder: str) -> None:
    """Remove unfinished files left by processes of this machine that no longer run."""
    with contextlib.suppress(OSError):
        for name in os.listdir(folder):
            if (found := _LEFT_OVER.fullmatch(name)) and not _is_running(int(found[1])):
                with contextlib.suppress(OSError):
                    os.unlink(os.path.join(folder, name))


def _is_running(process: int) -> bool:
    if os.name == "nt":  # There a file in use cannot be removed anyway.
        return process == os.getpid()
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _permissions(target: str) -> int | None:
    """Return the permissions of the existing file, which must be writable, or None if there is none."""
    try:
        mode = os.stat(target).st_mode
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(mode):  # Replacing it would destroy a device or a pipe that others use.
        number = errno.EISDIR if stat.S_ISDIR(mode) else errno.EINVAL
        raise OSError(number, "that is a folder, device or pipe. Choose another name.")
    if not os.access(target, os.W_OK):
        raise PermissionError(
            errno.EACCES, "the file is read-only. Choose another name or change its permissions."
        )
    return stat.S_IMODE(mode)


def _reason(path: str | os.PathLike[str], error: OSError | ValueError) -> str:
    if isinstance(error, FileNotFoundError):
        return f"there is no folder {os.path.dirname(os.fspath(path))!r}. Create it first."
    return getattr(error, "strerror", None) or str(error)
