"""Programs in other languages compute what the eager engine computes, on every row."""

from __future__ import annotations

import ctypes
import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from autograd_core import TABLE, Value, gradients
from autograd_core.compile.program import Program, compile_graph
from tests.compile.test_runners import arguments_of


def example(name: str) -> tuple[list[Value], Value]:
    inputs = [Value(x, f"x{i}") for i, x in enumerate(arguments_of(name))]
    return inputs, Value.__apply_operation__(TABLE[name], inputs) * 1.5 + inputs[0]


def examples() -> dict[str, tuple[list[Value], Value, Program]]:
    found = {}
    for name in TABLE:
        inputs, output = example(name)
        found[name] = (inputs, output, compile_graph([output], inputs))
    return found


@pytest.mark.skipif(shutil.which("cc") is None, reason="needs a C compiler")
def test_c(tmp_path: Path) -> None:
    sources = {name: program.to_c(f"f_{name}") for name, (_, _, program) in examples().items()}
    for name, source in sources.items():
        (tmp_path / f"{name}.c").write_text(source)
    library = tmp_path / "all.so"
    files = [str(tmp_path / f"{name}.c") for name in sources]
    flags = ["-O2", "-Wall", "-Werror", "-fno-builtin", "-shared", "-fPIC"]
    done = subprocess.run(
        ["cc", *flags, "-o", str(library), *files, "-lm"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[:2000]
    functions = ctypes.CDLL(str(library))
    for name, (inputs, output, _) in examples().items():
        function = getattr(functions, f"f_{name}")
        function.restype = ctypes.c_double
        x = np.array([v.data for v in inputs])
        gradient = np.zeros(len(inputs))
        pointer = ctypes.POINTER(ctypes.c_double)
        value = function(x.ctypes.data_as(pointer), gradient.ctypes.data_as(pointer))
        assert value == pytest.approx(output.data, rel=1e-12), name
        assert gradient.tolist() == pytest.approx(gradients(output, inputs), rel=1e-12, abs=1e-13), name


@pytest.mark.skipif(shutil.which("node") is None, reason="needs Node.js")
def test_javascript(tmp_path: Path) -> None:
    calls = []
    for inputs, _, program in examples().values():
        point = {name: x.data for name, x in zip(program.names, inputs, strict=True)}
        calls.append(f"(() => {{ {program.to_js()}\nreturn program({json.dumps(point)}); }})()")
    script = tmp_path / "all.js"
    script.write_text(f"console.log(JSON.stringify([{','.join(calls)}]));")
    done = subprocess.run(["node", str(script)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[:2000]
    for (name, (inputs, output, _)), found in zip(examples().items(), json.loads(done.stdout), strict=True):
        slopes = gradients(output, inputs)
        assert found["value"] == pytest.approx(output.data, rel=1e-12), name
        assert list(found["gradient"].values()) == pytest.approx(slopes, rel=1e-12, abs=1e-13), name
        sums: dict[str, float] = {}
        for message in found["contributions"]:
            sums[message["to"]] = sums.get(message["to"], 0.0) + message["amount"]
        assert sums == pytest.approx(
            {k: v for k, v in found["adjoints"].items() if k in sums}, rel=1e-12, abs=1e-13
        )


@pytest.mark.slow
def test_jax() -> None:
    jax = pytest.importorskip("jax")
    for name, (inputs, output, program) in examples().items():
        function, numbers = program.to_jax(), [x.data for x in inputs]
        assert float(function(*numbers)) == pytest.approx(output.data, rel=2e-5), name  # In single precision.
        slope = jax.grad(function)(*numbers)
        assert float(slope) == pytest.approx(gradients(output, inputs[0]), rel=1e-4, abs=1e-5), name


def test_jax_compiles_a_program() -> None:
    jax = pytest.importorskip("jax")
    inputs, output = example("sin")
    function = jax.jit(jax.vmap(compile_graph([output], inputs).to_jax()))
    assert function(np.array([inputs[0].data] * 3)).tolist() == pytest.approx([output.data] * 3, rel=1e-6)


@pytest.mark.slow
def test_torch() -> None:
    torch = pytest.importorskip("torch")
    for name, (inputs, output, program) in examples().items():
        value = program.to_torch()(*[torch.tensor(x.data, dtype=torch.float64) for x in inputs])
        assert float(value) == pytest.approx(output.data, rel=1e-7), name
