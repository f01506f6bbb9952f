"""Seconds for one epoch of MNIST: 60,000 images, 784-128-64-10, batches of 64, Adam."""

import os
from pathlib import Path
from typing import Any

import numpy as np

from engine.data.sources.mnist import MNIST
from engine.training.events import Event
from tests.benchmarks import peers
from tests.benchmarks.cases import Case, dataset, trainer
from tests.benchmarks.measuring import (
    QUICK,
    THOROUGH,
    Pace,
    Speeds,
    Steps,
    best,
    compare,
    ratio_text,
    thread_counts,
)

CASE = Case("784-128-64-10, batch 64", (784,), (128, 64), 10, 64)
IMAGES = 60_000
QUICK_IMAGES = 640


def main(pace: Pace = THOROUGH) -> None:
    """Print seconds per epoch of each peer, and how much faster we are."""
    data = training_images(QUICK_IMAGES if pace is QUICK else IMAGES)
    speeds = compare(takers(data, thread_counts(pace)), pace)
    ours = speeds["Gradwright"]
    print(f"{'':<14}{'seconds':>9}  ours is faster by")
    print(f"{'Gradwright':<14}{seconds(ours):>9}  (with the scores of 4,096 images that follow an epoch)")
    for peer in ("PyTorch", "scikit-learn"):
        theirs = best(speeds, peer)
        if theirs is not None:
            print(f"{peer:<14}{seconds(theirs):>9}  {ratio_text(ours, theirs)}")


def seconds(speeds: Speeds) -> str:
    return f"{1 / speeds.median:.2f}"


def training_images(rows: int) -> Any:
    """The images themselves where GRADWRIGHT_DATA names their folder, else random numbers of their shape."""
    data = dataset(CASE.shape, CASE.classes, rows)
    folder = os.environ.get("GRADWRIGHT_DATA")
    if folder is None:
        print("Random numbers stand in for the images: GRADWRIGHT_DATA, with their folder, is not set.")
        return data
    table = MNIST(path=str(Path(folder) / "mnist")).load()
    part = data.training
    part.inputs[...] = table.column("image").values[:rows].reshape(rows, -1) / np.float32(255)
    data.labels[...] = table.column("label").values[:rows].astype(np.intp)
    part.targets[...] = np.eye(CASE.classes)[data.labels]
    return data


def takers(data: Any, thread_numbers: tuple[int, ...]) -> dict[str, Steps]:
    """All peers, with these numbers of threads; each counts epochs."""
    found: dict[str, Steps] = {"Gradwright": gradwright(data)}
    steps = len(data.training.inputs) // CASE.batch
    for threads in thread_numbers:
        if peers.has_pytorch():
            found[f"PyTorch, {threads}"] = in_epochs(peers.pytorch(CASE, data, threads), steps)
        found[f"scikit-learn, {threads}"] = in_epochs(peers.sklearn(CASE, data, threads), steps)
    return found


def gradwright(data: Any) -> Steps:
    """Our trainer, scores included."""
    events = trainer(CASE, data).run()

    def epochs(count: int) -> int:
        for _ in range(count):
            while next(events) is not Event.EPOCH:
                pass
        return count

    return epochs


def in_epochs(take: Steps, steps: int) -> Steps:
    """Steps counted by the epoch."""

    def epochs(count: int) -> int:
        take(count * steps)
        return count

    return epochs
