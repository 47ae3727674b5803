/* Code that is not emitted: local derivatives by any number of arguments, and a function of Python's `math`
   that differs from C's. */

#include <math.h>

static inline void slopes_of_sum(int n, const double *x, double *d)
{
    (void)x;
    for (int i = 0; i < n; i++)
        d[i] = 1.0;
}

static inline void slopes_of_mean(int n, const double *x, double *d)
{
    (void)x;
    for (int i = 0; i < n; i++)
        d[i] = 1.0 / n;
}

static inline void slopes_of_dot(int n, const double *x, double *d)
{
    for (int i = 0; i < n / 2; i++) {
        d[i] = x[i + n / 2];
        d[i + n / 2] = x[i];
    }
}

/* NAN, which Python then handles, if there is no memory. */
static inline double python_hypot(double a, double b)
{
    PyObject *x = PyFloat_FromDouble(a), *y = PyFloat_FromDouble(b), *r = NULL;
    double length = NAN;
    if (x != NULL && y != NULL)
        r = PyObject_CallFunctionObjArgs(kernel.math_hypot, x, y, NULL);
    if (r != NULL)
        length = PyFloat_AsDouble(r);
    PyErr_Clear();
    Py_XDECREF(x);
    Py_XDECREF(y);
    Py_XDECREF(r);
    return length;
}
