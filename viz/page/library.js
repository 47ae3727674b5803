// The operations that JavaScript does not have, with the same results as the table's own at every double.

const SELU = [1.6732632423543772, 1.0507009873554805], ROOT_PI = Math.sqrt(Math.PI);

const sum = (...xs) => xs.reduce((a, b) => a + b);
const prod = (...xs) => xs.reduce((a, b) => a * b);
const max = (...xs) => Math.max(...xs);
const min = (...xs) => Math.min(...xs);
const norm = (...xs) => Math.hypot(...xs);
const maximum = (a, b) => Math.max(a, b);
const minimum = (a, b) => Math.min(a, b);
const clip = (x, low, high) => (low > high ? NaN : x < low ? low : x > high ? high : x);
const sign = (x) => (Number.isNaN(x) ? x : x > 0 ? 1 : x < 0 ? -1 : 0);
const softsign = (x) => (Math.abs(x) === Infinity ? Math.sign(x) : x / (1 + Math.abs(x)));

function mean(...xs) {
  const total = sum(...xs) / xs.length;
  return Number.isFinite(total) ? total : sum(...xs.map((x) => x / xs.length));
}

function dot(...xs) {
  const half = xs.length / 2;
  return xs.slice(0, half).map((x, i) => x * xs[half + i]).reduce((a, b) => a + b);
}

// Math.pow, but 1 to any power is 1.
const power = (a, b) => (a === 1 || (a === -1 && Math.abs(b) === Infinity) ? 1 : Math.pow(a, b));

// To the nearest whole number, halves to the even one.
function round(x) {
  const low = Math.floor(x), rest = x - low;
  return rest < 0.5 ? low : rest > 0.5 ? low + 1 : low % 2 === 0 ? low : low + 1;
}

function sigmoid(x) {
  if (x >= 0) return 1 / (1 + Math.exp(-x));
  const e = Math.exp(x);
  return e / (1 + e);
}

const softplus = (x) => Math.log1p(Math.exp(-Math.abs(x))) + (x > 0 ? x : 0);
const logsigmoid = (x) => -softplus(-x);
const selu = (x) => SELU[1] * (x > 0 ? x : SELU[0] * Math.expm1(x));
const silu = (x) => (x === -Infinity ? 0 : x * sigmoid(x));
const xlogy = (x, y) => (x === 0 && !Number.isNaN(y) ? 0 : x * Math.log(y));
const gaussian = (x, scale) => Math.exp(-scale * x * x);

function logaddexp(a, b) {
  return a === b ? a + Math.LN2 : Math.max(a, b) + Math.log1p(Math.exp(-Math.abs(a - b)));
}

function mish(x) {
  if (x > 40 || x === -Infinity) return x > 0 ? x : 0;
  const e = Math.exp(x), n = e * (e + 2);
  return x * (n / (n + 2));
}

// The error function: its series of positive terms near 0, a continued fraction in the tails.
function erf(x) {
  if (Number.isNaN(x) || x === 0) return x;
  if (Math.abs(x) > 2.5) return x > 0 ? 1 - erfc(x) : erfc(-x) - 1;
  let term = x, total = x;
  for (let n = 1; Math.abs(term) > 1e-18 * Math.abs(total); n++) total += term *= (2 * x * x) / (2 * n + 1);
  return (2 / ROOT_PI) * Math.exp(-x * x) * total;
}

function erfc(x) {
  if (!(x >= 1.5)) return 1 - erf(x);
  let tail = x;
  for (let n = 160; n >= 1; n--) tail = x + n / 2 / tail;
  return Math.exp(-x * x) / ROOT_PI / tail;
}

const ndtr = (x) => 0.5 * erfc(-x * Math.SQRT1_2);
const gelu = (x) => (x === -Infinity ? 0 : x * ndtr(x));
const gelu_gate = (x) => sigmoid(x * (1.5957691216057308 + 0.07135481627260025 * x * x));
const gelu_tanh = (x) => (x === -Infinity ? 0 : x * gelu_gate(x));

function exponentials(xs) {
  const m = Math.max(...xs);
  return [m, xs.map((x) => (x === m ? 1 : Math.exp(x - m)))];
}

function softmax(...xs) {
  const [, es] = exponentials(xs);
  return es[0] / sum(...es);
}

function logsumexp(...xs) {
  const [m, es] = exponentials(xs);
  if (Math.abs(m) === Infinity || Number.isNaN(m)) return m;
  return m + Math.log1p(sum(...es) - 1);
}

function log_softmax(...xs) {
  const [m, es] = exponentials(xs);
  return (xs[0] === m ? 0 : xs[0] - m) - Math.log1p(sum(...es) - 1);
}
