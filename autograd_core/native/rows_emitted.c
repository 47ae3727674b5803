/* Emitted from the table of operations by `python -m autograd_core.compile.emit`. Do not edit. */

#include "engine.h"
#include "sequences.h"

#define LN2 (0.6931471805599453)
#define GATE_A (1.5957691216057308)
#define GATE_A_REST (-9.96930880911092e-17)
#define GATE_B (0.07135481627260025)
#define GATE_B_REST (-6.175149918155315e-19)
#define SQRT_HALF (0.7071067811865476)
#define SQRT_HALF_REST (-4.833646656726457e-17)
#define ROOT_2PI (2.5066282746310002)
#define ROOT_PI (1.7724538509055159)
static double sign(double x) { return x != x ? x : (double)((x > 0.0) - (x < 0.0)); }
static double sigmoid(double x)
{
    double e = exp(-fabs(x));
    return (x >= 0.0 ? 1.0 : e) / (1.0 + e);
}
static double softplus(double x) { return log1p(exp(-fabs(x))) + (x > 0.0 ? x : 0.0); }
static double logaddexp(double x, double y)
{
    double d = x - y;
    return x == y ? x + LN2 : (d > 0.0 ? x : y) + log1p(exp(-fabs(d)));
}
static double logaddexp2(double x, double y)
{
    double d = x - y;
    return x == y ? x + 1.0 : (d > 0.0 ? x : y) + log1p(exp2(-fabs(d))) / LN2;
}
static double logit(double x)
{
    return x >= 0.25 && x <= 0.75 ? 2.0 * atanh(2.0 * x - 1.0) : log(x / (1.0 - x));
}
/* The remainder with the sign of the divisor, as in Python. */
static double python_remainder(double x, double y)
{
    double r = fmod(x, y);
    return r == 0.0 ? copysign(0.0, y) : (y < 0.0) != (r < 0.0) ? r + y : r;
}
static double xlogy(double x, double y) { return x == 0.0 && y == y ? 0.0 : x * log(y); }
/* The rounding error of x * x would cost 500 units in the last place in the tail. */
static double gaussian(double x, double scale)
{
    double square = x * x, product = scale * square, rest;
    if (!(fabs(scale) * x * x < 800.0) || !(fabs(x) < 1e150) || !(fabs(scale) < 1e150))
        return x != x || scale != scale ? NAN : x != 0.0 ? exp(-scale * x * x) : 1.0;
    rest = fma(scale, square, -product) + scale * fma(x, x, -square);
    return exp(-product) * (1.0 - rest);
}
/* erfc(-x/sqrt(2))/2, corrected for the rounding of x/sqrt(2), which the tail would multiply by x squared. */
static double ndtr(double x)
{
    double z = -x * SQRT_HALF, rest = fma(-x, SQRT_HALF, -z) - x * SQRT_HALF_REST;
    if (!(fabs(x) < 40.0))
        return x != x ? x : x > 0.0 ? 1.0 : 0.0;
    return 0.5 * erfc(z) - rest * exp(-z * z) / ROOT_PI;
}
static double sech(double x)
{
    double e = exp(-fabs(x));
    return 2.0 * e / (1.0 + e * e);
}
/* x exp(u) for u far below 0: exp(u) itself would underflow before the product does. */
static double times_exp(double x, double u)
{
    double e = exp(0.5 * u);
    return e != 0.0 ? x * e * e : 0.0;
}
static double silu(double x) { return x < -700.0 ? times_exp(x, x) : x * sigmoid(x); }
static double softsign(double x) { return isinf(x) ? copysign(1.0, x) : x / (1.0 + fabs(x)); }
/* In the tail, where ndtr is subnormal, by its series -phi(x) (1 - 1/x^2 + 3/x^4 - ...). */
static double gelu(double x)
{
    double t = 1.0 / (x * x), u;
    if (!(x <= -36.0))
        return x * ndtr(x);
    if (x < -40.0)
        return 0.0;
    u = 1.0 - 5.0 * t * (1.0 - 7.0 * t * (1.0 - 9.0 * t * (1.0 - 11.0 * t)));
    return -gaussian(x, 0.5) / ROOT_2PI * (1.0 - t * (1.0 - 3.0 * t * u));
}
/* A x + B x^3 as the sum of two numbers, so that the tail of its sigmoid keeps its digits. */
static double gelu_exponent(double x, double *rest)
{
    double square = x * x, b = GATE_B * square, factor = GATE_A + b, part = factor - GATE_A, u = x * factor;
    double rest_of_b = fma(GATE_B, square, -b) + GATE_B * fma(x, x, -square) + GATE_B_REST * square;
    double rest_of_factor = (GATE_A - (factor - part)) + (b - part) + rest_of_b + GATE_A_REST;
    *rest = fma(x, factor, -u) + x * rest_of_factor;
    return u;
}
static double gelu_gate(double x)
{
    double rest, u, e;
    if (!(fabs(x) < 30.0))
        return x != x ? x : x > 0.0 ? 1.0 : 0.0;
    u = gelu_exponent(x, &rest);
    if (u >= 0.0)
        return 1.0 / (1.0 + exp(-u) * (1.0 - rest));
    e = exp(u) * (1.0 + rest);
    return e / (1.0 + e);
}
static double gelu_bell(double x) { return gelu_gate(x) * gelu_gate(-x); }
static double gelu_tanh(double x)
{
    double rest, u;
    if (!(x <= -21.0))
        return x * gelu_gate(x);
    if (x < -30.0)
        return 0.0;
    u = gelu_exponent(x, &rest);
    return times_exp(x, u) * (1.0 + rest);
}
static double huber(double x, double delta)
{
    double d = fabs(x);
    return d <= delta ? 0.5 * x * x : delta >= 0.0 ? delta * (d - 0.5 * delta) : NAN;
}
static double maximum(double x, double y) { return x > y ? x : y >= x ? y : NAN; }
static double minimum(double x, double y) { return x < y ? x : y <= x ? y : NAN; }
static double clip(double x, double low, double high)
{
    if (low != low || high != high)
        return NAN;
    return x != x ? x : x > high || low > high ? high : x < low ? low : x;
}
static int all_finite(int n, const double *x)
{
    for (int i = 0; i < n; i++)
        if (!isfinite(x[i]))
            return 0;
    return 1;
}
/* The sum of m * 2^e and the product x * y, as a mantissa and an exponent, which cannot overflow. */
static double added(double m, int *e, double x, double y)
{
    int i, j, k, top;
    double n = frexp(frexp(x, &i) * frexp(y, &j), &k);
    k += i + j;
    top = m == 0.0 || (n != 0.0 && k > *e) ? k : *e;
    m = ldexp(m, *e - top) + ldexp(n, k - top);
    m = frexp(m, &i);
    *e = top + i;
    return m;
}
static double sum(int n, const double *x)
{
    double s = x[0];
    for (int i = 1; i < n; i++)
        s += x[i];
    return s;
}
static double mean(int n, const double *x)
{
    double s = sum(n, x) / n;
    if (isfinite(s))
        return s;
    s = x[0] / n;
    for (int i = 1; i < n; i++)
        s += x[i] / n;
    return s;
}
static double dot(int n, const double *x)
{
    double s = x[0] * x[n / 2];
    int e = 0;
    for (int i = 1; i < n / 2; i++)
        s += x[i] * x[i + n / 2];
    if (s == s || !all_finite(n, x))
        return s;
    s = 0.0;
    for (int i = 0; i < n / 2; i++)
        s = added(s, &e, x[i], x[i + n / 2]);
    return ldexp(s, e);
}
static double norm(int n, const double *x)
{
    double r = 0.0;
    for (int i = 0; i < n; i++)
        r = python_hypot(r, x[i]);
    return r;
}
/* The first number over the norm, also where that is subnormal or infinite. */
static double unit(int n, const double *x)
{
    double r = norm(n, x), s = 0.0, scale = r < 1.0 ? 0x1p600 : 0x1p-600;
    int infinite = 0;
    if (isnormal(r) || r != r)
        return x[0] / r;
    if (r == 0.0)
        return 0.0;
    for (int i = 0; i < n; i++) {
        infinite += isinf(x[i]) != 0;
        s = python_hypot(s, scale * x[i]);
    }
    if (infinite)
        return infinite == 1 && isinf(x[0]) ? copysign(1.0, x[0]) : x[0] / r;
    return scale * x[0] / s;
}
static double direction(double a, double b)
{
    double x[2] = {a, b};
    return unit(2, x);
}
/* a/(a^2 + b^2), scaled where a square or a quotient on the way is out of range. */
static double inversion(double a, double b)
{
    double r = python_hypot(a, b), m;
    int e, k;
    if (r > 1e-140 && r < 1e140 && (fabs(a) > 1e-140 || a == 0.0))
        return a / r / r;
    if (a != a || b != b)
        return NAN;
    if (r == 0.0 || isinf(a) || isinf(b))
        return copysign(0.0, a);
    frexp(fmax(fabs(a), fabs(b)), &k);
    m = frexp(a, &e);
    r = python_hypot(ldexp(a, -k), ldexp(b, -k));
    return ldexp(m / r / r, e - 2 * k);
}
static double max(int n, const double *x)
{
    double m = x[0];
    for (int i = 1; i < n; i++)
        m = maximum(m, x[i]);
    return m;
}
/* exp(x - m) for x <= m, corrected for the rounding of x - m; equal infinities differ by 0. */
static double exp_difference(double x, double m)
{
    double d = x - m, back = x - d, rest = (x - (d + back)) + (back - m);
    return x == m ? 1.0 : rest == rest ? exp(d) * (1.0 + rest) : exp(d);
}
static double softmax(int n, const double *x)
{
    double m = max(n, x), s = 0.0;
    for (int i = 0; i < n; i++)
        s += exp_difference(x[i], m);
    return exp_difference(x[0], m) / s;
}

static double value_add(const double *x) { return x[0] + x[1]; }

static void slopes_of_add(const double *x, double y, double *d)
{
    (void)x;
    (void)y;
    d[0] = 1.0;
    d[1] = 1.0;
}

static double value_sub(const double *x) { return x[0] - x[1]; }

static void slopes_of_sub(const double *x, double y, double *d)
{
    (void)x;
    (void)y;
    d[0] = 1.0;
    d[1] = (-1.0);
}

static double value_mul(const double *x) { return x[0] * x[1]; }

static void slopes_of_mul(const double *x, double y, double *d)
{
    (void)y;
    d[0] = x[1];
    d[1] = x[0];
}

static double value_div(const double *x) { return x[0] / x[1]; }

static void slopes_of_div(const double *x, double y, double *d)
{
    double v0 = 1.0 / x[1];
    double v1 = y / x[1];
    double v2 = -v1;
    d[0] = v0;
    d[1] = v2;
}

static double value_neg(const double *x) { return -x[0]; }

static void slopes_of_neg(const double *x, double y, double *d)
{
    (void)x;
    (void)y;
    d[0] = (-1.0);
}

static double value_square(const double *x) { return x[0] * x[0]; }

static void slopes_of_square(const double *x, double y, double *d)
{
    (void)y;
    double v0 = 2.0 * x[0];
    d[0] = v0;
}

static double value_reciprocal(const double *x) { return 1.0 / x[0]; }

static void slopes_of_reciprocal(const double *x, double y, double *d)
{
    (void)x;
    double v0 = y * y;
    double v1 = -v0;
    d[0] = v1;
}

static double value_sqrt(const double *x) { return sqrt(x[0]); }

static void slopes_of_sqrt(const double *x, double y, double *d)
{
    (void)x;
    double v0 = 0.5 / y;
    d[0] = v0;
}

static double value_rsqrt(const double *x) { return 1.0 / sqrt(x[0]); }

static void slopes_of_rsqrt(const double *x, double y, double *d)
{
    double v0 = y / x[0];
    double v1 = (-0.5) * v0;
    d[0] = v1;
}

static double value_cbrt(const double *x) { return cbrt(x[0]); }

static void slopes_of_cbrt(const double *x, double y, double *d)
{
    (void)x;
    double v0 = 1.0 / y;
    double v1 = v0 * v0;
    double v2 = v1 / 3.0;
    d[0] = v2;
}

static double value_hypot(const double *x) { return python_hypot(x[0], x[1]); }

static void slopes_of_hypot(const double *x, double y, double *d)
{
    (void)y;
    double v0 = direction(x[0], x[1]);
    double v1 = direction(x[1], x[0]);
    d[0] = v0;
    d[1] = v1;
}

static double value_direction(const double *x) { return direction(x[0], x[1]); }

static void slopes_of_direction(const double *x, double y, double *d)
{
    double v0 = direction(x[1], x[0]);
    double v1 = v0 * v0;
    double v2 = python_hypot(x[0], x[1]);
    double v3 = (v2 == 0.0 ? 0.0 : v1 / v2);
    double v4 = y * v0;
    double v5 = (v2 == 0.0 ? 0.0 : v4 / v2);
    double v6 = -v5;
    d[0] = v3;
    d[1] = v6;
}

static double value_inversion(const double *x) { return inversion(x[0], x[1]); }

static void slopes_of_inversion(const double *x, double y, double *d)
{
    double v0 = inversion(x[1], x[0]);
    double v1 = ((v0 - y) * (v0 + y));
    double v2 = y * v0;
    double v3 = (-2.0) * v2;
    d[0] = v1;
    d[1] = v3;
}

static double value_difference_of_squares(const double *x) { return ((x[0] - x[1]) * (x[0] + x[1])); }

static void slopes_of_difference_of_squares(const double *x, double y, double *d)
{
    (void)y;
    double v0 = 2.0 * x[0];
    double v1 = (-2.0) * x[1];
    d[0] = v0;
    d[1] = v1;
}

static double value_exp(const double *x) { return exp(x[0]); }

static void slopes_of_exp(const double *x, double y, double *d)
{
    (void)y;
    double v0 = exp(x[0]);
    d[0] = v0;
}

static double value_expm1(const double *x) { return expm1(x[0]); }

static void slopes_of_expm1(const double *x, double y, double *d)
{
    (void)y;
    double v0 = exp(x[0]);
    d[0] = v0;
}

static double value_exp2(const double *x) { return exp2(x[0]); }

static void slopes_of_exp2(const double *x, double y, double *d)
{
    (void)y;
    double v0 = 0.5 * x[0];
    double v1 = exp2(v0);
    double v2 = 0.8325546111576977 * v1;
    double v3 = v2 * v2;
    d[0] = v3;
}

static double value_log(const double *x) { return log(x[0]); }

static void slopes_of_log(const double *x, double y, double *d)
{
    (void)y;
    double v0 = 1.0 / x[0];
    d[0] = v0;
}

static double value_log1p(const double *x) { return log1p(x[0]); }

static void slopes_of_log1p(const double *x, double y, double *d)
{
    (void)y;
    double v0 = 1.0 + x[0];
    double v1 = 1.0 / v0;
    d[0] = v1;
}

static double value_log2(const double *x) { return log2(x[0]); }

static void slopes_of_log2(const double *x, double y, double *d)
{
    (void)y;
    double v0 = 1.4426950408889634 / x[0];
    d[0] = v0;
}

static double value_log10(const double *x) { return log10(x[0]); }

static void slopes_of_log10(const double *x, double y, double *d)
{
    (void)y;
    double v0 = 0.43429448190325176 / x[0];
    d[0] = v0;
}

static double value_logaddexp(const double *x) { return logaddexp(x[0], x[1]); }

static void slopes_of_logaddexp(const double *x, double y, double *d)
{
    (void)y;
    double v0 = softmax(2, (const double[]){x[0], x[1]});
    double v1 = softmax(2, (const double[]){x[1], x[0]});
    d[0] = v0;
    d[1] = v1;
}

static double value_logaddexp2(const double *x) { return logaddexp2(x[0], x[1]); }

static void slopes_of_logaddexp2(const double *x, double y, double *d)
{
    (void)y;
    double v0 = x[0] - x[1];
    double v1 = 0.6931471805599453 * v0;
    double v2 = sigmoid(v1);
    double v3 = x[1] - x[0];
    double v4 = 0.6931471805599453 * v3;
    double v5 = sigmoid(v4);
    d[0] = v2;
    d[1] = v5;
}

static double value_xlogy(const double *x) { return xlogy(x[0], x[1]); }

static void slopes_of_xlogy(const double *x, double y, double *d)
{
    (void)y;
    double v0 = log(x[1]);
    double v1 = (x[1] == 0.0 ? 0.0 : x[0] / x[1]);
    d[0] = v0;
    d[1] = v1;
}

static double value_sin(const double *x) { return sin(x[0]); }

static void slopes_of_sin(const double *x, double y, double *d)
{
    (void)y;
    double v0 = cos(x[0]);
    d[0] = v0;
}

static double value_cos(const double *x) { return cos(x[0]); }

static void slopes_of_cos(const double *x, double y, double *d)
{
    (void)y;
    double v0 = sin(x[0]);
    double v1 = -v0;
    d[0] = v1;
}

static double value_tan(const double *x) { return tan(x[0]); }

static void slopes_of_tan(const double *x, double y, double *d)
{
    (void)y;
    double v0 = cos(x[0]);
    double v1 = 1.0 / v0;
    double v2 = v1 * v1;
    d[0] = v2;
}

static double value_asin(const double *x) { return asin(x[0]); }

static void slopes_of_asin(const double *x, double y, double *d)
{
    (void)y;
    double v0 = ((1.0 - x[0]) * (1.0 + x[0]));
    double v1 = sqrt(v0);
    double v2 = 1.0 / v1;
    d[0] = v2;
}

static double value_acos(const double *x) { return acos(x[0]); }

static void slopes_of_acos(const double *x, double y, double *d)
{
    (void)y;
    double v0 = ((1.0 - x[0]) * (1.0 + x[0]));
    double v1 = sqrt(v0);
    double v2 = 1.0 / v1;
    double v3 = -v2;
    d[0] = v3;
}

static double value_atan(const double *x) { return atan(x[0]); }

static void slopes_of_atan(const double *x, double y, double *d)
{
    (void)y;
    double v0 = python_hypot(1.0, x[0]);
    double v1 = 1.0 / v0;
    double v2 = v1 * v1;
    d[0] = v2;
}

static double value_deg2rad(const double *x) { return 0.017453292519943295 * x[0]; }

static void slopes_of_deg2rad(const double *x, double y, double *d)
{
    (void)x;
    (void)y;
    d[0] = 0.017453292519943295;
}

static double value_rad2deg(const double *x) { return 57.29577951308232 * x[0]; }

static void slopes_of_rad2deg(const double *x, double y, double *d)
{
    (void)x;
    (void)y;
    d[0] = 57.29577951308232;
}

static double value_sinh(const double *x) { return sinh(x[0]); }

static void slopes_of_sinh(const double *x, double y, double *d)
{
    (void)y;
    double v0 = cosh(x[0]);
    d[0] = v0;
}

static double value_cosh(const double *x) { return cosh(x[0]); }

static void slopes_of_cosh(const double *x, double y, double *d)
{
    (void)y;
    double v0 = sinh(x[0]);
    d[0] = v0;
}

static double value_tanh(const double *x) { return tanh(x[0]); }

static void slopes_of_tanh(const double *x, double y, double *d)
{
    (void)y;
    double v0 = sech(x[0]);
    double v1 = v0 * v0;
    d[0] = v1;
}

static double value_sech(const double *x) { return sech(x[0]); }

static void slopes_of_sech(const double *x, double y, double *d)
{
    double v0 = tanh(x[0]);
    double v1 = y * v0;
    double v2 = -v1;
    d[0] = v2;
}

static double value_asinh(const double *x) { return asinh(x[0]); }

static void slopes_of_asinh(const double *x, double y, double *d)
{
    (void)y;
    double v0 = python_hypot(1.0, x[0]);
    double v1 = 1.0 / v0;
    d[0] = v1;
}

static double value_acosh(const double *x) { return acosh(x[0]); }

static void slopes_of_acosh(const double *x, double y, double *d)
{
    (void)y;
    double v0 = x[0] - 1.0;
    double v1 = sqrt(v0);
    double v2 = 1.0 / v1;
    double v3 = x[0] + 1.0;
    double v4 = sqrt(v3);
    double v5 = 1.0 / v4;
    double v6 = v2 * v5;
    d[0] = v6;
}

static double value_atanh(const double *x) { return atanh(x[0]); }

static void slopes_of_atanh(const double *x, double y, double *d)
{
    (void)y;
    double v0 = ((1.0 - x[0]) * (1.0 + x[0]));
    double v1 = 1.0 / v0;
    d[0] = v1;
}

static double value_gaussian(const double *x) { return gaussian(x[0], x[1]); }

static void slopes_of_gaussian(const double *x, double y, double *d)
{
    double v0 = (y != 0.0 ? x[0] : 0.0);
    double v1 = v0 * y;
    double v2 = x[1] * v1;
    double v3 = (-2.0) * v2;
    double v4 = -v0;
    double v5 = v4 * v1;
    d[0] = v3;
    d[1] = v5;
}

static double value_erf(const double *x) { return erf(x[0]); }

static void slopes_of_erf(const double *x, double y, double *d)
{
    (void)y;
    double v0 = gaussian(x[0], 1.0);
    double v1 = 1.1283791670955126 * v0;
    d[0] = v1;
}

static double value_erfc(const double *x) { return erfc(x[0]); }

static void slopes_of_erfc(const double *x, double y, double *d)
{
    (void)y;
    double v0 = gaussian(x[0], 1.0);
    double v1 = (-1.1283791670955126) * v0;
    d[0] = v1;
}

static double value_ndtr(const double *x) { return ndtr(x[0]); }

static void slopes_of_ndtr(const double *x, double y, double *d)
{
    (void)y;
    double v0 = gaussian(x[0], 0.5);
    double v1 = v0 / 2.5066282746310002;
    d[0] = v1;
}

static double value_sigmoid(const double *x) { return sigmoid(x[0]); }

static void slopes_of_sigmoid(const double *x, double y, double *d)
{
    (void)y;
    double v0 = 0.5 * x[0];
    double v1 = sech(v0);
    double v2 = 0.5 * v1;
    double v3 = v2 * v2;
    d[0] = v3;
}

static double value_logit(const double *x) { return logit(x[0]); }

static void slopes_of_logit(const double *x, double y, double *d)
{
    (void)y;
    double v0 = 1.0 / x[0];
    double v1 = 1.0 - x[0];
    double v2 = 1.0 / v1;
    double v3 = v0 + v2;
    d[0] = v3;
}

static double value_logsigmoid(const double *x) { return (-softplus(-x[0])); }

static void slopes_of_logsigmoid(const double *x, double y, double *d)
{
    (void)y;
    double v0 = -x[0];
    double v1 = sigmoid(v0);
    d[0] = v1;
}

static double value_softplus(const double *x) { return softplus(x[0]); }

static void slopes_of_softplus(const double *x, double y, double *d)
{
    (void)y;
    double v0 = sigmoid(x[0]);
    d[0] = v0;
}

static double value_relu(const double *x) { return (x[0] <= 0.0 ? 0.0 : x[0]); }

static void slopes_of_relu(const double *x, double y, double *d)
{
    (void)y;
    double v0 = (x[0] == 0.0 ? 0.0 : x[0] > 0.0 ? 1.0 : x[0] < 0.0 ? 0.0 : x[0]);
    d[0] = v0;
}

static double value_leaky_relu(const double *x) { return (x[0] > 0.0 ? x[0] : x[1] * x[0]); }

static void slopes_of_leaky_relu(const double *x, double y, double *d)
{
    (void)y;
    double v0 = (x[0] == 0.0 ? 0.0 : x[0] > 0.0 ? 1.0 : x[0] < 0.0 ? 0.0 : x[0]);
    double v1 = (v0 != 0.0 ? 1.0 : x[1]);
    double v2 = minimum(x[0], 0.0);
    d[0] = v1;
    d[1] = v2;
}

static double value_relu6(const double *x) { return clip(x[0], 0.0, 6.0); }

static void slopes_of_relu6(const double *x, double y, double *d)
{
    (void)y;
    double v0 = (x[0] == 0.0 ? 0.0 : x[0] > 0.0 ? 1.0 : x[0] < 0.0 ? 0.0 : x[0]);
    double v1 = 6.0 - x[0];
    double v2 = (v1 == 0.0 ? 0.0 : v1 > 0.0 ? 1.0 : v1 < 0.0 ? 0.0 : v1);
    double v3 = v0 * v2;
    d[0] = v3;
}

static double value_threshold(const double *x) { return (x[0] <= x[1] ? x[2] : x[0]); }

static void slopes_of_threshold(const double *x, double y, double *d)
{
    (void)y;
    double v0 = x[0] - x[1];
    double v1 = (v0 == 0.0 ? 0.0 : v0 > 0.0 ? 1.0 : v0 < 0.0 ? 0.0 : v0);
    double v2 = 1.0 - v1;
    d[0] = v1;
    d[1] = 0.0;
    d[2] = v2;
}

static double value_elu(const double *x) { return (x[0] > 0.0 ? x[0] : x[1] * expm1(x[0])); }

static void slopes_of_elu(const double *x, double y, double *d)
{
    (void)y;
    double v0 = (x[0] == 0.0 ? 0.0 : x[0] > 0.0 ? 1.0 : x[0] < 0.0 ? 0.0 : x[0]);
    double v1 = -x[0];
    double v2 = (v1 <= 0.0 ? 0.0 : v1);
    double v3 = -v2;
    double v4 = exp(v3);
    double v5 = x[1] * v4;
    double v6 = (v0 != 0.0 ? 1.0 : v5);
    double v7 = expm1(v3);
    d[0] = v6;
    d[1] = v7;
}

static double value_celu(const double *x) { return (x[1] > 0.0 ? (x[0] > 0.0 ? x[0] : x[1] * expm1(x[0] / x[1])) : NAN); }

static void slopes_of_celu(const double *x, double y, double *d)
{
    (void)y;
    double v0 = (x[0] == 0.0 ? 0.0 : x[0] > 0.0 ? 1.0 : x[0] < 0.0 ? 0.0 : x[0]);
    double v1 = -x[0];
    double v2 = (v1 <= 0.0 ? 0.0 : v1);
    double v3 = -v2;
    double v4 = v3 / x[1];
    double v5 = exp(v4);
    double v6 = (v0 != 0.0 ? 1.0 : v5);
    double v7 = expm1(v4);
    double v8 = clip(v4, (-1000.0), 1000.0);
    double v9 = v8 * v5;
    double v10 = v7 - v9;
    d[0] = v6;
    d[1] = v10;
}

static double value_selu(const double *x) { return 1.0507009873554805 * (x[0] > 0.0 ? x[0] : 1.6732632423543772 * expm1(x[0])); }

static void slopes_of_selu(const double *x, double y, double *d)
{
    (void)y;
    double v0 = (x[0] == 0.0 ? 0.0 : x[0] > 0.0 ? 1.0 : x[0] < 0.0 ? 0.0 : x[0]);
    double v1 = -x[0];
    double v2 = (v1 <= 0.0 ? 0.0 : v1);
    double v3 = -v2;
    double v4 = exp(v3);
    double v5 = 1.7580993408473766 * v4;
    double v6 = (v0 != 0.0 ? 1.0507009873554805 : v5);
    d[0] = v6;
}

static double value_gelu(const double *x) { return gelu(x[0]); }

static void slopes_of_gelu(const double *x, double y, double *d)
{
    (void)y;
    double v0 = ndtr(x[0]);
    double v1 = clip(x[0], (-1000.0), 1000.0);
    double v2 = gaussian(x[0], 0.5);
    double v3 = v2 / 2.5066282746310002;
    double v4 = v1 * v3;
    double v5 = v0 + v4;
    d[0] = v5;
}

static double value_gelu_gate(const double *x) { return gelu_gate(x[0]); }

static void slopes_of_gelu_gate(const double *x, double y, double *d)
{
    (void)y;
    double v0 = gelu_bell(x[0]);
    double v1 = clip(x[0], (-1000.0), 1000.0);
    double v2 = v1 * v1;
    double v3 = 0.21406444881780073 * v2;
    double v4 = 1.5957691216057308 + v3;
    double v5 = v0 * v4;
    d[0] = v5;
}

static double value_gelu_bell(const double *x) { return gelu_bell(x[0]); }

static void slopes_of_gelu_bell(const double *x, double y, double *d)
{
    double v0 = clip(x[0], (-1000.0), 1000.0);
    double v1 = v0 * v0;
    double v2 = 0.07135481627260025 * v1;
    double v3 = 1.5957691216057308 + v2;
    double v4 = v0 * v3;
    double v5 = v4 * 0.5;
    double v6 = tanh(v5);
    double v7 = y * v6;
    double v8 = -v7;
    double v9 = 0.21406444881780073 * v1;
    double v10 = 1.5957691216057308 + v9;
    double v11 = v8 * v10;
    d[0] = v11;
}

static double value_gelu_tanh(const double *x) { return gelu_tanh(x[0]); }

static void slopes_of_gelu_tanh(const double *x, double y, double *d)
{
    (void)y;
    double v0 = gelu_gate(x[0]);
    double v1 = clip(x[0], (-1000.0), 1000.0);
    double v2 = gelu_bell(x[0]);
    double v3 = v1 * v1;
    double v4 = 0.21406444881780073 * v3;
    double v5 = 1.5957691216057308 + v4;
    double v6 = v2 * v5;
    double v7 = v1 * v6;
    double v8 = v0 + v7;
    d[0] = v8;
}

static double value_silu(const double *x) { return silu(x[0]); }

static void slopes_of_silu(const double *x, double y, double *d)
{
    (void)y;
    double v0 = sigmoid(x[0]);
    double v1 = clip(x[0], (-1000.0), 1000.0);
    double v2 = 0.5 * x[0];
    double v3 = sech(v2);
    double v4 = 0.5 * v3;
    double v5 = v4 * v4;
    double v6 = v1 * v5;
    double v7 = v0 + v6;
    d[0] = v7;
}

static double value_mish(const double *x) { return (x[0] < -40.0 ? silu(x[0]) : x[0] * tanh(softplus(x[0]))); }

static void slopes_of_mish(const double *x, double y, double *d)
{
    (void)y;
    double v0 = softplus(x[0]);
    double v1 = tanh(v0);
    double v2 = clip(x[0], (-1000.0), 1000.0);
    double v3 = sech(v0);
    double v4 = v3 * v3;
    double v5 = sigmoid(x[0]);
    double v6 = v4 * v5;
    double v7 = v2 * v6;
    double v8 = v1 + v7;
    d[0] = v8;
}

static double value_softsign(const double *x) { return softsign(x[0]); }

static void slopes_of_softsign(const double *x, double y, double *d)
{
    (void)y;
    double v0 = fabs(x[0]);
    double v1 = 1.0 + v0;
    double v2 = 1.0 / v1;
    double v3 = v2 * v2;
    d[0] = v3;
}

static double value_hardtanh(const double *x) { return (x[1] <= x[2] ? clip(x[0], x[1], x[2]) : NAN); }

static void slopes_of_hardtanh(const double *x, double y, double *d)
{
    (void)y;
    double v0 = x[0] - x[1];
    double v1 = (v0 == 0.0 ? 0.0 : v0 > 0.0 ? 1.0 : v0 < 0.0 ? 0.0 : v0);
    double v2 = x[2] - x[0];
    double v3 = (v2 == 0.0 ? 0.0 : v2 > 0.0 ? 1.0 : v2 < 0.0 ? 0.0 : v2);
    double v4 = v1 * v3;
    double v5 = x[1] - x[0];
    double v6 = (v5 == 0.0 ? 0.0 : v5 > 0.0 ? 1.0 : v5 < 0.0 ? 0.0 : v5);
    double v7 = x[0] - x[2];
    double v8 = (v7 == 0.0 ? 0.0 : v7 > 0.0 ? 1.0 : v7 < 0.0 ? 0.0 : v7);
    d[0] = v4;
    d[1] = v6;
    d[2] = v8;
}

static double value_hardsigmoid(const double *x) { return clip(x[0] + 3.0, 0.0, 6.0) / 6.0; }

static void slopes_of_hardsigmoid(const double *x, double y, double *d)
{
    (void)y;
    double v0 = fabs(x[0]);
    double v1 = 3.0 - v0;
    double v2 = (v1 == 0.0 ? 0.0 : v1 > 0.0 ? 1.0 : v1 < 0.0 ? 0.0 : v1);
    double v3 = v2 / 6.0;
    d[0] = v3;
}

static double value_hardswish(const double *x) { return (x[0] <= -3.0 ? 0.0 : x[0] * (clip(x[0] + 3.0, 0.0, 6.0) / 6.0)); }

static void slopes_of_hardswish(const double *x, double y, double *d)
{
    (void)y;
    double v0 = x[0] + 3.0;
    double v1 = (v0 == 0.0 ? 0.0 : v0 > 0.0 ? 1.0 : v0 < 0.0 ? 0.0 : v0);
    double v2 = 3.0 - x[0];
    double v3 = (v2 == 0.0 ? 0.0 : v2 > 0.0 ? 1.0 : v2 < 0.0 ? 0.0 : v2);
    double v4 = 2.0 * x[0];
    double v5 = v4 + 3.0;
    double v6 = v5 / 6.0;
    double v7 = (v3 != 0.0 ? v6 : 1.0);
    double v8 = (v1 != 0.0 ? v7 : 0.0);
    d[0] = v8;
}

static double value_hardshrink(const double *x) { return (fabs(x[0]) <= x[1] ? 0.0 : x[0]); }

static void slopes_of_hardshrink(const double *x, double y, double *d)
{
    (void)y;
    double v0 = fabs(x[0]);
    double v1 = v0 - x[1];
    double v2 = (v1 == 0.0 ? 0.0 : v1 > 0.0 ? 1.0 : v1 < 0.0 ? 0.0 : v1);
    d[0] = v2;
    d[1] = 0.0;
}

static double value_softshrink(const double *x) { return (x[1] >= 0.0 ? x[0] - clip(x[0], -x[1], x[1]) : NAN); }

static void slopes_of_softshrink(const double *x, double y, double *d)
{
    (void)y;
    double v0 = fabs(x[0]);
    double v1 = v0 - x[1];
    double v2 = (v1 == 0.0 ? 0.0 : v1 > 0.0 ? 1.0 : v1 < 0.0 ? 0.0 : v1);
    double v3 = sign(x[0]);
    double v4 = -v3;
    double v5 = v4 * v2;
    d[0] = v2;
    d[1] = v5;
}

static double value_huber(const double *x) { return huber(x[0], x[1]); }

static void slopes_of_huber(const double *x, double y, double *d)
{
    (void)y;
    double v0 = -x[1];
    double v1 = clip(x[0], v0, x[1]);
    double v2 = fabs(x[0]);
    double v3 = v2 - x[1];
    double v4 = (v3 <= 0.0 ? 0.0 : v3);
    d[0] = v1;
    d[1] = v4;
}

static double value_abs(const double *x) { return fabs(x[0]); }

static void slopes_of_abs(const double *x, double y, double *d)
{
    (void)y;
    double v0 = sign(x[0]);
    d[0] = v0;
}

static double value_sign(const double *x) { return sign(x[0]); }

static void slopes_of_sign(const double *x, double y, double *d)
{
    (void)x;
    (void)y;
    d[0] = 0.0;
}

static double value_copysign(const double *x) { return copysign(x[0], x[1]); }

static void slopes_of_copysign(const double *x, double y, double *d)
{
    (void)y;
    double v0 = sign(x[0]);
    double v1 = copysign(1.0, x[1]);
    double v2 = v0 * v1;
    d[0] = v2;
    d[1] = 0.0;
}

static double value_floor(const double *x) { return (floor(x[0]) + 0.0); }

static void slopes_of_floor(const double *x, double y, double *d)
{
    (void)x;
    (void)y;
    d[0] = 0.0;
}

static double value_round(const double *x) { return (nearbyint(x[0]) + 0.0); }

static void slopes_of_round(const double *x, double y, double *d)
{
    (void)x;
    (void)y;
    d[0] = 0.0;
}

static double value_ceil(const double *x) { return (ceil(x[0]) + 0.0); }

static void slopes_of_ceil(const double *x, double y, double *d)
{
    (void)x;
    (void)y;
    d[0] = 0.0;
}

static double value_trunc(const double *x) { return (trunc(x[0]) + 0.0); }

static void slopes_of_trunc(const double *x, double y, double *d)
{
    (void)x;
    (void)y;
    d[0] = 0.0;
}

static double value_fmod(const double *x) { return fmod(x[0], x[1]); }

static void slopes_of_fmod(const double *x, double y, double *d)
{
    double v0 = x[0] - y;
    double v1 = v0 / x[1];
    double v2 = (nearbyint(v1) + 0.0);
    double v3 = -v2;
    d[0] = 1.0;
    d[1] = v3;
}

static double value_remainder(const double *x) { return python_remainder(x[0], x[1]); }

static void slopes_of_remainder(const double *x, double y, double *d)
{
    double v0 = x[0] - y;
    double v1 = v0 / x[1];
    double v2 = (nearbyint(v1) + 0.0);
    double v3 = -v2;
    d[0] = 1.0;
    d[1] = v3;
}

static double value_maximum(const double *x) { return maximum(x[0], x[1]); }

static void slopes_of_maximum(const double *x, double y, double *d)
{
    double v0 = (x[0] == y ? 1.0 : 0.0);
    double v1 = (x[1] == y ? 1.0 : 0.0);
    double v2 = v0 + v1;
    double v3 = (v2 == 0.0 ? 0.0 : v0 / v2);
    double v4 = v1 + v0;
    double v5 = (v4 == 0.0 ? 0.0 : v1 / v4);
    d[0] = v3;
    d[1] = v5;
}

static double value_minimum(const double *x) { return minimum(x[0], x[1]); }

static void slopes_of_minimum(const double *x, double y, double *d)
{
    double v0 = (x[0] == y ? 1.0 : 0.0);
    double v1 = (x[1] == y ? 1.0 : 0.0);
    double v2 = v0 + v1;
    double v3 = (v2 == 0.0 ? 0.0 : v0 / v2);
    double v4 = v1 + v0;
    double v5 = (v4 == 0.0 ? 0.0 : v1 / v4);
    d[0] = v3;
    d[1] = v5;
}

static double value_fmax(const double *x) { return (x[0] > x[1] || x[1] != x[1] ? x[0] : x[1]); }

static void slopes_of_fmax(const double *x, double y, double *d)
{
    double v0 = (x[0] == y ? 1.0 : 0.0);
    double v1 = (x[1] == y ? 1.0 : 0.0);
    double v2 = v0 + v1;
    double v3 = (v2 == 0.0 ? 0.0 : v0 / v2);
    double v4 = v1 + v0;
    double v5 = (v4 == 0.0 ? 0.0 : v1 / v4);
    d[0] = v3;
    d[1] = v5;
}

static double value_fmin(const double *x) { return (x[0] < x[1] || x[1] != x[1] ? x[0] : x[1]); }

static void slopes_of_fmin(const double *x, double y, double *d)
{
    double v0 = (x[0] == y ? 1.0 : 0.0);
    double v1 = (x[1] == y ? 1.0 : 0.0);
    double v2 = v0 + v1;
    double v3 = (v2 == 0.0 ? 0.0 : v0 / v2);
    double v4 = v1 + v0;
    double v5 = (v4 == 0.0 ? 0.0 : v1 / v4);
    d[0] = v3;
    d[1] = v5;
}

static double value_clip(const double *x) { return clip(x[0], x[1], x[2]); }

static void slopes_of_clip(const double *x, double y, double *d)
{
    double v0 = maximum(x[0], x[1]);
    double v1 = (x[0] == v0 ? 1.0 : 0.0);
    double v2 = (v0 == y ? 1.0 : 0.0);
    double v3 = v1 * v2;
    double v4 = 1.0 - v1;
    double v5 = v4 * v2;
    double v6 = 1.0 - v2;
    double v7 = (x[2] == y ? 1.0 : 0.0);
    double v8 = v6 * v7;
    d[0] = v3;
    d[1] = v5;
    d[2] = v8;
}

static double value_lerp(const double *x) { return ((1.0 - x[2]) * x[0] + x[2] * x[1]); }

static void slopes_of_lerp(const double *x, double y, double *d)
{
    (void)y;
    double v0 = 1.0 - x[2];
    double v1 = x[1] - x[0];
    d[0] = v0;
    d[1] = x[2];
    d[2] = v1;
}

static double value_equal(const double *x) { return (x[0] == x[1] ? 1.0 : 0.0); }

static void slopes_of_equal(const double *x, double y, double *d)
{
    (void)x;
    (void)y;
    d[0] = 0.0;
    d[1] = 0.0;
}

static double value_heaviside(const double *x) { return (x[0] == 0.0 ? x[1] : x[0] > 0.0 ? 1.0 : x[0] < 0.0 ? 0.0 : x[0]); }

static void slopes_of_heaviside(const double *x, double y, double *d)
{
    (void)y;
    double v0 = (x[0] == 0.0 ? 1.0 : 0.0);
    d[0] = 0.0;
    d[1] = v0;
}

static double value_divide_no_nan(const double *x) { return (x[1] == 0.0 ? 0.0 : x[0] / x[1]); }

static void slopes_of_divide_no_nan(const double *x, double y, double *d)
{
    double v0 = (x[1] == 0.0 ? 0.0 : 1.0 / x[1]);
    double v1 = (x[1] == 0.0 ? 0.0 : y / x[1]);
    double v2 = -v1;
    d[0] = v0;
    d[1] = v2;
}

static double value_sum(int n, const double *x) { return sum(n, x); }

static double value_mean(int n, const double *x) { return mean(n, x); }

static double value_dot(int n, const double *x) { return dot(n, x); }

const FixedRow fixed_rows[] = {
    {"add", 2, 0, 0, {0}, value_add, slopes_of_add},
    {"sub", 2, 0, 0, {0}, value_sub, slopes_of_sub},
    {"mul", 2, 0, 0, {0}, value_mul, slopes_of_mul},
    {"div", 2, 1, 0, {0}, value_div, slopes_of_div},
    {"neg", 1, 0, 0, {0}, value_neg, slopes_of_neg},
    {"square", 1, 1, 0, {0}, value_square, slopes_of_square},
    {"reciprocal", 1, 1, 0, {0}, value_reciprocal, slopes_of_reciprocal},
    {"sqrt", 1, 1, 0, {0}, value_sqrt, slopes_of_sqrt},
    {"rsqrt", 1, 1, 0, {0}, value_rsqrt, slopes_of_rsqrt},
    {"cbrt", 1, 1, 0, {0}, value_cbrt, slopes_of_cbrt},
    {"hypot", 2, 1, 0, {0}, value_hypot, slopes_of_hypot},
    {"direction", 2, 1, 0, {0}, value_direction, slopes_of_direction},
    {"inversion", 2, 1, 0, {0}, value_inversion, slopes_of_inversion},
    {"difference_of_squares", 2, 1, 0, {0}, value_difference_of_squares, slopes_of_difference_of_squares},
    {"exp", 1, 1, 0, {0}, value_exp, slopes_of_exp},
    {"expm1", 1, 1, 0, {0}, value_expm1, slopes_of_expm1},
    {"exp2", 1, 1, 0, {0}, value_exp2, slopes_of_exp2},
    {"log", 1, 1, 0, {0}, value_log, slopes_of_log},
    {"log1p", 1, 1, 0, {0}, value_log1p, slopes_of_log1p},
    {"log2", 1, 1, 0, {0}, value_log2, slopes_of_log2},
    {"log10", 1, 1, 0, {0}, value_log10, slopes_of_log10},
    {"logaddexp", 2, 1, 0, {0}, value_logaddexp, slopes_of_logaddexp},
    {"logaddexp2", 2, 1, 0, {0}, value_logaddexp2, slopes_of_logaddexp2},
    {"xlogy", 2, 1, 0, {0}, value_xlogy, slopes_of_xlogy},
    {"sin", 1, 0, 0, {0}, value_sin, slopes_of_sin},
    {"cos", 1, 0, 0, {0}, value_cos, slopes_of_cos},
    {"tan", 1, 1, 0, {0}, value_tan, slopes_of_tan},
    {"asin", 1, 1, 0, {0}, value_asin, slopes_of_asin},
    {"acos", 1, 1, 0, {0}, value_acos, slopes_of_acos},
    {"atan", 1, 1, 0, {0}, value_atan, slopes_of_atan},
    {"deg2rad", 1, 0, 0, {0}, value_deg2rad, slopes_of_deg2rad},
    {"rad2deg", 1, 0, 0, {0}, value_rad2deg, slopes_of_rad2deg},
    {"sinh", 1, 0, 0, {0}, value_sinh, slopes_of_sinh},
    {"cosh", 1, 0, 0, {0}, value_cosh, slopes_of_cosh},
    {"tanh", 1, 1, 0, {0}, value_tanh, slopes_of_tanh},
    {"sech", 1, 1, 0, {0}, value_sech, slopes_of_sech},
    {"asinh", 1, 1, 0, {0}, value_asinh, slopes_of_asinh},
    {"acosh", 1, 1, 0, {0}, value_acosh, slopes_of_acosh},
    {"atanh", 1, 1, 0, {0}, value_atanh, slopes_of_atanh},
    {"gaussian", 2, 1, 1, {1.0}, value_gaussian, slopes_of_gaussian},
    {"erf", 1, 1, 0, {0}, value_erf, slopes_of_erf},
    {"erfc", 1, 1, 0, {0}, value_erfc, slopes_of_erfc},
    {"ndtr", 1, 1, 0, {0}, value_ndtr, slopes_of_ndtr},
    {"sigmoid", 1, 1, 0, {0}, value_sigmoid, slopes_of_sigmoid},
    {"logit", 1, 1, 0, {0}, value_logit, slopes_of_logit},
    {"logsigmoid", 1, 1, 0, {0}, value_logsigmoid, slopes_of_logsigmoid},
    {"softplus", 1, 1, 0, {0}, value_softplus, slopes_of_softplus},
    {"relu", 1, 0, 0, {0}, value_relu, slopes_of_relu},
    {"leaky_relu", 2, 0, 1, {0.01}, value_leaky_relu, slopes_of_leaky_relu},
    {"relu6", 1, 1, 0, {0}, value_relu6, slopes_of_relu6},
    {"threshold", 3, 1, 0, {0}, value_threshold, slopes_of_threshold},
    {"elu", 2, 1, 1, {1.0}, value_elu, slopes_of_elu},
    {"celu", 2, 1, 1, {1.0}, value_celu, slopes_of_celu},
    {"selu", 1, 1, 0, {0}, value_selu, slopes_of_selu},
    {"gelu", 1, 1, 0, {0}, value_gelu, slopes_of_gelu},
    {"gelu_gate", 1, 1, 0, {0}, value_gelu_gate, slopes_of_gelu_gate},
    {"gelu_bell", 1, 1, 0, {0}, value_gelu_bell, slopes_of_gelu_bell},
    {"gelu_tanh", 1, 1, 0, {0}, value_gelu_tanh, slopes_of_gelu_tanh},
    {"silu", 1, 1, 0, {0}, value_silu, slopes_of_silu},
    {"mish", 1, 1, 0, {0}, value_mish, slopes_of_mish},
    {"softsign", 1, 1, 0, {0}, value_softsign, slopes_of_softsign},
    {"hardtanh", 3, 1, 2, {(-1.0), 1.0}, value_hardtanh, slopes_of_hardtanh},
    {"hardsigmoid", 1, 1, 0, {0}, value_hardsigmoid, slopes_of_hardsigmoid},
    {"hardswish", 1, 1, 0, {0}, value_hardswish, slopes_of_hardswish},
    {"hardshrink", 2, 1, 1, {0.5}, value_hardshrink, slopes_of_hardshrink},
    {"softshrink", 2, 1, 1, {0.5}, value_softshrink, slopes_of_softshrink},
    {"huber", 2, 1, 1, {1.0}, value_huber, slopes_of_huber},
    {"abs", 1, 0, 0, {0}, value_abs, slopes_of_abs},
    {"sign", 1, 0, 0, {0}, value_sign, slopes_of_sign},
    {"copysign", 2, 1, 0, {0}, value_copysign, slopes_of_copysign},
    {"floor", 1, 0, 0, {0}, value_floor, slopes_of_floor},
    {"round", 1, 0, 0, {0}, value_round, slopes_of_round},
    {"ceil", 1, 0, 0, {0}, value_ceil, slopes_of_ceil},
    {"trunc", 1, 0, 0, {0}, value_trunc, slopes_of_trunc},
    {"fmod", 2, 1, 0, {0}, value_fmod, slopes_of_fmod},
    {"remainder", 2, 1, 0, {0}, value_remainder, slopes_of_remainder},
    {"maximum", 2, 0, 0, {0}, value_maximum, slopes_of_maximum},
    {"minimum", 2, 0, 0, {0}, value_minimum, slopes_of_minimum},
    {"fmax", 2, 0, 0, {0}, value_fmax, slopes_of_fmax},
    {"fmin", 2, 0, 0, {0}, value_fmin, slopes_of_fmin},
    {"clip", 3, 0, 0, {0}, value_clip, slopes_of_clip},
    {"lerp", 3, 1, 0, {0}, value_lerp, slopes_of_lerp},
    {"equal", 2, 0, 0, {0}, value_equal, slopes_of_equal},
    {"heaviside", 2, 0, 1, {0.0}, value_heaviside, slopes_of_heaviside},
    {"divide_no_nan", 2, 1, 0, {0}, value_divide_no_nan, slopes_of_divide_no_nan},
    {NULL, 0, 0, 0, {0, 0}, NULL, NULL},
};

const FreeRow free_rows[] = {
    {"sum", 1, value_sum, slopes_of_sum},
    {"mean", 1, value_mean, slopes_of_mean},
    {"dot", 2, value_dot, slopes_of_dot},
    {NULL, 0, NULL, NULL},
};
