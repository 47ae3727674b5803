"""Random expressions, and what the engine says of one; CPython and Pyodide both import this."""

import random

from autograd_core import Graph, Value, formula, parse, steps
from autograd_core.errors import AutogradError
from autograd_core.operations.operation import TABLE

EXACT = ["sqrt({})", "abs({})", "relu({})", "-({})", "square({})", "maximum({}, {})", "minimum({}, {})"]
"""Functions whose results IEEE 754 prescribes, as those of + - * and /."""

ROUNDED = [
    "sin({})",
    "cos({})",
    "exp({})",
    "log({})",
    "tanh({})",
    "sigmoid({})",
    "({})**3",
    "softplus({})",
    "atan({})",
]
"""Functions that ask the C library, whose last bits differ."""

UNITS = {
    **dict.fromkeys(("sin", "cos", "exp", "log", "atan", "pow"), 1),
    **dict.fromkeys(("tanh", "sigmoid", "softplus"), 2),
}
"""How many units in the last place an operation's value and local derivatives differ at most."""

INFIX = ["({} + {})", "({} - {})", "({} * {})", "({} / {})"]


def expressions(count, functions, seed):
    """Return texts with the values of their inputs, the same in every run."""
    rng = random.Random(seed)

    def text(depth):
        if depth == 0 or rng.random() < 0.15:
            return rng.choice(["x", "y", "z", "x", "y", str(rng.randint(1, 9)), f"{rng.uniform(0, 3):.2f}"])
        form = rng.choice(functions if rng.random() < 0.5 else INFIX)
        return form.format(*[text(depth - 1) for _ in range(form.count("{}"))])

    def value():
        return round(rng.uniform(-3, 3), rng.randint(0, 4))

    found = []
    while len(found) < count:
        made = text(rng.randint(1, 4))
        inputs = {name: value() for name in "xyz" if name in made.replace("exp", "").replace("maximum", "")}
        if inputs:
            found.append((made, inputs))
    return found


def described(text, values):
    """Return words, equal everywhere, and each node's value, gradient and local derivatives, as text."""
    try:
        output = parse(text, values)
        output.backward()
        graph, table = Graph(output), steps(output)
    except AutogradError as error:
        return {"words": [type(error).__name__, str(error).partition(":")[0]], "numbers": []}
    nodes = [
        (
            node.op.name if node.op else "",
            node.label,
            [graph.places[p] for p in node.parents],
            node.requires_grad,
        )
        for node in graph.nodes
    ]
    numbers = [(node.data, node.grad, *node.partials) for node in graph.nodes]
    names = [getattr(step, "name", getattr(step, "target", "")) for step in table]
    return {
        "words": [
            formula(output),
            formula(output, "latex"),
            nodes,
            names,
            [type(step).__name__ for step in table],
        ],
        "numbers": [[x.hex() for x in numbers_of_node] for numbers_of_node in numbers],
    }


def recomputed(nodes, rows):
    """Return each node's value and local derivatives, from the values that its arguments have in `rows`."""
    found = []
    for (name, _, parents, _), row in zip(nodes, rows, strict=True):
        if not name:
            found.append(row[:1])
            continue
        node = TABLE[name](*[Value(rows[place][0], requires_grad=nodes[place][3]) for place in parents])
        found.append([node.data, *node.partials])
    return found


def swept(nodes, rows):
    """Return the gradient of each node, from the local derivatives in `rows`."""
    grads = [0.0] * len(nodes)
    grads[-1:] = [1.0] * bool(nodes)
    for place in reversed(range(len(nodes))):
        for parent, slope in zip(nodes[place][2], rows[place][2:], strict=True):
            grads[parent] += grads[place] * slope
    return grads
