// Python in a worker, which can be ended. The worker's first script is a blob, so that the policy of this page
// holds in it, too: code that runs there can connect to this site only.

import { status } from "./page.js";

const base = new URL("./", location.href.split("#")[0]).href;
const listeners = [];
let worker = null, waiting = [];
export const python = { ready: false, busy: false, seconds: 0 };

export const onTold = (listener) => listeners.push(listener);

export function startPython() {
  const lost = worker !== null;
  worker?.terminate();
  Object.assign(python, { ready: false, busy: false });
  waiting = [];
  status("Python is starting…");
  const address = URL.createObjectURL(new Blob([`import ${JSON.stringify(`${base}worker.js`)};`], { type: "text/javascript" }));
  worker = new Worker(address, { type: "module" });
  worker.addEventListener("message", ({ data }) => hear(data));
  worker.addEventListener("error", () => status("Python could not start: this browser may be too old, or the connection broke."));
  worker.postMessage({ ask: "start", base });
  if (lost) for (const listener of listeners) listener({ kind: "lost" });
}

function hear(told) {
  if (told.kind === "ready") {
    Object.assign(python, { ready: true, seconds: told.seconds });
    status("Ready");
    document.documentElement.dataset.ready = told.seconds.toFixed(2);
    for (const message of waiting) worker.postMessage(message);
    waiting = [];
  }
  if (["done", "picture", "broken"].includes(told.kind)) python.busy = false;
  for (const listener of listeners) listener(told);
  if (told.kind !== "broken") return;
  // Such as a recursion deeper than the browser's stack: this Python cannot go on.
  if (python.ready) startPython();
  else status(`Python could not start: ${told.text}`);
}

export function ask(message) {
  python.busy = true;
  if (python.ready) worker.postMessage(message);
  else waiting = [...waiting.filter((other) => other.ask !== message.ask), message];
}
