"""Emit programs as JAX functions and PyTorch modules."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache, reduce, wraps
from typing import Any

from ...base.importing import extra, imported
from ...base.reals import real, shown
from ...base.text import shorten
from ...errors import DataError
from ...kernel.operation import Operation
from ..front.tape import Tape
from .expressions import registered, written
from .straight_line import Straight

Tensor = Any


def jax_function(tape: Tape, names: Sequence[str]) -> Callable[..., Any]:
    """The program as a function of n JAX arrays, or of one whose last axis is n, for jit, grad and vmap."""
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
    """The program as a `torch.nn.Module`; see `Program.to_torch`."""
    extra("torch", "torch", "to_torch")
    if not isinstance(weights, Mapping):
        raise DataError(f"to_torch: not a table: weights = {shown(weights)}; expected numbers by input.")
    start = {_name(name, names, labels): real(x, f"to_torch: weight {name!r}") for name, x in weights.items()}
    if len(start) != len(weights):
        raise DataError(f"to_torch: a weight given twice: got {list(weights)}; expected each input once.")
    return _emitted()(tape, names, start)


def torch_function(row: Operation) -> Callable[..., Any]:
    """The operation on tensors, with the row's defaults."""
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
    """A module out of a pickle, on whatever device its weights are."""
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
        """A program and the weights among its inputs, `weights[i]` being the input `names[i]`."""

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
    """What a PyTorch program calls by these names: PyTorch lacks it, or offers it for tensors only."""
    torch = imported("torch")

    def alike(*xs: Any) -> list[Tensor]:
        """All as tensors, the plain numbers in the precision and on the device of the tensors among them."""
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
        """PyTorch's own has no derivative."""
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
