"""Files that are written whole or not at all."""

import contextlib
import os
import secrets
import stat
from pathlib import Path

from .errors import OutputError


def write_whole(path: Path, content: bytes) -> None:
    """Write the content to the path in one step: a reader sees the old file or the new one, never a part.

    The content goes to a temporary file in the same folder, which then takes the path's place. A link is
    followed, permissions of an older file are kept. Raises `OutputError`.
    """
    try:
        target = Path(os.path.realpath(path))
        mode = _mode(target)
        temporary = target.with_name(f".autograd-core-{secrets.token_hex(8)}.part")
        try:
            with open(temporary, "xb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            if mode is not None:
                os.chmod(temporary, mode)
            os.replace(temporary, target)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(temporary)
            raise
    except (OSError, ValueError) as fault:
        raise OutputError(f"cannot write {str(path)!r}: {_reason(path, fault)}") from fault


def _mode(target: Path) -> int | None:
    """Return the permissions of the older file, None if there is none."""
    try:
        older = target.stat()
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(older.st_mode):
        # Taking its place would destroy a device or a pipe that others use.
        raise OSError("a folder, device or pipe stands there. Choose another name.")
    if not os.access(target, os.W_OK):
        raise PermissionError("the file is read-only. Choose another name or change its permissions.")
    return stat.S_IMODE(older.st_mode)


def _reason(path: Path, fault: OSError | ValueError) -> str:
    if isinstance(fault, FileNotFoundError):
        return f"there is no folder {str(path.parent)!r}. Create it first."
    return getattr(fault, "strerror", None) or str(fault)
