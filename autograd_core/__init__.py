"""A scalar reverse-mode automatic differentiation engine that shows its graph.

>>> from autograd_core import Value, cos, sin
>>> x = Value(2.0, label="x")
>>> J = cos(sin(x**2) + 3 * x**2)
>>> J.backward()
>>> x.grad
9.099148544832385
"""

from . import errors as _errors
from .backward import gradients
from .errors import *  # noqa: F403
from .modes import errstate, no_grad
from .operation import TABLE
from .ops import *  # noqa: F403
from .primitive import primitive
from .value import Value

__all__ = [  # noqa: PLE0604
    "TABLE",
    "Value",
    "errstate",
    "gradients",
    "no_grad",
    "primitive",
    *_errors.__all__,
    *TABLE,
]
