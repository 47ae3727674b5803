"""Problems about the algorithm itself: counts of operations, topological orders, kinks."""

from __future__ import annotations

from random import Random

from autograd_core.steps import Steps

from .mistakes import LEFT_OUT, OTHER_SIGN, VALUE, contributions_of
from .problem import Blank, CellTable, ChoiceQuestion, Option, Problem, Wrong, numeric, shuffled
from .sampling import Dice, Drawn, Row, draw, made, statement
from .text_parts import Math, Say, Several, join, listed, name, number, slope

SIZES = {1: ((2, 4), (2, 4)), 2: ((3, 5), (3, 5)), 3: ((4, 6), (4, 5))}
"""For each level, how many nodes are computed at least and at most, and how many inputs there are."""

SCALED = 0.3
"""How often a node that need not join two others is a multiple of one, and so has one edge less."""


def counted(random: Random, level: int) -> str:
    """Draw a program whose nodes all lead to its output, and no two of which are equal.

    >>> counted(Random(7), 1)
    'u = 2*y; v = u + y; J = x + v'
    """
    nodes, inputs = [random.randint(*size) for size in SIZES[level]]
    known = list("xyzwt"[: min(inputs, nodes + 1)])
    unused, lines = known[:], dict[str, str]()
    for k, target in enumerate([*"uvspq"[: nodes - 1], "J"]):
        joins = len(unused) - 1
        first = unused.pop(random.randrange(len(unused)))
        others = [name for name in known if name not in unused and name != first]
        if joins and random.random() < joins / (nodes - k):  # As many joins may be left as there are nodes.
            second = unused.pop(random.randrange(len(unused)))
        elif others and random.random() >= SCALED:
            second = random.choice(others)
        else:
            second = ""
        sign = random.choice("+-*")
        lines[target] = f"{first} {sign} {second}" if second else f"{random.randint(2, 5)}*{first}"
        known.append(target)
        unused.append(target)
    if len({"".join(sorted(line)) for line in lines.values()}) < nodes:
        return counted(random, level)
    return "; ".join([f"{target} = {line}" for target, line in lines.items()])


def modes(random: Dice, level: int) -> Problem:
    """Forward mode against reverse mode, in operations."""
    drawn = draw(random, level, ((1, counted(random, level)),), exact=False)
    table = drawn.steps
    edges, inputs = len(contributions_of(table)), len(drawn.values)
    nodes = len(table.forward)
    many, few = random.form.choice((100, 1000, 5000)), random.choice((2, 3, 4))
    shapes = (many, few) if random.form.random() < 0.5 else (few, many)
    J = table.output
    labels = (
        Say("multiplications of reverse mode"),
        Say("multiplications of forward mode, one sweep for each input"),
        Say("evaluations of {J} for central differences", J=name(J)),
    )
    questions = (
        numeric(labels[0], edges, ("edges",),
                [Wrong(nodes, COUNTS_NODES), Wrong(inputs, COUNTS_INPUTS),
                 Wrong(inputs * edges, COUNTS_FORWARD)]),
        numeric(labels[1], inputs * edges, ("inputs times edges",),
                [Wrong(edges, ONE_SWEEP), Wrong(inputs, COUNTS_INPUTS), Wrong(inputs + edges, ADDED)]),
        numeric(labels[2], 2 * inputs, ("twice the inputs",),
                [Wrong(inputs + 1, ONE_SIDED), Wrong(inputs, HALF), Wrong(2, FOR_EACH)]),
        _which_mode(shapes, random),
    )  # fmt: skip
    rows = tuple([(label, Blank(i)) for i, label in enumerate(labels)])
    return Problem(
        "modes",
        Say("Forward or reverse mode"),
        (
            statement(drawn),
            drawn.listed(),
            Say("A sweep multiplies once at every edge of the graph, that is, for every argument that is not "
                "a constant. How much work is the derivative of {J} by all inputs?", J=name(J)),
            CellTable((), rows),
        ),
        questions,
        (_counted(edges, inputs),),
        drawn.program,
        drawn.values,
        {"shape": list(shapes)},
    )  # fmt: skip


def _counted(edges: int, inputs: int) -> Say:
    return Say(
        "The graph has {edges} edges and {inputs} inputs. Reverse mode needs one sweep: {edges} "
        "multiplications. Forward mode needs a sweep for each input: {inputs} · {edges} = {product}. "
        "Central differences need two evaluations for each input: {evaluations}.",
        edges=str(edges), inputs=str(inputs), product=str(inputs * edges), evaluations=str(2 * inputs),
    )  # fmt: skip


COUNTS_NODES = Say("That counts the nodes; a sweep multiplies at every edge.")
COUNTS_INPUTS = Say("That counts the inputs; a sweep multiplies at every edge.")
COUNTS_FORWARD = Say("That is forward mode, which needs a sweep for each input.")
ONE_SWEEP = Say("That is one sweep; forward mode needs one for each input.")
ADDED = Say("Every sweep passes all edges: multiply, do not add.")
ONE_SIDED = Say("That is for one-sided differences; central ones evaluate on both sides.")
HALF = Say("A central difference evaluates the function twice.")
FOR_EACH = Say("That is for one input; every input needs its own difference.")


def _which_mode(shape: tuple[int, int], random: Random) -> ChoiceQuestion:
    inputs, outputs = shape
    reverse = inputs > outputs
    sweeps = {"forward": inputs, "reverse": outputs}
    reasons = {
        "forward": Several("Forward mode needs a sweep for each input: {n} sweep.",
                           "Forward mode needs a sweep for each input: {n} sweeps.", sweeps["forward"]),
        "reverse": Several("Reverse mode needs a sweep for each output: {n} sweep.",
                           "Reverse mode needs a sweep for each output: {n} sweeps.", sweeps["reverse"]),
    }  # fmt: skip
    shown = {"forward": Say("forward mode"), "reverse": Say("reverse mode")}
    right = "reverse" if reverse else "forward"
    options = [Option(shown[mode], None if mode == right else reasons[mode]) for mode in shown]
    options.append(Option(Say("both alike"), reasons[right]))
    asked = Say(
        "Which is cheaper for all derivatives of a function with {inputs} inputs and {outputs} outputs?",
        inputs=str(inputs),
        outputs=str(outputs),
    )
    return ChoiceQuestion(asked, shuffled(options, random), ("cheaper",))


ORDERED: tuple[Row, ...] = (
    (1, "u = x*y; v = u + x; w = u*y; J = v*w"),
    (1, "u = x + y; v = x*y; w = u*v; J = w - x"),
    (1, "u = x*y; v = y*z; w = u + v; J = w*z"),
    (2, "t = x**2; u = t*y; v = t - x; w = u + v; J = w*y"),
    (2, "t = x*y; u = t + z; v = t*z; w = u*v; J = w + x"),
    (2, "a = x*y; b = a + y; c = a*z; d = b*c; J = d - x"),
    (3, "p = x*y; q = x + z; r = p*q; s = p - z; v = r*s; J = v + q"),
    (3, "p = x + y; q = p*y; r = p*z; s = q + r; v = r - x; J = s*v"),
)


FORWARD = (
    Say("In which order may the forward pass compute the nodes?"),
    Say("Forward, a node is computed after all its arguments."),
)
BACKWARD = (
    Say("In which order may the backward pass visit the nodes?"),
    Say("Backward, a node is visited after all nodes that use it: only then is its derivative complete."),
)


def _way(backward: bool) -> str:
    return "backward" if backward else "forward"


def order(random: Dice, level: int) -> Problem:
    """Which order of the nodes is topological."""
    drawn = draw(random, level, ORDERED, exact=False)
    nodes = [node.name for node in drawn.steps.forward if node.arguments]
    parents = {
        node.name: [parent for parent in node.arguments if parent in nodes]
        for node in drawn.steps.forward
        if node.arguments
    }
    backward = random.form.random() < 0.5
    right = _topological(parents, random)
    wrong: list[list[str]] = [right[::-1]]
    while len(wrong) < 3:
        mixed = random.sample(nodes, len(nodes))
        if mixed not in wrong and _violation(mixed, parents) and mixed[-1] == drawn.steps.output:
            wrong.append(mixed)
    if backward:
        right, wrong = right[::-1], [each[::-1] for each in wrong]
    options = [Option(_sequence(right))]
    options += [Option(_sequence(each), _why_not(each, parents, backward)) for each in wrong]
    equations = drawn.equations
    random.shuffle(equations)
    asked, rule = BACKWARD if backward else FORWARD
    return Problem(
        "order",
        Say("Topological order"),
        (
            Say("A graph has the inputs {inputs} and these nodes, listed in no particular order:",
                inputs=_sequence(list(drawn.values))),
            CellTable((), tuple([(equation,) for equation in equations])),
        ),
        (ChoiceQuestion(asked, shuffled(options, random), ("topological", _way(backward))),),
        (rule, CellTable((), ((_sequence(right),),))),
        drawn.program,
        drawn.values,
        {"right": right, "wrong": wrong},
    )  # fmt: skip


def _sequence(nodes: list[str]) -> Math:
    return listed([name(node) for node in nodes])


def _topological(parents: dict[str, list[str]], random: Random) -> list[str]:
    found: list[str] = []
    while len(found) < len(parents):
        ready = [x for x in parents if x not in found and all(p in found for p in parents[x])]
        found.append(random.choice(ready))
    return found


def _violation(nodes: list[str], parents: dict[str, list[str]]) -> tuple[str, str] | None:
    """Return the first node that stands before one of its parents, and that parent."""
    places = {node: i for i, node in enumerate(nodes)}
    found = [(node, parent) for node in nodes for parent in parents[node] if places[parent] > places[node]]
    return found[0] if found else None


def _why_not(nodes: list[str], parents: dict[str, list[str]], backward: bool) -> Say:
    found = _violation(nodes[::-1] if backward else nodes, parents)
    node, parent = found or ("", "")
    if backward:
        return Say("{parent} is visited before {node}, which still sends it a contribution.",
                   parent=name(parent), node=name(node))  # fmt: skip
    return Say("{node} is computed before its argument {parent}.", node=name(node), parent=name(parent))


KINKS: tuple[tuple[int, str, str], ...] = (
    (1, "y = relu({a}*x - {b})", "relu"),
    (1, "y = relu({b} - {a}*x)", "relu"),
    (1, "y = max({a}*x, {b})", "max"),
    (2, "y = abs({a}*x - {b})", "abs"),
    (2, "y = max({a}*x, x + {b})", "max"),
    (2, "y = max({b} - {a}*x, x)", "max"),
    (3, "y = relu({a}*x - {b})*{c}", "relu"),
    (3, "y = max({a}*x - {b}, -x)", "max"),
)
CONVENTION = {
    "relu": Say("At its kink, the derivative of the ReLU is taken to be 0."),
    "abs": Say("At its kink, the derivative of the absolute value is taken to be 0."),
    "max": Say("If both arguments of the maximum are equal, each gets half of the derivative."),
}
OTHER_SIDE = Say("That is the slope on the other side of the kink.")
MEAN = Say("That is the mean of both slopes; here another convention holds.")
ONE_SIDE = Say("That is the slope on one side only.")


def kink(random: Dice, level: int) -> Problem:
    """The derivative at a kink and beside it."""
    known = [row for row in KINKS if row[0] <= level]
    latest = [row for row in KINKS if row[0] == level]
    _, program, sort = random.form.choice(latest if random.form.random() < 0.7 else known)
    program, at = _with_kink(program, random)
    points = (at - 1.0, at, at + 1.0)
    tables = [made(program, {"x": x}).steps for x in points]
    slopes = [table.gradients["x"] for table in tables]
    questions = [
        numeric(_at(x), slopes[i], ("slope at", repr(x)), _wrong_at(tables[i], slopes, i))
        for i, x in enumerate(points)
    ]
    drawn = made(program, {"x": at})
    return Problem(
        "kink",
        Say("At a kink"),
        (
            Say("Let {function}. What is the derivative at {kink}, where the function has a kink, and on "
                "both sides of it? {convention}",
                function=_whole(drawn), kink=join(name("x"), "=", number(at)), convention=CONVENTION[sort]),
            CellTable((), tuple([(join(_at(x), "="), Blank(i)) for i, x in enumerate(points)])),
        ),
        tuple(questions),
        (CellTable((), tuple([(join(_at(x), "=", number(s)),) for x, s in zip(points, slopes, strict=True)])),
         CONVENTION[sort]),
        program,
        {"x": at},
        {"sort": sort},
    )  # fmt: skip


def _with_kink(program: str, random: Random) -> tuple[str, float]:
    """Fill in numbers so that the kink is at a short decimal, and return it."""
    while True:
        a, b, c = random.randint(2, 9), random.randint(1, 9), random.randint(2, 4)
        divisor = {"x + {b}": a - 1, ", x)": a + 1, ", -x)": a + 1}
        by = next((d for text, d in divisor.items() if text in program), a)
        at = b / by
        if by and abs(at * 4 - round(at * 4)) < 1e-12:
            return program.format(a=a, b=b, c=c), at


def _at(x: float) -> Math:
    return join(slope("y", "x"), "(", number(x), ")")


def _wrong_at(table: Steps, slopes: list[float], i: int) -> list[Wrong]:
    value = table.forward[-1].value
    if i != 1:
        return [Wrong(slopes[2 - i], OTHER_SIDE), Wrong(value, VALUE), Wrong(-slopes[i], OTHER_SIGN),
                Wrong(1.0, LEFT_OUT)]  # fmt: skip
    mean = (slopes[0] + slopes[2]) / 2
    return [Wrong(mean, MEAN), Wrong(slopes[2], ONE_SIDE), Wrong(slopes[0], ONE_SIDE), Wrong(value, VALUE)]


def _whole(drawn: Drawn) -> Math:
    return join(name("y"), "=", Math.written(drawn.steps.formula))
