"""Dates along an axis of the pairs."""

import pytest

from engine.data.columns.dates import END_S, FIRST_S, seconds_of
from gui.panels.data_viewer.date_axis import DateAxis


@pytest.mark.parametrize(
    ("low", "high", "texts"),
    [
        ("2019-12-28", "2020-12-31", ["2020-01", "2020-03", "2020-05", "2020-07", "2020-09", "2020-11"]),
        ("1990-06-01", "2020-06-01", ["1995", "2000", "2005", "2010", "2015", "2020"]),
        ("2020-01-30", "2020-02-19", ["02-03", "02-08", "02-13", "02-18"]),
        ("2020-01-31 21:30", "2020-02-01 01:00", ["31, 22:00", "31, 23:00", "01, 00:00", "01, 01:00"]),
        ("2020-01-31 20:00", "2020-01-31 21:01", ["20:00", "20:20", "20:40", "21:00"]),
    ],
)
def test_ticks_are_dates_that_people_count_by(low, high, texts):
    ticks = DateAxis(seconds_of(low), seconds_of(high), "day").ticks(480)
    assert [tick.text for tick in ticks] == texts
    assert all(seconds_of(low) <= tick.position <= seconds_of(high) for tick in ticks)


@pytest.mark.parametrize("span", [1.0, 1e5, 1e7, 1e9, END_S - FIRST_S])
def test_there_are_no_ticks_beyond_the_years_that_there_are(span):
    for low, high in ((FIRST_S - 0.04 * span, FIRST_S + span), (END_S - span, END_S + 0.04 * span)):
        ticks = DateAxis(low, high, "day").ticks(480)
        assert ticks
        assert all(FIRST_S <= tick.position < END_S for tick in ticks)
