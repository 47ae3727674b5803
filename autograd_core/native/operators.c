/* The operators of `Value`. */

#include "engine.h"

/* If the divisor or the quotient is not between them, a local derivative of a quotient may be out of range.
   */
#define SMALL 1e-145
#define LARGE 1e145

/* Call the method of the Python kernel with these arguments. */
PyObject *handed_over(const char *method, PyObject *const *args, Py_ssize_t count)
{
    PyObject *function = PyDict_GetItemString(kernel.methods, method);
    if (function == NULL) {
        PyErr_Format(PyExc_SystemError, "the Python kernel has no %s", method);
        return NULL;
    }
    return PyObject_Vectorcall(function, args, (size_t)count, NULL);
}

static PyObject *binary_in_python(PyObject *v, PyObject *w, const char *method, const char *reflected)
{
    if (IS_NODE(v))
        return handed_over(method, (PyObject *[]){v, w}, 2);
    return handed_over(reflected, (PyObject *[]){w, v}, 2);
}

typedef enum { UNUSUAL, NODES, NUMBER_RIGHT, NUMBER_LEFT } Operands;

/* Read the operands on both sides, if gradients flow to every node and no mode is active. */
static inline Operands operands(PyObject *v, PyObject *w, double *a, double *b)
{
    Operands found = NODES;
    int ordinary = usual();
    if (IS_VALUE(v)) {
        *a = ((Node *)v)->data.number;
        ordinary &= is_ordinary((Node *)v);
    }
    else if (plain_number(v, a))
        found = NUMBER_LEFT;
    else
        return UNUSUAL;
    if (IS_VALUE(w)) {
        *b = ((Node *)w)->data.number;
        ordinary &= is_ordinary((Node *)w);
    }
    else if (plain_number(w, b))
        found = NUMBER_RIGHT;
    else
        return UNUSUAL;
    return ordinary ? found : UNUSUAL;
}

static inline PyObject *recorded(Operands found, PyObject *row, double y, PyObject *v, double da, double a,
                                 PyObject *w, double db, double b)
{
    if (found == NODES)
        return node_of_two(row, y, (Node *)v, da, (Node *)w, db);
    next_place(); /* For the number, in case it becomes a node. */
    if (found == NUMBER_RIGHT)
        return node_with_number(row, y, (Node *)v, da, b, 0);
    return node_with_number(row, y, (Node *)w, db, a, 1);
}

static PyObject *node_add(PyObject *v, PyObject *w)
{
    double a, b, y;
    Operands found = operands(v, w, &a, &b);
    if (found != UNUSUAL && isfinite(y = a + b))
        return recorded(found, kernel.add, y, v, 1.0, a, w, 1.0, b);
    return binary_in_python(v, w, "__add__", "__radd__");
}

static PyObject *node_sub(PyObject *v, PyObject *w)
{
    double a, b, y;
    Operands found = operands(v, w, &a, &b);
    if (found != UNUSUAL && isfinite(y = a - b))
        return recorded(found, kernel.sub, y, v, 1.0, a, w, -1.0, b);
    return binary_in_python(v, w, "__sub__", "__rsub__");
}

static PyObject *node_mul(PyObject *v, PyObject *w)
{
    double a, b, y;
    Operands found = operands(v, w, &a, &b);
    if (found != UNUSUAL && isfinite(y = a * b))
        return recorded(found, kernel.mul, y, v, b, a, w, a, b);
    return binary_in_python(v, w, "__mul__", "__rmul__");
}

static PyObject *node_div(PyObject *v, PyObject *w)
{
    double a, b, y;
    Operands found = operands(v, w, &a, &b);
    if (found != UNUSUAL && between(b, SMALL, LARGE)) {
        y = a / b;
        if (found == NUMBER_RIGHT ? isfinite(y) : between(y, SMALL, LARGE))
            return recorded(found, kernel.div, y, v, 1.0 / b, a, w, -y / b, b);
    }
    return binary_in_python(v, w, "__truediv__", "__rtruediv__");
}

/* The power of floats as in Python: for a base below 0, that of its absolute value, with the sign of an odd
   power. */
static double power(double a, double b)
{
    if (!(a < 0.0))
        return pow(a, b);
    return fmod(b, 2.0) != 0.0 ? -pow(-a, b) : pow(-a, b);
}

/* A constant exponent. A variable one has a case for each boundary of the domain, which the row handles. */
static PyObject *node_pow(PyObject *v, PyObject *w, PyObject *modulo)
{
    double a, b, y, d;
    if (modulo != Py_None) {
        if (IS_NODE(v))
            return handed_over("__pow__", (PyObject *[]){v, w, modulo}, 3);
        Py_RETURN_NOTIMPLEMENTED;
    }
    if (operands(v, w, &a, &b) == NUMBER_RIGHT && (a > 0.0 || (1.0 <= b && b < 9e15 && fmod(b, 1.0) == 0.0))) {
        y = power(a, b);
        d = b * (b == 2.0 ? a : power(a, b - 1.0));
        if (isfinite(y) && has_all_digits(d)) {
            next_place();
            return node_with_number(kernel.pow, y, (Node *)v, d, b, 0);
        }
    }
    return binary_in_python(v, w, "__pow__", "__rpow__");
}

/* -v and abs(v) are rows of one argument. */
static PyObject *node_neg(PyObject *self) { return PyObject_CallOneArg(kernel.neg, self); }

static PyObject *node_abs(PyObject *self) { return PyObject_CallOneArg(kernel.abs, self); }

static int node_bool(PyObject *self)
{
    if (usual() && !(((Node *)self)->flags & WIDE_DATA))
        return ((Node *)self)->data.number != 0.0;
    PyObject *answer = handed_over("__bool__", &self, 1);
    int truth = answer ? PyObject_IsTrue(answer) : -1;
    Py_XDECREF(answer);
    return truth;
}

PyObject *node_compare(PyObject *self, PyObject *other, int which)
{
    static const char *const names[] = {"__lt__", "__le__", NULL, "__ne__", "__gt__", "__ge__"};
    double a = ((Node *)self)->data.number, b = NAN;
    uint32_t wide = ((Node *)self)->flags & WIDE_DATA;
    if (which == Py_EQ || (which == Py_NE && self != other))
        Py_RETURN_NOTIMPLEMENTED; /* Python then compares identities. */
    if (IS_VALUE(other)) {
        b = ((Node *)other)->data.number;
        wide |= ((Node *)other)->flags & WIDE_DATA;
    }
    else if (!plain_number(other, &b))
        b = NAN;
    if (wide || !usual() || isnan(a) || isnan(b))
        return handed_over(names[which], (PyObject *[]){self, other}, 2);
    Py_RETURN_RICHCOMPARE(a, b, which);
}

PyNumberMethods node_as_number = {
    .nb_add = node_add,
    .nb_subtract = node_sub,
    .nb_multiply = node_mul,
    .nb_true_divide = node_div,
    .nb_power = node_pow,
    .nb_negative = node_neg,
    .nb_absolute = node_abs,
    .nb_bool = node_bool,
};
