"""Ctrl-C at any instant: nothing stays locked, changed or half done.

CPython runs signal handlers at the start of a Python function, after a call and at the end of a loop's body.
`at_calls` raises at the first two, one position after another; `at_instants` sends signals.
"""

from __future__ import annotations

import ast
import gc
import multiprocessing
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autograd_core as ac
import nn
from autograd_core import Graph, Value, compile, errstate, gradients, name_scope, no_grad, recording
from autograd_core.base import modes
from autograd_core.compile.front.tape_and_builder import no_collector
from nn.train.compiled_step import compiled_step
from nn.train.fit import _train as train
from nn.train.run import Order, Run
from nn.train.step import EagerStep

Case = tuple[Callable[[], Any], Callable[[], Any]]
"""An action, and a function that observes its effects: those before or those after, never half of them."""
Make = Callable[[], Case]

NUMPY = np.geterr()
PLACES = 400
"""If an action has more calls, this many are drawn at random."""
LANDED, PATIENCE = 3, 30.0
"""The number of signals that must land inside the action, and the seconds after which fewer suffice."""


def run_with(action: Callable[[], Any], place: int) -> int:
    """Run the action with an interruption at one call, and return how many calls there were."""
    count = 0

    def interrupt(frame: Any, event: str, _: Any) -> None:
        nonlocal count
        if event in ("call", "c_return") and frame.f_code is not run_with.__code__:
            count += 1
            if count == place:
                raise KeyboardInterrupt

    try:
        sys.setprofile(interrupt)
        action()
    except KeyboardInterrupt:
        pass
    finally:
        sys.setprofile(None)
    return count


def at_calls(make: Make) -> None:
    """Interrupt the action at each of its calls."""
    seen_after = outcome(make)
    calls = run_with(make()[0], 0)
    places = range(1, calls + 1)
    for place in places if calls <= PLACES else random.Random(calls).sample(places, PLACES):
        action, seen = make()
        before = seen()
        run_with(action, place)
        assert seen() in (before, seen_after), f"half done, at call {place} of {calls}"
        assert_undisturbed()


def at_instants(make: Make, times: int, enough: int = LANDED, seed: int = 0) -> None:
    """Interrupt the action by signals, until enough of them have landed inside it."""
    seen_after, rng = outcome(make), random.Random(seed)
    start = time.perf_counter()
    make()[0]()
    took = time.perf_counter() - start
    tried = landed = 0
    while tried < times or landed < enough:
        if tried >= times and time.perf_counter() - start > PATIENCE:
            if not landed:
                pytest.skip(f"none of {tried} signals landed within {PATIENCE:.0f} s")
            break
        tried += 1
        action, seen = make()
        before = seen()
        if interrupted(action, 2e-6 + 1.2 * took * rng.random()):
            landed += 1
        else:
            assert seen() == seen_after
        assert seen() in (before, seen_after), "half done"
        assert_undisturbed()


def outcome(make: Make) -> Any:
    action, seen = make()
    action()
    return seen()


def interrupted(action: Callable[[], Any], delay: float) -> bool:
    """Whether the single alarm ended the action. No alarm is pending afterwards."""
    try:
        try:
            signal.setitimer(signal.ITIMER_REAL, delay)
            action()
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0.0)
    except KeyboardInterrupt:
        return True
    return False


@pytest.fixture
def alarm() -> Iterator[None]:
    if not hasattr(signal, "setitimer"):
        pytest.skip("needs timers that send signals")
    previous = signal.signal(signal.SIGALRM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, previous)


def assert_undisturbed() -> None:
    """Check that all modes are as at the start, and that no other thread has to wait."""
    assert modes.unusual == {}
    assert modes.current() == modes.Modes()
    assert gc.isenabled()
    assert np.geterr() == NUMPY
    answers: list[float] = []

    def other() -> None:
        x = Value(3.0)
        (x * x).backward()
        answers.append(x.grad)

    thread = threading.Thread(target=other, daemon=True)
    thread.start()
    thread.join(300.0)
    assert answers == [6.0], "locked"


def changing_numpy(path: Path) -> Iterator[str]:
    """Yield the functions that change NumPy's error state, and are not contained."""
    changes = re.compile(r"np\.errstate\(|np\.random\.(default_rng|SeedSequence)\(")

    def found(node: ast.AST, safe: bool) -> Iterator[str]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.FunctionDef):
                inside = safe or "contained" in map(ast.unparse, child.decorator_list)
                own = [part for part in child.body if not isinstance(part, ast.FunctionDef)]
                if not inside and any(changes.search(ast.unparse(part)) for part in without_docstring(own)):
                    yield f"{path.name}: {child.name}"
                yield from found(child, inside)
            else:
                yield from found(child, safe)

    return found(ast.parse(path.read_text(encoding="utf-8")), False)


def without_docstring(body: list[ast.stmt]) -> list[ast.stmt]:
    return [
        part for part in body if not (isinstance(part, ast.Expr) and isinstance(part.value, ast.Constant))
    ]


def test_what_changes_the_state_of_numpy_is_contained() -> None:
    """An interruption between NumPy's change and its `with` would leave it changed for good."""
    folder = Path(ac.__file__).parents[1]
    paths = [path for package in ("autograd_core", "nn", "viz") for path in (folder / package).rglob("*.py")]
    assert [name for path in paths for name in changing_numpy(path)] == []


def tiny() -> tuple[Value, list[Value]]:
    x = Value(2.0, "x")
    t = x**2
    y = ac.cos(ac.sin(t) + 3 * t)
    y.backward()
    return y, Graph(y).nodes


def switch(make: Callable[[], Any]) -> Make:
    def case() -> Case:
        def action() -> None:
            with make():
                ac.exp(Value(1.0))

        return action, lambda: None

    return case


def stacked() -> Case:
    def action() -> None:
        with ExitStack() as stack:
            stack.enter_context(no_grad())

    return action, lambda: (Value(1.0) * 2.0).requires_grad


def backward() -> Case:
    y, nodes = tiny()
    return y.backward, lambda: [node.grad for node in nodes]


def numeric_gradients() -> Case:
    y, nodes = tiny()
    return lambda: gradients(y, nodes), lambda: [node.grad for node in nodes]


def transform(name: str) -> Make:
    """Transform a function that uses a `Value` of the caller, whose gradient must not change."""

    def case() -> Case:
        w = Value(3.0, "w")
        product = w * 1.5
        w.grad = product.grad = 7.0
        f = getattr(ac, name)(lambda x: ac.sin(x * product) * x)
        return lambda: f(2.0), lambda: (w.grad, product.grad)

    return case


def called(exact: bool, size: int) -> Make:
    xs = [Value(0.1 * i) for i in range(size)]
    point = [0.3 - 0.1 * i for i in range(size)]
    program = compile(ac.sum([ac.tanh(ac.dot(xs, xs) * x) for x in xs]), inputs=xs, exact=exact)
    elsewhere = [2.0 * x for x in point]

    def case() -> Case:
        return lambda: program.value_and_grad(*elsewhere), lambda: repr(program.value_and_grad(*point))

    return case


def compiled() -> Case:
    y, nodes = tiny()
    return lambda: compile(y).value_and_grad(2.0), lambda: [node.grad for node in nodes]


def stepped(kind: str) -> Make:
    def case() -> Case:
        weights = [Value(1.0), Value(-2.0)]
        optimizer = getattr(nn, kind)(weights, lr=0.1)
        for w in weights:
            w.grad = 0.5
        return optimizer.step, lambda: ([w.data for w in weights], optimizer.steps)

    return case


def batch() -> Case:
    x, y = Value(1.0), Value(2.0)
    program = compile(ac.sin(x * y) + y, inputs=[x, y])
    columns = np.array([0.5, 0.25, 1.0]), 2.0
    return lambda: program.value_and_grad(*columns), lambda: None


def clipped() -> Case:
    weights = [Value(1.0), Value(-2.0)]
    for w in weights:
        w.grad = 30.0
    return lambda: nn.clip_grad_norm_(weights, 1.0), lambda: None


def limited() -> Case:
    m, limit = model(), nn.MaxNorm(0.1)
    return lambda: limit(m), lambda: None


def model() -> nn.Module:
    return nn.Sequential(nn.Layer(2, 3, rng=0), nn.Dropout(0.5, rng=0), nn.Layer(3, 1, rng=1))


X, Y = np.array([[0.5, 1.0], [1.0, 0.25]] * 3), np.array([[1.0], [0.0]] * 3)


def evaluated() -> Case:
    m = model()
    return lambda: m.evaluate(X, Y, loss="mse"), lambda: [module.training for module in m.modules()]


def saved(folder: Any) -> Make:
    def case() -> Case:
        old, new = nn.Layer(2, 2, rng=0), nn.Layer(2, 2, rng=1)
        path = folder / "model.safetensors"
        nn.save(old, path)
        return lambda: nn.save(new, path), lambda: (path.read_bytes(), len(list(folder.iterdir())))

    return case


def training(compile: bool) -> Make:
    """Of the epochs of a `fit`, which leave the weights and the optimizer as they are between two steps."""
    network, order = model(), Order(2, shuffle=False, seed=0)
    network.eval()
    optimizer = nn.Adam(network, lr=0.1)
    eager = EagerStep(network, nn.MSELoss(), optimizer)
    step = compiled_step(eager, X, Y, True) if compile else eager
    begin = network.state_dict(), optimizer.state_dict()

    def restart() -> None:
        step.hand_over(for_change=True)
        network.load_state_dict(begin[0])
        optimizer.load_state_dict(begin[1])
        network.zero_grad()

    def state() -> str:
        remembered = [{name: np.array(x).tolist() for name, x in part.items()} for part in optimizer.state]
        return repr(([x.tolist() for x in network.state_dict().values()], optimizer.steps, remembered))

    whole = []
    for count in range(7):
        restart()
        for number in range(count):
            some = slice(2 * (number % 3), 2 * (number % 3) + 2)
            step(X[some], Y[some])
        step.hand_over(for_change=True)
        whole.append(state())

    def case() -> Case:
        restart()
        run = Run(network, optimizer, eager.loss, step)

        def seen() -> Any:
            # The state is one of those between two steps, and as many have been taken as the step says.
            return state() in whole, getattr(step, "_dirty", False)

        def action() -> None:
            train(run, range(2), order, X, Y, {}, None)
            if run.history.stopped:  # It was interrupted, and has kept that to itself.
                raise KeyboardInterrupt

        return action, seen

    return case


def loaded(folder: Any) -> Make:
    """Of a file into a model, an optimizer and a schedule."""
    path = folder / "model.safetensors"

    def made(seed: int) -> tuple[nn.Module, nn.Optimizer, nn.Schedule]:
        network = nn.Layer(2, 2, rng=seed)
        optimizer = nn.Adam(network, lr=0.1 + 0.1 * seed)
        return network, optimizer, nn.StepLR(optimizer, 2 + seed)

    network, optimizer, schedule = made(1)
    network([1.0, 2.0])[0].backward()
    optimizer.step()
    schedule.step()
    nn.save(network, path, optimizer=optimizer, schedule=schedule, epoch=1)

    def case() -> Case:
        network, optimizer, schedule = made(0)

        def seen() -> str:
            weights = [x.tolist() for x in network.state_dict().values()]
            facts = optimizer.state_dict(), schedule.state_dict()
            return repr((weights, facts, vars(network).get("_left_off")))

        return lambda: nn.load_into(network, path, optimizer=optimizer, schedule=schedule), seen

    return case


CASES: dict[str, Make] = {
    "no_grad": switch(no_grad),
    "errstate": switch(lambda: errstate(all="ignore")),
    "name_scope": switch(lambda: name_scope("part")),
    "recording": switch(recording),
    "no_collector": switch(no_collector),
    "decorated": lambda: (no_grad()(lambda: ac.exp(Value(1.0))), lambda: None),
    "backward": backward,
    "gradients": numeric_gradients,
    **{name: transform(name) for name in ("grad", "jacobian", "value_and_grad", "derivative")},
    "hessian": transform("hessian"),
    "compile": compiled,
    "a call": called(exact=False, size=12),
    "a call of a large program": called(exact=False, size=60),
    "an exact call": called(exact=True, size=12),
    "SGD": stepped("SGD"),
    "Adam": stepped("Adam"),
    "evaluate": evaluated,
    "a layer": lambda: (lambda: nn.Layer(2, 3, rng=0), lambda: None),
    "a batch": batch,
    "clip_grad_norm_": clipped,
    "MaxNorm": limited,
}


# Closing a generator enters it, too, and exceptions raised there are lost.
@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("name", CASES)
def test_an_interruption_at_any_call_leaves_all_or_nothing(name: str) -> None:
    at_calls(CASES[name])


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("compile", [True, False])
def test_an_interrupted_training_leaves_whole_steps(compile: bool) -> None:
    at_calls(training(compile))


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_an_interrupted_load_leaves_the_old_model_or_the_new_one(tmp_path: Any) -> None:
    at_calls(loaded(tmp_path))


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.usefixtures("alarm")
def test_a_signal_during_training_or_loading_leaves_all_or_nothing(tmp_path: Any) -> None:
    for make in (training(True), training(False), loaded(tmp_path)):
        at_instants(make, 60)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_an_interrupted_save_leaves_the_old_file_or_the_new_one(tmp_path: Any) -> None:
    at_calls(saved(tmp_path))


# An exception raised in a finalizer during garbage collection is reported as unraisable.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.usefixtures("alarm")
@pytest.mark.parametrize("name", CASES)
def test_a_signal_at_any_instant_leaves_all_or_nothing(name: str) -> None:
    at_instants(CASES[name], 60)


@pytest.mark.usefixtures("alarm")
@pytest.mark.parametrize("block", [no_grad, no_collector, lambda: name_scope("part"), recording])
def test_blocks_in_a_tight_loop(block: Callable[[], Any]) -> None:
    def loop() -> None:
        while True:
            with block():
                pass

    delays = random.Random(0)
    for _ in range(200):
        assert interrupted(loop, 1e-5 + 3e-4 * delays.random())
        assert_undisturbed()


@pytest.mark.usefixtures("alarm")
def test_the_lock_in_a_tight_loop() -> None:
    y, nodes = tiny()

    def loop() -> None:
        while True:
            y.backward()
            gradients(y, nodes)
            nodes[0].grad = nodes[1].grad

    delays = random.Random(0)
    for _ in range(200):
        assert interrupted(loop, 1e-5 + 3e-4 * delays.random())
        assert_undisturbed()


def _in_a_child(y: Value, nodes: list[Value], answers: Any) -> None:
    y.backward()
    answers.put([node.grad for node in nodes])


@pytest.mark.skipif(not hasattr(os, "register_at_fork"), reason="needs fork")
@pytest.mark.filterwarnings("ignore:os.fork", "ignore:This process")
def test_a_fork_while_another_thread_sweeps() -> None:
    x = Value(1.0)
    y = x
    for _ in range(20_000):
        y = ac.sin(y)
    stop = threading.Event()
    sweeps = threading.Thread(target=lambda: [y.backward() for _ in iter(stop.is_set, True)], daemon=True)
    sweeps.start()
    context = multiprocessing.get_context("fork")
    small, nodes = tiny()
    try:
        for _ in range(10):
            answers = context.SimpleQueue()
            child = context.Process(target=_in_a_child, args=(small, nodes, answers), daemon=True)
            child.start()
            child.join(300.0)
            assert child.exitcode == 0
            assert answers.get() == [2.0 * node.grad for node in nodes]
    finally:
        stop.set()
        sweeps.join()


FIRST_COMPILE = """
import signal, sys, time
from autograd_core import Value, compile, tanh
signal.signal(signal.SIGALRM, signal.default_int_handler)
x = Value(2.0)
y = tanh(x * x)
try:
    try:
        signal.setitimer(signal.ITIMER_REAL, float(sys.argv[1]))
        compile(y)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
except KeyboardInterrupt:
    print("interrupted")
print(compile(y)(2.0) == y.data)
"""


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs timers that send signals")
def test_an_interruption_of_the_first_compile() -> None:
    stopped = 0
    for delay in (0.002, 0.01, 0.03, 0.06, 0.1, 0.15, 0.2):
        run = subprocess.run(
            [sys.executable, "-c", FIRST_COMPILE, str(delay)], capture_output=True, text=True, check=True
        )
        assert run.stdout.endswith("True\n"), run.stderr
        stopped += "interrupted" in run.stdout
    assert stopped


BUSY = "import time; end = time.monotonic() + {seconds}\nwhile time.monotonic() < end: pass"


@contextmanager
def busy_machine(seconds: float) -> Iterator[None]:
    """Keep two processors busy with loops that end by themselves."""
    command = [sys.executable, "-c", BUSY.format(seconds=seconds)]
    loops = [subprocess.Popen(command) for _ in range(2)]
    try:
        yield
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()


def signals_in_rounds(rounds: int, folder: Any) -> None:
    """Send a signal into every case, once each round."""
    makes = {**CASES, "save": saved(folder / "saves"), "load": loaded(folder)}
    makes |= {"fit": training(False), "compiled fit": training(True)}
    for number in range(rounds):
        for name, make in makes.items():
            try:
                at_instants(make, 1, enough=1, seed=number)
            except AssertionError as error:
                error.add_note(f"round {number}, {name}")
                raise


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.usefixtures("alarm")
def test_signals_on_a_busy_machine(tmp_path: Any) -> None:
    (tmp_path / "saves").mkdir()
    with busy_machine(300.0):
        signals_in_rounds(5, tmp_path)


def main() -> None:
    """Run `python -m tests.test_interrupts 200`: 200 rounds, for a busy machine."""
    rounds, start = int(sys.argv[1]), time.monotonic()
    signal.signal(signal.SIGALRM, signal.default_int_handler)
    with tempfile.TemporaryDirectory() as name, busy_machine(600.0):
        (Path(name) / "saves").mkdir()
        signals_in_rounds(rounds, Path(name))
    print(f"{rounds} rounds passed in {time.monotonic() - start:.0f} s")


if __name__ == "__main__":
    main()
