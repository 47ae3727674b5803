"""A step of the page costs less than a frame: processor time, which does not depend on what else runs."""

import pytest

from benchmarks.viz_stepper import work_of_steps

from . import functions

pytestmark = pytest.mark.browser

FRAME = 16.0
"""The milliseconds of a frame at 60 per second, rounded down."""


@pytest.mark.parametrize(
    ("made", "fragment"),
    [
        (functions.lecture, ""),
        (functions.network, ""),
        (functions.large, ""),
        (functions.large, "#open=3.34"),
    ],
    ids=["lecture", "2-3-1", "2-16-16-1, folded", "2-16-16-1, a neuron open"],
)
def test_a_step_is_less_work_than_a_frame(opened, made, fragment):
    stepper = made()
    page = opened(stepper, "screen", fragment=fragment)
    page.evaluate("document.fonts.ready")
    count = len(stepper.record.push)
    work = measured(page, range(2, count + 1, max(1, count // 15)))
    for _ in range(3):
        if slow := [place for place, spent in work.items() if spent > FRAME]:
            work |= measured(page, slow)
    assert not {place: spent for place, spent in work.items() if spent > FRAME}


def measured(page, places):
    """Return the work of each step. One above the limit is measured again: garbage may be collected in it."""
    return dict(zip(places, work_of_steps(page, places, tries=2), strict=True))
