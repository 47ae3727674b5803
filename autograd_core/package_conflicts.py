"""Check that the installed `nn` and `viz` belong to this distribution; others use these names, too."""

from __future__ import annotations

import os
import sys
import warnings
from importlib import import_module

DISTRIBUTION = "autograd-core"
PACKAGES = ("nn", "viz")
_MARK = b"distribution autograd-core"  # Both docstrings contain it.


def overwritten() -> list[str]:
    """Return the packages of this distribution that another one has overwritten or removed.

    >>> overwritten()
    []
    """
    beside = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    folders = [os.path.join(beside, name) for name in PACKAGES]
    return [os.path.basename(path) for path in folders if os.path.isdir(path) and not _is_ours(path)]


def _is_ours(folder: str) -> bool:
    try:
        with open(os.path.join(folder, "__init__.py"), "rb") as file:
            return _MARK in file.read(1000)
    except OSError:
        return False


def warn_if_overwritten() -> None:
    """Warn, with a remedy, if another distribution has replaced a package."""
    names = overwritten()
    if names:
        text = " and ".join(f"{name!r}" for name in names)
        warnings.warn(
            f"autograd_core: another distribution has taken the place of the package {text}, as "
            f"'pip install {names[0]}' does; expected the one of {DISTRIBUTION}. Run: "
            f"pip uninstall -y {' '.join(names)}, then pip install --force-reinstall --no-deps "
            f"{DISTRIBUTION} (or the folder that it was installed from).",
            stacklevel=3,
        )


def command() -> int:
    """Run the command `autograd-core` in `viz`, if that is ours."""
    if "viz" not in overwritten():
        return int(import_module("viz.cli").main())
    if sys.argv[1:2] == ["--version"]:
        from importlib import metadata

        sys.stdout.write(f"{DISTRIBUTION} {metadata.version(DISTRIBUTION)}\n")
    sys.stderr.write(f"{DISTRIBUTION}: the package 'viz' is another distribution's: see above.\n")
    return 1
