"""Call a function under a transform: which arguments it differentiates, and what the result must be."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import wraps
from inspect import Parameter, Signature, signature
from types import FunctionType
from typing import Any

from ..base import modes
from ..base.modes import Switch
from ..base.reals import brief, called, elements, real
from ..base.text import counted
from ..errors import DataError, DataValueError
from ..kernel.backward import adjoints
from ..kernel.value import Value, constant
from .argument_trees import Form, flattened, real_tree, refuse_other_form
from .reverse_mode import gradient_nodes, reaches_older


def signature_of(f: Callable[..., Any]) -> Signature:
    """Return the signature of a function; for one without, like some in C, any number of arguments."""
    try:
        return signature(f)
    except (TypeError, ValueError):
        return Signature([Parameter("x", Parameter.VAR_POSITIONAL)])


class TracedCall:
    """One call of a function under a transform: its inputs as `Value`s, and the graph that they lead to."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.graphs_wanted = modes.current().grad
        self.start = constant(0.0).index
        self.inputs: list[Value] = []

    def input(self, x: Any) -> Value:
        """Return a new `Value` for a number, so that f's use of it can be distinguished."""
        if isinstance(x, Value) and x.requires_grad and self.graphs_wanted:
            node = x * 1.0
        else:
            node = Value(x.data if isinstance(x, Value) else x)
        if isinstance(x, Value) and x.label:
            node.label = x.label
        self.inputs.append(node)
        return node

    def arguments(self, args: Sequence[Any], places: Sequence[int]) -> tuple[list[Any], list[Form]]:
        """Return the arguments with `Value`s in those positions, and the original forms."""
        given, forms = list(args), []
        for place in places:
            numbers, form = flattened(args[place], f"{self.name}: argument {place + 1}")
            given[place] = form.restored(map(self.input, numbers), boxed=False)
            forms.append(form)
        return given, forms

    def call(self, f: Callable[..., Any], args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
        """Call f, recording gradients even inside `no_grad()`."""
        if self.graphs_wanted:
            return called(self.name, f, *args, **kwargs)
        with Switch(grad=True):
            return called(self.name, f, *args, **kwargs)

    def outputs(
        self, f: Callable[..., Any], args: Sequence[Any], kwargs: dict[str, Any], has_aux: bool
    ) -> tuple[list[Value], Form, list[Any]]:
        """Call f; return its numbers and their form, and a list with its auxiliary result, if any."""
        result = self.call(f, args, kwargs)
        result, *aux = pair(self.name, result) if has_aux else (result,)
        return *outputs_of(self.name, result), aux

    def is_open(self, outputs: Sequence[Value]) -> bool:
        """Whether outputs depend on a `Value` that is older than this run and needs a gradient."""
        return self.graphs_wanted and reaches_older(self.start, [y for y in outputs if y.requires_grad])

    def gradient(self, seeds: Mapping[Value, float], is_open: bool) -> list[Any]:
        """Return the gradient by every input: floats, or `Value`s if it is open."""
        return gradient_nodes(seeds, self.inputs) if is_open else adjoints(seeds, self.inputs)


def like(f: Callable[..., Any]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Give a new function the name, docstring and signature of f, which may be any callable."""
    # The attributes of an object are not those of the new function.
    return wraps(f) if isinstance(f, FunctionType) else wraps(f, updated=())


def shown(result: Any, is_open: bool) -> Any:
    return result if is_open else real_tree(result)


def any_open(numbers: Iterable[Any]) -> bool:
    return any(isinstance(x, Value) and x.requires_grad for x in numbers)


def scalar_of(name: str, result: Any) -> Value:
    """Return f's result as a node; a plain number becomes a constant."""
    if getattr(result, "size", None) == 1:  # An array of one number, of any shape.
        result = result.item()
    if isinstance(result, Value):
        return result
    if hasattr(result, "__len__") and not isinstance(result, str):
        raise DataError(
            f"{name}: not a single output: the function returned {brief(result)}; expected one number. "
            "Sum it, or take jacobian."
        )
    if result is None:
        raise DataError(f"{name}: the function returned None; expected one number. Add a return statement.")
    return constant(real(result, f"{name}: result"))


def outputs_of(name: str, result: Any) -> tuple[list[Value], Form]:
    numbers, form = flattened(result, f"{name}: result")
    return [y if isinstance(y, Value) else constant(y) for y in numbers], form


def pair(name: str, result: Any) -> tuple[Any, Any]:
    if not isinstance(result, tuple) or len(result) != 2:
        raise DataError(
            f"{name}: not a pair: the function returned {brief(result)}; expected (y, aux) for has_aux=True."
        )
    return result


def refuse_no_function(name: str, f: Any) -> None:
    if not callable(f):
        raise DataError(f"{name}: not a function: argument 1 = {brief(f)}; expected a function of numbers.")


def chosen_arguments(name: str, argnums: Any) -> tuple[int, ...]:
    one = isinstance(argnums, int) or not isinstance(argnums, Iterable)
    chosen = (
        (argnums,) if one else tuple(elements(argnums, name, "argnums", "whole numbers", "not a position"))
    )
    if not chosen or not all(isinstance(i, int) and not isinstance(i, bool) for i in chosen):
        raise DataError(f"{name}: not a position: argnums = {brief(argnums)}; expected whole numbers.")
    return chosen


def places_of(name: str, chosen: Sequence[int], count: int) -> list[int]:
    places = [i + count if i < 0 else i for i in chosen]
    if not all(0 <= i < count for i in places) or len(set(places)) != len(places):
        raise DataValueError(
            f"{name}: no such argument: argnums = {', '.join(map(str, chosen))} for a call with "
            f"{counted(count, 'positional argument')}; expected distinct numbers from 0 to {count - 1}."
        )
    return places


def tuple_of_trees(name: str, what: str, trees: Any) -> tuple[Any, ...]:
    if not isinstance(trees, (tuple, list)):
        raise DataError(
            f"{name}: {what} is not a tuple: got {brief(trees)}; expected one entry for each argument of the "
            f"function. Write ({what[:-1]},) for a single one."
        )
    return tuple(trees)


def directions_of(name: str, trees: Any, forms: Sequence[Form]) -> list[Any]:
    """Return the numbers of the tangents, which must have the form of the primals."""
    trees = tuple_of_trees(name, "tangents", trees)
    if len(trees) != len(forms):
        raise DataValueError(
            f"{name}: {counted(len(trees), 'tangent')} for {counted(len(forms), 'primal')}; expected as many."
        )
    directions: list[Any] = []
    for i, (tree, form) in enumerate(zip(trees, forms, strict=True)):
        numbers, its_form = flattened(tree, f"{name}: tangent {i + 1}")
        refuse_other_form(form, its_form, f"{name}: tangent {i + 1}")
        directions += numbers
    return directions
