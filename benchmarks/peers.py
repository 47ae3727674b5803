"""The other engines, with one interface: value and gradient of a function in one call.

A peer that is not installed is skipped, and named.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Sequence
from functools import partial
from types import SimpleNamespace
from typing import Any

Function = Callable[..., Any]
"""Takes a namespace of mathematical functions and the inputs."""


def missing(*packages: str) -> list[str]:
    """Return those packages that are not installed."""
    return [name for name in packages if importlib.util.find_spec(name) is None]


def ours(f: Function, point: Sequence[float]) -> Callable[[], Any]:
    """Compile with autograd-core and return `value_and_grad` at a point."""
    from autograd_core import Value, compile, cos, sin

    xs = [Value(x, f"x{i}") for i, x in enumerate(point)]
    call = compile(f(SimpleNamespace(sin=sin, cos=cos), *xs), inputs=xs).value_and_grad
    return partial(call, *point)


def casadi(f: Function, point: Sequence[float]) -> Callable[[], Any]:
    """Return CasADi's SX function at a point."""
    import casadi as ca

    xs = [ca.SX.sym(f"x{i}") for i in range(len(point))]
    y = f(ca, *xs)
    call = ca.Function("f", xs, [y, *[ca.gradient(y, x) for x in xs]])
    return partial(call, *point)


def ddx(f: Function, point: Sequence[float]) -> Callable[[], Any]:
    """Compile with ddx-ad and return `jacobian([x])`."""
    import ddx as engine

    equation = engine.equation(lambda: f(engine, *[engine.var(f"x{i}") for i in range(len(point))]))
    equation.compile()
    equation.wait_for_kernel()
    numbers = list(point)
    return partial(equation.jacobian, numbers)


def jax(f: Function, point: Sequence[float]) -> Callable[[], Any]:
    """Return `jax.jit(jax.value_and_grad(f))` in double precision."""
    import jax as engine
    import jax.numpy as jnp

    engine.config.update("jax_enable_x64", True)
    call = engine.jit(engine.value_and_grad(lambda *xs: f(jnp, *xs), argnums=tuple(range(len(point)))))
    numbers = [float(x) for x in point]
    return lambda: engine.block_until_ready(call(*numbers))


PEERS = {"casadi": casadi, "ddx": ddx, "jax": jax}
