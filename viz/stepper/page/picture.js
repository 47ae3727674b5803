// The picture: what each node and edge shows, and how the graph lies on the screen.

const $ = (id) => document.getElementById(id);
const picture = $("picture"), scroller = $("scroller");
const still = matchMedia("(prefers-reduced-motion: reduce)");
const drawn = nodes.map((_, i) => {
  const group = $(`n${i}`);
  const part = (name) => group.querySelector(`.${name}`);
  group.removeAttribute("transform");
  return { group, value: part("value"), grad: part("grad"), text: {}, at: [0, 0] };
});
const lines = edges.map((_, k) => {
  const group = $(`e${k}`);
  return { group, label: group.querySelector(".partial") };
});

function write(element, kept, key, text) {
  if (!element || kept[key] === text) return;
  kept[key] = text;
  element.textContent = text;
}

// One node as it stands: waiting, valued, with a gradient, or part of this step.
function paintNode(i) {
  const { group, value, grad, text } = drawn[i];
  const constant = nodes[i].name === undefined;
  const known = constant || S.valued[i];
  const hidden = S.hidden.value === i;
  write(value, text, "value", hidden ? "?" : known ? short(S.now.values[i]) : "·");
  const low = S.low[i];
  write(grad, text, "grad", S.hidden.low === i ? "?" : low === null ? "–" : short(low));
  const role = S.roles.get(i) ?? "";
  const stop = S.stops.has(i) ? " stopped" : "";
  const kind = D.inputs.includes(i) ? "input" : nodes[i].op ? "result" : "constant";
  const name = `node ${kind} ${known ? "valued" : "waiting"}${low === null ? "" : " graded"}${role && ` ${role}`}${stop}${S.onPath?.nodes.has(i) ? " on-path" : ""}`;
  if (text.name !== name) group.setAttribute("class", (text.name = name));
}

function paintEdge(k) {
  const line = lines[k], e = edges[k];
  const used = S.used[k] > 0, ready = S.valued[e.c] && (S.valued[e.p] || nodes[e.p].name === undefined);
  if (line.label) write(line.label, line, "text", S.hidden.edge === k ? "×?" : used ? `×${short(S.now.partials[k], 4)}` : "");
  const now = S.edgeNow.has(k) ? " now" : "";
  const name = `edge ${used ? "used" : ready ? "ready" : "idle"}${now}${S.forward ? " along" : ""}${S.onPath?.edges.has(k) ? " on-path" : ""}`;
  if (line.name !== name) line.group.setAttribute("class", (line.name = name));
}

// Moves a node by plain coordinates: a transform on each would be a layer to paint for each.
function moveTo(i, [x, y]) {
  const [dx, dy] = [x - drawn[i].at[0], y - drawn[i].at[1]];
  const add = (part, name, d) => part.setAttribute(name, Number((Number(part.getAttribute(name) ?? 0) + d).toFixed(2)));
  drawn[i].at = [x, y];
  for (const part of drawn[i].group.children) {
    if (part.localName === "path")
      part.setAttribute("d", part.getAttribute("d").replace(/^M(-?[\d.]+),(-?[\d.]+)/, (_, a, b) => `M${Number(a) + dx},${Number(b) + dy}`));
    else for (const [name, d] of part.localName === "circle" ? [["cx", dx], ["cy", dy]] : [["x", dx], ["y", dy]]) add(part, name, d);
  }
}
nodes.forEach((_, i) => moveTo(i, D.layout.LR.nodes[i]));

// The layout that suits the width: from left to right, or from top to bottom.
const view = { scale: 1, fitted: true, whole: false, lying: "LR" };

function lay(rankdir) {
  const layout = D.layout[rankdir];
  if (!layout || view.lying === rankdir) return;
  view.lying = rankdir;
  picture.setAttribute("viewBox", `0 0 ${layout.width} ${layout.height}`);
  layout.nodes.forEach((at, i) => moveTo(i, at));
  layout.paths.forEach((path, k) => {
    for (const line of lines[k].group.querySelectorAll("path")) line.setAttribute("d", path);
    const [x, y] = layout.labels[k];
    lines[k].label?.setAttribute("x", x + (rankdir === "TB" ? 6 : 0));
    lines[k].label?.setAttribute("y", y - 3);
  });
}

// Fits the picture as large as is readable; asked again, the whole of a large one.
function fit(whole = false) {
  const across = scroller.clientWidth - 2;
  const wide = D.layout.LR, tall = D.layout.TB;
  const room = parseFloat(getComputedStyle(scroller).maxHeight);
  if (!(across > 0 && room > 0)) return; // A frame that is not laid out yet: there will be a resize.
  const scaleOf = ({ width, height }) => Math.min(across / width, room / height);
  lay(tall && scaleOf(tall) > 1.1 * scaleOf(wide) ? "TB" : "LR");
  const all = scaleOf(D.layout[view.lying]);
  Object.assign(view, { fitted: true, whole });
  zoomTo(Math.min(1.25, whole ? all : Math.max(0.62, all)));
}

// How large the visible part is, and whether there is more: asked only when that can have changed.
const space = { width: 0, height: 0, scrolls: true };

function fitOrWhole() {
  fit(view.fitted && !view.whole);
}

function zoomBy(factor) {
  view.fitted = false;
  zoomTo(view.scale * factor);
}

function zoomTo(scale) {
  view.scale = Math.min(4, Math.max(0.1, scale));
  const { width, height } = D.layout[view.lying];
  picture.setAttribute("width", Math.floor(width * view.scale));
  picture.setAttribute("height", Math.floor(height * view.scale));
  Object.assign(space, { width: scroller.clientWidth, height: scroller.clientHeight });
  space.scrolls = scroller.scrollWidth > space.width || scroller.scrollHeight > space.height;
}

// Scrolls so that the step's nodes are in view.
function follow() {
  if (document.body.classList.contains("folded")) return followPile();
  if (!space.scrolls || !S.roles.size) return;
  const at = [...S.roles.keys()].map((i) => D.layout[view.lying].nodes[i]);
  const middle = (axis) => (Math.min(...at.map((p) => p[axis])) + Math.max(...at.map((p) => p[axis]))) / 2 * view.scale;
  const [x, y] = [middle(0), middle(1)];
  const { scrollLeft: left, scrollTop: top } = scroller, { width: w, height: h } = space;
  if (x >= left + 0.2 * w && x <= left + 0.8 * w && y >= top + 0.2 * h && y <= top + 0.8 * h) return;
  scroller.scrollTo({ left: x - w / 2, top: y - h / 2, behavior: still.matches || S.fast || nodes.length > 150 ? "auto" : "smooth" });
}

// All paths from a node to the output: the nodes, the edges and how many they are.
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

function showPaths(start) {
  S.onPath = start === null ? null : pathsFrom(start);
  picture.classList.toggle("tracing", start !== null);
  nodes.forEach((_, i) => paintNode(i));
  edges.forEach((_, k) => paintEdge(k));
}
