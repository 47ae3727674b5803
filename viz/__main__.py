"""`python -m viz` is the command `autograd-core`."""

import sys

from .cli.command import main

if __name__ == "__main__":
    sys.exit(main())
