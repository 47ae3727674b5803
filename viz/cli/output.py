"""Write to standard output, standard error and files."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from ..render.files import write_whole


def shows(text: str) -> bool:
    """Whether standard output can show these characters."""
    try:
        text.encode(getattr(sys.stdout, "encoding", None) or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def print_text(text: str) -> None:
    """Print to standard output, what it cannot show as escapes."""
    if sys.stdout is None:
        raise OSError("standard output is closed")
    if not shows(text):
        encoding = sys.stdout.encoding or "ascii"
        # JSON has the same escapes.
        text = text.encode(encoding, "backslashreplace").decode(encoding)
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def print_bytes(content: bytes) -> None:
    """Write to standard output as it is."""
    if sys.stdout is None:
        raise OSError("standard output is closed")
    sys.stdout.buffer.write(content)
    sys.stdout.flush()


def write_file(path: str, text: str) -> None:
    """Write a text file, whole or not at all."""
    write_whole(Path(path), (text + "\n").encode("utf-8", "backslashreplace"), "-o")


def say(text: str) -> None:
    """Write a line to standard error, if there is one."""
    if sys.stderr is None:
        return
    try:
        sys.stderr.write(text + "\n")
        sys.stderr.flush()
    except (OSError, ValueError):
        pass


def abandon_output() -> None:
    """Let what is left in the buffers go nowhere, or Python itself would complain of it at the end."""
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
    except (AttributeError, OSError, ValueError):
        pass
