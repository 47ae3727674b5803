"""Random expressions, and what the engine says of one; CPython and Pyodide both import this."""

import random

from autograd_core import Graph, formula, parse, steps
from autograd_core.errors import AutogradError

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
"""Functions whose last bit is up to the C library."""

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
    """Return what is equal everywhere (words), and the numbers, as hexadecimal text."""
    try:
        output = parse(text, values)
        output.backward()
        graph, table = Graph(output), steps(output)
    except AutogradError as error:
        return {"words": [type(error).__name__, str(error).partition(":")[0]], "numbers": []}
    nodes = [
        (node.op.name if node.op else "", node.label, [graph.places[p] for p in node.parents])
        for node in graph.nodes
    ]
    numbers = [x for node in graph.nodes for x in (node.data, node.grad, *node.partials)]
    names = [getattr(step, "name", getattr(step, "target", "")) for step in table]
    return {
        "words": [
            formula(output),
            formula(output, "latex"),
            nodes,
            names,
            [type(step).__name__ for step in table],
        ],
        "numbers": [x.hex() for x in numbers],
    }
