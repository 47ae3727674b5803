// The leaves' sliders, the check by differences, and the address that brings back inputs and step.

const MOST_SLIDERS = 40;

function buildSliders() {
  const all = D.inputs.slice(0, MOST_SLIDERS).map((i, j) => slider(i, j));
  $("sliders").replaceChildren(...all);
  if (D.inputs.length > MOST_SLIDERS) notice(`Sliders for the first ${MOST_SLIDERS} of ${D.inputs.length} inputs.`);
  $("reset").addEventListener("click", () => move(D.inputs.map((i) => base.values[i])));
  if (!computable) notice("These operations have no JavaScript form, so the inputs stay as they are.");
}

function slider(i, j) {
  const x = base.values[i], reach = Math.max(2, 2 * Math.abs(x)) || 2;
  const line = document.createElement("div");
  line.className = "slider";
  const [label, range, field] = ["label", "input", "input"].map((name) => document.createElement(name));
  label.textContent = nodes[i].t;
  label.htmlFor = `x${j}`;
  Object.assign(range, { type: "range", id: `x${j}`, min: x - reach, max: x + reach, step: reach / 100, value: x, disabled: !computable });
  Object.assign(field, { type: "number", step: "any", value: x, disabled: !computable, id: `y${j}` });
  field.setAttribute("aria-label", `${nodes[i].t}, as a number`);
  for (const element of [range, field])
    element.addEventListener("input", () => element.value !== "" && move(S.inputs.map((y, k) => (k === j ? Number(element.value) : y)), element));
  line.append(label, range, field);
  return line;
}

function move(inputs, source) {
  const shown = switching.map((k) => form(k).tf);
  S.inputs = inputs;
  S.now = run(inputs);
  if (switching.some((k, j) => form(k).tf !== shown[j])) buildTable();
  inputs.forEach((x, j) => {
    for (const element of [$(`x${j}`), $(`y${j}`)]) if (element && element !== source) element.value = x;
  });
  const changed = S.now !== base;
  const undefinedAt = changed && S.now.values.findIndex((v, i) => Number.isNaN(v) && !Number.isNaN(base.values[i]));
  if (undefinedAt > -1 && changed) notice(`Not defined here: ${nodes[undefinedAt].t} = ${nodes[undefinedAt].tf} is not a number.`);
  else if (changed && otherBranch(S.now)) notice("Another branch is taken here than when the steps were recorded.");
  else notice("");
  $("reset").hidden = !changed;
  refresh();
  tellPoint();
  tellCheck();
}

function notice(text) {
  $("notice").textContent = text;
  $("notice").hidden = !text;
}

function tellPoint() {
  const shown = D.inputs.slice(0, 8).map((i) => `${nodes[i].t} = ${short(S.now.values[i])}`).join(", ");
  $("point").textContent = D.inputs.length ? `at ${shown}${D.inputs.length > 8 ? ", …" : ""}` : "";
}

const TEXTS = {
  agrees: "✓", disagrees: "✗ they differ", kink: "a kink is near", jump: "a jump is near", infinite: "the slope is infinite",
  "one-sided": "defined on one side only", "not finite": "infinite here", nan: "not a number here", uncertain: "too rough to tell", changed: "a leaf has changed",
};

function tellCheck() {
  const parts = D.inputs.slice(0, 6).map((i, j) => {
    const list = base.steps.push, n = list.reduce((found, s, at) => (s.k === "add" && edges[s.e].p === i ? at : found), -1);
    const gradient = n < 0 ? (i === D.output ? 1 : 0) : S.now.steps.push[n].s;
    const recorded = S.now === base && D.checks[j];
    if (!recorded && !computable) return "";
    const found = recorded ? number(recorded[0]) : difference(S.inputs, j);
    const close = Math.abs(found - gradient) <= 1e-6 * Math.max(1, Math.abs(gradient));
    const verdict = recorded ? TEXTS[recorded[1]] ?? recorded[1] : close ? TEXTS.agrees : Number.isNaN(found) ? "not defined here" : "? a kink may be near";
    return `${nodes[i].t}: ${short(found)} ${verdict}`;
  });
  $("check").textContent = parts.some(Boolean) ? `Finite differences of ${nodes[D.output].t} by ${parts.filter(Boolean).join("; ")}` : "";
}

// The address: #x=2&step=9&mode=push, every part checked before it is used. An input called step or mode has a
// point before its name.
let remembering = null;
const inAddress = (name) => (/^(\.|step$|mode$)/.test(name) ? `.${name}` : name);

function remember() {
  clearTimeout(remembering);
  remembering = setTimeout(() => {
    const parts = D.inputs.map((i, j) => [nodes[i].name, S.inputs[j]]).filter(([, x], j) => !Object.is(x, base.values[D.inputs[j]]) && Number.isFinite(x));
    const address = new URLSearchParams([...parts.map(([name, x]) => [inAddress(name), String(x)]), ["step", S.at], ...(S.mode === "push" ? [] : [["mode", S.mode.split(":")[0]]])]);
    try {
      history.replaceState(null, "", `#${address}`);
    } catch {
      // A frame in a notebook has no address of its own.
    }
  }, 150);
}

function recall() {
  const address = new URLSearchParams(location.hash.slice(1)), refused = [];
  const inputs = S.inputs.slice();
  let mode = "push", step = 0;
  for (const [name, text] of address) {
    const j = D.inputs.findIndex((i) => inAddress(nodes[i].name) === name);
    const plain = /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(text) && Number.isFinite(Number(text));
    if (name === "step" && /^\d{1,9}$/.test(text)) step = Number(text);
    else if (name === "mode" && ["push", "pull", "forward"].includes(text)) mode = text;
    else if (j >= 0 && plain && computable) inputs[j] = Number(text);
    else refused.push(name.slice(0, 40));
  }
  setMode(mode === "forward" ? $("seed").value || "push" : mode);
  move(inputs);
  if (refused.length) notice(`Not understood in the address: ${refused.slice(0, 5).join(", ")}.`);
  seek(step);
}

for (const mode of Object.keys(base.steps).filter((name) => name.startsWith("forward:"))) {
  const choice = document.createElement("option");
  choice.value = mode;
  choice.textContent = `move ${nodes[Number(mode.slice(8))].t}`;
  $("seed").append(choice);
}
document.body.classList.add("live");
document.body.classList.toggle("large", nodes.length > 150);
buildSliders();
fit();
recall();
addEventListener("hashchange", recall);
