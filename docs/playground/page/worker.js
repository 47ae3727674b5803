// Python runs here, beside the page: a message {ask, ...} is answered by {answer, ...}; a run tells as it goes.

let base = "", python = null, drawing = null;
const tell = (told) => postMessage(told);
const plain = (made) => {
  const found = made.toJs({ dict_converter: Object.fromEntries });
  made.destroy();
  return found;
};
const post = (told) => tell({ kind: "told", told: plain(told.copy()) });

const fetched = globalThis.fetch;

// The site has the largest file deflated.
async function inflating(request, options) {
  const address = String(request.url ?? request);
  if (!address.endsWith(".wasm")) return fetched(request, options);
  const { body } = await fetched(`${address}.z`, options);
  return new Response(body.pipeThrough(new DecompressionStream("deflate")), { headers: { "Content-Type": "application/wasm" } });
}

async function start(address) {
  base = address;
  const began = performance.now();
  const { loadPyodide } = await import(`${base}pyodide/pyodide.mjs`);
  const packages = fetch(`${base}packages.zip`).then((answer) => answer.arrayBuffer());
  globalThis.fetch = inflating;
  const pyodide = await loadPyodide({ indexURL: `${base}pyodide/` });
  globalThis.fetch = fetched;
  // Modules are imported from the archive: only those that are needed are unpacked.
  pyodide.FS.writeFile("/packages.zip", new Uint8Array(await packages));
  pyodide.runPython("import sys; sys.path.insert(0, '/packages.zip')");
  python = pyodide.pyimport("playground");
  tell({ kind: "ready", seconds: (performance.now() - began) / 1000 });
}

async function layout() {
  if (drawing) return;
  const { instance } = await import(`${base}layout.js`);
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
