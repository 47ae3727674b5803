"""Flatten nested arguments and results (lists, tuples, dicts, arrays) into numbers, and rebuild them.

Transforms differentiate with respect to numbers, but users pass trees. `flattened` splits a tree
into its numbers and a `Form`, and the form rebuilds a tree from numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from ..base.importing import np
from ..base.reals import real
from ..errors import DataError, DataValueError
from ..kernel.value import Value


@dataclass(frozen=True)
class Form:
    """The structure of a tree: the type of each container and its parts."""

    kind: type
    keys: tuple[Any, ...] = ()
    parts: tuple[Form, ...] = ()
    shape: tuple[int, ...] = ()
    size: int = 1

    @property
    def is_array(self) -> bool:
        """Whether this is a NumPy array; like a number, it is a leaf of the tree."""
        return self.kind.__module__ == "numpy"

    def leaves(self) -> Iterator[Form]:
        """Yield the numbers and arrays of the tree, from left to right."""
        if self.kind is float or self.is_array:
            yield self
        for part in self.parts:
            yield from part.leaves()

    def with_leaves(self, leaves: Iterator[Any]) -> Any:
        """Build a tree of this form with these things as numbers and arrays."""
        if self.kind is float or self.is_array:
            return next(leaves)
        parts = [part.with_leaves(leaves) for part in self.parts]
        if issubclass(self.kind, dict):
            return dict(zip(self.keys, parts, strict=True))
        if not issubclass(self.kind, tuple):
            return parts
        return self.kind(*parts) if hasattr(self.kind, "_fields") else tuple(parts)

    def restored(self, numbers: Iterable[Any], boxed: bool = True) -> Any:
        """Build a tree of this form from numbers; without `boxed`, an array without axes becomes a number."""
        queue = iter(numbers)
        blocks = ([next(queue) for _ in range(leaf.size)] for leaf in self.leaves())
        return self.with_leaves(
            shaped(block, leaf.shape) if leaf.is_array and (boxed or leaf.shape) else block[0]
            for leaf, block in zip(self.leaves(), blocks, strict=True)
        )

    def paths(self, name: str) -> Iterator[str]:
        """Yield the path of each number, such as `x`, `x[0]` or `x['w'][1, 2]`."""
        if self.is_array and self.shape:
            for place in product(*map(range, self.shape)):
                yield f"{name}[{', '.join(map(str, place))}]"
        elif self.kind is float or self.is_array:
            yield name
        for key, part in zip(self.keys, self.parts, strict=True):
            yield from part.paths(f"{name}[{key!r}]")

    def __str__(self) -> str:
        if self.kind is float:
            return "a number"
        if self.is_array:
            return f"an array of shape {self.shape}"
        return f"a {self.kind.__name__} of {len(self.parts)}"


NUMBER = Form(float)
DEEPEST = 100


def flattened(tree: Any, name: str, depth: int = 0) -> tuple[list[Any], Form]:
    """Split a tree into its numbers, as floats or `Value`s, and its form.

    Raises `DataError` in the name of `name` for text, None, complex numbers and other things, and for
    nesting deeper than `DEEPEST`, such as a list that contains itself.
    """
    refuse_too_deep(depth, name)
    if isinstance(tree, Value):
        return [tree], NUMBER
    if hasattr(tree, "dtype") and hasattr(tree, "ravel") and type(tree).__module__ == "numpy":
        return _flattened_array(tree, name)
    if isinstance(tree, dict):
        return _flattened_parts(tree, list(tree.values()), tuple(tree), name, depth)
    if isinstance(tree, Sequence) and not isinstance(tree, (str, bytes, bytearray, memoryview)):
        return _flattened_parts(tree, tree, tuple(range(len(tree))), name, depth)
    return [real(tree, name)], NUMBER


def refuse_too_deep(depth: int, name: str) -> None:
    """Raise if a list is nested too deeply, for instance because it contains itself."""
    if depth > DEEPEST:
        shown = name if len(name) <= 40 else name[:40] + "..."
        raise DataError(f"{shown}: nested too deeply; expected at most {DEEPEST} levels.")


def _flattened_parts(
    tree: Any, parts: Iterable[Any], keys: tuple[Any, ...], name: str, depth: int
) -> tuple[list[Any], Form]:
    numbers: list[Any] = []
    forms = []
    for key, part in zip(keys, parts, strict=True):
        inside, form = flattened(part, f"{name}[{key!r}]", depth + 1)
        numbers += inside
        forms.append(form)
    return numbers, Form(type(tree), keys, tuple(forms), size=len(numbers))


def _flattened_array(array: Any, name: str) -> tuple[list[Any], Form]:
    if array.dtype.kind not in "biufO":
        raise DataError(f"{name}: not real numbers: got an array of {array.dtype}; expected one of floats.")
    if not array.ndim and array.dtype.kind != "O" and not hasattr(array, "__setitem__"):
        return [real(array, name)], NUMBER  # a NumPy scalar
    flat = array.ravel().tolist()
    if array.dtype.kind != "f":
        flat = [x if isinstance(x, Value) else real(x, f"{name}: element {i}") for i, x in enumerate(flat)]
    return flat, Form(np.ndarray, shape=array.shape, size=len(flat))


def shaped(numbers: Sequence[Any], shape: tuple[int, ...]) -> Any:
    """Return an array of these numbers: of floats, or of objects if one is a `Value`."""
    array = np.empty(len(numbers), dtype=object if any(isinstance(x, Value) for x in numbers) else float)
    array[:] = numbers
    return array.reshape(shape)


def real_tree(tree: Any, name: str = "result", depth: int = 0) -> Any:
    """Return the tree with each `Value` replaced by its number."""
    refuse_too_deep(depth, name)
    if isinstance(tree, Value):
        return tree.data
    if type(tree) in (list, tuple):
        return type(tree)([real_tree(part, name, depth + 1) for part in tree])
    if type(tree) is dict:
        return {key: real_tree(part, name, depth + 1) for key, part in tree.items()}
    if str(getattr(tree, "dtype", "")) == "object" and all(isinstance(x, Value) for x in tree.flat):
        return shaped([x.data for x in tree.flat], tree.shape)
    return tree


def refuse_other_form(form: Form, other: Form, name: str) -> None:
    """Raise if two trees that belong together, such as a point and a direction, differ in form."""
    if [leaf.shape for leaf in form.leaves()] != [leaf.shape for leaf in other.leaves()]:
        raise DataValueError(
            f"{name}: not of the same form: got {other} ({other.size} in all); expected {form} "
            f"({form.size} in all)."
        )
