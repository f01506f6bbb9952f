"""Ranges and ticks of axes: what is shown, and where the lines stand. No Qt.

On a logarithmic axis all positions are powers of ten: −2 stands for 0.01.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gui.kit.numbers import MINUS, THIN_SPACE, count_text, power_text, reading_text, tick_text

Interval = tuple[float, float]

Numbers = NDArray[np.float64]

MARGIN = 0.06
"""Part of the range that stays free above the highest and below the lowest value."""
LARGEST, SMALLEST = 1e300, 1e-300
"""Values beyond are shown at these, so that sums with ranges stay finite and differences are not 0."""
NOTHING_TO_SHOW: Interval = (0.0, 1.0)
"""The range of an axis without values."""
FEWEST_DECADES = 1.0
"""A logarithmic axis shows at least so many, or noise would fill it."""
MIDDLE = 0.96
"""Part of a line's values that a robust range always holds."""
ROBUST_REACH, REACH_OF_FEW, FEW = 1.5, 4.0, 50
"""How far beyond the middle values a robust range may reach, in ranges of these; farther where there are few
values, of which each one is something to see."""
SAME_SIZE, SAME_DECADES = 0.05, 2.0
"""Values that differ by less than this part of their size, or by less than these decades, count as a range of
that width: where nearly all are the same, the others are not outliers for that alone."""
FROM_ZERO = 0.4
"""A range of positive values begins at 0 if its lowest is less than this part of its highest."""
WIDE_STEPS = (1.0, 2.0, 5.0, 10.0)
CLOSE_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
"""Multiples of a power of ten that ticks may be apart; the closer ones, where few ticks have room."""


@dataclass(frozen=True)
class Tick:
    position: float
    text: str


def linear_range(
    values: Sequence[Numbers], *, robust: bool = False, samples: Sequence[Numbers] | None = None
) -> Interval | None:
    """Room for all finite values of some lines, or for those that `robust_range` keeps of each; None where
    there are none.

    samples : of each line, where `values` are its extremes alone.
    """
    found = _joined(values, samples or values, SAME_SIZE, robust)
    if found is None:
        return None
    low, high = found
    if 0 <= low < FROM_ZERO * high:
        return 0.0, high + MARGIN * high
    span = high - low or abs(high) or 1.0
    return low - MARGIN * span, high + MARGIN * span


def logarithmic_range(
    powers: Sequence[Numbers], *, robust: bool = False, samples: Sequence[Numbers] | None = None
) -> Interval | None:
    """The same for values that are already powers of ten."""
    found = _joined(powers, samples or powers, SAME_DECADES, robust)
    if found is None:
        return None
    low, high = found
    missing = max(FEWEST_DECADES - (high - low), 0.0) / 2
    margin = max(MARGIN * (high - low), 0.05)
    return low - missing - margin, high + missing + margin


def with_room(upright: Interval, above: float, below: float, height: float) -> Interval:
    """The same range, drawn so that so many of the pixels of its height stay free at top and foot."""
    low, high = upright
    pixel = (high - low) / max(height - above - below, above + below, 1.0)
    return low - below * pixel, high + above * pixel


def linear_ticks(low: float, high: float, most: int, multiples: Sequence[float] = WIDE_STEPS) -> list[Tick]:
    """At most so many round numbers, and two at least where there is room for them."""
    step = _round_step((high - low) / max(most, 1), multiples)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [Tick(number * step, tick_text(number * step, step)) for number in range(first, last + 1)]


def whole_ticks(low: float, high: float, most: int) -> list[Tick]:
    """The same, for an axis that counts: no fractions, unless less than two whole numbers are in sight."""
    ticks = linear_ticks(low, high, most)
    whole = [tick for tick in ticks if abs(tick.position - round(tick.position)) < 1e-9]
    if len(whole) < 2:
        return ticks
    return [Tick(tick.position, count_text(round(tick.position))) for tick in whole]


def percent_ticks(low: float, high: float, most: int) -> list[Tick]:
    """Shares of 1, written in per cent; none beyond 100 %."""
    step = _round_step((high - low) / max(most, 1), WIDE_STEPS)
    ticks = linear_ticks(low, min(high, 1.0), most)
    return [Tick(t.position, f"{tick_text(100 * t.position, 100 * step)}{THIN_SPACE}%") for t in ticks]


def decade_ticks(low: float, high: float, most: int) -> list[Tick]:
    """Powers of ten; where less than two are in sight, 1, 2 and 5 times them in plain numbers."""
    first, last = math.ceil(low - 1e-9), math.floor(high + 1e-9)
    if last - first < 1:
        return _between_decades(low, high)
    stride = next(s for s in (1, 2, 3, 5, 10, 20, 50, 100, 200, 500) if (last - first) // s < max(most, 2))
    return [Tick(n, power_text(n)) for n in range(first, last + 1) if n % stride == 0]


def _between_decades(low: float, high: float) -> list[Tick]:
    powers = range(math.floor(low), math.ceil(high) + 1)
    for leading in ((1, 2, 5), (1, 1.5, 2, 3, 4, 5, 6, 7, 8, 9)):
        values = [(m, n) for n in powers for m in leading if low <= math.log10(m) + n <= high]
        if len(values) > 1:
            return [Tick(math.log10(m) + n, _leading_text(m, n)) for m, n in values]
    return [Tick(place, reading_text(10.0 ** min(place, 308.0), digits=4)) for place in (low, high)]


def _leading_text(leading: float, exponent: int) -> str:
    """0.05, 20, 1.5e−7."""
    if not -5 < exponent < 6:
        return f"{leading:g}e{exponent}".replace("-", MINUS)
    digit = exponent if leading == int(leading) else exponent - 1
    return tick_text(leading * 10.0**exponent, 10.0**digit)


def robust_range(values: Numbers, sample: Numbers | None = None, least: float = 0.0) -> Interval:
    """From the lowest to the highest of some finite values, outliers left out.

    The rule: the middle 96 % are kept, and others up to one and a half times the range of these away from
    them, so that the middle always has a quarter of the whole at least, and two fifths of it where outliers
    lie on one side only; of fewer than 50, up to four times that range. sample : of what the middle is found.
    least : what its range counts for at least, where the middle 96 % are nearly the same.
    """
    middle = values if sample is None else sample
    # Values themselves, none between two: half-way to an outlier would still be far out.
    low = float(np.quantile(middle, 0.5 - MIDDLE / 2, method="higher"))
    high = float(np.quantile(middle, 0.5 + MIDDLE / 2, method="lower"))
    # Of few values, those of both ends may have changed places.
    low, high = min(low, high), max(low, high)
    reach = (REACH_OF_FEW if len(middle) < FEW else ROBUST_REACH) * max(high - low, least)
    kept = values[(values >= low - reach) & (values <= high + reach)]
    return min(low, float(kept.min(initial=low))), max(high, float(kept.max(initial=high)))


def _joined(
    lines: Sequence[Numbers], samples: Sequence[Numbers], same: float, robust: bool
) -> Interval | None:
    """What all lines move between; None where none has a finite value."""
    ends = []
    for line, sample in zip(lines, samples, strict=True):
        values, middle = _finite(line), _finite(sample)
        if len(values) and robust:
            middle = middle if len(middle) else values
            ends.append(robust_range(values, middle, _least(middle, same)))
        elif len(values):
            ends.append((float(values.min()), float(values.max())))
    return (min(low for low, _ in ends), max(high for _, high in ends)) if ends else None


def _least(values: Numbers, same: float) -> float:
    return same if same == SAME_DECADES else same * abs(float(np.median(values)))


def _finite(values: Numbers) -> Numbers:
    finite: Numbers = np.clip(values[np.isfinite(values)], -LARGEST, LARGEST)
    finite[np.abs(finite) < SMALLEST] = 0.0
    return finite


def _round_step(least: float, multiples: Sequence[float]) -> float:
    """The smallest of the multiples (1, 2, 5, 10) of a power of ten that is not below this."""
    exponent = math.floor(math.log10(max(least, 1e-300)) + 1e-9)
    return next(m * 10.0**exponent for m in multiples if m * 10.0**exponent >= least * (1 - 1e-9))
