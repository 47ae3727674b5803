/* The operations that C's <math.h> does not have, in the forms of autograd_core/base/float_functions.py. A program takes the
   functions along that it calls; the constants in capitals are those of float_functions.py. */

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

static double prod(int n, const double *x)
{
    double p = x[0], m = 1.0;
    int ordinary = isnormal(p), e = 0, k;
    for (int i = 1; i < n; i++) {
        p *= x[i];
        ordinary = ordinary && isnormal(p);
    }
    if (ordinary || !all_finite(n, x))
        return p;
    for (int i = 0; i < n; i++) {
        m *= frexp(x[i], &k);
        e += k;
        m = frexp(m, &k);
        e += k;
    }
    return ldexp(m, e);
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
        r = hypot(r, x[i]);
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
        s = hypot(s, scale * x[i]);
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
    double r = hypot(a, b), m;
    int e, k;
    if (r > 1e-140 && r < 1e140 && (fabs(a) > 1e-140 || a == 0.0))
        return a / r / r;
    if (a != a || b != b)
        return NAN;
    if (r == 0.0 || isinf(a) || isinf(b))
        return copysign(0.0, a);
    frexp(fmax(fabs(a), fabs(b)), &k);
    m = frexp(a, &e);
    r = hypot(ldexp(a, -k), ldexp(b, -k));
    return ldexp(m / r / r, e - 2 * k);
}

static double max(int n, const double *x)
{
    double m = x[0];
    for (int i = 1; i < n; i++)
        m = maximum(m, x[i]);
    return m;
}

static double min(int n, const double *x)
{
    double m = x[0];
    for (int i = 1; i < n; i++)
        m = minimum(m, x[i]);
    return m;
}

/* exp(x - m) for x <= m, corrected for the rounding of x - m; equal infinities differ by 0. */
static double exp_difference(double x, double m)
{
    double d = x - m, back = x - d, rest = (x - (d + back)) + (back - m);
    return x == m ? 1.0 : rest == rest ? exp(d) * (1.0 + rest) : exp(d);
}

/* The logarithm of the sum of exp(x - m) for the largest x = m, whose own term 1 is left to log1p. */
static double log_total(int n, const double *x, double m)
{
    double s = 0.0;
    int largest = 0;
    while (largest < n - 1 && x[largest] != m)
        largest++;
    for (int i = 0; i < n; i++)
        s += i == largest ? 0.0 : exp_difference(x[i], m);
    return log1p(s);
}

static double logsumexp(int n, const double *x)
{
    double m = max(n, x);
    return isfinite(m) ? m + log_total(n, x, m) : m;
}

static double softmax(int n, const double *x)
{
    double m = max(n, x), s = 0.0;
    for (int i = 0; i < n; i++)
        s += exp_difference(x[i], m);
    return exp_difference(x[0], m) / s;
}

static double log_softmax(int n, const double *x)
{
    double m = max(n, x);
    return m != m ? m : (x[0] == m ? 0.0 : x[0] - m) - log_total(n, x, m);
}

static void softmax_of_all(int n, const double *x, double *y)
{
    double m = max(n, x), s = 0.0;
    for (int i = 0; i < n; i++)
        s += y[i] = exp_difference(x[i], m);
    for (int i = 0; i < n; i++)
        y[i] /= s;
}

static void log_softmax_of_all(int n, const double *x, double *y)
{
    double m = max(n, x), rest = m != m ? m : log_total(n, x, m);
    for (int i = 0; i < n; i++)
        y[i] = (x[i] == m ? 0.0 : x[i] - m) - rest;
}
