"""Random programs from a seed: repeated formulas, matrix products, variadic operations, ties.

A `Recipe` is a list of steps over some inputs. `recipe.build(point)` evaluates it with the eager engine, at
any number of points. Ordinary programs keep every argument inside its
domain; wild ones include zeros and infinities and ignore domains.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from autograd_core import TABLE, Value
from autograd_core.kernel.apply import apply
from tests.graphs import DOMAINS, ORDINARY, USUAL, Interval

Argument = int | float
"""The position of an earlier node, or a number."""

VARIADIC = [name for name, row in TABLE.items() if row.arity is None]
ELEMENTWISE = [name for name in USUAL if TABLE[name].arity is not None]
ARITHMETIC = ["add", "sub", "mul", "neg", "square", "maximum", "minimum", "relu", "abs", "tanh", "sin"]
EXACT = frozenset(
    {
        *("add", "sub", "mul", "neg", "square", "abs", "relu", "maximum", "minimum", "max", "min", "clip"),
        *("where", "floor", "round", "sign", "heaviside", "equal", "sum", "dot"),
    }
)
"""Operations without rounding on numbers of few bits, so a tie is a tie in every order of summation."""
GROWING = frozenset(
    {
        *("exp", "exp2", "expm1", "sinh", "cosh", "pow", "prod", "square", "mul", "gaussian", "div"),
        *("divide_no_nan", "reciprocal"),
    }
)
WILD = [0.0, -0.0, 0.0, 1.0, 1.0, -1.0, 2.0, 0.5, -3.0, math.inf, -math.inf]
BITS = 40


@dataclass(frozen=True)
class Recipe:
    """Steps over `count` inputs; `outputs` are positions of nodes."""

    count: int
    steps: list[tuple[str, tuple[Argument, ...]]]
    outputs: list[int]
    exact: list[bool]
    wild: bool

    def build(self, point: Sequence[float], weights: int | None = None) -> list[Value]:
        """Build all nodes, the inputs first; with `weights`, later inputs are constants."""
        count = len(point) if weights is None else weights
        return self.on([Value(x, f"x{i}", requires_grad=i < count) for i, x in enumerate(point)])

    def on(self, inputs: Sequence[Any]) -> list[Any]:
        """Build on existing inputs."""
        nodes = list(inputs)
        for name, arguments in self.steps:
            nodes.append(apply(TABLE[name], [nodes[a] if type(a) is int else a for a in arguments]))
        return nodes

    def number(self, random: Random) -> float:
        """Draw a number of few bits for an input, so that ties and zeros are frequent."""
        return random.choice(WILD) if self.wild else random.randint(-10, 10) / 4.0

    def __str__(self) -> str:
        lines = [f"v{self.count + k} = {name}({', '.join(map(_spelled, arguments))})"
                 for k, (name, arguments) in enumerate(self.steps)]  # fmt: skip
        outputs = ", ".join(f"v{i}" for i in self.outputs)
        return f"{self.count} inputs v0, ...\n" + "\n".join(lines) + f"\nreturn {outputs}"


def _spelled(argument: Argument) -> str:
    return f"v{argument}" if type(argument) is int else repr(argument)


@dataclass
class Writer:
    """A recipe under construction."""

    random: Random
    wild: bool
    count: int
    steps: list[tuple[str, tuple[Argument, ...]]] = field(default_factory=list)
    bits: list[int | None] = field(default_factory=list)
    """The most bits of a node's number, or None if it is rounded."""
    fresh: int = 0
    size: int = 1
    """The size of repeated parts, as a multiple of the usual one."""

    def node(self) -> int:
        """Choose a node: often an unused input, or a recent node."""
        if self.random.random() < 0.4:
            return self.input()
        n = self.count + len(self.steps)
        return self.random.randrange(max(0, n - 6) if self.random.random() < 0.5 else 0, n)

    def input(self) -> int:
        """Return the next input in order, so that rows of a matrix are contiguous."""
        self.fresh += 1
        return (self.fresh - 1) % self.count

    def constant(self) -> float:
        return self.random.choice(WILD) if self.wild else self.random.randint(-8, 8) / 4.0

    def argument(self) -> Argument:
        return self.constant() if self.random.random() < 0.15 else self.node()

    def apply(self, name: str, arguments: Sequence[Argument]) -> int:
        """Add a step whose arguments are mapped into the row's domain."""
        if not self.wild:
            intervals = DOMAINS.get(name, (ORDINARY,))
            intervals *= len(arguments) if len(intervals) == 1 else 1
            arguments = [self._within(name, a, span) for a, span in zip(arguments, intervals, strict=True)]
        return self._write(name, arguments)

    def _within(self, name: str, argument: Argument, interval: Interval) -> Argument:
        low, high = interval
        center, radius = (low + high) / 2.0, (high - low) / 2.0
        if type(argument) is float:
            return argument if low <= argument <= high else center + radius * math.tanh(argument)
        free = interval == ORDINARY and not (name in GROWING and argument >= self.count)
        if free or (interval == ORDINARY and self.random.random() < 0.2):
            return argument
        narrow = self._write("mul", [radius, self._write("tanh", [argument])])
        return self._write("add", [center, narrow]) if center else narrow

    def _write(self, name: str, arguments: Sequence[Argument]) -> int:
        if all(type(a) is float for a in arguments):
            arguments = [self.input(), *arguments[1:]]
        bits = [4 if type(a) is float else self.bits_of(a) for a in arguments]
        self.steps.append((name, tuple(arguments)))
        known = [b for b in bits if b is not None]
        total = (sum if name in ("mul", "square", "dot") else max)([*known, 0]) + len(bits)
        total += known[0] if name == "square" and known else 0
        exact = name in EXACT and len(known) == len(bits) and total <= BITS
        self.bits.append(total if exact else None)
        return self.count + len(self.steps) - 1

    def bits_of(self, place: int) -> int | None:
        return 5 if place < self.count else self.bits[place - self.count]

    # The parts of programs; each returns its final nodes.

    def anything(self) -> list[int]:
        """Apply one operation to any nodes."""
        if self.random.random() < 0.4:
            return [self.nary(self.random.choice(VARIADIC), self.random.randint(1, 6))]
        name = self.random.choice(ELEMENTWISE)
        return [self.apply(name, [self.argument() for _ in range(TABLE[name].arity or 0)])]

    def nary(self, name: str, count: int) -> int:
        """Apply an operation of any number of arguments, some of which may be the same."""
        arguments = [self.argument() for _ in range(2 * count if name == "dot" else count)]
        if self.random.random() < 0.2:
            arguments[-1] = arguments[0]
        return self.apply(name, arguments)

    def product(self) -> list[int]:
        """Build a matrix product, with something added to each sum."""
        rows, columns, inner = (self.random.randint(self.size // 2 + 1, 4 * self.size) for _ in range(3))
        left = [self.vector(inner) for _ in range(rows)]
        right = [self.vector(inner) for _ in range(columns)]
        style = self.random.choice(["dot", "loop", "sum", "nested"])
        extra = self.random.choice([None, None, "one", "each", "constant", "product", "many"])
        one = self.node()
        result = [self._entry(a, b, style, extra, one) for a in left for b in right]
        return self._each(result)

    def vector(self, size: int) -> list[Argument]:
        """Choose numbers of one kind: contiguous inputs, any nodes, or constants; occasionally mix them."""
        kind = self.random.choice(["inputs", "inputs", "inputs", "nodes", "constants"])
        made = {"inputs": self.input, "nodes": self.node, "constants": self.constant}
        make: Callable[[], Argument] = made[kind]
        numbers = [make() for _ in range(size)]
        if self.random.random() < 0.15:
            numbers[self.random.randrange(size)] = self.argument()
        return numbers

    def _entry(
        self, a: Sequence[Argument], b: Sequence[Argument], style: str, extra: str | None, one: int
    ) -> int:
        if style == "dot":
            y = self._write("dot", [*a, *b])
        else:
            terms = [self._write("mul", pair) for pair in zip(a, b, strict=True)]
            if self.random.random() < 0.3:
                self.random.shuffle(terms)
            y = self._added(terms, style)
        if extra is None:
            return y
        if extra == "product":
            return self._write("add", [self._write("mul", [self.node(), self.node()]), y])
        more: list[Argument] = {
            "one": lambda: [one], "each": lambda: [self.node()], "constant": lambda: [self.constant()],
            "many": lambda: [self.node(), one, self.constant()],
        }[extra]()  # fmt: skip
        return self._added([y, *more], style)

    def _added(self, terms: Sequence[Argument], style: str) -> int:
        if style in ("sum", "dot") or len(terms) == 1:
            return self._write("sum", terms)
        y = terms[0]
        for term in terms[1:]:
            y = self._write("add", [y, term] if style == "loop" else [term, y])
        return int(y)

    def _each(self, nodes: list[int]) -> list[int]:
        """Optionally apply one function to each, then add something to each."""
        if self.random.random() < 0.6:
            name = self.random.choice(ELEMENTWISE)
            others = [self.argument() for _ in range((TABLE[name].arity or 1) - 1)]
            own = self.random.random() < 0.5
            nodes = [self.apply(name, [y, *[self.argument() if own else x for x in others]]) for y in nodes]
        return nodes

    def repeated(self) -> list[int]:
        """Repeat a formula of a few rows, each time with its own numbers, common ones or constants."""
        slots = self.random.randint(1, 3)
        kinds = [self.random.choice(["own", "own", "common", "constant", "constants"]) for _ in range(slots)]
        common: list[Argument] = [self.constant() if kind == "constant" else self.node() for kind in kinds]
        names = [*ELEMENTWISE, *ARITHMETIC, *VARIADIC]
        rows = [self.random.choice(names) for _ in range(self.random.randint(1, 4))]
        size = self.random.randint(1, 4)
        places = [[self.random.randrange(-3, slots) for _ in range(8)] for _ in rows]
        return [
            self._instance(rows, places, size, list(map(self._slot, kinds, common)))
            for _ in range(self.random.randint(2, 6) * self.size**2)
        ]

    def _slot(self, kind: str, common: Argument) -> Argument:
        return self.input() if kind == "own" else self.constant() if kind == "constants" else common

    def _instance(
        self, rows: Sequence[str], places: Sequence[Sequence[int]], size: int, slots: Sequence[Argument]
    ) -> int:
        known: list[Argument] = list(slots)
        for name, wanted in zip(rows, places, strict=True):
            count = TABLE[name].arity or (2 * size if name == "dot" else size)
            known.append(self.apply(name, [known[wanted[i] % len(known)] for i in range(count)]))
        return int(known[-1])

    def layer(self) -> list[int]:
        """Call a variadic operation several times; of softmax, optionally use all results."""
        name, size = self.random.choice(VARIADIC), self.random.randint(1, 5)
        common = [self.argument() for _ in range(self.random.randint(0, size - 1))]
        found = []
        for _ in range(self.random.randint(1, 4) * self.size):
            xs = [*self.vector(size - len(common)), *common]
            if name == "dot":
                xs += self.vector(size)
            if self.random.random() < 0.3:
                self.random.shuffle(xs)
            results = len(xs) if TABLE[name].vector is not None and self.random.random() < 0.7 else 1
            found += [self.apply(name, [xs[i], *xs[:i], *xs[i + 1 :]]) for i in range(results)]
        return found


def recipe_of(seed: int) -> Recipe:
    """Return the program of a seed: one in five is wild, one in seventy is large enough for arrays."""
    random = Random(seed)
    wild, large = random.random() < 0.2, random.random() < 0.015
    count = random.choice([30, 60, 120]) if large else random.choice([1, 2, 3, 4, 6, 9, 16, 25])
    writer = Writer(random, wild and not large, count, size=random.choice([3, 4]) if large else 1)
    single, *repeated = parts = [writer.anything, writer.product, writer.repeated, writer.layer]
    ends = random.choice(repeated)() if large else []
    for _ in range(random.choice([1, 1, 2, 2, 3])):
        ends += random.choice([single] * 3 + parts if wild else parts)()
    outputs = [_result(writer, ends)]
    while random.random() < 0.25:
        outputs.append(random.choice([*ends, writer.node()]))
    if random.random() < 0.05:
        outputs[0] = writer.input()
    return _alive(writer, outputs)


def _alive(writer: Writer, outputs: list[int]) -> Recipe:
    """Return only the steps that lead to an output."""
    count, wanted = writer.count, set(outputs)
    for place in range(count + len(writer.steps) - 1, count - 1, -1):
        if place in wanted:
            wanted.update(a for a in writer.steps[place - count][1] if type(a) is int)
    kept = [*range(count), *[k + count for k in range(len(writer.steps)) if k + count in wanted]]
    new = {place: i for i, place in enumerate(kept)}
    steps = [
        (name, tuple(new[a] if type(a) is int else a for a in arguments))
        for name, arguments in (writer.steps[place - count] for place in kept[count:])
    ]
    exact = [writer.bits_of(place) is not None for place in kept]
    return Recipe(count, steps, [new[i] for i in outputs], exact, writer.wild)


def _result(writer: Writer, ends: list[int]) -> int:
    """Combine many numbers into one."""
    random = writer.random
    more: list[Argument] = [*ends, *[writer.argument() for _ in range(random.choice([0, 0, 1, 2]))]]
    kind = random.choice(["weighted", "sum", "sum", "variadic", "loop"])
    if kind == "weighted":
        weights = [writer.constant() or 1.0 for _ in more]
        return writer.apply("dot", [*more, *weights])
    if kind == "variadic":
        name = random.choice(VARIADIC)
        return writer.apply(name, [*more, *more[::-1]] if name == "dot" else more)
    if kind == "loop":
        total = more[0]
        for x in more[1:]:
            total = writer.apply(random.choice(["add", "add", "mul"]), [total, x])
        return int(total) if type(total) is int else writer.node()
    return writer.apply("sum", more)
