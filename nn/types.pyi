"""The types of what is taken in several forms."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Literal, Protocol, TypeAlias, overload

import numpy as np
from autograd_core import Value
from autograd_core.operations import Operation
from numpy.typing import ArrayLike as ArrayLike
from numpy.typing import NDArray

from .losses.criteria import Loss
from .modules.module import Module
from .modules.parameter import Weights
from .optim.optimizer import Optimizer

Array: TypeAlias = NDArray[Any]
Floats: TypeAlias = NDArray[np.float64]
Mask: TypeAlias = NDArray[np.bool_]

Numbers: TypeAlias = Value | float | np.integer[Any] | np.floating[Any] | Sequence[Numbers] | Array
"""One number, or nested lists of them, as models take and losses compare."""

Seed: TypeAlias = int | np.random.Generator | np.random.SeedSequence | None
Activation: TypeAlias = str | Operation | Module | None
Parameters: TypeAlias = Module | Iterable[Value] | Iterable[Weights] | Sequence[Mapping[str, Any]]
Criterion: TypeAlias = str | Loss | type[Loss] | Callable[..., Any]
Metrics: TypeAlias = str | Callable[..., float] | Iterable[str | Callable[..., float]]
AnyOptimizer: TypeAlias = str | Optimizer | Callable[[Any], Optimizer]
State: TypeAlias = Mapping[str, ArrayLike]

class Steps(Protocol):
    """A schedule."""

    def step(self) -> None: ...

class LossFunction(Protocol):
    """With the reduction "none" a loss is a list of numbers, with the others one number."""

    @overload
    def __call__(
        self,
        prediction: Numbers,
        target: Numbers,
        reduction: Literal["mean", "sum"] = "mean",
        **options: float,
    ) -> Value: ...
    @overload
    def __call__(
        self, prediction: Numbers, target: Numbers, reduction: Literal["none"], **options: float
    ) -> list[Value]: ...
    @overload
    def __call__(
        self, prediction: Numbers, target: Numbers, reduction: str, **options: float
    ) -> Value | list[Value]: ...
