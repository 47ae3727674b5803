// The page: its tabs, its theme, Python's status, and the address, which contains the whole state.

import { example, examples } from "./examples.js";
import { expression, setExpression, showPrepared, showTheme } from "./expression.js";
import { startPython } from "./python.js";
import { decoded, encoded } from "./share.js";
import { $, notice, theme } from "./page.js";
import { inWords } from "./words.js";

const FIRST = { tab: "expression", text: "cos(sin(x**2) + 3*x**2)", inputs: [["x", "2"]], stepper: "" };
const TABS = ["expression", "code"];
const now = { tab: "expression", writing: null, number: 0 };

// The editor is loaded on demand.
const editor = () => import("./code.js");

async function choose(tab, focus = false) {
  now.tab = tab;
  if (tab === "code") await editor();
  if (now.tab !== tab) return;
  for (const name of TABS) {
    const chosen = name === tab;
    $(`tab-${name}`).setAttribute("aria-selected", String(chosen));
    $(`tab-${name}`).tabIndex = chosen ? 0 : -1;
    $(name).hidden = !chosen;
  }
  if (tab === "code") (await editor()).showEditor();
  if (focus) $(`tab-${tab}`).focus();
  remember();
}

for (const name of TABS) $(`tab-${name}`).addEventListener("click", () => choose(name));
document.querySelector(".tabs").addEventListener("keydown", (event) => {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (step) choose(TABS[(TABS.indexOf(now.tab) + step + TABS.length) % TABS.length], true);
});

const state = async () => (now.tab === "code" ? { tab: "code", code: (await editor()).code() } : { tab: "expression", ...expression() });

// The address follows the state, after a pause.
function remember() {
  clearTimeout(now.writing);
  const writing = (now.writing = setTimeout(async () => {
    const address = await link();
    if (now.writing === writing) history.replaceState(null, "", address);
  }, 400));
}
addEventListener("changed", remember);

const link = async () => `${location.href.split("#")[0]}#${await encoded(await state())}`;

async function load(wanted, foreign = false) {
  if (wanted.tab === "code") (await editor()).setCode(wanted.code, foreign);
  else setExpression(wanted);
  await choose(wanted.tab);
}

async function recall(address) {
  const fragment = new URL(address).hash.slice(1);
  clearTimeout(now.writing);
  now.writing = null;
  if (!fragment) {
    load(FIRST);
    return showPrepared();
  }
  try {
    await load(await decoded(fragment), true);
    notice("");
  } catch (fault) {
    load(FIRST);
    notice(inWords("The address was not understood ({reason}), so the page starts with its first example.", { reason: fault.message }));
  }
}

async function copy(text) {
  $("copied").value = text;
  $("copied").select();
  try {
    await navigator.clipboard.writeText(text);
    $("copied-told").textContent = inWords("Copied.");
  } catch {
    $("copied-told").textContent = inWords("Press Ctrl+C to copy it.");
  }
}

$("share-open").addEventListener("click", async () => {
  $("copied").value = await link();
  $("copied-told").textContent = "";
  $("share").showModal();
});
$("copy-link").addEventListener("click", async () => copy(await link()));
$("copy-embed").addEventListener("click", async () =>
  copy(`<iframe src="${await link()}" title="autograd-core playground" style="width:100%;height:820px;border:0"></iframe>`));

let heading = "";
for (const each of examples) {
  if (each.group !== heading) {
    heading = each.group;
    $("example-list").append(Object.assign(document.createElement("h3"), { textContent: heading }));
  }
  const button = document.createElement("button");
  button.type = "button";
  const [title, about] = [document.createElement("b"), document.createElement("small")];
  title.textContent = each.title;
  about.textContent = each.about;
  button.append(title, about);
  button.addEventListener("click", async () => {
    $("examples").close();
    notice("");
    load(await example(each));
  });
  $("example-list").append(button);
}
$("examples-open").addEventListener("click", () => $("examples").showModal());
$("theme").addEventListener("change", () => {
  theme($("theme").value);
  showTheme();
});

// The address may have been written over in the meantime.
addEventListener("hashchange", ({ newURL }) => recall(newURL));
startPython();
recall(location.href);
// After the first visit the page works without a network.
if ("serviceWorker" in navigator && window.isSecureContext) addEventListener("load", () => navigator.serviceWorker.register("sw.js").catch(() => {}));
