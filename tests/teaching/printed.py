"""Read a printed problem and compute its answers with mpmath, without the engine.

The functions and points are taken from the text that a student reads, never from the program behind it.
"""

import re

from mpmath import mp, mpf

from viz.teaching.problem import CellTable, say_all

SUBSCRIPTS = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
SUPERSCRIPTS = {"²": "**2", "³": "**3"}
FUNCTIONS = {
    "relu": lambda x: x if x > 0 else mpf(0),
    "sigmoid": lambda x: 1 / (1 + mp.exp(-x)),
    "max": max,
    "exp": mp.exp,
    "log": mp.log,
    "sin": mp.sin,
    "cos": mp.cos,
    "tanh": mp.tanh,
    "sqrt": mp.sqrt,
    "mpf": mpf,
}
NUMBER = r"−?\d+(?:\.\d+)?"


def formulas_of(problem):
    """Yield every formula in the text of a problem, as it is printed."""
    for paragraph in problem.text:
        if isinstance(paragraph, CellTable):
            for row in paragraph.rows:
                yield from [cell.text for cell in row if hasattr(cell, "latex")]
        found = []
        say_all([paragraph], lambda say, found=found: found.extend(say.fields.values()))
        yield from [part.text for part in found if hasattr(part, "latex")]


def to_python(text):
    """Write a printed formula in Python."""
    text = text.translate(SUBSCRIPTS).replace("−", "-").replace("·", "*")
    for sign, power in SUPERSCRIPTS.items():
        text = text.replace(sign, power)
    text = re.sub(r"√(\w+)", r"sqrt(\1)", text)
    text = re.sub(r"\|([^|]+)\|", r"abs(\1)", text)
    text = re.sub(r"\b(relu|sigmoid|exp|log|sin|cos|tanh|sqrt) (\w+)", r"\1(\2)", text)
    text = re.sub(r"(?<![\w.])(\d+(?:\.\d+)?)(?=[a-z(])", r"\1*", text)
    return re.sub(r"(?<![\w.])(\d+\.?\d*)", r"mpf('\1')", text)


class Printed:
    """The functions and the point of a printed problem."""

    def __init__(self, problem):
        self.point, self.functions = {}, {}
        for text in formulas_of(problem):
            for part in (
                text.split(", ") if re.fullmatch(rf"\w+ = {NUMBER}(, \w+ = {NUMBER})*", text) else [text]
            ):
                name, _, right = part.partition(" = ")
                name = name.translate(SUBSCRIPTS)
                if not right.strip() or "∂" in right or not re.fullmatch(r"\w+", name) or name == "η":
                    continue
                if re.fullmatch(NUMBER, right):
                    self.point[name] = mpf(right.replace("−", "-"))
                else:
                    self.functions[name] = compile(to_python(right.rpartition(" = ")[2]), text, "eval")
        for name in self.functions:
            self.point.pop(name, None)

    def values(self, **moved):
        """Return the values of all nodes, some of which are set to others."""
        values = {**self.point, **moved}
        waiting = [name for name in self.functions if name not in moved]
        while waiting:
            name = waiting.pop(0)
            needed = self.functions[name].co_names
            if any(x in self.functions and x not in values for x in needed):
                waiting.append(name)
            else:
                values[name] = eval(self.functions[name], {**FUNCTIONS, **values})
        return values

    def slope(self, output, by):
        """Return the derivative of one node by another, along all paths."""
        at = self.values()[by]
        return mp.diff(lambda x: self.values(**{by: x})[output], at)

    def local(self, node, by):
        """Return the derivative of a node by one of its arguments, with the others fixed."""
        values = self.values()
        return mp.diff(lambda x: eval(self.functions[node], {**FUNCTIONS, **values, by: x}), values[by])

    def edges(self):
        """Return how many arguments that are not constants all nodes have."""
        return sum(
            len([x for x in code.co_names if x not in FUNCTIONS and x != "abs"])
            for code in self.functions.values()
        )
