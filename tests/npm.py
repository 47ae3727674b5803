"""Take a package from npm, for a test of what it reads or audits."""

import os
import shutil
import subprocess
import tarfile

import pytest


def unpacked(package, folder, required="REQUIRE_NODE"):
    """Return the folder of a package such as `axe-core@4`. Without it skip, or fail if `required` is set."""
    npm = shutil.which("npm")
    answer = npm and subprocess.run(
        [npm, "pack", "--silent", package], cwd=folder, capture_output=True, timeout=120, check=False
    )
    archives = list(folder.glob("*.tgz"))
    if not archives:
        if os.environ.get(required):
            pytest.fail(f"npm could not bring {package}, and {required} is set: {answer}")
        pytest.skip(f"npm could not bring {package}")
    with tarfile.open(archives[0]) as archive:
        archive.extractall(folder, filter="data")
    return folder / "package"
