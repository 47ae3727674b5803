// The expression: its field, its inputs, the parser's errors, and the stepper, which is rebuilt in place.

import { $, changed, themed } from "./page.js";
import { ask, inflated, onTold, python } from "./python.js";
import { inWords } from "./words.js";

const PAUSE = 80;
const state = { inputs: [], stepper: "", timer: null, number: 0, asked: 0, again: false, frame: false, next: null, fatal: null };

export const expression = () => ({ text: $("text").value, inputs: state.inputs.map(({ name, text }) => [name, text]), stepper: state.stepper });

export function setExpression({ text, inputs = [], stepper = "" }) {
  $("text").value = text;
  state.stepper = stepper;
  state.inputs = inputs.map(([name, value]) => ({ name, text: value, chosen: true }));
  grow();
  later(0);
}

function grow() {
  $("text").rows = Math.min(8, $("text").value.split("\n").length);
}

function later(pause = PAUSE) {
  clearTimeout(state.timer);
  state.timer = setTimeout(request, pause);
}

function request() {
  // Draw only the newest text.
  if (state.asked !== state.number) return void (state.again = true);
  state.asked = state.number + 1;
  const given = Object.fromEntries(state.inputs.filter((input) => input.chosen).map(({ name, text }) => [name, text.trim()]));
  ask({ ask: "picture", text: $("text").value, given, number: state.asked });
}

onTold((told) => {
  if (told.kind === "broken" && state.asked !== state.number) {
    state.fatal = $("text").value;
    tellError(inWords("This is too much for Python in this page, which is restarting."));
  }
  if (told.kind === "lost") {
    state.number = state.asked;
    if (state.fatal !== $("text").value) later(0);
  }
  if (told.kind !== "picture") return;
  state.number = told.number;
  if (state.again) later(0);
  state.again = false;
  // Ignore an answer for text that has changed since.
  if (told.text !== $("text").value) return later();
  if (told.inputs) keepInputs(told.inputs);
  tellError(told.error);
  document.documentElement.dataset.milliseconds = told.milliseconds.toFixed(0);
  if (told.page) show(told.page);
  changed();
});

function show(page) {
  const message = { page, governed: true, state: withTheme(state.stepper), title: inWords("Step through the function") };
  if (state.frame) $("picture").contentWindow.postMessage(message, location.origin);
  else state.next = message;
}

// The state of the stepper without the inputs, which are in their fields.
function withTheme(text) {
  const parts = new URLSearchParams(text), theme = themed();
  parts.delete("theme");
  for (const { name } of state.inputs) parts.delete(name);
  if (theme !== "auto") parts.set("theme", theme);
  return parts.toString();
}

export function showTheme() {
  if (state.frame) $("picture").contentWindow.postMessage({ stepperState: withTheme(state.stepper) }, location.origin);
}

addEventListener("message", ({ source, data, origin }) => {
  if (source !== $("picture").contentWindow || origin !== location.origin) return;
  if (data.ready) {
    state.frame = true;
    if (state.next) $("picture").contentWindow.postMessage(state.next, location.origin);
    state.next = null;
  }
  if (data.swapped) dispatchEvent(new Event("pictured"));
  if (typeof data.stepperState === "string") {
    state.stepper = withTheme(data.stepperState);
    changed();
  }
});

// The frame may have reported it before this page was listening.
$("picture").contentWindow.postMessage({ areYouReady: true }, location.origin);

function tellError(error) {
  $("error").hidden = !error;
  $("text").classList.toggle("wrong", Boolean(error));
  $("expression").classList.toggle("stale", Boolean(error));
  $("error").replaceChildren();
  if (!error) return;
  const [first, ...rest] = error.split("\n");
  // A sentence begins with a capital letter, but not a name.
  const isNamed = state.inputs.some(({ name }) => first.startsWith(`${name} `));
  $("error").append(Object.assign(document.createElement("p"), { textContent: isNamed ? first : first[0].toUpperCase() + first.slice(1) }));
  if (rest.length) $("error").append(Object.assign(document.createElement("pre"), { textContent: rest.join("\n").replace(/^ {2}/gm, ""), tabIndex: 0 }));
  const meant = /Did you mean (.+) \?$/.exec(first)?.[1];
  if (meant && /[()*=]/.test(meant)) {
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: inWords("Use {formula}", { formula: meant }) });
    button.addEventListener("click", () => {
      $("text").value = meant;
      $("text").focus();
      grow();
      later(0);
    });
    $("error").append(button);
  }
}

function keepInputs(pairs) {
  const before = new Map(state.inputs.map((input) => [input.name, input]));
  const same = pairs.length === state.inputs.length && pairs.every(([name], j) => state.inputs[j].name === name);
  // Inputs of another function, from a link or an example, have no fields yet, whatever their names.
  if (same && state.inputs.every((input) => input.put)) {
    for (const [name, text] of pairs) if (!before.get(name).chosen) before.get(name).put(text);
    return;
  }
  state.inputs = pairs.map(([name, text]) => before.get(name) ?? { name, text, chosen: false });
  $("inputs").replaceChildren(...state.inputs.map((input, j) => row(input, j)));
}

function row(input, j) {
  const line = Object.assign(document.createElement("div"), { className: "input" });
  const label = Object.assign(document.createElement("label"), { textContent: input.name, htmlFor: `value${j}` });
  const field = Object.assign(document.createElement("input"), { type: "text", id: `value${j}`, inputMode: "decimal", autocomplete: "off", value: input.text });
  const range = Object.assign(document.createElement("input"), { type: "range", id: `slider${j}` });
  range.setAttribute("aria-label", inWords("{name}, slider", { name: input.name }));
  input.put = (text) => {
    input.text = field.value = text;
    reach(range, Number(text));
  };
  reach(range, Number(input.text));
  field.addEventListener("input", () => {
    Object.assign(input, { text: field.value, chosen: true });
    reach(range, Number(field.value));
    later();
  });
  // While a slider moves, the stepper computes on its own; Python follows when it stops.
  range.addEventListener("input", () => {
    Object.assign(input, { text: range.value, chosen: true });
    field.value = range.value;
    move();
    changed();
  });
  range.addEventListener("change", () => later(0));
  line.append(label, field, range);
  return line;
}

function reach(range, x) {
  if (!Number.isFinite(x)) return;
  const most = Math.max(2, 2 * Math.abs(x));
  Object.assign(range, { min: -most, max: most, step: most / 200 });
  range.value = x;
}

function move() {
  const numbers = state.inputs.map(({ name, text }) => [name, Number(text)]).filter(([, x]) => Number.isFinite(x));
  $("picture").contentWindow.postMessage({ stepperInputs: Object.fromEntries(numbers) }, location.origin);
}

$("text").addEventListener("input", () => {
  grow();
  later();
});
$("text").addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey) return;
  event.preventDefault();
  later(0);
});

// Until Python is ready, show the first example as drawn by the build.
export async function showPrepared() {
  const page = await inflated("first.html.z").catch(() => "");
  if (page && !python.ready) show(page);
}
