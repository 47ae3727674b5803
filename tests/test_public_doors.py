"""Call every public function and method with wrong arguments.

`CALLS` has a correct call of each. Every argument is replaced by every one of `WRONG`, one at a time. The
call must then work or raise an `AutogradError`. Python's own errors for calls that do not match a signature,
file system errors, and errors raised in the caller's functions are accepted, too.
"""

from __future__ import annotations

import inspect
import itertools
import math
import re
import tempfile
import traceback
import warnings
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autograd_core as ac
import nn
import viz
from autograd_core import Graph, Value, algorithms, exercises
from tests.checker import reference_of


class Odd:
    """An object that no function accepts."""


def deep() -> list[Any]:
    thing: list[Any] = []
    thing.append(thing)
    return thing


WRONG: dict[str, Callable[[], Any]] = {
    "None": lambda: None,
    "text": lambda: "a",
    "no text": lambda: "",
    "nan": lambda: math.nan,
    "inf": lambda: math.inf,
    "zero": lambda: 0,
    "negative": lambda: -1,
    "huge": lambda: 10**400,
    "large": lambda: 2**63,
    "half": lambda: 0.5,
    "complex": lambda: 1j,
    "bool": lambda: True,
    "bytes": lambda: b"a",
    "empty list": list,
    "empty tuple": tuple,
    "empty dict": dict,
    "list": lambda: [1.0, "a"],
    "ragged": lambda: [[1.0], [1.0, 2.0]],
    "dict": lambda: {"a": None},
    "set": lambda: {1.0},
    "array": lambda: np.ones((2, 3)),
    "empty array": lambda: np.zeros(0),
    "text array": lambda: np.array(["a"]),
    "masked": lambda: np.ma.masked_array([1.0, 2.0], [False, True]),
    "masked number": lambda: np.ma.masked,
    "date": lambda: np.datetime64("2026-01-01"),
    "Value": lambda: Value(2.0, "z"),
    "Values": lambda: [Value(1.0), Value(math.nan)],
    "class": lambda: Odd,
    "object": Odd,
    "module": lambda: math,
    "of no argument": lambda: lambda: 1.0,
    "of three": lambda: lambda a, b, c: a,
    "giving None": lambda: lambda *xs: None,
    "giving text": lambda: lambda *xs: "a",
    "iterator": lambda: iter([1.0]),
    "itself": deep,
}

Call = tuple[Callable[..., Any], list[Any], dict[str, Any]]


def right(function: Any, *args: Any, **named: Any) -> Call:
    return function, list(args), named


def holding(*given: Any) -> None:
    with ac.what_if(*given):
        pass


def stepped(w: Value) -> Any:
    return right(ac.steps, ac.sin(w), "push", rounding=True, optimizer=nn.SGD([w], lr=0.1))


def filmed(*given: Any) -> None:
    with nn.film(*given):
        pass


def product(x: Any, y: Any) -> Any:
    return x * y


def of_list(x: Any) -> Any:
    return x[0] * x[1]


def J() -> Value:
    x, y = Value(2.0, "x"), Value(3.0, "y")
    return ac.sin(x * y) + y


def leaf(root: Value) -> Value:
    return Graph(root).leaves[0]


def on_graph(name: str, *args: Any, **named: Any) -> Call:
    return right(getattr(Graph(J()), name), *args, **named)


def of_graph(name: str, count: int = 1) -> Call:
    graph = Graph(J())
    return right(getattr(graph, name), *[graph.leaves[0], graph.outputs[0]][:count])


def program() -> Any:
    x, y = Value(2.0, "x"), Value(3.0, "y")
    return ac.compile(ac.sin(x * y) + y, inputs=[x, y])


def square_in_sympy() -> Any:
    import sympy

    x = sympy.Symbol("x")
    return x**2, x


def squares() -> Any:
    w, x = Value(0.0, "w"), Value(1.0, "x")
    return ac.compile((w * x - 6.0) ** 2, inputs=[w, x])


def layer() -> nn.Layer:
    return nn.Layer(2, 2, rng=0)


def sgd(**options: Any) -> nn.SGD:
    return nn.SGD(layer(), **options)


def trained(name: str, **options: Any) -> Call:
    weights = [Value(1.0), Value(-2.0)]
    for w in weights:
        w.grad = 0.5
    return right(getattr(nn, name), weights, **options)


OPTIMIZERS = [
    name for name in nn.__all__
    if isinstance(getattr(nn, name), type) and issubclass(getattr(nn, name), nn.Optimizer)
    and name != "Optimizer"
]  # fmt: skip


def with_defaults(name: str) -> Call:
    parameters = list(inspect.signature(getattr(nn, name)).parameters.values())[1:]
    return trained(name, **{parameter.name: parameter.default for parameter in parameters})


X, Y = [[0.5, 1.0], [1.0, 0.25]] * 2, [1.0, 0.0] * 2


def network() -> nn.MLP:
    return nn.MLP(2, [2, 1], rng=0)


def fitting(**options: Any) -> Call:
    return right(nn.fit, network(), X, Y, epochs=1, **options)


FOLDER = tempfile.TemporaryDirectory()


def folder() -> Path:
    return Path(tempfile.mkdtemp(dir=FOLDER.name))


def saved(name: str = "m") -> Path:
    path = folder() / name
    nn.save(network(), path)
    return path


def written(text: str) -> Path:
    path = folder() / "table.csv"
    path.write_text(text)
    return path


def index_file() -> Path:
    path = written("")
    path.write_bytes(b"\0\0\x08\x01" + (2).to_bytes(4, "big") + b"\x01\x02")
    return path


def losses() -> Iterator[tuple[str, Callable[[], Call]]]:
    targets = {
        "bce_loss": ([0.5, 0.25], [1.0, 0.0]), "bce_with_logits_loss": ([0.5, 0.25], [1.0, 0.0]),
        "cross_entropy": ([1.0, 2.0], 0), "nll_loss": ([-1.0, -2.0], 0), "hinge_loss": (1.0, -1.0),
        "multi_margin_loss": ([1.0, 2.0], 0),
    }  # fmt: skip
    of_three = {
        "gaussian_nll_loss": ([1.0, 2.0], [1.0, 3.0], [0.5, 0.5]), "margin_ranking_loss": (1.0, 2.0, -1.0),
        "cosine_embedding_loss": ([1.0, 2.0], [2.0, 1.0], 1.0), "triplet_margin_loss": ([1.0], [2.0], [3.0]),
    }  # fmt: skip
    for name in nn.__all__:
        function = getattr(nn, name)
        if name.endswith("_loss") or name == "cross_entropy":
            given = of_three.get(name) or targets.get(name, ([1.0, 2.0], [1.0, 3.0]))
            yield name, lambda f=function, given=given: right(f, *given, "mean")
        elif name.endswith("Loss"):
            yield name, lambda f=function: right(f, "mean")


def rows() -> Iterator[tuple[str, Callable[[], Call]]]:
    for row in ac.TABLE.values():
        point = list(reference_of(row).ordinary[0])
        if row.arity is None:
            lists = [point] if row.sequences == 1 else [point[: len(point) // 2], point[len(point) // 2 :]]
            yield row.name, lambda row=row, lists=lists: right(row, *lists)
            of_values = lambda row=row, lists=lists: right(row, *[[*map(Value, xs)] for xs in lists])  # noqa: E731
            yield f"{row.name} of Values", of_values
        else:
            yield row.name, lambda row=row, point=point: right(row, *point)
            yield (
                f"{row.name} of a Value",
                lambda row=row, point=point: right(row, Value(point[0]), *point[1:]),
            )


OF_GRAPHS = ("ancestors", "consumers", "descendants", "edges_into", "id", "parents", "of", "gradient")
ACTIVATIONS = (
    "LogSigmoid", "LogSoftmax", "Mish", "ReLU", "SELU", "SiLU", "Sigmoid", "Softmax", "Softsign", "Tanh",
    "Identity", "WinnerTakeAll", "CELU", "Hardshrink", "Hardsigmoid", "Hardswish", "Hardtanh", "ReLU6",
    "Softshrink",
)  # fmt: skip

CALLS: dict[str, Callable[[], Call]] = {
    "Graph": lambda: right(Graph, J()),
    "Graph with parameters": lambda: right(Graph, J(), parameters=[Value(1.0)], record=None, comparisons=()),
    "Value": lambda: right(Value, 2.0, "x", requires_grad=True),
    "derivative": lambda: right(ac.derivative, ac.sin, 1),
    "derivative_formula": lambda: right(
        ac.derivative_formula, J(), 0, "text", names=None, digits=6, limit=60),
    "formula": lambda: right(ac.formula, J(), "text", names=None, digits=6, limit=60),
    "errstate": lambda: right(ac.errstate, all="raise", divide="raise"),
    "grad": lambda: right(ac.grad, product, 0, False),
    "value_and_grad": lambda: right(ac.value_and_grad, product, 0, False),
    "jacobian": lambda: right(ac.jacobian, product, 0, False),
    "hessian": lambda: right(ac.hessian, product, 0, False),
    "gradcheck": lambda: right(ac.gradcheck, of_list, [1.0, 2.0], eps=1e-4, atol=1e-5, rtol=1e-3),
    "gradgradcheck": lambda: right(ac.gradgradcheck, of_list, [1.0, 2.0], eps=1e-4, atol=1e-5, rtol=1e-3),
    "gradients": lambda: (lambda y: right(ac.gradients, y, [leaf(y)], False))(J()),
    "hvp": lambda: right(ac.hvp, product, (1.0, 2.0), (1.0, 0.0)),
    "hvp of a list": lambda: right(ac.hvp, of_list, ([1.0, 2.0],), ([1.0, 0.0],)),
    "jvp": lambda: right(ac.jvp, product, (1.0, 2.0), (1.0, 0.0)),
    "vjp": lambda: right(ac.vjp, product, 1.0, 2.0),
    "linearize": lambda: right(ac.linearize, product, 1.0, 2.0),
    "vmap": lambda: right(ac.vmap, product, 0),
    "custom_jvp": lambda: right(ac.custom_jvp, product),
    "custom_vjp": lambda: right(ac.custom_vjp, product),
    "taylor": lambda: right(ac.taylor, ac.sin, 0.5, 3, None),
    "taylor of a list": lambda: right(ac.taylor, of_list, [1.0, 2.0], 2, [1.0, 0.0]),
    "rounding": lambda: right(ac.rounding, J()),
    "propagate": lambda: (lambda y: right(ac.propagate, y, {leaf(y): 0.1}, {}))(J()),
    "name_scope": lambda: right(ac.name_scope, "part"),
    "engine": lambda: right(ac.engine),
    "no_grad": lambda: right(ac.no_grad),
    "recording": lambda: right(ac.recording),
    "decorating": lambda: right(ac.no_grad(), product),
    "parse": lambda: right(ac.parse, "x*y", {"x": 1.0, "y": 2.0}),
    "primitive": lambda: right(ac.primitive, partials=(lambda x, y: 2.0 * x,), name=None, domain="reals"),
    "steps": lambda: stepped(Value(1.0)),
    "compile": lambda: right(ac.compile, J(), None, exact=False),
    "compile a function": lambda: right(ac.compile, product),
    **{f"{name}(f)(x)": (lambda name=name: right(getattr(ac, name)(product), 1.0, 2.0))
       for name in ("grad", "value_and_grad", "jacobian", "hessian")},
    **{f"{name}(f)(list)": (lambda name=name: right(getattr(ac, name)(of_list), [1.0, 2.0]))
       for name in ("grad", "value_and_grad", "jacobian", "hessian")},
    "derivative(f)(x)": lambda: right(ac.derivative(ac.sin), 1.0),
    "pull": lambda: right(ac.vjp(of_list, [1.0, 2.0])[1], 1.0),
    "Value.backward": lambda: right(J().backward, 1.0),
    "Value.register_hook": lambda: right(J().register_hook, abs),
    **{f"Value.{name}": (lambda name=name: right(getattr(J(), name)))
       for name in ("conjugate", "detach", "item", "zero_grad")},
    **{f"Graph.{name}": (lambda name=name: of_graph(name)) for name in OF_GRAPHS},
    **{f"Graph.{name}": (lambda name=name: of_graph(name, 2)) for name in ("explain", "paths", "path_count")},
    **{f"Graph.{name}": (lambda name=name: on_graph(name))
       for name in ("lint", "names", "stats", "to_dict", "to_json", "to_mermaid", "to_networkx")},
    "Graph.prune": lambda: (lambda g: right(g.prune, g.outputs[0], g.leaves[0]))(Graph(J())),
    "Graph.name": lambda: (lambda g: right(g.name, a=g.leaves[0]))(Graph(J())),
    "Graph.replay": lambda: on_graph("replay", {"x": 1.0}, check=True),
    "Graph.replay by name": lambda: on_graph("replay", x=1.0),
    "what_if": lambda: right(holding, J(), {"x": 1.0}),
    "Graph.what_if": lambda: on_graph("what_if", {"x": 1.0}),
    "Graph.what_if by name": lambda: on_graph("what_if", x=1.0),
    "Graph.diff": lambda: (lambda graph: right(graph.diff, graph.replay(x=1.0)))(Graph(J())),
    "from_sympy": lambda: right(ac.from_sympy, *square_in_sympy()),
    "Graph.to_sympy": lambda: on_graph("to_sympy", None),
    "Graph.from_dict": lambda: right(Graph.from_dict, Graph(J()).to_dict()),
    "Graph.from_json": lambda: right(Graph.from_json, Graph(J()).to_json()),
    "Graph.trace": lambda: right(Graph.trace, product, 1.0, 2.0),
    "program": lambda: right(program(), 1.0, 2.0),
    "program by name": lambda: right(program(), x=1.0, y=2.0),
    "program of an array": lambda: right(program(), np.ones(2)),
    "program.value_and_grad": lambda: right(program().value_and_grad, 1.0, 2.0),
    "program.value_and_grad by name": lambda: right(program().value_and_grad, 1.0, y=2.0),
    "program.gradient": lambda: right(program().gradient, 1.0, 2.0),
    "program.hessian_vector_product": lambda: right(program().hessian_vector_product, [1.0, 2.0], [1.0, 0.0]),
    "program.run": lambda: right(squares().run, 2, [0.0], 0.1, examples=[[1.0], [2.0]]),
    "program.to_c": lambda: right(program().to_c, "f"),
    "program.to_torch": lambda: right(program().to_torch, {"x": 1.0}),
    "compiled": lambda: right(ac.compile(product), 1.0, 2.0),
    "compiled.value_and_grad": lambda: right(ac.compile(product).value_and_grad, 1.0, 2.0),
    "compiled.gradient": lambda: right(ac.compile(product).gradient, 1.0, 2.0),
    "compiled of a list": lambda: right(ac.compile(of_list), [1.0, 2.0]),
    **{f"Steps.{name}": (lambda name=name: right(getattr(ac.steps(J()), name), precision=4))
       for name in ("to_text", "to_html", "to_latex", "to_markdown")},
    "Steps.to_json": lambda: right(ac.steps(J()).to_json, indent=2),
    "Steps.formula": lambda: right(ac.steps(J()).formula, "text"),
    **{f"algorithms.{name}": (
        lambda name=name: (lambda y: right(getattr(algorithms, name), y, [leaf(y)]))(J()))
       for name in ("build_grad", "compare", "differences", "forward", "pull", "push")},
    "exercises.key": lambda: right(exercises.key, "salt", [1.0], 0.1),
    "exercises.Exercise": lambda: right(exercises.Exercise, exercises.key("salt", [4])),
    **{f"{name}(axis)": (lambda name=name: right(getattr(ac, name), [[1.0, 2.0], [3.0, 4.0]], axis=1))
       for name in ("sum", "softmax")},
    "max(keepdims)": lambda: right(ac.max, np.ones((2, 2)), axis=(0, 1), keepdims=True),
    "Module": lambda: right(nn.Module),
    "Weights": lambda: right(nn.Weights, [[1.0, 2.0]]),
    "Weights.assign": lambda: right(layer().weight.assign, [[1.0, 2.0], [3.0, 4.0]]),
    "Weights.around": lambda: right(nn.Weights.around, [Value(1.0)], (1,)),
    "Weights.filled": lambda: right(nn.Weights.filled, (2, 2), 0.5),
    "Weights.apart": lambda: right(nn.Weights.apart, [Value(1.0)]),
    "Neuron.w": lambda: right(lambda numbers: setattr(nn.Neuron(2), "w", numbers), [1.0, 2.0]),
    "Neuron.b": lambda: right(lambda number: setattr(nn.Neuron(2), "b", number), 1.0),
    "Weights.gradient": lambda: right(layer().weight.__setattr__, "gradient", np.ones((2, 2))),
    "Weights.mask": lambda: right(layer().weight.__setattr__, "mask", np.ones((2, 2), bool)),
    "Neuron": lambda: right(nn.Neuron, 2, True, "relu", init="auto", rng=0),
    "Layer": lambda: right(nn.Layer, 2, 3, True, "relu", init="auto", rng=0),
    "MLP": lambda: right(nn.MLP, 2, [3, 1], "relu", "linear", init="auto", rng=0),
    "Linear": lambda: right(nn.Linear, 2, 3, True, init="auto", rng=0),
    **{name: (lambda name=name: right(getattr(nn, name), 2, 2, 2, 1, 0, 1, 2, True, init="auto", rng=0))
       for name in ("Conv1d", "Conv2d")},
    **{name: (lambda name=name: right(getattr(nn, name), 2, 1))
       for name in ("MaxPool1d", "MaxPool2d", "AvgPool1d", "AvgPool2d")},
    "LayerNorm": lambda: right(nn.LayerNorm, 2, 1e-5, True, True),
    "BatchNorm1d": lambda: right(nn.BatchNorm1d, 2, 1e-5, 0.1, True),
    "PReLU": lambda: right(nn.PReLU, 1, 0.25),
    "RNNCell": lambda: right(nn.RNNCell, 2, 3, True, "tanh", init="auto", rng=0),
    "GRUCell": lambda: right(nn.GRUCell, 2, 3, True, init="auto", rng=0),
    "LSTMCell": lambda: right(nn.LSTMCell, 2, 3, True, init="auto", rng=0),
    "Embedding": lambda: right(nn.Embedding, 3, 2, rng=0),
    "Dropout": lambda: right(nn.Dropout, 0.5, rng=0),
    "Sequential": lambda: right(nn.Sequential, layer(), ac.relu),
    "Concatenate": lambda: right(nn.Concatenate, layer(), layer()),
    "Residual": lambda: right(nn.Residual, layer()),
    "ELU": lambda: right(nn.ELU, 1.0),
    "GELU": lambda: right(nn.GELU, "none"),
    "Threshold": lambda: right(nn.Threshold, 0.5, 0.0),
    "LeakyReLU": lambda: right(nn.LeakyReLU, 0.01),
    "Softplus": lambda: right(nn.Softplus, 1.0, 20.0),
    **{f"{name}()(x)": (lambda name=name: right(getattr(nn, name)(), [1.0, 2.0]))
       for name in [*ACTIVATIONS, "Flatten", "ELU", "GELU", "Softplus"]},
    "Layer()(x)": lambda: right(layer(), [1.0, 2.0]),
    "Neuron()(x)": lambda: right(nn.Neuron(2, rng=0), [1.0, 2.0]),
    "Linear()(x)": lambda: right(nn.Linear(2, 1, rng=0), [1.0, 2.0]),
    "Conv2d()(x)": lambda: right(nn.Conv2d(1, 1, 2, rng=0), [[[1.0, 2.0], [3.0, 4.0]]]),
    "Conv1d()(x)": lambda: right(nn.Conv1d(1, 1, 2, rng=0), [[1.0, 2.0]]),
    "MaxPool1d()(x)": lambda: right(nn.MaxPool1d(2), [[1.0, 2.0]]),
    "AvgPool1d()(x)": lambda: right(nn.AvgPool1d(2), [[1.0, 2.0]]),
    "BatchNorm1d()(x)": lambda: right(nn.BatchNorm1d(2).eval(), [1.0, 2.0]),
    "MaxPool2d()(x)": lambda: right(nn.MaxPool2d(2), [[[1.0, 2.0], [3.0, 4.0]]]),
    "AvgPool2d()(x)": lambda: right(nn.AvgPool2d(2), [[[1.0, 2.0], [3.0, 4.0]]]),
    "PReLU()(x)": lambda: right(nn.PReLU(), [1.0, 2.0]),
    "RNNCell()(x)": lambda: right(nn.RNNCell(2, 3, rng=0), [1.0, 2.0], [0.0, 0.0, 0.0]),
    "Embedding()(x)": lambda: right(nn.Embedding(3, 2, rng=0), 1),
    "LayerNorm()(x)": lambda: right(nn.LayerNorm(2), [1.0, 2.0]),
    "Dropout()(x)": lambda: right(nn.Dropout(0.5, rng=0), [1.0, 2.0]),
    "Residual()(x)": lambda: right(nn.Residual(layer()), [1.0, 2.0]),
    "@": lambda: right(layer().__matmul__, layer()),
    "|": lambda: right(layer().__or__, layer()),
    "Module.apply": lambda: right(layer().apply, lambda module: None),
    "Module.freeze": lambda: right(layer().freeze, True),
    "Module.forward_batch": lambda: right(layer().forward_batch, [[1.0, 2.0], [3.0, 4.0]]),
    "Module.train": lambda: right(layer().train, True),
    "Module.load_state_dict": lambda: right(layer().load_state_dict, layer().state_dict(), True),
    "Module.predict": lambda: right(network().predict, X),
    "Module.evaluate": lambda: right(network().evaluate, X, Y, loss="mse", metrics=["mae"], return_dict=True),
    **{f"Module.{name}": (lambda name=name: right(getattr(layer(), name))) for name in (
        "children", "eval", "label", "modules", "named_children", "named_modules", "named_parameters",
        "own_weights", "parameters", "settings", "state_dict", "summary", "unfreeze", "weights",
        "zero_grad")},
    "l1": lambda: right(nn.l1, [Value(1.0)]),
    "l2": lambda: right(nn.l2, [Value(1.0)]),
    "elastic_net": lambda: right(nn.elastic_net, [Value(1.0)], 1.0),
    "L1": lambda: right(nn.L1, 1e-4),
    "L2": lambda: right(nn.L2, 1e-4),
    "ElasticNet": lambda: right(nn.ElasticNet, 1e-4, 1.0),
    "MaxNorm": lambda: right(nn.MaxNorm, 1.0),
    **{f"{name}()(x)": (lambda name=name: right(getattr(nn, name)(1.0), layer()))
       for name in ("L1", "L2", "ElasticNet", "MaxNorm")},
    "Optimizer": lambda: trained("Optimizer", lr=0.1),
    "GradientDescent.minimize": lambda: (lambda w: right(
        nn.GradientDescent([w], 0.1).minimize, lambda: (w - 1.0) ** 2, 3))(Value(0.0)),
    **{name: (lambda name=name: with_defaults(name)) for name in OPTIMIZERS},
    "Optimizer.load_state_dict": lambda: right(sgd().load_state_dict, sgd().state_dict()),
    "Schedule": lambda: right(nn.Schedule, sgd()),
    **{f"{name}.rate_at": (lambda name=name, given=given: right(getattr(nn, name)(sgd(), *given).rate_at, 2))
       for name, given in {
           "StepLR": (2,), "MultiStepLR": ([2, 3],), "LinearLR": (), "ExponentialLR": (0.9,),
           "CosineAnnealingLR": (5,), "CosineAnnealingWarmRestarts": (5,)}.items()},
    "Steps.to_text": lambda: right(
        ac.steps(J()).to_text, ascii=False, precision=4, width=80, color=False),
    "StepLR": lambda: right(nn.StepLR, sgd(), 2, 0.1),
    "MultiStepLR": lambda: right(nn.MultiStepLR, sgd(), [2, 3], 0.1),
    "LinearLR": lambda: right(nn.LinearLR, sgd(), 0.5, 1.0, 5),
    "CosineAnnealingWarmRestarts": lambda: right(nn.CosineAnnealingWarmRestarts, sgd(), 5, 1, 0.0),
    "ExponentialLR": lambda: right(nn.ExponentialLR, sgd(), 0.9),
    "CosineAnnealingLR": lambda: right(nn.CosineAnnealingLR, sgd(), 5, 0.0),
    "LambdaLR": lambda: right(nn.LambdaLR, sgd(), lambda epoch: 0.5),
    "OneCycleLR": lambda: right(nn.OneCycleLR, sgd(), 1.0, 10, 0.3, "cos", 25.0, 1e4, False),
    "SequentialLR": lambda: (
        lambda s: right(nn.SequentialLR, s, [nn.StepLR(s, 2), nn.StepLR(s, 1)], [3]))(sgd()),
    "kl_div": lambda: right(nn.kl_div, [-1.0, -0.5], [0.4, 0.6], "mean", False),
    "ReduceLROnPlateau": lambda: right(nn.ReduceLROnPlateau, sgd(), "min", 0.1, 1, 1e-4, 0, 0.0),
    "Schedule.load_state_dict": lambda: right(
        nn.StepLR(sgd(), 2).load_state_dict, nn.StepLR(sgd(), 3).state_dict()),
    "Schedule.step": lambda: right(nn.ReduceLROnPlateau(sgd()).step, 1.0),
    "clip_grad_norm_": lambda: right(nn.clip_grad_norm_, [Value(1.0)], 1.0),
    "clip_grad_value_": lambda: right(nn.clip_grad_value_, [Value(1.0)], 1.0),
    "film": lambda: right(filmed, network(), None),
    "Film": lambda: right(nn.Film, network(), None),
    "fit": lambda: fitting(
        loss="mse", optimizer="sgd", batch_size=2, shuffle=True, seed=0, validation_data=(X, Y),
        metrics=["mae"]),
    "fit with callbacks": lambda: fitting(
        callbacks=[nn.EarlyStopping("loss")], regularizer=nn.L2(), constraint=nn.MaxNorm(1.0), clip_norm=1.0,
        schedule=None, initial_epoch=0, compile="auto", verbose=0, validation_split=0.25),
    "evaluate": lambda: right(nn.evaluate, network(), X, Y, loss="mse", metrics=["mae"], return_dict=False),
    "predict": lambda: right(nn.predict, network(), X),
    "EarlyStopping": lambda: right(nn.EarlyStopping, "loss", 0.0, 1, "auto", False),
    "Checkpoint": lambda: right(nn.Checkpoint, "m", "loss", False, "auto"),
    "EarlyStopping.load_state_dict": lambda: right(
        nn.EarlyStopping("loss").load_state_dict, nn.EarlyStopping("loss").state_dict()),
    "Checkpoint.load_state_dict": lambda: right(
        nn.Checkpoint("m", "loss").load_state_dict, nn.Checkpoint("m", "loss").state_dict()),
    "Callback": lambda: right(nn.Callback),
    "GradientStatistics": lambda: right(nn.GradientStatistics),
    "History": lambda: right(nn.History),
    "Descent": lambda: right(nn.Descent, "gradient", 1, [1.0]),
    "accuracy": lambda: right(nn.accuracy, [0, 1], [0.25, 0.75], 0.5),
    "confusion_matrix": lambda: right(nn.confusion_matrix, [0, 1], [0, 1], 2),
    **{name: (lambda name=name: right(getattr(nn, name), [0.0, 1.0], [0.5, 1.0]))
       for name in ("mean_absolute_error", "mean_squared_error", "r2_score")},
    "save": lambda: right(nn.save, network(), saved(), optimizer=None, schedule=None, callbacks=(), epoch=1),
    "load": lambda: right(nn.load, saved()),
    "load_into": lambda: right(nn.load_into, network(), saved(), optimizer=None, schedule=None),
    "to_torch": lambda: right(nn.to_torch, network()),
    "from_torch": lambda: right(nn.from_torch, nn.to_torch(network())),
    "data.gate": lambda: right(nn.data.gate, "xor"),
    "data.one_hot": lambda: right(nn.data.one_hot, 3),
    "data.moons": lambda: right(nn.data.moons, 4, 0.1, 0),
    "data.circles": lambda: right(nn.data.circles, 4, 0.1, 0.5, 0),
    "data.spirals": lambda: right(nn.data.spirals, 6, 3, 0.1, 0),
    "data.housing": lambda: right(nn.data.housing, 4, 0.1, 0),
    "data.digits": lambda: right(nn.data.digits, 0.2, 0),
    "data.read_csv": lambda: right(nn.data.read_csv, written("a,b\n1,2\n"), "b", ["a"]),
    "data.read_idx": lambda: right(nn.data.read_idx, index_file()),
    "init.calculate_gain": lambda: right(nn.init.calculate_gain, "relu"),
    **{f"init.{name}": (lambda name=name: right(getattr(nn.init, name), nn.Weights(np.ones((2, 2))), 0.5))
       for name in ("uniform_", "normal_", "xavier_uniform_", "xavier_normal_", "kaiming_uniform_",
                    "kaiming_normal_")},
    "init.zeros_": lambda: right(nn.init.zeros_, nn.Weights(np.ones((2, 2)))),
    "Stepper": lambda: right(viz.Stepper, J()),
    "stepper": lambda: right(viz.stepper, ac.sin(w := Value(1.0)), optimizer=nn.SGD([w], lr=0.1)),
    "Stepper.save": lambda: right(viz.stepper(J()).save, written("").with_suffix(".html")),
    "draw_dot": lambda: right(
        viz.draw_dot, J(), "svg", "LR", show=("data",), label="", highlight=(), dark=False, fold=0),
    "draw_network": lambda: right(viz.draw_network, network(), "LR", ["a", "b"], ["c"], error=None),
    "render": lambda: right(viz.render, J(), written("").with_suffix(".dot"), "LR", dark=False),
    **dict(losses()),
    **dict(rows()),
}  # fmt: skip


def outcome(function: Callable[..., Any], args: list[Any], named: dict[str, Any]) -> str:
    """Return what is wrong with a call's exception, or nothing."""
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            result = function(*args, **named)
            if inspect.isgenerator(result):
                list(itertools.islice(result, 10))
    except (ac.AutogradError, OSError, MemoryError):
        return ""
    except Exception as error:
        frames = traceback.extract_tb(error.__traceback__)
        if len(frames) == 1 or frames[-1].filename == __file__:
            return ""
        place = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}"
        return f"{type(error).__name__} from {place}: {str(error)[:200]}"
    return ""


def attacked(name: str, calls: Mapping[str, Callable[[], Call]]) -> Iterator[str]:
    _, args, named = calls[name]()
    for place in [*range(len(args)), *named]:
        for what, make in WRONG.items():
            function, args, named = calls[name]()
            holder: Any = args if isinstance(place, int) else named
            holder[place] = make()
            if fault := outcome(function, args, named):
                yield f"{name}: argument {place} is {what}: {fault}"


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run in an empty folder, because some wrong arguments are paths."""
    monkeypatch.chdir(tmp_path)


def needs(name: str) -> None:
    if "torch" in name:
        pytest.importorskip("torch")


@pytest.mark.parametrize("name", CALLS)
def test_a_correct_call_works(name: str) -> None:
    needs(name)
    function, args, named = CALLS[name]()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        function(*args, **named)


@pytest.mark.slow
@pytest.mark.usefixtures("elsewhere")
@pytest.mark.parametrize("name", CALLS)
def test_a_wrong_argument_is_refused_with_an_error_of_this_project(name: str) -> None:
    needs(name)
    assert not list(attacked(name, CALLS))


def public_functions() -> Iterator[str]:
    for module in (ac, nn, viz):
        for name in module.__all__:
            thing = getattr(module, name)
            is_error = isinstance(thing, type) and issubclass(thing, BaseException | Warning)
            if callable(thing) and not is_error:
                yield name


@pytest.mark.parametrize("name", list(public_functions()))
def test_every_public_function_is_called(name: str) -> None:
    assert any(re.search(rf"\b{name}\b", call) for call in CALLS)


ODD_ATTRIBUTES: dict[str, Callable[[], Any]] = {
    "array": lambda: layer().weight,
    "values": lambda: layer().weight,
}


@pytest.mark.parametrize("name", ODD_ATTRIBUTES)
def test_an_attribute_of_weights_that_cannot_be_set_names_assign(name: str) -> None:
    with pytest.raises(TypeError, match=rf"^Weights.{name}: .*assign"):
        setattr(ODD_ATTRIBUTES[name](), name, np.ones((2, 2)))


def decorated(wrap: Callable[[Any], Any]) -> Any:
    class Holder:
        f = ac.no_grad()(wrap(lambda *xs: Value(2.0) * xs[-1]))

    return Holder.f(3.0)


def test_modes_decorate_methods_of_classes_and_refuse_what_is_not_a_function() -> None:
    assert decorated(classmethod).parents == decorated(staticmethod).parents == ()
    for thing in (property(lambda self: 1.0), Odd, None, "a"):
        with pytest.raises(TypeError, match="not a function: got .*; expected a function"):
            ac.no_grad()(thing)


WORDS: dict[str, tuple[Callable[[], Any], str]] = {
    "errstate": (lambda: ac.errstate(foo="raise"), "errstate: unknown option 'foo'; expected some of all"),
    "no_grad": (lambda: ac.no_grad(product), "no_grad: unexpected argument 1 = product.*brackets"),
    "recording": (lambda: ac.recording(product), "recording: unexpected argument 1 = product.*brackets"),
    "schedule": (lambda: nn.fit(network(), X, Y, schedule="a"), "fit: not a schedule: schedule = 'a'.*Step"),
    "hvp": (lambda: ac.hvp(of_list, [1.0, 2.0], [1.0, 0.0]), "hvp: the function cannot be called.*2 arg"),
    "lists": (lambda: ac.compile(product)([1.0, 2.0], [3.0, 4.0]), r"product: it cannot take a list .*array"),
    "twice": (lambda: program().value_and_grad(2.0, x=3.0), "program: input 'x' is given twice"),
    "unknown": (lambda: program().value_and_grad(2.0, z=3.0), "program: input 'z' is unknown"),
    "one of a list": (
        lambda: ac.compile([J()]).value_and_grad(1.0, 2.0), "value_and_grad: a list of one output; .*itself"),
    "several": (
        lambda: ac.compile([J(), J()]).value_and_grad(*[1.0] * 4), "value_and_grad: several outputs: .* 2;"),
    "masked": (lambda: Value(np.ma.masked), "masked numbers"),
    "masked start": (
        lambda: squares().run(2, np.ma.masked_array([0.0], [True]), examples=[[1.0]]), "masked numbers"),
    "masked examples": (
        lambda: squares().run(2, [0.0], examples=np.ma.masked_array([[1.0]], [[True]])), "masked numbers"),
    "masked point": (lambda: program()(np.ma.masked_array([1.0, 2.0], [True, False])), "masked numbers"),
}  # fmt: skip


@pytest.mark.parametrize("name", WORDS)
def test_what_is_said(name: str) -> None:
    call, words = WORDS[name]
    with pytest.raises(ac.AutogradError, match=words):
        call()


def test_a_compiled_function_says_the_same_at_its_first_call_and_later() -> None:
    f = ac.compile(lambda x: x * x)
    for _ in range(3):
        for method in (f, f.value_and_grad, f.gradient):
            with pytest.raises(TypeError, match="multiple values for argument 'x'; expected"):
                method(2.0, x=3.0)
            method(2.0)
