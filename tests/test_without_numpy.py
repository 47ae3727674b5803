"""Without NumPy, as in a browser: what works, and what raises an error that says so.

An import finder that rejects NumPy simulates its absence; `test_release.py` makes an environment without it.
"""

import ast
import textwrap

import pytest

from .test_house import SOURCES, name_of, python

BLOCKED = """
import sys

class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {packages!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Refuse())
"""

FUNCTION = """
import autograd_core as ac
from autograd_core import Graph, Value, cos, sin

def f(x):
    return cos(sin(x**2) + 3 * x**2)

x = Value(2.0, "x")
J = f(x)
J.backward()
assert (J.data, x.grad) == (0.24510036817001535, 9.099148544832385)
"""

# Name: lines that must run, after FUNCTION.
WORKS = {
    "steps": """
steps = ac.steps(J)
str(steps), steps.to_markdown(), steps.to_latex(), steps.to_json(), steps.to_html()
""",
    "formula": "assert ac.formula(J) == 'cos(sin(x²) + 3x²)'",
    "LaTeX and MathML": r"""
assert ac.formula(J, "latex") == r"\cos\left(\sin\left(x^2\right) + 3 x^2\right)"
ac.formula(J, "mathml"), ac.derivative_formula(J, 0), repr(sin), sin.__doc__
""",
    "parse": "assert ac.parse('cos(sin(x**2) + 3*x**2)', {'x': 2.0}).data == J.data",
    "Graph": """
graph = Graph(J)
str(graph), graph.stats(), graph.lint(), list(graph.replay({x: 3.0}).nodes)
assert Graph.from_json(graph.to_json()).outputs[0].data == J.data
""",
    "copies": "import copy, pickle; assert pickle.loads(pickle.dumps(copy.deepcopy(J))).data == J.data",
    "transforms": """
assert ac.grad(f)(2.0) == x.grad and ac.value_and_grad(f)(2.0) == (J.data, x.grad)
assert ac.jvp(f, (2.0,), (1.0,))[1] == ac.vjp(f, 2.0)[1](1.0)[0] == x.grad
assert ac.hessian(lambda v: v[0] * v[1])([1.0, 2.0]) == [[0.0, 1.0], [1.0, 0.0]]
assert ac.jacobian(lambda v: [v[0] * v[1], v[0]])([1.0, 2.0]) == [[2.0, 1.0], [1.0, 0.0]]
ac.derivative(f, 3)(2.0), ac.hvp(f, (2.0,), (1.0,)), ac.gradients(J, x)
""",
    "checks": "ac.gradcheck(f, 2.0); ac.gradgradcheck(f, 2.0)",
    "primitive": """
@ac.primitive(partials=[lambda x, y: 3 * x**2])
def cube(x):
    return x * x * x
cube(x).backward()
""",
    "modes": "with ac.no_grad(), ac.errstate(all='ignore'): ac.log(x - 2.0)",
    "drawing": """
import viz
assert viz.draw_dot(J).source.count("->") == 10
""",
    "pictures": """
import os, tempfile, viz
from viz.render import graphviz_drawing
from xml.etree import ElementTree
os.environ["PATH"] = ""
graphviz_drawing._graphviz_pure = lambda: None
folder = tempfile.mkdtemp()
for picture in (viz.draw_dot(J).pipe("svg"), viz.render(J, folder + "/graph.svg").read_bytes()):
    assert ElementTree.fromstring(picture).tag == "{http://www.w3.org/2000/svg}svg"
""",
    "stepper": """
import os, tempfile, viz
page = viz.stepper(J)
assert "<svg" in page.save(os.path.join(tempfile.mkdtemp(), "j.html")).read_text(encoding="utf-8")
page.answer_key()
""",
    "command": """
import os, sys, tempfile
from viz.cli import main
sys.stderr = sys.stdout
os.chdir(tempfile.mkdtemp())
assert main(["step", "cos(sin(x**2) + 3*x**2)", "x=2", "--no-graph", "--html", "j.html"]) == 0
assert main(["step", "x*exp(y)", "x=2", "y=0", "--format", "json", "-o", "steps.json"]) == 0
""",
}

# Name: lines that must raise an error which says what is missing.
NEEDS = {
    "compile": "ac.compile(f)(2.0)",
    "compiled graph": "ac.compile(J)",
    "nn": "import nn; nn.MLP(2, [3, 1], rng=0)",
    "arrays on rows": "sin.array",
}


def run(lines: str, packages: tuple[str, ...] = ("numpy",)) -> str:
    return python(code=BLOCKED.format(packages=packages) + FUNCTION + textwrap.dedent(lines))


@pytest.mark.slow
@pytest.mark.parametrize("lines", WORKS.values(), ids=WORKS)
def test_it_works_without_numpy(lines):
    run(lines)


@pytest.mark.parametrize("lines", NEEDS.values(), ids=NEEDS)
def test_what_needs_numpy_says_so_in_one_line(lines):
    told = run(f"try:\n    {lines}\nexcept ImportError as error:\n    print(error)")
    assert told == (
        "numpy: not installed; expected NumPy, which arrays, `compile` and `nn` need. "
        "Install it with pip install numpy.\n"
    )


def test_a_numpy_that_cannot_be_imported_is_told_from_one_that_is_absent():
    broken = BLOCKED.format(packages=("numpy",)).replace("ModuleNotFoundError(", "ImportError(")
    told = python(
        code=f"{broken}{FUNCTION}try:\n    sin.array\nexcept ImportError as error:\n    print(error)"
    )
    assert told.startswith("numpy: not importable (No module named 'numpy'); expected NumPy, which")


def test_importing_a_package_does_not_import_numpy():
    code = "import sys, autograd_core, nn, viz; print('numpy' in sys.modules)"
    assert python(code=code) == "False\n"


def test_numpy_is_imported_in_one_place():
    """Everything else imports `np` from there, or only for types."""
    found = []
    for path in SOURCES:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        typing = {
            inner
            for node in ast.walk(tree)
            if isinstance(node, ast.If) and getattr(node.test, "id", "") == "TYPE_CHECKING"
            for inner in ast.walk(node)
        }
        for node in ast.walk(tree):
            names = [x.name for x in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []
            if node not in typing and any(name.partition(".")[0] == "numpy" for name in names):
                found.append(name_of(path))
    assert found == []
