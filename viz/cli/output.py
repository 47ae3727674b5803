"""Write to standard output, standard error and files."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from ..render.render import write_whole


def shows(text: str) -> bool:
    """Whether standard output can show these characters."""
    try:
        text.encode(getattr(sys.stdout, "encoding", None) or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def columns() -> int | None:
    """Return how many characters a line of standard output has; None where nobody has said."""
    given = os.environ.get("COLUMNS", "")
    if given.isdigit() and int(given) > 0:
        return int(given)
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns or None
    except (AttributeError, OSError, ValueError):
        return None


def colored() -> bool:
    """Whether standard output is a terminal that is to show colors: NO_COLOR says no."""
    return (
        sys.stdout is not None
        and sys.stdout.isatty()
        and not os.environ.get("NO_COLOR")
        and os.environ.get("TERM") != "dumb"
    )


def print_text(text: str) -> None:
    """Print to standard output, with escapes for what it cannot show."""
    if sys.stdout is None:
        raise OSError("standard output is closed")
    if not shows(text):
        encoding = sys.stdout.encoding or "ascii"
        # JSON has the same escapes.
        text = text.encode(encoding, "backslashreplace").decode(encoding)
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def print_bytes(content: bytes) -> None:
    """Write bytes to standard output unchanged."""
    if sys.stdout is None:
        raise OSError("standard output is closed")
    sys.stdout.buffer.write(content)
    sys.stdout.flush()


def write_file(path: str, text: str) -> None:
    """Write a text file atomically."""
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
    """Discard the buffers; otherwise Python itself would report an error at exit."""
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
    except (AttributeError, OSError, ValueError):
        pass
