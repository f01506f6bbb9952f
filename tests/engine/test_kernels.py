"""The choice of matrix kernels: only where it helps, never over a person's own, never too late."""

import os
import subprocess
import sys

import pytest

from engine.kernels import NEEDED, VARIABLE, cpu_description, wants_avx512

FLAGS = "flags\t\t: fpu sse2 avx2 " + " ".join(sorted(NEEDED))


@pytest.mark.parametrize(
    ("description", "wanted"),
    [
        (f"vendor_id\t: AuthenticAMD\n{FLAGS}\n", True),
        (f"vendor_id\t: GenuineIntel\n{FLAGS}\n", False),
        ("vendor_id\t: AuthenticAMD\nflags\t\t: fpu sse2 avx2 avx512f\n", False),
        ("", False),
    ],
)
def test_which_processors_want_it(description, wanted):
    assert wants_avx512(description) is wanted


def chosen(first: str, **environment: str) -> str:
    """What the variable is after `first` and then the engine are imported in a fresh interpreter."""
    result = subprocess.run(
        [sys.executable, "-c", f"import os, {first}\nimport engine\nprint(os.environ.get('{VARIABLE}', ''))"],
        env={key: value for key, value in os.environ.items() if key != VARIABLE} | environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return result.stdout.strip()


def test_set_before_numpy_and_only_where_wanted():
    assert chosen("sys") == ("SkylakeX" if wants_avx512(cpu_description()) else "")


def test_a_choice_of_ones_own_stands():
    assert chosen("sys", **{VARIABLE: "Haswell"}) == "Haswell"


def test_too_late_is_left_alone():
    assert chosen("numpy") == ""
