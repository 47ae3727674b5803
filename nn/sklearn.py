"""Multilayer perceptrons as scikit-learn estimators: for pipelines, grid searches and cross-validation.

They have the parameters, attributes and defaults of scikit-learn's classes with the same names, and train
with `nn.fit`. They need the extra `sklearn`.

>>> from nn.sklearn import MLPClassifier
>>> model = MLPClassifier(hidden_layer_sizes=(8,), max_iter=200, learning_rate_init=0.03, random_state=0)
>>> model.fit([[0, 0], [0, 1], [1, 0], [1, 1]], ["no", "yes", "yes", "no"]).predict([[0, 1], [1, 1]]).tolist()
['yes', 'no']
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

from autograd_core.base import extra, np

from .checks import known, rate, size
from .losses.criteria import CrossEntropyLoss, MSELoss
from .losses.regularizers import L2
from .modules.layers import MLP
from .optim.adaptive import OPTIMIZERS
from .optim.gradient_descent import SGD
from .train.callbacks import EarlyStopping
from .train.evaluation import predict
from .train.fit import fit

base = extra("sklearn", "sklearn.base", "nn.sklearn")
validation = extra("sklearn", "sklearn.utils.validation", "nn.sklearn")
multiclass = extra("sklearn", "sklearn.utils.multiclass", "nn.sklearn")
check_random_state = extra("sklearn", "sklearn.utils", "nn.sklearn").check_random_state

__all__ = ["MLPClassifier", "MLPRegressor"]


class _MLP(base.BaseEstimator):  # type: ignore[misc, name-defined]
    """The common part of both estimators."""

    def __init__(
        self,
        hidden_layer_sizes: Sequence[int] = (100,),
        activation: str = "relu",
        *,
        solver: str = "adam",
        alpha: float = 0.0001,
        batch_size: int | str = "auto",
        learning_rate_init: float = 0.001,
        max_iter: int = 200,
        shuffle: bool = True,
        random_state: Any = None,
        tol: float = 1e-4,
        verbose: bool = False,
        warm_start: bool = False,
        momentum: float = 0.9,
        nesterovs_momentum: bool = True,
        n_iter_no_change: int = 10,
    ) -> None:
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.solver = solver
        self.alpha = alpha
        self.batch_size = batch_size
        self.learning_rate_init = learning_rate_init
        self.max_iter = max_iter
        self.shuffle = shuffle
        self.random_state = random_state
        self.tol = tol
        self.verbose = verbose
        self.warm_start = warm_start
        self.momentum = momentum
        self.nesterovs_momentum = nesterovs_momentum
        self.n_iter_no_change = n_iter_no_change

    def _train(self, x: Any, y: Any, outputs: int, loss: Any, sample_weight: Any) -> Self:
        """Train a new network, or with `warm_start` the existing one."""
        who = type(self).__name__
        if sample_weight is not None:
            sample_weight = validation._check_sample_weight(sample_weight, x, ensure_non_negative=True)
        total = float(len(x) if sample_weight is None else sample_weight.sum())
        random = check_random_state(self.random_state)
        seed = int(random.randint(2**31 - 1))
        hidden = np.atleast_1d(np.asarray(self.hidden_layer_sizes, dtype=object)).tolist()
        sizes = [*[size(n, who, "hidden_layer_sizes") for n in hidden], outputs]
        if not (self.warm_start and hasattr(self, "model_")):
            self.model_ = MLP(x.shape[1], sizes, activation=self.activation, init="xavier_uniform", rng=seed)
            self.loss_curve_: list[float] = []
        stop = EarlyStopping("loss", self.tol, size(self.n_iter_no_change, who, "n_iter_no_change"))
        alpha = rate(self.alpha, who, "alpha")
        history = fit(
            self.model_,
            x,
            y,
            loss=loss,
            sample_weight=sample_weight,
            optimizer=self._optimizer(who),
            epochs=size(self.max_iter, who, "max_iter"),
            batch_size=min(200, len(x)) if self.batch_size == "auto" else self.batch_size,
            shuffle=self.shuffle,
            seed=seed,
            regularizer=L2(alpha / (2.0 * total)) if alpha and total else None,
            callbacks=[stop],
            verbose=int(self.verbose),
        )
        self.loss_curve_ += history.history["loss"]
        self.loss_ = self.loss_curve_[-1]
        self.n_iter_ = len(history.history["loss"])
        return self

    def _optimizer(self, who: str) -> Any:
        kind = OPTIMIZERS[known(self.solver, OPTIMIZERS, who, "solver")]
        lr = rate(self.learning_rate_init, who, "learning_rate_init")
        if kind is SGD:
            nesterov = bool(self.nesterovs_momentum and self.momentum)
            return SGD(self.model_, lr=lr, momentum=self.momentum, nesterov=nesterov)
        return kind(self.model_, lr=lr)  # type: ignore[call-arg]

    def _outputs(self, x: Any) -> Any:
        validation.check_is_fitted(self, "model_")
        x = validation.validate_data(self, x, dtype=np.float64, reset=False)
        return np.asarray(predict(self.model_, x)).reshape(len(x), -1)


class MLPClassifier(base.ClassifierMixin, _MLP):  # type: ignore[misc, name-defined]
    """A classifier: a multilayer perceptron that computes logits, trained with cross-entropy.

    Labels can have any type that scikit-learn takes. After `fit` it has `classes_`, `model_` (the `nn.MLP`),
    `loss_curve_`, `loss_`, `n_iter_` and `n_features_in_`.
    """

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Train on the rows of X (n, m) with one label each; stop when the loss no longer falls by `tol`."""
        X, y = validation.validate_data(self, X, y, dtype=np.float64)
        multiclass.check_classification_targets(y)
        classes, codes = np.unique(y, return_inverse=True)
        if self.warm_start and hasattr(self, "model_") and list(self.classes_) != list(classes):
            raise ValueError(f"MLPClassifier: new labels: got {classes}; expected {self.classes_}.")
        self.classes_: Any = classes
        return self._train(
            X, codes.astype(np.float64), max(len(classes), 2), CrossEntropyLoss(), sample_weight
        )

    def predict_proba(self, X: Any) -> Any:
        """Return the probability of each class, (n, classes), in the order of `classes_`."""
        logits = self._outputs(X)
        powers = np.exp(logits - logits.max(axis=1, keepdims=True))[:, : len(self.classes_)]
        return powers / powers.sum(axis=1, keepdims=True)

    def predict_log_proba(self, X: Any) -> Any:
        """Return the logarithm of `predict_proba`."""
        return np.log(self.predict_proba(X))

    def predict(self, X: Any) -> Any:
        """Return the most probable label for each row."""
        best = self.predict_proba(X).argmax(axis=1)
        return self.classes_[best]


class MLPRegressor(base.RegressorMixin, _MLP):  # type: ignore[misc, name-defined]
    """A regressor: a multilayer perceptron trained with mean squared error, for one or more targets."""

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Train on the rows of X (n, m) with targets (n,) or (n, k); stop when the loss no longer falls."""
        X, y = validation.validate_data(self, X, y, dtype=np.float64, multi_output=True, y_numeric=True)
        self._targets = y.shape[1:]
        return self._train(X, y.astype(np.float64), y.shape[1] if y.ndim > 1 else 1, MSELoss(), sample_weight)

    def predict(self, X: Any) -> Any:
        """Return the predicted targets of each row."""
        found = self._outputs(X)
        return found.reshape(len(found), *self._targets)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags
