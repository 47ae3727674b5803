"""Problems about the two passes: values, local derivatives, the backward column, two paths, a wrong line."""

from __future__ import annotations

from random import Random

from autograd_core.errors import AutogradError
from autograd_core.steps import Contribution

from .mistakes import (
    FAULTS,
    FIRST_PATH,
    LEFT_OUT,
    ONLY_LOCAL,
    OTHER_SIGN,
    OVERWRITTEN,
    VALUE,
    SweepLine,
    contributions_of,
    sweep,
    wrong_gradients,
    wrong_locals,
    wrong_values,
)
from .problem import (
    RIGHT_TOTAL,
    Blank,
    CellContent,
    CellTable,
    ChoiceQuestion,
    NumberQuestion,
    Option,
    Problem,
    Wrong,
    numeric,
)
from .sampling import Dice, Drawn, Row, draw, made, statement
from .tables import solution_of
from .text_parts import Math, Say, factor, join, name, number, slope

PROGRAMS: tuple[Row, ...] = (
    (1, "u = x + y; v = {a}*x; J = u*v"),
    (1, "u = x*y; v = {a}*x; J = u + v"),
    (1, "u = x*y; v = u - y; J = {a}*v"),
    (1, "u = x - y; v = x*y; J = u*v"),
    (1, "u = {a}*x; v = u + y; J = v*x"),
    (1, "u = x*y; v = y*z; J = u - v"),
    (1, "u = x + y; v = y - z; J = u*v"),
    (2, "t = x**2; u = {a}*t; v = u - y; J = v*x"),
    (2, "u = x - y; v = u**2; w = {a}*x; J = v + w"),
    (2, "t = x**2; u = t + y; v = relu(u); J = v*y"),
    (2, "u = x*y; v = max(u, z); J = v*x"),
    (2, "u = x + y; v = sqrt(u); w = x*v; J = w - y"),
    (2, "u = x/y; v = u**2; w = {a}*y; J = v + w"),
    (2, "u = x*y; v = u + z; w = sigmoid(v); J = w*x"),
    (2, "u = x - y; v = exp(u); w = {a}*x; J = v*w"),
    (2, "u = x*y; v = relu(u); w = v - z; J = w**2"),
    (3, "t = x**2; u1 = sin(t); u2 = {a}*t; u = u1 + u2; J = cos(u)"),
    (3, "u = x*y; v = exp(u); w = v + x; J = log(w)"),
    (3, "u = x*y; v = tanh(u); w = v*x; J = w - y"),
    (3, "u = x + y; v = sigmoid(u); w = v**2; J = w*x"),
)
# Only one of a maximum's arguments gets a gradient: its programs never have one at every node.
WITH_GRADIENTS = tuple([row for row in PROGRAMS if "max(" not in row[1]])
TWO_PATHS: tuple[Row, ...] = (
    (1, "u = {a}*x; v = x + y; J = u*v"),
    (1, "u = x*y; v = {a}*x; J = u - v"),
    (1, "u = x*y; v = x + z; J = u*v"),
    (1, "u = x - y; v = x*z; J = u*v"),
    (2, "u = x**2; v = x*y; J = u + v"),
    (2, "u = x**2; v = x - y; J = u*v"),
    (2, "u = x*y; v = relu(x); w = {a}*v; J = u + w"),
    (2, "u = x/y; v = {a}*x; J = u*v"),
    (3, "u = sin(x); v = {a}*x; J = u*v"),
    (3, "u = exp(x); v = x*y; J = u + v"),
)
# No sum and no maximum, whose local derivatives are the same in every variant.
LOCALS: tuple[Row, ...] = (
    (1, "y = u*v"),
    (1, "y = {d}*u"),
    (1, "y = u**2"),
    (2, "y = u**3"),
    (2, "y = u/v"),
    (2, "y = 1/u"),
    (2, "y = {d}/u"),
    (3, "y = sqrt(u)"),
    (3, "y = exp(u)"),
    (3, "y = sigmoid(u)"),
    (3, "y = tanh(u)"),
    (3, "y = log(u)"),
    (3, "y = sin(u)"),
)
CHAINS: tuple[Row, ...] = (
    (1, "u = {a}*x - {b}; y = u**2"),
    (1, "u = {b} - {a}*x; y = u**2"),
    (1, "u = {a}*x + {b}; y = {c}*u"),
    (2, "u = x**2 - {b}; y = u**2"),
    (2, "u = {a}*x + {b}; y = sqrt(u)"),
    (2, "u = {a} - x**2; y = u**3"),
    (2, "u = {a}*x - {b}; y = 1/u"),
    (2, "u = {b} - {a}*x; y = sigmoid(u)"),
    (2, "u = {b} - {a}*x; y = exp(u)"),
    (3, "u = {a}*x; y = sin(u)"),
    (3, "u = x**2; y = exp(u)"),
    (3, "u = {a}*x - {b}; y = tanh(u)"),
    (3, "u = x**2 + {b}; y = log(u)"),
)


def forward(random: Dice, level: int) -> Problem:
    """The values of a forward pass."""
    drawn = draw(random, level, PROGRAMS)
    nodes = [node for node in drawn.steps.forward if node.arguments]
    rows: list[tuple[CellContent, ...]] = [
        (join(name(node.name), "=", Math.written(node.formula_in)), Blank(i)) for i, node in enumerate(nodes)
    ]
    return Problem(
        "forward",
        Say("Forward pass"),
        (
            Say("Let {point}. Compute the value of every node of the forward pass.", point=drawn.point),
            CellTable((Say("node"), Say("value")), tuple(rows)),
        ),
        tuple(
            [
                numeric(
                    name(node.name),
                    node.value,
                    ("value", node.name),
                    wrong_values(drawn.steps, node.name, drawn.targets),
                )
                for node in nodes
            ]
        ),
        solution_of(drawn.steps, backward=False),
        drawn.program,
        drawn.values,
    )


def local(random: Dice, level: int) -> Problem:
    """The local derivatives of one operation."""
    drawn = draw(
        random, level, LOCALS, lambda found: all(c.local != 0 for c in contributions_of(found.steps))
    )
    steps = contributions_of(drawn.steps)
    questions = tuple(
        [
            numeric(
                slope("y", c.target), c.local, ("local", c.source, c.target), wrong_locals(drawn.steps, c)
            )
            for c in steps
        ]
    )
    rows = [(join(slope("y", c.target), "="), Blank(i)) for i, c in enumerate(steps)]
    solution = [(join(slope("y", c.target), *_local(c)),) for c in steps]
    return Problem(
        "local",
        Say("Local derivatives"),
        (
            Say(
                "A node computes {equation}, and {point}. What are its local derivatives there?",
                equation=drawn.equations[0],
                point=drawn.point,
            ),
            CellTable((), tuple(rows)),
        ),
        questions,
        (CellTable((), tuple(solution)),),
        drawn.program,
        drawn.values,
    )


def _local(c: Contribution) -> tuple[Math | str, ...]:
    """Write "= formula = number" of a local derivative, or the number alone."""
    formula, result = Math.written(c.local_formula_in), number(c.local)
    return ("=", result) if formula == result else ("=", formula, "=", result)


AT_THE_INPUT = Say(
    "The outer derivative is taken at {x}, not at the value of the inner function.", x=name("x")
)
ADDED = Say("The derivatives are added; the chain rule multiplies them.")


def chain(random: Dice, level: int) -> Problem:
    """The derivative of a function inside a function."""
    drawn = draw(random, level, CHAINS, lambda found: found.steps.gradients["x"] != 0)
    table = drawn.steps
    outer = next(c for c in contributions_of(table) if c.source == "y")
    inner = table.gradients["x"] / outer.local
    value = next(node.value for node in table.forward if node.name == "y")
    wrong = [Wrong(outer.local, LEFT_OUT), Wrong(value * inner, VALUE)]
    try:
        elsewhere = made(drawn.program.split("; ")[1], {"u": drawn.values["x"]})
        wrong.append(Wrong(elsewhere.steps.gradients["u"] * inner, AT_THE_INPUT))
    except AutogradError:
        pass
    wrong += [
        Wrong(-table.gradients["x"], OTHER_SIGN),
        Wrong(outer.local + inner, ADDED),
        Wrong(inner, ONLY_INNER),
    ]
    dydu, dudx, product = slope("y", "u"), slope("u", "x"), join(factor(outer.local), "·", factor(inner))
    result = number(table.gradients["x"])
    return Problem(
        "chain",
        Say("Chain rule"),
        (
            Say(
                "Let {inner} and {outer}. What is the derivative of {y} by {x} at {point}?",
                inner=drawn.statements[0], outer=drawn.statements[1], y=name("y"), x=name("x"),
                point=drawn.point,
            ),
            CellTable((), ((join(slope("y", "x"), "="), Blank(0)),)),
        ),
        (numeric(slope("y", "x"), table.gradients["x"], ("gradient", "y", "x"), wrong),),
        (
            CellTable((), (
                (join(dydu, *_local(outer)),),
                (join(dudx, "=", number(inner)),),
                (join(slope("y", "x"), "=", dydu, "·", dudx, "=", product, "=", result),),
            )),
        ),
        drawn.program,
        drawn.values,
    )  # fmt: skip


ONLY_INNER = Say("That is the inner derivative alone: multiply it by the outer one.")


def backward(random: Dice, level: int) -> Problem:
    """The backward column, one blank for each node."""
    drawn = draw(random, level, WITH_GRADIENTS, _all_have_a_gradient)
    table = drawn.steps
    names = [node for node in reversed(table.gradients) if node != table.output]
    rows: list[tuple[CellContent, ...]] = [(slope(table.output, table.output), number(1.0))]
    rows += [(_sum_into(drawn, node) if level == 1 else slope(table.output, node), Blank(i))
             for i, node in enumerate(names)]  # fmt: skip
    return Problem(
        "backward",
        Say("Backward pass"),
        (
            Say(
                "Let {point}. The first table is the forward pass. Fill in the backward pass: the derivative "
                "of {output} by every node.",
                point=drawn.point, output=name(table.output),
            ),
            CellTable((Say("node"), Say("value")), tuple(_values(drawn))),
            CellTable((Say("derivative"), Say("value")), tuple(rows)),
        ),
        tuple([
            numeric(slope(table.output, node), table.gradients[node], ("gradient", table.output, node),
                    wrong_gradients(table, node))
            for node in names
        ]),
        solution_of(table),
        drawn.program,
        drawn.values,
    )  # fmt: skip


def _all_have_a_gradient(found: Drawn) -> bool:
    return 0.0 not in found.steps.gradients.values()


def _values(drawn: Drawn) -> list[tuple[CellContent, ...]]:
    rows: list[tuple[CellContent, ...]] = []
    for node in drawn.steps.forward:
        formula = (
            join(name(node.name), "=", Math.written(node.formula_in)) if node.arguments else name(node.name)
        )
        rows.append((formula, number(node.value)))
    return rows


def _sum_into(drawn: Drawn, node: str) -> Math:
    """Write the chain rule for a node: its derivative, and the sum over its consumers."""
    output = drawn.steps.output
    parts: list[Math | str] = [slope(output, node)]
    for c in contributions_of(drawn.steps):
        if c.target == node:
            sign = "=" if len(parts) == 1 else "+"
            parts += [sign, slope(output, c.source), "·", slope(c.source, node)]
    return join(*parts)


def paths(random: Dice, level: int) -> Problem:
    """A gradient with two paths."""
    drawn = draw(random, level, TWO_PATHS, lambda found: _has_two(found))
    table = drawn.steps
    through = [c for c in contributions_of(table) if c.target == "x"]
    J = table.output
    total = table.gradients["x"]
    parts = [c.product for c in through]
    wrong = [
        Wrong(parts[-1], OVERWRITTEN), Wrong(parts[0], FIRST_PATH), Wrong(parts[0] * parts[1], MULTIPLIED),
        Wrong(parts[0] - parts[1], SUBTRACTED), *wrong_gradients(table, "x"),
    ]  # fmt: skip
    questions: list[NumberQuestion] = [
        numeric(_along(J, c), c.product, ("path", J, c.source, "x"), _wrong_along(c)) for c in through
    ]
    questions.append(numeric(slope(J, "x"), total, ("gradient", J, "x"), wrong))
    rows: list[tuple[CellContent, ...]] = [
        (Say("along the path through {node}", node=name(c.source)), join(_along(J, c), "="), Blank(i))
        for i, c in enumerate(through)
    ]
    rows.append((Say("in total"), join(slope(J, "x"), "="), Blank(len(through))))
    return Problem(
        "paths",
        Say("Two paths"),
        (
            statement(drawn),
            drawn.listed(),
            Say("{x} reaches {J} on two paths. What does each contribute to the derivative, and what is it "
                "in total?", x=name("x"), J=name(J)),
            CellTable((), tuple(rows)),
        ),
        tuple(questions),
        solution_of(table),
        drawn.program,
        drawn.values,
    )  # fmt: skip


MULTIPLIED = Say("The contributions of the paths are multiplied; they add up.")
SUBTRACTED = Say("The contributions of the paths are subtracted; they add up.")


def _has_two(drawn: Drawn) -> bool:
    through = [c.product for c in contributions_of(drawn.steps) if c.target == "x"]
    return len(through) == 2 and 0.0 not in through and drawn.steps.gradients["x"] != 0


def _along(output: str, c: Contribution) -> Math:
    return join(slope(output, c.source), "·", slope(c.source, c.target))


def _wrong_along(c: Contribution) -> list[Wrong]:
    return [
        Wrong(c.incoming, LEFT_OUT),
        Wrong(c.local, ONLY_LOCAL),
        Wrong(c.incoming + c.local, ADDED),
        Wrong(-c.product, OTHER_SIGN),
    ]


def bug(random: Dice, level: int) -> Problem:
    """A backward pass with one wrong line."""
    while True:
        drawn = draw(random, level, WITH_GRADIENTS, _all_have_a_gradient)
        faults = [(fault, line) for fault in FAULTS for line in contributions_of(drawn.steps)]
        random.shuffle(faults)
        for fault, place in faults:
            lines = sweep(drawn.steps, fault, lambda c, k=place.number: c.number == k)  # type: ignore[misc]
            at = [line.step.number for line in lines].index(place.number)
            right = _right_total(lines, at)
            if abs(lines[at].total - right) > 0.1 and all(abs(line.total) <= 150 for line in lines):
                return _bug(drawn, lines, at, right, fault.reason, random)


def _right_total(lines: list[SweepLine], at: int) -> float:
    """Return what a line should have given, from the lines before it."""
    step = lines[at].step
    before = [line.total for line in lines[:at] if line.step.target == step.target]
    return (before[-1] if before else 0.0) + lines[at].incoming * step.local


def _bug(drawn: Drawn, lines: list[SweepLine], at: int, right: float, reason: Say, random: Random) -> Problem:
    J = drawn.steps.output
    first = 1
    rows: list[tuple[CellContent, ...]] = []
    for n, line in enumerate(lines, start=first):
        update = join(slope(J, line.step.target), "+=", slope(J, line.step.source), "·",
                      slope(line.step.source, line.step.target))  # fmt: skip
        rows.append((str(n), update, number(line.total)))
    said = Say("That is the number in the table, which is wrong: {reason}", reason=reason)
    wrong = [Wrong(lines[at].total, said), Wrong(-right, OTHER_SIGN), Wrong(lines[at].step.local, ONLY_LOCAL)]
    return Problem(
        "bug",
        Say("Find the mistake"),
        (
            Say("Let {point}. The first table is the forward pass, and it is right.", point=drawn.point),
            CellTable((Say("node"), Say("value")), tuple(_values(drawn))),
            Say(
                "In the backward pass below, which starts with {seed}, one line is wrong; those after it are "
                "computed correctly from it. Which line is it, and what should its number be?",
                seed=join(slope(J, J), "=", number(1.0)),
            ),
            CellTable((Say("line"), Say("step"), Say("sum so far")), tuple(rows)),
            CellTable((), ((Say("The right number in that line:"), Blank(1)),)),
        ),
        (
            ChoiceQuestion(Say("Which line is wrong?"), _which(len(lines), at), ("wrong line",)),
            numeric(Say("the right number"), right, RIGHT_TOTAL, wrong),
        ),
        (
            Say("Line {n} is wrong; the right number is {right}. {reason}",
                n=str(at + 1), right=number(right), reason=reason),
        ),
        drawn.program,
        drawn.values,
        {"output": J, "lines": [_as_data(line) for line in lines]},
    )  # fmt: skip


def _which(count: int, at: int) -> tuple[Option, ...]:
    reasons = [
        Say("Line {n} follows correctly from the lines before it.", n=str(n + 1)) for n in range(count)
    ]
    return tuple(
        [
            Option(Say("line {n}", n=str(n + 1)), None if n == at else reason)
            for n, reason in enumerate(reasons)
        ]
    )


def _as_data(line: SweepLine) -> dict[str, str | float]:
    return {"source": line.step.source, "target": line.step.target, "total": round(line.total, 10)}
