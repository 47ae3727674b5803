"""The meaning of a compiled function's arguments depends only on their form, not on earlier calls."""

from __future__ import annotations

import copy
import math
import pickle
import random
import sys
from array import array as array_of_machine
from collections import OrderedDict, UserDict, deque
from collections.abc import Callable
from functools import partial
from itertools import product
from types import MappingProxyType, ModuleType
from typing import Any

import numpy as np
import pytest

import autograd_core as ac
import nn
from autograd_core import AutogradError, DataError, DataValueError, TraceError, Value, compile, grad

X = np.array([[1.5, 2.0], [0.3, -0.4], [2.0, 0.7]])
COLUMN, POINT = X[:, 0], X[0]


def rosenbrock(x: Any) -> Any:
    return ac.sum([100.0 * (x[i + 1] - x[i] ** 2) ** 2 + (1.0 - x[i]) ** 2 for i in range(len(x) - 1)])


def of_one(x: Any) -> Any:
    return ac.sin(x) * x


def with_a_default(x: Any, a: float = 3.0) -> Any:
    return a * x * x


def of_two(a: Any, b: Any) -> Any:
    return a * ac.exp(b)


def of_many(*x: Any) -> Any:
    return rosenbrock(x)


def norm_of(x: Any) -> Any:
    return ac.norm(x)


def line(w: Any, x: Any) -> Any:
    return w[0] * x + w[1]


def only_by_name(x: Any, *, scale: Any = 2.0) -> Any:
    return x * scale


# For each function, calls of different forms, and the function's arguments at each point.
Call = tuple[tuple[Any, ...], dict[str, Any], Any]
CALLS: dict[Callable[..., Any], list[Call]] = {
    of_one: [
        ((2.0,), {}, (2.0,)),
        ((), {"x": 2}, (2,)),
        ((np.array(2.0),), {}, (2.0,)),
        ((COLUMN,), {}, [(x,) for x in COLUMN]),
        ((COLUMN[:2],), {}, [(x,) for x in COLUMN[:2]]),
        ((COLUMN[:1],), {}, [(x,) for x in COLUMN[:1]]),
        ((np.arange(4),), {}, [(x,) for x in range(4)]),
    ],
    with_a_default: [
        ((2.0,), {}, (2.0,)),
        ((2.0, 5.0), {}, (2.0, 5.0)),
        ((2.0,), {"a": 4.0}, (2.0, 4.0)),
        ((), {"a": 4.0, "x": 1.0}, (1.0, 4.0)),
        ((COLUMN,), {}, [(x,) for x in COLUMN]),
        ((COLUMN[:2],), {}, [(x,) for x in COLUMN[:2]]),
        ((COLUMN,), {"a": 4.0}, [(x, 4.0) for x in COLUMN]),
    ],
    of_two: [
        ((1.0, 2.0), {}, (1.0, 2.0)),
        ((1.0,), {"b": 2.0}, (1.0, 2.0)),
        ((POINT,), {}, tuple(POINT)),
        ((X,), {}, [tuple(x) for x in X]),
        ((X[:2],), {}, [tuple(x) for x in X[:2]]),
        ((X[:1],), {}, [tuple(x) for x in X[:1]]),
        ((COLUMN, 2.0), {}, [(x, 2.0) for x in COLUMN]),
        ((COLUMN[:2], X[:2, 1]), {}, [tuple(x) for x in X[:2]]),
    ],
    of_many: [
        ((1.0, 2.0), {}, (1.0, 2.0)),
        ((1.0, 2.0, 3.0), {}, (1.0, 2.0, 3.0)),
        ((POINT,), {}, tuple(POINT)),
        ((COLUMN,), {}, tuple(COLUMN)),
        ((X,), {}, [tuple(x) for x in X]),
        ((COLUMN, 2.0), {}, [(x, 2.0) for x in COLUMN]),
    ],
    rosenbrock: [
        ((POINT,), {}, (POINT,)),
        ((COLUMN,), {}, (COLUMN,)),
        ((X,), {}, [(x,) for x in X]),
        ((X.T,), {}, [(x,) for x in X.T]),
        (([1.0, 2.0],), {}, ([1.0, 2.0],)),
        (((1.0, 2.0, 3.0),), {}, ((1.0, 2.0, 3.0),)),
        (([COLUMN, 2.0],), {}, [([x, 2.0],) for x in COLUMN]),
        (([np.int64(1), 2],), {}, ([1.0, 2.0],)),
    ],
    norm_of: [
        ((2.0,), {}, (2.0,)),
        ((COLUMN,), {}, (COLUMN,)),
        ((COLUMN[:1],), {}, (COLUMN[:1],)),
        ((X,), {}, [(x,) for x in X]),
        (([1.0, 2.0],), {}, ([1.0, 2.0],)),
    ],
    line: [
        ((POINT, 2.0), {}, (POINT, 2.0)),
        ((POINT, COLUMN), {}, [(POINT, x) for x in COLUMN]),
        ((POINT, POINT), {}, [(POINT, x) for x in POINT]),
        ((X, COLUMN), {}, [(w, x) for w, x in zip(X, COLUMN, strict=True)]),
        (([1.0, 2.0], 2.0), {}, ([1.0, 2.0], 2.0)),
        (([1.0, 2.0],), {"x": COLUMN}, [([1.0, 2.0], x) for x in COLUMN]),
    ],
    only_by_name: [
        ((1.0,), {}, (1.0,)),
        ((COLUMN,), {}, [(x,) for x in COLUMN]),
    ],
}  # fmt: skip
EVERY = [(f, call) for f, calls in CALLS.items() for call in calls]


def shown(result: Any) -> str:
    """Show everything that can differ between results: types, shapes, digits."""
    if isinstance(result, np.ndarray):
        return f"array{result.shape}{result.round(12).tolist()}"
    if isinstance(result, (list, tuple)):
        return f"{type(result).__name__}({', '.join(map(shown, result))})"
    return f"{type(result).__name__} {float(result):.12g}"


@pytest.mark.parametrize(("f", "call"), EVERY, ids=lambda x: getattr(x, "__name__", ""))
def test_a_call_gives_what_the_function_gives_at_each_of_its_points(f: Any, call: Call) -> None:
    args, named, points = call
    value, slopes = compile(f).value_and_grad(*args, **named)
    if isinstance(points, list):
        assert value.shape == (len(points),)
        assert value == pytest.approx(np.array([float(plain(f(*p))) for p in points]), rel=1e-12)
    else:
        assert isinstance(value, float)
        assert value == pytest.approx(float(plain(f(*points))), rel=1e-12)
    things = [*args, *named.values()]
    for x, slope in zip(things, slopes if len(things) > 1 else [slopes], strict=True):
        assert not isinstance(x, np.ndarray) or np.shape(slope) == x.shape


def plain(x: Any) -> Any:
    return x.data if isinstance(x, Value) else x


def test_the_gradient_has_the_form_of_the_arguments() -> None:
    for f, x in [(rosenbrock, POINT), (rosenbrock, [1.0, 2.0]), (rosenbrock, (1.0, 2.0)), (norm_of, COLUMN)]:
        expected = grad(f)(x)
        found = compile(f).gradient(x)
        assert type(found) is type(expected)
        assert list(found) == pytest.approx(list(expected), rel=1e-12)
    (w, x) = compile(line).gradient(POINT, COLUMN)  # For a shared input, the sum over all examples.
    assert w.tolist() == [pytest.approx(COLUMN.sum()), 3.0]
    assert x.tolist() == [POINT[0]] * 3


@pytest.mark.parametrize("f", CALLS, ids=lambda f: f.__name__)
@pytest.mark.parametrize("method", ["__call__", "value_and_grad", "gradient"])
def test_a_call_means_the_same_whichever_came_before(f: Any, method: str) -> None:
    fresh = [shown(getattr(compile(f), method)(*args, **named)) for args, named, _ in CALLS[f]]
    chance = random.Random(7)
    for _ in range(5):
        compiled = compile(f)
        for k in chance.choices(range(len(fresh)), k=4 * len(fresh)):
            args, named, _ = CALLS[f][k]
            getattr(compiled, chance.choice(["__call__", "value_and_grad"]))(*args, **named)
            assert shown(getattr(compiled, method)(*args, **named)) == fresh[k]


WRONG = [
    (of_one, ()), (of_one, (1.0, 2.0)), (of_one, (None,)), (of_one, ("a",)), (of_one, (1j,)),
    (of_one, (np.zeros((2, 2, 2)),)), (of_two, (1.0,)), (of_two, (1.0, 2.0, 3.0)),
    (of_two, (None, 1.0)), (of_two, (COLUMN,)),
    (of_two, (COLUMN, POINT)), (of_two, (np.zeros((2, 2, 2)),)), (rosenbrock, (np.zeros((2, 2, 2)),)),
    (rosenbrock, ([1.0, X],)),
]  # fmt: skip


@pytest.mark.parametrize(("f", "args"), WRONG)
def test_what_is_wrong_stays_wrong_and_leaves_the_function_as_it_was(f: Any, args: Any) -> None:
    with pytest.raises(AutogradError) as first:
        compile(f)(*args)
    compiled = compile(f)
    for good, named, _ in CALLS[f]:
        expected = shown(compile(f)(*good, **named))
        assert shown(compiled(*good, **named)) == expected
        with pytest.raises(AutogradError) as later:
            compiled(*args)
        assert (type(later.value), str(later.value)) == (type(first.value), str(first.value))
        assert shown(compiled(*good, **named)) == expected


@pytest.mark.parametrize("result", [list, tuple, np.array], ids=lambda kind: kind.__name__)
def test_several_outputs_keep_their_form(result: Any) -> None:
    f = compile(lambda x, y: result([x * y, x + y]))
    for _ in range(3):
        assert shown(f(2.0, 3.0)) == shown(result([6.0, 5.0]))
        batch = f(np.array([2.0, 3.0, 4.0]), 3.0)
        rows = np.array([[6.0, 9.0, 12.0], [5.0, 6.0, 7.0]])
        assert shown(batch) == shown(rows.T if result is np.array else result(list(rows)))
    with pytest.raises(DataError, match="several outputs"):
        f.value_and_grad(2.0, 3.0)


A = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])


@pytest.mark.parametrize(
    "f",
    [
        lambda x: A @ x,
        lambda x: np.dot(A, x),
        lambda x: POINT * x,
        lambda x: [x[0] * x[1], x[0]],
        grad(rosenbrock),
    ],
)
def test_a_function_that_computes_with_arrays_takes_points(f: Any) -> None:
    compiled = compile(f)
    for _ in range(2):
        assert np.allclose(compiled(POINT), f(POINT), rtol=1e-12)
        rows = np.array([f(x) for x in X])
        batch = compiled(X)
        assert np.allclose(np.stack(batch, axis=1) if isinstance(batch, list) else batch, rows, rtol=1e-12)


OF_TWO: dict[str, Callable[[Any, Any], Any]] = {
    **{row.name: lambda x, w, row=row: row([x, w, 0.5]) for row in ac.TABLE.values()
       if row.arity is None and row.sequences == 1 and row.vector is None},
    **{f"{name}, {k}": lambda x, w, name=name, k=k: ac.TABLE[name]([x, w, 0.5])[k]
       for name in ("softmax", "log_softmax", "unit") for k in (0, 1, -1)},
    "dot": lambda x, w: ac.dot([x, w], [w, 2.0]),
    "unused": lambda x, w: ac.sin(w),
}  # fmt: skip


@pytest.mark.parametrize("name", OF_TWO)
def test_an_array_among_the_numbers_of_a_list_is_a_batch(name: str) -> None:
    f, w = OF_TWO[name], 0.75
    xs = [1.5, 0.25, -2.0]
    values, (by_x, by_w) = compile(f).value_and_grad(np.array(xs), w)
    points = [ac.value_and_grad(f, (0, 1))(x, w) for x in xs]
    assert values == pytest.approx([y for y, _ in points])
    assert by_x == pytest.approx([g for _, (g, _) in points])
    assert by_w == pytest.approx(sum(g for _, (_, g) in points))


def test_the_first_two_dimensions_are_all_that_an_array_has() -> None:
    with pytest.raises(DataValueError, match=r"shape \(3, 2\) in place of a number: .*expected \(B,\)"):
        compile(lambda x: x.sin() * x)(X)
    assert compile(of_one)(X).tolist() == compile(of_one)(X.ravel()).reshape(X.shape).tolist()
    table = compile(lambda m: m[0][0] * m[1][1] - m[0][1] * m[1][0])
    assert table([[1.0, 2.0], [3.0, 4.0]]) == -2.0
    assert table.gradient([[1.0, 2.0], [3.0, 4.0]]) == [[4.0, -3.0], [-2.0, 1.0]]
    named = compile(lambda p: p["a"] * p["b"][0])
    assert named.value_and_grad({"a": 2.0, "b": [3.0]}) == (6.0, {"a": 3.0, "b": [2.0]})


scale = 2.0
table = [1.0, 2.0]
array = np.array([1.0, 2.0])
weight = Value(2.0)


def helper(x: Any) -> Any:
    return scale * x


class Holder:
    """An object with a number that its methods read, and another object."""

    def __init__(self, part: Any = None) -> None:
        self.k = 2.0
        self.part = part

    def times(self, x: Any) -> Any:
        return self.k * x

    def indirectly(self, x: Any) -> Any:
        return self.times(x)

    def by_part(self, x: Any) -> Any:
        return self.part.k * x

    @property
    def same(self) -> float:
        return self.k

    def __call__(self, x: Any) -> Any:
        return self.k * x

    def __getitem__(self, i: int) -> float:
        return self.k


class Slotted:
    """An object without a dict."""

    __slots__ = ("k",)

    def __init__(self) -> None:
        self.k = 2.0


class Scaled(nn.Module):
    """A module with a setting."""

    def __init__(self) -> None:
        self.inner = nn.Sequential(nn.LeakyReLU(2.0))
        self.k = 2.0

    def forward(self, x: Any) -> Any:
        return -self.k * self.inner(-x)


class OfClass:
    """A class with a number."""

    k = 2.0


def with_a_list(x: Any, k: Any = table) -> Any:
    return k[1] * x


def with_a_number(x: Any, *, k: float = 2.0) -> Any:
    return k * x


settings = ModuleType("settings")
exec("k = 2.0\ndef times(x):\n    return k * x", vars(settings))
holder, slotted, scaled = Holder(), Slotted(), Scaled()
outer, listed, named = Holder(Holder(holder)), [holder], {"one": [helper]}
mapped = ac.vmap(lambda x: scale * x)
leaky = scaled.inner.steps[0]


MADE = """
import dataclasses, functools
k = 2.0
class Made:
    def __init__(self): self.k = k
    def times(self, x): return self.k * x
class Sub(Made):
    pass
class Called:
    def __call__(self, x): return k * x
class Product:
    def __init__(self, one): self.one = one
    def __mul__(self, x): return self.one * k * x
class New:
    def __new__(cls):
        new = object.__new__(cls)
        new.k = k
        return new
class Meta(type):
    def __call__(cls): return k
class ByMeta(metaclass=Meta):
    pass
class Descriptor:
    def __get__(self, thing, owner): return k
class Described:
    described = Descriptor()
@dataclasses.dataclass
class Later:
    k: float = 1.0
    def __post_init__(self): self.k = k
class Decorator:
    def __init__(self, f): functools.update_wrapper(self, f)
    def __call__(self, x): return self.__wrapped__(x)
@Decorator
def decorated(x): return k * x
def importing(x):
    import made_for_test_calls as here
    return here.k * x
def importing_a_number(x):
    from made_for_test_calls import k as number
    return number * x
"""
made = sys.modules["made_for_test_calls"] = ModuleType("made_for_test_calls")
exec(MADE, vars(made))


class Place:
    """A class whose parts are replaced."""

    of = act = ac.minimum

    def hidden(self, x: Any) -> Any:
        return 2.0 * x


class OwnList(list[Any]):
    """A list with a number and a method."""

    k = 2.0

    def times(self, x: Any) -> Any:
        return self.k * x


class OwnDict(dict[str, Any]):
    """A dict with an attribute."""

    k = 2.0


class OfOtherClass:
    """Another class with a number."""

    k = 5.0


def holder_of_method(x: Any) -> Any:
    return place.hidden(x)


def _only(numbers: set[float], x: float) -> None:
    numbers.clear()
    numbers.add(x)


act, pick, library, config, chosen, place = ac.minimum, min, np.min, OfClass, settings, Place()
other_settings = ModuleType("other_settings")
other_settings.k = 5.0  # type: ignore[attr-defined]
helper.k = __k = 2.0  # type: ignore[attr-defined]
slope, numbers, queue, machine = Value(1.0), {2.0}, deque([2.0]), array_of_machine("d", [2.0])
slope.grad = 2.0
table_by_name, user_dict, own_list = {"k": 2.0}, UserDict({"k": 2.0}), OwnList()
own_dict, OWN = OwnDict(), (OwnDict, OwnList)
get, view, ordered = table_by_name.get, MappingProxyType(table_by_name), OrderedDict(a=2.0, b=5.0)
with_nan, masked = np.array([np.nan, 2.0]), np.ma.array([np.nan, 2.0], mask=[True, False])
of_arrays = np.array([np.array([1.0, 2.0]), None], dtype=object)


CONTAINERS = (dict, UserDict, list, deque, array_of_machine, np.ndarray)


def _set(home: Any, name: str, x: Any) -> Callable[[], None]:
    return lambda: (
        home.__setitem__(name, x)
        if isinstance(home, CONTAINERS) and not isinstance(home, OWN)
        else setattr(home, name, x)
    )


CHANGES: dict[str, tuple[Callable[..., Any], Callable[[], None], Callable[[], None]]] = {
    "global": (lambda x: scale * x, _set(globals(), "scale", 5.0), _set(globals(), "scale", 2.0)),
    "of a helper": (lambda x: helper(x), _set(globals(), "scale", 5.0), _set(globals(), "scale", 2.0)),
    "in a list": (lambda x: table[1] * x, _set(table, 1, 5.0), _set(table, 1, 2.0)),
    "in an array": (lambda x: array[1] * x, lambda: array.put(1, 5.0), lambda: array.put(1, 2.0)),
    "leaf": (lambda x: weight * x, _set(weight, "data", 5.0), _set(weight, "data", 2.0)),
    "attribute": (lambda x: holder.k * x, _set(holder, "k", 5.0), _set(holder, "k", 2.0)),
    "of a method": (holder.times, _set(holder, "k", 5.0), _set(holder, "k", 2.0)),
}
READERS: dict[str, tuple[Callable[..., Any], Any, Any]] = {
    "attribute of an attribute": (lambda x: outer.part.part.k * x, holder, "k"),
    "slot": (lambda x: slotted.k * x, slotted, "k"),
    "method of an object": (lambda x: holder.times(x), holder, "k"),
    "method that calls another": (holder.indirectly, holder, "k"),
    "method that reads a part": (outer.by_part, outer.part, "k"),
    "property": (lambda x: holder.same * x, holder, "k"),
    "item of an object": (lambda x: holder[0] * x, holder, "k"),
    "object that is called": (lambda x: holder(x), holder, "k"),
    "object instead of a function": (holder, holder, "k"),
    "class": (lambda x: OfClass.k * x, OfClass, "k"),
    "object in a list": (lambda x: listed[0].k * x, holder, "k"),
    "function in a dict of lists": (lambda x: named["one"][0](x), globals(), "scale"),
    "partial": (partial(lambda k, x: k[1] * x, table), table, 1),
    "default": (with_a_list, table, 1),
    "keyword default": (with_a_number, with_a_number.__kwdefaults__, "k"),
    "module": (lambda x: settings.k * x, settings, "k"),
    "function of a module": (lambda x: settings.times(x), settings, "k"),
    "data of a leaf": (lambda x: weight.data * x, weight, "data"),
    "function that vmap was given": (lambda x: mapped([x])[0], globals(), "scale"),
    "setting of a module of nn": (lambda x: scaled(x) / 2.0, leaky, "negative_slope"),
    "setting of a user's module of nn": (lambda x: scaled(x) / 2.0, scaled, "k"),
    "object made inside": (lambda x: made.Made().times(x), made, "k"),
    "object made inside, called": (lambda x: made.Called()(x), made, "k"),
    "object made inside, in a product": (lambda x: made.Product(1.0) * x, made, "k"),
    "object made inside by __new__": (lambda x: made.New().k * x, made, "k"),
    "object made inside by a metaclass": (lambda x: made.ByMeta() * x, made, "k"),
    "object made inside, with a descriptor": (lambda x: made.Described().described * x, made, "k"),
    "dataclass": (lambda x: made.Later().k * x, made, "k"),
    "subclass": (lambda x: made.Sub().times(x), made, "k"),
    "function in a decorator object": (made.decorated, made, "k"),
    "module imported inside": (made.importing, made, "k"),
    "number imported inside": (made.importing_a_number, made, "k"),
    "attribute of a function": (lambda x: helper.k * x, helper, "k"),
    "private name": (lambda x: __k * x, globals(), "__k"),
    "gradient": (lambda x: slope.grad * x, slope, "grad"),
    "gradient of a leaf": (lambda x: slope * x - slope * x + slope.grad * x, slope, "grad"),
    "method of a dict": (lambda x: get("k") * x, table_by_name, "k"),
    "view of a dict": (lambda x: view["k"] * x, table_by_name, "k"),
    "UserDict": (lambda x: user_dict["k"] * x, user_dict, "k"),
    "list of a class of its own": (lambda x: own_list.times(x), own_list, "k"),
    "dict of a class of its own": (lambda x: own_dict.k * x, own_dict, "k"),
    "deque": (lambda x: queue[0] * x, queue, 0),
    "array of machine numbers": (lambda x: machine[0] * x, machine, 0),
    "array with a NaN": (lambda x: with_nan[1] * x, with_nan, 1),
    "array in an array of objects": (lambda x: of_arrays[0][1] * x, of_arrays[0], 1),
    "masked array": (lambda x: masked.sum() * x, masked, 1),
}
CHANGES |= {name: (f, _set(home, key, 5.0), _set(home, key, 2.0)) for name, (f, home, key) in READERS.items()}
# What is not a number: where it is, first, and what comes in its place.
PLACES: dict[str, tuple[Callable[..., Any], Any, str, Any, Any]] = {
    "operation": (lambda x: act(2.0 * x, 5.0 * x), globals(), "act", ac.minimum, ac.maximum),
    "operation of an object": (lambda x: place.act(2 * x, 5 * x), place, "act", ac.minimum, ac.maximum),
    "operation of a class": (lambda x: Place.of(2 * x, 5 * x), Place, "of", ac.minimum, ac.maximum),
    "built-in function": (lambda x: pick(2.0, 5.0) * x, globals(), "pick", min, max),
    "library's function": (lambda x: library([2.0, 5.0]) * x, globals(), "library", np.min, np.max),
    "class": (lambda x: config.k * x, globals(), "config", OfClass, OfOtherClass),
    "module": (lambda x: chosen.k * x, globals(), "chosen", settings, other_settings),
    "method": (lambda x: place.method(x), Place, "method", lambda s, x: 2.0 * x, lambda s, x: 5.0 * x),
    "operator": (lambda x: place @ x, Place, "__matmul__", lambda s, x: 2.0 * x, lambda s, x: 5.0 * x),
    "property": (lambda x: place.now * x, Place, "now", property(lambda s: 2.0), property(lambda s: 5.0)),
}
CHANGES |= {
    f"place of: {name}": (f, _set(home, key, then), _set(home, key, first))
    for name, (f, home, key, first, then) in PLACES.items()
}
CHANGES |= {
    "set": (lambda x: sum(numbers) * x, lambda: _only(numbers, 5.0), lambda: _only(numbers, 2.0)),
    "order of a dict": (
        lambda x: next(iter(ordered.values())) * x,
        lambda: ordered.move_to_end("a"), lambda: ordered.move_to_end("b"),
    ),
    "method hidden by an attribute": (
        holder_of_method, _set(place, "hidden", lambda x: 5.0 * x), lambda: vars(place).pop("hidden", None)
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CHANGES)
def test_a_number_from_outside_that_changes_is_seen(name: str) -> None:
    f, change, put_back = CHANGES[name]
    compiled, of_point = compile(f), compile(lambda x: f(x[0]) * x[1])
    try:
        for expected, act in [(2.0, put_back), (5.0, change), (2.0, put_back)]:
            act()
            for _ in range(2):
                assert compiled(1.0) == expected
                assert compiled.value_and_grad(2.0) == (2.0 * expected, expected)
                assert compiled(np.array([1.0, 2.0])).tolist() == [expected, 2.0 * expected]
                assert of_point.gradient(np.array([1.0, 3.0])).tolist() == [3.0 * expected, expected]
    finally:
        put_back()


def test_a_number_that_changes_is_seen_by_vmap() -> None:
    f = ac.vmap(lambda x: scale * x)
    try:
        for expected in (2.0, 5.0, 2.0):
            globals()["scale"] = expected
            assert f([1.0, 2.0]).tolist() == [expected, 2.0 * expected]
    finally:
        globals()["scale"] = 2.0


def test_an_object_that_is_replaced_is_seen() -> None:
    weight, thing = Value(2.0), Holder()
    f, g = compile(lambda x: weight * x), compile(lambda x: thing.k * x)
    assert (f(1.0), f(1.0), g(1.0), g(1.0)) == (2.0, 2.0, 2.0, 2.0)
    weight, thing = Value(5.0), Holder()
    thing.k = 5.0
    assert (f(1.0), f(1.0), g(1.0), g(1.0)) == (5.0, 5.0, 5.0, 5.0)


class Failing:
    """An object whose missing attributes fail."""

    __slots__ = ()

    def __getattr__(self, name: str) -> float:
        raise KeyError(name)


def test_objects_that_cannot_be_examined_are_left_alone() -> None:
    failing, endless, deep = Failing(), [2.0], [2.0]
    endless.append(endless)  # type: ignore[arg-type]
    for _ in range(2000):
        deep = [deep]  # type: ignore[list-item]
    f = compile(lambda x: (failing, deep, endless[0] * x)[2])
    assert (f(1.0), f(1.0)) == (2.0, 2.0)
    endless[0] = 5.0
    assert (f(1.0), f(1.0)) == (5.0, 5.0)


def test_what_does_not_change_is_not_traced_again() -> None:
    for f, *_ in CHANGES.values():
        compiled = compile(f)
        compiled(1.0)
        program = compiled.program
        compiled(2.0)
        assert compiled.program is program


def test_a_new_module_is_compiled_and_its_weights_are_read_anew() -> None:
    model = nn.MLP(2, [3, 1], rng=0)
    f = compile(lambda x, y: model([x, y]))
    for _ in range(2):
        assert f(1.0, -2.0) == pytest.approx(model([1.0, -2.0]).data, rel=1e-12)
        model.load_state_dict({name: 2.0 * array for name, array in model.state_dict().items()})


def test_the_sign_of_zero_is_seen() -> None:
    zero, zeros, leaf = 0.0, np.zeros(2), Value(0.0)
    functions = [lambda x: math.copysign(2.0, zero) * x, lambda x: math.copysign(2.0, zeros[1]) * x]
    for f in [*functions, lambda x: math.copysign(2.0, leaf.data) * x, lambda x: ac.atan2(leaf, x)]:
        zero, zeros[1], leaf.data = 0.0, 0.0, 0.0
        compiled = compile(f)
        for sign in (1.0, -1.0):
            zero, zeros[1], leaf.data = sign * 0.0, sign * 0.0, sign * 0.0
            for _ in range(2):
                assert math.copysign(1.0, compiled(1.0)) == sign


def test_a_nan_in_a_leaf_is_not_a_change() -> None:
    with ac.errstate(all="ignore"):
        leaf = Value(math.nan)
        f = compile(lambda x: leaf * x)
        f(1.0)
        program = f.program
        f(2.0)
    assert f.program is program


def test_a_function_that_reaches_more_than_is_examined_is_traced_on_every_call() -> None:
    holders = [[Holder() for _ in range(600)] for _ in range(2)]
    f = compile(lambda x: holders[0][-1].k * holders[1][-1].k * x)
    for k in (2.0, 5.0):
        holders[0][-1].k = holders[1][-1].k = k
        assert (f(1.0), f.value_and_grad(1.0)) == (k * k, (k * k, k * k))


def test_vmap_reads_the_leaves_of_its_own_call() -> None:
    w = Value(3.0)
    f = compile(lambda x: w * x)
    value, leaves = f.with_leaves(np.array([1.0, 2.0]))
    assert (value.tolist(), leaves) == ([3.0, 6.0], (w,))
    assert f.with_leaves(Value(2.0))[1] == ()


def test_a_closure_that_changes_is_seen() -> None:
    k = 2.0
    f = compile(lambda x: k * x)
    assert (f(1.0), f(1.0)) == (2.0, 2.0)
    k = 5.0
    assert (f(1.0), f(1.0)) == (5.0, 5.0)


def test_what_is_left_to_its_default_is_a_constant_of_any_kind() -> None:
    f = compile(lambda x, how="sin", power=2: getattr(ac, how)(x) ** power)
    assert (
        f.value_and_grad(0.5)
        == f.value_and_grad(0.5)
        == pytest.approx((np.sin(0.5) ** 2, np.sin(1.0)), rel=1e-12)
    )


@compile
def squared(x: Any) -> Any:
    """A function whose name refers to the compiled one."""
    return x * x


def test_a_decorated_function_is_pickled_and_copied_by_its_name() -> None:
    squared(2.0)
    assert pickle.loads(pickle.dumps(squared)) is squared
    assert copy.deepcopy(squared) is squared
    other = pickle.loads(pickle.dumps(compile(rosenbrock, exact=True)))
    assert other.exact
    assert other(POINT) == rosenbrock(POINT)
    local = compile(lambda x: x)
    with pytest.raises((pickle.PicklingError, AttributeError)):
        pickle.dumps(local)


def test_a_decorated_method_names_the_cure() -> None:
    class Model:
        k = 2.0

        @compile
        def f(self, x: Any) -> Any:
            return self.k * x

        def g(self, x: Any) -> Any:
            return self.k * x

        double = compile(lambda x: 2 * x)

    with pytest.raises(DataError, match=r"compile: f is a method: .*self\.f = compile\(self\.f\)"):
        Model().f(2.0)
    assert compile(Model().g)(2.0) == 4.0
    assert Model().double(2.0) == 4.0


def test_a_loop_whose_length_is_a_number_is_refused() -> None:
    for start in (0.0, np.float64(0.0), 0):

        @compile
        def f(x: Any, start: Any = start) -> Any:
            s = start
            while s < x:
                s = s + 1.0
            return s * x

        with pytest.raises(ac.TraceError, match="a branch on a traced number: .*loop a fixed number"):
            f(3.0)


BOUNDED: dict[str, tuple[Callable[..., Any], list[float]]] = {
    "a probability near 1": (lambda y: nn.bce_loss(y, 1.0), [0.999]),
    "a probability of 1": (lambda y: nn.bce_loss(y, 1.0), [1.0]),
    "a probability of 0": (lambda y: nn.bce_loss(y, 0.0), [0.0]),
    "a probability and its target": (nn.bce_loss, [1.0, 0.0]),
    "a logit and its target": (nn.bce_with_logits_loss, [-3.0, 1.0]),
    "a distribution": (lambda a, b, s, t: nn.cross_entropy([a, b], [s, t]), [1.0, -7.0, 0.0, 1.0]),
    "a label": (nn.hinge_loss, [0.5, -1.0]),
    "from 5 to 6": (lambda x: ranged(x, 5.0, 6.0), [6.0]),
    "from 5 to 6, below": (lambda x: ranged(x, 5.0, 6.0), [5.0]),
    "of unlike ranges": (lambda x, y, z: ranged(x, 5, 6) * ranged(y, -3, -2) * ranged(z, 0, 1), [5, -2, 1]),
    "in an assertion": (lambda x: asserted(x), [1.0]),
    "by the math module": (lambda x: x * (1.0 if math.sqrt(1.0 - x.data) >= 0.0 else 2.0), [1.0]),
    "0 or 1": (lambda x: ranged(x, 0.0, 1.0, whole=True), [1.0]),
}


def ranged(x: Any, low: float, high: float, whole: bool = False) -> Any:
    number = getattr(x, "data", x)
    if not low <= number <= high or (whole and number != int(number)):
        raise ValueError(f"{number} is not from {low} to {high}")
    return x * x


def asserted(x: Any) -> Any:
    assert -1.0 <= x.data <= 1.0
    return ac.asin(x)


@pytest.mark.parametrize("name", BOUNDED)
def test_a_function_of_numbers_in_a_range_is_compiled_at_its_ends(name: str) -> None:
    function, point = BOUNDED[name]
    inputs = [Value(float(x)) for x in point]
    y = function(*inputs)
    value, slopes = compile(function).value_and_grad(*map(float, point))
    assert value == pytest.approx(y.data, rel=1e-12)
    assert np.ravel(slopes) == pytest.approx(ac.gradients(y, inputs), rel=1e-12)


@pytest.mark.parametrize("name", [name for name, row in ac.TABLE.items() if row.arity is not None])
def test_rows_are_compiled_at_the_ends_of_their_domains(name: str) -> None:
    row = ac.TABLE[name]
    ends = [-1.0, 0.0, 1.0, math.nextafter(1.0, 0.0), math.inf, -math.inf]
    for point in product(ends, repeat=row.arity if row.arity is not None and row.arity < 3 else 1):
        numbers = [*point, *[1.0] * ((row.arity or 0) - len(point))]
        try:
            wanted = row(*map(Value, numbers)).data
        except AutogradError:
            continue
        assert compile(lambda *xs: row(*xs))(*numbers) == pytest.approx(wanted, rel=1e-12, nan_ok=True)


def test_what_takes_one_number_alone_is_refused_by_name() -> None:
    only = compile(lambda x, y: ranged(x, 2.0, 2.0) * y)
    with pytest.raises(TraceError, match=r"accepts only 2\.0 as its input 1 \(.* is not from 2\.0 to 2\.0\)"):
        only(2.0, 3.0)
    with pytest.raises(TraceError, match="its steps differ"):
        compile(lambda a, b, k: nn.nll_loss([a, b], k))(0.5, 0.5, 1.0)


def test_attributes_of_other_libraries_name_the_call_to_use() -> None:
    f = compile(of_one)
    for name, cure in (
        ("grad", r"compile\(grad\(f\)\)"),
        ("hessian", r"compile\(hessian\(f\)\)"),
        ("jit", "'jit'$"),
    ):
        assert not hasattr(f, name)
        with pytest.raises(AttributeError, match=f"no attribute '{name}'.*{cure}|no attribute {cure}"):
            getattr(f, name)


def test_calls_that_do_not_fit_are_refused_in_our_words() -> None:
    x, y = Value(1.0, "x"), Value(2.0, "y")
    small, several = compile(x * y, inputs=[x, y]), compile([x * y, x], inputs=[x, y])
    many = [Value(float(i), f"x{i}") for i in range(40)]
    calls: list[Callable[..., Any]] = [small, small.gradient, several, compile(lambda x, y: x * y)]
    calls += [compile(lambda x, y: x * y).gradient]
    used = compile(lambda x, y: x * y)
    assert used(1.0, 2.0) == used.value_and_grad(1.0, 2.0)[0] == 2.0
    for call in [*calls, used, used.gradient]:
        for args, named in [
            ((2.0,), {"x": 3.0}),
            ((2.0, 1.0), {"x": 3.0}),
            ((2.0,), {"z": 1.0}),
            ((1, 2, 3), {}),
        ]:
            with pytest.raises(DataError, match="x, y"):
                call(*args, **named)
    with pytest.raises(DataError, match="given twice"):
        compile(ac.sum(many), inputs=many)(np.zeros(40), x0=1.0)
