// Code: the editor, a run and its output. A run can be ended at any time, with the worker it runs in.

import { closeBrackets } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { python as language } from "@codemirror/lang-python";
import { bracketMatching, HighlightStyle, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { EditorState, StateEffect, StateField } from "@codemirror/state";
import { Decoration, drawSelection, EditorView, highlightActiveLine, highlightActiveLineGutter, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { $, changed, status, themed } from "./page.js";
import { ask, onTold, python, startPython } from "./python.js";
import { inWords } from "./words.js";

const runs = { on: false, timer: null, places: new Map() };
let view = null;

const COLORS = HighlightStyle.define([
  { tag: [tags.keyword, tags.operatorKeyword, tags.bool, tags.null], color: "var(--local)" },
  { tag: [tags.string, tags.special(tags.string)], color: "var(--value)" },
  { tag: tags.number, color: "var(--accent)" },
  { tag: tags.comment, color: "var(--soft)", fontStyle: "italic" },
  { tag: [tags.function(tags.definition(tags.variableName)), tags.definition(tags.className)], fontWeight: "600" },
]);
const LOOKS = EditorView.theme({
  "&": { height: "100%", fontSize: "15px", color: "var(--ink)", backgroundColor: "transparent" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.45" },
  ".cm-gutters": { backgroundColor: "transparent", color: "var(--soft)", border: "none" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "var(--accent-soft)" },
  ".cm-line.wrong": { backgroundColor: "var(--grad-soft)" },
  "&.cm-focused": { outline: "2px solid var(--accent)", outlineOffset: "-2px" },
  ".cm-cursor": { borderLeftColor: "var(--ink)" },
  ".cm-selectionBackground, &.cm-focused .cm-selectionBackground": { backgroundColor: "var(--badge-soft) !important" },
});

// The line at which a run failed.
const setWrong = StateEffect.define();
const wrong = StateField.define({
  create: () => Decoration.none,
  update(marks, change) {
    for (const effect of change.effects)
      if (effect.is(setWrong)) {
        const { lines } = change.state.doc, at = effect.value;
        return at >= 1 && at <= lines ? Decoration.set(Decoration.line({ class: "wrong" }).range(change.state.doc.line(at).from)) : Decoration.none;
      }
    return change.docChanged ? Decoration.none : marks.map(change.changes);
  },
  provide: (field) => EditorView.decorations.from(field),
});

// In a shadow root, the editor's style sheets are created by script, which the page's policy allows.
function created() {
  if (view) return view;
  const root = $("editor").attachShadow({ mode: "open" });
  const keys = [{ key: "Mod-Enter", run: () => (run(), true) }, indentWithTab, ...defaultKeymap, ...historyKeymap];
  view = new EditorView({
    root,
    parent: root,
    state: EditorState.create({
      doc: "",
      extensions: [
        lineNumbers(), highlightActiveLineGutter(), history(), drawSelection(), bracketMatching(), closeBrackets(), highlightActiveLine(),
        indentUnit.of("    "), language(), syntaxHighlighting(COLORS), LOOKS, wrong, keymap.of(keys),
        EditorView.contentAttributes.of({ "aria-label": inWords("Python code"), tabindex: "0" }),
        EditorView.updateListener.of((update) => update.docChanged && changed()),
      ],
    }),
  });
  return view;
}

export const code = () => created().state.doc.toString();
export const showEditor = () => created().requestMeasure();

export function setCode(text, foreign = false) {
  const { state } = created();
  view.dispatch({ changes: { from: 0, to: state.doc.length, insert: text } });
  $("foreign").hidden = !foreign;
  empty();
}

function empty() {
  runs.places.clear();
  $("output").replaceChildren();
}

function run() {
  if (runs.on) return;
  $("foreign").hidden = true;
  empty();
  view.dispatch({ effects: setWrong.of(0) });
  setRunning(true);
  ask({ ask: "run", code: code(), number: 1 });
}

function setRunning(on) {
  runs.on = on;
  $("run").disabled = on;
  $("stop").disabled = !on;
  if (python.ready) status(on ? inWords("Running…") : inWords("Ready"));
}

function stop() {
  setRunning(false);
  startPython();
  add("pre", "warning").textContent = inWords("Stopped.");
}

function told(message) {
  if (message.kind === "broken" && runs.on) add("pre", "error").textContent = inWords("Python had to stop and is restarting: {reason}", { reason: message.text.slice(0, 300) });
  if (message.kind === "done" || message.kind === "broken") {
    setRunning(false);
    if (!$("output").childElementCount) add("p", "empty").textContent = inWords("The code ran but printed and showed nothing.");
  }
  if (message.kind === "ready" && runs.on) status(inWords("Running…"));
  if (message.kind === "told" && runs.on) show(message.told);
}

function show(told) {
  const atEnd = $("output").scrollHeight - $("output").scrollTop - $("output").clientHeight < 60;
  if (told.kind === "text" || told.kind === "warning") print(told);
  else if (told.kind === "error") tellError(told);
  else display(told);
  if (atEnd) $("output").scrollTop = $("output").scrollHeight;
}

function print({ kind, text }) {
  const last = $("output").lastElementChild;
  const block = last?.tagName === "PRE" && last.className === kind ? last : add("pre", kind);
  // A carriage return restarts the line, as for a progress bar.
  block.textContent = (block.textContent + text).replace(/[^\n]*\r(?!\n)/g, "");
}

function tellError({ text, line, missing }) {
  const shown = missing ? `${text}\n\n${inWords("This page has no NumPy: no registry has a wheel of it for the browser. Installed, the same code runs.")}` : text;
  add("pre", "error").textContent = shown;
  if (line) view.dispatch({ effects: setWrong.of(line) });
}

function display(told) {
  const { place } = told;
  const old = place === undefined ? null : runs.places.get(place);
  const made = element(told);
  if (old && old.tagName === "IMG" && made.tagName === "IMG") return void Object.assign(old, { src: made.src, alt: made.alt });
  $("output").append(made);
  if (place !== undefined) runs.places.set(place, made);
}

function element({ svg, html, page, text }) {
  if (svg !== undefined) return Object.assign(document.createElement("img"), { src: `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`, alt: text || inWords("Picture") });
  if (html !== undefined || page !== undefined) return framed(page ?? dressed(html), page !== undefined);
  return Object.assign(document.createElement("pre"), { textContent: text });
}

// HTML in the colors of the surrounding output; it reports its height.
const TELLS_HEIGHT = `<script>new ResizeObserver(() => parent.postMessage({ stepperHeight: document.documentElement.offsetHeight }, "*")).observe(document.documentElement)</script>`;

function dressed(html) {
  const { color, backgroundColor, colorScheme } = getComputedStyle($("output"));
  const style = `:root{color-scheme:${colorScheme};background:${backgroundColor};color:${color}}body{font:15px/1.45 system-ui,sans-serif;margin:0;padding:8px}table{border-collapse:collapse}td,th{padding:2px 10px;text-align:left}`;
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Result</title><style>${style}</style><main>${html}</main>${TELLS_HEIGHT}`;
}

function framed(page, isStepper) {
  const frame = Object.assign(document.createElement("iframe"), { src: "frame.html", title: isStepper ? inWords("Stepper") : inWords("Result"), className: isStepper ? "stepper" : "" });
  const hear = ({ source, data, origin }) => {
    if (!frame.isConnected) return removeEventListener("message", hear);
    if (source !== frame.contentWindow || origin !== location.origin) return;
    if (data.ready) frame.contentWindow.postMessage({ page, title: frame.title, state: isStepper ? `theme=${themed()}` : undefined }, location.origin);
    if (!isStepper && data.stepperHeight > 0) frame.style.height = `${Math.min(600, Math.ceil(data.stepperHeight) + 2)}px`;
  };
  addEventListener("message", hear);
  return frame;
}

function add(tag, kind) {
  const block = Object.assign(document.createElement(tag), { className: kind });
  $("output").append(block);
  return block;
}

$("run").addEventListener("click", run);
$("stop").addEventListener("click", stop);
onTold(told);
