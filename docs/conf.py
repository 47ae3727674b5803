"""How the documentation is built: `python -m sphinx -W -b html docs build/docs`."""

import os
import shutil
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
sys.path[:0] = [str(ROOT), str(HERE)]

# The pages that are run find the packages of this checkout.
os.environ["PYTHONPATH"] = str(ROOT)

import generated  # noqa: E402

from autograd_core import TABLE  # noqa: E402

project = "autograd-core"
author = "The autograd-core authors"
html_title = "autograd-core"
html_theme = "furo"
html_theme_options = {"source_edit_link": "", "navigation_with_keys": True}
html_static_path = ["_static"]
html_css_files = ["custom.css"]

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.mathjax", "sphinx.ext.viewcode"]
exclude_patterns = ["_build", "notebooks/README.md"]
myst_enable_extensions = ["attrs_block", "colon_fence", "deflist", "dollarmath", "fieldlist"]
myst_heading_anchors = 3

# The pages with pictures are run while they are built; the notebooks are shown as they are stored.
nb_execution_mode = "force"
nb_execution_excludepatterns = ["notebooks/*"]
nb_execution_raise_on_error = True
nb_execution_timeout = 120
nb_execution_in_temp = True
nb_merge_streams = True

autodoc_typehints = "signature"
autodoc_member_order = "bysource"
autodoc_preserve_defaults = True
default_role = "code"
python_use_unqualified_type_names = True
suppress_warnings = ["mystnb.unknown_mime_type"]


def copy_notebooks(app):
    """Notebooks live at the top of the repository; their stored outputs are shown here."""
    folder = HERE / "notebooks"
    shutil.rmtree(folder, ignore_errors=True)
    found = sorted((ROOT / "notebooks").glob("*.ipynb"))
    folder.mkdir()
    for notebook in found:
        shutil.copyfile(notebook, folder / notebook.name)
    (folder / "index.md").write_text(generated.notebooks_index(found), encoding="utf-8")


def fill_in(app, name, source):
    """Puts what is generated in the place of its marker."""
    for marker, make in generated.MARKERS.items():
        if marker in source[0]:
            source[0] = source[0].replace(marker, make())


def skip_rows(app, what, name, obj, skip, options):
    """The rows of the table have a table of their own."""
    return True if name in TABLE and what == "module" else None


def setup(app):
    app.connect("builder-inited", copy_notebooks)
    app.connect("source-read", fill_in)
    app.connect("autodoc-skip-member", skip_rows)
    app.connect("autodoc-process-docstring", generated.readable)
