// The operations that JavaScript's Math does not have, in the forms of autograd_core/floats.py. Programs and
// the stepper page call them; the constants in capitals are those of floats.py.

const sum = (...xs) => xs.reduce((a, b) => a + b);
const prod = (...xs) => xs.reduce((a, b) => a * b);
const max = (...xs) => Math.max(...xs);
const min = (...xs) => Math.min(...xs);
const norm = (...xs) => Math.hypot(...xs);
const maximum = (a, b) => Math.max(a, b);
const minimum = (a, b) => Math.min(a, b);
const clip = (x, low, high) =>
  low !== low || high !== high ? NaN : x !== x ? x : x > high || low > high ? high : x < low ? low : x;
const sign = (x) => (Number.isNaN(x) ? x : x > 0 ? 1 : x < 0 ? -1 : 0);
const softsign = (x) => (Math.abs(x) === Infinity ? Math.sign(x) : x / (1 + Math.abs(x)));

function mean(...xs) {
  const result = sum(...xs) / xs.length;
  return Number.isFinite(result) ? result : sum(...xs.map((x) => x / xs.length));
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
const selu = (x) => SELU_SCALE * (x > 0 ? x : SELU_ALPHA * Math.expm1(x));
const silu = (x) => (x === -Infinity ? 0 : x * sigmoid(x));
const xlogy = (x, y) => (x === 0 && !Number.isNaN(y) ? 0 : x * Math.log(y));

function logaddexp(a, b) {
  return a === b ? a + LN2 : Math.max(a, b) + Math.log1p(Math.exp(-Math.abs(a - b)));
}

function mish(x) {
  if (x > 40 || x === -Infinity) return x > 0 ? x : 0;
  const e = Math.exp(x), n = e * (e + 2);
  return x * (n / (n + 2));
}

// The rounding error of a * b (Dekker 1971).
function rest_of_product(a, b) {
  const p = a * b, c = 134217729 * a, d = 134217729 * b;
  const a1 = c - (c - a), b1 = d - (d - b), a2 = a - a1, b2 = b - b1;
  return ((a1 * b1 - p) + a1 * b2 + a2 * b1) + a2 * b2;
}

// The rounding error of x * x would cost 500 units in the last place in the tail.
function gaussian(x, scale) {
  if (!(Math.abs(scale) * x * x < 800) || !(Math.abs(x) < 1e150) || !(Math.abs(scale) < 1e150)) {
    return Number.isNaN(x) || Number.isNaN(scale) ? NaN : x ? Math.exp(-scale * x * x) : 1;
  }
  const square = x * x, rest = rest_of_product(scale, square) + scale * rest_of_product(x, x);
  return Math.exp(-scale * square) * (1 - rest);
}

// The complementary error function: 1 less a series of positive terms near 0, a continued fraction beyond.
function erfc(x) {
  if (!(x >= 0.5)) return 1 - erf(x);
  if (x > 28) return 0;
  let tail = x;
  for (let n = Math.ceil(20 + 400 / (x * x)); n >= 1; n--) tail = x + n / 2 / tail;
  return gaussian(x, 1) / (ROOT_PI * tail);
}

function erf(x) {
  if (Number.isNaN(x) || x === 0) return x;
  if (Math.abs(x) >= 0.5) return x > 0 ? 1 - erfc(x) : erfc(-x) - 1;
  let term = x, total = x;
  for (let n = 1; Math.abs(term) > 1e-18 * Math.abs(total); n++) total += term *= (2 * x * x) / (2 * n + 1);
  return 2 * Math.exp(-x * x) * total / ROOT_PI;
}

// erfc(-x/√2)/2, corrected for the rounding of x/√2, which the tail would multiply by x².
function ndtr(x) {
  if (!(Math.abs(x) < 40)) return Number.isNaN(x) ? x : x > 0 ? 1 : 0;
  const z = -x * SQRT_HALF, rest = rest_of_product(-x, SQRT_HALF) - x * SQRT_HALF_REST;
  return 0.5 * erfc(z) - rest * Math.exp(-z * z) / ROOT_PI;
}

const gelu = (x) => (x === -Infinity ? 0 : x * ndtr(x));

// sigmoid(A x + B x³), the exponent carried as two numbers, so that the tail keeps its digits.
function gelu_gate(x) {
  if (!(Math.abs(x) < 30)) return Number.isNaN(x) ? x : x > 0 ? 1 : 0;
  const square = x * x, b = GATE_B * square, factor = GATE_A + b, part = factor - GATE_A, u = x * factor;
  const rest_of_b = rest_of_product(GATE_B, square) + GATE_B * rest_of_product(x, x) + GATE_B_REST * square;
  const rest_of_factor = (GATE_A - (factor - part)) + (b - part) + rest_of_b + GATE_A_REST;
  const rest = rest_of_product(x, factor) + x * rest_of_factor;
  if (u >= 0) return 1 / (1 + Math.exp(-u) * (1 - rest));
  const e = Math.exp(u) * (1 + rest);
  return e / (1 + e);
}

const gelu_tanh = (x) => (x === -Infinity ? 0 : x * gelu_gate(x));

// exp(x - m) for x <= m, corrected for the rounding of x - m; equal infinities differ by 0.
function exp_difference(x, m) {
  if (x === m) return 1;
  const d = x - m, back = x - d, rest = (x - (d + back)) + (back - m);
  return Number.isNaN(rest) ? Math.exp(d) : Math.exp(d) * (1 + rest);
}

// The logarithm of the sum of exp(x - m) for the largest x = m, whose own term 1 is left to log1p.
function log_total(xs, m) {
  const largest = xs.indexOf(m);
  return Math.log1p(xs.reduce((s, x, i) => (i === largest ? s : s + exp_difference(x, m)), 0));
}

function softmax(...xs) {
  const m = Math.max(...xs);
  return exp_difference(xs[0], m) / sum(...xs.map((x) => exp_difference(x, m)));
}

function logsumexp(...xs) {
  const m = Math.max(...xs);
  return Number.isFinite(m) ? m + log_total(xs, m) : m;
}

function log_softmax(...xs) {
  const m = Math.max(...xs);
  return Number.isNaN(m) ? m : (xs[0] === m ? 0 : xs[0] - m) - log_total(xs, m);
}

function softmax_of_all(...xs) {
  const m = Math.max(...xs), es = xs.map((x) => exp_difference(x, m)), s = sum(...es);
  return es.map((e) => e / s);
}

function log_softmax_of_all(...xs) {
  const m = Math.max(...xs), rest = Number.isNaN(m) ? m : log_total(xs, m);
  return xs.map((x) => (x === m ? 0 : x - m) - rest);
}
