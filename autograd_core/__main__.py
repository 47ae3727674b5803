"""Run the command `autograd-core` with `python -m autograd_core`."""

import sys

from .installation import command

if __name__ == "__main__":
    sys.exit(command())
