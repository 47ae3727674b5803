"""What is released: sdist and wheel build, install in an empty environment, and hold what they should."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tarfile
import time
import tomllib
import zipfile
from pathlib import Path

import pytest

from .test_house import ROOT, tracked_files

IMPORT_SECONDS = 0.15


def run(*command: str, **options: object) -> str:
    """Runs a command, which must succeed; gives its output."""
    answer = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, **options
    )
    assert answer.returncode == 0, f"{' '.join(command)}\n{answer.stdout}\n{answer.stderr}"
    return answer.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sdist and the wheel made from it."""
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
    # Three packages in one distribution are meant: W009 is against more than one.
    run(sys.executable, "-m", "check_wheel_contents", "--ignore", "W009", str(wheel))


@pytest.mark.slow
def test_the_sdist_builds_the_same_wheel_and_neither_ships_tests(built):
    (sdist,) = built.glob("*.tar.gz")
    (wheel,) = built.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0] for name in names} - {"autograd_core", "nn", "viz"} == {
        name.split("/")[0] for name in names if ".dist-info/" in name
    }
    assert not [name for name in names if "test" in Path(name).name]
    with tarfile.open(sdist) as archive:
        inside = {name.partition("/")[2] for name in archive.getnames()}
    assert {"pyproject.toml", "README.md", "LICENSE"} <= inside
    assert {name for name in names if name.endswith(".py")} <= inside


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
    code = "import nn, viz, autograd_core; print(autograd_core.derivative(autograd_core.sin)(0.0))"
    assert run(str(scripts / "python"), "-c", code, cwd=tmp_path, env=environment) == "1.0\n"
    code = "import autograd_core as ac; p = ac.compile(ac.gelu(ac.Value(2.0))); print(p.to_c(), p.to_js())"
    emitted = run(str(scripts / "python"), "-c", code, cwd=tmp_path, env=environment)
    assert "static double ndtr(" in emitted
    assert "function ndtr(" in emitted


@pytest.mark.slow
def test_the_import_is_quick():
    """The quickest of several, in processor time: a busy machine is no fault."""
    code = "from time import process_time as t; s = t(); import autograd_core; print(t() - s)"
    spent = []
    for _ in range(5):
        spent.append(float(run(sys.executable, "-c", code, cwd=ROOT)))
        time.sleep(0.05)
    assert min(spent) < IMPORT_SECONDS


def test_the_version_is_one():
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert re.findall(r"^version: (\S+)$", citation, re.MULTILINE) == [version]
