"""Transforms of functions: `grad(f)` is the function that computes the gradient of f.

`f` is a plain Python function. A transform calls it once with a `Value` for each number, walks the resulting
graph, and returns plain numbers. If f depends on `Value`s from outside, for example inside another transform
or when it uses a model's parameters, the result consists of `Value`s, so that derivatives of derivatives are
correct with any nesting; inside `no_grad()` the result is plain numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from math import factorial, isfinite
from typing import Any

from ..base.modes import errstate
from ..base.reals import brief, flag
from ..errors import DataError
from ..kernel.value import Value, constant
from .argument_trees import Form, flattened, real_tree, refuse_other_form, shaped
from .forward_mode import tangent_nodes
from .forward_mode import tangents as tangents_of
from .reverse_mode import gradient_nodes
from .sparsity import sparse_jacobian
from .taylor import coefficients, refuse_other_order
from .traced_call import (
    TracedCall,
    any_open,
    chosen_arguments,
    directions_of,
    like,
    pair,
    places_of,
    refuse_no_function,
    scalar_of,
    shown,
    tuple_of_trees,
)

AnyFunction = Callable[..., Any]
FIRST_BY_SERIES = 3
"""From this order on `derivative` uses Taylor series, because nested gradients grow exponentially."""


def grad(f: AnyFunction, argnums: int | Sequence[int] = 0, has_aux: bool = False) -> AnyFunction:
    """Return the gradient of a function with one number as its result.

    The gradient has the form of the argument: a float, a list, a dict, an array. With several `argnums` it is
    a tuple. With `has_aux`, f returns `(y, aux)` and the result is `(gradient, aux)`. Numbers that do
    not affect f have gradient 0.

    Raises `DataError` if f returns anything but one real number, or an argument is not a tree of real
    numbers.

    >>> from autograd_core import sin
    >>> grad(lambda x: x**2 * sin(x))(2)
    1.972602361114...
    >>> grad(grad(lambda x: x**4))(3.0)
    108.0
    >>> grad(lambda x, y: x * y, argnums=(0, 1))(2.0, 5.0)
    (5.0, 2.0)
    """
    return _gradient_of("grad", f, argnums, has_aux)


def value_and_grad(f: AnyFunction, argnums: int | Sequence[int] = 0, has_aux: bool = False) -> AnyFunction:
    """Return the value and the gradient of a function: `(y, gradient)`, or `((y, aux), gradient)`.

    >>> value_and_grad(lambda x: x**3)(2.0)
    (8.0, 12.0)
    """
    return _value_and_grad("value_and_grad", f, argnums, has_aux)


def _gradient_of(
    name: str, f: AnyFunction, argnums: int | Sequence[int] = 0, has_aux: bool = False
) -> AnyFunction:
    """Do the work of `grad`; errors start with `name`."""
    both = _value_and_grad(name, f, argnums, has_aux)

    @like(f)
    def gradient(*args: Any, **kwargs: Any) -> Any:
        y, slopes = both(*args, **kwargs)
        return (slopes, y[1]) if has_aux else slopes

    return gradient


def _value_and_grad(name: str, f: AnyFunction, argnums: int | Sequence[int], has_aux: bool) -> AnyFunction:
    refuse_no_function(name, f)
    chosen = chosen_arguments(name, argnums)
    flag(has_aux, name, "has_aux")

    @like(f)
    def both(*args: Any, **kwargs: Any) -> Any:
        run = TracedCall(name)
        given, forms = run.arguments(args, places_of(name, chosen, len(args)))
        result = run.call(f, given, kwargs)
        result, aux = pair(name, result) if has_aux else (result, None)
        y = scalar_of(name, result)
        is_open = run.is_open([y])
        slopes = run.gradient({y: 1.0}, is_open)
        value = shown((y, aux) if has_aux else y, is_open)
        return value, _by_argument(slopes, forms, isinstance(argnums, int))

    return both


def jvp(
    f: AnyFunction, primals: Sequence[Any], tangents: Sequence[Any], has_aux: bool = False
) -> tuple[Any, ...]:
    """Return the value of f and its derivative in a direction, by forward mode: `(f(x), ∂f(x) v)`.

    `primals` and `tangents` are tuples of one tree for each argument of f; both results have the form of f's.
    With `has_aux`, f returns `(y, aux)`, and `aux` comes third.

    >>> jvp(lambda x, y: x * y, (2.0, 3.0), (1.0, 10.0))
    (6.0, 23.0)
    """
    return _jvp("jvp", f, primals, tangents, flag(has_aux, "jvp", "has_aux"))


def _jvp(
    name: str, f: AnyFunction, primals: Sequence[Any], tangents: Sequence[Any], has_aux: bool = False
) -> tuple[Any, ...]:
    """Do the work of `jvp`; errors start with `name`."""
    refuse_no_function(name, f)
    value, push, *aux = _linearize(name, f, tuple_of_trees(name, "primals", primals), has_aux)
    return value, push(tangents), *aux


def linearize(f: AnyFunction, *primals: Any, has_aux: bool = False) -> tuple[Any, ...]:
    """Return the value of f and its derivative there as a function of directions, `v ↦ ∂f(x) v`.

    f is called once, however many directions follow. With `has_aux`, f returns `(y, aux)`, and `aux` comes
    third.

    >>> y, push = linearize(lambda x, y: x * y, 2.0, 3.0)
    >>> y, push(1.0, 0.0), push(0.0, 1.0)
    (6.0, 3.0, 2.0)
    """
    refuse_no_function("linearize", f)
    value, push, *aux = _linearize("linearize", f, primals, flag(has_aux, "linearize", "has_aux"))
    return value, lambda *tangents: push(tangents), *aux


def _linearize(name: str, f: AnyFunction, primals: Sequence[Any], has_aux: bool) -> tuple[Any, ...]:
    run = TracedCall(name)
    given, forms = run.arguments(primals, range(len(primals)))
    outputs, form, aux = run.outputs(f, given, {}, has_aux)
    is_open = run.is_open(outputs)

    def push(tangents: Any) -> Any:
        directions = directions_of(name, tangents, forms)
        tangent: Mapping[Value, Any]
        if is_open or (run.graphs_wanted and any_open(directions)):
            nodes = [t if isinstance(t, Value) else constant(t) for t in directions]
            tangent = tangent_nodes(outputs, dict(zip(run.inputs, nodes, strict=True)))
        else:
            tangent = tangents_of(outputs, dict(zip(run.inputs, map(real_tree, directions), strict=True)))
        return form.restored([tangent.get(y, 0.0) for y in outputs])

    return form.restored(shown(outputs, is_open)), push, *[shown(x, is_open) for x in aux]


def vjp(f: AnyFunction, *primals: Any, has_aux: bool = False) -> tuple[Any, ...]:
    """Return the value of f and the function that pulls a cotangent back: `v ↦ vᵀ ∂f(x)`, as a tuple.

    With `has_aux`, f returns `(y, aux)`, and `aux` comes third.

    >>> y, pull = vjp(lambda x, y: [x * y, x + y], 2.0, 3.0)
    >>> y, pull([1.0, 0.0]), pull([0.0, 1.0])
    ([6.0, 5.0], (3.0, 2.0), (1.0, 1.0))
    """
    refuse_no_function("vjp", f)
    run = TracedCall("vjp")
    given, forms = run.arguments(primals, range(len(primals)))
    outputs, form, aux = run.outputs(f, given, {}, flag(has_aux, "vjp", "has_aux"))

    def pull(cotangent: Any) -> tuple[Any, ...]:
        numbers, its_form = flattened(cotangent, "vjp: cotangent")
        refuse_other_form(form, its_form, "vjp: cotangent")
        lifted = run.graphs_wanted and any_open(numbers)
        seeds = {_weighted_sum(outputs, numbers): 1.0} if lifted else _seeds(outputs, map(real_tree, numbers))
        return _all_arguments(run.gradient(seeds, lifted or is_open), forms)

    is_open = run.is_open(outputs)
    return form.restored(shown(outputs, is_open)), pull, *[shown(x, is_open) for x in aux]


def jacobian(
    f: AnyFunction, argnums: int | Sequence[int] = 0, sparse: bool = False, has_aux: bool = False
) -> AnyFunction:
    """Return the matrix of all first derivatives; its rows are the outputs.

    For arrays it has the shape `output.shape + input.shape`; for lists, tuples and dicts it is the tree of
    the outputs, in which each number is replaced by its gradient. It takes one sweep for each output.

    With `sparse`, it is a SciPy sparse array with a row for each number of the outputs and a column for each
    number of the argument, or a `SparseMatrix` if SciPy is not installed. Its pattern comes from the
    graph, and columns (or rows) without a common entry share a sweep. With `has_aux`, f returns `(y, aux)`
    and the result is `(matrix, aux)`.

    >>> jacobian(lambda x: [x[0] * x[1], x[0] + x[1], x[1] ** 2])([2.0, 3.0])
    [[3.0, 2.0], [1.0, 1.0], [0.0, 6.0]]
    """
    return _jacobian("jacobian", f, argnums, sparse, has_aux)


def _jacobian(
    name: str, f: AnyFunction, argnums: int | Sequence[int], sparse: bool = False, has_aux: bool = False
) -> AnyFunction:
    refuse_no_function(name, f)
    flag(has_aux, name, "has_aux")
    chosen = chosen_arguments(name, argnums)
    if flag(sparse, name, "sparse") and not isinstance(argnums, int):
        raise DataError(
            f"{name}: several arguments: argnums = {brief(argnums)}; expected one for a sparse matrix."
        )

    @like(f)
    def matrix(*args: Any, **kwargs: Any) -> Any:
        run = TracedCall(name)
        given, forms = run.arguments(args, places_of(name, chosen, len(args)))
        outputs, form, aux = run.outputs(f, given, kwargs, has_aux)
        is_open = run.is_open(outputs)
        extra = [shown(x, is_open) for x in aux]
        if sparse:
            if is_open:
                raise DataError(
                    f"{name}: the function depends on a Value from outside; expected plain numbers for a "
                    "sparse matrix. Call it inside no_grad()."
                )
            found = sparse_jacobian(run.inputs, outputs)
        else:
            rows = [run.gradient({y: 1.0}, is_open) for y in outputs]
            found = _jacobian_tree(rows, form, forms, isinstance(argnums, int))
        return (found, *extra) if extra else found

    return matrix


def hessian(
    f: AnyFunction, argnums: int | Sequence[int] = 0, sparse: bool = False, has_aux: bool = False
) -> AnyFunction:
    """Return the matrix of all second derivatives; of a function with several results, one for each.

    It is the Jacobian of the gradient (or Jacobian), which takes one graph and one sweep for each variable.
    500 variables take half a second if each interacts with few others, and 15 seconds for a network of 500
    weights and ten examples; beyond that use `hvp` or, if most entries are 0, `sparse`, as in `jacobian`.

    `argnums` is the position of the argument to differentiate by, 0 for the first; the others are held
    constant. For several positions the result is a tuple of rows: entry [i][j] has the derivatives by the
    i-th and the j-th of these arguments, mixed ones included.

    >>> hessian(lambda x: x[0] ** 2 * x[1])([3.0, 5.0])
    [[10.0, 6.0], [6.0, 0.0]]
    >>> hessian(lambda x, y: x**2 * y, argnums=(0, 1))(3.0, 5.0)
    ((10.0, 6.0), (6.0, 0.0))
    """
    return _jacobian("hessian", _jacobian("hessian", f, argnums, has_aux=has_aux), argnums, sparse, has_aux)


def hvp(f: AnyFunction, primals: Sequence[Any], tangents: Sequence[Any]) -> Any:
    """Return the Hessian times a vector, `∂²f(x) v`, at the cost of a few gradients.

    It has the form of the argument; for several arguments it is a tuple.

    >>> hvp(lambda x: x[0] ** 2 * x[1], ([3.0, 5.0],), ([1.0, 0.0],))
    [10.0, 6.0]
    """
    primals = tuple_of_trees("hvp", "primals", primals)
    product = _jvp("hvp", _gradient_of("hvp", f, tuple(range(len(primals)))), primals, tangents)[1]
    return product[0] if len(primals) == 1 else product


def derivative(f: AnyFunction, n: int = 1) -> AnyFunction:
    """Return the nth derivative of a function of one number; for an array or list, at each of its numbers.

    >>> derivative(lambda x: x**5, 3)(2.0)
    240.0
    """
    refuse_no_function("derivative", f)
    refuse_other_order("derivative", n)

    def at(x: Any) -> Any:
        run = TracedCall("derivative")
        y = scalar_of("derivative", run.call(f, [run.input(x)], {}))
        if n >= FIRST_BY_SERIES and not run.is_open([y]):
            with errstate(all="ignore"):
                last = coefficients(run.inputs[0], [y], n)[0][n] * factorial(n)
            if isfinite(last):  # Nested gradients distinguish poles, and raise there.
                return last
        for _ in range(n - 1):
            y = gradient_nodes({y: 1.0}, run.inputs)[0]
        is_open = run.is_open([y])
        return run.gradient({y: 1.0}, is_open)[0] if n else shown(y, is_open)

    @like(f)
    def nth(x: Any) -> Any:
        numbers, form = flattened(x, "derivative: argument 1")
        return form.restored(map(at, numbers))

    return nth


def _seeds(outputs: Sequence[Value], numbers: Iterable[float]) -> dict[Value, float]:
    """Return the seed of each output: none if the weight is 0, even if the slope is infinite."""
    seeds: dict[Value, float] = {}
    for y, number in zip(outputs, numbers, strict=True):
        if number:
            seeds[y] = seeds.get(y, 0.0) + number
    return seeds


def _weighted_sum(outputs: Sequence[Value], weights: Sequence[Any]) -> Value:
    # Only its gradient is used: its value may be 0 * inf.
    with errstate(all="ignore"):
        return sum((w * y for w, y in zip(weights, outputs, strict=True)), constant(0.0))


def _all_arguments(slopes: Sequence[Any], forms: Sequence[Form]) -> tuple[Any, ...]:
    queue = iter(slopes)
    return tuple([form.restored([next(queue) for _ in range(form.size)]) for form in forms])


def _by_argument(slopes: Sequence[Any], forms: Sequence[Form], single: bool) -> Any:
    trees = _all_arguments(slopes, forms)
    return trees[0] if single else trees


def _jacobian_tree(rows: list[list[Any]], form: Form, forms: Sequence[Form], single: bool) -> Any:
    queue = iter(rows)
    blocks = [[next(queue) for _ in range(leaf.size)] for leaf in form.leaves()]
    trees = [_by_output(block, leaf, forms) for block, leaf in zip(blocks, form.leaves(), strict=True)]
    return form.with_leaves(tree[0] if single else tree for tree in trees)


def _by_output(rows: list[list[Any]], output: Form, forms: Sequence[Form]) -> tuple[Any, ...]:
    """Return the trees that replace one output (a number or an array), one for each argument."""
    trees = []
    column = 0
    for form in forms:
        leaves = []
        for leaf in form.leaves():
            block = [x for row in rows for x in row[column : column + leaf.size]]
            is_number = output.kind is float and leaf.kind is float
            leaves.append(block[0] if is_number else shaped(block, output.shape + leaf.shape))
            column += leaf.size
        trees.append(form.with_leaves(iter(leaves)))
    return tuple(trees)
