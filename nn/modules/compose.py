"""Compose functions: one after another, side by side, or around a shortcut.

f @ g     f∘g    x -> f(g(x))            Sequential(g, f)
f | g     f⊕g    x -> f(x) and g(x)      Concatenate(f, g)
Residual(f)      x -> x + f(x)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from autograd_core import DataError, DataValueError, Value

from ..checks import brief, examples, listed, refuse_too_deep, vector
from .activations import KINDS
from .module import Module

if TYPE_CHECKING:
    from ..types import Numbers


class Function(Module):
    """A plain function as a module, such as a row of the table in `relu @ f`."""

    def __init__(self, function: Callable[[Any], Any]) -> None:
        self.function = function

    def __call__(self, x: Numbers) -> Any:
        return self.function(x)

    def __repr__(self) -> str:
        return f"Function({getattr(self.function, '__name__', self.function)})"


class Sequential(Module):
    """Modules in sequence: the output of each is the input of the next.

    >>> from nn import Linear, Sigmoid
    >>> model = Sequential(Linear(3, 4), Sigmoid(), Linear(4, 1))
    >>> len(model), len(model.parameters())
    (3, 21)
    """

    def __init__(self, *modules: Any) -> None:
        self.steps = [as_module(module, "Sequential") for module in modules]

    def named_children(self) -> Iterator[tuple[str, Module]]:
        return ((str(i), module) for i, module in enumerate(self.steps))

    def __call__(self, x: Numbers) -> Any:
        for module in self.steps:
            x = module(x)
        return x

    def forward_batch(self, rows: Sequence[Numbers]) -> list[Any]:
        outputs = examples(rows)
        for module in self.steps:
            outputs = module.forward_batch(outputs)
        return outputs

    def __getitem__(self, i: int) -> Module:
        return self.steps[i]

    def __len__(self) -> int:
        return len(self.steps)


class Concatenate(Module):
    """Modules side by side on the same input, with their outputs concatenated in one list."""

    def __init__(self, *modules: Any) -> None:
        if not modules:
            raise DataValueError("Concatenate: no modules; expected at least one.")
        self.parts = [as_module(module, "Concatenate") for module in modules]

    def named_children(self) -> Iterator[tuple[str, Module]]:
        return ((str(i), module) for i, module in enumerate(self.parts))

    def __call__(self, x: Numbers) -> list[Value]:
        return self._joined([module(x) for module in self.parts])

    def forward_batch(self, rows: Sequence[Numbers]) -> list[list[Value]]:
        rows = examples(rows)
        of_parts = [module.forward_batch(rows) for module in self.parts]
        return [self._joined(outputs) for outputs in zip(*of_parts, strict=True)]

    def _joined(self, outputs: Sequence[Any]) -> list[Value]:
        return [y for out in outputs for y in listed(out, "Concatenate")]


class Residual(Module):
    """A block f with a shortcut around it: x + f(x)."""

    def __init__(self, block: Any) -> None:
        self.block = as_module(block, "Residual")

    def __call__(self, x: Numbers) -> Any:
        x = listed(x, "Residual")
        return self._added(x, self.block(x))

    def forward_batch(self, rows: Sequence[Numbers]) -> list[Any]:
        inputs = [listed(x, "Residual") for x in examples(rows)]
        pairs = zip(inputs, self.block.forward_batch(inputs), strict=True)
        return [self._added(x, out) for x, out in pairs]

    def _added(self, x: list[Value], out: Any) -> list[Value]:
        out = listed(out, "Residual")
        if len(out) != len(x):
            raise DataValueError(
                f"Residual: the block turns {len(x)} numbers into {len(out)}; expected {len(x)}."
            )
        return [a + b for a, b in zip(vector(x, len(x), "Residual"), out, strict=True)]


class Flatten(Module):
    """Flattens nested lists, such as an image's rows or channels, to one list."""

    def __call__(self, x: Numbers) -> list[Any]:
        return flat(x.tolist() if hasattr(x, "tolist") else x)


def flat(x: Any, depth: int = 0) -> list[Any]:
    """Return all numbers of nested lists, in order."""
    refuse_too_deep(depth, "Flatten")
    if not isinstance(x, (list, tuple)):
        return [x]
    return [number for part in x for number in flat(part, depth + 1)]


def as_module(thing: Any, who: str) -> Module:
    """Return a module unchanged, or a function of one argument as a module."""
    if isinstance(thing, Module):
        return thing
    name = getattr(thing, "name", None)
    if name is not None and (kind := KINDS.get(name)) is not None:
        return kind()
    if not callable(thing) or isinstance(thing, type):
        cure = " Pass modules one by one, as in Sequential(a, b)." if isinstance(thing, list | tuple) else ""
        if isinstance(thing, type):
            cure = f" Create one: {thing.__name__}(...)."
        raise DataError(
            f"{who}: not a module: got {brief(thing)}; expected modules or functions of one argument.{cure}"
        )
    return Function(thing)


def after(outer: Any, inner: Any) -> Sequential:
    """Return outer∘inner, without nesting one plain sequence in another."""
    return Sequential(*_steps(inner), *_steps(outer))


def _steps(thing: Any) -> list[Any]:
    return thing.steps if type(thing) is Sequential else [thing]


def beside(left: Any, right: Any) -> Concatenate:
    """Return left⊕right, without nesting."""
    parts = [thing.parts if type(thing) is Concatenate else [thing] for thing in (left, right)]
    return Concatenate(*parts[0], *parts[1])


def _before(inner: Any, outer: Any) -> Sequential:
    return after(outer, inner)


def _behind(right: Any, left: Any) -> Concatenate:
    return beside(left, right)


for _name, _function in {"matmul": after, "rmatmul": _before, "or": beside, "ror": _behind}.items():
    setattr(Module, f"__{_name}__", _function)
