"""Counts, bytes and times in a few letters."""

from collections.abc import Callable

import pytest

from gui.kit.setup_numbers import bytes_text, count_text, duration_text

THIN = "\N{NARROW NO-BREAK SPACE}"


@pytest.mark.parametrize(
    ("write", "value", "text"),
    [
        (count_text, 18420, f"18{THIN}420"),
        (bytes_text, 200, f"0.2{THIN}kB"),
        (bytes_text, 38_400, f"38{THIN}kB"),
        (bytes_text, 1_240_000, f"1.2{THIN}MB"),
        (bytes_text, 999_900, f"1{THIN}MB"),
        (duration_text, 0.00044, f"0.44{THIN}ms"),
        (duration_text, 0.0123, f"12{THIN}ms"),
        (duration_text, 0.25, f"0.25{THIN}s"),
        (duration_text, 95, f"95{THIN}s"),
        (duration_text, 600, f"10{THIN}min"),
        (duration_text, 9000, f"2.5{THIN}h"),
    ],
)
def test_quantities(write: Callable[[float], str], value: float, text: str):
    assert write(value) == text
