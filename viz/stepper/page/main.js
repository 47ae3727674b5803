// Controls: buttons, keys, scrubber, play, inputs, the page's address.

const player = { on: false, last: 0 };

function play(on = !player.on) {
  if (on && S.at === S.steps.length) seek(0);
  player.on = on;
  player.last = performance.now();
  $("play").querySelector("path").setAttribute("d", on ? "M6 4v12M14 4v12" : "M6 3l11 7-11 7z");
  $("play").setAttribute("aria-label", on ? "Pause" : "Play");
  $("sentence").setAttribute("aria-live", on ? "off" : "polite");
  if (on) requestAnimationFrame(tick);
  else setFast(false);
}

function tick(time) {
  if (!player.on) return;
  const pause = 1000 / Number($("speed").value);
  setFast(pause < 300);
  if (time - player.last >= pause - 8) {
    player.last = time;
    seek(neighbor(1, $("grain").value));
    const step = S.steps[S.at - 1];
    if (S.at === S.steps.length || S.asking || (step && involved(step).some((i) => S.stops.has(i)))) play(false);
  }
  requestAnimationFrame(tick);
}

// While steps follow fast nothing moves on its own.
function setFast(fast) {
  if (S.fast === fast) return;
  S.fast = fast;
  document.body.classList.toggle("fast", fast);
}

function go(direction, grain = $("grain").value) {
  play(false);
  seek(neighbor(direction, grain));
}

function jump(to) {
  play(false);
  seek(to);
}

const KEYS = {
  ArrowRight: (e) => go(1, e.shiftKey ? "node" : undefined),
  ArrowLeft: (e) => go(-1, e.shiftKey ? "node" : undefined),
  Home: () => jump(0),
  End: () => jump(S.steps.length),
  " ": () => play(),
  1: () => ($("grain").value = "one"),
  2: () => ($("grain").value = "node"),
  b: () => S.selected !== null && toggleStop(S.selected),
  q: () => toggleQuiz(),
  "?": () => $("help").showModal(),
  "+": () => zoomBy(1.25),
  "-": () => zoomBy(1 / 1.25),
  0: () => fitOrWhole(),
  Escape: () => closeCard(),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || $("help").open) return;
  const at = event.target, typing = at.matches("input:not([type=range]), select, textarea");
  const own = at.matches("input[type=range]") && at.id !== "scrubber" && !["q", "?", "Escape"].includes(event.key);
  if ((typing && event.key !== "Escape") || own) return;
  if (event.key === " " && at.matches("button, .node, .edge, summary")) return;
  const action = KEYS[event.key] ?? KEYS[event.key.toLowerCase()];
  setFast(event.repeat);
  if (!action) return;
  event.preventDefault();
  action(event);
});

// Nodes and edges.
function about(i) {
  const node = nodes[i], low = S.low[i];
  const paths = node.g ? pathsFrom(i).count : 0;
  const value = S.valued[i] || node.name === undefined ? `${node.op ? ` = ${node.tf}` : ""} = ${S.hidden.value === i ? "?" : short(S.now.values[i])}` : "";
  const gradient = low !== null && S.hidden.low !== i ? ` · ${lowText(i)} = ${short(low)}` : "";
  return `${node.name === undefined ? "constant" : node.t}${value}${gradient}${paths ? ` · ${paths} path${paths === 1 ? "" : "s"} to ${nodes[D.output].t}` : ""}`;
}

function select(i) {
  S.selected = i;
  const text = document.createElement("span");
  text.textContent = about(i);
  $("about").replaceChildren(text);
  for (const [label, n] of [["its value", S.steps.findIndex((s) => s.k === "value" && s.i === i)], [S.forward ? "its tangent" : "its gradient", lastStepTo(i)]])
    if (n >= 0) $("about").append(button(label, () => jump(n + 1)));
  if (nodes[i].name !== undefined) $("about").append(button(S.stops.has(i) ? "no breakpoint" : "breakpoint", () => toggleStop(i)));
}

function lastStepTo(i) {
  return S.steps.reduce((found, s, n) => (s.k === "add" ? ends(s).to === i : s.k === "seed" && s.i === i) ? n : found, -1);
}

function button(label, action) {
  const element = document.createElement("button");
  element.type = "button";
  element.textContent = label;
  element.addEventListener("click", action);
  return element;
}

function toggleStop(i) {
  if (!S.stops.delete(i)) S.stops.add(i);
  paintNode(i);
  select(i);
}

nodes.forEach((node, i) => {
  const group = drawn[i].group;
  group.setAttribute("aria-label", `${node.t}${node.op ? ` = ${node.tf}` : ""}`);
  group.addEventListener("pointerenter", () => showPaths(i));
  group.addEventListener("pointerleave", () => showPaths(null));
  group.addEventListener("focus", () => (group.setAttribute("aria-label", about(i)), select(i)));
  group.addEventListener("click", () => select(i));
  group.addEventListener("keydown", (event) => [" ", "Enter"].includes(event.key) && (event.preventDefault(), select(i)));
});
lines.forEach(({ group }, k) => {
  if (edges[k].f === undefined) return;
  group.setAttribute("tabindex", "0");
  group.setAttribute("aria-label", `Local derivative of ${nodes[edges[k].c].t} by ${nodes[edges[k].p].t}`);
  const open = () => (openCard(k), $("card").scrollIntoView({ block: "nearest" }));
  group.addEventListener("click", open);
  group.addEventListener("keydown", (event) => [" ", "Enter"].includes(event.key) && (event.preventDefault(), open()));
});

$("table").addEventListener("click", (event) => {
  const cell = event.target.closest("[data-step]");
  if (cell) jump(Number(cell.dataset.step));
});
for (const [id, action] of [
  ["first", () => jump(0)], ["back", () => go(-1)], ["play", () => play()], ["next", () => go(1)], ["last", () => jump(S.steps.length)],
  ["zoom-in", () => zoomBy(1.25)], ["zoom-out", () => zoomBy(1 / 1.25)], ["zoom-fit", fitOrWhole],
  ["quiz-toggle", toggleQuiz], ["reveal", reveal], ["hint", () => ((quiz.hinted = true), show())], ["key", saveKey],
  ["again", () => (quiz.results.clear(), seek(0), tellScore())], ["card-close", closeCard], ["print", () => print()], ["help-open", () => $("help").showModal()],
  ["tab-push", () => setMode("push")], ["tab-pull", () => setMode("pull")], ["tab-forward", () => D.inputs.length && setMode($("seed").value)],
]) $(id).addEventListener("click", action);
$("answer").addEventListener("submit", check);
$("seed").addEventListener("change", () => setMode($("seed").value));
$("scrubber").addEventListener("input", () => jump(Number($("scrubber").value)));
// A notebook's frame gets its size late, and without a word to its window.
let room = "";
function refit() {
  const now = `${scroller.clientWidth} ${innerHeight}`;
  if (now !== room && view.fitted) fit(view.whole);
  room = now;
}
addEventListener("resize", refit);
new ResizeObserver(refit).observe(scroller);
addEventListener("beforeprint", () => ((S.before = S.at), closeCard(), seek(S.steps.length), buildRows(0, true), cells.forEach((_, n) => paintCell(n))));
addEventListener("afterprint", () => (buildTable(), seek(S.before ?? S.at), refresh()));
