"""Numbers as people type and step them, and the ranges that fields allow. Knows no Qt.

Accepted: 1e-3, 1E−3, .5, 0,5 (a decimal comma), 10 000 (spaces between thousands).
"""

import math
import re
from dataclasses import dataclass
from decimal import Decimal

from gui.kit.number_text import number_text

_PATTERN = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.IGNORECASE)
_THOUSANDS_OR_DECIMAL = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}")
_LEAST_DECADE = -6
"""Where a logarithmic slider or step begins when the range itself begins at 0."""


@dataclass(frozen=True)
class Range:
    """The numbers a field takes; `open` ends are not part of it."""

    low: float = -math.inf
    high: float = math.inf
    low_open: bool = False
    high_open: bool = False
    whole: bool = False

    def __contains__(self, value: float) -> bool:
        above = value > self.low if self.low_open else value >= self.low
        below = value < self.high if self.high_open else value <= self.high
        return above and below

    def expected(self) -> str:
        """For sentences: "a whole number from 1 to 64", "a number above 0"."""
        text = self.text()
        link = "of " if text.startswith("at ") else ""
        return f"a {'whole ' if self.whole else ''}number {link}{text}".strip()

    def text(self) -> str:
        """For tooltips: "from 0 to 1", "above 0 and at most 1000"; empty without bounds."""
        if not self.low_open and not self.high_open and math.isfinite(self.low) and math.isfinite(self.high):
            return f"from {number_text(self.low)} to {number_text(self.high)}"
        parts = []
        if math.isfinite(self.low):
            parts.append(f"{'above' if self.low_open else 'at least'} {number_text(self.low)}")
        if math.isfinite(self.high):
            parts.append(f"{'below' if self.high_open else 'at most'} {number_text(self.high)}")
        return " and ".join(parts)


def parse_number(text: str, allowed: Range, unit: str = "") -> float:
    """Read what a person typed; raises ValueError with a sentence that can stand beside the field."""
    plain = text.strip().removesuffix(unit).strip().replace("\N{MINUS SIGN}", "-")
    plain = re.sub(r"(?<=\d)[\s_'\u2009\u202f](?=\d{3})", "", plain)
    if _THOUSANDS_OR_DECIMAL.fullmatch(plain):
        joined, decimal = plain.replace(",", ""), plain.replace(",", ".")
        raise ValueError(f"'{text.strip()}' can mean {joined} or {decimal}. Write one of these.")
    plain = plain.replace(",", ".")
    if not _PATTERN.fullmatch(plain):
        found = f"'{_shortened(text.strip())}'" if plain else "nothing"
        raise ValueError(f"Needs {allowed.expected()}, found {found}.")
    value = float(plain)
    if not math.isfinite(value) or (allowed.whole and value != int(value)) or value not in allowed:
        raise ValueError(f"Needs {allowed.expected()}, found {_shortened(text.strip())}.")
    return int(Decimal(plain)) if allowed.whole else value


def stepped(value: float | None, steps: int, allowed: Range, *, logarithmic: bool = False) -> float:
    """The number `steps` steps up or down: by 1 or a round fraction, and never out of the range.

    logarithmic : along 1, 2, 5 of each decade; whole numbers (units, batch sizes) along powers of two.
    """
    if value is None:
        start = 10.0**-4 if logarithmic else 1.0
        value = start if start in allowed else allowed.low if allowed.low in allowed else allowed.high
        return round(value) if allowed.whole else value
    if logarithmic:
        new = _along_ladder(value, steps, allowed)
    elif allowed.whole:
        new = value + steps
    else:
        step = Decimal(repr(linear_step(value, allowed)))
        # Decimal, and to a multiple of the step: 0.1 + 0.2 shall read 0.3.
        new = float((Decimal(repr(float(value))) / step).to_integral_value() * step + steps * step)
    if allowed.whole:
        new = round(new)
        new = max(new, value + 1) if steps > 0 else min(new, value - 1)
    closed_low = allowed.low if not allowed.low_open else value
    closed_high = allowed.high if not allowed.high_open else value
    if new not in allowed:
        new = closed_high if steps > 0 else closed_low
    return int(new) if allowed.whole else float(new)


def linear_step(value: float, allowed: Range) -> float:
    """A round step: a hundredth of the range, but not more than a tenth of the number's own decade."""
    span = allowed.high - allowed.low
    of_range = _round_down(span / 100) if math.isfinite(span) and span > 0 else math.inf
    of_value = 10.0 ** (math.floor(math.log10(abs(value))) - 1) if value else 0.1
    return of_range if span <= 10 else min(of_range, max(of_value, 1e-6))


def decades(allowed: Range) -> tuple[float, float]:
    """The ends of a logarithmic slider, as powers of ten."""
    low = math.log10(allowed.low) if allowed.low > 0 else _LEAST_DECADE
    high = math.log10(allowed.high) if 0 < allowed.high < math.inf else 3
    return float(low), float(high)


def _along_ladder(value: float, steps: int, allowed: Range) -> float:
    floor = decades(allowed)[0]
    if value <= 0:
        return float(Decimal(1).scaleb(round(floor))) if steps > 0 else value
    if allowed.whole:
        rungs = [Decimal(2) ** power for power in range(40)]
    else:
        rungs = [Decimal(m).scaleb(e) for e in range(-12, 13) for m in (1, 2, 5)]
    here = Decimal(repr(float(value)))
    beyond = [r for r in rungs if r > here] if steps > 0 else [r for r in reversed(rungs) if r < here]
    if not beyond:
        return value
    new = float(beyond[min(abs(steps), len(beyond)) - 1])
    return 0.0 if new < 10.0**floor and 0.0 in allowed else new


def _round_down(value: float) -> float:
    """The nearest of 1, 2, 5 × 10ⁿ that is not above the value."""
    exponent = math.floor(math.log10(value) + 1e-9)
    leading = max(m for m in (1, 2, 5) if m <= value / 10.0**exponent + 1e-9)
    return float(Decimal(leading).scaleb(exponent))


def _shortened(text: str) -> str:
    return text if len(text) <= 40 else text[:39] + "…"
