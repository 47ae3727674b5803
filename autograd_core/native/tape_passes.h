/* The passes over a tape for LANES examples side by side, whose numbers for a node are adjacent. This file is
   included once for one lane and once for many; PASS(name) is the name of a function, and COUNT_LANES the
   number of lanes. */

#define EACH SIDE_BY_SIDE for (Py_ssize_t l = 0; l < LANES; l++)
#define AT(array, place) ((array) + (size_t)(place) * LANES)

/* The arguments of an instruction and their adjoints, for the emitted cases. */
#define A AT(v, in->a)
#define B AT(v, in->b)
#define C AT(v, in->c)
#define GA AT(adjoint, in->a)
#define GB AT(adjoint, in->b)
#define GC AT(adjoint, in->c)

/* Read the arguments of a variadic instruction in one lane. */
static inline void PASS(gather)(const Machine *machine, const Instruction *in, const Space *space, Py_ssize_t l)
{
    COUNT_LANES
    for (uint32_t k = 0; k < in->b; k++)
        space->x[k] = AT(space->v, machine->many[in->a + k])[l];
}

#define FORWARD_OF_MANY(function)                                                                                     \
    EACH {                                                                                                            \
        PASS(gather)(machine, in, space, l);                                                                        \
        y[l] = function((int)in->b, space->x);                                                                        \
    }                                                                                                                 \
    break;

#define FORWARD_SUM                                                                                                   \
    EACH y[l] = AT(v, many[in->a])[l];                                                                                \
    for (uint32_t k = 1; k < in->b; k++) {                                                                            \
        const double *x = AT(v, many[in->a + k]);                                                                     \
        EACH y[l] += x[l];                                                                                            \
    }                                                                                                                 \
    break;

#define FORWARD_MEAN FORWARD_OF_MANY(mean)

#define FORWARD_DOT                                                                                                   \
    EACH y[l] = 0.0;                                                                                                  \
    for (uint32_t k = 0, half = in->b / 2; k < half; k++) {                                                           \
        const double *left = AT(v, many[in->a + k]), *right = AT(v, many[in->a + half + k]);                          \
        EACH y[l] = k ? y[l] + left[l] * right[l] : left[l] * right[l];                                               \
    }                                                                                                                 \
    break;

LANES_CLONES static void PASS(forward)(const Machine *machine, const Space *space)
{
    COUNT_LANES
    double *v = space->v, *y = AT(v, machine->leaves);
    const uint32_t *many = machine->many;
    for (const Instruction *in = machine->code, *end = in + machine->length; in < end; in++, y += LANES) {
        switch (in->op) {
#define SECTION_FORWARD
#include "tape_emitted.h"
#undef SECTION_FORWARD
        default: NEVER;
        }
    }
}

/* Whether all results are finite, as the watched ones show. */
LANES_CLONES static int PASS(all_are_finite)(const Machine *machine, const Space *space)
{
    COUNT_LANES
    int64_t other = 0;
    for (const uint32_t *watch = machine->watch, *end = watch + machine->watched; watch < end; watch++) {
        const double *y = AT(space->v, *watch);
        EACH other |= y[l] - y[l] != 0.0;
    }
    return !other;
}

#define SLOPE(k, target, slope) (target)[l] += g[l] * (slope);
#define PULL(k, target) EACH (target)[l] += g[l] * d[k][l];
#define PULL_TAKEN(k, target) EACH (target)[l] += d[k][l] != 0.0 ? g[l] * d[k][l] : 0.0;
#define DOUBT(arity, k, vanishes, limit)
#define DOUBT_VALUE

#define REVERSE_SUM                                                                                                   \
    for (uint32_t k = 0; k < in->b; k++) {                                                                            \
        double *target = AT(adjoint, many[in->a + k]);                                                                \
        EACH target[l] += g[l];                                                                                       \
    }                                                                                                                 \
    break;

#define REVERSE_MEAN                                                                                                  \
    for (uint32_t k = 0; k < in->b; k++) {                                                                            \
        double *target = AT(adjoint, many[in->a + k]), share = 1.0 / in->b;                                           \
        EACH target[l] += g[l] * share;                                                                               \
    }                                                                                                                 \
    break;

#define REVERSE_DOT                                                                                                   \
    for (uint32_t k = 0, half = in->b / 2; k < in->b; k++) {                                                          \
        double *target = AT(adjoint, many[in->a + k]);                                                                \
        const double *x = AT(v, many[in->a + (k < half ? k + half : k - half)]);                                      \
        EACH target[l] += g[l] * x[l];                                                                                \
    }                                                                                                                 \
    break;

#define REVERSE_OF_MANY(function)                                                                                     \
    EACH {                                                                                                            \
        PASS(gather)(machine, in, space, l);                                                                        \
        slopes_of_##function((int)in->b, space->x, y[l], space->d);                                                   \
        for (uint32_t k = 0; k < in->b; k++)                                                                          \
            AT(adjoint, many[in->a + k])[l] += g[l] * space->d[k];                                                    \
    }                                                                                                                 \
    break;

/* Add the gradient flow from the output to the adjoints of all nodes; those of constants are never read. */
LANES_CLONES static void PASS(reverse)(const Machine *machine, const Space *space)
{
    COUNT_LANES
    const double *v = space->v;
    double *adjoint = space->adjoint;
    const uint32_t *many = machine->many;
    const double *y = AT(v, machine->nodes), *g = AT(adjoint, machine->nodes);
    for (const Instruction *begin = machine->code, *in = begin + machine->length; in-- > begin;) {
        double d[3][ROOM];
        y -= LANES, g -= LANES;
        switch (in->op) {
#define SECTION_REVERSE
#include "tape_emitted.h"
#undef SECTION_REVERSE
        default: NEVER;
        }
    }
}

#define SLOPE(k, target, slope) d[k][l] = slope;
#define PULL(k, target)
#define PULL_TAKEN(k, target)
#define DOUBT(arity, k, vanishes, limit)                                                                              \
    if (exact || vanishes)                                                                                            \
        EACH if (out_of_range(d[k][l], exact, vanished) || (exact && out_of_range(y[l], 0, vanished)))                \
            if (is_whole(A[l], limit) && (arity < 2 || is_whole(B[l], limit)) && (arity < 3 || is_whole(C[l], limit)))\
                return 1;
#define DOUBT_VALUE EACH if (out_of_range(y[l], 0, vanished) && is_whole(A[l], INFINITY)) return 1;
#define REVERSE_SUM break;
#define REVERSE_MEAN break;
#define REVERSE_DOT break;
#define REVERSE_OF_MANY(function)                                                                                     \
    if (operations[in->op].leaves_range)                                                                              \
        EACH {                                                                                                        \
            int whole = 1, tiny = 0;                                                                                  \
            PASS(gather)(machine, in, space, l);                                                                    \
            slopes_of_##function((int)in->b, space->x, y[l], space->d);                                               \
            for (uint32_t k = 0; k < in->b; k++) {                                                                    \
                whole &= is_whole(space->x[k], INFINITY);                                                             \
                tiny |= out_of_range(space->d[k], exact, vanished);                                                          \
            }                                                                                                         \
            if (whole && tiny)                                                                                        \
                return 1;                                                                                             \
        }                                                                                                             \
    break;

/* Whether a local derivative has left the range of floats although no argument is 0: the eager engine, which
   continues with wider numbers, may then have another gradient. A 0 counts only if some number has
   `vanished`. */
SELDOM static int PASS(is_doubtful)(const Machine *machine, const Space *space, int vanished)
{
    COUNT_LANES
    const double *v = space->v, *y = AT(v, machine->leaves);
    int exact = machine->exact;
    for (const Instruction *in = machine->code, *end = in + machine->length; in < end; in++, y += LANES) {
        double d[3][ROOM];
        if (operations[in->op].leaves_range)
            switch (in->op) {
#define SECTION_REVERSE
#include "tape_emitted.h"
#undef SECTION_REVERSE
            }
    }
    return 0;
}

/* Compute all values; return whether they are finite. */
static int PASS(values)(const Machine *machine, const Space *space)
{
    PASS(forward)(machine, space);
    return PASS(all_are_finite)(machine, space);
}

/* Whether all slopes are finite. */
LANES_CLONES static int PASS(slopes_are_finite)(const double *slopes, Py_ssize_t count)
{
    int64_t other = 0;
    for (Py_ssize_t i = 0; i < count; i++)
        other |= slopes[i] - slopes[i] != 0.0;
    return !other;
}

/* Whether some slope is 0. */
SELDOM static int PASS(has_zero)(const double *slopes, Py_ssize_t count)
{
    Py_ssize_t i = 0;
    while (i < count && slopes[i] != 0.0)
        i++;
    return i < count;
}

/* The same with a second run, to find out whether a number vanishes. */
SELDOM static int PASS(is_doubtful_anywhere)(const Machine *machine, const Space *space)
{
    feclearexcept(FE_UNDERFLOW);
    PASS(forward)(machine, space);
    return PASS(is_doubtful)(machine, space, 0) ||
           (fetestexcept(FE_UNDERFLOW) && PASS(is_doubtful)(machine, space, 1));
}

/* Compute the adjoints of all values; return whether they are those of the eager engine. */
static int PASS(gradient)(const Machine *machine, const Space *space)
{
    COUNT_LANES
    const Py_ssize_t slopes = machine->inputs * LANES;
    memset(space->adjoint, 0, (size_t)machine->nodes * LANES * sizeof(double));
    EACH AT(space->adjoint, machine->output[0])[l] = 1.0;
    PASS(reverse)(machine, space);
    if (!PASS(slopes_are_finite)(space->adjoint, slopes))
        return 0;
    return !machine->ranged || !(machine->exact || PASS(has_zero)(space->adjoint, slopes)) ||
           !PASS(is_doubtful_anywhere)(machine, space);
}

#undef FORWARD_OF_MANY
#undef FORWARD_SUM
#undef FORWARD_MEAN
#undef FORWARD_DOT
#undef EACH
#undef AT
#undef A
#undef B
#undef C
#undef GA
#undef GB
#undef GC
#undef LANES
#undef ROOM
#undef COUNT_LANES
#undef PASS
