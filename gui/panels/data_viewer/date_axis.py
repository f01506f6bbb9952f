"""An axis of dates: ticks at the beginning of years and months, or at round days, hours and minutes."""

import math
from datetime import datetime, timedelta

from engine.data.columns.dates import DAY_S, END_S, FIRST_S
from gui.kit.plot_parts import TICK_GAP, Axis
from gui.kit.scales import CLOSE_STEPS, Tick, linear_ticks
from gui.kit.theme import scaled

MONTHS_FROM_S = 100 * DAY_S
"""From this span on, ticks stand at the beginning of months; below, at round numbers of units."""
UNITS = ((3 * DAY_S, DAY_S, "%m-%d"), (3 * 3600, 3600, "%d, %H:%M"), (180, 60, "%H:%M"), (0, 1, "%H:%M:%S"))
"""The least span, the unit, and how a tick is written: beside an upright axis there is little room."""
MONTH_STEPS = (1, 2, 3, 6, *(12 * years for years in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000)))
YEAR = 12
"""Months."""


class DateAxis(Axis):
    """Seconds since 1970, of which ticks show dates, or times where the span is short."""

    def ticks(self, length: float) -> list[Tick]:
        most = max(int(length // scaled(TICK_GAP)), 2)
        span = self.high - self.low
        if span >= MONTHS_FROM_S:
            return _of_months(_moment(max(self.low, FIRST_S)), _moment(min(self.high, END_S - 1)), most)
        unit, form = next((unit, form) for least, unit, form in UNITS if span >= least)
        ticks = linear_ticks(self.low / unit, self.high / unit, most, CLOSE_STEPS)
        places = (tick.position * unit for tick in ticks)
        return [Tick(place, _moment(place).strftime(form)) for place in places if FIRST_S <= place < END_S]


def _of_months(low: datetime, high: datetime, most: int) -> list[Tick]:
    """The beginning of every so many months: "2020-07", or "2020" where only years begin."""
    first, last = YEAR * low.year + low.month - 1, YEAR * high.year + high.month - 1
    step = next(step for step in MONTH_STEPS if (last - first) / step <= most)
    ticks = []
    for month in range(math.ceil(first / step) * step, last + 1, step):
        at = datetime(month // YEAR, month % YEAR + 1, 1)
        if at >= low:
            text = f"{at.year}" if step % YEAR == 0 else f"{at.year}-{at.month:02}"
            ticks.append(Tick((at - datetime(1970, 1, 1)).total_seconds(), text))
    return ticks


def _moment(seconds: float) -> datetime:
    return datetime(1970, 1, 1) + timedelta(seconds=seconds)
