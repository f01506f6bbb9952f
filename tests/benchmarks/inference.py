"""Rows per second of prediction, from prepared inputs to probabilities: many at once, and one alone."""

import warnings
from typing import Any

import numpy as np

from engine.training.parallelism import limited_to
from tests.benchmarks import peers
from tests.benchmarks.cases import CASES, Case, dataset, trainer
from tests.benchmarks.measuring import (
    QUICK,
    THOROUGH,
    Pace,
    Steps,
    best,
    compare,
    ratio_text,
    thread_counts,
)

MANY, QUICK_MANY = 10_000, 64
CHUNKS = (512, MANY)
"""Rows at a time for PyTorch, which leaves the choice to its user."""
TRAINED_ROWS = 640
"""The networks are barely trained: how good they are takes no part in it."""
PREDICTED = (CASES[3], CASES[6])


def main(pace: Pace = THOROUGH) -> None:
    """Print a row for each network and number of rows."""
    print("float32; each with the number of threads, and PyTorch with the rows at a time, that serve it best")
    print(f"{'case':<46}{'rows':>7}{'rows/s':>12}  {'over PyTorch':<24}{'over scikit-learn':<24}")
    for case in PREDICTED:
        many = QUICK_MANY if pace is QUICK else MANY
        data = dataset(case.shape, case.classes, max(many, TRAINED_ROWS))
        for rows in (many, 1):
            speeds = compare(predictors(case, data, rows, thread_counts(pace)), pace)
            ours = best(speeds, "Gradwright")
            if ours is not None:
                others = [ratio_text(ours, best(speeds, peer)) for peer in ("PyTorch", "scikit-learn")]
                figures = "".join(f"{text:<24}" for text in others)
                print(f"{case.name:<46}{rows:>7,}{ours.median:>12,.0f}  {figures}", flush=True)


def predictors(case: Case, data: Any, rows: int, thread_numbers: tuple[int, ...]) -> dict[str, Steps]:
    """All peers that can do the case, with these numbers of threads; each counts rows."""
    inputs = data.training.inputs[:rows]
    found: dict[str, Steps] = {}
    for threads in thread_numbers:
        found[f"Gradwright, {threads}"] = gradwright(case, inputs, threads)
        if peers.has_pytorch():
            for chunk in sorted({min(chunk, rows) for chunk in CHUNKS}):
                found[f"PyTorch, {threads}, {chunk}"] = pytorch(case, inputs, threads, chunk)
        if case.dense:
            found[f"scikit-learn, {threads}"] = sklearn(case, data, inputs, threads)
    return found


def gradwright(case: Case, inputs: np.ndarray, threads: int) -> Steps:
    """Our engine, as the window and `gradwright predict` use it."""
    run = trainer(case, dataset(case.shape, case.classes, TRAINED_ROWS))

    def predict(count: int) -> int:
        calls = max(count // len(inputs), 1)
        with limited_to(threads):
            for _ in range(calls):
                run.predict(inputs)
        return calls * len(inputs)

    return predict


def pytorch(case: Case, inputs: np.ndarray, threads: int, chunk: int) -> Steps:
    """PyTorch in evaluation, without recording for gradients."""
    import torch

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


def sklearn(case: Case, data: Any, inputs: np.ndarray, threads: int) -> Steps:
    """scikit-learn's MLPClassifier."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.neural_network import MLPClassifier

    model = MLPClassifier(case.hidden, batch_size=case.batch, max_iter=1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(data.training.inputs[:TRAINED_ROWS], data.labels[:TRAINED_ROWS])

    def predict(count: int) -> int:
        calls = max(count // len(inputs), 1)
        with limited_to(threads):
            for _ in range(calls):
                model.predict_proba(inputs)
        return calls * len(inputs)

    return predict
