"""Numbers as people type and step them, the ranges that fields allow, and numbers as the window writes
them: a real minus sign, thin spaces between thousands. Knows no Qt.
"""

import math
import re
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from engine.arrays import Shape
from gui.kit.text import plural, tr

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
            return tr("from {low} to {high}", low=number_text(self.low), high=number_text(self.high))
        parts = []
        if math.isfinite(self.low):
            text = tr("above {bound}") if self.low_open else tr("at least {bound}")
            parts.append(text.format(bound=number_text(self.low)))
        if math.isfinite(self.high):
            text = tr("below {bound}") if self.high_open else tr("at most {bound}")
            parts.append(text.format(bound=number_text(self.high)))
        return tr("{one} and {other}", one=parts[0], other=parts[1]) if len(parts) > 1 else "".join(parts)


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


FRACTION_SLASHES = str.maketrans("\N{FRACTION SLASH}\N{DIVISION SLASH}", "//")


def parse_fraction(text: str, allowed: Range) -> float:
    """A number, or one that is divided by another ("1/3", "−2/5"); raises ValueError as `parse_number`."""
    above, slash, below = text.translate(FRACTION_SLASHES).partition("/")
    if not slash:
        return parse_number(text, allowed)
    numerator, denominator = parse_number(above, Range()), parse_number(below, Range())
    if not denominator:
        raise ValueError(f"'{_shortened(text.strip())}' divides by 0.")
    value = numerator / denominator
    if value not in allowed:
        raise ValueError(f"Needs {allowed.expected()}, found {_shortened(text.strip())}.")
    return value


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


MINUS = "\N{MINUS SIGN}"
THIN_SPACE = "\N{NARROW NO-BREAK SPACE}"
NOT_FINITE = tr("not finite")
_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def number_text(value: float | np.floating) -> str:
    """The shortest text that reads back as the same number, as a person types it: 0.01, 1e-4, 32, 1.5e7.

    One of NumPy's reads back as the same in its own precision: a third in float32 is 0.33333334.
    """
    if isinstance(value, int):
        return str(value)
    if value == 0:
        return "0"
    decimal = Decimal(str(value)).normalize()
    exponent = decimal.adjusted()
    if -4 < exponent < 6:
        return f"{decimal:f}"
    sign, digits, _ = decimal.as_tuple()
    first, rest = str(digits[0]), "".join(map(str, digits[1:]))
    return f"{'-' * sign}{first}{'.' * bool(rest)}{rest}e{exponent}"


def reading_text(value: float, digits: int = 3) -> str:
    """A measured number to so many significant digits: 0.482, −12.1, 3.10e−5; "not finite" for NaN, infinity.

    Scientific notation begins where plain digits would be mostly zeros: below 0.001 or from 100 000 on with
    three digits, below 0.0001 or from a million on with four.
    """
    if not math.isfinite(value):
        return NOT_FINITE
    if value == 0:
        return "0"
    order = math.floor(math.log10(abs(value)))
    longest = max(digits, 3)
    if -longest - 1 < order < longest + 2:
        return f"{value:.{max(digits - 1 - order, 0)}f}".replace("-", MINUS)
    return _scientific(value, digits - 1)


def shorter_texts(value: float, digits: int = 3) -> list[str]:
    """Readings of a number for narrow places, from the best to the shortest: 0.00217, 0.0022, 0.002, 2e−3."""
    texts = [reading_text(value, number) for number in range(digits, 0, -1)]
    return [*texts, _scientific(value, 0)] if math.isfinite(value) and value != 0 else texts


def tick_text(value: float, step: float) -> str:
    """A tick of an axis whose ticks are a step apart: no more decimals than tell them apart."""
    if value == 0:
        return "0"
    # A step of 2.5 needs one digit more than its order says.
    between = round(step / 10.0 ** _order(step), 6) % 1 != 0
    if max(abs(value), step) >= 1e6 or step < 1e-4:
        return _scientific(value, max(_order(value) - _order(step) + between, 0))
    return f"{value:.{max(between - _order(step), 0)}f}".replace("-", MINUS)


def power_text(exponent: int) -> str:
    """Ten to a whole number: 10⁻³."""
    return "10" + str(exponent).translate(_RAISED)


def percent_text(fraction: float, decimals: int = 1) -> str:
    """A fraction of 1 in per cent: 0.984 → "98.4 %"."""
    if not math.isfinite(fraction):
        return NOT_FINITE
    return f"{100 * fraction:.{decimals}f}{THIN_SPACE}%".replace("-", MINUS)


def count_text(value: float) -> str:
    """A whole number (the nearest one) with thin spaces between thousands: 18 420."""
    return f"{value:,.0f}".replace(",", THIN_SPACE).replace("-", MINUS)


def short_count_text(value: int) -> str:
    """A count where there is little room: 54, 218 970, 16.8 M."""
    if value < 1_000_000:
        return count_text(value)
    millions = value / 1e6
    return f"{millions:.1f}{THIN_SPACE}M" if millions < 99.95 else f"{count_text(millions)}{THIN_SPACE}M"


def quantity_text(value: int, one: str, many: str) -> str:
    """A count with its noun: "1 row", "344 rows"."""
    return f"{count_text(value)} {plural(value, one, many)}"


def shape_text(shape: Shape) -> str:
    """A sample's shape: 8 values, 1 value, 28 × 28 × 1."""
    if len(shape) == 1:
        return quantity_text(shape[0], "value", "values")
    return " × ".join(map(str, shape))


def bytes_text(size: int) -> str:
    """Memory to two digits: 38 kB, 1.2 MB."""
    units = ("kB", "MB", "GB", "TB")
    power = next((n for n in range(1, len(units)) if size < 999.5 * 1000**n), len(units))
    return f"{_two_digits(size / 1000**power)}{THIN_SPACE}{units[power - 1]}"


def estimate_text(seconds: float) -> str:
    """A time that is only estimated, to one or two digits: 8 ms, 0.4 s, 12 s, 3 min, 2.5 h."""
    if seconds < 0.0995:
        return f"{_two_digits(seconds * 1000)}{THIN_SPACE}ms"
    if seconds < 99.5:
        return f"{_two_digits(seconds)}{THIN_SPACE}s"
    if seconds < 99.5 * 60:
        return f"{_two_digits(seconds / 60)}{THIN_SPACE}min"
    return f"{_two_digits(seconds / 3600)}{THIN_SPACE}h"


def duration_text(seconds: float) -> str:
    """A time to the second: "6 s", "2 min 5 s", "1 h 20 min"."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return tr("{minutes} min {seconds} s", minutes=whole // 60, seconds=whole % 60)
    return tr("{hours} h {minutes} min", hours=whole // 3600, minutes=whole % 3600 // 60)


def _order(value: float) -> int:
    """The power of ten of the first digit; the tolerance keeps 0.001 at −3."""
    return math.floor(math.log10(abs(value)) + 1e-9)


def _scientific(value: float, decimals: int) -> str:
    mantissa, exponent = f"{value:.{decimals}e}".split("e")
    return f"{mantissa}e{int(exponent)}".replace("-", MINUS)


def _two_digits(value: float) -> str:
    if value >= 9.95:
        return count_text(float(f"{value:.2g}"))
    return f"{value:.1f}".removesuffix(".0") if value >= 0.95 else f"{value:.2g}"
