"""Numbers as axes and read-outs write them: a real minus sign, powers of ten with raised exponents. No Qt."""

import math

MINUS = "\N{MINUS SIGN}"
_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def reading(value: float, digits: int = 4) -> str:
    """A measured number with so many digits that matter: 0.08712, 1.2e−7, "not finite"."""
    if not math.isfinite(value):
        return "not finite"
    if value == 0:
        return "0"
    order = math.floor(math.log10(abs(value)))
    if -5 < order < 6:
        return f"{value:.{max(digits - 1 - order, 0)}f}".replace("-", MINUS)
    mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
    return f"{mantissa}e{int(exponent)}".replace("-", MINUS)


def tick(value: float, step: float) -> str:
    """A tick of an axis whose ticks are a step apart: no more decimals than tell them apart."""
    if value == 0:
        return "0"
    if max(abs(value), step) >= 1e6 or step < 1e-4:
        order = math.floor(math.log10(abs(value)) + 1e-9)
        digits = max(order - math.floor(math.log10(step) + 1e-9), 0)
        mantissa, exponent = f"{value:.{digits}e}".split("e")
        return f"{mantissa}e{int(exponent)}".replace("-", MINUS)
    decimals = max(-math.floor(math.log10(step) + 1e-9), 0)
    return f"{value:.{decimals}f}".replace("-", MINUS)


def power(exponent: int) -> str:
    """Ten to a whole number: 10⁻³."""
    return "10" + str(exponent).translate(_RAISED)


def count(value: int) -> str:
    """A whole number with thin spaces between thousands: 18 420."""
    return f"{value:,}".replace(",", "\N{NARROW NO-BREAK SPACE}")


def quantity(value: int, one: str, many: str) -> str:
    """A count with its noun: "1 value is", "3 values are"."""
    return f"{count(value)} {one if value == 1 else many}"
