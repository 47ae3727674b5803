// Python runs here, in parallel to the page: {answer, ...} replies to {ask, ...}; a run reports as it goes.

import { instance } from "@viz-js/viz";
import { loadPyodide } from "pyodide";
import createPyodideModule from "pyodide/pyodide.asm.mjs";
import { startFrom } from "./start.mjs";

let python = null, drawing = null;
const tell = (told) => postMessage(told);
const plain = (made) => {
  const found = made.toJs({ dict_converter: Object.fromEntries });
  made.destroy();
  return found;
};
const post = (told) => tell({ kind: "told", told: plain(told.copy()) });

const fetched = globalThis.fetch;

// Large files of the site are deflated; the service worker stores them inflated.
async function inflated(address, type) {
  const answer = await fetched(`${address}.z`);
  if (answer.headers.has("X-Inflated")) return answer;
  return new Response(answer.body.pipeThrough(new DecompressionStream("deflate")), { headers: { "Content-Type": type } });
}

// The interpreter is compiled while the rest is loaded, and then taken where Pyodide would fetch it.
function compiling(address) {
  const compiled = WebAssembly.compileStreaming(inflated(address, "application/wasm")), { instantiateStreaming } = WebAssembly;
  globalThis.fetch = (request, options) => (String(request.url ?? request) === address ? Promise.resolve(new Response()) : fetched(request, options));
  WebAssembly.instantiateStreaming = async (_, imports) => {
    const module = await compiled;
    return { module, instance: await WebAssembly.instantiate(module, imports) };
  };
  return () => {
    globalThis.fetch = fetched;
    WebAssembly.instantiateStreaming = instantiateStreaming;
  };
}

const bytes = async (answer) => new Uint8Array(await answer.arrayBuffer());

async function start(base) {
  const began = performance.now();
  const restored = compiling(`${base}pyodide/pyodide.asm.wasm`);
  const packages = fetch(`${base}packages.zip`).then(bytes);
  // The memory snapshot of a Python that has imported the packages.
  const snapshot = inflated(`${base}pyodide/snapshot`, "application/octet-stream").then(bytes);
  const pyodide = await startFrom(snapshot, packages, { loadPyodide, createPyodideModule, indexURL: `${base}pyodide/` });
  restored();
  python = pyodide.pyimport("playground");
  tell({ kind: "ready", seconds: (performance.now() - began) / 1000 });
}

async function layout() {
  if (drawing) return;
  drawing = await instance();
  python.lay_out_with((source, format, engine) => drawing.renderString(source, { format, engine }));
}

const ASKED = {
  start: ({ base }) => start(base),
  picture: ({ text, given, number }) => {
    const began = performance.now(), made = plain(python.picture(text, Object.entries(given)));
    tell({ kind: "picture", number, text, ...made, milliseconds: performance.now() - began });
  },
  run: async ({ code, number }) => {
    await layout();
    python.run(code, post);
    tell({ kind: "done", number });
  },
};

let last = Promise.resolve();
addEventListener("message", ({ data }) => {
  last = last.then(() => ASKED[data.ask](data)).catch((fault) => tell({ kind: "broken", text: String(fault) }));
});
