// The graph at other inputs: values, local derivatives and every contribution, from the table's operations.

// A table has a column for each property; what repeats is written once, in `shared`.
function records({ count, plain, shared }) {
  const list = Array.from({ length: count }, () => ({}));
  for (const [key, column] of Object.entries(plain)) column.forEach((x, n) => (list[n][key] = x));
  for (const [key, column] of Object.entries(shared)) column.forEach((place, n) => place >= 0 && (list[n][key] = D.shared[place]));
  return list;
}
const nodes = records(D.nodes), edges = records(D.edges);
const base = {
  values: nodes.map((n) => number(n.v)),
  partials: edges.map((e) => number(e.d)),
  printed: edges.map((e) => e.printed !== 0),
  steps: Object.fromEntries(Object.entries(D.steps).map(([mode, list]) => [mode, records(list).map(revived)])),
};
// Numbers in formulas as the language writes them.
const rewrite = (record, ...names) => names.forEach((name) => name in record && (record[name] = asWritten(record[name])));
const rewriteForm = (e) => (rewrite(e, "tf"), e.rule && (e.rule = e.rule.map((part, k) => (k > 2 ? asWritten(part) : part))), e.exact && rewriteForm(e.exact));
for (const node of nodes) rewrite(node, "t", "tf");
edges.forEach(rewriteForm);
for (const { terms } of D.updates) for (const term of terms) rewrite(term, "tf");
rewrite(D, "text");
// Isolate a right-to-left name.
for (const node of nodes) if (/[\u0590-\u08ff\ufb1d-\ufdfd\ufe70-\ufefc]/.test(node.t)) node.t = `\u2068${node.t}\u2069`;
const edgesInto = nodes.map(() => []);
const edgesOutOf = nodes.map(() => []);
edges.forEach((e, k) => {
  edgesInto[e.c].push(k);
  edgesOutOf[e.p].push(k);
});
// The argument's position if the child has the same node several times; else 0.
const argumentOf = (k) => (nodes[edges[k].c].a.filter((j) => j === edges[k].p).length > 1 ? edges[k].k + 1 : 0);
const computable = nodes.every((n) => n.op === undefined || OPERATIONS[n.op] !== undefined);

function revived(step) {
  for (const key of ["in", "z", "b", "s", "w", "g"]) if (key in step) step[key] = Array.isArray(step[key]) ? step[key].map(number) : number(step[key]);
  return step;
}

function evaluate(inputs) {
  const values = base.values.slice();
  inputs.forEach((x, j) => (values[D.inputs[j]] = x));
  nodes.forEach((node, i) => {
    if (node.op !== undefined) values[i] = OPERATIONS[node.op].f(node.a.map((j) => values[j]));
  });
  return values;
}

// Everything that the page shows at these inputs; at the recorded inputs, the recorded numbers.
// Overwriting is the classic bug: = instead of +=, so only the last path counts.
function run(inputs, overwrite = false) {
  const right = recomputed(inputs);
  if (!overwrite) return right;
  const steps = {};
  for (const mode of Object.keys(base.steps)) steps[mode] = swept(base.steps[mode], right, isForward(mode), true);
  return { ...right, steps };
}

const isForward = (mode) => mode.startsWith("forward");

function recomputed(inputs) {
  if (inputs.every((x, j) => Object.is(x, base.values[D.inputs[j]]))) return base;
  const values = evaluate(inputs);
  const partials = base.partials.slice(), printed = base.printed.slice();
  nodes.forEach((node, i) => {
    if (node.op === undefined) return;
    const { d, p } = OPERATIONS[node.op], given = node.a.map((j) => values[j]);
    const slopes = d(given, values[i]), shown = (p ?? d)(given, values[i]);
    for (const k of edgesInto[i]) {
      partials[k] = slopes[edges[k].k];
      printed[k] = same(partials[k], shown[edges[k].k]);
    }
  });
  const steps = {};
  for (const mode of Object.keys(base.steps)) steps[mode] = swept(base.steps[mode], { values, partials }, isForward(mode));
  return { values, partials, printed, steps };
}

// The edges whose local derivative has two forms, depending on the numbers.
const switching = edges.flatMap((e, k) => (e.exact ? [k] : []));
const same = (x, y) => x === y || Math.abs(x - y) <= 1e-9 * Math.max(Math.abs(x), Math.abs(y));

// How many tied arguments, such as those of a maximum, share the slope of an edge; else 0.
function tie(k) {
  const slope = S.now.partials[k];
  return edges[k].ties && slope > 0 && slope < 1 ? Math.round(1 / slope) : 0;
}

// The form of an edge's local derivative: the usual one only if it gives the number.
function form(k) {
  const e = edges[k], n = tie(k);
  if (n) {
    const share = `<mfrac><mn>1</mn><mn>${n}</mn></mfrac>`;
    return { ...e, f: share, n: share, ff: share, nf: share, tf: `1/${n}` };
  }
  return S.now.printed[k] ? e : { ...e, ...e.exact };
}

// The same steps with new numbers: a seed, then products that add up, then the optimizer's rule.
function swept(list, { values, partials }, forward, overwrite = false) {
  const sums = new Map();
  return list.map((step) => {
    if (step.k === "seed") sums.set(step.i, step.z);
    if (step.k === "update") return updated(step, values[step.i], sums.get(step.i) ?? 0);
    if (step.k !== "add") return step;
    const { p, c } = edges[step.e];
    const [from, to] = forward ? [p, c] : [c, p];
    const incoming = sums.get(from) ?? 0;
    const before = step.path > 1 ? sums.get(to) ?? 0 : 0;
    const product = incoming * partials[step.e];
    const sum = overwrite ? product : before + product;
    sums.set(to, sum);
    return { ...step, in: incoming, z: product, b: before, s: sum };
  });
}

// An update with new numbers: every running mean, then the new weight; none where the rule compares numbers.
const updated = (step, w, g) => ({ ...step, w, g, z: UPDATES[step.u] ? UPDATES[step.u](w, g) : null });

// The output as a function of one input.
const along = (inputs, j) => (x) => evaluate(inputs.map((y, i) => (i === j ? x : y)))[D.output];

// Bounds on the rounding errors of the output and of its derivative by each node, to first order.
function roundingErrors({ values, partials }) {
  const slopes = nodes.map((_, i) => (i === D.output ? 1 : 0)), errors = nodes.map(() => 0);
  let output = 0;
  for (let i = nodes.length - 1; i >= 0; i--) {
    if (nodes[i].op === undefined) continue;
    const [ofValue, ofTerms] = nodes[i].rounding; // From the table, as in Python.
    const terms = edgesInto[i].reduce((sum, k) => sum + Math.abs(values[edges[k].p] * partials[k]), 0);
    const effect = Math.abs(slopes[i]) * (ofValue * Math.abs(values[i]) + (ofTerms && ofTerms * terms));
    if (Number.isFinite(effect)) output += effect;
    for (const k of edgesInto[i]) {
      const product = slopes[i] * partials[k];
      slopes[edges[k].p] += product;
      errors[edges[k].p] += errors[i] * Math.abs(partials[k]) + 4 * EPSILON * Math.abs(product);
    }
  }
  return { output, errors };
}

// Whether `where` would now take a branch that the recorded steps do not include.
function otherBranch(now) {
  return nodes.some((node) => node.op === "where:3" && (now.values[node.a[0]] !== 0) !== (base.values[node.a[0]] !== 0));
}
