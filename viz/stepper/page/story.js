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
  const inputs = D.inputs.slice(0, 6).map((i) => `${nodes[i].t} = ${short(S.now.values[i])}`).join(", ");
  return {
    phase: "Start",
    sentence: `${nodes[D.output].t} = ${D.text}${inputs ? `, at ${inputs}` : ""}. Step forward to compute it.`,
    lines: [], line: "",
  };
}

function toldValue({ i }) {
  const node = nodes[i], x = S.now.values[i];
  if (node.op === undefined) {
    const kind = node.g ? "an input" : "a constant, and needs no gradient";
    const line = row(named(i), op("="), valueMath(i));
    return { phase: "Forward", sentence: `${node.t} is ${kind}: ${short(x)}.`, lines: [line], line, answer: null, result: short(x) };
  }
  const given = [...new Set(node.a)].filter((j) => nodes[j].name !== undefined).slice(0, 6);
  const known = given.map((j) => `${nodes[j].t} = ${short(S.now.values[j])}`).join(", ");
  return {
    phase: "Forward",
    sentence: `Compute ${node.t} = ${node.tf}${known && `, with ${known}`}.`,
    lines: [row(named(i), op("="), node.f), row(op("="), node.n), row(op("="), valueMath(i))],
    line: row(named(i), op("="), node.f, op("="), node.n, op("="), valueMath(i)),
    asked: node.t, answer: x, value: i, result: `${node.t} = ${short(x)}`,
  };
}

function toldSeed({ i, z }) {
  const name = nodes[i].t;
  const sentence = S.forward
    ? `Move ${name} at speed 1: its tangent is 1, that of every other input 0.`
    : `The backward pass starts at ${name}: it changes one for one with itself.`;
  const line = row(lowMath(i), op("="), numberMath(z));
  return {
    phase: S.forward ? "Tangents" : "Backward", sentence, lines: [line], line,
    asked: lowText(i), answer: z, low: i, result: `${lowText(i)} = ${short(z)}`,
  };
}

function toldAddition(step) {
  const { from, to } = ends(step), e = form(step.e), shared = tie(step.e), paths = step.path - 1;
  const slope = S.now.partials[step.e], second = step.path > 1, lost = second && S.overwrite;
  const carried = `${short(step.in)} to ${nodes[to].t}`;
  const verb = S.forward ? `${nodes[from].t} passes its tangent ${carried}` : S.mode === "pull" ? `${nodes[to].t} collects from ${nodes[from].t}: ${short(step.in)}` : `${nodes[from].t} sends its gradient ${carried}`;
  const ties = shared ? ` A tie: ${shared} arguments share the slope.` : "";
  const brought = paths === 1 ? "Another path has brought" : `${paths} other paths have brought`;
  const sum = !second ? "" : lost ? ` It overwrites the ${short(step.b)} that was there.` : ` ${brought} ${short(step.b)}: they add up.`;
  const equals = S.overwrite ? "=" : "+=";
  const incoming = linked(`g${from}`, bracketed(step.in), "of-grad"), sent = linked(`g${to}`, numberMath(step.s), "of-grad");
  const old = second && !lost ? row(numberMath(step.b), op("+")) : "";
  const product = [old, incoming, op("⋅"), localMath(step.e, e.nf)];
  return {
    phase: S.forward ? "Tangents" : "Backward",
    sentence: `${verb}, ${slopeText(step.e, slope)}.${ties}${sum}`,
    badge: !second ? "" : lost ? `overwritten: ${short(step.b)} is lost` : `${ordinal(step.path)} path: ${S.forward ? "tangents" : "gradients"} add`,
    lost,
    lines: [
      row(lowMath(to), op(equals), lowMath(from), op("⋅"), localMath(step.e, e.ff)),
      row(op("="), ...product),
      old ? row(op("="), numberMath(step.b), op("+"), bracketed(step.z), op("="), sent) : row(op("="), sent),
    ],
    line: row(lowMath(to), op(old ? "=" : equals), ...product, op("="), sent),
    asked: second ? inWords(step.path === 2 ? "{name}, both paths together" : "{name}, all {n} paths together", { name: lowText(to), n: step.path }) : lowText(to),
    answer: step.s, low: to, edge: step.e, slope, result: `${lowText(to)} = ${short(step.s)}`,
  };
}

// The numbers that the formulas of an update leave out.
const updateNumbers = ({ g, z }) => ({ g, ...Object.fromEntries(z.map((x, k) => [`t${k}`, x])) });

// The optimizer's rule for one weight: its running means, then the new weight.
function toldUpdate(step) {
  const { i, w, g, z } = step, name = nodes[i].t, terms = D.updates[step.u].terms, after = z?.at(-1);
  if (!z) return { phase: "Update", sentence: `The optimizer's rule for ${name} compares numbers: at other inputs, run it again in Python.`, lines: [], line: "" };
  const values = updateNumbers(step);
  const lines = terms.map(({ t, f }, k) => {
    const left = t ? row(`<mtext>${t.replace(/[^a-z_ ]/gi, "")} of&#xa0;</mtext>`, named(i)) : named(i);
    const right = k === z.length - 1 ? linked(`n${i}`, numberMath(z[k]), "of-value") : numberMath(z[k]);
    return row(left, op("←"), inserted(f, values), op("="), right);
  });
  const kept = terms.slice(0, -1).map(({ t }) => t).join(" and ");
  return {
    phase: "Update",
    sentence: `${D.optimizer} moves ${name} from ${short(w)} to ${short(after)}: its gradient is ${short(g)}${kept && `, and it keeps ${kept} for the next step`}.`,
    lines, line: lines.at(-1), asked: inWords("the new {name}", { name }), answer: after, value: i, result: `${name} = ${short(after)}`,
  };
}

// Everything that a node sends or collects: one line per contribution.
function toldTogether(steps) {
  const last = steps.at(-1), stories = steps.map(toldAddition);
  const collects = S.mode === "pull" || S.forward, one = collects ? ends(last).to : ends(last).from;
  const others = [...new Set(steps.map((step) => nodes[collects ? ends(step).from : ends(step).to].t))];
  const listed = others.length > 6 ? `${others.length} nodes` : others.join(", ").replace(/, ([^,]*)$/, " and $1");
  return {
    ...stories.at(-1), badge: "",
    sentence: collects ? `${nodes[one].t} collects from ${listed}.` : `${nodes[one].t} sends its gradient ${short(last.in)} on to ${listed}.`,
    lines: stories.map((story) => story.line), result: stories.map((story) => story.result).join("; "),
  };
}

// The local derivative in words. If a node is an argument twice, each position has its own derivative.
function slopeText(k, slope) {
  const e = form(k), nth = argumentOf(k), value = e.tf === short(slope) ? "" : ` = ${short(slope)}`;
  if (!nth) return `times the local derivative ∂${nodes[e.c].t}/∂${nodes[e.p].t} = ${e.tf}${value}`;
  const rule = e.rule?.length ? `∂(${e.rule[3]})/∂${e.rule[2]} = ${e.rule[4]}${e.rule[4] === e.tf ? "" : `, here ${e.tf}`}` : e.tf;
  return `times the local derivative by its ${ORDINALS[nth] ?? ordinal(nth)} argument: ${rule}${value}`;
}

const ORDINALS = ["", "first", "second", "third"];
const ordinal = (n) => `${n}${["th", "st", "nd", "rd"][n % 100 > 10 && n % 100 < 14 ? 0 : n % 10] ?? "th"}`;
