/* The attributes of a node. Those that start with _ are the slots that the Python kernel reads. */

#include "engine.h"

static PyObject *python_property(PyObject *self, const char *name, PyObject *value)
{
    /* The setter of the Python kernel, with its conversions, checks and messages. */
    PyObject *property = PyDict_GetItemString(kernel.methods, name);
    PyObject *setter = property ? PyObject_GetAttrString(property, "fset") : NULL;
    PyObject *done = setter ? PyObject_CallFunctionObjArgs(setter, self, value, NULL) : NULL;
    Py_XDECREF(setter);
    return done;
}

/* Raise Python's error for a property of that name without a setter or deleter. */
static int no_setter(PyObject *self, PyObject *value, void *name)
{
    PyErr_Format(PyExc_AttributeError, "property '%s' of '%s' object has no %s", (const char *)name,
                 Py_TYPE(self)->tp_name, value ? "setter" : "deleter");
    return -1;
}

static int set_in_python(PyObject *self, const char *name, PyObject *value)
{
    if (value == NULL) {
        return no_setter(self, NULL, (void *)name);
    }
    PyObject *done = python_property(self, name, value);
    Py_XDECREF(done);
    return done == NULL ? -1 : 0;
}

static PyObject *get_object(PyObject *x) { return Py_NewRef(x ? x : Py_None); }

static PyObject *get_data(Node *self, void *unused)
{
    (void)unused;
    if (self->flags & WIDE_DATA)
        return PyNumber_Float(self->data.object);
    return PyFloat_FromDouble(self->data.number);
}

static PyObject *get_slot_data(Node *self, void *unused)
{
    return self->flags & WIDE_DATA ? Py_NewRef(self->data.object) : get_data(self, unused);
}

static int set_public_data(Node *self, PyObject *value, void *unused)
{
    (void)unused;
    if (value == NULL || self->row != NULL || !PyFloat_CheckExact(value))
        return set_in_python((PyObject *)self, "data", value);
    return set_data(self, value);
}

static int set_slot_data(Node *self, PyObject *value, void *unused)
{
    (void)unused;
    return set_data(self, value ? value : kernel.zero);
}

static PyObject *get_slot_grad(Node *self, void *unused)
{
    (void)unused;
    if (self->flags & (UNREACHED | GRAD_NONE))
        return Py_NewRef(self->flags & UNREACHED ? kernel.zero : Py_None);
    return self->flags & GRAD_WIDE ? Py_NewRef(self->grad.object) : PyFloat_FromDouble(self->grad.number);
}

static int set_slot_grad(Node *self, PyObject *value, void *unused)
{
    (void)unused;
    PyObject *old = self->flags & GRAD_WIDE ? self->grad.object : NULL;
    self->flags &= ~(UNREACHED | GRAD_NONE | GRAD_WIDE);
    self->grad.number = 0.0;
    if (value == kernel.zero)
        self->flags |= UNREACHED;
    else if (value == Py_None || value == NULL)
        self->flags |= GRAD_NONE;
    else if (PyFloat_CheckExact(value))
        self->grad.number = PyFloat_AS_DOUBLE(value);
    else {
        self->grad.object = Py_NewRef(value);
        self->flags |= GRAD_WIDE;
    }
    Py_XDECREF(old);
    return 0;
}

static PyObject *get_grad(Node *self, void *unused)
{
    if (wait_for_turn() < 0)
        return NULL;
    PyObject *grad = get_slot_grad(self, unused);
    if (grad != NULL && !PyFloat_CheckExact(grad))
        Py_SETREF(grad, PyNumber_Float(grad));
    return grad;
}

static int set_grad(Node *self, PyObject *value, void *unused)
{
    if (value == NULL || !PyFloat_CheckExact(value))
        return set_in_python((PyObject *)self, "grad", value);
    return wait_for_turn() < 0 ? -1 : set_slot_grad(self, value, unused);
}

static PyObject *get_reached(Node *self, void *unused)
{
    (void)unused;
    return wait_for_turn() < 0 ? NULL : PyBool_FromLong(!(self->flags & UNREACHED));
}

static PyObject *get_slot_label(Node *self, void *unused)
{
    (void)unused;
    return self->label ? Py_NewRef(self->label) : PyUnicode_FromStringAndSize(NULL, 0);
}

static int set_slot_label(Node *self, PyObject *value, void *unused)
{
    (void)unused;
    int empty = value == NULL || (PyUnicode_CheckExact(value) && PyUnicode_GET_LENGTH(value) == 0);
    Py_XSETREF(self->label, empty ? NULL : Py_NewRef(value));
    return 0;
}

static PyObject *get_label(Node *self, void *unused)
{
    if (self->label == NULL || PyUnicode_CheckExact(self->label))
        return get_slot_label(self, unused);
    return PyObject_CallMethod(self->label, "of", "O", self);
}

static int set_label(Node *self, PyObject *value, void *unused)
{
    (void)unused;
    return set_in_python((PyObject *)self, "label", value);
}

static PyObject *get_needs(Node *self, void *unused)
{
    (void)unused;
    return PyBool_FromLong(self->flags & NEEDS_GRADIENT);
}

static int set_slot_needs(Node *self, PyObject *value, void *unused)
{
    (void)unused;
    int needs = value ? PyObject_IsTrue(value) : 0;
    if (needs < 0)
        return -1;
    self->flags = needs ? self->flags | NEEDS_GRADIENT : self->flags & ~NEEDS_GRADIENT;
    return 0;
}

static int set_needs(Node *self, PyObject *value, void *unused)
{
    if (value == NULL || self->row != NULL || !PyBool_Check(value))
        return set_in_python((PyObject *)self, "requires_grad", value);
    return set_slot_needs(self, value, unused);
}

static PyObject *get_index(Node *self, void *unused)
{
    (void)unused;
    return PyLong_FromLongLong(self->index);
}

static int set_slot_index(Node *self, PyObject *value, void *unused)
{
    (void)unused;
    long long index = value ? PyLong_AsLongLong(value) : 0;
    if (PyErr_Occurred())
        return -1;
    self->index = index;
    return 0;
}

static PyObject *get_row(Node *self, void *unused)
{
    (void)unused;
    return get_object(self->row);
}

static PyObject *is_leaf(Node *self, void *unused)
{
    (void)unused;
    return PyBool_FromLong(self->row == NULL);
}

static PyObject *get_parents(Node *self, void *unused)
{
    (void)unused;
    if (self->b != NULL)
        return PyTuple_Pack(2, self->a, self->b);
    if (self->a == NULL)
        return PyTuple_New(0);
    if ((self->flags & (NUMBER | OTHER)) || ((self->flags & GENERAL) && self->db.object != NULL))
        return drawn_arguments(self);
    return self->flags & GENERAL ? Py_NewRef(self->a) : PyTuple_Pack(1, self->a);
}

static PyObject *get_partials(Node *self, void *unused)
{
    (void)unused;
    return partials_of(self);
}

static PyObject *get_slot_a(Node *self, void *unused)
{
    (void)unused;
    if (self->flags & OTHER)
        return PyTuple_Pack(1, self->a);
    return get_object(self->a);
}

/* None for a new node; other parents are forced on it from outside, and may make it its own ancestor. */
static int set_slot_a(Node *self, PyObject *value, void *unused)
{
    (void)unused;
    if (self->flags & (GENERAL | OTHER) || (value != NULL && value != Py_None && !IS_NODE(value))) {
        PyErr_SetString(PyExc_AttributeError, "Value: parents cannot be set");
        return -1;
    }
    if (value != NULL && value != Py_None)
        guard(self);
    Py_XSETREF(self->a, value == Py_None ? NULL : Py_XNewRef(value));
    return 0;
}

static PyObject *get_slot_b(Node *self, void *unused)
{
    (void)unused;
    return get_object(self->b);
}

static int set_slot_none(Node *self, PyObject *value, void *unused)
{
    (void)unused;
    if (value == Py_None) {
        become_leaf(self);
        return 0;
    }
    PyErr_SetString(PyExc_AttributeError, "Value: a result cannot be set");
    return -1;
}

#define MEMBER(name, get, set, doc) {name, (getter)get, (setter)set, doc, NULL}
#define READ_ONLY(name, get, doc) {name, (getter)get, (setter)no_setter, doc, (void *)name}

PyGetSetDef node_members[] = {
    MEMBER("data", get_data, set_public_data, "The number. Only a leaf's can be set."),
    MEMBER("grad", get_grad, set_grad, "The sum of all gradients that `backward()` has added here; 0.0 at first."),
    MEMBER("label", get_label, set_label, "The name in drawings and messages; it has no effect on anything else."),
    MEMBER("requires_grad", get_needs, set_needs, "Whether gradients flow here. Only a leaf's can be set."),
    READ_ONLY("index", get_index, "The node's position in the order of creation; a parent's is smaller."),
    READ_ONLY("op", get_row, "The operation, a row of the table; None for a leaf."),
    READ_ONLY("is_leaf", is_leaf, "Whether this was made from a number."),
    READ_ONLY("parents", get_parents, "The arguments of the operation, in order; `x*x` has x twice."),
    {"_prev", (getter)get_parents, (setter)no_setter, "The arguments of the operation, in order; `x*x` has x twice.", (void *)"_prev"},
    READ_ONLY("partials", get_partials, "The recorded local derivatives, aligned with `parents`; 0.0 towards one that needs no gradient."),
    READ_ONLY("reached", get_reached, "Whether a backward pass has added a gradient, even 0, since the last `zero_grad()`."),
    MEMBER("_number", get_slot_data, set_slot_data, NULL),
    MEMBER("_grad", get_slot_grad, set_slot_grad, NULL),
    MEMBER("_row", get_row, set_slot_none, NULL),
    MEMBER("_a", get_slot_a, set_slot_a, NULL),
    MEMBER("_b", get_slot_b, set_slot_none, NULL),
    MEMBER("_label", get_slot_label, set_slot_label, NULL),
    MEMBER("_index", get_index, set_slot_index, NULL),
    MEMBER("_requires_grad", get_needs, set_slot_needs, NULL),
    {NULL, NULL, NULL, NULL, NULL},
};
