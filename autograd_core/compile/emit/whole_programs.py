"""Emit programs as C and JavaScript source, as JAX functions and as PyTorch modules."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache, reduce, wraps
from typing import Any

from ...base.importing import extra, imported
from ...base.reals import real, shown
from ...base.text import shorten
from ...errors import DataError
from ...operations.operation import Operation
from ..front.tape_and_builder import Tape
from .expressions import comment, helpers, registered, written
from .straight_line import Line, Straight

STACK = 4096
"""The most values that a C function keeps on its stack."""

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
"""The most statements in a C function: compile time grows faster than its length."""


def c_source(tape: Tape, name: str = "value_and_grad") -> str:
    """Emit `double name(const double *x, double *gradient)`: returns the value and fills in the gradient.

    All intermediate values are in one array, so that the program can be split into functions of a few hundred
    statements. Each call has a separate array, on the stack or, for a large program, allocated; if that
    fails, value and gradient are NAN. It compiles with `cc -O2 -Wall` and needs `-lm`.
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
        return f"{line.name} = {in_c(line.expression)};"
    stores = "".join(f" {name} = y[{k}];" for k, name in enumerate(line.results) if name)
    return f"{{ double y[{len(line.results)}]; {in_c(line.expression)[:-1]}, y);{stores} }}"


def in_c(expression: str) -> str:
    """Return an expression of one operation in C, with C's infinity and the lengths of lists."""
    expression = _c_number(expression)
    match = re.fullmatch(r"(\w+)\(\((.*),\)\)", expression)
    if match is None:
        return expression
    args = match[2].split(", ")
    return f"{match[1]}({len(args)}, (const double[]){{{', '.join(args)}}})"


def _c_number(text: str) -> str:
    return re.sub(r"\bnan\b", "NAN", re.sub(r"\binf\b", "INFINITY", text))


def javascript_source(tape: Tape, names: list[str]) -> str:
    """Emit a function of an object of inputs that returns value, gradient, all values and contributions.

    `program({x: 2})` returns `{value, gradient: {x: ...}, values: {...}, adjoints: {...}, contributions:
    [{from, to, amount}, ...]}`, with the contributions in the order of the reverse sweep.
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


Tensor = Any


def jax_function(tape: Tape, names: Sequence[str]) -> Callable[..., Any]:
    """Return the program as a function of n JAX arrays, or one with last axis n, for jit, grad and vmap."""
    jax = extra("jax", "jax", "to_jax")
    jnp = jax.numpy
    program = _function(tape, names, "jax", {"jax": jax, "jnp": jnp})

    @wraps(program)
    def of_one_or_many(*args: Any, **named: Any) -> Any:
        if len(args) == 1 < len(names) and not named:
            args = tuple(jnp.moveaxis(jnp.asarray(args[0]), -1, 0))
        return program(*args, **named)

    return of_one_or_many


def torch_module(
    tape: Tape, names: Sequence[str], labels: Mapping[str, int], weights: Mapping[str, float]
) -> Any:
    """Return the program as a `torch.nn.Module`; see `Program.to_torch`."""
    extra("torch", "torch", "to_torch")
    if not isinstance(weights, Mapping):
        raise DataError(f"to_torch: not a table: weights = {shown(weights)}; expected numbers by input.")
    start = {_name(name, names, labels): real(x, f"to_torch: weight {name!r}") for name, x in weights.items()}
    if len(start) != len(weights):
        raise DataError(f"to_torch: a weight given twice: got {list(weights)}; expected each input once.")
    return _emitted()(tape, names, start)


def torch_function(row: Operation) -> Callable[..., Any]:
    """Return the operation on tensors, with the row's defaults."""
    names = list(row.names)
    required = len(names) - len(row.defaults)
    parameters = [
        *names[:required],
        *[f"{n}={x!r}" for n, x in zip(names[required:], row.defaults, strict=True)],
    ]
    torch = imported("torch")
    namespace = {"torch": torch, "F": torch.nn.functional} | torch_functions()
    source = f"lambda {', '.join(parameters)}: {written(row, 'torch', names)}"
    return eval(source, namespace)  # type: ignore[no-any-return]


def _restored(tape: Tape, names: Sequence[str], weights: Sequence[str], state: Any, training: bool) -> Any:
    """Restore a module from a pickle, on the device of its weights."""
    module = _emitted()(tape, names, dict.fromkeys(weights, 0.0))
    module.load_state_dict(state, assign=True)
    return module.train(training)


def _name(name: str, names: Sequence[str], labels: Mapping[str, int]) -> str:
    if name in labels:
        return names[labels[name]]
    if name in names:
        return name
    listed = ", ".join(names[:8]) + (f", ... ({len(names)} in all)" if len(names) > 8 else "")
    raise DataError(f"to_torch: unknown weight: got {name!r}; expected inputs of the program: {listed}.")


def _function(
    tape: Tape, names: Sequence[str], language: str, namespace: dict[str, Any]
) -> Callable[..., Any]:
    program = Straight(tape, names)
    results = [program.spelled(i) for i in program.outputs]
    lines = program.lines(program.forward, language)
    body = "".join(f"    {line.name} = {line.expression}\n" for line in lines)
    result = results[0] if len(results) == 1 else f"({', '.join(results)})"
    parameters = ", ".join([program.names[i] for i in program.inputs])
    source = f"def program({parameters}):\n{body}    return {result}\n"
    namespace = namespace | {"reduce": reduce, "inf": float("inf"), "nan": float("nan")}
    exec(registered(source, language), namespace)
    function: Callable[..., Any] = namespace["program"]
    return function


@cache
def _emitted() -> Any:
    torch = imported("torch")

    class Emitted(torch.nn.Module):  # type: ignore[name-defined,misc]
        """A program and the weights among its inputs: `weights[i]` is the input `names[i]`."""

        def __init__(self, tape: Tape, names: Sequence[str], start: Mapping[str, float]) -> None:
            super().__init__()
            namespace = {"torch": torch, "F": torch.nn.functional} | torch_functions()
            self.program = _function(tape, names, "torch", namespace)
            self.made_of = tape, names
            self.names = list(start)
            self.inputs = [name for name in names if name not in start]
            self.weights = None
            if start:
                self.weights = torch.nn.Parameter(torch.tensor(list(start.values()), dtype=torch.float64))

        def __reduce__(self) -> tuple[Any, ...]:
            return _restored, (*self.made_of, self.names, self.state_dict(), self.training)

        def extra_repr(self) -> str:
            return f"inputs: {shorten(', '.join(self.inputs))}; weights: {shorten(', '.join(self.names))}"

        def forward(self, *args: Any, **named: Any) -> Any:
            if len(args) == 1 < len(self.inputs) and not named:
                args = torch.as_tensor(args[0]).unbind(-1)
            if len(args) > len(self.inputs):
                raise TypeError(f"forward: got {len(args)} inputs; expected {', '.join(self.inputs)}.")
            given = named | dict(zip(self.inputs, args, strict=False))
            dtype = None if self.weights is None else self.weights.dtype
            tensors = {
                name: x if isinstance(x, torch.Tensor) else torch.as_tensor(x, dtype=dtype)
                for name, x in given.items()
            }
            if self.weights is not None:
                tensors |= zip(self.names, self.weights.unbind(), strict=True)
            return self.program(**tensors)

    return Emitted


@cache
def torch_functions() -> dict[str, Callable[..., Any]]:
    """Return the functions that PyTorch lacks, or has for tensors only, by name."""
    torch = imported("torch")

    def alike(*xs: Any) -> list[Tensor]:
        """Convert all to tensors, plain numbers with the precision and device of the tensors among them."""
        tensors = [x for x in xs if isinstance(x, torch.Tensor)]
        if len(tensors) == len(xs):
            return tensors
        dtype, device = reduce(torch.promote_types, [x.dtype for x in tensors]), tensors[0].device
        return [x if isinstance(x, torch.Tensor) else torch.tensor(x, dtype=dtype, device=device) for x in xs]

    def stack(*xs: Any) -> Tensor:
        return torch.stack(torch.broadcast_tensors(*alike(*xs)))

    def where(condition: Any, a: Any, b: Any) -> Tensor:
        chosen, a, b = alike(condition, a, b)
        return torch.where(chosen != 0.0, a, b)

    def equal(a: Any, b: Any) -> Tensor:
        a, b = alike(a, b)
        return (a == b).to(a.dtype)

    def heaviside(x: Any, h0: Any) -> Tensor:
        """Compute the step; PyTorch's function has no derivative."""
        x, h0 = alike(x, h0)
        return torch.where(x == 0.0, h0, (torch.sign(x) + 1.0) / 2.0)

    def divide_no_nan(a: Any, b: Any) -> Tensor:
        a, b = alike(a, b)
        return torch.where(b == 0.0, 0.0, a / torch.where(b == 0.0, 1.0, b))

    def inversion(a: Any, b: Any) -> Tensor:
        r = torch.hypot(*alike(a, b))
        return divide_no_nan(divide_no_nan(a, r), r)

    def huber(x: Any, delta: Any) -> Tensor:
        x, delta = alike(x, delta)
        d = torch.abs(x)
        return torch.where(d <= delta, 0.5 * x * x, delta * (d - 0.5 * delta))

    def leaky_relu(x: Any, negative_slope: Any) -> Tensor:
        x, negative_slope = alike(x, negative_slope)
        return torch.where(x > 0.0, x, negative_slope * x)

    def elu(x: Any, alpha: Any) -> Tensor:
        x, alpha = alike(x, alpha)
        return torch.where(x > 0.0, x, alpha * torch.expm1(torch.clamp(x, max=0.0)))

    return {
        function.__name__: function
        for function in (
            alike, stack, where, equal, heaviside, divide_no_nan, inversion, huber, leaky_relu, elu,
        )
    }  # fmt: skip
