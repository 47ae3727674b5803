"""The modules that are made from rows of the table.

Written by `python -m tests.stubs write`.
"""

from .activations import Activation

class Tanh(Activation):
    def __init__(self) -> None: ...

class Sigmoid(Activation):
    def __init__(self) -> None: ...

class LogSigmoid(Activation):
    def __init__(self) -> None: ...

class ReLU(Activation):
    def __init__(self) -> None: ...

class LeakyReLU(Activation):
    negative_slope: float
    def __init__(self, negative_slope: float = 0.01) -> None: ...

class ReLU6(Activation):
    def __init__(self) -> None: ...

class Threshold(Activation):
    threshold: float
    value: float
    def __init__(self, threshold: float, value: float) -> None: ...

class ELU(Activation):
    alpha: float
    def __init__(self, alpha: float = 1.0) -> None: ...

class CELU(Activation):
    alpha: float
    def __init__(self, alpha: float = 1.0) -> None: ...

class SELU(Activation):
    def __init__(self) -> None: ...

class SiLU(Activation):
    def __init__(self) -> None: ...

class Mish(Activation):
    def __init__(self) -> None: ...

class Softsign(Activation):
    def __init__(self) -> None: ...

class Hardtanh(Activation):
    min_val: float
    max_val: float
    def __init__(self, min_val: float = -1.0, max_val: float = 1.0) -> None: ...

class Hardsigmoid(Activation):
    def __init__(self) -> None: ...

class Hardswish(Activation):
    def __init__(self) -> None: ...

class Hardshrink(Activation):
    lambd: float
    def __init__(self, lambd: float = 0.5) -> None: ...

class Softshrink(Activation):
    lambd: float
    def __init__(self, lambd: float = 0.5) -> None: ...
