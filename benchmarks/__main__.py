"""Run every benchmark, print the tables, keep the results and write the page.

    python -m benchmarks [--quick] [--page] [module ...]

`--quick` uses smaller workloads and fewer rounds, and writes nothing. `--page` writes the page from the
newest results without measuring. If modules are named, only their part of today's results is replaced.
"""

from __future__ import annotations

import argparse
import datetime
import importlib
import json
import pkgutil
import sys
import time
import traceback
from typing import Any

import benchmarks

from . import page

HELPERS = {"__main__", "measure", "page", "peers"}


def modules() -> list[str]:
    """Return the names of the benchmarks: each has a `run`, and a `report` that formats its results."""
    names = [found.name for found in pkgutil.iter_modules(benchmarks.__path__)]
    return sorted(name for name in names if name not in HELPERS)


def measured(name: str, quick: bool) -> dict[str, Any]:
    """Run one benchmark and return its results, with the table as text."""
    module = importlib.import_module(f"benchmarks.{name}")
    start = time.perf_counter()
    try:
        results = module.run(quick=quick)
        text = module.report(results)
    except Exception as fault:
        traceback.print_exc()
        return {"failed": f"{type(fault).__name__}: {fault}", "table": ""}
    return {
        "title": (module.__doc__ or name).strip().splitlines()[0],
        "seconds": round(time.perf_counter() - start, 1),
        "load": page.load(),
        "table": text,
        "results": page.plain(results),
    }


def main(words: list[str]) -> int:
    """Run the command line and return its exit status."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "module", nargs="*", help=f"benchmarks to run (default: all of {', '.join(modules())})"
    )
    parser.add_argument("--quick", action="store_true", help="smaller and fewer; writes nothing")
    parser.add_argument("--page", action="store_true", help="only write the page, from the newest results")
    options = parser.parse_args(words)
    unknown = sorted(set(options.module) - set(modules()))
    if unknown:
        parser.error(f"unknown: {', '.join(unknown)}; expected some of {', '.join(modules())}")
    found = {}
    for name in [] if options.page else options.module or modules():
        print(f"\n== {name}", flush=True)
        found[name] = measured(name, options.quick)
        print(found[name]["table"] or found[name]["failed"], flush=True)
    if not options.quick and not options.page:
        keep(found)
    if not options.quick:
        page.write()
    failed = [name for name, results in found.items() if "failed" in results]
    print(f"\n{'failed: ' + ', '.join(failed) if failed else 'done'}; {page.left_out()}")
    return 1 if failed else 0


def keep(found: dict[str, Any]) -> None:
    """Write today's results, together with those of other modules measured today on the same machine."""
    path = page.RESULTS / f"{datetime.date.today().isoformat()}.json"
    machine = page.machine()
    before = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    same = before.get("machine") == machine
    together = {**(before.get("benchmarks", {}) if same else {}), **found}
    whole = {"machine": machine, "benchmarks": dict(sorted(together.items()))}
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(whole, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
