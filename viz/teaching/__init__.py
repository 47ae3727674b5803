"""Teaching material: problems from a seed, in several languages and formats, with computed answers."""

from .bank import KINDS, problems
from .problem import Problem

__all__ = ["KINDS", "Problem", "problems"]
