// Describe expressions inside Pyodide; [[text, values], ...] is standard input.

import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { inflateSync } from "node:zlib";
import { startFrom } from "../../docs/playground/page/start.mjs";

process.on("uncaughtException", (fault) => (console.error(String(fault.message ?? fault).slice(-3000)), process.exit(3)));
const [, , core, snapshot, packages, module] = process.argv;
const bytes = (path) => new Uint8Array(readFileSync(path));
const { loadPyodide } = await import(pathToFileURL(`${core}/pyodide.mjs`).href);
const { default: createPyodideModule } = await import(pathToFileURL(`${core}/pyodide.asm.mjs`).href);
const pyodide = await startFrom(inflateSync(bytes(snapshot)), bytes(packages), { loadPyodide, createPyodideModule, indexURL: `${core}/` });
pyodide.FS.writeFile("/home/pyodide/expressions.py", new Uint8Array(readFileSync(module)));
pyodide.globals.set("given", readFileSync(0, "utf-8"));
process.stdout.write(pyodide.runPython(`
import json, sys
sys.path.insert(1, "/home/pyodide")
from expressions import described
json.dumps([described(text, values) for text, values in json.loads(given)])
`));
