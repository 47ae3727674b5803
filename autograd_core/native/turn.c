/* `turn`: the lock held while nodes are rearranged that another thread may be walking over.

   It is a reentrant lock like `threading.RLock`, but C can see whether another thread holds it. C code holds
   the interpreter's lock throughout, so it only has to wait for walks of the Python kernel. */

#include "engine.h"

static int take(Turn *self)
{
    unsigned long me = PyThread_get_thread_ident();
    if (self->depth && self->owner == me) {
        self->depth++;
        return 0;
    }
    PyLockStatus status = PyThread_acquire_lock_timed(self->lock, 0, 0);
    while (status != PY_LOCK_ACQUIRED) {
        Py_BEGIN_ALLOW_THREADS
        status = PyThread_acquire_lock_timed(self->lock, -1, 1);
        Py_END_ALLOW_THREADS
        if (status == PY_LOCK_INTR && Py_MakePendingCalls() < 0)
            return -1;
    }
    self->owner = me;
    self->depth = 1;
    return 0;
}

static int leave(Turn *self)
{
    if (!self->depth || self->owner != PyThread_get_thread_ident()) {
        PyErr_SetString(PyExc_RuntimeError, "cannot release a lock that another thread holds");
        return -1;
    }
    if (--self->depth == 0)
        PyThread_release_lock(self->lock);
    return 0;
}

int wait_for_others(Turn *turn)
{
    while (turn->depth && turn->owner != PyThread_get_thread_ident())
        if (take(turn) < 0 || leave(turn) < 0)
            return -1;
    return 0;
}

static PyObject *turn_acquire(PyObject *self, PyObject *unused)
{
    (void)unused;
    return take((Turn *)self) < 0 ? NULL : Py_NewRef(Py_True);
}

static PyObject *turn_release(PyObject *self, PyObject *unused)
{
    (void)unused;
    return leave((Turn *)self) < 0 ? NULL : Py_NewRef(Py_None);
}

static PyObject *turn_exit(PyObject *self, PyObject *const *args, Py_ssize_t count)
{
    (void)args, (void)count;
    return turn_release(self, NULL);
}

static PyObject *turn_new(PyTypeObject *type, PyObject *args, PyObject *names)
{
    (void)args, (void)names;
    Turn *self = (Turn *)type->tp_alloc(type, 0);
    if (self != NULL && (self->lock = PyThread_allocate_lock()) == NULL) {
        Py_DECREF(self);
        return PyErr_NoMemory();
    }
    return (PyObject *)self;
}

static void turn_dealloc(PyObject *self)
{
    if (((Turn *)self)->lock != NULL)
        PyThread_free_lock(((Turn *)self)->lock);
    Py_TYPE(self)->tp_free(self);
}

static PyMethodDef turn_methods[] = {
    {"acquire", turn_acquire, METH_NOARGS, NULL},
    {"release", turn_release, METH_NOARGS, NULL},
    {"__enter__", turn_acquire, METH_NOARGS, NULL},
    {"__exit__", (PyCFunction)(void (*)(void))turn_exit, METH_FASTCALL, NULL},
    {NULL, NULL, 0, NULL},
};

PyTypeObject TurnType = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "autograd_core.native._engine.Turn",
    .tp_basicsize = sizeof(Turn),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_new = turn_new,
    .tp_dealloc = turn_dealloc,
    .tp_methods = turn_methods,
};
