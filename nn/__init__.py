"""Neural networks on scalar values: modules, losses, optimizers, training, files.

A package of the distribution autograd-core.

To read it in the order of a lecture: `modules/layers` (the neuron), `modules/activations`, `losses`, `optim`,
`train/step`, `train/fit`, `train/compiled_step` (how a step becomes a program), and `modules/compose`.
`modules/parameter` and `modules/module` hold the parameters.

>>> from nn import MLP, SGD, mse_loss
>>> model = MLP(2, [3, 1], rng=0)
>>> optimizer = SGD(model.parameters(), lr=0.1)
>>> loss = mse_loss(model([1.0, -1.0]), 0.5)
>>> loss.backward()
>>> optimizer.step()
"""

from . import data as data
from .errors import DivergenceWarning, ModelFileError, TrainingWarning
from .io.model_files import load, load_into, save
from .io.torch import from_torch, to_torch
from .losses.criteria import (
    BCELoss,
    BCEWithLogitsLoss,
    CrossEntropyLoss,
    HingeLoss,
    HuberLoss,
    L1Loss,
    MSELoss,
    MultiMarginLoss,
    NLLLoss,
    PoissonNLLLoss,
    SmoothL1Loss,
    SquaredLoss,
)  # fmt: skip
from .losses.functions import (
    bce_loss,
    bce_with_logits_loss,
    cross_entropy,
    hinge_loss,
    huber_loss,
    l1_loss,
    mse_loss,
    multi_margin_loss,
    nll_loss,
    smooth_l1_loss,
    squared_loss,
)  # fmt: skip
from .losses.likelihoods_and_margins import (
    cosine_embedding_loss,
    gaussian_nll_loss,
    kl_div,
    margin_ranking_loss,
    poisson_nll_loss,
    triplet_margin_loss,
)  # fmt: skip
from .losses.regularizers import L1, L2, ElasticNet, MaxNorm, elastic_net, l1, l2
from .modules import init as init
from .modules.activations import *  # noqa: F403
from .modules.activations import __all__ as _activations
from .modules.compose import Concatenate, Flatten, Residual, Sequential
from .modules.images import AvgPool1d, AvgPool2d, Conv1d, Conv2d, MaxPool1d, MaxPool2d
from .modules.layers import MLP, Dropout, Embedding, Layer, Linear, Neuron
from .modules.module import Module
from .modules.normalization import BatchNorm1d, LayerNorm
from .modules.parameter import Weights
from .modules.recurrent import GRUCell, LSTMCell, RNNCell
from .optim.adaptive import Adadelta, Adagrad, Adam, Adamax, AdamW, NAdam, RAdam, RMSprop, Rprop
from .optim.clipping import clip_grad_norm_, clip_grad_value_
from .optim.gradient_descent import SGD, Descent, GradientDescent
from .optim.lbfgs import LBFGS
from .optim.optimizer import Optimizer
from .optim.schedules import (
    CosineAnnealingLR,
    CosineAnnealingWarmRestarts,
    ExponentialLR,
    LambdaLR,
    LinearLR,
    MultiStepLR,
    OneCycleLR,
    ReduceLROnPlateau,
    Schedule,
    SequentialLR,
    StepLR,
)  # fmt: skip
from .train.callbacks import Callback, Checkpoint, EarlyStopping, GradientStatistics
from .train.evaluation import evaluate, predict
from .train.film import Film, film
from .train.fit import fit
from .train.metrics import accuracy, confusion_matrix, mean_absolute_error, mean_squared_error, r2_score
from .train.run import History

__all__ = [  # noqa: PLE0604
    "Module", "Weights", "Neuron", "Layer", "MLP", "Linear", "Conv1d", "Conv2d", "MaxPool1d", "MaxPool2d",
    "AvgPool1d", "AvgPool2d", "BatchNorm1d", "LayerNorm", "Dropout", "RNNCell", "GRUCell", "LSTMCell",
    "Embedding", "Sequential", "Concatenate", "Residual", "Flatten",
    *_activations,
    "squared_loss", "mse_loss", "l1_loss", "huber_loss", "bce_loss", "bce_with_logits_loss", "cross_entropy",
    "nll_loss", "hinge_loss", "multi_margin_loss", "smooth_l1_loss", "kl_div", "poisson_nll_loss",
    "gaussian_nll_loss", "margin_ranking_loss", "cosine_embedding_loss", "triplet_margin_loss",
    "SquaredLoss", "MSELoss", "L1Loss", "HuberLoss", "BCELoss", "BCEWithLogitsLoss", "CrossEntropyLoss",
    "NLLLoss", "HingeLoss", "MultiMarginLoss", "SmoothL1Loss", "PoissonNLLLoss",
    "l1", "l2", "elastic_net", "L1", "L2", "ElasticNet", "MaxNorm",
    "Optimizer", "GradientDescent", "Descent", "SGD", "Adagrad", "Adadelta", "RMSprop", "Rprop",
    "Adam", "AdamW", "Adamax", "NAdam", "RAdam", "LBFGS",
    "Schedule", "StepLR", "MultiStepLR", "ExponentialLR", "LinearLR", "CosineAnnealingLR",
    "CosineAnnealingWarmRestarts", "LambdaLR", "OneCycleLR", "SequentialLR", "ReduceLROnPlateau",
    "clip_grad_norm_", "clip_grad_value_",
    "fit", "evaluate", "predict", "History", "Film", "film",
    "Callback", "EarlyStopping", "Checkpoint", "GradientStatistics",
    "accuracy", "confusion_matrix", "mean_absolute_error", "mean_squared_error", "r2_score",
    "save", "load", "load_into", "to_torch", "from_torch",
    "ModelFileError", "DivergenceWarning", "TrainingWarning",
]  # fmt: skip


def __dir__() -> list[str]:
    """Return the public names for completion, without the modules of the package."""
    return sorted([*__all__, "data", "init"])
