/* The distance of a tape's nodes from its leaves: see `levels` in compile/arrays/structure.py. */

#include "engine.h"

/* Sort the sources of edges by their targets: those of node i start at `begin[i]`. */
static void sort_sources(const int64_t *source, const int64_t *target, Py_ssize_t edges, Py_ssize_t count,
                         int64_t *begin, int64_t *sorted)
{
    for (Py_ssize_t e = 0; e < edges; e++)
        begin[target[e]]++;
    for (Py_ssize_t i = 0; i < count; i++)
        begin[i + 1] += begin[i];
    for (Py_ssize_t e = 0; e < edges; e++) /* Each one moves the start of its node back by one. */
        sorted[--begin[target[e]]] = source[e];
}

/* The levels of the kept nodes, whose sources come before them or are leaves, and -1 for the others; 0 if
   there are too many. */
static int find_levels(const char *kept, const int64_t *begin, const int64_t *sorted, Py_ssize_t count, int64_t limit,
                       int64_t *level)
{
    for (Py_ssize_t i = 0; i < count; i++)
        level[i] = kept[i] ? 0 : -1;
    for (Py_ssize_t i = 0; i < count; i++) {
        for (int64_t e = begin[i]; kept[i] && e < begin[i + 1]; e++)
            if (level[sorted[e]] >= level[i])
                level[i] = level[sorted[e]] + 1;
        if (level[i] > limit)
            return 0;
    }
    return 1;
}

static int are_places(const int64_t *place, Py_ssize_t edges, Py_ssize_t count)
{
    for (Py_ssize_t e = 0; e < edges; e++)
        if (place[e] < 0 || place[e] >= count)
            return 0;
    return 1;
}

/* levels(kept, source, target, limit): an array of levels, or None if there are more than the limit. */
PyObject *levels(PyObject *module, PyObject *args)
{
    Py_buffer kept, source, target;
    long long limit;
    PyObject *result = NULL;
    (void)module;
    if (!PyArg_ParseTuple(args, "y*y*y*L", &kept, &source, &target, &limit))
        return NULL;
    Py_ssize_t count = kept.len, edges = source.len / 8;
    int64_t *begin = PyMem_Calloc((size_t)count + 1, 8), *sorted = PyMem_New(int64_t, edges + 1);
    if (begin == NULL || sorted == NULL)
        PyErr_NoMemory();
    else if (target.len != source.len || !are_places(source.buf, edges, count) || !are_places(target.buf, edges, count))
        PyErr_SetString(PyExc_ValueError, "levels: expected as many sources as targets, all of them nodes");
    else if ((result = PyByteArray_FromStringAndSize(NULL, 8 * count)) != NULL) {
        sort_sources(source.buf, target.buf, edges, count, begin, sorted);
        if (!find_levels(kept.buf, begin, sorted, count, limit, (int64_t *)(void *)PyByteArray_AS_STRING(result)))
            Py_SETREF(result, Py_NewRef(Py_None));
    }
    PyMem_Free(begin);
    PyMem_Free(sorted);
    PyBuffer_Release(&kept);
    PyBuffer_Release(&source);
    PyBuffer_Release(&target);
    return result;
}
