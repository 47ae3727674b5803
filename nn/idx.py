"""The IDX format, in which the MNIST digits are distributed."""

from __future__ import annotations

import gzip
import math
import os
import struct
from typing import Any

from autograd_core import DataValueError

from .lazy import np

TYPES = {0x08: "u1", 0x09: "i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}


def read_idx(path: str | os.PathLike[str]) -> Any:
    """The array in an IDX file, plain or gzipped, such as `train-images-idx3-ubyte.gz`.

    The header is two zero bytes, the kind of number, the count of dimensions, and each dimension as 32 bits.
    """
    name = os.fspath(path)
    with open(name, "rb") as file:
        zipped = file.read(2) == b"\x1f\x8b"
        file.seek(0)
        try:
            with gzip.open(file) if zipped else file as stream:
                return _array(stream, name)
        except (EOFError, gzip.BadGzipFile, struct.error) as error:
            told = f"read_idx: {name!r} is damaged: {error}; expected a whole file. Download it again."
            raise DataValueError(told) from None


def _array(stream: Any, name: str) -> Any:
    magic = stream.read(4)
    if len(magic) < 4 or magic[:2] != b"\0\0" or magic[2] not in TYPES or not 1 <= magic[3] <= 8:
        raise DataValueError(
            f"read_idx: {name!r} is no IDX file: it begins with {magic!r}; expected two zero bytes, a kind "
            "of number and 1 to 8 dimensions."
        )
    header = stream.read(4 * magic[3])
    if len(header) < 4 * magic[3]:
        raise DataValueError(
            f"read_idx: {name!r} is cut off in its header: got {len(header)} bytes; expected {4 * magic[3]}. "
            "Download it again."
        )
    shape = struct.unpack(f">{magic[3]}I", header)
    kind = np.dtype(TYPES[magic[2]])
    wanted = math.prod(shape) * kind.itemsize
    data = bytearray()
    while len(data) <= wanted and (part := stream.read(min(1 << 20, wanted + 1 - len(data)))):
        data += part
    if len(data) != wanted:
        more = "more than " if len(data) > wanted else ""
        raise DataValueError(
            f"read_idx: {name!r} holds {more}{min(len(data), wanted)} bytes of data; expected {wanted} for "
            f"its shape {shape}. Download it again."
        )
    return np.frombuffer(bytes(data), kind).reshape(shape)
