"""Writes the stored runs of the present schema version: python -m tests.engine.files.stored.make_stored

Run it once for each schema version, before the version goes out, and never for an older one.
"""

import contextlib
import json
from pathlib import Path

import numpy as np

from engine.data import prepare
from engine.experiment import SCHEMA_VERSION, Experiment
from engine.files.run_file import save, saved_run
from engine.settings import read
from engine.training.trainer import Trainer

FOLDER = Path(__file__).parent

SPIRAL = {
    "name": "Stored spiral",
    "data": {"source": {"kind": "spiral", "points": 60}},
    "layers": [
        {"kind": "dense", "units": 6, "activation": "tanh"},
        {"kind": "dropout", "rate": 0.25},
        {"kind": "dense", "units": 4, "activation": {"kind": "leaky_relu"}},
    ],
    "training": {
        "optimizer": {"kind": "adam", "learning_rate": 0.01},
        "schedule": "exponential",
        "early_stopping": {"patience": 30},
        "epochs": 8,
        "batch_size": 16,
        "l1": 0.01,
        "max_norm": 2.0,
        "weight_averaging": 0.9,
    },
}

TABLE = {
    "name": "Stored table",
    "data": {
        "source": {"kind": "csv", "path": f"v{SCHEMA_VERSION}-table.csv"},
        "target": "price",
        "ignored": ["id"],
        "columns": [
            {"name": "size", "preparation": {"kind": "yeo_johnson"}, "missing": "mean", "was_missing": True},
            {"name": "zone", "type": "code"},
        ],
    },
    "layers": [{"kind": "dense", "units": 5, "activation": "relu"}],
    "training": {
        "optimizer": {"kind": "momentum", "learning_rate": 0.01},
        "epochs": 6,
        "batch_size": 8,
        "precision": "float64",
        "l2": 0.001,
    },
}

STEPS = {"spiral": 10, "table": 13}
"""How many steps are taken before saving: in the middle of an epoch."""


def write_table(path: Path) -> None:
    """Numbers, a category that looks like one, yes and no, gaps: all that a preparation has to remember."""
    generator = np.random.default_rng(1)
    lines = ["id,size,zone,garden,price"]
    for row in range(40):
        size = generator.uniform(40, 160)
        zone = generator.choice(["5", "7", "x", ""])
        garden = generator.choice(["yes", "no"])
        price = 2.5 * size + 40 * (zone == "x") + 25 * (garden == "yes") + generator.normal(0, 5)
        lines.append(f"{row},{'' if row % 9 == 4 else f'{size:.1f}'},{zone},{garden},{price:.1f}")
    path.write_text("\n".join(lines) + "\n")


def main() -> None:
    """Write runs, table, and what the runs said of their own data."""
    write_table(FOLDER / f"v{SCHEMA_VERSION}-table.csv")
    expected = {}
    # The table is named without a folder, so that no file holds a path of somebody's machine.
    with contextlib.chdir(FOLDER):
        for name, values in (("spiral", SPIRAL), ("table", TABLE)):
            experiment = read(Experiment, values, name)
            dataset = prepare(experiment.data, experiment.data.load(), experiment.dtype)
            trainer = Trainer(experiment, dataset)
            for _ in trainer.run():
                if trainer.step == STEPS[name]:
                    break
            trainer.history.mark(trainer.step, trainer.position, "a mark")
            save(Path(f"v{SCHEMA_VERSION}-{name}.gradwright"), saved_run(trainer))
            outputs = trainer.predict(dataset.training.inputs[:5]).tolist()
            for _ in trainer.run():
                pass
            final = trainer.network.parameters[:8].tolist()
            expected[name] = {"outputs": outputs, "parameters after the last epoch": final}
    (FOLDER / f"v{SCHEMA_VERSION}-expected.json").write_text(json.dumps(expected, indent=1) + "\n")


if __name__ == "__main__":
    main()
