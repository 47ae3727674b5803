"""`steps(J, optimizer=...)`: what an optimizer does next, beside what it then does."""

from __future__ import annotations

import json
import re
from typing import Any

import numpy as np
import pytest

import nn
from autograd_core import DataError, DataValueError, Value, parse, steps
from autograd_core.steps import WeightUpdate
from nn.optim.adaptive import OPTIMIZERS
from tests.latex import compiled
from tests.nn.test_optimizers import settings
from viz import stepper
from viz.cli.terminal_stepper import Reader

NUMBERS = [(1.0, -0.5), (1.0, -0.5), (-3.0, 0.0), (0.2, 4.0)]
"""The point of each step, which makes gradients of either sign and of 0."""


def loss(weights: list[Value], x: float, y: float) -> Value:
    return (weights[0] * x + weights[1] * weights[1] - y) ** 2


@pytest.mark.parametrize(("kind", "options"), list(settings()))
def test_the_numbers_are_those_of_the_step(kind: Any, options: dict[str, Any]) -> None:
    weights = [Value(0.7, "w1"), Value(-0.4, "w2")]
    optimizer = kind(weights, **options)
    for x, y in NUMBERS:
        output = loss(weights, x, y)
        updates = steps(output, optimizer=optimizer).updates
        before = [w.data for w in weights]
        optimizer.zero_grad()
        output.backward()
        assert [u.gradient for u in updates] == [w.grad for w in weights]
        optimizer.step()
        assert [(u.name, u.before, u.after) for u in updates] == [
            (w.label, b, w.data) for w, b in zip(weights, before, strict=True)
        ]
        for k, update in enumerate(updates):
            kept = {name: np.ravel(x)[k] for name, x in optimizer.state[0].items() if name != "step"}
            assert {mean.name: mean.value for mean in update.means} == kept


@pytest.mark.parametrize(("kind", "options"), list(settings()))
def test_each_formula_computes_its_number(kind: Any, options: dict[str, Any]) -> None:
    """The text, read again, gives the new weight, so nothing is shown that the rule does not do."""
    w = Value(0.7, "w")
    optimizer = kind([w], **options)
    for slope in (1.5, -0.25, 0.5):
        (update,) = steps(w * slope, optimizer=optimizer).updates
        assert update.plan.terms[-1].node is not None
        for step, value in [*[(mean, mean.value) for mean in update.means], (update, update.after)]:
            text = step.formula_in("ascii", 17)
            again = parse(text, {"w": w.data} if re.search(r"\bw\b", text) else {})
            assert again.data == pytest.approx(value, rel=1e-9, abs=1e-300)
        optimizer.zero_grad()
        (w * slope).backward()
        optimizer.step()


def test_one_row_a_weight_in_every_format() -> None:
    w = Value(2.0, "w")
    table = steps((3.0 * w - 1.0) ** 2, optimizer=nn.SGD([w], lr=0.1))
    assert table.to_text().endswith(" #  update by SGD\n 9  w ← w − 0.1 · 30 = −1.0000")
    assert table.to_text(ascii=True).endswith(" 9  w <- w - 0.1*30 = -1.0000")
    assert "| 9 | w ← w − 0.1 · 30 | −1.0000 |" in table.to_markdown()
    assert r"9 & \quad w \leftarrow w - 0.1 \cdot 30 = -1.0000" in table.to_latex()
    assert "update by SGD" in table.to_html()
    assert [type(step) for step in table][-1] is WeightUpdate
    assert json.loads(table.to_json())["steps"][-1] == {
        "step": "update", "number": 9, "name": "w", "before": 2.0, "gradient": 30.0,
        "formula": "w - 0.1*30", "means": [], "after": -1.0,
    }  # fmt: skip
    assert w.data == 2.0
    assert w.grad == 0.0


def test_momentum_and_adam_show_their_running_means() -> None:
    w = Value(2.0, "w")
    momentum = nn.SGD([w], lr=0.1, momentum=0.9)
    for expected in (
        ["velocity of w ← 30             =  30.0000", "w             ← w − 0.1 · 30   =  −1.0000"],
        ["velocity of w ← 0.9 · 30 + (−24)", "w             ← w − 0.1 · 3"],
    ):
        text = str(steps((3.0 * w - 1.0) ** 2, optimizer=momentum))
        assert [line.split("=")[0].rstrip()[4:] for line in text.splitlines()[-2:]] == [
            line.split("=")[0].rstrip() for line in expected
        ]
        momentum.zero_grad()
        ((3.0 * w - 1.0) ** 2).backward()
        momentum.step()
    adam = steps(3.0 * w, optimizer=nn.Adam([w], lr=0.1))
    assert [mean.name for mean in adam.updates[0].means] == ["mean", "square"]
    assert adam.updates[0].formula == "w − 0.1·(0.3/0.1/(√0.009/0.031623 + 1e−08))"


def test_the_optimizer_is_left_as_it_is() -> None:
    model = nn.MLP(2, [3, 1], rng=0)
    optimizer = nn.Adam(model, lr=0.1)
    for _ in range(2):
        optimizer.zero_grad()
        nn.mse_loss(model([1.0, -2.0]), 0.5).backward()
        optimizer.step()
    output = nn.mse_loss(model([1.0, -2.0]), 0.5)
    before = repr(optimizer.state_dict()), [w.data for w in model.parameters()]
    updates = steps(output, optimizer=optimizer).updates
    assert (repr(optimizer.state_dict()), [w.data for w in model.parameters()]) == before
    optimizer.zero_grad()
    output.backward()
    optimizer.step()
    assert [u.after for u in updates] == [w.data for w in model.parameters()]


def test_frozen_and_unused_weights_have_no_row() -> None:
    w, frozen, unused = Value(1.0, "w"), Value(2.0, "frozen"), Value(3.0, "unused")
    optimizer = nn.SGD([w, frozen, unused], lr=0.1, momentum=0.9)
    frozen.requires_grad = False
    assert [u.name for u in steps(w * frozen, optimizer=optimizer).updates] == ["w"]


def test_a_hook_changes_the_gradient_of_the_update() -> None:
    w = Value(2.0, "w")
    w.register_hook(lambda g: min(g, 1.0))
    assert steps(w**3, optimizer=nn.SGD([w], lr=0.1)).updates[0].after == 1.9


def test_a_rule_of_arrays_only_shows_how_far_the_weight_moves() -> None:
    class Normalized(nn.Optimizer):
        """Moves all weights together by a step of length lr, which no formula of one weight says."""

        def rule(self, w: Any, g: Any, state: Any) -> Any:
            return w - self.lr * g / np.linalg.norm(g)

    w = [Value(1.0, "a"), Value(2.0, "b")]
    updates = steps(3.0 * w[0] + 4.0 * w[1], optimizer=Normalized(w, lr=0.5)).updates
    assert [u.after for u in updates] == pytest.approx([0.7, 1.6])
    assert [u.formula for u in updates] == ["a − 0.3", "b − 0.4"]


def test_it_is_part_of_the_page_and_of_the_terminal() -> None:
    w = Value(2.0, "w")
    optimizer = nn.SGD([w], lr=0.1, momentum=0.9)
    page = stepper((3.0 * w - 1.0) ** 2, optimizer=optimizer)
    assert page.answer_key()[-1] == {"step": 9, "asked": "the new w", "answer": -1.0}
    assert "v0 = 0.9" not in page.html
    assert page.record.data()["steps"]["push"][-1]["z"] == [30.0, -1.0]
    reader = Reader(page.record.push)
    reader.press("G")
    assert reader.tell() == "[9/9] w ← w − 0.1·30 = −1   (velocity of w = 30)"


def test_momentum_moves_weights_that_the_graph_does_not_use() -> None:
    """They are of an array that the graph reaches, and have a row, but no place on the page."""
    layer = nn.Linear(2, 1, rng=0)
    optimizer = nn.SGD(layer, lr=0.1, momentum=0.9)
    nn.mse_loss(layer([1.0, 2.0]), 0.0).backward()
    optimizer.step()
    page = stepper(layer.parameters()[0] * 2.0, optimizer=optimizer)
    assert [u.name for u in page.record.push.updates] == ["weight[0, 0]", "weight[0, 1]"]
    assert [answer["asked"] for answer in page.answer_key()][-1] == "the new weight[0, 0]"
    assert len(page.record.data()["updates"]) == 1


@pytest.mark.parametrize("name", [name for name, kind in OPTIMIZERS.items() if not kind.joint])  # type: ignore[attr-defined]
def test_every_optimizer_has_a_page(name: str) -> None:
    w = Value(2.0, "w")
    optimizer = OPTIMIZERS[name]([w])
    for _ in range(2):
        output = (3.0 * w - 1.0) ** 2
        assert stepper(output, optimizer=optimizer).html
        optimizer.zero_grad()
        output.backward()
        optimizer.step()


def test_groups_have_settings_of_their_own() -> None:
    a, b = Value(1.0, "a"), Value(1.0, "b")
    optimizer = nn.SGD([{"params": [a], "lr": 0.5}, {"params": [b], "maximize": True}], lr=0.1)
    assert [u.formula for u in steps(3.0 * a + 2.0 * b, optimizer=optimizer).updates] == [
        "a − 0.5·3",
        "b − 0.1·(−2)",
    ]


def test_a_step_that_needs_the_loss_at_several_places_has_no_rows() -> None:
    w = Value(1.0, "w")
    with pytest.raises(DataError, match="the loss at several points"):
        steps(w * w, optimizer=nn.LBFGS([w]))


def test_what_is_not_an_optimizer_is_refused() -> None:
    for wrong in ("adam", 0.1, nn.SGD):
        with pytest.raises(DataError, match="steps: not an optimizer"):
            steps(Value(1.0) * 2.0, optimizer=wrong)  # type: ignore[arg-type]


def test_names_of_classes_and_states_are_escaped(tmp_path: Any) -> None:
    class My_SGD(nn.Optimizer):
        def __init__(self, parameters: Any) -> None:
            super().__init__(parameters, 0.1)

        def rule(self, w: Any, g: Any, state: Any) -> Any:
            state["run_<avg>"] = 0.5 * state.get("run_<avg>", 0.0) + g
            return w - self.lr * state["run_<avg>"]

    My_SGD.__name__ += "<b>"
    w = Value(1.0, "w_1")
    table = steps(w * 3.0, optimizer=My_SGD([w]))
    tex, html, markdown = table.to_latex(), table.to_html(), table.to_markdown()
    assert r"\text{update by My\_SGD\textless{}b\textgreater{}}" in tex
    assert r"\text{run\_\textless{}avg\textgreater{} of }" in tex
    assert "update by My_SGD&lt;b&gt;" in html
    assert "run_&lt;avg&gt; of " in html
    assert r"update by My\_SGD&lt;b&gt;" in markdown
    compiled(tex, tmp_path)


def test_an_optimizer_of_other_weights_is_an_error() -> None:
    w, other = Value(2.0, "w"), Value(1.0, "other")
    with pytest.raises(DataValueError, match="the optimizer moves no input of J"):
        steps(w * w, optimizer=nn.SGD([other], lr=0.1))
