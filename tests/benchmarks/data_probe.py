"""One measurement of `data`, in a process of its own: `… data_probe WHAT PATH`, which prints it as JSON."""

import importlib
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from engine.data import DataSettings, describe, prepare
from engine.data.dataset import Dataset
from engine.data.sources.csv_file import CSVFile
from engine.data.sources.image_folder import ImageFolder
from engine.experiment import Experiment
from engine.layers import Dense, Flatten
from engine.training.batches import Batches
from engine.training.trainer import Event, Trainer
from tests.benchmarks.resident import resident_bytes

STEPS = 300


def main() -> None:
    """Measure what is named."""
    what, path = sys.argv[1], Path(sys.argv[2])
    began = time.perf_counter()
    found: dict[str, Any] = MEASURED[what](path)
    found.setdefault("seconds", time.perf_counter() - began)
    print(json.dumps(found | {"peak": resident_bytes("VmHWM")}))


def import_ours(path: Path) -> dict[str, Any]:
    """Read a table."""
    importlib.import_module("duckdb")
    began = time.perf_counter()
    rows = CSVFile(path=str(path)).load().rows
    return {"seconds": time.perf_counter() - began, "rows": rows}


def import_pandas(path: Path) -> dict[str, Any]:
    """Read the same table by pandas with pyarrow."""
    pandas = importlib.import_module("pandas")
    importlib.import_module("pyarrow.csv")
    began = time.perf_counter()
    rows = len(pandas.read_csv(path, engine="pyarrow"))
    return {"seconds": time.perf_counter() - began, "rows": rows}


def described(path: Path) -> dict[str, Any]:
    """Read and describe a table, as `gradwright data` does."""
    settings = DataSettings(source=CSVFile(path=str(path)))
    table = settings.load()
    return {"columns": len(describe(table, settings).columns)}


def trained_table(path: Path) -> dict[str, Any]:
    """Read, describe and prepare a table, and train on it."""
    settings = DataSettings(source=CSVFile(path=str(path)))
    table = settings.load()
    describe(table, settings)
    return trained(settings, prepare(settings, table))


def trained_images(path: Path) -> dict[str, Any]:
    """The same with a folder of pictures."""
    settings = DataSettings(source=ImageFolder(path=str(path)))
    return trained(settings, prepare(settings, settings.load()))


def trained(settings: DataSettings, dataset: Dataset) -> dict[str, Any]:
    """Take steps, and say what part of their time the trainer waits for its rows."""
    waited = 0.0
    take = Batches.next

    def timed(batches: Batches) -> Any:
        nonlocal waited
        began = time.perf_counter()
        try:
            return take(batches)
        finally:
            waited += time.perf_counter() - began

    Batches.next = timed
    flat = (Flatten(),) if len(dataset.input_shape) > 1 else ()
    experiment = Experiment(data=settings, layers=(*flat, Dense(units=64), Dense(units=64)))
    trainer = Trainer(experiment, dataset)
    events, steps = trainer.run(), 0
    next(events)
    waited, began = 0.0, time.perf_counter()
    while steps < STEPS:
        steps += next(events) is not Event.SCORING
    return {"waiting": waited / (time.perf_counter() - began)}


MEASURED: dict[str, Callable[[Path], dict[str, Any]]] = {
    "import": import_ours,
    "pandas": import_pandas,
    "describe": described,
    "train": trained_table,
    "images": trained_images,
}

if __name__ == "__main__":
    main()
