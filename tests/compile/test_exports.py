"""Programs in C, JAX and PyTorch agree with the eager engine, on every row and on random graphs.

The tests of JavaScript are in `tests/browser`.
"""

from __future__ import annotations

import ctypes
import math
import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from autograd_core import Value, compile, gradients
from autograd_core.compile.front.tape_and_builder import Floats
from autograd_core.compile.program import Program
from autograd_core.errors import DataError
from tests.compile.languages import graphs, hold_graph, hold_plain_points, hold_row, ordinary, rows
from tests.compile.test_runners import SOFTMAXES

LENGTH = 512
"""At least the number of points of any row."""
needs_cc = pytest.mark.skipif(shutil.which("cc") is None, reason="needs a C compiler")


def built(sources: Mapping[str, str], folder: Path) -> ctypes.CDLL:
    """Compile the sources into one library, without a warning."""
    files = [folder / f"{name}.c" for name in sources]
    for path, source in zip(files, sources.values(), strict=True):
        path.write_text(source, encoding="ascii")
    flags = ["-O2", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC"]
    done = subprocess.run(
        ["cc", *flags, "-o", str(folder / "all.so"), *map(str, files), "-lm"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[:2000]
    return ctypes.CDLL(str(folder / "all.so"))


def called(function: Callable[..., float], point: Sequence[float]) -> list[float]:
    """Call a function in C for value and gradient."""
    function.restype = ctypes.c_double
    x, gradient = (ctypes.c_double * len(point))(*point), (ctypes.c_double * len(point))()
    return [function(x, gradient), *gradient]


@needs_cc
@pytest.mark.slow
def test_c_on_every_row_at_awkward_points(tmp_path: Path) -> None:
    table = {f"{name}_{n}": (name, points, program) for name, n, points, program in rows("c")}
    library = built({key: program.to_c(f"f_{key}") for key, (_, _, program) in table.items()}, tmp_path)
    for key, (name, points, _) in table.items():
        for point in points:
            hold_row(name, point, called(getattr(library, f"f_{key}"), point))


@needs_cc
@pytest.mark.slow
def test_c_on_all_results_of_a_softmax(tmp_path: Path) -> None:
    xs = [Value(math.sin(3.0 * i), f"x{i}") for i in range(6)]
    outputs = [softmaxes(xs) for softmaxes in SOFTMAXES.values()]
    programs = {f"f{i}": compile(y, inputs=xs) for i, y in enumerate(outputs)}
    library = built({name: program.to_c(name) for name, program in programs.items()}, tmp_path)
    for name, y in zip(programs, outputs, strict=True):
        value, *slopes = called(getattr(library, name), [x.data for x in xs])
        assert value == pytest.approx(y.data, rel=1e-14)
        assert slopes == pytest.approx(gradients(y, xs), rel=1e-12, abs=1e-15)


@needs_cc
@pytest.mark.slow
def test_c_on_random_graphs(tmp_path: Path) -> None:
    library = built({f"g{i}": graph[0].to_c(f"f{i}") for i, graph in enumerate(graphs())}, tmp_path)
    for i, (_, point, value, slopes, _) in enumerate(graphs()):
        hold_graph(called(getattr(library, f"f{i}"), point), value, slopes, 1e-10)


@pytest.mark.slow
@needs_cc
def test_large_c_programs_run_in_threads_at_the_same_time(tmp_path: Path) -> None:
    x = Value(0.5, "x")
    y = x
    for k in range(1100):
        y = (y * 0.5 + x).sin() if k % 2 else y * x + 1.0
    library = built({"large": compile(y, inputs=[x]).to_c("large")}, tmp_path)
    points = [0.1, 0.3, 0.7, 0.9]
    wanted = {at: called(library.large, [at]) for at in points}
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda at: (at, called(library.large, [at])), points * 200))
    assert all(result == wanted[at] for at, result in found)


@pytest.mark.parametrize("what", ["to_c", "to_js", "hessian_vector_product"])
def test_of_several_outputs_none_is_taken_silently(what: str) -> None:
    x = Value(0.5, "x")
    program = compile([x * x, x + 1.0], inputs=[x])
    with pytest.raises(DataError, match=f"{what}: several outputs: got a program of 2"):
        getattr(program, what)(*([[0.5], [1.0]] if what == "hessian_vector_product" else []))


@pytest.mark.slow
def test_jax_on_every_row_at_awkward_points() -> None:
    jax = pytest.importorskip("jax", reason="needs the extra jax")

    def on_columns(program: Program, columns: list[Floats]) -> Floats:
        """Repeat the points up to one length for all rows: JAX compiles an operation anew for each length."""
        count = len(columns[0])
        assert count <= LENGTH
        found = program.to_jax()(*[jax.numpy.asarray(np.resize(column, LENGTH)) for column in columns])
        return np.broadcast_to(found, LENGTH)[:count]

    with jax.enable_x64(True):
        hold_plain_points("jax", on_columns)


@pytest.mark.slow
def test_torch_on_every_row_at_awkward_points() -> None:
    torch = pytest.importorskip("torch", reason="needs the extra torch")
    hold_plain_points("torch", lambda program, columns: program.to_torch()(*map(torch.tensor, columns)))


@pytest.mark.slow
@pytest.mark.parametrize(("examples", "relative"), [(ordinary, 1e-12), (graphs, 1e-10)])
def test_jax(examples: Callable[..., object], relative: float) -> None:
    jax = pytest.importorskip("jax", reason="needs the extra jax")
    with jax.enable_x64(True):
        for program, point, value, slopes, smooth in examples("jax"):
            function, places = program.to_jax(), tuple(range(len(point)))
            found = [float(g) for g in jax.grad(function, places)(*point)] if smooth else []
            hold_graph([float(function(*point)), *found], value, slopes, relative)


@pytest.mark.slow
@pytest.mark.parametrize(("examples", "relative"), [(ordinary, 1e-12), (graphs, 1e-10)])
def test_torch(examples: Callable[..., object], relative: float) -> None:
    torch = pytest.importorskip("torch", reason="needs the extra torch")
    for program, point, value, slopes, smooth in examples("torch"):
        xs = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in point]
        y = torch.as_tensor(program.to_torch()(*xs), dtype=torch.float64)  # A constant is a plain number.
        found = []
        if smooth and y.requires_grad:
            found = [0.0 if g is None else g.item() for g in torch.autograd.grad(y, xs, allow_unused=True)]
        hold_graph([y.item(), *found], value, slopes, relative)


def test_jax_compiles_a_program() -> None:
    jax = pytest.importorskip("jax", reason="needs the extra jax")
    x = Value(0.7, "x")
    function = jax.jit(jax.vmap(compile(x.sin() * x, inputs=[x]).to_jax()))
    assert function(jax.numpy.full(3, 0.7)).tolist() == pytest.approx([(x.sin() * x).data] * 3, rel=1e-6)
