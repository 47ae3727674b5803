"""Build the playground: `python -m docs.playground build/playground`. It needs Node and npm."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from .building import BuildError, build


def main(words: list[str]) -> int:
    """Run the command line and return its exit status."""
    parser = argparse.ArgumentParser(prog="python -m docs.playground", description=__doc__)
    parser.add_argument("folder", type=Path, help="where to write the site; replaced if it exists")
    options = parser.parse_args(words)
    try:
        sizes = build(options.folder)
    except BuildError as fault:
        print(f"docs.playground: {fault}", file=sys.stderr)
        return 1
    for name, size in sorted(sizes.items(), key=lambda item: -item[1]):
        print(f"{size / 1e6:8.2f} MB  {name}")
    print(f"{sum(sizes.values()) / 1e6:8.2f} MB  total; python -m http.server -d {options.folder} serves it")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
