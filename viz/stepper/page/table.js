// The two columns: forward steps on the left, the others on the right, in step with the picture.

// Of a long table, only the rows around the current step are in the page.
const WINDOW = 40;
let cells = [], columns = [[], []], rowOf = [], shownRows = [0, 0];

function buildTable() {
  columns = [[], []];
  rowOf = S.steps.map((step, n) => columns[step.k === "value" ? 0 : 1].push([step, n]) - 1);
  buildRows(0);
}

function buildRows(middle, all = false) {
  const [left, right] = columns, count = Math.max(left.length, right.length);
  const first = all || count <= WINDOW ? 0 : Math.max(0, Math.min(count - WINDOW, middle - WINDOW / 2));
  shownRows = [first, all ? count : Math.min(count, first + WINDOW)];
  cells = new Array(S.steps.length);
  const table = document.createElement("table");
  table.className = "rows";
  table.setAttribute("role", "table");
  table.style.setProperty("--no", `${16 + 7 * String(S.steps.length).length}px`);
  const second = S.forward ? ["tangents", ""] : ["backward", "grad"];
  table.innerHTML = `<thead><tr><th>#</th><th>forward</th><th></th><th>#</th><th>${second[0]}</th><th>${second[1]}</th></tr></thead>`;
  const body = table.createTBody();
  document.body.classList.toggle("dense", count > 24);
  for (let r = shownRows[0]; r < shownRows[1]; r++) {
    const line = body.insertRow();
    addHalf(line, left[r]);
    addHalf(line, right[r]);
  }
  $("table").replaceChildren(table);
}

function addHalf(line, pair) {
  if (!pair) return void line.append(...[0, 1, 2].map(() => document.createElement("td")));
  const [step, n] = pair;
  const [no, what, value] = ["no", "what", "number"].map((name) => {
    const cell = line.insertCell();
    cell.className = name;
    cell.dataset.step = n + 1;
    return cell;
  });
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = n + 1;
  no.append(button);
  const parts = tableFormula(step);
  const formula = document.createElement("span");
  formula.append(...parts.map((part) => math(part)));
  what.append(formula);
  if (Math.max(...lengths(step)) > (step.k === "value" ? 16 : 24)) what.classList.add("long");
  const detail = document.createElement("small");
  if (step.k === "add") what.append(detail);
  cells[n] = { no, what, value, detail, text: {}, row: line };
}

// The formula in parts: a line may end between them.
function tableFormula(step) {
  if (step.k === "seed") return [row(lowMath(step.i), op("=")), "<mn>1</mn>"];
  if (step.k === "value") return nodes[step.i].f ? [row(nodes[step.i].m, op("=")), nodes[step.i].f] : [nodes[step.i].m];
  const { from, to } = ends(step);
  return [row(lowMath(to), op("+=")), lowMath(from), row(op("⋅"), form(step.e).ff)];
}

// How long the parts are, in letters: a cell that cannot hold one scrolls.
function lengths(step) {
  if (step.k !== "add") return [nodes[step.i].t.length, nodes[step.i].tf?.length ?? 0];
  const { from, to } = ends(step);
  return [nodes[from].t.length, nodes[to].t.length, form(step.e).tf.length];
}

function paintCell(n) {
  const cell = cells[n], step = S.steps[n];
  if (!cell) return;
  const done = n < S.at, now = n === S.at - 1;
  const hidden = now && S.asking;
  const result = step.k === "value" ? S.now.values[step.i] : step.k === "seed" ? step.z : step.s;
  write(cell.value, cell.text, "value", !done ? "" : hidden ? "?" : short(result));
  if (step.k === "add") {
    const second = step.path > 1 ? `${short(step.b)} + ` : "";
    write(cell.detail, cell.text, "detail", !done || hidden ? "" : `${second}${step.path > 1 ? inBrackets(step.in) : short(step.in)} · ${inBrackets(S.now.partials[step.e])}${step.path > 1 ? "  ⊕" : ""}`);
  }
  const state = done ? (now ? "now" : "done") : "wait";
  if (cell.text.state === state) return;
  cell.text.state = state;
  for (const part of [cell.no, cell.what, cell.value]) {
    part.classList.remove("done", "now", "wait");
    part.classList.add(state);
  }
}

const inBrackets = (x) => (x < 0 ? `(${short(x)})` : short(x));

function followTable() {
  if (S.at && !cells[S.at - 1]) {
    buildRows(rowOf[S.at - 1]);
    cells.forEach((_, n) => paintCell(n));
  }
  const cell = cells[S.at - 1];
  if (!cell) return;
  const box = $("table"), top = cell.row.offsetTop, bottom = top + cell.row.offsetHeight;
  if (top < box.scrollTop + 30 || bottom > box.scrollTop + box.clientHeight) box.scrollTop = top - box.clientHeight / 2;
}

function tellMethod() {
  const [times, plus] = S.forward ? D.counts.forward : D.counts.reverse;
  const n = D.inputs.length;
  const work = `${times} multiplication${times === 1 ? "" : "s"}, ${plus} addition${plus === 1 ? "" : "s"}`;
  const text = {
    push: `Each node sends its gradient on to its arguments. One pass for all ${n} inputs: ${work}.`,
    pull: `Each node collects from the nodes that use it. One pass for all ${n} inputs: ${work}.`,
    forward: `Tangents go along with the values: one pass for each input. This one: ${work}; ${n} pass${n === 1 ? "" : "es"} for the whole gradient.`,
  }[S.forward ? "forward" : S.mode];
  $("method").textContent = `${text.replace("all 1 inputs", "the one input")} Differences would take ${2 * n} evaluations of ${D.counts.evaluation} operations.`;
}
