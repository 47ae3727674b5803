"""Programs as source code: Python, C, JavaScript, JAX and PyTorch."""

from .expressions import helpers, library, number_in_python, written
from .whole_programs import torch_function

__all__ = [
    "helpers",
    "library",
    "number_in_python",
    "torch_function",
    "written",
]
