"""Tests of the tests: they detect a derivative that is 0.1 % off, in any argument of any row.

The mutants of `python -m tests.mutation` also match the current code.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Sequence
from functools import partial
from operator import mul
from pathlib import Path

import pytest
from mpmath import mpf

from autograd_core.operations.operation import TABLE, Operation
from tests.checker import Slopes, faults_in_partials, faults_in_values, slopes_at, value_at
from tests.measuring import error
from tests.mutation.__main__ import ALL
from tests.mutation.mutant import ROOT, Mutant
from tests.reference import REFERENCES, expected_partials
from tests.sampling import Point
from tests.special_references import OF_ORDER

ALIKE = {"add", "sum", "mean", "equal"}  # rows with the same derivative by every argument
every_row = pytest.mark.parametrize("row", TABLE.values(), ids=lambda row: row.name)


def mutated(row: Operation, slot: int, change: Callable[[float], float]) -> Slopes:
    """Return the row's local derivatives, with the one in `slot` changed."""

    def slopes(point: Point, y: float) -> Sequence[float]:
        return [change(d) if i == slot else d for i, d in enumerate(slopes_at(row, point, y))]

    return slopes


def is_constant(row: Operation, slot: int) -> bool:
    """Whether the derivative is 0 wherever it exists, like that of `sign`, so a factor changes nothing."""
    return all(len(slopes) <= slot or not slopes[slot] for slopes in expected_partials(row.name))


def slots_of(row: Operation) -> range:
    first = 1 if row.name in OF_ORDER else 0  # There is no derivative by an order.
    return range(first, row.arity or max(map(len, REFERENCES[row.name].points)))


@pytest.mark.slow
@every_row
def test_derivative_that_is_a_little_off_is_caught(row: Operation) -> None:
    for slot in slots_of(row):
        for factor in (1.001, 0.999):
            if not is_constant(row, slot):
                assert faults_in_partials(row, mutated(row, slot, partial(mul, factor)), 1), (slot, factor)
        assert faults_in_partials(row, mutated(row, slot, lambda d: d + 0.001), 1), slot


@pytest.mark.slow
@every_row
def test_derivative_of_zero_or_of_wrong_sign_is_caught(row: Operation) -> None:
    for slot in slots_of(row):
        if not is_constant(row, slot):
            assert faults_in_partials(row, mutated(row, slot, lambda d: 0.0), 1), slot
            assert faults_in_partials(row, mutated(row, slot, lambda d: -d), 1), slot
        assert faults_in_partials(row, mutated(row, slot, lambda d: float("nan")), 1), slot


@pytest.mark.parametrize(
    "name", [name for name, row in TABLE.items() if row.arity != 1 and name not in ALIKE]
)
def test_derivatives_in_the_wrong_order_are_caught(name: str) -> None:
    row = TABLE[name]
    assert faults_in_partials(row, lambda point, y: slopes_at(row, point, y)[::-1], 1)


# Rules that look right but are wrong.
WRONG_RULES: dict[str, Sequence[Callable[..., float]]] = {
    "square": [lambda x, y: 2.001 * x, lambda x, y: x, lambda x, y: 2.0],
    "sub": [lambda a, b, y: 1.0, lambda a, b, y: 1.0],
    "mul": [lambda a, b, y: a, lambda a, b, y: b],
    "neg": [lambda x, y: 1.0],
}


def following(rules: Sequence[Callable[..., float]]) -> Slopes:
    return lambda point, y: [rule(*point, y) for rule in rules]


@pytest.mark.parametrize("name", WRONG_RULES)
def test_checker_refuses_wrong_rules(name: str) -> None:
    row = TABLE[name]
    rules = WRONG_RULES[name]
    tries = [rules] if row.arity == len(rules) else [[rule] for rule in rules]
    for wrong in tries:
        assert faults_in_partials(row, following(wrong), 1)


def test_checker_accepts_right_rules() -> None:
    assert not faults_in_partials(TABLE["square"], lambda point, y: [2.0 * point[0]])
    assert not faults_in_partials(TABLE["mul"], lambda point, y: [point[1], point[0]])


def test_checker_wants_every_argument() -> None:
    with pytest.raises(ValueError, match="zip"):
        faults_in_partials(TABLE["mul"], lambda point, y: [point[1]])


def test_checker_sees_lost_digits() -> None:
    """`1 - tanh(x)**2` is correct on paper, but has no digits left at x = 20."""
    faults = faults_in_partials(TABLE["tanh"], lambda point, y: [1.0 - y * y])
    assert any("20" in fault or "19" in fault for fault in faults)


def test_wrong_value_is_caught() -> None:
    good = TABLE["exp"]
    bad = Operation("exp", lambda x: good.forward(x) * (1.0 + 1e-14), good.partials)
    assert not faults_in_values(good)
    assert faults_in_values(bad)


@pytest.mark.parametrize(
    ("got", "expected", "off"),
    [
        (1.0, 1.0, 0.0),
        (1.001, 1.0, 0.001),
        (0.0, 1.0, 1.0),
        (-1.0, 1.0, 2.0),
        (float("nan"), 1.0, float("inf")),
        (float("inf"), 1.0, float("inf")),
        (1e308, mpf("1e400"), float("inf")),
        (0.0, 1e-300, 1.0),
        (1e-300, 0.0, 1e-300 / 2.0**-1022),
        (float("inf"), mpf("1e400"), 0.0),
        (float("-inf"), mpf("1e400"), float("inf")),
        (5e-324, 0.0, 2.0**-52),
    ],
)
def test_error_is_relative(got: float, expected: float, off: float) -> None:
    assert error(got, expected) == pytest.approx(off, rel=1e-9)


def test_value_of_the_row_is_what_the_checker_looks_at() -> None:
    assert value_at(TABLE["hypot"], (3.0, 4.0)) == 5.0
    assert value_at(TABLE["norm"], (3.0, 4.0)) == 5.0


def test_every_mutant_is_of_text_that_stands_in_its_file_once() -> None:
    """Where a line has changed, change its mutant in `tests/mutation/mutants_*.py` too."""
    unfit = []
    for mutant in ALL:
        try:
            mutant.text(ROOT)
        except ValueError as error:
            unfit.append(str(error))
    assert unfit == []
    assert all(mutant.old != mutant.new for mutant in ALL)


def test_no_mutant_is_there_twice() -> None:
    assert len({(mutant.file, mutant.old, mutant.new) for mutant in ALL}) == len(ALL)


def absent(tests: str) -> list[str]:
    """What a mutant's tests name that is not there: functions, rows, words of `-k`."""
    words = shlex.split(tests)
    k = words.index("-k") if "-k" in words else len(words)
    places = [word.partition("::") for word in words[:k] + words[k + 2 :] if not word.startswith("-")]
    texts = [(ROOT / file).read_text(encoding="utf-8") for file, _, _ in places]
    found = []
    for (_, _, name), text in zip(places, texts, strict=True):
        function, _, row = name.rstrip("]").partition("[")
        if name and (f"def {function}(" not in text or (row and row not in TABLE)):
            found.append(name)
    known = " ".join([*texts, *TABLE]).lower()
    chosen = {*re.findall(r"\w+", " ".join(words[k + 1 : k + 2]))} - {"or", "and", "not"}
    return found + [word for word in chosen if word.lower() not in known]


def test_the_tests_of_every_mutant_exist() -> None:
    assert {tests: gone for tests in {mutant.tests for mutant in ALL} if (gone := absent(tests))} == {}
    assert absent("tests/test_mutation.py -k 'absent and not gone' --doctest-modules") == [] == absent("")
    gone = "q" * 9
    wrong = (
        f"tests/test_mutation.py::test_nothing 'tests/test_mutation.py::absent[{gone}]' -k '{gone} or absent'"
    )
    assert absent(wrong) == ["test_nothing", f"absent[{gone}]", gone]


def test_a_mutant_of_other_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "some.py").write_text("x = 1\ny = 1\n", encoding="utf-8")
    assert Mutant("some.py", "x = 1", "x = 2", "tests").text(tmp_path) == "x = 2\ny = 1\n"
    for file, old in (("some.py", "z = 1"), ("some.py", "= 1"), ("gone.py", "x = 1")):
        with pytest.raises(ValueError, match="expected once"):
            Mutant(file, old, "", "tests").text(tmp_path)
