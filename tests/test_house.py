"""The house rules: rooms, public names, files of one sitting, commands that work, and a quiet import."""

import ast
import builtins
import importlib
import inspect
import os
import re
import shutil
import subprocess
import sys
import tomllib
import types
import zipfile
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("autograd_core", "nn", "viz")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
SOURCES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))

# About 250 lines are read in one sitting; the table is for looking things up.
LONGEST_FILE = 330
LONG_FILES = {"autograd_core/ops.py"}

PUBLIC_MODULES = {"autograd_core": {"algorithms", "errors"}, "nn": {"data", "init"}, "viz": {"plots"}}

COMMANDS = (
    'pip install . && autograd-core step "cos(sin(x**2) + 3*x**2)" x=2',
    "pip install '.[test]' && pytest",
)


def name_of(path: Path) -> str:
    """Return a file's path from the root, as the same text on every system."""
    return path.relative_to(ROOT).as_posix()


@cache
def tracked_files() -> tuple[Path, ...]:
    """Return the files of the repository, or of the folder where there is no repository."""
    if (ROOT / ".git").exists() and shutil.which("git"):
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
        paths = [ROOT / os.fsdecode(name) for name in listed.split(b"\0") if name]
    else:
        paths = [
            p for p in ROOT.rglob("*") if not any(part.startswith(".") for part in p.relative_to(ROOT).parts)
        ]
    return tuple(path for path in paths if path.is_file())


def text_of(name: str) -> str:
    """Return the text of a file at the top of the repository."""
    return (ROOT / name).read_text(encoding="utf-8")


def readme_block(language: str) -> str:
    """Return the first fenced block of a language in the README."""
    return re.findall(rf"^```{language}\n(.*?)^```$", text_of("README.md"), re.DOTALL | re.MULTILINE)[0]


def python(*arguments: str, code: str, **environment: str) -> str:
    """Run code in a fresh interpreter, which must succeed with standard error silent; return its output."""
    program = f"import sys; sys.path.insert(0, {str(ROOT)!r})\n{code}"
    answer = subprocess.run(
        [sys.executable, *arguments, "-c", program],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (answer.returncode, answer.stderr) == (0, "")
    return answer.stdout


def test_imports_run_downward_only():
    answer = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run()"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stdout


def test_every_room_of_autograd_core_has_its_layer():
    layers = PROJECT["tool"]["importlinter"]["contracts"][0]["layers"]
    placed = set(re.findall(r"\w+", " ".join(layers)))
    rooms = {
        path.stem for path in (ROOT / "autograd_core").iterdir() if path.suffix == ".py" or path.is_dir()
    }
    assert rooms - {"__init__", "__pycache__"} <= placed


def test_the_layers_in_contributing_are_those_of_the_contract():
    layers = PROJECT["tool"]["importlinter"]["contracts"][0]["layers"]
    table = "\n".join(line for line in text_of("CONTRIBUTING.md").splitlines() if "|" in line)
    rooms = re.findall(r"\w+", " ".join(layers))
    existing = [f"{room}.py" for room in rooms if (ROOT / "autograd_core" / f"{room}.py").exists()]
    assert [name for name in existing if name not in table] == []


def test_every_room_of_autograd_core_is_public_to_viz_or_inner():
    contracts = {found["name"]: found for found in PROJECT["tool"]["importlinter"]["contracts"]}
    listed = contracts["viz keeps out of the inner rooms of autograd_core"]["forbidden_modules"]
    inner = {name.removeprefix("autograd_core.") for name in listed}
    told = text_of("CONTRIBUTING.md").partition("public to `viz` are")[2].partition(". The others")[0]
    public = set(re.findall(r"`(\w+)`", told.partition(":")[2]))
    folder = ROOT / "autograd_core"
    rooms = {path.stem for path in folder.iterdir() if path.suffix == ".py" or path.is_dir()}
    assert inner | public == rooms - {"__init__", "__pycache__"}, "a room belongs into one of the two"
    assert inner & public == set()


@pytest.mark.parametrize("package", PACKAGES)
def test_all_is_what_the_package_offers(package):
    module = importlib.import_module(package)
    offered = {
        name
        for name, thing in vars(module).items()
        if not name.startswith("_") and not isinstance(thing, types.ModuleType)
    }
    lazy = set(module.__all__) - set(vars(module))
    assert all(hasattr(module, name) for name in lazy)
    assert set(module.__all__) - lazy - {"__version__"} == offered - set(dir(builtins))
    assert len(module.__all__) == len(set(module.__all__))


@pytest.mark.parametrize("package", PACKAGES)
def test_import_star_replaces_no_builtin(package):
    names = {}
    exec(f"from {package} import *", names)
    assert [name for name in names if hasattr(builtins, name) and not name.startswith("__")] == []


@pytest.mark.parametrize("package", PACKAGES)
def test_completion_offers_public_names_only(package):
    module = importlib.import_module(package)
    for path in (ROOT / package).rglob("*.py"):
        if not path.stem.startswith("__"):  # What has been imported is an attribute of its package.
            importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
    modules = {name for name in dir(module) if isinstance(getattr(module, name), types.ModuleType)}
    assert modules <= PUBLIC_MODULES[package]
    assert set(module.__all__) <= set(dir(module))
    assert not [name for name in dir(module) if name.startswith("_")]


@pytest.mark.parametrize("package", PACKAGES)
def test_every_public_name_has_a_docstring(package):
    module = importlib.import_module(package)
    things = {name: getattr(module, name) for name in module.__all__}
    written = {
        name: thing for name, thing in things.items() if inspect.isclass(thing) or inspect.isfunction(thing)
    }
    assert [name for name, thing in written.items() if not inspect.getdoc(thing)] == []


@pytest.mark.parametrize("package", ["nn", "viz"])
def test_no_private_name_is_imported_across_packages(package):
    private = [
        f"{name_of(path)}: {node.module}.{name.name}"
        for path in SOURCES
        if path.is_relative_to(ROOT / package)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom)
        and node.level == 0
        and (node.module or "").split(".")[0] in PACKAGES
        for name in node.names
        if re.search(r"(^|\.)_(?!_)", f"{node.module}.{name.name}")
    ]
    assert private == []


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_a_file_can_be_read_in_one_sitting(path):
    lines = path.read_text(encoding="utf-8").splitlines()
    assert len(lines) <= LONGEST_FILE or name_of(path) in LONG_FILES
    assert [line for line in lines if re.match(r"\s*#\s*[-=*#~]{3,}", line)] == [], (
        "no banners between sections"
    )


def test_init_files_only_list_names():
    allowed = (ast.Import, ast.ImportFrom, ast.Expr, ast.Assign, ast.AnnAssign, ast.FunctionDef)
    for package in PACKAGES:
        tree = ast.parse((ROOT / package / "__init__.py").read_text(encoding="utf-8"))
        assert [type(node).__name__ for node in tree.body if not isinstance(node, allowed)] == []
        functions = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
        assert functions <= {"__getattr__", "__dir__"}


def test_every_package_is_listed_and_typed():
    listed = PROJECT["tool"]["setuptools"]["packages"]
    there = [
        ".".join(path.parent.relative_to(ROOT).parts)
        for package in PACKAGES
        for path in (ROOT / package).rglob("__init__.py")
    ]
    assert sorted(listed) == sorted(there)
    assert all((ROOT / package / "py.typed").exists() for package in PACKAGES)


def test_the_readme_gives_the_two_commands_first():
    assert tuple(readme_block("sh").splitlines()) == COMMANDS


def test_the_readme_program_does_what_it_says(tmp_path):
    program = readme_block("python")
    said = [line.partition("  # ")[2] for line in program.splitlines() if line.startswith("print(")]
    printed = python(code=f"import os; os.chdir({str(tmp_path)!r})\n{program}")
    assert printed.splitlines() == said


def test_contributing_names_the_check_command():
    assert "python -m tests.check" in text_of("CONTRIBUTING.md")


def test_no_file_depends_on_where_packages_come_from():
    """Which package index is used is the user's own setting."""
    hosts = ["py" + "pi.org", "python" + "hosted", "registry.npm" + "js", "deb.deb" + "ian", "index" + "-url"]
    found = [
        f"{name_of(path)}: {host}"
        for path in tracked_files()
        for host in hosts
        if host in path.read_bytes().decode(errors="replace")
    ]
    assert found == []


@pytest.mark.parametrize("package", PACKAGES)
@pytest.mark.parametrize(
    "arguments", [(), ("-O",), ("-OO",), ("-I",), ("-W", "error"), ("-X", "dev")], ids=str
)
def test_an_import_is_silent_in_every_mode(package, arguments):
    assert python(*arguments, code=f"import {package}") == ""


def test_an_import_works_with_the_standard_streams_closed_and_in_a_thread():
    code = """
import importlib, threading, sys
sys.stdout.close(); sys.stderr.close()
faults = []
def load():
    try:
        for package in ("autograd_core", "nn", "viz"):
            importlib.import_module(package)
    except BaseException as fault:
        faults.append(fault)
thread = threading.Thread(target=load)
thread.start()
thread.join()
import os
os._exit(len(faults))
"""
    assert python(code=code) == ""


def test_the_engine_imports_nothing_heavy():
    heavy = (
        "numpy",
        "graphviz",
        "matplotlib",
        "torch",
        "jax",
        "sympy",
        "networkx",
        "safetensors",
        "tqdm",
        "nn",
        "viz",
    )
    code = f"import autograd_core; print([name for name in {heavy} if name in sys.modules])"
    assert python(code=code) == "[]\n"


@pytest.mark.parametrize("arguments", [("-O",), ("-I",), ("-X", "dev"), ("-W", "error")], ids=str)
def test_the_engine_works_in_every_mode(arguments):
    code = """
from autograd_core import Value, cos, sin
x = Value(2.0, "x")
J = cos(sin(x**2) + 3 * x**2)
J.backward()
print(J.data, x.grad)
try:
    Value("2")
except TypeError:
    print("refused")
"""
    assert python(*arguments, code=code) == "0.24510036817001535 9.099148544832385\nrefused\n"


@pytest.mark.slow
def test_the_wheel_holds_the_packages_their_types_and_the_licence_and_no_tests(tmp_path):
    source, wheels = tmp_path / "source", tmp_path / "wheels"
    for path in tracked_files():
        target = source / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "--wheel-dir",
        str(wheels),
        str(source),
    ]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL, capture_output=True)
    (wheel,) = wheels.glob("autograd_core-*-py3-none-any.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0] for name in names if ".dist-info/" not in name} == set(PACKAGES)
    assert {f"{package}/py.typed" for package in PACKAGES} <= set(names)
    assert any(name.endswith("licenses/LICENSE") for name in names)
    sources = {
        path.relative_to(source).as_posix()
        for package in PACKAGES
        for path in (source / package).rglob("*.py")
    }
    assert sources <= set(names)
    assert {f"autograd_core/compile/library.{ending}" for ending in ("c", "js")} <= set(names)
