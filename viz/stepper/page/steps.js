// Where the reader stands, and how it moves: one step is applied or taken back at a time.

const S = {
  mode: "push", forward: false, at: 0, inputs: D.inputs.map((i) => base.values[i]), now: base,
  valued: new Array(nodes.length).fill(false), low: new Array(nodes.length).fill(null), used: new Array(edges.length).fill(0),
  roles: new Map(), edgeNow: new Set(), stops: new Set(), hidden: {}, asking: false, onPath: null, card: null, fast: false, selected: null,
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

function apply(n) {
  const step = S.steps[n];
  dirty.cells.add(n);
  if (step.k === "value") {
    S.valued[step.i] = true;
    touch(step.i);
  } else if (step.k === "seed") {
    S.low[step.i] = step.z;
    dirty.nodes.add(step.i);
  } else {
    const { to } = ends(step);
    S.low[to] = step.s;
    S.used[step.e] += 1;
    dirty.nodes.add(to);
    dirty.edges.add(step.e);
  }
}

function undo(n) {
  const step = S.steps[n];
  dirty.cells.add(n);
  if (step.k === "value") {
    S.valued[step.i] = false;
    touch(step.i);
  } else if (step.k === "seed") {
    S.low[step.i] = null;
    dirty.nodes.add(step.i);
  } else {
    const { to } = ends(step);
    S.low[to] = step.path > 1 ? step.b : null;
    S.used[step.e] -= 1;
    dirty.nodes.add(to);
    dirty.edges.add(step.e);
  }
}

function seek(wanted) {
  const to = Math.max(0, Math.min(S.steps.length, wanted));
  if (to !== S.at) leaveQuestion();
  dirty.cells.add(S.at - 1);
  while (S.at < to) apply(S.at++);
  while (S.at > to) undo(--S.at);
  show();
}

// The nodes and edges of the current step.
function highlight() {
  for (const i of S.roles.keys()) dirty.nodes.add(i);
  for (const k of S.edgeNow) dirty.edges.add(k);
  S.roles.clear();
  S.edgeNow.clear();
  const step = S.steps[S.at - 1];
  if (!step) return;
  if (step.k === "add") {
    const { from, to } = ends(step);
    S.roles.set(from, "source").set(to, "now down");
    S.edgeNow.add(step.e);
  } else {
    for (const k of step.k === "value" ? edgesInto[step.i] : []) {
      S.edgeNow.add(k);
      S.roles.set(edges[k].p, "source");
    }
    S.roles.set(step.i, step.k === "value" ? "now up" : "now down");
  }
  for (const i of S.roles.keys()) dirty.nodes.add(i);
  for (const k of S.edgeNow) dirty.edges.add(k);
}

function show() {
  highlight();
  const story = told(S.steps[S.at - 1]);
  for (const i of [S.hidden.value, S.hidden.low]) if (i !== undefined) dirty.nodes.add(i);
  if (S.hidden.edge !== undefined) dirty.edges.add(S.hidden.edge);
  S.asking = asks(question());
  S.hidden = S.asking ? story : {};
  dirty.cells.add(S.at - 1);
  for (const i of dirty.nodes) paintNode(i);
  for (const k of dirty.edges) paintEdge(k);
  for (const n of dirty.cells) paintCell(n);
  paintOverview();
  dirty.nodes.clear();
  dirty.edges.clear();
  dirty.cells.clear();
  tell(story);
  if (following === null) following = requestAnimationFrame(followStep);
}

// Scrolling asks where things stand, which is known without work only at the start of a frame.
let following = null;

function followStep() {
  following = null;
  follow();
  followTable();
}

function tell(story) {
  $("phase").textContent = story.phase;
  $("phase").className = `phase ${story.phase.toLowerCase()}`;
  $("badge").hidden = !story.badge;
  $("badge").textContent = story.badge ?? "";
  $("sentence").textContent = S.asking ? `What is ${story.asked}?` : story.sentence;
  const shown = S.asking ? (quiz.hinted ? story.lines.slice(0, 1) : []) : story.lines;
  $("lines").replaceChildren(...shown.map((line) => lineOf(line)));
  $("answer").hidden = !S.asking;
  $("asked").textContent = S.asking ? `${story.asked} = ` : "";
  const total = S.steps.length;
  $("count").textContent = `${S.at} / ${total}`;
  $("scrubber").value = S.at;
  $("scrubber").setAttribute("aria-valuetext", `step ${S.at} of ${total}: ${S.asking ? "quiz" : story.sentence}`);
  for (const id of ["first", "back"]) $(id).disabled = S.at === 0;
  for (const id of ["next", "last"]) $(id).disabled = S.at === total;
  remember();
}

// Everything anew: after other inputs, another method, or an answer.
function refresh() {
  S.valued.fill(false);
  S.low.fill(null);
  S.used.fill(0);
  const to = Math.min(S.at, S.steps.length);
  for (S.at = 0; S.at < to; ) apply(S.at++);
  nodes.forEach((_, i) => dirty.nodes.add(i));
  edges.forEach((_, k) => dirty.edges.add(k));
  cells.forEach((_, n) => dirty.cells.add(n));
  show();
  if (S.card !== null) openCard(S.card);
}

function setMode(mode) {
  if (!base.steps[mode]) return;
  S.mode = mode;
  S.forward = mode !== "push" && mode !== "pull";
  for (const name of ["push", "pull", "forward"]) $(`tab-${name}`).setAttribute("aria-selected", String(mode.startsWith(name)));
  $("seed").hidden = !S.forward || $("seed").options.length < 2;
  if (S.forward) $("seed").value = mode;
  document.body.classList.toggle("tangents", S.forward);
  $("scrubber").max = S.steps.length;
  const split = S.forward ? S.steps.length : S.steps.filter((s) => s.k === "value").length;
  $("f-part").style.flexGrow = split;
  $("b-part").style.flexGrow = S.steps.length - split;
  $("b-part").hidden = split === S.steps.length;
  $("f-part").textContent = S.forward ? "values with tangents" : "forward";
  $("low-mark").textContent = S.forward ? "▸ tangent" : "◂ gradient";
  drawn.forEach(({ group }) => group.querySelector(".lower + .mark")?.replaceChildren(S.forward ? "▸" : "◂"));
  buildTable();
  tellMethod();
  refresh();
}

// The next place to stop: a step, or the last step of a node's group.
function neighbor(direction, grain) {
  if (grain === "one") return S.at + direction;
  const group = (n) => {
    const step = S.steps[n];
    if (!step) return null;
    if (step.k !== "add") return `${step.k}${step.i}`;
    return `add${S.mode === "push" ? ends(step).from : ends(step).to}`;
  };
  let at = S.at + direction;
  while (at > 0 && at < S.steps.length && group(at - 1) === group(at)) at += direction;
  return at;
}

function involved(step) {
  return step.k === "add" ? [ends(step).to, ends(step).from] : [step.i];
}
