"""SciPy's optimizers with compiled functions, gradients, Jacobians and Hessians, without any wrapper."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.optimize import curve_fit, least_squares, minimize, root

from autograd_core import compile, exp, hessian, jacobian, square, sum
from tests.more_garbow_hillstrom import PROBLEMS, Problem, rosenbrock

VALLEY = PROBLEMS["extended Rosenbrock"]


def squares(problem: Problem) -> Any:
    """Return the function to minimize."""

    def total(x: Any) -> Any:
        return sum([square(r) for r in problem.residuals(x)])

    return total


@pytest.mark.slow
@pytest.mark.parametrize("name", PROBLEMS)
def test_least_squares_finds_the_published_minimum(name: str) -> None:
    """By trust regions: `lm` of SciPy 1.17 reads memory before writing it, and then may end too early.

    With MALLOC_PERTURB_=127 it always does so with Biggs's function, also with one written in NumPy.
    """
    problem = PROBLEMS[name]
    residuals, slopes = compile(problem.residuals), compile(jacobian(problem.residuals))
    found = least_squares(
        residuals, problem.start, slopes, method="trf", xtol=1e-15, ftol=1e-15, gtol=1e-15, max_nfev=20_000
    )
    assert any(2.0 * found.cost == pytest.approx(least, rel=1e-5, abs=1e-15) for least in problem.minima)


def test_the_problems_are_all_35() -> None:
    assert len(PROBLEMS) == 35


@pytest.mark.parametrize("name", ["Beale", "Bard", "helical valley"])
def test_gradients_of_a_sum_of_squares_are_those_of_its_residuals(name: str) -> None:
    problem = PROBLEMS[name]
    point = np.array(problem.start) + 0.1
    value, gradient = compile(squares(problem)).value_and_grad(point)
    residuals = np.array(compile(problem.residuals)(point))
    slopes = np.array(compile(jacobian(problem.residuals))(point))
    assert value == pytest.approx(residuals @ residuals, rel=1e-13)
    assert gradient == pytest.approx(2.0 * slopes.T @ residuals, rel=1e-12)


@pytest.mark.parametrize("method", ["BFGS", "CG", "L-BFGS-B", "TNC", "SLSQP", "Newton-CG", "trust-exact"])
def test_minimize_takes_the_compiled_function_its_gradient_and_its_hessian(method: str) -> None:
    f = compile(squares(VALLEY))
    second = {"hess": compile(hessian(squares(VALLEY)))} if method == "trust-exact" else {}
    if method == "Newton-CG":
        second = {"hessp": f.hessian_vector_product}
    options = {"maxfun": 2000} if method == "TNC" else {}
    found = minimize(f.value_and_grad, VALLEY.start, jac=True, method=method, options=options, **second)
    assert found.x == pytest.approx(np.ones(10), abs=2e-3), found.message


def test_constraints_take_compiled_gradients() -> None:
    f, circle = compile(squares(PROBLEMS["Rosenbrock"])), compile(lambda x: 1.5 - x[0] ** 2 - x[1] ** 2)
    inside = {"type": "ineq", "fun": circle, "jac": circle.gradient}
    found = minimize(f, [-0.5, 0.5], jac=f.gradient, method="SLSQP", constraints=inside)
    assert found.success
    assert found.x == pytest.approx([0.9073, 0.8227], abs=1e-3)


def test_root_takes_a_compiled_jacobian() -> None:
    problem = PROBLEMS["Broyden tridiagonal"]
    f, slopes = compile(problem.residuals), compile(jacobian(problem.residuals))
    found = root(f, problem.start, jac=slopes, tol=1e-12)
    assert found.success
    assert np.abs(f(found.x)).max() < 1e-9


def test_curve_fit_takes_slopes_by_the_parameters() -> None:
    model = compile(lambda t, height, rate: height * exp(-rate * t))
    times = np.linspace(0.0, 4.0, 30)

    def slopes(t: Any, *parameters: float) -> Any:
        """Compute the slopes at each t, for which each parameter is a batch, too."""
        return np.stack(model.gradient(t, *[np.full_like(t, p) for p in parameters])[1:], axis=1)

    found, _ = curve_fit(model, times, model(times, 2.5, 1.3), p0=[1.0, 1.0], jac=slopes)
    assert found == pytest.approx([2.5, 1.3], rel=1e-9)


def test_residuals_at_plain_numbers_are_plain_numbers() -> None:
    assert rosenbrock([1.0, 1.0]) == [0.0, 0.0]
