"""Initialize weights with random numbers whose spread preserves the signal from layer to layer.

A layer of n inputs sums n products, so its output spreads about √n times as wide as its weights. Xavier
(Glorot and Bengio, 2010) divides by the fan-in and fan-out, He (Kaiming He et al., 2015) by the fan-in, with
a factor √2 for the half that a ReLU cuts off. Every function draws from the given generator.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from autograd_core import TABLE, DataError, DataValueError
from autograd_core.base import np

from ..checks import brief, generator, known, rate
from .parameter import Weights, within_allowance

if TYPE_CHECKING:
    from ..types import Seed


def calculate_gain(activation: str) -> float:
    """Return PyTorch's gain, which offsets an activation's shrinking: tanh 5/3, relu √2, others 1.

    >>> calculate_gain("tanh")
    1.6666666666666667
    """
    return TABLE[activation].gain if isinstance(activation, str) and activation in TABLE else 1.0


def fans(shape: tuple[int, ...]) -> tuple[int, int]:
    """Return fan-in and fan-out of weights of shape (out, in, ...); a vector is one neuron's weights."""
    if len(shape) < 2:
        return (math.prod(shape), 1)
    field = math.prod(shape[2:])
    return shape[1] * field, shape[0] * field


def _shape_of(weights: Any, who: str) -> tuple[int, ...]:
    if not isinstance(weights, Weights):
        raise DataError(f"{who}: not weights: got {brief(weights)}; expected Weights, such as layer.weight.")
    return weights.shape


def _scaled(gain: float, spread: float, fan: int, who: str) -> float:
    return rate(gain, who, "gain") * math.sqrt(spread / max(fan, 1))


def uniform_(weights: Weights, low: float = -1.0, high: float = 1.0, *, rng: Seed = None) -> Weights:
    """Draw uniformly from [low, high); the default is micrograd's."""
    shape = _shape_of(weights, "uniform_")
    low, high = (rate(x, "uniform_", name, -math.inf) for x, name in ((low, "low"), (high, "high")))
    if low > high or not math.isfinite(high - low):
        raise DataValueError(f"uniform_: empty range: from {low} to {high}; expected low <= high.")
    weights.assign(generator(rng, "uniform_").uniform(low, high, shape))
    return weights


def normal_(weights: Weights, mean: float = 0.0, std: float = 0.01, *, rng: Seed = None) -> Weights:
    """Draw from a normal distribution; the default is the lectures' small random numbers."""
    shape, mean = _shape_of(weights, "normal_"), rate(mean, "normal_", "mean", -math.inf)
    weights.assign(generator(rng, "normal_").normal(mean, rate(std, "normal_", "std"), shape))
    return weights


def xavier_uniform_(weights: Weights, gain: float = 1.0, *, rng: Seed = None) -> Weights:
    """Draw uniformly from ±gain √(6 / (fan_in + fan_out))."""
    bound = _scaled(gain, 6.0, sum(fans(_shape_of(weights, "xavier_uniform_"))), "xavier_uniform_")
    return uniform_(weights, -bound, bound, rng=rng)


def xavier_normal_(weights: Weights, gain: float = 1.0, *, rng: Seed = None) -> Weights:
    """Draw from a normal distribution with standard deviation gain √(2 / (fan_in + fan_out))."""
    std = _scaled(gain, 2.0, sum(fans(_shape_of(weights, "xavier_normal_"))), "xavier_normal_")
    return normal_(weights, 0.0, std, rng=rng)


def kaiming_uniform_(weights: Weights, gain: float = math.sqrt(2.0), *, rng: Seed = None) -> Weights:
    """Draw uniformly from ±gain √(3 / fan_in), also known as He initialization."""
    bound = _scaled(gain, 3.0, fans(_shape_of(weights, "kaiming_uniform_"))[0], "kaiming_uniform_")
    return uniform_(weights, -bound, bound, rng=rng)


def kaiming_normal_(weights: Weights, gain: float = math.sqrt(2.0), *, rng: Seed = None) -> Weights:
    """Draw from a normal distribution with standard deviation gain / √fan_in (He initialization)."""
    std = _scaled(gain, 1.0, fans(_shape_of(weights, "kaiming_normal_"))[0], "kaiming_normal_")
    return normal_(weights, 0.0, std, rng=rng)


def zeros_(weights: Weights) -> Weights:
    """Set to zero: right for biases, wrong for weights, because equal weights stay equal."""
    zeros = np.zeros(_shape_of(weights, "zeros_"))
    weights.assign(zeros)
    return weights


def _auto(weights: Weights, activation: str, rng: Seed) -> Weights:
    if activation in TABLE and TABLE[activation].rectifies:
        return kaiming_uniform_(weights, rng=rng)
    return xavier_uniform_(weights, calculate_gain(activation), rng=rng)


INITIALIZERS: dict[str, Callable[[Weights, str, Any], Weights]] = {
    "auto": _auto,
    "uniform": lambda weights, activation, rng: uniform_(weights, rng=rng),
    "small_uniform": lambda weights, activation, rng: uniform_(weights, -0.05, 0.05, rng=rng),
    "small_normal": lambda weights, activation, rng: normal_(weights, rng=rng),
    "xavier_uniform": lambda weights, activation, rng: xavier_uniform_(
        weights, calculate_gain(activation), rng=rng
    ),
    "xavier_normal": lambda weights, activation, rng: xavier_normal_(
        weights, calculate_gain(activation), rng=rng
    ),
    "kaiming_uniform": lambda weights, activation, rng: kaiming_uniform_(weights, rng=rng),
    "kaiming_normal": lambda weights, activation, rng: kaiming_normal_(weights, rng=rng),
    "zeros": lambda weights, activation, rng: zeros_(weights),
}


def initial(shape: tuple[int, ...], init: str, activation: str, rng: Seed, who: str) -> Weights:
    """Create weights initialized by `init`; "auto" is He for rectifiers and Xavier for other activations."""
    draw = INITIALIZERS[known(init, INITIALIZERS, who, "initializer")]
    rng, weights = generator(rng, who), Weights.filled(shape, 0.0)
    return weights if within_allowance() else draw(weights, activation, rng)
