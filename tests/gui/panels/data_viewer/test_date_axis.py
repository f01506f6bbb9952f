"""Dates along an axis of the pairs."""

from engine.data.dates import FIRST_S, seconds_of
from gui.panels.data_viewer.pairs import DateAxis


def test_ticks_are_dates_with_room_for_their_texts():
    axis = DateAxis(seconds_of("2019-12-28"), seconds_of("2020-12-31"), "day")
    ticks = axis.ticks(480)
    assert 2 <= len(ticks) <= 4
    assert all(seconds_of(tick.text) == tick.position for tick in ticks)


def test_before_the_first_year_there_are_no_ticks():
    axis = DateAxis(FIRST_S - 1e9, FIRST_S + 1e9, "day")
    assert all(tick.position >= FIRST_S for tick in axis.ticks(480))
    assert axis.ticks(480)
