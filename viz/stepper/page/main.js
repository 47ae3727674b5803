// Controls: buttons, keys, scrubber, play, a node's details, and the focus inside the picture.

const player = { on: false, last: 0 };

function play(on = !player.on) {
  if (on && S.asking) return void $("typed").focus();
  if (on && S.at === S.steps.length) seek(0);
  player.on = on;
  player.last = performance.now();
  $("play").querySelector("path").setAttribute("d", on ? "M6 4v12M14 4v12" : "M6 3l11 7-11 7z");
  $("play").setAttribute("aria-label", on ? inWords("Pause") : inWords("Play"));
  if (on) requestAnimationFrame(tick);
  else setFast(false);
}

const beat = () => 1200 / Number($("speed").value);

function tick(time) {
  if (!player.on) return;
  const pause = beat();
  setFast(pause < 300);
  if (time - player.last >= pause - 8) {
    player.last = time;
    seek(neighbor(1, S.byNode));
    if (!S.fast) fly(current().length === 1 ? S.steps[S.at - 1] : null, 0.9 * pause);
    const step = S.steps[S.at - 1];
    if (S.at === S.steps.length || S.asking || (step && involved(step).some((i) => S.stops.has(i)))) {
      play(false);
      if (S.asking) $("typed").focus();
    }
  }
  requestAnimationFrame(tick);
}

// While steps follow quickly, nothing is animated.
function setFast(fast) {
  if (S.fast === fast) return;
  S.fast = fast;
  document.body.classList.toggle("fast", fast);
}

function go(direction, byNode = S.byNode) {
  play(false);
  if (S.asking && direction > 0) {
    $("typed").focus();
    return say(inWords("Your answer first, or press Show."));
  }
  const before = S.at;
  seek(neighbor(direction, byNode));
  if (direction > 0 && S.at === before + 1 && !S.fast) fly(current().length === 1 ? S.steps[S.at - 1] : null, 1100);
}

function jump(to) {
  play(false);
  seek(to);
}

function setGrain(byNode) {
  S.byNode = byNode;
  $("grain").value = byNode ? "node" : "one";
  cells.forEach((_, n) => dirty.cells.add(n));
  show();
}

const chosen = { tabled: null };
const wide = matchMedia("(min-width: 1600px)");

function showTable() {
  const on = chosen.tabled ?? wide.matches;
  document.body.classList.toggle("tabled", on);
  $("table-toggle").setAttribute("aria-pressed", String(on));
  followTable();
}
wide.addEventListener("change", showTable);

function toggleTable() {
  chosen.tabled = !document.body.classList.contains("tabled");
  showTable();
  remember();
}

function toggleLecture(on = !document.body.classList.contains("lecture")) {
  document.body.classList.toggle("lecture", on);
  $("lecture-toggle").setAttribute("aria-pressed", String(on));
  fit();
  show();
}

function setTheme(theme) {
  if (theme === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  $("theme").value = theme;
  remember();
}

const KEYS = {
  ArrowRight: (e) => go(1, e.shiftKey || undefined),
  ArrowLeft: (e) => go(-1, e.shiftKey || undefined),
  PageDown: () => go(1),
  PageUp: () => go(-1),
  Home: () => jump(0),
  End: () => jump(S.steps.length),
  " ": () => play(),
  1: () => setGrain(false),
  2: () => setGrain(true),
  b: () => S.selected !== null && toggleStop(S.selected),
  q: () => toggleQuiz(),
  t: () => toggleTable(),
  l: () => toggleLecture(),
  "/": () => find(),
  "?": () => $("help").showModal(),
  "+": () => zoomBy(1.25),
  "-": () => zoomBy(1 / 1.25),
  0: () => fit(),
  Escape: () => (S.card !== null ? closeCard() : document.body.classList.contains("lecture") && toggleLecture(false)),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || $("help").open || $("more").open) return;
  const at = event.target, typing = at.matches("input:not([type=range], [type=checkbox]), select, textarea");
  const own = at.matches("input[type=range]") && at.id !== "scrubber" && !/^[qtl?]$|^Escape$/.test(event.key);
  if ((typing && event.key !== "Escape") || own) return;
  if (event.key === " " && at.matches("button, input, [role=button]")) return;
  const action = KEYS[event.key] ?? KEYS[event.key.toLowerCase()];
  setFast(event.repeat);
  if (!action) return;
  event.preventDefault();
  action(event);
});

// A node's details, from the current state.
function about(i) {
  const node = nodes[i], low = S.low[i], paths = node.g ? pathCount(i) : 0;
  const value = isKnown(i) ? `${node.op ? ` = ${node.tf}` : ""} = ${S.hidden.value === i ? "?" : short(valueOf(i))}` : `, ${node.op ? inWords("not computed yet") : inWords("not set yet")}`;
  const gradient = low !== null ? ` · ${lowText(i)} = ${S.hidden.low === i ? "?" : short(low)}` : "";
  const routes = paths ? ` · ${counted("{n} path to {output}", "{n} paths to {output}", paths, { output: nodes[D.output].t })}` : "";
  return `${node.name === undefined ? inWords("constant") : node.t}${value}${gradient}${routes}`;
}

// The key to the picture's colors.
function legend() {
  const marked = (kind, mark, text) => `<b class="${kind}">${mark} ${escaped(text)}</b>`;
  const lower = S.forward ? marked("down", "▸", inWords("tangent")) : marked("down", "◂", inWords("gradient"));
  const fields = { value: marked("up", "▸", inWords("value")), lower, local: marked("loc", "×", inWords("local derivative")) };
  const folded = nest && ![...nest.open].some((m) => isSeen(m) && nest.boxes[m].inside);
  if (folded) return `<span class="legend">${inWords("{value} above, {lower} below, with bars for what is done. + opens a box.", fields)}</span>`;
  return `<span class="legend">${inWords("{value} above, {lower} below, {local} on the edges. Click any of them.", fields)}</span>`;
}
let toldAbout = "";

function tellAbout() {
  const i = S.selected, text = i === null ? legend() : about(i) + S.stops.has(i) + S.mode;
  if (toldAbout === text) return;
  toldAbout = text;
  document.querySelector(".below").classList.toggle("telling", i !== null || Boolean(nest));
  if (i === null) return void ($("about").innerHTML = text);
  const words = document.createElement("span");
  words.textContent = about(i);
  words.title = [isKnown(i) && S.hidden.value !== i && full(valueOf(i)), S.low[i] !== null && S.hidden.low !== i && full(S.low[i])].filter(Boolean).join(" · ");
  $("about").replaceChildren(words);
  for (const [label, n] of [[inWords("its value"), S.steps.findIndex((s) => s.k === "value" && s.i === i)], [S.forward ? inWords("its tangent") : inWords("its gradient"), lastStepTo(i)]])
    if (n >= 0) $("about").append(button(label, () => jump(n + 1)));
  if (nodes[i].name !== undefined) $("about").append(button(S.stops.has(i) ? inWords("no breakpoint") : inWords("breakpoint"), () => toggleStop(i)));
}

function select(i) {
  S.selected = i;
  tellAbout();
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
  tellAbout();
  remember();
}

// The picture is one tab stop; inside, the up and down arrows move from each node to its edges and on.
const sequence = [];
nodes.forEach((_, i) => {
  for (const k of edgesInto[i]) if (edges[k].f !== undefined) sequence.push(lines[k].group);
  sequence.push(drawn[i].box);
});
const inOrder = () => (nest ? nest.order : sequence);

function giveFocus(group) {
  for (const other of scroller.querySelectorAll("[tabindex='0']")) other.setAttribute("tabindex", "-1");
  group.setAttribute("tabindex", "0");
}
scroller.addEventListener("focusin", (event) => giveFocus(event.target.closest("[role=button]")));
scroller.addEventListener("keydown", (event) => {
  if (!["ArrowUp", "ArrowDown"].includes(event.key)) return;
  const list = inOrder(), at = list.indexOf(document.activeElement);
  event.preventDefault();
  list[Math.max(0, Math.min(list.length - 1, at + (event.key === "ArrowDown" ? 1 : -1)))].focus();
});

nodes.forEach((node, i) => {
  const { group, box } = drawn[i];
  group.addEventListener("pointermove", () => grip?.moved || showPathsAt(i));
  group.addEventListener("pointerleave", () => showPathsAt(null));
  box.addEventListener("focus", () => box.matches(":focus-visible") && select(i));
  group.addEventListener("click", () => select(i));
  group.addEventListener("keydown", (event) => [" ", "Enter"].includes(event.key) && (event.preventDefault(), select(i)));
  group.addEventListener("pointerenter", () => {
    const text = [isKnown(i) && S.hidden.value !== i && full(valueOf(i)), S.low[i] !== null && S.hidden.low !== i && `${lowText(i)} = ${full(S.low[i])}`].filter(Boolean).join("\n");
    let title = group.querySelector("title");
    if (!title) group.append((title = shape("title", {})));
    title.textContent = text;
  });
});
let pointed = null;
function showPathsAt(i) {
  if (pointed === i && (i === null) === (S.onPath === null)) return;
  pointed = i;
  showPaths(i);
}
lines.forEach(({ group, tag }, k) => {
  if (edges[k].f === undefined) return;
  group.setAttribute("aria-label", inWords("Local derivative of {child} by {parent}", { child: nodes[edges[k].c].t, parent: nodes[edges[k].p].t }));
  for (const part of [group, tag]) part?.addEventListener("click", () => openCard(k));
  group.addEventListener("keydown", (event) => [" ", "Enter"].includes(event.key) && (event.preventDefault(), openCard(k)));
});
document.addEventListener("pointerover", (event) => light(event.target.closest?.("[data-link]")?.dataset.link ?? null));

// The heading of a network shows the loss in terms of the outputs, and the whole formula on request.
$("expand")?.setAttribute("title", inWords("Show the whole formula"));
$("expand")?.addEventListener("click", () => {
  const on = $("formula-whole").toggleAttribute("hidden") === false;
  $("formula-short").hidden = on;
  $("expand").setAttribute("aria-expanded", String(on));
  fit();
});

// Find a node by name.
function find() {
  if (!$("names").children.length) for (const name of new Set(nodes.map((node) => node.name === undefined ? "" : node.t))) {
    const option = document.createElement("option");
    option.value = name;
    if (name) $("names").append(option);
  }
  $("search").hidden = false;
  $("search").focus();
}
$("search").addEventListener("keydown", (event) => {
  if (event.key === "Escape") $("search").hidden = true;
  if (event.key !== "Enter") return;
  const wanted = $("search").value.trim().toLowerCase();
  const i = [(t) => t === wanted, (t) => t.startsWith(wanted), (t) => t.includes(wanted)].map((fits) => nodes.findIndex((n) => n.name !== undefined && fits(n.t.toLowerCase()) )).find((n) => n >= 0);
  if (i === undefined) return;
  if (nest) openUpTo(i);
  goTo(i);
  (isInside(i) ? piles[boxWith(i)] : drawn[i]).box.focus({ preventScroll: true });
  $("search").hidden = true;
});

$("table").addEventListener("click", (event) => {
  const cell = event.target.closest("[data-step]");
  if (cell) jump(Number(cell.dataset.step));
});
for (const [id, action] of [
  ["first", () => jump(0)], ["back", () => go(-1)], ["play", () => play()], ["next", () => go(1)], ["last", () => jump(S.steps.length)],
  ["zoom-in", () => zoomBy(1.25)], ["zoom-out", () => zoomBy(1 / 1.25)], ["zoom-fit", fit], ["table-toggle", toggleTable],
  ["lecture-toggle", () => toggleLecture()], ["quiz-toggle", () => toggleQuiz()], ["reveal", reveal], ["hint", () => ((quiz.hinted = true), show())],
  ["results", saveResults], ["results-text", () => copy(resultsText())], ["again", () => (quiz.results.clear(), seek(0), refresh(), tellScore())],
  ["card-close", closeCard], ["print", () => ($("more").close(), print())], ["help-open", () => $("help").showModal()], ["more-open", () => $("more").showModal()],
  ["tab-push", () => setMode("push")], ["tab-pull", () => setMode("pull")], ["tab-forward", () => D.inputs.length && setMode($("seed").value)],
]) $(id).addEventListener("click", action);
document.querySelector(".tabs").addEventListener("keydown", (event) => {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key], tabs = [...document.querySelectorAll("[role=tab]")], at = tabs.indexOf(event.target);
  if (!step || at < 0) return;
  event.stopPropagation();
  event.preventDefault();
  const next = tabs[(at + step + tabs.length) % tabs.length];
  next.click();
  next.focus();
});
$("answer").addEventListener("submit", check);
$("seed").addEventListener("change", () => setMode($("seed").value));
$("method-choice").addEventListener("change", () => $(`tab-${$("method-choice").value}`).click());
$("grain").addEventListener("change", () => setGrain($("grain").value === "node"));
$("theme").addEventListener("change", () => setTheme($("theme").value));
$("zeros").addEventListener("change", () => ((S.skip = $("zeros").checked), remember()));
$("overwrite").addEventListener("change", () => setOverwrite($("overwrite").checked));
$("scrubber").addEventListener("input", () => jump(Number($("scrubber").value)));
for (const [id, moved] of [["card-at", (x) => setNudge({ at: x, plain: false })], ["card-h", (h) => setNudge({ h })], ["card-order", (order) => setNudge({ order })]])
  $(id).addEventListener("input", () => moved(Number($(id).value)));
// On a narrow screen, the picture has the room that header, words and controls leave.
const roomy = matchMedia("(min-width: 900px) and (min-height: 600px)");
function measureBars() {
  if (roomy.matches) return;
  const [top, bar] = ["header", ".controls"].map((part) => document.querySelector(part).offsetHeight);
  document.body.style.setProperty("--bar", `${bar}px`);
  document.querySelector("main").style.setProperty("--taken", `${top + bar + 24}px`);
}
// A notebook's frame gets its size late, and without an event in its window.
let room = "";
function refit() {
  measureBars();
  const now = `${scroller.clientWidth} ${scroller.clientHeight} ${innerHeight}`;
  if (now === room) return;
  room = now;
  if (view.fitted) fit();
  else zoomTo(view.scale);
  if (S.card !== null) putCard(S.card);
  follow();
}
addEventListener("resize", refit);
const resized = new ResizeObserver(refit);
for (const part of [scroller, document.querySelector("header"), document.querySelector(".controls")]) resized.observe(part);
// Print the whole table; in a quiz only the part that has been answered.
addEventListener("beforeprint", () => {
  S.before = S.at;
  closeCard();
  seek(S.steps.length);
  buildRows(0, true);
  cells.forEach((_, n) => paintCell(n));
});
addEventListener("afterprint", () => (buildTable(), seek(S.before ?? S.at), refresh()));
