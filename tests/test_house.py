"""Project rules: folders and layers, public names, sizes, working commands, and an import without output."""

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
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("autograd_core", "nn", "viz")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
SOURCES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))

LONGEST_FILE, LONGEST_FUNCTION, LARGEST_FOLDER, MOST_INNER_IMPORTS = 450, 40, 12, 5
TABLE_FILE = "autograd_core/operations/table.py"
# `Value` is one class in one file, with all its operators, and the operations are one table.
LONG_FILES = {"autograd_core/kernel/value.py", TABLE_FILE}
# Tables written as code, which a split would scatter.
LONG_FUNCTIONS = {"draw_network", "modules", "save", "torch_functions"}

PUBLIC_MODULES = {
    "autograd_core": {"algorithms", "errors", "exercises"},
    "nn": {"data", "init"},
    "viz": {"plots"},
}

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
        made = re.compile(r"\..*|__pycache__")
        paths = [p for p in ROOT.rglob("*") if not any(map(made.fullmatch, p.relative_to(ROOT).parts))]
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
        timeout=300,
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
    assert rooms - {"__init__", "__main__", "__pycache__"} <= placed


def test_every_folder_is_described_in_contributing():
    told = text_of("CONTRIBUTING.md")
    folders = {path.parent.relative_to(ROOT).as_posix() for path in SOURCES}
    assert [folder for folder in sorted(folders) if f"`{folder}/`" not in told] == []


def test_the_files_to_read_first_are_read_in_an_afternoon():
    told = (
        text_of("CONTRIBUTING.md").partition("Start with these")[2].partition("\n\n")[2].partition("\n\n")[0]
    )
    paths = re.findall(r"^\d\. `(.*?)`", told, re.MULTILINE)
    length = {path: len(text_of(path).splitlines()) for path in paths}
    tenth = [i for i, line in enumerate(text_of(TABLE_FILE).splitlines()) if re.match(r"\w+ += row\(", line)][
        10
    ]
    assert length[TABLE_FILE] > tenth
    assert len(paths) <= 6
    assert sum(length.values()) - length[TABLE_FILE] + tenth <= 1300


def test_no_module_imports_a_private_name_of_another():
    found = [
        f"{name_of(path)}:{node.lineno}: {alias.name}"
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and (node.level or (node.module or "").split(".")[0] in PACKAGES)
        for alias in node.names
        if alias.name.startswith("_") and not alias.name.endswith("__")
    ]
    assert found == []


def test_the_kernel_is_short_and_runs_no_generated_code():
    sources = [
        path.read_text(encoding="utf-8") for path in SOURCES if "autograd_core/kernel/" in path.as_posix()
    ]
    assert sum(text.count("\n") for text in sources) <= 1500
    assert not [text for text in sources if re.search(r"\b(exec|eval)\(", text)]


@pytest.mark.parametrize(
    "path", [p for p in SOURCES if p.relative_to(ROOT).parts[0] in ("nn", "viz")], ids=name_of
)
def test_nn_and_viz_import_public_names_of_packages_only(path):
    own = path.relative_to(ROOT).parts[0]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.ImportFrom) or node.level or node.module.split(".")[0] not in PACKAGES:
            continue
        assert node.module.split(".")[0] != own, "within a package, imports are relative"
        package = importlib.import_module(node.module)
        if node.module == "autograd_core.errors":
            continue
        is_public = node.module.partition(".")[2] in PUBLIC_MODULES[node.module.split(".")[0]]
        assert hasattr(package, "__path__") or is_public, node.module
        builtin = {name for name in dir(builtins) if hasattr(package, name)}
        assert {name.name for name in node.names} <= {*package.__all__, *builtin}, node.module


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
        if not path.stem.startswith("__"):  # An imported module is an attribute of its package.
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
def test_a_file_is_short_enough_to_read(path):
    lines = path.read_text(encoding="utf-8").splitlines()
    assert len(lines) <= LONGEST_FILE or name_of(path) in LONG_FILES
    assert [line for line in lines if re.match(r"\s*#\s*[-=*#~]{3,}", line)] == [], (
        "no banners between sections"
    )


def functions():
    """Yield the file, the name and the lines of code of each function, without its docstring."""
    for path in SOURCES:
        text = path.read_text(encoding="utf-8")
        lines = text.splitlines()
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                body = node.body[1:] if ast.get_docstring(node) else node.body
                code = lines[body[0].lineno - 1 : node.end_lineno] if body else []
                yield name_of(path), node, [x for x in code if x.strip() and not x.strip().startswith("#")]


def test_a_function_is_short_enough_to_read():
    long = [
        (name, node.name, len(code))
        for name, node, code in functions()
        if len(code) > LONGEST_FUNCTION and node.name not in LONG_FUNCTIONS
    ]
    assert long == []


def test_a_folder_is_small_enough_to_look_through():
    folders = Counter(path.parent for path in SOURCES if path.name != "__init__.py")
    assert {name_of(folder): n for folder, n in folders.items() if n > LARGEST_FOLDER} == {}


def test_few_of_our_is_publics_are_imported_inside_functions():
    found = {
        (name, node.module)
        for name, function, _ in functions()
        for node in ast.walk(function)
        if isinstance(node, ast.ImportFrom) and (node.level or node.module.split(".")[0] in PACKAGES)
    }
    assert len(found) <= MOST_INNER_IMPORTS, sorted(found)


TWINS = {"Concatenate", "Layer", "MLP", "Neuron", "Residual"}
"""The PyTorch counterparts of modules of nn, which PyTorch prints by these names."""


def test_no_two_classes_have_one_name():
    classes: dict[str, list[str]] = {}
    aliases: dict[str, list[str]] = {}
    for path in SOURCES:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                classes.setdefault(node.name, []).append(name_of(path))
        for node in tree.body:
            names = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
            for name in [name.id for name in names if isinstance(name, ast.Name)]:
                aliases.setdefault(name, []).append(name_of(path))
    twice = {name: files for name, files in classes.items() if len(files) > 1 and name not in TWINS}
    assert twice == {}
    assert {name: files for name, files in aliases.items() if name in classes} == {}


def test_init_files_only_list_names():
    allowed = (ast.Import, ast.ImportFrom, ast.Expr, ast.Assign, ast.AnnAssign, ast.FunctionDef)
    for package in PACKAGES:
        tree = ast.parse((ROOT / package / "__init__.py").read_text(encoding="utf-8"))
        assert [type(node).__name__ for node in tree.body if not isinstance(node, allowed)] == []
        functions = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
        assert functions <= {"__getattr__", "__dir__"}


def test_every_folder_is_a_package_and_every_package_typed():
    found = PROJECT["tool"]["setuptools"]["packages"]["find"]["include"]
    assert sorted(found) == sorted(f"{package}*" for package in PACKAGES)
    assert [path.parent for path in SOURCES if not (path.parent / "__init__.py").exists()] == []
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
    """The package index is the user's setting."""
    hosts = ["py" + "pi.org", "python" + "hosted", "registry.npm" + "js", "deb.deb" + "ian", "index" + "-url"]
    found = [
        f"{name_of(path)}: {host}"
        for path in tracked_files()
        for host in hosts
        if host in path.read_bytes().decode(errors="replace")
    ]
    assert found == []


@pytest.mark.slow
@pytest.mark.parametrize("package", PACKAGES)
def test_an_import_alone_is_silent(package):
    assert python(code=f"import {package}") == ""


@pytest.mark.slow
@pytest.mark.parametrize("arguments", [("-O",), ("-OO",), ("-I",), ("-W", "error"), ("-X", "dev")], ids=str)
def test_an_import_is_silent_in_every_mode(arguments):
    assert python(*arguments, code=f"import {', '.join(PACKAGES)}") == ""


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


@pytest.mark.slow
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
