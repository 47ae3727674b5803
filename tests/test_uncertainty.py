"""The uncertainty of a result compared with formulas, matrices and Monte Carlo."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograd_core import DataError, DataValueError, Value, propagate, sin
from autograd_core import sum as total


def test_a_quotient_adds_relative_uncertainties() -> None:
    u, r = Value(12.0, "U"), Value(4.0, "R")
    found = propagate(u / r, {u: 0.12, r: 0.08})
    assert found.value == 3.0
    assert found.sigma == pytest.approx(3.0 * math.hypot(0.01, 0.02), rel=1e-15)
    assert [(s.name, pytest.approx(s.fraction)) for s in found.shares] == [("R", 0.8), ("U", 0.2)]


def test_a_value_may_be_given_with_its_uncertainty() -> None:
    x, k = Value(1.0, "x"), Value(3.0, "k")
    found = propagate(k * x**2, {x: (2.0, 0.1)})
    assert (found.value, found.sigma) == (12.0, pytest.approx(1.2, rel=1e-15))
    assert x.data == 1.0


numbers = st.floats(-3.0, 3.0, width=32)


@settings(max_examples=100, deadline=None)
@given(st.integers(1, 5), st.integers(0, 2**32 - 1))
def test_correlations_give_the_quadratic_form_of_the_covariance(n: int, seed: int) -> None:
    source = np.random.default_rng(seed)
    root = source.normal(size=(n, n + 1))
    covariance = root @ root.T
    sigmas = np.sqrt(np.diag(covariance))
    xs = [Value(x) for x in source.normal(size=n)]
    weights = source.normal(size=n)
    output = total([w * x for w, x in zip(weights, xs, strict=True)])
    pairs = [(i, j) for i in range(n) for j in range(i)]
    rho = {(xs[i], xs[j]): covariance[i, j] / (sigmas[i] * sigmas[j]) for i, j in pairs}
    found = propagate(output, dict(zip(xs, sigmas, strict=True)), rho)
    assert found.sigma == pytest.approx(math.sqrt(weights @ covariance @ weights), rel=1e-9)
    assert math.fsum(share.fraction for share in found.shares) == pytest.approx(1.0)


def test_shares_are_ordered_by_size_whatever_their_sign() -> None:
    x, y, z = Value(1.0, "x"), Value(1.0, "y"), Value(1.0, "z")
    found = propagate(x + y + z, {z: 0.1, x: 1.0, y: 3.0}, {(x, y): -0.9})
    assert [share.name for share in found.shares] == ["y", "x", "z"]
    assert [share.fraction > 0.0 for share in found.shares] == [True, False, True]


def test_monte_carlo_agrees() -> None:
    x, y = Value(0.4, "x"), Value(2.0, "y")
    found = propagate(sin(x) * y, {x: 0.01, y: 0.02}, {(x, y): 0.5})
    source = np.random.default_rng(1)
    covariance = [[1e-4, 0.5 * 2e-4], [0.5 * 2e-4, 4e-4]]
    sample = source.multivariate_normal([0.4, 2.0], covariance, size=200_000)
    assert found.sigma == pytest.approx(float(np.std(np.sin(sample[:, 0]) * sample[:, 1])), rel=0.01)


def test_opposite_errors_cancel_and_huge_ones_do_not_overflow() -> None:
    x, y = Value(1.0, "x"), Value(1.0, "y")
    assert propagate(x - y, {x: 0.1, y: 0.1}, {(x, y): 1.0}).sigma == 0.0
    assert propagate(x + y, {x: 1e200, y: 1e200}).sigma == pytest.approx(math.sqrt(2) * 1e200)
    assert propagate(x + y, {}).sigma == 0.0


@settings(max_examples=200, deadline=None)
@given(st.integers(2, 6), st.integers(0, 2**32 - 1))
def test_correlations_that_no_distribution_has_are_refused(n: int, seed: int) -> None:
    """Whatever the variance, which may be positive by chance."""
    source = np.random.default_rng(seed)
    xs = [Value(1.0, f"x{i}") for i in range(n)]
    matrix = np.eye(n)
    for i in range(n):
        for j in range(i):
            if source.random() < 0.7:
                matrix[i, j] = matrix[j, i] = source.uniform(-1.0, 1.0)
    rho = {(xs[i], xs[j]): matrix[i, j] for i in range(n) for j in range(i) if matrix[i, j]}
    least = np.linalg.eigvalsh(matrix).min()
    output = total([w * x for w, x in zip(source.normal(size=n), xs, strict=True)])
    sigmas = dict.fromkeys(xs, 0.1)
    if least >= 0.0:
        assert propagate(output, sigmas, rho).sigma >= 0.0
    elif least < -0.3:
        with pytest.raises(DataValueError, match="positive semidefinite"):
            propagate(output, sigmas, rho)


def test_published_correlations_may_be_rounded() -> None:
    """Those of resistance, reactance and impedance, which depend on each other (JCGM 100:2008, H.2)."""
    r, x, z = Value(127.732, "R"), Value(219.847, "X"), Value(254.26, "Z")
    rho = {(r, x): -0.588, (r, z): -0.485, (x, z): 0.993}
    assert propagate(r + x + z, {r: 0.071, x: 0.295, z: 0.236}, rho).sigma == pytest.approx(0.4951, abs=1e-4)


def test_what_has_no_meaning_is_refused() -> None:
    x, y, z = Value(1.0, "x"), Value(1.0, "y"), Value(1.0, "z")
    j = x + y + z
    for wrong in ({x: -0.1}, {x: math.nan}, {x: math.inf}):
        with pytest.raises(DataValueError, match="not a standard uncertainty"):
            propagate(j, wrong)
    for stranger in (Value(1.0), j, "x"):
        with pytest.raises(DataError, match="not a leaf of the graph"):
            propagate(j, {stranger: 0.1})
    with pytest.raises(DataError, match="not a mapping"):
        propagate(j, [0.1, 0.2])
    with pytest.raises(DataError, match="not a single output"):
        propagate([j], {x: 0.1})
    sigmas = dict.fromkeys((x, y, z), 0.1)
    for pairs in ({(x, x): 0.5}, {(x, y): 1.5}, {(x, y): 0.5, (y, x): 0.5}, {(x, j): 0.1}, {x: 0.1}):
        with pytest.raises(DataValueError, match="not a correlation"):
            propagate(j, sigmas, pairs)
    with pytest.raises(DataValueError, match="positive semidefinite"):
        propagate(j, sigmas, {(x, y): -1.0, (y, z): -1.0, (x, z): -1.0})
