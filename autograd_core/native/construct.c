/* `node_of`, which the Python kernel calls. */

#include "engine.h"
#include <string.h>

/* A local derivative from the Python kernel: a float, an integer, or a wider number, which is kept. */
static int set_slot(Slot *slot, PyObject *d, Node *node, uint32_t wide)
{
    if (plain_number(d, &slot->number))
        return 0;
    if (!PyFloat_Check(d)) {
        PyErr_SetString(PyExc_TypeError, "engine: a local derivative that is not a number");
        return -1;
    }
    slot->object = Py_NewRef(d);
    node->flags |= wide;
    return 0;
}

static PyObject *parents_with(PyObject *row, PyObject *y, Node *a, PyObject *da, Node *b, PyObject *db)
{
    Node *node = (Node *)(b ? node_of_two(row, 0.0, a, 0.0, b, 0.0) : node_of_one(row, 0.0, a, 0.0));
    if (node == NULL)
        return NULL;
    if (set_data(node, y) < 0 || set_slot(&node->da, da, node, WIDE_A) < 0 ||
        (b != NULL && set_slot(&node->db, db, node, WIDE_B) < 0))
        Py_CLEAR(node);
    return (PyObject *)node;
}

static int truth(PyObject *x)
{
    int answer = PyObject_IsTrue(x);
    return answer < 0 ? -1 : answer;
}

static int selects(PyObject *row)
{
    PyObject *answer = PyObject_GetAttrString(row, "selects");
    int yes = answer ? truth(answer) : -1;
    Py_XDECREF(answer);
    return yes;
}

/* Find the arguments that gradients flow to; return whether any argument needs one, or -1. */
static int find_flows(PyObject *arguments, PyObject *needs, char *flows)
{
    Py_ssize_t n = PyTuple_GET_SIZE(arguments);
    int needed = 0;
    if (needs != Py_None && (!PyList_CheckExact(needs) || PyList_GET_SIZE(needs) != n)) {
        PyErr_SetString(PyExc_TypeError, "node_of: expected a list of needs, one for each argument");
        return -1;
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        PyObject *x = PyTuple_GET_ITEM(arguments, i);
        int flow = 0;
        if (!PyFloat_CheckExact(x) && !IS_NODE(x)) {
            PyErr_Format(PyExc_TypeError, "node_of: not a node or a float: %R", x);
            return -1;
        }
        if (needs != Py_None)
            flow = truth(PyList_GET_ITEM(needs, i));
        else if (!PyFloat_CheckExact(x))
            flow = (((Node *)x)->flags & NEEDS_GRADIENT) != 0;
        if (flow < 0)
            return -1;
        flows[i] = (char)flow;
        needed |= flow;
    }
    return needed;
}

/* Convert the derivatives to doubles; return 0 if one is wider than a float, or would be lost because nothing
   flows there. */
static int plain_partials(PyObject *partials, double *d, const char *flows)
{
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(partials); i++) {
        PyObject *partial = PyTuple_GET_ITEM(partials, i);
        if (!PyFloat_CheckExact(partial))
            return 0;
        d[i] = PyFloat_AS_DOUBLE(partial);
        if (!flows[i] && (d[i] != 0.0 || signbit(d[i])))
            return 0;
    }
    return 1;
}

static PyObject *made(PyObject *row, PyObject *y, PyObject *arguments, PyObject *partials, PyObject *needs, double *d,
                      char *flows)
{
    Py_ssize_t n = PyTuple_GET_SIZE(arguments);
    int needed = find_flows(arguments, needs, flows), chooses = needed < 0 ? -1 : selects(row);
    if (chooses < 0)
        return NULL;
    int all = 1;
    for (Py_ssize_t i = 0; i < n; i++) {
        if (chooses && flows[i]) {
            flows[i] = (char)PyObject_RichCompareBool(PyTuple_GET_ITEM(partials, i), kernel.zero, Py_NE);
            if (flows[i] < 0)
                return NULL;
        }
        all = all && flows[i];
    }
    PyObject *const *x = ((PyTupleObject *)arguments)->ob_item, *const *p = ((PyTupleObject *)partials)->ob_item;
    if (all && n <= 2)
        return parents_with(row, y, (Node *)x[0], p[0], n == 2 ? (Node *)x[1] : NULL, n == 2 ? p[1] : NULL);
    /* If a row selects, the same argument may be chosen in one position and not in another. */
    int plain = plain_partials(partials, d, flows) && !(chooses && !all);
    PyObject *node = node_in_general(row, 0.0, Py_NewRef(arguments), plain ? NULL : partials, d, flows, needed);
    if (node != NULL && set_data((Node *)node, y) < 0)
        Py_CLEAR(node);
    if (node != NULL && chooses && !all)
        ((Node *)node)->flags |= CHOOSES;
    return node;
}

/* node_of(row, y, arguments, partials, needs=None) */
PyObject *node_of(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    (void)module;
    if (count < 4 || count > 5) {
        PyErr_SetString(PyExc_TypeError, "node_of: expected a row, a number, arguments and local derivatives");
        return NULL;
    }
    PyObject *arguments = PySequence_Tuple(args[2]), *partials = PySequence_Tuple(args[3]), *node = NULL;
    if (arguments != NULL && partials != NULL) {
        Py_ssize_t n = PyTuple_GET_SIZE(arguments);
        double *d = PyMem_Malloc((size_t)(n + 1) * (sizeof(double) + 1));
        if (d == NULL)
            PyErr_NoMemory();
        else if (n == 0 || PyTuple_GET_SIZE(partials) != n)
            PyErr_SetString(PyExc_ValueError, "node_of: expected a local derivative for each argument");
        else
            node = made(args[0], args[1], arguments, partials, count == 5 ? args[4] : Py_None, d, (char *)(d + n));
        PyMem_Free(d);
    }
    Py_XDECREF(arguments);
    Py_XDECREF(partials);
    return node;
}
