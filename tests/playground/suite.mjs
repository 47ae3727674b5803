// Run tests inside Pyodide: node suite.mjs PYODIDE STANDARD_LIBRARY PACKAGES WHEELS REPOSITORY ARGUMENT...
// The packages are imported from the site's own archive, pytest and what tests need from a folder of wheels.

import { readdirSync, readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

// An uncaught error would be told with the line of the core where it was raised, which has a million letters.
process.on("uncaughtException", (fault) => (console.error(String(fault.message ?? fault).slice(-3000)), process.exit(3)));


const [, , core, library, packages, wheels, repository, ...words] = process.argv;
const { loadPyodide } = await import(pathToFileURL(`${core}/pyodide.mjs`).href);
const pyodide = await loadPyodide({ indexURL: `${core}/`, stdLibURL: library });
const bytes = (path) => new Uint8Array(readFileSync(path));
pyodide.FS.writeFile("/packages.zip", bytes(packages));
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
sys.path[:0] = ["/packages.zip", "/repository", "/wheels"]
os.environ["HYPOTHESIS_STORAGE_DIRECTORY"] = "/tmp/hypothesis"
os.environ["CI"] = "1"
os.chdir("/repository")
import pytest

def needs_numpy(fault):
    return isinstance(fault, ImportError) and "numpy" in str(fault).lower()

class WithoutNumPy:
    """Skips what needs NumPy, which this Python has not."""

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
        except ImportError as fault:
            if needs_numpy(fault):
                pytest.skip("needs NumPy")
            raise

int(pytest.main(list(words), plugins=[WithoutNumPy()]))
`);
process.exit(status);
