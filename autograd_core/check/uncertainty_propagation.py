"""`propagate`: the uncertainty of a result from those of its inputs, to first order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import fsum, inf, isfinite, sqrt
from typing import Any

from ..base.reals import brief, real, shown
from ..base.text import Table, columns, short
from ..calculus.reverse_mode import gradients
from ..errors import DataError, DataValueError
from ..graph.graph import Graph
from ..graph.names import names
from ..kernel.value import Value

ROUNDING = 1e-12
"""How far rounding may push a variance below 0, relative to its terms."""

DIGITS = 0.005
"""The tolerance for a correlation, which is given with two or three digits."""


@dataclass(frozen=True)
class Share:
    """The contribution of one input to the uncertainty."""

    name: str
    value: float
    sigma: float
    gradient: float
    fraction: float
    """The fraction of the variance; with correlations it can be negative. The fractions add up to 1."""


@dataclass(frozen=True)
class Uncertainty:
    """A result with its standard uncertainty and each input's share, the largest first."""

    name: str
    value: float
    sigma: float
    shares: tuple[Share, ...]

    def __str__(self) -> str:
        rows = [("input", "value", "sigma", "gradient", "share of variance")]
        rows += [
            (s.name, short(s.value), short(s.sigma, 4), short(s.gradient, 4), f"{100 * s.fraction:.1f} %")
            for s in self.shares
        ]
        heading = f"{self.name} = {short(self.value)} ± {short(self.sigma, 4)}"
        return Table("\n".join([heading, *columns(rows)]))


def propagate(
    output: Value,
    inputs: Mapping[Value, float | tuple[float, float]] | Mapping[Value, float],
    correlations: Mapping[tuple[Value, Value], float] | None = None,
) -> Uncertainty:
    """Compute the uncertainty of `output` from uncertain inputs by the gradient: σ² = gᵀ C g.

    `inputs` maps each leaf to its standard uncertainty σ, or to a pair (value, σ), and the graph is
    evaluated at that value. `correlations` has the coefficients, from -1 to 1, of dependent pairs. The cost
    is one backward pass, and one term for each input and correlation; correlations are checked by a sparse
    Cholesky factorization.

    First order is accurate if the function is nearly linear over a few σ (JCGM 100:2008, *Guide to the
    expression of uncertainty in measurement*, 5.1 and 5.2).

    Raises `DataError` for anything but a leaf of the graph, `DataValueError` for a negative σ or for
    impossible correlations.

    >>> U, R = Value(12.0, "U"), Value(4.0, "R")
    >>> print(propagate(U / R, {U: 0.12, R: 0.08}))
    J = 3 ± 0.06708
    input  value  sigma  gradient  share of variance
    R          4   0.08     -0.75             80.0 %
    U         12   0.12      0.25             20.0 %
    """
    if not isinstance(output, Value):
        raise DataError(f"propagate: not a single output: got {brief(output)}; expected one Value.")
    graph = Graph(output)
    leaves, values, sigmas = _read(graph, inputs)
    called = names(graph)
    if values != [leaf.data for leaf in leaves]:
        moved = graph.replay(dict(zip(leaves, values, strict=True)))
        output, at = moved.outputs[0], [moved.nodes[graph.nodes.index(leaf)] for leaf in leaves]
    else:
        at = leaves
    slopes = gradients(output, at)
    moves = [g * s for g, s in zip(slopes, sigmas, strict=True)]
    along = list(moves)  # The factor of each: its σ, and a part of those correlated with it.
    given = dict(_correlated(leaves, {} if correlations is None else correlations))
    _refuse_impossible(given, [called[leaf] for leaf in leaves])
    for (a, b), rho in given.items():
        along[a] += rho * moves[b]
        along[b] += rho * moves[a]
    sigma = _root(moves, along)
    fractions = [(m / sigma) * (t / sigma) if sigma else 0.0 for m, t in zip(moves, along, strict=True)]
    rows = zip([called[leaf] for leaf in leaves], values, sigmas, slopes, fractions, strict=True)
    shares = sorted([Share(*row) for row in rows], key=lambda share: -abs(share.fraction))
    return Uncertainty(called[graph.outputs[0]], output.data, sigma, tuple(shares))


def _read(graph: Graph, inputs: Any) -> tuple[list[Value], list[float], list[float]]:
    """Return the uncertain leaves, their values and their standard uncertainties."""
    if not isinstance(inputs, Mapping):
        raise DataError(
            f"propagate: not a mapping: inputs = {brief(inputs)}; expected leaves and their standard "
            "uncertainties. Write propagate(J, {x: 0.1})."
        )
    values, sigmas = [], []
    for leaf, given in inputs.items():
        if not isinstance(leaf, Value) or leaf not in graph or not leaf.is_leaf:
            raise DataError(
                f"propagate: not a leaf of the graph: {brief(leaf)}; expected an input of {graph!r}."
            )
        is_pair = isinstance(given, (tuple, list)) and len(given) == 2
        x, sigma = given if is_pair else (leaf.data, given)
        values.append(real(x, "propagate: value"))
        sigmas.append(real(sigma, "propagate: standard uncertainty"))
        if not 0.0 <= sigmas[-1] < inf:
            raise DataValueError(
                f"propagate: not a standard uncertainty: {sigmas[-1]!r} (node {leaf.label!r}); expected a "
                "finite number, 0 or more."
            )
    return list(inputs), values, sigmas


def _correlated(leaves: Sequence[Value], correlations: Any) -> Iterator[tuple[tuple[int, int], float]]:
    """Yield the positions of each correlated pair, and its coefficient."""
    if not isinstance(correlations, Mapping):
        raise DataError(
            f"propagate: not a table: correlations = {shown(correlations)}; expected one by pairs."
        )
    place = {leaf: i for i, leaf in enumerate(leaves)}
    met = set()
    for pair, rho in correlations.items():
        known = (
            isinstance(pair, tuple) and len(pair) == 2 and pair[0] is not pair[1] and place.keys() >= {*pair}
        )
        rho = real(rho, "propagate: correlation")
        if not known or not -1.0 <= rho <= 1.0 or frozenset(pair) in met:
            raise DataValueError(
                f"propagate: not a correlation: {brief(pair)}: {rho!r}; expected two different uncertain "
                "inputs, each pair once, and a number from -1 to 1."
            )
        met.add(frozenset(pair))
        yield (place[pair[0]], place[pair[1]]), rho


def _refuse_impossible(correlations: Mapping[tuple[int, int], float], names: Sequence[str]) -> None:
    """Raise an error unless the matrix of the correlations is positive semidefinite.

    It is eliminated row by row, as in a Cholesky factorization; only correlated inputs take part.
    """
    rows: dict[int, dict[int, float]] = {}
    for (a, b), rho in correlations.items():
        for i, j in ((a, b), (b, a)):
            rows.setdefault(i, {i: 1.0})[j] = rho
    for i in sorted(rows, key=lambda i: len(rows[i])):
        row = rows.pop(i)
        pivot = row.pop(i)
        # An input without remaining variance must not share any with others.
        if pivot < -DIGITS or any([abs(x) > sqrt(DIGITS) for x in row.values() if pivot <= DIGITS]):
            raise DataValueError(
                "propagate: no distribution has these correlations: their matrix must be positive "
                f"semidefinite, but it fails at {names[i]!r}. Check their signs, and that "
                "all come from one sample."
            )
        for j, x in row.items():
            del rows[j][i]
            for k, y in row.items() if pivot > DIGITS else ():
                rows[j][k] = rows[j].get(k, 0.0) - x * y / pivot


def _root(moves: Sequence[float], along: Sequence[float]) -> float:
    """Return the root of the variance, without intermediate overflow."""
    scale = max(map(abs, [*moves, *along]), default=0.0)
    if not scale or not isfinite(scale):
        return scale
    terms = [(m / scale) * (t / scale) for m, t in zip(moves, along, strict=True)]
    variance = fsum(terms)
    if variance < -ROUNDING * fsum(map(abs, terms)):
        raise DataValueError(
            "propagate: the variance is negative; expected correlations that some distribution has: their "
            "matrix must be positive semidefinite. Give them with more digits."
        )
    return scale * sqrt(max(variance, 0.0))
