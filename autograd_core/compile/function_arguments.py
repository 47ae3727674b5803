"""Decide from their shapes alone what the arguments of a compiled function mean.

A number is a number, and a list is a list of numbers. If the function takes a number, an array of shape (B,)
is a batch. If it takes a sequence, an array of shape (n,) is a point and one of shape (B, n) a batch of
points; the same holds for a single array passed to a function of several numbers.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import Any

from ..base.importing import np
from ..base.modes import errstate
from ..base.reals import floats_of, real
from ..base.restoring import contained
from ..calculus.argument_trees import NUMBER, Form, refuse_too_deep, shaped
from ..calculus.traced_call import signature_of
from ..errors import AutogradError, DataError, DataValueError, TraceError
from ..kernel.topological_order import topological_order
from ..kernel.value import Value
from ..operations.operation import Operation
from .front.trace import refusing_branches, result_of

MOST_PROBED = 4096
"""Arrays are shortened to this length while testing what the function takes."""
MOST_TRIED = 4
"""With more arrays than this, either all are sequences or none, without testing each combination."""


class Parameters:
    """The parameters of a function, which are matched with the arguments of calls."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function
        self.name = getattr(function, "__name__", "function")
        self.signature = signature_of(function)
        kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
        found = self.signature.parameters.values()
        positional = [p for p in found if p.kind in kinds]
        self.names = [p.name for p in positional]
        self.rest = next((p.name for p in found if p.kind is p.VAR_POSITIONAL), None)
        self.least = sum(p.default is p.empty for p in positional)
        self.only_positional = len(found) == len(positional)

    @property
    def several(self) -> bool:
        """Whether the function takes more than one number, so that one array can hold all."""
        row = inspect.unwrap(self.function)  # A row such as max takes a sequence or many numbers.
        return self.least > 1 or (self.rest is not None and not isinstance(row, Operation))

    def takes(self, count: int) -> bool:
        """Whether the function can be called with that number of positional arguments."""
        return self.least <= count and (self.rest is not None or count <= len(self.names))

    def takes_only(self, count: int) -> bool:
        """Whether the function is always called with that number of arguments."""
        return self.only_positional and self.least == count == len(self.names)

    def matched(self, args: Sequence[Any], named: dict[str, Any]) -> tuple[Sequence[Any], dict[str, Any]]:
        """Return the arguments by position, and those that must be given by name; without defaults."""
        if not named and self.only_positional and self.takes(len(args)):
            return args, named
        try:
            bound = self.signature.bind(*args, **named)
        except TypeError as error:
            raise DataError(f"{self.name}: {error}; expected {self.name}{self.signature}.") from None
        return bound.args, bound.kwargs

    def name_of(self, place: int) -> str:
        """Return the name of the argument at that place."""
        if place < len(self.names):
            return self.names[place]
        return f"{self.rest or 'x'}_{place - len(self.names)}"


@dataclass(eq=False)
class Reading:
    """An interpreted call: the form of one example, and a number or batch for each of its numbers.

    `alone` is the single array that holds all numbers, if any.
    """

    parameters: Parameters
    count: int
    keywords: tuple[str, ...]
    forms: tuple[Form, ...]
    inputs: list[Any]
    alone: Any = None

    @property
    def key(self) -> Any:
        """A key that is equal for calls that the same program can run."""
        return self.count, self.keywords, self.forms

    @cached_property
    def size(self) -> int | None:
        """The number of examples; None for a single point."""
        return next((len(x) for x in self.inputs if type(x) is not float), None)

    def names(self) -> list[str]:
        """Return the names of the inputs: `x`, or `x_0`, `x_1`, ... for those in a sequence x."""
        places = [self.parameters.name_of(i) for i in range(self.count)] + list(self.keywords)
        pairs = zip(places, self.forms, strict=True)
        return [name if f is NUMBER else f"{name}_{i}" for name, f in pairs for i in range(f.size)]

    def example(self) -> list[float]:
        """Return the inputs of the first example, or arbitrary numbers for an empty batch."""
        return [_first(x) for x in self.inputs]

    def apply(self, function: Callable[..., Any], values: Sequence[Any]) -> Any:
        """Call the function at these numbers, in the forms of its arguments."""
        rest = iter(values)
        trees = [f.restored([next(rest) for _ in range(f.size)], boxed=False) for f in self.forms]
        named = dict(zip(self.keywords, trees[self.count :], strict=True))
        try:
            return function(*trees[: self.count], **named)
        except TypeError as error:
            lists = [i for i, f in enumerate(self.forms, start=1) if issubclass(f.kind, (list, tuple))]
            if not lists or isinstance(error, AutogradError):
                raise
            raise DataError(
                f"{self.parameters.name}: it cannot take a list as argument {lists[0]}: {error}; expected a "
                "number. A list is one sequence of numbers; for a batch give an array, np.array([1.0, 2.0])."
            ) from error

    def gradient(self, slopes: Sequence[Any]) -> Any:
        """Return the slopes in the forms of the arguments, as a tuple if there are several."""
        rest = iter(slopes)
        trees = [in_form(f, [next(rest) for _ in range(f.size)]) for f in self.forms]
        return trees[0] if len(trees) == 1 else tuple(trees)


def in_form(form: Form, numbers: Sequence[Any]) -> Any:
    """Build a tree of numbers or batches; with batches, an array has an additional first axis."""
    rest = iter(numbers)

    def leaves() -> Iterator[Any]:
        for leaf in form.leaves():
            block = [next(rest) for _ in range(leaf.size)]
            if not leaf.is_array:
                yield block[0]
            else:
                wide = np.stack(np.broadcast_arrays(*block), axis=-1) if block else np.zeros(0)
                yield wide.reshape(*wide.shape[:-1], *leaf.shape)

    return form.with_leaves(leaves())


def read(parameters: Parameters, args: Sequence[Any], named: dict[str, Any], known: Any) -> Reading | None:
    """Interpret a call; return None if it contains `Value`s, which need a graph.

    `known` caches the meanings of arrays by their shapes.
    """
    if len(args) == 1 and not named and parameters.several and _is_array(args[0]):
        return _read_alone(parameters, args[0])
    args, named = parameters.matched(args, named)
    things = [*args, *named.values()]
    leaves: list[Any] = []
    forms = []
    for place, x in enumerate(things):
        name = parameters.name_of(place) if place < len(args) else list(named)[place - len(args)]
        forms.append(_form(x, f"{parameters.name}: argument {place + 1} ({name})", leaves))
    if any([isinstance(x, Value) for x in leaves]):
        return None
    found = Reading(parameters, len(args), tuple(named), tuple(forms), leaves)
    if any([_is_array(x) for x in things]):
        if found.key not in known:
            known[found.key] = _sequences(found)
        _settle(found, known[found.key])
    return found


def _is_array(x: Any) -> bool:
    return isinstance(x, np.ndarray) and x.ndim > 0


def _read_alone(parameters: Parameters, x: Any) -> Reading | None:
    if x.dtype == object and any([isinstance(item, Value) for item in x.flat]):
        return None
    array = floats_of(x, f"{parameters.name}: argument 1")
    n = array.shape[-1]
    if array.ndim > 2 or not parameters.takes(n):
        least = parameters.least
        raise DataValueError(
            f"{parameters.name}: an array of shape {array.shape}; expected ({least},) for one point or "
            f"(B, {least}) for a batch of points."
        )
    inputs = array.tolist() if array.ndim == 1 else list(array.T)
    return Reading(parameters, n, (), (NUMBER,) * n, inputs, array)


def _form(x: Any, name: str, leaves: list[Any], depth: int = 0) -> Form:
    """Return the form of an argument; append its numbers and arrays to `leaves`."""
    if type(x) is float or isinstance(x, Value):
        leaves.append(x)
        return NUMBER
    refuse_too_deep(depth, name)
    if isinstance(x, (list, tuple, dict)):
        keys = tuple(x) if isinstance(x, dict) else tuple(range(len(x)))
        inside = x.values() if isinstance(x, dict) else x
        parts = [_form(part, f"{name}[{key!r}]", leaves, depth + 1) for key, part in zip(keys, inside)]  # noqa: B905
        return Form(type(x), keys, tuple(parts), size=sum([part.size for part in parts]))
    if not _is_array(x):
        leaves.append(real(x, name))
        return NUMBER
    if x.dtype == object and (inside := [item for item in x.flat if isinstance(item, Value)]):
        leaves.append(inside[0])
        return NUMBER
    leaves.append(floats_of(x, name))
    if depth:  # In a list it can only be in place of a number.
        if x.ndim > 1:
            raise DataValueError(
                f"{name}: an array of shape {x.shape} in place of a number; expected (B,) for a batch. "
                "For a table of numbers give nested lists, as array.tolist()."
            )
        return NUMBER
    if x.ndim > 2:
        raise DataValueError(
            f"{name}: an array of shape {x.shape}; expected (B,) for a batch of numbers, (n,) for a sequence "
            "or (B, n) for a batch of sequences. For a table of numbers give nested lists, as array.tolist()."
        )
    return Form(np.ndarray, shape=x.shape, size=1)


def _settle(call: Reading, sequences: Sequence[int]) -> None:
    """Replace the forms of arrays by those of one example, and the arrays by the inputs in them."""
    leaves = iter(call.inputs)
    inputs: list[Any] = []
    forms = list(call.forms)
    for i, form in enumerate(call.forms):
        if not form.is_array:
            inputs += [next(leaves) for _ in range(form.size)]
            continue
        array = next(leaves)
        if i in sequences:
            forms[i] = Form(np.ndarray, shape=array.shape[-1:], size=array.shape[-1])
            inputs += array.tolist() if array.ndim == 1 else list(array.T)
            call.alone = array if len(forms) == 1 else None
        elif array.ndim > 1:
            raise DataValueError(
                f"{call.parameters.name}: an array of shape {array.shape} in place of a number: argument "
                f"{i + 1}; expected (B,) for a batch."
            )
        else:
            forms[i] = NUMBER
            inputs.append(array)
    call.forms, call.inputs = tuple(forms), inputs


def _sequences(call: Reading) -> tuple[int, ...]:
    """Return which of the array arguments the function takes as sequences.

    All of them if the function computes with whole arrays, such as a sum over x, even if it could also take a
    number. Otherwise the smallest set that it requires, for example because it indexes them.
    """
    arrays = tuple([i for i, form in enumerate(call.forms) if form.is_array])
    whole, single = _attempt(call, arrays), _attempt(call, ())
    if isinstance(whole, _Result) and all([len(call.forms[i].shape) > 1 for i in arrays]):
        return arrays
    if isinstance(single, TraceError):
        return ()
    if isinstance(single, _Result):
        return arrays if isinstance(whole, _Result) and not _for_each(call, arrays, whole, single) else ()
    tried = range(1, len(arrays)) if len(arrays) <= MOST_TRIED else ()
    for some in [some for size in tried for some in combinations(arrays, size)]:
        if isinstance(_attempt(call, some), _Result):
            return some
    return () if isinstance(whole, Exception) and isinstance(single, AutogradError) else arrays


@dataclass(frozen=True)
class _Result:
    """A trial result: its form, and whether a number in it depends on any or several elements."""

    form: Form
    needs_any: bool
    needs_several: bool


def _for_each(call: Reading, arrays: Sequence[int], whole: _Result, single: _Result) -> bool:
    """Whether the result for whole arrays is elementwise that for a number, or depends on no element."""
    if not whole.needs_any and whole.form == single.form:
        return True
    if whole.form is NUMBER or whole.needs_several:
        return False
    lengths = {min(call.forms[i].shape[-1], MOST_PROBED) for i in arrays}
    return all([whole.form.size == length * single.form.size for length in lengths])


@contained
def _attempt(call: Reading, sequences: Sequence[int]) -> _Result | Exception:
    """Return the function's result, or error, if those arrays are sequences and the others numbers."""
    leaves = iter(call.inputs)
    things = []
    elements: dict[Value, int] = {}
    for i, form in enumerate(call.forms):
        if not form.is_array:
            things.append(form.restored([Value(_first(next(leaves))) for _ in range(form.size)]))
            continue
        array = next(leaves)
        point = (array[0] if len(array) else np.full(array.shape[1:], 0.5)) if array.ndim > 1 else array
        if i in sequences:
            nodes = [Value(x) for x in point[:MOST_PROBED].tolist()]
            elements |= {node: k for k, node in enumerate(nodes)}
            things.append(shaped(nodes, (-1,)))
        else:
            things.append(Value(_first(point)))
    named = dict(zip(call.keywords, things[call.count :], strict=True))
    try:
        with errstate(all="ignore"), np.errstate(all="ignore"), refusing_branches():
            numbers, form = result_of(call.parameters.function(*things[: call.count], **named))
    except Exception as error:  # Any error means that the function does not take that.
        return error
    return _Result(form, *_needed([x for x in numbers if isinstance(x, Value)], elements))


def _needed(roots: Sequence[Value], elements: dict[Value, int]) -> tuple[bool, bool]:
    """Whether a root depends on any element, and whether one depends on several."""
    of: dict[Value, int | None] = {}
    for node in topological_order(*roots):
        found = {of[parent] for parent in node.parents} - {None}
        of[node] = elements.get(node, -1 if len(found) > 1 else found.pop() if found else None)
    return any([of[root] is not None for root in roots]), any([of[root] == -1 for root in roots])


def _first(x: Any) -> float:
    return x if type(x) is float else float(x[0]) if len(x) else 0.5
