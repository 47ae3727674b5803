"""`Program`: a compiled graph, the runner chosen for it, and the report that explains the choice."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from ..base.importing import np
from ..base.reals import floats_of
from ..errors import DataError
from ..operations import table
from .arrays.groups import Group
from .emit.expressions import identifiers
from .emit.straight_line import Straight
from .emit.whole_programs import c_source, javascript_source, jax_function, torch_module
from .front.outside import Outside
from .front.tape_and_builder import Floats, Tape, capture
from .program_inputs import ARRAY, MIXED, Call, is_point, read_call
from .runners.choice import Engine
from .runners.generated_python import Generated
from .runners.interpreter import careful_result
from .training import descend

if TYPE_CHECKING:
    from .runners.choice import Engine
    from .training import BatchGradient, Update


@dataclass(frozen=True, repr=False)
class ProgramReport:
    """The findings: counts, the matrix products with their shapes (rows, terms, columns), and the reasons.

    `simplified` has the number of times each rewriting rule was applied to the graph.
    """

    nodes: int
    operations: int
    runner: str
    reason: str
    groups: int
    depth: int
    matrix_products: tuple[tuple[int, int, int], ...]
    simplified: dict[str, int]
    lines: tuple[str, ...]

    def __str__(self) -> str:
        return "\n".join(self.lines)

    __repr__ = __str__  # Shown at an interactive prompt.


def report(engine: Engine) -> ProgramReport:
    """Collect the findings of the engine."""
    tape, analysis = engine.tape, engine.analysis
    groups = analysis.groups if analysis is not None else []
    products = tuple(_shape(group) for group in groups if _is_product(group))
    reason = _reason(engine)
    simplified = {str(rule): n for rule, n in engine.found[1].items()}
    if engine.runner == "array program":
        simplified["additions gathered in sums"] = _additions(tape)
    depth = engine.analysis.depth if engine.analysis is not None else 0
    lines = [
        f"{len(tape)} nodes, {tape.operations} operations, {len(tape.inputs)} inputs",
        f"runs as {engine.runner}: {reason}",
    ]
    if simplified:
        lines.append(f"simplified: {', '.join(f'{n} of {name}' for name, n in simplified.items())}")
    if analysis is not None:
        lines.append(
            f"{len(groups)} groups in {analysis.depth} levels, {len(products)} of them matrix products"
        )
        lines += [f"  {r}×{k} · {k}×{c}" for r, k, c in products]
        lines += _rest(groups)
    return ProgramReport(
        len(tape), tape.operations, engine.runner, reason, len(groups), depth,
        products, simplified, tuple(lines),
    )  # fmt: skip


def _additions(tape: Tape) -> int:
    return int(np.count_nonzero(np.isin(tape.code, [tape.code_of(table.add), tape.code_of(table.sum)])))


def _is_product(group: Group) -> bool:
    return group.left is not None and group.left.shape[-1] > 1 and group.members.size > 1


def _shape(group: Group) -> tuple[int, int, int]:
    assert_left = group.left.shape[-1] if group.left is not None else 0
    return group.shape[-2], assert_left, group.shape[-1]


def _rest(groups: list[Group]) -> list[str]:
    counts: dict[str, int] = {}
    for group in groups:
        if not _is_product(group):
            name = group.row.name if group.row is not None else "sum"
            counts[name] = counts.get(name, 0) + group.members.size
    listed = sorted(counts.items(), key=lambda item: -item[1])[:8]
    return [f"  element by element: {', '.join(f'{n} {name}' for name, n in listed)}"] if listed else []


def _reason(engine: Engine) -> str:
    if engine.runner == "array program":
        return "nodes of one formula are computed together"
    if engine.runner == "native tape":
        return "one operation after another, in C"
    if engine.generated:
        return "a small graph, each node one statement"
    return "exact=True keeps the order of every sum" if engine.exact else "few formulas are repeated"


class Program:
    """A compiled graph of n inputs.

    Call it, or its `value_and_grad` or `gradient`, with n numbers, with names, with one array of n, or with
    an array of shape (B, n); any single input may also be an array of B numbers. Numbers give numbers, arrays
    give arrays; the gradient by an input that is a number is summed over the batch, and by an array it is
    given for each example.

    The numbers of all other leaves are baked in when the graph is compiled. `exact=True` keeps the eager
    engine's bits; otherwise sums may be reordered.

    >>> from autograd_core import Value, cos, sin
    >>> x = Value(2.0, "x")
    >>> program = compile_graph([cos(sin(x**2) + 3 * x**2)], [x])
    >>> program(2.0), program.value_and_grad(x=2.0)
    (0.24510036817001535, (0.24510036817001535, 9.099148544832385))
    >>> program(x=[1.0, 2.0]).round(4).tolist()
    [-0.7649, 0.2451]
    """

    def __init__(self, tape: Tape, *, exact: bool = False, single: bool = True) -> None:
        self.tape = tape
        self.exact = exact
        self.single = single
        self._count = len(tape.inputs)
        self.engine = Engine(tape, exact)
        self.descents: dict[int, BatchGradient] = {}
        """The analyses of `run`, by the number of weights."""

    @cached_property
    def names(self) -> list[str]:
        """The inputs' names for keyword arguments: their labels if these are identifiers."""
        return list(identifiers(self.tape.inputs.tolist(), self.tape.labels, "x").values())

    @cached_property
    def _labels(self) -> dict[str, int]:
        labels = self.tape.labels
        places = reversed(list(enumerate(self.tape.inputs.tolist())))
        return {labels[i]: k for k, i in places if i in labels}

    @cached_property
    def value(self) -> Callable[..., Any]:
        """The function behind `program(...)`: usually one in C, or the generated function itself."""
        if Outside.of_rows(self.tape.rows):
            return self._of_rows_as_they_are("value")
        return self._entry("value", self._any_value)

    @cached_property
    def value_and_grad(self) -> Callable[..., Any]:
        """The function that returns value and gradient, for the same arguments as `program(...)`."""
        if Outside.of_rows(self.tape.rows):
            return self._of_rows_as_they_are("value_and_grad")
        return self._entry("value_and_grad", self._any_gradient) if self.single else self._any_gradient

    def _entry(self, name: str, otherwise: Callable[..., Any]) -> Callable[..., Any]:
        """Return `value` or `value_and_grad` for n floats, which passes anything else to `otherwise`."""
        if self.engine.runner == "native tape" and self.engine.native is not None:
            gradient = name == "value_and_grad"
            careful = partial(careful_result, self.tape, gradient=gradient, single=self.single)
            return self.engine.native.entry(
                self.names, otherwise, careful, gradient=gradient, single=self.single
            )
        return self._python.entry(name, otherwise) if self.engine.generated else otherwise

    def _of_rows_as_they_are(self, name: str) -> Callable[..., Any]:
        """Return a function that rebuilds the program when a number read by a user's row has changed."""
        ways = {"value": "_any_value", "value_and_grad": "_any_gradient"}
        current, outside = self, Outside.of_rows(self.tape.rows)

        def call(*args: Any, **named: Any) -> Any:
            nonlocal current, outside
            if not outside.unchanged():
                current = Program(self.tape, exact=self.exact, single=self.single)
                outside = Outside.of_rows(self.tape.rows)
            return getattr(current, ways[name])(*args, **named)

        return call

    @cached_property
    def _python(self) -> Generated:
        return Generated(self.tape, self.names, self._labels, exact=self.exact, single=self.single)

    def __call__(self, *args: Any, **named: Any) -> Any:
        """Return the value or list of values, at one point or for each example of a batch."""
        try:
            return self.value(*args, **named)
        except TypeError:
            if not self.engine.generated:
                raise
            return self._any_value(*args, **named)  # Raises a better error if the call is at fault.

    def __reduce__(self) -> tuple[Any, ...]:
        return _restored, (self.tape, self.exact, self.single)

    def __repr__(self) -> str:
        return (
            f"<program of {', '.join(self.names[:6])}{', ...' if len(self.names) > 6 else ''}: {self.runner}>"
        )

    def gradient(self, *args: Any, **named: Any) -> Any:
        """Return only the gradient, in the form of `value_and_grad`."""
        try:
            return self.value_and_grad(*args, **named)[1]
        except TypeError:
            if not self.engine.generated:
                raise
            return self._any_gradient(*args, **named)[1]

    def hessian_vector_product(
        self, point: Sequence[float] | Floats, vector: Sequence[float] | Floats
    ) -> Floats:
        """Return the Hessian at a point times a vector, both of n numbers."""
        self._refuse_several("hessian_vector_product")
        x = floats_of(point, "hessian_vector_product: point")
        v = floats_of(vector, "hessian_vector_product: vector")
        if x.shape != v.shape or x.shape != (self._count,):
            raise DataError(
                f"hessian_vector_product: shapes {x.shape} and {v.shape}; expected ({self._count},) twice."
            )
        both = np.concatenate([x, v])
        slope: Floats = self._directional.value_and_grad(both)[1][: self._count]
        return slope

    @cached_property
    def _directional(self) -> Program:
        """The program of the derivative along a direction; its gradient is the Hessian times that."""
        program = Straight(self.tape, gradient=True, exact=self.exact)
        builder = program.builder
        direction = [builder.input(f"towards_{name}") for name in self.names]
        total: Any = 0.0
        for slope, v in zip(program.gradient, direction, strict=True):
            total = total + builder.term(slope) * builder.term(v)
        return Program(builder.tape([*program.inputs, *direction], [builder.place(total)]), exact=self.exact)

    def _what_it_gives(self) -> str:
        """Say why there is no gradient."""
        count = len(self.tape.outputs)
        if count == 1:
            return "a list of one output; expected a program of a number. Compile the output itself"
        return f"several outputs: got a program of {count}; expected one. Compile a sum of them"

    def _refuse_several(self, what: str) -> None:
        if len(self.tape.outputs) > 1:
            raise DataError(
                f"{what}: several outputs: got a program of {len(self.tape.outputs)}; expected one. "
                "Compile a sum of them, or each by itself."
            )

    @property
    def runner(self) -> str:
        """The name of the runner at one point."""
        return self.engine.runner

    def explain(self) -> ProgramReport:
        """Return a report on the structure of the graph and the choice of runner."""
        return report(self.engine)

    @cached_property
    def source(self) -> str:
        """The program as text: straight-line Python for a small graph, otherwise the text of the runner."""
        if self.engine.small:
            return self._python.source("value_and_grad" if self.single else "value")
        return self.engine.source

    def to_c(self, name: str = "value_and_grad") -> str:
        """Return C source of `double name(const double *x, double *gradient)`.

        Raises `DataError` for a program of several outputs.
        """
        self._refuse_several("to_c")
        return c_source(self.tape, name)

    def to_js(self) -> str:
        """Return JavaScript source of a function that returns value, gradient, adjoints and contributions.

        Raises `DataError` for a program of several outputs.
        """
        self._refuse_several("to_js")
        return javascript_source(self.tape, self.names)

    def to_jax(self) -> Callable[..., Any]:
        """Return the value as a function of n JAX arrays (or one with last axis n).

        It can be jitted, differentiated, mapped and sharded; arrays of B numbers are batches.
        """
        return jax_function(self.tape, self.names)

    def to_torch(self, weights: Mapping[str, float] = MappingProxyType({})) -> Any:
        """Return the value as a `torch.nn.Module` of n tensors (or one with last axis n).

        `weights` maps the inputs to train to their initial values: they are the module's only parameter,
        `module.weights`, in float64 and in the order of `module.names`. A call takes the other inputs;
        tensors of B numbers are batches. Raises `DataError` for a name that is not an input.
        """
        return torch_module(self.tape, self.names, self._labels, weights)

    def run(
        self,
        steps: int,
        start: Sequence[float] | Floats,
        update: float | Update = 0.1,
        *,
        examples: Sequence[Sequence[float]] | Floats | None = None,
    ) -> tuple[Floats, list[float]]:
        """Run gradient descent inside the program: see `training.descend`.

        >>> from autograd_core import Value
        >>> w, x = Value(0.0, "w"), Value(1.0, "x")
        >>> compile_graph([(w * x - 6) ** 2], [w, x]).run(50, [0.0], 0.1, examples=[[1.0], [1.0]])[0].round(3)
        array([6.])
        """
        return descend(self, steps, start, update, examples)

    def _of_numbers(self, name: str, otherwise: Callable[..., Any]) -> Callable[..., Any]:
        """Return `value` or `value_and_grad` for n floats, which passes anything else to `otherwise`."""
        if self.engine.generated and self._python.many:
            return otherwise
        labels = {self.names[k]: label for label, k in self._labels.items()}

        def renamed(*args: Any, **named: Any) -> Any:
            return otherwise(*args, **{labels.get(word, word): x for word, x in named.items()})

        return self._entry(name, renamed)

    def _of_point(
        self, name: str, otherwise: Callable[..., Any], holds: Callable[[], bool]
    ) -> Callable[..., Any]:
        """Return the same for one array of n floats, as long as the program is valid."""
        shape = (self._count,)

        def value(*args: Any, **named: Any) -> Any:
            if len(args) == 1 and not named and holds():
                x = args[0]
                if type(x) is np.ndarray and x.shape == shape and x.dtype == np.float64:
                    return self._point_values(x)[0]
            return otherwise(*args, **named)

        def value_and_grad(*args: Any, **named: Any) -> Any:
            if len(args) == 1 and not named and holds():
                x = args[0]
                if type(x) is np.ndarray and x.shape == shape and x.dtype == np.float64:
                    y, slopes = self._point_gradient(x)
                    return y, np.asarray(slopes, np.float64)
            return otherwise(*args, **named)

        return value if name == "value" else value_and_grad

    def _any_value(self, *args: Any, **named: Any) -> Any:
        return self._value_of(read_call(self.names, self._labels, args, named))

    def _value_of(self, call: Call) -> Any:
        """Return the value or list of values for interpreted inputs."""
        if call.batched is None:
            values: list[Any] = self._point_values(call.shared)
        elif self.exact:
            rows = [self._point_values(np.array(point)) for point in call.points()]
            values = list(np.array(rows).reshape(call.size, len(self.tape.outputs)).T)
        else:
            values = self.engine.values_of_batch(call)
        return values[0] if self.single else values

    def _any_gradient(self, *args: Any, **named: Any) -> Any:
        if len(args) == 1 and not named and self.single and is_point(args[0], self._count):
            value, slopes = self._point_gradient(args[0])
            return value, np.asarray(slopes, np.float64)
        return self._gradient_of(read_call(self.names, self._labels, args, named))

    def _gradient_of(self, call: Call) -> Any:
        """Return value and gradient for interpreted inputs."""
        if not self.single:
            raise DataError(f"value_and_grad: {self._what_it_gives()}.")
        if call.batched is None:
            value, slopes = self._point_gradient(call.shared)
            if call.form == ARRAY:
                return value, np.asarray(slopes, np.float64)
            numbers = slopes if type(slopes) is tuple else tuple(slopes.tolist())
            return value, numbers[0] if len(numbers) == 1 else numbers
        if self.exact:  # NumPy's functions differ from those of `math` in the last bits.
            found = [self._point_gradient(np.array(point)) for point in call.points()]
            values, shared, batched = call.parted(found)
        else:
            values, shared, batched = self.engine.gradients_of_batch(call)
        if call.form == MIXED:
            slopes = call.together(shared, batched)
            return values, slopes[0] if len(slopes) == 1 else tuple(slopes)
        return values, batched

    def _point_values(self, numbers: Floats) -> list[float]:
        if not self.engine.generated:
            return self.engine.values(numbers)
        result = self._python.call("value", numbers.tolist())
        return [result] if self.single else list(result)

    def _point_gradient(self, numbers: Floats) -> tuple[float, Any]:
        if not self.engine.generated:
            return self.engine.value_and_grad(numbers)
        value, slopes = self._python.call("value_and_grad", numbers.tolist())
        return value, slopes if type(slopes) is tuple else (slopes,)


def compile_graph(
    roots: Sequence[Any], inputs: Sequence[Any] | None = None, exact: bool = False, single: bool = True
) -> Program:
    """Return the program of one root or several."""
    return Program(capture(roots, inputs), exact=exact, single=single)


def _restored(tape: Tape, exact: bool, single: bool) -> Program:
    return Program(tape, exact=exact, single=single)
