/* Code of the tape machine that is not emitted: all local derivatives by any number of arguments. Tests
   compare them with the rows of the table. */

#include "sequences.h"

static void slopes_of_prod(int n, const double *x, double y, double *d)
{
    double after = 1.0;
    (void)y;
    d[0] = 1.0;
    for (int i = 1; i < n; i++)
        d[i] = d[i - 1] * x[i - 1];
    for (int i = n - 1; i >= 0; i--) {
        d[i] *= after;
        after *= x[i];
    }
}

#define FEW 8

/* Each number over the norm; for few numbers also if that is subnormal or infinite, as in `unit`. */
static void slopes_of_norm(int n, const double *x, double y, double *d)
{
    for (int i = 0; i < n; i++)
        d[i] = y == 0.0 ? 0.0 : x[i] / y;
    for (int i = 0; i < n && n <= FEW && !isnormal(y); i++) {
        double turned[FEW];
        for (int k = 0; k < n; k++)
            turned[k] = x[(i + k) % n];
        d[i] = unit(n, turned);
    }
}

/* The derivatives of u = x0/r: by x0 (1 - u^2)/r, which as a sum over the others keeps its digits, and by the
   others -u xi/r^2. */
static void slopes_of_unit(int n, const double *x, double y, double *d)
{
    double r = norm(n, x), others = 0.0;
    for (int i = 1; i < n; i++) {
        double u = r == 0.0 ? 0.0 : x[i] / r;
        others += u * u;
        d[i] = r == 0.0 ? 0.0 : -(y * u / r);
    }
    d[0] = r == 0.0 ? 0.0 : others / r;
}

/* The slope 1, shared evenly by the arguments that attain the result. */
static void shares(int n, const double *x, double y, double *d)
{
    double count = 0.0;
    for (int i = 0; i < n; i++)
        count += d[i] = x[i] == y;
    for (int i = 0; i < n; i++)
        d[i] = count == 0.0 ? 0.0 : d[i] / count;
}

static void slopes_of_max(int n, const double *x, double y, double *d) { shares(n, x, y, d); }

static void slopes_of_min(int n, const double *x, double y, double *d) { shares(n, x, y, d); }

static void slopes_of_logsumexp(int n, const double *x, double y, double *d)
{
    (void)y;
    softmax_of_all(n, x, d);
}

static void slopes_of_softmax(int n, const double *x, double y, double *d)
{
    double others = 0.0, first;
    (void)y;
    softmax_of_all(n, x, d);
    first = d[0];
    for (int i = 1; i < n; i++) {
        others += d[i];
        d[i] = -first * d[i];
    }
    d[0] = first * others;
}

static void slopes_of_log_softmax(int n, const double *x, double y, double *d)
{
    double others = 0.0;
    (void)y;
    softmax_of_all(n, x, d);
    for (int i = 1; i < n; i++) {
        others += d[i];
        d[i] = -d[i];
    }
    d[0] = others;
}
