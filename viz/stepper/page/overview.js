// The folded picture of a large graph: the progress of each box, the range of its numbers, and the current box.

const overview = $("overview");
const piles = (overview ? [...overview.querySelectorAll(".pile")] : []).map((group) => {
  const [up, down] = ["up", "down"].map((name) => group.querySelector(`.done.${name}`));
  const box = group.querySelector(".box");
  return { group, box, up, down, value: group.querySelector(".value"), grad: group.querySelector(".grad"), inside: [], text: {}, told: box.getAttribute("aria-label") };
});
if (overview) nodes.forEach((_, i) => piles[D.piles[i]].inside.push(i));

// The range of a box: of its results, or of all nodes if it has none.
function range(numbers) {
  if (!numbers.length) return "–";
  const low = numbers.reduce((a, b) => Math.min(a, b)), high = numbers.reduce((a, b) => Math.max(a, b));
  return low === high || Number.isNaN(low) ? short(low) : `${short(low)} … ${short(high)}`;
}

function paintOverview() {
  if (!overview) return;
  const roles = new Map();
  for (const [i, role] of S.roles) if (role !== "source" || !roles.has(D.piles[i])) roles.set(D.piles[i], role);
  piles.forEach((pile, m) => {
    const valued = pile.inside.filter((i) => isKnown(i) && S.hidden.value !== i), graded = pile.inside.filter((i) => S.low[i] !== null && S.hidden.low !== i);
    const all = pile.inside.filter((i) => nodes[i].g).length;
    const share = (bar, part) => bar.setAttribute("width", Number(bar.dataset.width) * Math.min(1, part));
    share(pile.up, valued.length / pile.inside.length);
    if (pile.down) share(pile.down, graded.length / all);
    const values = `▸ ${range(valued.map((i) => S.now.values[i]))}`, grads = all ? `${S.forward ? "▸" : "◂"} ${range(graded.map((i) => S.low[i]))}` : "";
    write(pile.value, pile.text, "value", values);
    write(pile.grad, pile.text, "grad", grads);
    const fields = { box: pile.told, values: values.slice(2), gradients: grads.slice(2) };
    const label = grads ? inWords("{box}, values {values}, gradients {gradients}", fields) : inWords("{box}, values {values}", fields);
    if (pile.text.label !== label) pile.box.setAttribute("aria-label", (pile.text.label = label));
    const named = pile.inside.some((i) => nodes[i].name !== undefined);
    const name = `pile${named && !valued.some((i) => nodes[i].name !== undefined) ? " waiting" : ""} ${roles.get(m) ?? ""}`;
    if (pile.text.name !== name) pile.group.setAttribute("class", (pile.text.name = name));
  });
}

// A box leads to its next step from here on, or else to its first.
function enter(m) {
  const inside = (step) => step && D.piles[step.k === "add" ? ends(step).to : step.i] === m;
  const later = S.steps.findIndex((step, n) => n >= S.at && inside(step));
  const n = later >= 0 ? later : S.steps.findIndex(inside);
  if (n >= 0) jump(n + 1);
}

function foldPicture(on) {
  document.body.classList.toggle("folded", on);
  $("fold").setAttribute("aria-pressed", String(on));
  fit();
  follow();
  remember();
}

if (overview) {
  $("fold").hidden = false;
  $("fold").addEventListener("click", () => foldPicture(!folded()));
  piles.forEach(({ group }, m) => {
    group.addEventListener("click", () => enter(m));
    group.addEventListener("keydown", (event) => [" ", "Enter"].includes(event.key) && (event.preventDefault(), event.stopPropagation(), enter(m)));
  });
}
