"""The forward pass of an array program: a few NumPy calls for each group, with preallocated arrays."""

from __future__ import annotations

from functools import partial
from typing import Any

from ...base.importing import np
from ...operations import table
from ...operations.foreign_forms import filled
from ...operations.operation import Operation
from ..emit.expressions import number_in_python, symbol_of
from ..front.nan_checks import overlooked
from .groups import Analysis, Group, exponentials, softmax
from .layout import BATCH, BATCHED, SHARED, Access
from .workspace import Bindings

Shape = tuple[int, ...]


class ForwardPass:
    """Writes the statements of an array program and remembers what its names mean."""

    def __init__(self, analysis: Analysis) -> None:
        self.analysis = analysis
        self.bindings = Bindings(analysis.layout)
        self.lines: list[str] = []

    def say(self, line: str) -> None:
        """Add a statement."""
        self.lines.append(line)

    def forward(self) -> list[str]:
        """Return the statements that compute all groups."""
        for group in self.analysis.groups:
            self.say(f"# {described(group)}")
            if group.whole:
                self._softmax(group)
            elif group.row is table.logsumexp and group.operands[0].constant is None:
                self._logsumexp(group)
            elif group.row is not None:
                args = [self.read(x, group.space == BATCHED)[0] for x in group.operands]
                self._look_at(group.row, group.operands, args)
                self.say(applied(group.row, args, self.value(group)))
            else:
                self._sum(group)
            self.bindings.release()
        return self.lines

    def _look_at(self, row: Operation, operands: list[Access], names: list[str]) -> None:
        """Refuse undefined values that the row may ignore, because a matrix product does not reveal them."""
        if row.arity is not None:
            numbers = [x.constant if isinstance(x.constant, float) else None for x in operands]
            for k in overlooked(row, numbers):
                if operands[k].constant is None:
                    self.say(f"refuse_undefined({names[k]})")

    def whole(self, group: Group) -> Access:
        """Return the access that reads a whole group in its shape."""
        strides = [int(np.prod(group.shape[i + 1 :])) if n > 1 else 0 for i, n in enumerate(group.shape)]
        return Access(group.space, group.shape, base=group.base, strides=tuple(strides))

    def value(self, group: Group) -> str:
        return self.bindings.view("V", self.whole(group), False)

    def read(self, access: Access, lifted: bool) -> tuple[str, Shape]:
        """Return a name for an operand, which is gathered first if necessary, and its shape."""
        if access.constant is not None:
            return self._constant(access.constant, access.shape, lifted)
        shape = self.full_shape(access, lifted)
        if access.index is None:
            return self.bindings.view("V", access, lifted), shape
        name, new = self.bindings.gathered(access, shape)
        if new:
            index = access.index[..., None] if lifted and access.space != BATCHED else access.index
            self.say(f"V{access.space}.take({self.bindings.constant(index)}, 0, out={name}, mode='clip')")
        return name, shape

    def _constant(self, constant: Any, shape: Shape, lifted: bool) -> tuple[str, Shape]:
        if isinstance(constant, float):
            return number_in_python(constant), ()
        array = constant[..., None] if lifted else constant
        return self.bindings.constant(array), array.shape

    def full_shape(self, access: Access, lifted: bool) -> Shape:
        if access.space == BATCHED:
            return (*access.shape, BATCH)
        return (*access.shape, 1) if lifted else access.shape

    def group_shape(self, group: Group) -> Shape:
        return (*group.shape, BATCH) if group.space == BATCHED else group.shape

    def softmax_parts(self, group: Group) -> tuple[str, str]:
        """Return the names of e^(x - m) and of its sum, for the logarithm of a sum of exponentials."""
        shape, count = self.group_shape(group), group.operands[0].shape[0]
        shape = shape[1:] if group.whole else shape
        key = group.space, group.base
        return self.bindings.lasting(("e", *key), (count, *shape)), self.bindings.lasting(("Σ", *key), shape)

    def _logsumexp(self, group: Group) -> None:
        """Compute m + log(1 + Σ' e^(x - m)), where m is the largest x and the sum is over the others."""
        x, y = self.read(group.operands[0], group.space == BATCHED)[0], self.value(group)
        shape = self.group_shape(group)
        largest = self.bindings.temporary((group.operands[0].shape[0], *shape))
        spare = partial(self.bindings.temporary, shape)
        lines, logarithm = exponentials(x, y, *self.softmax_parts(group), largest, spare)
        self.lines += [*lines, f"np.add({y}, {logarithm}, out={y})"]

    def _softmax(self, group: Group) -> None:
        """Compute all results of softmax or its logarithm."""
        x, y = self.read(group.operands[0], group.space == BATCHED)[0], self.value(group)
        shape = self.group_shape(group)
        spare = partial(self.bindings.temporary, shape[1:])
        if group.row is table.softmax:
            self.lines += softmax(x, y, spare)
            return
        m, largest = spare(), self.bindings.temporary(shape)
        lines, logarithm = exponentials(x, m, *self.softmax_parts(group), largest, spare)
        self.lines += [*lines, f"np.subtract(np.subtract({x}, {m}, out={y}), {logarithm}, out={y})"]

    def _sum(self, group: Group) -> None:
        y, shape, lifted = self.value(group), self.group_shape(group), group.space == BATCHED
        parts: list[str] = []
        written = False
        if group.left is not None and group.right is not None:
            self.say(product(self.factor(group.left), self.factor(group.right), group, y))
            written = True
        elif group.pair is not None:
            a, b = (self.read(x, lifted)[0] for x in group.pair)
            self.say(f"np.multiply({a}, {b}, out={y})")
            written = True
        for access, count in group.totals:
            x, full = self.read(access, lifted)
            axis = len(access.shape) - 1
            rest = full[:axis] + full[axis + 1 :]
            direct = not written and rest == shape
            out = y if direct else self.bindings.temporary(rest)
            self.say(total(x, axis, count, access.shape[-1], out))
            written = written or direct
            parts += [] if direct else [out]
        parts += [self.read(access, lifted)[0] for access in group.operands]
        if not written:
            begin = (
                f"np.add({parts[0]}, {parts[1]}, out={y})"
                if len(parts) > 1
                else f"np.copyto({y}, {parts[0]})"
            )
            self.say(begin)
            parts = parts[2:]
        for part in parts:
            self.say(f"np.add({y}, {part}, out={y})")

    def factor(self, access: Access) -> str:
        """Return the name of a factor of a matrix product."""
        if access.constant is not None:
            return self.bindings.constant(access.constant)
        return self.read(access, False)[0]


def total(x: str, axis: int, count: int, length: int, out: str) -> str:
    """Return the statement for the sum along an axis that may repeat a single term."""
    if length == count:
        return f"np.add.reduce({x}, axis={axis}, out={out})"
    return f"np.multiply({x}.squeeze({axis}), {float(count)!r}, out={out})"


def product(a: str, b: str, group: Group, y: str) -> str:
    """Return the statement for y[r, c] = Σ_k a[r, k] b[c, k], with any axes of blocks and examples."""
    blocks = len(group.shape) == 3
    left, right = (SHARED if x is None else x.space for x in (group.left, group.right))
    if left != BATCHED and right != BATCHED:
        return (
            f"np.matmul({a}, {b}.swapaxes(-1, -2), out={y})" if blocks else f"np.matmul({a}, {b}.T, out={y})"
        )
    if not blocks and left != right:
        if right == BATCHED:
            return f"np.matmul({a}, {b}, out={y}.swapaxes(0, 1))"
        return f"np.matmul({b}, {a}, out={y})"
    n = "n" if blocks else ""
    x, z = ("z" if left == BATCHED else ""), ("z" if right == BATCHED else "")
    return f"np.einsum('{n}rk{x},{n}ck{z}->{n}rcz', {a}, {b}, out={y})"


def applied(row: Operation, args: list[str], out: str) -> str:
    """Return the statement that computes a row into an array; a variadic row takes stacked arrays."""
    if row.arity is None and len(args) > 1:
        args = [f"({', '.join(args)})"]
    if row is table.heaviside and args[1] == "0.0":
        return f"np.greater({args[0]}, 0.0, out={out})"
    if "numpy_out" in row.forms:
        return filled(row.forms["numpy_out"], args, out=out)
    if row.ufunc is not None and row.outside is None:
        return f"np.{row.ufunc}({', '.join(args)}, out={out})"
    return f"{out}[...] = {symbol_of(row)}({', '.join(args)})"


def described(group: Group) -> str:
    """Describe a group in words."""
    size = "×".join(map(str, group.shape))
    if group.row is not None:
        return f"{size} {group.row.name}"
    if group.left is not None:
        return f"{size} sums of {group.left.shape[-1]} products"
    return f"{size} sums"
