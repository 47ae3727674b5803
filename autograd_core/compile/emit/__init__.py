"""Programs as source code: Python, C, JavaScript, JAX and PyTorch."""

from .expressions import library, number_in_python, written

__all__ = [
    "library",
    "number_in_python",
    "written",
]
