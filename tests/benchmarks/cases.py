"""The networks that the speed of the engine is measured on, for every peer in its own words."""

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np

from engine.experiment import Experiment
from engine.settings import read
from engine.training.trainer import Trainer


@dataclass(frozen=True)
class Case:
    """One network, one batch size, and what it is to reach."""

    name: str
    shape: tuple[int, ...]
    hidden: tuple[Any, ...]
    """Units of dense layers, or layers as JSON."""
    classes: int
    batch: int
    over_pytorch: float | None = None
    over_sklearn: float | None = None

    @property
    def dense(self) -> bool:
        return all(isinstance(layer, int) for layer in self.hidden)

    @property
    def layers(self) -> list[dict[str, Any]]:
        return [
            {"kind": "dense", "units": layer, "activation": "relu"} if isinstance(layer, int) else layer
            for layer in self.hidden
        ]


def conv(filters: int, **more: Any) -> dict[str, Any]:
    return {"kind": "conv2d", "filters": filters, "activation": "relu", "padding": "valid", **more}


POOL = {"kind": "max_pool"}
FLATTEN = {"kind": "flatten"}
NORM = {"kind": "batch_norm"}
RELU = {"kind": "activation", "activation": "relu"}
DROPOUT = {"kind": "dropout", "rate": 0.25}
CASES = (
    Case("2-8-8-2, batch 32", (2,), (8, 8), 2, 32, 6.0, 4.0),
    Case("64-64-10, batch 32", (64,), (64,), 10, 32, 4.0, 3.0),
    Case("30-128-128-2, batch 64", (30,), (128, 128), 2, 64, 2.0, 2.0),
    Case("784-128-64-10, batch 64", (784,), (128, 64), 10, 64, 1.2, 1.8),
    Case("784-512-512-10, batch 128", (784,), (512, 512), 10, 128, 0.85, 2.0),
    Case("784-2048-2048-10, batch 256", (784,), (2048, 2048), 10, 256, 0.72, 2.0),
    Case(
        "28×28: conv 16 – pool – conv 32 – pool, 64",
        (28, 28, 1),
        (conv(16), POOL, conv(32), POOL, FLATTEN),
        10,
        64,
        1.0,
        None,
    ),
    Case(
        "same with batch norm and dropout, 32, 64, 128",
        (28, 28, 1),
        (
            conv(32, activation="linear"),
            NORM,
            RELU,
            POOL,
            conv(64, activation="linear"),
            NORM,
            RELU,
            POOL,
            FLATTEN,
            DROPOUT,
        ),
        10,
        128,
        0.9,
        None,
    ),
)


def dataset(shape: tuple[int, ...], classes: int, rows: int, seed: int = 0) -> Any:
    """Random examples of the right shapes, with what a trainer reads of a Dataset."""
    draws = np.random.default_rng(seed)
    x = draws.standard_normal((rows, *shape), np.float32)
    labels = draws.integers(0, classes, rows)
    parts = {
        name: SimpleNamespace(
            inputs=x[:count],
            targets=labels[:count],
            rows=np.arange(count),
            rows_count=count,
            weights=None,
        )
        for name, count in (("training", rows), ("validation", 0), ("test", 0))
    }
    return SimpleNamespace(
        task="classification",
        input_shape=shape,
        outputs=classes,
        classes=tuple(map(str, range(classes))),
        labels=labels,
        label=None,
        plane=None,
        preparation=SimpleNamespace(
            inputs=(),
            encoded_columns=(),
            task="classification",
            outputs=classes,
            input_shape=shape,
            classes=tuple(map(str, range(classes))),
        ),
        part=parts.__getitem__,
        **parts,
    )


def trainer(case: Case, data: Any, **training: Any) -> Trainer:
    """Our engine, ready to take steps for as long as anybody likes."""
    settings = {"batch_size": case.batch, "epochs": 10_000_000, "optimizer": "adam", **training}
    return Trainer(read(Experiment, {"layers": case.layers, "training": settings}, case.name), data)
