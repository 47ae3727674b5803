"""Read and write the arrays of a safetensors file, checking names, types and shapes first."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from autograd_core import DataError, DataValueError
from autograd_core.base import extra, np
from autograd_core.errors import without_endless_words

from ..errors import ModelFileError


def path_of(path: Any, who: str) -> str:
    """Return a path as text."""
    if not isinstance(path, (str, os.PathLike)) or not isinstance(os.fspath(path), str):
        raise DataError(f"{who}: not a path: got {type(path).__name__}; expected str or pathlib.Path.")
    name: str = os.fspath(path)
    if not name or "\0" in name:
        raise DataValueError(f"{who}: not a path: got {name!r}; expected the name of a file.")
    return name


def check_readable(name: str, who: str) -> None:
    """Raise unless a path is a readable regular file, not a folder, pipe or device."""
    try:
        if not stat.S_ISREG(os.stat(name).st_mode):
            raise OSError(f"{who}: cannot read {name!r}: it is not a regular file.")
        with open(name, "rb"):
            pass
    except OSError as error:
        raise error if error.errno is None else _named(error, f"{who}: cannot read {name!r}") from None


def _named(error: OSError, what: str) -> OSError:
    """Return the same error with the path in its message, as a class that people catch."""
    return OSError(error.errno, without_endless_words(f"{what}: {error.strerror}"))


Array = Any
Shapes = dict[str, tuple[int, ...]]

LONGEST_HEADER = 16 * 2**20
"""In bytes: the length for a model of 100,000 arrays."""

MOST_AXES = 32
"""The number that every NumPy version supports."""

NUMBERS = ("F64", "F32", "F16", "I64", "I32", "I16", "I8", "U64", "U32", "U16", "U8")
"""The real number types that NumPy has."""


@dataclass(frozen=True)
class Tensors:
    """The contents of a file's header; `read` reads the numbers."""

    path: str
    who: str
    metadata: dict[str, str]
    shapes: Shapes
    types: dict[str, str]
    file: Any = None  # Kept open, because another process may replace the file.

    def read(self) -> dict[str, Array]:
        """Return all arrays by name."""
        try:
            return {key: self.file.get_tensor(key) for key in self.shapes}
        except Exception as error:
            raise self.damaged(error) from None

    def damaged(self, why: Any) -> ModelFileError:
        """Return the error for a damaged file."""
        return ModelFileError(
            f"{self.who}: {self.path!r} is not a safetensors file, or is damaged: {str(why)[:300]}."
        )

    def refuse_types(self, expected: Iterable[str]) -> None:
        """Raise for other number types than these, which cannot be read exactly."""
        for key, kind in self.types.items():
            if kind not in expected:
                raise self.damaged(f"array {key[:60]!r} has type {kind}; expected {', '.join(expected)}")


def opened(path: str, who: str) -> Tensors:
    """Read the header of a file; raise `ModelFileError` if it is not safetensors."""
    safe_open = extra("", "safetensors", who).safe_open

    check_readable(path, who)
    empty = Tensors(path, who, {}, {}, {})
    length = _header_length(path)
    if not 0 < length <= LONGEST_HEADER:
        raise empty.damaged(f"its header has {length} bytes; expected 1 to {LONGEST_HEADER}")
    try:
        file: Any = safe_open(path, framework="numpy")
        metadata = dict(file.metadata() or {})
        slices = {key: file.get_slice(key) for key in file.keys()}  # noqa: SIM118
        shapes = {key: tuple(each.get_shape()) for key, each in slices.items()}
        types = {key: str(each.get_dtype()) for key, each in slices.items()}
    except Exception as error:  # Whatever the reader raises on unknown bytes.
        raise empty.damaged(error) from None
    if any(len(shape) > MOST_AXES for shape in shapes.values()):
        raise empty.damaged(f"an array has more than {MOST_AXES} axes")
    return Tensors(path, who, metadata, shapes, types, file)


def _header_length(path: str) -> int:
    """Return the length in the first 8 bytes; 0 for a shorter file."""
    with open(path, "rb") as file:
        first = file.read(8)
        whole = os.fstat(file.fileno()).st_size
    length = int.from_bytes(first, "little") if len(first) == 8 else 0
    return length if length <= whole else 0


def numbers_in(shapes: Shapes) -> int:
    """Return how many numbers arrays of these shapes hold."""
    return sum(int(np.prod(shape, dtype=object)) for shape in shapes.values())
