"""Training steps per second: Gradwright, PyTorch, scikit-learn and the bare matrix products."""

import os
from contextlib import ExitStack

from engine.blas_kernels import VARIABLE
from tests.benchmarks import peers
from tests.benchmarks.cases import CASES, Case
from tests.benchmarks.measuring import (
    QUICK,
    THOROUGH,
    Pace,
    Speeds,
    Steps,
    best,
    compare,
    ratio,
    ratio_text,
    thread_counts,
)
from tests.benchmarks.remote import kernels_in_use, started


def main(pace: Pace = THOROUGH) -> None:
    """Print a row a case: steps per second, and ratios as median (smallest – largest) over the rounds."""
    print(f"float32, Adam, {os.cpu_count()} cores; each with the number of threads that serves it best.")
    print(
        "All run in processes of their own, PyTorch and scikit-learn with the kernels that they choose; the"
    )
    print(f"last column but one gives scikit-learn Gradwright's ({kernels_in_use()}) as well.")
    print(
        f"{'case':<34}{'steps/s':>9}  {'over PyTorch':<32}{'over scikit-learn':<32}{'same kernels':<20}"
        f"{'share of products':<20}"
    )
    for case in CASES[:1] if pace is QUICK else CASES:
        print(row(case, pace), flush=True)


def row(case: Case, pace: Pace) -> str:
    """Measure one case."""
    speeds = measure(case, pace)
    ours = speeds["Gradwright"]
    text = f"{case.name:<34}{ours.median:>9.0f}  "
    text += verdict(ours, best(speeds, "PyTorch"), case.over_pytorch)
    text += verdict(ours, best(speeds, "scikit-learn"), case.over_sklearn)
    same, limit = best(speeds, "same kernels"), best(speeds, "products")
    text += f"{ratio_text(ours, same) if same else '–':<20}"
    return text + (f"{ratio(ours, limit)[0]:.2f}" if limit else "–")


def measure(case: Case, pace: Pace) -> dict[str, Speeds]:
    """All peers that can do the case, with one thread and with all."""
    number, own = CASES.index(case), os.environ.get(VARIABLE)
    takers: dict[str, Steps] = {}
    with ExitStack() as processes:
        takers["Gradwright"] = processes.enter_context(started(peers.gradwright_on, number, kernels=own))
        for threads in thread_counts(pace):
            if peers.has_pytorch():
                peer = started(peers.pytorch_on, number, threads)
                takers[f"PyTorch, {threads}"] = processes.enter_context(peer)
            if case.dense:
                for name, kernels in (("scikit-learn", None), ("same kernels", own)):
                    peer = started(peers.sklearn_on, number, threads, kernels=kernels)
                    takers[f"{name}, {threads}"] = processes.enter_context(peer)
                peer = started(peers.products_on, number, threads, kernels=own)
                takers[f"products, {threads}"] = processes.enter_context(peer)
        return compare(takers, pace)


def verdict(ours: Speeds, theirs: Speeds | None, wanted: float | None) -> str:
    """A ratio with its spread, and what was to be reached."""
    if theirs is None or wanted is None:
        return f"{'–':<32}"
    mark = "ok" if ratio(ours, theirs)[0] >= wanted else "short"
    return f"{f'{ratio_text(ours, theirs)} ≥ {wanted:g} {mark}':<32}"
