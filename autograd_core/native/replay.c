/* A recorded graph once more, at other numbers of its leaves. */

#include "engine.h"

static PyObject *leaf_again(Node *old, PyObject *data)
{
    double number = old->data.number;
    if (PyDict_GET_SIZE(data)) {
        PyObject *given = PyDict_GetItemWithError(data, (PyObject *)old);
        if (given != NULL)
            number = PyFloat_AS_DOUBLE(given);
        else if (PyErr_Occurred())
            return NULL;
    }
    Node *leaf = new_node(NULL, number);
    if (leaf != NULL)
        leaf->flags = (leaf->flags & ~(uint32_t)NEEDS_GRADIENT) | (old->flags & NEEDS_GRADIENT);
    return (PyObject *)leaf;
}

/* `renewed(old, args, data)`, which can do it with any node. */
static PyObject *again_in_python(PyObject *renewed, Node *old, PyObject *const *args, Py_ssize_t n, PyObject *data)
{
    PyObject *list = PyList_New(n), *node = NULL;
    if (list == NULL)
        return NULL;
    for (Py_ssize_t i = 0; i < n; i++)
        PyList_SET_ITEM(list, i, Py_NewRef(args[i]));
    node = PyObject_CallFunctionObjArgs(renewed, (PyObject *)old, list, data, NULL);
    Py_DECREF(list);
    return node;
}

static PyObject *again(PyObject *renewed, Node *old, PyObject *const *args, Py_ssize_t n, PyObject *data)
{
    PyObject *node = NULL;
    int ordinary = !(old->flags & WIDE_DATA) && (old->label == NULL || PyUnicode_CheckExact(old->label));
    if (ordinary && old->row == NULL)
        node = usual() ? leaf_again(old, data) : NULL;
    else if (ordinary && PyObject_TypeCheck(old->row, &RowType))
        node = called_in_c((Row *)old->row, args, n);
    if (node == NULL)
        return PyErr_Occurred() ? NULL : again_in_python(renewed, old, args, n, data);
    if (old->label != NULL)
        Py_XSETREF(((Node *)node)->label, Py_NewRef(old->label));
    return node;
}

/* The copies of the first nodes in order, whose arguments are among them. */
static int copy_all(const Ancestors *found, PyObject *data, PyObject *renewed, PyObject **copies)
{
    PyObject *few[64], **many = NULL;
    Py_ssize_t room = 64;
    for (Py_ssize_t i = 0; i < found->count; i++) {
        PyObject *two[2], *const *all, **args = many ? many : few;
        LOOK_AHEAD(found->order, i, found->count, );
        Py_ssize_t n = arguments_of(found->order[i], two, &all);
        if (n > room) {
            PyMem_Free(many);
            room = 2 * n;
            if ((args = many = PyMem_New(PyObject *, room)) == NULL)
                return -1;
        }
        for (Py_ssize_t k = 0; k < n; k++)
            args[k] = copies[place_of(found, (Node *)all[k])];
        if ((copies[i] = again(renewed, found->order[i], args, n, data)) == NULL) {
            PyMem_Free(many);
            return -1;
        }
    }
    PyMem_Free(many);
    return 0;
}

/* The copies of the roots, and all copies. */
static PyObject *with_roots(const Ancestors *found, PyObject *roots, PyObject **copies)
{
    Py_ssize_t n = PyTuple_GET_SIZE(roots);
    PyObject *all = PyTuple_New(found->count), *of_roots = PyTuple_New(n), *pair = NULL;
    if (all != NULL && of_roots != NULL) {
        for (Py_ssize_t i = 0; i < n; i++)
            PyTuple_SET_ITEM(of_roots, i, Py_NewRef(copies[place_of(found, (Node *)PyTuple_GET_ITEM(roots, i))]));
        for (Py_ssize_t i = 0; i < found->count; i++) {
            PyTuple_SET_ITEM(all, i, copies[i]);
            copies[i] = NULL;
        }
        pair = PyTuple_Pack(2, of_roots, all);
    }
    Py_XDECREF(all);
    Py_XDECREF(of_roots);
    return pair;
}

/* copies(roots, data, renewed): the copies of the roots, where the leaves have the numbers in `data`, and all copies
   in order; or None. */
PyObject *copies(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    Ancestors found;
    PyObject *none = PyTuple_New(0), *result = NULL;
    (void)module;
    int done = -1;
    if (none != NULL && count == 3 && usual() && PyTuple_CheckExact(args[0]) && PyDict_CheckExact(args[1]))
        done = find_ancestors_of(&found, none, args[0], INT64_MIN, 1);
    Py_XDECREF(none);
    if (done < 0)
        return PyErr_Occurred() ? NULL : Py_NewRef(Py_None);
    find_places(&found);
    int collecting = PyGC_Disable(); /* All that is made lives on. */
    PyObject **all = PyMem_Calloc((size_t)found.count, sizeof *all);
    if (all == NULL)
        PyErr_NoMemory();
    else if (copy_all(&found, args[1], args[2], all) == 0)
        result = with_roots(&found, args[0], all);
    for (Py_ssize_t i = 0; all != NULL && i < found.count; i++)
        Py_XDECREF(all[i]);
    PyMem_Free(all);
    free_ancestors(&found);
    if (collecting)
        PyGC_Enable();
    return result;
}
