"""Recurrent cells, which take one step in time.

A cell is called once for each element of a sequence, with the state from the previous call; backpropagation
through time is then the ordinary backward pass. Weights have PyTorch's names, shapes and order of gates.

>>> from autograd_core import mean
>>> cell, h = GRUCell(1, 2, rng=0), None
>>> for x in [0.5, -1.0, 2.0]:
...     h = cell([x], h)
>>> mean(h).backward()
>>> len(cell.parameters()), len(h)
(30, 2)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from autograd_core import DataError, Value, dot, relu, sigmoid, tanh

from ..checks import brief, flag, generator, known, size, vector
from .init import initial
from .module import Module
from .parameter import Weights

if TYPE_CHECKING:
    from ..types import Numbers, Seed

State = list[Value]


class _Cell(Module):
    """`gates` weighted sums of the input, and equally many of the state, each with a bias."""

    gates = 1

    def __init__(
        self, input_size: int, hidden_size: int, bias: bool = True, *, init: str = "auto", rng: Seed = None
    ) -> None:
        who = type(self).__name__
        self.input_size = size(input_size, who, "input_size")
        self.hidden_size = size(hidden_size, who, "hidden_size")
        rng, rows = generator(rng, who), self.gates * self.hidden_size
        self.weight_ih = initial((rows, self.input_size), init, "tanh", rng, who)
        self.weight_hh = initial((rows, self.hidden_size), init, "tanh", rng, who)
        has_bias = flag(bias, who, "bias")
        self.bias_ih = Weights.filled((rows,), 0.0) if has_bias else None
        self.bias_hh = Weights.filled((rows,), 0.0) if has_bias else None

    def _of_input(self, x: Numbers) -> list[State]:
        """Compute W x + b of the input, one list for each gate."""
        return self._split(affine(self.weight_ih, self.bias_ih, vector(x, self.input_size, self)))

    def _of_state(self, h: State) -> list[State]:
        """Compute W h + b of the state, one list for each gate."""
        return self._split(affine(self.weight_hh, self.bias_hh, h))

    def _split(self, sums: State) -> list[State]:
        n = self.hidden_size
        return [sums[i : i + n] for i in range(0, len(sums), n)]

    def _state(self, h: Numbers | None) -> State:
        """Return the state as `Value`s; zeros at the beginning."""
        if h is None:
            return [Value(0.0, requires_grad=False) for _ in range(self.hidden_size)]
        return vector(h, self.hidden_size, self)

    def settings(self) -> dict[str, Any]:
        has_bias = self.bias_ih is not None
        return {"input_size": self.input_size, "hidden_size": self.hidden_size, "bias": has_bias}


class RNNCell(_Cell):
    """h' = f(W x + b + U h + c) with f = tanh, or "relu" (Elman, 1990)."""

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        nonlinearity: str = "tanh",
        *,
        init: str = "auto",
        rng: Seed = None,
    ) -> None:
        self.nonlinearity = known(nonlinearity, ("tanh", "relu"), "RNNCell", "nonlinearity")
        super().__init__(input_size, hidden_size, bias, init=init, rng=rng)

    def __call__(self, x: Numbers, h: Numbers | None = None) -> State:
        f = tanh if self.nonlinearity == "tanh" else relu
        (wx,), (uh,) = self._of_input(x), self._of_state(self._state(h))
        return [f(a + b) for a, b in zip(wx, uh, strict=True)]

    def settings(self) -> dict[str, Any]:
        return {**super().settings(), "nonlinearity": self.nonlinearity}


class GRUCell(_Cell):
    """A gated recurrent unit (Cho et al., 2014).

    r = σ(W_r x + b_r + U_r h + c_r), the reset gate; z = σ(W_z x + b_z + U_z h + c_z), the update gate;
    n = tanh(W_n x + b_n + r (U_n h + c_n)), the new state; h' = (1 - z) n + z h.
    """

    gates = 3

    def __call__(self, x: Numbers, h: Numbers | None = None) -> State:
        before = self._state(h)
        after = []
        for h_i, *sums in zip(before, *self._of_input(x), *self._of_state(before), strict=True):
            xr, xz, xn, hr, hz, hn = sums
            r, z = sigmoid(xr + hr), sigmoid(xz + hz)
            n = tanh(xn + r * hn)
            after.append((1.0 - z) * n + z * h_i)
        return after


class LSTMCell(_Cell):
    """Long short-term memory (Hochreiter and Schmidhuber, 1997, with Gers's forget gate).

    i, f, o = σ(...), the input, forget and output gates; g = tanh(...), the new content, each of
    W x + b + U h + c with its own weights; c' = f c + i g, the memory; h' = o tanh(c').
    It takes and returns the pair (h, c).
    """

    gates = 4

    def __call__(self, x: Numbers, state: tuple[Numbers, Numbers] | None = None) -> tuple[State, State]:
        if state is not None and not (isinstance(state, (tuple, list)) and len(state) == 2):
            raise DataError(f"LSTMCell: not a state: got {brief(state)}; expected the pair (h, c).")
        h, c = map(self._state, state or (None, None))
        hs, cs = [], []
        for c_i, *sums in zip(c, *self._of_input(x), *self._of_state(h), strict=True):
            xi, xf, xg, xo, hi, hf, hg, ho = sums
            i, f, o = sigmoid(xi + hi), sigmoid(xf + hf), sigmoid(xo + ho)
            g = tanh(xg + hg)
            cs.append(f * c_i + i * g)
            hs.append(o * tanh(cs[-1]))
        return hs, cs


def affine(weights: Weights, bias: Weights | None, x: State) -> State:
    """Compute W x + b."""
    sums = [dot(row, x) for row in weights.rows]
    return sums if bias is None else [a + b for a, b in zip(sums, bias.values, strict=True)]
