"""Random programs, compiled in every way, agree with the eager engine: see `differential`."""

from __future__ import annotations

import shutil
from itertools import islice

import pytest

from tests.compile import abroad, campaign, trainings
from tests.compile.differential import check, failures

ONCE_WRONG = [
    72,
    339,
    342,
    366,
    380,
    503,
    616,
    1442,
    12565,
    23997,
    200186,
    200296,
    200457,
    200515,
    400085,
    500358,
    500948,
    700048,
    7300643,
    7300911,
]


@pytest.mark.parametrize("first", range(0, 100, 20))
def test_random_programs(first: int) -> None:
    assert failures(range(first, first + 20)) == []


@pytest.mark.parametrize("seed", ONCE_WRONG)
def test_programs_that_were_once_wrong(seed: int) -> None:
    check(seed)


def test_random_programs_trained() -> None:
    assert {trainings.check(seed) for seed in range(40)} == {"agree", "not fit", "error"}


@pytest.mark.slow
def test_a_campaign_counts_what_disagrees(capsys: pytest.CaptureFixture[str]) -> None:
    assert campaign.main("3", "2", "2", "100") == 0
    assert "3 programs, 0 disagree" in capsys.readouterr().out


@pytest.mark.slow
def test_many_random_programs_trained() -> None:
    assert {trainings.check(seed) for seed in range(40, 100)} <= {"agree", "not fit", "error"}


@pytest.mark.slow
@pytest.mark.parametrize(
    "seeds", [range(100, 240), *(range(n, n + 100) for n in range(1000, 1300, 100))], ids=str
)
def test_many_random_programs(seeds: range) -> None:
    assert failures(seeds) == []


@pytest.mark.slow
@pytest.mark.parametrize(("language", "needs"), [("c", "cc"), ("javascript", "node")])
def test_random_programs_in_other_languages(language: str, needs: str) -> None:
    if shutil.which(needs) is None:
        pytest.skip(f"needs {needs}")
    assert abroad.failures(language, list(islice(abroad.cases(0), 50))) == []


@pytest.mark.slow
@pytest.mark.parametrize("language", ["torch", "jax"])
def test_random_programs_in_other_libraries(language: str) -> None:
    pytest.importorskip(language, reason=f"needs the extra {language}")
    assert abroad.failures(language, list(islice(abroad.cases(0), 30))) == []
