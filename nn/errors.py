"""The exceptions and warnings of nn, beyond those of the engine.

AutogradError
└── ModelFileError      ValueError       not a model file, damaged, or for a different model
RuntimeWarning
└── DivergenceWarning                    training stopped: the loss or a weight became NaN or infinite
UserWarning
└── TrainingWarning                      a likely mistake: an extra softmax or sigmoid, one class held out
"""

from __future__ import annotations

from autograd_core import AutogradError


class ModelFileError(AutogradError, ValueError):
    """A file is not a model, is damaged, or belongs to a model with a different shape."""


class DivergenceWarning(RuntimeWarning):
    """Training stopped because the loss or a weight became nan or infinite."""


class TrainingWarning(UserWarning):
    """Something that runs but is probably a mistake."""
