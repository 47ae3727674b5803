/* The function that users call: floats in, floats out, without running Python code. */

#include "tape.h"
#include <structmember.h>

typedef struct {
    PyObject_HEAD
    vectorcallfunc vectorcall;
    Machine *machine;
    PyObject *names;     /* The inputs' names. */
    PyObject *otherwise; /* Called for all other forms of arguments. */
    PyObject *careful;   /* Called if a number is undefined: the eager engine's result or error. */
    PyObject *places;    /* What the program was made with: tuples of a dict or cell, a name in it, and what was there. */
    PyObject *unchanged; /* Called if one of them has something else. */
    PyObject *attributes, *references;
    int gradient;
    int single; /* Whether the value is a number rather than a list. */
} Entry;

/* The place of an input by name, or -1. */
static Py_ssize_t place_of_name(const Entry *entry, PyObject *name)
{
    Py_ssize_t count = PyTuple_GET_SIZE(entry->names);
    for (Py_ssize_t k = 0; k < count; k++)
        if (PyTuple_GET_ITEM(entry->names, k) == name)
            return k;
    for (Py_ssize_t k = 0; k < count; k++)
        if (PyUnicode_Compare(PyTuple_GET_ITEM(entry->names, k), name) == 0)
            return k;
    return -1;
}

/* Write the arguments to their places; return 0 unless they are all inputs, as floats, each once. */
static int read_floats(const Entry *entry, PyObject *const *args, Py_ssize_t count, PyObject *names, double *v)
{
    const Machine *machine = entry->machine;
    Py_ssize_t named = names == NULL ? 0 : PyTuple_GET_SIZE(names);
    if (count + named != machine->inputs)
        return 0;
    for (Py_ssize_t k = 0; k < count; k++) {
        if (!PyFloat_CheckExact(args[k]))
            return 0;
        v[k] = PyFloat_AS_DOUBLE(args[k]);
    }
    if (named == 0)
        return 1;
    uint64_t seen = 0;
    for (Py_ssize_t k = 0; k < named; k++) {
        Py_ssize_t place = place_of_name(entry, PyTuple_GET_ITEM(names, k));
        /* Distinct names, as many as places are left, cover all of them. */
        if (place < count || place >= 64 || seen & (UINT64_C(1) << place) || !PyFloat_CheckExact(args[count + k]))
            return 0;
        seen |= UINT64_C(1) << place;
        v[place] = PyFloat_AS_DOUBLE(args[count + k]);
    }
    return 1;
}

static PyObject *listed_values(const Machine *machine, const Space *space)
{
    PyObject *list = PyList_New(machine->outputs);
    for (Py_ssize_t k = 0; list != NULL && k < machine->outputs; k++) {
        PyObject *y = PyFloat_FromDouble(space->v[machine->output[k]]);
        if (y == NULL)
            Py_CLEAR(list);
        else
            PyList_SET_ITEM(list, k, y);
    }
    return list;
}

/* The pair of the value and the slopes, or the single slope. */
static PyObject *value_and_slopes(const Machine *machine, const Space *space)
{
    PyObject *pair = PyTuple_New(2), *y = PyFloat_FromDouble(space->v[machine->output[0]]), *all;
    all = machine->inputs == 1 ? PyFloat_FromDouble(space->adjoint[0] + 0.0) : PyTuple_New(machine->inputs);
    int failed = pair == NULL || y == NULL || all == NULL;
    for (Py_ssize_t k = 0; !failed && machine->inputs != 1 && k < machine->inputs; k++) {
        PyObject *slope = PyFloat_FromDouble(space->adjoint[k] + 0.0);
        failed = slope == NULL;
        if (!failed)
            PyTuple_SET_ITEM(all, k, slope);
    }
    if (failed) {
        Py_XDECREF(pair);
        Py_XDECREF(y);
        Py_XDECREF(all);
        return NULL;
    }
    PyTuple_SET_ITEM(pair, 0, y);
    PyTuple_SET_ITEM(pair, 1, all);
    return pair;
}

static PyObject *result_of(const Entry *entry, const Space *space)
{
    if (entry->gradient)
        return value_and_slopes(entry->machine, space);
    return entry->single ? PyFloat_FromDouble(space->v[entry->machine->output[0]]) : listed_values(entry->machine, space);
}

/* The result of `careful` at the point that has been read. */
static PyObject *asked(const Entry *entry, const double *x)
{
    Py_ssize_t count = entry->machine->inputs;
    PyObject *numbers = PyTuple_New(count), *result = NULL;
    for (Py_ssize_t k = 0; numbers != NULL && k < count; k++) {
        PyObject *number = PyFloat_FromDouble(x[k]);
        if (number == NULL)
            Py_CLEAR(numbers);
        else
            PyTuple_SET_ITEM(numbers, k, number);
    }
    if (numbers != NULL)
        result = PyObject_CallOneArg(entry->careful, numbers);
    Py_XDECREF(numbers);
    return result;
}

/* Whether the program still is the function's: 1, 0, or -1 with an error. */
static int holds(const Entry *entry)
{
    Py_ssize_t count = entry->places == NULL ? 0 : PyTuple_GET_SIZE(entry->places);
    for (Py_ssize_t k = 0; k < count; k++) {
        PyObject *place = PyTuple_GET_ITEM(entry->places, k);
        PyObject *home = PyTuple_GET_ITEM(place, 0), *name = PyTuple_GET_ITEM(place, 1);
        PyObject *now = PyCell_Check(home) ? PyCell_GET(home) : PyDict_GetItemWithError(home, name);
        if (now == NULL && PyErr_Occurred())
            return -1;
        if (now != PyTuple_GET_ITEM(place, 2)) {
            PyObject *answer = PyObject_CallNoArgs(entry->unchanged);
            int held = answer == NULL ? -1 : PyObject_IsTrue(answer);
            Py_XDECREF(answer);
            return held;
        }
    }
    return 1;
}

static PyObject *entry_call(PyObject *self, PyObject *const *args, size_t nargsf, PyObject *names)
{
    Entry *entry = (Entry *)self;
    Machine *machine = entry->machine;
    PyObject *result;
    Space space;
    int held = holds(entry);
    if (held < 0 || take_space(machine, 1, &space) < 0)
        return NULL;
    if (!held || !read_floats(entry, args, PyVectorcall_NARGS(nargsf), names, space.v)) {
        leave_space(machine, &space);
        return PyObject_Vectorcall(entry->otherwise, args, nargsf & ~PY_VECTORCALL_ARGUMENTS_OFFSET, names);
    }
    if ((entry->gradient ? run_gradient : run_values)(machine, &space))
        result = result_of(entry, &space);
    else
        result = asked(entry, space.v);
    leave_space(machine, &space);
    return result;
}

/* `guard(places, unchanged)`: pass calls on to `otherwise` if a place has something else and `unchanged()` is false. */
static PyObject *entry_guard(PyObject *self, PyObject *args)
{
    Entry *entry = (Entry *)self;
    PyObject *places, *unchanged;
    if (!PyArg_ParseTuple(args, "O!O", &PyTuple_Type, &places, &unchanged))
        return NULL;
    for (Py_ssize_t k = 0; k < PyTuple_GET_SIZE(places); k++) {
        PyObject *place = PyTuple_GET_ITEM(places, k);
        PyObject *home = PyTuple_CheckExact(place) && PyTuple_GET_SIZE(place) == 3 ? PyTuple_GET_ITEM(place, 0) : NULL;
        if (home == NULL || !(PyDict_CheckExact(home) || PyCell_Check(home))) {
            PyErr_SetString(PyExc_TypeError, "guard: a place that is not (dict or cell, name, object)");
            return NULL;
        }
    }
    Py_XSETREF(entry->places, Py_NewRef(places));
    Py_XSETREF(entry->unchanged, Py_NewRef(unchanged));
    return Py_NewRef(self);
}

static PyObject *entry_new(PyTypeObject *type, PyObject *args, PyObject *names)
{
    PyObject *machine, *inputs, *otherwise, *careful;
    int gradient, single;
    if (names != NULL || !PyArg_ParseTuple(args, "O!O!OOpp", &MachineType, &machine, &PyTuple_Type, &inputs, &otherwise,
                                           &careful, &gradient, &single)) {
        if (!PyErr_Occurred())
            PyErr_SetString(PyExc_TypeError, "Entry: takes no names");
        return NULL;
    }
    for (Py_ssize_t k = 0; k < PyTuple_GET_SIZE(inputs); k++)
        if (!PyUnicode_Check(PyTuple_GET_ITEM(inputs, k))) {
            PyErr_SetString(PyExc_TypeError, "Entry: a name that is not a string");
            return NULL;
        }
    Entry *entry = (Entry *)type->tp_alloc(type, 0);
    if (entry == NULL)
        return NULL;
    entry->vectorcall = entry_call;
    entry->machine = (Machine *)Py_NewRef(machine);
    entry->names = Py_NewRef(inputs);
    entry->otherwise = Py_NewRef(otherwise);
    entry->careful = Py_NewRef(careful);
    entry->gradient = gradient;
    entry->single = single;
    return (PyObject *)entry;
}

static int entry_traverse(PyObject *self, visitproc visit, void *arg)
{
    Entry *entry = (Entry *)self;
    Py_VISIT(entry->machine);
    Py_VISIT(entry->names);
    Py_VISIT(entry->otherwise);
    Py_VISIT(entry->careful);
    Py_VISIT(entry->places);
    Py_VISIT(entry->unchanged);
    Py_VISIT(entry->attributes);
    return 0;
}

static int entry_clear(PyObject *self)
{
    Entry *entry = (Entry *)self;
    Py_CLEAR(entry->otherwise);
    Py_CLEAR(entry->careful);
    Py_CLEAR(entry->places);
    Py_CLEAR(entry->unchanged);
    Py_CLEAR(entry->attributes);
    return 0;
}

static void entry_dealloc(PyObject *self)
{
    Entry *entry = (Entry *)self;
    PyObject_GC_UnTrack(self);
    if (entry->references != NULL)
        PyObject_ClearWeakRefs(self);
    entry_clear(self);
    Py_CLEAR(entry->machine);
    Py_CLEAR(entry->names);
    Py_TYPE(self)->tp_free(self);
}

static PyGetSetDef entry_attributes[] = {
    {"__dict__", PyObject_GenericGetDict, PyObject_GenericSetDict, NULL, NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyMethodDef entry_methods[] = {
    {"guard", entry_guard, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};

PyTypeObject EntryType = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "autograd_core.native._engine.Entry",
    .tp_doc = "A program as a function of floats.",
    .tp_basicsize = sizeof(Entry),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_HAVE_VECTORCALL,
    .tp_new = entry_new,
    .tp_dealloc = entry_dealloc,
    .tp_traverse = entry_traverse,
    .tp_clear = entry_clear,
    .tp_call = PyVectorcall_Call,
    .tp_vectorcall_offset = offsetof(Entry, vectorcall),
    .tp_methods = entry_methods,
    .tp_getset = entry_attributes,
    .tp_dictoffset = offsetof(Entry, attributes),
    .tp_weaklistoffset = offsetof(Entry, references),
};

/* The base of compiled functions: a call is one of `value`, a function that may change with each call. */
typedef struct {
    PyObject_HEAD
    PyObject *value;
    PyObject *any_value; /* The `value` that takes all arguments. */
} Compiled;

static PyObject *compiled_call(PyObject *self, PyObject *args, PyObject *names)
{
    Compiled *compiled = (Compiled *)self;
    if (compiled->value == NULL) {
        PyErr_SetString(PyExc_AttributeError, "value");
        return NULL;
    }
    PyObject *value = Py_NewRef(compiled->value), *result = PyObject_Call(value, args, names);
    /* A faster `value` has no words for arguments that do not fit. */
    if (result == NULL && value != compiled->any_value && PyErr_ExceptionMatches(PyExc_TypeError)) {
        PyErr_Clear();
        PyObject *method = PyObject_GetAttrString(self, "_value");
        result = method == NULL ? NULL : PyObject_Call(method, args, names);
        Py_XDECREF(method);
    }
    Py_DECREF(value);
    return result;
}

static int compiled_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(((Compiled *)self)->value);
    Py_VISIT(((Compiled *)self)->any_value);
    return 0;
}

static int compiled_clear(PyObject *self)
{
    Py_CLEAR(((Compiled *)self)->value);
    Py_CLEAR(((Compiled *)self)->any_value);
    return 0;
}

static void compiled_dealloc(PyObject *self)
{
    PyObject_GC_UnTrack(self);
    compiled_clear(self);
    Py_TYPE(self)->tp_free(self);
}

static PyMemberDef compiled_members[] = {
    {"value", T_OBJECT_EX, offsetof(Compiled, value), 0, NULL},
    {"_any_value", T_OBJECT_EX, offsetof(Compiled, any_value), 0, NULL},
    {NULL, 0, 0, 0, NULL},
};

PyTypeObject CompiledType = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "autograd_core.native._engine.Compiled",
    .tp_doc = "The base of compiled functions.",
    .tp_basicsize = sizeof(Compiled),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE,
    .tp_new = PyType_GenericNew,
    .tp_dealloc = compiled_dealloc,
    .tp_traverse = compiled_traverse,
    .tp_clear = compiled_clear,
    .tp_call = compiled_call,
    .tp_members = compiled_members,
};
