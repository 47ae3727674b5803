/* From a graph to the arrays of a tape: see `Tape` in compile/front/tape_and_builder.py. */

#include "engine.h"

enum { INPUT = -1, CONSTANT = -2 };

typedef struct {
    PyObject *rows, *labels;
    PyObject *code, *start, *args, *number, *inputs, *outputs; /* Arrays, as bytes. */
    Py_ssize_t count, edges;
    int32_t *place; /* The place on the tape of each node in order. */
    char *ends;     /* Whether each node in order is given as an input. */
} Tape;

#define INTS(array) ((int64_t *)(void *)PyByteArray_AS_STRING(array))

static PyObject *array_of(Py_ssize_t count) { return PyByteArray_FromStringAndSize(NULL, count * 8); }

static inline Py_ssize_t plain_among(Node *node)
{
    PyObject *two[2], *const *all;
    Py_ssize_t plain = 0;
    if (!(node->flags & (NUMBER | GENERAL)))
        return 0;
    Py_ssize_t n = arguments_of(node, two, &all);
    for (Py_ssize_t i = 0; i < n; i++)
        plain += is_plain(all[i]);
    return plain;
}

static int64_t code_of(PyObject *rows, PyObject *row)
{
    Py_ssize_t n = PyList_GET_SIZE(rows);
    for (Py_ssize_t i = 0; i < n; i++)
        if (PyList_GET_ITEM(rows, i) == row)
            return i;
    return PyList_Append(rows, row) < 0 ? -1 : n;
}

/* Fill in the next node and its plain numbers, which come before it because they have the preceding indices;
   return 0 if they do not. */
static int fill(Tape *tape, const Ancestors *found, Py_ssize_t i, int all_leaves)
{
    int64_t *code = INTS(tape->code), *start = INTS(tape->start), *edge = INTS(tape->args) + tape->edges;
    double *number = (double *)(void *)PyByteArray_AS_STRING(tape->number);
    Node *node = found->order[i];
    PyObject *two[2], *const *all = two;
    int given = tape->ends[i], is_leaf = node->row == NULL;
    Py_ssize_t n = given ? 0 : arguments_of(node, two, &all), plain = given ? 0 : plain_among(node);
    Py_ssize_t next = tape->count, place = next + plain;
    if ((plain && i && node->index - 2 * plain < found->order[i - 1]->index) ||
        (!given && (is_leaf != (n == 0) || (is_leaf && (node->flags & WIDE_DATA)))))
        return 0;
    for (Py_ssize_t k = 0; k < n; k++) {
        if (is_plain(all[k])) {
            code[next] = CONSTANT;
            number[next] = all[k] ? PyFloat_AS_DOUBLE(all[k]) : node->db.number;
            start[next] = tape->edges;
            edge[k] = next++;
        }
        else
            edge[k] = tape->place[place_of(found, (Node *)all[k])];
    }
    int input = given || (is_leaf && all_leaves && (node->flags & NEEDS_GRADIENT));
    code[place] = input ? INPUT : is_leaf ? CONSTANT : code_of(tape->rows, node->row);
    number[place] = is_leaf && !input ? node->data.number : 0.0;
    start[place] = tape->edges;
    tape->place[i] = (int32_t)place;
    tape->edges += n;
    tape->count = place + 1;
    return PyErr_Occurred() ? -1 : 1;
}

/* A tag in Python may generate the text of a label. */
static int note_label(Tape *tape, Node *node, Py_ssize_t place)
{
    PyObject *text = PyUnicode_CheckExact(node->label) ? Py_NewRef(node->label)
                                                       : PyObject_GetAttrString((PyObject *)node, "label");
    PyObject *key = PyLong_FromSsize_t(place);
    int done = text == NULL || key == NULL || !PyUnicode_Check(text) ? -1 : 0;
    if (done == 0 && PyUnicode_GET_LENGTH(text))
        done = PyDict_SetItem(tape->labels, key, text);
    Py_XDECREF(text);
    Py_XDECREF(key);
    return done;
}

static int make_arrays(Tape *tape, const Ancestors *found)
{
    Py_ssize_t n = found->count + found->numbers;
    tape->rows = PyList_New(0);
    tape->labels = PyDict_New();
    tape->code = array_of(n);
    tape->start = array_of(n + 1);
    tape->args = array_of(found->arguments);
    tape->number = array_of(n);
    tape->place = PyMem_New(int32_t, found->count);
    tape->ends = PyMem_Calloc((size_t)found->count, 1);
    if (tape->place == NULL || tape->ends == NULL)
        PyErr_NoMemory();
    return PyErr_Occurred() ? -1 : 0;
}

static PyObject *places_on(const Tape *tape, const Ancestors *found, PyObject *nodes)
{
    PyObject *places = array_of(PyTuple_GET_SIZE(nodes));
    for (Py_ssize_t i = 0; places != NULL && i < PyTuple_GET_SIZE(nodes); i++)
        INTS(places)[i] = tape->place[place_of(found, (Node *)PyTuple_GET_ITEM(nodes, i))];
    return places;
}

/* The labels of leaves that became inputs. */
static PyObject *places_of_inputs(const Tape *tape)
{
    Py_ssize_t n = 0;
    const int64_t *code = INTS(tape->code);
    for (Py_ssize_t i = 0; i < tape->count; i++)
        n += code[i] == INPUT;
    PyObject *places = array_of(n);
    n = 0;
    for (Py_ssize_t i = 0; places != NULL && i < tape->count; i++)
        if (code[i] == INPUT)
            INTS(places)[n++] = i;
    return places;
}

/* 0 if Python has to make the tape. */
static int fill_all(Tape *tape, const Ancestors *found, PyObject *roots, PyObject *inputs)
{
    int given = inputs != Py_None;
    for (Py_ssize_t i = 0; given && i < PyTuple_GET_SIZE(inputs); i++)
        tape->ends[place_of(found, (Node *)PyTuple_GET_ITEM(inputs, i))] = 1;
    for (Py_ssize_t i = 0; i < found->count; i++) {
        LOOK_AHEAD(found->order, i, found->count, );
        int filled = fill(tape, found, i, !given);
        if (filled <= 0)
            return filled;
    }
    for (Py_ssize_t i = 0; i < found->count; i++) /* Reading a label may draw numbers. */
        if (found->order[i]->label != NULL && note_label(tape, found->order[i], tape->place[i]) < 0)
            return -1;
    INTS(tape->start)[tape->count] = tape->edges;
    tape->inputs = given ? places_on(tape, found, inputs) : places_of_inputs(tape);
    tape->outputs = places_on(tape, found, roots);
    return tape->inputs == NULL || tape->outputs == NULL ? -1 : 1;
}

/* captured(roots, inputs): the parts of a Tape, or None; inputs is a tuple of nodes, or None. */
PyObject *captured(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    Ancestors found;
    Tape tape = {0};
    PyObject *none = PyTuple_New(0), *result = NULL;
    (void)module;
    int done = -1;
    if (none != NULL && count == 2 && PyTuple_CheckExact(args[0]) && (args[1] == Py_None || PyTuple_CheckExact(args[1])))
        done = find_ancestors_of(&found, args[1] == Py_None ? none : args[1], args[0], INT64_MIN, 0);
    Py_XDECREF(none);
    if (done < 0)
        return PyErr_Occurred() ? NULL : Py_NewRef(Py_None);
    done = make_arrays(&tape, &found) < 0 ? -1 : fill_all(&tape, &found, args[0], args[1]);
    if (done == 1)
        result = PyTuple_Pack(8, tape.rows, tape.code, tape.start, tape.args, tape.number, tape.inputs, tape.outputs,
                              tape.labels);
    else if (done == 0)
        result = Py_NewRef(Py_None);
    PyObject *parts[] = {tape.rows,   tape.labels, tape.code,   tape.start,
                         tape.args, tape.number, tape.inputs, tape.outputs};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        Py_XDECREF(parts[i]);
    PyMem_Free(tape.place);
    PyMem_Free(tape.ends);
    free_ancestors(&found);
    return result;
}
