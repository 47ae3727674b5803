"""The stepper page's data: nodes, edges and steps of one function, with their formulas.

All numbers come from `steps` or the graph; nothing is recomputed here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cached_property, lru_cache
from math import isfinite
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from autograd_core import Value, errstate
from autograd_core.base import shorten
from autograd_core.calculus import flows, tangents
from autograd_core.check import rounding_factors
from autograd_core.errors import AutogradError, DataError
from autograd_core.formulas import (
    PRODUCT,
    Forms,
    Formulas,
    Fragment,
    MathML,
    Text,
    forms_of,
    formula,
    written,
)
from autograd_core.graph import Edge, Graph, Scope, names_of, scopes_of, unit_names
from autograd_core.operations import Operation
from autograd_core.steps import Contribution, Forward, Planning, Seed, Steps, WeightUpdate, steps

from .graph_javascript import HigherDerivatives, Point, point_of
from .optimizer_updates import told_update

if TYPE_CHECKING:
    from autograd_core.check import Check

Json = dict[str, Any]

LONGEST_FORMULA = 24
"""The most nodes in the formula of a single step."""

MOST_FRAMED = 150
"""The most nodes of a graph whose picture has frames around layers."""

_TEXT, _MATHML = Text(), MathML()


class Numbers(MathML):
    """Writes a formula with a placeholder for each number, which the page fills in."""

    def name(self, name: str) -> Fragment:
        return Fragment(f'<mn data-v="{name}"></mn>')


_NUMBERS = Numbers()


class Record:
    """One function at one point: its graph, the names of its nodes, and its steps in three orders."""

    def __init__(self, output: Value, optimizer: Planning | None = None) -> None:
        if not isinstance(output, Value):
            raise DataError(f"stepper: not a single output: got {shorten(repr(output))}; expected one Value.")
        self.output = output
        self.push = steps(output, optimizer=optimizer)
        self.pull = self.push.in_other_order("pull")
        self.graph = Graph(output)
        self.names = names_of(self.graph.nodes, output)
        # The current numbers: a leaf can be set later.
        self.values = {node: node.data for node in self.graph.nodes}
        self._rules: dict[Any, list[str]] = {}
        self._formulas = Formulas(self.names)
        self.higher = HigherDerivatives()
        self.inputs = [node for node in self.graph.leaves if node.requires_grad]

    @cached_property
    def places(self) -> dict[str, int]:
        """The position of each node in the graph, by name."""
        return {name: self.graph.places[node] for node, name in self.names.items()}

    @cached_property
    def edge_places(self) -> dict[tuple[int, int], int]:
        """The position of each edge, by its child's position and its slot."""
        places = self.graph.places
        return {(places[edge.child], edge.slot): k for k, edge in enumerate(self.graph.edges)}

    def text_name(self, node: Value) -> str:
        """Return a node's name as plain text; a constant without a name is named by its number."""
        name = self.names.get(node)
        return _TEXT.name(name).text if name else _TEXT.number(self.values[node]).text

    def math_name(self, node: Value) -> str:
        """Return a node's name in MathML."""
        name = self.names.get(node)
        return _MATHML.name(name).text if name else _MATHML.number(self.values[node]).text

    @property
    def whole_formula(self) -> str:
        """Return the function in terms of its leaves, in MathML."""
        return bare(self.push.formula("mathml"))

    def short_formula(self, format: str) -> str:
        """Return the function in terms of a network's outputs, as in L = (ŷ − y)², or nothing without one."""
        units = unit_names(self.graph.nodes)
        outputs = [node for node, name in units.items() if name.startswith("yhat")]
        if not outputs or self.output in outputs:
            return ""
        leaves = {node: name for node, name in self.names.items() if node.op is None}
        return Formulas(leaves | {node: self.names[node] for node in outputs}).operation(self.output, format)

    @cached_property
    def scopes(self) -> list[Scope | None]:
        """The scope of each node, in order; none in a large graph, which is folded by scopes instead."""
        nodes = self.graph.nodes
        return list(scopes_of(nodes).values()) if len(nodes) <= MOST_FRAMED else [None] * len(nodes)

    def call(self, node: Value, format: str) -> str:
        """Return the operation of a node in terms of its arguments' names."""
        return Formulas(self.names, limit=LONGEST_FORMULA).operation(node, format)

    def data(self) -> Json:
        """Return everything that the page needs, without the picture."""
        return {
            "output": self.graph.places[self.output],
            "inputs": [self.graph.places[node] for node in self.inputs],
            "nodes": [self._node(node) for node in self.graph.nodes],
            "edges": self._edges(),
            "steps": {
                "push": self._steps(self.push),
                "pull": self._steps(self.pull),
                **{f"forward:{self.graph.places[x]}": self._tangents(x) for x in self._seeds},
            },
            "checks": [[finite(check.difference), check.verdict] for check in self.checks],
            "counts": self.counts(),
            "text": self.short_formula("text") or self.push.formula(),
            "optimizer": type(self.push.optimizer).__name__ if self.updates else "",
            "updates": [told_update(update) for update in self.updates],
        }

    @cached_property
    def updates(self) -> list[WeightUpdate]:
        """The optimizer's updates of weights in the picture."""
        return [update for update in self.push.updates if update.plan.weight in self.names]

    @property
    def changed(self) -> str:
        """The leaves that have changed since the forward pass, as a list in words; empty if none has."""
        names = [_TEXT.name(name).text for name in self.push.changed[:6]]
        more = ", …" if len(self.push.changed) > len(names) else ""
        return f"{', '.join(names)}{more}"

    @property
    def _seeds(self) -> Iterable[Value]:
        # One pass for each input; in a large graph, only the first.
        return self.inputs if len(self.inputs) * len(self.graph) <= 2000 else self.inputs[:1]

    @property
    def is_large(self) -> bool:
        """Whether the page omits what takes seconds: the check by differences, a static table."""
        return len(self.graph) > 300

    @property
    def checks(self) -> Sequence[Check]:
        """Return the check of each of the first inputs by differences."""
        return () if self.is_large else self.push.checks

    def counts(self) -> Json:
        """Return the multiplications and additions of a reverse sweep, a forward sweep and an evaluation."""
        stats = self.graph.stats()
        sweep = self._tangents(self.inputs[0]) if self.inputs else []
        paths = [step["path"] for step in sweep if step["k"] == "add"]
        return {
            "reverse": stats.backward,
            "forward": (len(paths), sum([path > 1 for path in paths])),
            "evaluation": sum(stats.operations.values()),
        }

    def _node(self, node: Value) -> Json:
        record: Json = {
            "t": self.text_name(node),
            "v": finite(self.values[node]),
            "g": int(node.requires_grad),
            "a": [self.graph.places[parent] for parent in node.parents],
        }
        name = self.names.get(node)
        if name:
            record["name"] = name
        record["m"] = self.math_name(node)
        if node.op is not None:
            record |= {
                "op": f"{node.op.name}:{len(node.parents)}",
                "f": bare(self.call(node, "mathml")),
                "tf": self.call(node, "text"),
                "n": spaced(written(node, _NUMBERS, self._place_name, limit=LONGEST_FORMULA).free),
                "rounding": list(rounding_factors(node.op, len(node.parents))),
            }
        return record

    def _place_name(self, node: Value) -> str | None:
        return str(self.graph.places[node]) if node in self.names else None

    def _edges(self) -> list[Json]:
        edges: list[Json] = []
        for child in self.graph.nodes:
            stand_ins: dict[Value, str] = {}
            forms = forms_of(child, self._place_name, stand_ins, self._formulas.siblings(child))
            edges += [self._edge(edge, forms, stand_ins) for edge in self.graph.edges_into(child)]
        return edges

    def _edge(self, edge: Edge, forms: Forms, stand_ins: dict[Value, str]) -> Json:
        """Return what the page shows for an edge: its local derivative, in both forms if there are two."""
        places, slot, child = self.graph.places, edge.slot, edge.child
        record: Json = {"p": places[edge.parent], "c": places[child], "k": slot, "d": finite(edge.partial)}
        row = child.op
        if edge.parent.requires_grad and row is not None:
            written_so = self._form(forms.printed[slot], stand_ins, self._rule(child, slot, "printed"))
            exactly = self._form(forms.exact[slot], stand_ins, self._rule(child, slot, "exact"))
            record |= written_so
            if exactly != written_so:
                record |= {"printed": int(forms.is_right[slot]), "exact": exactly}
            if row.ties:
                record["ties"] = 1
            if row.selects:
                record["selects"] = 1
            if (place := self.higher.of(child, slot)) is not None:
                record["h"] = place
        return record

    def _form(self, slope: Value | float, stand_ins: dict[Value, str], rule: list[str]) -> Json:
        def place(node: Value) -> str | None:
            return stand_ins.get(node) or self._place_name(node)

        def name(node: Value) -> str | None:
            at = place(node)
            return self.names[self.graph.nodes[int(at)]] if at else None

        symbols = written(slope, _MATHML, name, limit=LONGEST_FORMULA, inside=True)
        numbers = written(slope, _NUMBERS, place, limit=LONGEST_FORMULA, inside=True)
        return {
            "f": spaced(symbols.free),
            "n": spaced(numbers.free),
            # The same as factors, in brackets if a product needs them.
            "ff": spaced(_MATHML.operand(symbols, PRODUCT, first=False)),
            "nf": spaced(_MATHML.operand(numbers, PRODUCT, first=False)),
            "tf": written(slope, _TEXT, name, limit=LONGEST_FORMULA, inside=True).free,
            "rule": rule,
        }

    def _steps(self, records: Steps) -> list[Json]:
        places = self.graph.places
        passes = [self._step(step) for step in (*records.forward, *records.backward)]
        return passes + [
            {
                "k": "update",
                "u": k,
                "i": places[u.plan.weight],
                "w": finite(u.before),
                "g": finite(u.gradient),
                "z": [finite(term.value) for term in u.plan.terms],
            }
            for k, u in enumerate(self.updates)
        ]

    def _step(self, step: Forward | Seed | Contribution) -> Json:
        if isinstance(step, Forward):
            return {"k": "value", "i": self.places[step.name]}
        if isinstance(step, Seed):
            return {"k": "seed", "i": self.places[step.name], "z": step.gradient}
        return self._contribution(step)

    def _contribution(self, step: Contribution) -> Json:
        edge = self.edge_places[self.places[step.source], step.slot]
        numbers = {"in": step.incoming, "z": step.product, "b": step.before, "s": step.after}
        return {"k": "add", "e": edge, "path": step.path} | {key: finite(x) for key, x in numbers.items()}

    def _tangents(self, x: Value) -> list[Json]:
        """Return the steps of forward mode with ẋ = 1: each value, followed by its incoming tangents."""
        total = tangents([self.output], {x: 1.0})
        records: list[Json] = []
        for node in self.graph.nodes:
            if node in self.names:
                records.append({"k": "value", "i": self.graph.places[node]})
            if node is x:
                records.append({"k": "seed", "i": self.graph.places[x], "z": 1.0})
            else:
                records += self._tangents_into(node, total)
        return records

    def _tangents_into(self, node: Value, total: dict[Value, float]) -> Iterable[Json]:
        before, path = 0.0, 0
        for edge in self.graph.edges_into(node):
            if edge.parent.requires_grad and edge.parent in total and flows(node, edge.partial):
                path += 1
                product = edge.partial * total[edge.parent]
                numbers = {"in": total[edge.parent], "z": product, "b": before, "s": before + product}
                place = self.edge_places[self.graph.places[node], edge.slot]
                yield {"k": "add", "e": place, "path": path} | {key: finite(x) for key, x in numbers.items()}
                before += product

    def answers(self) -> list[Json]:
        """Return the quiz's questions with their answers, step by step: every result and every gradient."""
        found: list[Json] = []
        for n, step in enumerate([*self.push.forward, *self.push.backward, *self.updates], start=1):
            if isinstance(step, Seed):
                asked, answer = f"∂{step.name}/∂{step.name}", step.gradient
            elif isinstance(step, Contribution):
                asked, answer = f"∂{self.push.output}/∂{step.target}", step.after
            elif isinstance(step, WeightUpdate):
                asked, answer = f"the new {step.name}", step.after
            elif step.arguments:
                asked, answer = step.name, step.value
            else:
                continue
            found.append({"step": n, "asked": asked, "answer": finite(answer)})
        return found

    def _rule(self, child: Value, slot: int, form: str) -> list[str]:
        """Return the operation and its local derivative with the row's own names, constants as numbers."""
        key = (child.op, slot, form, tuple([None if p.requires_grad else p.data for p in child.parents]))
        if key not in self._rules:
            self._rules[key] = _rule_of(child.op, slot, form, point_of(child)) if child.op is not None else []
        return self._rules[key]


def _rule_of(row: Operation, slot: int, form: str, point: Point) -> list[str]:
    # A user-defined row may read numbers that change from page to page.
    return (_rule if row.built_in else _rule.__wrapped__)(row, slot, form, point)


# While an expression is typed, most of its parts stay the same.
@lru_cache(maxsize=1024)
def _rule(row: Operation, slot: int, form: str, point: Point) -> list[str]:
    if row.arity is None:
        return []
    try:
        with errstate(all="ignore"):
            numbers = [(float.fromhex(x), varies) for x, varies in point]
            pairs = zip(row.names, numbers, strict=True)
            made = row(*[Value(x, name) if varies else x for name, (x, varies) in pairs])
        slope = getattr(forms_of(made, attrgetter("label"), {}), form)[slot]
        rule = spaced(written(slope, _MATHML, attrgetter("label"), inside=True).free)
        told = written(slope, _TEXT, attrgetter("label"), inside=True).free
        return [bare(formula(made, "mathml")), rule, row.names[slot], formula(made, "text"), told]
    except (AutogradError, AttributeError):
        return []  # A user-defined row without formulas.


def bare(math: str) -> str:
    """Return MathML without its outermost element, to be inserted into another formula."""
    return spaced(math.removeprefix("<math>").removesuffix("</math>"))


def spaced(math: str) -> str:
    """Return MathML with a thin space between a function and an argument without brackets, as in sin x."""
    return _APPLIED.sub(r'\g<0><mspace width="0.17em"></mspace>', math)


_APPLIED = re.compile(r"<mo>&#x2061;</mo>(?!<mrow><mo>\()")


def finite(x: float) -> float | str:
    """Return the number for JSON: infinities and NaN as text."""
    return x if isfinite(x) else repr(x)
