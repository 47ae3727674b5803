// What the page says, in the reader's language: the one its author chose, or else the browser's.

const D = JSON.parse(document.getElementById("data").textContent);
const wanted = D.languages.lang ? [D.languages.lang] : navigator.languages.map((code) => code.slice(0, 2).toLowerCase());
const found = wanted.find((code) => D.languages.codes.includes(code));
const WORDS = found && found !== "en" && D.languages.packed ? await unpacked(D.languages.packed) : D.languages;
const LANGUAGE = WORDS?.said?.[found] ? found : "en";
const SAID = new Map((WORDS?.said?.[LANGUAGE] ?? []).map((said, k) => [String(WORDS.texts[k]), said]));
const HAS_COMMA = D.languages.commas.includes(LANGUAGE);

// The translations of all languages are JSON in gzip in Base64; an old browser that cannot read it stays with English.
async function unpacked(packed) {
  try {
    const bytes = Uint8Array.from(atob(packed), (letter) => letter.charCodeAt(0));
    return await new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).json();
  } catch {
    return null;
  }
}

const filledIn = (text, fields) => text.replace(/\{(\w+)\}/g, (whole, name) => fields[name] ?? whole);
// A text in that language, with fields such as {n} filled in. The scripts write the English one between double quotes.
const inWords = (text, fields = {}) => filledIn(SAID.get(text) ?? text, fields);
// The same for a text that depends on a number, {n}.
function counted(one, many, n, fields = {}) {
  const forms = SAID.get(String([one, many])) ?? [one, many], rule = PLURALS[LANGUAGE] ?? ((m) => Number(m !== 1));
  return filledIn(forms[rule(n)] ?? forms.at(-1), { n, ...fields });
}
// What stands between two sentences.
const BETWEEN = ["zh", "ja"].includes(LANGUAGE) ? "" : " ";
// Where numbers have a comma, a list has semicolons.
const listed = (parts) => parts.join(HAS_COMMA ? "; " : ", ");
const ordinal = (n) => {
  const k = n % 100 > 10 && n % 100 < 14 ? 0 : n % 10;
  return k === 1 ? inWords("{n}st", { n }) : k === 2 ? inWords("{n}nd", { n }) : k === 3 ? inWords("{n}rd", { n }) : inWords("{n}th", { n });
};
const nth = (n) => (n === 1 ? inWords("first") : n === 2 ? inWords("second") : n === 3 ? inWords("third") : ordinal(n));

// A layer or neuron without a name of its own.
function titled(title) {
  const [, kind, n] = /^(layer|neuron) (\d+)$/.exec(title) ?? [];
  return kind === "layer" ? inWords("layer {n}", { n }) : kind === "neuron" ? inWords("neuron {n}", { n }) : title === "constant" ? inWords("constant") : title;
}

// A number's decimal sign, and the signs between arguments, in a formula written with points and commas.
const DECIMAL = /(^|[^\w.])(\d+)\.(?=\d+(?!\d|\.\w))/g;
const inDigits = (text) => (HAS_COMMA ? text.replace(DECIMAL, "$1$2,") : text);
const asWritten = (text) => (HAS_COMMA && typeof text === "string" ? inDigits(text).replace(/, (?![^[]*\])/g, "; ") : text);
function writtenHere(formula) {
  if (!HAS_COMMA) return formula;
  for (const digits of formula.querySelectorAll("mn")) digits.textContent = inDigits(digits.textContent);
  for (const sign of formula.querySelectorAll("mo")) if (sign.textContent === ",") sign.textContent = ";";
  return formula;
}

// A number as people type it: with a comma or a point, but not both. A comma or point that may separate thousands is
// refused, because it would change the number; so is anything else.
function typedNumber(text) {
  const plain = text.trim().replace(/[−–]/g, "-");
  const grouped = HAS_COMMA ? /^[-+]?[1-9]\d{0,2}\.\d{3}$/ : /^[-+]?[1-9]\d{0,2},\d{3}$/;
  if (grouped.test(plain) || !/^[-+]?(\d+([.,]\d*)?|[.,]\d+)(e[-+]?\d+)?$/i.test(plain)) return NaN;
  return Number(plain.replace(",", "."));
}

// The page's own texts; the function's names and formulas stay.
function translate(root) {
  const own = "svg, math, h1, #table, #point, .stale, script";
  for (const element of root.querySelectorAll("*")) {
    for (const name of ["aria-label", "title", "placeholder"]) {
      const text = element.closest("h1, #scroller > svg") ? null : element.getAttribute(name);
      if (text) element.setAttribute(name, inWords(text));
    }
    if (element.closest(own)) continue;
    for (const piece of element.childNodes)
      if (piece.nodeType === Node.TEXT_NODE && SAID.has(piece.data.trim())) piece.data = piece.data.replace(piece.data.trim(), () => inWords(piece.data.trim()));
  }
}
document.documentElement.lang = LANGUAGE;
if (SAID.size) translate(document.body);
for (const note of document.querySelectorAll(".stale")) note.textContent = inWords("Changed since the forward pass: {names}. Values and gradients are those of that pass.", { names: note.dataset.names });
if (HAS_COMMA) writtenHere(document.querySelector("h1"));
