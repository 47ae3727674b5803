"""`Value`: a number that remembers how it was computed."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from itertools import count
from operator import ge, gt, le, lt
from threading import RLock
from typing import TYPE_CHECKING, Any, Self

from ..base import modes
from ..base.reals import EXACT, brief_label, flag, is_array, label_text, number_of_leaf, real
from ..errors import DataValueError, GraphError
from ..native import Node, in_c
from ..operations.evaluation import HUGE, TINY
from ..operations.operation import TABLE, Operation
from ..operations.special_table import __all__ as _special  # noqa: F401  (its rows are methods, too)
from ..operations.table import abs as absolute
from ..operations.table import add, div, mul, remainder, sub
from ..operations.table import neg as negative
from ..operations.table import pow as power
from .hooks import register_hook
from .unsupported import refuse, refuse_result, refuse_to_rank_nan

# In steps of two, so that the index before a node's is free.
next_index = count(2, 2).__next__
_new = object.__new__
IN_C = (
    *("__add__", "__radd__", "__sub__", "__rsub__", "__mul__", "__rmul__", "__truediv__", "__rtruediv__"),
    *("__init__", "__pow__", "__rpow__", "__neg__", "__abs__", "__bool__"),
    *("__lt__", "__le__", "__gt__", "__ge__", "__ne__"),
)
"""What the native engine implements, besides the properties, in place of the methods below."""
# This object is the gradient of a node that no backward pass has reached; a sum is always another object.
ZERO = float("0")
SMALL, LARGE = 1e-145, 1e145
POWERS = (2.0, 3.0, 4.0)
FOURTH_ROOT = 1e77
"""The bound of a number whose fourth power is a float."""
# Held while nodes are rearranged that another thread may be walking over.
turn = RLock() if in_c is None else in_c.Turn()


if TYPE_CHECKING:
    from .signatures import Operand, Real, RowMethods
else:  # Every row is a method, which apply.py adds.
    RowMethods = Node


class Value(RowMethods):
    """A node of a computation graph: a number, the operation it came from, and its gradient.

    `data` is any real number, kept as a float64. A leaf has no parents; `requires_grad=False` makes it a
    constant. An operation records its `parents` and, aligned with them, its `partials`: the local
    derivatives at the point where it was evaluated (0.0 towards a parent that needs no gradient).

    Raises `DataError` (a `TypeError`) for text, None, complex numbers and arrays.

    >>> x = Value(2.0, label="x")
    >>> t = x**2
    >>> J = (t.sin() + 3 * t).cos()
    >>> J.backward()
    >>> J.data, x.grad
    (0.24510036817001535, 9.099148544832385)
    """

    # The first two arguments have separate slots, because few operations have more: without a tuple for them
    # a node takes half the memory and half the garbage collector's time.
    __slots__ = (
        (
            *("_a", "_da", "_b", "_db", "_more"),
            *("_number", "_grad", "_index", "_label", "_requires_grad", "_row", "__weakref__"),
        )
        if in_c is None
        else ()  # They are members of its base.
    )

    _number: float
    _grad: float
    _row: Operation | None
    _a: Any  # The first argument; `_da` is the local derivative towards it, None if no gradient flows.
    _da: Any
    _b: Any  # The second. A plain number becomes a node when `parents` is first read.
    _db: Any
    _more: Any  # All others, as pairs of argument and local derivative.
    _label: Any  # Its text, or one of the tags of scopes.py, which also hold the scope.
    _index: int
    _requires_grad: bool

    def __init__(self, data: Real, label: str = "", *, requires_grad: bool = True) -> None:
        self._number = data if type(data) is float else number_of_leaf(data, label)
        self._grad = ZERO
        self._row = self._a = self._b = self._da = self._db = None
        self._more = ()
        self._label = label_text(label) if label.__class__ is not str or label else ""
        self._index = next_index()
        self._requires_grad = (
            requires_grad if requires_grad is True else flag(requires_grad, "Value", "requires_grad")
        )
        if modes.unusual and (scope := modes.current().scope) is not None:
            self._label = scope.labeled(self._label)

    @property
    def index(self) -> int:
        """The node's position in the order of creation; a parent's is smaller."""
        return self._index

    @property
    def op(self) -> Operation | None:
        """The operation, a row of the table; None for a leaf."""
        return self._row

    @property
    def is_leaf(self) -> bool:
        """Whether this was made from a number."""
        return self._row is None

    @property
    def data(self) -> float:
        """The number. Only a leaf's can be set."""
        data = self._number
        return data if type(data) is float else float(data)  # In the graph of a gradient it may be a `Wide`.

    @data.setter
    def data(self, data: Real) -> None:
        if self._row is not None:
            refuse_result(self, "data", "Set the leaves and compute it again.")
        self._number = real(data, "Value.data")

    @property
    def grad(self) -> float:
        """The sum of all gradients that `backward()` has added here; 0.0 at first."""
        with turn:  # Another thread's sweep may be using it.
            return float(self._grad)

    @grad.setter
    def grad(self, grad: Real) -> None:
        with turn:
            self._grad = real(grad, "Value.grad")

    @property
    def label(self) -> str:
        """The name in drawings and messages; it has no effect on anything else."""
        label = self._label
        return label if type(label) is str else label.of(self)

    @label.setter
    def label(self, label: str) -> None:
        text, old = label_text(label), self._label
        self._label = text if type(old) is str else old.renamed(text)

    @property
    def requires_grad(self) -> bool:
        """Whether gradients flow here. Only a leaf's can be set."""
        return self._requires_grad

    @requires_grad.setter
    def requires_grad(self, requires_grad: bool) -> None:
        if self._row is not None:
            refuse_result(self, "requires_grad", "Use detach().")
        self._requires_grad = flag(requires_grad, "Value", "requires_grad")

    @property
    def parents(self) -> tuple[Value, ...]:
        """The arguments of the operation, in order; `x*x` has x twice."""
        if self._b is None:
            return () if self._a is None else (self._a,)
        if type(self._a) is float or type(self._b) is float:
            _make_node_of_number(self)
        return (self._a, self._b, *[parent for parent, _ in self._more])

    @property
    def partials(self) -> tuple[float, ...]:
        """The recorded local derivatives, aligned with `parents`; 0.0 towards one that needs no gradient."""
        edges = ((self._a, self._da), (self._b, self._db), *self._more)
        return tuple([0.0 if d is None else d for x, d in edges if x is not None])

    @property
    def _op(self) -> str:
        """What micrograd calls `_op`: the operation's symbol, "" for a leaf."""
        row = self._row
        if row is None:
            return ""
        symbolic = row.notation.kind in ("infix", "power", "fraction")
        return str(row.notation.symbol if symbolic else row.name)

    _prev = property(parents.fget)  # type: ignore[attr-defined]

    def item(self) -> float:
        """Return the number as a float."""
        return self._number

    def detach(self) -> Value:
        """Return a constant with the same number: no gradient flows through it."""
        return constant(self._number)

    def zero_grad(self) -> None:
        """Set the gradient to 0, as if no backward pass had reached the node."""
        self.grad = ZERO

    register_hook = register_hook

    def __add__(self, other: Operand) -> Value:
        if type(other) is Value:
            return result(add, self._number + other._number, self, 1.0, other, 1.0)
        if (w := plain(other)) is not None:
            return with_number(add, self._number + w, self, 1.0, w)
        return operate(add, self, other, 0)

    def __radd__(self, other: Operand) -> Value:
        return operate(add, other, self, 1)

    def __sub__(self, other: Operand) -> Value:
        if type(other) is Value:
            return result(sub, self._number - other._number, self, 1.0, other, -1.0)
        if (w := plain(other)) is not None:
            return with_number(sub, self._number - w, self, 1.0, w)
        return operate(sub, self, other, 0)

    def __rsub__(self, other: Operand) -> Value:
        return operate(sub, other, self, 1)

    def __mul__(self, other: Operand) -> Value:
        if type(other) is Value:
            return result(mul, self._number * other._number, self, other._number, other, self._number)
        if (w := plain(other)) is not None:
            return with_number(mul, self._number * w, self, w, w)
        return operate(mul, self, other, 0)

    def __rmul__(self, other: Operand) -> Value:
        return operate(mul, other, self, 1)

    def __truediv__(self, other: Operand) -> Value:
        if (w := plain(other)) is not None and SMALL < abs(w) < LARGE:
            return with_number(div, self._number / w, self, 1.0 / w, w)
        return operate(div, self, other, 0)

    def __rtruediv__(self, other: Operand) -> Value:
        return operate(div, other, self, 1)

    def __mod__(self, other: Operand) -> Value:
        return operate(remainder, self, other, 0)

    def __rmod__(self, other: Operand) -> Value:
        return operate(remainder, other, self, 1)

    def __pow__(self, other: Operand, modulo: None = None) -> Value:
        if modulo is not None:
            refuse("pow(v, w, m)", "Use v**w.", "there is no modulo of real powers; expected two arguments.")
        if (w := plain(other)) is not None and w in POWERS and abs(self._number) < FOURTH_ROOT:
            return with_number(power, self._number**w, self, w * self._number ** (w - 1.0), w)
        return operate(power, self, other, 0)

    def __rpow__(self, other: Operand) -> Value:
        return operate(power, other, self, 1)

    def __neg__(self) -> Value:
        return negative(self)  # type: ignore[no-any-return]

    def __pos__(self) -> Self:
        return self

    def __abs__(self) -> Value:
        return absolute(self)  # type: ignore[no-any-return]

    def __lt__(self, other: Operand) -> bool:
        return _compare(lt, self, other)

    def __le__(self, other: Operand) -> bool:
        return _compare(le, self, other)

    def __gt__(self, other: Operand) -> bool:
        return _compare(gt, self, other)

    def __ge__(self, other: Operand) -> bool:
        return _compare(ge, self, other)

    def __ne__(self, other: object) -> bool:
        """Whether two nodes differ; a nan differs from itself, which is how NumPy detects it."""
        return self is not other or noted(self._number != self._number, "isnan", self, None)

    def __bool__(self) -> bool:
        return noted(self._number != 0.0, "bool", self, 0.0)

    def __format__(self, spec: str) -> str:
        try:
            return format(self._number, spec) if spec else repr(self)
        except (TypeError, ValueError) as error:
            told = f"Value: cannot be formatted: {error}; expected the format of a float, such as '.3f'."
            raise DataValueError(told) from None

    def __repr__(self) -> str:
        label = f", label={brief_label(self.label)}" if self.label else ""
        return f"Value(data={self._number!r}, grad={self.grad!r}{label})"

    def __copy__(self) -> Value:
        from ..graph.json_and_pickle import twin

        return twin(self, self.parents)

    def __deepcopy__(self, memo: dict[int, Any]) -> Value:
        from ..graph.json_and_pickle import deep_copy

        return deep_copy(self, memo)

    def __reduce__(self) -> tuple[Any, ...]:
        from ..graph.json_and_pickle import flattened

        return flattened(self)

    if TYPE_CHECKING:  # Added by apply.py and backward.py.
        reached: bool
        __apply_operation__: Callable[..., Any]

        def backward(self, gradient: float = 1.0) -> None: ...


def result(row: Operation, y: float, a: Value, da: float, b: Value, db: float) -> Value:
    """Record the result of an operator on two nodes; `apply` handles unusual cases."""
    if y - y or modes.unusual or not (a._requires_grad and b._requires_grad):
        return Value.__apply_operation__(row, (a, b))  # type: ignore[no-any-return]
    return record(row, y, a, da, b, db)


def plain(x: Any) -> float | None:
    """Return a float, or an int that a float represents exactly, as a float; None for anything else."""
    if type(x) is float:
        return x
    return float(x) if type(x) is int and -EXACT < x < EXACT else None


def with_number(row: Operation, y: float, a: Value, da: float, w: float) -> Value:
    """Record the result of an operator on a node and a plain number, in this order."""
    if y - y or modes.unusual or not a._requires_grad or not (TINY < da < HUGE or -HUGE < da < -TINY):
        return Value.__apply_operation__(row, (a, w))  # type: ignore[no-any-return]
    next_index()  # For the number, should it become a node.
    return record(row, y, a, da, w, None)


def operate(row: Operation, a: Any, b: Any, place: int) -> Value:
    """Apply an operator; `place` is that of a `Value` among the operands, and the other is a plain number.

    Arrays are left to NumPy, which calls back for each element, and other unusual cases to `apply`.
    """
    node, other = (a, b) if place == 0 else (b, a)
    number = plain(other)
    if number is not None and node._requires_grad:
        x, w = (node._number, number) if place == 0 else (number, node._number)
        y = row.forward(x, w)
        if not (y - y or modes.unusual or row.outside or (row.leaves_range and -TINY < y < TINY)):
            d = row.slopes[place](x, w, y)
            if TINY < d < HUGE or -HUGE < d < -TINY:
                next_index()  # For the number, should it become a node.
                return record(row, y, a, d, w, None) if place == 0 else record(row, y, x, None, b, d)
    elif is_array(other):
        return NotImplemented  # type: ignore[no-any-return]
    return Value.__apply_operation__(row, (a, b))  # type: ignore[no-any-return]


def record(row: Operation, y: float, a: Any, da: float | None, b: Any, db: float | None) -> Value:
    """Make the node for a result with one or two arguments and their local derivatives."""
    node: Value = _new(Value)
    node._number = y
    node._grad = ZERO
    node._row = row
    node._a = a
    node._da = da
    node._b = b
    node._db = db
    node._more = ()
    node._label = ""
    node._index = next_index()
    node._requires_grad = True
    return node


def node_of(
    row: Operation,
    y: float,
    arguments: Sequence[Any],
    partials: Sequence[float],
    needs: Sequence[bool] | None = None,
) -> Value:
    """Make the node for a result of `Value`s and floats; `needs` says which of them gradients flow into."""
    parents = [_leaf(x, next_index() + 1) if type(x) is float else x for x in arguments]
    flows = [parent._requires_grad for parent in parents] if needs is None else list(needs)
    needed = True in flows  # A branch that is not taken is still part of the graph.
    if row.selects:
        flows = [flow and d != 0.0 for flow, d in zip(flows, partials, strict=True)]
    edges = [(x, d if flow else None) for x, d, flow in zip(parents, partials, flows, strict=True)]
    (a, da), (b, db) = edges[:2] if len(edges) > 1 else (*edges, (None, None))
    node = record(row, y, a, da, b, db)
    node._more = tuple(edges[2:])
    node._requires_grad = needed
    return node


def constant(data: float) -> Value:
    """Make a leaf that needs no gradient."""
    return _leaf(data, next_index())


def _leaf(data: float, index: int) -> Value:
    node: Value = _new(Value)
    node._number = data
    node._grad = ZERO
    node._row = node._a = node._b = node._da = node._db = None
    node._more = ()
    node._label = ""
    node._index = index
    node._requires_grad = False
    return node


def _make_node_of_number(node: Value) -> None:
    """Replace the plain number that a node was made with by a constant node."""
    with turn:  # Another thread may be doing the same.
        if type(node._a) is float:
            node._a = _leaf(node._a, node._index - 1)
        if type(node._b) is float:
            node._b = _leaf(node._b, node._index - 1)


_CONTENT = [slot for slot in Value.__slots__ if slot not in ("_grad", "_index", "_label", "__weakref__")]


def exchange(a: Value, b: Value) -> None:
    """Swap the numbers and operations of two nodes; their labels, gradients and indices stay."""
    with turn:
        names = _CONTENT * 2
        found = [getattr(node, name) for node in (b, a) for name in _CONTENT]
        nodes = [node for node in (a, b) for _ in _CONTENT]
        deque(map(setattr, nodes, names, found), 0)  # In one call, which Ctrl-C cannot interrupt.


def _compare(test: Any, a: Value, b: Any) -> bool:
    if is_array(b):
        return NotImplemented  # type: ignore[no-any-return]
    y = b._number if isinstance(b, Value) else real(b, f"comparison {test.__name__}")
    outcome = test(a._number, y)
    if not outcome and (a._number != a._number or y != y):
        refuse_to_rank_nan()
    return noted(outcome, test.__name__, a, b)


def noted(outcome: bool, test: str, a: Value, b: Any) -> bool:
    """Report a comparison, which the program may branch on, to a tracer; return its outcome."""
    if modes.unusual and (note := modes.current().compare) is not None:
        note(outcome, test, a, b)
    return outcome


class _InC:
    """A slot of the Python kernel, read from a C node, which stores its arguments in another form."""

    def __init__(self, slot: Any, read: Callable[[Sequence[Any]], Any]) -> None:
        self.slot, self.read = slot, read

    def __get__(self, node: Value, owner: type) -> Any:
        ends = _end_in_c(node)
        flowing = ends if type(ends) is tuple else (ends, _other_in_c(node))
        pairs = zip(node.parents, node.partials, strict=True)
        return self.read([(x, d if any([x is end for end in flowing]) else None) for x, d in pairs])

    def __set__(self, node: Value, x: Any) -> None:
        if self.slot is not None:
            self.slot.__set__(node, x)


if in_c is not None:  # The same in C, which leaves unusual cases to the methods above.
    node_of, _leaf, next_index, exchange = in_c.node_of, in_c.leaf, in_c.next_index, in_c.exchange

    def record(row: Operation, y: float, a: Any, da: float | None, b: Any, db: float | None) -> Value:
        return node_of(row, y, (a, b), (da, db))  # type: ignore[arg-type]

    def with_number(row: Operation, y: float, a: Value, da: float, w: float) -> Value:
        return Value.__apply_operation__(row, (a, w))  # type: ignore[no-any-return]

    def operate(row: Operation, a: Any, b: Any, place: int) -> Value:
        arrays = is_array(a) or is_array(b)
        return NotImplemented if arrays else Value.__apply_operation__(row, (a, b))

    in_c.adopt_operation(Operation)
    in_c.adopt_rows(TABLE)
    in_c.adopt_value(Value, (*IN_C,), modes.unusual, modes.overflow_raises, ZERO, turn)
    _end_in_c, _other_in_c = vars(in_c.Node)["_a"].__get__, vars(in_c.Node)["_b"].__get__
    Value._a = _InC(vars(Value)["_a"], lambda edges: edges[0][0] if edges else None)
    Value._da = _InC(None, lambda edges: edges[0][1] if edges else None)
    Value._b = _InC(vars(Value)["_b"], lambda edges: edges[1][0] if edges[1:] else None)
    Value._db = _InC(None, lambda edges: edges[1][1] if edges[1:] else None)
    Value._more = _InC(None, lambda edges: tuple(edges[2:]))


def row_of(node: Value) -> Operation:
    """Return the operation that a result came from."""
    if node._row is None:
        raise GraphError(f"graph: {node!r} is a leaf; expected the result of an operation.")
    return node._row
