// Run tests inside Pyodide: node suite.mjs PYODIDE SNAPSHOT PACKAGES WHEELS REPOSITORY ARGUMENT...
// The Python is that of the site, from its snapshot, pytest and what tests need from a folder of wheels.

import { readdirSync, readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { inflateSync } from "node:zlib";
import { startFrom } from "../../docs/playground/page/start.mjs";

// An uncaught error would be told with the line of the core where it was raised, which has a million letters.
process.on("uncaughtException", (fault) => (console.error(String(fault.message ?? fault).slice(-3000)), process.exit(3)));


const [, , core, snapshot, packages, wheels, repository, ...words] = process.argv;
const bytes = (path) => new Uint8Array(readFileSync(path));
const { loadPyodide } = await import(pathToFileURL(`${core}/pyodide.mjs`).href);
const { default: createPyodideModule } = await import(pathToFileURL(`${core}/pyodide.asm.mjs`).href);
const pyodide = await startFrom(inflateSync(bytes(snapshot)), bytes(packages), { loadPyodide, createPyodideModule, indexURL: `${core}/` });
for (const name of readdirSync(wheels)) pyodide.unpackArchive(bytes(`${wheels}/${name}`), "zip", { extractDir: "/wheels" });
pyodide.FS.mkdirTree("/repository/tests");
pyodide.FS.mount(pyodide.FS.filesystems.NODEFS, { root: `${repository}/tests` }, "/repository/tests");
for (const name of ["pyproject.toml", "CONTRIBUTING.md", "README.md"]) pyodide.FS.writeFile(`/repository/${name}`, bytes(`${repository}/${name}`));
pyodide.FS.writeFile("/repository/pytest.ini", `[pytest]
addopts = --strict-config --strict-markers -p no:cacheprovider -p no:faulthandler
filterwarnings = error
xfail_strict = true
markers =
    slow: takes seconds
    browser: needs a browser
`);
pyodide.globals.set("words", pyodide.toPy(words));
const status = pyodide.runPython(`
import os, sys
sys.dont_write_bytecode = True
sys.path[1:1] = ["/repository", "/wheels"]
os.environ["HYPOTHESIS_STORAGE_DIRECTORY"] = "/tmp/hypothesis"
os.environ["CI"] = "1"
os.chdir("/repository")
import pytest

from viz.errors import NoLayoutProgram

def missing(fault):
    """What a test needs that is not here: NumPy, Graphviz, another process or a terminal."""
    if isinstance(fault, NoLayoutProgram):
        return "Graphviz"
    if isinstance(fault, ImportError) and "numpy" in str(fault).lower():
        return "NumPy"
    if isinstance(fault, OSError) and ("processes" in str(fault) or "pty" in str(fault)):
        return "another process"
    return ""

class Left:
    """Skips what needs something that this Python has not."""

    @pytest.hookimpl(wrapper=True)
    def pytest_pycollect_makemodule(self, module_path):
        collector = yield
        getobj = collector._getobj
        def imported():
            try:
                return getobj()
            except collector.CollectError as fault:
                if "No module named 'numpy'" in str(fault):
                    pytest.skip("needs NumPy", allow_module_level=True)
                raise
        collector._getobj = imported
        return collector

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item):
        try:
            return (yield)
        except (ImportError, OSError, NoLayoutProgram) as fault:
            if what := missing(fault):
                pytest.skip(f"needs {what}")
            raise

int(pytest.main(list(words), plugins=[Left()]))
`);
process.exit(status);
