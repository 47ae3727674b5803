"""Emit programs as C and JavaScript source."""

from __future__ import annotations

import re

from ..front.tape import Tape
from .expressions import comment, helpers
from .straight_line import Line, Straight

STACK = 4096
"""Up to so many values a C function has on its stack."""

ON_STACK = """\
    double v[{count}];
{statements}    return {value};
"""

ALLOCATED = """\
    double *v = malloc({count} * sizeof *v);
    if (v == NULL) {{
        for (int i = 0; i < {inputs}; i++) gradient[i] = NAN;
        return NAN;
    }}
{statements}    double value = {value};
    free(v);
    return value;
"""

PIECE = 400
"""So many statements go into one C function: compilers take a time that grows faster than a function does."""


def c_source(tape: Tape, name: str = "value_and_grad") -> str:
    """`double name(const double *x, double *gradient)`: gives the value and fills in the gradient.

    All intermediate values are in one array, so that the program can be cut into functions of a few hundred
    statements. Every call has an array of its own, on the stack or, of a large program, allocated; where
    there is no memory, value and gradient are NAN. It compiles with `cc -O2 -Wall` and needs `-lm`.
    """
    program = Straight(tape, gradient=True, alone=True)
    slots = {i: k for k, i in enumerate(program.names)}
    program.names = {i: f"v[{k}]" for i, k in slots.items()}
    lines = [*program.lines(program.forward, "c"), *program.lines(program.backward, "c")]
    statements = [f"    {_statement_in_c(line)}" for line in lines]
    pieces = [statements[i : i + PIECE] for i in range(0, len(statements), PIECE)]
    functions = "".join(
        f"static void piece_{k}(double *v)\n{{\n" + "\n".join(piece) + "\n}\n\n"
        for k, piece in enumerate(pieces)
    )
    load = "".join(f"    {program.names[i]} = x[{k}];\n" for k, i in enumerate(program.inputs))
    calls = "".join(f"    piece_{k}(v);\n" for k in range(len(pieces)))
    store = "".join(
        f"    gradient[{k}] = {_c_number(program.spelled(i))};\n" for k, i in enumerate(program.gradient)
    )
    legend = "".join(
        f" *   v[{slots[i]}]: {comment(label)}\n" for i, label in program.builder.labels.items() if i in slots
    )
    unused = "" if program.inputs else "    (void)x;\n    (void)gradient;\n"
    unused += "" if pieces else "    (void)v;\n"
    frame = ALLOCATED if len(slots) > STACK else ON_STACK
    body = frame.format(
        count=max(len(slots), 1), inputs=len(program.inputs), statements=f"{unused}{load}{calls}{store}",
        value=_c_number(program.spelled(program.outputs[0])),
    )  # fmt: skip
    return (
        f"#include <math.h>\n{'#include <stdlib.h>' + chr(10) if frame is ALLOCATED else ''}\n"
        f"/* Value and gradient of a function of {len(program.inputs)} input(s).\n{legend} */\n"
        f"{helpers('c', statements)}\n{functions}"
        f"double {name}(const double *x, double *gradient)\n{{\n{body}}}\n"
    )


def _statement_in_c(line: Line) -> str:
    if not line.results:
        return f"{line.name} = {_in_c(line)};"
    stores = "".join(f" {name} = y[{k}];" for k, name in enumerate(line.results) if name)
    return f"{{ double y[{len(line.results)}]; {_in_c(line)[:-1]}, y);{stores} }}"


def _in_c(line: Line) -> str:
    expression = _c_number(line.expression)
    match = re.fullmatch(r"(\w+)\(\((.*),\)\)", expression)
    if match is None:
        return expression
    args = match[2].split(", ")
    return f"{match[1]}({len(args)}, (const double[]){{{', '.join(args)}}})"


def _c_number(text: str) -> str:
    return re.sub(r"\bnan\b", "NAN", re.sub(r"\binf\b", "INFINITY", text))


def javascript_source(tape: Tape, names: list[str]) -> str:
    """A function of an object of inputs that gives value, gradient, all values and every contribution.

    `program({x: 2})` gives `{value, gradient: {x: ...}, values: {...}, adjoints: {...}, contributions:
    [{from, to, amount}, ...]}`, the contributions in the order of the reverse sweep.
    """
    program = Straight(tape, names, gradient=True, contributions=True, alone=True)
    forward = program.lines(program.forward, "javascript")
    backward = program.lines(program.backward, "javascript")

    def block(lines: list[Line]) -> str:
        names = [f"[{', '.join(line.results)}]" if line.results else line.name for line in lines]
        return "".join(
            f"  const {name} = {_js_number(line.expression)};\n"
            for name, line in zip(names, lines, strict=True)
        )

    def fields(pairs: list[tuple[str, str]]) -> str:
        return "{" + ", ".join(f'"{key}": {_js_number(x)}' for key, x in pairs) + "}"

    inputs = [program.names[i] for i in program.inputs]
    forward_names = {i: program.names[i] for i in (*program.inputs, *program.forward) if i in program.names}
    values = fields([(name, name) for name in forward_names.values()])
    adjoints = fields(
        [
            (forward_names[i], program.spelled(g))
            for i, g in program.adjoints.items()
            if i in forward_names and _known(program, g)
        ]
    )
    messages = ",\n    ".join(
        f'{{"from": "{forward_names[m.node]}", "to": "{forward_names[m.parent]}", '
        f'"amount": {_js_number(program.spelled(m.amount))}}}'
        for m in program.contributions
    )
    gradient = fields([(name, program.spelled(g)) for name, g in zip(inputs, program.gradient, strict=True)])
    body = f"  // forward\n{block(forward)}  // backward\n{block(backward)}"
    return (
        f"{helpers('javascript', body.splitlines())}function program({{{', '.join(inputs)}}}) {{\n{body}"
        f"  return {{value: {_js_number(program.spelled(program.outputs[0]))}, gradient: {gradient},\n"
        f"    values: {values},\n    adjoints: {adjoints},\n    contributions: [{messages}]}};\n}}\n"
    )


def _known(program: Straight, place: int) -> bool:
    return place in program.names or program.builder.numbers[place] is not None


def _js_number(text: str) -> str:
    return re.sub(r"\bnan\b", "NaN", re.sub(r"\binf\b", "Infinity", text))
