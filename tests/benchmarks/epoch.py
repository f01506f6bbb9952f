"""Seconds for one epoch of MNIST: 60,000 images, 784-128-64-10, batches of 64, Adam."""

import os
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np

from engine.blas_kernels import VARIABLE
from engine.data.sources.mnist import MNIST
from engine.training.stopping import Event
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
from tests.benchmarks.remote import started

CASE = Case("784-128-64-10, batch 64", (784,), (128, 64), 10, 64)
IMAGES = 60_000
QUICK_IMAGES = 640
FOLDER = os.environ.get("GRADWRIGHT_DATA")


def main(pace: Pace = THOROUGH) -> None:
    """Print seconds per epoch of each peer, and how much faster we are."""
    rows = QUICK_IMAGES if pace is QUICK else IMAGES
    if FOLDER is None:
        print("Random numbers stand in for the images: GRADWRIGHT_DATA, with their folder, is not set.")
    takers: dict[str, Steps] = {}
    with ExitStack() as processes:
        peer = started(gradwright, rows, kernels=os.environ.get(VARIABLE))
        takers["Gradwright"] = processes.enter_context(peer)
        for threads in thread_counts(pace):
            if peers.has_pytorch():
                takers[f"PyTorch, {threads}"] = processes.enter_context(started(pytorch, rows, threads))
            takers[f"scikit-learn, {threads}"] = processes.enter_context(started(sklearn, rows, threads))
        speeds = compare(takers, pace)
    ours = speeds["Gradwright"]
    print(f"{'':<14}{'seconds':>9}  ours is faster by")
    print(f"{'Gradwright':<14}{seconds(ours):>9}  (with the scores of some images that follow an epoch)")
    for peer in ("PyTorch", "scikit-learn"):
        theirs = best(speeds, peer)
        if theirs is not None:
            print(f"{peer:<14}{seconds(theirs):>9}  {ratio_text(ours, theirs)}")


def seconds(speeds: Speeds) -> str:
    return f"{1 / speeds.median:.2f}"


def training_images(rows: int) -> Any:
    """The images themselves where GRADWRIGHT_DATA names their folder, else random numbers of their shape."""
    data = dataset(CASE.shape, CASE.classes, rows)
    if FOLDER is None:
        return data
    table = MNIST(path=str(Path(FOLDER) / "mnist")).load()
    part = data.training
    part.inputs[...] = table.column("image").values[:rows].reshape(rows, -1) / np.float32(255)
    data.labels[...] = table.column("label").values[:rows].astype(np.intp)
    part.targets[...] = data.labels
    return data


def pytorch(rows: int, threads: int) -> Steps:
    """PyTorch, by the epoch."""
    return in_epochs(peers.pytorch(CASE, training_images(rows), threads), rows)


def sklearn(rows: int, threads: int) -> Steps:
    """scikit-learn, by the epoch."""
    return in_epochs(peers.sklearn(CASE, training_images(rows), threads), rows)


def gradwright(rows: int) -> Steps:
    """Our trainer, scores included."""
    events = trainer(CASE, training_images(rows)).run()

    def epochs(count: int) -> int:
        for _ in range(count):
            while next(events) is not Event.EPOCH:
                pass
        return count

    return epochs


def in_epochs(take: Steps, rows: int) -> Steps:
    """Steps counted by the epoch of so many rows."""

    def epochs(count: int) -> int:
        take(count * (rows // CASE.batch))
        return count

    return epochs
