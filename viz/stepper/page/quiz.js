// The quiz: a step's result is hidden until the typed number is right; the rule is the hint.

const quiz = { on: false, results: new Map(), hinted: false };

const question = () => (quiz.on && S.at > 0 && !quiz.results.get(`${S.mode}/${S.at}`)?.closed ? told(S.steps[S.at - 1]) : null);
const asks = (story) => story && story.answer !== null && story.answer !== undefined;

function result() {
  const key = `${S.mode}/${S.at}`;
  if (!quiz.results.has(key)) quiz.results.set(key, { tries: 0, right: false, closed: false });
  return quiz.results.get(key);
}

function understood(text) {
  const plain = text.trim().replace(/−/g, "-").replace(",", ".");
  const fraction = /^([-+]?[\d.]+)\s*\/\s*([-+]?[\d.]+)$/.exec(plain);
  if (fraction) return Number(fraction[1]) / Number(fraction[2]);
  return plain === "" ? NaN : Number(plain);
}

// Half a percent off is right: people type three digits.
const agrees = (typed, answer) =>
  Object.is(typed, answer) || Math.abs(typed - answer) <= (answer === 0 ? 5e-5 : 0.005 * Math.abs(answer));

function check(event) {
  event.preventDefault();
  const story = question();
  if (!asks(story)) return;
  const typed = understood($("typed").value);
  if (Number.isNaN(typed) && !Number.isNaN(story.answer)) return say("Please type a number.");
  const r = result();
  r.tries += 1;
  if (agrees(typed, story.answer)) {
    r.right = r.closed = true;
    refresh();
    say(r.tries === 1 ? "Right!" : `Right, at try ${r.tries}.`, "right");
    $("next").focus();
  } else say("Not yet. Try again, or take the hint.", "wrong");
  tellScore();
}

function say(text, name = "") {
  $("verdict").textContent = text;
  $("verdict").className = name;
}

function reveal() {
  result().closed = true;
  refresh();
  say("Shown; no point for this one.");
  tellScore();
}

// Going on without an answer shows it.
function leaveQuestion() {
  if (asks(question())) result().closed = true;
  quiz.hinted = false;
  say("");
  $("typed").value = "";
}

function toggleQuiz() {
  quiz.on = !quiz.on;
  $("quiz-toggle").setAttribute("aria-pressed", String(quiz.on));
  $("quiz").hidden = !quiz.on;
  if (quiz.on && S.at === S.steps.length) seek(0);
  refresh();
  tellScore();
}

function tellScore() {
  const all = [...quiz.results.values()];
  const right = all.filter((r) => r.right).length, first = all.filter((r) => r.right && r.tries === 1).length;
  const total = S.steps.filter((step) => asks(told(step))).length;
  $("score").textContent = `${right} of ${total} right, ${first} at the first try.`;
}

function answerKey() {
  const at = Object.fromEntries(D.inputs.map((i, j) => [nodes[i].name, S.inputs[j]]));
  const questions = S.steps.map((step, n) => [told(step), n]).filter(([story]) => asks(story));
  const plain = (x) => (Number.isFinite(x) ? x : Number.isNaN(x) ? "nan" : x > 0 ? "inf" : "-inf");
  return JSON.stringify({
    function: `${nodes[D.output].name} = ${D.text}`, at, method: S.forward ? "forward" : S.mode,
    questions: questions.map(([story, n]) => ({ step: n + 1, asked: story.asked, answer: plain(story.answer) })),
  }, null, 2);
}

function saveKey() {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([answerKey()], { type: "application/json" }));
  link.download = "answers.json";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}
