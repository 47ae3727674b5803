"""The graphs whose pictures are measured, and what can be read from an SVG."""

import re
from itertools import pairwise
from xml.etree import ElementTree

from autograd_core import Value, sin
from nn import MLP, Neuron, squared_loss

from .golden_drawings import loss
from .lecture import example

SVG = "{http://www.w3.org/2000/svg}"


def chain():
    y = Value(0.5, "x")
    for _ in range(40):
        y = sin(y)
    return y


GRAPHS = {
    "lecture": example,
    "logistic": lambda: squared_loss(Neuron(2, activation="sigmoid", rng=0)([1.0, -2.0]), 1.0),
    "2-3-1": lambda: squared_loss(MLP(2, [3, 1], activation="tanh", rng=0)([1.0, -2.0]), 0.5),
    "2-16-16-1": lambda: loss(2, 16, 16, 1),
    "chain of 40": chain,
    "sum of 30": lambda: sum([Value(float(i), f"x{i}") for i in range(30)]),
}


def swept(name):
    root = GRAPHS[name]()
    root.backward()
    return root


def numbers(text):
    return [float(x) for x in re.findall(r"-?\d+(?:\.\d+)?(?:e-?\d+)?", text)]


def points_of(path, steps=24):
    """Return points along a path of straight pieces and cubic curves."""
    found, at = [], (0.0, 0.0)
    for command, text in re.findall(r"([MLC])([^MLC]*)", path):
        pairs = list(zip(*[iter(numbers(text))] * 2, strict=True))
        if command == "M":
            at = pairs[0]
            found.append(at)
        elif command == "L":
            for end in pairs:
                found += [mixed(at, end, t / steps) for t in range(1, steps + 1)]
                at = end
        else:
            for k in range(0, len(pairs), 3):
                curve = [at, *pairs[k : k + 3]]
                found += [bezier(curve, t / steps) for t in range(1, steps + 1)]
                at = curve[-1]
    return found


def mixed(a, b, t):
    return (a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1]))


def bezier(points, t):
    while len(points) > 1:
        points = [mixed(a, b, t) for a, b in pairwise(points)]
    return points[0]


def rectangle(element):
    x, y, w, h = [float(element.get(key)) for key in ("x", "y", "width", "height")]
    return x, y, x + w, y + h


class Picture:
    """An SVG of a drawing: its size in pixels, its boxes, its edges as points, its texts."""

    def __init__(self, svg):
        self.root = ElementTree.fromstring(svg)
        self.width, self.height = [
            float(self.root.get(key).removesuffix("pt")) * 4 / 3 for key in ("width", "height")
        ]
        groups = [(g.get("class", ""), g) for g in self.root.iter(f"{SVG}g")]
        self.nodes = [g for name, g in groups if name == "node"]
        self.boxes = [rectangle(g.find(f"{SVG}rect[@class='ground']")) for g in self.nodes]
        self.frames = [rectangle(g.find(f"{SVG}rect")) for name, g in groups if name == "frame"]
        self.edges = [points_of(g.find(f"{SVG}path").get("d")) for name, g in groups if name == "edge"]
        self.texts = [(t.text, float(t.get("x")), float(t.get("y"))) for t in self.root.iter(f"{SVG}text")]

    def crossed(self):
        """Return the pairs of an edge and a box that the edge runs through, more than a point deep."""
        found = []
        for k, points in enumerate(self.edges):
            for i, (left, top, right, bottom) in enumerate(self.boxes):
                if any([left + 1 < x < right - 1 and top + 1 < y < bottom - 1 for x, y in points]):
                    found.append((k, i))
        return found

    def place(self, text):
        return next((x, y) for words, x, y in self.texts if words == text)
