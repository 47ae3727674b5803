// Describe expressions inside Pyodide; [[text, values], ...] is standard input.

import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

process.on("uncaughtException", (fault) => (console.error(String(fault.message ?? fault).slice(-3000)), process.exit(3)));
const [, , core, library, packages, module] = process.argv;
const { loadPyodide } = await import(pathToFileURL(`${core}/pyodide.mjs`).href);
const pyodide = await loadPyodide({ indexURL: `${core}/`, stdLibURL: library });
pyodide.FS.writeFile("/packages.zip", new Uint8Array(readFileSync(packages)));
pyodide.FS.writeFile("/home/pyodide/expressions.py", new Uint8Array(readFileSync(module)));
pyodide.globals.set("given", readFileSync(0, "utf-8"));
process.stdout.write(pyodide.runPython(`
import json, sys
sys.path[:0] = ["/packages.zip", "/home/pyodide"]
from expressions import described
json.dumps([described(text, values) for text, values in json.loads(given)])
`));
