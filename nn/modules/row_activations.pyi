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

class ELU(Activation):
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
