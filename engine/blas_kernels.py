"""Chooses OpenBLAS's kernels where OpenBLAS itself chooses slower ones. Must run before NumPy is imported.

OpenBLAS picks its matrix kernels by the processor's family, and does not know all of AMD's with AVX-512. On
Zen 4 (family 25), which does 512 bits in two halves, it takes those for AVX-512, though those for AVX2 are
5 to 15 % faster; on Zen 5 (family 26) it falls back to AVX2, though AVX-512 is twice as fast.
"""

import os
import re
import sys
from pathlib import Path

VARIABLE = "OPENBLAS_CORETYPE"
AVX2_KERNELS, AVX512_KERNELS = "Haswell", "SkylakeX"
NEEDED = frozenset({"avx512f", "avx512dq", "avx512bw", "avx512vl", "avx512cd"})
"""What OpenBLAS's SkylakeX kernels use."""

ZEN_4, ZEN_5 = 25, 26
CPU_INFO = Path("/proc/cpuinfo")


def choose_kernels() -> None:
    """Set the variable that names the kernels, unless a person has set it or it would come too late."""
    if VARIABLE not in os.environ and "numpy" not in sys.modules:
        kernels = best_kernels(cpu_description())
        if kernels is not None:
            os.environ[VARIABLE] = kernels


def best_kernels(description: str) -> str | None:
    """The kernels for the processor that /proc/cpuinfo tells of; None where OpenBLAS's choice stands."""
    found = dict(re.findall(r"^(\S[^\t\n]*)\t*: (.*)$", description, re.MULTILINE))
    if found.get("vendor_id") != "AuthenticAMD" or not set(found.get("flags", "").split()) >= NEEDED:
        return None
    family = found.get("cpu family", "")
    if not family.isdecimal():
        return None
    if int(family) == ZEN_4:
        return AVX2_KERNELS
    return AVX512_KERNELS if int(family) >= ZEN_5 else None


def cpu_description() -> str:
    """The system's description of the processor; empty where it has none."""
    try:
        return CPU_INFO.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
