"""Build the playground once for all tests, also for those that run beside each other, and serve it."""

from __future__ import annotations

import fcntl
import functools
import http.server
import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from docs.playground.building import BuildError, build

Factory = pytest.TempPathFactory


def needs_node() -> None:
    """Skip the test where Node or npm is missing, unless REQUIRE_NODE is set."""
    missing = [name for name in ("node", "npm") if shutil.which(name) is None]
    if missing:
        told = f"{' and '.join(missing)} not on PATH"
        if os.environ.get("REQUIRE_NODE"):
            pytest.fail(f"{told}, and REQUIRE_NODE is set")
        pytest.skip(told)


def built(factory: Factory) -> Path:
    """Return the folder of the site, which the first process builds while others wait.

    PLAYGROUND=build/playground tests one that is built already.
    """
    if given := os.environ.get("PLAYGROUND"):
        return Path(given)
    needs_node()
    base = factory.getbasetemp()
    shared = base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base
    site = shared / "playground"
    with open(shared / "playground.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not site.exists():
            try:
                build(site)
            except BuildError as fault:
                pytest.fail(f"the playground could not be built: {fault}")
    return site


class Quiet(http.server.SimpleHTTPRequestHandler):
    """A file server that writes no log."""

    def log_message(self, *arguments: object) -> None:
        """Write nothing."""


@contextmanager
def served(site: Path) -> Iterator[str]:
    """Serve the site on a port of its own, and give its address."""
    handler = functools.partial(Quiet, directory=site)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()
            thread.join()
