"""The release: sdist and wheel build, install in an empty environment, and have the right contents."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from .test_house import PACKAGES, ROOT, tracked_files
from .test_without_numpy import FUNCTION, WORKS

IMPORT_CALLS = 120_000  # Of 79,000.


def run(*command: str, **options: object) -> str:
    """Run a command, which must succeed, and return its output."""
    answer = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, **options
    )
    assert answer.returncode == 0, f"{' '.join(command)}\n{answer.stdout}\n{answer.stderr}"
    return answer.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the sdist and the wheel from it, and return their folder."""
    if "CI" not in os.environ:
        pytest.importorskip("build")
    folder = tmp_path_factory.mktemp("release")
    for path in tracked_files():
        target = folder / "source" / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    run(sys.executable, "-m", "build", "--outdir", str(folder / "dist"), str(folder / "source"))
    return folder / "dist"


@pytest.mark.slow
def test_the_checks_of_an_index_pass(built):
    twine = run(sys.executable, "-m", "twine", "check", "--strict", *map(str, built.iterdir()))
    assert twine.count("PASSED") == 2
    (wheel,) = built.glob("*.whl")
    # Three packages in one distribution are intended; W009 warns about more than one.
    run(sys.executable, "-m", "check_wheel_contents", "--ignore", "W009", str(wheel))


@pytest.mark.slow
def test_the_sdist_is_the_repository_and_the_wheel_its_packages(built):
    (sdist,) = built.glob("*.tar.gz")
    (wheel,) = built.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0] for name in names} - set(PACKAGES) == {
        name.split("/")[0] for name in names if ".dist-info/" in name
    }
    assert not [name for name in names if "test" in Path(name).name]
    with tarfile.open(sdist) as archive:
        inside = {name.partition("/")[2] for name in archive.getnames()}
    assert {path.relative_to(ROOT).as_posix() for path in tracked_files()} <= inside
    assert {name for name in names if name.endswith(".py")} <= inside


@pytest.mark.slow
def test_the_wheel_holds_the_packages_their_types_and_the_license(built):
    (wheel,) = built.glob("*.whl")
    names, source = set(zipfile.ZipFile(wheel).namelist()), built.parent / "source"
    assert {f"{package}/py.typed" for package in PACKAGES} <= names
    assert any(name.endswith("licenses/LICENSE") for name in names)
    sources = {path for package in PACKAGES for path in (source / package).rglob("*.py*")}
    assert {
        path.relative_to(source).as_posix() for path in sources if path.suffix in (".py", ".pyi")
    } <= names
    assert {f"autograd_core/compile/emit/library.{ending}" for ending in ("c", "js")} <= names


# Tests that read other files of the repository: golden texts, recorded numbers, pages, notebooks, results.
READERS = "test_house or test_golden or test_recorded or test_notebooks or (test_docs and not block)"


@pytest.mark.slow
def test_the_tests_run_in_an_unpacked_sdist(built, tmp_path):
    """All tests are collected, which checks their imports; those that read other files also run."""
    (sdist,) = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path, filter="data")
    (folder,) = tmp_path.iterdir()
    assert not (folder / ".git").exists()
    shown = run(sys.executable, "-m", "pytest", "-q", "-k", READERS, cwd=folder)
    assert re.search(r"^\d\d\d+ passed", shown, re.MULTILINE)


@pytest.fixture
def site(tmp_path):
    """Install the packages into a folder where other files can overwrite them."""
    for name in ("autograd_core", "nn", "viz"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def importing(site: Path, code: str, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(site)}
    command = [sys.executable, "-c", code, *words]
    return subprocess.run(command, cwd=site, env=environment, capture_output=True, text=True, check=False)


COMMAND = "import sys; from autograd_core.package_conflicts import command; sys.exit(command())"


@pytest.mark.slow
def test_packages_that_are_ours_are_imported_without_a_word(site):
    assert importing(site, "import autograd_core, nn, viz").stderr == ""
    answer = importing(site, COMMAND, "--version")
    assert (answer.returncode, answer.stderr) == (0, "")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["nn", "viz"])
@pytest.mark.parametrize("content", ["", "x = 1\n", None])
def test_a_package_that_another_distribution_has_written_over(site, name, content):
    init = site / name / "__init__.py"
    init.unlink()
    if content is not None:
        init.write_text(content, encoding="utf-8")
    cure = f"pip uninstall -y {name}, then pip install --force-reinstall --no-deps autograd-core"
    assert cure in importing(site, "import autograd_core").stderr
    answer = importing(site, COMMAND, "--version")
    assert cure in answer.stderr
    assert answer.stdout.startswith("autograd-core ")
    assert answer.returncode == (name == "viz")


def test_dependencies_without_a_wheel_everywhere_have_a_marker():
    """graphviz-pure is installed on machines for which it has a wheel; elsewhere the rest is."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    needed = {need.name: need for need in map(Requirement, project["dependencies"])}
    drawing, files = needed["graphviz-pure"], needed["safetensors"]
    assert needed["numpy"].marker is None  # Installed with the package, though much works without it.
    machines = {
        "linux": {"x86_64": True, "aarch64": True, "ppc64le": False, "s390x": False, "i686": False},
        "darwin": {"x86_64": True, "arm64": True},
        "win32": {"AMD64": True, "ARM64": True, "x86": False},
        "freebsd14": {"amd64": False},
        "emscripten": {"wasm32": False},
    }
    for system, wheels in machines.items():
        for machine, there in wheels.items():
            environment = {"sys_platform": system, "platform_machine": machine}
            assert drawing.marker.evaluate(environment) is there, environment
            assert files.marker.evaluate(environment) is (system != "emscripten"), environment


@pytest.mark.slow
@pytest.mark.parametrize("pattern", ["*.whl", "*.tar.gz"])
def test_it_installs_and_works_in_an_empty_environment(built, tmp_path, pattern):
    (archive,) = built.glob(pattern)
    run(sys.executable, "-m", "venv", str(tmp_path / "venv"))
    scripts = tmp_path / "venv" / ("Scripts" if os.name == "nt" else "bin")
    run(str(scripts / "python"), "-m", "pip", "install", "--quiet", str(archive))
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    environment["PYTHONIOENCODING"] = "utf-8"
    command = [str(scripts / "autograd-core"), "step", "cos(sin(x**2) + 3*x**2)", "x=2"]
    shown = run(*command, cwd=tmp_path, env=environment)
    assert "9.0991" in shown
    assert (tmp_path / "graph.svg").exists()
    assert "9.0991" in run(
        str(scripts / "python"), "-m", "autograd_core", *command[1:], cwd=tmp_path, env=environment
    )
    code = "import nn, viz, autograd_core; print(autograd_core.derivative(autograd_core.sin)(0.0))"
    assert run(str(scripts / "python"), "-c", code, cwd=tmp_path, env=environment) == "1.0\n"
    code = "import autograd_core as ac; p = ac.compile(ac.gelu(ac.Value(2.0))); print(p.to_c(), p.to_js())"
    emitted = run(str(scripts / "python"), "-c", code, cwd=tmp_path, env=environment)
    assert "static double ndtr(" in emitted
    assert "function ndtr(" in emitted


RUNNERS = {
    "uvx": ["uvx", "--no-config", "--python", sys.executable, "--from"],
    "pipx": ["pipx", "run", "--python", sys.executable, "--spec"],
}


@pytest.mark.slow
@pytest.mark.parametrize("name", RUNNERS)
def test_the_command_runs_without_being_installed(built, tmp_path, name):
    if shutil.which(name) is None:
        if os.environ.get("REQUIRE_RUNNERS"):
            pytest.fail(f"{name} not on PATH, and REQUIRE_RUNNERS is set")
        pytest.skip(f"{name} not on PATH")
    (wheel,) = built.glob("*.whl")
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    environment |= {"UV_CACHE_DIR": str(tmp_path / "uv"), "PIPX_HOME": str(tmp_path / "pipx")}
    environment |= {"PYTHONIOENCODING": "utf-8"}
    command = [*RUNNERS[name], str(wheel), "autograd-core", "step", "cos(sin(x**2) + 3*x**2)", "x=2"]
    assert "9.0991" in run(*command, "--no-graph", cwd=tmp_path, env=environment)


@pytest.mark.slow
def test_it_works_in_an_environment_without_numpy_and_without_a_layout_program(built, tmp_path):
    (wheel,) = built.glob("*.whl")
    run(sys.executable, "-m", "venv", str(tmp_path / "venv"))
    python = str(tmp_path / "venv" / ("Scripts" if os.name == "nt" else "bin") / "python")
    run(python, "-m", "pip", "install", "--quiet", "--no-deps", str(wheel), "graphviz")
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    for lines in WORKS.values():
        (tmp_path / "program.py").write_text(FUNCTION + lines, encoding="utf-8")
        run(python, str(tmp_path / "program.py"), cwd=tmp_path, env=environment)


@pytest.mark.slow
def test_the_import_is_quick():
    code = "from tests.work import Work\nwith Work() as work: import autograd_core\nprint(work.calls)"
    assert int(run(sys.executable, "-c", code, cwd=ROOT)) <= IMPORT_CALLS


def test_the_version_is_one():
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert re.findall(r"^version: (\S+)$", citation, re.MULTILINE) == [version]
