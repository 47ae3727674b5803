// The boxes of a large graph. Each opens where it stands, and its neighbors move apart: in a layer its neurons,
// in a neuron its nodes. A closed box shows the progress and the range of its numbers.

const TITLE = 34, EDGE = 14, APART = 50, GAP = 56;
const nest = D.nested && { ...D.nested, boxes: records(D.nested.boxes).map(formed), width: 0, height: 0, open: new Set(), at: [], size: [], gates: [], seen: new Set(), order: [] };
const piles = nest ? nest.boxes.map((_, m) => pileOf($(`f${m}`))) : [];
const openable = nest ? nest.boxes.flatMap(({ level, inside }, m) => (level || inside ? [m] : [])) : [];
const isAllOpen = () => nest.open.size === openable.length;

// The inside of a box with nodes; boxes of the same contents share its form.
function formed(box) {
  if (!box.inside) return box;
  const [own, into, outside, form] = ["nodes", "edges", "outside", "form"].map((key) => D.shared[box.inside[key]]);
  return { ...box, inside: { ...form, nodes: own, edges: into, ghosts: form.ghosts.map((place, n) => [outside[n], ...place]) } };
}

// What a box says of itself, part by part: "neuron 3", "12 nodes, 3 parameters".
function inParts(text) {
  const nouns = {
    nodes: (n) => counted("{n} node", "{n} nodes", n), parameters: (n) => counted("{n} parameter", "{n} parameters", n),
    leaves: (n) => counted("{n} leaf", "{n} leaves", n), constants: (n) => counted("{n} constant", "{n} constants", n),
    calls: (n) => counted("{n} call", "{n} calls", n),
  };
  return text.split(", ").map((part) => {
    const [, n, noun] = /^([\d,]+) (\w+)$/.exec(part) ?? [];
    return Object.hasOwn(nouns, noun) ? nouns[noun](Number(n.replace(/,/g, ""))) : titled(part);
  }).join(", ");
}

function pileOf(group) {
  group.removeAttribute("transform");
  for (const line of group.querySelectorAll(".name, .content, .count")) writeTitle(line, inParts(line.textContent));
  const part = (name) => group.querySelector(name), box = part(".box");
  const parts = [...group.children].map((child) => [child, ["x", "y", "width", "height"].map((name) => child.getAttribute(name))]);
  return { group, parts, box, ground: part(".ground"), name: part(".name"), sign: part(".sign"), up: part(".done.up"), down: part(".done.down"), value: part(".value"), grad: part(".grad"), inside: [], text: {}, told: inParts(box.getAttribute("aria-label")) };
}

// The boxes around a node, from the outermost on.
const around = (m) => (m < 0 ? [] : [...around(nest.boxes[m].outer), m]);
if (nest) nodes.forEach((_, i) => around(nest.home[i]).forEach((m) => piles[m].inside.push(i)));

// Whether a box is drawn, closed or open: all boxes around it are open.
const isSeen = (m) => nest.seen.has(m);
const isInside = (i) => Boolean(nest) && !(nest.open.has(nest.home[i]) && isSeen(nest.home[i]));
const boxWith = (i) => around(nest.home[i]).find((m) => !nest.open.has(m));

// The inside of an open box, or of the whole picture: columns of boxes. What grows moves what is above and below
// it in its column apart.
function columnsOf({ kids: [first, count, inner], columns, rows, heights, lines, ports }) {
  const kid = (item) => (item >= inner && item < inner + count ? first + item - inner : null);
  const size = (item) => (kid(item) === null ? [0, 4] : nest.size[kid(item)]);
  const grown = (item) => (kid(item) === null ? 0 : nest.size[kid(item)][1] - nest.boxes[kid(item)].size[1]);
  const x = [], y = heights.slice(), columnOf = [], bounds = [], bottoms = [], side = inner ? 0 : EDGE + (Math.max(...rows) > 0 ? 30 : 0);
  let top = EDGE, width = 0;
  for (const column of columns) {
    let above = -column.reduce((sum, item) => sum + grown(item), 0) / 2;
    for (const item of column) {
      y[item] += above + grown(item) / 2;
      above += grown(item);
    }
  }
  for (let r = 0; r <= Math.max(...rows); r++) {
    const here = columns.flatMap((_, k) => (rows[k] === r ? [k] : [])), items = here.flatMap((k) => columns[k]);
    const highest = Math.min(...items.map((item) => y[item] - size(item)[1] / 2));
    let left = side;
    for (const k of here) {
      const right = left + Math.max(...columns[k].map((item) => size(item)[0]));
      bounds[k] = [left, right];
      for (const item of columns[k]) [x[item], y[item], columnOf[item]] = [(left + right) / 2, y[item] + top - highest, k];
      width = Math.max(width, right + side);
      left = right + GAP;
    }
    bottoms[r] = Math.max(...items.map((item) => y[item] + size(item)[1] / 2));
    top = bottoms[r] + APART;
  }
  // An edge meets an open box at its entry or its exit.
  const port = (item, beside, gate) => y[item] + (nest.open.has(kid(item)) ? nest.gates[kid(item)][gate] - size(item)[1] / 2 : beside);
  const way = (items, [out, into]) => items.slice(1).reduce(({ path, at }, item, n) => {
    const before = columnOf[items[n]], after = columnOf[item], last = n === items.length - 2;
    const start = bounds[before][1], end = bounds[after][0], to = last ? port(item, into, 0) : y[item];
    const middle = (start + end) / 2, turn = 14 + 6 * (columns[before].indexOf(items[n]) % 4);
    const turned = `H${start + turn}V${bottoms[rows[before]] + turn}H${end - turn}V${to}H${end}`;
    const curve = `H${start}C${middle},${at} ${middle},${to} ${end},${to}`;
    return { path: path + (rows[before] === rows[after] ? curve : turned) + (last ? `H${x[item] - size(item)[0] / 2}` : ""), at: to };
  }, { path: `M${x[items[0]] + size(items[0])[0] / 2},${port(items[0], out, 1)}`, at: port(items[0], out, 1) }).path;
  return { size: [width, top - APART + EDGE], gates: inner ? [y[0], y[count + 1]] : [], ways: lines.map((items, k) => way(items, ports[k])), at: (m) => [x[m - first + inner], y[m - first + inner]] };
}

const moved = (path, dx, dy) => path.replace(/([HV])(-?[\d.]+)|(-?[\d.]+),(-?[\d.]+)/g, (_, turn, d, a, b) => (turn ? `${turn}${Number(d) + (turn === "H" ? dx : dy)}` : `${Number(a) + dx},${Number(b) + dy}`));

// The size of a box, and where edges enter and leave it.
function measure(m) {
  const { size, level, inside } = nest.boxes[m];
  nest.size[m] = size;
  if (!nest.open.has(m)) return;
  if (level) {
    kidsOf(level).forEach(measure);
    nest.inner[m] = columnsOf(level);
  }
  const { size: [width, height], gates } = level ? nest.inner[m] : { ...inside, gates: [inside.size[1] / 2, inside.exit[1]] };
  nest.size[m] = [width, height + TITLE];
  nest.gates[m] = gates.map((y) => y + TITLE);
}
const kidsOf = ({ kids: [first, count] }) => Array.from({ length: count }, (_, k) => first + k);

// Draw a box around a point, and what is in it.
function putBox(m, at, ways) {
  const [w, h] = nest.size[m], [left, top] = [at[0] - w / 2, at[1] - h / 2], on = nest.open.has(m), { level, inside } = nest.boxes[m];
  nest.at[m] = at;
  nest.seen.add(m);
  putPile(piles[m], at, on, { x: left, y: top, width: w, height: h });
  if (inside || level) piles[m].box.setAttribute("aria-expanded", String(on));
  nest.order.push(piles[m].box);
  if (!on) return;
  if (level) putBoxes(level, nest.inner[m], [left, top + TITLE], ways);
  else putNodes(inside, [left, top + TITLE], left + w, ways);
}

function putBoxes(level, { at, ways: own }, [left, top], ways) {
  ways.push(...own.map((path) => moved(path, left, top)));
  for (const m of kidsOf(level)) putBox(m, [left + at(m)[0], top + at(m)[1]], ways);
}

function putPile({ group, parts, ground, box, name, sign }, at, on, frame) {
  for (const [part, [x, y, width, height]] of parts) {
    const place = on && (part === ground || part === box) ? { ...frame, height: part === box ? TITLE : frame.height } : { x: Number(x) + at[0], y: Number(y) + at[1], width, height };
    for (const [key, value] of Object.entries(place)) if (value !== null && !part.classList.contains("done")) part.setAttribute(key, value);
    if (part.classList.contains("done")) for (const key of ["x", "y", "height"]) part.setAttribute(key, place[key]);
  }
  if (on) for (const [part, dx] of [[sign, 17], [name, 34]]) part?.setAttribute("x", frame.x + dx), part?.setAttribute("y", frame.y + 23);
  if (sign) sign.textContent = on ? "−" : "+";
  const layer = $(on ? "frames" : "piles");
  if (on || group.parentElement !== layer) layer.append(group);  // Open boxes come from outside in, each above the one around it.
}

function putNodes({ nodes: own, at, edges: into, paths, labels, ghosts, exits }, [left, top], right, ways) {
  own.forEach((i, n) => moveTo(i, [left + at[2 * n], top + at[2 * n + 1]]));
  into.forEach((k, n) => lineAlong(k, moved(paths[n], left, top), [left + labels[2 * n], top + labels[2 * n + 1]]));
  ways.push(...exits.map((path) => `${moved(path, left, top)}H${right}`));
  for (const [i, x, y, width] of ghosts) nest.ghosts.push(ghost(i, left + x, top + y, width));
  for (const i of own) nest.order.push(...edgesInto[i].filter((k) => edges[k].f !== undefined).map((k) => lines[k].group), drawn[i].box);
}

// A node outside of an open box that something in it uses: its name, which leads to it.
function ghost(i, x, y, width) {
  const group = shape("g", { class: "ghost", role: "button", tabindex: "-1", "data-link": `n${i}`, "aria-label": inWords("{name}, outside of this box: go to it", { name: nodes[i].t }) });
  group.append(shape("rect", { x: x - width / 2, y: y - 15, width, height: 30, rx: 15 }), shape("text", { x, y: y + 6 }, nodes[i].t));
  const leave = () => (openUpTo(i), goTo(i), (isInside(i) ? piles[boxWith(i)] : drawn[i]).box.focus({ preventScroll: true }));
  group.addEventListener("click", leave);
  group.addEventListener("keydown", (event) => [" ", "Enter"].includes(event.key) && (event.preventDefault(), event.stopPropagation(), leave()));
  nest.order.push(group);
  return group;
}

// Draw the boxes as they are now open and closed.
function layBoxes() {
  const focused = document.activeElement, ways = [];
  Object.assign(nest, { seen: new Set(), order: [], ghosts: [], inner: [], gates: [] });
  kidsOf(nest.roots).forEach(measure);
  const whole = columnsOf(nest.roots);
  [nest.width, nest.height] = whole.size;
  putBoxes(nest.roots, whole, [0, 0], ways);
  picture.setAttribute("viewBox", `0 0 ${nest.width} ${nest.height}`);
  $("ways").replaceChildren(...ways.map((d) => shape("path", { class: "way", d })));
  $("ghosts").replaceChildren(...nest.ghosts);
  piles.forEach(({ group }, m) => group.toggleAttribute("hidden", !isSeen(m)));
  piles.forEach(({ group }, m) => group.classList.toggle("open", nest.open.has(m)));
  // What is not shown is not in the page: thousands of hidden parts would make every layout slow.
  const into = edges.flatMap(({ c }, k) => (isInside(c) ? [] : [lines[k]])), own = drawn.filter((_, i) => !isInside(i));
  $("inside").replaceChildren(...into.map(({ group }) => group), ...into.flatMap(({ tag }) => tag ?? []), $("ghosts"), ...own.map(({ group }) => group));
  nodes.forEach((_, i) => paintNode(i));
  edges.forEach((_, k) => paintEdge(k));
  paintPiles();
  document.body.classList.toggle("folded", !nest.open.size);
  $("fold").setAttribute("aria-pressed", String(!nest.open.size));
  if (focused !== document.activeElement && scroller.contains(focused)) focused.focus({ preventScroll: true });
}

// The range of a box: of its results, or of all nodes if it has none.
function range(numbers) {
  if (!numbers.length) return "–";
  const low = numbers.reduce((a, b) => Math.min(a, b)), high = numbers.reduce((a, b) => Math.max(a, b));
  return low === high || Number.isNaN(low) ? short(low) : `${short(low)} … ${short(high)}`;
}

function paintPiles() {
  if (!nest) return;
  const roles = new Map();
  for (const [i, role] of S.roles) {
    const m = boxWith(i);
    if (role !== "source" || !roles.has(m)) roles.set(m, role);
  }
  for (const m of nest.seen) paintPile(piles[m], m, roles.get(m) ?? "");
}

function paintPile(pile, m, role) {
  const valued = pile.inside.filter((i) => isKnown(i) && S.hidden.value !== i), graded = pile.inside.filter((i) => S.low[i] !== null && S.hidden.low !== i);
  const all = pile.inside.filter((i) => nodes[i].g).length;
  const share = (bar, part) => bar.setAttribute("width", Number(bar.dataset.width) * Math.min(1, part));
  share(pile.up, valued.length / pile.inside.length);
  if (pile.down) share(pile.down, graded.length / all);
  const values = `▸ ${range(valued.map((i) => valueOf(i)))}`, grads = all ? `${S.forward ? "▸" : "◂"} ${range(graded.map((i) => S.low[i]))}` : "";
  write(pile.value, pile.text, "value", values);
  write(pile.grad, pile.text, "grad", grads);
  const fields = { box: pile.told, values: values.slice(2), gradients: grads.slice(2) };
  const label = grads ? inWords("{box}, values {values}, gradients {gradients}", fields) : inWords("{box}, values {values}", fields);
  if (pile.text.label !== label) pile.box.setAttribute("aria-label", (pile.text.label = label));
  const named = pile.inside.some((i) => nodes[i].name !== undefined), { node } = nest.boxes[m];
  const waiting = named && !valued.some((i) => nodes[i].name !== undefined);
  const name = ["pile", node === undefined ? "" : "single", nest.open.has(m) && "open", waiting && "waiting", role].filter(Boolean).join(" ");
  if (pile.text.name !== name) pile.group.setAttribute("class", (pile.text.name = name));
}

// A box leads to its next step from here on, or else to its first.
function enter(m) {
  const inside = (step) => step && around(nest.home[step.k === "add" ? ends(step).to : step.i]).includes(m);
  const later = S.steps.findIndex((step, n) => n >= S.at && inside(step));
  const n = later >= 0 ? later : S.steps.findIndex(inside);
  if (n >= 0) jump(n + 1);
}

// Open these boxes and no others. The picture keeps its scale, and `still` its place on the screen.
function setOpen(boxes, still = null) {
  const before = still === null ? null : corner(still);
  nest.open = new Set(boxes);
  layBoxes();
  if (still === null) fit();
  else {
    zoomTo(view.scale);
    const [x, y] = corner(still);
    scroller.scrollBy({ left: x - before[0], top: y - before[1], behavior: "instant" });
  }
  tellAbout();
  remember();
}
const corner = (m) => placeOf([nest.at[m][0] - nest.size[m][0] / 2, nest.at[m][1] - nest.size[m][1] / 2]);

function setOpenFrom(text) {
  const wanted = new Set(text === "" ? [] : text.split(".").map(Number).filter((m) => openable.includes(m)).flatMap(around));
  if (nest && !(text === "" && isAllOpen()) && (wanted.size !== nest.open.size || [...wanted].some((m) => !nest.open.has(m)))) setOpen(wanted);
}

function toggleBox(m) {
  const { node } = nest.boxes[m];
  if (node !== undefined) return select(node);
  setOpen(nest.open.has(m) ? [...nest.open].filter((other) => !around(other).includes(m)) : [...nest.open, m], m);
  if ([...S.roles.keys()].some((i) => around(nest.home[i]).includes(m))) follow();
  tellBox(m);
}

const openUpTo = (i) => isInside(i) && setOpen(new Set([...nest.open, ...around(nest.home[i]).filter((m) => openable.includes(m))]), around(nest.home[i])[0]);

// The line below the picture, about a box.
function tellBox(m) {
  select(null);
  const words = document.createElement("span");
  words.textContent = piles[m].told;
  $("about").replaceChildren(words, button(inWords("its next step"), () => enter(m)));
  toldAbout = `box ${m}`;
}

if (nest) {
  $("fold").hidden = false;
  $("fold").addEventListener("click", () => (setOpen(nest.open.size ? [] : openable), follow()));
  piles.forEach(({ box }, m) => {
    box.addEventListener("click", () => toggleBox(m));
    box.addEventListener("keydown", (event) => [" ", "Enter"].includes(event.key) && (event.preventDefault(), event.stopPropagation(), toggleBox(m)));
  });
}
