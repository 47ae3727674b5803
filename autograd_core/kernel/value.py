"""`Value`: a number that remembers how it was computed."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from itertools import compress, count
from operator import ge, gt, le, lt
from threading import RLock
from typing import TYPE_CHECKING, Any, Self

from ..base import modes
from ..base.reals import brief_label, flag, is_array, label_text, number_of_leaf, real
from ..native import Node, in_c
from .hooks import register_hook
from .operation import HUGE, TABLE, TINY, Operation
from .table import abs as absolute
from .table import add, div, mul, remainder, sub
from .table import neg as negative
from .table import pow as power
from .unsupported import refuse, refuse_result, refuse_to_rank_nan

# In steps of two: the place before a node is free for the plain number that it was made with.
next_index = count(2, 2).__next__
_new = object.__new__
SMALL, LARGE = 1e-145, 1e145
IN_C = (
    *("__add__", "__radd__", "__sub__", "__rsub__", "__mul__", "__rmul__", "__truediv__", "__rtruediv__"),
    *("__init__", "__pow__", "__rpow__", "__neg__", "__abs__", "__bool__"),
    *("__lt__", "__le__", "__gt__", "__ge__", "__ne__"),
)
"""What the native engine has of `Value`, besides the properties, in place of the methods below."""
# The gradient of a node that no backward pass has reached: this object. A sum is always another one.
ZERO = float("0")
# Held by whoever rearranges nodes that another thread may be walking over.
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

    # One node is one Python object: without tuples for one or two parents and their local derivatives it
    # takes half the memory, and half the garbage collector's time. A node has
    #   no parents:                _a is None
    #   one parent:                _a, _da
    #   two:                       _a, _da, _b, _db
    #   one and a plain number:    _a, _da, and the number in _db, as (number,) where it stands on the left
    #   any others:                _a and _da are tuples of the parents into which a gradient flows and of the
    #                              local derivatives; where these are not all, _db has all arguments and all
    # A plain number becomes a node when somebody looks at `parents`.
    __slots__ = (
        (
            "_a",
            "_b",
            "_da",
            "_data",
            "_db",
            "_grad",
            "_index",
            "_label",
            "_requires_grad",
            "_row",
            "__weakref__",
        )
        if in_c is None
        else ()  # They are members of its base.
    )

    _data: float
    _grad: float
    _row: Operation | None
    _a: Any
    _b: Any
    _da: Any
    _db: Any
    _label: Any  # Its text, or one of the tags of scopes.py, which know more.
    _index: int
    _requires_grad: bool

    def __init__(self, data: Real, label: str = "", *, requires_grad: bool = True) -> None:
        self._data = data if type(data) is float else number_of_leaf(data, label)
        self._grad = ZERO
        self._row = self._a = self._b = None
        self._label = label_text(label) if label.__class__ is not str or label else ""
        self._index = next_index()
        self._requires_grad = (
            requires_grad if requires_grad is True else flag(requires_grad, "Value", "requires_grad")
        )
        if modes.unusual and (scope := modes.current().scope) is not None:
            self._label = scope.labeled(self._label)

    @property
    def index(self) -> int:
        """The place in the order of creation; a parent's is smaller."""
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
        """The number. It can be set on leaves only."""
        data = self._data
        return data if type(data) is float else float(data)  # That of a gradient's graph may be a `Wide`.

    @data.setter
    def data(self, data: Real) -> None:
        if self._row is not None:
            refuse_result(self, "data", "Set the leaves and compute it again.")
        self._data = real(data, "Value.data")

    @property
    def grad(self) -> float:
        """The sum of all gradients that `backward()` has brought here; 0.0 at first."""
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
        """Whether gradients flow here. It can be set on leaves only."""
        return self._requires_grad

    @requires_grad.setter
    def requires_grad(self, requires_grad: bool) -> None:
        if self._row is not None:
            refuse_result(self, "requires_grad", "Use detach().")
        self._requires_grad = flag(requires_grad, "Value", "requires_grad")

    @property
    def parents(self) -> tuple[Value, ...]:
        """The arguments of the operation, in their order; `x*x` has x twice."""
        if self._b is not None:
            return (self._a, self._b)
        if self._a is None:
            return ()
        if self._db is not None:
            return _drawn(self)
        return self._a if type(self._a) is tuple else (self._a,)

    @property
    def partials(self) -> tuple[float, ...]:
        """The recorded local derivatives, aligned with `parents`; 0.0 towards one that needs no gradient."""
        if self._b is not None:
            return (self._da, self._db)
        if self._a is None:
            return ()
        if self._db is None:
            return self._da if type(self._da) is tuple else (self._da,)
        with turn:  # Another thread may be bringing the node to its general form.
            if type(self._a) is tuple:
                return self._db[1]  # type: ignore[no-any-return]
            d = _as_float(self._da)
            return (0.0, d) if type(self._db) is tuple else (d, 0.0)

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
        return self._data

    def detach(self) -> Value:
        """Return a constant with the same number: no gradient flows through it."""
        return constant(self._data)

    def zero_grad(self) -> None:
        """Set the gradient to 0, as if no backward pass had reached the node."""
        self.grad = ZERO

    register_hook = register_hook

    def __add__(self, other: Operand) -> Value:
        try:
            if type(other) is Value and self._requires_grad and other._requires_grad:
                y = self._data + other._data
                if not (y - y or modes.unusual):
                    return record(add, y, self, 1.0, other, 1.0)
            elif (type(other) is float or type(other) is int) and self._requires_grad:
                y = self._data + other
                if not (y - y or modes.unusual):
                    return record(add, y, self, 1.0, None, other)
        except OverflowError:  # An integer too large for a float: the row has the words for it.
            pass
        return operate(add, self, other)

    def __radd__(self, other: Operand) -> Value:
        try:
            if (type(other) is float or type(other) is int) and self._requires_grad:
                y = other + self._data
                if not (y - y or modes.unusual):
                    return record(add, y, self, 1.0, None, (other,))
        except OverflowError:
            pass
        return operate(add, other, self)

    def __sub__(self, other: Operand) -> Value:
        try:
            if type(other) is Value and self._requires_grad and other._requires_grad:
                y = self._data - other._data
                if not (y - y or modes.unusual):
                    return record(sub, y, self, 1.0, other, -1.0)
            elif (type(other) is float or type(other) is int) and self._requires_grad:
                y = self._data - other
                if not (y - y or modes.unusual):
                    return record(sub, y, self, 1.0, None, other)
        except OverflowError:  # An integer too large for a float: the row has the words for it.
            pass
        return operate(sub, self, other)

    def __rsub__(self, other: Operand) -> Value:
        try:
            if (type(other) is float or type(other) is int) and self._requires_grad:
                y = other - self._data
                if not (y - y or modes.unusual):
                    return record(sub, y, self, -1.0, None, (other,))
        except OverflowError:
            pass
        return operate(sub, other, self)

    def __mul__(self, other: Operand) -> Value:
        try:
            if type(other) is Value and self._requires_grad and other._requires_grad:
                y = self._data * other._data
                if not (y - y or modes.unusual):
                    return record(mul, y, self, other._data, other, self._data)
            elif (type(other) is float or type(other) is int) and self._requires_grad:
                y = self._data * other
                if not (y - y or modes.unusual):
                    return record(mul, y, self, other, None, other)
        except OverflowError:  # An integer too large for a float: the row has the words for it.
            pass
        return operate(mul, self, other)

    def __rmul__(self, other: Operand) -> Value:
        try:
            if (type(other) is float or type(other) is int) and self._requires_grad:
                y = other * self._data
                if not (y - y or modes.unusual):
                    return record(mul, y, self, other, None, (other,))
        except OverflowError:
            pass
        return operate(mul, other, self)

    def __truediv__(self, other: Operand) -> Value:
        # Where the divisor or the quotient is not between the bounds, a local derivative may be out of range.
        try:
            if type(other) is Value and self._requires_grad and other._requires_grad:
                b = other._data
                if SMALL < b < LARGE or -LARGE < b < -SMALL:
                    y = self._data / b
                    if (SMALL < y < LARGE or -LARGE < y < -SMALL) and not modes.unusual:
                        return record(div, y, self, 1.0 / b, other, -y / b)
            elif (
                (type(other) is float or type(other) is int)
                and self._requires_grad
                and (SMALL < other < LARGE or -LARGE < other < -SMALL)
            ):
                y = self._data / other
                if not (y - y or modes.unusual):
                    return record(div, y, self, 1.0 / other, None, other)
        except OverflowError:  # An integer too large for a float: the row has the words for it.
            pass
        return operate(div, self, other)

    def __rtruediv__(self, other: Operand) -> Value:
        try:
            if (type(other) is float or type(other) is int) and self._requires_grad:
                b = self._data
                if SMALL < b < LARGE or -LARGE < b < -SMALL:
                    y = other / b
                    if (SMALL < y < LARGE or -LARGE < y < -SMALL) and not modes.unusual:
                        return record(div, y, self, -y / b, None, (other,))
        except OverflowError:
            pass
        return operate(div, other, self)

    def __pow__(self, other: Operand, modulo: None = None) -> Value:
        a = self._data
        try:
            # With a variable exponent there is a case for each boundary of the domain, which the row knows.
            if (
                (type(other) is float or type(other) is int)
                and modulo is None
                and self._requires_grad
                and (a > 0.0 or (1.0 <= other < 9e15 and other % 1.0 == 0.0))
            ):
                y = a**other
                d = other * a ** (other - 1.0)
                if not (y - y or modes.unusual) and (TINY < d < HUGE or -HUGE < d < -TINY):
                    return record(power, y, self, d, None, other)
        except OverflowError:
            pass
        if modulo is not None:
            refuse("pow(v, w, m)", "Use v**w.", "there is no modulo of real powers; expected two arguments.")
        return operate(power, self, other)

    def __rpow__(self, other: Operand) -> Value:
        return operate(power, other, self)

    def __mod__(self, other: Operand) -> Value:
        return operate(remainder, self, other)

    def __rmod__(self, other: Operand) -> Value:
        return operate(remainder, other, self)

    def __neg__(self) -> Value:
        return operate(negative, self)

    def __pos__(self) -> Self:
        return self

    def __abs__(self) -> Value:
        return operate(absolute, self)

    def __lt__(self, other: Operand) -> bool:
        return _compare(lt, self, other)

    def __le__(self, other: Operand) -> bool:
        return _compare(le, self, other)

    def __gt__(self, other: Operand) -> bool:
        return _compare(gt, self, other)

    def __ge__(self, other: Operand) -> bool:
        return _compare(ge, self, other)

    def __ne__(self, other: object) -> bool:
        """Whether two nodes are not the same; a nan is not the same as itself, by which NumPy finds it."""
        return self is not other or noted(self._data != self._data, "isnan", self, None)

    def __bool__(self) -> bool:
        return noted(self._data != 0.0, "bool", self, 0.0)

    def __format__(self, spec: str) -> str:
        return format(self._data, spec) if spec else repr(self)

    def __repr__(self) -> str:
        label = f", label={brief_label(self.label)}" if self.label else ""
        return f"Value(data={self._data!r}, grad={self.grad!r}{label})"

    def __copy__(self) -> Value:
        from ..graph.json_format import twin

        return twin(self, self.parents)

    def __deepcopy__(self, memo: dict[int, Any]) -> Value:
        from ..graph.json_format import deep_copy

        return deep_copy(self, memo)

    def __reduce__(self) -> tuple[Any, ...]:
        from ..graph.json_format import flattened

        return flattened(self)

    if TYPE_CHECKING:  # Added by apply.py and backward.py.
        reached: bool
        __apply_operation__: Callable[..., Any]

        def backward(self, gradient: float = 1.0) -> None: ...


def record(row: Operation, y: float, a: Value, da: float, b: Value | None, db: Any) -> Value:
    """The node of one parent, of two, or of one and a plain number (see `Value.__slots__`)."""
    node: Value = _new(Value)
    node._data = y
    node._grad = ZERO
    node._row = row
    node._a = a
    node._da = da
    node._b = b
    node._db = db
    node._label = ""
    node._index = next_index()
    node._requires_grad = True
    return node


def operate(row: Operation, *args: Any) -> Value:
    """An operator in any other case. An array is left to NumPy, which asks each element."""
    arrays = any(map(is_array, args))
    return NotImplemented if arrays else Value.__apply_operation__(row, args)


def constant(data: float) -> Value:
    """A leaf that needs no gradient."""
    return _leaf(data, next_index())


def _leaf(data: float, index: int) -> Value:
    node: Value = _new(Value)
    node._data = data
    node._grad = ZERO
    node._row = node._a = node._b = None
    node._label = ""
    node._index = index
    node._requires_grad = False
    return node


def _drawn(node: Value) -> tuple[Value, ...]:
    """All arguments of a node, after making nodes of the plain numbers among them."""
    with turn:
        if type(node._a) is not tuple:
            _bring_to_general_form(node)
        arguments, partials = node._db
        if float in map(type, arguments):
            free = iter(range(node._index - 1, 0, -2))
            backwards = [_leaf(x, next(free)) if type(x) is float else x for x in reversed(arguments)]
            arguments = tuple(reversed(backwards))
            node._db = (arguments, partials)
    return arguments  # type: ignore[no-any-return]


def _as_float(d: float) -> float:
    """A local derivative, of which an operator keeps an int as it is; one beyond range stays a `Wide`."""
    return d if isinstance(d, float) else float(d)


def _bring_to_general_form(node: Value) -> None:
    """From one parent and a plain number to tuples."""
    number, x, dx = node._db, node._a, _as_float(node._da)
    left = type(number) is tuple
    node._db = ((float(number[0]), x), (0.0, dx)) if left else ((x, float(number)), (dx, 0.0))
    node._a, node._da = (x,), (dx,)


def node_of(
    op: Operation,
    data: float,
    arguments: Iterable[Any],
    partials: Iterable[float],
    needs: Sequence[bool] | None = None,
) -> Value:
    """The node of an operation on `Value`s and floats; `needs` says which of them need a gradient."""
    node: Value = _new(Value)
    arguments, partials = tuple(arguments), tuple(partials)
    flow = [type(x) is not float and x._requires_grad for x in arguments] if needs is None else needs
    needed = True in flow  # What an operation does not choose is a part of the graph all the same.
    if op.selects:
        flow = [f and d != 0.0 for f, d in zip(flow, partials, strict=True)]
    node._b = node._db = None
    if False in flow:
        node._a, node._da = tuple(compress(arguments, flow)), tuple(compress(partials, flow))
        node._db = (arguments, partials)
        for x in arguments:
            if type(x) is float:
                next_index()  # A place for its node, should it be drawn.
    elif len(arguments) == 1:
        (node._a,), (node._da,) = arguments, partials
    elif len(arguments) == 2:
        (node._a, node._b), (node._da, node._db) = arguments, partials
    else:
        node._a, node._da = arguments, partials
    node._data = data
    node._grad = ZERO
    node._row = op
    node._label = ""
    node._index = next_index()
    node._requires_grad = needed
    return node


_CONTENT = [slot for slot in Value.__slots__ if slot not in ("_grad", "_index", "_label", "__weakref__")]


def exchange(a: Value, b: Value) -> None:
    """Give each node the number and the operation of the other; their names, gradients and ages stay."""
    with turn:
        names = _CONTENT * 2
        found = [getattr(node, name, None) for node in (b, a) for name in _CONTENT]
        nodes = [node for node in (a, b) for _ in _CONTENT]
        deque(map(setattr, nodes, names, found), 0)  # In one call, where Ctrl-C cannot come between.


def _compare(test: Any, a: Value, b: Any) -> bool:
    if is_array(b):
        return NotImplemented  # type: ignore[no-any-return]
    y = b._data if isinstance(b, Value) else real(b, f"comparison {test.__name__}")
    outcome = test(a._data, y)
    if not outcome and (a._data != a._data or y != y):
        refuse_to_rank_nan()
    return noted(outcome, test.__name__, a, b)


def noted(outcome: bool, test: str, a: Value, b: Any) -> bool:
    """Tell a tracer that the program has compared a number and will branch on it."""
    if modes.unusual and (note := modes.current().compare) is not None:
        note(outcome, test, a, b)
    return outcome


if in_c is not None:  # The same in C, which hands over to the methods above whatever is unusual.
    record, node_of, _leaf, next_index = in_c.record, in_c.node_of, in_c.leaf, in_c.next_index
    exchange = in_c.exchange
    in_c.adopt_operation(Operation)
    in_c.adopt_rows(TABLE)
    in_c.adopt_value(Value, (*IN_C,), modes.unusual, ZERO, turn)
