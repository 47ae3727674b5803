// The folded picture of a large graph: how far each box is, and which one this step is in.

const overview = $("overview");
const piles = (overview ? [...overview.querySelectorAll(".pile")] : []).map((group) => ({
  group, up: group.querySelector(".up"), down: group.querySelector(".down"), all: 0, named: 0, name: "",
}));
if (overview) nodes.forEach((node, i) => {
  piles[D.piles[i]].named += node.name !== undefined;
  piles[D.piles[i]].all += Boolean(node.g);
});

function paintOverview() {
  if (!overview) return;
  const valued = new Array(piles.length).fill(0), graded = new Array(piles.length).fill(0), roles = new Map();
  nodes.forEach((node, i) => {
    valued[D.piles[i]] += node.name !== undefined && S.valued[i];
    graded[D.piles[i]] += S.low[i] !== null;
  });
  for (const [i, role] of S.roles) if (role !== "source" || !roles.has(D.piles[i])) roles.set(D.piles[i], role);
  piles.forEach((pile, m) => {
    const share = (bar, part) => bar.setAttribute("width", Number(bar.dataset.width) * Math.min(1, part));
    share(pile.up, pile.named ? valued[m] / pile.named : 0);
    share(pile.down, pile.all ? graded[m] / pile.all : 0);
    const waiting = valued[m] || !pile.named ? "" : " waiting";
    const name = `pile${waiting} ${roles.get(m) ?? ""}`;
    if (pile.name !== name) pile.group.setAttribute("class", (pile.name = name));
  });
}

// Scrolls so that the box of this step is in view.
function followPile() {
  const last = [...S.roles.keys()].at(-1);
  if (last === undefined || scroller.scrollHeight <= scroller.clientHeight) return;
  const [box, frame] = [piles[D.piles[last]].group.getBoundingClientRect(), scroller.getBoundingClientRect()];
  if (box.top < frame.top || box.bottom > frame.bottom) scroller.scrollTop += box.top - frame.top - (frame.height - box.height) / 2;
}

// A box leads to its next step: the first that takes place in it from here on, or else the first of all.
function enter(m) {
  const inside = (step) => step && D.piles[step.k === "add" ? ends(step).to : step.i] === m;
  const later = S.steps.findIndex((step, n) => n >= S.at && inside(step));
  const n = later >= 0 ? later : S.steps.findIndex(inside);
  if (n >= 0) jump(n + 1);
}

function foldPicture(folded) {
  document.body.classList.toggle("folded", folded);
  $("fold").setAttribute("aria-pressed", String(folded));
  if (!folded) fit();
  follow();
}

if (overview) {
  $("fold").hidden = false;
  $("fold").addEventListener("click", () => foldPicture(!document.body.classList.contains("folded")));
  piles.forEach(({ group }, m) => {
    group.addEventListener("click", () => enter(m));
    group.addEventListener("keydown", (event) => [" ", "Enter"].includes(event.key) && (event.preventDefault(), event.stopPropagation(), enter(m)));
  });
  foldPicture(true);
}
