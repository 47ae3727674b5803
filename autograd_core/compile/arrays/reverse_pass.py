"""The reverse pass of an array program: the reverse sweep with the derivatives of the table."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from ...base.importing import np
from ...base.modes import errstate
from ...operations import table
from ...operations.operation import Operation
from ..emit.expressions import number_in_python, symbol_of
from ..front.gradient import constant_slopes, contribution
from ..front.tape_and_builder import Builder, Ints, Term
from .forward_pass import ForwardPass, Shape, applied
from .groups import Analysis, Group, reached, slopes_of_log_softmax, slopes_of_softmax
from .layout import BATCH, BATCHED, Access
from .structure import Mask

Writer = Callable[[str], str]
"""Returns the statement that computes something into the array of that name."""


class ReversePass:
    """Writes the backward statements, which use the bindings of a `ForwardPass`.

    While the program is written, it is known which positions already have an adjoint: the first contribution
    is stored, later ones are added.
    """

    def __init__(self, forward_pass: ForwardPass, wanted: Mask | None = None) -> None:
        self.forward_pass = forward_pass
        self.bindings = forward_pass.bindings
        self.lines: list[str] = []
        forward_pass.lines = self.lines
        sizes = forward_pass.analysis.layout.size
        self.written = [np.zeros(size, bool) for size in sizes]
        self.active = _active(forward_pass.analysis, wanted)

    def backward(self, seeds: dict[int, str]) -> list[str]:
        """Return the statements of the sweep to the inputs, from nodes whose adjoints are given."""
        layout = self.forward_pass.analysis.layout
        for output, seed in seeds.items():
            space, position = int(layout.space[output]), int(layout.position[output])
            if position >= 0:
                self.lines.append(f"G{space}[{position}] = {seed}")
                self.written[space][position] = True
        for group in reversed(self.forward_pass.analysis.groups):
            part = slice(group.base, group.base + group.members.size)
            if self.written[group.space][part].any() and self.active[group.space][part].any():
                self._complete(group.space, np.arange(group.base, group.base + group.members.size))
                self.lines.append(f"# through {'a sum' if group.row is None else group.row.name}")
                self._through(group)
                self.bindings.release()
        for space in range(2):
            inputs = np.arange(int(np.count_nonzero(layout.space[layout.tape.inputs] == space)))
            self._complete(space, inputs[self.active[space][inputs]])
        return self.lines

    def _flows(self, access: Access) -> bool:
        """Whether a gradient is wanted for the nodes that the operand reads."""
        return access.constant is None and bool(self.active[access.space][access.positions].any())

    def _through(self, group: Group) -> None:
        g = self.bindings.view("G", self.forward_pass.whole(group), False)
        shape = self.forward_pass.group_shape(group)
        if group.row is None:
            self._through_sum(group, g, shape)
        elif group.whole:
            self._through_softmax(group, g, shape)
        elif group.row.arity is None:
            self._through_variadic(group, group.row, g, shape)
        else:
            self._through_row(group, group.row, g, shape)

    def _through_sum(self, group: Group, g: str, shape: Shape) -> None:
        for access in group.operands:
            self._give(access, g, shape)
        for access, count in group.totals:
            if not self._flows(access):
                continue
            axis = len(access.shape) - 1
            wide = (*shape[:axis], access.shape[axis], *shape[axis:])
            scale = 1.0 if access.shape[axis] == count else float(count)
            spread = f"{g}[{':, ' * axis}None]"
            if scale == 1.0:
                self._give(access, f"np.broadcast_to({spread}, {self._size(wide)})", wide)
            else:
                self._compute(access, wide, _into("np.multiply", spread, repr(scale)))
        lifted = group.space == BATCHED
        if group.pair is not None:
            a, b = group.pair
            for access, other in ((a, b), (b, a)):
                if self._flows(access):
                    x = self.forward_pass.read(other, lifted)[0]
                    self._compute(access, shape, _into("np.multiply", g, x))
        if group.left is not None and group.right is not None:
            self._through_product(group, group.left, group.right, g)

    def _size(self, shape: Shape) -> str:
        return "(" + "".join(f"{'V1.shape[1]' if n == BATCH else n}, " for n in shape) + ")"

    def _through_product(self, group: Group, left: Access, right: Access, g: str) -> None:
        blocks = len(group.shape) == 3
        for access, other, is_left in ((left, right, True), (right, left, False)):
            if self._flows(access):
                x = self.forward_pass.factor(other)
                shape = (*access.shape, BATCH) if access.space == BATCHED else access.shape
                writer = _slope_of_product(group, access, other, g, x, is_left, blocks)
                self._store(access, shape, writer, lifted=False)

    def _through_softmax(self, group: Group, g: str, shape: Shape) -> None:
        access = group.operands[0]
        if not self._flows(access):
            return
        spare = partial(self.bindings.temporary, shape[1:])
        wide = self.bindings.temporary(shape)
        if group.row is table.softmax:
            y = self.forward_pass.value(group)
            self.lines += slopes_of_softmax(g, y, spare, wide)
            self._compute(access, shape, _into("np.multiply", wide, y))
        else:
            self.lines += slopes_of_log_softmax(g, *self.forward_pass.softmax_parts(group), spare, wide)
            self._compute(access, shape, _into("np.subtract", g, wide))

    def _through_variadic(self, group: Group, row: Operation, g: str, shape: Shape) -> None:
        access = group.operands[0]
        if not self._flows(access):
            return
        x = self.forward_pass.read(access, group.space == BATCHED)[0]
        wide = (access.shape[0], *shape)
        if row is table.logsumexp and access.constant is None:
            e, total = self.forward_pass.softmax_parts(group)
            part = self.bindings.temporary(shape)
            self.lines.append(f"np.divide({g}, {total}, out={part})")
            self._compute(access, wide, _into("np.multiply", e, part))
            return
        slopes = f"np.asarray(slopes_of_{symbol_of(row)}[0]({x}, {self.forward_pass.value(group)}))"
        if access.space != BATCHED and group.space == BATCHED:
            slopes = f"np.broadcast_to({slopes}, {self._size(wide)})"
        if None not in constant_slopes(row, wide[0]):
            slopes = f"{slopes}.reshape({self._size((wide[0], *[1] * len(shape)))})"
        if row.selects:  # Zero times infinity is an error here, left to the careful path.
            self._compute(access, wide, lambda out: f"{out}[...] = np.where({slopes}, {g} * {slopes}, 0.0)")
        else:
            self._compute(access, wide, _into("np.multiply", g, slopes))

    def _through_row(self, group: Group, row: Operation, g: str, shape: Shape) -> None:
        lifted = group.space == BATCHED
        builder = Builder()
        names: dict[int, str] = {}
        shapes: dict[int, Shape] = {}
        terms: list[Term] = []
        for access in group.operands:
            name, full = self.forward_pass.read(access, lifted)
            if isinstance(access.constant, float):
                terms.append(access.constant)
                continue
            place = next((i for i, known in names.items() if known == name), None)
            place = builder.input() if place is None else place
            names[place], shapes[place] = name, full
            terms.append(builder.term(place))
        y, adjoint = builder.input(), builder.input()
        names |= {y: self.forward_pass.value(group), adjoint: g}
        shapes |= {y: shape, adjoint: shape}
        builder.know(row, terms, y)
        amounts = slopes_times(builder, row, terms, builder.term(y), builder.term(adjoint))
        targets = [
            (access, builder.place(amount))
            for access, amount in zip(group.operands, amounts, strict=True)
            if amount is not None and self._flows(access)
        ]
        self._evaluate(builder, names, shapes, targets)

    def _evaluate(
        self,
        builder: Builder,
        names: dict[int, str],
        shapes: dict[int, Shape],
        targets: list[tuple[Access, int]],
    ) -> None:
        ends = [place for _, place in targets]
        inner = {i for place in builder.needed(ends) for i in builder.args[place]}
        for place in builder.needed(ends):
            row = builder.rows[place]
            if builder.numbers[place] is not None:
                names[place], shapes[place] = number_in_python(builder.numbers[place] or 0.0), ()
            elif row is not None:
                args = [names[i] for i in builder.args[place]]
                shapes[place] = np.broadcast_shapes(*[shapes[i] for i in builder.args[place]])
                if place in inner or ends.count(place) > 1:
                    names[place] = self.bindings.temporary(shapes[place])
                    self.lines.append(applied(row, args, names[place]))
        for access, place in targets:
            if place in names:
                self._give(access, names[place], shapes[place])
            else:
                row, args = builder.row(place), [names[i] for i in builder.args[place]]
                self._compute(access, shapes[place], partial(applied, row, args))

    def _compute(self, access: Access, shape: Shape, writer: Writer) -> None:
        """Compute a contribution and add it to the operand's adjoint, in one step where possible."""
        if not self._flows(access):
            return
        if shape == self.forward_pass.full_shape(access, len(shape) > len(access.shape)):
            self._store(access, shape, writer, lifted=len(shape) > len(access.shape))
        else:
            name = self.bindings.temporary(shape)
            self.lines.append(writer(name))
            self._give(access, name, shape)

    def _give(self, access: Access, name: str, shape: Shape) -> None:
        """Add an array to an operand's adjoint, summed over the axes along which it broadcasts."""
        if not self._flows(access):
            return
        lifted = len(shape) > len(access.shape)
        target = self.forward_pass.full_shape(access, lifted)
        axes = tuple(i for i, n in enumerate(target) if n == 1 and shape[i] != 1)
        if axes:
            self._store(
                access,
                target,
                lambda out: f"np.add.reduce({name}, axis={axes}, keepdims=True, out={out})",
                lifted,
            )
        elif self._fresh(access):
            self._store(access, target, lambda out: f"np.copyto({out}, {name})", lifted)
        else:
            self._add(access, name, lifted)

    def _fresh(self, access: Access) -> bool:
        return not self.written[access.space][access.positions].any()

    def _store(self, access: Access, shape: Shape, writer: Writer, lifted: bool) -> None:
        """Write a contribution with the operand's shape, directly into its adjoint if it is the first."""
        if access.index is None and self._fresh(access):
            self.lines.append(writer(self.bindings.view("G", access, lifted)))
            self.written[access.space][access.positions] = True
            return
        name = self.bindings.temporary(shape)
        self.lines.append(writer(name))
        self._add(access, name, lifted)

    def _add(self, access: Access, name: str, lifted: bool) -> None:
        if access.index is None:
            self._complete(access.space, access.positions.ravel())
            g = self.bindings.view("G", access, lifted)
            self.lines.append(f"np.add({g}, {name}, out={g})")
            return
        source = f"{name}[..., 0]" if lifted and access.space != BATCHED else name
        index, buffer = self.bindings.constant(access.index), f"G{access.space}"
        if access.distinct and self._fresh(access):
            self.lines.append(f"{buffer}[{index}] = {source}")
            self.written[access.space][access.positions] = True
            return
        self._complete(access.space, access.index.ravel())
        if access.distinct:
            self.lines.append(f"{buffer}[{index}] += {source}")
        else:
            self.lines.append(f"np.add.at({buffer}, {index}, {source})")

    def _complete(self, space: int, positions: Ints) -> None:
        """Set the adjoints that have no contribution to zero."""
        missing = positions[~self.written[space][positions]]
        if len(missing):
            missing = np.unique(missing)
            first, last = int(missing[0]), int(missing[-1]) + 1
            whole = last - first == len(missing)
            where = f"{first}:{last}" if whole else self.bindings.constant(missing)
            self.lines.append(f"G{space}[{where}] = 0.0")
            self.written[space][missing] = True


def _active(analysis: Analysis, wanted: Mask | None) -> list[Mask]:
    """Return the positions that depend on `wanted` inputs, and so need an adjoint."""
    layout, tape = analysis.layout, analysis.layout.tape
    if wanted is None:
        return [np.ones(size, bool) for size in layout.size]
    active = [np.zeros(size, bool) for size in layout.size]
    nodes = np.flatnonzero(reached(tape, tape.inputs[wanted]) & (layout.position >= 0))
    for space, those in enumerate(active):
        those[layout.position[nodes[layout.space[nodes] == space]]] = True
    return active


@errstate(all="ignore")  # As in the sweep on symbols.
def slopes_times(builder: Builder, row: Operation, terms: list[Term], y: Term, g: Term) -> list[Term | None]:
    """Return the contribution to each argument, or None."""
    return [contribution(row, g, local(*terms, y)) for local in row.partials]


def _into(function: str, *args: str) -> Writer:
    """Return a call that writes its result into the given array."""
    return lambda out: f"{function}({', '.join(args)}, out={out})"


def _slope_of_product(
    group: Group, access: Access, other: Access, g: str, x: str, is_left: bool, blocks: bool
) -> Writer:
    """Return the adjoint of a factor: g·right for the left one, gᵀ·left for the right one."""
    if group.space != BATCHED:
        turned = g if is_left else f"{g}.swapaxes(-1, -2)"
        return lambda out: f"np.matmul({turned}, {x}, out={out})"
    n = "n" if blocks else ""
    z, w = ("z" if other.space == BATCHED else ""), ("z" if access.space == BATCHED else "")
    if not blocks and access.space == BATCHED and other.space != BATCHED:
        # Separate for each example: (k, r)·(r, z) for each c, or (k, c)·(c, z) for each r.
        turned = g if is_left else f"{g}.swapaxes(0, 1)"
        return lambda out: f"np.matmul({x}.T, {turned}, out={out})"
    if (
        not blocks
        and group.shape[1 if is_left else 0] == 1
        and other.space == BATCHED
        and access.space != BATCHED
    ):
        # One column (or row): (r, z)·(z, k).
        mine = f"{g}[:, 0]" if is_left else f"{g}[0]"
        return lambda out: f"over_examples({mine}, {x}[0].T, out={out})"
    if not blocks and z and w and group.shape[1 if is_left else 0] == 1:
        # One column (or row), separate for each example.
        return _into("np.multiply", g if is_left else f"{g}.swapaxes(0, 1)", x)
    subscripts = f"{n}rcz,{n}ck{z}->{n}rk{w}" if is_left else f"{n}rcz,{n}rk{z}->{n}ck{w}"
    # Summed over examples it is a matrix product, which einsum must be told to look for.
    best = "" if w else ", optimize=True"
    return lambda out: f"np.einsum('{subscripts}', {g}, {x}, out={out}{best})"
