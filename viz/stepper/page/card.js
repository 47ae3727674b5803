// The card of an edge, next to it: the local derivative, the operation's rule, and the function with its tangent.
// A second point at a distance h shows the difference quotient, which approaches the slope as h shrinks, and how
// far off the Taylor polynomials are there.

const PLOT = { width: 360, height: 200, margin: 22 };
const nudge = { at: 0, h: 0.5, reach: 1, plain: true, order: 1 };

function openCard(k) {
  if (edges[k].f === undefined) return;
  if (quiz.on && (S.used[k] === 0 || S.hidden.edge === k)) return say(inWords("The card opens when the question is answered."));
  S.card = k;
  const x0 = S.now.values[edges[k].p];
  nudge.reach = Math.min(Math.max(2, 1.5 * Math.abs(x0)), 8) || 2;
  Object.assign(nudge, { at: x0, h: 0.5, plain: true, order: 1 });
  const highest = edges[k].h === undefined ? 1 : 1 + derivatives(k, x0).length;
  Object.assign($("card-order"), { max: highest, value: 1 });
  $("card-order").parentElement.hidden = highest === 1;
  Object.assign($("card-at"), { min: x0 - nudge.reach, max: x0 + nudge.reach, value: x0 });
  Object.assign($("card-h"), { min: -nudge.reach / 2, max: nudge.reach / 2, value: 0.5 });
  $("card").hidden = false;
  drawCard();
  putCard(k);
  $("card").focus({ preventScroll: true });
  remember();
}

// Below or above the two nodes of the edge, where there is room, and inside the window.
function putCard(k) {
  const card = $("card"), { top, left } = scroller.getBoundingClientRect(), { p, c } = edges[k];
  const [w, h] = [card.offsetWidth, card.offsetHeight];
  const spots = [p, c].map((i) => placeOf(spot(i)));
  const low = top + Math.max(...[p, c].map((i, n) => spots[n][1] + (sizes[i][1] / 2) * view.scale)) + 10;
  const high = top + Math.min(...[p, c].map((i, n) => spots[n][1] - (sizes[i][1] / 2) * view.scale)) - 10 - h;
  const bar = document.querySelector(".controls").getBoundingClientRect().top;
  card.style.left = `${Math.max(8, Math.min(innerWidth - w - 8, left + (spots[0][0] + spots[1][0]) / 2 - w / 2))}px`;
  card.style.top = `${low + h <= bar - 6 ? low : high >= 8 ? high : Math.max(8, bar - h - 6)}px`;
}

function drawCard() {
  const k = S.card, e = form(k), child = nodes[e.c], parent = nodes[e.p], slope = S.now.partials[k], argument = argumentOf(k);
  if (nudge.plain) nudge.at = S.now.values[e.p];
  const fields = { child: child.t, parent: parent.t, nth: argument && nth(argument) };
  $("card-title").textContent = argument ? inWords("Local derivative of {child} by {parent}, its {nth} argument", fields) : inWords("Local derivative of {child} by {parent}", fields);
  const [whole, rule, name] = e.rule ?? [];
  const law = whole ? row(`<mfrac><mo>∂</mo><mrow><mo>∂</mo><mi>${name}</mi></mrow></mfrac>`, row(op("["), whole, op("]")), op("="), rule) : "";
  const word = (text) => `<mtext>${escaped(text)}&#xa0;</mtext>`;
  const left = argument ? row(word(inWords("here"))) : row(partial(child.m, parent.m), op("="));
  const shown = [row(left, localMath(k, e.f)), row(op("="), e.n), row(op("="), localMath(k, numberMath(slope)))];
  const general = law && (argument ? law : row(word(inWords("rule:")), law));
  if (law) shown[argument ? "unshift" : "push"](general);
  $("card-lines").replaceChildren(...shown.map((line) => lineOf(line, line === general && !argument ? "rule" : "")));
  drawPlot(k, slope);
}

function closeCard() {
  if (S.card === null) return;
  const { group } = lines[S.card];
  S.card = null;
  if ($("card").contains(document.activeElement)) group.focus({ preventScroll: true });
  $("card").hidden = true;
  remember();
}

function lineOf(inner, name = "") {
  const line = document.createElement("div");
  line.className = `line ${name}`;
  line.append(math(inner, S.now.values));
  return line;
}

// The arguments of an edge's child, with x in the place of this one.
const put = (k, x) => nodes[edges[k].c].a.map((j, slot) => (slot === edges[k].k ? x : S.now.values[j]));

// The derivatives of order 2, 3, ... by this argument.
const derivatives = (k, x) => HIGHER[edges[k].h](put(k, x));

// The Taylor polynomials of order 2 to n around x0, as coefficients of the powers of x - x0.
function polynomials(k, x0, y0, slope) {
  if (nudge.order === 1) return [];
  let factorial = 1;
  const c = [y0, slope, ...derivatives(k, x0).map((d, j) => d / (factorial *= j + 2))];
  return Array.from({ length: nudge.order - 1 }, (_, j) => c.slice(0, j + 3)).filter((p) => p.every(Number.isFinite));
}
const valueAt = (p, h) => p.reduceRight((sum, c) => sum * h + c, 0);

// The child as a function of this one argument, even if the same node is also another argument.
function drawPlot(k, recorded) {
  const e = edges[k], operation = OPERATIONS[nodes[e.c].op], x0 = nudge.at, { reach } = nudge;
  $("plot").replaceChildren();
  document.querySelector(".nudge").hidden = !operation;
  if (!operation) return;
  const f = (x) => operation.f(put(k, x));
  const y0 = f(x0), slope = nudge.plain ? recorded : operation.d(put(k, x0), y0)[e.k], middle = S.now.values[e.p];
  if (![x0, y0, slope].every(Number.isFinite)) return void ($("card-told").textContent = inWords("Not finite here."));
  const xs = Array.from({ length: 161 }, (_, j) => middle + reach * (j / 80 - 1));
  const points = xs.map((x) => [x, f(x)]).filter(([, y]) => Number.isFinite(y));
  const rise = Math.min(reach * Math.max(Math.abs(recorded), 0.4) * 1.6, 1e6), level = f(middle);
  const near = points.map(([, y]) => y).filter((y) => Math.abs(y - level) <= rise);
  const [low, high] = [Math.min(level - 0.15 * rise, ...near), Math.max(level + 0.15 * rise, ...near)];
  const { width, height, margin } = PLOT;
  const X = (x) => margin + ((x - middle) / reach + 1) / 2 * (width - 2 * margin);
  const Y = (y) => height - margin - (y - low) / (high - low || 1) * (height - 1.5 * margin);
  const svg = shape("svg", { viewBox: `0 0 ${width} ${height}`, class: "plot", role: "img", "aria-label": inWords("{child} as a function of {parent}: the tangent at {x} has slope {slope}", { child: nodes[e.c].t, parent: nodes[e.p].t, x: short(x0), slope: short(slope) }) });
  const frame = { x: margin, y: margin / 2, width: width - 2 * margin, height: height - 1.5 * margin };
  const clip = shape("clipPath", { id: "plot-frame" });
  clip.append(shape("rect", frame));
  svg.append(shape("rect", { ...frame, class: "frame" }), clip);
  const ruler = (name, x1, y1, x2, y2) => svg.append(shape("line", { x1: X(x1), y1: Y(y1), x2: X(x2), y2: Y(y2), class: name, "clip-path": "url(#plot-frame)" }));
  if (low < 0 && high > 0) ruler("axis", middle - reach, 0, middle + reach, 0);
  if (Math.abs(middle) < reach) ruler("axis", 0, low, 0, high);
  svg.append(shape("path", { d: curve(points, low, high, X, Y), class: "curve" }));
  const taylor = polynomials(k, x0, y0, slope);
  taylor.forEach((p, j) => svg.append(shape("path", { d: curve(xs.map((x) => [x, valueAt(p, x - x0)]), low, high, X, Y), class: `polynomial order${j + 2}` })));
  ruler("tangent", x0 - 0.6 * reach, y0 - 0.6 * slope * reach, x0 + 0.6 * reach, y0 + 0.6 * slope * reach);
  const x1 = x0 + nudge.h, y1 = f(x1), rate = (y1 - y0) / nudge.h;
  if (Number.isFinite(rate)) ruler("secant", x0 - 0.5 * reach, y0 - 0.5 * rate * reach, x0 + reach, y0 + rate * reach);
  svg.append(shape("circle", { cx: X(x0), cy: Y(y0), r: 5, class: "dot" }));
  if (Number.isFinite(y1)) svg.append(shape("circle", { cx: X(x1), cy: Math.min(height - 6, Math.max(6, Y(y1))), r: 7, class: "handle" }));
  svg.append(shape("text", { x: Math.min(width - 60, Math.max(60, X(x0))), y: height - 5, "text-anchor": "middle", class: "at" }, `${nodes[e.p].t} = ${short(x0)}`));
  dragged(svg, (px) => setNudge({ h: middle + ((px - margin) / (width - 2 * margin) * 2 - 1) * reach - x0 }));
  $("plot").append(svg);
  const fields = { h: short(nudge.h), slope: short(slope) };
  $("card-told").textContent = Number.isFinite(rate)
    ? inWords("h = {h}: Δy = {rise}, slope · h = {product}; Δy / h = {rate}, slope {slope}", { ...fields, rise: short(y1 - y0), product: short(slope * nudge.h), rate: short(rate) })
    : inWords("h = {h}: not defined there; slope {slope}", fields);
  tellOrders(k, [[y0, slope], ...taylor], y1);
}

// How far off each polynomial is at the second point.
const LINES = [inWords("dashed"), inWords("dotted"), inWords("dash-dotted"), inWords("thin")];
function tellOrders(k, all, y1) {
  const n = nudge.order, off = listed(all.map((p, j) => `${j + 1} (${LINES[j]}) ${Number.isFinite(y1) ? short(valueAt(p, nudge.h) - y1) : "?"}`));
  const told = all.length < n ? inWords("Off by order: {off}; the others do not exist here", { off }) : inWords("Off by order: {off}", { off });
  $("card-orders").textContent = n === 1 ? "" : told;
  $("order-shown").textContent = n;
}

function setNudge(change) {
  Object.assign(nudge, change);
  if (Math.abs(nudge.h) < 1e-3 * nudge.reach) nudge.h = 1e-3 * nudge.reach * (nudge.h < 0 ? -1 : 1);
  $("card-h").value = nudge.h;
  if (S.card !== null) drawPlot(S.card, S.now.partials[S.card]);
}

// The handle follows the pointer, which the new plot must capture again.
let held = null;
function dragged(svg, moved) {
  const to = (event) => { const box = $("plot").firstChild.getBoundingClientRect(); moved((event.clientX - box.left) / box.width * PLOT.width); };
  svg.addEventListener("pointerdown", (event) => { held = to; to(event); });
}
addEventListener("pointermove", (event) => held && held(event));
addEventListener("pointerup", () => (held = null));

// The points as a path, interrupted where the curve leaves the frame.
function curve(points, low, high, X, Y) {
  let pen = "M", path = "";
  for (const [x, y] of points) {
    if (y < low - 1e-12 || y > high + 1e-12) pen = "M";
    else {
      path += `${pen}${X(x).toFixed(1)},${Y(y).toFixed(1)}`;
      pen = "L";
    }
  }
  return path || "M0,0";
}
