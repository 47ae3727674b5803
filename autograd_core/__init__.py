"""A scalar reverse-mode automatic differentiation engine that shows its graph.

>>> from autograd_core import Value, cos, sin
>>> x = Value(2.0, label="x")
>>> J = cos(sin(x**2) + 3 * x**2)
>>> J.backward()
>>> x.grad
9.099148544832385
"""

import builtins as _builtins

from . import errors as _errors
from . import numpy_protocol as _arrays  # noqa: F401  (it tells NumPy of the rows)
from .base.modes import errstate, no_grad
from .calculus.own_rules import custom_jvp, custom_vjp
from .calculus.reverse_mode import gradients
from .calculus.taylor import taylor
from .calculus.transforms import (
    derivative,
    grad,
    hessian,
    hvp,
    jacobian,
    jvp,
    linearize,
    value_and_grad,
    vjp,
)
from .check.gradcheck import CheckError, gradcheck, gradgradcheck
from .check.rounding_and_stable_forms import rounding
from .check.uncertainty_propagation import propagate
from .compile import compile as compile
from .compile.vmap import vmap
from .errors import *  # noqa: F403
from .formulas import operation_help as _help_text  # noqa: F401, gives the rows their docstrings
from .formulas.formula import derivative_formula, formula
from .formulas.parser import parse
from .graph.graph import Graph, what_if
from .graph.other_tools import from_sympy
from .graph.replay_and_trace import recording
from .graph.scopes import name_scope
from .kernel.primitive import primitive
from .kernel.value import Value
from .native import engine
from .operations.operation import TABLE
from .operations.operation import Operation as _Operation
from .operations.special_table import *  # noqa: F403
from .operations.table import *  # noqa: F403
from .package_conflicts import warn_if_overwritten as _warn_if_overwritten
from .steps.steps import steps

# As in NumPy, `import *` does not replace Python's own `sum` or `compile`.
__all__ = [  # noqa: PLE0604
    "TABLE",
    "CheckError",
    "Graph",
    "Value",
    "custom_jvp",
    "custom_vjp",
    "derivative",
    "derivative_formula",
    "engine",
    "errstate",
    "formula",
    "from_sympy",
    "grad",
    "gradcheck",
    "gradgradcheck",
    "gradients",
    "hessian",
    "hvp",
    "jacobian",
    "jvp",
    "linearize",
    "name_scope",
    "no_grad",
    "parse",
    "primitive",
    "propagate",
    "recording",
    "rounding",
    "steps",
    "taylor",
    "value_and_grad",
    "vjp",
    "vmap",
    "what_if",
    *_errors.__all__,
    *[name for name in TABLE if name not in dir(_builtins)],
]

_warn_if_overwritten()


def __dir__() -> list[str]:
    """Return the public names for completion, without the modules of the package."""
    return sorted({*__all__, "compile", *TABLE, *{"algorithms", "errors"}.intersection(globals())})


def __getattr__(name: str) -> _Operation:
    """Return a row of the table, which may have been added later; type checkers do not see this."""
    if name in TABLE:
        return TABLE[name]
    raise AttributeError(f"module 'autograd_core' has no attribute {name!r}")
