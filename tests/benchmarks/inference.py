"""Rows per second of prediction, from prepared inputs to probabilities: many at once, and one alone."""

import os
import warnings
from contextlib import ExitStack

import numpy as np

from engine.blas_kernels import VARIABLE
from engine.training.resources import limited_to
from tests.benchmarks import peers
from tests.benchmarks.cases import CASES, Case, dataset, trainer
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

MANY, QUICK_MANY = 10_000, 64
CHUNKS = (512, MANY)
"""Rows at a time for PyTorch, which leaves the choice to its user."""
TRAINED_ROWS = 640
"""The networks are barely trained: how good they are takes no part in it."""
PREDICTED = (3, 6)
"""By their numbers among the cases."""


def main(pace: Pace = THOROUGH) -> None:
    """Print a row for each network and number of rows."""
    print("float32; each with the number of threads, and PyTorch with the rows at a time, that serve it best")
    print(f"{'case':<46}{'rows':>7}{'rows/s':>12}  {'over PyTorch':<24}{'over scikit-learn':<24}")
    for number in PREDICTED[:1] if pace is QUICK else PREDICTED:
        for rows in (QUICK_MANY if pace is QUICK else MANY, 1):
            speeds = measure(number, rows, pace)
            ours = best(speeds, "Gradwright")
            if ours is not None:
                others = [ratio_text(ours, best(speeds, peer)) for peer in ("PyTorch", "scikit-learn")]
                figures = "".join(f"{text:<24}" for text in others)
                name = CASES[number].name
                print(f"{name:<46}{rows:>7,}{ours.median:>12,.0f}  {figures}", flush=True)


def measure(number: int, rows: int, pace: Pace) -> dict[str, Speeds]:
    """All peers that can do the case of this number, with one thread and with all; each counts rows."""
    found: dict[str, Steps] = {}
    with ExitStack() as processes:
        for threads in thread_counts(pace):
            peer = started(gradwright, number, rows, threads, kernels=os.environ.get(VARIABLE))
            found[f"Gradwright, {threads}"] = processes.enter_context(peer)
            if peers.has_pytorch():
                for chunk in sorted({min(chunk, rows) for chunk in CHUNKS}):
                    peer = started(pytorch, number, rows, threads, chunk)
                    found[f"PyTorch, {threads}, {chunk}"] = processes.enter_context(peer)
            if CASES[number].dense:
                peer = started(sklearn, number, rows, threads)
                found[f"scikit-learn, {threads}"] = processes.enter_context(peer)
        return compare(found, pace)


def inputs_of(case: Case, rows: int) -> np.ndarray:
    """Random samples of the case's shape."""
    inputs: np.ndarray = dataset(case.shape, case.classes, rows).training.inputs
    return inputs


def gradwright(number: int, rows: int, threads: int) -> Steps:
    """Our engine, as the window and `gradwright predict` use it."""
    case = CASES[number]
    inputs = inputs_of(case, rows)
    run = trainer(case, dataset(case.shape, case.classes, TRAINED_ROWS))

    def predict(count: int) -> int:
        calls = max(count // len(inputs), 1)
        with limited_to(threads):
            for _ in range(calls):
                run.predict(inputs)
        return calls * len(inputs)

    return predict


def pytorch(number: int, rows: int, threads: int, chunk: int) -> Steps:
    """PyTorch in evaluation, without recording for gradients."""
    import torch

    case = CASES[number]
    inputs = inputs_of(case, rows)
    network = peers.pytorch_network(case).eval()
    x = torch.from_numpy(peers.channels_first(inputs))

    def predict(count: int) -> int:
        calls = max(count // len(x), 1)
        torch.set_num_threads(threads)
        with torch.inference_mode():
            for _ in range(calls):
                for part in x.split(chunk):
                    torch.softmax(network(part), dim=1)
        return calls * len(x)

    return predict


def sklearn(number: int, rows: int, threads: int) -> Steps:
    """scikit-learn's MLPClassifier."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.neural_network import MLPClassifier

    case = CASES[number]
    inputs, data = inputs_of(case, rows), dataset(case.shape, case.classes, TRAINED_ROWS)
    model = MLPClassifier(case.hidden, batch_size=case.batch, max_iter=1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(data.training.inputs, data.labels)

    def predict(count: int) -> int:
        calls = max(count // len(inputs), 1)
        with limited_to(threads):
            for _ in range(calls):
                model.predict_proba(inputs)
        return calls * len(inputs)

    return predict
