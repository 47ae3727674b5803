"""Emitted programs in PyTorch and JAX: transforms, several processes, several devices."""

from __future__ import annotations

import copy
import importlib.util
import os
import pickle
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from autograd_core import DataError, Value, compile, cos, gradients, hessian, sin, sum
from tests.markdown import ROOT, blocks

HOW_TO = ROOT / "docs" / "howto" / "go-on.md"
POINT = [0.3, 0.7, -0.4]


def f(x, y, z):
    return cos(sin(x**2) + 3 * y) * z + sum([x, y, z]) / (y + 2.0)


def compiled():
    nodes = [Value(x, name) for x, name in zip(POINT, "xyz", strict=True)]
    return compile(f(*nodes), inputs=nodes), f(*POINT), gradients(f(*nodes), nodes)


def script(word: str, tmp_path: Path) -> list[str]:
    """Write a program of the how-to guide to a file."""
    (block,) = [b for b in blocks(HOW_TO) if b.language == "python" and word in b.text]
    path = tmp_path / "train.py"
    path.write_text(block.text, encoding="utf-8")
    return [str(path)]


def losses(*command: str, **environment: str) -> list[float]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", **environment}
    done = subprocess.run(
        [sys.executable, *command], capture_output=True, text=True, check=False, env=environment, timeout=300
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return [float(x) for x in re.findall(r"loss (\S+)", done.stdout)]


def hold_equal(one: list[float], many: list[float]) -> None:
    assert len(one) == 20
    assert one[-1] < 0.7 * one[0]
    assert many == pytest.approx(one, rel=1e-9)


@pytest.fixture
def torch():
    return pytest.importorskip("torch", reason="needs the extra torch")


@pytest.fixture
def jax():
    return pytest.importorskip("jax", reason="needs the extra jax")


@pytest.mark.slow
def test_two_processes_have_the_losses_of_one(torch, tmp_path):
    train = script("DistributedDataParallel", tmp_path)
    run = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node"]
    hold_equal(losses(*train), losses(*run, "2", *train))


@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("jax") is None, reason="needs the extra jax")
def test_four_devices_have_the_losses_of_one(tmp_path):
    train = script("NamedSharding", tmp_path)
    alone = losses(*train, JAX_ENABLE_X64="1", JAX_PLATFORMS="cpu")
    flags = "--xla_force_host_platform_device_count=4"
    hold_equal(alone, losses(*train, JAX_ENABLE_X64="1", JAX_PLATFORMS="cpu", XLA_FLAGS=flags))


@pytest.mark.slow
def test_the_transforms_of_jax(jax):
    program, value, slopes = compiled()
    function = program.to_jax()
    with jax.enable_x64(True):
        assert float(jax.jit(function)(*POINT)) == pytest.approx(value, rel=1e-14)
        assert [float(g) for g in jax.grad(function, (0, 1, 2))(*POINT)] == pytest.approx(slopes, rel=1e-14)
        table = np.array([POINT, [1.0, 2.0, 3.0]])
        assert jax.vmap(function)(table).tolist() == pytest.approx([value, f(*table[1])], rel=1e-14)
        second = jax.jit(jax.hessian(function))(np.array(POINT))
        np.testing.assert_allclose(second, hessian(lambda p: f(*p))(POINT), rtol=1e-12)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # A warning of PyTorch about itself.
def test_the_transforms_of_pytorch(torch):
    program, value, slopes = compiled()
    module = program.to_torch()
    point = torch.tensor(POINT, dtype=torch.float64)
    optimized = torch.compile(module, backend="aot_eager", fullgraph=True)
    assert float(optimized(point)) == pytest.approx(value, rel=1e-14)
    assert torch.func.grad(module)(point).tolist() == pytest.approx(slopes, rel=1e-14)
    table = torch.stack([point, torch.tensor([1.0, 2.0, 3.0], dtype=torch.float64)])
    values = [value, f(*table[1].tolist())]
    assert torch.func.vmap(module)(table).tolist() == pytest.approx(values, rel=1e-14)
    assert module(table).tolist() == pytest.approx(values, rel=1e-14)
    second = torch.func.hessian(module)(point)
    np.testing.assert_allclose(second, hessian(lambda p: f(*p))(POINT), rtol=1e-12)


def test_weights_are_the_parameter_of_a_module(torch):
    program, value, slopes = compiled()
    module = program.to_torch({"z": POINT[2], "x": POINT[0]})
    assert module.names == ["z", "x"]
    assert repr(module) == "Emitted(inputs: y; weights: z, x)"
    assert list(module.state_dict()) == ["weights"]
    found = module(y=POINT[1])
    found.backward()
    assert found.dtype == torch.float64
    assert found.item() == pytest.approx(value, rel=1e-15)
    assert module.weights.grad.tolist() == pytest.approx([slopes[2], slopes[0]], rel=1e-14)
    assert module(torch.linspace(0.0, 1.0, 5)).shape == (5,)
    assert module.float()(0.5).dtype == torch.float32


def test_a_module_can_be_copied_and_saved(torch, tmp_path):
    program, _, _ = compiled()
    module = program.to_torch({"z": POINT[2], "x": POINT[0]}).eval()
    with torch.no_grad():
        module.weights += 0.25
    torch.save(module, tmp_path / "module.pt")
    loaded = torch.load(tmp_path / "module.pt", weights_only=False)
    for again in (loaded, copy.deepcopy(module), pickle.loads(pickle.dumps(module.float()))):
        assert not again.training
        assert again.names == module.names
        assert again(0.5).item() == pytest.approx(module(0.5).item(), rel=1e-6)
    assert again.weights.dtype == torch.float32


def test_numbers_keep_their_digits_and_their_precision(torch):
    x = Value(0.7, "x")
    module = compile([x**0.1, sin(x).maximum(0.1), (x > 0.5) * x], inputs=[x]).to_torch()
    for dtype in (torch.float64, torch.float32):
        found = module(torch.tensor(0.05, dtype=dtype))
        assert [y.dtype for y in found] == [dtype] * 3
    assert module(torch.tensor(0.05, dtype=torch.float64))[1].item() == 0.1


@pytest.mark.parametrize(
    ("weights", "said"),
    [
        ({"w": 1.0}, "unknown weight: got 'w'; expected inputs of the program: x, y, z"),
        ({"x": "1"}, "weight 'x'"),
    ],
)
def test_a_wrong_weight_is_named(torch, weights, said):
    program, *_ = compiled()
    with pytest.raises(DataError, match=said):
        program.to_torch(weights)


@pytest.mark.parametrize(("package", "method"), [("torch", "to_torch"), ("jax", "to_jax")])
def test_without_the_package_the_extra_is_named(monkeypatch, package, method):
    program, *_ = compiled()
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(ImportError, match=rf"pip install 'autograd-core\[{package}\]'"):
        getattr(program, method)()
