"""Type checkers on a user's program, and the stubs of the rows."""

from __future__ import annotations

import ast
import inspect
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path

import pytest

from autograd_core import TABLE
from autograd_core.kernel.apply import remove_method
from autograd_core.operations import Operation

from . import stubs
from .test_house import PACKAGES, ROOT, SOURCES, name_of

# Each line that ends in `# wrong` is an error, and no other line is.
WRONG = """
import autograd_core
import nn
import numpy as np
import viz
from autograd_core import Graph, Value, clip, compile, grad, leaky_relu, sin, softmax, steps

x = Value(2.0, "x")
x.dtaa  # wrong
x.bakcward()  # wrong
x.backward(gradientt=2.0)  # wrong
x.tanhh()  # wrong
x.tanh(1.0)  # wrong
x.parents.append(x)  # wrong
x.is_leaf = False  # wrong
x + "1"  # wrong
x - 2j  # wrong
x * None  # wrong
Value("2")  # wrong
Value(2.0, lable="x")  # wrong
autograd_core.sinn(x)  # wrong
sin("x")  # wrong
sin(x, x)  # wrong
sin.domian  # wrong
leaky_relu(x, slope=0.1)  # wrong
clip(x, 0.0)  # wrong
w: str = sin(x)  # wrong
w2: str = x.sin()  # wrong
w3: str = x * 2.0  # wrong
w4: str = sin(2.0)  # wrong
w5: Value = sin(2.0)  # wrong
w6: Value = sin(np.array([1.0]))  # wrong
w7: Value = softmax([x, x])  # wrong
w8: int = x.data  # wrong
Graph(x).nodez  # wrong
steps(x).to_lattex()  # wrong
f = compile(lambda v: v * v)
f.explane()  # wrong
f.to_c(language="c")  # wrong
compile(x, input=[x])  # wrong
model = nn.MLP(2, [3, 1], activaton="tanh")  # wrong
model = nn.MLP(2, [3, 1])
model.fitt([[1.0, 2.0]], [1.0])  # wrong
model.fit([[1.0, 2.0]], [1.0], epoch=3)  # wrong
model.fit([[1.0, 2.0]], [1.0]).histry  # wrong
nn.fit(model, [[1.0, 2.0]], [1.0], epoch=3)  # wrong
nn.MPL(2, [1])  # wrong
nn.LeakyReLU(slope=0.1)  # wrong
nn.Tanh().step()  # wrong
nn.SGD(model.parameters(), learning_rate=0.1)  # wrong
viz.draw_dot(x).sorce  # wrong
viz.draw_dot(x, rank="TB")  # wrong
viz.render(x)  # wrong
viz.render(x, "x.svg", shoow=())  # wrong
w9: str = nn.mse_loss(x, 1.0)  # wrong
w10: str = autograd_core.gradients(x, x)  # wrong
nn.mse_loss(x, 1.0).bakcward()  # wrong
nn.cross_entropy([x, x], 0, reduction="none").backward()  # wrong
nn.Linear(2, 1, rng="0")  # wrong
nn.SGD(0.1)  # wrong
model.predict([[1.0, 2.0]]).shap  # wrong
model.state_dict()["layers.0.weight"].shap  # wrong
autograd_core.errstate(divid="ignore")  # wrong
viz.stepper(x).safe("x.html")  # wrong
""".lstrip()

RIGHT = """
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import numpy as np

import autograd_core as ac
import nn
import viz
from autograd_core import Graph, Value, compile, cos, dot, errstate, grad, no_grad, sin, softmax, steps


def J(v: Value) -> Value:
    return cos(sin(v**2) + 3 * v**2)


@compile
def fast(v: Value) -> Value:
    return J(v) * 2.0


@ac.primitive(partials=[lambda v, y: 3.0 * v**2])
def cube(v: float) -> float:
    return v * v * v


def main(folder: Path) -> None:
    x = Value(2.0, label="x")
    y: Value = J(x) / 2 - abs(x) + Fraction(1, 2) * x + np.float64(1.5) * x + Decimal(2) * x
    y.backward()
    slope: float = x.grad
    number: float = sin(1) + sin(np.float32(1.0)) + ac.hypot(3, 4)
    array = sin(np.linspace(0.0, 1.0, 3))
    total: float = float(array.sum())
    nodes: list[Value] = softmax([x, y, 1.0])
    z: Value = dot(nodes, [1.0, 2.0, 3.0]) + ac.sum(nodes) + ac.max(x, 1.0) + ac.clip(x, 0.0, 1.0)
    z += x.tanh() + x.leaky_relu(0.1) + x.atan2(2.0) + ac.leaky_relu(x) + cube(x)
    smaller: bool = x < y or bool(x)
    names: tuple[Value, ...] = y.parents
    name: str = y.op.name if y.op is not None else x.label
    slopes = grad(J)(2.0)
    both = ac.value_and_grad(J)(2.0)
    value, gradient = fast.value_and_grad(2.0)
    code: str = fast.to_c() + fast.explain().runner + fast.runner
    with no_grad(), errstate(all="ignore"):
        constant: Value = ac.log(x - 2.0)
    print(steps(y), Graph(y).stats(), ac.formula(y), slope, number, total, smaller, names, name, slopes, both)
    print(value, gradient, len(code), constant)

    model = nn.MLP(2, [3, 1], activation="tanh", rng=0)
    rows, targets = [[0.0, 1.0], [1.0, 0.0]], [1.0, -1.0]
    history = model.fit(rows, targets, optimizer=nn.Adam(model, lr=0.1), epochs=2, verbose=0)
    losses: list[float] = history.history["loss"]
    guesses = nn.predict(model, np.array(rows))
    loss = nn.mse_loss(model(rows[0]), 1.0) + nn.l1(model.parameters())
    loss.backward()
    terms: list[Value] = nn.l1_loss([x, y], [1.0, 2.0], reduction="none")
    first, second = ac.gradients(terms, [x, y])
    curved: Value = ac.gradients(ac.gradients(y, x, create_graph=True), [x], create_graph=True)[0]
    print(first + second, curved, nn.accuracy([0, 1], guesses), nn.evaluate(model, rows, targets))
    both_layers = nn.Sequential(nn.Linear(2, 3, rng=0), nn.LeakyReLU(0.1), nn.Tanh(), nn.ELU(alpha=2.0))
    optimizer = nn.SGD(both_layers.parameters(), lr=0.1)
    optimizer.step()
    print(losses[-1] + float(guesses.sum()), both_layers.summary())

    drawing = viz.draw_dot(y, show=("data", "grad"))
    picture: bytes = drawing.pipe("svg")
    text: str = drawing.pipe("svg", encoding="utf-8")
    print(len(picture) + len(text) + len(drawing.source), viz.render(y, folder / "graph.svg").name)
    print(viz.stepper(y).save(folder / "page.html").name)
""".lstrip()

CONFIGURATION = f"""
[mypy]
strict = true
mypy_path = {ROOT}
follow_imports = silent
disable_error_code = unused-ignore
""".lstrip()


def marked(program: str) -> set[int]:
    return {i for i, line in enumerate(program.splitlines(), start=1) if line.endswith("# wrong")}


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("programs")
    (folder / "wrong.py").write_text(WRONG, encoding="utf-8")
    (folder / "right.py").write_text(RIGHT, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def said_by_mypy(programs: Path) -> dict[str, set[int]]:
    """Return the lines with errors, by file."""
    (programs / "mypy.ini").write_text(CONFIGURATION, encoding="utf-8")
    command = [sys.executable, "-m", "mypy", "--config-file", "mypy.ini", "wrong.py", "right.py"]
    answer = subprocess.run(command, cwd=programs, capture_output=True, text=True, check=False)
    found: dict[str, set[int]] = {"wrong.py": set(), "right.py": set()}
    for file, line in re.findall(r"^(\S+?):(\d+): error", answer.stdout, re.MULTILINE):
        found[file].add(int(line))
    assert "Found " in answer.stdout, answer.stdout + answer.stderr
    return found


@pytest.mark.slow
def test_mypy_finds_each_mistake_of_a_user(said_by_mypy):
    assert said_by_mypy["wrong.py"] == marked(WRONG)


@pytest.mark.slow
def test_a_strictly_typed_program_of_a_user_has_no_errors(said_by_mypy):
    assert said_by_mypy["right.py"] == set()


@pytest.mark.slow
def test_pyright_finds_each_mistake_of_a_user_and_no_others(programs):
    pytest.importorskip("pyright")
    if shutil.which("node") is None:
        pytest.skip("needs node")
    settings = {"include": ["wrong.py", "right.py"], "extraPaths": [str(ROOT)]}
    settings |= {"reportUnusedExpression": "none", "pythonPath": sys.executable}
    (programs / "pyrightconfig.json").write_text(json.dumps(settings), encoding="utf-8")
    command = [sys.executable, "-m", "pyright", "--outputjson", "-p", "."]
    answer = subprocess.run(command, cwd=programs, capture_output=True, text=True, check=False)
    found: dict[str, set[int]] = {"wrong.py": set(), "right.py": set()}
    for fault in json.loads(answer.stdout)["generalDiagnostics"]:
        if fault["severity"] == "error":
            found[Path(fault["file"]).name].add(fault["range"]["start"]["line"] + 1)
    assert found == {"wrong.py": marked(WRONG), "right.py": set()}


def test_the_strictly_typed_program_runs(tmp_path, capsys):
    names: dict[str, object] = {"__name__": "right"}
    try:
        exec(compile(RIGHT, "right.py", "exec"), names)
        names["main"](tmp_path)  # type: ignore[operator]
    finally:
        remove_method(TABLE.pop("cube"))
    assert "page.html" in capsys.readouterr().out


@pytest.mark.parametrize("name", stubs.stubs())
def test_the_stubs_are_those_of_the_table(name):
    written = (ROOT / name).read_text(encoding="utf-8")
    assert written == stubs.stubs()[name], "run `python -m tests.stubs write`"


def test_contributing_names_the_command_that_writes_the_stubs():
    assert "python -m tests.stubs write" in (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")


HARMLESS = re.compile(r"dict\[str, Any\]|Mapping\[str, Any\]|Callable\[(\.\.\.|\[.*\]), Any\]")
"""What JSON holds, and functions of the user's own."""

ANYTHING = {
    "trees of arguments, as the user's function takes them": {
        "Graph.trace": "args named",
        "gradcheck": "inputs more",
        "gradgradcheck": "inputs more",
        "hvp": "primals tangents return",
        "jvp": "primals tangents return",
        "linearize": "primals return",
        "taylor": "x direction return",
        "vjp": "primals return",
    },
    "objects of packages without types": {
        "Graph.to_networkx": "return",
        "Graph.to_sympy": "return",
        "from_sympy": "expression symbols",
        "nn.to_torch": "return",
        "nn.from_torch": "model",
        "viz.plots.sparsity": "matrix",
    },
    "what comes in is what its modules take, and what comes out is what the last one gives": {
        "nn.Module.__call__": "x return",
        "nn.Module.forward_batch": "rows return",
        "nn.Sequential.forward_batch": "return",
        "nn.Residual.forward_batch": "return",
        "nn.Layer.__call__": "return",
        "nn.PReLU.__call__": "return",
        "nn.Embedding.__call__": "return",
        "nn.MLP.__call__": "return",
        "nn.Sequential.__call__": "return",
        "nn.Residual.__call__": "return",
        "nn.Flatten.__call__": "return",
    },
    "an answer, right or not, and the arguments of one that is a function": {
        "exercises.Exercise.__init__": "at",
        "exercises.Exercise.__call__": "answer",
    },
    "a module, or any function of one argument": {
        "nn.Sequential.__init__": "modules",
        "nn.Concatenate.__init__": "modules",
        "nn.Residual.__init__": "block",
    },
    "anything that has layers, norms or a history, and is asked for them": {
        "viz.draw_network": "model",
        "viz.plots.gradient_sizes": "sizes",
        "viz.plots.training_curves": "history",
    },
    "a float, a list or a dict, as the arguments say": {
        "gradients": "return",  # Its overloads say which.
        "nn.evaluate": "return",
        "nn.Module.evaluate": "return",
    },
    "checked by `stepper`, which names them": {"viz.Stepper.__init__": "options"},
}
"""The public parameters and results of which nothing is said, by the reason."""


def public_functions() -> Iterator[tuple[str, Callable[..., object]]]:
    """Yield the public functions and methods with their names; those of rows are in the stubs."""
    homes = (
        "autograd_core",
        "autograd_core.algorithms",
        "autograd_core.exercises",
        "nn",
        "nn.data",
        "viz",
        "viz.plots",
    )
    for module in map(import_module, homes):
        offered = getattr(module, "__all__", None) or [name for name in dir(module) if name[0] != "_"]
        for name in offered:
            thing = getattr(module, name)
            full = f"{module.__name__}.{name}".removeprefix("autograd_core.")
            if isinstance(thing, Operation) or thing in stubs.made_from_rows():
                continue
            home = getattr(thing, "__module__", "")
            if not home.startswith(module.__name__ if "." in module.__name__ else PACKAGES):
                continue  # It is imported there.
            if not inspect.isclass(thing):
                yield full, thing
                continue
            for attribute, member in vars(thing).items():
                function = (
                    member.fget if isinstance(member, property) else getattr(member, "__func__", member)
                )
                shown = attribute[0] != "_" or attribute in ("__init__", "__call__")
                if inspect.isfunction(function) and shown and not hasattr(function, "row"):
                    yield f"{full}.{attribute}", function


def test_any_stands_only_where_anything_is_accepted():
    found: dict[str, set[str]] = {}
    for name, function in public_functions():
        for parameter, kind in getattr(function, "__annotations__", {}).items():
            told = kind if isinstance(kind, str) else getattr(kind, "__name__", str(kind))
            if re.search(r"\bAny\b", HARMLESS.sub("", told)):
                found.setdefault(name, set()).add(parameter)
    listed = {name: set(told.split()) for group in ANYTHING.values() for name, told in group.items()}
    assert found == listed


def test_the_public_functions_are_typed():
    untyped = []
    for name, function in public_functions():
        parameters = inspect.signature(inspect.unwrap(function)).parameters.values()
        told = getattr(function, "__annotations__", {})
        untyped += [f"{name}: {p.name}" for p in parameters if p.name not in told and p.name != "self"]
    assert len(list(public_functions())) > 250
    assert [text for text in untyped if not text.endswith(": cls")] == []


@pytest.mark.slow
def test_no_getattr_hides_a_misspelled_name_from_type_checkers():
    """Type checkers do not see any `__getattr__` of a public class or module."""
    found = []
    for path in SOURCES:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        private = [node for node in ast.walk(tree) if isinstance(node, ast.ClassDef) and node.name[0] == "_"]
        unseen = [
            node
            for node in ast.walk(tree)
            if isinstance(node, ast.If) and ast.unparse(node.test) == "not TYPE_CHECKING"
        ]
        hidden = {inner for node in [*private, *unseen] for inner in ast.walk(node)}
        if not path.with_suffix(".pyi").exists():
            found += [
                name_of(path)
                for node in ast.walk(tree)
                if isinstance(node, ast.FunctionDef) and node.name == "__getattr__" and node not in hidden
            ]
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.pyi"):
            found += [name_of(path)] * path.read_text(encoding="utf-8").count("__getattr__")
    assert found == []
