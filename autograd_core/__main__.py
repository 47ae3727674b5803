"""Run the command `autograd-core` with `python -m autograd_core`."""

import sys

from .package_conflicts import command

if __name__ == "__main__":
    sys.exit(command())
