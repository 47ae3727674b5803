"""`Module`: the base class of everything with trainable weights.

Modules label their outputs, so a drawing of `loss` shows layers, neurons and `layers.0.weight[2, 1]` without
access to the model. This costs a little for each call of a module, and nothing for each node.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, wraps
from reprlib import recursive_repr
from typing import TYPE_CHECKING, Any, Self, TypeVar

from autograd_core import DataError, DataValueError, OperationError, Value
from autograd_core.base import PACKAGES, Table, called, columns, floats_of, np
from autograd_core.graph import Sign, begin, end

from ..checks import ChecksOptions, brief, examples, flag
from .find_weights import parts_of, refuse_hidden, weights_in
from .parameter import Buffer, Weights

if TYPE_CHECKING:
    from autograd_core.graph import Sign

    from ..train.evaluation import evaluate as _evaluate
    from ..train.evaluation import predict as _predict
    from ..train.fit import fit as _fit
    from ..types import ArrayLike, Floats

FunctionT = TypeVar("FunctionT", bound=Callable[..., Any])

# A compiled function then reads a module's attributes, not its code.
PACKAGES.add(__name__.partition(".")[0])


def noted(call: Callable[..., Any]) -> Callable[..., Any]:
    """Make a module's `__call__` label its outputs with the call."""

    @wraps(call)
    def noted_call(self: Module, *args: Any, **options: Any) -> Any:
        start = begin()
        outputs = call(self, *args, **options)
        sign = self._sign
        if sign is None or sign.module() is not self:
            sign = signed(self)
        end(sign, start, outputs, self._part)
        return outputs

    return noted_call


def signed(module: Module) -> Sign:
    """Return the module's sign; create it and name everything inside if needed. The outermost module wins."""
    sign = module._sign
    if sign is None or sign.module() is not module:
        sign = _own_sign(module)
        for place, inner in module.named_modules():
            _own_sign(inner).placed(place)
        for name, weights in module.weights().items():
            weights._called(name)
    return sign


def refuse_no_model(model: Any, who: str) -> None:
    """Raise if something is not a model."""
    if not isinstance(model, Module):
        raise DataError(f"{who}: not a model: got {brief(model)}; expected a Module.")


def _own_sign(module: Module) -> Sign:
    sign = module._sign
    if sign is None or sign.module() is not module:  # A shallow copy has the original's.
        sign = module._sign = Sign(module)
    return sign


class Module(ChecksOptions):
    """A function with parameters.

    A subclass assigns `Value`s, `Weights` and other modules to attributes in `__init__`, also in lists, dicts
    and object arrays, and computes in `__call__` (or `forward`). Names that begin with an underscore
    are ignored. Weights found only elsewhere (in a set, as the key of a dict, in a function's closure, on
    the class, in an object that is not a module) are an error.

    >>> class Line(Module):
    ...     def __init__(self):
    ...         self.w, self.b = Value(2.0), Value(1.0)
    ...     def __call__(self, x):
    ...         return self.w * x + self.b
    >>> line = Line()
    >>> line(3.0).data, [name for name, _ in line.named_parameters()]
    (7.0, ['w', 'b'])
    """

    training = True
    _part = ""
    """The name of the current output, set by a module that computes several outputs in turn."""
    _sign: Sign | None = None

    @property
    def eager_because(self) -> str:
        """Why it cannot be compiled; set by classes that inspect numbers or draw random ones."""
        return ""

    @property
    def joins_examples(self) -> bool:
        """Whether the output for an example now depends on the rest of its batch, as in `BatchNorm1d`."""
        return False

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if "__call__" in cls.__dict__:
            cls.__call__ = noted(cls.__call__)  # type: ignore[method-assign]
            if "forward_batch" not in cls.__dict__ and cls.forward_batch is not Module.forward_batch:
                cls.forward_batch = Module.forward_batch  # type: ignore[method-assign]

    def __setattr__(self, name: str, value: Any) -> None:
        before = vars(self).get(name)
        if isinstance(before, Weights) and value is not None and not isinstance(value, Weights):
            raise DataError(
                f"{type(self).__name__}.{name}: not Weights: got {brief(value)}; expected Weights. Set their "
                f"numbers by {name}.assign(...)."
            )
        object.__setattr__(self, name, value)

    @noted
    def __call__(self, x: Any) -> Any:
        """Return the output for one example."""
        forward = getattr(self, "forward", None)
        if forward is None:
            raise OperationError(f"{type(self).__name__}: it cannot be called. Give it __call__(self, x).")
        return forward(x)

    def forward_batch(self, rows: Sequence[Any]) -> list[Any]:
        """Return the outputs for a batch, which modules such as `BatchNorm1d` see as a whole.

        A subclass that contains such modules defines this instead of `__call__`, in the same way.
        """
        return [self(x) for x in examples(rows)]

    def named_children(self) -> Iterator[tuple[str, Module]]:
        """Return the direct submodules with their names, in the order of assignment."""
        for name, thing in vars(self).items():
            if not name.startswith("_"):
                yield from _modules_in(name, thing)

    def own_weights(self) -> Iterator[tuple[str, Weights]]:
        """Return the module's direct weights with their names."""
        for name, thing in vars(self).items():
            if not name.startswith("_"):
                yield from weights_in(name, thing)

    def children(self) -> list[Module]:
        """Return the direct submodules."""
        return [child for _, child in self.named_children()]

    def named_modules(self, prefix: str = "") -> Iterator[tuple[str, Module]]:
        """Return this module and all inside it, with dotted names; a shared one is listed once per place.

        Raises `DataValueError` if a module contains itself.
        """
        yield prefix, self
        inside = [(prefix, self, self.named_children())]
        while inside:
            above, _, children = inside[-1]
            name, child = next(children, ("", None))
            if child is None:
                inside.pop()
                continue
            path = f"{above}.{name}" if above else name
            _refuse_itself(path, child, [module for _, module, _ in inside])
            yield path, child
            inside.append((path, child, child.named_children()))

    def modules(self) -> list[Module]:
        """Return this module and all inside it, each once."""
        return list({id(module): module for _, module in self.named_modules()}.values())

    def weights(self) -> dict[str, Weights]:
        """Return all weights by dotted name; tied weights have the first of their names."""
        found: dict[str, Weights] = {}
        seen: set[int] = set()
        modules: dict[int, Module] = {}
        for prefix, module in self.named_modules():
            modules[id(module)] = module
            for name, weights in module.own_weights():
                if weights.identity not in seen:
                    seen.add(weights.identity)
                    found[f"{prefix}.{name}" if prefix else name] = weights
        known = cache(lambda: set(modules).union(*(weights.identities for weights in found.values())))
        for module in modules.values():
            refuse_hidden(module, Module, known)
        return found

    def named_parameters(self) -> list[tuple[str, Value]]:
        """Return every parameter with its name, such as `layers.0.weight[2, 1]`."""
        return [
            (name + index, value)
            for name, weights in self.weights().items()
            if not isinstance(weights, Buffer)
            for index, value in zip(weights.names(), weights.values, strict=True)
        ]

    def parameters(self) -> list[Value]:
        """Return every parameter, in a new list."""
        signed(self)
        weights = [each for each in self.weights().values() if not isinstance(each, Buffer)]
        return [value for each in weights for value in each.values]

    def label(self) -> Self:
        """Label every parameter with its name, for drawings and messages."""
        for name, value in self.named_parameters():
            value.label = name
        return self

    def zero_grad(self) -> None:
        """Set the gradient of every parameter to 0; otherwise gradients accumulate over backward passes."""
        for weights in self.weights().values():
            weights.zero_grad()

    def freeze(self, frozen: bool = True) -> Self:
        """Freeze the parameters: no gradient flows to them, and optimizers skip them."""
        frozen = flag(frozen, "freeze", "frozen")
        for weights in self.weights().values():
            weights.trainable = not frozen
        return self

    def unfreeze(self) -> Self:
        """Make the parameters trainable again."""
        return self.freeze(False)

    def train(self, mode: bool = True) -> Self:
        """Switch the module and all inside to training mode: dropout is active."""
        mode = flag(mode, "train", "mode")
        for module in self.modules():
            module.training = mode
        return self

    def eval(self) -> Self:
        """Switch the module and all inside to evaluation mode: dropout does nothing."""
        return self.train(False)

    def apply(self, function: Callable[[Module], Any]) -> Self:
        """Call `function` with every module inside, then with this one."""
        if not callable(function):
            raise DataError(f"apply: not a function: got {brief(function)}; expected a function of a module.")
        for module in reversed(self.modules()):
            called("apply", function, module)
        return self

    def state_dict(self) -> dict[str, Floats]:
        """Return a copy of all weights as float64 arrays, by name."""
        return {name: weights.array.copy(order="C") for name, weights in self.weights().items()}

    def load_state_dict(self, state: Mapping[str, ArrayLike], strict: bool = True) -> None:
        """Set the weights from a state dict. Nothing is changed unless everything fits.

        Missing and unexpected names are an error or, with `strict=False`, ignored.
        """
        if not isinstance(state, Mapping):
            raise DataError(f"load_state_dict: not a table: got {brief(state)}; expected arrays by name.")
        mine = self.weights()
        missing, unexpected = [n for n in mine if n not in state], [n for n in state if n not in mine]
        if flag(strict, "load_state_dict", "strict") and (missing or unexpected):
            raise DataValueError(
                f"load_state_dict: names differ: missing {brief(missing)}, unexpected {brief(unexpected)}; "
                f"expected {brief(list(mine))}."
            )
        arrays = {name: _numbers(name, state[name], mine[name].shape) for name in mine if name in state}
        for name, array in arrays.items():
            mine[name].assign(array)

    def __getstate__(self) -> dict[str, Any]:
        """Return the state to copy or pickle: all but the loss used by `fit`, which may be any function."""
        return {name: x for name, x in vars(self).items() if name != "_loss"}

    def settings(self) -> dict[str, Any]:
        """Return the arguments that recreate the module, for saved files and listings."""
        return {}

    def summary(self) -> str:
        """Return a table of the modules that have weights, with shapes and numbers of parameters."""
        return Table(_summary(self))

    @recursive_repr("...")
    def __repr__(self) -> str:
        return _listing(self)

    if TYPE_CHECKING:  # Added by `method` where they are defined.
        fit, evaluate, predict = _fit, _evaluate, _predict

        def __matmul__(self, other: Any) -> Module: ...
        def __rmatmul__(self, other: Any) -> Module: ...
        def __or__(self, other: Any) -> Module: ...
        def __ror__(self, other: Any) -> Module: ...


def method(function: FunctionT) -> FunctionT:
    """Make a function of a model also a method of every module."""
    setattr(Module, function.__name__, function)
    return function


def _modules_in(name: str, thing: Any, depth: int = 0) -> Iterator[tuple[str, Module]]:
    if isinstance(thing, Module):
        yield name, thing
        return
    for key, part in parts_of(name, thing, depth):
        yield from _modules_in(f"{name}.{key}", part, depth + 1)


def _refuse_itself(path: str, module: Module, above: Sequence[Module]) -> None:
    if any(module is other for other in above):
        raise DataValueError(
            f"Module: {type(module).__name__} contains itself, as {path!r}; expected a tree of modules. "
            "Attributes whose names begin with an underscore are ignored."
        )


def _numbers(name: str, numbers: Any, shape: tuple[int, ...]) -> np.ndarray[Any, Any]:
    try:
        array = np.array(floats_of(numbers, f"load_state_dict: {name!r}"))
    except DataError as error:
        raise DataValueError(str(error)) from None
    if array.shape != shape:
        raise DataValueError(
            f"load_state_dict: wrong shape of {name!r}: got {array.shape}; expected {shape}."
        )
    return array


def _listing(module: Module) -> str:
    """Describe a module and, indented, those inside it, as PyTorch does.

    >>> from nn import Linear, ReLU, Sequential
    >>> print(Sequential(Linear(784, 512), ReLU()))
    Sequential(
      (0): Linear(in_features=784, out_features=512, bias=True)
      (1): ReLU()
    )
    """
    kind = type(module).__name__
    inside = [f"({name}): {child!r}".replace("\n", "\n  ") for name, child in module.named_children()]
    if not inside:
        settings = ", ".join(f"{name}={value!r}" for name, value in module.settings().items())
        return f"{kind}({settings})"
    return f"{kind}(\n  " + "\n  ".join(inside) + "\n)"


def _summary(module: Module) -> str:
    """Return a row for each module that has weights.

    >>> from nn import MLP
    >>> print(MLP(784, [512, 512, 10]).summary())
    name      module                               shapes              parameters
    layers.0  Layer(784, 512, activation='relu')   512 × 784, 512         401,920
    layers.1  Layer(512, 512, activation='relu')   512 × 512, 512         262,656
    layers.2  Layer(512, 10, activation='identity') 10 × 512, 10            5,130
    total                                                                 669,706
    """
    rows = [("name", "module", "shapes", "parameters")]
    for name, part in module.named_modules():
        shapes = [w.shape for _, w in part.own_weights() if not isinstance(w, Buffer)]
        if shapes:
            count = sum(len(w) for _, w in part.own_weights() if not isinstance(w, Buffer))
            title = repr(part).partition("\n")[0].rstrip("(")
            rows.append((name, title, ", ".join(map(_shape, shapes)), f"{count:,}"))
    weights = [w for w in module.weights().values() if not isinstance(w, Buffer)]
    rows.append(("total", "", "", f"{sum(map(len, weights)):,}"))
    frozen = sum(len(w) for w in weights if not w.trainable)
    if frozen:
        rows.append(("frozen", "", "", f"{frozen:,}"))
    return "\n".join(columns(rows, left=3))


def _shape(shape: tuple[int, ...]) -> str:
    return " × ".join(map(str, shape)) or "1"
