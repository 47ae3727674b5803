// The leaves' sliders and the check by differences.

const MOST_SLIDERS = 40;

function buildSliders() {
  const all = D.inputs.slice(0, MOST_SLIDERS).map((i, j) => slider(i, j));
  $("sliders").replaceChildren(...all);
  if (D.inputs.length > MOST_SLIDERS) notice(inWords("Sliders for the first {some} of {all} inputs.", { some: MOST_SLIDERS, all: D.inputs.length }));
  $("reset").addEventListener("click", () => move(D.inputs.map((i) => base.values[i])));
  if (!computable) notice(inWords("These operations have no JavaScript form, so the inputs stay as they are."));
}

function slider(i, j) {
  const x = base.values[i], reach = Math.max(2, 2 * Math.abs(x)) || 2;
  const line = document.createElement("div");
  line.className = "slider";
  const [label, range, field] = ["label", "input", "input"].map((name) => document.createElement(name));
  label.textContent = label.title = nodes[i].t;
  label.htmlFor = `x${j}`;
  Object.assign(range, { type: "range", id: `x${j}`, min: x - reach, max: x + reach, step: reach / 100, value: x, disabled: !computable });
  Object.assign(field, { type: "text", inputMode: "decimal", autocomplete: "off", value: rounded(x), disabled: !computable, id: `y${j}` });
  field.setAttribute("aria-label", inWords("{name}, as a number", { name: nodes[i].t }));
  const set = (element, y) => move(S.inputs.map((z, k) => (k === j ? y : z)), element);
  range.addEventListener("input", () => set(range, Number(range.value)));
  field.addEventListener("input", () => read(field, (y) => set(field, y)));
  line.append(label, range, field);
  return line;
}

// Take a typed number, or refuse it; a sign alone is not an error yet.
function read(field, take) {
  const x = typedNumber(field.value), isEmpty = /^\s*[-+−–]?\s*$/.test(field.value);
  const refused = !Number.isFinite(x) && !isEmpty;
  field.setAttribute("aria-invalid", String(refused));
  if (Number.isFinite(x)) take(x);
  else if (refused) notice(inWords("Not a number: {text}. Please type one such as {example}.", { text: field.value.slice(0, 20), example: short(-0.5) }));
}

// As many digits as a field has room for.
const rounded = (x) => inDigits(String(Number(x.toPrecision(6))));

function showNumber(element, x) {
  element.value = !Number.isFinite(x) ? "" : element.type === "range" ? x : rounded(x);
  element.removeAttribute("aria-invalid");
}

function move(inputs, source) {
  const shown = switching.map((k) => form(k).tf);
  S.inputs = inputs;
  S.now = run(inputs, S.overwrite);
  if (switching.some((k, j) => form(k).tf !== shown[j])) buildTable();
  inputs.forEach((x, j) => {
    for (const element of [$(`x${j}`), $(`y${j}`)]) if (element && element !== source) showNumber(element, x);
    $(`y${j}`)?.setAttribute("title", full(x));
  });
  const changed = inputs.some((x, j) => !Object.is(x, base.values[D.inputs[j]]));
  const bad = S.now.values.findIndex((v, i) => !Number.isFinite(v) && (!changed || Number.isFinite(base.values[i])) && nodes[i].a.every((j) => Number.isFinite(S.now.values[j])));
  const fault = bad > -1 && { node: `${nodes[bad].t}${nodes[bad].op ? ` = ${nodes[bad].tf}` : ""}` };
  if (bad > -1) notice(Number.isNaN(S.now.values[bad]) ? inWords("Not defined here: {node} is not a number.", fault) : inWords("{node} is infinite here; it began there.", fault));
  else if (changed && otherBranch(S.now)) notice(inWords("Another branch is taken here than when the steps were recorded."));
  else notice("");
  $("reset").hidden = !changed;
  refresh();
  tellPoint();
}

// The classic bug, for demonstration: = instead of +=.
function setOverwrite(on) {
  S.overwrite = on;
  $("overwrite").checked = on;
  move(S.inputs);
}

function notice(text) {
  $("notice").textContent = text;
  $("notice").hidden = !text;
}

function tellPoint() {
  const shown = D.inputs.slice(0, 8).map((i) => `${nodes[i].t} = ${short(S.now.values[i])}`);
  $("point").textContent = shown.length ? inWords("at {inputs}", { inputs: listed(D.inputs.length > 8 ? [...shown, "…"] : shown) }) : "";
}

const TEXTS = {
  agrees: "✓", disagrees: inWords("✗ they differ"), kink: inWords("a kink is near"), jump: inWords("a jump is near"), infinite: inWords("the slope is infinite"),
  "one-sided": inWords("defined on one side only"), undefined: inWords("undefined nearby"), "not finite": inWords("infinite here"), nan: inWords("not a number here"),
  uncertain: inWords("too rough to tell"), changed: inWords("a leaf has changed"),
};
const checked = { of: null, text: [] };

// The derivative by each of the first inputs, by differences, compared with the gradient from the steps.
function tellCheck() {
  // In a quiz it would reveal the last answers.
  const hidden = S.steps.some((_, n) => isOpen(n));
  $("check").hidden = hidden;
  if (hidden) {
    checked.of = null;
    return void ($("check").textContent = "");
  }
  if (checked.of === S.now) return;
  checked.of = S.now;
  let bounds = null;
  const errors = () => (bounds ??= roundingErrors(recomputed(S.inputs)));
  const parts = D.inputs.slice(0, 6).map((i, j) => {
    const list = S.now.steps.push, n = list.reduce((found, s, at) => (s.k === "add" && edges[s.e].p === i ? at : found), -1);
    const gradient = n < 0 ? (i === D.output ? 1 : 0) : list[n].s;
    const recorded = S.now === base && D.checks[j];
    if (!recorded && !computable) return null;
    const { found, verdict } = recorded
      ? { found: { value: number(recorded[0]) }, verdict: recorded[1] }
      : compared(along(S.inputs, j), S.inputs[j], gradient, 4 * errors().output, errors().errors[i]);
    const fails = S.overwrite && verdict === "disagrees";
    return [`${nodes[i].t}: ${short(found.value)} `, fails ? inWords("✗ but the steps give {number}", { number: short(gradient) }) : TEXTS[verdict] ?? verdict, fails];
  }).filter(Boolean);
  const words = parts.flatMap(([text, verdict, fails], n) => {
    const told = document.createElement("span");
    told.className = fails ? "fails" : "";
    told.textContent = verdict;
    return [n ? "; " : "", text, told];
  });
  $("check").replaceChildren(...(words.length ? [inWords("Finite differences of {output} by", { output: nodes[D.output].t }), " ", ...words] : []));
}
