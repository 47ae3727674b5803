/* The tape machine: runs a graph that is stored as a list of instructions, forward and in reverse. */

#ifndef AUTOGRAD_CORE_TAPE_H
#define AUTOGRAD_CORE_TAPE_H

#include "engine.h"

/* What is emitted of an operation besides its cases. */
typedef struct {
    const char *name;
    int arity;        /* 0 where any number of arguments is allowed. */
    int sequences;    /* How many sequences of one length the arguments form. */
    int leaves_range; /* Whether a local derivative may be out of the range of floats. */
    int keeps_bits;   /* Whether value and derivatives are those of the Python kernel, bit for bit. */
    int passes_on;    /* Bit k: whether the result is not finite where argument k is not. */
} OperationInfo;

/* One operation. `a`, `b` and `c` are places of nodes; where any number of arguments is allowed, these are the `b`
   places from `many[a]` on. The inputs have the first places, then come constants, then the results in the order of
   the instructions. */
typedef struct {
    uint32_t op, a, b, c;
} Instruction;

/* How many examples run side by side in a batch: at least and at most, and as a multiple of what. Where a tape is
   short there are more, as many as the fastest cache has room for. */
#define FEWEST_LANES 32
#define MOST_LANES 128
#define LANES_TOGETHER 8

typedef struct {
    PyObject_HEAD
    Py_ssize_t nodes, leaves, length, inputs, outputs, widest, watched;
    Py_ssize_t lanes; /* How many there are in a large batch. */
    Instruction *code;
    uint32_t *many, *output, *watch; /* `watch` has the results of which some must be seen to be finite. */
    double *numbers; /* Of the leaves: 0 for an input. */
    int exact;       /* Whether results must have the eager engine's bits. */
    int ranged;      /* Whether some local derivative may be out of the range of floats. */
    void *kept[2];   /* Memory of the last run with one lane and with many, NULL while a run has it. */
} Machine;

/* The memory of one run: values and adjoints of the nodes, and arguments and derivatives of one instruction. */
typedef struct {
    void *whole;
    Py_ssize_t lanes;
    double *v, *adjoint, *x, *d;
} Space;

extern PyTypeObject MachineType, EntryType, StatementsType;

int take_space(Machine *machine, Py_ssize_t lanes, Space *space);
void leave_space(Machine *machine, Space *space);
int run_values(const Machine *machine, const Space *space);
int run_gradient(const Machine *machine, const Space *space);
PyObject *operations_by_name(void);
PyObject *are_finite(PyObject *module, PyObject *numbers);
PyObject *descend(PyObject *module, PyObject *args);

#endif
