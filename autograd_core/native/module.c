/* The module, and its setup by the Python kernel. */

#include "tape.h"
#include <string.h>

PyTypeObject *ValueType, *OperationType;
Kernel kernel;

/* Remove the methods with those names from a class, where those of its C base replace them, and keep them for
   unusual cases. */
static int take_methods(PyTypeObject *type, PyObject *names)
{
    Py_ssize_t n = PyTuple_GET_SIZE(names);
    for (Py_ssize_t i = 0; i < n; i++) {
        PyObject *name = PyTuple_GET_ITEM(names, i), *method = PyDict_GetItemWithError(type->tp_dict, name);
        if (method == NULL) {
            if (!PyErr_Occurred())
                PyErr_SetObject(PyExc_AttributeError, name);
            return -1;
        }
        if (PyDict_SetItem(kernel.methods, name, method) < 0 || PyObject_DelAttr((PyObject *)type, name) < 0)
            return -1;
    }
    return 0;
}

/* Attributes of the base would work on a subclass, but are checked at each use. They replace the properties
   in the order of the class. */
static int own_members(PyTypeObject *type)
{
    for (PyGetSetDef *member = node_members; member->name; member++) {
        PyObject *property = PyDict_GetItemString(type->tp_dict, member->name);
        if (property == NULL && member->name[0] != '_')
            continue;
        if (property != NULL && PyDict_SetItemString(kernel.methods, member->name, property) < 0)
            return -1;
        PyObject *descriptor = PyDescr_NewGetSet(type, member);
        int done = descriptor ? PyDict_SetItemString(type->tp_dict, member->name, descriptor) : -1;
        Py_XDECREF(descriptor);
        if (done < 0)
            return -1;
    }
    return 0;
}

static PyObject *adopt_value(PyObject *module, PyObject *args)
{
    PyTypeObject *type;
    PyObject *names, *unusual, *overflow_raises, *zero, *turn;
    (void)module;
    if (!PyArg_ParseTuple(args, "O!O!O!O!OO!", &PyType_Type, &type, &PyTuple_Type, &names, &PyDict_Type, &unusual,
                          &PyDict_Type, &overflow_raises, &zero, &TurnType, &turn))
        return NULL;
    if (ValueType != NULL || type->tp_basicsize != sizeof(Node) || !PyType_IsSubtype(type, &NodeType)) {
        PyErr_SetString(PyExc_SystemError, "engine: one class of nodes is adopted, once");
        return NULL;
    }
    if (own_members(type) < 0 || take_methods(type, names) < 0)
        return NULL;
    kernel.unusual = Py_NewRef(unusual);
    kernel.overflow_raises = Py_NewRef(overflow_raises);
    kernel.zero = Py_NewRef(zero);
    kernel.turn = Py_NewRef(turn);
    ValueType = (PyTypeObject *)Py_NewRef((PyObject *)type);
    /* A class statement sets the generic functions of classes, which do more than a node needs. */
    type->tp_dealloc = (destructor)node_dealloc;
    type->tp_vectorcall = (vectorcallfunc)(void (*)(void))new_value;
    PyType_Modified(type);
    Py_RETURN_NONE;
}

static PyObject *adopt_operation(PyObject *module, PyObject *args)
{
    PyTypeObject *type;
    (void)module;
    if (!PyArg_ParseTuple(args, "O!", &PyType_Type, &type))
        return NULL;
    PyObject *names = Py_BuildValue("(s)", "__call__");
    if (names == NULL || take_methods(type, names) < 0) {
        Py_XDECREF(names);
        return NULL;
    }
    Py_DECREF(names);
    OperationType = (PyTypeObject *)Py_NewRef((PyObject *)type);
    type->tp_flags |= Py_TPFLAGS_HAVE_VECTORCALL | Py_TPFLAGS_METHOD_DESCRIPTOR;
    PyType_Modified(type);
    Py_RETURN_NONE;
}

static int set_row(PyObject *table, const char *name, PyObject **place)
{
    *place = Py_XNewRef(PyDict_GetItemString(table, name));
    if (*place == NULL)
        PyErr_Format(PyExc_SystemError, "engine: the table has no %s", name);
    return *place == NULL ? -1 : 0;
}

static PyObject *adopt_rows(PyObject *module, PyObject *table)
{
    PyObject *name, *row;
    Py_ssize_t place = 0;
    (void)module;
    if (!PyDict_CheckExact(table)) {
        PyErr_SetString(PyExc_TypeError, "engine: expected the table");
        return NULL;
    }
    while (PyDict_Next(table, &place, &name, &row))
        ((Row *)row)->ours = 1;
    for (const FixedRow *rule = fixed_rows; rule->name; rule++) {
        if ((row = PyDict_GetItemString(table, rule->name)) != NULL)
            ((Row *)row)->fixed = rule;
    }
    for (const FreeRow *rule = free_rows; rule->name; rule++) {
        if ((row = PyDict_GetItemString(table, rule->name)) != NULL)
            ((Row *)row)->any = rule;
    }
    if (set_row(table, "add", &kernel.add) < 0 || set_row(table, "sub", &kernel.sub) < 0 ||
        set_row(table, "mul", &kernel.mul) < 0 || set_row(table, "div", &kernel.div) < 0 ||
        set_row(table, "pow", &kernel.pow) < 0 || set_row(table, "neg", &kernel.neg) < 0 ||
        set_row(table, "abs", &kernel.abs) < 0 || set_row(table, "sum", &kernel.sum) < 0)
        return NULL;
    Py_RETURN_NONE;
}

static PyObject *is_adopted(PyObject *module, PyObject *unused)
{
    (void)module, (void)unused;
    return PyBool_FromLong(ValueType != NULL);
}

static PyObject *module_next_index(PyObject *module, PyObject *unused)
{
    (void)module, (void)unused;
    return PyLong_FromLongLong(next_place());
}

static PyObject *module_leaf(PyObject *module, PyObject *args)
{
    PyObject *data, *leaf;
    long long place;
    (void)module;
    if (!PyArg_ParseTuple(args, "OL", &data, &place) || (leaf = leaf_at(0.0, place)) == NULL)
        return NULL;
    if (set_data((Node *)leaf, data) < 0)
        Py_CLEAR(leaf);
    return leaf;
}

static PyObject *mark_hooked(PyObject *module, PyObject *node)
{
    (void)module;
    if (!IS_NODE(node)) {
        PyErr_SetString(PyExc_TypeError, "mark_hooked: expected a node");
        return NULL;
    }
    ((Node *)node)->flags |= HOOKED;
    Py_RETURN_NONE;
}

#define STAYS (UNREACHED | GRAD_NONE | GRAD_WIDE | GUARDED | VISITED | HOOKED)

/* Swap the numbers and operations of two nodes; their labels, gradients and indices stay. */
static PyObject *exchange(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    (void)module;
    if (count != 2 || !IS_NODE(args[0]) || !IS_NODE(args[1])) {
        PyErr_SetString(PyExc_TypeError, "exchange: expected two nodes");
        return NULL;
    }
    if (wait_for_turn() < 0)
        return NULL;
    Node *a = (Node *)args[0], *b = (Node *)args[1], before = *a;
    a->data = b->data, a->row = b->row, a->a = b->a, a->b = b->b, a->da = b->da, a->db = b->db;
    b->data = before.data, b->row = before.row, b->a = before.a, b->b = before.b, b->da = before.da, b->db = before.db;
    a->flags = (before.flags & STAYS) | (b->flags & ~(uint32_t)STAYS);
    b->flags = (b->flags & STAYS) | (before.flags & ~(uint32_t)STAYS);
    if ((a->flags | b->flags) & GUARDED)
        guard(a), guard(b);
    Py_RETURN_NONE;
}

static PyMethodDef functions[] = {
    {"adopt_value", adopt_value, METH_VARARGS, "Make a class the class of nodes."},
    {"adopt_operation", adopt_operation, METH_VARARGS, "Make a class the class of rows."},
    {"adopt_rows", adopt_rows, METH_O, "Register the rows of the table."},
    {"is_adopted", is_adopted, METH_NOARGS, "Whether there is a class of nodes."},
    {"next_index", module_next_index, METH_NOARGS, "The next index in the order of creation."},
    {"leaf", module_leaf, METH_VARARGS, "A leaf that needs no gradient, at that place."},
    {"exchange", (PyCFunction)(void (*)(void))exchange, METH_FASTCALL, "Swap the contents of two nodes."},
    {"mark_hooked", mark_hooked, METH_O, "Mark a node that has a hook."},
    {"node_of", (PyCFunction)(void (*)(void))node_of, METH_FASTCALL, "The node of an operation."},
    {"adjoints", (PyCFunction)(void (*)(void))adjoints, METH_FASTCALL, "The adjoint of each target."},
    {"in_order", in_order, METH_O, "The nodes that lead to some roots, in order."},
    {"copies", (PyCFunction)(void (*)(void))copies, METH_FASTCALL, "A graph at other numbers of its leaves."},
    {"gradient_terms", (PyCFunction)(void (*)(void))gradient_terms, METH_FASTCALL, "The graph of a gradient."},
    {"are_finite", are_finite, METH_O, "Whether numbers are finite, or None if they are not an array."},
    {"descend", descend, METH_VARARGS, "Move weights against a gradient; return whether they are finite."},
    {"levels", levels, METH_VARARGS, "The distance of a tape's nodes from its leaves."},
    {"captured", (PyCFunction)(void (*)(void))captured, METH_FASTCALL, "The arrays of a tape."},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "_engine", "The engine in C.", -1, functions, NULL, NULL, NULL, NULL,
};

static int add_type(PyObject *module, PyTypeObject *type, const char *name)
{
    return PyType_Ready(type) < 0 ? -1 : PyModule_AddObjectRef(module, name, (PyObject *)type);
}

/* A process has one engine. A second import of the package finds it taken and runs without it. */
PyMODINIT_FUNC PyInit__engine(void)
{
    PyObject *module = PyModule_Create(&definition), *math = PyImport_ImportModule("math"), *operations;
    if (ValueType != NULL) {
        Py_XDECREF(math);
        return module;
    }
    NodeType.tp_hash = PyBaseObject_Type.tp_hash; /* By identity, although nodes compare by their data. */
    kernel.methods = PyDict_New();
    kernel.math_hypot = math ? PyObject_GetAttrString(math, "hypot") : NULL;
    Py_XDECREF(math);
    if (module == NULL || kernel.methods == NULL || kernel.math_hypot == NULL || add_type(module, &NodeType, "Node") < 0 ||
        add_type(module, &RowType, "Row") < 0 || add_type(module, &TurnType, "Turn") < 0 ||
        add_type(module, &MachineType, "Machine") < 0 || add_type(module, &EntryType, "Entry") < 0 ||
        add_type(module, &CompiledType, "Compiled") < 0 ||
        add_type(module, &StatementsType, "Statements") < 0 ||
        PyModule_AddObjectRef(module, "in_python", kernel.methods) < 0 ||
        (operations = operations_by_name()) == NULL || PyModule_AddObject(module, "operations", operations) < 0 ||
        PyModule_AddStringConstant(module, "sources", SOURCES) < 0) {
        Py_XDECREF(module);
        return NULL;
    }
    return module;
}
