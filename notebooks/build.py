"""Write the notebooks: each `.py` becomes an `.ipynb` with the same cells and the outputs of a run.

    python notebooks/build.py                        all of them
    python notebooks/build.py 01_step 02_graph       only these
    python notebooks/build.py --addresses            all, without running them: outputs are kept

Edit and review the `.py`; readers open the `.ipynb`.
"""

from __future__ import annotations

import os
import sys
import time
import tomllib
from pathlib import Path
from typing import Any

import jupytext
import nbformat
from nbclient import NotebookClient

HERE = Path(__file__).resolve().parent
LIMIT = 600
"""The time limit of a cell, in seconds."""
KERNEL = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}


PROJECT = tomllib.loads((HERE.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]
REPOSITORY = PROJECT["urls"]["Source"]
BRANCH = "main"
PLACE = REPOSITORY.partition("github.com/")[2]
LINKS = "[Open in Colab]({colab}) · [Open in Binder]({binder})"
INSTALL = """\
# Installs what a hosted notebook lacks. If everything is installed, it does nothing.
import importlib.util
import subprocess
import sys

if importlib.util.find_spec("autograd_core") is None:
    package = "{name}[notebooks] @ git+{repository}"
    subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", package], check=True)
    importlib.invalidate_caches()"""


def sources() -> list[Path]:
    """Return the sources of the notebooks, in reading order."""
    return sorted(path for path in HERE.glob("*_*.py"))


def read(source: Path) -> Any:
    """Read a notebook from its source, without outputs; a cell's id is its position."""
    notebook = jupytext.read(source, fmt="py:percent")
    notebook.metadata = nbformat.from_dict(KERNEL)
    notebook.cells[1:1] = hosted(source.stem)
    for place, cell in enumerate(notebook.cells):
        cell.id = f"cell-{place}"
    return notebook


def hosted(name: str) -> list[Any]:
    """Return the links to hosted services, and the cell that installs what a notebook needs there."""
    addresses = {
        "colab": f"https://colab.research.google.com/github/{PLACE}/blob/{BRANCH}/notebooks/{name}.ipynb",
        "binder": f"https://mybinder.org/v2/gh/{PLACE}/{BRANCH}?labpath=notebooks/{name}.ipynb",
    }
    code = INSTALL.format(name=PROJECT["name"], repository=REPOSITORY)
    return [
        nbformat.v4.new_markdown_cell(LINKS.format(**addresses)),
        nbformat.v4.new_code_cell(code, metadata={"tags": ["remove-cell"]}),
    ]


def kept(source: Path) -> Any:
    """Return the notebook of a source with its stored outputs, if no code cell has changed."""
    notebook = read(source)
    stored = nbformat.read(source.with_suffix(".ipynb"), as_version=4)
    outputs = {cell.source: cell.outputs for cell in stored.cells if cell.cell_type == "code"}
    for count, cell in enumerate((cell for cell in notebook.cells if cell.cell_type == "code"), start=1):
        cell.execution_count = count
        if "remove-cell" in cell.metadata.get("tags", ()):
            continue
        if cell.source not in outputs:
            raise SystemExit(f"{source.name}: has changed; run: python notebooks/build.py {source.stem}")
        cell.outputs = [output.copy() for output in outputs[cell.source]]
        for output in cell.outputs:
            if "execution_count" in output:
                output.execution_count = count
    return notebook


def run(notebook: Any) -> Any:
    """Run a notebook and return it with its outputs; raise any error of a cell."""
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
    if names == ["--addresses"]:
        for source in sources():
            nbformat.write(kept(source), source.with_suffix(".ipynb"))
        return
    for source in [HERE / f"{name}.py" for name in names] or sources():
        begun = time.perf_counter()
        notebook = run(read(source))
        nbformat.write(notebook, source.with_suffix(".ipynb"))
        size = source.with_suffix(".ipynb").stat().st_size
        print(f"{source.stem}: {time.perf_counter() - begun:.1f} s, {size / 1000:.0f} kB")


if __name__ == "__main__":
    main(sys.argv[1:])
