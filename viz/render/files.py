"""Write files atomically: a file is complete or unchanged."""

from pathlib import Path

from autograd_core.base import write_whole as write

from ..errors import OutputError


def write_whole(path: Path, content: bytes, who: str) -> None:
    """Write the content to the path in one step, in the name of `who`. Raises `OutputError`."""
    try:
        write(path, content, who)
    except OSError as fault:
        raise OutputError(fault.strerror) from fault
