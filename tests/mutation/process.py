"""Run pytest in a copy of the tree, in a process that starts with NumPy, pytest and others imported."""

from __future__ import annotations

import multiprocessing
import os
import shlex
import sys
from pathlib import Path

import pytest

try:
    import resource
except ImportError:  # On Windows only the timeout ends a test that hangs.
    resource = None  # type: ignore[assignment]

METHOD = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"
PROCESSES = multiprocessing.get_context(METHOD)
IMPORTED_ONCE = ["hypothesis", "mpmath", "numpy", "pytest"]
"""What the template process imports, of which all others are copies; never the code under test."""
BUSY, LONGEST = 120, 600
"""Seconds of processor time and of wall time after which hanging tests count as failed."""
OPTIONS = ["-x", "-q", "-p", "no:cacheprovider", "-m", "", "-o", "addopts="]
OPTIONS += ["-W", "ignore::pytest.PytestAssertRewriteWarning"]  # From plugins that are already imported.
PASSED, FAILED, INTERRUPTED = 0, 1, 2
"""The status of pytest if every test passes, if one fails, and if a module cannot be imported."""
ENDED = 100
"""Added to the status of pytest, to distinguish a process that ran tests from one that crashed."""


class QuickFirst:
    """A pytest plugin that runs slow tests last: most mutants are found before them."""

    @staticmethod
    def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
        items.sort(key=lambda item: item.get_closest_marker("slow") is not None)


def _run(place: str, tests: str) -> None:
    if resource is not None:
        resource.setrlimit(resource.RLIMIT_CPU, (BUSY, BUSY))
    os.chdir(place)
    # With CI set, every run draws the same examples. The mutants are of the Python engine.
    os.environ.update(PYTHONPATH=place, CI="1", AUTOGRAD_CORE_PURE="1")
    sys.path.insert(0, place)
    for name in [name for name in sys.modules if name.partition(".")[0] == "tests"]:
        del sys.modules[name]
    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), 1)
        os.dup2(nowhere.fileno(), 2)
    os._exit(ENDED + pytest.main([*OPTIONS, *shlex.split(tests)], plugins=[QuickFirst()]))


def tested(place: Path, tests: str) -> int:
    """Run tests in a copy of the tree and return pytest's status. Raises `RuntimeError` if there is none."""
    PROCESSES.set_forkserver_preload(IMPORTED_ONCE)
    process = PROCESSES.Process(target=_run, args=(str(place), tests))
    process.start()
    try:
        process.join(LONGEST)
    finally:
        if process.exitcode is None:
            process.kill()
            process.join()
    if process.exitcode is None or process.exitcode < 0:  # For example, it hung or recursed without end.
        return FAILED
    if process.exitcode < ENDED:
        raise RuntimeError(f"no status of pytest: the process ended with {process.exitcode}.")
    return process.exitcode - ENDED
