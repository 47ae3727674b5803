// The picture: the contents of nodes and edges, and the layout on the screen.

const $ = (id) => document.getElementById(id);
const picture = $("picture"), scroller = $("scroller");
picture.setAttribute("aria-label", inWords("Computation graph of {formula}", { formula: asWritten(picture.dataset.formula) }));
const still = matchMedia("(prefers-reduced-motion: reduce)");
const SVG = "http://www.w3.org/2000/svg";

function shape(name, attributes, text) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (text !== undefined) element.textContent = text;
  return element;
}

// Functions stand upright among names, as in formulas.
const functions = new Set(Object.keys(OPERATIONS).map((key) => key.split(":")[0]));
function writeTitle(element, text) {
  const parts = asWritten(text).split(/([a-z][a-z0-9_]+)/);
  element.replaceChildren(...parts.map((part) => (functions.has(part) ? shape("tspan", { class: "upright" }, part) : part)));
}

// In a large graph, equal boxes are written once: each node is a copy of the first one of its shape.
if (D.nested) {
  const kinds = Object.fromEntries([...$("kinds").content.querySelectorAll("g[id]")].map((group) => [group.id, group])), { like, titles } = D.nested;
  const copy = (kind, id, link = id) => {
    const made = kinds[kind].cloneNode(true);
    Object.assign(made, { id });
    made.dataset.link = link;
    return made;
  };
  $("inside").append(
    ...edges.map((e, k) => copy(e.f === undefined ? "still" : "edge", `e${k}`)),
    ...edges.flatMap((e, k) => (e.f === undefined ? [] : [copy("tag", `t${k}`, `e${k}`)])),
    shape("g", { id: "ghosts" }),
    ...nodes.map((_, i) => copy(`n${like[i]}`, `n${i}`)),
  );
  nodes.forEach((node, i) => {
    const name = $(`n${i}`).querySelector(".name");
    if (name) writeTitle(name, titles[i] || node.t);
  });
}
for (const text of D.nested ? [] : picture.querySelectorAll(".name")) writeTitle(text, text.textContent);
for (const text of HAS_COMMA ? picture.querySelectorAll(".partial") : []) text.textContent = asWritten(text.textContent);
const drawn = nodes.map((_, i) => {
  const group = $(`n${i}`);
  const part = (name) => group.querySelector(`.${name}`);
  group.removeAttribute("transform");
  return { group, box: part("box"), value: part("value"), grad: part("grad"), places: [...group.querySelectorAll(".place")], text: {}, at: [0, 0] };
});
const lines = edges.map((_, k) => {
  const group = $(`e${k}`), tag = $(`t${k}`);
  return { group, tag, path: group.querySelector(".line"), label: tag?.querySelector(".partial"), ground: tag?.querySelector("rect"), text: {} };
});

function write(element, kept, key, text) {
  if (!element || kept[key] === text) return;
  kept[key] = text;
  element.textContent = text;
}

// The number of a node: that of the forward pass, until an optimizer moves it.
const valueOf = (i) => S.moved[i] ?? S.now.values[i];
const isKnown = (i) => nodes[i].name === undefined || S.valued[i];

// The state of a node: waiting, with a value, with a gradient, or part of this step.
function paintNode(i) {
  if (isInside(i)) return;
  const { group, value, grad, places, text } = drawn[i];
  const known = isKnown(i), low = S.low[i], x = valueOf(i);
  write(value, text, "value", S.hidden.value === i ? "?" : known ? short(x) : "·");
  write(grad, text, "grad", S.hidden.low === i ? "?" : low === null ? "–" : short(low));
  if (text.got !== S.got[i]) places.forEach((place, n) => place.setAttribute("class", n < S.got[i] ? "place filled" : "place"));
  text.got = S.got[i];
  const kind = D.inputs.includes(i) ? "input" : nodes[i].op ? "result" : "constant";
  const name = ["node", kind, known ? "valued" : "waiting", low !== null && "graded", S.roles.get(i), S.stops.has(i) && "stopped",
    S.onPath?.nodes.has(i) && "on-path", known && !Number.isFinite(x) && S.hidden.value !== i && "bad-value",
    low !== null && !Number.isFinite(low) && S.hidden.low !== i && "bad-grad", S.lit === `n${i}` && "lit", S.lit === `g${i}` && "lit-grad"];
  if (text.name !== (text.name = name.filter(Boolean).join(" "))) group.setAttribute("class", text.name);
  const label = about(i);
  if (text.label !== label) drawn[i].box.setAttribute("aria-label", (text.label = label));
}

function paintEdge(k) {
  if (isInside(edges[k].c)) return;
  const line = lines[k], e = edges[k];
  const used = S.used[k] > 0, ready = isKnown(e.c) && isKnown(e.p);
  const text = S.hidden.edge === k ? "×?" : `×${short(S.now.partials[k])}`;
  if (line.tag && used && line.text.label !== text) {
    write(line.label, line.text, "label", text);
    const width = 8.8 * text.length + 20;
    line.ground.setAttribute("width", width);
    line.ground.setAttribute("x", Number(line.label.getAttribute("x")) - width / 2);
  }
  const now = S.edgeNow.has(k) && "now", lit = S.lit === `e${k}` && "lit", on = S.onPath?.edges.has(k) && "on-path";
  const bad = [e.p, e.c].every((i) => isKnown(i) && !Number.isFinite(S.now.values[i])) && "tainted";
  const name = ["edge", used ? "used" : ready ? "ready" : "idle", now, S.forward && "along", S.around.has(k) && S.around.get(k), bad, on, lit];
  if (line.text.name !== (line.text.name = name.filter(Boolean).join(" "))) line.group.setAttribute("class", line.text.name);
  line.tag?.setAttribute("class", ["tag", used && "used", now, lit].filter(Boolean).join(" "));
}

// Move a group by coordinates: a transform would create a layer for each.
function shift(group, dx, dy) {
  const add = (part, name, d) => part.setAttribute(name, Number((Number(part.getAttribute(name) ?? 0) + d).toFixed(2)));
  for (const part of group.children) {
    if (part.localName === "path")
      part.setAttribute("d", part.getAttribute("d").replace(/^M(-?[\d.]+),(-?[\d.]+)/, (_, a, b) => `M${Number(a) + dx},${Number(b) + dy}`));
    else for (const [name, d] of part.localName === "circle" ? [["cx", dx], ["cy", dy]] : [["x", dx], ["y", dy]]) add(part, name, d);
  }
}

function moveTo(i, [x, y]) {
  shift(drawn[i].group, x - drawn[i].at[0], y - drawn[i].at[1]);
  drawn[i].at = [x, y];
}

function lineAlong(k, path, [x, y]) {
  const { group, label, ground } = lines[k];
  for (const line of group.querySelectorAll("path")) line.setAttribute("d", path);
  const points = path.match(/H-?[\d.]+|-?[\d.]+,-?[\d.]+/g).map((part) => part.replace("H", "").split(",").map(Number));
  const [start, end] = [points[0], [points.at(-1)[0], points.findLast((point) => point.length === 2)[1]]];
  const place = (name, [cx, cy]) => { const dot = group.querySelector(name); dot.setAttribute("cx", cx); dot.setAttribute("cy", cy); };
  place(".slot", start);
  place(".parcel", end);
  if (!label) return;
  label.setAttribute("x", x);
  label.setAttribute("y", y + 5);
  ground.setAttribute("x", x - Number(ground.getAttribute("width")) / 2);
  ground.setAttribute("y", y - 11);
}

// The layout for the width: from left to right, or from top to bottom.
const view = { scale: 1, fitted: true, lying: "" };

function lay(rankdir) {
  const layout = D.layout?.[rankdir];
  if (!layout || view.lying === rankdir) return;
  view.lying = rankdir;
  picture.setAttribute("viewBox", `0 0 ${layout.width} ${layout.height}`);
  drawFrames(layout.frames ?? []);
  layout.nodes.forEach((at, i) => moveTo(i, at));
  layout.paths.forEach((path, k) => lineAlong(k, path, layout.labels[k]));
}

// The frames around layers and units.
function drawFrames(frames) {
  $("frames").replaceChildren(...frames.map(([left, top, right, bottom, title, depth]) => {
    const group = shape("g", { class: `frame depth${Math.min(depth, 2)}` });
    group.append(shape("rect", { x: left, y: top, width: right - left, height: bottom - top, rx: 10 }), shape("text", { x: left + 10, y: top + 16 }, titled(title)));
    return group;
  }));
}

// All paths from a node to the output: the nodes, the edges and their number.
function pathsFrom(start) {
  const count = new Array(nodes.length).fill(0);
  const onPath = { nodes: new Set([start]), edges: new Set() };
  count[start] = 1;
  nodes.forEach((_, i) => {
    if (i === start) return;
    for (const k of edgesInto[i]) {
      if (!onPath.nodes.has(edges[k].p)) continue;
      onPath.nodes.add(i);
      onPath.edges.add(k);
      count[i] += count[edges[k].p];
    }
  });
  return { ...onPath, count: count[D.output] };
}
const pathCounts = new Map();
const pathCount = (i) => pathCounts.get(i) ?? (pathCounts.set(i, pathsFrom(i).count), pathCounts.get(i));

function showPaths(start) {
  if (start === null && S.onPath === null) return;
  S.onPath = start === null ? null : pathsFrom(start);
  picture.classList.toggle("tracing", start !== null);
  nodes.forEach((_, i) => paintNode(i));
  edges.forEach((_, k) => paintEdge(k));
}

// A thing lights up everywhere: in the picture, in the formulas, in the table.
function light(link) {
  if (S.lit === link) return;
  const before = S.lit;
  S.lit = link;
  for (const name of [before, link]) {
    if (!name) continue;
    const at = Number(name.slice(1));
    if (name[0] === "e") paintEdge(at);
    else paintNode(at);
  }
  for (const element of document.querySelectorAll(".term.lit")) element.classList.remove("lit");
  if (link) for (const element of document.querySelectorAll(`.term[data-link=${link}]`)) element.classList.add("lit");
}
