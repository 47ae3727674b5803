"""Drawings, one for each option of `draw_dot`, whose sources are stored in `golden/`.

python -m tests.viz.golden_drawings        print the sources as JSON
python -m tests.viz.golden_drawings write  write them; review them before committing
"""

import json
import sys
from pathlib import Path

from autograd_core import Value, name_scope
from autograd_core.base import imported, np
from viz import draw_dot, draw_network

from .lecture import example

GOLDEN = Path(__file__).parent / "golden"


def swept(root):
    root.backward()
    return root


def c1():
    return swept(example())


def model(*sizes):
    """Build a network with given weights."""
    net = imported("nn").MLP(sizes[0], sizes[1:])
    for weights in net.weights().values():
        numbers = [(i % 7 - 3) / 4 for i in range(len(weights))]
        weights.assign(np.reshape(numbers, weights.shape))
    return net


def loss(*sizes, points=1):
    net, squared_loss = model(*sizes), imported("nn").squared_loss
    return swept(sum([squared_loss(net([1.0 + k, -1.0]), 0.5) for k in range(points)], start=Value(0.0)))


def scoped():
    x = Value(0.5, "x")
    with name_scope("outer"):
        y = x * Value(2.0, "w")
        with name_scope("inner"):
            y = y.sin()
    return swept(y + 1)


def chain(length):
    y = Value(0.5, "x")
    for _ in range(length):
        y = y.sin() * 1.5
    return y


def path(root):
    """Return the nodes from the root to a leaf, by first arguments."""
    nodes = [root]
    while nodes[-1].parents:
        nodes.append(nodes[-1].parents[0])
    return nodes


DRAWINGS = {
    "c1_before": lambda: draw_dot(example()),
    "c1": lambda: draw_dot(c1()),
    "c1_partials": lambda: draw_dot(c1(), show=("data", "grad", "partials")),
    "c1_data": lambda: draw_dot(c1(), show=("data",), rankdir="TB"),
    "c1_highlight": lambda: (J := c1()) and draw_dot(J, highlight=path(J), label="cos(sin x² + 3x²)"),
    "c1_dark": lambda: draw_dot(c1(), show=("grad", "partials"), dark=True),
    "scopes": lambda: draw_dot(scoped()),
    "scopes_folded": lambda: draw_dot(scoped(), fold=1),
    "scopes_dark": lambda: draw_dot(scoped(), dark=True, rankdir="TB"),
    "mlp": lambda: draw_dot(loss(2, 2, 1)),
    "mlp_neurons": lambda: draw_dot(loss(2, 4, 4, 1), fold=2),
    "mlp_layers": lambda: draw_dot(loss(2, 16, 16, 1)),
    "mlp_whole": lambda: draw_dot(loss(2, 16, 16, 1), fold=0),
    "mlp_points": lambda: draw_dot(loss(2, 8, 1, points=20)),
    "chain": lambda: draw_dot(chain(300)),
    "network": lambda: draw_network(model(2, 3, 1)),
    "network_folded": lambda: draw_network(model(20, 16, 10)),
}


def sources():
    return {name: draw().source for name, draw in DRAWINGS.items()}


if __name__ == "__main__":
    if sys.argv[1:] == ["write"]:
        for name, source in sources().items():
            (GOLDEN / f"{name}.dot").write_text(source, encoding="utf-8", newline="\n")
    else:
        print(json.dumps(sources()))
