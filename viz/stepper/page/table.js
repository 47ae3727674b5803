// The two columns: forward steps on the left, the others on the right, in sync with the picture.

// For a long table, only the rows around the current step are in the page.
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
  table.style.setProperty("--no", `${(1 + 0.5 * String(S.steps.length).length).toFixed(2)}rem`);
  const second = S.forward ? [inWords("tangents"), inWords("sum")] : [inWords("backward"), inWords("grad")];
  const heads = ["#", inWords("forward"), inWords("value"), "#", ...second];
  table.innerHTML = `<thead><tr>${heads.map((head) => `<th scope="col">${escaped(head)}</th>`).join("")}</tr></thead>`;
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
    cell.className = step.k === "update" && name === "number" ? "number moved" : name;
    cell.dataset.step = n + 1;
    return cell;
  });
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = n + 1;
  button.tabIndex = -1;
  no.append(button);
  const formula = document.createElement("span");
  what.append(formula);
  if (Math.max(...lengths(step)) > (step.k === "value" ? 16 : 24)) what.classList.add("long");
  const detail = document.createElement("small");
  if (step.k === "add" || step.k === "update") what.append(detail);
  cells[n] = { no, what, value, detail, formula, text: {}, row: line };
}

// The rule with its numbers if it is short, else the optimizer applied to weight and gradient.
function updateRule(step) {
  const { f, tf } = D.updates[step.u].terms.at(-1);
  if (step.z && tf.length <= 24) return inserted(f, updateNumbers(step));
  return row(`<mi>${D.optimizer.replace(/\W/g, "")}</mi>`, op("("), named(step.i), op(","), numberMath(step.g), op(")"));
}

// The formula in parts: a line may end between them.
function tableFormula(step) {
  if (step.k === "seed") return [row(lowMath(step.i), op("=")), "<mn>1</mn>"];
  if (step.k === "value") return nodes[step.i].f ? [row(named(step.i), op("=")), nodes[step.i].f] : [named(step.i)];
  if (step.k === "update") return [row(named(step.i), op("←")), updateRule(step)];
  const { from, to } = ends(step);
  return [row(lowMath(to), op(S.overwrite ? "=" : "+=")), lowMath(from), row(op("⋅"), localMath(step.e, form(step.e).ff))];
}

// The lengths of the parts in letters: a cell that cannot hold one scrolls.
function lengths(step) {
  if (step.k === "update") return [nodes[step.i].t.length];
  if (step.k !== "add") return [nodes[step.i].t.length, nodes[step.i].tf?.length ?? 0];
  const { from, to } = ends(step);
  return [nodes[from].t.length, nodes[to].t.length, form(step.e).tf.length];
}

function paintCell(n) {
  const cell = cells[n], step = S.steps[n];
  if (!cell) return;
  const done = n < S.at, now = current().includes(n), hidden = isOpen(n);
  const result = { value: S.now.values[step.i], seed: step.z, add: step.s, update: step.z?.at?.(-1) ?? NaN }[step.k];
  const text = !done ? "" : hidden ? "?" : short(result);
  write(cell.value, cell.text, "value", text);
  cell.value.title = text && text !== "?" && text !== full(result) ? full(result) : "";
  cell.value.classList.toggle("bad", Boolean(text) && !hidden && !Number.isFinite(result));
  const rule = `${hidden} ${S.overwrite} ${step.k === "update" ? [step.w, step.g] : ""}`;
  if (cell.text.rule !== rule) {
    // While a step is a question, its rule is hidden, too.
    const parts = tableFormula(step);
    cell.formula.replaceChildren(...(hidden ? [row(parts[0], "<mtext>?</mtext>")] : parts).map((part) => math(part)));
    cell.text.rule = rule;
  }
  if (step.k === "add") {
    const second = step.path > 1 && !S.overwrite, old = second ? `${short(step.b)} + ` : "";
    write(cell.detail, cell.text, "detail", !done || hidden ? "" : `${old}${second ? inBrackets(step.in) : short(step.in)} · ${inBrackets(S.now.partials[step.e])}${second ? "  ⊕" : ""}`);
  }
  if (step.k === "update" && step.z) {
    const kept = D.updates[step.u].terms.slice(0, -1).map(({ t }, k) => `${t} ${short(step.z[k])}`);
    write(cell.detail, cell.text, "detail", !done || hidden ? "" : listed(kept));
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
  if (!cell || !cell.row.offsetParent) return;
  const box = $("table"), top = cell.row.offsetTop, bottom = top + cell.row.offsetHeight;
  if (top < box.scrollTop + 30 || bottom > box.scrollTop + box.clientHeight) box.scrollTop = top - box.clientHeight / 2;
}

function tellMethod() {
  const [times, plus] = S.forward ? D.counts.forward : D.counts.reverse;
  const n = D.inputs.length;
  const work = inWords("{multiplications}, {additions}", {
    multiplications: counted("{n} multiplication", "{n} multiplications", times), additions: counted("{n} addition", "{n} additions", plus),
  });
  const differences = inWords("Differences would take {evaluations} of {operations}.", {
    evaluations: counted("{n} evaluation", "{n} evaluations", 2 * n), operations: counted("{n} operation", "{n} operations", D.counts.evaluation),
  });
  const passes = counted("{n} pass for the whole gradient", "{n} passes for the whole gradient", n);
  const pass = counted("One pass for the one input: {work}.", "One pass for all {n} inputs: {work}.", n, { work });
  const text = {
    push: () => `${inWords("Each node sends its gradient on to its arguments.")}${BETWEEN}${pass}`,
    pull: () => `${inWords("Each node collects from the nodes that use it.")}${BETWEEN}${pass}`,
    forward: () => inWords("Tangents go along with the values: one pass for each input. This one: {work}; {passes}.", { work, passes }),
  }[S.forward ? "forward" : S.mode];
  $("method").textContent = `${text()}${BETWEEN}${differences}`;
}
