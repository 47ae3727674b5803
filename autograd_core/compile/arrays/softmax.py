"""Compute all results of a softmax or log-softmax at once: n exponentials for n results, not n².

In a graph each result is a node of its own, whose first argument is its logit and the others the rest. Nodes
that are all the results of the same calls are one group.
"""

from __future__ import annotations

from collections.abc import Callable

from ...base.importing import np
from ...kernel import table
from ...kernel.operation import Operation
from ..front.tape import Ints

ROWS = (table.softmax, table.log_softmax)


def calls(row: Operation, columns: Ints) -> Ints | None:
    """The places of nodes with those arguments: a column for each call with all its results, or None."""
    count = columns.shape[1]
    if row not in ROWS or len(columns) % count:
        return None
    arguments = np.sort(columns, axis=1)
    places = np.lexsort([columns[:, 0], *arguments.T[::-1]]).reshape(-1, count)
    alike = (arguments[places] == arguments[places[:, :1]]).all()
    complete = np.array_equal(columns[places, 0], arguments[places[:, 0]])
    return places.T if alike and complete else None


def softmax(x: str, y: str, spare: Callable[[], str]) -> list[str]:
    """y_j = e^(x_j - m) / Σ e^(x_i - m), for the largest x = m."""
    m = spare()
    return [
        f"np.maximum.reduce({x}, axis=0, out={m})",
        f"np.exp(np.subtract({x}, {m}, out={y}), out={y})",
        f"np.divide({y}, np.add.reduce({y}, axis=0, out={m}), out={y})",
    ]


def exponentials(
    x: str, m: str, e: str, total: str, largest: str, spare: Callable[[], str]
) -> tuple[list[str], str]:
    """The largest x = m, e = e^(x - m) and their sum; and an expression for its logarithm.

    There the 1 of the largest x itself is left to log1p, which keeps the digits of the others.
    """
    rest, ties = spare(), spare()
    lines = [
        f"np.maximum.reduce({x}, axis=0, out={m})",
        f"np.exp(np.subtract({x}, {m}, out={e}), out={e})",
        f"np.add.reduce({e}, axis=0, out={total})",
        f"np.equal({x}, {m}, out={largest})",
        f"np.subtract(np.add.reduce({largest}, axis=0, out={ties}), 1.0, out={ties})",
        f"np.add.reduce(np.subtract({e}, {largest}, out={largest}), axis=0, out={rest})",
    ]
    return lines, f"np.log1p(np.add({rest}, {ties}, out={rest}), out={rest})"


def slopes_of_softmax(g: str, y: str, spare: Callable[[], str], wide: str) -> list[str]:
    """g_i - Σ g_j y_j into `wide`, which times y_i is the adjoint of x_i."""
    s = spare()
    return [
        f"np.add.reduce(np.multiply({g}, {y}, out={wide}), axis=0, out={s})",
        f"np.subtract({g}, {s}, out={wide})",
    ]


def slopes_of_log_softmax(g: str, e: str, total: str, spare: Callable[[], str], wide: str) -> list[str]:
    """e_i / Σ e_j · Σ g_j into `wide`, which is taken off g_i for the adjoint of x_i."""
    s = spare()
    return [
        f"np.divide(np.add.reduce({g}, axis=0, out={s}), {total}, out={s})",
        f"np.multiply({e}, {s}, out={wide})",
    ]
