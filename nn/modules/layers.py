"""Layers: `Neuron`, `Layer`, `MLP`, `Linear`, `Dropout` and `Embedding`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from autograd_core import DataError, DataValueError, Value, dot
from autograd_core.base import elements

from ..checks import brief, flag, generator, listed, number_of, rate, size, sizes, vector
from .activations import FUNCTIONS, OF_LAYERS, activation_name, display_name
from .init import initial, normal_
from .module import Module
from .parameter import Weights, items_of, within_allowance
from .tracing_context import block_of

if TYPE_CHECKING:
    from ..types import Activation, Numbers, Seed


class Neuron(Module):
    """A weighted sum of the inputs plus a bias, passed through an activation: f(w·x + b).

    `w` and `b` are its parameters; assigning to them (`neuron.w = [1, -1]`) sets their numbers.
    `nonlin=False` is micrograd's form of `activation="identity"`.

    >>> neuron = Neuron(2, activation="sigmoid")
    >>> neuron.w, neuron.b = [20.0, 20.0], -30.0
    >>> round(neuron([1, 1]).data, 3), neuron
    (1.0, SigmoidNeuron(2))
    """

    def __init__(
        self,
        nin: int,
        nonlin: bool = True,
        activation: Activation = "relu",
        *,
        init: str = "auto",
        rng: Seed = None,
    ) -> None:
        self.nin = size(nin, "Neuron", "nin")
        self.activation = activation_name(activation if flag(nonlin, "Neuron", "nonlin") else None, "Neuron")
        self.weight = initial((self.nin,), init, self.activation, rng, "Neuron")
        self.bias = Weights.filled((), 0.0)

    @classmethod
    def _of_layer(cls, layer: Layer, row: int) -> Neuron:
        """Return a layer's neuron, which shares its parameters."""
        neuron = cls.__new__(cls)
        neuron.nin, neuron.activation = layer.nin, layer.of_each
        neuron.weight = Weights.around(layer.weight.rows[row])
        neuron.bias = Weights.around([layer.bias.values[row]], ())
        return neuron

    @property
    def w(self) -> tuple[Value, ...]:
        """The weights, one for each input."""
        return tuple(self.weight.values)

    @w.setter
    def w(self, numbers: Sequence[float]) -> None:
        self.weight.assign(
            [number_of(x) for x in elements(numbers, "Neuron.w", "numbers", "a list of numbers")]
        )

    @property
    def b(self) -> Value:
        """The bias."""
        return self.bias.values[0]

    @b.setter
    def b(self, number: float) -> None:
        self.b.data = number_of(number)

    @property
    def nonlin(self) -> bool:
        """Whether it has an activation."""
        return self.activation != "identity"

    def __call__(self, x: Numbers) -> Value:
        return self._respond(vector(x, self.nin, self))

    def _respond(self, x: list[Value]) -> Value:
        """Return the output for inputs known to be `Value`s, one for each weight."""
        if (block := block_of(self.weight)) is not None:
            return FUNCTIONS[self.activation](block.dots(x)[0] + items_of(self.bias)[0])  # type: ignore[no-any-return]
        return FUNCTIONS[self.activation](dot(self.weight.values, x) + self.b)  # type: ignore[no-any-return]

    def settings(self) -> dict[str, Any]:
        return {"nin": self.nin, "activation": self.activation}

    def __repr__(self) -> str:
        return f"{display_name(self.activation)}Neuron({self.nin})"


class Layer(Module):
    """Neurons side by side. One neuron returns a `Value`, several a list.

    `weight` has a row and `bias` a number for each neuron; `neurons` has the same parameters one by one.
    The activation can also be "softmax" or "log_softmax", which are functions of all neurons together.

    >>> layer = Layer(2, 3, activation="tanh", rng=0)
    >>> len(layer([1.0, 2.0])), layer.neurons[0]
    (3, TanhNeuron(2))
    """

    _part = "neuron"

    def __init__(
        self,
        nin: int,
        nout: int,
        nonlin: bool = True,
        activation: Activation = "relu",
        *,
        init: str = "auto",
        rng: Seed = None,
    ) -> None:
        self.nin, self.nout = size(nin, "Layer", "nin"), size(nout, "Layer", "nout")
        activation = activation if flag(nonlin, "Layer", "nonlin") else None
        self.activation = activation_name(activation, "Layer", {**FUNCTIONS, **OF_LAYERS})
        self.weight = initial((self.nout, self.nin), init, self.activation, rng, "Layer")
        self.bias = Weights.filled((self.nout,), 0.0)
        self._neurons: list[Neuron] | None = None

    @property
    def of_each(self) -> str:
        """The activation of each neuron by itself."""
        return "identity" if self.activation in OF_LAYERS else self.activation

    @property
    def neurons(self) -> list[Neuron]:
        """The neurons, which share the layer's parameters."""
        if self._neurons is None:
            self._neurons = [Neuron._of_layer(self, row) for row in range(self.nout)]
        return self._neurons

    def __call__(self, x: Numbers) -> Any:
        x = vector(x, self.nin, self)
        if (block := block_of(self.weight)) is not None:
            sums = [a + b for a, b in zip(block.dots(x), items_of(self.bias), strict=True)]
            out = [FUNCTIONS[self.of_each](a) for a in sums]
        else:
            out = [neuron._respond(x) for neuron in self.neurons]
        if self.activation in OF_LAYERS:
            out = OF_LAYERS[self.activation](out)
        return out[0] if len(out) == 1 else out

    def settings(self) -> dict[str, Any]:
        return {"nin": self.nin, "nout": self.nout, "activation": self.activation}

    def __repr__(self) -> str:
        return f"Layer({self.nin}, {self.nout}, activation={self.activation!r})"


class MLP(Module):
    """A multilayer perceptron: layers of the sizes `nouts`, in sequence.

    The hidden layers have `activation`, the last has `out_activation`, such as "softmax". One output is
    returned as a `Value`, several as a list. Initial weights are drawn from `rng`, a `numpy.random.Generator`
    or a seed: He initialization for rectifiers, Xavier for others, unless `init` names another method.

    >>> model = MLP(2, [16, 16, 1], rng=0)
    >>> len(model.parameters()), type(model([1.0, -2.0])).__name__
    (337, 'Value')
    """

    def __init__(
        self,
        nin: int,
        nouts: Sequence[int],
        activation: Activation = "relu",
        out_activation: Activation = "linear",
        *,
        init: str = "auto",
        rng: Seed = None,
    ) -> None:
        shape = [size(nin, "MLP", "nin"), *sizes(nouts, "MLP", "nouts")]
        rng, activation = generator(rng, "MLP"), activation_name(activation, "MLP")
        each = [activation] * (len(shape) - 2) + [out_activation]
        self.layers = [
            Layer(shape[i], shape[i + 1], activation=f, init=init, rng=rng) for i, f in enumerate(each)
        ]

    def __call__(self, x: Numbers) -> Any:
        for layer in self.layers:
            x = layer(x)
        return x

    def settings(self) -> dict[str, Any]:
        first, last = self.layers[0], self.layers[-1]
        return {
            "nin": first.nin,
            "nouts": [layer.nout for layer in self.layers],
            "activation": first.activation,
            "out_activation": last.activation,
        }


class Linear(Module):
    """The matrix product MM(x) = W x + b, without an activation. Its output is always a list.

    >>> sum = Linear(2, 1, bias=False)
    >>> sum.load_state_dict({"weight": [[1.0, 1.0]]})
    >>> sum([2, 3])[0].data
    5.0
    """

    def __init__(
        self, in_features: int, out_features: int, bias: bool = True, *, init: str = "auto", rng: Seed = None
    ) -> None:
        self.in_features = size(in_features, "Linear", "in_features")
        self.out_features = size(out_features, "Linear", "out_features")
        shape = (self.out_features, self.in_features)
        self.weight = initial(shape, init, "identity", rng, "Linear")
        self.bias = Weights.filled((self.out_features,), 0.0) if flag(bias, "Linear", "bias") else None

    def __call__(self, x: Numbers) -> list[Value]:
        x = vector(x, self.in_features, self)
        block = block_of(self.weight)
        sums = [dot(row, x) for row in self.weight.rows] if block is None else block.dots(x)
        if self.bias is None:
            return sums
        return [a + b for a, b in zip(sums, items_of(self.bias), strict=True)]

    def settings(self) -> dict[str, Any]:
        return {
            "in_features": self.in_features,
            "out_features": self.out_features,
            "bias": self.bias is not None,
        }

    def __repr__(self) -> str:
        named = ", ".join(f"{name}={value!r}" for name, value in self.settings().items())
        return f"Linear({named})"


class Dropout(Module):
    """Sets each number to 0 with probability p while training, and scales the others by 1 / (1 - p).

    In evaluation mode it returns its input. The mask is drawn from `rng`; without one, `fit(seed=...)`
    provides a generator (Srivastava et al., 2014).

    >>> dropout = Dropout(0.5, rng=0)
    >>> [v.data for v in dropout([1.0, 1.0, 1.0, 1.0])]
    [2.0, 0.0, 0.0, 0.0]
    >>> [v.data for v in dropout.eval()([1.0, 1.0])]
    [1.0, 1.0]
    """

    def __init__(self, p: float = 0.5, *, rng: Seed = None) -> None:
        self.p = rate(p, "Dropout", "p", high=1.0, including=True)
        self.own_rng = rng is not None
        self.rng = generator(rng, "Dropout")

    def __call__(self, x: Numbers) -> list[Value]:
        values = listed(x, "Dropout")
        values = vector(values, len(values), "Dropout")
        if not self.training or self.p == 0.0:
            return values
        kept = (self.rng.random(len(values)) >= self.p).tolist()
        scale = 1.0 / (1.0 - self.p) if self.p < 1.0 else 0.0
        return [v * (scale if keep else 0.0) for v, keep in zip(values, kept, strict=True)]

    @property
    def eager_because(self) -> str:
        return "Dropout draws new numbers for each example" if self.training and self.p else ""

    def settings(self) -> dict[str, Any]:
        return {"p": self.p}


class Embedding(Module):
    """A trainable vector for each of `num_embeddings` items, such as letters, looked up by number.

    >>> letters = Embedding(3, 2, rng=0)
    >>> letters(1) == letters.weight.rows[1], len(letters([0, 2, 2]))
    (True, 3)
    """

    eager_because = "Embedding looks up a row by its number"

    def __init__(self, num_embeddings: int, embedding_dim: int, *, rng: Seed = None) -> None:
        self.num_embeddings = size(num_embeddings, "Embedding", "num_embeddings")
        self.embedding_dim = size(embedding_dim, "Embedding", "embedding_dim")
        self.weight = Weights.filled((self.num_embeddings, self.embedding_dim), 0.0)
        rng = generator(rng, "Embedding")
        if not within_allowance():
            normal_(self.weight, std=1.0, rng=rng)

    def __call__(self, x: Numbers) -> Any:
        rows: Any = x.tolist() if hasattr(x, "tolist") else x
        if isinstance(rows, (list, tuple)):
            return [self._row(k) for k in rows]
        return self._row(rows)

    def _row(self, k: Value | float) -> list[Value]:
        """Return the vector for number k."""
        index = number_of(k)
        if isinstance(index, bool) or not isinstance(index, (int, float)):
            raise DataError(f"Embedding: not a row number: got {brief(k)}; expected a whole number.")
        if not 0 <= index < self.num_embeddings or index != int(index):
            raise DataValueError(
                f"Embedding: row {index!r} does not exist; expected 0 to {self.num_embeddings - 1}."
            )
        return self.weight.rows[int(index)]

    def settings(self) -> dict[str, Any]:
        return {"num_embeddings": self.num_embeddings, "embedding_dim": self.embedding_dim}
