/* The statements of an array program, run in one call instead of separate calls of NumPy. */

#include "tape.h"
#include <fenv.h>
#include <string.h>

#include "lanes.h"

#define SECTION_ROWS
#include "tape_emitted.h"
#undef SECTION_ROWS


#define MOST_AXES 6
#define BLOCK 128

enum { MAP, REDUCE_SUM, REDUCE_MAX, CONTRACT, TAKE, PUT, ADD_AT, CHECK, KINDS };

/* Operations of a MAP that are not rows of the table. */
enum { COPY = -1, GREATER = -2 };

/* An array as an operand; strides are in numbers, not bytes. */
typedef struct {
    double *at;
    Py_ssize_t stride[MOST_AXES];
} Strided;

/* All operands have the axes of the statement, with stride 0 along those that they lack. */
typedef struct {
    int kind, op, operands, axes;
    Py_ssize_t shape[MOST_AXES];
    Strided x[4]; /* The result first. */
    const int64_t *index;
    Py_buffer views[5];
    int held;
} Statement;

typedef struct {
    PyObject_HEAD
    Py_ssize_t count;
    Statement *list;
    double *packed; /* Space for the factors of the largest product. */
} Statements;

/* One operation on a block of contiguous numbers. */
WIDER_REGISTERS static void apply_row(int op, int n, double *y, const double *A, const double *B, const double *C)
{
#define EACH SIDE_BY_SIDE for (int l = 0; l < n; l++)
#define FORWARD_OF_MANY(function) (void)function; break;
#define FORWARD_SUM (void)softmax_of_all; break;
#define FORWARD_MEAN FORWARD_OF_MANY(mean)
#define FORWARD_DOT break;
    switch (op) {
#define SECTION_FORWARD
#include "tape_emitted.h"
#undef SECTION_FORWARD
    }
#undef EACH
#undef FORWARD_OF_MANY
#undef FORWARD_SUM
#undef FORWARD_MEAN
#undef FORWARD_DOT
}

/* The numbers of a row from `at` on, contiguous: in place, or copied to `spare`. */
static const double *in_line(const double *at, Py_ssize_t stride, int n, double *spare)
{
    if (stride == 1)
        return at;
    for (int l = 0; l < n; l++)
        spare[l] = at[l * stride];
    return spare;
}

/* A function for a line returns 0 to stop. */
typedef int (*Line)(const Statement *s, double *const *at, Py_ssize_t length);

static int map_line(const Statement *s, double *const *at, Py_ssize_t length)
{
    double spare[4][BLOCK];
    int last = s->axes - 1;
    for (Py_ssize_t begin = 0; begin < length; begin += BLOCK) {
        int n = length - begin < BLOCK ? (int)(length - begin) : BLOCK;
        const double *x[4] = {NULL, NULL, NULL, NULL};
        for (int k = 1; k < s->operands; k++)
            x[k] = in_line(at[k] + begin * s->x[k].stride[last], s->x[k].stride[last], n, spare[k]);
        double *out = at[0] + begin * s->x[0].stride[last], *y = s->x[0].stride[last] == 1 ? out : spare[0];
        if (s->op == COPY)
            memcpy(y, x[1], (size_t)n * sizeof(double));
        else if (s->op == GREATER)
            for (int l = 0; l < n; l++)
                y[l] = x[1][l] > x[2][l];
        else
            apply_row(s->op, n, y, x[1], x[2], x[3]);
        for (int l = 0; y != out && l < n; l++)
            out[l * s->x[0].stride[last]] = y[l];
    }
    return 1;
}

WIDER_REGISTERS static void add_line(double *y, Py_ssize_t step, const double *x, Py_ssize_t stride, Py_ssize_t n)
{
    if (step == 1 && stride == 1) {
        SIDE_BY_SIDE for (Py_ssize_t l = 0; l < n; l++) y[l] += x[l];
        return;
    }
    for (Py_ssize_t l = 0; l < n; l++)
        y[l * step] += x[l * stride];
}

static int reduce_line(const Statement *s, double *const *at, Py_ssize_t length)
{
    int last = s->axes - 1;
    Py_ssize_t step = s->x[0].stride[last], stride = s->x[1].stride[last];
    double *y = at[0], *x = at[1];
    if (s->kind == REDUCE_SUM && step != 0)
        add_line(y, step, x, stride, length);
    else if (s->kind == REDUCE_SUM) {
        double sum = 0.0;
        for (Py_ssize_t l = 0; l < length; l++)
            sum += x[l * stride];
        *y += sum;
    }
    else
        for (Py_ssize_t l = 0; l < length; l++)
            y[l * step] = maximum(y[l * step], x[l * stride]);
    return 1;
}

static int no_nan(const Statement *s, double *const *at, Py_ssize_t length)
{
    for (Py_ssize_t l = 0; l < length; l++)
        if (isnan(at[0][l * s->x[0].stride[s->axes - 1]]))
            return 0;
    return 1;
}

/* Call a function for each line along the last axis, until it returns 0. */
static int for_lines(const Statement *s, Line line)
{
    Py_ssize_t at[MOST_AXES] = {0};
    double *x[4];
    for (int k = 0; k < s->operands; k++)
        x[k] = s->x[k].at;
    for (;;) {
        int axis = s->axes - 2;
        if (!line(s, x, s->shape[s->axes - 1]))
            return 0;
        for (; axis >= 0 && ++at[axis] == s->shape[axis]; axis--)
            at[axis] = 0;
        if (axis < 0)
            return 1;
        for (int k = 0; k < s->operands; k++) {
            x[k] = s->x[k].at;
            for (int i = 0; i <= s->axes - 2; i++)
                x[k] += at[i] * s->x[k].stride[i];
        }
    }
}

static void fill_out(const Statement *s, double number)
{
    const Py_buffer *out = &s->views[0];
    Statement all = {.kind = MAP, .op = COPY, .operands = 2, .axes = out->ndim ? out->ndim : 1, .shape = {1}};
    double constant[1] = {number};
    all.x[0].at = out->buf, all.x[1].at = constant;
    for (int i = 0; i < out->ndim; i++) {
        all.shape[i] = out->shape[i];
        all.x[0].stride[i] = out->shape[i] > 1 ? out->strides[i] / 8 : 0;
        if (out->shape[i] == 0)
            return;
    }
    for_lines(&all, map_line);
}

#define WIDTH 16

/* The axes of a product: blocks, rows, columns, and two that are summed over. */
enum { BLOCKS, ROWS, COLUMNS, OUTER, INNER };

/* A product of one block: y[i, j] is the sum of a[i, k] b[j, k] over k, which may be a pair of axes. */
typedef struct {
    Py_ssize_t rows, columns, outer, inner;
    double *y;
    const double *a, *b;
    Strided out, left, right;
} Product;

static Py_ssize_t padded(Py_ssize_t columns) { return (columns + WIDTH - 1) / WIDTH * WIDTH; }

#ifdef __GNUC__
/* Four numbers in one register, loaded without alignment. */
typedef double Four __attribute__((vector_size(32), aligned(8)));
#define IN_REGISTER 4
#else
typedef double Four;
#define IN_REGISTER 1
#endif

/* Add to two rows, or the same one twice, of WIDTH columns of the result. */
WIDER_REGISTERS static void two_rows(const Product *p, const double *a, const double *b, const double *packed,
                                     Py_ssize_t width, double *y, double *z)
{
    Four s[WIDTH / IN_REGISTER], t[WIDTH / IN_REGISTER];
    memcpy(s, y, sizeof s);
    memcpy(t, z, sizeof t);
    for (Py_ssize_t o = 0; o < p->outer; o++)
        for (Py_ssize_t k = 0; k < p->inner; k++, packed += width) {
            Py_ssize_t at = o * p->left.stride[OUTER] + k * p->left.stride[INNER];
            double u = a[at], v = b[at];
            const Four *row = (const Four *)packed;
            for (int l = 0; l < WIDTH / IN_REGISTER; l++) {
                s[l] += u * row[l];
                t[l] += v * row[l];
            }
        }
    memcpy(y, s, sizeof s);
    memcpy(z, t, sizeof t);
}

/* Pack the right factor so that the columns of a row are contiguous, padded with zeros. */
static void pack(const Product *p, double *packed)
{
    Py_ssize_t width = padded(p->columns), step = p->right.stride[COLUMNS];
    for (Py_ssize_t o = 0; o < p->outer; o++)
        for (Py_ssize_t k = 0; k < p->inner; k++, packed += width) {
            const double *from = p->b + o * p->right.stride[OUTER] + k * p->right.stride[INNER];
            if (step == 1)
                memcpy(packed, from, (size_t)p->columns * sizeof(double));
            else
                for (Py_ssize_t j = 0; j < p->columns; j++)
                    packed[j] = from[j * step];
            memset(packed + p->columns, 0, (size_t)(width - p->columns) * sizeof(double));
        }
}

/* Compute the terms of a product from two factors of that width; if `before`, add them to the earlier ones.
   */
static void add_terms(const Product *p, const double *packed, Py_ssize_t width, int before)
{
    double found[2][WIDTH];
    for (Py_ssize_t i = 0; i < p->rows; i += 2) {
        const double *a = p->a + i * p->left.stride[ROWS], *b = i + 1 < p->rows ? a + p->left.stride[ROWS] : a;
        for (Py_ssize_t j = 0; j < p->columns; j += WIDTH) {
            Py_ssize_t rows = p->rows - i < 2 ? 1 : 2, columns = p->columns - j < WIDTH ? p->columns - j : WIDTH;
            double *y = p->y + i * p->out.stride[ROWS] + j * p->out.stride[COLUMNS];
            memset(found, 0, sizeof found);
            for (Py_ssize_t r = 0; before && r < rows; r++)
                for (Py_ssize_t l = 0; l < columns; l++)
                    found[r][l] = y[r * p->out.stride[ROWS] + l * p->out.stride[COLUMNS]];
            two_rows(p, a, b, packed + j, width, found[0], found[1]);
            for (Py_ssize_t r = 0; r < rows; r++)
                for (Py_ssize_t l = 0; l < columns; l++)
                    y[r * p->out.stride[ROWS] + l * p->out.stride[COLUMNS]] = found[r][l];
        }
    }
}

/* The number of a factor's numbers that stay in the fastest cache for all rows. */
#define NEAR 2048

static void by_columns(const Product *p, double *packed)
{
    Py_ssize_t width = padded(p->columns);
    if (p->outer == 1 && p->right.stride[COLUMNS] == 1 && width == p->columns)
        packed = (double *)p->b, width = p->right.stride[INNER]; /* Already in the right layout. */
    else
        pack(p, packed);
    Py_ssize_t most = p->outer > 1 || p->columns > NEAR / 16 ? p->inner : NEAR / padded(p->columns);
    for (Py_ssize_t k = 0; k < p->inner; k += most) {
        Product part = *p;
        part.inner = p->inner - k < most ? p->inner - k : most;
        part.a += k * p->left.stride[INNER];
        add_terms(&part, packed + k * width, width, k > 0);
    }
}

/* The sums of products of four rows with two others, or the same one twice. */
WIDER_REGISTERS static void eight_dots(Py_ssize_t depth, const double *const *rows, const double *const *others,
                                       double (*y)[4])
{
    Four sums[2][4];
    memset(sums, 0, sizeof sums);
    Py_ssize_t k = 0;
    for (; k + IN_REGISTER <= depth; k += IN_REGISTER)
        for (int r = 0; r < 4; r++) {
            Four a = *(const Four *)(rows[r] + k);
            sums[0][r] += a * *(const Four *)(others[0] + k);
            sums[1][r] += a * *(const Four *)(others[1] + k);
        }
    for (int r = 0; r < 8; r++) {
        double parts[IN_REGISTER], total = 0.0;
        memcpy(parts, &sums[r / 4][r % 4], sizeof parts);
        for (int l = 0; l < IN_REGISTER; l++)
            total += parts[l];
        for (Py_ssize_t i = k; i < depth; i++)
            total += rows[r % 4][i] * others[r / 4][i];
        y[r / 4][r % 4] = total;
    }
}

/* The same by dot products, if the numbers to multiply are contiguous in both factors. */
static void by_dots(const Product *p)
{
    for (Py_ssize_t i = 0; i < p->rows; i += 4) {
        const double *rows[4];
        double found[2][4];
        int real = p->rows - i < 4 ? (int)(p->rows - i) : 4;
        for (int r = 0; r < 4; r++)
            rows[r] = p->a + (i + (r < real ? r : 0)) * p->left.stride[ROWS];
        for (Py_ssize_t j = 0; j < p->columns; j += 2) {
            int two = j + 1 < p->columns;
            const double *first = p->b + j * p->right.stride[COLUMNS];
            const double *others[2] = {first, two ? first + p->right.stride[COLUMNS] : first};
            eight_dots(p->inner, rows, others, found);
            for (int r = 0; r < real; r++)
                for (int c = 0; c <= two; c++)
                    p->y[(i + r) * p->out.stride[ROWS] + (j + c) * p->out.stride[COLUMNS]] = found[c][r];
        }
    }
}

/* The same number by number, for few columns. */
static void by_numbers(const Product *p)
{
    for (Py_ssize_t i = 0; i < p->rows; i++)
        for (Py_ssize_t j = 0; j < p->columns; j++) {
            double sums[4] = {0.0};
            for (Py_ssize_t o = 0; o < p->outer; o++) {
                const double *x = p->a + i * p->left.stride[ROWS] + o * p->left.stride[OUTER];
                const double *z = p->b + j * p->right.stride[COLUMNS] + o * p->right.stride[OUTER];
                for (Py_ssize_t k = 0; k < p->inner; k++)
                    sums[k % 4] += x[k * p->left.stride[INNER]] * z[k * p->right.stride[INNER]];
            }
            p->y[i * p->out.stride[ROWS] + j * p->out.stride[COLUMNS]] = (sums[0] + sums[1]) + (sums[2] + sums[3]);
        }
}

static void exchange(Py_ssize_t *a, Py_ssize_t *b)
{
    Py_ssize_t kept = *a;
    *a = *b, *b = kept;
}

/* Compute the transposed product from the transposed factors, because it has more columns. */
static void turn_product(Product *p)
{
    const double *a = p->a;
    Strided left = p->left;
    p->a = p->b, p->b = a;
    p->left = p->right, p->right = left;
    exchange(&p->rows, &p->columns);
    exchange(&p->out.stride[ROWS], &p->out.stride[COLUMNS]);
    exchange(&p->left.stride[ROWS], &p->left.stride[COLUMNS]);
    exchange(&p->right.stride[ROWS], &p->right.stride[COLUMNS]);
}

static void contract(const Statement *s, double *packed)
{
    for (Py_ssize_t n = 0; n < s->shape[BLOCKS]; n++) {
        Product p = {s->shape[ROWS], s->shape[COLUMNS], s->shape[OUTER], s->shape[INNER],
                     s->x[0].at + n * s->x[0].stride[BLOCKS], s->x[1].at + n * s->x[1].stride[BLOCKS],
                     s->x[2].at + n * s->x[2].stride[BLOCKS], s->x[0], s->x[1], s->x[2]};
        int in_line = p.outer == 1 && p.inner >= 48 && p.left.stride[INNER] == 1 && p.right.stride[INNER] == 1;
        if (in_line ? p.columns > p.rows && p.columns >= 4 : p.columns < WIDTH && p.rows > p.columns)
            turn_product(&p);
        if (in_line)
            by_dots(&p);
        else if (p.columns < 4)
            by_numbers(&p);
        else
            by_columns(&p, packed);
    }
}

/* Copy or add between an array and the rows of another that an index selects: axis 0 is along the index, axis
   1 along a row. */
static void by_index(const Statement *s)
{
    const Strided *out = &s->x[0], *in = &s->x[1];
    for (Py_ssize_t i = 0; i < s->shape[0]; i++) {
        int reads = s->kind == TAKE;
        double *y = out->at + (reads ? i : s->index[i]) * out->stride[0];
        const double *x = in->at + (reads ? s->index[i] : i) * in->stride[0];
        if (s->kind == ADD_AT)
            add_line(y, out->stride[1], x, in->stride[1], s->shape[1]);
        else
            for (Py_ssize_t l = 0; l < s->shape[1]; l++)
                y[l * out->stride[1]] = x[l * in->stride[1]];
    }
}

static int run_statement(const Statement *s, double *packed)
{
    switch (s->kind) {
    case MAP: for_lines(s, map_line); break;
    case REDUCE_SUM: fill_out(s, 0.0); for_lines(s, reduce_line); break;
    case REDUCE_MAX: fill_out(s, -INFINITY); for_lines(s, reduce_line); break;
    case CONTRACT: contract(s, packed); break;
    case CHECK: return for_lines(s, no_nan);
    default: by_index(s);
    }
    return 1;
}

WIDER_REGISTERS static int all_finite_in(const double *x, Py_ssize_t count)
{
    int64_t other = 0;
    SIDE_BY_SIDE for (Py_ssize_t i = 0; i < count; i++) other |= x[i] - x[i] != 0.0;
    return !other;
}

/* are_finite(numbers): whether all are finite; None if they are not a float or contiguous floats. */
PyObject *are_finite(PyObject *module, PyObject *numbers)
{
    Py_buffer view;
    (void)module;
    if (PyFloat_CheckExact(numbers))
        return PyBool_FromLong(isfinite(PyFloat_AS_DOUBLE(numbers)));
    if (PyObject_GetBuffer(numbers, &view, PyBUF_FORMAT | PyBUF_C_CONTIGUOUS) < 0) {
        PyErr_Clear();
        return Py_NewRef(Py_None);
    }
    int known = view.itemsize == 8 && strcmp(view.format, "d") == 0 && (uintptr_t)view.buf % 8 == 0;
    int finite = known && all_finite_in(view.buf, view.len / 8);
    PyBuffer_Release(&view);
    return known ? PyBool_FromLong(finite) : Py_NewRef(Py_None);
}

/* Whether the weights are finite after they have moved. */
WIDER_REGISTERS static int move_against(double *w, const double *g, double rate, Py_ssize_t count)
{
    int64_t other = 0;
    SIDE_BY_SIDE for (Py_ssize_t i = 0; i < count; i++)
    {
        double moved = w[i] - g[i] * rate;
        w[i] = moved;
        other |= moved - moved != 0.0;
    }
    return !other;
}

/* descend(weights, gradient, rate): move the weights by the rate against the gradient; return whether all are
   finite. */
PyObject *descend(PyObject *module, PyObject *args)
{
    Py_buffer w, g;
    double rate;
    (void)module;
    if (!PyArg_ParseTuple(args, "w*y*d", &w, &g, &rate))
        return NULL;
    int fits = w.len == g.len && w.len % 8 == 0 && (uintptr_t)w.buf % 8 == 0 && (uintptr_t)g.buf % 8 == 0, finite = 0;
    if (fits)
        finite = move_against(w.buf, g.buf, rate, w.len / 8);
    PyBuffer_Release(&w);
    PyBuffer_Release(&g);
    return fits ? PyBool_FromLong(finite) : PyErr_Format(PyExc_ValueError, "descend: weights and gradient are not aligned floats of one length");
}

/* run(): 1 if a number became undefined, or infinite by a division, plus 2 if one vanished. */
static PyObject *statements_run(PyObject *self, PyObject *unused)
{
    Statements *program = (Statements *)self;
    fenv_t before;
    int right = 1, raised;
    (void)unused;
    feholdexcept(&before);
    for (Py_ssize_t i = 0; right && i < program->count; i++)
        right = run_statement(program->list + i, program->packed);
    raised = fetestexcept(FE_INVALID | FE_DIVBYZERO | FE_UNDERFLOW);
    fesetenv(&before);
    return PyLong_FromLong((!right || raised & (FE_INVALID | FE_DIVBYZERO)) + 2 * ((raised & FE_UNDERFLOW) != 0));
}

static int refuse_statement(const char *what)
{
    PyErr_Format(PyExc_ValueError, "Statements: %s", what);
    return -1;
}

/* Read an array as an operand: its axes are those of the statement, or have length 1. */
static int hold(Statement *s, PyObject *array, int k, int writes)
{
    Py_buffer *view = s->views + s->held;
    if (PyObject_GetBuffer(array, view, PyBUF_FORMAT | PyBUF_STRIDES | (writes ? PyBUF_WRITABLE : 0)) < 0)
        return -1;
    s->held++;
    if (view->itemsize != 8 || view->ndim > MOST_AXES || strcmp(view->format, "d") != 0)
        return refuse_statement("an operand that is not an array of numbers");
    s->x[k].at = view->buf;
    for (int i = 0; i < view->ndim; i++) {
        if (view->shape[i] != 1 && view->strides[i] % 8 != 0)
            return refuse_statement("an array with other data between its numbers");
        s->x[k].stride[i] = view->shape[i] == 1 ? 0 : view->strides[i] / 8;
    }
    return 0;
}

/* Merge two axes wherever all operands step evenly from one to the other. */
static void join_axes(Statement *s)
{
    for (int i = s->axes - 2; i >= 0; i--) {
        int joined = 1;
        for (int k = 0; k < s->operands; k++)
            joined &= s->x[k].stride[i] == s->x[k].stride[i + 1] * s->shape[i + 1] || s->shape[i] == 1;
        if (!joined && s->shape[i + 1] != 1)
            continue;
        for (int k = 0; k < s->operands; k++) {
            if (s->shape[i + 1] == 1)
                s->x[k].stride[i + 1] = s->x[k].stride[i];
            for (int j = i; j + 1 < s->axes; j++)
                s->x[k].stride[j] = s->x[k].stride[j + 1];
        }
        s->shape[i] *= s->shape[i + 1];
        for (int j = i + 1; j + 1 < s->axes; j++)
            s->shape[j] = s->shape[j + 1];
        s->axes--;
    }
}

static int hold_index(Statement *s, PyObject *index)
{
    Py_buffer *view = s->views + s->held;
    if (PyObject_GetBuffer(index, view, PyBUF_FORMAT | PyBUF_C_CONTIGUOUS) < 0)
        return -1;
    s->held++;
    if (view->itemsize != 8 || s->axes != 2 || view->len / 8 != s->shape[0])
        return refuse_statement("an index of another length");
    s->index = view->buf;
    int reads = s->kind == TAKE;
    Py_ssize_t count = s->views[reads].shape[0];
    for (Py_ssize_t i = 0; i < s->shape[0]; i++)
        if (s->index[i] < 0 || s->index[i] >= count)
            return refuse_statement("an index beyond the end");
    return 0;
}

/* Whether each operand has along each axis one number, or as many as the statement. */
static int fits(const Statement *s)
{
    for (int k = 0; k < s->operands; k++) {
        const Py_buffer *view = s->views + k;
        int indexed = s->kind >= TAKE && s->kind <= ADD_AT && k == (s->kind == TAKE);
        if (view->ndim != s->axes)
            return 0;
        for (int i = 0; i < s->axes; i++)
            if (view->shape[i] != s->shape[i] && view->shape[i] != 1 && !(indexed && i == 0))
                return 0;
    }
    return 1;
}

/* A statement is (kind, operation, shape, operands, index or None). */
static int read_statement(Statement *s, PyObject *given)
{
    PyObject *shape, *operands, *index;
    if (!PyArg_ParseTuple(given, "iiO!O!O", &s->kind, &s->op, &PyTuple_Type, &shape, &PyTuple_Type, &operands, &index))
        return -1;
    s->axes = (int)PyTuple_GET_SIZE(shape);
    s->operands = (int)PyTuple_GET_SIZE(operands);
    int needed = s->kind == MAP ? 2 : s->kind == CHECK ? 1 : s->kind == CONTRACT ? 3 : 2;
    int args = s->op == COPY ? 1 : s->op == GREATER ? 2 : s->op >= 0 && s->op < OPERATIONS ? operations[s->op].arity : 0;
    int most = s->kind == MAP ? 1 + args : needed;
    if (s->kind < 0 || s->kind >= KINDS || s->axes < 1 || s->axes > MOST_AXES || s->operands < needed ||
        s->operands != most || (s->kind == CONTRACT && s->axes != 5))
        return refuse_statement("an unknown statement");
    for (int i = 0; i < s->axes; i++)
        if ((s->shape[i] = PyLong_AsSsize_t(PyTuple_GET_ITEM(shape, i))) < 1)
            return PyErr_Occurred() ? -1 : refuse_statement("an axis without numbers");
    for (int k = 0; k < s->operands; k++)
        if (hold(s, PyTuple_GET_ITEM(operands, k), k, k == 0 && s->kind != CHECK) < 0)
            return -1;
    if (!fits(s))
        return refuse_statement("shapes that do not fit");
    if (s->kind >= TAKE && s->kind <= ADD_AT)
        return hold_index(s, index);
    if (s->kind != CONTRACT)
        join_axes(s);
    return 0;
}

static void statements_dealloc(PyObject *self)
{
    Statements *program = (Statements *)self;
    for (Py_ssize_t i = 0; program->list && i < program->count; i++)
        while (program->list[i].held > 0)
            PyBuffer_Release(program->list[i].views + --program->list[i].held);
    PyMem_Free(program->list);
    PyMem_Free(program->packed);
    Py_TYPE(self)->tp_free(self);
}

static PyObject *statements_new(PyTypeObject *type, PyObject *args, PyObject *names)
{
    PyObject *given;
    size_t room = 1;
    if (names != NULL || !PyArg_ParseTuple(args, "O!", &PyTuple_Type, &given)) {
        if (!PyErr_Occurred())
            PyErr_SetString(PyExc_TypeError, "Statements: takes no names");
        return NULL;
    }
    Statements *program = (Statements *)type->tp_alloc(type, 0);
    if (program == NULL)
        return NULL;
    program->count = PyTuple_GET_SIZE(given);
    program->list = PyMem_Calloc((size_t)program->count + 1, sizeof(Statement));
    int failed = program->list == NULL;
    for (Py_ssize_t i = 0; !failed && i < program->count; i++) {
        Statement *s = program->list + i;
        failed = read_statement(s, PyTuple_GET_ITEM(given, i)) < 0;
        if (!failed && s->kind == CONTRACT) {
            size_t depth = (size_t)(s->shape[OUTER] * s->shape[INNER]);
            size_t numbers = depth * (size_t)(padded(s->shape[ROWS]) + padded(s->shape[COLUMNS]));
            room = numbers > room ? numbers : room;
        }
    }
    program->packed = failed ? NULL : PyMem_Malloc(room * sizeof(double));
    if (program->packed == NULL) {
        if (!PyErr_Occurred())
            PyErr_NoMemory();
        Py_CLEAR(program);
    }
    return (PyObject *)program;
}

static PyMethodDef statements_methods[] = {
    {"run", statements_run, METH_NOARGS, "Run all; return 1 if a number is undefined, plus 2 if one vanished."},
    {NULL, NULL, 0, NULL},
};

PyTypeObject StatementsType = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "autograd_core.native._engine.Statements",
    .tp_doc = "Statements and the arrays that they use.",
    .tp_basicsize = sizeof(Statements),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_new = statements_new,
    .tp_dealloc = statements_dealloc,
    .tp_methods = statements_methods,
};
