"""Metrics: scikit-learn's order, names and results; labels, scores and one-hot rows; invalid classes."""

import inspect
import math

import numpy as np
import pytest

import nn

METRICS = {
    "accuracy": "accuracy_score", "mean_squared_error": "mean_squared_error", "r2_score": "r2_score",
    "mean_absolute_error": "mean_absolute_error", "confusion_matrix": "confusion_matrix",
}  # fmt: skip


@pytest.mark.parametrize("name", METRICS)
def test_order_and_names_are_those_of_scikit_learn(name):
    sklearn = pytest.importorskip("sklearn.metrics")
    theirs = list(inspect.signature(getattr(sklearn, METRICS[name])).parameters)[:2]
    assert list(inspect.signature(getattr(nn, name)).parameters)[:2] == theirs == ["y_true", "y_pred"]


@pytest.mark.parametrize("outputs", [(), (1,), (3,)])
@pytest.mark.parametrize("name", ["mean_squared_error", "mean_absolute_error", "r2_score"])
def test_numbers_agree_with_scikit_learn(name, outputs):
    sklearn = pytest.importorskip("sklearn.metrics")
    y_true, y_pred = np.random.default_rng(0).normal(size=(2, 20, *outputs))
    expected, metric = getattr(sklearn, name)(y_true, y_pred), getattr(nn, name)
    assert metric(y_true, y_pred) == pytest.approx(expected, rel=1e-13)
    assert metric(y_pred=y_pred.tolist(), y_true=y_true.tolist()) == pytest.approx(expected, rel=1e-13)


FORMS = {
    "labels": lambda labels, n: labels,
    "a column": lambda labels, n: labels.reshape(-1, 1),
    "floats": lambda labels, n: labels.astype(float),
    "lists": lambda labels, n: labels.tolist(),
    "one-hot": lambda labels, n: np.eye(n)[labels],
    "probabilities": lambda labels, n: 0.7 * np.eye(n)[labels] + 0.3 / n,
}


@pytest.mark.parametrize("n", [2, 3, 5])
@pytest.mark.parametrize("pred", FORMS)
@pytest.mark.parametrize("true", FORMS)
def test_classes_agree_with_scikit_learn_in_every_form(true, pred, n):
    sklearn = pytest.importorskip("sklearn.metrics")
    rng = np.random.default_rng(n)
    for _ in range(5):
        y_true, y_pred = rng.integers(n, size=(2, 12))
        given = FORMS[true](y_true, n), FORMS[pred](y_pred, n)
        assert nn.accuracy(*given) == sklearn.accuracy_score(y_true, y_pred)
        expected = sklearn.confusion_matrix(y_true, y_pred, labels=range(n))
        assert np.array_equal(nn.confusion_matrix(*given, n), expected)


def test_labels_are_compared_as_labels():
    for labels in ([0, 2, 1, 2], [0, 1, 1, 0], [1, 1], [-1, 1, 1], [0, 0], [5, 7, 7], [-1, 0, 1]):
        assert nn.accuracy(labels, labels) == 1.0
    assert nn.accuracy([0, 2, 1], [10, 12, 11]) == 0.0
    assert nn.accuracy([0, 1, 1], [0, 2, 1]) == 2 / 3


def test_one_score_for_two_classes_is_compared_with_the_threshold():
    assert nn.accuracy([0, 1], [0.2, 0.8]) == 1.0
    assert nn.accuracy([0, 1], [[0.2], [0.8]]) == 1.0
    assert nn.accuracy([0, 1], [1.0, 3.0], threshold=2.0) == 1.0
    assert nn.accuracy([0, 1], [-4.0, 3.0], threshold=0.0) == 1.0
    assert nn.accuracy([-1, 1], [-0.2, 0.1]) == 1.0
    assert nn.accuracy([[0, 1], [0, 1]], [[0.0, 1.0], [0.3, 0.2]]) == 0.5


REFUSED = {
    "nan in a score": ([0, 1], [math.nan, 1.0]),
    "nan in a row": ([0, 1], [[math.nan, 1.0], [0.0, 1.0]]),
    "nan in a label": ([math.nan, 1.0], [0, 1]),
    "nan in a one-hot row": ([[math.nan, 1.0], [0.0, 1.0]], [0, 1]),
    "several labels": ([[1, 1, 0], [0, 1, 1]], [[0.9, 0.1, 0.1], [0.2, 0.9, 0.1]]),
    "several labels predicted": ([0, 1], [[1, 1, 0], [0, 1, 0]]),
    "no label in a row": ([[0, 0], [0, 1]], [[0.9, 0.1], [0.2, 0.9]]),
    "scores in the place of labels": ([0.2, 0.8], [0, 1]),
    "rows of scores in the place of labels": ([[3.0, -1.0], [2.0, 0.5]], [0, 1]),
    "a class beyond the columns": ([0, 2], [[0.1, 0.9], [0.8, 0.2]]),
    "a negative class": ([-1, 1], [[0.1, 0.9], [0.8, 0.2]]),
    "one score for three classes": ([0, 1, 2], [0.1, 0.2, 0.3]),
    "lengths": ([0, 1, 1], [0, 1]),
    "nothing": ([], []),
}


@pytest.mark.parametrize("name", REFUSED)
@pytest.mark.parametrize("metric", [nn.accuracy, nn.confusion_matrix])
def test_what_is_not_a_class_is_refused(metric, name):
    with pytest.raises(ValueError, match=f"^{metric.__name__}: "):
        metric(*REFUSED[name])


def test_what_is_not_numbers_is_refused_by_name():
    for metric in (nn.accuracy, nn.r2_score):
        for y in (["a", "b"], [[1], [2, 3]], 3.0, [object(), 1]):
            with pytest.raises((TypeError, ValueError), match=f"^{metric.__name__}: "):
                metric(y, [0, 1])
    with pytest.raises(ValueError, match="shapes differ"):
        nn.mean_squared_error(np.zeros((2, 3)), np.zeros((2, 2)))


def test_nan_is_never_right():
    for name in ("mean_squared_error", "mean_absolute_error", "r2_score"):
        assert math.isnan(getattr(nn, name)([1.0, 2.0], [math.nan, 2.0]))
    assert math.isnan(nn.r2_score([3.0, 3.0], [1.0, 2.0]))
    (accuracy,) = nn.train.metrics.as_metrics("accuracy", nn.MSELoss(), "fit").values()
    assert math.isnan(accuracy(np.array([0.0, 1.0]), np.array([math.nan, 1.0])))
    assert nn.accuracy([0, 1], [math.inf, -math.inf], threshold=0.0) == 0.0


def test_the_accuracy_leaves_out_what_the_loss_ignores():
    model = nn.Linear(1, 2, bias=False)
    model.weight.assign([[1.0], [-1.0]])
    x, y = [[1.0], [2.0], [-1.0], [3.0]], [0, -100, 0, -100]
    assert model.evaluate(x, y, loss="cross_entropy", metrics=["accuracy"])[1] == 0.5
    fives = nn.CrossEntropyLoss(ignore_index=5)
    assert model.evaluate(x, [[5], [0], [1], [1]], loss=fives, metrics=[nn.accuracy])[1] == 2 / 3
    options = {"metrics": ["accuracy"], "epochs": 2, "optimizer": nn.SGD(model, lr=1e-9)}
    history = model.fit(x[:2], y[:2], loss="cross_entropy", validation_data=(x, y), **options)
    assert history["accuracy"] == [1.0, 1.0]
    assert history["val_accuracy"] == [0.5, 0.5]
    (accuracy,) = nn.train.metrics.as_metrics("accuracy", fives, "fit").values()
    assert math.isnan(accuracy(np.array([5.0]), np.array([[1.0, 2.0]])))


def test_a_metric_of_ones_own_takes_the_same_order():
    model, seen = nn.Linear(1, 1, bias=False), []
    model.weight.assign([[2.0]])

    def metric(y_true, y_pred):
        seen.append((y_true, y_pred))
        return 0.0

    model.evaluate([[1.0], [3.0]], [5.0, 7.0], metrics=[metric])
    assert [seen[0][0].ravel().tolist(), seen[0][1].ravel().tolist()] == [[5.0, 7.0], [2.0, 6.0]]
