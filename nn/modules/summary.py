"""Show modules as text: the nested listing of `print(model)` and the table of `model.summary()`."""

from __future__ import annotations

from .module import Module


def listing(module: Module) -> str:
    """A module and, indented, those inside it, as PyTorch writes them.

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


def summary(module: Module) -> str:
    """A row for each module with weights of its own.

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
        shapes = [weights.shape for _, weights in part.own_weights()]
        if shapes:
            count = sum(len(weights) for _, weights in part.own_weights())
            title = repr(part).partition("\n")[0].rstrip("(")
            rows.append((name, title, ", ".join(map(_shape, shapes)), f"{count:,}"))
    weights = module.weights().values()
    rows.append(("total", "", "", f"{sum(map(len, weights)):,}"))
    frozen = sum(len(w) for w in weights if not w.trainable)
    if frozen:
        rows.append(("frozen", "", "", f"{frozen:,}"))
    widths = [max(len(row[i]) for row in rows) for i in range(4)]
    return "\n".join(_line(row, widths) for row in rows)


def _line(row: tuple[str, ...], widths: list[int]) -> str:
    left = [cell.ljust(width) for cell, width in zip(row[:3], widths, strict=False)]
    return "  ".join([*left, row[3].rjust(widths[3])])


def _shape(shape: tuple[int, ...]) -> str:
    return " × ".join(map(str, shape)) or "1"
