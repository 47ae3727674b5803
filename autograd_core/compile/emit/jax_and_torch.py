"""Emit programs as JAX functions and PyTorch modules."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache, reduce, wraps
from typing import Any

from ...base.importing import extra, imported
from ...base.reals import real
from ...base.text import shorten
from ...errors import DataError
from ..front.tape import Tape
from .generated_source import registered
from .straight_line import Straight
from .torch_library import torch_functions


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
    start = {_name(name, names, labels): real(x, f"to_torch: weight {name!r}") for name, x in weights.items()}
    if len(start) != len(weights):
        raise DataError(f"to_torch: a weight given twice: got {list(weights)}; expected each input once.")
    return _emitted()(tape, names, start)


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
