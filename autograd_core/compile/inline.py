"""Fewer and longer statements: what is used once, and has no name of its own, stands where it is used."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Protocol

from ..operation import Operation
from .builder import Builder
from .symbols import is_built_in
from .templates import FORMS, written, written_for_all
from .vector_calls import VectorCall

LONGEST = 64
"""An expression longer than that stays a statement of its own."""


class Nodes(Protocol):
    """Nodes of a builder in order, the results among them, and how they are written."""

    @property
    def builder(self) -> Builder: ...
    @property
    def outputs(self) -> Sequence[int]: ...
    @property
    def gradient(self) -> Sequence[int]: ...
    @property
    def watched(self) -> Sequence[int]: ...
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
    """The expressions of a program in Python, of which some have moved into others.

    The operations and their order are those of one statement a node, and so are all bits.
    """

    def __init__(self, program: Nodes) -> None:
        self.program = program
        builder = program.builder
        named = [*program.outputs, *program.gradient, *program.watched]
        self.uses = Counter(named * 2)
        for i in (*program.forward, *program.backward):
            row = builder.rows[i]
            if row is not None:
                for k, j in enumerate(builder.args[i]):
                    self.uses[j] += _times(_form(row), k)
        self._moved: dict[int, tuple[str, str]] = {}

    def statements(self, places: Sequence[int]) -> list[tuple[str, str]]:
        """The names and expressions that are left of those nodes."""
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
    """The names of all results of a softmax, "" for one that is not needed, and the expression for them."""
    names = [program.names[call.results[j]] if j in call.results else "" for j in call.args]
    return tuple(names), written_for_all(call.row, language, [program.spelled(j) for j in call.args])


def _form(row: Operation) -> str:
    return (FORMS[row.name].python if is_built_in(row) and row.name in FORMS else "") or "call({list})"


@cache
def _times(form: str, k: int) -> int:
    """How often an argument is evaluated."""
    return form.count(f"{{{k}}}") + form.count("{list}")


def _binds(inner: str, outer: str, k: int) -> bool:
    """Whether an expression needs no brackets in that place of another."""
    if re.fullmatch(r"\w*\(.*\)", inner) or re.fullmatch(r"\w+\(.*\)", outer):
        return True
    sums, products = ("{0} + {1}", "{0} - {1}"), ("{0} * {1}", "{0} / {1}")
    return (outer in sums and (inner in products or (k == 0 and inner in sums))) or (
        outer in products and k == 0 and inner in products
    )
