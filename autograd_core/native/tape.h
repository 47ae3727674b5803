/* The tape machine: runs a graph stored as a list of instructions, forward and in reverse. */

#ifndef AUTOGRAD_CORE_TAPE_H
#define AUTOGRAD_CORE_TAPE_H

#include "engine.h"

/* The emitted facts about an operation, besides its cases. */
typedef struct {
    const char *name;
    int arity;        /* 0 if any number of arguments is allowed. */
    int sequences;    /* The number of sequences of equal length that the arguments form. */
    int leaves_range; /* Whether a local derivative may be out of the range of floats. */
    int keeps_bits;   /* Whether value and derivatives are those of the Python kernel, bit for bit. */
    int passes_on;    /* Bit k: whether the result is nonfinite if argument k is. */
} OperationInfo;

/* One operation. `a`, `b` and `c` are places of nodes; if any number of arguments is allowed, these are the
   `b` places from `many[a]` on. Inputs come first, then constants, then results in the order of the
   instructions. */
typedef struct {
    uint32_t op, a, b, c;
} Instruction;

/* The least and largest number of examples that run side by side in a batch, and its step. For a short tape
   there are more, as many as fit in the fastest cache. */
#define FEWEST_LANES 32
#define MOST_LANES 128
#define LANES_TOGETHER 8

typedef struct {
    PyObject_HEAD
    Py_ssize_t nodes, leaves, length, inputs, outputs, widest, watched;
    Py_ssize_t lanes; /* Their number in a large batch. */
    Instruction *code;
    uint32_t *many, *output, *watch; /* `watch` lists the results that must be checked to be finite. */
    double *numbers; /* The numbers of the leaves; 0 for an input. */
    int exact;       /* Whether results must have the eager engine's bits. */
    int ranged;      /* Whether some local derivative may be out of the range of floats. */
    void *kept[2];   /* Memory of the last run with one lane and with many, NULL while a run uses it. */
} Machine;

/* The memory of one run: the nodes' values and adjoints, and one instruction's arguments and derivatives. */
typedef struct {
    void *whole;
    Py_ssize_t lanes;
    double *v, *adjoint, *x, *d;
} Space;

extern PyTypeObject MachineType, EntryType, CompiledType, StatementsType;

int take_space(Machine *machine, Py_ssize_t lanes, Space *space);
void leave_space(Machine *machine, Space *space);
int run_values(const Machine *machine, const Space *space);
int run_gradient(const Machine *machine, const Space *space);
PyObject *operations_by_name(void);
PyObject *are_finite(PyObject *module, PyObject *numbers);
PyObject *descend(PyObject *module, PyObject *args);

#endif
