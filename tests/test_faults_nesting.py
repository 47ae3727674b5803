"""Lists and modules that contain themselves, or are a thousand levels deep, raise a clear error."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import autograd_core as ac
import nn
from autograd_core import DataError, DataValueError, Graph, Value, grad, gradcheck, gradients, jacobian, jvp

ITSELF: list[Any] = []
ITSELF.append(ITSELF)
DEEP: Any = 1.0
for _ in range(3000):
    DEEP = [DEEP]


@pytest.mark.parametrize("tree", [ITSELF, DEEP, {"x": ITSELF}], ids=["itself", "deep", "in a dict"])
@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda x: grad(lambda a: 1.0)(x), "grad: argument 1.*nested too deeply; expected at most 100"),
        (lambda x: grad(lambda a: (a * a, x), has_aux=True)(1.0), "nested too deeply; expected at most 100"),
        (lambda x: jacobian(lambda a: x)(1.0), "jacobian: result.*nested too deeply"),
        (lambda x: jvp(lambda a: a, (x,), (x,)), "jvp: argument 1.*nested too deeply"),
        (lambda x: gradcheck(lambda a: 1.0, [x]), "gradcheck: inputs.*nested too deeply"),
        (lambda x: Graph.trace(lambda a: a, [x]), "Graph.trace: a.*nested too deeply|not a Value"),
        (lambda x: nn.mse_loss([x], [x]), "mse_loss: .*nested too deeply|not a number"),
        (lambda x: ac.sum([x]), "sum: not a real number"),
        (lambda x: Graph([x]), "Graph: output 1 is not a Value"),
        (lambda x: gradients(Value(1.0), [x]), r"gradients: xs\[0\] is not a Value"),
        (Value, "Value: not a real number"),
    ],
)
def test_nested_lists_are_refused(tree: Any, call: Callable[[Any], Any], said: str) -> None:
    with pytest.raises(DataError, match=said):
        call(tree)


class Knot(nn.Module):
    def __init__(self) -> None:
        self.w = Value(1.0)
        self.inner: nn.Module = self


def test_a_module_that_contains_itself_is_told() -> None:
    knot, ring, other = Knot(), Knot(), Knot()
    ring.inner, other.inner = other, ring
    for module, path in ((knot, "inner"), (ring, "inner.inner")):
        for method in ("parameters", "modules", "summary", "train", "state_dict", "zero_grad", "label"):
            with pytest.raises(DataValueError, match=f"Module: Knot contains itself, as '{path}'"):
                getattr(module, method)()
    assert repr(knot) == "Knot(\n  (inner): ...\n)"


def test_one_module_in_two_places_is_no_knot() -> None:
    layer = nn.Linear(2, 2)
    model = nn.Sequential(layer, nn.Sequential(layer))
    assert [name for name, _ in model.named_modules()] == ["", "0", "1", "1.0"]
    assert len(model.parameters()) == 6


@pytest.mark.slow
def test_modules_nest_as_deep_as_one_likes() -> None:
    model: nn.Module = nn.Linear(1, 1)
    for _ in range(2000):
        model = nn.Sequential(model)
    assert len(model.parameters()) == 2
