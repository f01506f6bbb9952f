"""Whether memory stays flat over 10,000 steps: what they leave behind besides their own record.

The record of a run holds every step, so it grows by design. Whatever else grew would be a leak.
"""

from dataclasses import replace
from typing import Any

from tests.benchmarks.cases import CASES, DROPOUT, FLATTEN, NORM, POOL, RELU, Case, conv
from tests.benchmarks.measuring import QUICK, THOROUGH, Pace
from tests.benchmarks.resident import kilobytes, probed

STEPS, QUICK_STEPS = 10_000, 100
SMALL_IMAGES = (12, 12, 1)
ALL_THAT_A_STEP_CAN_HAVE = {
    "augmentation": [{"kind": "shift"}, {"kind": "mixup"}],
    "weight_averaging": 0.99,
    "accumulate_batches": 2,
    "l1": 1e-4,
    "clip_norm": 1.0,
    "max_norm": 3.0,
    "schedule": {"kind": "plateau"},
}
RUNS: tuple[tuple[Case, dict[str, Any]], ...] = (
    (Case("dense 64-64-10", (64,), (64,), 10, 32), {}),
    (Case("conv 8 – pool – dense 10", SMALL_IMAGES, (conv(8), POOL, FLATTEN), 10, 16), {}),
    (Case("GRU 8 over 8 steps", (8, 4), ({"kind": "gru", "units": 8},), 2, 16), {}),
    (replace(CASES[4], name="784-512-512-10, 128 rows"), {}),
    (replace(CASES[6], name="conv 16 – conv 32, 64 rows"), {}),
    (
        Case("all that a step can have", SMALL_IMAGES, (conv(8), NORM, RELU, POOL, FLATTEN, DROPOUT), 10, 16),
        ALL_THAT_A_STEP_CAN_HAVE,
    ),
)
QUICK_RUNS = (0, 1, 2, 5)
"""Those whose steps take no more than some milliseconds."""
LEFT_BYTES = 2**19
"""The system counts pages, and allocators keep some: this little, 52 bytes a step, is none of the steps."""
LEFT_BLOCKS = 1000
"""Objects of Python: one in ten steps."""


def main(pace: Pace = THOROUGH) -> None:
    """Print a row for each network, each measured in a process of its own."""
    steps = QUICK_STEPS if pace is QUICK else STEPS
    print(
        f"{f'{steps:,} steps of':<28}{'grown, KB':>11}{'record, KB':>12}{'besides, KB':>13}{'objects':>9}"
        f"{'passing, KB':>13}"
    )
    for number in QUICK_RUNS if pace is QUICK else range(len(RUNS)):
        case, _ = RUNS[number]
        print(row(case, probed("tests.benchmarks.memory_probe", number, steps)), flush=True)
    print("besides: what grew apart from the record; objects: Python's, more than before; passing: the most")
    print("that is allocated at any time within steps, and freed again")


def row(case: Case, found: dict[str, Any]) -> str:
    """The figures of one network, and what they mean."""
    besides = None if found["grown"] is None else found["grown"] - found["record"]
    flat = (besides or 0) <= LEFT_BYTES and found["blocks"] <= LEFT_BLOCKS
    return (
        f"{case.name:<28}{kilobytes(found['grown']):>11}{kilobytes(found['record']):>12}"
        f"{kilobytes(besides):>13}{found['blocks']:>9,}{kilobytes(found['passing']):>13}"
        f"  {'flat' if flat else 'not flat'}"
    )
