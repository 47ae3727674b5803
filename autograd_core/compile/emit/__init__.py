"""Programs as source code: Python, C, JavaScript, JAX and PyTorch."""

from .foreign_forms import number_in_python, written
from .library import library

__all__ = [
    "library",
    "number_in_python",
    "written",
]
