"""The axis of a layer's histogram, and what stands above it in words."""

import math

from engine.insight.distributions import Histogram
from gui.kit.numbers import quantity_text, reading_text
from gui.kit.scales import Interval, Tick, linear_ticks
from gui.kit.text import tr
from gui.kit.theme import scaled


def axis_range(found: Histogram) -> Interval:
    """What the axis shows: as far as the bins, rounded up to 1, 2, 5 × 10ⁿ; from 0 where nothing is below it.

    Rounded, because it then stays where it is while the weights move, and is the same for similar layers.
    """
    limit = _rounded_limit(found)
    return (0.0 if found.edges[0] >= 0 else -limit), limit


def _rounded_limit(found: Histogram) -> float:
    end = float(max(abs(found.edges[0]), abs(found.edges[-1])))
    if not (math.isfinite(end) and end > 0):
        return 1.0
    power = 10.0 ** math.floor(math.log10(end))
    return next(m * power for m in (1, 1.5, 2, 3, 5, 7.5, 10) if m * power >= end * (1 - 1e-9))


def axis_ticks(axis: Interval, width: float) -> list[Tick]:
    """Round numbers."""
    return linear_ticks(*axis, max(int(width / scaled(52)), 2))


def summary(found: Histogram, noun: str) -> tuple[str, bool]:
    """σ and the largest value in a few words, and whether something is wrong with the values."""
    letter = {"weight": "w", "bias": "b", "gradient": "g", "activation": "a"}.get(noun, "Δw")
    std, largest = (reading_text(value) for value in (found.std, found.largest))
    text = tr("σ {std}  |{letter}| max {largest}", std=std, letter=letter, largest=largest)
    if not found.non_finite:
        return text, False
    bad = quantity_text(found.non_finite, f"{noun} is", f"{many_of(noun)} are")
    finite = int(found.counts.sum()) + found.below + found.above
    return (
        tr("{bad} not finite · {value}", bad=bad, value=text) if finite else tr("{bad} not finite", bad=bad)
    ), True


def many_of(noun: str) -> str:
    """The plural."""
    return "biases" if noun == "bias" else f"{noun}s"
