"""Runs mutants: `python -m tests.mutation [--sample 20] [--seed N] [--jobs 2] [--only TEXT]`.

Each runs in a copy of the tree, with the tests that are to find it. Survivors are named, and end the run with
status 1, as do mutants whose text is no longer in its file; of a sample these are left out.
"""

from __future__ import annotations

import argparse
import os
import random
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import Queue

from .mutant import ROOT, Mutant
from .mutants_core import CORE
from .mutants_models import MODELS
from .mutants_table import TABLE
from .mutants_tools import TOOLS

ALL = [*TABLE, *CORE, *MODELS, *TOOLS]
LONGEST = 300
"""Seconds after which a mutant that hangs counts as found."""
FAILED, INTERRUPTED = 1, 2
"""What pytest returns where a test fails, and where a module cannot be imported."""


def copied(place: Path) -> Path:
    """A copy of the tree, compiled so that a changed file is noticed by what is in it."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.splitlines()  # fmt: skip
    for name in listed:
        if (ROOT / name).is_file():
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, place / name)
    compiling = ["-m", "compileall", "-q", "--invalidation-mode", "checked-hash"]
    subprocess.run([sys.executable, *compiling, "autograd_core", "nn", "viz", "tests"], cwd=place, check=True)
    return place


def tested(place: Path, tests: str) -> int:
    """The status of pytest on those tests in a copy of the tree."""
    options = ["-x", "-q", "-p", "no:cacheprovider", "-m", "", "-o", "addopts="]
    command = [sys.executable, "-m", "pytest", *options]
    environment = os.environ | {"PYTHONPATH": str(place)}
    try:
        ran = subprocess.run(
            [*command, *shlex.split(tests)], cwd=place, env=environment, timeout=LONGEST,
            capture_output=True, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return FAILED
    return ran.returncode


def survives(mutant: Mutant, place: Path) -> bool:
    """Whether the tests pass with the mutant in that copy of the tree, which is then as before."""
    file = place / mutant.file
    before = file.read_text(encoding="utf-8")
    file.write_text(mutant.text(place), encoding="utf-8")
    try:
        status = tested(place, mutant.tests)
    finally:
        file.write_text(before, encoding="utf-8")
    if status not in (0, FAILED, INTERRUPTED):
        raise ValueError(f"{mutant}: pytest ended with status {status}; expected tests that exist.")
    return status == 0


def outcomes(chosen: Sequence[Mutant], jobs: int) -> list[str]:
    """What is to be said of each mutant: nothing where it was found."""
    with tempfile.TemporaryDirectory() as folder:
        free: Queue[Path] = Queue()
        for k in range(jobs):
            free.put(copied(Path(folder) / str(k)))

        def run(mutant: Mutant) -> str:
            place = free.get()
            try:
                said = f"survived: {mutant}" if survives(mutant, place) else ""
            except ValueError as error:
                said = f"does not fit: {error}"
            finally:
                free.put(place)
            print(said or f"found: {mutant.file}: {mutant.old!r} -> {mutant.new!r}", flush=True)
            return said

        with ThreadPoolExecutor(jobs) as pool:
            return list(pool.map(run, chosen))


def fits(mutant: Mutant) -> bool:
    """Whether the old text stands in its file once."""
    try:
        mutant.text(ROOT)
    except ValueError as error:
        print(f"does not fit: {error}", flush=True)
        return False
    return True


def main(words: Sequence[str]) -> int:
    """Runs the mutants that the words choose; 0 if each was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("--sample", type=int, help="so many, drawn at random")
    any_seed = random.SystemRandom().randrange(10**6)
    parser.add_argument("--seed", type=int, default=any_seed, help="of the sample")
    parser.add_argument("--jobs", type=int, default=2, help="how many at a time")
    parser.add_argument("--only", default="", help="those whose file or text has this in it")
    options = parser.parse_args(words)
    chosen = [mutant for mutant in ALL if options.only in f"{mutant}" and not mutant.equivalent]
    if options.sample:
        print(f"seed {options.seed}")
        chosen = random.Random(options.seed).sample(chosen, min(options.sample, len(chosen)))
    fitting = [mutant for mutant in chosen if fits(mutant)]
    wrong = [said for said in outcomes(fitting, options.jobs) if said]
    stale = 0 if options.sample else len(chosen) - len(fitting)
    print(f"{len(fitting)} mutants, {len(wrong)} not found, {len(chosen) - len(fitting)} that no longer fit")
    print(*wrong, sep="\n")
    return 1 if wrong or stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
