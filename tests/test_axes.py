"""Reductions and softmaxes along axes beside NumPy and SciPy, on numbers and `Value`s, eager and compiled."""

import random

import numpy as np
import pytest
import scipy.special

import autograd_core as ac

REFERENCES = {
    "sum": np.sum, "mean": np.mean, "prod": np.prod, "max": np.max, "min": np.min,
    "norm": lambda x, **options: np.sqrt(np.sum(x * x, **options)),
    "logsumexp": scipy.special.logsumexp, "softmax": scipy.special.softmax,
    "log_softmax": scipy.special.log_softmax,
}  # fmt: skip


def flat(x):
    return [y for part in x for y in flat(part)] if isinstance(x, (list, np.ndarray)) else [x]


def values_of(x):
    return np.array([ac.Value(v) for v in x.ravel()], dtype=object).reshape(x.shape)


def random_call(name, seed):
    """Return a random array, and the options of a call."""
    rng = random.Random(f"{name} {seed}")
    shape = tuple(rng.randint(1, 4) for _ in range(rng.randint(1, 4)))
    n = len(shape)
    some = tuple(rng.sample(range(n), rng.randint(1, n)))
    options = {"axis": rng.choice([None, rng.randrange(-n, n), some])}
    if "softmax" not in name:
        options["keepdims"] = rng.random() < 0.5
    return np.random.default_rng(seed).normal(size=shape), options


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("name", REFERENCES)
def test_values_and_gradients_are_those_of_the_reference(name, seed):
    x, options = random_call(name, seed)
    function, reference = getattr(ac, name), REFERENCES[name]
    wanted = reference(x, **options)
    for made in (function(x, **options), function(x.tolist(), **options)):
        assert np.shape(made) == wanted.shape
        assert np.allclose(made, wanted, rtol=1e-13, atol=1e-15)
    c = np.random.default_rng(seed + 1).normal(size=wanted.size)
    steps = 1e-6 * np.eye(x.size).reshape(x.size, *x.shape)
    slopes = [
        (np.ravel(reference(x + h, **options)) - np.ravel(reference(x - h, **options))) @ c / 2e-6
        for h in steps
    ]

    def weighted(values):
        return ac.dot(flat(function(values, **options)), c.tolist())

    values = values_of(x)
    result = np.array(function(values, **options), dtype=object)
    assert result.shape == wanted.shape
    assert np.allclose([v.data for v in result.flat], wanted.ravel(), rtol=1e-13, atol=1e-15)
    weighted(values).backward()
    assert np.allclose([v.grad for v in values.flat], slopes, rtol=1e-6, atol=1e-7)
    value, gradient = ac.compile(weighted).value_and_grad(x.tolist())
    assert value == pytest.approx(np.ravel(wanted) @ c, rel=1e-12, abs=1e-14)
    assert np.allclose(flat(gradient), [v.grad for v in values.flat], rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("name", ["sum", "mean", "prod", "max", "min", "linalg.norm"])
@pytest.mark.parametrize("options", [{"axis": 0}, {"axis": 1, "keepdims": True}], ids=str)
def test_numpys_own_functions_give_the_same(name, options):
    x = np.random.default_rng(0).normal(size=(3, 4))
    numpys = np.linalg.norm if name == "linalg.norm" else getattr(np, name)
    results, gradients = [], []
    for function in (numpys, getattr(ac, name.rpartition(".")[2])):
        values = values_of(x)
        results.append(function(values, **options))
        ac.sum([v * v for v in results[-1].flat]).backward()
        gradients.append([v.grad for v in values.flat])
    assert results[0].shape == results[1].shape
    assert [v.data for v in results[0].flat] == pytest.approx([v.data for v in results[1].flat], rel=1e-14)
    assert gradients[0] == pytest.approx(gradients[1], rel=1e-13)


def test_ties_share_the_gradient_along_each_axis():
    values = values_of(np.array([[1.0, 1.0], [0.0, 2.0]]))
    ac.sum(ac.max(values, axis=1)).backward()
    assert [v.grad for v in values.flat] == [0.5, 0.5, 0.0, 1.0]


@pytest.mark.parametrize("kind", [float, object])
def test_empty_arrays_have_the_shapes_of_numpys(kind):
    x = np.zeros((2, 0, 3), kind)
    assert ac.sum(x, axis=0).shape == (0, 3)
    assert ac.logsumexp(x, axis=2, keepdims=True).shape == (2, 0, 1)
    assert ac.softmax(x, axis=0).shape == x.shape
    with pytest.raises(ValueError, match="sum: got 0 numbers"):
        ac.sum(x, axis=1)


TABLE = np.ones((2, 2))


@pytest.mark.parametrize(("call", "told"), [
    (lambda: ac.sum(TABLE, axis=2), "sum: axis = 2 of an array of 2 axes; expected from -2 to 1"),
    (lambda: ac.sum(TABLE, axis="0"), "sum: axis = '0' of an array of 2 axes; expected a whole number"),
    (lambda: ac.sum(TABLE, axis=(0, -2)), r"sum: axis = \(0, -2\) of .*; expected each axis once"),
    (lambda: ac.sum(TABLE, axis=0, keepdims=1), "sum: neither True nor False: keepdims = 1"),
    (lambda: ac.softmax(TABLE, keepdims=True), "softmax: unexpected argument 'keepdims'; expected axis"),
    (lambda: ac.sum(TABLE, axis=0, where=True), "sum: unexpected argument 'where'"),
    (lambda: ac.sum([[1.0, 2.0], [3.0]], axis=1), "sum: axis = 1 of an array of 1 axis"),
    (lambda: ac.sum(np.array(["a"]), axis=0), "sum: not real numbers"),
    (lambda: ac.dot(TABLE, axis=0), "dot: got 1 argument"),
])  # fmt: skip
def test_what_is_wrong_is_named(call, told):
    with pytest.raises((TypeError, ValueError), match=told):
        call()
