"""Write the notebooks: each `.py` becomes an `.ipynb` with the same cells and the outputs of a run.

    python notebooks/build.py                        all of them
    python notebooks/build.py 01_step 02_graph       only these

Edit and review the `.py`; readers open the `.ipynb`.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import Any

import jupytext
import nbformat
from nbclient import NotebookClient

HERE = Path(__file__).resolve().parent
LIMIT = 600
"""The most seconds that a cell may take."""
KERNEL = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}


def sources() -> list[Path]:
    """Return the sources of the notebooks, in reading order."""
    return sorted(path for path in HERE.glob("*_*.py"))


def read(source: Path) -> Any:
    """Read a notebook from its source, without outputs; a cell's id is its position."""
    notebook = jupytext.read(source, fmt="py:percent")
    notebook.metadata = nbformat.from_dict(KERNEL)
    for place, cell in enumerate(notebook.cells):
        cell.id = f"cell-{place}"
    return notebook


def run(notebook: Any) -> Any:
    """Run a notebook and return it with its outputs. Raises what a cell raises."""
    # The kernel finds this checkout, installed or not.
    paths = [str(HERE.parent), os.environ.get("PYTHONPATH", "")]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, paths))}
    client = NotebookClient(
        notebook, timeout=LIMIT, record_timing=False, resources={"metadata": {"path": str(HERE)}}
    )
    client.execute(env=environment)
    return notebook


def main(names: list[str]) -> None:
    """Build the notebooks with these names, or all."""
    for source in [HERE / f"{name}.py" for name in names] or sources():
        begun = time.perf_counter()
        notebook = run(read(source))
        nbformat.write(notebook, source.with_suffix(".ipynb"))
        size = source.with_suffix(".ipynb").stat().st_size
        print(f"{source.stem}: {time.perf_counter() - begun:.1f} s, {size / 1000:.0f} kB")


if __name__ == "__main__":
    main(sys.argv[1:])
