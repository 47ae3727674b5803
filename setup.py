"""Build the native engine where there is a compiler; everything else is in pyproject.toml.

AUTOGRAD_CORE_PURE=1 leaves it out. REQUIRE_NATIVE=1 makes a failure to build it an error, and warnings of the
compiler as well.
"""

import hashlib
import os
import sysconfig
from pathlib import Path

from setuptools import Extension, setup

FOLDER = "autograd_core/native"


def asked(name: str) -> bool:
    """Whether an environment variable is set to something other than 0."""
    return os.environ.get(name, "") not in ("", "0")


def engine() -> Extension:
    """The extension module. Without it the Python kernel runs alone, so that it may fail to build."""
    files = sorted(path for path in Path(FOLDER).iterdir() if path.suffix in (".c", ".h"))
    sources = hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()
    options = []
    if os.name != "nt":
        # The Python kernel rounds after every operation, and calls sin and cos one by one.
        exact = ["-ffp-contract=off", "-fno-builtin-sin", "-fno-builtin-cos", "-fno-builtin-pow"]
        options = ["-std=c11", "-O3", "-fvisibility=hidden", *exact]
        if asked("REQUIRE_NATIVE"):
            options += ["-Wall", "-Wextra", "-Werror", "-Wno-missing-field-initializers"]
    return Extension(
        "autograd_core.native._engine",
        [path.as_posix() for path in files if path.suffix == ".c"],
        depends=[path.as_posix() for path in files if path.suffix == ".h"],
        define_macros=[("SOURCES", f'"{sources}"')],
        extra_compile_args=options,
        optional=not asked("REQUIRE_NATIVE"),
    )


left_out = asked("AUTOGRAD_CORE_PURE") or bool(sysconfig.get_config_var("Py_GIL_DISABLED"))
setup(ext_modules=[] if left_out else [engine()])
