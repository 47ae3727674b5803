"""Run the command `autograd-core` with `python -m viz`."""

import sys

from .cli.command import main

if __name__ == "__main__":
    sys.exit(main())
