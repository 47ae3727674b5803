/* Make and free nodes. */

#include "engine.h"
#include <string.h>

/* In steps of two, so that the index before a node's is free for the plain number it was made with. */
static int64_t last_place = 0;

int64_t next_place(void) { return last_place += 2; }

/* Nodes that can be reused, and those waiting to be freed, each linked through `index`. A step that makes a
   graph and drops it finds most of its nodes here again: at most 3.5 MB, which the process keeps. */
#define MOST_KEPT 32768
static Node *kept, *waiting;
static int number_kept, releasing;

static inline Node *linked(Node *node) { return (Node *)(intptr_t)node->index; }

static inline Node *allocated(void)
{
    Node *node = kept;
    if (node == NULL)
        return PyObject_GC_New(Node, ValueType);
    kept = linked(node);
    number_kept--;
    Py_SET_REFCNT((PyObject *)node, 1);
    return node;
}

/* Make a node without parents and without an index. */
static inline Node *blank(PyObject *row, double data)
{
    Node *node = allocated();
    if (node == NULL)
        return NULL;
    node->data.number = data;
    node->grad.number = 0.0;
    Py_XINCREF(row);
    node->row = row;
    node->a = node->b = node->label = NULL;
    node->da.object = node->db.object = NULL;
    node->index = 0;
    node->flags = NEEDS_GRADIENT | UNREACHED;
    return node;
}

Node *new_node(PyObject *row, double data)
{
    Node *node = blank(row, data);
    if (node != NULL)
        node->index = next_place();
    return node;
}

/* Set a float, or a wider number, which is kept as an object. */
int set_data(Node *node, PyObject *data)
{
    if (!PyFloat_Check(data)) {
        PyErr_SetString(PyExc_TypeError, "engine: the number of a node that is not a float");
        return -1;
    }
    PyObject *old = node->flags & WIDE_DATA ? node->data.object : NULL;
    if (PyFloat_CheckExact(data)) {
        node->flags &= ~WIDE_DATA;
        node->data.number = PyFloat_AS_DOUBLE(data);
    }
    else {
        node->flags |= WIDE_DATA;
        node->data.object = Py_NewRef(data);
    }
    Py_XDECREF(old);
    return 0;
}

/* Parents are older than their children, so nodes alone form no cycle. An object of a user's class may hold
   anything, and so may a user-defined row: the garbage collector tracks their descendants. */
void guard(Node *node)
{
    if (!(node->flags & GUARDED)) {
        node->flags |= GUARDED;
        if (!PyObject_GC_IsTracked((PyObject *)node))
            PyObject_GC_Track(node);
    }
}

static inline int is_foreign(PyObject *row)
{
    return row != NULL && !(IS_ROW(row) && ((Row *)row)->ours);
}

static inline void guard_child(Node *node, PyObject *row, uint32_t parents)
{
    if ((parents & GUARDED) || is_foreign(row))
        guard(node);
}

/* Hooks are kept by the node's identity, which a later node may get. */
static void forget_hooks(Node *node)
{
    PyObject *type, *error, *traceback, *all = PyDict_GetItemString(kernel.methods, "hooks");
    PyErr_Fetch(&type, &error, &traceback);
    PyObject *key = PyLong_FromVoidPtr(node);
    if (key != NULL && all != NULL && PyDict_Contains(all, key) == 1)
        PyDict_DelItem(all, key);
    Py_XDECREF(key);
    PyErr_Restore(type, error, traceback);
}

/* The slots are not cleared: the node is gone. */
static inline void release(Node *node)
{
    uint32_t flags = node->flags;
    Py_XDECREF(node->a);
    Py_XDECREF(node->b);
    Py_XDECREF(node->row);
    Py_XDECREF(node->label);
    if (flags & HOOKED)
        forget_hooks(node);
    if (flags & (HOLDS_A | HOLDS_B | GRAD_WIDE | WIDE_DATA)) {
        if (flags & HOLDS_A)
            Py_XDECREF(node->da.object);
        if (flags & HOLDS_B)
            Py_XDECREF(node->db.object);
        if (flags & GRAD_WIDE)
            Py_XDECREF(node->grad.object);
        if (flags & WIDE_DATA)
            Py_XDECREF(node->data.object);
    }
}

static void recycle(Node *node)
{
    if (number_kept < MOST_KEPT) {
        node->index = (int64_t)(intptr_t)kept;
        kept = node;
        number_kept++;
        return;
    }
    PyObject_GC_Del(node);
    Py_DECREF(ValueType);
}

/* Without recursion: nodes that become free while a node is released wait for their turn. */
void node_dealloc(Node *self)
{
    if ((self->flags & GUARDED) || !IS_VALUE(self))
        PyObject_GC_UnTrack(self);
    if (!IS_VALUE(self)) {
        PyTypeObject *type = Py_TYPE(self);
        release(self);
        type->tp_free(self);
        Py_DECREF(type);
        return;
    }
    self->index = (int64_t)(intptr_t)waiting;
    waiting = self;
    if (releasing)
        return;
    releasing = 1;
    while ((self = waiting) != NULL) {
        waiting = linked(self);
        release(self);
        recycle(self);
    }
    releasing = 0;
}

static int node_traverse(Node *self, visitproc visit, void *arg)
{
    Py_VISIT(self->a);
    Py_VISIT(self->b);
    Py_VISIT(self->row);
    Py_VISIT(self->label);
    if (self->flags & HOLDS_A)
        Py_VISIT(self->da.object);
    if (self->flags & HOLDS_B)
        Py_VISIT(self->db.object);
    return 0;
}

/* Forget the operation and its arguments. */
void become_leaf(Node *self)
{
    uint32_t flags = self->flags;
    self->flags &= ~(HOLDS_A | HOLDS_B | NUMBER | LEFT | CHOOSES);
    if (flags & HOLDS_A)
        Py_CLEAR(self->da.object);
    if (flags & HOLDS_B)
        Py_CLEAR(self->db.object);
    Py_CLEAR(self->a);
    Py_CLEAR(self->b);
    Py_CLEAR(self->row);
}

static int node_clear(Node *self)
{
    become_leaf(self);
    Py_CLEAR(self->label);
    return 0;
}

/* Whether __init__ is called again on a node in use. */
static inline int is_used(const Node *node)
{
    return node->row != NULL || node->label != NULL || !(node->flags & UNREACHED) || (node->flags & WIDE_DATA);
}

static void renew(Node *node)
{
    uint32_t flags = node->flags;
    node->flags = (flags & ~(GRAD_NONE | GRAD_WIDE | WIDE_DATA)) | UNREACHED;
    if (flags & GRAD_WIDE)
        Py_CLEAR(node->grad.object);
    if (flags & WIDE_DATA)
        Py_CLEAR(node->data.object);
    node->grad.number = 0.0;
    node_clear(node);
}

/* Nodes of operations: they hold references to the parents, and keep numbers unchanged. */

PyObject *node_of_one(PyObject *row, double y, Node *x, double d)
{
    Node *node = new_node(row, y);
    if (node == NULL)
        return NULL;
    node->a = Py_NewRef((PyObject *)x);
    node->da.number = d;
    guard_child(node, row, x->flags);
    return (PyObject *)node;
}

PyObject *node_of_two(PyObject *row, double y, Node *a, double da, Node *b, double db)
{
    Node *node = new_node(row, y);
    if (node == NULL)
        return NULL;
    node->a = Py_NewRef((PyObject *)a);
    node->b = Py_NewRef((PyObject *)b);
    node->da.number = da;
    node->db.number = db;
    guard_child(node, row, a->flags | b->flags);
    return (PyObject *)node;
}

PyObject *node_with_number(PyObject *row, double y, Node *x, double d, double number, int left)
{
    Node *node = (Node *)node_of_one(row, y, x, d);
    if (node == NULL)
        return NULL;
    node->db.number = number;
    node->flags |= left ? NUMBER | LEFT : NUMBER;
    return (PyObject *)node;
}

/* No gradient flows to the other node. */
PyObject *node_with_node(PyObject *row, double y, Node *x, double d, Node *other, int left)
{
    Node *node = (Node *)node_of_one(row, y, x, d);
    if (node == NULL)
        return NULL;
    node->db.object = Py_NewRef((PyObject *)other);
    node->flags |= left ? OTHER | LEFT : OTHER;
    guard_child(node, row, other->flags);
    return (PyObject *)node;
}

static PyObject *doubles(const double *d, Py_ssize_t count)
{
    return PyBytes_FromStringAndSize((const char *)d, count * (Py_ssize_t)sizeof(double));
}

static inline const double *doubles_in(PyObject *bytes) { return (const double *)(void *)PyBytes_AS_STRING(bytes); }

/* The derivatives that flow: a tuple of objects if some are given as objects, otherwise an array. */
static int keep_flowing(Node *node, PyObject *arguments, PyObject *partials, const double *d, const char *flows,
                        Py_ssize_t count)
{
    Py_ssize_t n = PyTuple_GET_SIZE(arguments), k = 0;
    PyObject *parents = PyTuple_New(count), *slopes = partials ? PyTuple_New(count) : doubles(NULL, count);
    if (parents == NULL || slopes == NULL) {
        Py_XDECREF(parents);
        Py_XDECREF(slopes);
        return -1;
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        if (!flows[i])
            continue;
        PyTuple_SET_ITEM(parents, k, Py_NewRef(PyTuple_GET_ITEM(arguments, i)));
        if (partials)
            PyTuple_SET_ITEM(slopes, k, Py_NewRef(PyTuple_GET_ITEM(partials, i)));
        else
            memcpy(PyBytes_AS_STRING(slopes) + k * sizeof(double), d + i, sizeof(double));
        k++;
    }
    node->a = parents;
    node->da.object = slopes;
    return 0;
}

/* Takes the reference to `arguments`, which are nodes and floats; `partials` is NULL if all are floats, given
   by `d`, with 0 where nothing flows. */
PyObject *node_in_general(PyObject *row, double y, PyObject *arguments, PyObject *partials, const double *d,
                          const char *flows, int needed)
{
    Py_ssize_t n = PyTuple_GET_SIZE(arguments), count = 0;
    uint32_t parents = 0;
    for (Py_ssize_t i = 0; i < n; i++) {
        PyObject *x = PyTuple_GET_ITEM(arguments, i);
        count += flows[i];
        if (!PyFloat_CheckExact(x))
            parents |= ((Node *)x)->flags;
        else
            next_place(); /* For its node, if it is ever drawn. */
    }
    if (n == 2 && count == 1 && partials == NULL && needed) {
        int left = flows[1];
        PyObject *other = PyTuple_GET_ITEM(arguments, !left);
        Node *x = (Node *)PyTuple_GET_ITEM(arguments, left);
        PyObject *node = PyFloat_CheckExact(other)
                             ? node_with_number(row, y, x, d[left], PyFloat_AS_DOUBLE(other), left)
                             : node_with_node(row, y, x, d[left], (Node *)other, left);
        Py_DECREF(arguments);
        return node;
    }
    Node *node = new_node(row, y);
    if (node == NULL || keep_flowing(node, arguments, partials, d, flows, count) < 0) {
        Py_XDECREF(node);
        Py_DECREF(arguments);
        return NULL;
    }
    node->flags |= partials ? GENERAL | WIDE_A | WIDE_B : GENERAL;
    if (!needed)
        node->flags &= ~NEEDS_GRADIENT;
    if (count == n)
        Py_DECREF(arguments);
    else if (partials == NULL)
        node->db.object = arguments;
    else {
        node->db.object = PyTuple_Pack(2, arguments, partials);
        Py_DECREF(arguments);
        if (node->db.object == NULL) {
            Py_DECREF(node);
            return NULL;
        }
    }
    guard_child(node, row, parents);
    return (PyObject *)node;
}

/* Leaves. */

static PyObject *node_new(PyTypeObject *type, PyObject *args, PyObject *names)
{
    (void)args, (void)names;
    if (type == ValueType)
        return (PyObject *)blank(NULL, 0.0);
    Node *node = (Node *)type->tp_alloc(type, 0);
    if (node != NULL) {
        node->flags = NEEDS_GRADIENT | UNREACHED | (PyObject_GC_IsTracked((PyObject *)node) ? GUARDED : 0);
    }
    return (PyObject *)node;
}

/* Fill in a leaf if the arguments are ordinary; return 0 if Python has to do it. */
static int fill_leaf(Node *node, PyObject *const *args, Py_ssize_t count, PyObject *names)
{
    double data;
    PyObject *label = NULL;
    uint32_t needs = NEEDS_GRADIENT;
    Py_ssize_t named = names ? PyTuple_GET_SIZE(names) : 0;
    if (count < 1 || count > 2 || named > 2 || !usual() || !plain_number(args[0], &data))
        return 0;
    if (count == 2)
        label = args[1];
    for (Py_ssize_t i = 0; i < named; i++) {
        PyObject *name = PyTuple_GET_ITEM(names, i), *x = args[count + i];
        if (PyUnicode_CompareWithASCIIString(name, "label") == 0 && label == NULL)
            label = x;
        else if (PyUnicode_CompareWithASCIIString(name, "requires_grad") == 0 && PyBool_Check(x))
            needs = x == Py_True ? NEEDS_GRADIENT : 0;
        else
            return 0;
    }
    if (label != NULL && !PyUnicode_CheckExact(label))
        return 0;
    if (is_used(node))
        renew(node);
    node->data.number = data;
    node->index = next_place();
    if (label != NULL && PyUnicode_GET_LENGTH(label))
        Py_XSETREF(node->label, Py_NewRef(label));
    node->flags = (node->flags & ~NEEDS_GRADIENT) | needs;
    return 1;
}

PyObject *new_value(PyTypeObject *type, PyObject *const *args, size_t nargsf, PyObject *names)
{
    Py_ssize_t count = PyVectorcall_NARGS(nargsf);
    if (count == 1 && names == NULL && PyFloat_CheckExact(args[0]) && type == ValueType && usual())
        return (PyObject *)new_node(NULL, PyFloat_AS_DOUBLE(args[0]));
    Node *node = (Node *)node_new((PyTypeObject *)type, NULL, NULL);
    if (node == NULL || fill_leaf(node, args, count, names))
        return (PyObject *)node;
    PyObject *init = PyDict_GetItemString(kernel.methods, "__init__"), *done = NULL;
    Py_ssize_t named = names ? PyTuple_GET_SIZE(names) : 0;
    PyObject **all = PyMem_New(PyObject *, 1 + count + named);
    if (all == NULL)
        PyErr_NoMemory();
    else {
        all[0] = (PyObject *)node;
        memcpy(all + 1, args, (size_t)(count + named) * sizeof *all);
        done = PyObject_Vectorcall(init, all, (size_t)count + 1, names);
        PyMem_Free(all);
    }
    if (done == NULL)
        Py_CLEAR(node);
    Py_XDECREF(done);
    return (PyObject *)node;
}

static int node_init(Node *self, PyObject *args, PyObject *named)
{
    if ((named == NULL || PyDict_GET_SIZE(named) == 0) && PyTuple_GET_SIZE(args) <= 2 &&
        fill_leaf(self, ((PyTupleObject *)args)->ob_item, PyTuple_GET_SIZE(args), NULL))
        return 0;
    PyObject *init = PyDict_GetItemString(kernel.methods, "__init__");
    Py_ssize_t n = PyTuple_GET_SIZE(args);
    PyObject *all = PyTuple_New(n + 1), *done = NULL;
    if (all == NULL)
        return -1;
    PyTuple_SET_ITEM(all, 0, Py_NewRef((PyObject *)self));
    for (Py_ssize_t i = 0; i < n; i++)
        PyTuple_SET_ITEM(all, i + 1, Py_NewRef(PyTuple_GET_ITEM(args, i)));
    done = PyObject_Call(init, all, named);
    Py_DECREF(all);
    Py_XDECREF(done);
    return done == NULL ? -1 : 0;
}

/* Make nodes of the plain numbers among the arguments, when these are first read. */

PyObject *leaf_at(double data, int64_t place)
{
    Node *leaf = blank(NULL, data);
    if (leaf != NULL) {
        leaf->index = place;
        leaf->flags &= ~NEEDS_GRADIENT;
    }
    return (PyObject *)leaf;
}

/* Make a node of the plain number of a node with one other parent. */
int draw_number(Node *self)
{
    PyObject *leaf = leaf_at(self->db.number, self->index - 1);
    if (leaf == NULL)
        return -1;
    self->db.object = leaf;
    self->flags ^= NUMBER | OTHER;
    return 0;
}

/* Return the same arguments with a leaf in place of each plain number. */
static PyObject *with_leaves(Node *self, PyObject *arguments)
{
    Py_ssize_t n = PyTuple_GET_SIZE(arguments);
    int64_t place = self->index - 1;
    PyObject *nodes = PyTuple_New(n);
    for (Py_ssize_t i = n - 1; nodes != NULL && i >= 0; i--) {
        PyObject *x = PyTuple_GET_ITEM(arguments, i);
        if (PyFloat_CheckExact(x)) {
            x = leaf_at(PyFloat_AS_DOUBLE(x), place);
            place -= 2;
            if (x == NULL)
                Py_CLEAR(nodes);
        }
        else
            Py_INCREF(x);
        if (nodes != NULL)
            PyTuple_SET_ITEM(nodes, i, x);
    }
    return nodes;
}

PyObject *drawn_arguments(Node *self)
{
    if ((self->flags & NUMBER) && draw_number(self) < 0)
        return NULL;
    if (self->flags & OTHER)
        return self->flags & LEFT ? PyTuple_Pack(2, self->db.object, self->a) : PyTuple_Pack(2, self->a, self->db.object);
    PyObject *all = self->db.object;
    PyObject *arguments = self->flags & WIDE_B ? PyTuple_GET_ITEM(all, 0) : all;
    int plain = 0;
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(arguments); i++)
        plain |= PyFloat_CheckExact(PyTuple_GET_ITEM(arguments, i));
    if (!plain)
        return Py_NewRef(arguments);
    PyObject *nodes = with_leaves(self, arguments);
    if (nodes == NULL)
        return NULL;
    PyObject *kept_now = self->flags & WIDE_B ? PyTuple_Pack(2, nodes, PyTuple_GET_ITEM(all, 1)) : Py_NewRef(nodes);
    if (kept_now == NULL) {
        Py_DECREF(nodes);
        return NULL;
    }
    self->db.object = kept_now;
    Py_DECREF(all);
    return nodes;
}

/* Return all local derivatives, aligned with all arguments; 0.0 towards one that needs no gradient. */
PyObject *partials_of(Node *self)
{
    uint32_t flags = self->flags;
    PyObject *da = NULL, *db = NULL, *both;
    if (self->a == NULL)
        return PyTuple_New(0);
    if (flags & GENERAL) {
        if (flags & WIDE_A)
            return Py_NewRef(self->db.object ? PyTuple_GET_ITEM(self->db.object, 1) : self->da.object);
        PyObject *all = self->db.object ? self->db.object : self->a;
        Py_ssize_t n = PyTuple_GET_SIZE(all), k = 0, flowing = PyTuple_GET_SIZE(self->a);
        PyObject *partials = PyTuple_New(n);
        for (Py_ssize_t i = 0; partials != NULL && i < n; i++) {
            int flows = k < flowing && PyTuple_GET_ITEM(all, i) == PyTuple_GET_ITEM(self->a, k);
            PyObject *d = PyFloat_FromDouble(flows ? doubles_in(self->da.object)[k] : 0.0);
            k += flows;
            if (d == NULL)
                Py_CLEAR(partials);
            else
                PyTuple_SET_ITEM(partials, i, d);
        }
        return partials;
    }
    da = flags & WIDE_A ? Py_NewRef(self->da.object) : PyFloat_FromDouble(self->da.number);
    if (self->b == NULL && !(flags & (NUMBER | OTHER))) {
        both = da ? PyTuple_Pack(1, da) : NULL;
        Py_XDECREF(da);
        return both;
    }
    db = flags & (NUMBER | OTHER) ? PyFloat_FromDouble(0.0) : flags & WIDE_B ? Py_NewRef(self->db.object) : PyFloat_FromDouble(self->db.number);
    both = da && db ? (flags & LEFT ? PyTuple_Pack(2, db, da) : PyTuple_Pack(2, da, db)) : NULL;
    Py_XDECREF(da);
    Py_XDECREF(db);
    return both;
}

static PyMethodDef node_methods[] = {
    {"backward", (PyCFunction)(void (*)(void))node_backward, METH_FASTCALL | METH_KEYWORDS,
     "backward($self, /, gradient=1.0)\n--\n\n"
     "Add `gradient` times d(root)/d(node) to the `.grad` of every node that leads to the root."},
    {NULL, NULL, 0, NULL},
};

PyTypeObject NodeType = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "autograd_core.native._engine.Node",
    .tp_doc = "Node(data, label='', *, requires_grad=True)\n--\n\nThe base of `Value`, in C.",
    .tp_basicsize = sizeof(Node),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
    .tp_new = node_new,
    .tp_init = (initproc)node_init,
    .tp_dealloc = (destructor)node_dealloc,
    .tp_traverse = (traverseproc)node_traverse,
    .tp_clear = (inquiry)node_clear,
    .tp_free = PyObject_GC_Del,
    .tp_as_number = &node_as_number,
    .tp_richcompare = node_compare,
    .tp_methods = node_methods,
    .tp_getset = node_members,
};
