"""`name_scope`, and the scope that each node of a graph was created in."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, Protocol
from weakref import ref

from ..base import modes
from ..base.reals import brief
from ..errors import DataError, DataValueError
from ..kernel.value import Value, next_index

LONGEST_NAME = 200


class Scope:
    """One run of a named part of a program; `outer` is the enclosing scope.

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
        """This scope and all enclosing ones, the outermost first."""
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

    def labeled(self, text: str) -> Label:
        """Return the label of a node created here."""
        if text:
            return Label(text, self)
        if self._blank is None:
            self._blank = Label("", self)  # Shared by all nodes without a name.
        return self._blank

    def __repr__(self) -> str:
        return f"<scope {self.path}>"


class Tag(Protocol):
    """An object in place of a label."""

    def of(self, node: Any) -> str:
        """Return the text of the label of this node."""

    def renamed(self, text: str) -> Any:
        """Return what replaces it when the node gets another label."""


class Label:
    """A text, the scope that its node was created in, and whether the node is a model's parameter."""

    __slots__ = ("parameter", "scope", "text")

    def __init__(self, text: str, scope: Scope | None, parameter: bool = False) -> None:
        self.text, self.scope, self.parameter = text, scope, parameter

    def of(self, node: Any) -> str:
        return self.text

    def renamed(self, text: str) -> Label:
        return Label(text, self.scope, self.parameter)


class Origin:
    """The label of all parameters in one array: `weight[2, 1]` is generated on demand."""

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
    """The identity of a module in its calls: its class and position, without keeping the module alive.

    A module may hold its outputs, as a recurrent one does; if these held the module, neither would be freed.
    """

    __slots__ = ("kind", "module", "place")

    def __init__(self, module: Any) -> None:
        self.module, self.kind, self.place = ref(module), type(module).__name__, ""

    def placed(self, place: str) -> None:
        """Record its name in the surrounding model, unless a larger model has already done so."""
        if not self.place.endswith(place):
            self.place = place

    def within(self, around: Sign) -> str:
        """Return its name in a module that no longer exists, or an empty text."""
        prefix = f"{around.place}." if around.place else ""
        return self.place.removeprefix(prefix) if self.place.startswith(prefix) else ""

    def __reduce__(self) -> tuple[Any, ...]:
        return type(None), ()  # A copy of a module is another module.


class CallLabel:
    """The label of one call's outputs that have no text.

    Nodes younger than `start` that lead to them were created in the call. `parts` are the positions of the
    outputs if each was created after the previous one, as by a layer's neurons; `part` is the name of one.
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
    """The label of a call's output that also has another label: a text, or that of an inner call."""

    __slots__ = ("before", "call")

    def __init__(self, call: CallLabel, before: str | Tag) -> None:
        self.call, self.before = call, before

    def of(self, node: Any) -> str:
        return self.before if isinstance(self.before, str) else self.before.of(node)

    def renamed(self, text: str) -> Output:
        return Output(self.call, text if isinstance(self.before, str) else self.before.renamed(text))


class name_scope(modes.Switch):
    """Group the nodes created inside: drawings frame them, and fold them if a graph is large.

    Nested scopes form a path, such as `mlp/layer0/neuron3`. Each thread has its own. Modules of `nn` do not
    need one, because a call of a module is a scope. An operation inside takes a little longer.

    Raises `DataError` if the name is not text, `DataValueError` if it is empty, longer than
    200 characters or contains a "/".

    >>> from autograd_core import Graph, Value
    >>> x = Value(2.0, "x")
    >>> with name_scope("square"):
    ...     y = x * x
    >>> Graph(y.sin()).scopes[y].path
    'square'
    """

    def __init__(self, name: str) -> None:
        if not isinstance(name, str):
            raise DataError(f"name_scope: not a name: argument 1 = {brief(name)}; expected text.")
        if not name or "/" in name or len(name) > LONGEST_NAME:
            raise DataValueError(
                f"name_scope: not a name: argument 1 = {brief(name)}; expected text of 1 to {LONGEST_NAME} "
                'characters without "/". Open scopes inside each other for a path.'
            )
        super().__init__(scope=name)

    def _changed(self, before: modes.Modes) -> modes.Modes:
        # Each entry is a new scope, even for a decorated function.
        return replace(before, scope=Scope(self._changes["scope"], before.scope, next_index()))

    def _restored(self, before: modes.Modes, inside: modes.Modes) -> modes.Modes:
        # Generators may be closed in any order: an outer scope may have been left before this one.
        now, scope = modes.current(), before.scope
        inside.scope.left = True
        if now.scope is not inside.scope:
            return now
        while scope is not None and scope.left:
            scope = scope.outer
        return replace(before, scope=scope)


_new = object.__new__
ScopeByNode = dict[Value, Scope | None]


begin = next_index
"""Start a call of a module; pass the result to `end`."""


def end(module: Sign, start: int, outputs: Any, part: str = "") -> None:
    """Record that the nodes among the outputs are the results of a call of this module.

    `part` names the parts of the outputs if each was created after the previous one.
    """
    call: CallLabel = _new(CallLabel)
    call.module, call.start, call.part, call.parts = module, start, part, ()
    if type(outputs) is Value:
        outputs = (outputs,)
    elif type(outputs) is not list or not outputs or type(outputs[0]) is not Value:
        outputs = list(_nodes(outputs))
    if part:
        call.parts = [node._index for node in outputs]
    for node in outputs:
        if type(node) is Value and node._index > start and node._row is not None:
            label = node._label
            node._label = call if type(label) is str and not label else Output(call, label)


def _nodes(outputs: Any, depth: int = 4) -> Iterable[Value]:
    if isinstance(outputs, Value):
        yield outputs
    elif isinstance(outputs, (list, tuple)) and depth:
        for thing in outputs:
            yield from _nodes(thing, depth - 1)


def own(values: Sequence[Value], shape: tuple[int, ...]) -> Origin:
    """Label parameters stored in one array, row by row; return the object that receives their name."""
    first, last = (values[0]._index, values[-1]._index) if values else (0, -2)
    regular = range(first, last + 2, 2)
    origin = Origin(regular if len(regular) == len(values) else [v._index for v in values], shape)
    for value in values:
        value._label = origin
    return origin


def name_parameter(value: Value, text: str) -> None:
    """Label a parameter that has no label, or the label of a smaller model that the new one extends."""
    label = value._label
    if label == "":
        value._label = Label(text, None, parameter=True)
    elif type(label) is Label and label.parameter and text.endswith(label.text):
        value._label = label.renamed(text)


def lasting_labels(nodes: Sequence[Value]) -> dict[Value, Any]:
    """Return the labels of nodes for copies and pickles, which do not depend on calls or arrays."""
    labels: dict[Value, Any] = {}
    for node, scope in scopes_of(nodes).items():
        label = node._label
        if type(label) is not str or scope is not None:
            parameter = type(label) is Origin or (type(label) is Label and label.parameter)
            label = Label(node.label, scope, parameter)
        labels[node] = label
    return labels


def scopes_of(nodes: Sequence[Value], together: bool = False) -> ScopeByNode:
    """Return the innermost scope of each node, in topological order; None for a node outside all scopes.

    A call of a module is a scope, named by its position in the module around it or else by its class. A leaf
    that is a parameter, or has no name, belongs to the innermost scope around all nodes that use it; any
    other leaf only to a scope of `name_scope`. `together` merges scopes with the same path.
    """
    if all([type(node._label) is str for node in nodes]):
        return dict.fromkeys(nodes)
    return _Placing(nodes, together).places


class _Placing:
    def __init__(self, nodes: Sequence[Value], together: bool) -> None:
        self.together = together
        self.known: dict[Any, Scope] = {}
        self.merged: dict[tuple[Scope | None, Scope | None], Scope | None] = {}
        self.names: dict[int, dict[int, str]] = {}
        self.modules: dict[Scope, Sign] = {}
        self.calls: dict[Value, Scope | None] = {}
        self.places: ScopeByNode = dict.fromkeys(nodes)
        shared: dict[Value, Scope | None] = {}
        for node in reversed(nodes):
            if node._row is None:
                self.places[node] = self._of_leaf(node, shared.get(node))
                continue
            calls = self._with_own(node, self.calls.pop(node, None))
            scope = self.places[node] = self._merged(_explicit(node), calls)
            for parent in node.parents:
                if parent._row is None:
                    shared[parent] = _common(shared[parent], scope) if parent in shared else scope
                else:
                    self._offer(parent, calls)

    def _of_leaf(self, leaf: Value, shared: Scope | None) -> Scope | None:
        label = leaf._label
        if type(label) is Origin or (type(label) is Label and label.parameter):
            return shared
        if not leaf.label:
            return shared
        return self._merged(_explicit(leaf), None)

    def _offer(self, parent: Value, calls: Scope | None) -> None:
        """Give a parent those of its consumer's calls that created it, which started before it."""
        while calls is not None and calls.start >= parent._index:
            calls = calls.outer
        known = self.calls.get(parent)
        if known is None or (calls is not None and calls.start > known.start):
            self.calls[parent] = calls

    def _with_own(self, node: Value, calls: Scope | None) -> Scope | None:
        for call in _calls(node):
            if calls is None or call.start > calls.start:
                calls = self._call_scope(call, calls)
            if calls is self.known.get(call) and call.parts:
                calls = self._with_part(call, node, calls)
        return calls

    def _call_scope(self, call: CallLabel, outer: Scope | None) -> Scope:
        scope = self.known.get(call)
        if scope is None:
            scope = self.known[call] = Scope(self._name(call, outer), outer, call.start)
            self.modules[scope] = call.module
        return scope

    def _with_part(self, call: CallLabel, node: Value, scope: Scope) -> Scope:
        k = bisect_left(call.parts, node._index)
        if (call, k) not in self.known:
            start = call.parts[k - 1] if k else call.start + 1
            self.known[call, k] = Scope(f"{call.part} {k}", scope, start)
            self.modules[self.known[call, k]] = call.module
        return self.known[call, k]

    def _name(self, call: CallLabel, outer: Scope | None) -> str:
        """Return the name of a module within the module whose call encloses it, or else its class."""
        while outer is not None:
            found = self._name_in(self.modules[outer], call.module)
            if found:
                return found
            outer = outer.outer
        return call.module.kind

    def _name_in(self, around: Sign, sign: Sign) -> str:
        module = around.module()
        if module is None:
            return sign.within(around)
        if id(module) not in self.names:
            named = module.named_modules() if hasattr(module, "named_modules") else ()
            self.names[id(module)] = {id(inner): name for name, inner in named if inner is not module}
        return self.names[id(module)].get(id(sign.module()), "")

    def _merged(self, explicit: Scope | None, calls: Scope | None) -> Scope | None:
        """Merge the scopes of `name_scope` and of calls into one chain, in the order of their start."""
        if (explicit, calls) not in self.merged:
            chain = (explicit.chain if explicit else []) + (calls.chain if calls else [])
            scope = None
            for part in sorted(chain, key=lambda part: part.start):
                scope = self._joined(part, scope)
            self.merged[explicit, calls] = scope
        return self.merged[explicit, calls]

    def _joined(self, part: Scope, outer: Scope | None) -> Scope:
        key = ("joined", part.name if self.together else part, outer)
        if key not in self.known:
            self.known[key] = Scope(part.name, outer, part.start)
        return self.known[key]


def _calls(node: Value) -> list[CallLabel]:
    """Return the calls that a node is a result of, the outermost first."""
    found, label = [], node._label
    while type(label) is Output:
        found.append(label.call)
        label = label.before
    return [*found, label] if type(label) is CallLabel else found


def _explicit(node: Value) -> Scope | None:
    label = node._label
    while type(label) is Output:
        label = label.before
    return label.scope if type(label) is Label else None


def _common(a: Scope | None, b: Scope | None) -> Scope | None:
    """Return the innermost scope around both."""
    if a is b:
        return a
    around = set(a.chain) if a is not None else set()
    while b is not None and b not in around:
        b = b.outer
    return b
