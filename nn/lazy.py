"""Import optional packages on first use, so that `import nn` itself is quick."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from autograd_core import MissingExtraError
from autograd_core.base import imported


class Lazy:
    """Stands in for a package until an attribute of it is asked for."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> Any:
        thing = getattr(imported(self._name), attribute)
        setattr(self, attribute, thing)
        return thing


def extra(name: str, package: str, wanted_by: str) -> Any:
    """An optional package, or an error that says how to install it."""
    try:
        return imported(package)
    except ImportError:
        raise MissingExtraError(
            f"{wanted_by}: the package {package.partition('.')[0]!r} is not installed; "
            f"expected the extra {name!r}. "
            f"Install it with pip install 'autograd-core[{name}]'."
        ) from None


if TYPE_CHECKING:
    import numpy as np
else:
    np = Lazy("numpy")

__all__ = ["Lazy", "extra", "np"]
