"""The same Python in the browser's interpreter: the quick tests of the engine, and random expressions.

They run in Node, from the snapshot of Python and the archive of the packages that the site has.
"""

import json
import math
import re
import subprocess
import sys

import pytest

from docs.playground.building import CORE
from tests.test_house import ROOT
from tests.test_release import run

from .expressions import EXACT, ROUNDED, described, expressions
from .site import built

pytestmark = pytest.mark.slow

HERE = ROOT / "tests" / "playground"

# Quick tests of the engine, steps, formulas, graphs, and of `viz` without rendering. What needs NumPy,
# Graphviz or another process is skipped there.
TESTS = [
    "tests/test_steps.py",
    "tests/test_formula.py",
    "tests/test_algorithms.py",
    "tests/test_lint.py",
    "tests/test_replay.py",
    "tests/test_graph.py",
    "tests/test_expression.py",
    "tests/test_text.py",
    "tests/test_units.py",
    "tests/test_what_if.py",
    "tests/test_scopes.py",
    "tests/viz/test_changes.py",
    "tests/viz/test_stepper.py",
    "tests/viz/test_terminal.py",
]
# A chain of 10,000 nodes is freed by C code that recurs, deeper than the stack; and there are no threads.
LEFT_OUT = "not deep and not large and not long and not bounded and not thread"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    return built(tmp_path_factory)


def in_node(site, script, *words, given=""):
    """Run a script with the site's core, standard library and packages, and return its answer."""
    parts = (CORE, site / "pyodide" / "snapshot.z", site / "packages.zip")
    command = ["node", HERE / script, *parts, *words]
    return subprocess.run(command, input=given, capture_output=True, text=True, check=False, cwd=ROOT)


def test_the_quick_tests_run_inside_pyodide(site, tmp_path):
    options = ("--quiet", "--no-deps", "--only-binary=:all:", "--require-hashes", "--dest", str(tmp_path))
    run(sys.executable, "-m", "pip", "download", *options, "-r", str(HERE / "wheels.txt"))
    marks = ("-m", "not slow and not browser", "-k", LEFT_OUT)
    answer = in_node(site, "suite.mjs", tmp_path, ROOT, "-q", "--no-header", *marks, *TESTS)
    print(answer.stdout[-500:])
    assert answer.returncode == 0, answer.stdout[-6000:] + answer.stderr[-2000:]
    assert int(re.search(r"(\d+) passed", answer.stdout)[1]) > 1000


def compared(site, functions, seed, count):
    """Return pairs of what CPython and Pyodide say of random expressions."""
    given = expressions(count, functions, seed)
    answer = in_node(site, "expressions.mjs", HERE / "expressions.py", given=json.dumps(given))
    assert answer.returncode == 0, answer.stderr[-2000:]
    here = json.loads(json.dumps([described(text, values) for text, values in given]))
    return given, here, json.loads(answer.stdout)


def test_arithmetic_is_the_same_to_the_bit(site):
    given, here, there = compared(site, EXACT, 1, 500)
    for each, mine, other in zip(given, here, there, strict=True):
        assert mine == other, each


def test_other_functions_differ_in_the_last_bits_of_the_c_library_at_most(site):
    """Names, graphs and steps are the same; of the numbers, nearly all to the bit."""
    given, here, there = compared(site, ROUNDED, 2, 500)
    same = total = 0
    for each, mine, other in zip(given, here, there, strict=True):
        assert mine["words"] == other["words"], each
        for a, b in zip(mine["numbers"], other["numbers"], strict=True):
            x, y = float.fromhex(a), float.fromhex(b)
            same, total = same + (a == b), total + 1
            assert a == b or math.isclose(x, y, rel_tol=1e-9, abs_tol=1e-12), (each, x, y)
    print(f"{same} of {total} numbers are the same to the bit")
    assert same > 0.9 * total
