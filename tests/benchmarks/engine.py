"""Training steps per second: Gradwright, PyTorch, scikit-learn and the bare matrix products."""

import os

from tests.benchmarks import peers
from tests.benchmarks.cases import CASES, Case, dataset
from tests.benchmarks.measuring import Speeds, compare, ratio


def main() -> None:
    """Print a row a case: steps per second, and ratios as median (smallest – largest) over the rounds."""
    print(f"float32, Adam, {os.cpu_count()} cores; each with the number of threads that serves it best")
    print(
        f"{'case':<34}{'steps/s':>9}  {'over PyTorch':<32}{'over scikit-learn':<32}{'share of products':<20}"
    )
    for case in CASES:
        print(row(case), flush=True)


def row(case: Case) -> str:
    """Measure one case."""
    speeds = measure(case)
    ours = speeds["Gradwright"]
    text = f"{case.name:<34}{ours.median:>9.0f}  "
    text += verdict(ours, best(speeds, "PyTorch"), case.over_pytorch)
    text += verdict(ours, best(speeds, "scikit-learn"), case.over_sklearn)
    limit = best(speeds, "products")
    return text + (f"{ratio(ours, limit)[0]:.2f}" if limit else "–")


def measure(case: Case) -> dict[str, Speeds]:
    """All peers that can do the case, with one thread and with all."""
    data = dataset(case.shape, case.classes, case.batch * peers.ROWS_IN_BATCHES)
    takers = {"Gradwright": peers.gradwright(case, data, 0)}
    for threads in sorted({1, os.cpu_count() or 1}):
        takers[f"PyTorch, {threads}"] = peers.pytorch(case, data, threads)
        if case.dense:
            takers[f"scikit-learn, {threads}"] = peers.sklearn(case, data, threads)
            takers[f"products, {threads}"] = peers.products(case, data, threads)
    return compare(takers)


def best(speeds: dict[str, Speeds], name: str) -> Speeds | None:
    """The number of threads that serves a peer best."""
    own = [speed for key, speed in speeds.items() if key.startswith(name)]
    return max(own, key=lambda speed: speed.median, default=None)


def verdict(ours: Speeds, theirs: Speeds | None, wanted: float | None) -> str:
    """A ratio with its spread, and what was to be reached."""
    if theirs is None or wanted is None:
        return f"{'–':<32}"
    middle, low, high = ratio(ours, theirs)
    mark = "ok" if middle >= wanted else "short"
    return f"{f'{middle:.2f} ({low:.2f} – {high:.2f}) ≥ {wanted:g} {mark}':<32}"
