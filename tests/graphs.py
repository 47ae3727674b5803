"""Random graphs for Hypothesis: shared nodes, diamonds, constants and every operation of the table.

A `Program` describes how a graph is computed, so a test can build it any number of times at any inputs, and
have mpmath compute the same. Draw one with `programs()`:

    @given(programs())
    def test_something(program):
        nodes = program.build()          # every node; the last one is the output
        inputs, output = program.leaves(nodes), nodes[-1]
"""

from __future__ import annotations

import math
import random
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from hypothesis import strategies as st
from mpmath import mp, mpf

from autograd_core.kernel.apply import apply
from autograd_core.kernel.value import Value
from autograd_core.operations.operation import TABLE, Operation
from tests.reference import REFERENCES
from tests.special_references import OF_ORDER, SPECIAL

# The domain of an operation's arguments, if not all of ORDINARY: one interval for all of them, or one
# for each. An argument outside is mapped into it by center + radius*tanh(argument).
Interval = tuple[float, float]
ORDINARY: Interval = (-3.0, 3.0)
ABOVE_ZERO: Interval = (0.25, 3.0)
INSIDE_ONE: Interval = (-0.9, 0.9)
DOMAINS: dict[str, tuple[Interval, ...]] = {
    "div": (ORDINARY, ABOVE_ZERO),
    "divide_no_nan": (ORDINARY, ABOVE_ZERO),
    "pow": (ABOVE_ZERO, (-2.0, 2.0)),
    "xlogy": (ORDINARY, ABOVE_ZERO),
    "atan2": (ORDINARY, ABOVE_ZERO),
    "hypot": (ABOVE_ZERO, ORDINARY),
    "direction": (ABOVE_ZERO, ORDINARY),
    "inversion": (ABOVE_ZERO, ORDINARY),
    "huber": (ORDINARY, (0.5, 3.0)),
    "gaussian": (ORDINARY, (0.25, 1.0)),
    "tan": ((-1.2, 1.2),),
    "asin": (INSIDE_ONE,),
    "acos": (INSIDE_ONE,),
    "atanh": (INSIDE_ONE,),
    "log1p": ((-0.75, 3.0),),
    "acosh": ((1.25, 3.0),),
    "clip": (ORDINARY, (-3.0, -0.5), (0.5, 3.0)),
    "hardtanh": (ORDINARY, (-3.0, -0.5), (0.5, 3.0)),
    "logit": ((0.1, 0.9),),
    **dict.fromkeys(("fmod", "remainder", "celu", "softshrink"), (ORDINARY, ABOVE_ZERO)),
    "rsqrt": (ABOVE_ZERO,),
    "erfinv": (INSIDE_ONE,),
    "ndtri": ((0.1, 0.9),),
    "expi": ((0.5, 3.0),),
    "y0": (ABOVE_ZERO,),
    "y1": (ABOVE_ZERO,),
    **dict.fromkeys(("gamma", "lgamma", "digamma", "beta", "betaln"), (ABOVE_ZERO,)),
    **dict.fromkeys(OF_ORDER, ((1.0, 1.0), ORDINARY)),
    **dict.fromkeys(("polygamma", "i0e_derivative"), ((1.0, 1.0), ABOVE_ZERO)),
    **dict.fromkeys(("reciprocal", "sqrt", "cbrt", "log", "log2", "log10", "norm", "unit"), (ABOVE_ZERO,)),
}
KINKED = frozenset(
    {
        *("relu", "leaky_relu", "elu", "selu", "abs", "sign", "floor", "round", "softsign", "maximum"),
        *("minimum", "max", "min", "clip", "where", "equal", "heaviside", "divide_no_nan", "huber"),
        *("ceil", "trunc", "fmod", "remainder", "copysign", "fmax", "fmin", "relu6", "threshold", "celu"),
        *("hardtanh", "hardsigmoid", "hardswish", "hardshrink", "softshrink", "i0e", "i1e"),
    }
)
"""Operations with a kink or a jump, across which finite differences are meaningless."""
USUAL = tuple(name for name in TABLE if name not in SPECIAL)
"""All operations but special functions, which have no form in C, and whose references take long."""
SMOOTH = tuple(name for name in USUAL if name not in (*KINKED, "stop_gradient"))

Argument = int | float  # the position of an earlier node, or a number


@dataclass(frozen=True)
class Step:
    """One operation on earlier nodes (by their positions) and plain numbers."""

    operation: str
    arguments: tuple[Argument, ...]


@dataclass(frozen=True)
class Program:
    """A sequence of operations on some inputs; the last is the output."""

    inputs: tuple[float, ...]
    steps: tuple[Step, ...]

    def build(self, *inputs: float) -> list[Value]:
        """Build all nodes at these inputs (or its own): first the inputs x0, x1, ..., then one per step."""
        return self.computed([Value(x, f"x{i}") for i, x in enumerate(inputs or self.inputs)])

    def computed(self, inputs: Sequence[Value]) -> list[Value]:
        """Apply the steps to these nodes, and return all nodes."""
        nodes = list(inputs)
        for step in self.steps:
            nodes.append(apply(TABLE[step.operation], _arguments(step, nodes)))
        return nodes

    def leaves(self, nodes: Sequence[Value]) -> list[Value]:
        """Return the inputs among the nodes of `build`."""
        return list(nodes[: len(self.inputs)])

    def reference(self, *inputs: Any) -> Any:
        """Compute the output with mpmath in its current precision."""
        numbers = [mpf(x) for x in inputs or self.inputs]
        for step in self.steps:
            numbers.append(REFERENCES[step.operation].function(*map(mpf, _arguments(step, numbers))))
        return numbers[-1]

    def reference_derivative(self, *orders: int) -> float:
        """Differentiate the output, `orders[i]` times by input i, by differences in 120 digits."""
        with mp.workdps(120):
            return float(mp.diff(self.reference, tuple(map(mpf, self.inputs)), orders, h=mpf("1e-20")))


def _arguments(step: Step, nodes: Sequence[Any]) -> list[Any]:
    return [nodes[a] if isinstance(a, int) else a for a in step.arguments]


NUMBERS = st.floats(*ORDINARY, width=16)


@cache
def arguments_among(count: int) -> st.SearchStrategy[int | float]:
    """Draw a place of a node, recent ones more often, which makes graphs deep; a constant occasionally.

    One object for each count, as Hypothesis examines every new one.
    """
    recent = st.integers(max(0, count - 3), count - 1)
    return st.one_of(recent, st.integers(0, count - 1), recent, NUMBERS)


@st.composite
def programs(
    draw: st.DrawFn,
    operations: Collection[str] = USUAL,
    max_inputs: int = 3,
    max_steps: int = 12,
) -> Program:
    """Draw programs over these operations, with finite values and every argument well inside its domain."""
    writer = _Writer(draw(st.lists(NUMBERS, min_size=1, max_size=max_inputs)))
    for name in draw(st.lists(st.sampled_from(list(operations)), min_size=1, max_size=max_steps)):
        row = TABLE[name]
        count = row.arity or 2 * draw(st.integers(1, 2))  # `dot` needs an even number
        argument = arguments_among(len(writer.numbers))
        writer.add(row, [draw(argument) for _ in range(count)])
    return Program(tuple(writer.numbers[: writer.inputs]), tuple(writer.steps))


def random_program(source: random.Random, operations: Sequence[str], max_steps: int) -> Program:
    """Draw such a program from a seed: much faster than `programs`, without the search for a smaller one."""

    def number() -> float:
        x = source.uniform(*ORDINARY)
        return source.choice((x, round(x, 1), float(round(x))))

    writer = _Writer([number() for _ in range(source.randint(1, 3))])
    for _ in range(source.randint(1, max_steps)):
        row = TABLE[source.choice(operations)]
        places = range(len(writer.numbers))
        arguments = [
            source.choice(
                (source.choice(places[-3:]), source.choice(places[-3:]), source.choice(places), number())
            )
            for _ in range(row.arity or 2 * source.randint(1, 2))
        ]
        writer.add(row, arguments)
    return Program(tuple(writer.numbers[: writer.inputs]), tuple(writer.steps))


class _Writer:
    """Writes a program and tracks its numbers, to know which arguments are outside their domain."""

    def __init__(self, inputs: Sequence[float]) -> None:
        self.inputs = len(inputs)
        self.numbers = [x + 0.0 for x in inputs]
        self.steps: list[Step] = []

    def add(self, row: Operation, arguments: Sequence[Argument]) -> None:
        intervals = DOMAINS.get(row.name, (ORDINARY,))
        intervals *= len(arguments) if len(intervals) == 1 else 1
        self._write(row.name, [self._within(a, i) for a, i in zip(arguments, intervals, strict=True)])

    def _within(self, argument: Argument, interval: Interval) -> Argument:
        number = self.numbers[argument] if isinstance(argument, int) else argument
        low, high = interval
        if low <= number <= high:
            return argument
        center, radius = (low + high) / 2.0, (high - low) / 2.0
        if isinstance(argument, float):
            return center + radius * math.tanh(number)
        narrow = self._write("mul", [radius, self._write("tanh", [argument])])
        return self._write("add", [center, narrow])

    def _write(self, name: str, arguments: list[Argument]) -> int:
        step = Step(name, tuple(arguments))
        xs = _arguments(step, self.numbers)
        row = TABLE[name]
        self.numbers.append(row.forward(tuple(xs)) if row.arity is None else row.forward(*xs))
        self.steps.append(step)
        return len(self.numbers) - 1
