"""The engine under a debugger, with a small stack, little memory or another hash seed: faults, section H."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

PROGRAM = """
import random
random.seed(1)
state = random.getstate()
import autograd_core as ac
from autograd_core import Graph, Value, grad, gradcheck, gradients, hessian, jvp
x = Value(2.0, "x")
y = x
for i in range(1000):
    y = ac.sin(y) + x * 0.5
y.backward()
slope, = gradients(y, [x], create_graph=True)
print(y.data.hex(), x.grad.hex(), gradients(slope, x).hex())
print(hessian(lambda v: ac.sum([a * b for a, b in zip(v, v[1:])]))([1.0, 2.0, 3.0]))
print(jvp(lambda v: v**3, (2.0,), (1.0,)), bool(gradcheck(lambda v: ac.tanh(v), 0.5)))
print(len(Graph(y)), Graph(y).path_count("x").bit_length(), len(str(Graph(y))))
import copy, pickle
print(copy.deepcopy(y).data.hex(), pickle.loads(pickle.dumps(y)).data.hex())
assert random.getstate() == state
"""


@cache
def run(program: str, *options: str, **environment: str) -> str:
    """Run a program in a fresh interpreter, which must succeed silently, and return its output."""
    answer = subprocess.run(
        [sys.executable, *options, "-c", program],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr[-2000:]
    assert answer.stderr == ""
    return answer.stdout


@pytest.mark.slow
def test_h05_hash_seed_and_the_users_random_numbers_change_nothing() -> None:
    assert run(PROGRAM, PYTHONHASHSEED="0") == run(PROGRAM, PYTHONHASHSEED="1")


@pytest.mark.slow
def test_h06_a_stack_of_a_hundred_is_enough() -> None:
    limited = "import sys, copy, pickle\nimport autograd_core.check\n" + PROGRAM.replace(
        "x = Value(2.0", "import inspect\nsys.setrecursionlimit(100)\nx = Value(2.0", 1
    )
    assert run(limited) == run(PROGRAM)


@pytest.mark.slow
@pytest.mark.parametrize(
    "prelude",
    [
        "import sys\nsys.settrace(lambda frame, event, arg: None)",
        "import sys\nsys.setprofile(lambda frame, event, arg: None)",
        "import tracemalloc\ntracemalloc.start()",
        "import gc\ngc.disable()",
        "import faulthandler\nfaulthandler.enable()",
    ],
    ids=["trace", "profile", "tracemalloc", "no collector", "faulthandler"],
)
def test_h07_debuggers_and_profilers_change_nothing(prelude: str) -> None:
    assert run(prelude + PROGRAM) == run(PROGRAM)


@pytest.mark.slow
@pytest.mark.parametrize("options", [("-X", "dev"), ("-O",), ("-OO",), ("-W", "error")], ids=" ".join)
def test_h07_modes_of_python_change_nothing(options: tuple[str, ...]) -> None:
    assert run(PROGRAM, *options) == run(PROGRAM)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="needs resource limits")
def test_h04_little_memory_ends_in_a_memory_error_that_leaves_the_session_usable() -> None:
    program = """
import resource
from autograd_core import Value
resource.setrlimit(resource.RLIMIT_AS, (256 << 20, 256 << 20))
x = Value(1.0)
try:
    y = x
    for _ in range(20_000_000):
        y = y * 1.0000001
except MemoryError:
    del y
    print("memory")
y = x * 3
y.backward()
print(x.grad)
"""
    assert run(program) == "memory\n3.0\n"


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="needs resource limits")
def test_h04_a_million_nodes_fit_into_512_megabytes() -> None:
    program = """
import resource
from autograd_core import Value
resource.setrlimit(resource.RLIMIT_AS, (512 << 20, 512 << 20))
x = Value(1.0)
y = x
for _ in range(500_000):  # each step is a product and its constant: two nodes
    y = y * 1.0000001
y.backward()
print(round(x.grad, 6))
"""
    assert run(program) == "1.051271\n"
