"""The exceptions and warnings of nn, beyond those of the engine.

AutogradError
└── ModelFileError      ValueError       not a model file, damaged, or for another model
RuntimeWarning
└── DivergenceWarning                    training stopped: the loss or a weight became NaN or infinite
UserWarning
└── TrainingWarning                      a likely mistake: one softmax too many, a parameter given twice
"""

from __future__ import annotations

from autograd_core import AutogradError


class ModelFileError(AutogradError, ValueError):
    """A file that is not a model, is damaged, or belongs to a model of another shape."""


class DivergenceWarning(RuntimeWarning):
    """Training has stopped because the loss or a weight was no longer a finite number."""


class TrainingWarning(UserWarning):
    """Something that runs but is probably a mistake."""
