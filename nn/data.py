"""Small data sets, and readers of CSV and IDX files."""

from __future__ import annotations

import csv
import gzip
import math
import os
import struct
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from autograd_core import DataValueError
from autograd_core.base import elements, extra, np

from .checks import brief, known, rate, seeded, size
from .io.tensors import path_of

if TYPE_CHECKING:
    from .types import Floats

Array = Any
GATES = {
    "and": (0, 0, 0, 1),
    "or": (0, 1, 1, 1),
    "nand": (1, 1, 1, 0),
    "nor": (1, 0, 0, 0),
    "xor": (0, 1, 1, 0),
}


def gate(name: str) -> tuple[Array, Array]:
    """Return the truth table of "and", "or", "nand", "nor", "xor" (two inputs) or "not" (one).

    >>> x, y = gate("xor")
    >>> x.tolist(), y.tolist()
    ([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [0.0, 1.0, 1.0, 0.0])
    """
    if known(name, [*GATES, "not"], "gate", "gate") == "not":
        return np.array([[0.0], [1.0]]), np.array([1.0, 0.0])
    return np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]), np.array(GATES[name], dtype=np.float64)


def one_hot(n: int = 8) -> tuple[Array, Array]:
    """Return the n one-hot rows as inputs and as targets: for n = 8 the task of the 8-3-8 autoencoder."""
    n = size(n, "one_hot", "n")
    return np.eye(n), np.eye(n)


def moons(n: int = 100, noise: float = 0.1, seed: int = 0) -> tuple[Array, Array]:
    """Draw two interleaving half circles; labels 0 and 1."""
    rng, upper = _begin("moons", n, noise, seed), (n + 1) // 2
    a, b = np.linspace(0.0, np.pi, upper), np.linspace(0.0, np.pi, n - upper)
    points = np.vstack([
        np.column_stack([np.cos(a), np.sin(a)]),
        np.column_stack([1.0 - np.cos(b), 0.5 - np.sin(b)]),
    ])  # fmt: skip
    return _shuffled(
        points + rng.normal(0.0, noise, points.shape), np.repeat([0.0, 1.0], [upper, n - upper]), rng
    )


def circles(n: int = 100, noise: float = 0.05, factor: float = 0.5, seed: int = 0) -> tuple[Array, Array]:
    """Draw a circle of radius 1 (label 0) around one of radius `factor` (label 1)."""
    rng, outer = _begin("circles", n, noise, seed), (n + 1) // 2
    factor = rate(factor, "circles", "factor", high=1.0, closed=False)
    angles = 2.0 * np.pi * np.concatenate([np.arange(outer) / outer, np.arange(n - outer) / (n - outer)])
    radius = np.repeat([1.0, factor], [outer, n - outer])
    points = np.column_stack([radius * np.cos(angles), radius * np.sin(angles)])
    return _shuffled(
        points + rng.normal(0.0, noise, points.shape), np.repeat([0.0, 1.0], [outer, n - outer]), rng
    )


def spirals(n: int = 150, classes: int = 3, noise: float = 0.1, seed: int = 0) -> tuple[Array, Array]:
    """Draw spiral arms, one for each class (0, 1, ...)."""
    rng, classes = _begin("spirals", n, noise, seed), size(classes, "spirals", "classes", 2)
    label = np.arange(n) % classes
    along = (np.arange(n) // classes + 1) / (n // classes + 1)
    angle = 4.0 * along + 2.0 * np.pi * label / classes + rng.normal(0.0, noise, n)
    return _shuffled(
        np.column_stack([along * np.cos(angle), along * np.sin(angle)]), label.astype(np.float64), rng
    )


def housing(n: int = 100, noise: float = 0.05, seed: int = 0) -> tuple[Array, Array]:
    """Draw houses by size, bedrooms, walkability of the postcode, and wealth (0 to 2), with their prices.

    The price follows the lecture's hidden causes: family size, walkability, school quality.
    """
    rng = _begin("housing", n, noise, seed)
    x = rng.uniform(0.0, 2.0, (n, 4))
    family = np.maximum(x[:, 0] + 0.5 * x[:, 1] - 0.3, 0.0)
    walkable = np.maximum(x[:, 2] - 0.5, 0.0)
    school = np.maximum(0.5 * x[:, 2] + x[:, 3] - 0.4, 0.0)
    return x, family + 0.5 * walkable + 0.8 * school + 0.2 + rng.normal(0.0, noise, n)


def digits(test_fraction: float = 0.2, seed: int = 0) -> tuple[Array, Array, Array, Array]:
    """Return 1,797 shuffled digits of 8 × 8 pixels from 0 to 1: x and y for training, x and y for testing.

    They come with scikit-learn, the extra `data`.
    """
    share = rate(test_fraction, "digits", "test_fraction", high=1.0)
    x, y = extra("data", "sklearn.datasets", "digits").load_digits(return_X_y=True)
    x, y = _shuffled(x / 16.0, y.astype(np.float64), seeded(size(seed, "digits", "seed", 0)))
    count = len(x) - round(share * len(x))
    return x[:count], y[:count], x[count:], y[count:]


def _begin(who: str, n: int, noise: float, seed: int) -> np.random.Generator:
    size(n, who, "n", 2)
    rate(noise, who, "noise")
    return seeded(size(seed, who, "seed", 0))


def _shuffled(x: Array, y: Array, rng: np.random.Generator) -> tuple[Array, Array]:
    order = rng.permutation(len(x))
    return x[order], y[order]


__all__ = ["circles", "digits", "gate", "housing", "moons", "one_hot", "read_csv", "read_idx", "spirals"]


def read_csv(
    path: str | os.PathLike[str], target: str, columns: Sequence[str] | None = None
) -> tuple[Floats, Array]:
    """Read (x, y) from a CSV file with column names: y is `target`, x is `columns` or all others.

    A column in use must have a unique name. The file is UTF-8, with or without a byte order mark, with
    lines that end in LF or CRLF, and numbers with a decimal point.
    """
    name = path_of(path, "read_csv")
    try:
        with open(name, encoding="utf-8-sig", newline="") as file:
            rows = csv.reader(file, strict=True)
            header = [cell.strip() for cell in next(rows, [])]
            places = _places(header, target, columns, f"read_csv: {name!r}")
            table = [_numbers(row, places, header, name, rows.line_num) for row in rows if row]
    except (UnicodeDecodeError, csv.Error) as error:
        raise DataValueError(f"read_csv: {name!r} is not a CSV file in UTF-8: {error}.") from None
    if not table:
        raise DataValueError(f"read_csv: {name!r} has no rows below its header; expected at least one.")
    array = np.array(table)
    return array[:, :-1], array[:, -1]


def _places(header: list[str], target: str, columns: Sequence[str] | None, who: str) -> list[int]:
    """Return the positions of the columns of x, then that of y."""
    known(target, header, who, "column")
    if columns is None:
        chosen = [c for c in header if c != target]
    else:
        named = elements(columns, who, "columns", "a list of names")
        chosen = [known(name, header, who, "column") for name in named]
    if not chosen:
        raise DataValueError(f"{who}: no columns besides {target!r}; expected at least one for x.")
    there, taken = Counter(header), Counter([*chosen, target])
    for column in [*chosen, target]:
        if column not in there:
            known(column, header, who, "column")
        if not column:
            place = header.index(column) + 1
            raise DataValueError(f"{who}: column {place} has no name. Choose columns: columns=[...].")
        if there[column] > 1:
            raise DataValueError(
                f"{who}: {there[column]} columns are named {brief(column)}; expected unique names "
                "for the columns in use. Rename them, or select others: columns=[...]."
            )
        if taken[column] > 1:
            raise DataValueError(f"{who}: column {brief(column)} is selected twice; expected each once.")
    places = {column: place for place, column in enumerate(header)}
    return [places[column] for column in [*chosen, target]]


def _numbers(row: list[str], places: list[int], header: list[str], name: str, line: int) -> list[float]:
    if len(row) != len(header):
        raise DataValueError(
            f"read_csv: {name!r}, line {line}: {len(row)} cells; expected {len(header)}, as in the header. "
            "A decimal comma would split a number in two."
        )
    numbers = []
    for place in places:
        try:
            number = float(row[place])
        except ValueError:
            number = float("nan")
        if number - number != 0.0:
            raise DataValueError(
                f"read_csv: {name!r}, line {line}, column {header[place]!r}: got {row[place][:40]!r}; "
                "expected a finite number."
            )
        numbers.append(number)
    return numbers


TYPES = {0x08: "u1", 0x09: "i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}


def read_idx(path: str | os.PathLike[str]) -> Array:
    """Read the array in an IDX file, plain or gzipped, such as `train-images-idx3-ubyte.gz`.

    The header has two zero bytes, the number type, the number of dimensions, and each dimension as 32 bits.
    """
    name = path_of(path, "read_idx")
    with open(name, "rb") as file:
        zipped = file.read(2) == b"\x1f\x8b"
        file.seek(0)
        try:
            with gzip.open(file) if zipped else file as stream:
                return _array(stream, name)
        except (EOFError, gzip.BadGzipFile, struct.error) as error:
            told = f"read_idx: {name!r} is damaged: {error}; expected a whole file. Download it again."
            raise DataValueError(told) from None


def _array(stream: Any, name: str) -> Array:
    magic = stream.read(4)
    if len(magic) < 4 or magic[:2] != b"\0\0" or magic[2] not in TYPES or not 1 <= magic[3] <= 8:
        raise DataValueError(
            f"read_idx: {name!r} is not an IDX file: it begins with {magic!r}; expected two zero bytes, a "
            "kind of number and 1 to 8 dimensions."
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


__all__ = ["circles", "digits", "gate", "housing", "moons", "one_hot", "read_csv", "read_idx", "spirals"]
