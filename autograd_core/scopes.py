"""`name_scope`, and what a node's label may hold besides its text: where the node was made.

A node of its own has a plain `str` for a label. In its place may stand one of the tags below, which know the
text too: so a node that was made outside of all scopes is not a byte larger than it would be without them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Protocol
from weakref import ref

from . import modes
from .errors import DataError, DataValueError
from .reals import brief
from .value import next_index

LONGEST_NAME = 200


class Scope:
    """A part of a program that has a name, run once; `outer` is the one around it.

    >>> Scope("neuron3", Scope("layer0", None)).path
    'layer0/neuron3'
    """

    __slots__ = ("_blank", "left", "name", "outer", "start")

    def __init__(self, name: str, outer: Scope | None, start: int = 0) -> None:
        self.name, self.outer, self.start = name, outer, start
        self._blank: Label | None = None
        self.left = False

    @property
    def chain(self) -> list[Scope]:
        """The scopes around this one and itself, the outermost first."""
        found: list[Scope] = []
        scope: Scope | None = self
        while scope is not None:
            found.append(scope)
            scope = scope.outer
        return found[::-1]

    @property
    def path(self) -> str:
        """The names from the outermost scope to this one, as in `mlp/layer0/neuron3`."""
        return "/".join([scope.name for scope in self.chain])

    def labelled(self, text: str) -> Label:
        """The label of a node made here."""
        if text:
            return Label(text, self)
        if self._blank is None:
            self._blank = Label("", self)  # One for all nodes without a name.
        return self._blank

    def __repr__(self) -> str:
        return f"<scope {self.path}>"


class Tag(Protocol):
    """What may stand in a label's place."""

    def of(self, node: Any) -> str:
        """The text of the label of this node."""

    def renamed(self, text: str) -> Any:
        """What takes its place when the node gets another label."""


class Label:
    """A text, with the scope that its node was made in, and whether the node is a parameter of a model."""

    __slots__ = ("parameter", "scope", "text")

    def __init__(self, text: str, scope: Scope | None, parameter: bool = False) -> None:
        self.text, self.scope, self.parameter = text, scope, parameter

    def of(self, node: Any) -> str:
        return self.text

    def renamed(self, text: str) -> Label:
        return Label(text, self.scope, self.parameter)


class Origin:
    """The label of all parameters that stand in one array: `weight[2, 1]` is written when it is asked for."""

    __slots__ = ("name", "places", "shape")

    def __init__(self, places: Sequence[int], shape: tuple[int, ...]) -> None:
        self.name, self.places, self.shape = "", places, shape

    def of(self, node: Any) -> str:
        if not self.name or not self.shape:
            return self.name
        place, index = self.places.index(node.index), []
        for size in reversed(self.shape):
            place, i = divmod(place, size)
            index.append(i)
        return f"{self.name}{index[::-1]}"

    def renamed(self, text: str) -> Label:
        return Label(text, None, parameter=True)


class Sign:
    """What the calls of a module know it by: its class and its place. It does not keep the module alive.

    A module may hold its own outputs, as a recurrent one does: were it held by them, neither would be freed.
    """

    __slots__ = ("kind", "module", "place")

    def __init__(self, module: Any) -> None:
        self.module, self.kind, self.place = ref(module), type(module).__name__, ""

    def placed(self, place: str) -> None:
        """Notes what it is called in the model around it, unless a larger model has said so."""
        if not self.place.endswith(place):
            self.place = place

    def within(self, around: Sign) -> str:
        """What it was called in a module that is gone, or nothing."""
        prefix = f"{around.place}." if around.place else ""
        return self.place.removeprefix(prefix) if self.place.startswith(prefix) else ""

    def __reduce__(self) -> tuple[Any, ...]:
        return type(None), ()  # A copy of a module is another module.


class Call:
    """The label of the outputs of one call of a module that have no text.

    Nodes younger than `start` that lead to them were made in the call. `parts` are the places of the outputs
    where each was made after the one before it, as by a layer's neurons; `part` is what one is called.
    """

    __slots__ = ("module", "part", "parts", "start")

    module: Sign
    start: int
    part: str
    parts: Sequence[int]

    def of(self, node: Any) -> str:
        return ""

    def renamed(self, text: str) -> Output:
        return Output(self, text)


class Output:
    """The label of an output of a call that has another label as well: a text, or that of an inner call."""

    __slots__ = ("before", "call")

    def __init__(self, call: Call, before: str | Tag) -> None:
        self.call, self.before = call, before

    def of(self, node: Any) -> str:
        return self.before if isinstance(self.before, str) else self.before.of(node)

    def renamed(self, text: str) -> Output:
        return Output(self.call, text if isinstance(self.before, str) else self.before.renamed(text))


class name_scope(modes.Switch):
    """Nodes made inside belong together: drawings frame them, and fold them where a graph is large.

    Scopes in scopes make a path, as `mlp/layer0/neuron3`. Each thread has its own. Modules of `nn` need
    none: a call of a module is a scope already. An operation inside takes a little longer.

    Raises `DataError` for a name that is no text, `DataValueError` for one that is empty, is longer than
    200 characters or holds a "/".

    >>> from autograd_core import Graph, Value
    >>> x = Value(2.0, "x")
    >>> with name_scope("square"):
    ...     y = x * x
    >>> Graph(y.sin()).scopes[y].path
    'square'
    """

    def __init__(self, name: str) -> None:
        if not isinstance(name, str):
            raise DataError(f"name_scope: no name: argument 1 = {brief(name)}; expected text.")
        if not name or "/" in name or len(name) > LONGEST_NAME:
            raise DataValueError(
                f"name_scope: not a name: argument 1 = {brief(name)}; expected text of 1 to {LONGEST_NAME} "
                'characters without "/". Open scopes inside each other for a path.'
            )
        super().__init__(scope=name)

    def _changed(self, before: modes.Modes) -> modes.Modes:
        # Each entry is a scope of its own, also of a decorated function.
        return replace(before, scope=Scope(self._changes["scope"], before.scope, next_index()))

    def _restored(self, before: modes.Modes, inside: modes.Modes) -> modes.Modes:
        # Generators may be closed in any order: a scope around may have been left before this one.
        now, scope = modes.current(), before.scope
        inside.scope.left = True
        if now.scope is not inside.scope:
            return now
        while scope is not None and scope.left:
            scope = scope.outer
        return replace(before, scope=scope)
