"""Run mutants: `python -m tests.mutation [--sample 20] [--seed N] [--jobs 2] [--only TEXT]`.

Each runs in a copy of the tree, with the tests that should find it. Survivors are listed, and end the run
with status 1, as do mutants whose text or tests no longer exist.
"""

from __future__ import annotations

import argparse
import random
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
from .process import FAILED, INTERRUPTED, PASSED, tested

ALL = [*TABLE, *CORE, *MODELS, *TOOLS]
FOUND, SURVIVED, UNFIT = "found", "survived", "does not fit"


def copied(place: Path) -> Path:
    """Copy the tree, compiled so that a changed file is detected by its contents."""
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


def verdict(mutant: Mutant, place: Path) -> str:
    """Run a mutant in a copy of the tree, restore the copy and return the verdict."""
    file = place / mutant.file
    before = file.read_text(encoding="utf-8")
    file.write_text(mutant.text(place), encoding="utf-8")
    try:
        status = tested(place, mutant.tests)
    finally:
        file.write_text(before, encoding="utf-8")
    if status == PASSED:
        return f"{SURVIVED}: {mutant}"
    if status not in (FAILED, INTERRUPTED):
        return f"{UNFIT}: {mutant}: pytest ended with status {status}; expected tests that exist"
    return f"{FOUND}: {mutant.file}: {mutant.old!r} -> {mutant.new!r}"


def verdicts(chosen: Sequence[Mutant], jobs: int) -> list[str]:
    """Run the mutants, printing each verdict as soon as it is known."""
    with tempfile.TemporaryDirectory() as folder:
        free: Queue[Path] = Queue()
        for k in range(jobs):
            free.put(copied(Path(folder) / str(k)))

        def run(mutant: Mutant) -> str:
            place = free.get()
            try:
                said = verdict(mutant, place)
            finally:
                free.put(place)
            print(said, flush=True)
            return said

        with ThreadPoolExecutor(jobs) as pool:
            return list(pool.map(run, chosen))


def fits(mutant: Mutant) -> bool:
    """Whether the old text occurs in its file exactly once."""
    try:
        mutant.text(ROOT)
    except ValueError as error:
        print(f"{UNFIT}: {error}", flush=True)
        return False
    return True


def main(words: Sequence[str]) -> int:
    """Run the selected mutants and return 0 if each was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("--sample", type=int, help="how many mutants, drawn at random")
    any_seed = random.SystemRandom().randrange(10**6)
    parser.add_argument("--seed", type=int, default=any_seed, help="of the sample")
    parser.add_argument("--allow", type=int, default=0, help="how many survivors are tolerated")
    parser.add_argument("--jobs", type=int, default=2, help="how many at a time")
    parser.add_argument("--only", default="", help="those whose file or text has this in it")
    options = parser.parse_args(words)
    chosen = [mutant for mutant in ALL if options.only in f"{mutant}" and not mutant.equivalent]
    if options.sample:
        print(f"seed {options.seed}")
        chosen = random.Random(options.seed).sample(chosen, min(options.sample, len(chosen)))
    said = verdicts([mutant for mutant in chosen if fits(mutant)], options.jobs)
    survived = [line for line in said if line.startswith(SURVIVED)]
    found = sum(line.startswith(FOUND) for line in said)
    unfit = len(chosen) - len(survived) - found
    print(f"{len(chosen)} mutants: {found} found, {len(survived)} not, {unfit} that no longer fit")
    print(*survived, sep="\n")
    return 1 if len(survived) > options.allow or unfit else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
