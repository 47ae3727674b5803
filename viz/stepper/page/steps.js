// The reader's position: one step at a time is applied or taken back. Everything that the page shows
// is derived from this state in `show`.

const S = {
  mode: "push", forward: false, at: 0, inputs: D.inputs.map((i) => base.values[i]), now: base, overwrite: false,
  valued: new Array(nodes.length).fill(false), low: new Array(nodes.length).fill(null), got: new Array(nodes.length).fill(0),
  moved: new Array(nodes.length).fill(null),
  used: new Array(edges.length).fill(0), roles: new Map(), edgeNow: new Set(), around: new Map(), stops: new Set(), hidden: {}, asking: false,
  onPath: null, card: null, fast: false, selected: null, lit: null, byNode: false, skip: false,
  get steps() {
    return this.now.steps[this.mode];
  },
};

const dirty = { nodes: new Set(), edges: new Set(), cells: new Set() };

function touch(i) {
  dirty.nodes.add(i);
  for (const k of edgesInto[i]) dirty.edges.add(k);
  for (const k of edgesOutOf[i]) dirty.edges.add(k);
}

function change(n, by) {
  const step = S.steps[n];
  dirty.cells.add(n);
  if (step.k === "value") {
    S.valued[step.i] = by > 0;
    touch(step.i);
  } else if (step.k === "update") {
    S.moved[step.i] = by > 0 && step.z ? step.z.at(-1) : null;
    dirty.nodes.add(step.i);
  } else if (step.k === "seed") {
    S.low[step.i] = by > 0 ? step.z : null;
    dirty.nodes.add(step.i);
  } else {
    const { to } = ends(step);
    S.low[to] = by > 0 ? step.s : step.path > 1 ? step.b : null;
    S.used[step.e] += by;
    S.got[to] += by;
    dirty.nodes.add(to);
    dirty.edges.add(step.e);
  }
}

function seek(wanted) {
  land();
  const to = Math.max(0, Math.min(lastOpen(), wanted));
  if (to !== S.at) clearAnswer();
  dirty.cells.add(S.at - 1);
  while (S.at < to) change(S.at++, 1);
  while (S.at > to) change(--S.at, -1);
  if (S.onPath) showPaths(null); // A pointer at rest says nothing of a new step.
  show();
}

// A node's group: the steps that it sends or collects one after another.
function groupOf(n) {
  const step = S.steps[n];
  if (!step) return null;
  if (step.k !== "add") return `${step.k}${step.i}`;
  return `add${S.mode === "push" ? ends(step).from : ends(step).to}`;
}

// The positions of the steps that are shown as current.
function current() {
  const last = S.at - 1;
  let first = last;
  if (S.byNode && !quiz.on) while (first > 0 && groupOf(first - 1) === groupOf(last)) first -= 1;
  return last < 0 ? [] : Array.from({ length: last - first + 1 }, (_, n) => first + n);
}

// The nodes and edges of the current step, and those that its node still has to send to or collect from.
function highlight() {
  const touched = () => {
    for (const i of S.roles.keys()) dirty.nodes.add(i);
    for (const k of [...S.edgeNow, ...S.around.keys()]) dirty.edges.add(k);
  };
  touched();
  S.roles.clear();
  S.edgeNow.clear();
  S.around.clear();
  for (const n of current()) {
    const step = S.steps[n];
    if (step.k === "add") {
      const { from, to } = ends(step);
      if (!S.roles.has(from)) S.roles.set(from, "source");
      S.roles.set(to, "now down");
      S.edgeNow.add(step.e);
    } else {
      for (const k of step.k === "value" ? edgesInto[step.i] : []) {
        S.edgeNow.add(k);
        S.roles.set(edges[k].p, "source");
      }
      S.roles.set(step.i, step.k === "seed" ? "now down" : "now up");
    }
  }
  const last = S.at - 1;
  if (!S.forward && S.steps[last]?.k === "add") {
    const name = S.mode === "pull" ? "opened" : "packed";
    for (let n = last; n >= 0 && groupOf(n) === groupOf(last); n--) S.around.set(S.steps[n].e, name);
    for (let n = last; groupOf(n) === groupOf(last); n++) S.around.set(S.steps[n].e, name);
  }
  touched();
}

function story() {
  const shown = current().map((n) => S.steps[n]);
  return shown.length > 1 ? toldTogether(shown) : told(S.steps[S.at - 1]);
}

let paintedCells = [];

function show() {
  for (const i of [S.hidden.value, S.hidden.low]) if (i !== undefined) dirty.nodes.add(i);
  if (S.hidden.edge !== undefined) dirty.edges.add(S.hidden.edge);
  highlight();
  S.asking = isOpen(S.at - 1);
  const now = story();
  S.hidden = S.asking ? now : {};
  for (const n of [...paintedCells, ...current()]) dirty.cells.add(n);
  paintedCells = current();
  for (const i of dirty.nodes) paintNode(i);
  for (const k of dirty.edges) paintEdge(k);
  for (const n of dirty.cells) paintCell(n);
  paintPiles();
  dirty.nodes.clear();
  dirty.edges.clear();
  dirty.cells.clear();
  tell(now);
  tellAbout();
  tellCheck();
  if (S.card !== null) drawCard();
  remember();
  if (following === null) following = requestAnimationFrame(followStep);
}

// Scrolling needs positions, which are cheap to read only at the start of a frame.
let following = null;

function followStep() {
  following = null;
  follow();
  tellMap();
  followTable();
}

// A sentence in parts: an equals sign keeps its number beside it, and a name is not broken after its superscript.
function unbroken(sentence) {
  return sentence.split(/(= \S{1,24}(?!\S)|\S{0,12}⁾\S{0,24})/).map((part, k) => {
    if (k % 2 === 0) return part;
    const whole = document.createElement("span");
    whole.textContent = part;
    return whole;
  });
}

function tell(now) {
  $("phase").textContent = now.phase;
  $("phase").className = `phase ${now.kind}`;
  $("badge").hidden = !now.badge;
  $("badge").className = now.lost ? "badge lost" : "badge";
  $("badge").textContent = now.badge ?? "";
  $("sentence").replaceChildren(...unbroken(S.asking ? inWords("What is {asked}?", now) : now.sentence));
  const lecture = document.body.classList.contains("lecture");
  const whole = lecture && now.lines.length && now.line ? [now.line] : now.lines;
  const lines = S.asking ? (quiz.hinted ? now.lines.slice(0, 1) : []) : whole;
  $("lines").replaceChildren(...lines.map((line) => lineOf(line)));
  $("answer").hidden = !S.asking;
  $("asked").textContent = S.asking ? `${now.asked} = ` : "";
  if (S.asking && !player.on) $("typed").focus({ preventScroll: true });
  const total = S.steps.length, said = S.asking ? inWords("What is {asked}?", now) : `${now.sentence} ${now.result ?? ""}`;
  $("live").textContent = player.on && S.fast ? "" : said;
  $("count").textContent = `${S.at} / ${total}`;
  $("scrubber").value = S.at;
  $("scrubber").setAttribute("aria-valuetext", inWords("step {at} of {total}", { at: S.at, total }));
  for (const id of ["first", "back"]) $(id).disabled = S.at === 0;
  for (const id of ["next", "last"]) $(id).disabled = S.at === total;
}

// Recompute everything: after a change of inputs or method, or an answer.
function refresh() {
  S.valued.fill(false);
  S.low.fill(null);
  S.used.fill(0);
  S.got.fill(0);
  S.moved.fill(null);
  land();
  const to = Math.min(S.at, S.steps.length);
  for (S.at = 0; S.at < to; ) change(S.at++, 1);
  nodes.forEach((_, i) => dirty.nodes.add(i));
  edges.forEach((_, k) => dirty.edges.add(k));
  cells.forEach((_, n) => dirty.cells.add(n));
  show();
}

function setMode(mode) {
  if (!base.steps[mode]) return;
  S.mode = mode;
  S.forward = isForward(mode);
  for (const name of ["push", "pull", "forward"]) {
    $(`tab-${name}`).setAttribute("aria-selected", String(mode.startsWith(name)));
    $(`tab-${name}`).tabIndex = mode.startsWith(name) ? 0 : -1;
  }
  $("seed").hidden = !S.forward || $("seed").options.length < 2;
  if (S.forward) $("seed").value = mode;
  $("method-choice").value = mode.split(":")[0];
  document.body.classList.toggle("tangents", S.forward);
  $("scrubber").max = S.steps.length;
  const updates = S.steps.filter((s) => s.k === "update").length, passes = S.steps.length - updates;
  const split = S.forward ? passes : S.steps.filter((s) => s.k === "value").length;
  $("f-part").style.flexGrow = split;
  $("b-part").style.flexGrow = passes - split;
  $("b-part").hidden = split === passes;
  $("u-part").style.flexGrow = updates;
  $("u-part").hidden = !updates;
  $("f-part").textContent = S.forward ? inWords("values with tangents") : inWords("forward");
  $("zeros-label").hidden = !S.steps.some((s) => s.k === "add" && s.z === 0);
  drawn.forEach(({ group }) => group.querySelector(".lower + .mark")?.replaceChildren(S.forward ? "▸" : "◂"));
  S.at = Math.min(S.at, lastOpen());
  buildTable();
  tellMethod();
  refresh();
}

const isIdle = (n) => S.skip && S.steps[n]?.k === "add" && S.steps[n].z === 0;

// The next place to stop: a step, or the last step of a node's group; past contributions of zero where they are skipped.
function neighbor(direction, byNode) {
  const total = S.steps.length;
  let at = S.at + direction;
  if (byNode) while (at > 0 && at < total && groupOf(at - 1) === groupOf(at)) at += direction;
  while (at > 0 && at < total && isIdle(at - 1)) at += direction;
  return at;
}

function involved(step) {
  return step.k === "add" ? [ends(step).to, ends(step).from] : [step.i];
}
