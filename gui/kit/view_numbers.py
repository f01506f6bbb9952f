"""Numbers as the views write them: three digits that matter, a real minus sign, thin spaces in thousands."""

import math

from engine.arrays import Shape

MINUS = "\N{MINUS SIGN}"
THIN_SPACE = "\N{NARROW NO-BREAK SPACE}"
NOT_FINITE = "not finite"


def number(value: float, digits: int = 3) -> str:
    """A measured number: 0.482, −12.1, 3.1e−5; "not finite" where it is NaN or infinite."""
    if not math.isfinite(value):
        return NOT_FINITE
    if value == 0:
        return "0"
    order = math.floor(math.log10(abs(value)))
    if -4 < order < 5:
        text = f"{value:.{max(digits - 1 - order, 0)}f}"
    else:
        mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
        text = f"{mantissa}e{int(exponent)}"
    return text.replace("-", MINUS)


def percent(share: float, decimals: int = 1) -> str:
    """A share of 1 in per cent: 0.984 → "98.4 %"."""
    if not math.isfinite(share):
        return NOT_FINITE
    return f"{100 * share:.{decimals}f}{THIN_SPACE}%".replace("-", MINUS)


def count(value: int) -> str:
    """A whole number with thin spaces between thousands: 18 420."""
    return f"{value:,}".replace(",", THIN_SPACE).replace("-", MINUS)


def quantity(value: int, one: str, many: str) -> str:
    """A count with its noun: "1 row", "24 rows"."""
    return f"{count(value)} {one if value == 1 else many}"


def shape_text(shape: Shape) -> str:
    """A sample's shape as programs write it: (8,), (28, 28, 1)."""
    return f"({', '.join(map(str, shape))}{',' if len(shape) == 1 else ''})"
