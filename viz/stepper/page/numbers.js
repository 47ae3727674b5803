// Format numbers in text and in MathML.

const number = (x) => (typeof x === "string" ? { inf: Infinity, "-inf": -Infinity, nan: NaN }[x] : x);

// Four significant digits; a whole number below a million in full.
const short = (x) => inDigits(shortened(x));

function shortened(x) {
  if (Number.isNaN(x)) return "nan";
  if (!Number.isFinite(x)) return x > 0 ? "∞" : "−∞";
  const size = Math.abs(x), whole = x === Math.trunc(x);
  if (whole && size < 1e6) return String(x).replace("-", "−");
  if (!whole && size >= 1e-4 && size < 1e4) return String(Number(x.toPrecision(4))).replace("-", "−");
  const [mantissa, exponent] = x.toExponential(3).split("e");
  return `${Number(mantissa)}e${exponent.replace("+", "")}`.replace(/-/g, "−");
}

// All digits, for a tooltip.
const full = (x) => (Object.is(x, -0) ? "0" : inDigits(String(x)).replace(/-/g, "−").replace("Infinity", "∞").replace("NaN", "nan"));

function numberMath(x) {
  const [mantissa, exponent] = short(x).split("e");
  const sign = mantissa.startsWith("−") ? "<mo>−</mo>" : "";
  const digits = `<mn>${mantissa.replace("−", "")}</mn>`;
  if (exponent === undefined) return sign ? `<mrow>${sign}${digits}</mrow>` : digits;
  return `<mrow>${sign}${digits}<mo>⋅</mo><msup><mn>10</mn><mn>${exponent}</mn></msup></mrow>`;
}

const escaped = (text) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;");
const row = (...parts) => `<mrow>${parts.join("")}</mrow>`;
const op = (sign) => `<mo>${sign}</mo>`;
const bracketed = (x) => (/^<mn>/.test(numberMath(x)) ? numberMath(x) : row(op("("), numberMath(x), op(")")));
const partial = (over, under) => `<mfrac><mrow><mo>∂</mo>${over}</mrow><mrow><mo>∂</mo>${under}</mrow></mfrac>`;
// A part of a formula that lights up with a node (n3), its gradient (g3) or an edge (e5), in its color.
const linked = (link, inner, kind) => `<mrow data-link="${link}" class="term ${kind}">${inner}</mrow>`;

// A <math> element; formulas come escaped from Python.
function math(inner, values) {
  const template = document.createElement("template");
  template.innerHTML = `<math>${inner}</math>`;
  for (const place of template.content.querySelectorAll("[data-v]")) fill(place, values[place.dataset.v]);
  return narrowed(writtenHere(template.content));
}

// The inside of a formula with its numbers, to be put into another.
const inserted = (inner, values) => math(inner, values).firstChild.innerHTML;

// Only brackets around fractions stretch: fonts set stretched ones with wide gaps.
function narrowed(formula) {
  for (const sign of formula.querySelectorAll("mo"))
    if (/^[()]$/.test(sign.textContent) && !sign.parentElement.querySelector("mfrac")) sign.setAttribute("stretchy", "false");
  return formula;
}
narrowed(document.querySelector("h1"));

// Insert a number into a formula, in brackets if a sign before it or a power would be misleading.
function fill(place, x) {
  const term = place.parentElement.classList.contains("term") && !place.previousElementSibling ? place.parentElement : place;
  const before = term.previousElementSibling;
  const based = place.parentElement.localName === "msup" && !before;
  const follows = before && before.localName === "mo" && !["(", ",", "|"].includes(before.textContent);
  const template = document.createElement("template");
  const inner = numberMath(x);
  const plain = inner.startsWith("<mn>") || !(based || follows);
  template.innerHTML = `<math>${plain ? inner : row(op("("), inner, op(")"))}</math>`;
  place.replaceWith(template.content.firstChild.firstChild);
}
