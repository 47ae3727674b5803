"""Run all checks that must pass before a change lands: `python -m tests.check`.

It runs every check even if an earlier one failed, so one run shows everything to fix, and exits
with status 1 if any failed. Further arguments are passed to pytest: `python -m tests.check -k sigmoid`.
"""

import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# An empty -m selects every test, including slow ones; they run on all cores.
CHECKS = {
    "ruff": ["-m", "ruff", "check", "."],
    "mypy": ["-m", "mypy"],
    "layers": ["-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"],
    "pytest": ["-m", "pytest", "-m", "", "-n", "auto"],
}


def main(pytest_arguments: list[str]) -> int:
    """Run the checks in order and return the exit status."""
    failed = []
    for name, arguments in CHECKS.items():
        extra = pytest_arguments if name == "pytest" else []
        print(f"\n== {name}", flush=True)
        start = time.perf_counter()
        status = subprocess.run([sys.executable, *arguments, *extra], cwd=ROOT).returncode
        outcome = "ok" if status == 0 else "FAILED"
        print(f"== {name}: {outcome} ({time.perf_counter() - start:.1f} s)", flush=True)
        if status != 0:
            failed.append(name)
    print(f"\n{'failed: ' + ', '.join(failed) if failed else 'all checks passed'}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
