"""The estimators in scikit-learn: its checks, pipelines, searches, labels of any type."""

import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_diabetes, load_iris
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import check_estimator

from autograd_core import AutogradError
from nn.sklearn import MLPClassifier, MLPRegressor

QUICK = {"hidden_layer_sizes": (16,), "max_iter": 100, "learning_rate_init": 0.02, "random_state": 0}


@pytest.mark.slow
@pytest.mark.parametrize("kind", [MLPClassifier, MLPRegressor])
@pytest.mark.filterwarnings("ignore")
def test_scikit_learns_own_checks_pass(kind):
    results = check_estimator(kind(**QUICK | {"random_state": None}), on_fail=None, on_skip=None)
    assert [r["check_name"] for r in results if r["status"] not in ("passed", "skipped")] == []
    assert sum(r["status"] == "passed" for r in results) > 45


@pytest.mark.slow
def test_labels_are_text_and_probabilities_are_in_their_order():
    x, y = load_iris(return_X_y=True)
    names = np.array(["setosa", "versicolor", "virginica"])[y]
    model = make_pipeline(StandardScaler(), MLPClassifier(**QUICK)).fit(x, names)
    assert model.score(x, names) > 0.95
    found = model.predict_proba(x)
    assert list(model[-1].classes_) == sorted(set(names))
    assert found.sum(axis=1) == pytest.approx(np.ones(150), abs=1e-12)
    assert (model.predict(x) == model[-1].classes_[found.argmax(axis=1)]).all()
    assert np.exp(model.predict_log_proba(x)) == pytest.approx(found)


@pytest.mark.slow
def test_two_classes_search_and_cross_validation():
    x, y = load_iris(return_X_y=True)
    x, y = x[:100, :2], y[:100] == 1
    scores = cross_val_score(MLPClassifier(**QUICK), x, y, cv=3)
    assert scores.mean() > 0.9
    choices = {"mlpclassifier__hidden_layer_sizes": [(4,), (8, 4)], "mlpclassifier__alpha": [0.0, 1e-3]}
    search = GridSearchCV(make_pipeline(StandardScaler(), MLPClassifier(**QUICK)), choices, cv=2)
    assert search.fit(x, y).best_score_ > 0.9
    assert set(search.best_params_) == set(choices)


@pytest.mark.slow
def test_one_target_or_several():
    x, y = load_diabetes(return_X_y=True)
    x, y = StandardScaler().fit_transform(x), (y - y.mean()) / y.std()
    model = MLPRegressor(**QUICK).fit(x, y)
    assert model.score(x, y) > 0.5
    assert model.predict(x).shape == (len(x),)
    both = MLPRegressor(**QUICK).fit(x, np.stack([y, -y], axis=1))
    assert both.predict(x).shape == (len(x), 2)
    assert both.score(x, np.stack([y, -y], axis=1)) > 0.5


@pytest.mark.slow
def test_the_same_seed_gives_the_same_model_and_a_copy_predicts_alike():
    x, y = load_iris(return_X_y=True)
    model = MLPClassifier(**QUICK).fit(x, y)
    again = clone(model).fit(x, y)
    assert np.array_equal(model.predict_proba(x), again.predict_proba(x))
    assert np.array_equal(pickle.loads(pickle.dumps(model)).predict_proba(x), model.predict_proba(x))
    assert model.n_features_in_ == 4
    assert model.n_iter_ == len(model.loss_curve_)
    assert model.loss_ == model.loss_curve_[-1]


def test_a_warm_start_goes_on():
    x, y = load_iris(return_X_y=True)
    model = MLPClassifier(**QUICK | {"max_iter": 5, "warm_start": True}).fit(x, y)
    first = model.loss_
    model.fit(x, y)
    assert len(model.loss_curve_) == 10
    assert model.loss_ < first
    with pytest.raises(ValueError, match="new labels"):
        model.fit(x, y + 1)


@pytest.mark.parametrize("solver", ["sgd", "rmsprop", "radam"])
@pytest.mark.parametrize("activation", ["logistic", "identity", "tanh", "gelu"])
def test_solvers_and_activations_by_both_libraries_names(solver, activation):
    x, y = load_iris(return_X_y=True)
    model = MLPClassifier(**QUICK | {"solver": solver, "activation": activation, "max_iter": 30}).fit(x, y)
    assert model.loss_ < model.loss_curve_[0]


def test_bad_parameters_are_named_when_it_is_fitted():
    x, y = load_iris(return_X_y=True)
    for wrong in ({"solver": "lbfgsx"}, {"alpha": -1.0}, {"hidden_layer_sizes": (0,)}, {"max_iter": 0}):
        with pytest.raises(AutogradError, match=next(iter(wrong))):
            MLPClassifier(**wrong).fit(x, y)
