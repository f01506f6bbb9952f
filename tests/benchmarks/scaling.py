"""Cost against size: how time and memory grow when parameters, batch or rows become ten times as many."""

from dataclasses import asdict, dataclass, replace
from typing import Any

from tests.benchmarks.measuring import QUICK, THOROUGH, Pace
from tests.benchmarks.resident import probed

INPUTS, CLASSES = 128, 10


@dataclass(frozen=True)
class Size:
    """A network of two hidden layers of equal width, and what it is trained on."""

    width: int
    batch: int
    rows: int

    @property
    def parameters(self) -> int:
        return (INPUTS + 1) * self.width + (self.width + 1) * self.width + (self.width + 1) * CLASSES


MIDDLE = Size(width=128, batch=32, rows=10_000)
SIZES = {
    "middle": MIDDLE,
    "parameters × 10": replace(MIDDLE, width=521),  # 10.04 times as many
    "batch × 10": replace(MIDDLE, batch=320),
    "rows × 10": replace(MIDDLE, rows=100_000),
}
QUICK_SIZES = {"middle": Size(8, 4, 40), "rows × 10": Size(8, 4, 400)}


def main(pace: Pace = THOROUGH) -> None:
    """Print a row for each size, each measured in a process of its own, with factors over the middle."""
    sizes = QUICK_SIZES if pace is QUICK else SIZES
    found = {}
    print(
        f"{'128-w-w-10, Adam':<18}{'parameters':>12}{'batch':>7}{'rows':>9}"
        f"{'ms/step':>18}{'s/epoch':>18}{'memory, MB':>18}"
    )
    for name, size in sizes.items():
        found[name] = probed("tests.benchmarks.scaling_probe", *asdict(size).values(), int(pace is QUICK))
        print(row(name, size, found[name], found["middle"]), flush=True)
    print("memory: the most in use, beyond what the program has before data and network are there")


def row(name: str, size: Size, found: dict[str, Any], middle: dict[str, Any]) -> str:
    """The figures of one size, each with its factor."""
    text = f"{name:<18}{size.parameters:>12,}{size.batch:>7,}{size.rows:>9,}"
    for key, unit, digits in (("step_s", 1e3, 3), ("epoch_s", 1, 2), ("bytes", 2**-20, 1)):
        value, base = found[key], middle[key]
        shown = "–" if value is None else f"{value * unit:.{digits}f}"
        factor = "" if value is None or name == "middle" else f" × {value / base:.1f}"
        text += f"{shown + factor:>18}"
    return text
