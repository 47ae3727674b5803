// The address restores the state: #x=2&step=9&mode=pull&by=node&...; every part is validated before use.
// An input with the same name as a part of the address has a dot before its name.

const PARTS = {
  step: { fits: /^\d{1,9}$/, get: () => String(S.at), plain: null, set: () => {} },
  mode: { fits: /^(push|pull|forward)$/, get: () => S.mode.split(":")[0], plain: "push", set: () => {} },
  seed: { fits: /^\d{1,5}$/, get: () => (S.forward && $("seed").selectedIndex > 0 ? String($("seed").selectedIndex) : ""), plain: "", set: () => {} },
  by: { fits: /^(contribution|node)$/, get: () => (S.byNode ? "node" : "contribution"), plain: "contribution", set: (text) => setGrain(text === "node") },
  view: { fits: /^(page|lecture)$/, get: () => (document.body.classList.contains("lecture") ? "lecture" : "page"), plain: "page", set: (text) => toggleLecture(text === "lecture") },
  theme: { fits: /^(auto|light|dark)$/, get: () => document.documentElement.dataset.theme ?? "auto", plain: "auto", set: setTheme },
  table: { fits: /^[01]$/, get: () => (chosen.tabled === null ? "" : String(Number(chosen.tabled))), plain: "", set: (text) => ((chosen.tabled = text === "" ? null : text === "1"), showTable()) },
  fold: { fits: /^[01]$/, get: () => (nest && isAllOpen() ? "0" : "1"), plain: "1", set: (text) => nest && (text === "0") !== isAllOpen() && setOpen(text === "0" ? openable : []) },
  open: { fits: /^\d{1,4}(\.\d{1,4}){0,9999}$/, get: () => (nest && !isAllOpen() ? [...nest.open].sort((a, b) => a - b).join(".") : ""), plain: "", set: setOpenFrom },
  quiz: { fits: /^[01]$/, get: () => String(Number(quiz.on)), plain: "0", set: (text) => (text === "1") !== quiz.on && toggleQuiz(text === "1") },
  zeros: { fits: /^(skip|show)$/, get: () => (S.skip ? "skip" : "show"), plain: "show", set: (text) => ($("zeros").checked = S.skip = text === "skip") },
  sums: { fits: /^(add|overwrite)$/, get: () => (S.overwrite ? "overwrite" : "add"), plain: "add", set: (text) => (text === "overwrite") !== S.overwrite && setOverwrite(text === "overwrite") },
  speed: { fits: /^(0\.5|1|2|5|60)$/, get: () => $("speed").value, plain: "1", set: (text) => ($("speed").value = text) },
  stops: { fits: /^\d{1,5}(\.\d{1,5}){0,99}$/, get: () => [...S.stops].sort((a, b) => a - b).join("."), plain: "", set: (text) => setStops(text) },
  card: { fits: /^\d{1,6}$/, get: () => (S.card === null ? "" : String(S.card)), plain: "", set: (text) => (text !== "" && Number(text) < edges.length ? openCard(Number(text)) : closeCard()) },
};
const inAddress = (name) => (name.startsWith(".") || Object.hasOwn(PARTS, name) ? `.${name}` : name);
let remembering = null, ready = false;

function setStops(text) {
  const wanted = new Set(text === "" ? [] : text.split(".").map(Number).filter((i) => nodes[i]?.name !== undefined));
  for (const i of new Set([...S.stops, ...wanted])) if (wanted.has(i) !== S.stops.has(i)) toggleStop(i);
}

// The default state was chosen by the page's author.
for (const [name, part] of Object.entries({ mode: "method", by: "by", view: "view", theme: "theme" })) PARTS[name].plain = D.start[part] ?? PARTS[name].plain;

function address() {
  const inputs = D.inputs.map((i, j) => [nodes[i].name, S.inputs[j]]).filter(([, x], j) => !Object.is(x, base.values[D.inputs[j]]) && Number.isFinite(x));
  const parts = Object.entries(PARTS).map(([name, { get, plain }]) => [name, get(), plain]).filter(([, now, plain]) => now !== plain);
  return `#${new URLSearchParams([...inputs.map(([name, x]) => [inAddress(name), String(x)]), ...parts.map(([name, now]) => [name, now])])}`;
}

function remember() {
  if (!ready) return;
  clearTimeout(remembering);
  remembering = setTimeout(() => {
    try {
      history.replaceState(null, "", address());
    } catch {
      // A frame in a notebook does not have its own address.
    }
    tellState();
  }, 150);
}

// A page around this one, such as a notebook's, is told of every change, and may set inputs and state.
const isFramed = parent !== window;
const inputsByName = () => Object.fromEntries(D.inputs.map((i, j) => [nodes[i].name, S.inputs[j]]));
// It may also say in the frame's name how to start: #step=9, or governed#step=9 if it has the inputs' sliders itself.
const [, governed, startState] = (isFramed && /^(governed)?#(.*)$/s.exec(window.name)) || [];
const tellState = () => isFramed && parent.postMessage({ stepperState: address().slice(1), stepperInputs: inputsByName() }, "*");

function setFromOutside({ source, data }) {
  if (!isFramed || source !== parent || !data) return;
  if (typeof data.stepperState === "string") recall(data.stepperState);
  if (typeof data.stepperInputs !== "object" || data.stepperInputs === null || !computable) return;
  const given = new Map(Object.entries(data.stepperInputs).filter(([, x]) => Number.isFinite(x)));
  const inputs = D.inputs.map((i, j) => given.get(nodes[i].name) ?? S.inputs[j]);
  if (inputs.some((x, j) => !Object.is(x, S.inputs[j]))) move(inputs);
}

function recall(given = location.hash.slice(1)) {
  const found = new Map(Object.entries(PARTS).map(([name, { plain }]) => [name, plain])), refused = [];
  const inputs = D.inputs.map((i) => base.values[i]);
  found.set("step", String(D.start.start ?? 0));
  for (const [name, text] of new URLSearchParams(given)) {
    const j = D.inputs.findIndex((i) => inAddress(nodes[i].name) === name);
    const plain = /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(text) && Number.isFinite(Number(text));
    if (Object.hasOwn(PARTS, name) && PARTS[name].fits.test(text)) found.set(name, text);
    else if (j >= 0 && plain && computable) inputs[j] = Number(text);
    else refused.push(name.slice(0, 40));
  }
  ready = false;
  const seed = $("seed").options[Number(found.get("seed"))]?.value ?? $("seed").value;
  setMode(found.get("mode") === "forward" ? seed || "push" : found.get("mode"));
  move(inputs);
  for (const [name, { set }] of Object.entries(PARTS)) if (!["quiz", "card"].includes(name)) set(found.get(name));
  if (refused.length) notice(inWords("Not understood in the address: {parts}.", { parts: refused.slice(0, 5).join(", ") }));
  PARTS.quiz.set(found.get("quiz"));
  seek(Number(found.get("step")));
  PARTS.card.set(found.get("card"));
  ready = true;
  tellState();
}

function copy(text) {
  const field = document.createElement("textarea");
  Object.assign(field, { value: text, readOnly: true, rows: 3 });
  field.setAttribute("aria-label", inWords("Text to copy"));
  $("copied").replaceChildren(field);
  if (!$("more").open) $("more").showModal();
  field.select();
  navigator.clipboard?.writeText(text).then(() => $("copied").append(inWords("Copied.")), () => $("copied").append(inWords("Press Ctrl+C.")));
}

const here = () => location.href.split("#")[0] + address();
// The frame sends its preferred height to the page around it.
const embed = () => `<iframe src="${here().replace(/&/g, "&amp;").replace(/"/g, "&quot;")}" title="${inWords("Steps of {output}", { output: nodes[D.output].t }).replace(/[&<>"]/g, "")}" style="width:100%;height:720px;border:0"></iframe>
<${"script"}>addEventListener("message", (e) => { for (const f of document.querySelectorAll("iframe")) if (e.source === f.contentWindow && e.data?.stepperHeight > 0) f.style.height = e.data.stepperHeight + "px"; });</${"script"}>`;
$("copy-link").addEventListener("click", () => copy(here()));
$("copy-embed").addEventListener("click", () => copy(embed()));
const tellHeight = () => parent !== window && parent.postMessage({ stepperHeight: innerWidth >= 900 ? 720 : Math.min(1400, document.body.scrollHeight) }, "*");

for (const mode of Object.keys(base.steps).filter((name) => name.startsWith("forward:"))) {
  const choice = document.createElement("option");
  choice.value = mode;
  choice.textContent = inWords("move {name}", { name: nodes[Number(mode.slice(8))].t });
  $("seed").append(choice);
}
document.body.classList.add("live");
document.body.classList.toggle("governed", Boolean(governed));
document.body.classList.toggle("large", nodes.length > 150);
buildSliders();
if (nest) layBoxes();
lay("LR");
giveFocus(inOrder()[0]);
showTable();
measureBars();
fit();
recall(location.hash.slice(1) || startState);
tellHeight();
addEventListener("resize", tellHeight);
addEventListener("hashchange", () => recall());
addEventListener("message", setFromOutside);
