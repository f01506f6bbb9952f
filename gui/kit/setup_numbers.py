"""Counts, sizes and times as the setup panels write them: rounded to what can be known."""

from engine.arrays import Shape

THIN_SPACE = "\N{NARROW NO-BREAK SPACE}"


def count_text(value: int) -> str:
    """A whole number with thin spaces between thousands: 18 420."""
    return f"{value:,}".replace(",", THIN_SPACE)


def short_count_text(value: int) -> str:
    """A count where there is little room: 54, 218 970, 16.8 M."""
    if value < 1_000_000:
        return count_text(value)
    millions = value / 1e6
    return (
        f"{millions:.1f}{THIN_SPACE}M" if millions < 99.95 else f"{count_text(round(millions))}{THIN_SPACE}M"
    )


def quantity_text(value: int, one: str, many: str) -> str:
    """A count with its noun: "1 row", "344 rows"."""
    return f"{count_text(value)} {one if value == 1 else many}"


def shape_text(shape: Shape) -> str:
    """A sample's shape as programs write it: (8,), (28, 28, 1)."""
    return f"({', '.join(map(str, shape))}{',' if len(shape) == 1 else ''})"


def bytes_text(size: int) -> str:
    """Memory to two digits: 38 kB, 1.2 MB."""
    units = ("kB", "MB", "GB", "TB")
    power = next((n for n in range(1, len(units)) if size < 999.5 * 1000**n), len(units))
    return f"{_two_digits(size / 1000**power)}{THIN_SPACE}{units[power - 1]}"


def duration_text(seconds: float) -> str:
    """A time that is only estimated, to one or two digits: 8 ms, 0.4 s, 12 s, 3 min, 2.5 h."""
    if seconds < 0.0995:
        return f"{_two_digits(seconds * 1000)}{THIN_SPACE}ms"
    if seconds < 99.5:
        return f"{_two_digits(seconds)}{THIN_SPACE}s"
    if seconds < 99.5 * 60:
        return f"{_two_digits(seconds / 60)}{THIN_SPACE}min"
    return f"{_two_digits(seconds / 3600)}{THIN_SPACE}h"


def _two_digits(value: float) -> str:
    if value >= 9.95:
        return count_text(int(float(f"{value:.2g}")))
    return f"{value:.1f}".removesuffix(".0") if value >= 0.95 else f"{value:.2g}"
