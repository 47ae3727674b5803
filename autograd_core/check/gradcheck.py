"""`gradcheck`: compare gradients with finite differences and report disagreements."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from math import isclose, isfinite, isnan
from typing import Any

from ..base.reals import brief
from ..base.text import counted
from ..calculus.argument_trees import Form, flattened
from ..calculus.reverse_mode import gradients
from ..errors import AutogradError, DataError, DataValueError
from ..graph.graph import Graph
from ..kernel.value import Value, constant
from .blame import path_through, wrong_derivatives, wrong_second_derivatives
from .differences import Difference, agree, step_sizes
from .verdicts import (
    DISAGREES,
    NOT_A_NUMBER,
    NOT_FINITE,
    NOWHERE,
    UNCERTAIN,
    UNDEFINED,
    Replay,
    between_steps,
    compared,
    hidden_by_rounding,
    rounding_noise,
    unchanging,
)

SHOWN = 40


class CheckError(AutogradError, AssertionError):
    """A failed gradient check; its text is the report, also available as `report`."""

    def __init__(self, report: Report) -> None:
        super().__init__(str(report))
        self.report = report


@dataclass(frozen=True)
class Entry:
    """One derivative: the output and the input, both numbers, and the verdict."""

    input: str
    output: str
    analytic: float
    numeric: float
    error: float
    verdict: str

    @property
    def ok(self) -> bool:
        """Whether the analytic derivative is correct, as far as differences can tell."""
        return not self.verdict.startswith("WRONG")

    @property
    def is_unsure(self) -> bool:
        """Whether differences cannot tell."""
        return self.verdict.startswith("unsure")


@dataclass(repr=False)
class Report:
    """The result of a check: a table of `entries`, the `faults` that make it fail, and `notes`."""

    name: str
    entries: list[Entry] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether the check passed."""
        return not self.faults and all(entry.ok for entry in self.entries)

    def __bool__(self) -> bool:
        return self.ok

    def __str__(self) -> str:
        wrong = sum([not entry.ok for entry in self.entries])
        unsure = sum([entry.is_unsure for entry in self.entries])
        verdict = "passed" + f", {unsure} unsure" * bool(unsure)
        if not self.ok:
            verdict = f"FAILED, {wrong} wrong" if wrong else "FAILED"
        if self.faults == [NOTHING]:
            verdict = "NOT CHECKED"
        lines = [f"{self.name}: {counted(len(self.entries), 'derivative')}, {verdict}", *self._table()]
        return "\n".join([*lines, *self.faults, *[f"note: {note}" for note in self.notes]])

    __repr__ = __str__  # Shown at an interactive prompt.

    def _table(self) -> list[str]:
        if not self.entries:
            return []
        # The wrong ones first, because a long table is truncated.
        shown = sorted(self.entries, key=lambda entry: entry.ok)[:SHOWN]
        several = len({entry.output for entry in self.entries}) > 1
        names = [f"∂{e.output}/∂{e.input}" if several else e.input for e in shown]
        width = max(len("input"), *map(len, names))
        head = f"{'input':<{width}}  {'analytic':>22}  {'numeric':>22}  {'error':>8}  verdict"
        rows = [
            f"{name:<{width}}  {e.analytic:>22.15g}  {e.numeric:>22.15g}  {e.error:>8.1e}  {e.verdict}"
            for name, e in zip(names, shown, strict=True)
        ]
        rest = len(self.entries) - len(shown)
        return [head, *rows, *([f"... and {rest} more, which are correct"] if rest else [])]


HIDDEN = "hidden"
UNSURE = {
    NOT_A_NUMBER: "unsure: the value or the input is nan",
    NOT_FINITE: "unsure: the function is infinite here",
    NOWHERE: "unsure: the function has no value nearby",
    HIDDEN: "unsure: steps that are finer than the differences hide the slope",
}
NOTHING = "nothing could be checked: expected finite outputs around the inputs. Choose another point."
UNDEFINED_GRADIENT = (
    "the gradient is nan: 0 meets an infinite local derivative on the way back. "
    "Under errstate(invalid='raise') backward() names the node."
)
NAMED = 5
CUT = (
    "`.data`, item(), detach(), a plain number or no_grad() cuts it off. "
    "Use Values and the functions of autograd_core throughout."
)


def gradcheck(
    f: Callable[..., Any],
    inputs: Any,
    *more: Any,
    eps: float | None = None,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    raise_exception: bool = True,
) -> Report:
    """Compare the gradient of f with finite differences, for every input and output.

    `inputs` is a tuple of f's arguments, or its only argument: numbers, lists, dicts and arrays. Differences
    are taken with steps of several sizes around the scale of each input (`eps` sets the relative step), and
    their error is estimated. A derivative is wrong if it is off by more than that error and by more than
    `atol` plus `rtol` times the derivative. Each single operation is checked, too, to six digits. At a kink
    any slope between those on both sides is correct. The verdict is "unsure" where rounding, or a value that
    is not finite, leaves nothing to compare with.

    Raises `CheckError`, whose text is the report, if a derivative is wrong or if nothing could be checked
    because no output is finite around the inputs, unless `raise_exception` is False.

    >>> from autograd_core import sin
    >>> print(gradcheck(lambda x: x * sin(x), 2.0))
    gradcheck: 1 derivative, passed
    input                analytic                 numeric     error  verdict
    x          0.0770037537313969      0.0770037537...  ok
    """
    _refuse_settings("gradcheck", f, more, eps, atol, rtol)
    report = Report("gradcheck")
    try:
        _Check(f, inputs, report, eps, atol, rtol).run()
    except _Stopped as stopped:
        report.faults.append(str(stopped))
        if raise_exception:
            raise CheckError(report) from stopped.__cause__
    if raise_exception and not report.ok:
        raise CheckError(report)
    return report


def gradgradcheck(
    f: Callable[..., Any],
    inputs: Any,
    *more: Any,
    eps: float | None = None,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    raise_exception: bool = True,
) -> Report:
    """Compare the second derivatives of f with finite differences of its gradient.

    >>> bool(gradgradcheck(lambda x, y: x**3 * y, (2.0, 3.0)))
    True
    """
    _refuse_settings("gradgradcheck", f, more, eps, atol, rtol)
    report = gradcheck(_gradient_of(f), inputs, eps=eps, atol=atol, rtol=rtol, raise_exception=False)
    report.name = "gradgradcheck"
    if not report.ok:
        _blame_rules(f, inputs, report)
    if raise_exception and not report.ok:
        raise CheckError(report)
    return report


def _gradient_of(f: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that lists all derivatives of f by all its inputs, as nodes."""

    def slopes(*args: Any) -> Any:
        leaves = flattened(args, "gradgradcheck")[0]
        outputs = flattened(f(*args), "gradgradcheck: result")[0]
        nodes = [y if isinstance(y, Value) else constant(y) for y in outputs]
        rows = [gradients(y, leaves, create_graph=True) for y in nodes]
        return [slope for row in rows for slope in row]

    if (names := _parameter_names(f)) is not None:
        slopes.__signature__ = names  # type: ignore[attr-defined]
    return slopes


def _blame_rules(f: Callable[..., Any], inputs: Any, report: Report) -> None:
    try:
        outputs = _Check(f, inputs, report, None, 0.0, 0.0).call()[1]
    except _Stopped:
        return
    for wrong in islice(wrong_second_derivatives(Graph(outputs)), NAMED):
        report.faults.append(f"{wrong} Write its rule with the functions of autograd_core.")


class _Stopped(Exception):
    """The check cannot continue: the function raises, or is not a function."""


class _Check:
    """One check: f's inputs as numbers, and methods to evaluate f at and around them."""

    def __init__(
        self, f: Callable[..., Any], inputs: Any, report: Report, eps: float | None, atol: float, rtol: float
    ) -> None:
        args = inputs if isinstance(inputs, tuple) else (inputs,)
        numbers, self.form = flattened(args, "gradcheck: inputs")
        self.point = [x.data if isinstance(x, Value) else x for x in numbers]
        self.f, self.report, self.eps, self.atol, self.rtol = f, report, eps, atol, rtol
        self.names = _input_names(f, self.form)
        self.seen: dict[tuple[int, float], list[float] | None] = {}

    def run(self) -> None:
        """Fill the report."""
        leaves, outputs = self.call()
        self._refuse_the_unsteady(leaves, outputs)
        names = ["y"] if len(outputs) == 1 else [f"y{i + 1}" for i in range(len(outputs))]
        verdicts: list[str] = []
        for place, (y, name) in enumerate(zip(outputs, names, strict=True)):
            order = Graph(y).nodes
            noise = rounding_noise(order)
            for i, slope in enumerate(self._sweep(y, leaves)):
                numeric, verdict = self._compared(i, place, slope, noise)
                if verdict == DISAGREES and leaves[i] in order:
                    if self._steps_hide(i, place, slope, leaves[i], order, noise):
                        verdict = HIDDEN
                    elif hidden := hidden_by_rounding(slope, numeric, y, leaves[i]):
                        numeric, verdict = hidden, UNCERTAIN
                verdicts.append(verdict)
                self.report.entries.append(self._entry(i, name, slope, numeric, verdict))
        if all(verdict in UNDEFINED for verdict in verdicts):
            self.report.faults.append(NOTHING)
        if outputs:
            self._name_the_guilty(outputs)

    def call(self) -> tuple[list[Value], list[Value]]:
        """Return the inputs as leaves and the outputs of f, which must not raise."""
        try:
            return self._evaluate(self.point)
        except _Stopped:
            raise
        except Exception as error:
            raise _Stopped(f"the function raised {type(error).__name__}: {error}") from error

    def _evaluate(self, point: Sequence[float]) -> tuple[list[Value], list[Value]]:
        leaves = [Value(x, name) for x, name in zip(point, self.names, strict=True)]
        args = self.form.restored(leaves, boxed=False)
        outputs, _ = flattened(self.f(*args), "gradcheck: result")
        if [id(x) for x in flattened(args, "gradcheck: inputs")[0]] != [id(x) for x in leaves]:
            raise _Stopped("the function changes its arguments in place: expected one without side effects")
        return leaves, [y if isinstance(y, Value) else constant(y) for y in outputs]

    def _near(self, i: int, x: float, place: int) -> float:
        """Return an output where input i is x, or NaN if f is undefined there."""
        if (i, x) not in self.seen:
            try:
                outputs = self._evaluate([*self.point[:i], x, *self.point[i + 1 :]])[1]
                self.seen[i, x] = [y.data for y in outputs]
            except Exception:  # Whatever f raises outside its domain: it is undefined there.
                self.seen[i, x] = None
        values = self.seen[i, x]
        return values[place] if values is not None and place < len(values) else float("nan")

    def _refuse_the_unsteady(self, leaves: list[Value], outputs: list[Value]) -> None:
        """Check that equal calls give equal numbers and gradients, without which differences mean nothing."""
        again_leaves, again = self.call()
        for y, z in zip(outputs, again, strict=False):
            if repr(y.data) != repr(z.data):
                self._stop_unsteady(f"{y.data!r} and then {z.data!r}")
            if repr(self._sweep(y, leaves)) != repr(self._sweep(z, again_leaves)):
                self._stop_unsteady("two different gradients")
        if len(outputs) != len(again):
            self._stop_unsteady(f"{len(outputs)} and then {len(again)} numbers")

    @staticmethod
    def _stop_unsteady(what: str) -> None:
        raise _Stopped(
            f"not deterministic: the same inputs gave {what}; expected a function of its inputs only. "
            "Draw random numbers outside, and keep no state inside."
        )

    @staticmethod
    def _sweep(y: Value, targets: Sequence[Value]) -> list[float]:
        try:
            return list(gradients(y, targets)) if y.requires_grad else [0.0] * len(targets)
        except AutogradError as error:
            raise _Stopped(f"the backward pass raised {type(error).__name__}: {error}") from error

    def _steps_hide(
        self, i: int, place: int, slope: float, leaf: Value, order: Sequence[Value], noise: float
    ) -> bool:
        """Whether a slope is right between the steps of operations, which the difference crosses."""
        held = unchanging(order)
        if not held or not agree(slope, between_steps(order, held, leaf, noise), self.atol, self.rtol):
            return False
        replay = Replay(order)  # Unlike f, the graph ends where f extracts a number.
        near = [leaf.data + sign * h for hs in step_sizes(leaf.data) for h in hs for sign in (-1.0, 1.0)]
        pairs = [(self._near(i, x, place), replay.at(leaf, x)) for x in near]
        return all([isclose(a, b, rel_tol=1e-12) or not isfinite(a) for a, b in pairs])

    def _compared(self, i: int, place: int, slope: float, noise: float) -> tuple[Difference, str]:
        return compared(
            lambda x: self._near(i, x, place), self.point[i], slope, noise, self.atol, self.rtol, self.eps
        )

    def _entry(self, i: int, output: str, slope: float, numeric: Difference, verdict: str) -> Entry:
        at = f"near {self.names[i]} = {self.point[i]!r}"
        points = {
            "kink": f": kink {at}, slopes {numeric.left:g} and {numeric.right:g}",
            "infinite": f": infinite slope {at}",
            "jump": f": jump {at}",
            "one-sided": ": boundary of the domain, one-sided",
        }
        if verdict == UNCERTAIN:
            reasons = {
                "rough": "the function turns between neighboring floats",
                "steep": "the difference overflows",
            }
            rounding = f"rounding hides the difference (± {numeric.error:.1g})"
            words = f"unsure: {reasons.get(numeric.kind, rounding)}"
        else:
            sure = "WRONG" if verdict == DISAGREES else "ok"
            words = UNSURE.get(verdict) or sure + points.get(numeric.kind, "")
        right = verdict != DISAGREES
        error = abs(slope - numeric.value) if isfinite(slope) else 0.0 if right else float("inf")
        return Entry(self.names[i], output, slope, numeric.value, error, words)

    def _name_the_guilty(self, outputs: Sequence[Value]) -> None:
        report, graph = self.report, Graph(outputs)
        for wrong in islice(wrong_derivatives(graph.nodes), NAMED):
            report.faults.append(f"{wrong} It is on the path {path_through(graph, wrong.node)}.")
        reached = {leaf.label for leaf in graph.leaves}
        failing = dict.fromkeys(entry.input for entry in report.entries if not entry.ok)
        for name in [name for name in failing if name not in reached]:
            report.faults.append(f"{name} does not lead to the output: {CUT}")
        if [entry for entry in report.entries if not entry.ok and isnan(entry.analytic)]:
            report.faults.append(UNDEFINED_GRADIENT)
        if not report.ok and not report.faults:
            report.faults.append(f"every single operation is right, so a path is missing: {CUT}")
        # At a kink the slopes on both sides may cancel; the verdict reports it.
        zeros = [e.analytic == 0.0 == e.numeric and e.verdict == "ok" for e in report.entries]
        if zeros and all(zeros):
            report.notes.append("constant: no input has an effect on any output.")


def _input_names(f: Callable[..., Any], form: Form) -> list[str]:
    """Return the names of the inputs, from f's parameters: `x`, `w[0]`."""
    signature = _parameter_names(f)
    names = []
    if signature is not None:
        kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
        names = [p.name for p in signature.parameters.values() if p.kind in kinds]
    names += [f"argument {i + 1}" for i in range(len(names), len(form.parts))]
    return [path for name, part in zip(names, form.parts, strict=False) for path in part.paths(name)]


def _parameter_names(f: Callable[..., Any]) -> inspect.Signature | None:
    try:
        return inspect.signature(f)
    except (TypeError, ValueError):
        return None


def _refuse_settings(name: str, f: Any, more: Sequence[Any], eps: Any, atol: Any, rtol: Any) -> None:
    if not callable(f):
        raise DataError(f"{name}: not a function: argument 1 = {brief(f)}; expected a function of numbers.")
    if more:
        raise DataError(
            f"{name}: {1 + len(more)} inputs one by one: argument 3 = {brief(more[0])}; expected one tuple "
            f"of f's arguments. Write {name}(f, (x, y))."
        )
    for what, number in (("eps", eps), ("atol", atol), ("rtol", rtol)):
        least = 1e-15 if what == "eps" else 0.0
        if number is None and what == "eps":
            continue
        if not (isinstance(number, (int, float)) and least <= number <= 1e300):
            raise DataValueError(
                f"{name}: unusable {what} = {brief(number)}; expected a finite number of at least {least}."
            )
