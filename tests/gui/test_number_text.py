"""Numbers as the window writes them: few digits, a real minus sign, thin spaces between thousands."""

import math
from collections.abc import Callable

import pytest

from gui.kit.numbers import (
    bytes_text,
    count_text,
    duration_text,
    estimate_text,
    number_text,
    percent_text,
    quantity_text,
    reading_text,
    shape_text,
    short_count_text,
    tick_text,
)

THIN = "\N{NARROW NO-BREAK SPACE}"


@pytest.mark.parametrize(
    ("write", "value", "text"),
    [
        (number_text, 0.0001, "1e-4"),
        (number_text, 1.5e7, "1.5e7"),
        (percent_text, 0.984, f"98.4{THIN}%"),
        (percent_text, math.nan, "not finite"),
        (count_text, 18420, f"18{THIN}420"),
        (count_text, -18420, f"−18{THIN}420"),
        (short_count_text, 218_970, f"218{THIN}970"),
        (short_count_text, 16_800_000, f"16.8{THIN}M"),
        (short_count_text, 1_234_000_000, f"1{THIN}234{THIN}M"),
        (shape_text, (8,), "8 values"),
        (shape_text, (28, 28, 1), "28 × 28 × 1"),
        (bytes_text, 200, f"0.2{THIN}kB"),
        (bytes_text, 38_400, f"38{THIN}kB"),
        (bytes_text, 1_240_000, f"1.2{THIN}MB"),
        (bytes_text, 999_900, f"1{THIN}MB"),
        (estimate_text, 0.00044, f"0.44{THIN}ms"),
        (estimate_text, 0.0123, f"12{THIN}ms"),
        (estimate_text, 0.25, f"0.25{THIN}s"),
        (estimate_text, 95, f"95{THIN}s"),
        (estimate_text, 600, f"10{THIN}min"),
        (estimate_text, 9000, f"2.5{THIN}h"),
        (duration_text, 6, "6 s"),
        (duration_text, 125, "2 min 5 s"),
        (duration_text, 4805, "1 h 20 min"),
    ],
)
def test_numbers_are_written_short(write: Callable[[object], str], value: object, text: str):
    assert write(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.4824, "0.482"), (-12.06, "−12.1"), (0, "0"), (0.00123456, "0.00123"), (123456, "1.23e5"),
     (3.1e-7, "3.10e−7"), (1234.5, "1234"), (math.inf, "not finite")],
)  # fmt: skip
def test_a_measured_number_has_three_significant_digits(value: float, text: str):
    assert reading_text(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0871234, "0.08712"), (0.0, "0"), (-3.5, "−3.500"), (1.5e-7, "1.500e−7"), (math.nan, "not finite")],
)
def test_or_as_many_as_are_asked_for(value: float, text: str):
    assert reading_text(value, digits=4) == text


@pytest.mark.parametrize(
    ("value", "step", "text"),
    [(0.1, 0.1, "0.1"), (7.5, 2.5, "7.5"), (0.025, 0.025, "0.025"), (-0.0, 1, "0"), (2e6, 1e6, "2e6"),
     (2.5e6, 2.5e6, "2.5e6"), (1.5e-5, 5e-6, "1.5e−5"), (250000, 50000, "250000"), (-3, 1, "−3")],
)  # fmt: skip
def test_a_tick_has_no_more_decimals_than_tell_it_from_the_next(value: float, step: float, text: str):
    assert tick_text(value, step) == text


def test_a_quantity_has_its_noun():
    assert quantity_text(1, "row", "rows") == "1 row"
    assert quantity_text(18420, "row", "rows") == f"18{THIN}420 rows"
