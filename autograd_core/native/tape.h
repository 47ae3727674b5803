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
} OperationInfo;

/* One operation. `a`, `b` and `c` are places of nodes; where any number of arguments is allowed, these are the `b`
   places from `many[a]` on. The inputs have the first places, then come constants, then the results in the order of
   the instructions. */
typedef struct {
    uint32_t op, a, b, c;
} Instruction;

/* How many examples run side by side in a batch. */
#define LANES_OF_BATCH 32

typedef struct {
    PyObject_HEAD
    Py_ssize_t nodes, leaves, length, inputs, outputs, widest;
    Instruction *code;
    uint32_t *many, *output;
    double *numbers; /* Of the leaves: 0 for an input. */
    int exact;       /* Whether results must have the eager engine's bits. */
    int ranged;      /* Whether some local derivative may be out of the range of floats. */
    void *kept[2];   /* Memory of the last run with one lane and with many, NULL while a run has it. */
} Machine;

/* The memory of one run: values and adjoints of the nodes, and arguments and derivatives of one instruction. */
typedef struct {
    void *whole;
    double *v, *adjoint, *x, *d;
} Space;

extern PyTypeObject MachineType, EntryType, StatementsType;

int take_space(Machine *machine, int many, Space *space);
void leave_space(Machine *machine, int many, Space *space);
int run_values(const Machine *machine, const Space *space);
int run_gradient(const Machine *machine, const Space *space);
PyObject *operations_by_name(void);

#endif
