"""Losses with weights, of distributions and of pairs of vectors: values and gradients equal PyTorch's."""

from __future__ import annotations

import math

import numpy as np
import pytest

import nn
from autograd_core import DataError, DataValueError, Value

torch = pytest.importorskip("torch", reason="needs the extra torch")
F = torch.nn.functional
rng = np.random.default_rng(0)
SCORES = rng.normal(size=(7, 3))
OTHERS, THIRD = rng.normal(size=(7, 3)), rng.normal(size=(7, 3))
CLASSES = np.array([0, 2, 1, 1, -100, 2, 0])
SHARES = rng.dirichlet(np.ones(3), size=7)
SHARES[0] = [0.0, 1.0, 0.0]
LOGARITHMS = np.log(rng.dirichlet(np.ones(3), size=7))
LABELS = np.array([1.0, -1.0, 1.0, 1.0, -1.0, -1.0, 1.0])
HITS = (OTHERS > 0.0) * 1.0
COUNTS = rng.poisson(2.0, size=(7, 3)) * 1.0
CLASS_WEIGHTS = [0.5, 2.0, 1.3]

# Name: the arguments that get gradients, the others, and options in our names and PyTorch's.
CASES = {
    "smooth_l1_loss": [([SCORES], [OTHERS], {"beta": beta}) for beta in (1.0, 0.3, 0.0)],
    "kl_div": [
        ([LOGARITHMS], [SHARES], {}),
        ([LOGARITHMS], [LOGARITHMS[::-1].copy()], {"log_target": True}),
        ([LOGARITHMS], [SHARES], {"reduction": "batchmean"}),
    ],
    "poisson_nll_loss": [
        ([SCORES], [COUNTS], {}),
        ([SCORES], [COUNTS], {"full": True}),
        ([np.abs(SCORES)], [COUNTS], {"log_input": False, "eps": 1e-3}),
    ],
    "gaussian_nll_loss": [
        ([SCORES], [OTHERS], {"var": np.abs(THIRD)}),
        ([SCORES], [OTHERS], {"var": np.abs(THIRD), "full": True, "eps": 0.5}),
    ],
    "margin_ranking_loss": [
        ([SCORES[:, 0], OTHERS[:, 0]], [LABELS], {"margin": m}) for m in (0.0, 0.7, -0.3)
    ],
    "cosine_embedding_loss": [([SCORES, OTHERS], [LABELS], {"margin": m}) for m in (0.0, 0.4)],
    "triplet_margin_loss": [
        ([SCORES, OTHERS, THIRD], [], options)
        for options in ({}, {"p": 1.0, "margin": 3.0}, {"swap": True, "margin": 2.0}, {"p": 3.0, "eps": 1e-3})
    ],
    "nll_loss": [
        ([LOGARITHMS], [CLASSES], {}),
        ([LOGARITHMS], [CLASSES], {"weight": CLASS_WEIGHTS}),
        ([LOGARITHMS], [CLASSES % 3], {"weight": CLASS_WEIGHTS, "ignore_index": 1}),
    ],
    "cross_entropy": [
        ([SCORES], [CLASSES], {}),
        ([SCORES], [CLASSES], {"weight": CLASS_WEIGHTS}),
        ([SCORES], [CLASSES], {"weight": CLASS_WEIGHTS, "label_smoothing": 0.2}),
        ([SCORES], [CLASSES % 3], {"weight": [0.0, 0.0, 1.0], "ignore_index": 1}),
        ([SCORES], [SHARES], {"weight": CLASS_WEIGHTS, "label_smoothing": 0.1}),
    ],
    "bce_loss": [([np.exp(LOGARITHMS)], [HITS], {"weight": CLASS_WEIGHTS})],
    "bce_with_logits_loss": [
        ([SCORES], [HITS], {"weight": CLASS_WEIGHTS}),
        ([SCORES], [HITS], {"pos_weight": CLASS_WEIGHTS}),
        ([SCORES], [HITS], {"pos_weight": 3.0, "weight": HITS + 0.5}),
    ],
}
THERE = {"bce_loss": "binary_cross_entropy", "bce_with_logits_loss": "binary_cross_entropy_with_logits"}


def there(name, predictions, others, options):
    """Return PyTorch's value and gradients."""
    tensors = [torch.tensor(x, requires_grad=True) for x in predictions]
    given = {
        name: torch.tensor(x, dtype=torch.float64) if name in ("weight", "pos_weight", "var") else x
        for name, x in options.items()
    }
    loss = getattr(F, THERE.get(name, name))(*tensors, *map(torch.tensor, others), **given)
    loss.sum().backward()
    return loss.detach().numpy().ravel(), [x.grad.numpy() for x in tensors]


def here(name, predictions, others, options):
    """Return the value and the gradients of nn's loss."""
    nodes = [[Value(x) for x in array.ravel().tolist()] for array in predictions]
    shaped = [np.array(v, object).reshape(a.shape).tolist() for v, a in zip(nodes, predictions, strict=True)]
    loss = getattr(nn, name)(*shaped, *[x.tolist() for x in others], **options)
    terms = loss if isinstance(loss, list) else [loss]
    for term in terms:
        term.backward()
    gradients = [np.reshape([v.grad for v in vs], a.shape) for vs, a in zip(nodes, predictions, strict=True)]
    return np.array([term.data for term in terms]), gradients


@pytest.mark.filterwarnings("ignore:reduction. 'mean' divides:UserWarning")
@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("name", CASES)
def test_values_and_gradients_are_pytorchs(name, reduction):
    for predictions, others, options in CASES[name]:
        options = {"reduction": reduction, **options}
        wanted, slopes = there(name, predictions, others, options)
        value, gradients = here(name, predictions, others, options)
        assert value == pytest.approx(wanted, rel=1e-12, abs=1e-14), options
        for mine, theirs in zip(gradients, slopes, strict=True):
            assert mine == pytest.approx(theirs, rel=1e-10, abs=1e-13), options


def test_a_mean_over_examples_that_do_not_count_is_refused():
    with pytest.raises(DataValueError, match="cross_entropy: all examples are ignored"):
        nn.cross_entropy(SCORES.tolist(), [-100] * 7)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: nn.gaussian_nll_loss(1.0, 2.0, -1.0), "negative variance -1.0"),
        (lambda: nn.gaussian_nll_loss([1.0, 2.0, 3.0], [2.0, 1.0, 0.0], [1.0, 1.0]), "2 variances"),
        (lambda: nn.margin_ranking_loss(1.0, 2.0, 0.0), "unknown label 0.0"),
        (lambda: nn.triplet_margin_loss([1.0], [1.0], [1.0, 2.0]), r"lengths \[1, 2\]"),
        (lambda: nn.cosine_embedding_loss(1.0, [1.0], 1.0), "not vectors"),
        (lambda: nn.cross_entropy([1.0, 2.0], 0, weight=[1.0]), "1 weights and 2 classes"),
        (lambda: nn.bce_loss([0.5, 0.5, 0.5], [1.0, 0.0, 1.0], weight=[1.0, 2.0]), "2 numbers in weight"),
        (lambda: nn.kl_div(1.0, 1.0, "average"), "reduction"),
    ],
)
def test_what_does_not_fit_is_named(call, said):
    with pytest.raises((DataError, DataValueError), match=said):
        call()


def test_a_probability_of_0_counts_nothing_even_if_its_logarithm_is_infinite():
    assert nn.kl_div([-math.inf, 0.0], [0.0, 1.0]).data == 0.0


def test_numbers_near_the_end_of_the_range_are_taken():
    scores = [Value(1.5e308), Value(1.7e308)]
    assert nn.cross_entropy(scores, 1).data == 0.0
    assert nn.cross_entropy(scores, 0).data == pytest.approx(2e307)
    model = nn.Linear(1, 1, bias=False)
    model.parameters()[0].data = 1.0
    rows = np.array([[1.2e154], [1.3e154]])
    assert nn.evaluate(model, rows, np.zeros(2), loss=nn.MSELoss()) == np.inf
