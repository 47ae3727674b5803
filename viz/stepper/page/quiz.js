// The quiz: predict, then see. A step's result and its rule are hidden until an answer is given or asked for.

const quiz = { on: false, results: new Map(), hinted: false };

const asks = (step) => Boolean(step) && (step.k === "update" ? Boolean(step.z) : step.k !== "value" || nodes[step.i].op !== undefined);
// Whether the step's result is still unanswered.
const isOpen = (n) => quiz.on && asks(S.steps[n]) && !quiz.results.get(`${S.mode}/${n + 1}`)?.closed;

// The furthest allowed step: the first open question.
function lastOpen() {
  if (!quiz.on) return S.steps.length;
  const n = S.steps.findIndex((_, at) => isOpen(at));
  return n < 0 ? S.steps.length : n + 1;
}

function result() {
  const key = `${S.mode}/${S.at}`;
  if (!quiz.results.has(key)) quiz.results.set(key, { step: S.at, method: S.mode, tries: 0, right: false, closed: false, given: [], asked: told(S.steps[S.at - 1]).asked });
  return quiz.results.get(key);
}

const CALLS = {
  sin: Math.sin, cos: Math.cos, tan: Math.tan, asin: Math.asin, acos: Math.acos, atan: Math.atan, sinh: Math.sinh, cosh: Math.cosh, tanh: Math.tanh,
  exp: Math.exp, log: Math.log, ln: Math.log, sqrt: Math.sqrt, abs: Math.abs, relu: (x) => Math.max(x, 0), sigmoid: (x) => 1 / (1 + Math.exp(-x)),
};

// A typed number or expression: + - * / ^ **, brackets, the functions above, pi, e and the inputs' numbers; NaN for anything else.
function understood(typed) {
  if (!HAS_COMMA && /(^|[^\d.])[1-9]\d{0,2},\d{3}(?!\d)/.test(typed)) return NaN;  // A thousand, or a decimal comma?
  const plain = typed.trim().replace(/[−–]/g, "-").replace(/[·×⋅]/g, "*").replace(/\*\*/g, "^").replace(/(\d),(\d)/g, "$1.$2").replace(/∞/g, "inf");
  const tokens = plain.match(/\d+\.?\d*(?:e[-+]?\d+)?|\.\d+(?:e[-+]?\d+)?|[a-z]+|[-+*/^()]|\S/gi) ?? [];
  let at = 0;
  const take = (token) => tokens[at] === token && ++at;
  function sum() {
    let x = product();
    for (;;) if (take("+")) x += product(); else if (take("-")) x -= product(); else return x;
  }
  function product() {
    let x = signed();
    for (;;) if (take("*")) x *= signed(); else if (take("/")) x /= signed(); else return x;
  }
  function signed() {
    if (take("-")) return -signed();
    if (take("+")) return signed();
    const x = atom();
    return take("^") ? x ** signed() : x;
  }
  function atom() {
    const token = tokens[at++] ?? "";
    if (token === "(") {
      const x = sum();
      return take(")") ? x : NaN;
    }
    if (/^[\d.]/.test(token)) return Number(token);
    const name = token.toLowerCase();
    if (Object.hasOwn(CALLS, name)) return take("(") ? CALLS[name]((at -= 1, atom())) : NaN;
    return Object.hasOwn(CONSTANTS, name) ? CONSTANTS[name] : NaN;
  }
  const x = tokens.length && tokens.length < 200 ? sum() : NaN;
  return at === tokens.length ? x : NaN;
}
const CONSTANTS = { pi: Math.PI, "π": Math.PI, e: Math.E, inf: Infinity };

// Half a percent off counts as right: people type three digits.
const agrees = (typed, answer) =>
  Object.is(typed, answer) || Math.abs(typed - answer) <= (answer === 0 ? 5e-5 : 0.005 * Math.abs(answer));

// Wrong answers with a known reason, and the message for each.
function reasons(step) {
  if (step.k === "value") {
    const node = nodes[step.i], x = S.now.values[step.i], given = node.a.map((j) => S.now.values[j]);
    const slopes = OPERATIONS[node.op] ? OPERATIONS[node.op].d(given, x) : [];
    return [[-x, inWords("The sign is wrong.")], ...slopes.map((d) => [d, inWords("That is the derivative; asked is the value.")])];
  }
  if (step.k === "seed") return [[S.now.values[step.i], inWords("That is the value; asked is how it changes with itself.")], [0, inWords("It changes one for one with itself.")]];
  if (step.k === "update") return [[2 * step.w - step.z.at(-1), inWords("That goes the wrong way: against the gradient, down the slope.")], [step.g, inWords("That is the gradient; asked is the weight after the step.")]];
  const d = S.now.partials[step.e], b = step.path > 1 && !S.overwrite ? step.b : 0, { c } = edges[step.e];
  return [
    [b - step.z, inWords("The sign of this contribution is wrong.")], [-step.s, inWords("The sign is wrong.")],
    ...(b ? [[step.z, inWords("That overwrites what another path has brought, {sum}: gradients add.", { sum: short(b) })]] : []),
    [step.in + b, inWords("That leaves out the factor: the local derivative.")],
    [d + b, inWords("That is the local derivative alone: it multiplies the gradient that arrives.")],
    [step.in * S.now.values[c] + b, inWords("That takes {name} itself for its derivative.", { name: nodes[c].t })],
  ];
}

function check(event) {
  event.preventDefault();
  if (!S.asking) return;
  const { answer } = told(S.steps[S.at - 1]), typed = understood($("typed").value);
  if (Number.isNaN(typed) && !Number.isNaN(answer)) return say(inWords("Please type a number, or an expression such as sin(4)."));
  const r = result();
  r.tries += 1;
  r.given.push($("typed").value);
  if (agrees(typed, answer)) {
    r.right = r.closed = true;
    refresh();
    say(r.tries === 1 ? inWords("Right!") : inWords("Right, at try {n}.", { n: r.tries }), "right");
    $("next").focus();
  } else {
    const known = reasons(S.steps[S.at - 1]).find(([x]) => agrees(typed, x) && !agrees(x, answer));
    say(`${inWords("Not yet.")} ${known ? known[1] : inWords("Try again, or take the hint.")}`, "wrong");
    $("typed").select();
  }
  tellScore();
}

function say(text, name = "") {
  $("verdict").textContent = text;
  $("verdict").className = name;
}

function reveal() {
  result().closed = true;
  refresh();
  say(inWords("Shown; no point for this one."));
  tellScore();
  $("next").focus();
}

function clearAnswer() {
  quiz.hinted = false;
  say("");
  $("typed").value = "";
}

function toggleQuiz(on = !quiz.on) {
  quiz.on = on;
  $("quiz-toggle").setAttribute("aria-pressed", String(quiz.on));
  $("quiz").hidden = !quiz.on;
  if (quiz.on) closeCard();
  clearAnswer();
  const to = Math.min(S.at, lastOpen());
  S.at = 0;
  buildTable();
  S.at = quiz.on && to === S.steps.length && quiz.results.size === 0 ? 0 : to;
  refresh();
  tellScore();
}

function score() {
  const all = [...quiz.results.values()];
  const right = all.filter((r) => r.right).length, first = all.filter((r) => r.right && r.tries === 1).length;
  return { right, first, total: S.steps.filter(asks).length };
}

function tellScore() {
  $("score").textContent = inWords("{right} of {total} right, {first} at the first try.", score());
  if (isFramed && quiz.on) parent.postMessage({ stepperResults: JSON.parse(results()) }, "*");
}

function resultsText() {
  const lines = [...quiz.results.values()].map((r) => `${r.step}. ${r.asked}: ${r.right ? inWords("right at try {n}", { n: r.tries }) : r.closed ? inWords("shown") : inWords("open")}${r.given.length ? ` (${r.given.join("; ")})` : ""}`);
  return [`${nodes[D.output].t} = ${D.text}: ${$("score").textContent}`, ...lines].join("\n");
}

// The questions and answers so far, without answers that were neither found nor shown.
function results() {
  const at = Object.fromEntries(D.inputs.map((i, j) => [nodes[i].name, S.inputs[j]]));
  return JSON.stringify({ function: `${nodes[D.output].name} = ${D.text}`, at, ...score(), questions: [...quiz.results.values()] }, null, 2);
}

function saveResults() {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([results()], { type: "application/json" }));
  link.download = "results.json";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}
