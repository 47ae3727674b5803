"""How the benchmarks measure: ratios within one run, in processor time, the garbage collector as it is."""

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
    """How many times as long `slow` takes as `fast`, from rounds that alternate between the two.

    `median`, `low` and `high` are the median and the quartiles of the rounds' own ratios; the seconds are
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
    """Processor seconds for one call.

    Garbage from before is collected first: micrograd's graphs are cycles, which would be charged to others.
    """
    gc.collect()
    start = time.process_time()
    for _ in range(calls):
        function()
    return (time.process_time() - start) / calls


def ratio(slow: Callable[[], Any], fast: Callable[[], Any], calls: int = 1, rounds: int = 11) -> Ratio:
    """Measures two functions in alternating rounds of so many calls."""
    slow(), fast()
    pairs = [(seconds(slow, calls), seconds(fast, calls)) for _ in range(rounds)]
    slow_seconds, fast_seconds = (min(column) for column in zip(*pairs, strict=True))
    low, median, high = statistics.quantiles([a / b for a, b in pairs], n=4)
    return Ratio(slow_seconds, fast_seconds, median, low, high)


def alone(measurement: Callable[..., Result], *arguments: Any) -> Result:
    """What a measurement finds in a process of its own, in which no others' graphs are kept or collected."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(measurement, *arguments).result()


def bytes_allocated(make: Callable[[], Any]) -> int:
    """What the objects take that `make` returns, by Python's own account of its allocations."""
    gc.collect()
    tracemalloc.start()
    kept = make()
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    del kept
    return size


def table(rows: Sequence[Sequence[Any]], head: Sequence[str]) -> str:
    """Rows under a head, in columns."""
    cells = [list(map(str, row)) for row in [head, *rows]]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in cells
    ]
    return "\n".join([lines[0], "-" * len(lines[0]), *lines[1:]])
