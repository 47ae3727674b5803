/* Declarations that the files of the engine share.

   The Python kernel (autograd_core/kernel) is the specification and handles everything unusual. The C code
   does what is common. In an unusual case a function calls the Python function of the same name with the same
   arguments, so its results and error messages are those of the Python kernel. */

#ifndef AUTOGRAD_CORE_ENGINE_H
#define AUTOGRAD_CORE_ENGINE_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <math.h>
#include <stddef.h>
#include <stdint.h>

#ifdef Py_GIL_DISABLED
#error "The engine relies on the global interpreter lock."
#endif

typedef union {
    double number;
    PyObject *object;
} Slot;

/* A node: the contents of `Value.__slots__` in Python, in little memory.

   no parents:               a is NULL
   one parent:               a, da
   two parents:              a, da, b, db
   one and a plain number:   a, da, and the number in db (flag NUMBER), until the parents are first read
   one and another node:     a, da, and in db.object the node, to which no gradient flows (flag OTHER)
   any others:               flag GENERAL: a is a tuple of the parents that a gradient flows into, da.object the
                             local derivatives towards them, as the bytes of an array of doubles; if these are
                             not all arguments, db.object is the tuple of all; the other derivatives are 0

   The number or the other node may be on the left (flag LEFT).

   A local derivative that is wider than a float is an object (flags WIDE_A, WIDE_B). In the general form
   WIDE_A means that da.object is a tuple, WIDE_B that db.object is a pair of all arguments and all
   derivatives, as in Python. */
typedef struct {
    PyObject_HEAD
    /* The members that a walk reads come first, most of them in one cache line. */
    int64_t index;
    PyObject *a, *b;
    uint32_t flags;
    Slot grad;
    Slot da, db;
    PyObject *row; /* NULL for a leaf */
    Slot data;
    PyObject *label; /* NULL for "" */
} Node;

#if defined(__GNUC__)
#define PREFETCH(x) __builtin_prefetch(x)
#else
#define PREFETCH(x) ((void)(x))
#endif

/* How far ahead a walk prefetches nodes, because in a large graph each comes from memory. */
#define AHEAD 8

enum {
    NEEDS_GRADIENT = 1 << 0,
    UNREACHED = 1 << 1,  /* The gradient is the object ZERO: no backward pass has reached the node. */
    GRAD_NONE = 1 << 2,  /* A sweep of the Python kernel has found the node. */
    GRAD_WIDE = 1 << 3,  /* The gradient is an object. */
    WIDE_A = 1 << 4,
    WIDE_B = 1 << 5,
    NUMBER = 1 << 6,
    LEFT = 1 << 7,
    GENERAL = 1 << 8,
    CHOOSES = 1 << 9,    /* The row selects, and a branch was not taken. */
    GUARDED = 1 << 10,   /* The node may be part of a reference cycle, so the garbage collector tracks it. */
    VISITED = 1 << 11,   /* A walk has found the node. Never set outside a walk. */
    HOOKED = 1 << 13,    /* The node has had a hook, which the Python kernel keeps and calls. */
    WIDE_DATA = 1 << 12, /* The number is an object, beyond the range of floats, as in a gradient's graph. */
    OTHER = 1 << 14,
};

/* If da and db are objects. */
#define HOLDS_A (WIDE_A | GENERAL)
#define HOLDS_B (WIDE_B | GENERAL | OTHER)

/* A node that a walk has found. */
typedef struct {
    Node *node;
    int64_t index;
} Met;

/* The emitted code of a row with a fixed number of arguments: the value, and all local derivatives. */
typedef struct {
    const char *name;
    int arity;
    int leaves_range; /* Whether a local derivative may be out of the range of floats. */
    int defaults;     /* The number of trailing arguments with a default. */
    double standard[2];
    double (*value)(const double *x);
    void (*slopes)(const double *x, double y, double *d);
} FixedRow;

/* The same for a row that takes any number of arguments. */
typedef struct {
    const char *name;
    int sequences; /* The number of sequences of equal length that the arguments form. */
    double (*value)(int n, const double *x);
    void (*slopes)(int n, const double *x, double *d);
} FreeRow;

/* The base of `Operation`. */
typedef struct {
    PyObject_HEAD
    vectorcallfunc vectorcall;
    const FixedRow *fixed; /* Both NULL for a row that Python computes. */
    const FreeRow *any;
    int ours; /* A row of the package's table, which refers to no node. */
} Row;

/* `turn`, the lock held while nodes are rearranged. */
typedef struct {
    PyObject_HEAD
    PyThread_type_lock lock;
    unsigned long owner;
    unsigned long depth; /* How many times the owner has acquired it; 0 if it is free. */
} Turn;

#define MOST_ARGUMENTS 3

extern const FixedRow fixed_rows[];
extern const FreeRow free_rows[];

extern PyTypeObject NodeType, RowType, TurnType;
extern PyTypeObject *ValueType; /* `Value`, once it is adopted. */
extern PyTypeObject *OperationType;

/* Objects of the Python kernel. */
typedef struct {
    PyObject *unusual; /* The dict of modes that are active in any thread. */
    PyObject *overflow_raises; /* Those under which overflow is an error. */
    PyObject *zero;    /* The gradient of a node that no backward pass has reached. */
    PyObject *turn;
    PyObject *add, *sub, *mul, *div, *pow, *neg, *abs, *sum; /* Rows. */
    PyObject *methods; /* The methods of `Value` and `Operation` in Python, by name. */
    PyObject *math_hypot;
} Kernel;

extern Kernel kernel;

#define IS_VALUE(x) (Py_TYPE(x) == ValueType)
#define IS_NODE(x) PyObject_TypeCheck(x, &NodeType)
#define IS_ROW(x) (Py_TYPE(x) == OperationType || PyObject_TypeCheck(x, &RowType))

/* Whether a gradient flows to a node whose number is a float. */
static inline int is_ordinary(const Node *node)
{
    return (node->flags & (NEEDS_GRADIENT | WIDE_DATA)) == NEEDS_GRADIENT;
}

static inline int usual(void) { return PyDict_GET_SIZE(kernel.unusual) == 0; }

/* Whether a sweep only has to look for NaN among its numbers. */
static inline int may_overflow(void) { return PyDict_GET_SIZE(kernel.overflow_raises) == 0; }

static inline int between(double x, double low, double high)
{
    double size = fabs(x);
    return low < size && size < high;
}

/* Whether a local derivative and everything it was computed from surely have all their digits. */
static inline int has_all_digits(double d) { return between(d, 1e-290, 1e290); }

/* Read a plain number; return 0 for anything else, and for an integer that no float can hold. */
static inline int plain_number(PyObject *x, double *number)
{
    if (PyFloat_CheckExact(x)) {
        *number = PyFloat_AS_DOUBLE(x);
        return 1;
    }
    if (!PyLong_CheckExact(x))
        return 0;
    *number = PyLong_AsDouble(x);
    if (*number == -1.0 && PyErr_Occurred()) {
        PyErr_Clear();
        return 0;
    }
    return 1;
}

/* node.c */
int64_t next_place(void);
int set_data(Node *node, PyObject *data);
Node *new_node(PyObject *row, double data);
PyObject *leaf_at(double data, int64_t place);
void guard(Node *node);
PyObject *node_of_one(PyObject *row, double y, Node *x, double d);
PyObject *node_of_two(PyObject *row, double y, Node *a, double da, Node *b, double db);
PyObject *node_with_number(PyObject *row, double y, Node *x, double d, double number, int left);
PyObject *node_in_general(PyObject *row, double y, PyObject *arguments, PyObject *partials, const double *d,
                          const char *flows, int needed);
PyObject *new_value(PyTypeObject *type, PyObject *const *args, size_t nargsf, PyObject *names);
void node_dealloc(Node *self);
PyObject *node_with_node(PyObject *row, double y, Node *x, double d, Node *other, int left);
void become_leaf(Node *self);
int draw_number(Node *self);
PyObject *drawn_arguments(Node *self);
PyObject *partials_of(Node *self);

/* construct.c */
PyObject *node_of(PyObject *module, PyObject *const *args, Py_ssize_t count);

/* members.c */
extern PyGetSetDef node_members[];

/* operators.c */
extern PyNumberMethods node_as_number;
PyObject *node_compare(PyObject *self, PyObject *other, int which);
PyObject *handed_over(const char *method, PyObject *const *args, Py_ssize_t count);

/* sweep.c */
PyObject *node_backward(PyObject *self, PyObject *const *args, Py_ssize_t count, PyObject *names);
PyObject *adjoints(PyObject *module, PyObject *const *args, Py_ssize_t count);

/* order.c */

/* The nodes that lead to some roots. */
typedef struct {
    int64_t start; /* Older nodes are not visited. */
    Met *met;
    Py_ssize_t count, room;
    Py_ssize_t arguments, numbers; /* The number of edges, and of those to undrawn plain numbers. */
    Node **order;                  /* The nodes, the oldest first. */
    int32_t *places;               /* Places in `order` by index; NULL if few indices have a node. */
} Ancestors;

void sort_by_age(const void *all, size_t size, Py_ssize_t count, Node **order);
int find_ancestors_of(Ancestors *found, PyObject *ends, PyObject *roots, int64_t start, int drawn);
void free_ancestors(Ancestors *found);
Py_ssize_t searched(const Ancestors *found, const Node *node);
PyObject *in_order(PyObject *module, PyObject *roots);

/* The place of a node that is in the order. */
static inline Py_ssize_t place_of(const Ancestors *found, const Node *node)
{
    return found->places ? found->places[node->index - found->order[0]->index] : searched(found, node);
}

/* Prefetch the parents of the node AHEAD places further on, and the node twice as far. */
#define LOOK_AHEAD(all, i, count, node)                                                                            \
    do {                                                                                                           \
        if ((i) + 2 * AHEAD < (count)) {                                                                           \
            PREFETCH((all)[(i) + 2 * AHEAD]node);                                                                  \
            PREFETCH(((all)[(i) + AHEAD]node)->a);                                                                 \
            PREFETCH(((all)[(i) + AHEAD]node)->b);                                                                 \
        }                                                                                                          \
    } while (0)

/* The arguments of a node in order: nodes and floats, or NULL for the number stored in the node itself. `two`
   has room for two. */
static inline Py_ssize_t arguments_of(Node *node, PyObject **two, PyObject *const **all)
{
    *all = two;
    if (node->flags & GENERAL) {
        PyObject *tuple = node->db.object == NULL ? node->a : node->db.object;
        if (node->db.object != NULL && (node->flags & WIDE_B))
            tuple = PyTuple_GET_ITEM(tuple, 0);
        *all = ((PyTupleObject *)tuple)->ob_item;
        return PyTuple_GET_SIZE(tuple);
    }
    int left = (node->flags & LEFT) != 0, pair = node->b != NULL || (node->flags & (NUMBER | OTHER));
    two[left] = node->a;
    if (pair)
        two[!left] = node->flags & NUMBER ? NULL : node->flags & OTHER ? node->db.object : node->b;
    return pair ? 2 : node->a != NULL;
}

static inline int is_plain(PyObject *x) { return x == NULL || PyFloat_CheckExact(x); }

/* rows.c */
PyObject *called_as_usual(Row *row, PyObject *const *args, Py_ssize_t count);
PyObject *called_in_c(Row *row, PyObject *const *args, Py_ssize_t count);

/* replay.c */
PyObject *copies(PyObject *module, PyObject *const *args, Py_ssize_t count);

/* capture.c */
PyObject *captured(PyObject *module, PyObject *const *args, Py_ssize_t count);

/* gradients.c */
PyObject *gradient_terms(PyObject *module, PyObject *const *args, Py_ssize_t count);

/* levels.c */
PyObject *levels(PyObject *module, PyObject *args);

/* turn.c */
int wait_for_others(Turn *turn);

/* Wait until no other thread holds the lock. */
static inline int wait_for_turn(void)
{
    Turn *turn = (Turn *)kernel.turn;
    return turn->depth == 0 ? 0 : wait_for_others(turn);
}

#endif
