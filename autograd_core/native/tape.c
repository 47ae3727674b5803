/* The tape machine: construction, and runs at a point and on a batch. */

#include "tape.h"
#include <fenv.h>
#include <string.h>

#include "lanes.h"

#define SECTION_ROWS
#include "tape_emitted.h"
#undef SECTION_ROWS
#include "tape_sequences.h"

/* Bytes of the fastest cache to use for a batch's values and adjoints. */
#define ROOM_OF_LANES 24000

/* As in `Operation.in_any_range`. */
#define TINY 1e-290
#define HUGE_NUMBER 1e290

/* Whether a number is too small to have all its digits or, if `exact`, too large; a 0 counts only if some
   number vanished. */
static inline int out_of_range(double d, int exact, int vanished)
{
    return d == 0.0 ? vanished : exact ? !between(d, TINY, HUGE_NUMBER) : fabs(d) < TINY;
}

/* Whether an argument is neither 0 nor so large that a vanished slope stays 0 whatever its factor. */
static inline int is_whole(double x, double limit) { return x != 0.0 && fabs(x) < limit; }

#define LANES 1
#define ROOM 1
#define COUNT_LANES (void)space;
#define LANES_CLONES
#define PASS(name) name##_at_point
#include "tape_passes.h"
#undef LANES_CLONES

#define LANES lanes
#define ROOM MOST_LANES
#define COUNT_LANES const Py_ssize_t lanes = space->lanes & -(Py_ssize_t)LANES_TOGETHER;
#define LANES_CLONES WIDER_REGISTERS
#define PASS(name) name##_in_lanes
#include "tape_passes.h"

/* Each operation's name with its number; `OP_x_by_first` is an operation as well. */
PyObject *operations_by_name(void)
{
    PyObject *found = PyDict_New();
    for (int op = 0; found != NULL && op < OPERATIONS; op++) {
        PyObject *entry = Py_BuildValue("iN", op, PyBool_FromLong(operations[op].keeps_bits));
        if (entry == NULL || PyDict_SetItemString(found, operations[op].name, entry) < 0)
            Py_CLEAR(found);
        Py_XDECREF(entry);
    }
    return found;
}

/* Get memory for a run: that of the last run or, if another run uses it, more. */
int take_space(Machine *machine, Py_ssize_t lanes, Space *space)
{
    void **kept = machine->kept + (lanes > 1);
    size_t nodes = (size_t)(machine->nodes * (lanes > 1 ? machine->lanes : 1)), line = 64;
    space->whole = *kept;
    space->lanes = lanes;
    *kept = NULL;
    int fresh = space->whole == NULL;
    if (fresh) {
        space->whole = PyMem_RawMalloc((2 * nodes + 2 * (size_t)machine->widest) * sizeof(double) + line);
        if (space->whole == NULL) {
            PyErr_NoMemory();
            return -1;
        }
    }
    space->v = (double *)(((uintptr_t)space->whole + line - 1) / line * line);
    space->adjoint = space->v + nodes;
    space->x = space->adjoint + nodes;
    space->d = space->x + machine->widest;
    for (Py_ssize_t i = 0; (fresh || lanes > 1) && i < machine->leaves; i++)
        for (Py_ssize_t l = 0; l < lanes; l++)
            space->v[i * lanes + l] = machine->numbers[i];
    return 0;
}

void leave_space(Machine *machine, Space *space)
{
    void **kept = machine->kept + (space->lanes > 1);
    if (*kept == NULL)
        *kept = space->whole;
    else
        PyMem_RawFree(space->whole);
}

/* Whether an operation gives NaN, or infinity for finite arguments. */
SELDOM static int is_faulty(const Machine *machine, const double *v)
{
    const double *y = v + machine->leaves;
    for (const Instruction *in = machine->code, *end = in + machine->length; in < end; in++, y++) {
        int arity = operations[in->op].arity, finite = isinf(*y);
        const uint32_t few[] = {in->a, in->b, in->c}, *args = arity ? few : machine->many + in->a;
        for (uint32_t k = 0, count = arity ? (uint32_t)arity : in->b; finite && k < count; k++)
            finite = isfinite(v[args[k]]);
        if (isnan(*y) || finite)
            return 1;
    }
    return 0;
}

/* Compute all values at a point; return whether they are those of the eager engine. */
int run_values(const Machine *machine, const Space *space)
{
    return values_at_point(machine, space) || !is_faulty(machine, space->v);
}

/* The same with the adjoints. */
int run_gradient(const Machine *machine, const Space *space)
{
    return run_values(machine, space) && gradient_at_point(machine, space);
}

typedef struct {
    const int64_t *op, *start, *args, *inputs, *outputs;
    const double *numbers;
    Py_ssize_t nodes, edges, input_count, output_count;
} Source;

static int refuse(const char *what)
{
    PyErr_Format(PyExc_ValueError, "Machine: %s", what);
    return -1;
}

/* Check every number of a tape; count the results and the arguments that `many` lists. */
static int check_source(const Source *s, Py_ssize_t *length, Py_ssize_t *listed, Py_ssize_t *widest)
{
    if (s->nodes > INT32_MAX || s->edges > INT32_MAX || s->start[0] != 0 ||
        s->start[s->nodes] != s->edges)
        return refuse("arrays that do not match");
    *length = *listed = 0, *widest = 1;
    for (Py_ssize_t i = 0; i < s->nodes; i++) {
        int64_t op = s->op[i], first = s->start[i], count = s->start[i + 1] - first;
        if (op < -2 || op >= OPERATIONS || count < 0 || first + count > s->edges)
            return refuse("an unknown operation");
        if (op < 0 ? count != 0 : operations[op].arity ? count != operations[op].arity
                                                       : count < 1 || count % operations[op].sequences != 0)
            return refuse("a wrong number of arguments");
        for (int64_t k = first; k < first + count; k++)
            if (s->args[k] < 0 || s->args[k] >= s->nodes || (s->args[k] >= i && s->op[s->args[k]] >= 0))
                return refuse("an argument that does not precede its use");
        *length += op >= 0;
        if (op >= 0 && operations[op].arity == 0) {
            *listed += count;
            *widest = count > *widest ? count : *widest;
        }
    }
    return 0;
}

/* Assign each node its place: inputs, other leaves, results. */
static void number_nodes(Machine *machine, const Source *s, uint32_t *place)
{
    uint32_t leaf = (uint32_t)machine->inputs, result = (uint32_t)machine->leaves;
    for (Py_ssize_t k = 0; k < machine->inputs; k++) {
        place[s->inputs[k]] = (uint32_t)k;
        machine->numbers[k] = 0.0;
    }
    for (Py_ssize_t i = 0; i < s->nodes; i++)
        if (s->op[i] >= 0)
            place[i] = result++;
        else if (s->op[i] == -2) {
            machine->numbers[leaf] = s->numbers[i];
            place[i] = leaf++;
        }
}

static void fill(Machine *machine, const Source *s, const uint32_t *place)
{
    Instruction *in = machine->code;
    uint32_t listed = 0;
    for (Py_ssize_t i = 0; i < s->nodes; i++) {
        const int64_t *args = s->args + s->start[i];
        uint32_t count = (uint32_t)(s->start[i + 1] - s->start[i]);
        if (s->op[i] < 0)
            continue;
        in->op = (uint32_t)s->op[i];
        machine->ranged |= operations[in->op].leaves_range;
        if (operations[in->op].arity) {
            in->a = place[args[0]];
            in->b = place[args[count > 1 ? 1 : 0]];
            in->c = place[args[count > 2 ? 2 : 0]];
        }
        else {
            in->a = listed, in->b = count, in->c = 0;
            for (uint32_t k = 0; k < count; k++)
                machine->many[listed++] = place[args[k]];
        }
        in++;
    }
    for (Py_ssize_t k = 0; k < s->output_count; k++)
        machine->output[k] = place[s->outputs[k]];
}

/* List the results that reveal all nonfinite values: an argument that an operation passes on need not be
   watched. */
static void watch_results(Machine *machine)
{
    char *passed = (char *)(machine->watch + machine->length);
    memset(passed, 0, (size_t)machine->nodes);
    for (const Instruction *in = machine->code, *end = in + machine->length; in < end; in++) {
        int arity = operations[in->op].arity, passes = operations[in->op].passes_on;
        const uint32_t few[] = {in->a, in->b, in->c}, *args = arity ? few : machine->many + in->a;
        for (uint32_t k = 0, count = arity ? (uint32_t)arity : in->b; k < count; k++)
            passed[args[k]] |= arity ? passes >> k & 1 : passes;
    }
    for (Py_ssize_t i = machine->leaves; i < machine->nodes; i++)
        if (!passed[i])
            machine->watch[machine->watched++] = (uint32_t)i;
}

/* Check that the outputs are nodes, and that the inputs are all input nodes, each once. */
static int check_ends(const Source *s)
{
    Py_ssize_t inputs = 0;
    int right = s->output_count > 0;
    for (Py_ssize_t k = 0; right && k < s->output_count; k++)
        right = s->outputs[k] >= 0 && s->outputs[k] < s->nodes;
    for (Py_ssize_t i = 0; i < s->nodes; i++)
        inputs += s->op[i] == -1;
    char *seen = PyMem_Calloc((size_t)s->nodes + 1, 1);
    if (seen == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    right &= inputs == s->input_count;
    for (Py_ssize_t k = 0; right && k < inputs; k++) {
        int64_t i = s->inputs[k];
        right = i >= 0 && i < s->nodes && s->op[i] == -1 && !seen[i];
        if (right)
            seen[i] = 1;
    }
    PyMem_Free(seen);
    return right ? 0 : refuse("an input or output that does not exist");
}

static int build(Machine *machine, const Source *s)
{
    Py_ssize_t listed;
    if (check_source(s, &machine->length, &listed, &machine->widest) < 0 || check_ends(s) < 0)
        return -1;
    machine->nodes = s->nodes, machine->inputs = s->input_count, machine->outputs = s->output_count;
    machine->leaves = machine->nodes - machine->length;
    Py_ssize_t room = ROOM_OF_LANES / (2 * (Py_ssize_t)sizeof(double) * (machine->nodes + 1)) & -(Py_ssize_t)LANES_TOGETHER;
    machine->lanes = room < FEWEST_LANES ? FEWEST_LANES : room > MOST_LANES ? MOST_LANES : room;
    uint32_t *place = PyMem_New(uint32_t, machine->nodes + 1);
    machine->code = PyMem_New(Instruction, machine->length + 1);
    machine->many = PyMem_New(uint32_t, listed + 1);
    machine->output = PyMem_New(uint32_t, machine->outputs);
    machine->numbers = PyMem_New(double, machine->leaves + 1);
    machine->watch = PyMem_Malloc((size_t)machine->length * sizeof(uint32_t) + (size_t)machine->nodes + 1);
    int complete = place && machine->code && machine->many && machine->output && machine->numbers && machine->watch;
    if (complete) {
        number_nodes(machine, s, place);
        fill(machine, s, place);
        watch_results(machine);
    }
    else
        PyErr_NoMemory();
    PyMem_Free(place);
    return complete ? 0 : -1;
}

/* Contiguous numbers of 8 bytes each. */
static int numbers_in(PyObject *object, Py_buffer *view, int writable, Py_ssize_t count)
{
    if (PyObject_GetBuffer(object, view, PyBUF_C_CONTIGUOUS | (writable ? PyBUF_WRITABLE : 0)) < 0)
        return -1;
    if (view->len % 8 == 0 && (count < 0 || view->len == count * 8) && (uintptr_t)view->buf % 8 == 0)
        return 0;
    PyBuffer_Release(view);
    PyErr_Format(PyExc_ValueError, "Machine: a buffer of %zd bytes; expected %zd numbers of 8", view->len, count);
    return -1;
}

static void release(Py_buffer *views, int count)
{
    while (count-- > 0)
        PyBuffer_Release(views + count);
}

static PyObject *machine_new(PyTypeObject *type, PyObject *args, PyObject *names)
{
    PyObject *arrays[6];
    Py_buffer views[6];
    int exact, taken = 0;
    if (names != NULL || !PyArg_ParseTuple(args, "OOOOOOp", arrays, arrays + 1, arrays + 2, arrays + 3, arrays + 4,
                                           arrays + 5, &exact)) {
        if (!PyErr_Occurred())
            PyErr_SetString(PyExc_TypeError, "Machine: takes no names");
        return NULL;
    }
    while (taken < 6 && numbers_in(arrays[taken], views + taken, 0, -1) == 0)
        taken++;
    Machine *machine = taken < 6 ? NULL : (Machine *)type->tp_alloc(type, 0);
    if (machine != NULL) {
        machine->exact = exact;
        Source s = {views[0].buf, views[1].buf, views[2].buf, views[4].buf, views[5].buf, views[3].buf,
                    views[0].len / 8, views[2].len / 8, views[4].len / 8, views[5].len / 8};
        int together = views[1].len / 8 == s.nodes + 1 && views[3].len / 8 == s.nodes;
        if ((together ? build(machine, &s) : refuse("arrays of different lengths")) < 0)
            Py_CLEAR(machine);
    }
    release(views, taken);
    return (PyObject *)machine;
}

static void machine_dealloc(PyObject *self)
{
    Machine *machine = (Machine *)self;
    PyMem_RawFree(machine->kept[0]);
    PyMem_RawFree(machine->kept[1]);
    PyMem_Free(machine->code);
    PyMem_Free(machine->many);
    PyMem_Free(machine->output);
    PyMem_Free(machine->numbers);
    PyMem_Free(machine->watch);
    Py_TYPE(self)->tp_free(self);
}

/* A run with at least this many operations lets other threads run. */
#define LONG_RUN 50000

/* point(x, values, slopes or None): whether the written numbers are those of the eager engine. */
static PyObject *machine_point(PyObject *self, PyObject *const *args, Py_ssize_t count)
{
    Machine *machine = (Machine *)self;
    Py_buffer views[3];
    Space space;
    int gradient, taken = 0, right = 0;
    if (count != 3) {
        PyErr_SetString(PyExc_TypeError, "point: takes x, values and slopes");
        return NULL;
    }
    gradient = args[2] != Py_None;
    const Py_ssize_t sizes[] = {machine->inputs, machine->outputs, machine->inputs};
    while (taken < 2 + gradient && numbers_in(args[taken], views + taken, taken > 0, sizes[taken]) == 0)
        taken++;
    if (taken < 2 + gradient || take_space(machine, 1, &space) < 0) {
        release(views, taken);
        return NULL;
    }
    PyThreadState *state = machine->length > LONG_RUN ? PyEval_SaveThread() : NULL;
    memcpy(space.v, views[0].buf, (size_t)machine->inputs * sizeof(double));
    right = (gradient ? run_gradient : run_values)(machine, &space);
    for (Py_ssize_t k = 0; k < machine->outputs; k++)
        ((double *)views[1].buf)[k] = space.v[machine->output[k]];
    for (Py_ssize_t k = 0; gradient && k < machine->inputs; k++)
        ((double *)views[2].buf)[k] = space.adjoint[k] + 0.0;
    if (state != NULL)
        PyEval_RestoreThread(state);
    leave_space(machine, &space);
    release(views, taken);
    return PyBool_FromLong(right);
}

typedef struct {
    const double *shared, *batched;
    const char *is_batched;
    double *values, *slopes, *of_each; /* The slopes are NULL if not wanted. */
    Py_ssize_t size, width;
} Batch;

/* Every `width`-th number. */
static inline void read_column(const double *x, Py_ssize_t width, Py_ssize_t count, double *v)
{
    SIDE_BY_SIDE for (Py_ssize_t l = 0; l < count; l++)
        v[l] = x[l * width];
}

/* Read the numbers of a block of examples; repeat the last one if there are no others. */
static void fill_lanes(const Machine *machine, const Batch *batch, Py_ssize_t begin, Py_ssize_t real, const Space *space)
{
    const Py_ssize_t width = batch->width, lanes = space->lanes;
    const double *x = batch->batched + begin * width;
    for (Py_ssize_t k = 0; k < machine->inputs; k++) {
        double *v = space->v + k * lanes;
        if (!batch->is_batched[k])
            continue;
        if (width == 2) /* The compiler reads two at once if it knows their number. */
            read_column(x, 2, real, v);
        else
            read_column(x, width, real, v);
        for (Py_ssize_t l = real; l < lanes; l++)
            v[l] = v[real - 1];
        x++;
    }
}

/* Write the slopes of a block, and add up those by shared inputs. */
static void gather_slopes(const Machine *machine, const Batch *batch, Py_ssize_t begin, Py_ssize_t real,
                          const Space *space)
{
    const Py_ssize_t width = batch->width, lanes = space->lanes;
    double *slope = batch->slopes, *of_each = batch->of_each + begin * width;
    for (Py_ssize_t k = 0; k < machine->inputs; k++) {
        const double *g = space->adjoint + k * lanes;
        if (batch->is_batched[k]) {
            for (Py_ssize_t l = 0; l < real; l++)
                of_each[l * width] = g[l] + 0.0;
            of_each++;
        }
        else {
            for (Py_ssize_t l = 0; l < real; l++)
                *slope += g[l];
            slope++;
        }
    }
}

static int run_batch(const Machine *machine, const Batch *batch, const Space *space)
{
    const double *shared = batch->shared;
    const Py_ssize_t lanes = space->lanes;
    for (Py_ssize_t k = 0; k < machine->inputs; k++) {
        for (Py_ssize_t l = 0; !batch->is_batched[k] && l < lanes; l++)
            space->v[k * lanes + l] = *shared;
        shared += !batch->is_batched[k];
    }
    for (Py_ssize_t begin = 0; begin < batch->size; begin += lanes) {
        Py_ssize_t left = batch->size - begin, real = left < lanes ? left : lanes;
        fill_lanes(machine, batch, begin, real, space);
        if (!values_in_lanes(machine, space) || (batch->slopes && !gradient_in_lanes(machine, space)))
            return 0;
        for (Py_ssize_t k = 0; k < machine->outputs; k++)
            memcpy(batch->values + k * batch->size + begin, space->v + machine->output[k] * lanes,
                   (size_t)real * sizeof(double));
        if (batch->slopes)
            gather_slopes(machine, batch, begin, real, space);
    }
    return 1;
}

/* The number of examples of a batch that run side by side: blocks of about equal size, as few as fit. */
static Py_ssize_t lanes_for(const Machine *machine, Py_ssize_t size)
{
    Py_ssize_t blocks = size > 0 ? (size - 1) / machine->lanes + 1 : 1, each = (size + blocks - 1) / blocks;
    return each > 0 ? (each + LANES_TOGETHER - 1) / LANES_TOGETHER * LANES_TOGETHER : LANES_TOGETHER;
}

/* batch(shared, batched, is_batched, size, values, slopes or None, slopes of each or None): like `point` for
   `size` examples. `batched` has a row for each example, `values` a row for each output; slopes by shared
   inputs are summed. Here only finite numbers count as right. */
static PyObject *machine_batch(PyObject *self, PyObject *const *args, Py_ssize_t count)
{
    Machine *machine = (Machine *)self;
    Py_buffer views[5];
    Space space;
    Py_ssize_t size, width = 0;
    int taken = 0, right;
    if (count != 7 || !PyBytes_Check(args[2]) || PyBytes_GET_SIZE(args[2]) != machine->inputs) {
        PyErr_SetString(PyExc_TypeError, "batch: takes shared, batched, is_batched, size, values, slopes, of each");
        return NULL;
    }
    const char *is_batched = PyBytes_AS_STRING(args[2]);
    if ((size = PyLong_AsSsize_t(args[3])) < 0) {
        if (!PyErr_Occurred())
            refuse("a negative number of examples");
        return NULL;
    }
    for (Py_ssize_t k = 0; k < machine->inputs; k++)
        width += is_batched[k] != 0;
    const Py_ssize_t one = machine->inputs - width, sizes[] = {one, size * width, size * machine->outputs, one, size * width};
    PyObject *const arrays[] = {args[0], args[1], args[4], args[5], args[6]};
    int wanted = args[5] == Py_None ? 3 : 5;
    while (taken < wanted && numbers_in(arrays[taken], views + taken, taken > 1, sizes[taken]) == 0)
        taken++;
    if (taken < wanted || take_space(machine, lanes_for(machine, size), &space) < 0) {
        release(views, taken);
        return NULL;
    }
    Batch batch = {views[0].buf, views[1].buf, is_batched, views[2].buf, NULL, NULL, size, width};
    if (wanted == 5)
        batch.slopes = views[3].buf, batch.of_each = views[4].buf;
    PyThreadState *state = size * machine->length > LONG_RUN ? PyEval_SaveThread() : NULL;
    for (Py_ssize_t k = 0; batch.slopes && k < one; k++)
        batch.slopes[k] = 0.0;
    right = run_batch(machine, &batch, &space);
    if (state != NULL)
        PyEval_RestoreThread(state);
    leave_space(machine, &space);
    release(views, taken);
    return PyBool_FromLong(right);
}

/* descend(w, rate, steps, values): take steps of gradient descent from the point w, in place; return the
   number of steps before one whose numbers are not those of the eager engine. `values` gets the output before
   each step. */
static PyObject *machine_descend(PyObject *self, PyObject *args)
{
    Machine *machine = (Machine *)self;
    PyObject *arrays[2];
    Py_buffer views[2];
    Py_ssize_t steps, made = 0;
    double rate;
    Space space;
    if (!PyArg_ParseTuple(args, "OdnO", &arrays[0], &rate, &steps, &arrays[1]))
        return NULL;
    const Py_ssize_t sizes[] = {machine->inputs, steps};
    int taken = 0;
    while (taken < 2 && numbers_in(arrays[taken], views + taken, 1, sizes[taken]) == 0)
        taken++;
    if (taken < 2 || take_space(machine, 1, &space) < 0) {
        release(views, taken);
        return NULL;
    }
    double *w = views[0].buf, *values = views[1].buf;
    PyThreadState *state = machine->length * steps > LONG_RUN ? PyEval_SaveThread() : NULL;
    for (; made < steps; made++) {
        memcpy(space.v, w, (size_t)machine->inputs * sizeof(double));
        if (!run_gradient(machine, &space))
            break;
        values[made] = space.v[machine->output[0]];
        for (Py_ssize_t k = 0; k < machine->inputs; k++)
            w[k] -= (space.adjoint[k] + 0.0) * rate;
    }
    if (state != NULL)
        PyEval_RestoreThread(state);
    leave_space(machine, &space);
    release(views, 2);
    return PyLong_FromSsize_t(made);
}

static PyMethodDef machine_methods[] = {
    {"point", (PyCFunction)(void (*)(void))machine_point, METH_FASTCALL,
     "Run at a point; return whether the written numbers are right."},
    {"descend", machine_descend, METH_VARARGS, "Take steps of gradient descent; return their number."},
    {"batch", (PyCFunction)(void (*)(void))machine_batch, METH_FASTCALL,
     "Run for each example of a batch; return whether the written numbers are right."},
    {NULL, NULL, 0, NULL},
};

PyTypeObject MachineType = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "autograd_core.native._engine.Machine",
    .tp_doc = "A tape that is ready to run.",
    .tp_basicsize = sizeof(Machine),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_new = machine_new,
    .tp_dealloc = machine_dealloc,
    .tp_methods = machine_methods,
};
