"""Emit straight-line Python: one statement per node, inlined if used once, forward and backward."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import inf
from typing import Protocol

from ...operations.evaluation import HUGE, TINY
from ...operations.operation import Operation
from ..front.gradient import AdjointTerm, Doubt, VectorCall, differentiate, doubts, vector_calls
from ..front.nan_checks import overlooked_results
from ..front.tape_and_builder import Builder, Tape
from .expressions import identifiers, number_in_python, written, written_for_all

LONGEST = 64
"""A longer expression stays a separate statement."""


class Nodes(Protocol):
    """Nodes of a builder in order, the results among them, and their names."""

    @property
    def builder(self) -> Builder: ...
    @property
    def outputs(self) -> Sequence[int]: ...
    @property
    def gradient(self) -> Sequence[int]: ...
    @property
    def watched(self) -> Sequence[int]: ...
    @property
    def doubts(self) -> Sequence[Doubt]: ...
    @property
    def forward(self) -> Sequence[int]: ...
    @property
    def backward(self) -> Sequence[int]: ...
    @property
    def names(self) -> dict[int, str]: ...
    @property
    def calls(self) -> Mapping[int, VectorCall]: ...
    def spelled(self, place: int) -> str: ...


class Inliner:
    """The expressions of a program in Python, some of them inlined into others.

    The operations and their order, and so all bits, are the same as with one statement per node.
    """

    def __init__(self, program: Nodes) -> None:
        self.program = program
        builder = program.builder
        doubted = [i for doubt in program.doubts for i in (*doubt.places, *doubt.beside)]
        named = [*program.outputs, *program.gradient, *program.watched, *doubted]
        self.uses = Counter(named * 2)
        for i in (*program.forward, *program.backward):
            row = builder.rows[i]
            if row is not None:
                for k, j in enumerate(builder.args[i]):
                    self.uses[j] += _times(_form(row), k)
        self._moved: dict[int, tuple[str, str]] = {}

    def statements(self, places: Sequence[int]) -> list[tuple[str, str]]:
        """Return the remaining names and expressions of those nodes."""
        builder, kept = self.program.builder, []
        for i in places:
            row, call = builder.rows[i], self.program.calls.get(i)
            if call is not None:
                if i == call.first:
                    results, expression = statement_of(self.program, call, "python")
                    kept.append((", ".join([name or "_" for name in results]), expression))
                continue
            if row is None:
                continue
            form = _form(row)
            args = [self._argument(form, k, j) for k, j in enumerate(builder.args[i])]
            expression = written(row, "python", args)
            if self.uses[i] == 1 and i not in builder.labels and len(expression) <= LONGEST:
                self._moved[i] = form, expression
            else:
                kept.append((self.program.names[i], expression))
        return kept

    def _argument(self, form: str, k: int, place: int) -> str:
        if place not in self._moved:
            return self.program.spelled(place)
        inner, expression = self._moved.pop(place)
        return expression if _binds(inner, form, k) else f"({expression})"


def statement_of(program: Nodes, call: VectorCall, language: str) -> tuple[tuple[str, ...], str]:
    """Return the names of all results of a softmax, "" for unneeded ones, and the expression for them."""
    names = [program.names[call.results[j]] if j in call.results else "" for j in call.args]
    return tuple(names), written_for_all(call.row, language, [program.spelled(j) for j in call.args])


def _form(row: Operation) -> str:
    return row.forms.get("python") or "call({list})"


@cache
def _times(form: str, k: int) -> int:
    """Return the number of times an argument is evaluated."""
    return form.count(f"{{{k}}}") + form.count("{list}")


def _binds(inner: str, outer: str, k: int) -> bool:
    """Whether an expression needs no brackets at that place in another."""
    if re.fullmatch(r"\w*\(.*\)", inner) or re.fullmatch(r"\w+\(.*\)", outer):
        return True
    sums, products = ("{0} + {1}", "{0} - {1}"), ("{0} * {1}", "{0} / {1}")
    return (outer in sums and (inner in products or (k == 0 and inner in sums))) or (
        outer in products and k == 0 and inner in products
    )


@dataclass(frozen=True)
class Line:
    """One statement: the node, its name and its expression.

    If it computes all results of a softmax, `results` has their names in order, "" for unneeded ones.
    """

    place: int
    name: str
    expression: str
    results: tuple[str, ...] = ()


class Straight:
    """The named nodes of a program in order: its values and, if requested, its gradient.

    `forward` has the places that the outputs need, `backward` those that only the gradient needs.
    """

    def __init__(
        self, tape: Tape, names: Sequence[str] = (), *, gradient: bool = False, exact: bool = False,
        contributions: bool = False, watch: bool = False, alone: bool = False,
    ) -> None:  # fmt: skip
        """With `watch`, `watched` are numbers that must not be undefined, though results may not show it, and
        `doubts` tell where a gradient may have underflowed.

        A program that is `alone` cannot fall back to the engine if its numbers are undefined.
        """
        self.builder = Builder(exact, alone)
        self.here = self.builder.load(tape)
        self.inputs = [self.here[i] for i in tape.inputs.tolist()]
        self.outputs = [self.here[i] for i in tape.outputs.tolist()]
        self.forward = self.builder.needed(self.outputs)
        self.gradient: list[int] = []
        self.adjoints: dict[int, int] = {}
        self.contributions: list[AdjointTerm] = []
        self.watched = self._overlooked() if watch else []
        self.doubts: list[Doubt] = []
        if gradient:
            one_by_one = exact or contributions
            result = differentiate(self.builder, self.outputs[0], self.inputs, one_by_one=one_by_one)
            self.adjoints, self.contributions = result.adjoints, result.contributions
            zero = self.builder.constant(0.0)
            self.gradient = [result.adjoints.get(i, zero) for i in self.inputs]
        wanted = [
            *self.outputs,
            *self.gradient,
            *self.watched,
            *([m.amount for m in self.contributions] if contributions else []),
        ]
        done = set(self.forward)
        self.backward = [i for i in self.builder.needed(wanted) if i not in done]
        if gradient and watch:
            alive = done.union(self.backward)
            self.doubts = doubts(self.builder, self.contributions, self.forward, alive)
        self.calls = vector_calls(self.builder, [*self.forward, *self.backward])
        self.names = self._names(names)

    def _overlooked(self) -> list[int]:
        """Return results that another row may ignore, and those that a rule dropped."""
        dropped = [x.place for x in self.builder.dropped if self.builder.rows[x.place] is not None]
        forward = self.builder.needed([*self.outputs, *dropped])
        return list(dict.fromkeys([*overlooked_results(self.builder, forward), *dropped]))

    def _names(self, inputs: Sequence[str]) -> dict[int, str]:
        labels = dict(self.builder.labels) | dict(zip(self.inputs, inputs, strict=False))
        forward = [i for i in self.forward if i not in set(self.inputs)]
        variables = [i for i in (*self.inputs, *forward) if self.builder.numbers[i] is None]
        names = identifiers(variables, labels)
        for node, adjoint in self.adjoints.items():
            if adjoint not in names and node in names:
                labels[adjoint] = f"d_{names[node]}"
        rest = [i for i in self.backward if self.builder.numbers[i] is None]
        return identifiers([*variables, *rest], labels | names)

    def spelled(self, place: int) -> str:
        """Write a node as an argument: its name, or the literal of its number."""
        number = self.builder.numbers[place]
        return self.names[place] if number is None else number_in_python(number)

    def lines(self, places: Sequence[int], language: str) -> list[Line]:
        """Return the statements of those nodes."""
        lines = []
        for i in places:
            row = self.builder.rows[i]
            call = self.calls.get(i)
            if call is not None:
                if i == call.first:
                    results, expression = statement_of(self, call, language)
                    lines.append(Line(i, ", ".join([x or "_" for x in results]), expression, results))
            elif row is not None:
                args = [self.spelled(j) for j in self.builder.args[i]]
                lines.append(Line(i, self.names[i], written(row, language, args)))
        return lines


PYTHON = """\
def {name}({parameters}):
    if {types}:
        return again({rest})
    try:
{forward}{backward}    except (ValueError, ArithmeticError):
        return careful({arguments})
    if {suspect}:
        return careful({arguments})
    return {result}
"""

PYTHON_OF_MANY = """\
def {name}(P):
    try:
        {unpacked} = P
{forward}{backward}    except (ValueError, ArithmeticError):
        return careful(*P)
    if {suspect}:
        return careful(*P)
    return {result}
"""


def python_source(program: Straight, name: str, many: bool, single: bool) -> str:
    """Return the program as a Python function of floats, or of one sequence of them if they are `many`.

    It passes anything else to `again`, which explains what is wrong.
    """
    names = [program.names[i] for i in program.inputs]
    inliner = Inliner(program)
    forward = _block(inliner.statements(program.forward), "forward", 8)
    backward = _block(inliner.statements(program.backward), "backward", 8)
    outputs = [program.spelled(i) for i in program.outputs]
    gradient = [program.spelled(i) for i in program.gradient]
    if program.builder.exact:
        gradient = [f"{g} + 0.0" for g in gradient]  # An adjoint that starts at 0.0 is never -0.0.
    value = outputs[0] if single else f"[{', '.join(outputs)}]"
    slope = gradient[0] if len(gradient) == 1 and not many else f"({', '.join(gradient)},)"
    result = f"{value}, {slope}" if program.gradient else value
    return (PYTHON_OF_MANY if many else PYTHON).format(
        name=name,
        parameters=", ".join([*[f"{x}=..." for x in names], *["/"] * bool(names), "*more", "**named"]),
        types=_types(names),
        arguments=", ".join(names),
        rest=", ".join([*names, "*more", "**named"]),
        unpacked=_unpacked(names),
        forward=forward or "        pass\n",
        backward=backward,
        suspect=" or ".join(_suspicions(program)),
        result=result,
    )


def _types(names: list[str]) -> str:
    if not names:
        return "more or named"
    tests = " is ".join(f"type({x})" for x in names)
    plain = f"not {tests} is float" if len(names) > 1 else f"type({names[0]}) is not float"
    return f"{plain} or more or named"


def _unpacked(names: list[str]) -> str:
    return f"({', '.join(names)},)" if names else "()"


def _suspicions(program: Straight) -> list[str]:
    """Return conditions for falling back to the eager engine: a result is not finite, or has underflowed."""
    outputs, gradient, watched = (
        [x for x in map(program.spelled, places) if x.strip("-")[0].isalpha()]
        for places in (program.outputs, program.gradient, program.watched)
    )
    found = []
    # If one number is NaN, so is the sum, which is then not equal to itself.
    if gradient:
        found.append(f"({_sum([*outputs, *gradient])}) - _s")
        outputs = []
    if [*outputs, *watched]:
        found.append(f"({_sum([*outputs, *watched])}) != _s")
    if program.doubts and gradient:
        doubt = " or ".join([_doubtful(program, doubt) for doubt in program.doubts])
        found.append(doubt if program.builder.exact else f"{_zero_among(gradient)} and ({doubt})")
    return found or ["False"]


def _zero_among(names: Sequence[str]) -> str:
    if len(names) == 1:
        return f"not {names[0]}"
    return f"not ({' and '.join(names)})" if len(names) <= 40 else f"0.0 in ({', '.join(names)})"


def _sum(names: Sequence[str]) -> str:
    return f"_s := {' + '.join(names)}" if len(names) <= 40 else f"_s := sum(({', '.join(names)},))"


def _doubtful(program: Straight, doubt: Doubt) -> str:
    if program.builder.exact:
        test = f"not ({TINY} < {{0}} < {HUGE} or {-HUGE} < {{0}} < {-TINY})"
    else:
        test = f"{-TINY} < {{0}} < {TINY}"
    tests = " or ".join([test.format(program.spelled(i)) for i in doubt.places])
    beside = [program.spelled(i) for i in doubt.beside]
    if doubt.limit < inf:
        beside += [f"{-doubt.limit} < {x} < {doubt.limit}" for x in beside]
    return " and ".join([f"({tests})", *beside])


def _block(statements: list[tuple[str, str]], title: str, indent: int) -> str:
    if not statements:
        return ""
    space = " " * indent
    return f"{space}# {title}\n" + "".join(f"{space}{name} = {x}\n" for name, x in statements)
