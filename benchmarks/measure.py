"""Measure ratios within one run, in processor time, with the garbage collector's default settings."""

from __future__ import annotations

import gc
import statistics
import time
import tracemalloc
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Any, TypeVar

Result = TypeVar("Result")


@dataclass(frozen=True)
class Ratio:
    """How many times as long `slow` takes as `fast`, measured in alternating rounds.

    `median`, `low` and `high` are the median and the quartiles of the rounds' ratios; the seconds are
    those of the shortest rounds.
    """

    slow_seconds: float
    fast_seconds: float
    median: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.median:6.2f} x (quartiles {self.low:.2f} to {self.high:.2f})"


def seconds(function: Callable[[], Any], calls: int = 1) -> float:
    """Return the processor seconds of one call.

    Earlier garbage is collected first: micrograd's graphs are cycles, which would be charged to others.
    """
    gc.collect()
    start = time.process_time()
    for _ in range(calls):
        function()
    return (time.process_time() - start) / calls


def ratio(slow: Callable[[], Any], fast: Callable[[], Any], calls: int = 1, rounds: int = 11) -> Ratio:
    """Measure two functions in alternating rounds of `calls` calls each."""
    slow(), fast()
    pairs = [(seconds(slow, calls), seconds(fast, calls)) for _ in range(rounds)]
    slow_seconds, fast_seconds = (min(column) for column in zip(*pairs, strict=True))
    low, median, high = statistics.quantiles([a / b for a, b in pairs], n=4)
    return Ratio(slow_seconds, fast_seconds, median, low, high)


def alone(measurement: Callable[..., Result], *arguments: Any) -> Result:
    """Measure in a separate process, where no other graphs are kept or collected."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(measurement, *arguments).result()


def bytes_allocated(make: Callable[[], Any]) -> int:
    """Return the size of the objects that `make` returns, as Python counts its allocations."""
    gc.collect()
    tracemalloc.start()
    kept = make()
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    del kept
    return size


def table(rows: Sequence[Sequence[Any]], head: Sequence[str]) -> str:
    """Format rows under a head, in columns."""
    cells = [list(map(str, row)) for row in [head, *rows]]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in cells
    ]
    return "\n".join([lines[0], "-" * len(lines[0]), *lines[1:]])
