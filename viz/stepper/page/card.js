// The card of one edge: its local derivative, the operation's rule, and the function with its tangent.

const PLOT = { width: 340, height: 190, margin: 26 };

function openCard(k) {
  const e = form(k);
  if (e.f === undefined) return;
  S.card = k;
  const child = nodes[e.c], slope = S.now.partials[k];
  $("card-title").textContent = `Local derivative of ${child.t} by ${nodes[e.p].t}`;
  const derivative = partial(child.m, nodes[e.p].m);
  const shown = [row(derivative, op("="), e.f), row(op("="), e.n), row(op("="), numberMath(slope))];
  if (e.rule?.length) {
    const [whole, rule, name] = e.rule;
    shown.push(row("<mtext>rule:&#xa0;</mtext>", `<mfrac><mo>∂</mo><mrow><mo>∂</mo><mi>${name}</mi></mrow></mfrac>`, row(op("["), whole, op("]")), op("="), rule));
  }
  $("card-lines").replaceChildren(...shown.map((line, j) => lineOf(line, j === 3 ? "rule" : "")));
  drawPlot(e, slope);
  $("card").hidden = false;
}

function closeCard() {
  S.card = null;
  $("card").hidden = true;
}

function lineOf(inner, name = "") {
  const line = document.createElement("div");
  line.className = `line ${name}`;
  line.append(math(inner, S.now.values));
  return line;
}

const SVG = "http://www.w3.org/2000/svg";

function shape(name, attributes, text) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (text !== undefined) element.textContent = text;
  return element;
}

// The child as a function of this one argument, wherever the same node stands in the others too.
function drawPlot(e, slope) {
  $("plot").replaceChildren();
  const operation = OPERATIONS[nodes[e.c].op];
  const x0 = S.now.values[e.p], y0 = S.now.values[e.c];
  if (!operation || !Number.isFinite(x0) || !Number.isFinite(y0)) return;
  const given = nodes[e.c].a.map((j) => S.now.values[j]);
  const f = (x) => operation.f(given.map((y, j) => (j === e.k ? x : y)));
  const reach = Math.min(Math.max(2, 1.5 * Math.abs(x0)), 8);
  const xs = Array.from({ length: 161 }, (_, j) => x0 + reach * (j / 80 - 1));
  const points = xs.map((x) => [x, f(x)]).filter(([, y]) => Number.isFinite(y));
  const rise = Math.min(reach * Math.max(Math.abs(slope), 0.4) * 1.6, 1e6);
  const near = points.map(([, y]) => y).filter((y) => Math.abs(y - y0) <= rise);
  const [low, high] = [Math.min(y0 - 0.15 * rise, ...near), Math.max(y0 + 0.15 * rise, ...near)];
  const { width, height, margin } = PLOT;
  const X = (x) => margin + ((x - x0) / reach + 1) / 2 * (width - 2 * margin);
  const Y = (y) => height - margin - (y - low) / (high - low || 1) * (height - 2 * margin);
  const svg = shape("svg", { viewBox: `0 0 ${width} ${height}`, class: "plot", role: "img", "aria-label": `${nodes[e.c].t} as a function of ${nodes[e.p].t}: the tangent at ${short(x0)} has slope ${short(slope)}` });
  svg.append(shape("rect", { x: margin, y: margin / 2, width: width - 2 * margin, height: height - 1.5 * margin, class: "frame" }));
  if (low < 0 && high > 0) svg.append(shape("line", { x1: margin, x2: width - margin, y1: Y(0), y2: Y(0), class: "axis" }));
  if (Math.abs(x0) < reach) svg.append(shape("line", { x1: X(0), x2: X(0), y1: margin / 2, y2: height - margin, class: "axis" }));
  svg.append(shape("path", { d: curve(points, low, high, X, Y), class: "curve" }));
  const half = 0.6 * reach;
  const clip = shape("clipPath", { id: "plot-frame" });
  clip.append(shape("rect", { x: margin, y: margin / 2, width: width - 2 * margin, height: height - 1.5 * margin }));
  svg.append(clip);
  svg.append(shape("line", { x1: X(x0 - half), y1: Y(y0 - slope * half), x2: X(x0 + half), y2: Y(y0 + slope * half), class: "tangent", "clip-path": "url(#plot-frame)" }));
  svg.append(shape("circle", { cx: X(x0), cy: Y(y0), r: 4, class: "dot" }));
  svg.append(shape("text", { x: margin, y: height - 9 }, short(x0 - reach, 3)), shape("text", { x: width - margin, y: height - 9, "text-anchor": "end" }, short(x0 + reach, 3)));
  svg.append(shape("text", { x: X(x0), y: height - 9, "text-anchor": "middle", class: "at" }, `${nodes[e.p].t} = ${short(x0, 4)}`));
  $("plot").append(svg);
}

// The points as a path, broken where the curve leaves the frame.
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
