"""What can go wrong in nn beyond the errors of the engine.

AutogradError
└── ModelFileError      ValueError       a file that is no model, a damaged one, or one for another model
RuntimeWarning
└── DivergenceWarning                    training stopped because the loss or a weight left the numbers
UserWarning
└── TrainingWarning                      a sign of a mistake: a softmax too many, a parameter given twice
"""

from __future__ import annotations

from autograd_core import AutogradError


class ModelFileError(AutogradError, ValueError):
    """A file that is no model, that is damaged, or that belongs to a model of another shape."""


class DivergenceWarning(RuntimeWarning):
    """Training has stopped because the loss or a weight was no longer a finite number."""


class TrainingWarning(UserWarning):
    """Something that runs but is probably a mistake."""
