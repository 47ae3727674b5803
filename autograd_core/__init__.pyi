"""A scalar reverse-mode automatic differentiation engine that shows its graph.

Written by `python -m tests.stubs write`.
"""

from .base.modes import errstate as errstate
from .base.modes import no_grad as no_grad
from .calculus.own_rules import custom_jvp as custom_jvp
from .calculus.own_rules import custom_vjp as custom_vjp
from .calculus.reverse_mode import gradients as gradients
from .calculus.taylor import taylor as taylor
from .calculus.transforms import derivative as derivative
from .calculus.transforms import grad as grad
from .calculus.transforms import hessian as hessian
from .calculus.transforms import hvp as hvp
from .calculus.transforms import jacobian as jacobian
from .calculus.transforms import jvp as jvp
from .calculus.transforms import linearize as linearize
from .calculus.transforms import value_and_grad as value_and_grad
from .calculus.transforms import vjp as vjp
from .check.gradcheck import CheckError as CheckError
from .check.gradcheck import gradcheck as gradcheck
from .check.gradcheck import gradgradcheck as gradgradcheck
from .check.rounding_and_stable_forms import rounding as rounding
from .check.uncertainty_propagation import propagate as propagate
from .compile import compile as compile
from .compile.vmap import vmap as vmap
from .errors import AutogradError as AutogradError
from .errors import DataError as DataError
from .errors import DataValueError as DataValueError
from .errors import DomainError as DomainError
from .errors import ExpressionError as ExpressionError
from .errors import GraphError as GraphError
from .errors import MissingExtraError as MissingExtraError
from .errors import OperationError as OperationError
from .errors import PoleError as PoleError
from .errors import RangeError as RangeError
from .errors import TraceError as TraceError
from .formulas.formula import derivative_formula as derivative_formula
from .formulas.formula import formula as formula
from .formulas.parser import parse as parse
from .graph.graph import Graph as Graph
from .graph.graph import what_if as what_if
from .graph.other_tools import from_sympy as from_sympy
from .graph.replay_and_trace import recording as recording
from .graph.scopes import name_scope as name_scope
from .kernel.primitive import primitive as primitive
from .kernel.value import Value as Value
from .native import engine as engine
from .operations.operation import TABLE as TABLE
from .steps.steps import steps as steps
from .kernel.signatures import Row_a_b as _Row_a_b
from .kernel.signatures import Row_a_b_weight as _Row_a_b_weight
from .kernel.signatures import Row_condition_a_b as _Row_condition_a_b
from .kernel.signatures import Row_n_x as _Row_n_x
from .kernel.signatures import Row_x as _Row_x
from .kernel.signatures import Row_x_alpha_optional as _Row_x_alpha_optional
from .kernel.signatures import Row_x_delta_optional as _Row_x_delta_optional
from .kernel.signatures import Row_x_h0_optional as _Row_x_h0_optional
from .kernel.signatures import Row_x_lambd_optional as _Row_x_lambd_optional
from .kernel.signatures import Row_x_min_max as _Row_x_min_max
from .kernel.signatures import Row_x_min_val_optional_max_val_optional as _Row_x_min_val_optional_max_val_optional
from .kernel.signatures import Row_x_negative_slope_optional as _Row_x_negative_slope_optional
from .kernel.signatures import Row_x_scale_optional as _Row_x_scale_optional
from .kernel.signatures import Row_x_threshold_value as _Row_x_threshold_value
from .kernel.signatures import Row_x_y as _Row_x_y
from .kernel.signatures import Row_xs as _Row_xs
from .kernel.signatures import Row_xs_list as _Row_xs_list
from .kernel.signatures import Row_xs_ys as _Row_xs_ys
from .kernel.signatures import Row_y_x as _Row_y_x

add: _Row_a_b
sub: _Row_a_b
mul: _Row_a_b
div: _Row_a_b
neg: _Row_x
pow: _Row_a_b
square: _Row_x
reciprocal: _Row_x
sqrt: _Row_x
rsqrt: _Row_x
cbrt: _Row_x
hypot: _Row_a_b
direction: _Row_a_b
inversion: _Row_a_b
difference_of_squares: _Row_a_b
exp: _Row_x
expm1: _Row_x
exp2: _Row_x
log: _Row_x
log1p: _Row_x
log2: _Row_x
log10: _Row_x
logaddexp: _Row_a_b
logaddexp2: _Row_a_b
xlogy: _Row_x_y
sin: _Row_x
cos: _Row_x
tan: _Row_x
asin: _Row_x
acos: _Row_x
atan: _Row_x
atan2: _Row_y_x
deg2rad: _Row_x
rad2deg: _Row_x
sinh: _Row_x
cosh: _Row_x
tanh: _Row_x
sech: _Row_x
asinh: _Row_x
acosh: _Row_x
atanh: _Row_x
gaussian: _Row_x_scale_optional
erf: _Row_x
erfc: _Row_x
ndtr: _Row_x
sigmoid: _Row_x
logit: _Row_x
logsigmoid: _Row_x
softplus: _Row_x
relu: _Row_x
leaky_relu: _Row_x_negative_slope_optional
relu6: _Row_x
threshold: _Row_x_threshold_value
elu: _Row_x_alpha_optional
celu: _Row_x_alpha_optional
selu: _Row_x
gelu: _Row_x
gelu_gate: _Row_x
gelu_bell: _Row_x
gelu_tanh: _Row_x
silu: _Row_x
mish: _Row_x
softsign: _Row_x
hardtanh: _Row_x_min_val_optional_max_val_optional
hardsigmoid: _Row_x
hardswish: _Row_x
hardshrink: _Row_x_lambd_optional
softshrink: _Row_x_lambd_optional
huber: _Row_x_delta_optional
abs: _Row_x
sign: _Row_x
copysign: _Row_a_b
floor: _Row_x
round: _Row_x
ceil: _Row_x
trunc: _Row_x
fmod: _Row_a_b
remainder: _Row_a_b
maximum: _Row_a_b
minimum: _Row_a_b
fmax: _Row_a_b
fmin: _Row_a_b
clip: _Row_x_min_max
lerp: _Row_a_b_weight
where: _Row_condition_a_b
stop_gradient: _Row_x
equal: _Row_a_b
heaviside: _Row_x_h0_optional
divide_no_nan: _Row_a_b
sum: _Row_xs
mean: _Row_xs
prod: _Row_xs
dot: _Row_xs_ys
norm: _Row_xs
unit: _Row_xs_list
max: _Row_xs
min: _Row_xs
logsumexp: _Row_xs
softmax: _Row_xs_list
log_softmax: _Row_xs_list
gamma: _Row_x
lgamma: _Row_x
digamma: _Row_x
polygamma: _Row_n_x
beta: _Row_a_b
betaln: _Row_a_b
erfinv: _Row_x
ndtri: _Row_x
log_ndtr: _Row_x
log_ndtr_derivative: _Row_n_x
sinc: _Row_x
sinc_derivative: _Row_n_x
expi: _Row_x
zeta: _Row_x
zeta_derivative: _Row_n_x
j0: _Row_x
j1: _Row_x
j_ratio: _Row_n_x
y0: _Row_x
y1: _Row_x
i0: _Row_x
i1: _Row_x
i_ratio: _Row_n_x
i0e: _Row_x
i1e: _Row_x
i0e_derivative: _Row_n_x

__all__ = [
    'AutogradError', 'CheckError', 'DataError', 'DataValueError', 'DomainError', 'ExpressionError',
    'Graph', 'GraphError', 'MissingExtraError', 'OperationError', 'PoleError', 'RangeError', 'TABLE',
    'TraceError', 'Value', 'acos', 'acosh', 'add', 'asin', 'asinh', 'atan', 'atan2', 'atanh', 'beta',
    'betaln', 'cbrt', 'ceil', 'celu', 'clip', 'copysign', 'cos', 'cosh', 'custom_jvp', 'custom_vjp',
    'deg2rad', 'derivative', 'derivative_formula', 'difference_of_squares', 'digamma', 'direction',
    'div', 'divide_no_nan', 'dot', 'elu', 'engine', 'equal', 'erf', 'erfc', 'erfinv', 'errstate', 'exp',
    'exp2', 'expi', 'expm1', 'floor', 'fmax', 'fmin', 'fmod', 'formula', 'from_sympy', 'gamma',
    'gaussian', 'gelu', 'gelu_bell', 'gelu_gate', 'gelu_tanh', 'grad', 'gradcheck', 'gradgradcheck',
    'gradients', 'hardshrink', 'hardsigmoid', 'hardswish', 'hardtanh', 'heaviside', 'hessian', 'huber',
    'hvp', 'hypot', 'i0', 'i0e', 'i0e_derivative', 'i1', 'i1e', 'i_ratio', 'inversion', 'j0', 'j1',
    'j_ratio', 'jacobian', 'jvp', 'leaky_relu', 'lerp', 'lgamma', 'linearize', 'log', 'log10', 'log1p',
    'log2', 'log_ndtr', 'log_ndtr_derivative', 'log_softmax', 'logaddexp', 'logaddexp2', 'logit',
    'logsigmoid', 'logsumexp', 'maximum', 'mean', 'minimum', 'mish', 'mul', 'name_scope', 'ndtr',
    'ndtri', 'neg', 'no_grad', 'norm', 'parse', 'polygamma', 'primitive', 'prod', 'propagate', 'rad2deg',
    'reciprocal', 'recording', 'relu', 'relu6', 'remainder', 'rounding', 'rsqrt', 'sech', 'selu',
    'sigmoid', 'sign', 'silu', 'sin', 'sinc', 'sinc_derivative', 'sinh', 'softmax', 'softplus',
    'softshrink', 'softsign', 'sqrt', 'square', 'steps', 'stop_gradient', 'sub', 'tan', 'tanh', 'taylor',
    'threshold', 'trunc', 'unit', 'value_and_grad', 'vjp', 'vmap', 'what_if', 'where', 'xlogy', 'y0',
    'y1', 'zeta', 'zeta_derivative'
]
