"""The functions that the test pages step through."""

from functools import cache

from autograd_core import Value, tanh
from tests.viz.golden_drawings import loss
from tests.viz.lecture import example
from viz.stepper.stepper import stepper


@cache
def lecture():
    return stepper(example())


@cache
def network():
    """Build a 2-3-1 network of single multiplications and additions, as micrograd does."""
    weights = iter([0.9, -0.3, 0.4, 0.2, 0.8, -0.5, 0.1, -0.7, 0.6, 0.25, 0.35, -0.15, 0.05])
    x = [Value(1.0, "x1"), Value(-2.0, "x2")]

    def neuron(inputs, name):
        total = Value(next(weights), f"b{name}")
        for i, value in enumerate(inputs, start=1):
            total = total + Value(next(weights), f"w{name}{i}") * value
        return tanh(total)

    hidden = [neuron(x, f"{i}") for i in (1, 2, 3)]
    return stepper(neuron(hidden, "4"))


@cache
def large():
    """Build the loss of a 2-16-16-1 network, which is folded."""
    return stepper(loss(2, 16, 16, 1))
