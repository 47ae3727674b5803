"""The helpers of generated C and JavaScript: the operations that those languages lack, as in `floats`."""
# ruff: noqa: E501

from __future__ import annotations

import re
from collections.abc import Iterable

# One function a piece; a program takes along those that it calls, and what those call.
C = {
    "sign": "static double sign(double x) { return x != x ? x : (double)((x > 0.0) - (x < 0.0)); }",
    "sigmoid": "static double sigmoid(double x) { double e = exp(-fabs(x)); return (x >= 0.0 ? 1.0 : e) / (1.0 + e); }",
    "softplus": "static double softplus(double x) { return log1p(exp(-fabs(x))) + (x > 0.0 ? x : 0.0); }",
    "logsigmoid": "static double logsigmoid(double x) { return -softplus(-x); }",
    "logaddexp": "static double logaddexp(double x, double y) { double d = x - y; return x == y ? x + 0.6931471805599453 : (d > 0.0 ? x : y) + log1p(exp(-fabs(d))); }",
    "xlogy": "static double xlogy(double x, double y) { return x == 0.0 && y == y ? 0.0 : x * log(y); }",
    "gaussian": "static double gaussian(double x, double scale) { double s = x * x, r = fma(x, x, -s), p = scale * s, q = fma(scale, s, -p); return exp(-p) * (1.0 - (q + scale * r)); }",
    "ndtr": "static double ndtr(double x) { return 0.5 * erfc(-x * 0.7071067811865476); }",
    "selu": "static double selu(double x) { return 1.0507009873554805 * (x > 0.0 ? x : 1.6732632423543772 * expm1(x)); }",
    "silu": "static double silu(double x) { return x * sigmoid(x); }",
    "mish": "static double mish(double x) { double e, n; if (x > 40.0) return x; e = exp(x); n = e * (e + 2.0); return x * (n / (n + 2.0)); }",
    "softsign": "static double softsign(double x) { return x / (1.0 + fabs(x)); }",
    "gelu": "static double gelu(double x) { return x * ndtr(x); }",
    "gelu_gate": "static double gelu_gate(double x) { return sigmoid(x * (1.5957691216057308 + 0.07135481627260025 * x * x)); }",
    "gelu_tanh": "static double gelu_tanh(double x) { return x * gelu_gate(x); }",
    "maximum": "static double maximum(double x, double y) { return x > y ? x : y >= x ? y : NAN; }",
    "minimum": "static double minimum(double x, double y) { return x < y ? x : y <= x ? y : NAN; }",
    "clip": "static double clip(double x, double low, double high) { return low > high ? NAN : x < low ? low : x > high ? high : x; }",
    "sum": "static double sum(int n, const double *x) { double s = x[0]; for (int i = 1; i < n; i++) s += x[i]; return s; }",
    "mean": "static double mean(int n, const double *x) { return sum(n, x) / n; }",
    "prod": "static double prod(int n, const double *x) { double s = x[0]; for (int i = 1; i < n; i++) s *= x[i]; return s; }",
    "dot": "static double dot(int n, const double *x) { double s = 0.0; for (int i = 0; i < n / 2; i++) s += x[i] * x[i + n / 2]; return s; }",
    "norm": "static double norm(int n, const double *x) { double s = 0.0; for (int i = 0; i < n; i++) s = hypot(s, x[i]); return s; }",
    "max": "static double max(int n, const double *x) { double s = x[0]; for (int i = 1; i < n; i++) s = maximum(s, x[i]); return s; }",
    "min": "static double min(int n, const double *x) { double s = x[0]; for (int i = 1; i < n; i++) s = minimum(s, x[i]); return s; }",
    "logsumexp": "static double logsumexp(int n, const double *x) { double m = max(n, x), s = 0.0; for (int i = 0; i < n; i++) s += exp(x[i] - m); return m + log(s); }",
    "softmax": "static double softmax(int n, const double *x) { double m = max(n, x), s = 0.0; for (int i = 0; i < n; i++) s += exp(x[i] - m); return exp(x[0] - m) / s; }",
    "log_softmax": "static double log_softmax(int n, const double *x) { return x[0] - logsumexp(n, x); }",
}  # fmt: skip

JAVASCRIPT = {
    "power": "const power = (a, b) => a === 1 ? 1 : Math.pow(a, b);",
    "sign": "const sign = (x) => x !== x ? x : x > 0 ? 1 : x < 0 ? -1 : 0;",
    "round": "const round = (x) => { const r = Math.round(x); return Math.abs(x % 1) === 0.5 ? 2 * Math.round(x / 2) : r; };",
    "sigmoid": "const sigmoid = (x) => { const e = Math.exp(-Math.abs(x)); return (x >= 0 ? 1 : e) / (1 + e); };",
    "softplus": "const softplus = (x) => Math.log1p(Math.exp(-Math.abs(x))) + (x > 0 ? x : 0);",
    "logsigmoid": "const logsigmoid = (x) => -softplus(-x);",
    "logaddexp": "const logaddexp = (x, y) => x === y ? x + Math.LN2 : Math.max(x, y) + Math.log1p(Math.exp(-Math.abs(x - y)));",
    "xlogy": "const xlogy = (x, y) => x === 0 && y === y ? 0 : x * Math.log(y);",
    "gaussian": "const gaussian = (x, scale) => Math.exp(-scale * x * x);",
    # Chebyshev's series of W. J. Cody's kind is long; this continued series is exact to about 1e-15 of 1.
    "erf": "const erf = (x) => { if (Math.abs(x) > 2.5) return Math.sign(x) * (1 - erfc(Math.abs(x))); let t = x, s = x; for (let n = 1; n < 80; n++) { t *= -x * x / n; s += t / (2 * n + 1); } return s * 1.1283791670955126; };",
    "erfc": "const erfc = (x) => { if (x < 2.5) return 1 - erf(x); let f = 0; for (let n = 120; n > 0; n--) f = n / 2 / (x + f); return Math.exp(-x * x) / (x + f) * 0.5641895835477563; };",
    "ndtr": "const ndtr = (x) => 0.5 * erfc(-x * Math.SQRT1_2);",
    "selu": "const selu = (x) => 1.0507009873554805 * (x > 0 ? x : 1.6732632423543772 * Math.expm1(x));",
    "silu": "const silu = (x) => x * sigmoid(x);",
    "mish": "const mish = (x) => { if (x > 40) return x; const e = Math.exp(x), n = e * (e + 2); return x * (n / (n + 2)); };",
    "softsign": "const softsign = (x) => x / (1 + Math.abs(x));",
    "gelu": "const gelu = (x) => x * ndtr(x);",
    "gelu_gate": "const gelu_gate = (x) => sigmoid(x * (1.5957691216057308 + 0.07135481627260025 * x * x));",
    "gelu_tanh": "const gelu_tanh = (x) => x * gelu_gate(x);",
    "maximum": "const maximum = (x, y) => x > y ? x : y >= x ? y : NaN;",
    "minimum": "const minimum = (x, y) => x < y ? x : y <= x ? y : NaN;",
    "clip": "const clip = (x, low, high) => low > high ? NaN : x < low ? low : x > high ? high : x;",
    "sum": "const sum = (...x) => x.reduce((a, b) => a + b);",
    "mean": "const mean = (...x) => sum(...x) / x.length;",
    "prod": "const prod = (...x) => x.reduce((a, b) => a * b);",
    "dot": "const dot = (...x) => { const n = x.length / 2; let s = 0; for (let i = 0; i < n; i++) s += x[i] * x[i + n]; return s; };",
    "norm": "const norm = (...x) => Math.hypot(...x);",
    "max": "const max = (...x) => x.reduce(maximum);",
    "min": "const min = (...x) => x.reduce(minimum);",
    "logsumexp": "const logsumexp = (...x) => { const m = max(...x); return m + Math.log(sum(...x.map((y) => Math.exp(y - m)))); };",
    "softmax": "const softmax = (...x) => { const m = max(...x), e = x.map((y) => Math.exp(y - m)); return e[0] / sum(...e); };",
    "log_softmax": "const log_softmax = (...x) => x[0] - logsumexp(...x);",
}  # fmt: skip


def helpers(library: dict[str, str], lines: Iterable[str]) -> str:
    """The pieces of a library that those lines need, those first on which others build."""
    wanted: set[str] = set()
    texts = list(lines)
    while texts:
        called = set(re.findall(r"(?<![.\w])(\w+)\b", texts.pop())) & set(library)
        texts += [library[name] for name in called - wanted]
        wanted |= called
    ordered = sorted(wanted, key=lambda name: (_depth(library, name), name))
    return "".join(f"{library[name]}\n" for name in ordered)


def _depth(library: dict[str, str], name: str, above: frozenset[str] = frozenset()) -> int:
    called = set(re.findall(r"(?<![.\w])(\w+)\b", library[name])) & set(library)
    return 1 + max([_depth(library, other, above | {name}) for other in called - above - {name}], default=0)
