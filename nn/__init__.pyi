"""Neural networks on scalar values: modules, losses, optimizers, training, files.

Written by `python -m tests.stubs write`.
"""

from . import data as data
from .errors import DivergenceWarning as DivergenceWarning
from .errors import ModelFileError as ModelFileError
from .errors import TrainingWarning as TrainingWarning
from .io.model_files import load as load
from .io.model_files import load_into as load_into
from .io.model_files import save as save
from .io.torch import from_torch as from_torch
from .io.torch import to_torch as to_torch
from .losses.criteria import BCELoss as BCELoss
from .losses.criteria import BCEWithLogitsLoss as BCEWithLogitsLoss
from .losses.criteria import CrossEntropyLoss as CrossEntropyLoss
from .losses.criteria import HingeLoss as HingeLoss
from .losses.criteria import HuberLoss as HuberLoss
from .losses.criteria import L1Loss as L1Loss
from .losses.criteria import MSELoss as MSELoss
from .losses.criteria import MultiMarginLoss as MultiMarginLoss
from .losses.criteria import NLLLoss as NLLLoss
from .losses.criteria import PoissonNLLLoss as PoissonNLLLoss
from .losses.criteria import SmoothL1Loss as SmoothL1Loss
from .losses.criteria import SquaredLoss as SquaredLoss
from .losses.functions import bce_loss as bce_loss
from .losses.functions import bce_with_logits_loss as bce_with_logits_loss
from .losses.functions import cross_entropy as cross_entropy
from .losses.functions import hinge_loss as hinge_loss
from .losses.functions import huber_loss as huber_loss
from .losses.functions import l1_loss as l1_loss
from .losses.functions import mse_loss as mse_loss
from .losses.functions import multi_margin_loss as multi_margin_loss
from .losses.functions import nll_loss as nll_loss
from .losses.functions import smooth_l1_loss as smooth_l1_loss
from .losses.functions import squared_loss as squared_loss
from .losses.likelihoods_and_margins import cosine_embedding_loss as cosine_embedding_loss
from .losses.likelihoods_and_margins import gaussian_nll_loss as gaussian_nll_loss
from .losses.likelihoods_and_margins import kl_div as kl_div
from .losses.likelihoods_and_margins import margin_ranking_loss as margin_ranking_loss
from .losses.likelihoods_and_margins import poisson_nll_loss as poisson_nll_loss
from .losses.likelihoods_and_margins import triplet_margin_loss as triplet_margin_loss
from .losses.regularizers import L1 as L1
from .losses.regularizers import L2 as L2
from .losses.regularizers import ElasticNet as ElasticNet
from .losses.regularizers import MaxNorm as MaxNorm
from .losses.regularizers import elastic_net as elastic_net
from .losses.regularizers import l1 as l1
from .losses.regularizers import l2 as l2
from .modules import init as init
from .modules.row_activations import CELU as CELU
from .modules.row_activations import ELU as ELU
from .modules.activations import GELU as GELU
from .modules.row_activations import Hardshrink as Hardshrink
from .modules.row_activations import Hardsigmoid as Hardsigmoid
from .modules.row_activations import Hardswish as Hardswish
from .modules.row_activations import Hardtanh as Hardtanh
from .modules.row_activations import LeakyReLU as LeakyReLU
from .modules.row_activations import LogSigmoid as LogSigmoid
from .modules.activations import LogSoftmax as LogSoftmax
from .modules.row_activations import Mish as Mish
from .modules.row_activations import ReLU as ReLU
from .modules.row_activations import ReLU6 as ReLU6
from .modules.row_activations import SELU as SELU
from .modules.row_activations import SiLU as SiLU
from .modules.row_activations import Sigmoid as Sigmoid
from .modules.activations import Softmax as Softmax
from .modules.activations import Softplus as Softplus
from .modules.row_activations import Softshrink as Softshrink
from .modules.row_activations import Softsign as Softsign
from .modules.row_activations import Tanh as Tanh
from .modules.row_activations import Threshold as Threshold
from .modules.activations import Identity as Identity
from .modules.activations import PReLU as PReLU
from .modules.activations import WinnerTakeAll as WinnerTakeAll
from .modules.compose import Concatenate as Concatenate
from .modules.compose import Flatten as Flatten
from .modules.compose import Residual as Residual
from .modules.compose import Sequential as Sequential
from .modules.images import AvgPool1d as AvgPool1d
from .modules.images import AvgPool2d as AvgPool2d
from .modules.images import Conv1d as Conv1d
from .modules.images import Conv2d as Conv2d
from .modules.images import MaxPool1d as MaxPool1d
from .modules.images import MaxPool2d as MaxPool2d
from .modules.layers import MLP as MLP
from .modules.layers import Dropout as Dropout
from .modules.layers import Embedding as Embedding
from .modules.layers import Layer as Layer
from .modules.layers import Linear as Linear
from .modules.layers import Neuron as Neuron
from .modules.module import Module as Module
from .modules.normalization import BatchNorm1d as BatchNorm1d
from .modules.normalization import LayerNorm as LayerNorm
from .modules.parameter import Weights as Weights
from .modules.recurrent import GRUCell as GRUCell
from .modules.recurrent import LSTMCell as LSTMCell
from .modules.recurrent import RNNCell as RNNCell
from .optim.adaptive import Adadelta as Adadelta
from .optim.adaptive import Adagrad as Adagrad
from .optim.adaptive import Adam as Adam
from .optim.adaptive import Adamax as Adamax
from .optim.adaptive import AdamW as AdamW
from .optim.adaptive import NAdam as NAdam
from .optim.adaptive import RAdam as RAdam
from .optim.adaptive import RMSprop as RMSprop
from .optim.adaptive import Rprop as Rprop
from .optim.clipping import clip_grad_norm_ as clip_grad_norm_
from .optim.clipping import clip_grad_value_ as clip_grad_value_
from .optim.gradient_descent import SGD as SGD
from .optim.gradient_descent import Descent as Descent
from .optim.gradient_descent import GradientDescent as GradientDescent
from .optim.lbfgs import LBFGS as LBFGS
from .optim.optimizer import Optimizer as Optimizer
from .optim.schedules import CosineAnnealingLR as CosineAnnealingLR
from .optim.schedules import CosineAnnealingWarmRestarts as CosineAnnealingWarmRestarts
from .optim.schedules import ExponentialLR as ExponentialLR
from .optim.schedules import LambdaLR as LambdaLR
from .optim.schedules import LinearLR as LinearLR
from .optim.schedules import MultiStepLR as MultiStepLR
from .optim.schedules import OneCycleLR as OneCycleLR
from .optim.schedules import ReduceLROnPlateau as ReduceLROnPlateau
from .optim.schedules import Schedule as Schedule
from .optim.schedules import SequentialLR as SequentialLR
from .optim.schedules import StepLR as StepLR
from .train.callbacks import Callback as Callback
from .train.callbacks import Checkpoint as Checkpoint
from .train.callbacks import EarlyStopping as EarlyStopping
from .train.callbacks import GradientStatistics as GradientStatistics
from .train.evaluation import evaluate as evaluate
from .train.evaluation import predict as predict
from .train.film import Film as Film
from .train.film import film as film
from .train.fit import fit as fit
from .train.metrics import accuracy as accuracy
from .train.metrics import confusion_matrix as confusion_matrix
from .train.metrics import mean_absolute_error as mean_absolute_error
from .train.metrics import mean_squared_error as mean_squared_error
from .train.metrics import r2_score as r2_score
from .train.run import History as History

__all__ = [
    'Adadelta', 'Adagrad', 'Adam', 'AdamW', 'Adamax', 'AvgPool1d', 'AvgPool2d', 'BCELoss',
    'BCEWithLogitsLoss', 'BatchNorm1d', 'CELU', 'Callback', 'Checkpoint', 'Concatenate', 'Conv1d',
    'Conv2d', 'CosineAnnealingLR', 'CosineAnnealingWarmRestarts', 'CrossEntropyLoss', 'Descent',
    'DivergenceWarning', 'Dropout', 'ELU', 'EarlyStopping', 'ElasticNet', 'Embedding', 'ExponentialLR',
    'Film', 'Flatten', 'GELU', 'GRUCell', 'GradientDescent', 'GradientStatistics', 'Hardshrink',
    'Hardsigmoid', 'Hardswish', 'Hardtanh', 'HingeLoss', 'History', 'HuberLoss', 'Identity', 'L1',
    'L1Loss', 'L2', 'LBFGS', 'LSTMCell', 'LambdaLR', 'Layer', 'LayerNorm', 'LeakyReLU', 'Linear',
    'LinearLR', 'LogSigmoid', 'LogSoftmax', 'MLP', 'MSELoss', 'MaxNorm', 'MaxPool1d', 'MaxPool2d',
    'Mish', 'ModelFileError', 'Module', 'MultiMarginLoss', 'MultiStepLR', 'NAdam', 'NLLLoss', 'Neuron',
    'OneCycleLR', 'Optimizer', 'PReLU', 'PoissonNLLLoss', 'RAdam', 'RMSprop', 'RNNCell', 'ReLU', 'ReLU6',
    'ReduceLROnPlateau', 'Residual', 'Rprop', 'SELU', 'SGD', 'Schedule', 'Sequential', 'SequentialLR',
    'SiLU', 'Sigmoid', 'SmoothL1Loss', 'Softmax', 'Softplus', 'Softshrink', 'Softsign', 'SquaredLoss',
    'StepLR', 'Tanh', 'Threshold', 'TrainingWarning', 'Weights', 'WinnerTakeAll', 'accuracy', 'bce_loss',
    'bce_with_logits_loss', 'clip_grad_norm_', 'clip_grad_value_', 'confusion_matrix',
    'cosine_embedding_loss', 'cross_entropy', 'elastic_net', 'evaluate', 'film', 'fit', 'from_torch',
    'gaussian_nll_loss', 'hinge_loss', 'huber_loss', 'kl_div', 'l1', 'l1_loss', 'l2', 'load',
    'load_into', 'margin_ranking_loss', 'mean_absolute_error', 'mean_squared_error', 'mse_loss',
    'multi_margin_loss', 'nll_loss', 'poisson_nll_loss', 'predict', 'r2_score', 'save', 'smooth_l1_loss',
    'squared_loss', 'to_torch', 'triplet_margin_loss'
]
