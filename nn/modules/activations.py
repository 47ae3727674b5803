"""Activation functions, by name and as modules.

Sigmoid, tanh, ReLU and their kin are rows of the engine's table, applied to each number. Softmax and
winner-take-all look at all outputs of a layer together.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import autograd_core as ag
from autograd_core import DataValueError, Value

from ..checks import known, listed, rate, vector
from .module import Module

FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "relu": ag.relu,
    "leaky_relu": ag.leaky_relu,
    "elu": ag.elu,
    "selu": ag.selu,
    "gelu": ag.gelu,
    "silu": ag.silu,
    "mish": ag.mish,
    "softplus": ag.softplus,
    "softsign": ag.softsign,
    "sigmoid": ag.sigmoid,
    "logsigmoid": ag.logsigmoid,
    "tanh": ag.tanh,
    "identity": lambda x: x,
}
SYNONYMS = {"linear": "identity", "none": "identity", "swish": "silu", "logistic": "sigmoid"}
NAMES = {
    "relu": "ReLU",
    "leaky_relu": "LeakyReLU",
    "elu": "ELU",
    "selu": "SELU",
    "gelu": "GELU",
    "silu": "SiLU",
}


def activation_name(activation: Any, who: str) -> str:
    """The name of an activation: `"linear"` is `"identity"`, and so is None; a row has its own."""
    if activation is None:
        return "identity"
    name = getattr(activation, "name", activation)
    name = SYNONYMS.get(name, name) if isinstance(name, str) else name
    return known(name, FUNCTIONS, who, "activation")


def display_name(name: str) -> str:
    """As it is written in listings: ReLU, Tanh, Linear."""
    return "Linear" if name == "identity" else NAMES.get(name, name.title().replace("_", ""))


class Activation(Module):
    """A function of one number, applied to each number of its input.

    >>> Tanh()([0.0, 1.0])[1].data
    0.7615941559557649
    """

    function: Callable[..., Any] = staticmethod(lambda x: x)

    def __call__(self, x: Any) -> Any:
        if isinstance(x, (Value, float, int)):
            return self.respond(x if isinstance(x, Value) else Value(x, requires_grad=False))
        return each(self.respond, x, type(self).__name__)

    def respond(self, x: Value) -> Value:
        """The function at one number."""
        return type(self).function(x)  # type: ignore[no-any-return]


def each(function: Callable[[Value], Any], x: Any, who: str) -> list[Any]:
    """A function of one number at every number of a list, or of nested lists such as an image."""
    if isinstance(x, list) and x and isinstance(x[0], list):
        return [each(function, row, who) for row in x]
    if getattr(x, "ndim", 0) > 1:
        return [each(function, row, who) for row in x]
    values = listed(x, who)
    return [function(v) for v in vector(values, len(values), who)]


class Identity(Activation):
    """Passes its input on."""


class Sigmoid(Activation):
    """σ(x) = 1 / (1 + e^-x)."""

    function = ag.sigmoid


class LogSigmoid(Activation):
    """log σ(x)."""

    function = ag.logsigmoid


class Tanh(Activation):
    """tanh(x)."""

    function = ag.tanh


class ReLU(Activation):
    """max(0, x)."""

    function = ag.relu


class SELU(Activation):
    """The self-normalizing ELU (Klambauer et al., 2017)."""

    function = ag.selu


class SiLU(Activation):
    """x σ(x), also called swish."""

    function = ag.silu


class Mish(Activation):
    """x tanh(softplus(x))."""

    function = ag.mish


class Softplus(Activation):
    """log(1 + e^(beta x)) / beta, exactly; with a `threshold`, x itself where beta x exceeds it (PyTorch)."""

    def __init__(self, beta: float = 1.0, threshold: float | None = None) -> None:
        self.beta = rate(beta, "Softplus", "beta", -math.inf)
        self.threshold = None if threshold is None else rate(threshold, "Softplus", "threshold", -math.inf)
        if self.beta == 0.0:
            raise DataValueError("Softplus: beta = 0; expected another number, as it divides by it.")

    def respond(self, x: Value) -> Value:
        z = x if self.beta == 1.0 else self.beta * x
        y = ag.softplus(z)
        if self.threshold is not None:
            # softplus(z) - softplus(-z) = z, and nothing depends on the number but by the table's functions.
            y = y - ag.heaviside(z - self.threshold, 0.0) * ag.softplus(-z)
        return y if self.beta == 1.0 else y / self.beta  # type: ignore[no-any-return]

    def settings(self) -> dict[str, Any]:
        if self.beta == 1.0 and self.threshold is None:
            return {}
        return {"beta": self.beta, "threshold": self.threshold}


class Softsign(Activation):
    """x / (1 + |x|)."""

    function = ag.softsign


class GELU(Activation):
    """x Φ(x), exactly, or its tanh approximation with `approximate="tanh"`."""

    def __init__(self, approximate: str = "none") -> None:
        self.approximate = known(approximate, ("none", "tanh"), "GELU", "approximation")

    def respond(self, x: Value) -> Value:
        return ag.gelu(x) if self.approximate == "none" else ag.gelu_tanh(x)  # type: ignore[no-any-return]

    def settings(self) -> dict[str, Any]:
        return {"approximate": self.approximate}


class LeakyReLU(Activation):
    """x for x > 0, else `negative_slope` x."""

    def __init__(self, negative_slope: float = 0.01) -> None:
        self.negative_slope = rate(negative_slope, "LeakyReLU", "negative_slope")

    def respond(self, x: Value) -> Value:
        return ag.leaky_relu(x, self.negative_slope)  # type: ignore[no-any-return]

    def settings(self) -> dict[str, Any]:
        return {"negative_slope": self.negative_slope}


class ELU(Activation):
    """x for x > 0, else `alpha` (e^x - 1)."""

    def __init__(self, alpha: float = 1.0) -> None:
        self.alpha = rate(alpha, "ELU", "alpha")

    def respond(self, x: Value) -> Value:
        return ag.elu(x, self.alpha)  # type: ignore[no-any-return]

    def settings(self) -> dict[str, Any]:
        return {"alpha": self.alpha}


class Softmax(Module):
    """Probabilities from scores: e^(x_i) / Σ e^(x_j).

    >>> [round(p.data, 2) for p in Softmax()([3.2, 5.1, -1.7])]
    [0.13, 0.87, 0.0]
    """

    def __call__(self, x: Any) -> list[Value]:
        return ag.softmax(filled(x, "Softmax"))  # type: ignore[no-any-return]


class LogSoftmax(Module):
    """The logarithms of the softmax, exact where the probabilities underflow."""

    def __call__(self, x: Any) -> list[Value]:
        return ag.log_softmax(filled(x, "LogSoftmax"))  # type: ignore[no-any-return]


class WinnerTakeAll(Module):
    """1 for the largest, 0 for the others (the first of equals): the perceptron's output. No gradient flows.

    >>> [v.data for v in WinnerTakeAll()([3.2, 5.1, -1.7])]
    [0.0, 1.0, 0.0]
    """

    eager_because = "WinnerTakeAll looks at the numbers to find the largest"

    def __call__(self, x: Any) -> list[Value]:
        data = [v.data for v in filled(x, "WinnerTakeAll")]
        winner = data.index(max(data))
        return [Value(float(i == winner), requires_grad=False) for i in range(len(data))]


def filled(x: Any, who: str) -> list[Value]:
    """The input as `Value`s, of which there must be some."""
    values = listed(x, who)
    if not values:
        raise DataValueError(f"{who}: no inputs; expected at least one number.")
    return vector(values, len(values), who)
