// What the page says, in the browser's language. The build writes the translations of each language to a file.

const LANGUAGES = ["en", "de", "fr", "es", "pt", "zh", "ja"];
const language = navigator.languages.map((code) => code.slice(0, 2).toLowerCase()).find((code) => LANGUAGES.includes(code)) ?? "en";
const said = new Map(language === "en" ? [] : await translations().catch(() => []));

async function translations() {
  const address = new URL(`words/${language}.json`, location.href.split("#")[0]);
  return Object.entries(await (await fetch(address)).json());
}

// A text in that language, with fields such as {n} filled in. Scripts write the English one between double quotes.
export const inWords = (text, fields = {}) => (said.get(text) ?? text).replace(/\{(\w+)\}/g, (whole, name) => fields[name] ?? whole);

const ATTRIBUTES = ["aria-label", "title", "placeholder"];
for (const element of document.body.querySelectorAll("*")) {
  for (const name of ATTRIBUTES) if (element.hasAttribute(name)) element.setAttribute(name, inWords(element.getAttribute(name)));
  for (const piece of element.childNodes) if (piece.nodeType === Node.TEXT_NODE && said.has(piece.data.trim())) piece.data = piece.data.replace(piece.data.trim(), () => inWords(piece.data.trim()));
}
// What stands between backquotes is code, so that a sentence is one text.
for (const element of document.querySelectorAll(".with-code"))
  element.replaceChildren(...element.textContent.split("`").map((part, k) => (k % 2 ? Object.assign(document.createElement("code"), { textContent: part }) : part)));
if (said.size) document.documentElement.lang = language;
