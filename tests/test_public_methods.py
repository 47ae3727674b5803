"""Call every method of every public class with wrong arguments.

The public classes are those in `__all__`, those of all that the calls of `test_public_doors.CALLS` return,
and their bases. A method that takes an argument has a correct call in `METHODS`, or in `CALLS` under its own
name; each argument is then replaced by each of `WRONG`. A method that only the project itself calls begins
with an underscore.
"""

from __future__ import annotations

import dataclasses
import inspect
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import autograd_core as ac
import nn
import viz
from autograd_core import Value
from tests.test_public_doors import CALLS, Call, J, X, Y, attacked, network, right, sgd, written

OURS = ("autograd_core", "nn", "viz")


def compiled() -> Any:
    f = ac.compile(lambda x, y: x * y)
    f(1.0, 2.0)
    return f


def descending() -> Any:
    f = ac.compile(lambda w, x: (w * x - 6.0) ** 2)
    f(1.0, 2.0)
    return f


def steps() -> Any:
    return ac.steps(J())


def updates() -> Any:
    w = Value(2.0, "w")
    return ac.steps(w**2, optimizer=nn.Adam([w])).updates


def film() -> Any:
    return network().fit(X, Y, epochs=1, record=True).film


def run() -> Any:
    callback = nn.Callback()
    network().fit(X, Y, epochs=1, callbacks=[callback])
    return callback.run


def lbfgs() -> nn.LBFGS:
    return nn.LBFGS([Value(1.0)])


LOGS = {"loss": 1.0}


def called_back(make: Callable[[], nn.Callback]) -> nn.Callback:
    """Return a callback that has seen a training."""
    callback = make()
    network().fit(X, Y, epochs=1, callbacks=[callback])
    return callback


def comparison() -> Any:
    y = J()
    return ac.algorithms.compare(y, [ac.Graph(y).leaves[0]])


OPERATORS = (
    "__add__", "__radd__", "__sub__", "__rsub__", "__mul__", "__rmul__", "__truediv__", "__rtruediv__",
    "__mod__", "__rmod__", "__pow__", "__rpow__", "__lt__", "__le__", "__gt__", "__ge__", "__eq__", "__ne__",
)  # fmt: skip

METHODS: dict[str, Callable[[], Call]] = {
    **{f"Value.{name}": lambda name=name: right(getattr(J(), name), 2.0) for name in OPERATORS},
    "Value.__format__": lambda: right(J().__format__, ".3f"),
    "Graph.__getitem__": lambda: right(ac.Graph(J()).__getitem__, "x"),
    "Graph.__contains__": lambda: right(ac.Graph(J()).__contains__, 1),
    **{f"Structure.{name}": lambda name=name: (lambda g: right(getattr(g, name), g.leaves[0]))(ac.Graph(J()))
       for name in ("ancestors", "consumers", "descendants", "edges_into", "parents")},
    "Structure.prune": lambda: (lambda g: right(g.prune, g.outputs[0], g.leaves[0]))(ac.Graph(J())),
    "recording.line": lambda: right(ac.recording().line, J()),
    "Steps.in_other_order": lambda: right(steps().in_other_order, "pull"),
    "Steps.__getitem__": lambda: right(steps().__getitem__, 0),
    "Records.formula": lambda: right(steps().formula, "text"),
    "Forward.formula_in": lambda: right(steps().forward[-1].formula_in, "text"),
    "Contribution.local_formula_in": lambda: right(steps().backward[-1].local_formula_in, "text"),
    "Contribution.factor_in": lambda: right(steps().backward[-1].factor_in, "text"),
    "Comparison.error": lambda: (lambda found: right(found.error, found.results[0]))(comparison()),
    **{f"Program.{name}": CALLS[f"program.{name}"]
       for name in ("gradient", "hessian_vector_product", "run", "to_c", "to_torch")},
    "CompiledFunction.hessian_vector_product": lambda: right(
        compiled().hessian_vector_product, [1.0, 2.0], [1.0, 0.0]),
    "CompiledFunction.run": lambda: right(descending().run, 2, [0.0], 0.1, examples=[[1.0], [2.0]]),
    "CompiledFunction.to_c": lambda: right(compiled().to_c, "f"),
    "CompiledFunction.to_torch": lambda: right(compiled().to_torch, {"x": 1.0}),
    "CompiledFunction.with_leaves": lambda: right(ac.compile(ac.sin).with_leaves, 1.0),
    **{f"{name}.forward_batch": (lambda make=make: right(make().forward_batch, [[1.0, 2.0], [3.0, 4.0]]))
       for name, make in {
           "BatchNorm1d": lambda: nn.BatchNorm1d(2), "Concatenate": lambda: nn.Concatenate(nn.BatchNorm1d(2)),
           "Residual": lambda: nn.Residual(nn.BatchNorm1d(2)),
           "Sequential": lambda: nn.Sequential(nn.BatchNorm1d(2)),
       }.items()},
    "Module.fit": lambda: right(network().fit, X, Y, epochs=1),
    **{f"{name}.penalty": lambda name=name: right(getattr(nn, name)().penalty, [Value(1.0)])
       for name in ("L1", "L2", "ElasticNet")},
    "LambdaLR.rate_at": lambda: right(nn.LambdaLR(sgd(), lambda epoch: 0.5).rate_at, 2),
    "OneCycleLR.rate_at": lambda: right(nn.OneCycleLR(sgd(), 1.0, 10).rate_at, 2),
    "SequentialLR.rate_at": lambda: (lambda s: right(
        nn.SequentialLR(s, [nn.StepLR(s, 2), nn.StepLR(s, 1)], [3]).rate_at, 2))(sgd()),
    "Optimizer.planned": lambda: right(sgd().planned, {Value(1.0): 2.0}),
    "WeightUpdate.formula_in": lambda: right(updates()[0].formula_in, "text", 5),
    "Mean.formula_in": lambda: right(updates()[0].means[0].formula_in, "text", 5),
    "ReduceLROnPlateau.step": lambda: right(nn.ReduceLROnPlateau(sgd()).step, 1.0),
    "Film.save": lambda: right(film().save, written("").with_suffix(".json")),
    "Film.__getitem__": lambda: right(film().__getitem__, 0),
    "History.__getitem__": lambda: right(network().fit(X, Y, epochs=1).__getitem__, "loss"),
    "History.__contains__": lambda: right(network().fit(X, Y, epochs=1).__contains__, "loss"),
    **{f"Callback.{name}": lambda name=name: right(getattr(nn.Callback(), name), 0)
       for name in ("on_batch_begin", "on_epoch_begin", "on_epoch_done")},
    **{f"Callback.{name}": lambda name=name: right(getattr(nn.Callback(), name), 0, LOGS)
       for name in ("on_batch_end", "on_epoch_end")},
    "Callback.load_state_dict": lambda: right(nn.Callback().load_state_dict, {}),
    "Watching.load_state_dict": lambda: CALLS["EarlyStopping.load_state_dict"](),
    "EarlyStopping.on_epoch_end": lambda: right(
        called_back(lambda: nn.EarlyStopping("loss")).on_epoch_end, 0, dict(LOGS)),
    "Checkpoint.on_epoch_end": lambda: right(
        called_back(lambda: nn.Checkpoint("m", "loss")).on_epoch_end, 0, dict(LOGS)),
    "Checkpoint.on_epoch_done": lambda: right(
        called_back(lambda: nn.Checkpoint("m", "loss")).on_epoch_done, 0),
    "GradientStatistics.on_epoch_end": lambda: right(
        called_back(nn.GradientStatistics).on_epoch_end, 0, dict(LOGS)),
    "LBFGS.step": lambda: right(lbfgs().step, lambda: 1.0),
    "LBFGS.load_state_dict": lambda: right(lbfgs().load_state_dict, lbfgs().state_dict()),
    "Run.stop": lambda: right(run().stop, "enough"),
    "Drawing.picture": lambda: right(viz.draw_dot(J()).picture, "svg"),
    "Drawing.pipe": lambda: right(viz.draw_dot(J()).pipe, "svg"),
}  # fmt: skip


FREE = {
    "rule": "A hook that one's own optimizer overrides, called with arrays by `step`.",
    "function": "The loss function itself, which has a call of its own.",
    "Regularizer.penalty": "Abstract.",
    "Schedule.rate_at": "Abstract.",
    "custom_jvp.defjvp": "Its rule is called when a gradient is asked for.",
    "custom_vjp.defvjp": "So is its rule.",
    "Drawing.render": "That of `graphviz`, whose errors it raises.",
    "minimise": "Another name of `minimize`.",
}
"""Methods without a call, and why."""


@pytest.mark.parametrize("name", METHODS)
def test_a_correct_call_works(name: str, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    if "torch" in name:
        pytest.importorskip("torch")
    monkeypatch.chdir(tmp_path)
    function, args, named = METHODS[name]()
    function(*args, **named)


@pytest.mark.parametrize("name", METHODS)
def test_a_wrong_argument_is_refused(name: str, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    if "torch" in name:
        pytest.importorskip("torch")
    monkeypatch.chdir(tmp_path)
    faults = list(attacked(name, METHODS))
    if name.endswith("__getitem__"):  # A loop over a sequence ends with an IndexError.
        faults = [fault for fault in faults if "IndexError" not in fault or "no such" not in fault]
    assert not faults


def results() -> Iterator[Any]:
    """Yield what the public calls return."""
    for name, make in CALLS.items():
        if "torch" not in name and name != "data.digits":
            function, args, named = make()
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                yield function(*args, **named)


def inside(thing: Any) -> list[Any]:
    if isinstance(thing, dict):
        return list(thing.values())
    if isinstance(thing, list | tuple):
        return list(thing[:3])
    if dataclasses.is_dataclass(thing) and not isinstance(thing, type):
        names = [field.name for field in dataclasses.fields(thing)]
        return [getattr(thing, name) for name in names if not name.startswith("_")]
    return []


def classes(things: Iterator[Any]) -> set[type]:
    found: set[type] = set()
    waiting = [(thing, 0) for thing in things]
    while waiting:
        thing, depth = waiting.pop()
        kind = thing if isinstance(thing, type) else type(thing)
        found |= {base for base in kind.__mro__ if base.__module__.partition(".")[0] in OURS}
        if depth < 4:
            waiting += [(part, depth + 1) for part in inside(thing)]
    return {kind for kind in found if not issubclass(kind, BaseException)}


def methods_with_arguments(kind: type) -> Iterator[str]:
    for name, static in vars(kind).items():
        function = static.__func__ if isinstance(static, staticmethod | classmethod) else static
        if name.startswith("_") or not inspect.isfunction(function) or name in ac.TABLE:
            continue
        skipped = 0 if isinstance(static, staticmethod) else 1
        if len(inspect.signature(function).parameters) > skipped:
            yield name


def test_every_method_of_every_public_class_is_called(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    named = [getattr(module, name) for module in (ac, nn, viz) for name in module.__all__]
    kinds = classes(iter([*results(), *(thing for thing in named if isinstance(thing, type))]))
    assert {Value, ac.Graph, nn.Weights, nn.History, viz.Stepper} <= kinds
    known = {name.split(" ")[0] for name in (*METHODS, *CALLS)}
    missing = [
        f"{kind.__name__}.{name}" for kind in kinds for name in methods_with_arguments(kind)
        if f"{kind.__name__}.{name}" not in known | set(FREE) and name not in FREE
    ]  # fmt: skip
    assert not missing
