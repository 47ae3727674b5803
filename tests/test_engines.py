"""The two engines: which one runs, the same bits from both, and what only the native one could get wrong."""

import gc
import hashlib
import math
import os
import random
import shutil
import subprocess
import sys
import sysconfig
import textwrap
import threading
import weakref
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autograd_core import TABLE, Value, engine, errstate, gradients, native, no_grad, primitive
from autograd_core.base.modes import Switch
from autograd_core.compile.emit import native_rows, native_tape_header
from autograd_core.compile.front.array_leaves import Block
from autograd_core.native import in_c
from tests.test_house import tracked_files
from tests.transcript import transcript

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "autograd_core" / "native"
is_native = pytest.mark.skipif(in_c is None, reason="the native engine does not run")
OTHER = {"native": "1", "python": "0"}
"""What AUTOGRAD_CORE_PURE has to be for the other engine."""


def run(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *words], cwd=ROOT, env={**os.environ, **environment}, capture_output=True, text=True,
        check=False,
    )  # fmt: skip


def copy_of_the_tree(folder: Path) -> None:
    for path in tracked_files():
        target = folder / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)


def test_the_native_engine_runs_where_it_is_built():
    built = any(FOLDER.glob("_engine.*.so")) or any(FOLDER.glob("_engine.*.pyd"))
    pure = os.environ.get("AUTOGRAD_CORE_PURE", "") not in ("", "0")
    assert engine() == ("native" if built and not pure else "python"), native.which_engine()


def test_the_variable_chooses_the_python_engine():
    program = "import autograd_core, viz.cli; print(autograd_core.engine()); viz.cli.main(['--version'])"
    answer = run("-c", program, AUTOGRAD_CORE_PURE="1")
    assert answer.stdout.splitlines()[0] == "python"
    assert answer.stdout.endswith("(python engine: AUTOGRAD_CORE_PURE is set)\n")
    if in_c is not None:
        answer = run("-c", program, AUTOGRAD_CORE_PURE="0")
        assert answer.stdout.startswith("native\n")
        assert answer.stdout.endswith("(native engine: compiled)\n")


@pytest.mark.parametrize("emitter", [native_rows, native_tape_header])
def test_the_emitted_file_is_current(emitter):
    """`python -m autograd_core.compile.emit` writes both."""
    assert emitter.PATH.read_text(encoding="utf-8") == emitter.emitted()


@is_native
def test_the_engine_was_built_from_these_sources():
    """`pip install -e .` builds it."""
    files = sorted(path for path in FOLDER.iterdir() if path.suffix in (".c", ".h"))
    assert in_c.sources == hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()


def same_transcripts(first: int, sessions: int, calls: int) -> None:
    mine = transcript(range(first, first + sessions), calls)
    words = ("-m", "tests.transcript", str(first), str(sessions), str(calls))
    other = run(*words, AUTOGRAD_CORE_PURE=OTHER[engine()])
    assert other.returncode == 0, other.stderr
    for a, b in zip(mine.splitlines(), other.stdout.splitlines(), strict=True):
        assert a == b


@is_native
def test_both_engines_do_the_same_bit_for_bit():
    same_transcripts(0, 20, 150)


@is_native
@pytest.mark.slow
def test_both_engines_do_the_same_bit_for_bit_slow():
    same_transcripts(1000, 150, 200)


@is_native
@pytest.mark.parametrize("name", [name for name, row in TABLE.items() if row.built_in and row.vector is None])
def test_a_call_in_c_gives_the_bits_of_the_row(name):
    """At ordinary points and at awkward ones, of nodes and of numbers, nothing is lost to the short cut."""
    row, draw = TABLE[name], random.Random(name)
    for _ in range(60):
        size = row.arity or draw.choice((1, 2, 5)) * row.sequences
        numbers = [draw.gauss(0.0, draw.choice((0.3, 3.0, 300.0))) for _ in range(size)]
        nodes = [draw.choice((Value, Value, float))(x) for x in numbers]
        half = len(nodes) // row.sequences
        args = nodes if row.arity else [nodes[i * half : (i + 1) * half] for i in range(row.sequences)]
        assert outcome(row, *args) == outcome(in_c.in_python["__call__"], row, *args)


def outcome(function: Callable[..., Any], *args: Any) -> Any:
    try:
        return text_of(function(*args))
    except ValueError as error:
        return f"{type(error).__name__}: {error}"


def text_of(y):
    if not isinstance(y, Value):
        return y.hex()
    return y.data.hex(), [d.hex() for d in y.partials], [p.data.hex() for p in y.parents], y.requires_grad


@is_native
def test_ordinary_calls_are_not_handed_over(monkeypatch):
    def refuse(*args, **named):
        raise AssertionError(args)

    for method in in_c.in_python:
        monkeypatch.setitem(in_c.in_python, method, refuse)
    x, w, b = Value(0.7, "x"), Value(-0.3), Value(2)
    y = (x * w + b - 1) / 2.0 + 3 / x + 2 - x**2 + (-w) + abs(w) + 1.5 * x + x / b - w * 3
    y = y.tanh() + x.relu() + y.tanh().exp().sigmoid() * y.tanh().sin()
    for name in ("log", "sqrt", "softplus", "gelu", "silu", "cos", "atan", "square", "leaky_relu"):
        y = y + TABLE[name](x)
    y = y + TABLE["logaddexp"](x, 0.1)
    y = y + TABLE["sum"]([x, w, b]) + TABLE["dot"]([x, w], [b, 0.5]) + TABLE["mean"]([x, 1.0])
    assert y > 0.0
    assert y
    y.backward()
    y.backward(2.0)
    x.data, x.grad, w.requires_grad = 1.0, 0.0, False
    assert all(map(math.isfinite, [y.data, b.grad, *y.partials]))
    assert len(gradients(y, [x, b])) == 2
    constants = [Value(1.0, requires_grad=False), Value(2.0, requires_grad=False)]
    product = Block([[1.0, 2.0]]).dots(constants)[0]
    for mode in (no_grad(), errstate(all="ignore"), Switch(compare=lambda *_: None)):
        with mode:
            y.backward()
            product.backward()
            assert len(gradients(y, [x, b])) == 2


@is_native
def test_a_node_is_small_and_unknown_to_the_collector():
    x = Value(1.0, "x")
    header = sys.getsizeof(x) - Value.__basicsize__
    assert Value.__basicsize__ + header <= 112
    y = (x * x + 1.0).sin() + TABLE["softmax"]([x, 2.0])[0]
    nodes = [x, y, *y.parents]
    assert not any(map(gc.is_tracked, nodes))


@pytest.mark.slow
def test_a_cycle_that_a_user_makes_is_collected():
    class Own(Value):
        """It has a dict, in which anything may stand, its descendants too."""

    def cycle():
        x = Own(2.0)
        y = x * x
        for _ in range(10):
            y = (y + x.sin()) * 2.0
        x.result = y.sigmoid()
        x.mark = Mark()
        return weakref.ref(x.mark)

    class Mark:
        pass

    gone = cycle()
    gc.collect()
    assert gone() is None


@pytest.mark.slow
def test_a_row_of_the_users_may_refer_to_what_it_made():
    class Mark:
        pass

    def cycle():
        made = [Mark()]

        @primitive(partials=[lambda x, y: 2.0 * x + 0.0 * len(made)], name="squared_in_a_test")
        def squared(x):
            return x * x

        made.append(squared(Value(3.0)) + 1.0)
        del TABLE["squared_in_a_test"], Value.squared_in_a_test
        return weakref.ref(made[0])

    gone = cycle()
    gc.collect()
    assert gone() is None


def test_labels_refer_to_no_node():
    """So a label, whatever its kind, cannot close a cycle that nobody would see."""
    import nn
    from autograd_core.graph.scopes import scopes_of
    from autograd_core.kernel.topological_order import topological_order

    model = nn.MLP(2, [3, 1])
    loss = model([0.5, -1.0])
    loss.label = "loss"
    order = topological_order(loss)
    scopes_of(order)
    waiting, seen = [node._label for node in order], set()
    while waiting:
        thing = waiting.pop()
        if id(thing) in seen or isinstance(thing, (type, str, int)):
            continue
        seen.add(id(thing))
        assert not isinstance(thing, Value)
        waiting += gc.get_referents(thing)


@pytest.mark.slow
@is_native
def test_nothing_leaks():
    """After many repetitions of everything, in the common case and not, the number of blocks is as before."""
    x, own = Value(0.5, "x"), type("Own", (Value,), {})(1.5)

    def everything():
        y = (x * 2.0 + own).tanh() / 3 + TABLE["dot"]([x, own, 1.0], [2.0, x, x]) + TABLE["where"](x, x, 1.0)
        y = y + 1e-200 * (x * 1e-200) * 1e-100 + TABLE["sum"]([x] * 70) + x**-2 + 2**x
        y.backward()
        assert y.parents
        assert y.partials
        assert y.label == ""
        y.label = "y"
        gradients(y, [x])
        with no_grad():
            x.sin()
        for fault in (lambda: x / 0, lambda: Value("1"), lambda: TABLE["log"](-x), lambda: x + "1"):
            with pytest.raises((TypeError, ArithmeticError, ValueError)):
                fault()

    for _ in range(50):
        everything()
    del [[x + 1.0 for _ in range(40_000)]][:]  # As many free nodes are kept as ever are.
    gc.collect()
    before = sys.getallocatedblocks()
    counts = [sys.getrefcount(thing) for thing in (TABLE["add"], None, x, own, Value, TABLE["dot"])]
    for _ in range(1000):
        everything()
    gc.collect()
    assert sys.getallocatedblocks() < before + 500
    after = [sys.getrefcount(thing) for thing in (TABLE["add"], None, x, own, Value, TABLE["dot"])]
    assert max(b - a for a, b in zip(counts, after, strict=True)) < 100


@pytest.mark.slow
def test_nothing_leaks_in_many_repetitions_slow():
    x = Value(0.5, "x")
    row, none, kind = TABLE["add"], None, Value
    counts = [sys.getrefcount(thing) for thing in (row, none, x, kind)]
    for _ in range(100_000):
        y = x * 2.0 + x.sin() + TABLE["dot"]([x, 1.0], [x, x]) / 3
        y.backward()
        gradients(y, [x])
    del y
    after = [sys.getrefcount(thing) for thing in (row, none, x, kind)]
    assert max(b - a for a, b in zip(counts, after, strict=True)) < 1000


@pytest.mark.slow
def test_five_million_nodes_are_freed_without_recursion():
    y = x = Value(1.0)
    for _ in range(5_000_000):
        y = y + 1.0
    y.backward()
    assert x.grad == 1.0
    del y


def test_threads_take_turns_whichever_engine_sweeps():
    """Sweeps in C and, because of a derivative out of the range of floats, in Python, on one leaf."""
    x = Value(1.0)
    ordinary, wide = x * 3.0, x * 1e-20 / 1e-310 * 1e-290
    errors = []

    def work(node):
        try:
            for _ in range(200):
                node.backward()
                assert math.isfinite(x.grad)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(node,)) for node in (ordinary, wide, ordinary, wide)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert x.grad == pytest.approx(400 * 3.0 + 400 * 1.0, rel=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("environment", "kind"),
    [
        ({"REQUIRE_NATIVE": "1"}, "native"),
        ({"CC": "/bin/false"}, "without"),
        ({"CC": "/no/such/compiler"}, "without"),
        ({"CC": "/bin/false", "REQUIRE_NATIVE": "1"}, "fails"),
        ({"AUTOGRAD_CORE_PURE": "1"}, "pure"),
    ],
    ids=str,
)
def test_an_installation_needs_no_compiler(tmp_path, environment, kind):
    copy_of_the_tree(tmp_path / "source")
    words = ("-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(tmp_path))
    asked = {"REQUIRE_NATIVE": "", "AUTOGRAD_CORE_PURE": ""} | environment
    answer = run(*words, str(tmp_path / "source"), **asked)
    assert (answer.returncode != 0) == (kind == "fails"), answer.stderr
    for wheel in tmp_path.glob("*.whl"):
        compiled = [name for name in zipfile.ZipFile(wheel).namelist() if "_engine." in name]
        assert len(compiled) == (kind == "native")
        assert ("py3-none-any" in wheel.name) == (kind == "pure")
        site = tmp_path / "site"
        zipfile.ZipFile(wheel).extractall(site)
        program = (
            f"import sys; sys.path.insert(0, {str(site)!r}); import autograd_core as a; print(a.engine())"
        )
        said = run("-I", "-c", program, AUTOGRAD_CORE_PURE="")
        assert said.stdout == ("native\n" if kind == "native" else "python\n"), said.stderr


def another_python() -> str | None:
    """The newest CPython of another version that this machine has, on PATH or beside the one that runs."""
    beside = Path(sys.base_prefix).parent.glob("3.*/bin/python3.[1-9][0-9]")
    on_path = [Path(found) for minor in range(11, 15) if (found := shutil.which(f"python3.{minor}"))]
    versions = {}
    for program in (*beside, *on_path):
        asked = "import sys; print(*sys.version_info[:2], sys.implementation.name)"
        answer = subprocess.run([program, "-c", asked], capture_output=True, text=True, check=False)
        major, minor, name = answer.stdout.split() or ("0", "0", "")
        version = (int(major), int(minor))
        if version >= (3, 11) and version != sys.version_info[:2] and name == "cpython":
            versions[version] = str(program)
    return versions[max(versions)] if versions else None


@pytest.mark.slow
def test_another_version_of_python_runs_the_native_engine(tmp_path):
    other = another_python()
    if other is None:
        pytest.skip("this machine has one version of Python")
    copy_of_the_tree(tmp_path / "source")
    subprocess.run([other, "-m", "venv", tmp_path / "venv"], check=True)
    quick = tmp_path / "cc"  # The last options hold: setup asks for -O3, which takes twice as long.
    compiler = sysconfig.get_config_var("CC") or "cc"
    quick.write_text(f'#!/bin/sh\nexec {compiler} "$@" -O1 -Wno-error\n', encoding="utf-8")
    quick.chmod(0o755)
    environment = os.environ | {"REQUIRE_NATIVE": "1", "AUTOGRAD_CORE_PURE": "", "PYTHONPATH": ""}
    environment["CC"] = str(quick)
    for words in (
        "-m pip install --quiet --editable . hypothesis mpmath pytest pytest-timeout",
        "-m pytest -q -x tests/test_engines.py tests/test_walks.py tests/compile/test_calls.py",
    ):
        answer = subprocess.run(
            [tmp_path / "venv" / "bin" / "python", *words.split()],
            cwd=tmp_path / "source", env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert answer.returncode == 0, answer.stdout + answer.stderr


SANITIZERS = ("-fsanitize=address,undefined", "-g", "-O1", "-std=c11", "-fwrapv", "-ffp-contract=off")
UNDER_SANITIZERS = (
    "-m tests.transcript 5000 30 150",
    "-m pytest -q -x tests/test_faults_engine.py -k not(a24)",
    "-m pytest -q -x tests/test_walks.py -k not(leak)and(not(million))",
    "-m pytest -q -x tests/test_engines.py -k not(from_these_sources)and(not(leaks))",
    "-m pytest -q -x tests/compile/test_native_tape.py -k not([50-)",
)


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux") or shutil.which("gcc") is None, reason="needs gcc")
def test_sanitizers_find_nothing(tmp_path):
    """Random calls and the tests of faults, with every access to memory checked."""
    target = tmp_path / "autograd_core" / "native" / f"_engine{sysconfig.get_config_var('EXT_SUFFIX')}"
    copy_of_the_tree(tmp_path)
    place = ("-shared", "-fPIC", f"-I{sysconfig.get_paths()['include']}", "-o", str(target))
    sources = map(str, sorted(FOLDER.glob("*.c")))
    subprocess.run(["gcc", *SANITIZERS, '-DSOURCES=""', *place, *sources, "-lm"], check=True)
    libraries = [
        subprocess.check_output(["gcc", f"-print-file-name={name}"], text=True).strip()
        for name in ("libasan.so", "libubsan.so")
    ]
    environment = os.environ | {
        "LD_PRELOAD": " ".join(libraries),
        "PYTHONMALLOC": "malloc",
        "PYTHONPATH": str(tmp_path),
        "AUTOGRAD_CORE_PURE": "",
        "ASAN_OPTIONS": f"detect_leaks=0:log_path={tmp_path / 'address'}",
        "UBSAN_OPTIONS": f"print_stacktrace=1:log_path={tmp_path / 'undefined'}",
    }
    for words in UNDER_SANITIZERS:
        command = [sys.executable, *words.split()]
        answer = subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )
        logs = [*tmp_path.glob("address*"), *tmp_path.glob("undefined*")]
        assert [log.read_text() for log in logs] == []
        assert answer.returncode == 0, answer.stdout + answer.stderr


def test_a_second_import_in_one_process_works():
    program = """
import sys
import autograd_core
first = autograd_core.Value(2.0)
for name in [name for name in sys.modules if name.startswith("autograd_core")]:
    del sys.modules[name]
import autograd_core
x = autograd_core.Value(3.0)
(x * x).backward()
(first * first).backward()
print(x.grad, first.grad, autograd_core.engine())
"""
    answer = run("-c", program)
    assert (answer.stdout, answer.stderr) == ("6.0 4.0 python\n", "")


def test_a_finalizer_that_empties_a_list_disturbs_no_call():
    """A collection of garbage can run while a call reads the list that it was given."""
    program = """
        import gc
        from autograd_core import Value, dot, sum

        class Emptying:
            def __init__(self, numbers):
                self.numbers, self.me = numbers, self

            def __del__(self):
                self.numbers.clear()

        gc.set_threshold(20)
        for call in (lambda xs: dot([1.0] * 60, xs), sum):
            for _ in range(3000):
                numbers = [Value(1.0) for _ in range(60)]
                Emptying(numbers)
                try:
                    y = call(numbers)
                except ValueError:
                    continue
                y.backward()
                assert y.data == 60.0
                assert all(x.grad == 1.0 for x in y.parents if x.requires_grad)
    """
    answer = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
