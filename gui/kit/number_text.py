"""Numbers as the window writes them: a real minus sign, thin spaces between thousands. Knows no Qt."""

import math
from decimal import Decimal

from engine.arrays import Shape

MINUS = "\N{MINUS SIGN}"
THIN_SPACE = "\N{NARROW NO-BREAK SPACE}"
NOT_FINITE = "not finite"
_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def number_text(value: float) -> str:
    """The shortest text that reads back as the same number, as a person types it: 0.01, 1e-4, 32, 1.5e7."""
    if isinstance(value, int):
        return str(value)
    if value == 0:
        return "0"
    decimal = Decimal(repr(float(value))).normalize()
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
    return f"{count_text(value)} {one if value == 1 else many}"


def shape_text(shape: Shape) -> str:
    """A sample's shape: 8 values, 1 value, 28 × 28 × 1."""
    if len(shape) == 1:
        return "1 value" if shape[0] == 1 else f"{count_text(shape[0])} values"
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
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


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
