"""Random programs, compiled in every way, say what the eager engine says: see `differential`."""

from __future__ import annotations

import pytest

from tests.compile import trainings
from tests.compile.differential import failures


@pytest.mark.parametrize("first", range(0, 240, 40))
def test_random_programs(first: int) -> None:
    assert failures(range(first, first + 40)) == []


def test_random_programs_trained() -> None:
    assert {trainings.check(seed) for seed in range(100)} == {"agree", "not fit", "error"}


@pytest.mark.slow
@pytest.mark.parametrize("first", range(1000, 4000, 100))
def test_many_random_programs(first: int) -> None:
    assert failures(range(first, first + 100)) == []
