"""Adding an operation, in a copy of the tree: three edits, and it works everywhere."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.test_house import ROOT, tracked_files

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]

BEFORE = "huber"  # The row before which the new one is inserted.
ROW = """\
softcap     = row("softcap", lambda x, cap: cap * math.tanh(floats.div(x, cap)),
                  lambda x, cap, y: square(sech(div(x, cap))),
                  lambda x, cap, y: tanh(div(x, cap)) - div(x, cap) * square(sech(div(x, cap))),
                  definition="cap·tanh(x/cap)", domain="cap > 0", defaults=(30.0,), module="Softcap")
"""
FORMS = """\
    "softcap":    forms(numpy="{1} * np.tanh({0} / {1})",          c="({1} * tanh({0} / {1}))",
                        javascript="({1} * Math.tanh({0} / {1}))", jax="{1} * jnp.tanh({0} / {1})",
                        torch="{1} * torch.tanh({0} / {1})",       sympy="{1} * tanh({0} / {1})"),
"""
REFERENCE = """\
    "softcap": Reference(
        lambda x, cap: cap * tanh(x / cap),
        tuples(uniform(200, -40.0, 40.0), uniform(120, 0.5, 50.0)),
        ((0.3, 1.0), (-2.0, 1.5), (4.0, 3.0)),
        partial_scale=lambda slot, x, cap: tanh(abs(x / cap)) if slot else mpf(1),
        reason="the slope by cap is a difference that vanishes at x = 0, measured against its terms",
    ),
"""
EDITS = (
    ("autograd_core/operations/table.py", f"{BEFORE}       = row(", ROW),
    ("autograd_core/operations/foreign_forms.py", f'    "{BEFORE}": ', FORMS),
    ("tests/reference.py", f'    "{BEFORE}": ', REFERENCE),
)
QUESTIONS = ["tests/test_one_row.py", "tests/compile/test_forms.py", "tests/test_operations.py"]
"""The tests that tell a contributor what is missing."""

USE = """
import math, nn, numpy as np, torch, viz
from autograd_core import Graph, Value, compile, derivative, formula, gradcheck, parse, softcap, steps

x = Value(2.0, "x")
y = softcap(x, 3.0)
assert y.data == x.softcap(3.0).data == softcap(2.0, 3.0) == 3.0 * math.tanh(2.0 / 3.0)
assert parse("softcap(x, 3)", {"x": 2.0}).data == y.data and "softcap" in formula(y)
assert gradcheck(lambda x, c: softcap(x, c) * x, (2.0, 3.0))
assert math.isclose(derivative(lambda x: softcap(x, 3.0), 3)(0.0), -2.0 / 9.0, rel_tol=1e-14)
program = compile(y * x, inputs=[x])
assert program.value_and_grad(1.0)[0] == softcap(1.0, 3.0)
assert np.allclose(program(np.array([[1.0], [2.0]])), [softcap(1.0, 3.0), 2.0 * softcap(2.0, 3.0)])
assert "tanh(" in program.to_c() and "Math.tanh(" in program.to_js()
assert "tanh" in str(Graph(y).to_sympy())
assert "softcap" in viz.draw_dot(y).source and "softcap" in str(steps(y))
assert '"softcap:2": {f: a => ' in viz.stepper(y).html
assert "cap·tanh(x/cap)" in softcap.__doc__
layer = nn.Softcap(cap=2.0)
assert layer([1.0])[0].data == softcap(1.0, 2.0) and repr(layer) == "Softcap(cap=2.0)"
model = nn.Sequential(nn.MLP(2, [3, 2], activation="softcap", rng=0), layer)
rows = np.array([[0.5, -1.0], [3.0, 1.0]])
twin = nn.to_torch(model)
assert np.allclose(nn.predict(model, rows), twin(torch.tensor(rows)).detach().numpy())
assert repr(nn.from_torch(twin)) == repr(model)
history = nn.fit(nn.MLP(2, [4, 1], activation=softcap, rng=0), rows, [0.0, 1.0], epochs=2, seed=0)
assert len(history.history["loss"]) == 2
"""


def inside(tree: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Python in the tree."""
    environment = {**os.environ, "PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, *arguments]
    return subprocess.run(command, cwd=tree, env=environment, capture_output=True, text=True, check=False)


def edited(tree: Path, file: str, before: str, text: str) -> None:
    path = tree / file
    start, end = path.read_text(encoding="utf-8").split(f"\n{before}", 1)
    path.write_text(f"{start}\n{text}{before}{end}", encoding="utf-8")


@pytest.fixture(scope="module")
def tree(tmp_path_factory) -> Path:
    copy = tmp_path_factory.mktemp("tree")
    for path in tracked_files():
        target = copy / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    return copy


def test_softcap_is_live_after_three_edits_and_each_failure_says_what_is_next(tree):
    pytest.importorskip("torch")
    edited(tree, *EDITS[0])
    asked = inside(
        tree, "-m", "pytest", "-q", "-k", "softcap or line_of_foreign or form or sympy", *QUESTIONS
    )
    assert asked.returncode == 1
    for file, _, _ in EDITS[1:]:
        assert file in asked.stdout
    for edit in EDITS[1:]:
        edited(tree, *edit)
    shown = inside(tree, "-m", "pytest", "-q", "-k", "golden", "tests/test_formula.py")
    assert "python -m tests.golden_derivatives write" in shown.stdout
    assert inside(tree, "-m", "tests.golden_derivatives", "write").returncode == 0
    unknown = inside(tree, "-m", "pytest", "-q", "-k", "stubs", "tests/test_types.py")
    assert "python -m tests.stubs write" in unknown.stdout
    assert inside(tree, "-m", "tests.stubs", "write").returncode == 0
    tests = [
        "tests/test_formula.py",
        "tests/test_house.py",
        "tests/nn/test_torch.py",
        "tests/nn/test_compiled.py",
        "tests/test_types.py",
    ]
    chosen = "softcap or line_of_foreign or has_a_form or sympy or golden or short_enough or stubs"
    answer = inside(tree, "-m", "pytest", "-q", "-k", chosen, *QUESTIONS, *tests)
    assert answer.returncode == 0, answer.stdout
    used = inside(tree, "-c", USE)
    assert used.returncode == 0, used.stderr
