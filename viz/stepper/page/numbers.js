// Numbers as the page writes them, in text and in MathML.

const number = (x) => (typeof x === "string" ? { inf: Infinity, "-inf": -Infinity, nan: NaN }[x] : x);

// Five significant digits; a whole number in full.
function short(x, digits = 5) {
  if (Number.isNaN(x)) return "nan";
  if (!Number.isFinite(x)) return x > 0 ? "∞" : "−∞";
  if (Object.is(x, -0)) return "−0";
  const whole = Math.abs(x) < 1e15 && x === Math.trunc(x);
  const size = Math.abs(x);
  if (whole) return String(x).replace("-", "−");
  if (size >= 1e-4 && size < 10 ** digits) return String(Number(x.toPrecision(digits))).replace("-", "−");
  const [mantissa, exponent] = x.toExponential(digits - 1).split("e");
  return `${Number(mantissa)}e${exponent.replace("+", "")}`.replace(/-/g, "−");
}

function numberMath(x) {
  const [mantissa, exponent] = short(x).split("e");
  const sign = mantissa.startsWith("−") ? "<mo>−</mo>" : "";
  const digits = `<mn>${mantissa.replace("−", "")}</mn>`;
  if (exponent === undefined) return sign ? `<mrow>${sign}${digits}</mrow>` : digits;
  return `<mrow>${sign}${digits}<mo>⋅</mo><msup><mn>10</mn><mn>${exponent}</mn></msup></mrow>`;
}

const row = (...parts) => `<mrow>${parts.join("")}</mrow>`;
const op = (sign) => `<mo>${sign}</mo>`;
const bracketed = (x) => (/^<mn>/.test(numberMath(x)) ? numberMath(x) : row(op("("), numberMath(x), op(")")));
const partial = (over, under) => `<mfrac><mrow><mo>∂</mo>${over}</mrow><mrow><mo>∂</mo>${under}</mrow></mfrac>`;

// A <math> element; formulas come escaped from Python.
function math(inner, values) {
  const template = document.createElement("template");
  template.innerHTML = `<math>${inner}</math>`;
  for (const place of template.content.querySelectorAll("[data-v]")) fill(place, values[place.dataset.v]);
  return narrowed(template.content);
}

// Brackets grow only around fractions: fonts set the growing ones with wide gaps.
function narrowed(formula) {
  for (const sign of formula.querySelectorAll("mo"))
    if (/^[()]$/.test(sign.textContent) && !sign.parentElement.querySelector("mfrac")) sign.setAttribute("stretchy", "false");
  return formula;
}
narrowed(document.querySelector("h1"));

// Puts a number into its place in a formula, in brackets where a sign before it or a power would mislead.
function fill(place, x) {
  const before = place.previousElementSibling;
  const based = place.parentElement.localName === "msup" && !before;
  const follows = before && before.localName === "mo" && !["(", ",", "|"].includes(before.textContent);
  const template = document.createElement("template");
  const inner = numberMath(x);
  const plain = inner.startsWith("<mn>") || !(based || follows);
  template.innerHTML = `<math>${plain ? inner : row(op("("), inner, op(")"))}</math>`;
  place.replaceWith(template.content.firstChild.firstChild);
}
