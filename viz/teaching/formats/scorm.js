"use strict";
// Reports results to a learning platform, by the run-time environment of SCORM 1.2. Without one it does nothing.

// The platform's API is in a frame around this page, or around the one that opened it.
function apiAround(start) {
  try {
    for (let at = start, n = 0; at && n < 500; at = at.parent, n += 1) {
      if (at.API) return at.API;
      if (at.parent === at) return null;
    }
  } catch {
    return null; // A frame of another origin.
  }
  return null;
}

const api = apiAround(window) ?? apiAround(window.opener) ?? apiAround(window.top.opener);
const quizFrame = document.querySelector("iframe");
const begun = Date.now();
const reported = new Map();
let before = 0, isOpen = false;

const set = (name, value) => api.LMSSetValue(`cmi.${name}`, String(value));

function clock(seconds) {
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return parts.map((x) => String(Math.floor(x)).padStart(2, "0")).join(":");
}

// An answer as the platform reads it, with its type: a decimal number, the letter of an option, or a text.
function response(question, given) {
  if (question.isChoice) return ["choice", String.fromCharCode(97 + Number(given))];
  const plain = given.trim().replace(/[−–]/g, "-").replace(",", ".");
  return /^-?\d+(\.\d+)?$/.test(plain) ? ["numeric", plain] : ["fill-in", given.slice(0, 255)];
}

function tellAnswer(question, given, isRight) {
  const at = `interactions.${Number(api.LMSGetValue("cmi.interactions._count")) || 0}`;
  const [type, text] = response(question, given);
  const now = new Date();
  set(`${at}.id`, question.id);
  set(`${at}.type`, type);
  set(`${at}.time`, clock(now.getHours() * 3600 + now.getMinutes() * 60 + now.getSeconds()));
  if (isRight) set(`${at}.correct_responses.0.pattern`, text);
  set(`${at}.student_response`, text);
  set(`${at}.result`, isRight ? "correct" : "wrong");
}

function kept(results) {
  const answered = results.questions.filter((question) => question.given.length);
  const state = (given) => JSON.stringify({ variant: results.variant, given: Object.fromEntries(answered.map((q) => [q.id, given(q)])) });
  return [state((q) => q.given), state((q) => q.given.slice(-1))].find((text) => text.length <= 4096);
}

function report(results) {
  if (!isOpen) return;
  for (const question of results.questions) {
    const given = question.given.slice(reported.get(question.id) ?? 0);
    given.forEach((text, i) => tellAnswer(question, text, question.right && i === given.length - 1));
    reported.set(question.id, question.given.length);
  }
  const score = Math.round((10000 * results.right) / results.total) / 100;
  // The quiz of the stepper begins anew each time, so that the best score counts.
  set("core.score.raw", quizFrame ? Math.max(before, score) : score);
  set("core.score.min", 0);
  set("core.score.max", 100);
  const isDone = results.questions.filter((q) => q.given.length || q.closed).length >= results.total;
  if (isDone || api.LMSGetValue("cmi.core.lesson_status") !== "completed") set("core.lesson_status", isDone ? "completed" : "incomplete");
  const state = quizFrame ? undefined : kept(results);
  if (state !== undefined) set("suspend_data", state);
  api.LMSCommit("");
}

function begin() {
  if (!api || String(api.LMSInitialize("")) !== "true") return;
  before = Number(api.LMSGetValue("cmi.core.score.raw")) || 0;
  if (["", "not attempted"].includes(api.LMSGetValue("cmi.core.lesson_status"))) set("core.lesson_status", "incomplete");
  const text = quizFrame ? "" : api.LMSGetValue("cmi.suspend_data");
  if (text) {
    const state = JSON.parse(text);
    for (const [id, given] of Object.entries(state.given)) reported.set(id, given.length);
    restore(state);
  }
  isOpen = true;
}

function end() {
  if (!isOpen) return;
  isOpen = false;
  set("core.session_time", clock((Date.now() - begun) / 1000));
  set("core.exit", "suspend");
  api.LMSCommit("");
  api.LMSFinish("");
}

begin();
document.addEventListener("results", (event) => report(event.detail));
addEventListener("message", ({ source, data }) => {
  if (quizFrame && source === quizFrame.contentWindow && data?.stepperResults) {
    const questions = data.stepperResults.questions.map((q) => ({ ...q, id: `${q.method.replace(/\W/g, "-")}-${q.step}` }));
    report({ ...data.stepperResults, questions });
  }
});
addEventListener("pagehide", end);
