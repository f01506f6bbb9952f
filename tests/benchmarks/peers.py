"""The same training step in every program compared: a callable that takes some optimizer steps."""

import importlib.util
import itertools
import warnings
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from engine.training.stopping import Event
from tests.benchmarks.cases import CASES, Case, dataset, trainer
from tests.benchmarks.measuring import Steps

ROWS_IN_BATCHES = 100
"""Batches of data that a peer goes through before it begins anew."""


def has_pytorch() -> bool:
    """It is no dependency: where it is missing, its columns stay empty."""
    return importlib.util.find_spec("torch") is not None


def gradwright(case: Case, data: Any) -> Steps:
    """Our trainer, history and stop rules included. It chooses its threads itself."""
    run = trainer(case, data)
    events = run.run()

    def steps(count: int) -> int:
        taken = 0
        while taken < count:
            # Scores come in pieces between two steps: they take time, and are none.
            taken += next(events) is not Event.SCORING
        return count

    return steps


def gradwright_on(number: int) -> Steps:
    """Our engine on the case of this number."""
    return gradwright(CASES[number], data_of(CASES[number]))


def products_on(number: int, threads: int) -> Steps:
    """The matrix products of the case of this number."""
    return products(CASES[number], threads)


def pytorch_on(number: int, threads: int) -> Steps:
    """PyTorch on the case of this number."""
    return pytorch(CASES[number], data_of(CASES[number]), threads)


def sklearn_on(number: int, threads: int) -> Steps:
    """scikit-learn on the case of this number."""
    return sklearn(CASES[number], data_of(CASES[number]), threads)


def data_of(case: Case) -> Any:
    """As many random examples as all peers go through before they begin anew."""
    return dataset(case.shape, case.classes, case.batch * ROWS_IN_BATCHES)


def pytorch(case: Case, data: Any, threads: int) -> Steps:
    """PyTorch, eager, with its fused Adam."""
    import torch

    network = pytorch_network(case)
    optimizer = torch.optim.Adam(network.parameters(), fused=True)
    loss = torch.nn.CrossEntropyLoss()
    x = torch.from_numpy(channels_first(data.training.inputs))
    labels = torch.from_numpy(data.labels)
    batch = case.batch
    state = {"at": 0, "order": torch.randperm(len(x))}

    def steps(count: int) -> int:
        torch.set_num_threads(threads)
        for _ in range(count):
            if state["at"] + batch > len(x):
                state["at"], state["order"] = 0, torch.randperm(len(x))
            rows = state["order"][state["at"] : state["at"] + batch]
            state["at"] += batch
            optimizer.zero_grad()
            loss(network(x[rows]), labels[rows]).backward()
            optimizer.step()
        return count

    return steps


def pytorch_network(case: Case) -> Any:
    """The case's layers as a torch.nn.Sequential."""
    import torch

    made: list[Any] = []
    width = case.shape[-1]
    side = case.shape[0]
    for layer in case.layers:
        kind = layer["kind"]
        if kind == "dense":
            made += [torch.nn.Linear(width, layer["units"]), torch.nn.ReLU()]
            width = layer["units"]
        elif kind == "conv2d":
            padding = "same" if layer.get("padding") == "same" else 0
            made.append(torch.nn.Conv2d(width, layer["filters"], 3, padding=padding))
            width = layer["filters"]
            side -= 0 if padding else 2
            if layer["activation"] == "relu":
                made.append(torch.nn.ReLU())
        elif kind == "batch_norm":
            made.append(torch.nn.BatchNorm2d(width))
        elif kind == "activation":
            made.append(torch.nn.ReLU())
        elif kind == "max_pool":
            made.append(torch.nn.MaxPool2d(2))
            side //= 2
        elif kind == "dropout":
            made.append(torch.nn.Dropout(layer["rate"]))
        elif kind == "flatten":
            made.append(torch.nn.Flatten())
            width *= side * side
        else:
            raise ValueError(f"no PyTorch layer for {kind}")
    return torch.nn.Sequential(*made, torch.nn.Linear(width, case.classes))


def channels_first(images: np.ndarray) -> np.ndarray:
    """PyTorch wants (rows, channels, height, width)."""
    return np.ascontiguousarray(images.transpose(0, 3, 1, 2)) if images.ndim == 4 else images


def sklearn(case: Case, data: Any, threads: int) -> Steps:
    """scikit-learn's MLPClassifier, by whole epochs as it offers them."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.neural_network import MLPClassifier

    x, labels = data.training.inputs, data.labels
    model = MLPClassifier(
        case.hidden, batch_size=case.batch, max_iter=1, warm_start=True, tol=0.0, n_iter_no_change=10**9
    )
    per_epoch = len(x) // case.batch

    def steps(count: int) -> int:
        with warnings.catch_warnings(), threadpool_limits(threads, user_api="blas"):
            warnings.simplefilter("ignore", ConvergenceWarning)
            model.max_iter = max(count // per_epoch, 1)
            model.fit(x, labels)
        return model.max_iter * per_epoch

    return steps


def products(case: Case, threads: int) -> Steps:
    """The matrix products of one step alone: the physical limit of dense layers."""
    draws = np.random.default_rng(0)
    widths = [case.shape[0], *case.hidden, case.classes]
    operands = []
    for number, (before, after) in enumerate(itertools.pairwise(widths)):
        x, w = (draws.normal(size=s).astype(np.float32) for s in ((case.batch, before), (before, after)))
        dy = draws.normal(size=(case.batch, after)).astype(np.float32)
        operands.append((x, w, dy, np.empty_like(dy), np.empty_like(w), np.empty_like(x), number > 0))

    def steps(count: int) -> int:
        with threadpool_limits(threads, user_api="blas"):
            for _ in range(count):
                for x, w, dy, y, dw, dx, inner in operands:
                    x.dot(w, y)
                    x.T.dot(dy, dw)
                    if inner:
                        dy.dot(w.T, dx)
        return count

    return steps
