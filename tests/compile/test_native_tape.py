"""The tape machine: forms of calls, memory, threads, and what it refuses.

That it computes what the table says is tested with the other runners: `test_runners`, `test_poles` and
`test_differential`.
"""

from __future__ import annotations

import gc
import math
import pickle
import sys
import weakref
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from typing import Any

import numpy as np
import pytest

import autograd_core as ac
from autograd_core import DataError, DomainError, Value, compile, sin
from autograd_core.compile.emit.expressions import is_in_c
from autograd_core.compile.front.tape_and_builder import CONSTANT, INPUT, Tape, capture
from autograd_core.compile.runners.native_tape import NativeBatch, NativeTape
from autograd_core.native import in_c
from autograd_core.operations.operation import TABLE, Operation
from autograd_core.operations.table import neg

pytestmark = pytest.mark.skipif(in_c is None, reason="needs the native engine")


def program() -> Any:
    x, y = Value(2.0, "x"), Value(3.0, "y")
    return compile(x * y + sin(x), inputs=[x, y])


def chain(length: int) -> Tape:
    x, c = Value(0.3, "x"), Value(0.1, "c")
    y = x
    for _ in range(length):
        y = sin(y) + c
    return capture([y], [x, c])


FORMS: dict[str, Any] = {
    "floats": lambda f: f(2.0, 3.0),
    "names": lambda f: f(y=3.0, x=2.0),
    "one name": lambda f: f(2.0, y=3.0),
    "integers": lambda f: f(2, 3),
    "NumPy's floats": lambda f: f(np.float64(2.0), np.float32(3.0)),
    "an array": lambda f: f(np.array([2.0, 3.0])),
    "a list": lambda f: f([2.0, 3.0]),
}


@pytest.mark.parametrize("form", FORMS)
def test_forms_of_a_call(form: str) -> None:
    made = program()
    assert made.runner == "native tape"
    assert FORMS[form](made.value) == 6.0 + math.sin(2.0)
    value, slopes = FORMS[form](made.value_and_grad)
    assert (value, list(slopes)) == (6.0 + math.sin(2.0), [3.0 + math.cos(2.0), 2.0])


@pytest.mark.parametrize(
    ("args", "named", "said"),
    [
        ((1.0,), {}, "expected 2: x, y"),
        ((1.0, 2.0, 3.0), {}, "expected 2: x, y"),
        ((1.0,), {"z": 2.0}, "'z' is unknown"),
        ((1.0,), {"x": 2.0}, "'x' is given twice"),
        ((1.0, "2"), {}, "input 2"),
    ],
)
def test_wrong_calls_have_the_words_of_the_program(args: Any, named: Any, said: str) -> None:
    made = program()
    for call in (made, made.value, made.value_and_grad, made.gradient):
        with pytest.raises(ac.errors.AutogradError, match=said):
            call(*args, **named)


def test_no_results_share_memory() -> None:
    made = program()
    points = np.array([[2.0, 3.0], [1.0, 4.0]])
    first = made.value_and_grad(points)
    kept = [x.copy() for x in first]
    made.value_and_grad(points + 1.0)
    assert all((a == b).all() for a, b in zip(first, kept, strict=True))
    one = made.gradient(points[0])
    again = one.copy()
    made.gradient(points[1])
    assert (one == again).all()


def test_a_batch_with_more_examples_than_lanes_is_each_point() -> None:
    made = program()
    for size in (0, 1, 31, 32, 33, 70, 128, 129, 300):
        x, y = np.linspace(0.1, 1.0, size), 0.7
        values, (dx, dy) = made.value_and_grad(x, y)
        alone = [made.value_and_grad(float(a), y) for a in x]
        assert values.tolist() == [v for v, _ in alone]
        assert dx.tolist() == [d[0] for _, d in alone]
        assert dy == pytest.approx(sum(d[1] for _, d in alone), rel=1e-14)


def test_a_long_tape_has_fewer_lanes() -> None:
    native, points = NativeTape(chain(400), exact=False), np.linspace(0.1, 1.0, 140).reshape(70, 2)
    values, _, slopes = NativeBatch(native, np.ones(2, bool)).value_and_grad(np.zeros(0), points)
    alone = [native.value_and_grad(point) for point in points]
    assert values.tolist() == [value for value, _ in alone]
    assert slopes.tolist() == [g.tolist() for _, g in alone]


@pytest.mark.parametrize("row", [*filter(is_in_c, TABLE.values())], ids=lambda row: row.name)
def test_a_batch_sees_what_is_not_finite_behind_every_row(row: Operation) -> None:
    for place in range(count := row.arity or 2 * row.sequences):
        rest = [k for k in range(count) if k != place]
        code = [*[INPUT] * count, 0, 1]
        args = [place, *[count if k == place else k for k in range(count)]]
        tape = Tape(
            (neg, row), ints(*code), ints(*[0] * (count + 1), 1, 1 + count), ints(*args),
            np.zeros(count + 2), ints(*range(count)), ints(count + 1),
        )  # fmt: skip
        batch = NativeBatch(NativeTape(tape, exact=False), np.ones(count, bool))
        for number, other in product((math.inf, -math.inf, math.nan), (0.0, 1.0, -0.5, 3.0, math.inf)):
            point = np.full((1, count), number)
            point[:, rest] = other
            with pytest.raises(FloatingPointError):
                batch.values(np.zeros(0), point)


def test_a_program_called_while_it_runs_has_memory_of_its_own() -> None:
    x = Value(0.5, "x")
    made = compile(ac.log(x) * 2.0, inputs=[x])
    inner: list[Any] = []

    class Number(float):
        def __float__(self) -> float:
            inner.append(made.value(2.0))
            return 3.0

    with pytest.raises(DomainError):
        made.value_and_grad(-1.0)
    assert made.value(Number(3.0)) == pytest.approx(2.0 * math.log(3.0))
    assert all(y == 2.0 * math.log(2.0) for y in inner)


def test_many_threads_run_one_program() -> None:
    native = NativeTape(chain(60_000), exact=False)  # Long enough to let other threads run.
    points = [np.array([0.3 + 0.01 * k, 0.1]) for k in range(12)]
    alone = [native.value_and_grad(point) for point in points]
    batch = NativeBatch(native, np.ones(2, bool))
    with ThreadPoolExecutor(6) as pool:
        together = list(pool.map(native.value_and_grad, points))
        values, _, slopes = pool.submit(batch.value_and_grad, np.zeros(0), np.array(points)).result()
    assert all(a == b and (g == h).all() for (a, g), (b, h) in zip(alone, together, strict=True))
    assert values.tolist() == [value for value, _ in alone]
    assert slopes.tolist() == [g.tolist() for _, g in alone]


def test_nothing_is_left_of_a_program_that_is_gone() -> None:
    made = program()
    made.value(1.0, 2.0)
    gone = weakref.ref(made.value), weakref.ref(made)
    del made
    gc.collect()
    assert [ref() for ref in gone] == [None, None]


def test_calls_leave_no_references_behind() -> None:
    made = program()
    x, points = 0.25, np.ones((20, 2))
    calls: list[Any] = [
        lambda: made.value(x, 3.0), lambda: made.value_and_grad(x, y=3.0),
        lambda: made.value_and_grad(points), lambda: made.gradient(points[0]),
    ]  # fmt: skip
    for call in calls:
        call()
    watched = [x, made.value, made.value_and_grad, made.engine.native.machine, points]
    gc.collect()
    before, blocks = [sys.getrefcount(thing) for thing in watched], sys.getallocatedblocks()
    for _ in range(2000):
        for call in calls:
            call()
    gc.collect()
    assert [sys.getrefcount(thing) for thing in watched] == before
    assert sys.getallocatedblocks() - blocks < 200


FACTOR = 2.0


def scaled(x: Any) -> Any:
    return FACTOR * sin(x)


@pytest.mark.slow
def test_calls_of_a_compiled_function_leave_no_references(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where its numbers change, where a call does not fit, and where it holds itself."""
    monkeypatch.setitem(globals(), "FACTOR", 1.0)  # It is restored afterwards.
    f, x = compile(scaled), 0.5

    def call(f: Any, factor: float) -> None:
        globals()["FACTOR"] = factor
        assert f(x) == f(x=x) == f.value(x) == f.value_and_grad(x)[0] == factor * math.sin(x)
        with pytest.raises(DataError):
            f(x, x)

    for k in range(600):  # Until memory that is kept for new objects suffices.
        call(f, 1.5 + k % 2)
    gc.collect()
    before, blocks = [sys.getrefcount(thing) for thing in (x, f, scaled, f.value)], sys.getallocatedblocks()
    for k in range(300):
        call(f, 1.5 + k % 2)
    gc.collect()
    assert [sys.getrefcount(thing) for thing in (x, f, scaled, f.value)] == before
    assert sys.getallocatedblocks() - blocks < 200
    f.itself, gone = f, weakref.ref(f)
    del f
    gc.collect()
    assert gone() is None


def test_a_program_survives_pickling() -> None:
    assert pickle.loads(pickle.dumps(program())).value_and_grad(2.0, 3.0) == program().value_and_grad(
        2.0, 3.0
    )


def ints(*numbers: int) -> Any:
    return np.array(numbers, np.int64)


ADD, SUM, DOT, SIN = (in_c.operations[name][0] if in_c else 0 for name in ("add", "sum", "dot", "sin"))
GOOD = {
    "operations": ints(INPUT, CONSTANT, ADD), "start": ints(0, 0, 0, 2), "args": ints(0, 1),
    "number": np.zeros(3), "inputs": ints(0), "outputs": ints(2),
}  # fmt: skip
BAD: dict[str, dict[str, Any]] = {
    "no such operation": {"operations": ints(INPUT, CONSTANT, 10_000)},
    "a wrong number of arguments": {"operations": ints(INPUT, CONSTANT, SIN)},
    "arguments of a leaf": {"start": ints(0, 1, 1, 2)},
    "a sum of nothing": {"operations": ints(INPUT, CONSTANT, SUM), "start": ints(0, 0, 0, 0), "args": ints()},
    "an odd dot": {"operations": ints(INPUT, CONSTANT, DOT), "start": ints(0, 0, 0, 1), "args": ints(0)},
    "an argument beyond the end": {"args": ints(0, 3)},
    "an argument below 0": {"args": ints(-1, 0)},
    "an argument that is the node itself": {"args": ints(0, 2)},
    "starts that go back": {"start": ints(0, 2, 0, 2)},
    "starts that end too soon": {"start": ints(0, 0, 0, 1)},
    "starts that begin too late": {"start": ints(1, 1, 1, 2)},
    "too few numbers": {"number": np.zeros(2)},
    "too few starts": {"start": ints(0, 0, 2)},
    "an input that is none": {"inputs": ints(1)},
    "an input that stands twice": {"inputs": ints(0, 0)},
    "no input where there is one": {"inputs": ints()},
    "an output beyond the end": {"outputs": ints(3)},
    "no output": {"outputs": ints()},
    "bytes that are no numbers": {"number": b"abc"},
}


@pytest.mark.parametrize("name", BAD)
def test_a_machine_is_made_of_sound_tapes_only(name: str) -> None:
    assert in_c.Machine(*GOOD.values(), False).point(np.ones(1), np.zeros(1), None)
    with pytest.raises(ValueError, match=r"^Machine: "):
        in_c.Machine(*(GOOD | BAD[name]).values(), False)


def test_a_machine_writes_to_what_fits_alone() -> None:
    machine = in_c.Machine(*GOOD.values(), False)
    for sizes in ((2, 1, 1), (1, 2, 1), (1, 1, 2)):
        with pytest.raises(ValueError, match="a buffer of"):
            machine.point(*map(np.ones, sizes))
    with pytest.raises((TypeError, ValueError, BufferError)):
        machine.point(np.ones(1), b"12345678", None)
    with pytest.raises(ValueError, match="a buffer of"):
        machine.batch(np.zeros(0), np.ones((2, 1)), b"\1", 3, np.zeros(3), None, None)
    with pytest.raises(TypeError, match="batch: takes"):
        machine.batch(np.zeros(0), np.ones((2, 1)), b"\1\1", 2, np.zeros(2), None, None)


MAP, REDUCE_SUM, REDUCE_MAX, CONTRACT, TAKE, PUT, ADD_AT, CHECK = range(8)


def table(*shape: int) -> Any:
    return np.arange(1.0, 1.0 + math.prod(shape)).reshape(shape)


def statement(kind: int, *operands: Any, op: int = -1, shape: Any = None, index: Any = None) -> None:
    in_c.Statements(((kind, op, operands[0].shape if shape is None else shape, operands, index),)).run()


def test_statements_do_what_numpy_does() -> None:
    x, y = table(4, 6), np.zeros((4, 6))
    statement(MAP, y, x[::-1])
    assert (y == x[::-1]).all()
    statement(MAP, y, x, table(6)[None], op=ADD)
    assert (y == x + table(6)).all()
    statement(MAP, y.T, x.T, x[:, :1].T, op=ADD)
    assert (y == x + x[:, :1]).all()
    statement(REDUCE_SUM, y[:1], x, shape=x.shape)
    assert (y[0] == x.sum(axis=0)).all()
    statement(REDUCE_MAX, y[:, :1], x, shape=x.shape)
    assert (y[:, 0] == x.max(axis=1)).all()
    picked = np.zeros((3, 6))
    statement(TAKE, picked, x, index=ints(3, 0, 3))
    assert (picked == x[[3, 0, 3]]).all()
    added = x.copy()
    statement(ADD_AT, added, picked, shape=(3, 6), index=ints(1, 1, 2))
    np.add.at(x, [1, 1, 2], picked)
    assert (added == x).all()


@pytest.mark.parametrize("rows", [1, 2, 3, 5, 18])
@pytest.mark.parametrize("columns", [1, 3, 4, 15, 16, 33])
@pytest.mark.parametrize("depth", [1, 2, 7, 50, 300])
def test_products_of_all_forms(rows: int, columns: int, depth: int) -> None:
    draw = np.random.default_rng(rows * columns * depth)
    a, b = draw.normal(size=(2, rows, depth)), draw.normal(size=(2, columns, depth))
    right = np.einsum("nrk,nck->nrc", a, b)
    for left in (a, np.asfortranarray(a), a.swapaxes(1, 2).copy().swapaxes(1, 2)):
        for other in (b, b.swapaxes(1, 2).copy().swapaxes(1, 2)):
            for y in (
                np.full((2, rows, columns), np.nan),
                np.full((2, columns, rows), np.nan).swapaxes(1, 2),
            ):
                operands = left[:, :, None, None, :], other[:, None, :, None, :]
                statement(CONTRACT, y[..., None, None], *operands, shape=(2, rows, columns, 1, depth))
                assert y == pytest.approx(right, rel=1e-12, abs=1e-13)


def test_numbers_are_finite_or_not() -> None:
    for x in (0.0, -1e308, np.ones(9), np.zeros(0), table(3, 3)):
        assert in_c.are_finite(x) is True
    for bad in (math.inf, -math.inf, math.nan):
        assert in_c.are_finite(bad) is False
        for place in range(9):
            assert in_c.are_finite(np.array([bad if k == place else 1.0 for k in range(9)])) is False
    for unknown in (ints(1, 2), table(3, 3).T, 1, "x", None, np.float32([1.0])):
        assert in_c.are_finite(unknown) is None


def test_weights_descend() -> None:
    w, g = table(7), np.linspace(-1.0, 1.0, 7)
    expected = w - g * 0.3
    assert in_c.descend(w, g, 0.3)
    assert w.tobytes() == expected.tobytes()
    g[5] = 1e308
    assert not in_c.descend(w, g, 10.0)
    fixed = table(7)
    fixed.flags.writeable = False
    for unfit in ((w, g[1:], 0.1), (w[::2], g[::2], 0.1), (fixed, g, 0.1), (w, g, "0.1")):
        with pytest.raises((TypeError, ValueError, BufferError)):
            in_c.descend(*unfit)


UNFIT: dict[str, Callable[[], Any]] = {
    "no such kind": lambda: statement(8, table(2), table(2)),
    "no such operation": lambda: statement(MAP, table(2), table(2), op=10_000),
    "too few operands": lambda: statement(MAP, table(2), table(2), op=ADD),
    "another shape": lambda: statement(MAP, table(2), table(3)),
    "other axes": lambda: statement(MAP, table(2, 2), table(2)),
    "a longer shape": lambda: statement(MAP, table(2), table(2), shape=(3,)),
    "nothing": lambda: statement(MAP, table(0), table(0)),
    "integers": lambda: statement(MAP, table(2), ints(1, 2)),
    "an index too large": lambda: statement(TAKE, table(1, 2), table(3, 2), index=ints(3)),
    "an index below 0": lambda: statement(PUT, table(3, 2), table(1, 2), shape=(1, 2), index=ints(-1)),
    "an index of another length": lambda: statement(TAKE, table(2, 2), table(3, 2), index=ints(0)),
    "a product of two axes": lambda: statement(CONTRACT, table(2, 2), table(2, 2), table(2, 2)),
    "too many axes": lambda: statement(MAP, table(*[1] * 7), table(*[1] * 7)),
}


@pytest.mark.parametrize("name", UNFIT)
def test_statements_are_checked(name: str) -> None:
    with pytest.raises(ValueError, match=r"^Statements: "):
        UNFIT[name]()


def test_statements_write_to_nothing_that_must_not_change() -> None:
    fixed = table(2)
    fixed.flags.writeable = False
    with pytest.raises((ValueError, BufferError)):
        statement(MAP, fixed, table(2))


def test_statements_tell_what_went_wrong() -> None:
    y = np.zeros(2)
    for op, x, raised in (("log", -1.0, 1), ("reciprocal", 0.0, 1), ("exp", -2000.0, 2), ("exp", 1.0, 0)):
        number = in_c.operations[op][0]
        assert in_c.Statements(((MAP, number, (2,), (y, np.full(2, x)), None),)).run() == raised
    assert in_c.Statements(((CHECK, 0, (2,), (np.array([1.0, math.nan]),), None),)).run() == 1
