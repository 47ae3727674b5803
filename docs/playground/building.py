"""Assemble the site from this folder, the packages, and pinned packages from npm and PyPI."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
import zlib
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
TOOLS = ROOT / "build" / "playground-tools"

CORE = TOOLS / "node_modules" / "pyodide"
COPIED = ("frame.html", "frame.css", "frame.js")
FIRST = ("cos(sin(x**2) + 3*x**2)", "x=2")
"""The initial function, whose stepper is shown before Python is ready."""

UNUSABLE = ("ftplib", "imaplib", "mailbox", "multiprocessing", "poplib", "smtplib", "wsgiref", "xmlrpc")
"""Modules of the standard library that need other processes or sockets, which a page does not have."""

NN = '"""In place of the package, which needs NumPy."""\n\nimport numpy\n'
"""A page has no NumPy, so that importing `nn` ends here; the rest of the package would never run."""

UNREAD = (".po", ".pyi", ".1", "/RECORD", "/WHEEL")
"""Ends of the names of files that no program reads: a catalog is read as it is compiled, for example."""

PAGE = ("docs.playground", "index.html", ("app", "code", "expression", "python", "examples"))
"""The files in which the page's own words stand."""


class BuildError(Exception):
    """A part of the build has failed."""


def build(folder: Path) -> dict[str, int]:
    """Write the site to a folder and return the size of each file. Raises `BuildError`."""
    tools()
    folder = folder.resolve()
    if folder.exists() and not (folder / "sw.js").exists() and any(folder.iterdir()):
        raise BuildError(f"{folder} exists and is not a playground; choose another folder or remove it.")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as name:
        site = Path(name) / "site"
        site.mkdir()
        copy_core(site)
        pack(site, Path(name))
        bundle(site, Path(name))
        write_pages(site)
        write_words(site)
        write_worker(site)
        shutil.rmtree(folder, ignore_errors=True)
        site.chmod(0o755)
        site.rename(folder)
    return sizes_in(folder)


def sizes_in(folder: Path) -> dict[str, int]:
    """Return the size of each file by its path."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.stat().st_size for path in files}


def tools() -> Path:
    """Install what package-lock.json names, and return its folder. Raises `BuildError`."""
    lock = (HERE / "package-lock.json").read_bytes()
    stamp = TOOLS / "installed"
    wanted = hashlib.sha256(lock).hexdigest()
    if not stamp.exists() or stamp.read_text(encoding="utf-8") != wanted:
        TOOLS.mkdir(parents=True, exist_ok=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copyfile(HERE / name, TOOLS / name)
        run("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", cwd=TOOLS)
        stamp.write_text(wanted, encoding="utf-8")
    return TOOLS / "node_modules"


def copy_core(site: Path) -> None:
    """Copy the parts of Pyodide that a page loads, with an empty lock file: all packages are ours."""
    target = site / "pyodide"
    target.mkdir()
    copy_library(target / "python_stdlib.zip")
    deflate(CORE / "pyodide.asm.wasm", target)
    lock = json.loads((CORE / "pyodide-lock.json").read_text(encoding="utf-8")) | {"packages": {}}
    (target / "pyodide-lock.json").write_text(json.dumps(lock), encoding="utf-8")


def copy_library(target: Path) -> None:
    """Copy the standard library without the modules that cannot be used in a page."""
    with zipfile.ZipFile(CORE / "python_stdlib.zip") as library, zipfile.ZipFile(target, "w") as copy:
        for entry in library.infolist():
            if entry.filename.split("/")[0].removesuffix(".py") not in UNUSABLE:
                copy.writestr(entry, library.read(entry), zipfile.ZIP_DEFLATED, 9)


def deflate(path: Path, target: Path) -> None:
    """Write a file, deflated, to a folder, as file servers may send large files uncompressed."""
    (target / f"{path.name}.z").write_bytes(zlib.compress(path.read_bytes(), 9))


def pack(site: Path, scratch: Path) -> None:
    """Write the packages, and a memory snapshot of a Python that has imported them."""
    folder, wheels = scratch / "packages", scratch / "wheels"
    for wheel in (wheel_of_ours(scratch, wheels), *wheels_of_others(wheels)):
        with zipfile.ZipFile(wheel) as archive:
            kept = [name for name in archive.namelist() if not name.startswith("nn/")]
            archive.extractall(folder, [name for name in kept if not name.endswith(UNREAD)])
    (folder / "nn.py").write_text(NN, encoding="utf-8")
    shutil.copyfile(HERE / "python" / "playground.py", folder / "playground.py")
    with zipfile.ZipFile(site / "packages.zip", "w") as archive:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            # The same content gives the same archive, and so the same version of the site.
            entry = zipfile.ZipInfo(path.relative_to(folder).as_posix())
            archive.writestr(entry, path.read_bytes(), zipfile.ZIP_DEFLATED, 9)
    run("node", HERE / "snapshot.mjs", CORE, site / "packages.zip", site / "pyodide" / "snapshot.z", scratch)


def wheel_of_ours(scratch: Path, target: Path) -> Path:
    """Build the pure wheel from a copy of the sources, since an earlier build may have left other files."""
    source = scratch / "source"
    for name in ("autograd_core", "nn", "viz"):
        shutil.copytree(
            ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__", "*.so", "*.pyd")
        )
    for name in ("pyproject.toml", "setup.py", "README.md", "LICENSE"):
        shutil.copyfile(ROOT / name, source / name)
    environment = {key: value for key, value in os.environ.items() if key != "REQUIRE_NATIVE"}
    command = (sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", target, source)
    run(*command, env=environment | {"AUTOGRAD_CORE_PURE": "1"})
    (wheel,) = target.glob("autograd_core-*-py3-none-any.whl")
    return wheel


def wheels_of_others(target: Path) -> list[Path]:
    """Download the pure wheels that wheels.txt names, with their checksums."""
    before = set(target.iterdir())
    options = ("--quiet", "--no-deps", "--only-binary=:all:", "--require-hashes", "--dest", target)
    run(sys.executable, "-m", "pip", "download", *options, "-r", HERE / "wheels.txt")
    return sorted(set(target.iterdir()) - before)


def bundle(site: Path, scratch: Path) -> None:
    """Bundle the page's scripts in parts loaded on demand, and the worker's scripts in one file."""
    options = (
        "--bundle",
        "--format=esm",
        "--minify",
        "--target=es2022",
        "--charset=utf8",
        "--loader:.py=text",
    )
    esbuild = TOOLS / "node_modules" / "esbuild" / "bin" / "esbuild"
    environment = os.environ | {"NODE_PATH": str(TOOLS / "node_modules")}
    command = ("node", esbuild, *options, "--external:node:*", "--log-level=warning")
    run(*command, HERE / "page" / "app.js", "--splitting", f"--outdir={site}", env=environment)
    run(*command, HERE / "page" / "worker.js", f"--outdir={scratch}", env=environment)
    deflate(scratch / "worker.js", site)


def write_pages(site: Path) -> None:
    """Write the pages, their style after the colors of all drawings, and the first stepper."""
    from viz import stepper
    from viz.cli.command import function_of
    from viz.palette import css

    for name in COPIED:
        shutil.copyfile(HERE / "page" / name, site / name)
    shutil.copyfile(HERE / "page" / "index.html", site / "index.html")
    style = css() + (HERE / "page" / "style.css").read_text(encoding="utf-8")
    (site / "style.css").write_text(style, encoding="utf-8")
    text, *values = FIRST
    page = stepper(function_of(text, values)).html
    (site / "first.html.z").write_bytes(zlib.compress(page.encode(), 9))


def write_words(site: Path) -> None:
    """Write the translations of the page's own words, a file for each language but English."""
    from autograd_core.languages import LANGUAGES
    from viz.stepper.page_translations import Page, words

    (site / "words").mkdir()
    for code in LANGUAGES:
        if code != "en":
            found = words(Page(*PAGE), code)
            text = json.dumps(dict(zip(found["texts"], found["said"][code], strict=True)), ensure_ascii=False)
            (site / "words" / f"{code}.json").write_text(text, encoding="utf-8")


def write_worker(site: Path) -> None:
    """Write the service worker, whose version depends on all files."""
    names = list(sizes_in(site))
    digest = hashlib.sha256()
    for name in names:
        digest.update(name.encode() + b"\0" + hashlib.sha256((site / name).read_bytes()).digest())
    text = (HERE / "page" / "sw.js").read_text(encoding="utf-8")
    text = text.replace("{{version}}", f"playground-{digest.hexdigest()[:16]}")
    (site / "sw.js").write_text(text.replace("{{files}}", json.dumps(["./", *names])), encoding="utf-8")


def run(*command: object, **options: object) -> None:
    """Run a program; raise `BuildError` with its output if it fails."""
    words = [str(word) for word in command]
    program = shutil.which(words[0])
    if program is None:
        raise BuildError(f"{words[0]}: not installed; expected Node with npm. Install it and try again.")
    answer = subprocess.run(
        [program, *words[1:]],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        **options,
    )
    if answer.returncode:
        said = (answer.stderr or answer.stdout).strip()[-2000:]
        raise BuildError(f"{' '.join(words[:4])} … failed with status {answer.returncode}:\n{said}")
