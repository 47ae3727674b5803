/* Calls of the rows of the table: `sin(x)`, `x.sin()`, `dot(ws, xs)`. */

#include "engine.h"
#include <string.h>

/* Read the arguments of a call as numbers; return -1 if one is neither one of our nodes nor a plain number.
   */
static Py_ssize_t numbers_of(PyObject *const *args, Py_ssize_t count, double *x, char *needs)
{
    Py_ssize_t nodes = 0;
    for (Py_ssize_t i = 0; i < count; i++) {
        needs[i] = 0;
        if (IS_VALUE(args[i])) {
            if (((Node *)args[i])->flags & WIDE_DATA)
                return -1;
            x[i] = ((Node *)args[i])->data.number;
            needs[i] = (((Node *)args[i])->flags & NEEDS_GRADIENT) != 0;
            nodes++;
        }
        else if (!plain_number(args[i], x + i))
            return -1;
    }
    return nodes;
}

/* The arguments in the form that a node keeps: nodes and floats. */
static PyObject *kept_arguments(PyObject *const *args, Py_ssize_t count, const double *x)
{
    PyObject *all = PyTuple_New(count);
    for (Py_ssize_t i = 0; all != NULL && i < count; i++) {
        PyObject *kept = IS_VALUE(args[i]) || PyFloat_CheckExact(args[i]) ? Py_NewRef(args[i]) : PyFloat_FromDouble(x[i]);
        if (kept == NULL)
            Py_CLEAR(all);
        else
            PyTuple_SET_ITEM(all, i, kept);
    }
    return all;
}

static PyObject *general_node(Row *row, double y, PyObject *const *args, Py_ssize_t count, const double *x,
                              const double *d, const char *needs)
{
    PyObject *all = kept_arguments(args, count, x);
    if (all == NULL)
        return NULL;
    return node_in_general((PyObject *)row, y, all, NULL, d, needs, memchr(needs, 1, (size_t)count) != NULL);
}

static PyObject *node_of_fixed(Row *row, double y, PyObject *const *args, Py_ssize_t count, const double *x,
                               const double *d, const char *needs)
{
    PyObject *self = (PyObject *)row;
    if (count == 1 && needs[0])
        return node_of_one(self, y, (Node *)args[0], d[0]);
    if (count == 2 && needs[0] && needs[1])
        return node_of_two(self, y, (Node *)args[0], d[0], (Node *)args[1], d[1]);
    if (count == 2 && needs[0] != needs[1]) {
        int left = needs[1];
        Node *parent = (Node *)args[left];
        if (IS_VALUE(args[!left]))
            return node_with_node(self, y, parent, d[left], (Node *)args[!left], left);
        next_place(); /* Every plain number among the arguments of a row takes one. */
        return node_with_number(self, y, parent, d[left], x[!left], left);
    }
    return general_node(row, y, args, count, x, d, needs);
}

/* Whether Python would record these local derivatives unchanged. */
static int ordinary(const FixedRow *rule, double y, double *d, const char *needs, Py_ssize_t count)
{
    if (rule->leaves_range && count > 1 && fabs(y) < 1e-290)
        return 0;
    for (Py_ssize_t i = 0; i < count; i++) {
        if (!needs[i])
            d[i] = 0.0;
        else if (!has_all_digits(d[i]) && (d[i] != 0.0 || rule->leaves_range))
            return 0;
    }
    return 1;
}

static PyObject *call_fixed(Row *row, PyObject *const *args, Py_ssize_t count)
{
    const FixedRow *rule = row->fixed;
    double x[MOST_ARGUMENTS], d[MOST_ARGUMENTS], y;
    char needs[MOST_ARGUMENTS];
    Py_ssize_t given = count, missing = rule->arity - count, nodes;
    if (count < 1 || missing < 0 || missing > rule->defaults || (nodes = numbers_of(args, count, x, needs)) < 0)
        return NULL;
    PyObject *all[MOST_ARGUMENTS];
    memcpy(all, args, (size_t)count * sizeof *all);
    for (; given < rule->arity; given++) {
        x[given] = rule->standard[given - (rule->arity - rule->defaults)];
        needs[given] = 0;
        all[given] = Py_None; /* Kept as a float. */
    }
    y = rule->value(x);
    if (!isfinite(y))
        return NULL;
    if (nodes == 0)
        return PyFloat_FromDouble(y);
    rule->slopes(x, y, d);
    return ordinary(rule, y, d, needs, given) ? node_of_fixed(row, y, all, given, x, d, needs) : NULL;
}

static int is_list(PyObject *x) { return PyList_CheckExact(x) || PyTuple_CheckExact(x); }

/* Read the numbers of a call such as `sum(xs)`, `sum(a, b)` and `dot(ws, xs)`, end to end; return -1 if
   Python has to do it. `scratch` then refers to a copy of the lists, which may change while a node is made.
   */
static Py_ssize_t spread(const FreeRow *rule, PyObject *const *args, Py_ssize_t count, PyObject *const **items,
                         PyObject **scratch)
{
    *scratch = NULL;
    if (count == 0 || !is_list(args[0])) {
        *items = args;
        return count && count % rule->sequences == 0 ? count : -1;
    }
    if (count != rule->sequences)
        return -1;
    Py_ssize_t n = PySequence_Fast_GET_SIZE(args[0]);
    for (Py_ssize_t i = 1; i < count; i++)
        if (!is_list(args[i]) || PySequence_Fast_GET_SIZE(args[i]) != n)
            return -1;
    PyObject *joined = PyTuple_New(n * count); /* This can run a finalizer, which may change a list. */
    for (Py_ssize_t i = 0; joined != NULL && i < count; i++)
        if (PySequence_Fast_GET_SIZE(args[i]) != n)
            Py_CLEAR(joined);
    if (joined == NULL)
        return -1;
    for (Py_ssize_t i = 0; i < n * count; i++)
        PyTuple_SET_ITEM(joined, i, Py_NewRef(PySequence_Fast_ITEMS(args[i / n])[i % n]));
    *scratch = joined;
    *items = ((PyTupleObject *)joined)->ob_item;
    return n ? n * count : -1;
}

#define FEW 64

static PyObject *node_of_free(Row *row, PyObject *const *items, Py_ssize_t n, double *x, double *d, char *needs)
{
    Py_ssize_t nodes = numbers_of(items, n, x, needs);
    double y;
    if (nodes < 0 || !isfinite(y = row->any->value((int)n, x)))
        return NULL;
    if (nodes == 0)
        return PyFloat_FromDouble(y);
    row->any->slopes((int)n, x, d);
    for (Py_ssize_t i = 0; i < n; i++) {
        if (!isfinite(d[i]))
            return NULL;
        if (!needs[i])
            d[i] = 0.0;
    }
    if (n == 1 && needs[0])
        return node_of_one((PyObject *)row, y, (Node *)items[0], d[0]);
    if (n == 2 && needs[0] && needs[1])
        return node_of_two((PyObject *)row, y, (Node *)items[0], d[0], (Node *)items[1], d[1]);
    return general_node(row, y, items, n, x, d, needs);
}

static PyObject *call_free(Row *row, PyObject *const *args, Py_ssize_t count)
{
    double few[2 * FEW];
    char needs_of_few[FEW];
    PyObject *const *items, *scratch, *result = NULL;
    Py_ssize_t n = spread(row->any, args, count, &items, &scratch);
    if (n > 0 && n <= FEW)
        result = node_of_free(row, items, n, few, few + n, needs_of_few);
    else if (n > 0 && n < INT32_MAX / 2) {
        double *many = PyMem_Malloc((size_t)n * (2 * sizeof(double) + 1));
        if (many != NULL)
            result = node_of_free(row, items, n, many, many + n, (char *)(many + 2 * n));
        PyMem_Free(many);
    }
    Py_XDECREF(scratch);
    return result;
}

/* The result, or NULL without an error if Python has to find it. */
PyObject *called_as_usual(Row *row, PyObject *const *args, Py_ssize_t count)
{
    return row->fixed != NULL ? call_fixed(row, args, count) : row->any != NULL ? call_free(row, args, count) : NULL;
}

PyObject *called_in_c(Row *row, PyObject *const *args, Py_ssize_t count)
{
    return usual() ? called_as_usual(row, args, count) : NULL;
}

static PyObject *row_call(PyObject *self, PyObject *const *args, size_t nargsf, PyObject *names)
{
    Row *row = (Row *)self;
    Py_ssize_t count = PyVectorcall_NARGS(nargsf);
    PyObject *result = names == NULL ? called_in_c(row, args, count) : NULL;
    if (result != NULL || PyErr_Occurred())
        return result;
    PyObject *call = PyDict_GetItemString(kernel.methods, "__call__");
    Py_ssize_t total = 1 + count + (names ? PyTuple_GET_SIZE(names) : 0);
    PyObject **all = PyMem_New(PyObject *, total);
    if (all == NULL)
        return PyErr_NoMemory();
    all[0] = self;
    memcpy(all + 1, args, (size_t)(total - 1) * sizeof *all);
    result = PyObject_Vectorcall(call, all, (size_t)count + 1, names);
    PyMem_Free(all);
    return result;
}

static PyObject *row_new(PyTypeObject *type, PyObject *args, PyObject *names)
{
    (void)args, (void)names;
    Row *row = (Row *)type->tp_alloc(type, 0);
    if (row != NULL)
        row->vectorcall = row_call;
    return (PyObject *)row;
}

PyTypeObject RowType = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "autograd_core.native._engine.Row",
    .tp_doc = "The base of `Operation`, in C: the call.",
    .tp_basicsize = sizeof(Row),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_VECTORCALL,
    .tp_new = row_new,
    .tp_call = PyVectorcall_Call,
    .tp_vectorcall_offset = offsetof(Row, vectorcall),
};
