/* The reverse sweep. It holds the interpreter's lock from start to end, so that neither Ctrl-C nor another
   thread can interfere. If anything is unusual, it changes nothing and leaves everything to Python. */

#include "engine.h"
#include <string.h>

/* The previous state of a node that gradients flow to. */
typedef struct {
    Met met;
    double grad;
    uint32_t flags;
} Found;

#define FEW 64

typedef struct {
    Found *found;
    Py_ssize_t count, room;
    Found few[FEW];
} List;

/* Ends have no parents or are older than `start`. Their order does not matter. */
typedef struct {
    List inner, ends;
    Node **order; /* The inner nodes, children before parents. */
    int64_t start;
    int unfit; /* A node was found that only Python can handle. */
    Node *few[FEW];
} Walk;

static void begin(Walk *walk, int64_t start)
{
    walk->inner.found = walk->inner.few;
    walk->ends.found = walk->ends.few;
    walk->inner.room = walk->ends.room = FEW;
    walk->inner.count = walk->ends.count = 0;
    walk->order = walk->few;
    walk->start = start;
    walk->unfit = 0;
}

static void end(Walk *walk)
{
    if (walk->inner.found != walk->inner.few)
        PyMem_RawFree(walk->inner.found);
    if (walk->ends.found != walk->ends.few)
        PyMem_RawFree(walk->ends.found);
    if (walk->order != walk->few)
        PyMem_RawFree(walk->order);
}

static int make_room(List *list)
{
    Py_ssize_t room = 4 * list->room;
    int few = list->found == list->few;
    Found *found = PyMem_RawRealloc(few ? NULL : list->found, (size_t)room * sizeof *found);
    if (found == NULL)
        return -1;
    if (few)
        memcpy(found, list->few, sizeof list->few);
    list->found = found;
    list->room = room;
    return 0;
}

/* Add a node to its list, unless it is there, and set its gradient to 0. */
static inline int find(Walk *walk, Node *node)
{
    uint32_t flags = node->flags;
    if (flags & VISITED)
        return 0;
    List *list = node->a != NULL && node->index >= walk->start ? &walk->inner : &walk->ends;
    if (list->count == list->room && make_room(list) < 0)
        return -1;
    if (flags & (GRAD_NONE | GRAD_WIDE | CHOOSES | HOOKED | WIDE_A | WIDE_B))
        walk->unfit |= (flags & (GRAD_NONE | GRAD_WIDE | CHOOSES | HOOKED)) || list == &walk->inner;
    list->found[list->count++] = (Found){{node, node->index}, node->grad.number, flags};
    node->flags = flags | VISITED;
    if (!(flags & GRAD_WIDE))
        node->grad.number = 0.0;
    return 0;
}

static int find_ancestors(Walk *walk)
{
    for (Py_ssize_t i = 0; i < walk->inner.count; i++) {
        Node *node = walk->inner.found[i].met.node;
        LOOK_AHEAD(walk->inner.found, i, walk->inner.count, .met.node);
        if (node->flags & GENERAL) {
            for (Py_ssize_t k = 0; k < PyTuple_GET_SIZE(node->a); k++)
                if (find(walk, (Node *)PyTuple_GET_ITEM(node->a, k)) < 0)
                    return -1;
        }
        else if (find(walk, (Node *)node->a) < 0 || (node->b != NULL && find(walk, (Node *)node->b) < 0))
            return -1;
        if (walk->unfit)
            return -1;
    }
    return walk->unfit ? -1 : 0;
}

static int sort(Walk *walk)
{
    Py_ssize_t n = walk->inner.count;
    if (n > FEW && (walk->order = PyMem_RawMalloc((size_t)n * sizeof *walk->order)) == NULL)
        return -1;
    sort_by_age(walk->inner.found, sizeof *walk->inner.found, n, walk->order);
    return 0;
}

static void put_back(List *list)
{
    for (Py_ssize_t i = 0; i < list->count; i++) {
        Found *found = list->found + i;
        if (!(found->flags & GRAD_WIDE))
            found->met.node->grad.number = found->grad;
        found->met.node->flags = found->flags;
    }
}

/* Add to every gradient the sum, over all paths from a seed, of the seed times the path's product; keep those
   flags of the inner nodes. Return 0 if the result needs a closer look: a NaN always reaches a leaf. */
static int sweep(Walk *walk, uint32_t flags)
{
    for (Py_ssize_t i = 0; i < walk->inner.count; i++) {
        Node *node = walk->order[i];
        LOOK_AHEAD(walk->order, i, walk->inner.count, );
        double g = node->grad.number;
        node->flags &= flags;
        if (node->b != NULL) {
            ((Node *)node->a)->grad.number += g * node->da.number;
            ((Node *)node->b)->grad.number += g * node->db.number;
        }
        else if (node->flags & GENERAL) {
            const double *d = (const double *)(void *)PyBytes_AS_STRING(node->da.object);
            for (Py_ssize_t k = 0; k < PyTuple_GET_SIZE(node->a); k++)
                ((Node *)PyTuple_GET_ITEM(node->a, k))->grad.number += g * d[k];
        }
        else
            ((Node *)node->a)->grad.number += g * node->da.number;
    }
    for (Py_ssize_t i = 0; i < walk->ends.count; i++)
        if (isnan(walk->ends.found[i].met.node->grad.number))
            return 0;
    return 1;
}

/* Add the sweep's gradients to the previous ones. */
static void keep(List *list)
{
    for (Py_ssize_t i = 0; i < list->count; i++) {
        Found *found = list->found + i;
        if (!(found->flags & UNREACHED))
            found->met.node->grad.number += found->grad;
    }
}

static void clear_flags(List *list, uint32_t flags)
{
    for (Py_ssize_t i = 0; i < list->count; i++)
        list->found[i].met.node->flags &= ~flags;
}

static int swept(Node *root, double seed)
{
    Walk walk;
    uint32_t before = root->flags;
    begin(&walk, INT64_MIN);
    int done = find(&walk, root) == 0 && find_ancestors(&walk) == 0 && sort(&walk) == 0;
    if (done) {
        if (before & NEEDS_GRADIENT)
            root->grad.number = seed;
        done = sweep(&walk, ~(uint32_t)(VISITED | UNREACHED));
    }
    if (done) {
        keep(&walk.inner);
        keep(&walk.ends);
        clear_flags(&walk.ends, VISITED | UNREACHED);
        if (!(before & NEEDS_GRADIENT)) /* No gradient has reached it. */
            root->flags = before;
    }
    else {
        put_back(&walk.inner);
        put_back(&walk.ends);
    }
    end(&walk);
    return done;
}

PyObject *node_backward(PyObject *self, PyObject *const *args, Py_ssize_t count, PyObject *names)
{
    double seed = 1.0;
    int ordinary = IS_VALUE(self) && names == NULL && count <= 1 && may_overflow();
    if (ordinary && count == 1)
        ordinary = plain_number(args[0], &seed);
    if (ordinary) {
        if (wait_for_turn() < 0)
            return NULL;
        if (swept((Node *)self, seed))
            Py_RETURN_NONE;
    }
    Py_ssize_t total = 1 + count + (names ? PyTuple_GET_SIZE(names) : 0);
    PyObject *function = PyDict_GetItemString(kernel.methods, "backward");
    PyObject **all = PyMem_New(PyObject *, total);
    if (all == NULL)
        return PyErr_NoMemory();
    all[0] = self;
    memcpy(all + 1, args, (size_t)(total - 1) * sizeof *all);
    PyObject *done = PyObject_Vectorcall(function, all, (size_t)count + 1, names);
    PyMem_Free(all);
    return done;
}

static int find_roots(Walk *walk, PyObject *seeds)
{
    Py_ssize_t place = 0;
    PyObject *root, *seed;
    while (PyDict_Next(seeds, &place, &root, &seed)) {
        if (!IS_VALUE(root) || !PyFloat_CheckExact(seed) || find(walk, (Node *)root) < 0)
            return -1;
    }
    return 0;
}

static void set_seeds(PyObject *seeds)
{
    Py_ssize_t place = 0;
    PyObject *root, *seed;
    while (PyDict_Next(seeds, &place, &root, &seed))
        if (((Node *)root)->flags & NEEDS_GRADIENT)
            ((Node *)root)->grad.number = PyFloat_AS_DOUBLE(seed);
}

/* Fill a list with the adjoints. Making a float does not trigger garbage collection, which might run any
   code. */
static int fill(PyObject *result, const Walk *walk, PyObject *targets)
{
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(result); i++) {
        Node *target = (Node *)PySequence_Fast_GET_ITEM(targets, i);
        int reached = (target->flags & VISITED) && target->index >= walk->start;
        PyObject *g = PyFloat_FromDouble(reached ? target->grad.number : 0.0);
        if (g == NULL)
            return -1;
        PyList_SET_ITEM(result, i, g);
    }
    return 0;
}

/* The adjoint of each target, 0.0 for one that does not lead to the seeds; None if Python has to find them.
   */
static PyObject *found_adjoints(PyObject *seeds, PyObject *targets)
{
    Walk walk;
    PyObject *result = PyList_New(PySequence_Fast_GET_SIZE(targets));
    if (result == NULL)
        return NULL;
    Py_ssize_t n = PySequence_Fast_GET_SIZE(targets);
    int64_t start = n ? INT64_MAX : 0;
    int done = n == PyList_GET_SIZE(result); /* A finalizer may have changed the other list. */
    for (Py_ssize_t i = 0; done && i < n; i++) {
        PyObject *target = PySequence_Fast_GET_ITEM(targets, i);
        if (!IS_NODE(target))
            done = 0;
        else
            start = ((Node *)target)->index < start ? ((Node *)target)->index : start;
    }
    begin(&walk, start);
    done = done && find_roots(&walk, seeds) == 0 && find_ancestors(&walk) == 0 && sort(&walk) == 0;
    if (done) {
        set_seeds(seeds);
        done = sweep(&walk, ~(uint32_t)0);
    }
    int filled = done ? fill(result, &walk, targets) : 0;
    put_back(&walk.inner);
    put_back(&walk.ends);
    end(&walk);
    if (done && filled == 0)
        return result;
    Py_DECREF(result);
    return done ? NULL : Py_NewRef(Py_None);
}

PyObject *adjoints(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    (void)module;
    if (count != 2) {
        PyErr_SetString(PyExc_TypeError, "adjoints: expected seeds and targets");
        return NULL;
    }
    if (PyDict_CheckExact(args[0]) && (PyList_CheckExact(args[1]) || PyTuple_CheckExact(args[1])) && may_overflow()) {
        if (wait_for_turn() < 0)
            return NULL;
        PyObject *result = found_adjoints(args[0], args[1]);
        if (result != Py_None)
            return result;
        Py_DECREF(result);
    }
    return handed_over("adjoints", args, count);
}
