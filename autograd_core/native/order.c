/* The order of nodes. A node is younger than its parents, so the order of creation is a topological order. */

#include "engine.h"
#include <stdlib.h>
#include <string.h>

#define FEW 64

static int by_age(const void *p, const void *q)
{
    int64_t a = (*(Node *const *)p)->index, b = (*(Node *const *)q)->index;
    return (a < b) - (a > b);
}

static void sort_few(Node **order, Py_ssize_t count)
{
    for (Py_ssize_t i = 1; i < count; i++) {
        Node *node = order[i];
        Py_ssize_t k = i;
        for (; k > 0 && order[k - 1]->index < node->index; k--)
            order[k] = order[k - 1];
        order[k] = node;
    }
}

static inline const Met *met_at(const void *all, size_t size, Py_ssize_t i)
{
    return (const Met *)(const void *)((const char *)all + (size_t)i * size);
}

/* Make a place for each index between the youngest and the oldest; return -1 if that is impossible. */
static int place_all(const void *all, size_t size, Py_ssize_t count, Node **order, int64_t youngest, int64_t span)
{
    Node **places = PyMem_RawCalloc((size_t)span, sizeof *places);
    Py_ssize_t k = 0;
    if (places == NULL)
        return -1;
    for (Py_ssize_t i = 0; i < count; i++) {
        const Met *met = met_at(all, size, i);
        if (places[youngest - met->index] != NULL) { /* Two nodes have the same index. */
            PyMem_RawFree(places);
            return -1;
        }
        places[youngest - met->index] = met->node;
    }
    for (int64_t place = 0; place < span; place++)
        if (places[place] != NULL)
            order[k++] = places[place];
    PyMem_RawFree(places);
    return 0;
}

/* Fill `order` with the nodes of `count` records of that size, which start with a Met, the youngest first. */
void sort_by_age(const void *all, size_t size, Py_ssize_t count, Node **order)
{
    int64_t youngest = INT64_MIN, oldest = INT64_MAX;
    int sorted = 1;
    for (Py_ssize_t i = 0; i < count; i++) {
        const Met *met = met_at(all, size, i);
        order[i] = met->node;
        sorted &= met->index < oldest;
        youngest = met->index > youngest ? met->index : youngest;
        oldest = met->index < oldest ? met->index : oldest;
    }
    if (sorted)
        return;
    if (count <= FEW)
        sort_few(order, count);
    else if ((youngest - oldest) / 16 > count || place_all(all, size, count, order, youngest, youngest - oldest + 1) < 0)
        qsort(order, (size_t)count, sizeof *order, by_age);
}

/* Nodes are marked when found, until the walk is over. */
static int meet(Ancestors *found, PyObject *x)
{
    Node *node = (Node *)x;
    if (!IS_VALUE(x))
        return -1;
    if ((node->flags & VISITED) || node->index < found->start)
        return 0;
    if (found->count == found->room) {
        Py_ssize_t room = found->room ? 2 * found->room : FEW;
        Met *met = PyMem_RawRealloc(found->met, (size_t)room * sizeof *met);
        if (met == NULL)
            return -1;
        found->met = met;
        found->room = room;
    }
    found->met[found->count++] = (Met){node, node->index};
    node->flags |= VISITED;
    return 0;
}

/* Make nodes of the plain numbers among the arguments. */
static int draw(Node *node)
{
    if (node->flags & NUMBER)
        return draw_number(node);
    PyObject *arguments = node->db.object ? drawn_arguments(node) : Py_NewRef(Py_None);
    Py_XDECREF(arguments);
    return arguments == NULL ? -1 : 0;
}

static int meet_all(Ancestors *found, PyObject *ends, PyObject *roots, int drawn)
{
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(ends); i++)
        if (meet(found, PyTuple_GET_ITEM(ends, i)) < 0)
            return -1;
    Py_ssize_t first = found->count;
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(roots); i++)
        if (meet(found, PyTuple_GET_ITEM(roots, i)) < 0)
            return -1;
    for (Py_ssize_t i = first; i < found->count; i++) {
        Node *node = found->met[i].node;
        PyObject *two[2], *const *all;
        LOOK_AHEAD(found->met, i, found->count, .node);
        if (drawn && (node->flags & (NUMBER | GENERAL)) && draw(node) < 0)
            return -1;
        Py_ssize_t n = arguments_of(node, two, &all);
        found->arguments += n;
        for (Py_ssize_t k = 0; k < n; k++) {
            if (is_plain(all[k]))
                found->numbers++;
            else if (meet(found, all[k]) < 0 || ((Node *)all[k])->index >= node->index)
                return -1;
        }
    }
    return found->count + found->numbers < INT32_MAX ? 0 : -1;
}

/* If many of the indices have a node, put each node in its place; return -1 if two have the same index. */
static int place_densely(Ancestors *found, int64_t oldest, int64_t span)
{
    int32_t *places = PyMem_RawCalloc((size_t)span, sizeof *places), next = 0;
    if (places == NULL)
        return -1;
    found->places = places;
    for (Py_ssize_t i = 0; i < found->count; i++)
        if (places[found->met[i].index - oldest]++)
            return -1;
    for (int64_t index = 0; index < span; index++)
        if (places[index])
            places[index] = next++;
    for (Py_ssize_t i = 0; i < found->count; i++)
        found->order[places[found->met[i].index - oldest]] = found->met[i].node;
    return 0;
}

static void sort_oldest_first(Ancestors *found)
{
    Py_ssize_t n = found->count;
    sort_by_age(found->met, sizeof *found->met, n, found->order);
    for (Py_ssize_t i = 0; i < n / 2; i++) {
        Node *young = found->order[i];
        found->order[i] = found->order[n - 1 - i];
        found->order[n - 1 - i] = young;
    }
}

/* Sort the nodes and remove the marks; return -1 if the order of creation is ambiguous. */
static int put_in_order(Ancestors *found)
{
    Py_ssize_t n = found->count;
    int64_t oldest = INT64_MAX, youngest = INT64_MIN;
    if (n == 0 || (found->order = PyMem_RawMalloc((size_t)n * sizeof *found->order)) == NULL)
        return -1;
    for (Py_ssize_t i = 0; i < n; i++) {
        oldest = found->met[i].index < oldest ? found->met[i].index : oldest;
        youngest = found->met[i].index > youngest ? found->met[i].index : youngest;
    }
    if ((youngest - oldest) / 16 > n)
        sort_oldest_first(found);
    else if (place_densely(found, oldest, youngest - oldest + 1) < 0)
        return -1;
    for (Py_ssize_t i = 0; i < n; i++) {
        found->order[i]->flags &= ~(uint32_t)VISITED;
        if (i && found->order[i - 1]->index >= found->order[i]->index)
            return -1;
    }
    return 0;
}

/* Find everything that leads to the roots, back to the ends, which are included even if not reached; both are
   tuples of nodes. Plain numbers become nodes if `drawn`. Returns -1, perhaps without an error, if Python has
   to do it. The nodes live as long as the roots. No garbage is collected meanwhile, because a finalizer might
   interfere. */
int find_ancestors_of(Ancestors *found, PyObject *ends, PyObject *roots, int64_t start, int drawn)
{
    memset(found, 0, sizeof *found);
    found->start = start;
    if (wait_for_turn() < 0)
        return -1;
    int collecting = PyGC_Disable();
    int done = meet_all(found, ends, roots, drawn) < 0 ? -1 : put_in_order(found);
    if (done < 0) {
        for (Py_ssize_t i = 0; i < found->count; i++)
            found->met[i].node->flags &= ~(uint32_t)VISITED;
        free_ancestors(found);
    }
    if (collecting)
        PyGC_Enable();
    return done;
}

void free_ancestors(Ancestors *found)
{
    PyMem_RawFree(found->met);
    PyMem_RawFree(found->order);
    PyMem_RawFree(found->places);
}

/* The place of a node in the order, or -1. */
Py_ssize_t searched(const Ancestors *found, const Node *node)
{
    Py_ssize_t low = 0, high = found->count - 1;
    while (low < high) {
        Py_ssize_t middle = (low + high) / 2;
        if (found->order[middle]->index < node->index)
            low = middle + 1;
        else
            high = middle;
    }
    return found->order[low] == node ? low : -1;
}

/* in_order(roots): a tuple of everything that leads to the roots, parents before children; or None. */
PyObject *in_order(PyObject *module, PyObject *roots)
{
    Ancestors found;
    PyObject *none = PyTuple_New(0), *nodes = NULL;
    (void)module;
    int done = none == NULL || !PyTuple_CheckExact(roots) ? -1 : find_ancestors_of(&found, none, roots, INT64_MIN, 1);
    Py_XDECREF(none);
    if (done < 0)
        return PyErr_Occurred() ? NULL : Py_NewRef(Py_None);
    if ((nodes = PyTuple_New(found.count)) != NULL)
        for (Py_ssize_t i = 0; i < found.count; i++)
            PyTuple_SET_ITEM(nodes, i, Py_NewRef((PyObject *)found.order[i]));
    free_ancestors(&found);
    return nodes;
}
