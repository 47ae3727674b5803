const $ = (id) => document.getElementById(id);
const count = D.steps.length;
let at = 0, chosen = null, playing = null;

const digits = (x, n = 4) => (x === null ? inWords("not finite") : x === 0 ? "0" : inDigits(Number(x.toPrecision(n)).toString().replace("-", "−")));
const brief = (x) => (x !== 0 && (Math.abs(x) < 1e-3 || Math.abs(x) >= 1e5) ? inDigits(x.toExponential(1).replaceAll("-", "−")) : digits(Number(x.toPrecision(3))));
// The digits with which two numbers differ, at least four.
const digitsFor = (a, b) => [4, 5, 6].find((n) => a === null || b === null || a === b || a.toPrecision(n) !== b.toPrecision(n)) ?? 7;
const signed = (x) => (x !== null && x < 0 ? `(${digits(x)})` : digits(x));

function element(name, attributes, parent) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  parent?.append(made);
  return made;
}

function range(numbers) {
  const finite = numbers.filter((x) => x !== null);
  const low = Math.min(...finite), high = Math.max(...finite);
  return low < high ? [low, high] : [low - 1, high + 1];
}

// Plots are drawn in the size at which they are shown, so that their letters stay legible.
let wide = 480;
const across = (k) => 70 + (wide - 80) * (k / Math.max(1, count - 1));

function cleared(svg, height) {
  svg.replaceChildren();
  svg.setAttribute("viewBox", `0 0 ${wide} ${height}`);
  return svg;
}

// A line over all steps; `place` turns a number into a height.
function line(svg, numbers, place, kind) {
  let path = "", open = false;
  numbers.forEach((x, k) => {
    open = x !== null && ((path += `${open ? "L" : "M"}${across(k).toFixed(1)} ${place(x).toFixed(1)}`), true);
  });
  element("path", { d: path, class: `line ${kind}` }, svg);
}

function axes(svg, [low, high], height, label) {
  element("path", { d: `M70 10V${height - 30}H${wide - 10}`, fill: "none", class: "axis" }, svg);
  element("text", { x: 64, y: 18, "text-anchor": "end" }, svg).textContent = brief(label(high));
  element("text", { x: 64, y: height - 30, "text-anchor": "end" }, svg).textContent = brief(label(low));
  element("text", { x: wide - 10, y: height - 10, "text-anchor": "end" }, svg).textContent = inWords("step {n}", { n: D.steps[count - 1] + 1 });
  element("text", { x: 70, y: height - 10 }, svg).textContent = D.steps[0] + 1;
}

// Losses that shrink by orders of magnitude are drawn on a logarithmic scale.
const positive = D.losses.every((x) => x === null || x > 0);
const logarithmic = positive && Math.max(...D.losses.filter((x) => x !== null)) > 20 * Math.min(...D.losses.filter((x) => x !== null));
const scaled = (x) => (x === null ? null : logarithmic ? Math.log10(x) : x);

function drawLosses() {
  const bounds = range(D.losses.map(scaled)), curve = cleared($("curve"), 220);
  axes(curve, bounds, 220, (x) => (logarithmic ? 10 ** x : x));
  line(curve, D.losses.map(scaled), (x) => 190 - (180 * (x - bounds[0])) / (bounds[1] - bounds[0]), "loss");
  element("path", { class: "at", id: "mark" }, curve);
  $("losses").textContent = logarithmic ? inWords("Loss, logarithmic") : inWords("Loss");
}

// The arrays of weights in order, with the index of the first number of each.
const arrays = [];
let place = 0;
for (const [name, shape] of Object.entries(D.shapes)) {
  arrays.push({ name, shape, start: place });
  place += shape.reduce((a, b) => a * b, 1);
}
const largest = arrays.map(({ start, shape }) => {
  const size = shape.reduce((a, b) => a * b, 1);
  return Math.max(1e-300, ...D.weights.map((row) => Math.max(0, ...row.slice(start, start + size).map(Math.abs))));
});

// Consecutive layers: a matrix of weights, and possibly a bias for each of its rows.
function layers() {
  const found = [];
  for (let i = 0; i < arrays.length; i++) {
    const { shape, start } = arrays[i], width = found.at(-1)?.shape[0];
    if (shape.length !== 2 || (found.length && shape[1] !== width)) return [];
    const bias = arrays[i + 1]?.shape.length === 1 && arrays[i + 1].shape[0] === shape[0] ? arrays[++i].start : null;
    found.push({ shape, start, bias });
  }
  const widest = Math.max(0, ...found.map(({ shape }) => Math.max(...shape)));
  return widest <= 20 && D.names.length <= 500 ? found : [];
}

const shapes = new Map(); // From the place of a weight to what shows it.

function choosable(shape, k) {
  shape.setAttribute("tabindex", k === 0 ? "0" : "-1");
  shape.setAttribute("role", "button");
  shape.setAttribute("aria-label", D.names[k]);
  shape.dataset.k = k;
  shape.addEventListener("click", () => choose(k));
  shape.addEventListener("keydown", (event) => {
    const to = { ArrowRight: k + 1, ArrowDown: k + 1, ArrowLeft: k - 1, ArrowUp: k - 1 }[event.key];
    if (event.key === "Enter" || event.key === " ") choose(k);
    else if (to === undefined || !focusable.has(to)) return;
    else focusable.get(to).focus();
    event.preventDefault();
    event.stopPropagation();
  });
  focusable.set(k, shape);
}
const focusable = new Map();

function drawNetwork(found) {
  const sizes = [found[0].shape[1], ...found.map(({ shape }) => shape[0])];
  const height = Math.max(160, 46 * Math.max(...sizes)), width = 150 * (sizes.length - 1) + 90;
  const svg = $("network");
  svg.removeAttribute("hidden");
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  svg.style.maxWidth = `${1.4 * width}px`;
  const point = (layer, i) => [45 + 150 * layer, (height * (i + 0.5)) / sizes[layer]];
  found.forEach(({ shape, start }, layer) => {
    for (let i = 0; i < shape[0]; i++)
      for (let j = 0; j < shape[1]; j++) {
        const [x1, y1] = point(layer, j), [x2, y2] = point(layer + 1, i), k = start + i * shape[1] + j;
        shapes.set(k, element("line", { x1, y1, x2, y2, class: "edge" }, svg));
        choosable(element("line", { x1, y1, x2, y2, class: "hit" }, svg), k);
      }
  });
  sizes.forEach((size, layer) => {
    for (let i = 0; i < size; i++) {
      const [cx, cy] = point(layer, i), bias = layer && found[layer - 1].bias !== null ? found[layer - 1].bias + i : null;
      const unit = element("circle", { cx, cy, r: 15, class: bias === null ? "unit" : "unit bias" }, svg);
      if (bias !== null) (shapes.set(bias, unit), choosable(unit, bias));
    }
  });
  $("legend").textContent = inWords("— thickness is size, dashes are negative, a circle is a unit with its bias");
}

function drawGrids() {
  for (const { name, shape, start } of arrays) {
    const columns = shape.length > 1 ? shape.slice(1).reduce((a, b) => a * b, 1) : shape[0] ?? 1;
    const rows = shape.length > 1 ? shape[0] : 1, size = Math.max(4, Math.min(28, 600 / columns));
    const figure = document.createElement("figure"), caption = document.createElement("figcaption");
    caption.textContent = `${name} (${shape.join(" × ") || "1"})`;
    const svg = element("svg", { viewBox: `0 0 ${columns * size} ${rows * size}` }, null);
    svg.style.maxWidth = `${columns * size}px`;
    for (let k = 0; k < rows * columns; k++) {
      const cell = element("rect", { x: (k % columns) * size, y: Math.floor(k / columns) * size, width: size, height: size, class: "cell" }, svg);
      shapes.set(start + k, cell);
      choosable(cell, start + k);
    }
    figure.append(caption, svg);
    $("grids").append(figure);
  }
  $("legend").textContent = inWords("— darker is larger, a cell with a bar is negative");
}

function paint() {
  const row = D.weights[at];
  arrays.forEach(({ start, shape }, a) => {
    const size = shape.reduce((p, q) => p * q, 1);
    for (let k = start; k < start + size; k++) {
      const shape = shapes.get(k), strength = Math.abs(row[k] ?? 0) / largest[a];
      if (shape.tagName === "line") {
        shape.setAttribute("stroke-width", (0.6 + 6 * strength).toFixed(2));
        shape.classList.toggle("negative", row[k] < 0);
      } else if (shape.tagName === "rect") {
        shape.setAttribute("fill-opacity", strength.toFixed(3));
        shape.style.fill = row[k] < 0 ? "url(#negative)" : "";
      }
      shape.classList.toggle("chosen", k === chosen);
    }
  });
}

function tell() {
  const fields = { epoch: D.epochs[at] + 1, step: D.steps[at] + 1, steps: D.steps[count - 1] + 1, loss: digits(D.losses[at]) };
  const rate = D.rates[at] === null ? "" : ` · ${inWords("rate {rate}", { rate: digits(D.rates[at]) })}`;
  $("now").textContent = inWords("epoch {epoch} · step {step} of {steps} · loss {loss}", fields) + rate;
  $("scrubber").setAttribute("aria-valuetext", $("now").textContent);
  $("mark").setAttribute("d", `M${across(at)} 10V190`);
  if (chosen === null) return;
  const w = D.weights[at][chosen], after = D.weights[at + 1][chosen], g = D.gradients[at][chosen];
  const n = digitsFor(w, after), parts = [["b", "", "w"], ["", "", " ← "], ["span", "up", digits(w, n)]];
  if (D.plain && D.rates[at] !== null) parts.push(["", "", ` − ${digits(D.rates[at])} · `], ["span", "down", signed(g)]);
  else parts.push(["", "", ` + ${signed(w === null || after === null ? null : after - w)}`]);
  parts.push(["", "", " = "], ["span", "up", digits(after, n)]);
  if (!D.plain) {
    const told = D.optimizer ? inWords("by {optimizer}, gradient {gradient}", { optimizer: D.optimizer }) : inWords("gradient {gradient}");
    const [before, behind] = told.split("{gradient}");
    parts.push(["", "", ` ${before}`], ["span", "down", digits(g)], ["", "", behind]);
  }
  const consecutive = D.steps[at + 1] === undefined || D.steps[at + 1] === D.steps[at] + 1;
  if (!consecutive) parts.push(["", "", ` ${inWords("(over {n} steps)", { n: D.steps[at + 1] - D.steps[at] })}`]);
  $("update").replaceChildren(...parts.map(([tag, kind, text]) => {
    if (!tag) return text;
    const made = document.createElement(tag);
    made.className = kind;
    made.textContent = text;
    return made;
  }));
  $("path-mark").setAttribute("d", `M${across(at)} 10V120`);
}

function drawPath() {
  const weights = D.weights.slice(0, count).map((row) => row[chosen]), bounds = range(weights), svg = cleared($("path"), 150);
  svg.removeAttribute("hidden");
  axes(svg, bounds, 150, (x) => x);
  line(svg, weights, (x) => 120 - (110 * (x - bounds[0])) / (bounds[1] - bounds[0]), "value");
  element("path", { class: "at", id: "path-mark" }, svg);
}

function choose(k) {
  chosen = k;
  $("name").textContent = D.names[k];
  drawPath();
  $("open").hidden = !D.stepper || !D.inputs[k];
  paint();
  tell();
}

function seek(k) {
  at = Math.max(0, Math.min(count - 1, k));
  $("scrubber").value = at;
  paint();
  tell();
}

function play() {
  if (playing !== null) {
    clearInterval(playing);
    playing = null;
  } else {
    if (at === count - 1) seek(0);
    const stride = Math.max(1, Math.round(count / 300));
    playing = setInterval(() => (at >= count - 1 ? play() : seek(at + stride)), 40);
  }
  $("play").textContent = playing === null ? inWords("Play") : inWords("Pause");
}

// A stepper page restores its inputs from its address.
function openPass() {
  const parts = new URLSearchParams();
  D.inputs.forEach((name, k) => name && D.weights[at][k] !== null && parts.append(name, String(D.weights[at][k])));
  const frame = document.createElement("iframe");
  frame.title = inWords("The backward pass of one example");
  frame.src = `${URL.createObjectURL(new Blob([D.stepper], { type: "text/html" }))}#${parts}`;
  $("pass").querySelector("iframe")?.remove();
  $("pass").append(frame);
  $("pass").hidden = false;
  $("passed").textContent = inWords("The backward pass of one example at the weights of step {n}", { n: D.steps[at] + 1 });
  frame.scrollIntoView({ block: "nearest" });
}

const known = D.losses.filter((x) => x !== null), shown = { first: digits(known.at(0) ?? null), last: digits(known.at(-1) ?? null) };
document.title = counted("Training: {n} step, loss {first} to {last}", "Training: {n} steps, loss {first} to {last}", D.steps[count - 1] + 1, shown);
$("title").textContent = document.title;
$("scrubber").max = count - 1;
$("warnings").hidden = !D.warnings.length;
$("warnings").textContent = D.warnings.join(" ");
function drawPlots() {
  wide = Math.round($("curve").getBoundingClientRect().width) || 480;
  drawLosses();
  if (chosen !== null) drawPath();
}
drawPlots();
$("curve").addEventListener("click", (event) => {
  const x = event.clientX - $("curve").getBoundingClientRect().left;
  seek(Math.round(((x - 70) / (wide - 80)) * (count - 1)));
});
new ResizeObserver(() => Math.round($("curve").getBoundingClientRect().width) !== wide && (drawPlots(), tell())).observe($("curve"));
const chain = layers();
chain.length ? drawNetwork(chain) : drawGrids();
$("scrubber").addEventListener("input", () => seek(Number($("scrubber").value)));
$("play").addEventListener("click", play);
$("back").addEventListener("click", () => seek(at - 1));
$("next").addEventListener("click", () => seek(at + 1));
$("open").addEventListener("click", openPass);
addEventListener("keydown", (event) => {
  if (event.target !== document.body) return;
  const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: count - 1 }[event.key];
  if (to !== undefined) (seek(to), event.preventDefault());
  else if (event.key === " ") (play(), event.preventDefault());
});
seek(0);
