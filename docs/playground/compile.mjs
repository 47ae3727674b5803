// Compile Python files with the Python that will run them: those below a folder, beside them, and those of the
// standard library, in place of them. Usage: node compile.mjs PYODIDE FOLDER STANDARD_LIBRARY

import { readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [, , core, folder, library] = process.argv;
const { loadPyodide } = await import(pathToFileURL(`${core}/pyodide.mjs`).href);
const pyodide = await loadPyodide({ indexURL: `${core}/` });
pyodide.FS.mkdirTree("/packages");
pyodide.FS.mount(pyodide.FS.filesystems.NODEFS, { root: folder }, "/packages");
pyodide.FS.writeFile("/library.zip", new Uint8Array(readFileSync(`${core}/python_stdlib.zip`)));
const compiled = pyodide.runPython(`
import compileall, importlib._bootstrap_external as external, py_compile, zipfile

def write_library():
    with zipfile.ZipFile("/library.zip") as given, zipfile.ZipFile("/compiled.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=9) as made:
        for name in sorted(given.namelist()):
            content = given.read(name)
            if name.endswith(".py"):
                code = compile(content, f"/lib/python314.zip/{name}", "exec", dont_inherit=True)
                name, content = f"{name}c", external._code_to_hash_pyc(code, bytes(8), checked=False)
            made.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)

write_library()
compileall.compile_dir("/packages", stripdir="/packages", prependdir="/packages.zip", quiet=1, legacy=True, invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH)
`);
writeFileSync(library, pyodide.FS.readFile("/compiled.zip"));
process.exit(compiled ? 0 : 1);
