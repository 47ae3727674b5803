"""Compile LaTeX in a document that loads only one package, amsmath unless another is named."""

import os
import re
import shutil
import subprocess

import pytest

DOCUMENT = r"""\documentclass{article}
\usepackage{%s}
\begin{document}
%s
\end{document}
"""


def compiled(body, folder, package="amsmath"):
    """Compile a document, or a text in one, and return the PDF's path; fail with TeX's message."""
    program = shutil.which("pdflatex")
    if program is None:
        if os.environ.get("REQUIRE_TEX"):
            pytest.fail("no pdflatex on PATH, and REQUIRE_TEX is set")
        pytest.skip("no pdflatex on PATH")
    document = body if "\\documentclass" in body else DOCUMENT % (package, body)
    (folder / "page.tex").write_text(document, encoding="utf-8")
    command = [program, "-interaction=nonstopmode", "-halt-on-error", "-file-line-error", "page.tex"]
    answer = subprocess.run(command, cwd=folder, capture_output=True, timeout=300)
    log = answer.stdout.decode("utf-8", "replace")
    faults = re.findall(r"page\.tex:\d+:.*|LaTeX Warning: Command.*|Missing character.*", log)
    assert (answer.returncode, faults) == (0, []), log[-1500:]
    return folder / "page.pdf"
