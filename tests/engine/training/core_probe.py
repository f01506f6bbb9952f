"""Runs on some of this machine's cores, in a process of their own: for test_cores.py.

Arguments: "all" or the number of cores; what to do ("whole", "save" or "resume"); a folder for the files of
the runs. Writes a digest of each run's record and arrays as JSON.
"""

import hashlib
import json
import os
import sys
from pathlib import Path

STEPS = 9
"""After which runs are saved: in the middle of an epoch."""

SEQUENCE = {"kind": "reshape", "target_shape": "sequence", "channels": 8}
FLATTEN = {"kind": "flatten"}
DROPOUT = {"kind": "dropout", "rate": 0.3}
NOISE = {"kind": "gaussian_noise", "std": 0.2}


def conv(filters, **more):
    return {"kind": "conv2d", "filters": filters, "activation": "linear", "padding": "same", **more}


def wide(units):
    return {"kind": "dense", "units": units}


IN_PARTS = {
    "images": (
        [
            conv(24),
            {"kind": "batch_norm"},
            {"kind": "activation", "activation": "relu"},
            {"kind": "max_pool"},
            {"kind": "spatial_dropout", "rate": 0.3},
            NOISE,
            {"kind": "residual", "layers": [conv(24), DROPOUT], "drop_rate": 0.4},
            FLATTEN,
            DROPOUT,
        ],
        {
            "augmentation": ["shift", "noise", "mixup"],
            "weight_averaging": 0.9,
            "early_stopping": {"patience": 9},
        },
    ),
    "wide": ([FLATTEN, wide(512), DROPOUT, wide(512)], {"optimizer": "adamw", "clip_norm": 0.5, "l2": 0.01}),
    "wide in float64": (
        [FLATTEN, wide(513), NOISE, wide(520)],
        {"precision": "float64", "clip_layer_norm": 0.3},
    ),
    "attention": (
        [
            SEQUENCE,
            wide(48) | {"axes": "features"},
            {"kind": "self_attention", "heads": 4, "dropout": 0.3},
            wide(300) | {"axes": "features"},
            {"kind": "layer_norm"},
            FLATTEN,
        ],
        {"optimizer": "nadam"},
    ),
    "wide recurrent": ([SEQUENCE, {"kind": "lstm", "units": 256}, DROPOUT], {"epochs": 1}),
    "all examples at once": (
        [FLATTEN, wide(300), DROPOUT],
        {"optimizer": "lbfgs", "epochs": 20, "batch_size": 1000},
    ),
}
"""Layers and training of runs that split their batches."""

IN_ONE_PIECE = {
    "few wide rows": ([FLATTEN, wide(1000), DROPOUT, wide(784)], {"batch_size": 60, "clip_norm": 0.5}),
    "few wide rows in float64": (
        [FLATTEN, wide(1000), wide(784)],
        {"batch_size": 60, "precision": "float64", "l2": 0.01, "max_norm": 2.0},
    ),
    "recurrent": ([SEQUENCE, {"kind": "lstm", "units": 160}, DROPOUT], {}),
    "small": ([FLATTEN, wide(16), DROPOUT, NOISE], {"batch_size": 100}),
}
"""Of runs whose batches stay whole, some with products that other programs share among cores."""


def experiments():
    from tests.engine.training.runs import experiment

    data = {"source": {"kind": "digits"}}
    for name, (layers, training) in (IN_PARTS | IN_ONE_PIECE).items():
        yield name, experiment(layers, data, **{"batch_size": 128, "epochs": 2} | training)


def digest(run):
    """Of all that a run has found, but for the time that it took."""
    from engine.training.checkpoint import capture
    from engine.training.history import HistoryRows

    state, found = capture(run), hashlib.sha256(run.network.parameters.tobytes())
    arrays = state.model | state.arrays | HistoryRows.of(run.history).arrays()
    for name in sorted(arrays):
        if name != "epochs/seconds":
            found.update(arrays[name].tobytes())
    losses = run.history.steps.read("loss")
    return [run.parts, losses[0].hex(), losses[-1].hex(), found.hexdigest()]


def main(cores, action, folder):
    if cores != "all":
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: int(cores)])
    # Only now: the libraries behind NumPy count the cores when they are loaded.
    from engine.files.run_file import load, resume, save, saved_run
    from tests.engine.training.runs import dataset, finish, take, trainer

    found = {}
    for number, (name, settings) in enumerate(experiments()):
        path = Path(folder, f"{number}.gradwright")
        if action == "resume":
            run = resume(load(path), dataset(settings.data, settings.dtype), name)
        else:
            run = trainer(settings)
        if action == "save":
            save(path, saved_run(take(run, STEPS)))
        else:
            found[name] = digest(finish(run))
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
