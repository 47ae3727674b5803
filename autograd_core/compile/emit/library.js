// The operations that JavaScript's Math does not have, in the forms of autograd_core/base/float_functions.py. Programs and
// the stepper page call them; the constants in capitals are those of float_functions.py.

const max = (...xs) => Math.max(...xs);
const min = (...xs) => Math.min(...xs);
const norm = (...xs) => Math.hypot(...xs);
const maximum = (a, b) => Math.max(a, b);
const minimum = (a, b) => Math.min(a, b);
const sum = (...xs) => xs.reduce((a, b) => a + b);
const direction = (a, b) => unit(a, b);
const clip = (x, low, high) =>
  low !== low || high !== high ? NaN : x !== x ? x : x > high || low > high ? high : x < low ? low : x;
const fmax = (a, b) => (a > b || Number.isNaN(b) ? a : b);
const fmin = (a, b) => (a < b || Number.isNaN(b) ? a : b);
const sign = (x) => (Number.isNaN(x) ? x : x > 0 ? 1 : x < 0 ? -1 : 0);
const softsign = (x) => (Math.abs(x) === Infinity ? Math.sign(x) : x / (1 + Math.abs(x)));

function huber(x, delta) {
  const d = Math.abs(x);
  return d <= delta ? 0.5 * x * x : delta >= 0 ? delta * (d - 0.5 * delta) : NaN;
}

function mean(...xs) {
  const result = sum(...xs) / xs.length;
  return Number.isFinite(result) ? result : sum(...xs.map((x) => x / xs.length));
}

// The mantissa (from 1/4 to 2) and the exponent of 2 of a number other than 0.
function split(x) {
  if (x === 0) return [x, 0];
  if (Math.abs(x) < 1e-290) return split(x * 2 ** 200).map((part, i) => part - 200 * i);
  const e = Math.floor(Math.log2(Math.abs(x))) + 1, half = e >> 1;
  return [x * 2 ** -half * 2 ** (half - e), e];
}

// m * 2**e for any e.
function scaled(m, e) {
  for (; e > 1000; e -= 1000) m *= 2 ** 1000;
  for (; e < -1000 && m !== 0; e += 1000) m *= 2 ** -1000;
  return m === 0 ? m : m * 2 ** e;
}

// The sum of the products a[i] * b[i], none of whose parts overflows.
function sum_of_products(a, b) {
  let m = 0, e = 0;
  for (let i = 0; i < a.length; i++) {
    const [[p, j], [q, k]] = [split(a[i]), split(b[i])], n = p * q;
    const top = m === 0 || (n !== 0 && j + k > e) ? j + k : e;
    const [s, more] = split(scaled(m, e - top) + scaled(n, j + k - top));
    [m, e] = [s, top + more];
  }
  return scaled(m, e);
}

function prod(...xs) {
  let result = 1, ordinary = true, m = 1, e = 0;
  for (const x of xs) {
    result *= x;
    ordinary = ordinary && Math.abs(result) >= 2 ** -1022 && Math.abs(result) < Infinity;
  }
  if (ordinary || !xs.every(Number.isFinite)) return result;
  for (const x of xs) {
    const [n, k] = split(x), [p, more] = split(m * n);
    [m, e] = [p, e + k + more];
  }
  return scaled(m, e);
}

function dot(...xs) {
  const half = xs.length / 2, a = xs.slice(0, half), b = xs.slice(half);
  const result = a.map((x, i) => x * b[i]).reduce((s, product) => s + product);
  return Number.isNaN(result) && xs.every(Number.isFinite) ? sum_of_products(a, b) : result;
}

// The first number over the norm, also where that is subnormal or infinite.
function unit(...xs) {
  const r = Math.hypot(...xs);
  if (Number.isNaN(r) || (r >= 2 ** -1022 && r < Infinity)) return xs[0] / r;
  if (r === 0) return 0;
  const infinite = xs.filter((x) => Math.abs(x) === Infinity).length;
  if (infinite) return infinite === 1 && Math.abs(xs[0]) === Infinity ? Math.sign(xs[0]) : xs[0] / r;
  const scale = r < 1 ? 2 ** 600 : 2 ** -600;
  return scale * xs[0] / Math.hypot(...xs.map((x) => scale * x));
}

// a/(a² + b²), scaled where a square or a quotient on the way is out of range.
function inversion(a, b) {
  const r = Math.hypot(a, b);
  if (r > 1e-140 && r < 1e140 && (Math.abs(a) > 1e-140 || a === 0)) return a / r / r;
  if (Number.isNaN(a) || Number.isNaN(b)) return NaN;
  if (r === 0 || Math.abs(a) === Infinity || Math.abs(b) === Infinity) return a >= 0 ? 0 : -0;
  const [m, e] = split(a), k = split(Math.max(Math.abs(a), Math.abs(b)))[1];
  const s = Math.hypot(scaled(a, -k), scaled(b, -k));
  return scaled(m / s / s, e - 2 * k);
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
const silu = (x) => (x < -700 ? times_exp(x, x) : x * sigmoid(x));
const xlogy = (x, y) => (x === 0 && !Number.isNaN(y) ? 0 : x * Math.log(y));

function logaddexp(a, b) {
  return a === b ? a + LN2 : Math.max(a, b) + Math.log1p(Math.exp(-Math.abs(a - b)));
}

function logaddexp2(a, b) {
  return a === b ? a + 1 : Math.max(a, b) + Math.log1p(2 ** -Math.abs(a - b)) / LN2;
}

function logit(x) {
  return x >= 0.25 && x <= 0.75 ? 2 * Math.atanh(2 * x - 1) : Math.log(x / (1 - x));
}

// The remainder with the sign of the divisor, as in Python.
function remainder(a, b) {
  const r = a % b;
  return r === 0 ? 0 * Math.sign(b) : b < 0 !== r < 0 ? r + b : r;
}

function sech(x) {
  const e = Math.exp(-Math.abs(x));
  return 2 * e / (1 + e * e);
}

// x exp(u) for u far below 0: exp(u) itself would underflow before the product does.
function times_exp(x, u) {
  const e = Math.exp(0.5 * u);
  return e ? x * e * e : 0;
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

// In the tail, where ndtr is subnormal, by its series -φ(x) (1 - 1/x² + 3/x⁴ - ...).
function gelu(x) {
  if (!(x <= -36)) return x * ndtr(x);
  if (x < -40) return 0;
  const t = 1 / (x * x), u = 1 - 5 * t * (1 - 7 * t * (1 - 9 * t * (1 - 11 * t)));
  return -gaussian(x, 0.5) / ROOT_2PI * (1 - t * (1 - 3 * t * u));
}

// A x + B x³ as the sum of two numbers, so that the tail of its sigmoid keeps its digits.
function gelu_exponent(x) {
  const square = x * x, b = GATE_B * square, factor = GATE_A + b, part = factor - GATE_A, u = x * factor;
  const rest_of_b = rest_of_product(GATE_B, square) + GATE_B * rest_of_product(x, x) + GATE_B_REST * square;
  const rest_of_factor = (GATE_A - (factor - part)) + (b - part) + rest_of_b + GATE_A_REST;
  return [u, rest_of_product(x, factor) + x * rest_of_factor];
}

function gelu_gate(x) {
  if (!(Math.abs(x) < 30)) return Number.isNaN(x) ? x : x > 0 ? 1 : 0;
  const [u, rest] = gelu_exponent(x);
  if (u >= 0) return 1 / (1 + Math.exp(-u) * (1 - rest));
  const e = Math.exp(u) * (1 + rest);
  return e / (1 + e);
}

const gelu_bell = (x) => gelu_gate(x) * gelu_gate(-x);

function gelu_tanh(x) {
  if (!(x <= -21)) return x * gelu_gate(x);
  if (x < -30) return 0;
  const [u, rest] = gelu_exponent(x);
  return times_exp(x, u) * (1 + rest);
}

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
