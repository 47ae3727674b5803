/* Emitted from the table of operations by `python -m autograd_core.compile.emit`. Do not edit. */

#if defined SECTION_ROWS

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

enum {
    OP_add,
    OP_sub,
    OP_mul,
    OP_mul_by_first,
    OP_div,
    OP_div_by_first,
    OP_neg,
    OP_pow,
    OP_pow_by_first,
    OP_square,
    OP_reciprocal,
    OP_sqrt,
    OP_rsqrt,
    OP_cbrt,
    OP_hypot,
    OP_hypot_by_first,
    OP_direction,
    OP_direction_by_first,
    OP_inversion,
    OP_inversion_by_first,
    OP_difference_of_squares,
    OP_difference_of_squares_by_first,
    OP_exp,
    OP_expm1,
    OP_exp2,
    OP_log,
    OP_log1p,
    OP_log2,
    OP_log10,
    OP_logaddexp,
    OP_logaddexp_by_first,
    OP_logaddexp2,
    OP_logaddexp2_by_first,
    OP_xlogy,
    OP_xlogy_by_first,
    OP_sin,
    OP_cos,
    OP_tan,
    OP_asin,
    OP_acos,
    OP_atan,
    OP_atan2,
    OP_atan2_by_first,
    OP_deg2rad,
    OP_rad2deg,
    OP_sinh,
    OP_cosh,
    OP_tanh,
    OP_sech,
    OP_asinh,
    OP_acosh,
    OP_atanh,
    OP_gaussian,
    OP_gaussian_by_first,
    OP_erf,
    OP_erfc,
    OP_ndtr,
    OP_sigmoid,
    OP_logit,
    OP_logsigmoid,
    OP_softplus,
    OP_relu,
    OP_leaky_relu,
    OP_leaky_relu_by_first,
    OP_relu6,
    OP_threshold,
    OP_threshold_by_first,
    OP_elu,
    OP_elu_by_first,
    OP_celu,
    OP_celu_by_first,
    OP_selu,
    OP_gelu,
    OP_gelu_gate,
    OP_gelu_bell,
    OP_gelu_tanh,
    OP_silu,
    OP_mish,
    OP_softsign,
    OP_hardtanh,
    OP_hardtanh_by_first,
    OP_hardsigmoid,
    OP_hardswish,
    OP_hardshrink,
    OP_hardshrink_by_first,
    OP_softshrink,
    OP_softshrink_by_first,
    OP_huber,
    OP_huber_by_first,
    OP_abs,
    OP_sign,
    OP_copysign,
    OP_copysign_by_first,
    OP_floor,
    OP_round,
    OP_ceil,
    OP_trunc,
    OP_fmod,
    OP_fmod_by_first,
    OP_remainder,
    OP_remainder_by_first,
    OP_maximum,
    OP_maximum_by_first,
    OP_minimum,
    OP_minimum_by_first,
    OP_fmax,
    OP_fmax_by_first,
    OP_fmin,
    OP_fmin_by_first,
    OP_clip,
    OP_clip_by_first,
    OP_lerp,
    OP_lerp_by_first,
    OP_where,
    OP_stop_gradient,
    OP_equal,
    OP_equal_by_first,
    OP_heaviside,
    OP_heaviside_by_first,
    OP_divide_no_nan,
    OP_divide_no_nan_by_first,
    OP_sum,
    OP_mean,
    OP_prod,
    OP_dot,
    OP_norm,
    OP_unit,
    OP_max,
    OP_min,
    OP_logsumexp,
    OP_softmax,
    OP_log_softmax,
    OPERATIONS,
};

static const OperationInfo operations[OPERATIONS] = {
    {"add", 2, 1, 0, 1, 3},
    {"sub", 2, 1, 0, 1, 3},
    {"mul", 2, 1, 0, 1, 3},
    {"mul_by_first", 2, 1, 0, 1, 3},
    {"div", 2, 1, 1, 1, 1},
    {"div_by_first", 2, 1, 1, 1, 1},
    {"neg", 1, 1, 0, 1, 1},
    {"pow", 2, 1, 1, 1, 0},
    {"pow_by_first", 2, 1, 1, 1, 0},
    {"square", 1, 1, 1, 1, 1},
    {"reciprocal", 1, 1, 1, 1, 0},
    {"sqrt", 1, 1, 1, 1, 1},
    {"rsqrt", 1, 1, 1, 1, 0},
    {"cbrt", 1, 1, 1, 1, 1},
    {"hypot", 2, 1, 1, 0, 3},
    {"hypot_by_first", 2, 1, 1, 0, 3},
    {"direction", 2, 1, 1, 0, 0},
    {"direction_by_first", 2, 1, 1, 0, 0},
    {"inversion", 2, 1, 1, 0, 0},
    {"inversion_by_first", 2, 1, 1, 0, 0},
    {"difference_of_squares", 2, 1, 1, 1, 3},
    {"difference_of_squares_by_first", 2, 1, 1, 1, 3},
    {"exp", 1, 1, 1, 1, 0},
    {"expm1", 1, 1, 1, 1, 0},
    {"exp2", 1, 1, 1, 1, 0},
    {"log", 1, 1, 1, 1, 1},
    {"log1p", 1, 1, 1, 1, 1},
    {"log2", 1, 1, 1, 1, 1},
    {"log10", 1, 1, 1, 1, 1},
    {"logaddexp", 2, 1, 1, 1, 0},
    {"logaddexp_by_first", 2, 1, 1, 1, 0},
    {"logaddexp2", 2, 1, 1, 1, 0},
    {"logaddexp2_by_first", 2, 1, 1, 1, 0},
    {"xlogy", 2, 1, 1, 1, 1},
    {"xlogy_by_first", 2, 1, 1, 1, 1},
    {"sin", 1, 1, 0, 1, 1},
    {"cos", 1, 1, 0, 1, 1},
    {"tan", 1, 1, 1, 1, 1},
    {"asin", 1, 1, 1, 1, 1},
    {"acos", 1, 1, 1, 1, 1},
    {"atan", 1, 1, 1, 0, 0},
    {"atan2", 2, 1, 1, 0, 0},
    {"atan2_by_first", 2, 1, 1, 0, 0},
    {"deg2rad", 1, 1, 0, 1, 1},
    {"rad2deg", 1, 1, 0, 1, 1},
    {"sinh", 1, 1, 0, 1, 1},
    {"cosh", 1, 1, 0, 1, 1},
    {"tanh", 1, 1, 1, 1, 0},
    {"sech", 1, 1, 1, 1, 0},
    {"asinh", 1, 1, 1, 0, 1},
    {"acosh", 1, 1, 1, 1, 1},
    {"atanh", 1, 1, 1, 1, 1},
    {"gaussian", 2, 1, 1, 1, 0},
    {"gaussian_by_first", 2, 1, 1, 1, 0},
    {"erf", 1, 1, 1, 1, 0},
    {"erfc", 1, 1, 1, 1, 0},
    {"ndtr", 1, 1, 1, 1, 0},
    {"sigmoid", 1, 1, 1, 1, 0},
    {"logit", 1, 1, 1, 1, 1},
    {"logsigmoid", 1, 1, 1, 1, 0},
    {"softplus", 1, 1, 1, 1, 0},
    {"relu", 1, 1, 0, 1, 0},
    {"leaky_relu", 2, 1, 0, 1, 1},
    {"leaky_relu_by_first", 2, 1, 0, 1, 1},
    {"relu6", 1, 1, 1, 1, 0},
    {"threshold", 3, 1, 1, 1, 0},
    {"threshold_by_first", 3, 1, 1, 1, 0},
    {"elu", 2, 1, 1, 1, 0},
    {"elu_by_first", 2, 1, 1, 1, 0},
    {"celu", 2, 1, 1, 1, 0},
    {"celu_by_first", 2, 1, 1, 1, 0},
    {"selu", 1, 1, 1, 1, 0},
    {"gelu", 1, 1, 1, 1, 0},
    {"gelu_gate", 1, 1, 1, 1, 0},
    {"gelu_bell", 1, 1, 1, 1, 0},
    {"gelu_tanh", 1, 1, 1, 1, 0},
    {"silu", 1, 1, 1, 1, 0},
    {"mish", 1, 1, 1, 1, 0},
    {"softsign", 1, 1, 1, 1, 0},
    {"hardtanh", 3, 1, 1, 1, 0},
    {"hardtanh_by_first", 3, 1, 1, 1, 0},
    {"hardsigmoid", 1, 1, 1, 1, 0},
    {"hardswish", 1, 1, 1, 1, 0},
    {"hardshrink", 2, 1, 1, 1, 0},
    {"hardshrink_by_first", 2, 1, 1, 1, 0},
    {"softshrink", 2, 1, 1, 1, 1},
    {"softshrink_by_first", 2, 1, 1, 1, 1},
    {"huber", 2, 1, 1, 1, 1},
    {"huber_by_first", 2, 1, 1, 1, 1},
    {"abs", 1, 1, 0, 1, 1},
    {"sign", 1, 1, 0, 1, 0},
    {"copysign", 2, 1, 1, 1, 1},
    {"copysign_by_first", 2, 1, 1, 1, 1},
    {"floor", 1, 1, 0, 1, 1},
    {"round", 1, 1, 0, 1, 1},
    {"ceil", 1, 1, 0, 1, 1},
    {"trunc", 1, 1, 0, 1, 1},
    {"fmod", 2, 1, 1, 1, 1},
    {"fmod_by_first", 2, 1, 1, 1, 1},
    {"remainder", 2, 1, 1, 1, 1},
    {"remainder_by_first", 2, 1, 1, 1, 1},
    {"maximum", 2, 1, 0, 1, 0},
    {"maximum_by_first", 2, 1, 0, 1, 0},
    {"minimum", 2, 1, 0, 1, 0},
    {"minimum_by_first", 2, 1, 0, 1, 0},
    {"fmax", 2, 1, 0, 1, 0},
    {"fmax_by_first", 2, 1, 0, 1, 0},
    {"fmin", 2, 1, 0, 1, 0},
    {"fmin_by_first", 2, 1, 0, 1, 0},
    {"clip", 3, 1, 0, 1, 0},
    {"clip_by_first", 3, 1, 0, 1, 0},
    {"lerp", 3, 1, 1, 1, 7},
    {"lerp_by_first", 3, 1, 1, 1, 7},
    {"where", 3, 1, 0, 1, 0},
    {"stop_gradient", 1, 1, 0, 1, 1},
    {"equal", 2, 1, 0, 1, 0},
    {"equal_by_first", 2, 1, 0, 1, 0},
    {"heaviside", 2, 1, 0, 1, 0},
    {"heaviside_by_first", 2, 1, 0, 1, 0},
    {"divide_no_nan", 2, 1, 1, 1, 0},
    {"divide_no_nan_by_first", 2, 1, 1, 1, 0},
    {"sum", 0, 1, 0, 1, 1},
    {"mean", 0, 1, 0, 1, 1},
    {"prod", 0, 1, 1, 0, 1},
    {"dot", 0, 2, 0, 1, 1},
    {"norm", 0, 1, 1, 0, 1},
    {"unit", 0, 1, 1, 0, 0},
    {"max", 0, 1, 0, 0, 0},
    {"min", 0, 1, 0, 0, 0},
    {"logsumexp", 0, 1, 1, 0, 0},
    {"softmax", 0, 1, 1, 0, 0},
    {"log_softmax", 0, 1, 1, 0, 0},
};

#elif defined SECTION_FORWARD

case OP_add: EACH y[l] = A[l] + B[l]; break;
case OP_sub: EACH y[l] = A[l] - B[l]; break;
case OP_mul: case OP_mul_by_first: EACH y[l] = A[l] * B[l]; break;
case OP_div: case OP_div_by_first: EACH y[l] = A[l] / B[l]; break;
case OP_neg: EACH y[l] = -A[l]; break;
case OP_pow: case OP_pow_by_first: EACH y[l] = pow(A[l], B[l]); break;
case OP_square: EACH y[l] = A[l] * A[l]; break;
case OP_reciprocal: EACH y[l] = 1.0 / A[l]; break;
case OP_sqrt: EACH y[l] = sqrt(A[l]); break;
case OP_rsqrt: EACH y[l] = 1.0 / sqrt(A[l]); break;
case OP_cbrt: EACH y[l] = cbrt(A[l]); break;
case OP_hypot: case OP_hypot_by_first: EACH y[l] = hypot(A[l], B[l]); break;
case OP_direction: case OP_direction_by_first: EACH y[l] = direction(A[l], B[l]); break;
case OP_inversion: case OP_inversion_by_first: EACH y[l] = inversion(A[l], B[l]); break;
case OP_difference_of_squares: case OP_difference_of_squares_by_first: EACH y[l] = ((A[l] - B[l]) * (A[l] + B[l])); break;
case OP_exp: EACH y[l] = exp(A[l]); break;
case OP_expm1: EACH y[l] = expm1(A[l]); break;
case OP_exp2: EACH y[l] = exp2(A[l]); break;
case OP_log: EACH y[l] = log(A[l]); break;
case OP_log1p: EACH y[l] = log1p(A[l]); break;
case OP_log2: EACH y[l] = log2(A[l]); break;
case OP_log10: EACH y[l] = log10(A[l]); break;
case OP_logaddexp: case OP_logaddexp_by_first: EACH y[l] = logaddexp(A[l], B[l]); break;
case OP_logaddexp2: case OP_logaddexp2_by_first: EACH y[l] = logaddexp2(A[l], B[l]); break;
case OP_xlogy: case OP_xlogy_by_first: EACH y[l] = xlogy(A[l], B[l]); break;
case OP_sin: EACH y[l] = sin(A[l]); break;
case OP_cos: EACH y[l] = cos(A[l]); break;
case OP_tan: EACH y[l] = tan(A[l]); break;
case OP_asin: EACH y[l] = asin(A[l]); break;
case OP_acos: EACH y[l] = acos(A[l]); break;
case OP_atan: EACH y[l] = atan(A[l]); break;
case OP_atan2: case OP_atan2_by_first: EACH y[l] = (((A[l] == 0.0 ? 1.0 : 0.0)) * ((B[l] == 0.0 ? 1.0 : 0.0))) != 0.0 ? NAN : atan2(A[l], B[l]); break;
case OP_deg2rad: EACH y[l] = 0.017453292519943295 * A[l]; break;
case OP_rad2deg: EACH y[l] = 57.29577951308232 * A[l]; break;
case OP_sinh: EACH y[l] = sinh(A[l]); break;
case OP_cosh: EACH y[l] = cosh(A[l]); break;
case OP_tanh: EACH y[l] = tanh(A[l]); break;
case OP_sech: EACH y[l] = sech(A[l]); break;
case OP_asinh: EACH y[l] = asinh(A[l]); break;
case OP_acosh: EACH y[l] = acosh(A[l]); break;
case OP_atanh: EACH y[l] = atanh(A[l]); break;
case OP_gaussian: case OP_gaussian_by_first: EACH y[l] = gaussian(A[l], B[l]); break;
case OP_erf: EACH y[l] = erf(A[l]); break;
case OP_erfc: EACH y[l] = erfc(A[l]); break;
case OP_ndtr: EACH y[l] = ndtr(A[l]); break;
case OP_sigmoid: EACH y[l] = sigmoid(A[l]); break;
case OP_logit: EACH y[l] = logit(A[l]); break;
case OP_logsigmoid: EACH y[l] = (-softplus(-A[l])); break;
case OP_softplus: EACH y[l] = softplus(A[l]); break;
case OP_relu: EACH y[l] = (A[l] <= 0.0 ? 0.0 : A[l]); break;
case OP_leaky_relu: case OP_leaky_relu_by_first: EACH y[l] = (A[l] > 0.0 ? A[l] : B[l] * A[l]); break;
case OP_relu6: EACH y[l] = clip(A[l], 0.0, 6.0); break;
case OP_threshold: case OP_threshold_by_first: EACH y[l] = (A[l] <= B[l] ? C[l] : A[l]); break;
case OP_elu: case OP_elu_by_first: EACH y[l] = (A[l] > 0.0 ? A[l] : B[l] * expm1(A[l])); break;
case OP_celu: case OP_celu_by_first: EACH y[l] = (B[l] > 0.0 ? (A[l] > 0.0 ? A[l] : B[l] * expm1(A[l] / B[l])) : NAN); break;
case OP_selu: EACH y[l] = 1.0507009873554805 * (A[l] > 0.0 ? A[l] : 1.6732632423543772 * expm1(A[l])); break;
case OP_gelu: EACH y[l] = gelu(A[l]); break;
case OP_gelu_gate: EACH y[l] = gelu_gate(A[l]); break;
case OP_gelu_bell: EACH y[l] = gelu_bell(A[l]); break;
case OP_gelu_tanh: EACH y[l] = gelu_tanh(A[l]); break;
case OP_silu: EACH y[l] = silu(A[l]); break;
case OP_mish: EACH y[l] = (A[l] < -40.0 ? silu(A[l]) : A[l] * tanh(softplus(A[l]))); break;
case OP_softsign: EACH y[l] = softsign(A[l]); break;
case OP_hardtanh: case OP_hardtanh_by_first: EACH y[l] = (B[l] <= C[l] ? clip(A[l], B[l], C[l]) : NAN); break;
case OP_hardsigmoid: EACH y[l] = clip(A[l] + 3.0, 0.0, 6.0) / 6.0; break;
case OP_hardswish: EACH y[l] = (A[l] <= -3.0 ? 0.0 : A[l] * (clip(A[l] + 3.0, 0.0, 6.0) / 6.0)); break;
case OP_hardshrink: case OP_hardshrink_by_first: EACH y[l] = (fabs(A[l]) <= B[l] ? 0.0 : A[l]); break;
case OP_softshrink: case OP_softshrink_by_first: EACH y[l] = (B[l] >= 0.0 ? A[l] - clip(A[l], -B[l], B[l]) : NAN); break;
case OP_huber: case OP_huber_by_first: EACH y[l] = huber(A[l], B[l]); break;
case OP_abs: EACH y[l] = fabs(A[l]); break;
case OP_sign: EACH y[l] = sign(A[l]); break;
case OP_copysign: case OP_copysign_by_first: EACH y[l] = copysign(A[l], B[l]); break;
case OP_floor: EACH y[l] = (floor(A[l]) + 0.0); break;
case OP_round: EACH y[l] = (nearbyint(A[l]) + 0.0); break;
case OP_ceil: EACH y[l] = (ceil(A[l]) + 0.0); break;
case OP_trunc: EACH y[l] = (trunc(A[l]) + 0.0); break;
case OP_fmod: case OP_fmod_by_first: EACH y[l] = fmod(A[l], B[l]); break;
case OP_remainder: case OP_remainder_by_first: EACH y[l] = python_remainder(A[l], B[l]); break;
case OP_maximum: case OP_maximum_by_first: EACH y[l] = maximum(A[l], B[l]); break;
case OP_minimum: case OP_minimum_by_first: EACH y[l] = minimum(A[l], B[l]); break;
case OP_fmax: case OP_fmax_by_first: EACH y[l] = (A[l] > B[l] || B[l] != B[l] ? A[l] : B[l]); break;
case OP_fmin: case OP_fmin_by_first: EACH y[l] = (A[l] < B[l] || B[l] != B[l] ? A[l] : B[l]); break;
case OP_clip: case OP_clip_by_first: EACH y[l] = clip(A[l], B[l], C[l]); break;
case OP_lerp: case OP_lerp_by_first: EACH y[l] = ((1.0 - C[l]) * A[l] + C[l] * B[l]); break;
case OP_where: EACH y[l] = (A[l] != 0.0 ? B[l] : C[l]); break;
case OP_stop_gradient: EACH y[l] = A[l]; break;
case OP_equal: case OP_equal_by_first: EACH y[l] = (A[l] == B[l] ? 1.0 : 0.0); break;
case OP_heaviside: case OP_heaviside_by_first: EACH y[l] = (A[l] == 0.0 ? B[l] : A[l] > 0.0 ? 1.0 : A[l] < 0.0 ? 0.0 : A[l]); break;
case OP_divide_no_nan: case OP_divide_no_nan_by_first: EACH y[l] = (B[l] == 0.0 ? 0.0 : A[l] / B[l]); break;
case OP_sum: FORWARD_SUM
case OP_mean: FORWARD_MEAN
case OP_prod: FORWARD_OF_MANY(prod)
case OP_dot: FORWARD_DOT
case OP_norm: FORWARD_OF_MANY(norm)
case OP_unit: FORWARD_OF_MANY(unit)
case OP_max: FORWARD_OF_MANY(max)
case OP_min: FORWARD_OF_MANY(min)
case OP_logsumexp: FORWARD_OF_MANY(logsumexp)
case OP_softmax: FORWARD_OF_MANY(softmax)
case OP_log_softmax: FORWARD_OF_MANY(log_softmax)

#elif defined SECTION_REVERSE

case OP_add:
    EACH { SLOPE(0, GA, 1.0) }
    EACH { SLOPE(1, GB, 1.0) }
    break;
case OP_sub:
    EACH { SLOPE(0, GA, 1.0) }
    EACH { SLOPE(1, GB, (-1.0)) }
    break;
case OP_mul:
    EACH { SLOPE(0, GA, B[l]) }
    EACH { SLOPE(1, GB, A[l]) }
    break;
case OP_mul_by_first:
    EACH { SLOPE(0, GA, B[l]) }
    break;
case OP_div:
    EACH {
        double v0 = 1.0 / B[l];
        double v1 = y[l] / B[l];
        double v2 = -v1;
        d[0][l] = v0;
        d[1][l] = v2;
    } DOUBT(2, 0, 0, INFINITY) DOUBT(2, 1, 1, INFINITY) PULL(0, GA) PULL(1, GB)
    break;
case OP_div_by_first:
    EACH { double v0 = 1.0 / B[l]; SLOPE(0, GA, v0) } DOUBT(2, 0, 0, INFINITY)
    break;
case OP_neg:
    EACH { SLOPE(0, GA, (-1.0)) }
    break;
case OP_pow:
    EACH {
        double v0 = B[l] - 1.0;
        double v1 = pow(A[l], v0);
        double v2 = (A[l] == A[l] ? 1.0 : 0.0);
        double v3 = (A[l] == 0.0 ? 0.0 : 1.0 / A[l]);
        double v4 = (v2 != 0.0 ? v3 : 0.0);
        double v5 = (B[l] != 0.0 ? v1 : v4);
        double v6 = B[l] * v5;
        double v7 = log(A[l]);
        double v8 = minimum(B[l], 0.0);
        double v9 = (A[l] != 0.0 ? v7 : v8);
        double v10 = y[l] * v9;
        d[0][l] = v6;
        d[1][l] = v10;
    } DOUBT(2, 0, 1, INFINITY) DOUBT(2, 1, 1, INFINITY) PULL(0, GA) PULL(1, GB)
    break;
case OP_pow_by_first:
    EACH { double v0 = B[l] - 1.0; double v1 = pow(A[l], v0); double v2 = (A[l] == A[l] ? 1.0 : 0.0); double v3 = (A[l] == 0.0 ? 0.0 : 1.0 / A[l]); double v4 = (v2 != 0.0 ? v3 : 0.0); double v5 = (B[l] != 0.0 ? v1 : v4); double v6 = B[l] * v5; SLOPE(0, GA, v6) } DOUBT(2, 0, 1, INFINITY)
    break;
case OP_square:
    EACH { double v0 = 2.0 * A[l]; SLOPE(0, GA, v0) } DOUBT(1, 0, 0, INFINITY) DOUBT_VALUE
    break;
case OP_reciprocal:
    EACH { double v0 = y[l] * y[l]; double v1 = -v0; SLOPE(0, GA, v1) } DOUBT(1, 0, 1, INFINITY)
    break;
case OP_sqrt:
    EACH { double v0 = 0.5 / y[l]; SLOPE(0, GA, v0) } DOUBT(1, 0, 0, INFINITY)
    break;
case OP_rsqrt:
    EACH { double v0 = y[l] / A[l]; double v1 = (-0.5) * v0; SLOPE(0, GA, v1) } DOUBT(1, 0, 1, INFINITY)
    break;
case OP_cbrt:
    EACH { double v0 = 1.0 / y[l]; double v1 = v0 * v0; double v2 = v1 / 3.0; SLOPE(0, GA, v2) } DOUBT(1, 0, 1, INFINITY)
    break;
case OP_hypot:
    EACH {
        double v0 = direction(A[l], B[l]);
        double v1 = direction(B[l], A[l]);
        d[0][l] = v0;
        d[1][l] = v1;
    } DOUBT(2, 0, 1, INFINITY) DOUBT(2, 1, 1, INFINITY) PULL(0, GA) PULL(1, GB)
    break;
case OP_hypot_by_first:
    EACH { double v0 = direction(A[l], B[l]); SLOPE(0, GA, v0) } DOUBT(2, 0, 1, INFINITY)
    break;
case OP_direction:
    EACH {
        double v0 = direction(B[l], A[l]);
        double v1 = v0 * v0;
        double v2 = hypot(A[l], B[l]);
        double v3 = (v2 == 0.0 ? 0.0 : v1 / v2);
        double v4 = y[l] * v0;
        double v5 = (v2 == 0.0 ? 0.0 : v4 / v2);
        double v6 = -v5;
        d[0][l] = v3;
        d[1][l] = v6;
    } DOUBT(2, 0, 1, INFINITY) DOUBT(2, 1, 1, INFINITY) PULL(0, GA) PULL(1, GB)
    break;
case OP_direction_by_first:
    EACH { double v0 = direction(B[l], A[l]); double v1 = v0 * v0; double v2 = hypot(A[l], B[l]); double v3 = (v2 == 0.0 ? 0.0 : v1 / v2); SLOPE(0, GA, v3) } DOUBT(2, 0, 1, INFINITY)
    break;
case OP_inversion:
    EACH {
        double v0 = inversion(B[l], A[l]);
        double v1 = ((v0 - y[l]) * (v0 + y[l]));
        double v2 = y[l] * v0;
        double v3 = (-2.0) * v2;
        d[0][l] = v1;
        d[1][l] = v3;
    } DOUBT(2, 0, 1, INFINITY) DOUBT(2, 1, 1, INFINITY) PULL(0, GA) PULL(1, GB)
    break;
case OP_inversion_by_first:
    EACH { double v0 = inversion(B[l], A[l]); double v1 = ((v0 - y[l]) * (v0 + y[l])); SLOPE(0, GA, v1) } DOUBT(2, 0, 1, INFINITY)
    break;
case OP_difference_of_squares:
    EACH {
        double v0 = 2.0 * A[l];
        double v1 = (-2.0) * B[l];
        d[0][l] = v0;
        d[1][l] = v1;
    } DOUBT(2, 0, 0, INFINITY) DOUBT(2, 1, 0, INFINITY) PULL(0, GA) PULL(1, GB)
    break;
case OP_difference_of_squares_by_first:
    EACH { double v0 = 2.0 * A[l]; SLOPE(0, GA, v0) } DOUBT(2, 0, 0, INFINITY)
    break;
case OP_exp:
    EACH { double v0 = exp(A[l]); SLOPE(0, GA, v0) } DOUBT(1, 0, 1, 1500.0)
    break;
case OP_expm1:
    EACH { double v0 = exp(A[l]); SLOPE(0, GA, v0) } DOUBT(1, 0, 1, 1500.0)
    break;
case OP_exp2:
    EACH { double v0 = 0.5 * A[l]; double v1 = exp2(v0); double v2 = 0.8325546111576977 * v1; double v3 = v2 * v2; SLOPE(0, GA, v3) } DOUBT(1, 0, 1, 1500.0)
    break;
case OP_log:
    EACH { double v0 = 1.0 / A[l]; SLOPE(0, GA, v0) } DOUBT(1, 0, 0, INFINITY)
    break;
case OP_log1p:
    EACH { double v0 = 1.0 + A[l]; double v1 = 1.0 / v0; SLOPE(0, GA, v1) } DOUBT(1, 0, 0, INFINITY)
    break;
case OP_log2:
    EACH { double v0 = 1.4426950408889634 / A[l]; SLOPE(0, GA, v0) } DOUBT(1, 0, 0, INFINITY)
    break;
case OP_log10:
    EACH { double v0 = 0.43429448190325176 / A[l]; SLOPE(0, GA, v0) } DOUBT(1, 0, 0, INFINITY)
    break;
case OP_logaddexp:
    EACH {
        double v0 = softmax(2, (const double[]){A[l], B[l]});
        double v1 = softmax(2, (const double[]){B[l], A[l]});
        d[0][l] = v0;
        d[1][l] = v1;
    } DOUBT(2, 0, 1, 1500.0) DOUBT(2, 1, 1, 1500.0) PULL(0, GA) PULL(1, GB)
    break;
case OP_logaddexp_by_first:
    EACH { double v0 = softmax(2, (const double[]){A[l], B[l]}); SLOPE(0, GA, v0) } DOUBT(2, 0, 1, 1500.0)
    break;
case OP_logaddexp2:
    EACH {
        double v0 = A[l] - B[l];
        double v1 = 0.6931471805599453 * v0;
        double v2 = sigmoid(v1);
        double v3 = B[l] - A[l];
        double v4 = 0.6931471805599453 * v3;
        double v5 = sigmoid(v4);
        d[0][l] = v2;
        d[1][l] = v5;
    } DOUBT(2, 0, 1, 1500.0) DOUBT(2, 1, 1, 1500.0) PULL(0, GA) PULL(1, GB)
    break;
case OP_logaddexp2_by_first:
    EACH { double v0 = A[l] - B[l]; double v1 = 0.6931471805599453 * v0; double v2 = sigmoid(v1); SLOPE(0, GA, v2) } DOUBT(2, 0, 1, 1500.0)
    break;
case OP_xlogy:
    EACH {
        double v0 = log(B[l]);
        double v1 = (B[l] == 0.0 ? 0.0 : A[l] / B[l]);
        d[0][l] = v0;
        d[1][l] = v1;
    } DOUBT(2, 0, 0, INFINITY) DOUBT(2, 1, 1, INFINITY) PULL(0, GA) PULL(1, GB)
    break;
case OP_xlogy_by_first:
    EACH { double v0 = log(B[l]); SLOPE(0, GA, v0) } DOUBT(2, 0, 0, INFINITY)
    break;
case OP_sin:
    EACH { double v0 = cos(A[l]); SLOPE(0, GA, v0) }
    break;
case OP_cos:
    EACH { double v0 = sin(A[l]); double v1 = -v0; SLOPE(0, GA, v1) }
    break;
case OP_tan:
    EACH { double v0 = cos(A[l]); double v1 = 1.0 / v0; double v2 = v1 * v1; SLOPE(0, GA, v2) } DOUBT(1, 0, 1, INFINITY)
    break;
case OP_asin:
    EACH { double v0 = ((1.0 - A[l]) * (1.0 + A[l])); double v1 = sqrt(v0); double v2 = 1.0 / v1; SLOPE(0, GA, v2) } DOUBT(1, 0, 1, INFINITY)
    break;
case OP_acos:
    EACH { double v0 = ((1.0 - A[l]) * (1.0 + A[l])); double v1 = sqrt(v0); double v2 = 1.0 / v1; double v3 = -v2; SLOPE(0, GA, v3) } DOUBT(1, 0, 1, INFINITY)
    break;
case OP_atan:
    EACH { double v0 = hypot(1.0, A[l]); double v1 = 1.0 / v0; double v2 = v1 * v1; SLOPE(0, GA, v2) } DOUBT(1, 0, 1, INFINITY)
    break;
case OP_atan2:
    EACH {
        double v0 = inversion(B[l], A[l]);
        double v1 = inversion(A[l], B[l]);
        double v2 = -v1;
        d[0][l] = v0;
        d[1][l] = v2;
    } DOUBT(2, 0, 1, INFINITY) DOUBT(2, 1, 1, INFINITY) PULL(0, GA) PULL(1, GB)
    break;
case OP_atan2_by_first:
    EACH { double v0 = inversion(B[l], A[l]); SLOPE(0, GA, v0) } DOUBT(2, 0, 1, INFINITY)
    break;
case OP_deg2rad:
    EACH { SLOPE(0, GA, 0.017453292519943295) }
    break;
case OP_rad2deg:
    EACH { SLOPE(0, GA, 57.29577951308232) }
    break;
case OP_sinh:
    EACH { double v0 = cosh(A[l]); SLOPE(0, GA, v0) }
    break;
case OP_cosh:
    EACH { double v0 = sinh(A[l]); SLOPE(0, GA, v0) }
    break;
case OP_tanh:
    EACH { double v0 = sech(A[l]); double v1 = v0 * v0; SLOPE(0, GA, v1) } DOUBT(1, 0, 1, 1500.0)
    break;
case OP_sech:
    EACH { double v0 = tanh(A[l]); double v1 = y[l] * v0; double v2 = -v1; SLOPE(0, GA, v2) } DOUBT(1, 0, 1, INFINITY)
    break;
case OP_asinh:
    EACH { double v0 = hypot(1.0, A[l]); double v1 = 1.0 / v0; SLOPE(0, GA, v1) } DOUBT(1, 0, 0, INFINITY)
    break;
case OP_acosh:
    EACH { double v0 = A[l] - 1.0; double v1 = sqrt(v0); double v2 = 1.0 / v1; double v3 = A[l] + 1.0; double v4 = sqrt(v3); double v5 = 1.0 / v4; double v6 = v2 * v5; SLOPE(0, GA, v6) } DOUBT(1, 0, 1, INFINITY)
    break;
case OP_atanh:
    EACH { double v0 = ((1.0 - A[l]) * (1.0 + A[l])); double v1 = 1.0 / v0; SLOPE(0, GA, v1) } DOUBT(1, 0, 1, INFINITY)
    break;
case OP_gaussian:
    EACH {
        double v0 = (y[l] != 0.0 ? A[l] : 0.0);
        double v1 = v0 * y[l];
        double v2 = B[l] * v1;
        double v3 = (-2.0) * v2;
        double v4 = -v0;
        double v5 = v4 * v1;
        d[0][l] = v3;
        d[1][l] = v5;
    } DOUBT(2, 0, 1, INFINITY) DOUBT(2, 1, 1, INFINITY) PULL(0, GA) PULL(1, GB)
    break;
case OP_gaussian_by_first:
    EACH { double v0 = (y[l] != 0.0 ? A[l] : 0.0); double v1 = v0 * y[l]; double v2 = B[l] * v1; double v3 = (-2.0) * v2; SLOPE(0, GA, v3) } DOUBT(2, 0, 1, INFINITY)
    break;
case OP_erf:
    EACH { double v0 = gaussian(A[l], 1.0); double v1 = 1.1283791670955126 * v0; SLOPE(0, GA, v1) } DOUBT(1, 0, 1, 1500.0)
    break;
case OP_erfc:
    EACH { double v0 = gaussian(A[l], 1.0); double v1 = (-1.1283791670955126) * v0; SLOPE(0, GA, v1) } DOUBT(1, 0, 1, 1500.0)
    break;
case OP_ndtr:
    EACH { double v0 = gaussian(A[l], 0.5); double v1 = v0 / 2.5066282746310002; SLOPE(0, GA, v1) } DOUBT(1, 0, 1, 1500.0)
    break;
case OP_sigmoid:
    EACH { double v0 = 0.5 * A[l]; double v1 = sech(v0); double v2 = 0.5 * v1; double v3 = v2 * v2; SLOPE(0, GA, v3) } DOUBT(1, 0, 1, 1500.0)
    break;
case OP_logit:
    EACH { double v0 = 1.0 / A[l]; double v1 = 1.0 - A[l]; double v2 = 1.0 / v1; double v3 = v0 + v2; SLOPE(0, GA, v3) } DOUBT(1, 0, 0, INFINITY)
    break;
case OP_logsigmoid:
    EACH { double v0 = -A[l]; double v1 = sigmoid(v0); SLOPE(0, GA, v1) } DOUBT(1, 0, 1, 1500.0)
    break;
case OP_softplus:
    EACH { double v0 = sigmoid(A[l]); SLOPE(0, GA, v0) } DOUBT(1, 0, 1, 1500.0)
    break;
case OP_relu:
    EACH { double v0 = (A[l] == 0.0 ? 0.0 : A[l] > 0.0 ? 1.0 : A[l] < 0.0 ? 0.0 : A[l]); SLOPE(0, GA, v0) }
    break;
case OP_leaky_relu:
    EACH {
        double v0 = (A[l] == 0.0 ? 0.0 : A[l] > 0.0 ? 1.0 : A[l] < 0.0 ? 0.0 : A[l]);
        double v1 = (v0 != 0.0 ? 1.0 : B[l]);
        double v2 = minimum(A[l], 0.0);
        d[0][l] = v1;
        d[1][l] = v2;
    } PULL(0, GA) PULL(1, GB)
    break;
case OP_leaky_relu_by_first:
    EACH { double v0 = (A[l] == 0.0 ? 0.0 : A[l] > 0.0 ? 1.0 : A[l] < 0.0 ? 0.0 : A[l]); double v1 = (v0 != 0.0 ? 1.0 : B[l]); SLOPE(0, GA, v1) }
    break;
case OP_relu6:
    EACH { double v0 = (A[l] == 0.0 ? 0.0 : A[l] > 0.0 ? 1.0 : A[l] < 0.0 ? 0.0 : A[l]); double v1 = 6.0 - A[l]; double v2 = (v1 == 0.0 ? 0.0 : v1 > 0.0 ? 1.0 : v1 < 0.0 ? 0.0 : v1); double v3 = v0 * v2; SLOPE(0, GA, v3) } DOUBT(1, 0, 1, INFINITY)
    break;
case OP_threshold:
    EACH {
        double v0 = A[l] - B[l];
        double v1 = (v0 == 0.0 ? 0.0 : v0 > 0.0 ? 1.0 : v0 < 0.0 ? 0.0 : v0);
        double v2 = 1.0 - v1;
        d[0][l] = v1;
        d[1][l] = 0.0;
        d[2][l] = v2;
    } DOUBT(3, 0, 0, INFINITY) DOUBT(3, 1, 0, INFINITY) DOUBT(3, 2, 0, INFINITY) PULL(0, GA) PULL(1, GB) PULL(2, GC)
    break;
case OP_threshold_by_first:
    EACH { double v0 = A[l] - B[l]; double v1 = (v0 == 0.0 ? 0.0 : v0 > 0.0 ? 1.0 : v0 < 0.0 ? 0.0 : v0); SLOPE(0, GA, v1) } DOUBT(3, 0, 0, INFINITY)
    break;
case OP_elu:
    EACH {
        double v0 = (A[l] == 0.0 ? 0.0 : A[l] > 0.0 ? 1.0 : A[l] < 0.0 ? 0.0 : A[l]);
        double v1 = -A[l];
        double v2 = (v1 <= 0.0 ? 0.0 : v1);
        double v3 = -v2;
        double v4 = exp(v3);
        double v5 = B[l] * v4;
        double v6 = (v0 != 0.0 ? 1.0 : v5);
        double v7 = expm1(v3);
        d[0][l] = v6;
        d[1][l] = v7;
    } DOUBT(2, 0, 1, 1500.0) DOUBT(2, 1, 0, 1500.0) PULL(0, GA) PULL(1, GB)
    break;
case OP_elu_by_first:
    EACH { double v0 = (A[l] == 0.0 ? 0.0 : A[l] > 0.0 ? 1.0 : A[l] < 0.0 ? 0.0 : A[l]); double v1 = -A[l]; double v2 = (v1 <= 0.0 ? 0.0 : v1); double v3 = -v2; double v4 = exp(v3); double v5 = B[l] * v4; double v6 = (v0 != 0.0 ? 1.0 : v5); SLOPE(0, GA, v6) } DOUBT(2, 0, 1, 1500.0)
    break;
case OP_celu:
    EACH {
        double v0 = (A[l] == 0.0 ? 0.0 : A[l] > 0.0 ? 1.0 : A[l] < 0.0 ? 0.0 : A[l]);
        double v1 = -A[l];
        double v2 = (v1 <= 0.0 ? 0.0 : v1);
        double v3 = -v2;
        double v4 = v3 / B[l];
        double v5 = exp(v4);
        double v6 = (v0 != 0.0 ? 1.0 : v5);
        double v7 = expm1(v4);
        double v8 = clip(v4, (-1000.0), 1000.0);
        double v9 = v8 * v5;
        double v10 = v7 - v9;
        d[0][l] = v6;
        d[1][l] = v10;
    } DOUBT(2, 0, 1, 1500.0) DOUBT(2, 1, 1, 1500.0) PULL(0, GA) PULL(1, GB)
    break;
case OP_celu_by_first:
    EACH { double v0 = (A[l] == 0.0 ? 0.0 : A[l] > 0.0 ? 1.0 : A[l] < 0.0 ? 0.0 : A[l]); double v1 = -A[l]; double v2 = (v1 <= 0.0 ? 0.0 : v1); double v3 = -v2; double v4 = v3 / B[l]; double v5 = exp(v4); double v6 = (v0 != 0.0 ? 1.0 : v5); SLOPE(0, GA, v6) } DOUBT(2, 0, 1, 1500.0)
    break;
case OP_selu:
    EACH { double v0 = (A[l] == 0.0 ? 0.0 : A[l] > 0.0 ? 1.0 : A[l] < 0.0 ? 0.0 : A[l]); double v1 = -A[l]; double v2 = (v1 <= 0.0 ? 0.0 : v1); double v3 = -v2; double v4 = exp(v3); double v5 = 1.7580993408473766 * v4; double v6 = (v0 != 0.0 ? 1.0507009873554805 : v5); SLOPE(0, GA, v6) } DOUBT(1, 0, 1, 1500.0)
    break;
case OP_gelu:
    EACH { double v0 = ndtr(A[l]); double v1 = clip(A[l], (-1000.0), 1000.0); double v2 = gaussian(A[l], 0.5); double v3 = v2 / 2.5066282746310002; double v4 = v1 * v3; double v5 = v0 + v4; SLOPE(0, GA, v5) } DOUBT(1, 0, 1, 1500.0)
    break;
case OP_gelu_gate:
    EACH { double v0 = gelu_bell(A[l]); double v1 = clip(A[l], (-1000.0), 1000.0); double v2 = v1 * v1; double v3 = 0.21406444881780073 * v2; double v4 = 1.5957691216057308 + v3; double v5 = v0 * v4; SLOPE(0, GA, v5) } DOUBT(1, 0, 1, 1500.0)
    break;
case OP_gelu_bell:
    EACH { double v0 = clip(A[l], (-1000.0), 1000.0); double v1 = v0 * v0; double v2 = 0.07135481627260025 * v1; double v3 = 1.5957691216057308 + v2; double v4 = v0 * v3; double v5 = v4 * 0.5; double v6 = tanh(v5); double v7 = y[l] * v6; double v8 = -v7; double v9 = 0.21406444881780073 * v1; double v10 = 1.5957691216057308 + v9; double v11 = v8 * v10; SLOPE(0, GA, v11) } DOUBT(1, 0, 1, INFINITY)
    break;
case OP_gelu_tanh:
    EACH { double v0 = gelu_gate(A[l]); double v1 = clip(A[l], (-1000.0), 1000.0); double v2 = gelu_bell(A[l]); double v3 = v1 * v1; double v4 = 0.21406444881780073 * v3; double v5 = 1.5957691216057308 + v4; double v6 = v2 * v5; double v7 = v1 * v6; double v8 = v0 + v7; SLOPE(0, GA, v8) } DOUBT(1, 0, 1, 1500.0)
    break;
case OP_silu:
    EACH { double v0 = sigmoid(A[l]); double v1 = clip(A[l], (-1000.0), 1000.0); double v2 = 0.5 * A[l]; double v3 = sech(v2); double v4 = 0.5 * v3; double v5 = v4 * v4; double v6 = v1 * v5; double v7 = v0 + v6; SLOPE(0, GA, v7) } DOUBT(1, 0, 1, 1500.0)
    break;
case OP_mish:
    EACH { double v0 = softplus(A[l]); double v1 = tanh(v0); double v2 = clip(A[l], (-1000.0), 1000.0); double v3 = sech(v0); double v4 = v3 * v3; double v5 = sigmoid(A[l]); double v6 = v4 * v5; double v7 = v2 * v6; double v8 = v1 + v7; SLOPE(0, GA, v8) } DOUBT(1, 0, 1, 1500.0)
    break;
case OP_softsign:
    EACH { double v0 = fabs(A[l]); double v1 = 1.0 + v0; double v2 = 1.0 / v1; double v3 = v2 * v2; SLOPE(0, GA, v3) } DOUBT(1, 0, 1, INFINITY)
    break;
case OP_hardtanh:
    EACH {
        double v0 = A[l] - B[l];
        double v1 = (v0 == 0.0 ? 0.0 : v0 > 0.0 ? 1.0 : v0 < 0.0 ? 0.0 : v0);
        double v2 = C[l] - A[l];
        double v3 = (v2 == 0.0 ? 0.0 : v2 > 0.0 ? 1.0 : v2 < 0.0 ? 0.0 : v2);
        double v4 = v1 * v3;
        double v5 = B[l] - A[l];
        double v6 = (v5 == 0.0 ? 0.0 : v5 > 0.0 ? 1.0 : v5 < 0.0 ? 0.0 : v5);
        double v7 = A[l] - C[l];
        double v8 = (v7 == 0.0 ? 0.0 : v7 > 0.0 ? 1.0 : v7 < 0.0 ? 0.0 : v7);
        d[0][l] = v4;
        d[1][l] = v6;
        d[2][l] = v8;
    } DOUBT(3, 0, 1, INFINITY) DOUBT(3, 1, 0, INFINITY) DOUBT(3, 2, 0, INFINITY) PULL(0, GA) PULL(1, GB) PULL(2, GC)
    break;
case OP_hardtanh_by_first:
    EACH { double v0 = A[l] - B[l]; double v1 = (v0 == 0.0 ? 0.0 : v0 > 0.0 ? 1.0 : v0 < 0.0 ? 0.0 : v0); double v2 = C[l] - A[l]; double v3 = (v2 == 0.0 ? 0.0 : v2 > 0.0 ? 1.0 : v2 < 0.0 ? 0.0 : v2); double v4 = v1 * v3; SLOPE(0, GA, v4) } DOUBT(3, 0, 1, INFINITY)
    break;
case OP_hardsigmoid:
    EACH { double v0 = fabs(A[l]); double v1 = 3.0 - v0; double v2 = (v1 == 0.0 ? 0.0 : v1 > 0.0 ? 1.0 : v1 < 0.0 ? 0.0 : v1); double v3 = v2 / 6.0; SLOPE(0, GA, v3) } DOUBT(1, 0, 1, INFINITY)
    break;
case OP_hardswish:
    EACH { double v0 = A[l] + 3.0; double v1 = (v0 == 0.0 ? 0.0 : v0 > 0.0 ? 1.0 : v0 < 0.0 ? 0.0 : v0); double v2 = 3.0 - A[l]; double v3 = (v2 == 0.0 ? 0.0 : v2 > 0.0 ? 1.0 : v2 < 0.0 ? 0.0 : v2); double v4 = 2.0 * A[l]; double v5 = v4 + 3.0; double v6 = v5 / 6.0; double v7 = (v3 != 0.0 ? v6 : 1.0); double v8 = (v1 != 0.0 ? v7 : 0.0); SLOPE(0, GA, v8) } DOUBT(1, 0, 1, INFINITY)
    break;
case OP_hardshrink:
    EACH {
        double v0 = fabs(A[l]);
        double v1 = v0 - B[l];
        double v2 = (v1 == 0.0 ? 0.0 : v1 > 0.0 ? 1.0 : v1 < 0.0 ? 0.0 : v1);
        d[0][l] = v2;
        d[1][l] = 0.0;
    } DOUBT(2, 0, 0, INFINITY) DOUBT(2, 1, 0, INFINITY) PULL(0, GA) PULL(1, GB)
    break;
case OP_hardshrink_by_first:
    EACH { double v0 = fabs(A[l]); double v1 = v0 - B[l]; double v2 = (v1 == 0.0 ? 0.0 : v1 > 0.0 ? 1.0 : v1 < 0.0 ? 0.0 : v1); SLOPE(0, GA, v2) } DOUBT(2, 0, 0, INFINITY)
    break;
case OP_softshrink:
    EACH {
        double v0 = fabs(A[l]);
        double v1 = v0 - B[l];
        double v2 = (v1 == 0.0 ? 0.0 : v1 > 0.0 ? 1.0 : v1 < 0.0 ? 0.0 : v1);
        double v3 = sign(A[l]);
        double v4 = -v3;
        double v5 = v4 * v2;
        d[0][l] = v2;
        d[1][l] = v5;
    } DOUBT(2, 0, 0, INFINITY) DOUBT(2, 1, 1, INFINITY) PULL(0, GA) PULL(1, GB)
    break;
case OP_softshrink_by_first:
    EACH { double v0 = fabs(A[l]); double v1 = v0 - B[l]; double v2 = (v1 == 0.0 ? 0.0 : v1 > 0.0 ? 1.0 : v1 < 0.0 ? 0.0 : v1); SLOPE(0, GA, v2) } DOUBT(2, 0, 0, INFINITY)
    break;
case OP_huber:
    EACH {
        double v0 = -B[l];
        double v1 = clip(A[l], v0, B[l]);
        double v2 = fabs(A[l]);
        double v3 = v2 - B[l];
        double v4 = (v3 <= 0.0 ? 0.0 : v3);
        d[0][l] = v1;
        d[1][l] = v4;
    } DOUBT(2, 0, 0, INFINITY) DOUBT(2, 1, 0, INFINITY) PULL(0, GA) PULL(1, GB)
    break;
case OP_huber_by_first:
    EACH { double v0 = -B[l]; double v1 = clip(A[l], v0, B[l]); SLOPE(0, GA, v1) } DOUBT(2, 0, 0, INFINITY)
    break;
case OP_abs:
    EACH { double v0 = sign(A[l]); SLOPE(0, GA, v0) }
    break;
case OP_sign:
    EACH { SLOPE(0, GA, 0.0) }
    break;
case OP_copysign:
    EACH {
        double v0 = sign(A[l]);
        double v1 = copysign(1.0, B[l]);
        double v2 = v0 * v1;
        d[0][l] = v2;
        d[1][l] = 0.0;
    } DOUBT(2, 0, 1, INFINITY) DOUBT(2, 1, 0, INFINITY) PULL(0, GA) PULL(1, GB)
    break;
case OP_copysign_by_first:
    EACH { double v0 = sign(A[l]); double v1 = copysign(1.0, B[l]); double v2 = v0 * v1; SLOPE(0, GA, v2) } DOUBT(2, 0, 1, INFINITY)
    break;
case OP_floor:
    EACH { SLOPE(0, GA, 0.0) }
    break;
case OP_round:
    EACH { SLOPE(0, GA, 0.0) }
    break;
case OP_ceil:
    EACH { SLOPE(0, GA, 0.0) }
    break;
case OP_trunc:
    EACH { SLOPE(0, GA, 0.0) }
    break;
case OP_fmod:
    EACH {
        double v0 = A[l] - y[l];
        double v1 = v0 / B[l];
        double v2 = (nearbyint(v1) + 0.0);
        double v3 = -v2;
        d[0][l] = 1.0;
        d[1][l] = v3;
    } DOUBT(2, 0, 0, INFINITY) DOUBT(2, 1, 1, INFINITY) PULL(0, GA) PULL(1, GB)
    break;
case OP_fmod_by_first:
    EACH { SLOPE(0, GA, 1.0) } DOUBT(2, 0, 0, INFINITY)
    break;
case OP_remainder:
    EACH {
        double v0 = A[l] - y[l];
        double v1 = v0 / B[l];
        double v2 = (nearbyint(v1) + 0.0);
        double v3 = -v2;
        d[0][l] = 1.0;
        d[1][l] = v3;
    } DOUBT(2, 0, 0, INFINITY) DOUBT(2, 1, 1, INFINITY) PULL(0, GA) PULL(1, GB)
    break;
case OP_remainder_by_first:
    EACH { SLOPE(0, GA, 1.0) } DOUBT(2, 0, 0, INFINITY)
    break;
case OP_maximum:
    EACH {
        double v0 = (A[l] == y[l] ? 1.0 : 0.0);
        double v1 = (B[l] == y[l] ? 1.0 : 0.0);
        double v2 = v0 + v1;
        double v3 = (v2 == 0.0 ? 0.0 : v0 / v2);
        double v4 = v1 + v0;
        double v5 = (v4 == 0.0 ? 0.0 : v1 / v4);
        d[0][l] = v3;
        d[1][l] = v5;
    } PULL(0, GA) PULL(1, GB)
    break;
case OP_maximum_by_first:
    EACH { double v0 = (A[l] == y[l] ? 1.0 : 0.0); double v1 = (B[l] == y[l] ? 1.0 : 0.0); double v2 = v0 + v1; double v3 = (v2 == 0.0 ? 0.0 : v0 / v2); SLOPE(0, GA, v3) }
    break;
case OP_minimum:
    EACH {
        double v0 = (A[l] == y[l] ? 1.0 : 0.0);
        double v1 = (B[l] == y[l] ? 1.0 : 0.0);
        double v2 = v0 + v1;
        double v3 = (v2 == 0.0 ? 0.0 : v0 / v2);
        double v4 = v1 + v0;
        double v5 = (v4 == 0.0 ? 0.0 : v1 / v4);
        d[0][l] = v3;
        d[1][l] = v5;
    } PULL(0, GA) PULL(1, GB)
    break;
case OP_minimum_by_first:
    EACH { double v0 = (A[l] == y[l] ? 1.0 : 0.0); double v1 = (B[l] == y[l] ? 1.0 : 0.0); double v2 = v0 + v1; double v3 = (v2 == 0.0 ? 0.0 : v0 / v2); SLOPE(0, GA, v3) }
    break;
case OP_fmax:
    EACH {
        double v0 = (A[l] == y[l] ? 1.0 : 0.0);
        double v1 = (B[l] == y[l] ? 1.0 : 0.0);
        double v2 = v0 + v1;
        double v3 = (v2 == 0.0 ? 0.0 : v0 / v2);
        double v4 = v1 + v0;
        double v5 = (v4 == 0.0 ? 0.0 : v1 / v4);
        d[0][l] = v3;
        d[1][l] = v5;
    } PULL(0, GA) PULL(1, GB)
    break;
case OP_fmax_by_first:
    EACH { double v0 = (A[l] == y[l] ? 1.0 : 0.0); double v1 = (B[l] == y[l] ? 1.0 : 0.0); double v2 = v0 + v1; double v3 = (v2 == 0.0 ? 0.0 : v0 / v2); SLOPE(0, GA, v3) }
    break;
case OP_fmin:
    EACH {
        double v0 = (A[l] == y[l] ? 1.0 : 0.0);
        double v1 = (B[l] == y[l] ? 1.0 : 0.0);
        double v2 = v0 + v1;
        double v3 = (v2 == 0.0 ? 0.0 : v0 / v2);
        double v4 = v1 + v0;
        double v5 = (v4 == 0.0 ? 0.0 : v1 / v4);
        d[0][l] = v3;
        d[1][l] = v5;
    } PULL(0, GA) PULL(1, GB)
    break;
case OP_fmin_by_first:
    EACH { double v0 = (A[l] == y[l] ? 1.0 : 0.0); double v1 = (B[l] == y[l] ? 1.0 : 0.0); double v2 = v0 + v1; double v3 = (v2 == 0.0 ? 0.0 : v0 / v2); SLOPE(0, GA, v3) }
    break;
case OP_clip:
    EACH {
        double v0 = maximum(A[l], B[l]);
        double v1 = (A[l] == v0 ? 1.0 : 0.0);
        double v2 = (v0 == y[l] ? 1.0 : 0.0);
        double v3 = v1 * v2;
        double v4 = 1.0 - v1;
        double v5 = v4 * v2;
        double v6 = 1.0 - v2;
        double v7 = (C[l] == y[l] ? 1.0 : 0.0);
        double v8 = v6 * v7;
        d[0][l] = v3;
        d[1][l] = v5;
        d[2][l] = v8;
    } PULL(0, GA) PULL(1, GB) PULL(2, GC)
    break;
case OP_clip_by_first:
    EACH { double v0 = maximum(A[l], B[l]); double v1 = (A[l] == v0 ? 1.0 : 0.0); double v2 = (v0 == y[l] ? 1.0 : 0.0); double v3 = v1 * v2; SLOPE(0, GA, v3) }
    break;
case OP_lerp:
    EACH {
        double v0 = 1.0 - C[l];
        double v1 = B[l] - A[l];
        d[0][l] = v0;
        d[1][l] = C[l];
        d[2][l] = v1;
    } DOUBT(3, 0, 0, INFINITY) DOUBT(3, 1, 0, INFINITY) DOUBT(3, 2, 0, INFINITY) PULL(0, GA) PULL(1, GB) PULL(2, GC)
    break;
case OP_lerp_by_first:
    EACH { double v0 = 1.0 - C[l]; SLOPE(0, GA, v0) } DOUBT(3, 0, 0, INFINITY)
    break;
case OP_where:
    EACH {
        double v0 = (A[l] != 0.0 ? 1.0 : 0.0);
        double v1 = (A[l] != 0.0 ? 0.0 : 1.0);
        d[1][l] = v0;
        d[2][l] = v1;
    } PULL_TAKEN(1, GB) PULL_TAKEN(2, GC)
    break;
case OP_stop_gradient: break;
case OP_equal:
    EACH { SLOPE(0, GA, 0.0) }
    EACH { SLOPE(1, GB, 0.0) }
    break;
case OP_equal_by_first:
    EACH { SLOPE(0, GA, 0.0) }
    break;
case OP_heaviside:
    EACH {
        double v0 = (A[l] == 0.0 ? 1.0 : 0.0);
        d[0][l] = 0.0;
        d[1][l] = v0;
    } PULL(0, GA) PULL(1, GB)
    break;
case OP_heaviside_by_first:
    EACH { SLOPE(0, GA, 0.0) }
    break;
case OP_divide_no_nan:
    EACH {
        double v0 = (B[l] == 0.0 ? 0.0 : 1.0 / B[l]);
        double v1 = (B[l] == 0.0 ? 0.0 : y[l] / B[l]);
        double v2 = -v1;
        d[0][l] = v0;
        d[1][l] = v2;
    } DOUBT(2, 0, 1, INFINITY) DOUBT(2, 1, 1, INFINITY) PULL(0, GA) PULL(1, GB)
    break;
case OP_divide_no_nan_by_first:
    EACH { double v0 = (B[l] == 0.0 ? 0.0 : 1.0 / B[l]); SLOPE(0, GA, v0) } DOUBT(2, 0, 1, INFINITY)
    break;
case OP_sum: REVERSE_SUM
case OP_mean: REVERSE_MEAN
case OP_prod: REVERSE_OF_MANY(prod)
case OP_dot: REVERSE_DOT
case OP_norm: REVERSE_OF_MANY(norm)
case OP_unit: REVERSE_OF_MANY(unit)
case OP_max: REVERSE_OF_MANY(max)
case OP_min: REVERSE_OF_MANY(min)
case OP_logsumexp: REVERSE_OF_MANY(logsumexp)
case OP_softmax: REVERSE_OF_MANY(softmax)
case OP_log_softmax: REVERSE_OF_MANY(log_softmax)

/* Each reverse pass has its own. */
#undef SLOPE
#undef PULL
#undef PULL_TAKEN
#undef DOUBT
#undef DOUBT_VALUE
#undef REVERSE_SUM
#undef REVERSE_MEAN
#undef REVERSE_DOT
#undef REVERSE_OF_MANY

#endif
