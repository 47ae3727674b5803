"""Change state temporarily and restore it, even when Ctrl-C interrupts.

Ctrl-C raises its exception wherever Python code runs signal handlers. CPython does so at the start of a
Python function, after a call and at the end of a loop's body, and nowhere else. Three habits follow:

* State is saved before a `try`, changed inside it, and restored by the first call of
  its `finally`, which is a call of C code: it has acted before a handler can run.
* `with lock:` has no gap, because a lock is C code. `lock.acquire()` before a `try` has one.
* An `__exit__` written in Python can be interrupted before its first line, and is not called again. So the
  blocks of this package use `TemporaryChange` or `restoring`, never `contextlib.contextmanager`.
* `np.errstate` has such an `__exit__`, and keeps its state in a context variable: a function that is
  `contained` cannot leave it changed.
"""

from __future__ import annotations

import inspect
import io
from collections.abc import AsyncIterator, Callable, Generator, Iterator
from contextvars import copy_context
from functools import partial, wraps
from itertools import repeat
from typing import TYPE_CHECKING, Any, Generic, ParamSpec, TypeVar

from ..errors import DataError

T = TypeVar("T")
R = TypeVar("R")
P = ParamSpec("P")


class _End(io.IOBase):
    """End the innermost block: `io.IOBase.__exit__`, in C, calls `close`, also in C.

    This resumes the block's generator. An interruption can then occur at its `yield` at the earliest, inside
    its `try`.
    """

    closed = True  # There is nothing to close when it is freed.

    def __init__(self, begun: list[Iterator[Any]]) -> None:
        self.close = map(next, iter(begun.pop, None), repeat(None)).__next__  # type: ignore[method-assign]


class _Exit:
    """The `__exit__` of a `TemporaryChange`: in a `with` statement, that of its `_End`."""

    def __get__(self, block: TemporaryChange[Any] | None, kind: object) -> Callable[..., Any]:
        return _leave if block is None else block._end.__exit__


def _leave(block: TemporaryChange[Any], *error: Any) -> None:
    """The `__exit__` for `contextlib.ExitStack`, which takes it from the class."""
    block._end.__exit__(*error)


class TemporaryChange(Generic[T]):
    """A `with` block whose end is executed even if Ctrl-C arrives at that moment.

    `_changing` is a generator: it changes state inside a `try`, yields the value for `as`, and
    restores everything in the `finally`.
    """

    def __init__(self) -> None:
        self._begun: list[Iterator[T]] = []
        self._end = _End(self._begun)

    def _changing(self) -> Iterator[T]:
        raise NotImplementedError

    def __enter__(self) -> T:
        changing: Any = self._changing()
        self._begun += [changing]
        try:
            return next(changing)  # type: ignore[no-any-return]
        except BaseException:
            del self._begun[-1]
            changing.close()
            raise

    if TYPE_CHECKING:

        def __exit__(self, *error: object) -> None: ...

    else:
        __exit__ = _Exit()


class _Made(TemporaryChange[T]):
    def __init__(self, changing: Callable[[], Iterator[T]]) -> None:
        super().__init__()
        self._changing = changing  # type: ignore[method-assign]


def restoring(changing: Callable[P, Iterator[T]]) -> Callable[P, TemporaryChange[T]]:
    """Turn a generator function into one that returns a `TemporaryChange`, like `contextlib.contextmanager`.

    >>> @restoring
    ... def shouting(words):
    ...     before = list(words)
    ...     try:
    ...         words[:] = [word.upper() for word in words]
    ...         yield words
    ...     finally:
    ...         words[:] = before
    >>> words = ["hello"]
    >>> with shouting(words) as loud:
    ...     print(loud)
    ['HELLO']
    >>> words
    ['hello']
    """

    @wraps(changing)
    def made(*args: P.args, **kwargs: P.kwargs) -> TemporaryChange[T]:
        return _Made(partial(changing, *args, **kwargs))

    return made


def contained(function: Callable[P, R]) -> Callable[P, R]:
    """Run the function in a separate context: changes to context variables are undone when it returns."""

    @wraps(function)
    def inside(*args: P.args, **kwargs: P.kwargs) -> R:
        return copy_context().run(function, *args, **kwargs)

    return inside


def decorated(block: Callable[[], Any], function: Callable[..., Any]) -> Callable[..., Any]:
    """Run each call of the function inside a new block.

    Between two steps of a generator, its caller is outside the block.
    """
    if isinstance(function, (classmethod, staticmethod)):
        return type(function)(decorated(block, function.__func__))
    if isinstance(function, type) or not callable(function):
        got = f"the class {function.__name__}" if isinstance(function, type) else type(function).__name__
        raise DataError(
            f"decorator: not a function: got {got}; expected a function or a method. Write it directly above "
            "the def, below @property and the like."
        )
    for is_such, wrapper in _WRAPPERS:
        if is_such(function):
            return wraps(function)(wrapper(block, function))
    return wraps(function)(_of_a_function(block, function))


def _of_a_function(block: Callable[[], Any], function: Callable[..., Any]) -> Callable[..., Any]:
    def inside(*args: Any, **kwargs: Any) -> Any:
        with block():
            return function(*args, **kwargs)

    return inside


def _of_a_coroutine(block: Callable[[], Any], function: Callable[..., Any]) -> Callable[..., Any]:
    async def inside(*args: Any, **kwargs: Any) -> Any:
        with block():
            return await function(*args, **kwargs)

    return inside


def _of_a_generator(block: Callable[[], Any], function: Callable[..., Any]) -> Callable[..., Any]:
    def inside(*args: Any, **kwargs: Any) -> Generator[Any, Any, Any]:
        with block():
            generator = function(*args, **kwargs)
        resume = partial(generator.send, None)
        while True:
            try:
                with block():
                    y = resume()
            except StopIteration as end:
                return end.value
            try:
                resume = partial(generator.send, (yield y))
            except GeneratorExit:
                with block():
                    generator.close()
                raise
            except BaseException as error:
                resume = partial(generator.throw, error)

    return inside


def _of_an_async_generator(block: Callable[[], Any], function: Callable[..., Any]) -> Callable[..., Any]:
    async def inside(*args: Any, **kwargs: Any) -> AsyncIterator[Any]:
        with block():
            generator = function(*args, **kwargs)
        resume = partial(generator.asend, None)
        while True:
            try:
                with block():
                    y = await resume()
            except StopAsyncIteration:
                return
            try:
                resume = partial(generator.asend, (yield y))
            except GeneratorExit:
                with block():
                    await generator.aclose()
                raise
            except BaseException as error:
                resume = partial(generator.athrow, error)

    return inside


_WRAPPERS = (
    (inspect.isgeneratorfunction, _of_a_generator),
    (inspect.isasyncgenfunction, _of_an_async_generator),
    (inspect.iscoroutinefunction, _of_a_coroutine),
)
