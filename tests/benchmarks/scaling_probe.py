"""Trains one size, and prints its cost as JSON: `… scaling_probe WIDTH BATCH ROWS QUICK`."""

import json
import statistics
import sys
import time
from collections.abc import Iterator

from engine.training.trainer import Event
from tests.benchmarks.cases import Case, dataset, trainer
from tests.benchmarks.measuring import QUICK, THOROUGH, compare
from tests.benchmarks.peers import gradwright
from tests.benchmarks.resident import resident_bytes
from tests.benchmarks.scaling import CLASSES, INPUTS

EPOCHS = 5


def main() -> None:
    """Measure one size: seconds a step and an epoch, and memory."""
    width, batch, rows, quick = map(int, sys.argv[1:])
    case = Case("", (INPUTS,), (width, width), CLASSES, batch)
    # What imports, the first products and their threads take is none of the network's.
    warm = trainer(case, dataset(case.shape, CLASSES, 2 * batch)).run()
    next(warm)
    warm.close()
    before = resident_bytes()
    data = dataset(case.shape, CLASSES, rows)
    events = trainer(case, data).run()
    epochs = [epoch_seconds(events) for _ in range(1 if quick else EPOCHS)]
    most = resident_bytes("VmHWM")
    speeds = compare({"": gradwright(case, data)}, QUICK if quick else THOROUGH)[""]
    print(
        json.dumps(
            {
                "step_s": 1 / speeds.median,
                "epoch_s": statistics.median(epochs),
                "bytes": None if before is None or most is None else most - before,
            }
        )
    )


def epoch_seconds(events: Iterator[Event]) -> float:
    """One epoch, with the scores after it."""
    started = time.perf_counter()
    while next(events) is not Event.EPOCH:
        pass
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
