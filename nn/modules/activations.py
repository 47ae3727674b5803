"""Activation functions, by name and as modules.

Sigmoid, tanh, ReLU and the like are rows of the engine's table that name a `module`, applied to each number;
their classes are created from the rows. Softmax and winner-take-all look at all outputs of a layer together.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection
from functools import partial
from inspect import Parameter, Signature
from typing import TYPE_CHECKING, Any

import autograd_core as ag
from autograd_core import TABLE, DataError, DataValueError, Value
from autograd_core.operations import Operation

from ..checks import brief, known, listed, rate, refuse_too_deep, size, vector
from .module import Module
from .parameter import Weights, items_of

if TYPE_CHECKING:
    from ..types import Numbers

ACTIVATIONS = [row for row in TABLE.values() if row.module and row.arity is not None]
FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    **{row.name: row for row in ACTIVATIONS if row.arity == 1 + len(row.defaults)},
    "identity": lambda x: x,
}
"""The activations of a neuron or layer, by name."""
OF_LAYERS: dict[str, Callable[[Any], Any]] = {f.__name__: f for f in (ag.softmax, ag.log_softmax)}
"""Activations for layers only: functions of all outputs together."""
SYNONYMS = {"linear": "identity", "none": "identity"}
SYNONYMS |= {other: row.name for row in ACTIVATIONS for other in row.synonyms}


def activation_name(activation: Any, who: str, names: Collection[str] = FUNCTIONS) -> str:
    """Return the name of an activation given as a name, row, module, or None (`"identity"`)."""
    if type(activation) in (Softmax, LogSoftmax):
        activation = (ag.softmax if type(activation) is Softmax else ag.log_softmax).__name__
    if activation is None or type(activation) is Identity:
        return "identity"
    if isinstance(activation, Activation):
        return _name_of_module(activation, who)
    name = getattr(activation, "name", activation)
    name = SYNONYMS.get(name, name) if isinstance(name, str) else name
    return known(name, names, who, "activation")


def _name_of_module(activation: Activation, who: str) -> str:
    """Return the name of the row that a module such as `Tanh()` applies with its default options."""
    kind = type(activation)
    name = next((name for name, made in KINDS.items() if made is kind), None)
    if name not in FUNCTIONS or activation.settings() != kind().settings():
        raise DataError(
            f"{who}: activation = {brief(activation)}; expected a name, or a module with default options. "
            "Otherwise, put the module after a Linear in a Sequential."
        )
    return name


def display_name(name: str) -> str:
    """Return the name used in listings: ReLU, Tanh, Linear."""
    return "Linear" if name == "identity" else TABLE[name].module


class Activation(Module):
    """A function of one number, applied to each number of its input.

    >>> from nn import LeakyReLU, Tanh
    >>> Tanh()([0.0, 1.0])[1].data
    0.7615941559557649
    >>> LeakyReLU(negative_slope=0.1)(-2.0).data
    -0.2
    """

    function: Callable[..., Any] = staticmethod(lambda x: x)
    options: tuple[str, ...] = ()
    """The names of the function's arguments after the first, which are attributes."""

    def __call__(self, x: Numbers) -> Any:
        if isinstance(x, (Value, float, int)):
            return self._respond(x if isinstance(x, Value) else Value(x, requires_grad=False))
        return each(self._respond, x, type(self).__name__)

    def _respond(self, x: Value) -> Value:
        """Apply the function to one number."""
        options = [getattr(self, name) for name in self.options]
        y: Value = type(self).function(x, *options)
        return y

    def settings(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.options}


def each(function: Callable[[Value], Any], x: Any, who: str, depth: int = 0) -> list[Any]:
    """Apply a function to every number of a list, or of nested lists such as an image."""
    refuse_too_deep(depth, who)
    if isinstance(x, list) and x and isinstance(x[0], list):
        return [each(function, row, who, depth + 1) for row in x]
    if getattr(x, "ndim", 0) > 1:
        return [each(function, row, who, depth + 1) for row in x]
    values = listed(x, who)
    return [function(v) for v in vector(values, len(values), who)]


class Identity(Activation):
    """Returns its input."""


class Softplus(Activation):
    """log(1 + e^(beta x)) / beta, exactly; with a `threshold`, x itself where beta x exceeds it (PyTorch)."""

    def __init__(self, beta: float = 1.0, threshold: float | None = None) -> None:
        self.beta = rate(beta, "Softplus", "beta", -math.inf)
        self.threshold = None if threshold is None else rate(threshold, "Softplus", "threshold", -math.inf)
        if self.beta == 0.0:
            raise DataValueError("Softplus: beta = 0; expected a nonzero number, because it is a divisor.")

    def _respond(self, x: Value) -> Value:
        z = x if self.beta == 1.0 else self.beta * x
        y = ag.softplus(z)
        if self.threshold is not None:
            # softplus(z) - softplus(-z) = z, without a branch on the number, so it can be traced.
            y = y - ag.heaviside(z - self.threshold, 0.0) * ag.softplus(-z)
        return y if self.beta == 1.0 else y / self.beta

    def settings(self) -> dict[str, Any]:
        if self.beta == 1.0 and self.threshold is None:
            return {}
        return {"beta": self.beta, "threshold": self.threshold}


class PReLU(Module):
    """x for x > 0, else w x with a trainable w: one for all numbers, or one for each number or channel.

    >>> PReLU()([2.0, -2.0])[1].data
    -0.5
    """

    def __init__(self, num_parameters: int = 1, init: float = 0.25) -> None:
        self.num_parameters = size(num_parameters, "PReLU", "num_parameters")
        self.init = rate(init, "PReLU", "init", -math.inf)
        self.weight = Weights.filled((self.num_parameters,), self.init)

    def __call__(self, x: Numbers) -> Any:
        slopes = items_of(self.weight)
        if self.num_parameters == 1:
            respond = partial(ag.leaky_relu, negative_slope=slopes[0])
            return respond(x) if isinstance(x, (Value, float, int)) else each(respond, x, "PReLU")
        parts = x.tolist() if hasattr(x, "tolist") else x
        if not isinstance(parts, (list, tuple)) or len(parts) != self.num_parameters:
            raise DataValueError(
                f"PReLU: got {brief(x)}; expected {self.num_parameters} numbers or channels."
            )
        pairs = [
            (partial(ag.leaky_relu, negative_slope=w), part) for w, part in zip(slopes, parts, strict=True)
        ]
        return [each(f, part, "PReLU") if isinstance(part, list) else f(part) for f, part in pairs]

    def settings(self) -> dict[str, Any]:
        return {"num_parameters": self.num_parameters, "init": self.init}


class GELU(Activation):
    """x Φ(x), exactly, or its tanh approximation with `approximate="tanh"`."""

    def __init__(self, approximate: str = "none") -> None:
        self.approximate = known(approximate, ("none", "tanh"), "GELU", "approximation")

    def _respond(self, x: Value) -> Value:
        return ag.gelu(x) if self.approximate == "none" else ag.gelu_tanh(x)

    def settings(self) -> dict[str, Any]:
        return {"approximate": self.approximate}


def of_row(row: Operation) -> type[Activation]:
    """Create the module class of an activation row, with the row's other arguments as options."""
    _, *options = row.__signature__.parameters.values()
    # An option must be at least 0 unless its default is negative or missing.
    lowest = {p.name: -math.inf if p.default is p.empty or p.default < 0.0 else 0.0 for p in options}
    signature = Signature([Parameter("self", Parameter.POSITIONAL_ONLY), *options])

    def __init__(self: Activation, *args: float, **named: float) -> None:
        try:
            given = signature.bind(self, *args, **named)
        except TypeError as error:
            shown = str(signature).replace("(self, /, ", "(").replace("(self, /)", "()")
            raise DataError(f"{row.module}: {error}; expected {row.module}{shown}.") from None
        given.apply_defaults()
        for name in self.options:
            setattr(self, name, rate(given.arguments[name], row.module, name, lowest[name]))

    __init__.__signature__ = signature  # type: ignore[attr-defined]
    about = f"{row.definition or row.name + '(x)'}: the function `{row.name}`, applied to each number."
    members = {"__doc__": about, "__module__": __name__, "function": row, "__init__": __init__}
    return type(row.module, (Activation,), members | {"options": row.names[1:]})


class Softmax(Module):
    """Probabilities from scores: e^(x_i) / Σ e^(x_j).

    >>> [round(p.data, 2) for p in Softmax()([3.2, 5.1, -1.7])]
    [0.13, 0.87, 0.0]
    """

    def __call__(self, x: Numbers) -> list[Value]:
        return ag.softmax(filled(x, "Softmax"))


class LogSoftmax(Module):
    """The logarithms of the softmax, exact where the probabilities underflow."""

    def __call__(self, x: Numbers) -> list[Value]:
        return ag.log_softmax(filled(x, "LogSoftmax"))


class WinnerTakeAll(Module):
    """1 for the largest (the first, if tied), 0 for the others: the perceptron's output, without a gradient.

    >>> [v.data for v in WinnerTakeAll()([3.2, 5.1, -1.7])]
    [0.0, 1.0, 0.0]
    """

    eager_because = "WinnerTakeAll inspects the numbers to find the largest"

    def __call__(self, x: Numbers) -> list[Value]:
        data = [v.data for v in filled(x, "WinnerTakeAll")]
        winner = data.index(max(data))
        return [Value(float(i == winner), requires_grad=False) for i in range(len(data))]


def filled(x: Any, who: str) -> list[Value]:
    """Return the input as `Value`s; raise if it is empty."""
    values = listed(x, who)
    if not values:
        raise DataValueError(f"{who}: no inputs; expected at least one number.")
    return vector(values, len(values), who)


globals().update({row.module: of_row(row) for row in ACTIVATIONS if row.module not in globals()})
KINDS: dict[str, type[Module]] = {row.name: globals()[row.module] for row in TABLE.values() if row.module}
"""The modules that stand for rows of the table."""

__all__ = [*sorted({kind.__name__ for kind in KINDS.values()}), "Identity", "PReLU", "WinnerTakeAll"]  # noqa: PLE0604
