"""Compare random programs, programs in other languages and trainings with the eager engine, all in one run.

    python -m tests.compile.campaign                  # 20,000 programs, 500 in each language, 1,000 trainings
    python -m tests.compile.campaign 1000 50 50       # fewer of each
    python -m tests.compile.campaign 1000 50 50 4200  # from seed 4200

A language whose compiler or library is not installed is left out, and named. The exit code is 1 if anything
disagrees.
"""

from __future__ import annotations

import importlib.util
import shutil
import sys

from tests.compile import abroad, differential, trainings
from tests.nn import trainings as recorded_trainings

NEEDS = {
    "c": lambda: shutil.which("cc"),
    "javascript": lambda: shutil.which("node"),
    "torch": lambda: importlib.util.find_spec("torch"),
    "jax": lambda: importlib.util.find_spec("jax"),
}


def main(programs: str = "20000", abroad_each: str = "500", trained: str = "1000", first: str = "0") -> int:
    """Run all parts, and return the exit code."""
    wrong = differential.main(programs, first)
    for language in abroad.LANGUAGES:
        if NEEDS[language]():
            wrong |= abroad.main(language, abroad_each, first)
        else:
            print(f"{language}: not installed, left out", flush=True)
    wrong |= trainings.main(trained, first)
    wrong |= recorded_trainings.main(int(trained), int(first))
    print("all agree" if not wrong else "DISAGREE", flush=True)
    return wrong


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
