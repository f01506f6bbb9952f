"""The choice of matrix kernels: only where it helps, never over a person's own, never too late."""

import os
import subprocess
import sys

import pytest

from engine.blas_kernels import AVX2_KERNELS, AVX512_KERNELS, NEEDED, VARIABLE, best_kernels, cpu_description

FLAGS = "fpu sse2 avx2 " + " ".join(sorted(NEEDED))


def processor(vendor: str, family: str, flags: str = FLAGS) -> str:
    """Two cores as Linux describes them."""
    core = f"vendor_id\t: {vendor}\ncpu family\t: {family}\nmodel name\t: any\nflags\t\t: {flags}\n"
    return f"processor\t: 0\n{core}\nprocessor\t: 1\n{core}"


@pytest.mark.parametrize(
    ("description", "kernels"),
    [
        (processor("AuthenticAMD", "25"), AVX2_KERNELS),
        (processor("AuthenticAMD", "26"), AVX512_KERNELS),
        (processor("AuthenticAMD", "27"), AVX512_KERNELS),
        (processor("AuthenticAMD", "25", "fpu sse2 avx2"), None),  # Zen 3: nothing to choose from
        (processor("AuthenticAMD", "26", "fpu sse2 avx2 avx512f"), None),
        (processor("AuthenticAMD", "unknown"), None),
        (processor("GenuineIntel", "6"), None),
        ("", None),
    ],
)
def test_which_processors_want_which(description, kernels):
    assert best_kernels(description) == kernels


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
    assert chosen("sys") == (best_kernels(cpu_description()) or "")


def test_a_choice_of_ones_own_stands():
    assert chosen("sys", **{VARIABLE: "Nehalem"}) == "Nehalem"


def test_too_late_is_left_alone():
    assert chosen("numpy") == ""
