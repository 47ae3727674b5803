/* Evaluate a recorded graph again with other numbers at its leaves. */

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

/* `renewed(old, args, data)`, which handles any node. */
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
    else if (ordinary && IS_ROW(old->row))
        node = called_in_c((Row *)old->row, args, n);
    if (node == NULL)
        return PyErr_Occurred() ? NULL : again_in_python(renewed, old, args, n, data);
    if (old->label != NULL)
        Py_XSETREF(((Node *)node)->label, Py_NewRef(old->label));
    return node;
}

/* Fill a tuple with the copies of the nodes in order: each one's arguments have been copied before. */
static int copy_all(const Ancestors *found, PyObject *data, PyObject *renewed, PyObject *copies)
{
    PyObject *few[64], **args = few;
    Py_ssize_t room = 64, i = 0;
    for (; i < found->count; i++) {
        PyObject *two[2], *const *all, *copy;
        LOOK_AHEAD(found->order, i, found->count, );
        Py_ssize_t n = arguments_of(found->order[i], two, &all);
        if (n > room) {
            PyObject **more = PyMem_Realloc(args == few ? NULL : args, (size_t)n * sizeof *args);
            if (more == NULL) {
                PyErr_NoMemory();
                break;
            }
            args = more;
            room = n;
        }
        for (Py_ssize_t k = 0; k < n; k++)
            args[k] = PyTuple_GET_ITEM(copies, place_of(found, (Node *)all[k]));
        if ((copy = again(renewed, found->order[i], args, n, data)) == NULL)
            break;
        PyTuple_SET_ITEM(copies, i, copy);
    }
    if (args != few)
        PyMem_Free(args);
    return i == found->count ? 0 : -1;
}

static PyObject *copies_of(const Ancestors *found, PyObject *roots, PyObject *copies)
{
    Py_ssize_t n = PyTuple_GET_SIZE(roots);
    PyObject *of_roots = PyTuple_New(n);
    for (Py_ssize_t i = 0; of_roots != NULL && i < n; i++) {
        Py_ssize_t place = place_of(found, (Node *)PyTuple_GET_ITEM(roots, i));
        PyTuple_SET_ITEM(of_roots, i, Py_NewRef(PyTuple_GET_ITEM(copies, place)));
    }
    return of_roots;
}

/* copies(roots, data, renewed): the copies of the roots, with the numbers in `data` at the leaves, and all
   copies in order; or None. */
PyObject *copies(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    Ancestors found;
    PyObject *none = PyTuple_New(0), *all, *of_roots = NULL, *result = NULL;
    (void)module;
    int done = -1;
    if (none != NULL && count == 3 && usual() && PyTuple_CheckExact(args[0]) && PyDict_CheckExact(args[1]))
        done = find_ancestors_of(&found, none, args[0], INT64_MIN, 1);
    Py_XDECREF(none);
    if (done < 0)
        return PyErr_Occurred() ? NULL : Py_NewRef(Py_None);
    int collecting = PyGC_Disable(); /* Nothing becomes garbage here. */
    if ((all = PyTuple_New(found.count)) != NULL) {
        PyObject_GC_UnTrack(all); /* Nothing may see it half filled. */
        if (copy_all(&found, args[1], args[2], all) == 0)
            of_roots = copies_of(&found, args[0], all);
        PyObject_GC_Track(all);
    }
    if (of_roots != NULL)
        result = PyTuple_Pack(2, of_roots, all);
    Py_XDECREF(of_roots);
    Py_XDECREF(all);
    free_ancestors(&found);
    if (collecting)
        PyGC_Enable();
    return result;
}
