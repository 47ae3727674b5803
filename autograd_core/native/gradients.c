/* The graph of a gradient: the reverse sweep with nodes in place of numbers.

   calculus/traced_partials.py describes the local derivatives of a row as steps. They are built here, with the table
   of known nodes of the Simplifier in calculus/rewriting.py, which builds unusual ones itself. */

#include "engine.h"

enum { WANTED = 1, TARGET = 2 };

typedef struct {
    Ancestors found;
    PyObject **shares; /* For each node, NULL, a term or a list of terms; a term is a node or float. */
    char *marks;
    PyObject *simplifier, *known; /* The known nodes by key. */
    PyObject *slopes;             /* The slopes of rows by their arguments. */
    PyObject *kinked, *ruled, *graded; /* Sets of rows: see traced_partials.py. */
    PyObject *refuse_changed, *sent, *both_branches;
    PyObject *adjoint; /* The term of each target. */
    PyObject *wanted;  /* The wanted nodes as a set, made when Python needs it. */
} Sweep;

static PyObject *part_of_key(PyObject *term)
{
    return IS_NODE(term) ? PyLong_FromLongLong(((Node *)term)->index) : PyObject_CallMethod(term, "hex", NULL);
}

/* As `_key` in Python: the row, and for each term its index or digits. */
static PyObject *key_of(PyObject *row, PyObject *const *terms, Py_ssize_t n)
{
    PyObject *key = PyTuple_New(n + 1), *id = PyLong_FromVoidPtr(row);
    if (key != NULL && id != NULL)
        PyTuple_SET_ITEM(key, 0, id);
    else {
        Py_CLEAR(key);
        Py_XDECREF(id);
    }
    for (Py_ssize_t i = 0; key != NULL && i < n; i++) {
        PyObject *part = part_of_key(terms[i]);
        if (part == NULL)
            Py_CLEAR(key);
        else
            PyTuple_SET_ITEM(key, i + 1, part);
    }
    return key;
}

/* `method(*terms)` of the Simplifier. */
static PyObject *simplified(Sweep *sweep, const char *method, PyObject *a, PyObject *b)
{
    return PyObject_CallMethod(sweep->simplifier, method, b ? "OO" : "O", a, b);
}

/* Whether the Simplifier records such a slope, or the factor of a product, unchanged. */
static inline int is_factor(double x) { return x == 0.0 || between(x, 1e-100, 1e100); }

/* Whether the Simplifier would record the numbers of this result on those nodes unchanged. */
static int is_ordinary_node(Sweep *sweep, PyObject *x, PyObject *const *nodes, Py_ssize_t n)
{
    Node *node = (Node *)x;
    if (!IS_VALUE(x) || (node->flags & (WIDE_A | WIDE_B | WIDE_DATA)) || node->a == NULL)
        return 0;
    int zero = node->data.number == 0.0 && PySet_Contains(sweep->graded, node->row) == 0;
    for (Py_ssize_t k = 0; k < n; k++)
        zero |= node->data.number == 0.0 && ((Node *)nodes[k])->data.number == 0.0;
    if (!zero && !has_all_digits(node->data.number))
        return 0;
    if (!(node->flags & GENERAL))
        return is_factor(node->da.number) && (node->b == NULL || is_factor(node->db.number));
    const double *d = (const double *)(void *)PyBytes_AS_STRING(node->da.object);
    for (Py_ssize_t k = 0; k < PyTuple_GET_SIZE(node->a); k++)
        if (!is_factor(d[k]))
            return 0;
    return 1;
}

/* The node of a row at terms, some of them nodes; NULL, perhaps without an error, if Python has to make it.
   */
static PyObject *made(Sweep *sweep, PyObject *row, PyObject *const *terms, Py_ssize_t n)
{
    PyObject *few[MOST_ARGUMENTS], *const *nodes = n <= MOST_ARGUMENTS ? few : terms, *node = NULL;
    Py_ssize_t k = 0;
    for (; nodes == few && k < n; k++) {
        few[k] = IS_VALUE(terms[k]) ? Py_NewRef(terms[k]) : simplified(sweep, "as_node", terms[k], NULL);
        if (few[k] == NULL)
            break;
    }
    if (!PyErr_Occurred() && (node = called_as_usual((Row *)row, nodes, n)) != NULL &&
        !is_ordinary_node(sweep, node, nodes, n))
        Py_CLEAR(node);
    while (k-- > 0)
        Py_DECREF(few[k]);
    return node;
}

/* The node of this operation on those terms, one of them a node, which no rule rewrites: known or new. */
static PyObject *built(Sweep *sweep, PyObject *row, PyObject *const *terms, Py_ssize_t n)
{
    PyObject *key = key_of(row, terms, n);
    if (key == NULL)
        return NULL;
    PyObject *node = Py_XNewRef(PyDict_GetItemWithError(sweep->known, key));
    if (node == NULL && !PyErr_Occurred() && (node = made(sweep, row, terms, n)) != NULL &&
        PyDict_SetItem(sweep->known, key, node) < 0)
        Py_CLEAR(node);
    Py_DECREF(key);
    return node;
}

/* Whether rules may rewrite a product with this number, or it is out of range. */
static int is_special(PyObject *x)
{
    double c = PyFloat_CheckExact(x) ? fabs(PyFloat_AS_DOUBLE(x)) : NAN;
    return !IS_VALUE(x) && (c == 0.0 || c == 1.0 || !is_factor(c));
}

static PyObject *product(Sweep *sweep, PyObject *g, PyObject *slope)
{
    PyObject *result = NULL;
    if (PyFloat_CheckExact(slope) && PyFloat_AS_DOUBLE(slope) == 1.0)
        return Py_NewRef(g);
    if ((IS_VALUE(g) || IS_VALUE(slope)) && !is_special(g) && !is_special(slope))
        result = built(sweep, kernel.mul, (PyObject *[]){g, slope}, 2);
    return result || PyErr_Occurred() ? result : simplified(sweep, "product", g, slope);
}

static PyObject *total(Sweep *sweep, PyObject *list)
{
    Py_ssize_t n = PyList_GET_SIZE(list);
    PyObject *const *terms = PySequence_Fast_ITEMS(list), *result = NULL;
    int ordinary = n < INT32_MAX;
    for (Py_ssize_t i = 0; i < n; i++)
        ordinary &= IS_VALUE(terms[i]);
    if (ordinary)
        result = built(sweep, n == 2 ? kernel.add : kernel.sum, terms, n);
    return result || PyErr_Occurred() ? result : simplified(sweep, "total", list, NULL);
}

/* Takes the reference to the share. */
static int add_share(Sweep *sweep, PyObject *parent, PyObject *share)
{
    if (share == NULL)
        return -1;
    PyObject **place = sweep->shares + place_of(&sweep->found, (Node *)parent);
    int done = 0;
    if (*place == NULL) {
        *place = share;
        return 0;
    }
    if (!PyList_CheckExact(*place)) {
        PyObject *list = PyList_New(1);
        if (list == NULL)
            done = -1;
        else {
            PyList_SET_ITEM(list, 0, *place);
            *place = list;
        }
    }
    done = done < 0 ? -1 : PyList_Append(*place, share);
    Py_DECREF(share);
    return done;
}

/* A constant may have been drawn since the walk, which then has not visited it. */
static int is_wanted(const Sweep *sweep, PyObject *x)
{
    return !is_plain(x) && (((Node *)x)->flags & NEEDS_GRADIENT) && ((Node *)x)->index >= sweep->found.start &&
           (sweep->marks[place_of(&sweep->found, (Node *)x)] & WANTED);
}

/* An argument as a term; NULL, perhaps without an error, if it is beyond the range of floats. */
static PyObject *term_of(Node *node, PyObject *x)
{
    if (x == NULL)
        return PyFloat_FromDouble(node->db.number);
    if (PyFloat_CheckExact(x) || (((Node *)x)->flags & NEEDS_GRADIENT))
        return Py_NewRef(x);
    return ((Node *)x)->flags & WIDE_DATA ? NULL : PyFloat_FromDouble(((Node *)x)->data.number);
}

/* The slopes of a node, one for each argument; NULL if Python has to find them. */
static PyObject *slopes_of(Sweep *sweep, Node *node, PyObject *const *all, Py_ssize_t n)
{
    PyObject *slopes = PyDict_GetItemWithError(sweep->slopes, node->row);
    if (slopes == NULL || PyTuple_GET_SIZE(slopes) != n)
        return NULL;
    int numbers = 0, plain = 1;
    for (Py_ssize_t k = 0; k < n; k++) {
        if (!is_plain(all[k]) && (((Node *)all[k])->flags & WIDE_DATA))
            return NULL;
        numbers |= is_plain(all[k]) || !(((Node *)all[k])->flags & NEEDS_GRADIENT);
        plain &= PyTuple_GET_SIZE(PyTuple_GET_ITEM(PyTuple_GET_ITEM(slopes, k), 0)) == 0;
    }
    if (numbers && !plain) /* The steps of a slope may depend on the numbers. */
        return NULL;
    PyObject *row = is_plain(all[0]) ? NULL : ((Node *)all[0])->row; /* It may have a kink. */
    return row != NULL && PySet_Contains(sweep->kinked, row) != 0 ? NULL : slopes;
}

/* The Simplifier's result for a row at terms, some of them nodes. */
static PyObject *built_by_row(Sweep *sweep, PyObject *row, PyObject *const *terms, Py_ssize_t n)
{
    int numbers = 0;
    if (row == kernel.mul)
        return product(sweep, terms[0], terms[1]);
    for (Py_ssize_t k = 0; k < n; k++)
        numbers |= !IS_VALUE(terms[k]);
    PyObject *node = NULL;
    if (row != kernel.neg && !(numbers && PySet_Contains(sweep->ruled, row) != 0))
        node = built(sweep, row, terms, n);
    if (node != NULL || PyErr_Occurred())
        return node;
    PyObject *list = PyList_New(n);
    for (Py_ssize_t k = 0; list != NULL && k < n; k++)
        PyList_SET_ITEM(list, k, Py_NewRef(terms[k]));
    node = list ? simplified(sweep, "simplified", row, list) : NULL;
    Py_XDECREF(list);
    return node;
}

#define MOST_STEPS 32

/* The term at a place: an argument, the node itself, or the result of a step. */
static PyObject *at_place(Node *node, PyObject *const *all, Py_ssize_t n, PyObject *const *done, PyObject *place)
{
    if (PyFloat_CheckExact(place))
        return Py_NewRef(place);
    Py_ssize_t i = PyLong_AsSsize_t(place);
    return i < n ? term_of(node, all[i]) : Py_NewRef(i == n ? (PyObject *)node : done[i - n - 1]);
}

/* A slope as a term, with its steps; NULL, perhaps without an error, if Python has to make it. */
static PyObject *slope_term(Sweep *sweep, Node *node, PyObject *const *all, Py_ssize_t n, PyObject *slope)
{
    PyObject *steps = PyTuple_GET_ITEM(slope, 0), *done[MOST_STEPS], *result = NULL;
    Py_ssize_t count = PyTuple_GET_SIZE(steps), i = 0;
    for (; count <= MOST_STEPS && i < count; i++) {
        PyObject *step = PyTuple_GET_ITEM(steps, i), *places = PyTuple_GET_ITEM(step, 1), *terms[MOST_ARGUMENTS];
        Py_ssize_t size = PyTuple_GET_SIZE(places), k = 0;
        while (size <= MOST_ARGUMENTS && k < size) {
            terms[k] = at_place(node, all, n, done, PyTuple_GET_ITEM(places, k));
            if (terms[k] == NULL)
                break;
            k++;
        }
        done[i] = k == size ? built_by_row(sweep, PyTuple_GET_ITEM(step, 0), terms, size) : NULL;
        while (k-- > 0)
            Py_DECREF(terms[k]);
        if (done[i] == NULL)
            break;
    }
    if (i == count)
        result = at_place(node, all, n, done, PyTuple_GET_ITEM(slope, 1));
    while (i-- > 0)
        Py_DECREF(done[i]);
    return result;
}

/* 0 if Python has to do it. */
static int send_in_c(Sweep *sweep, Node *node, PyObject *g, PyObject *slopes, PyObject *const *all, Py_ssize_t n)
{
    PyObject *terms[MOST_ARGUMENTS];
    Py_ssize_t made = 0;
    int sent = n <= MOST_ARGUMENTS;
    for (; sent && made < n; made++) { /* All slopes are made before all products, as in Python. */
        int wanted = is_wanted(sweep, all[made]);
        terms[made] = wanted ? slope_term(sweep, node, all, n, PyTuple_GET_ITEM(slopes, made)) : NULL;
        if (wanted && terms[made] == NULL)
            sent = PyErr_Occurred() ? -1 : 0;
    }
    for (Py_ssize_t k = 0; k < made; k++) {
        if (sent == 1 && terms[k] != NULL && add_share(sweep, all[k], product(sweep, g, terms[k])) < 0)
            sent = -1;
        Py_XDECREF(terms[k]);
    }
    return sent;
}

static PyObject *wanted_nodes(Sweep *sweep)
{
    if (sweep->wanted == NULL && (sweep->wanted = PySet_New(NULL)) != NULL)
        for (Py_ssize_t i = 0; i < sweep->found.count; i++)
            if ((sweep->marks[i] & WANTED) && PySet_Add(sweep->wanted, (PyObject *)sweep->found.order[i]) < 0)
                return NULL;
    return sweep->wanted;
}

/* With `sent(simplifier, node, g, wanted, targets, both_branches)`, which returns a list of parents and
   shares. */
static int send_by_python(Sweep *sweep, Node *node, PyObject *g)
{
    PyObject *wanted = wanted_nodes(sweep), *pairs = NULL;
    if (wanted != NULL)
        pairs = PyObject_CallFunctionObjArgs(sweep->sent, sweep->simplifier, (PyObject *)node, g, wanted,
                                             sweep->adjoint, sweep->both_branches, NULL);
    for (Py_ssize_t i = 0; pairs != NULL && i < PyList_GET_SIZE(pairs); i++) {
        PyObject *pair = PyList_GET_ITEM(pairs, i);
        if (add_share(sweep, PyTuple_GET_ITEM(pair, 0), Py_NewRef(PyTuple_GET_ITEM(pair, 1))) < 0)
            Py_CLEAR(pairs);
    }
    Py_XDECREF(pairs);
    return pairs == NULL ? -1 : 0;
}

/* Pass on the shares of a node. */
static int send(Sweep *sweep, Py_ssize_t i)
{
    Node *node = sweep->found.order[i];
    PyObject *terms = sweep->shares[i], *g = terms, *two[2], *const *all;
    sweep->shares[i] = NULL;
    if (PyList_CheckExact(terms)) {
        g = total(sweep, terms);
        Py_DECREF(terms);
        if (g == NULL)
            return -1;
    }
    int done = sweep->marks[i] & TARGET ? PyDict_SetItem(sweep->adjoint, (PyObject *)node, g) : 0;
    if (done == 0 && node->row != NULL) {
        Py_ssize_t n = arguments_of(node, two, &all);
        PyObject *slopes = slopes_of(sweep, node, all, n);
        int sent = slopes ? send_in_c(sweep, node, g, slopes, all, n) : 0;
        done = sent < 0 || PyErr_Occurred() ? -1 : sent ? 0 : send_by_python(sweep, node, g);
    }
    Py_DECREF(g);
    return done;
}

/* Tell the Simplifier about a node, except sums and products: they are many, and slopes rarely rebuild them.
   */
static int know(Sweep *sweep, Node *node, PyObject *const *all, Py_ssize_t n)
{
    if (node->row == kernel.add || node->row == kernel.mul)
        return 0;
    PyObject *few[64], **terms = n <= 64 ? few : PyMem_New(PyObject *, n), *key = NULL;
    Py_ssize_t k = 0;
    while (terms != NULL && k < n && (terms[k] = term_of(node, all[k])) != NULL)
        k++;
    if (k == n && (key = key_of(node->row, terms, n)) != NULL)
        PyDict_SetDefault(sweep->known, key, (PyObject *)node);
    while (k-- > 0)
        Py_DECREF(terms[k]);
    if (terms != few)
        PyMem_Free(terms);
    Py_XDECREF(key);
    return PyErr_Occurred() ? -1 : 0;
}

/* Whether a result with a leaf is the value that C recomputes. */
static int is_current(Node *node, PyObject *const *all, Py_ssize_t n)
{
    double few[64], *x = n <= 64 ? few : PyMem_New(double, n), y = NAN;
    int on_leaf = 0, known = x != NULL && !(node->flags & WIDE_DATA) && IS_ROW(node->row);
    for (Py_ssize_t k = 0; known && k < n; k++) {
        Node *parent = (Node *)all[k];
        on_leaf |= is_plain(all[k]) || parent->row == NULL;
        known = is_plain(all[k]) || !(parent->flags & WIDE_DATA);
        x[k] = all[k] == NULL ? node->db.number : is_plain(all[k]) ? PyFloat_AS_DOUBLE(all[k]) : parent->data.number;
    }
    if (known && on_leaf) {
        const Row *row = (Row *)node->row;
        y = row->fixed && row->fixed->arity == n ? row->fixed->value(x) : row->any ? row->any->value((int)n, x) : NAN;
        known = y == node->data.number;
    }
    if (x != few)
        PyMem_Free(x);
    return known;
}

/* Find, from the oldest on, which nodes a target leads to, and whether a leaf has changed. */
static int prepare(Sweep *sweep)
{
    for (Py_ssize_t i = 0; i < sweep->found.count; i++) {
        Node *node = sweep->found.order[i];
        PyObject *two[2], *const *all;
        Py_ssize_t n = arguments_of(node, two, &all);
        LOOK_AHEAD(sweep->found.order, i, sweep->found.count, );
        if (n == 0 || node->row == NULL)
            continue;
        for (Py_ssize_t k = 0; k < n && (node->flags & NEEDS_GRADIENT); k++)
            if (is_wanted(sweep, all[k]))
                sweep->marks[i] |= WANTED;
        if (know(sweep, node, all, n) < 0)
            return -1;
        if (!is_current(node, all, n)) {
            PyObject *done = PyObject_CallFunctionObjArgs(sweep->refuse_changed, (PyObject *)node, NULL);
            Py_XDECREF(done);
            if (done == NULL)
                return -1;
        }
    }
    return 0;
}

/* Find the nodes that lead to the seeds and are not older than the targets; return 0 if no target leads to a
   seed, -1 if Python has to walk. */
static int find_nodes(Sweep *sweep, PyObject *seeds)
{
    Py_ssize_t place = 0;
    PyObject *target, *term, *none = PyTuple_New(0), *roots = PySequence_Tuple(seeds);
    int64_t start = INT64_MAX;
    int done = none == NULL || roots == NULL ? -1 : 0;
    while (done == 0 && PyDict_Next(sweep->adjoint, &place, &target, &term)) {
        if (!IS_VALUE(target))
            done = -1;
        else if ((((Node *)target)->flags & NEEDS_GRADIENT) && ((Node *)target)->index < start)
            start = ((Node *)target)->index;
    }
    if (done == 0 && start < INT64_MAX)
        done = find_ancestors_of(&sweep->found, none, roots, start, 0) < 0 ? -1 : 1;
    Py_XDECREF(none);
    Py_XDECREF(roots);
    return done;
}

static int run(Sweep *sweep, PyObject *seeds)
{
    Py_ssize_t place = 0;
    PyObject *node, *term;
    while (PyDict_Next(sweep->adjoint, &place, &node, &term)) {
        Py_ssize_t i = searched(&sweep->found, (Node *)node);
        if (i >= 0 && (((Node *)node)->flags & NEEDS_GRADIENT))
            sweep->marks[i] |= WANTED | TARGET;
    }
    if (prepare(sweep) < 0)
        return -1;
    for (place = 0; PyDict_Next(seeds, &place, &node, &term);) {
        Py_ssize_t i = searched(&sweep->found, (Node *)node);
        if (i >= 0 && (sweep->marks[i] & WANTED))
            sweep->shares[i] = Py_NewRef(term);
    }
    for (Py_ssize_t i = sweep->found.count - 1; i >= 0; i--)
        if (sweep->shares[i] != NULL && send(sweep, i) < 0)
            return -1;
    return 0;
}

/* gradient_terms(simplifier, seeds, adjoint, (slopes, kinked, ruled, graded), refuse_changed, sent,
   both_branches): fill in the term of each target that the seeds reach and return True, or None if Python has
   to do it. */
PyObject *gradient_terms(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    Sweep sweep = {0};
    (void)module;
    if (count != 7 || !PyDict_CheckExact(args[1]) || !PyDict_CheckExact(args[2]) ||
        !PyArg_ParseTuple(args[3], "O!OOO", &PyDict_Type, &sweep.slopes, &sweep.kinked, &sweep.ruled, &sweep.graded))
        return PyErr_Occurred() ? NULL : PyErr_Format(PyExc_TypeError, "gradient_terms: unexpected arguments");
    sweep.simplifier = args[0];
    sweep.adjoint = args[2];
    sweep.refuse_changed = args[4];
    sweep.sent = args[5];
    sweep.both_branches = args[6];
    int done = find_nodes(&sweep, args[1]);
    if (done <= 0)
        return PyErr_Occurred() ? NULL : Py_NewRef(done == 0 ? Py_True : Py_None);
    Py_ssize_t n = sweep.found.count;
    sweep.known = PyObject_GetAttrString(args[0], "_known");
    sweep.shares = PyMem_Calloc((size_t)n, sizeof *sweep.shares);
    sweep.marks = PyMem_Calloc((size_t)n, 1);
    if (sweep.shares == NULL || sweep.marks == NULL)
        PyErr_NoMemory();
    int collecting = PyGC_Disable(); /* Nothing becomes garbage here. */
    done = PyErr_Occurred() ? -1 : run(&sweep, args[1]);
    if (collecting)
        PyGC_Enable();
    for (Py_ssize_t i = 0; sweep.shares != NULL && i < n; i++)
        Py_XDECREF(sweep.shares[i]);
    Py_XDECREF(sweep.known);
    Py_XDECREF(sweep.wanted);
    PyMem_Free(sweep.shares);
    PyMem_Free(sweep.marks);
    free_ancestors(&sweep.found);
    return done < 0 ? NULL : Py_NewRef(Py_True);
}
