// Each step in words: a sentence, then symbols, numbers inserted, result. Every term is linked to its thing.

const named = (i) => linked(`n${i}`, nodes[i].m, "of-value");
const valueMath = (i) => linked(`n${i}`, numberMath(S.now.values[i]), "of-value");
const gradText = (i) => `∂${nodes[D.output].t}/∂${nodes[i].t}`;
// In forward mode the lower number is a tangent, the derivative by the one moving input.
const moving = () => nodes[Number(S.mode.slice(8))];
const lowText = (i) => (S.forward ? `∂${nodes[i].t}/∂${moving().t}` : gradText(i));
const lowMath = (i) => linked(`g${i}`, S.forward ? partial(nodes[i].m, moving().m) : partial(nodes[D.output].m, nodes[i].m), "of-grad");
const localMath = (k, inner) => linked(`e${k}`, inner, "of-local");

// The source and the target of a contribution.
function ends(step) {
  const { p, c } = edges[step.e];
  return S.forward ? { from: p, to: c } : { from: c, to: p };
}

function told(step) {
  if (!step) return start();
  return { value: toldValue, seed: toldSeed, add: toldAddition, update: toldUpdate }[step.k](step);
}

function start() {
  const inputs = D.inputs.slice(0, 6).map((i) => `${nodes[i].t} = ${short(S.now.values[i])}`), output = nodes[D.output].t;
  const fields = { output, formula: D.text, inputs: listed(inputs) };
  return {
    phase: inWords("Start"), kind: "start",
    sentence: inputs.length ? inWords("{output} = {formula}, at {inputs}. Step forward to compute it.", fields) : inWords("{output} = {formula}. Step forward to compute it.", fields),
    lines: [], line: "",
  };
}

function toldValue({ i }) {
  const node = nodes[i], x = S.now.values[i];
  if (node.op === undefined) {
    const sentence = node.g ? inWords("{name} is an input: {value}.", { name: node.t, value: short(x) }) : inWords("{name} is a constant, and needs no gradient: {value}.", { name: node.t, value: short(x) });
    const line = row(named(i), op("="), valueMath(i));
    return { phase: inWords("Forward"), kind: "forward", sentence, lines: [line], line, answer: null, result: short(x) };
  }
  const given = [...new Set(node.a)].filter((j) => nodes[j].name !== undefined).slice(0, 6);
  const known = listed(given.map((j) => `${nodes[j].t} = ${short(S.now.values[j])}`));
  const fields = { name: node.t, formula: node.tf, known };
  return {
    phase: inWords("Forward"), kind: "forward",
    sentence: known ? inWords("Compute {name} = {formula}, with {known}.", fields) : inWords("Compute {name} = {formula}.", fields),
    lines: [row(named(i), op("="), node.f), row(op("="), node.n), row(op("="), valueMath(i))],
    line: row(named(i), op("="), node.f, op("="), node.n, op("="), valueMath(i)),
    asked: node.t, answer: x, value: i, result: `${node.t} = ${short(x)}`,
  };
}

const backwardPhase = () => (S.forward ? { phase: inWords("Tangents"), kind: "tangents" } : { phase: inWords("Backward"), kind: "backward" });

function toldSeed({ i, z }) {
  const name = nodes[i].t;
  const sentence = S.forward
    ? inWords("Move {name} at speed 1: its tangent is 1, that of every other input 0.", { name })
    : inWords("The backward pass starts at {name}: it changes one for one with itself.", { name });
  const line = row(lowMath(i), op("="), numberMath(z));
  return {
    ...backwardPhase(), sentence, lines: [line], line,
    asked: lowText(i), answer: z, low: i, result: `${lowText(i)} = ${short(z)}`,
  };
}

function toldAddition(step) {
  const { from, to } = ends(step), e = form(step.e), shared = tie(step.e), paths = step.path - 1;
  const slope = S.now.partials[step.e], second = step.path > 1, lost = second && S.overwrite;
  const fields = { from: nodes[from].t, to: nodes[to].t, number: short(step.in), factor: slopeText(step.e, slope), before: short(step.b), nth: ordinal(step.path) };
  const moved = S.forward ? inWords("{from} passes its tangent {number} to {to}, {factor}.", fields) : S.mode === "pull" ? inWords("{to} collects from {from}: {number}, {factor}.", fields) : inWords("{from} sends its gradient {number} to {to}, {factor}.", fields);
  const ties = shared ? `${BETWEEN}${counted("A tie: {n} argument shares the slope.", "A tie: {n} arguments share the slope.", shared)}` : "";
  const brought = paths === 1 ? inWords("Another path has brought {before}: they add up.", fields) : counted("{n} other path has brought {before}: they add up.", "{n} other paths have brought {before}: they add up.", paths, fields);
  const sum = !second ? "" : lost ? `${BETWEEN}${inWords("It overwrites the {before} that was there.", fields)}` : `${BETWEEN}${brought}`;
  const equals = S.overwrite ? "=" : "+=";
  const incoming = linked(`g${from}`, bracketed(step.in), "of-grad"), sent = linked(`g${to}`, numberMath(step.s), "of-grad");
  const old = second && !lost ? row(numberMath(step.b), op("+")) : "";
  const product = [old, incoming, op("⋅"), localMath(step.e, e.nf)];
  return {
    ...backwardPhase(),
    sentence: `${moved}${ties}${sum}`,
    badge: !second ? "" : lost ? inWords("overwritten: {before} is lost", fields) : S.forward ? inWords("{nth} path: tangents add", fields) : inWords("{nth} path: gradients add", fields),
    lost,
    lines: [
      row(lowMath(to), op(equals), lowMath(from), op("⋅"), localMath(step.e, e.ff)),
      row(op("="), ...product),
      old ? row(op("="), numberMath(step.b), op("+"), bracketed(step.z), op("="), sent) : row(op("="), sent),
    ],
    line: row(lowMath(to), op(old ? "=" : equals), ...product, op("="), sent),
    asked: !second ? lowText(to) : step.path === 2 ? inWords("{name}, both paths together", { name: lowText(to) }) : inWords("{name}, all {n} paths together", { name: lowText(to), n: step.path }),
    answer: step.s, low: to, edge: step.e, slope, result: `${lowText(to)} = ${short(step.s)}`,
  };
}

// The numbers that the formulas of an update leave out.
const updateNumbers = ({ g, z }) => ({ g, ...Object.fromEntries(z.map((x, k) => [`t${k}`, x])) });

// The optimizer's rule for one weight: its running means, then the new weight.
function toldUpdate(step) {
  const { i, w, g, z } = step, name = nodes[i].t, terms = D.updates[step.u].terms, after = z?.at(-1);
  const phase = { phase: inWords("Update"), kind: "update" };
  if (!z) return { ...phase, sentence: inWords("The optimizer's rule for {name} compares numbers: at other inputs, run it again in Python.", { name }), lines: [], line: "" };
  const values = updateNumbers(step);
  const lines = terms.map(({ t, f }, k) => {
    const left = t ? row(`<mtext>${escaped(inWords("{mean} of", { mean: t.replace(/[^a-z_ ]/gi, "") }))}&#xa0;</mtext>`, named(i)) : named(i);
    const right = k === z.length - 1 ? linked(`n${i}`, numberMath(z[k]), "of-value") : numberMath(z[k]);
    return row(left, op("←"), inserted(f, values), op("="), right);
  });
  const kept = terms.slice(0, -1).map(({ t }) => t).join(` ${inWords("and")} `);
  const fields = { optimizer: D.optimizer, name, before: short(w), after: short(after), gradient: short(g), kept };
  return {
    ...phase,
    sentence: kept ? inWords("{optimizer} moves {name} from {before} to {after}: its gradient is {gradient}, and it keeps {kept} for the next step.", fields) : inWords("{optimizer} moves {name} from {before} to {after}: its gradient is {gradient}.", fields),
    lines, line: lines.at(-1), asked: inWords("the new {name}", { name }), answer: after, value: i, result: `${name} = ${short(after)}`,
  };
}

// Everything that a node sends or collects: one line per contribution.
function toldTogether(steps) {
  const last = steps.at(-1), stories = steps.map(toldAddition);
  const collects = S.mode === "pull" || S.forward, one = collects ? ends(last).to : ends(last).from;
  const others = [...new Set(steps.map((step) => nodes[collects ? ends(step).from : ends(step).to].t))];
  const all = others.length > 6 ? counted("{n} node", "{n} nodes", others.length) : [others.slice(0, -1).join(", "), others.at(-1)].filter(Boolean).join(` ${inWords("and")} `);
  const fields = { name: nodes[one].t, others: all, number: short(last.in) };
  return {
    ...stories.at(-1), badge: "",
    sentence: collects ? inWords("{name} collects from {others}.", fields) : inWords("{name} sends its gradient {number} on to {others}.", fields),
    lines: stories.map((story) => story.line), result: stories.map((story) => story.result).join("; "),
  };
}

// The local derivative in words. If a node is an argument twice, each position has its own derivative.
function slopeText(k, slope) {
  const e = form(k), argument = argumentOf(k), value = e.tf === short(slope) ? "" : ` = ${short(slope)}`;
  if (!argument) return inWords("times the local derivative {derivative}", { derivative: `∂${nodes[e.c].t}/∂${nodes[e.p].t} = ${e.tf}${value}` });
  const rule = e.rule?.length ? `∂(${e.rule[3]})/∂${e.rule[2]} = ${e.rule[4]}` : e.tf;
  const fields = { nth: nth(argument), rule, form: `${e.tf}${value}` };
  return e.rule?.length && e.rule[4] !== e.tf
    ? inWords("times the local derivative by its {nth} argument: {rule}, here {form}", fields)
    : inWords("times the local derivative by its {nth} argument: {rule}", { ...fields, rule: `${rule}${value}` });
}
