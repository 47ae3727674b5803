"""Straight-line programs: one statement a node, a forward and a backward column."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .builder import Builder
from .derivative import Contribution, differentiate
from .inline import Inliner, statement_of
from .names import identifiers
from .tape import Tape
from .templates import number_in_python, written
from .undefined import overlooked_results
from .vector_calls import vector_calls


@dataclass(frozen=True)
class Line:
    """One statement: the node, its name and its expression in that language.

    Where it is all results of a softmax, `results` has their names in order, "" for one that is not needed.
    """

    place: int
    name: str
    expression: str
    results: tuple[str, ...] = ()


class Straight:
    """The nodes of a program in order, with names: its values, and its gradient if asked for.

    `forward` are the places that the outputs need, `backward` those that only the gradient needs.
    """

    def __init__(
        self, tape: Tape, names: Sequence[str] = (), *, gradient: bool = False, exact: bool = False,
        contributions: bool = False, watch: bool = False, alone: bool = False,
    ) -> None:  # fmt: skip
        """With `watch`, `watched` are numbers that must not be undefined, though results may not show it.

        A program that is `alone` cannot ask the engine again where its numbers are undefined.
        """
        self.builder = Builder(exact, alone)
        self.here = self.builder.load(tape)
        self.inputs = [self.here[i] for i in tape.inputs.tolist()]
        self.outputs = [self.here[i] for i in tape.outputs.tolist()]
        self.forward = self.builder.needed(self.outputs)
        self.gradient: list[int] = []
        self.adjoints: dict[int, int] = {}
        self.contributions: list[Contribution] = []
        self.watched = self._overlooked() if watch else []
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
        # One by one the results of a softmax have the eager engine's bits.
        self.calls = {} if exact else vector_calls(self.builder, [*self.forward, *self.backward])
        self.names = self._names(names)

    def _overlooked(self) -> list[int]:
        """Results that another row may ignore, and those that a rule did away with."""
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
        """A node as an argument: its name, or the literal of its number."""
        number = self.builder.numbers[place]
        return self.names[place] if number is None else number_in_python(number)

    def lines(self, places: Sequence[int], language: str) -> list[Line]:
        """The statements of those nodes."""
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


def python_source(program: Straight, name: str, many: bool, single: bool, other_names: bool = False) -> str:
    """The program as a Python function of floats; of one sequence of them if they are `many`.

    `other_names` lets the caller use names that are not those of the parameters. It costs each call a dict.
    """
    names = [program.names[i] for i in program.inputs]
    inliner = Inliner(program)
    forward = _block(inliner.statements(program.forward), "forward", 8)
    backward = _block(inliner.statements(program.backward), "backward", 8)
    outputs = [program.spelled(i) for i in program.outputs]
    gradient = [program.spelled(i) for i in program.gradient]
    if program.builder.exact:
        gradient = [f"{g} + 0.0" for g in gradient]  # An adjoint that begins at 0 has no -0.0.
    value = outputs[0] if single else f"[{', '.join(outputs)}]"
    slope = gradient[0] if len(gradient) == 1 and not many else f"({', '.join(gradient)},)"
    result = f"{value}, {slope}" if program.gradient else value
    return (PYTHON_OF_MANY if many else PYTHON).format(
        name=name,
        parameters=", ".join([*[f"{x}=..." for x in names], *["**named"] * other_names]),
        types=_types(names, other_names),
        arguments=", ".join(names),
        rest=", ".join([*names, *["**named"] * other_names]),
        unpacked=_unpacked(names),
        forward=forward or "        pass\n",
        backward=backward,
        suspect=_suspect([*outputs, *gradient, *map(program.spelled, program.watched)]),
        result=result,
    )


def _types(names: list[str], other_names: bool) -> str:
    named = ["named"] * other_names
    if not names:
        return " or ".join(named) or "False"
    tests = " is ".join(f"type({x})" for x in names)
    plain = f"not {tests} is float" if len(names) > 1 else f"type({names[0]}) is not float"
    return " or ".join([plain, *named])


def _unpacked(names: list[str]) -> str:
    return f"({', '.join(names)},)" if names else "()"


def _suspect(results: list[str]) -> str:
    """Whether a result is no number: then their sum is none either, and is unequal to itself."""
    variables = [x for x in results if x[0].isalpha()]
    if not variables:
        return "False"
    if len(variables) == 1:
        return f"{variables[0]} != {variables[0]}"
    if len(variables) <= 40:
        return f"(_s := {' + '.join(variables)}) != _s"
    return f"(_s := sum(({', '.join(variables)},))) != _s"


def _block(statements: list[tuple[str, str]], title: str, indent: int) -> str:
    if not statements:
        return ""
    space = " " * indent
    return f"{space}# {title}\n" + "".join(f"{space}{name} = {x}\n" for name, x in statements)
