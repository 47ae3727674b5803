"""Configure the documentation: `python -m sphinx -W -b html docs build/docs`."""

import os
import re
import shutil
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
sys.path[:0] = [str(ROOT), str(HERE)]

# Code on the pages imports the packages of this checkout.
os.environ["PYTHONPATH"] = str(ROOT)

import generated  # noqa: E402

from autograd_core import TABLE, parse  # noqa: E402
from viz import stepper  # noqa: E402

project = "autograd-core"
author = "The autograd-core authors"
html_title = "autograd-core"
html_theme = "furo"
html_theme_options = {"source_edit_link": "", "navigation_with_keys": True}
html_static_path = ["_static"]
html_css_files = ["custom.css"]
html_extra_path = ["_extra"]

extensions = ["myst_nb", "sphinx.ext.autodoc", "mathml", "sphinx.ext.viewcode", "tryit"]
html_math_renderer = "mathml"
exclude_patterns = ["_build", "_extra"]
myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 3

# The tests run the pages' code; the notebooks are shown as they are stored.
nb_execution_mode = "off"
nb_merge_streams = True

autodoc_typehints = "signature"
autodoc_member_order = "bysource"
autodoc_preserve_defaults = True
default_role = "code"
python_use_unqualified_type_names = True
suppress_warnings = ["mystnb.unknown_mime_type"]


def copy_notebooks(app):
    """Copy the notebooks from the top of the repository to where Sphinx finds them."""
    folder = HERE / "notebooks"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for notebook in (ROOT / "notebooks").glob("*.ipynb"):
        shutil.copyfile(notebook, folder / notebook.name)
    shutil.copyfile(ROOT / "notebooks" / "README.md", folder / "index.md")


def write_live_pages(app, config):
    """Write the stepper page that the pages show in a frame."""
    folder = HERE / "_extra" / "live"
    folder.mkdir(parents=True, exist_ok=True)
    J = parse("t = x**2; u1 = sin(t); u2 = 3*t; u = u1 + u2; J = cos(u)", {"x": 2.0})
    stepper(J).save(folder / "lecture.html")


def framed(text, name):
    """Replace each `<!-- live stepper: ADDRESS -->` by a frame, which code hosts do not show."""
    up = "../" * name.count("/")
    frame = (
        "\n```{{raw}} html\n"
        '<iframe src="{up}live/lecture.html{address}" loading="lazy" title="Step through the function" '
        'style="width:100%;height:720px;border:0"></iframe>\n```\n'
    )
    # A picture right above it replaces it on code hosts.
    live = r"(?:!\[[^\]]*\]\([^)]*stepper\.png\)\n+)?<!-- live stepper: (\S*) -->"
    return re.sub(live, lambda match: frame.format(up=up, address=match[1]), text)


def prepare(app, name, source):
    """Convert a page for code hosts to one for Sphinx: directives, links and tables of contents."""
    text = generated.filled(source[0], generated.WHEN_BUILT)
    # From the root of the repository to that of the documentation.
    text = re.sub(r"(\]\((?:\.\./)*)\.\./notebooks/", r"\1notebooks/", text).replace("](../docs/", "](../")
    text = text.replace("notebooks/README.md", "notebooks/index.md")
    if name.rpartition("/")[2] == "index":
        pages = re.findall(r"^\* .*?\]\(([\w./-]+)\.(?:md|ipynb)\)", text, re.MULTILINE)
        text += "\n```{toctree}\n:hidden:\n\n" + "\n".join(pages) + "\n```\n"
    source[0] = framed(text, name)


def skip_rows(app, what, name, obj, skip, options):
    """Skip the rows of the table, which have a separate page."""
    return True if name in TABLE and what == "module" else None


def setup(app):
    app.connect("builder-inited", copy_notebooks)
    app.connect("config-inited", write_live_pages)  # Before Sphinx looks for the folder.
    app.connect("source-read", prepare)
    app.connect("autodoc-skip-member", skip_rows)
    app.connect("autodoc-process-docstring", generated.readable)
