"""`Value`: a number that remembers how it was computed."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from operator import attrgetter, ge, gt, le, lt
from typing import TYPE_CHECKING, Any, NoReturn, Self

from . import modes, ops
from .errors import DataError, DomainError, GraphError, OperationError
from .operation import Operation, brief, described, examine, real

next_index = count().__next__
_new = object.__new__


class Value:
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

    # One node is one Python object, without tuples for its two parents and local derivatives: this halves
    # its memory, and what the garbage collector has to look through. A node of one parent has `_b` None;
    # of three or more has tuples in `_a` and `_da`.
    __slots__ = ("_a", "_b", "_da", "_data", "_db", "_grad", "_index", "_label", "_op", "_requires_grad")

    _data: float
    _grad: float
    _op: Operation | None
    _a: Any
    _b: Any
    _da: Any
    _db: Any
    _label: str
    _index: int
    _requires_grad: bool

    def __init__(self, data: Any, label: str = "", *, requires_grad: bool = True) -> None:
        self._data = data if type(data) is float else real(data)
        self._grad = 0.0
        self._op = self._a = self._b = self._da = self._db = None
        self._label = label if label == "" else _text(label)
        self._index = next_index()
        self._requires_grad = True if requires_grad is True else bool(requires_grad)

    index = property(attrgetter("_index"), doc="The place in the order of creation; a parent's is smaller.")
    op = property(attrgetter("_op"), doc="The operation, a row of the table; None for a leaf.")

    @property
    def data(self) -> float:
        """The number. It can be set on leaves only."""
        return self._data

    @data.setter
    def data(self, data: Any) -> None:
        if self._op is not None:
            raise GraphError(
                f"Value.data: set on a result: {described([self])} comes from {self._op.name}; expected a leaf. "
                "Set the leaves and compute it again."
            )
        self._data = real(data, "Value.data")

    @property
    def grad(self) -> float:
        """The sum of all gradients that `backward()` has brought here; 0.0 at first."""
        return self._grad

    @grad.setter
    def grad(self, grad: Any) -> None:
        self._grad = real(grad, "Value.grad")

    @property
    def label(self) -> str:
        """The name in drawings and messages; it has no effect on anything else."""
        return self._label

    @label.setter
    def label(self, label: str) -> None:
        self._label = _text(label)

    @property
    def requires_grad(self) -> bool:
        """Whether gradients flow here. It can be set on leaves only."""
        return self._requires_grad

    @requires_grad.setter
    def requires_grad(self, requires_grad: bool) -> None:
        if self._op is not None:
            raise GraphError("Value.requires_grad: set on a result; expected a leaf. Use detach().")
        self._requires_grad = bool(requires_grad)

    @property
    def is_leaf(self) -> bool:
        """Whether this was made from a number and not by an operation."""
        return self._op is None

    @property
    def parents(self) -> tuple[Value, ...]:
        """The arguments of the operation, in their order; `x*x` has x twice."""
        if self._b is not None:
            return (self._a, self._b)
        if self._a is None:
            return ()
        return self._a if type(self._a) is tuple else (self._a,)

    @property
    def partials(self) -> tuple[float, ...]:
        """The local derivatives, recorded when the operation ran, aligned with `parents`."""
        if self._b is not None:
            return (self._da, self._db)
        if self._a is None:
            return ()
        return self._da if type(self._a) is tuple else (self._da,)

    _prev = parents

    def item(self) -> float:
        """The number, as a float without a graph."""
        return self._data

    def detach(self) -> Value:
        """A constant of the same number: no gradient flows through it."""
        return constant(self._data)

    def zero_grad(self) -> None:
        """Sets the gradient of this node to 0."""
        self._grad = 0.0

    def backward(self, gradient: float = 1.0) -> None:
        """Adds `gradient` times d(self)/d(node) to the gradient of every node that leads here.

        >>> a = Value(3.0)
        >>> (a * a + a).backward()
        >>> a.grad
        7.0
        """
        from .backward import backward

        backward(self, gradient)

    def __add__(self, other: Any) -> Value:
        if type(other) is not Value and (other := _operand(other, ops.add)) is NotImplemented:
            return NotImplemented
        y = self._data + other._data
        if y - y or modes.unusual:
            return apply(ops.add, (self, other))
        return _binary(ops.add, y, self, other, 1.0, 1.0)

    def __sub__(self, other: Any) -> Value:
        if type(other) is not Value and (other := _operand(other, ops.sub)) is NotImplemented:
            return NotImplemented
        y = self._data - other._data
        if y - y or modes.unusual:
            return apply(ops.sub, (self, other))
        return _binary(ops.sub, y, self, other, 1.0, -1.0)

    def __mul__(self, other: Any) -> Value:
        if type(other) is not Value and (other := _operand(other, ops.mul)) is NotImplemented:
            return NotImplemented
        a, b = self._data, other._data
        y = a * b
        if y - y or modes.unusual:
            return apply(ops.mul, (self, other))
        return _binary(ops.mul, y, self, other, b, a)

    def __truediv__(self, other: Any) -> Value:
        if type(other) is not Value and (other := _operand(other, ops.div)) is NotImplemented:
            return NotImplemented
        b = other._data
        if not b or modes.unusual:
            return apply(ops.div, (self, other))
        y = self._data / b
        if y - y:
            return apply(ops.div, (self, other))
        return _binary(ops.div, y, self, other, 1.0 / b, -y / b)

    def __pow__(self, other: Any, modulo: None = None) -> Value:
        if modulo is not None:
            _refuse("pow() with three arguments")
        other = other if type(other) is Value else _operand(other, ops.pow)
        return NotImplemented if other is NotImplemented else apply(ops.pow, (self, other))

    def __radd__(self, other: Any) -> Value:
        other = _operand(other, ops.add)
        return NotImplemented if other is NotImplemented else other + self

    def __rsub__(self, other: Any) -> Value:
        other = _operand(other, ops.sub)
        return NotImplemented if other is NotImplemented else other - self

    def __rmul__(self, other: Any) -> Value:
        other = _operand(other, ops.mul)
        return NotImplemented if other is NotImplemented else other * self

    def __rtruediv__(self, other: Any) -> Value:
        other = _operand(other, ops.div)
        return NotImplemented if other is NotImplemented else other / self

    def __rpow__(self, other: Any) -> Value:
        other = _operand(other, ops.pow)
        return NotImplemented if other is NotImplemented else other**self

    def __neg__(self) -> Value:
        return apply(ops.neg, (self,))

    def __pos__(self) -> Self:
        return self

    def __abs__(self) -> Value:
        return apply(ops.abs, (self,))

    def __lt__(self, other: Any) -> bool:
        return _compare(lt, self, other)

    def __le__(self, other: Any) -> bool:
        return _compare(le, self, other)

    def __gt__(self, other: Any) -> bool:
        return _compare(gt, self, other)

    def __ge__(self, other: Any) -> bool:
        return _compare(ge, self, other)

    def __bool__(self) -> bool:
        return _noted(self._data != 0.0, "bool", self, 0.0)

    def __format__(self, spec: str) -> str:
        return format(self._data, spec) if spec else repr(self)

    def __repr__(self) -> str:
        label = f", label={brief_label(self._label)}" if self._label else ""
        return f"Value(data={self._data!r}, grad={self._grad!r}{label})"

    __apply_operation__ = staticmethod(lambda op, args: apply(op, args))

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        from .arrays import array_ufunc

        return array_ufunc(ufunc, method, inputs, options)

    def __copy__(self) -> Value:
        from .copying import twin

        return twin(self, self.parents)

    def __deepcopy__(self, memo: dict[int, Any]) -> Value:
        from .copying import deep_copy

        return deep_copy(self, memo)

    def __reduce__(self) -> tuple[Any, ...]:
        from .copying import flattened

        return flattened(self)

    if TYPE_CHECKING:
        # Every row of the table is a method: `v.sin()` is `sin(v)`.
        def __getattr__(self, name: str) -> Operation: ...


def constant(data: float) -> Value:
    """A leaf that needs no gradient."""
    node: Value = _new(Value)
    node._data = data
    node._grad = 0.0
    node._op = node._a = node._b = node._da = node._db = None
    node._label = ""
    node._index = next_index()
    node._requires_grad = False
    return node


def _binary(op: Operation, data: float, a: Value, b: Value, da: float, db: float) -> Value:
    """A node of two parents. This is the engine's innermost function: keep it flat."""
    node: Value = _new(Value)
    node._data = data
    node._grad = 0.0
    node._op = op
    node._a = a
    node._b = b
    node._label = ""
    node._index = next_index()
    if a._requires_grad:
        node._requires_grad = True
        node._da = da
        node._db = db if b._requires_grad else 0.0
    else:
        node._requires_grad = b._requires_grad
        node._da = 0.0
        node._db = db if b._requires_grad else 0.0
    return node


def node_of(op: Operation, data: float, parents: Sequence[Value], partials: Sequence[float]) -> Value:
    """A node of any number of parents."""
    if len(parents) == 2:
        return _binary(op, data, *parents, *partials)
    node: Value = _new(Value)
    node._data = data
    node._grad = 0.0
    node._op = op
    node._b = node._db = None
    node._label = ""
    node._index = next_index()
    if len(parents) == 1:
        node._a, node._da = parents[0], partials[0]
        node._requires_grad = parents[0]._requires_grad
    else:
        node._a, node._da = tuple(parents), tuple(partials)
        node._requires_grad = any([p._requires_grad for p in parents])
    return node


def apply(op: Operation, args: Sequence[Any]) -> Any:
    """Evaluates an operation and records its node: the way by which all but `+ - * /` go."""
    if any([type(x).__module__ == "numpy" and getattr(x, "ndim", 0) for x in args]):
        return op._apply_to_arrays(tuple(args))
    nodes = [x if isinstance(x, Value) else constant(real(x, op.name)) for x in args]
    xs = tuple([node._data for node in nodes])
    y = op.forward(xs) if op.arity is None else op.forward(*xs)
    if modes.unusual:
        mode = modes.current()
        if mode.build is not None:
            return mode.build(op, nodes)
        examine(op, nodes, y)
        if not mode.grad:
            return constant(y)
    elif y - y or op.outside is not None:
        examine(op, nodes, y)
    return node_of(op, y, nodes, local_derivatives(op, nodes, xs, y))


def local_derivatives(op: Operation, nodes: Sequence[Value], xs: tuple[float, ...], y: float) -> list[float]:
    """The local derivatives towards the parents that need a gradient; 0.0 towards the others."""
    try:
        if op.arity is None:
            slopes = op.slopes[0](xs, y)
        else:
            slopes = [f(*xs, y) if x._requires_grad else 0.0 for f, x in zip(op.slopes, nodes, strict=True)]
    except Exception as error:
        raise OperationError(
            f"{op.name}: its local derivative raised {type(error).__name__}: {error}: {described(nodes)}; "
            "expected a number. Mend its row."
        ) from error
    if len(slopes) != len(xs):
        _misbehaves(op, f"gave {len(slopes)} local derivatives for {len(xs)} arguments")
    partials = [d if node._requires_grad else 0.0 for d, node in zip(slopes, nodes, strict=True)]
    for i, d in enumerate(partials):
        if type(d) is not float:
            partials[i] = d = _checked(op, d)
        if d != d:
            _examine_slope(op, nodes, xs, i)
    return partials


def _examine_slope(op: Operation, nodes: Sequence[Value], xs: tuple[float, ...], i: int) -> None:
    """A derivative that does not exist, at a point where the value does, as x**y by y at x < 0."""
    if any([x - x for x in xs]) or modes.current().invalid == "ignore":
        return
    raise DomainError(
        f"{op.name}: undefined derivative by argument {i + 1}: {described(nodes)}; expected {op.domain}. "
        "Make that argument a plain number if it is constant; inside errstate(invalid='ignore') it is nan."
    )


def _checked(op: Operation, d: Any) -> float:
    try:
        return real(d, f"{op.name}: local derivative")
    except DataError:
        _misbehaves(op, f"gave {brief(d)} for a local derivative")


def _misbehaves(op: Operation, what: str) -> NoReturn:
    raise OperationError(f"{op.name}: {what}; expected one real number for each argument. Mend its row.")


def _operand(x: Any, op: Operation) -> Any:
    """A plain number as a constant; an array is left to NumPy, which comes back element by element."""
    if type(x) is float:
        return constant(x)
    if isinstance(x, Value):
        return x
    if getattr(x, "ndim", 0) and hasattr(type(x), "__array_ufunc__"):
        return NotImplemented
    return constant(real(x, op.name))


def _compare(test: Any, a: Value, b: Any) -> bool:
    if getattr(b, "ndim", 0):
        return NotImplemented
    y = b._data if isinstance(b, Value) else real(b, f"comparison {test.__name__}")
    return _noted(test(a._data, y), test.__name__, a, b)


def _noted(outcome: bool, test: str, a: Value, b: Any) -> bool:
    """Tells whoever traces that the program has looked at a number and will branch on it."""
    if modes.unusual and (note := modes.current().compare) is not None:
        note(outcome, test, a, b)
    return outcome


def _text(label: Any) -> str:
    if not isinstance(label, str):
        raise DataError(f"Value: the label is no text: got {brief(label)}; expected str. Use str(...).")
    return str(label)


def brief_label(label: str) -> str:
    """A label's repr, cut short."""
    return repr(label if len(label) <= 40 else label[:37] + "...")


def _refuse(what: str, cure: str = "") -> NoReturn:
    raise DataError(f"Value: {what} is not supported: it would lose the gradient. {cure}".rstrip())


_ITEM = "Use v.item() for the number without its gradient."
REFUSED = {
    "__float__": ("float(v), and so math.sin(v)", "Use the functions of autograd_core, as sin(v). " + _ITEM),
    "__int__": ("int(v)", _ITEM),
    "__complex__": ("complex(v)", _ITEM),
    "__round__": ("round(v)", "Use autograd_core.round(v), whose gradient is 0. " + _ITEM),
    "__floordiv__": ("v // w", "Use floor(v / w), whose gradient is 0."),
    "__rfloordiv__": ("w // v", "Use floor(w / v), whose gradient is 0."),
    "__mod__": ("v % w", "Use v - w*floor(v / w)."),
    "__rmod__": ("w % v", "Use w - v*floor(w / v)."),
    "__divmod__": ("divmod(v, w)", _ITEM),
    "__rdivmod__": ("divmod(w, v)", _ITEM),
    "__len__": ("len(v)", "A Value is one number."),
    "__iter__": ("iterating over v", "A Value is one number."),
    "__getitem__": ("v[i]", "A Value is one number."),
    "__matmul__": ("v @ w", "Use v*w, or dot(vs, ws) on lists."),
}


def _refusal(what: str, cure: str) -> Any:
    def refused(self: Value, *others: Any) -> NoReturn:
        _refuse(what, cure)

    return refused


for _name, (_what, _cure) in REFUSED.items():
    setattr(Value, _name, _refusal(_what, _cure))


def add_method(row: Operation) -> None:
    """Makes a row a method of `Value`, under NumPy's name too, which `np.sin` of an object array calls."""
    for name in {row.name, row.ufunc or row.name}:
        if not hasattr(Value, name):
            setattr(Value, name, row)


for _row in ops.TABLE.values():
    add_method(_row)
