/* The operations that C's <math.h> does not have, in the forms of autograd_core/floats.py. A program takes the
   functions along that it calls; the constants in capitals are those of floats.py. */

static double sign(double x) { return x != x ? x : (double)((x > 0.0) - (x < 0.0)); }

static double sigmoid(double x)
{
    double e = exp(-fabs(x));
    return (x >= 0.0 ? 1.0 : e) / (1.0 + e);
}

static double softplus(double x) { return log1p(exp(-fabs(x))) + (x > 0.0 ? x : 0.0); }

static double logsigmoid(double x) { return -softplus(-x); }

static double logaddexp(double x, double y)
{
    double d = x - y;
    return x == y ? x + LN2 : (d > 0.0 ? x : y) + log1p(exp(-fabs(d)));
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

static double selu(double x) { return SELU_SCALE * (x > 0.0 ? x : SELU_ALPHA * expm1(x)); }

static double silu(double x) { return x == -INFINITY ? 0.0 : x * sigmoid(x); }

static double mish(double x)
{
    double e, n;
    if (x > 40.0 || x == -INFINITY)
        return x > 0.0 ? x : 0.0;
    e = exp(x);
    n = e * (e + 2.0);
    return x * (n / (n + 2.0));
}

static double softsign(double x) { return isinf(x) ? copysign(1.0, x) : x / (1.0 + fabs(x)); }

static double gelu(double x) { return x == -INFINITY ? 0.0 : x * ndtr(x); }

/* sigmoid(A x + B x^3), the exponent carried as two numbers, so that the tail keeps its digits. */
static double gelu_gate(double x)
{
    double square = x * x, b = GATE_B * square, factor = GATE_A + b, part = factor - GATE_A, u = x * factor;
    double rest_of_b = fma(GATE_B, square, -b) + GATE_B * fma(x, x, -square) + GATE_B_REST * square;
    double rest_of_factor = (GATE_A - (factor - part)) + (b - part) + rest_of_b + GATE_A_REST;
    double rest = fma(x, factor, -u) + x * rest_of_factor, e;
    if (!(fabs(x) < 30.0))
        return x != x ? x : x > 0.0 ? 1.0 : 0.0;
    if (u >= 0.0)
        return 1.0 / (1.0 + exp(-u) * (1.0 - rest));
    e = exp(u) * (1.0 + rest);
    return e / (1.0 + e);
}

static double gelu_tanh(double x) { return x == -INFINITY ? 0.0 : x * gelu_gate(x); }

static double maximum(double x, double y) { return x > y ? x : y >= x ? y : NAN; }

static double minimum(double x, double y) { return x < y ? x : y <= x ? y : NAN; }

static double clip(double x, double low, double high)
{
    if (low != low || high != high)
        return NAN;
    return x != x ? x : x > high || low > high ? high : x < low ? low : x;
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
    double p = x[0];
    for (int i = 1; i < n; i++)
        p *= x[i];
    return p;
}

static double dot(int n, const double *x)
{
    double s = x[0] * x[n / 2];
    for (int i = 1; i < n / 2; i++)
        s += x[i] * x[i + n / 2];
    return s;
}

static double norm(int n, const double *x)
{
    double r = 0.0;
    for (int i = 0; i < n; i++)
        r = hypot(r, x[i]);
    return r;
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
