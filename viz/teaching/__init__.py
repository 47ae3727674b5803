"""Teaching material: problems from a seed, in several languages and formats, with computed answers."""

from .problem import Problem
from .problem_kinds import KINDS, problems

__all__ = ["KINDS", "Problem", "problems"]
