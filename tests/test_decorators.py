"""Modes as decorators of functions, generators and coroutines: steps run inside, the rest outside."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from autograd_core import DataError, DataValueError, DomainError, Value, errstate, log, name_scope, no_grad


def test_every_step_of_a_generator_is_inside_and_its_user_is_not() -> None:
    x = Value(2.0)
    said = []

    @no_grad()
    def batches(count: int) -> Iterator[Any]:
        """Yield some multiples."""
        for k in range(count):
            try:
                said.append((yield x * k))
            except KeyError as error:
                yield error
            finally:
                assert not (x * 1.0).requires_grad
        return x * 10.0

    assert batches.__doc__ == "Yield some multiples."
    values = batches(3)
    for value in values:
        assert not value.requires_grad
        assert (x * 1.0).requires_grad
    assert said == [None] * 3

    def outer() -> Iterator[Any]:
        result = yield from batches(1)
        assert not result.requires_grad

    assert len(list(outer())) == 1
    talk = batches(5)
    next(talk)
    assert talk.send("hello").data == 2.0  # type: ignore[attr-defined]
    error = KeyError("x")
    assert talk.throw(error) is error  # type: ignore[attr-defined]
    talk.close()  # type: ignore[attr-defined]
    broken = batches(5)
    next(broken)
    with pytest.raises(ZeroDivisionError):
        broken.throw(ZeroDivisionError)  # type: ignore[attr-defined]
    assert (x * 1.0).requires_grad


def test_a_coroutine_is_inside_and_other_tasks_are_not() -> None:
    x = Value(2.0)

    @no_grad()
    async def quietly() -> Any:
        await asyncio.sleep(0)
        y = x * 2.0
        await asyncio.sleep(0)
        return y, x * y

    async def loudly() -> Any:
        values = []
        for _ in range(5):
            values.append(x * 2.0)
            await asyncio.sleep(0)
        return values

    async def both() -> Any:
        return await asyncio.gather(quietly(), loudly())

    quiet, loud = asyncio.run(both())
    assert [y.requires_grad for y in quiet] == [False, False]
    assert all(y.requires_grad for y in loud)


def test_every_step_of_an_async_generator_is_inside() -> None:
    x = Value(2.0)
    ended = []

    @no_grad()
    async def batches() -> AsyncIterator[Any]:
        try:
            for k in range(3):
                await asyncio.sleep(0)
                yield x * k
        finally:
            ended.append((x * 1.0).requires_grad)

    async def use() -> list[Any]:
        values = []
        async for value in batches():
            assert (x * 1.0).requires_grad
            values.append(value)
        some = batches()
        await some.__anext__()
        await some.aclose()  # type: ignore[attr-defined]
        return values

    assert [y.requires_grad for y in asyncio.run(use())] == [False] * 3
    assert ended == [False, False]


def test_other_modes_decorate_generators_too() -> None:
    @errstate(divide="ignore")
    def poles() -> Iterator[Any]:
        yield log(Value(0.0)).data
        yield log(Value(0.0)).data

    for value in poles():
        assert value == float("-inf")
        with pytest.raises(DomainError):
            log(Value(0.0))

    @name_scope("layer")
    def nodes() -> Iterator[Any]:
        yield Value(1.0) * 2.0

    assert len(list(nodes())) == 1


def test_a_decorated_function_is_what_it_was() -> None:
    @no_grad()
    def double(x: Any, *, by: float = 2.0) -> Any:
        return x * by

    assert not double(Value(2.0), by=3.0).requires_grad
    assert double.__name__ == "double"
    with pytest.raises(TypeError):
        double()


@pytest.mark.parametrize("mode", [no_grad, errstate])
def test_brackets_that_are_missing_are_named(mode: Any) -> None:
    name = mode.__name__
    with pytest.raises(DataError, match=rf"{name}: unexpected argument 1 = f; .*@{name}\(\)"):

        @mode
        def f(x: Any) -> Any:
            return x


@pytest.mark.parametrize("word", ["explode", "", "warn", "call", "print", "log", 1])
def test_treatments_of_numpy_that_there_are_not_are_refused(word: Any) -> None:
    for name in ("divide", "invalid", "over", "under", "all"):
        with pytest.raises(
            DataValueError, match=r"unknown treatment: \w+ = .*; expected 'raise' or 'ignore'"
        ):
            errstate(**{name: word})
