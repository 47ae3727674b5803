"""The same Python in the browser's interpreter: the quick tests of the engine, and random expressions.

They run in Node, from the snapshot of Python and the archive of the packages that the site has.
"""

import json
import math
import re
import subprocess
import sys

import pytest

from docs.playground.building import CORE, sizes_in
from tests.test_house import ROOT
from tests.test_release import run

from .expressions import EXACT, ROUNDED, UNITS, described, expressions, recomputed, swept
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


def test_the_site_has_at_most_16_megabytes(site):
    assert sum(sizes_in(site).values()) <= 16e6


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


@pytest.fixture(scope="module")
def compared(site):
    """Return 1,000 random expressions with what CPython and Pyodide say of them."""
    given = expressions(500, EXACT, 1) + expressions(500, ROUNDED, 2)
    answer = in_node(site, "expressions.mjs", HERE / "expressions.py", given=json.dumps(given))
    assert answer.returncode == 0, answer.stderr[-2000:]
    here = json.loads(json.dumps([described(text, values) for text, values in given]))
    return list(zip(given, here, json.loads(answer.stdout), strict=True))


def test_graphs_names_steps_and_errors_are_the_same(compared):
    for given, here, there in compared:
        assert here["words"] == there["words"], given


def test_arithmetic_is_the_same_to_the_bit(compared):
    """Values, local derivatives and gradients of expressions that do not ask the C library."""
    for given, here, there in compared[:500]:
        assert here == there, given


def test_each_operation_is_the_same_up_to_the_last_bits_of_the_c_library(compared):
    """CPython computes nodes from the arguments that Pyodide had, gradients from its local derivatives.

    All is the same to the bit but results of the C library, which is musl there, and what is made of them.
    """
    worst = dict.fromkeys(UNITS, 0.0)
    for given, _, there in compared:
        rows = [[float.fromhex(x) for x in row] for row in there["numbers"]]
        nodes = there["words"][2] if rows else []
        assert [row[1].hex() for row in rows] == [x.hex() for x in swept(nodes, rows)], given
        for (name, *_), row, again in zip(nodes, rows, recomputed(nodes, rows), strict=True):
            units = max(map(units_apart, [row[0], *row[2:]], again))
            assert units <= UNITS.get(name, 0), (given, name, row, again)
            worst[name] = max(worst.get(name, 0.0), units)
    print("units in the last place:", {name: units for name, units in worst.items() if units})


def units_apart(x, y):
    """Return the difference of two numbers in units in the last place of the smaller."""
    same = x == y or (math.isnan(x) and math.isnan(y))
    return 0.0 if same else abs(x - y) / math.ulp(min(abs(x), abs(y)))
