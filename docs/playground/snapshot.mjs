// Start Python, import the packages, draw one picture, and write the memory, from which a browser starts.
// Usage: node snapshot.mjs PYODIDE PACKAGES SNAPSHOT SCRATCH

import { readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { deflateSync } from "node:zlib";

const [, , core, packages, snapshot, scratch] = process.argv;
const { loadPyodide } = await import(pathToFileURL(`${core}/pyodide.mjs`).href);
const bytes = (path) => new Uint8Array(readFileSync(path));

// Compiling leaves memory that would enlarge the snapshot, so a first Python compiles for the second.
const first = await loadPyodide({ indexURL: `${core}/` });
const compiled = first.runPython(`
import importlib._bootstrap_external as external, zipfile

def compiled(archive, place, optimize):
    with zipfile.ZipFile(archive) as given, zipfile.ZipFile("/compiled.zip", "w") as made:
        for name in given.namelist():
            content = given.read(name)
            if name.endswith(".py"):
                code = compile(content, f"{place}/{name}", "exec", dont_inherit=True, optimize=optimize)
                name, content = f"{name}c", external._code_to_hash_pyc(code, bytes(8), checked=False)
            made.writestr(zipfile.ZipInfo(name), content)

compiled
`);
first.FS.writeFile("/packages.zip", bytes(packages));
first.FS.writeFile("/library.zip", bytes(`${core}/python_stdlib.zip`));
// The docstrings of the standard library would take half a megabyte.
compiled("/library.zip", "/lib/python314.zip", 2);
writeFileSync(`${scratch}/library.zip`, first.FS.readFile("/compiled.zip"));
compiled("/packages.zip", "/packages.zip", 0);

const options = { indexURL: `${core}/`, stdLibURL: `${scratch}/library.zip`, env: { PYTHONHASHSEED: "0" } };
const second = await loadPyodide({ ...options, _makeSnapshot: true });
second.FS.writeFile("/packages.zip", first.FS.readFile("/compiled.zip"));
// The browser has the unmodified archives.
second.runPython(`
import gc, sys, zipimport
sys.path.insert(0, "/packages.zip")
import playground
playground.picture("cos(sin(x**2) + 3*x**2)", [["x", "2"]])
zipimport._zip_directory_cache.clear()
gc.collect()
`);
writeFileSync(snapshot, deflateSync(second.makeMemorySnapshot(), { level: 9 }));
process.exit(0);
