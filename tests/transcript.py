"""Random sequences of calls, written down bit for bit: both engines must write the same.

python -m tests.transcript SEED COUNT
"""

from __future__ import annotations

import copy
import pickle
import random
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from math import inf, nan
from typing import Any

from autograd_core import TABLE, Graph, Value, errstate, gradients, name_scope, no_grad, primitive
from autograd_core.graph.scopes import Label
from autograd_core.kernel.topological_order import topological_order

NUMBERS = (
    *(0.0, -0.0, 1.0, -1.0, 2.0, 0.5, -3.0, 1e-310, 5e-324, 1e-160, 1e160, 1e300, -1e308, inf, nan),
    *(0, 1, -2, 3, 10**400, True, Fraction(1, 3), "2", None, 1j, [1.0]),
)
OPERATORS: tuple[Callable[[Any, Any], Any], ...] = (
    lambda a, b: a + b,
    lambda a, b: a - b,
    lambda a, b: a * b,
    lambda a, b: a / b,
    lambda a, b: a**b,
    lambda a, b: -a,
    lambda a, b: abs(a),
    lambda a, b: a < b,
    lambda a, b: a >= b,
    lambda a, b: a == b,
    lambda a, b: bool(a),
)


class Own(Value):
    """A class of a user's."""


@primitive(partials=[lambda x, y: 3.0 * x * x])
def cubed(x: float) -> float:
    return x * x * x


del TABLE["cubed"], Value.cubed  # Tests that walk the table have nothing to say of it.


def bits(x: Any) -> str:
    return x.hex() if isinstance(x, float) else repr(x)


def node_text(node: Value) -> str:
    """Everything that can be seen of a node."""
    return (
        f"{bits(node.data)} {bits(node.grad)} {node.reached} {node.op} {node.requires_grad} {node.is_leaf} "
        f"{node.label!r} {[bits(d) for d in node.partials]} {node.index - Value(0).index}"
    )


def result_text(thing: Any) -> str:
    if isinstance(thing, Value):
        return node_text(thing)
    if isinstance(thing, (list, tuple)):
        return str([result_text(x) for x in thing])
    return bits(thing)


class Session:
    """A random sequence of calls on a growing pool of nodes."""

    def __init__(self, seed: int) -> None:
        self.draw = random.Random(seed)
        self.pool: list[Value] = [Value(2.0, "x"), Value(-0.5), Value(3, label="n", requires_grad=False)]
        self.pool.append(Own(1.5, "own"))

    def number(self) -> Any:
        kind = self.draw.random()
        if kind < 0.5:
            return self.draw.gauss(0.0, 2.0)
        return self.draw.choice(NUMBERS) if kind < 0.7 else self.draw.randrange(-4, 5)

    def node(self) -> Value:
        return self.draw.choice(self.pool[-12:] if self.draw.random() < 0.8 else self.pool)

    def argument(self) -> Any:
        return self.node() if self.draw.random() < 0.75 else self.number()

    @contextmanager
    def mode(self) -> Iterator[None]:
        kind = self.draw.random()
        if kind < 0.04:
            with no_grad():
                yield
        elif kind < 0.08:
            with errstate(all=self.draw.choice(("ignore", "raise"))):
                yield
        elif kind < 0.12:
            with name_scope("scope"):
                yield
        else:
            yield

    def call(self) -> Any:
        """Make one random call."""
        kind = self.draw.random()
        if kind < 0.45:
            operator = self.draw.choice(OPERATORS)
            a, b = self.argument(), self.argument()
            return operator(a, b)
        if kind < 0.75:
            row = self.draw.choice([*TABLE.values(), cubed])
            if row.arity is not None:
                return row(*[self.argument() for _ in range(row.arity)])
            size = self.draw.choice((1, 2, 3, 9))
            return row(*[[self.argument() for _ in range(size)] for _ in range(row.sequences)])
        return self.draw.choice(CALLS)(self)

    def lines(self, count: int) -> Iterator[str]:
        """Make that many calls; tell the results."""
        for _ in range(count):
            try:
                with self.mode():
                    result = self.call()
                text = result_text(result)
            except Exception as error:
                result, text = None, f"{type(error).__name__}: {error}"
            if isinstance(result, Value):
                self.pool.append(result)
            yield text
        for node in self.pool:
            yield f"{node!r} {[parent.index - node.index for parent in node.parents]} {node_text(node)}"


def _backward(s: Session) -> Any:
    node = s.node()
    node.backward(*([s.number()] if s.draw.random() < 0.3 else []))
    return [x.grad for x in s.pool]


def _set_data(s: Session) -> Any:
    node = s.node()
    node.data = s.number()
    return node


def _set_grad(s: Session) -> Any:
    node = s.node()
    node.grad = s.number()
    return node.grad


def _set_needs(s: Session) -> Any:
    node = s.node()
    node.requires_grad = s.draw.random() < 0.5
    return node.requires_grad


def _set_label(s: Session) -> Any:
    node = s.node()
    node.label = s.draw.choice(("a", "", "b c", None))
    return node.label


def _make(s: Session) -> Any:
    return s.draw.choice((Value, Own))(s.number(), *(["v"] if s.draw.random() < 0.3 else []))


def _make_badly(s: Session) -> Any:
    make: Any = Value
    return make(*s.draw.choice(((), (1.0, 2.0), (1.0, "a", 3), ("1",), ("x", 1.0))))


def _copies(s: Session) -> Any:
    node = s.node()
    twins = copy.copy(node), copy.deepcopy(node), pickle.loads(pickle.dumps(node))
    return [*twins, [bits(x.data) for x in topological_order(twins[2])]]


def _gradients(s: Session) -> Any:
    leaves = [x for x in s.pool if x.is_leaf]
    return gradients(s.node(), leaves, create_graph=s.draw.random() < 0.3)


CALLS: tuple[Callable[[Session], Any], ...] = (
    *(
        _backward,
        _backward,
        _set_data,
        _set_grad,
        _set_needs,
        _set_label,
        _make,
        _make_badly,
        _copies,
        _gradients,
    ),
    lambda s: s.node().zero_grad(),
    lambda s: s.node().detach(),
    lambda s: s.node().item(),
    lambda s: [p.index - s.node().index for p in s.node().parents],
    lambda s: len(Graph(s.node()).nodes),
    lambda s: setattr(s.node(), "_label", Label("tag", None)),
    lambda s: pow(s.node(), 2, 3),
    lambda s: f"{s.node():.3f}",
    lambda s: getattr(s.node(), s.draw.choice(("sin", "relu", "neg", "tanh", "log", "softplus")))(),
    lambda s: s.node().backward(seed=1.0),
)


def transcript(seeds: range, count: int) -> str:
    """The transcripts of the sessions with these seeds."""
    return "\n".join(line for seed in seeds for line in [f"seed {seed}", *Session(seed).lines(count)])


if __name__ == "__main__":
    first, sessions, calls = map(int, sys.argv[1:4])
    print(transcript(range(first, first + sessions), calls))
