// Python in a worker, which can be terminated. The worker's script is a blob, so the policy of this page
// applies to it, too: code that runs there can connect only to this site.

import { status } from "./page.js";
import { inWords } from "./words.js";

const base = new URL("./", location.href.split("#")[0]).href;
const listeners = [];
const script = inflated("worker.js.z").then((text) => URL.createObjectURL(new Blob([text], { type: "text/javascript" })));
let worker = null, waiting = [], starts = 0;
export const python = { ready: false, busy: false, seconds: 0 };

export const onTold = (listener) => listeners.push(listener);

export async function inflated(name) {
  const answer = await fetch(base + name);
  return (answer.headers.has("X-Inflated") ? answer : new Response(answer.body.pipeThrough(new DecompressionStream("deflate")))).text();
}

export async function startPython() {
  const lost = worker !== null;
  worker?.terminate();
  Object.assign(python, { ready: false, busy: false });
  waiting = [];
  status(inWords("Python is starting…"));
  if (lost) for (const listener of listeners) listener({ kind: "lost" });
  const failed = () => status(inWords("Python could not start: this browser may be too old, or the connection broke."));
  const number = (starts += 1), address = await script.catch(failed);
  if (!address || number !== starts) return;
  worker = new Worker(address, { type: "module" });
  worker.addEventListener("message", ({ data }) => hear(data));
  worker.addEventListener("error", failed);
  worker.postMessage({ ask: "start", base });
}

function hear(told) {
  if (told.kind === "ready") {
    Object.assign(python, { ready: true, seconds: told.seconds });
    status(inWords("Ready"));
    document.documentElement.dataset.ready = told.seconds.toFixed(2);
    for (const message of waiting) worker.postMessage(message);
    waiting = [];
  }
  if (["done", "picture", "broken"].includes(told.kind)) python.busy = false;
  for (const listener of listeners) listener(told);
  if (told.kind !== "broken") return;
  // For example, recursion deeper than the browser's stack: this Python cannot continue.
  if (python.ready) startPython();
  else status(inWords("Python could not start: {reason}", { reason: told.text }));
}

export function ask(message) {
  python.busy = true;
  if (python.ready) worker.postMessage(message);
  else waiting = [...waiting.filter((other) => other.ask !== message.ask), message];
}
