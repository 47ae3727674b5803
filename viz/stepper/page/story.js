// Each step told: a sentence, then symbols, numbers put in, result.

const gradOf = (i) => partial(nodes[D.output].m, nodes[i].m);
const gradText = (i) => `∂${nodes[D.output].t}/∂${nodes[i].t}`;
// In forward mode the lower number is a tangent, the derivative by the one input that moves.
const moving = () => nodes[Number(S.mode.slice(8))];
const lowText = (i) => (S.forward ? `∂${nodes[i].t}/∂${moving().t}` : gradText(i));
const lowMath = (i) => (S.forward ? partial(nodes[i].m, moving().m) : gradOf(i));

// Where a contribution comes from and goes to.
function ends(step) {
  const { p, c } = edges[step.e];
  return S.forward ? { from: p, to: c } : { from: c, to: p };
}

function told(step) {
  if (!step) return start();
  return { value: toldValue, seed: toldSeed, add: toldAddition }[step.k](step);
}

function start() {
  const inputs = D.inputs.slice(0, 6).map((i) => `${nodes[i].t} = ${short(S.now.values[i])}`).join(", ");
  return {
    phase: "Start",
    sentence: `${nodes[D.output].t} = ${D.text}${inputs ? `, at ${inputs}` : ""}. Step forward to compute it.`,
    lines: [],
    short: "",
  };
}

function toldValue({ i }) {
  const node = nodes[i], x = short(S.now.values[i]);
  if (node.op === undefined) {
    const kind = node.g ? "an input" : "a constant, and needs no gradient";
    return { phase: "Forward", sentence: `${node.t} is ${kind}: ${x}.`, lines: [row(node.m, op("="), numberMath(S.now.values[i]))], answer: null };
  }
  const given = [...new Set(node.a)].filter((j) => nodes[j].name !== undefined).slice(0, 6);
  const known = given.map((j) => `${nodes[j].t} = ${short(S.now.values[j])}`).join(", ");
  return {
    phase: "Forward",
    sentence: `Compute ${node.t} = ${node.tf}${known && `, with ${known}`}.`,
    lines: [row(node.m, op("="), node.f), row(op("="), node.n), row(op("="), numberMath(S.now.values[i]))],
    asked: node.t, answer: S.now.values[i], value: i,
  };
}

function toldSeed({ i, z }) {
  const name = nodes[i].t;
  const sentence = S.forward
    ? `Move ${name} at speed 1: its tangent is 1, that of every other input 0.`
    : `The backward pass starts at ${name}: it changes one for one with itself.`;
  return {
    phase: S.forward ? "Tangents" : "Backward", sentence,
    lines: [row(lowMath(i), op("="), numberMath(z))], asked: lowText(i), answer: z, low: i,
  };
}

function toldAddition(step) {
  const { from, to } = ends(step), e = form(step.e), shared = tie(step.e);
  const slope = S.now.partials[step.e], second = step.path > 1;
  const verb = S.forward ? "passes its tangent" : S.mode === "pull" ? "is asked for its gradient" : "sends its gradient";
  const what = `${nodes[from].t} ${verb} ${short(step.in)} to ${nodes[to].t}, ${slopeText(e, slope)}`;
  const ties = shared ? ` A tie: ${shared} arguments share the slope.` : "";
  const sum = second ? ` Another path has brought ${short(step.b)}: they add up.` : "";
  const old = second ? row(numberMath(step.b), op("+")) : "";
  const times = bracketed(step.in) + op("⋅");
  return {
    phase: S.forward ? "Tangents" : "Backward",
    sentence: `${S.mode === "pull" && !S.forward ? `${nodes[to].t} collects from ${nodes[from].t}: ${short(step.in)}, ${slopeText(e, slope)}` : what}.${ties}${sum}`,
    badge: second ? `${ordinal(step.path)} path: ${S.forward ? "tangents" : "gradients"} add` : "",
    lines: [
      row(lowMath(to), op("+="), lowMath(from), op("⋅"), e.ff),
      row(op("="), old, times, e.nf),
      second ? row(op("="), numberMath(step.b), op("+"), bracketed(step.z), op("="), numberMath(step.s)) : row(op("="), numberMath(step.s)),
    ],
    asked: second ? `${lowText(to)}, both paths together` : lowText(to), answer: step.s, low: to, edge: step.e, slope,
  };
}

const slopeText = (e, slope) => `times the local derivative ∂${nodes[e.c].t}/∂${nodes[e.p].t} = ${e.tf}${e.tf === short(slope) ? "" : ` = ${short(slope)}`}`;

const ordinal = (n) => `${n}${["th", "st", "nd", "rd"][n % 100 > 10 && n % 100 < 14 ? 0 : n % 10] ?? "th"}`;
