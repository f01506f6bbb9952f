"""Writes runs of many kinds with the program of an earlier commit, and what that program made of them.

From a checkout of that commit: python PATH/make_runs.py FOLDER, with a folder named after the commit beside
this file. It uses only what every version has had since 767f7c8. Run it once for a commit, on two cores.
"""

import argparse
import contextlib
import hashlib
import json
import sys
import tempfile
from pathlib import Path

import numpy as np

DIGITS = {"source": {"kind": "digits"}}
SPIRAL = {"source": {"kind": "spiral", "points": 60}}
TABLE = {"source": {"kind": "csv", "path": "table.csv"}, "target": "price", "ignored": ["id"]}
SEQUENCE = {"kind": "reshape", "form": "sequence", "channels": 8}
FLATTEN = {"kind": "flatten"}
DROPOUT = {"kind": "dropout", "rate": 0.25}


def dense(units: int, activation: str = "tanh") -> dict[str, object]:
    return {"kind": "dense", "units": units, "activation": activation}


RUNS = {
    "dense": (SPIRAL, [dense(6), DROPOUT, dense(4)], {"optimizer": "adam", "batch_size": 16}, 8),
    "averaged": (
        SPIRAL,
        [dense(6), {"kind": "batch_norm"}, dense(4)],
        {"optimizer": "nadam", "average": 0.9, "early_stopping": {"patience": 30}, "batch_size": 16},
        8,
    ),
    "lbfgs": (SPIRAL, [dense(6), dense(4)], {"optimizer": "lbfgs", "l2": 0.001}, 5),
    "images": (
        DIGITS,
        [
            {"kind": "conv2d", "filters": 3, "activation": "linear"},
            {"kind": "batch_norm"},
            {"kind": "activation", "function": "relu"},
            {"kind": "max_pool"},
            FLATTEN,
            DROPOUT,
        ],
        {"optimizer": "adamw", "batch_size": 32, "clip_norm": 1.0},
        55,
    ),
    "recurrent": (
        DIGITS,
        [SEQUENCE, {"kind": "lstm", "units": 6}, dense(8)],
        {"optimizer": "rmsprop", "batch_size": 32},
        55,
    ),
    "residual": (
        DIGITS,
        [
            FLATTEN,
            dense(8),
            {"kind": "residual", "layers": [{"kind": "batch_norm"}, dense(8), dense(8)], "drop_rate": 0.2},
            {"kind": "residual", "layers": [{"kind": "layer_norm"}, dense(5)]},
        ],
        {"optimizer": "momentum", "batch_size": 32},
        55,
    ),
    "embedding": (
        TABLE | {"categories": "codes"},
        [{"kind": "embedding"}, dense(5)],
        {"optimizer": "adam", "batch_size": 8, "early_stopping": {"patience": 30}},
        7,
    ),
    "precise": (
        TABLE,
        [dense(5, "relu")],
        {"optimizer": "adadelta", "batch_size": 8, "precision": "float64", "accumulate": 2},
        5,
    ),
    "autoencoder": (
        TABLE | {"task": "reconstruction"},
        [dense(3)],
        {"optimizer": "momentum", "batch_size": 8, "l1": 0.001},
        7,
    ),
}
"""Data, layers and training of each run, and after how many steps it is saved: in the middle of an epoch,
but for the run that takes all examples at once."""

EPOCHS = {"lbfgs": 9}
OTHERS = 3


def arithmetic() -> str:
    """A digest of sums and functions whose last bits differ between kinds of processors and libraries."""
    numbers = np.random.Generator(np.random.SFC64(1)).normal(size=(64, 64))
    found = hashlib.sha256()
    for values in (numbers.astype(np.float32), numbers):
        for result in (values @ values, np.tanh(values), np.exp(values), np.sin(values), values.sum(axis=0)):
            found.update(result.tobytes())
    return found.hexdigest()


def digest(*arrays: np.ndarray) -> str:
    """SHA-256 of the bits of arrays."""
    found = hashlib.sha256()
    for array in arrays:
        found.update(np.ascontiguousarray(array).tobytes())
    return found.hexdigest()


def predicted(path: Path) -> str:
    """A digest of what `gradwright predict` writes for the data that a saved run was trained on."""
    from engine.cli.predict import predict

    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(sys.stderr):
        out = Path(folder, "predicted.csv")
        predict(argparse.Namespace(file=str(path), data=None, sheet=None, out=str(out)))
        return hashlib.sha256(out.read_bytes()).hexdigest()


def state_of(trainer) -> dict[str, object]:
    """What is compared of a run: bits as digests, and some numbers for other processors."""
    outputs = trainer.predict(trainer.dataset.training.inputs)
    losses = trainer.history.steps.read("loss")
    return {
        "digest": digest(trainer.network.parameters, outputs, losses),
        "parameters": trainer.network.parameters[:8].tolist(),
        "outputs": outputs[:3].ravel()[:20].tolist(),
        "losses": losses[-3:].tolist(),
    }


def main(folder: Path) -> None:
    """Write the runs, and what they said of their own data then and after their last epoch."""
    from engine.data import prepare
    from engine.experiment import Experiment
    from engine.files.run_file import save, saved_run
    from engine.settings import read
    from engine.training.trainer import Trainer

    table = Path(__file__).with_name("v2-table.csv").read_text()
    folder.mkdir(exist_ok=True)
    expected = {}
    # The table is named without a folder, so that no file holds a path of somebody's machine.
    with contextlib.chdir(folder):
        Path("table.csv").write_text(table)
        for name, (data, layers, training, steps) in RUNS.items():
            values = {"name": name, "data": data, "layers": layers}
            values["training"] = training | {"epochs": EPOCHS.get(name, OTHERS)}
            experiment = read(Experiment, values, name)
            dataset = prepare(experiment.data, experiment.data.load(), experiment.dtype)
            trainer = Trainer(experiment, dataset)
            for _ in trainer.run():
                if trainer.step == steps:
                    break
            path = Path(f"{name}.gradwright")
            save(path, saved_run(trainer))
            saved = state_of(trainer) | {"step": trainer.step, "predicted": predicted(path)}
            for _ in trainer.run():
                pass
            expected[name] = {"saved": saved, "finished": state_of(trainer)}
        found = {"arithmetic": arithmetic(), "runs": expected}
        Path("expected.json").write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
