// Derivatives by differences and what they say of a gradient, as check/differences.py and check/verdicts.py judge.

const EPSILON = 2 ** -52, SUBNORMAL = 2 ** -1074, RATIO = 8, LADDER = 8, PRECISION = 1e-6;
const exponent = (x) => Math.floor(Math.log2(Math.abs(x))) + 1;
const ulp = (x) => (x ? Math.max(2 ** (exponent(x) - 53), SUBNORMAL) : SUBNORMAL);
const largest = (xs) => xs.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
const pairs = (xs) => xs.slice(1).map((x, k) => [xs[k], x]);
const ratio = (a, b) => (b ? Math.abs(a / b) : a ? Infinity : 1);
const rough = { value: NaN, error: Infinity, kind: "rough" };

function difference(f, x, noise, closer = false) {
  const found = overSteps(f, x, noise, stepSizes(x));
  if (found.kind === "smooth" && isFlat(f, x, found.value, noise)) return rough;
  if (!closer && found.kind === "smooth" && found.error <= 1e-4 * Math.abs(found.value)) return found;
  if (isRough(f, x, noise)) return rough;
  // A kink or the end of the domain may be closer than the smallest step.
  const near = overSteps(f, x, noise, stepSizes(x, 2 * LADDER));
  const smooth = near.kind === "smooth" && found.kind === "smooth" && Math.abs(found.value - near.value) <= found.error + near.error;
  return smooth && !closer && found.error < near.error ? found : near;
}

// Around the size of x and around 1, from large to small.
function stepSizes(x, count = LADDER) {
  const own = x && Number.isFinite(x) ? 2 ** Math.min(Math.max(exponent(x), -980), 1000) : 1;
  const scales = own > 1 / 64 && own < 64 ? [Math.min(own, 1)] : [Math.max(own, 1), Math.min(own, 1)];
  return scales.map((scale) => Array.from({ length: count }, (_, k) => scale / RATIO ** (k + 1)));
}

// Constant over distances at which that slope would be visible: a staircase finer than the steps.
function isFlat(f, x, slope, noise) {
  const y = f(x), shown = 16 * (EPSILON * Math.abs(y) + noise) + 4 * SUBNORMAL;
  return [64, 128, 256].every((k) => Math.abs(slope) * k * ulp(x) > shown && f(x + k * ulp(x)) === y && f(x - k * ulp(x)) === y);
}

// Bent more than it rises between neighboring floats, by more than rounding.
function isRough(f, x, noise) {
  return [1, -1, 3, -3, 11, -11].some((stride) => {
    const ys = [1, 2, 3, 4, 5].map((k) => f(x + k * stride * ulp(x)));
    const rises = pairs(ys).map(([a, b]) => b - a), bends = pairs(rises).map(([a, b]) => b - a);
    const total = (xs) => xs.reduce((a, b) => a + Math.abs(b), 0);
    return 100 * (EPSILON * largest(ys) + noise) < total(rises) && total(rises) < total(bends);
  });
}

function overSteps(f, x, noise, sizes) {
  const y = f(x), ladders = sizes.map((hs) => hs.map((h) => oneStep(f, x, y, h, noise)));
  if (ladders.flat().some((s) => Math.abs(s.left) === Infinity || Math.abs(s.right) === Infinity)) return { ...rough, kind: "steep" };
  const steps = ladders.map((ladder) => ladder.filter((s) => Number.isFinite(s.left) && Number.isFinite(s.right)));
  if (!steps.flat().length) return oneSided(ladders);
  return judged(best(steps.flatMap((ladder) => estimates(ladder.map((s) => [s.h, s.slope, s.rounding]), 2))), steps.flat());
}

function oneStep(f, x, y, h, noise) {
  const above = x + h, below = x - h, high = f(above), low = f(below);
  const right = above > x && Number.isFinite(high) ? (high - y) / (above - x) : NaN;
  const left = below < x && Number.isFinite(low) ? (y - low) / (x - below) : NaN;
  const rounding = (4 * EPSILON * largest([high, low, y].filter(Number.isFinite)) + 4 * SUBNORMAL + noise) / h;
  return { h, left, right, rounding, slope: 0.5 * left + 0.5 * right, gap: right - left, size: largest([left, right]) };
}

// Neighboring steps combined so that the error of that order in h cancels.
function estimates(slopes, order) {
  let before = Infinity;
  const found = pairs(slopes).map(([[larger, coarse], [h, fine, rounding]]) => {
    const value = fine + (fine - coarse) / ((larger / h) ** order - 1), gap = Math.abs(coarse - fine);
    const isSlow = order === 1 || before < 2 * (larger / h) * gap; // A bend that jumps leaves an error of order 1.
    const error = (isSlow ? gap : 0.5 * Math.abs(value - fine)) + rounding;
    before = gap;
    return { h, value, error: Number.isFinite(error) ? error : Infinity };
  });
  if (!found.length) slopes.slice(-1).forEach(([h, value]) => found.push({ h, value, error: Infinity }));
  return found.map((e) => ({ ...e, error: Math.max(e.error, ...found.filter((o) => o.h < e.h).map((o) => Math.abs(o.value - e.value) - o.error)) }));
}

// The estimate with the smallest step among those about as precise as the best.
function best(all) {
  const least = Math.min(...all.map((e) => e.error));
  const good = all.filter((e) => e.error <= 10 * least + 1e-9 * Math.abs(e.value));
  return good.length ? good.reduce((a, b) => (b.h < a.h ? b : a)) : all[all.length - 1];
}

// What the slopes over the three smallest informative steps say of the point.
function judged({ value, error }, steps) {
  const smooth = { value, error, kind: "smooth" };
  const exceeds = (s) => s.rounding <= 0.02 * s.size;
  const scale = largest(steps.filter(exceeds).map((s) => s.size));
  const telling = steps.filter((s) => exceeds(s) || (s.size <= s.rounding && s.rounding <= 1e-3 * scale)).sort((a, b) => a.h - b.h).slice(0, 3);
  if (telling.length < 3) return smooth;
  const [near, next] = telling, sides = { left: near.left, right: near.right };
  const growth = pairs(telling).map(([a, b]) => ratio(a.gap, b.gap)), rise = Math.min(...pairs(telling).map(([a, b]) => ratio(a.slope, b.slope)));
  const [least, most] = [Math.min(...growth), Math.max(...growth)];
  const infinite = { value: Math.sign(near.slope) * Infinity, error: Infinity, ...sides };
  const widest = steps.reduce((a, b) => (b.h > a.h ? b : a));
  if (rise > 0.9 * RATIO) return { ...infinite, kind: "jump" };
  if (rise > 1.5 && Math.abs(near.slope) > 1e3 * Math.abs(widest.slope)) return { ...infinite, kind: "infinite" };
  if (!(Math.abs(near.gap) > Math.max(0.01 * near.size, 4 * near.rounding) && least > 0.5)) return smooth;
  if (least > 0.9 * RATIO && most < 1.1 * RATIO) return { ...rough, kind: "jump" };
  if (least > 1.5) return { value: near.slope, error: Infinity, kind: "kink", left: near.left * Infinity, right: near.right * Infinity };
  if (most >= 2) return smooth;
  const change = Math.max(Math.abs(near.left - next.left), Math.abs(near.right - next.right));
  return { value: near.slope, error: change + near.rounding, kind: "kink", ...sides };
}

// The slope on the side where f exists, at a boundary of the domain.
function oneSided(ladders) {
  for (const side of ["right", "left"]) {
    const slopes = ladders.map((ladder) => ladder.map((s) => [s.h, s[side], s.rounding]).filter((s) => Number.isFinite(s[1])));
    const flat = slopes.flat().sort((a, b) => a[0] - b[0]);
    if (flat.length >= 3 && pairs(flat.slice(0, 3)).every(([a, b]) => ratio(a[1], b[1]) > 1.5))
      return { value: Math.sign(flat[0][1]) * Infinity, error: Infinity, kind: "infinite", left: flat[0][1], right: flat[0][1] };
    if (flat.length) return { ...best(slopes.flatMap((ladder) => estimates(ladder, 1))), kind: "one-sided" };
  }
  return { ...rough, kind: "none" };
}

function agree(gradient, found, precision) {
  const { kind, left, right, value, error } = found;
  if (kind === "kink") {
    const [low, high] = [Math.min(left, right), Math.max(left, right)], both = Number.isFinite(low) && Number.isFinite(high);
    const slack = both ? precision * largest([low, high]) + error : 0;
    return low - slack <= gradient && gradient <= high + slack;
  }
  const [low, high] = [Math.min(left, right), Math.max(left, right)], margin = 0.01 * Math.abs(gradient);
  if (kind === "infinite" && low - margin <= gradient && gradient <= high + margin) return true;
  if (kind === "infinite") return gradient > 0 === value > 0 && (!Number.isFinite(gradient) || Math.abs(gradient) > 0.1 * largest([left, right]));
  if (["jump", "none", "rough", "steep"].includes(kind) || error === Infinity) return true;
  return Number.isFinite(gradient) && Math.abs(gradient - value) <= precision * largest([gradient, value]) + error;
}

// The difference and the verdict; `blurred` bounds the rounding error of the gradient itself.
function compared(f, x, gradient, noise, blurred) {
  const y = f(x);
  let found = difference(f, x, noise);
  if (found.kind === "smooth" && !agree(gradient, found, PRECISION)) found = difference(f, x, noise, true);
  return { found, verdict: verdict(x, y, gradient, found, blurred) };
}

function verdict(x, y, gradient, found, blurred) {
  if (Number.isNaN(x) || Number.isNaN(y)) return "nan";
  if (!Number.isFinite(y)) return "not finite";
  if (found.kind === "none") return "undefined";
  if (found.kind === "rough" || found.kind === "steep") return "uncertain";
  if (!agree(gradient, found, found.kind === "one-sided" ? 1e-3 : PRECISION))
    return Math.abs(gradient - found.value) <= found.error + blurred ? "uncertain" : "disagrees";
  if (found.kind !== "smooth") return found.kind;
  const nothing = 1e-9 * Math.min(1, Math.abs(y) / Math.max(Math.abs(x), 1));
  return gradient === found.value || found.error <= Math.max(1e-3 * largest([gradient, found.value]), nothing) ? "agrees" : "uncertain";
}
