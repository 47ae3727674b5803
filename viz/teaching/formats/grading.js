"use strict";
// Marks answers in the browser. The page holds digests of the answers, which conceals them from a glance at its source
// and no more.

const data = JSON.parse(document.getElementById("data").textContent);
const say = data.say;

// The digest of a text; the same as `digest` in quiz_page.py.
function digest(text) {
  let a = 0x811c9dc5, b = 0x9dc5811c;
  for (const byte of new TextEncoder().encode(text)) {
    a = Math.imul(a ^ byte, 0x01000193);
    b = Math.imul(b ^ byte, 0x01000197);
    b ^= b >>> 13;
  }
  return [a, b].map((x) => (x >>> 0).toString(16).padStart(8, "0")).join("");
}

// A typed number or fraction; NaN for anything else.
function typed(text) {
  const plain = text.trim().replace(/[−–]/g, "-").replace(",", ".");
  const parts = /^([-+]?\d*\.?\d+(?:e[-+]?\d+)?)(?:\s*\/\s*([-+]?\d*\.?\d+))?$/i.exec(plain) || /^([-+]?\d+)\.$/.exec(plain);
  return parts ? Number(parts[1]) / (parts[2] === undefined ? 1 : Number(parts[2])) : NaN;
}

// Which entry of a question's table has the digest of this answer.
function found(question, table, value) {
  const places = question.grid ? [-1, 0, 1].map((d) => Math.floor(value / question.grid + 0.5) + d) : [value];
  return table.find((entry) => places.some((place) => digest(`${question.salt}/${place}`) === entry[0]));
}

const tries = new Map();
const unanswered = (id) => ({ asked: data.questions[id].asked, isChoice: !data.questions[id].grid, given: [], right: false });

function mark(id, field) {
  const question = data.questions[id];
  const value = question.grid ? typed(field.value) : field.querySelector("input:checked")?.value;
  const verdict = document.querySelector(`[data-verdict="${id}"]`);
  if (value === undefined || Number.isNaN(value)) {
    verdict.textContent = field.value ? say.number : "";
    return;
  }
  const right = Boolean(found(question, [question.right], value));
  const known = right ? undefined : found(question, question.wrong, value);
  const shown = question.grid ? field.value.trim() : value;
  const entry = tries.get(id) ?? unanswered(id);
  if (entry.given.at(-1) !== shown) entry.given.push(shown);
  entry.right = right;
  tries.set(id, entry);
  verdict.textContent = right ? say.right : known ? `${say.wrong} ${known[1]}` : say.wrong;
  verdict.className = right ? "right" : "wrong";
  tell();
}

function here() {
  const section = [...document.querySelectorAll("section[data-variant]")].find((each) => !each.hidden);
  return [...section.querySelectorAll("[data-question]")].map((field) => field.dataset.question);
}

function score() {
  const ids = here();
  const right = ids.filter((id) => tries.get(id)?.right).length;
  const first = ids.filter((id) => tries.get(id)?.right && tries.get(id).given.length === 1).length;
  return { right, first, total: ids.length };
}

function tell() {
  const { right, first, total } = score();
  document.getElementById("score").textContent = say.score.replace("{right}", right).replace("{total}", total).replace("{first}", first);
  document.dispatchEvent(new CustomEvent("results", { detail: results() }));
}

function show(name) {
  for (const section of document.querySelectorAll("section[data-variant]")) section.hidden = section.dataset.variant !== name;
  tell();
}

function results() {
  const variant = document.querySelector("section[data-variant]:not([hidden])").dataset.variant;
  const questions = here().map((id) => ({ id, ...(tries.get(id) ?? unanswered(id)) }));
  return { name: document.getElementById("name").value, variant, ...score(), questions };
}

// An option is given by its letter.
function asText() {
  const { name, variant, questions } = results();
  const shown = (q) => q.given.map((text) => (q.isChoice ? String.fromCharCode(97 + Number(text)) : text)).join("; ");
  const lines = questions.map((q) => `${q.right ? "✓" : q.given.length ? "✗" : "·"} ${q.id.replace(/-(\d+)$/, (_, k) => String.fromCharCode(97 + Number(k)))} ${q.asked}: ${shown(q)}`);
  const text = document.getElementById("text");
  text.textContent = [`${name} ${variant}`.trim(), document.getElementById("score").textContent, ...lines].join("\n");
  text.hidden = false;
  text.focus();
}

// Puts answers back that were given before.
function restore({ variant, given }) {
  if (names.includes(variant)) choose(variant);
  for (const [id, texts] of Object.entries(given)) {
    const field = document.querySelector(`[data-question="${CSS.escape(id)}"]`);
    if (!field) continue;
    const option = field.querySelector(`input[value="${CSS.escape(texts.at(-1))}"]`);
    if (option) option.checked = true;
    else field.value = texts.at(-1);
    tries.set(id, { ...unanswered(id), given: texts });
    mark(id, field);
  }
}

function save() {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([JSON.stringify(results(), null, 2)], { type: "application/json" }));
  link.download = "results.json";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

for (const field of document.querySelectorAll("[data-question]")) field.addEventListener("change", () => mark(field.dataset.question, field));
document.getElementById("variant")?.addEventListener("change", (event) => show(event.target.value));
document.getElementById("save").addEventListener("click", save);
document.getElementById("as-text").addEventListener("click", asText);
const names = [...document.querySelectorAll("section[data-variant]")].map((section) => section.dataset.variant);
const asked = location.hash.slice(1);
const start = names.includes(asked) ? asked : names[0];
function choose(name) {
  if (document.getElementById("variant")) document.getElementById("variant").value = name;
  show(name);
}
choose(start);
