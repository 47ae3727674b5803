"""Misconceptions about backpropagation, carried out: what a student computes who has one of them.

Each is a backward pass that differs from the right one in one rule, so its wrong answers follow from the
mistake through the whole graph.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass

from autograd_core import TABLE
from autograd_core.steps import Contribution, Forward, Steps

from .problem import Wrong
from .text_parts import Say, name

OVERWRITTEN = Say("The last path overwrote the others: contributions of several paths add up.")
LEFT_OUT = Say("The local derivative (the inner derivative of the chain rule) is left out.")
ONLY_LOCAL = Say("That is the local derivative alone: multiply it by the gradient that arrives.")
VALUE = Say("The value of the function stands in place of its derivative.")
OWN_FACTOR = Say("The derivative of a product by one factor is the other factor, not the same one.")
SIGN = Say("A minus sign is lost: what is subtracted has the local derivative −1.")
OTHER_SIGN = Say("The sign is wrong.")
EXPONENT = Say("The exponent is missing as a factor: the derivative of a power has it in front.")
FIRST_PATH = Say("Only the first path is counted: contributions of all paths add up.")

NUMBERS = Mapping[str, float]
NodesByName = Mapping[str, Forward]


@dataclass(frozen=True)
class Fault:
    """A wrong rule: the reason, and what it takes for the local derivative; None where it changes nothing."""

    reason: Say
    local: Callable[[Contribution, NodesByName], float | None]
    overwrites: bool = False
    drops_incoming: bool = False


def _left_out(c: Contribution, nodes: NodesByName) -> float | None:
    return 1.0


def _value(c: Contribution, nodes: NodesByName) -> float | None:
    node = nodes[c.source]
    inputs = [argument for argument in node.arguments if argument in nodes]
    return node.value if len(inputs) == 1 and node.operation not in LINEAR else None


def _own_factor(c: Contribution, nodes: NodesByName) -> float | None:
    return nodes[c.target].value if nodes[c.source].operation == "mul" else None


def _sign(c: Contribution, nodes: NodesByName) -> float | None:
    negative = nodes[c.source].operation == "neg" or (nodes[c.source].operation == "sub" and c.slot == 1)
    return -c.local if negative else None


def _exponent(c: Contribution, nodes: NodesByName) -> float | None:
    node = nodes[c.source]
    if node.operation != "pow" or c.slot != 0 or node.arguments[1] in nodes:
        return None
    return c.local / float(node.arguments[1])


LINEAR = frozenset({"add", "sub", "mul", "neg", "max", "min", "maximum", "minimum"})
OVERWRITES = Fault(OVERWRITTEN, lambda c, nodes: c.local, overwrites=True)
FAULTS = (
    OVERWRITES,
    Fault(OWN_FACTOR, _own_factor),
    Fault(LEFT_OUT, _left_out),
    Fault(VALUE, _value),
    Fault(SIGN, _sign),
    Fault(EXPONENT, _exponent),
    Fault(ONLY_LOCAL, lambda c, nodes: c.local, drops_incoming=True),
)


def nodes_of(steps: Steps) -> dict[str, Forward]:
    """Return the nodes by name."""
    return {node.name: node for node in steps.forward}


def contributions_of(steps: Steps) -> list[Contribution]:
    """Return the steps of the backward pass after the seed."""
    return [step for step in steps.backward if isinstance(step, Contribution)]


@dataclass(frozen=True, slots=True)
class SweepLine:
    """A line of a backward pass, right or wrong: `total` is the target's gradient after it."""

    step: Contribution
    incoming: float
    local: float
    total: float


def sweep(
    steps: Steps, fault: Fault | None = None, only: Callable[[Contribution], bool] | None = None
) -> list[SweepLine]:
    """Carry out the backward pass with a wrong rule, everywhere or where `only` says so.

    >>> from autograd_core import parse, steps
    >>> [line.total for line in sweep(steps(parse("u = x*x; J = u*x", {"x": 3.0})), OVERWRITES)]
    [3.0, 9.0, 9.0, 9.0]
    """
    nodes = nodes_of(steps)
    gradients = {steps.output: 1.0}
    lines = []
    for c in contributions_of(steps):
        wrong = fault if fault is not None and (only is None or only(c)) else None
        local = wrong.local(c, nodes) if wrong is not None else None
        incoming = gradients.get(c.source, 0.0)
        amount = c.local if local is None else local
        product = amount if wrong is not None and wrong.drops_incoming else incoming * amount
        before = 0.0 if wrong is not None and wrong.overwrites else gradients.get(c.target, 0.0)
        gradients[c.target] = before + product
        lines.append(SweepLine(c, incoming, amount, before + product))
    return lines


def gradient(lines: list[SweepLine], of: str) -> float:
    """Return the gradient of a node after the last line."""
    return ([line.total for line in lines if line.step.target == of] or [0.0])[-1]


def wrong_gradients(steps: Steps, of: str) -> Iterator[Wrong]:
    """Yield what each misconception makes of a node's gradient: at this node alone, then everywhere."""
    right = steps.gradients[of]
    for fault in FAULTS:
        yield Wrong(gradient(sweep(steps, fault, lambda c: c.target == of), of), fault.reason)
    first = [line.total for line in sweep(steps) if line.step.target == of][:1]
    yield from [Wrong(total, FIRST_PATH) for total in first]
    yield Wrong(-right, OTHER_SIGN)
    for fault in FAULTS:
        yield Wrong(gradient(sweep(steps, fault), of), fault.reason)


def wrong_locals(steps: Steps, c: Contribution) -> Iterator[Wrong]:
    """Yield what misconceptions take for a local derivative."""
    nodes = nodes_of(steps)
    for fault in FAULTS:
        local = fault.local(c, nodes)
        if (
            local is not None
            and not fault.overwrites
            and not fault.drops_incoming
            and fault.reason is not LEFT_OUT
        ):
            yield Wrong(local, fault.reason)
    yield Wrong(nodes[c.source].value, VALUE)
    yield Wrong(-c.local, OTHER_SIGN)


AS_SUM = Say("The factors are added instead of multiplied.")
AS_PRODUCT = Say("The terms are multiplied instead of added.")
TWICE = Say("That is the exponent times the base, not the power.")
SWAPPED = Say("The order is reversed: the second is subtracted from the first.")
UPSIDE_DOWN = Say("The fraction is upside down.")
PASSED_ON = Say("The ReLU gives 0 for a negative argument.")
THE_OTHER = Say("That is the smaller one; the maximum is the larger one.")
NO_FUNCTION = Say("The function is left out: that is its argument.")

MISREADINGS: dict[str, tuple[Callable[..., float], Say]] = {
    "mul": (lambda a, b: a + b, AS_SUM),
    "add": (lambda a, b: a * b, AS_PRODUCT),
    "sub": (lambda a, b: b - a, SWAPPED),
    "div": (lambda a, b: b / a if a else b, UPSIDE_DOWN),
    "pow": (lambda a, n: n * a, TWICE),
    "relu": (lambda a: a, PASSED_ON),
    "max": (min, THE_OTHER),
    "maximum": (min, THE_OTHER),
}
"""What else a student may compute in place of an operation."""


def wrong_values(steps: Steps, of: str, named: Collection[str]) -> Iterator[Wrong]:
    """Yield what misreadings make of a node's value: at this node, and at `named` ones before it."""
    nodes = nodes_of(steps)
    for misread in [of, *[other for other in nodes if other != of and other in named]]:
        operation = nodes[misread].operation
        if operation in ("input", "constant"):
            continue
        function, reason = MISREADINGS.get(operation, (lambda *xs: xs[0], NO_FUNCTION))
        said = reason if misread == of else Say("At {node}: {reason}", node=name(misread), reason=reason)
        yield Wrong(_values(nodes, misread, function)[of], said)
    yield Wrong(-nodes[of].value, OTHER_SIGN)


def _values(nodes: NodesByName, misread: str, function: Callable[..., float]) -> dict[str, float]:
    values: dict[str, float] = {}
    for called, node in nodes.items():
        xs = [values[argument] if argument in values else float(argument) for argument in node.arguments]
        operation = function if called == misread else None
        if not node.arguments:
            values[called] = node.value
        elif operation is not None:
            values[called] = operation(*xs)
        else:
            values[called] = _computed(node.operation, xs)
    return values


def _computed(operation: str, xs: list[float]) -> float:
    """Return what the engine computes."""
    row = TABLE[operation]
    return float(row.value_at(xs))
