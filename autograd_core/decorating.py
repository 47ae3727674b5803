"""Functions that run inside a block; generators and coroutines too, of which each step does."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Callable, Generator
from functools import partial, wraps
from typing import Any


def decorated(block: Callable[[], Any], function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, each call of it inside a block of its own.

    Whoever walks over a generator is outside the block between two of its steps.
    """
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
