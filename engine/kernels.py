"""Chooses OpenBLAS's kernels where OpenBLAS itself chooses too old ones. Must run before NumPy is imported.

OpenBLAS picks its matrix kernels by the processor's family and falls back to AVX2 for families that it does
not know, although they have AVX-512: on AMD's family 26 that halves the speed of every matrix product.
"""

import os
import sys
from pathlib import Path

VARIABLE = "OPENBLAS_CORETYPE"
AVX512_KERNELS = "SkylakeX"
NEEDED = frozenset({"avx512f", "avx512dq", "avx512bw", "avx512vl", "avx512cd"})
"""What OpenBLAS's SkylakeX kernels use."""

CPU_INFO = Path("/proc/cpuinfo")


def choose_kernels() -> None:
    """Set the variable that names the kernels, unless a person has set it or it would come too late."""
    if VARIABLE not in os.environ and "numpy" not in sys.modules and wants_avx512(cpu_description()):
        os.environ[VARIABLE] = AVX512_KERNELS


def wants_avx512(description: str) -> bool:
    """Whether /proc/cpuinfo tells of an AMD processor with AVX-512; Intel's are recognized by OpenBLAS."""
    flags = next((line for line in description.splitlines() if line.startswith("flags")), "")
    return "AuthenticAMD" in description and set(flags.split()) >= NEEDED


def cpu_description() -> str:
    """The system's words on the processor; empty where it has none."""
    try:
        return CPU_INFO.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
