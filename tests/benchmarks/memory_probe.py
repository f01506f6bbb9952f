"""Takes steps, and prints as JSON what they left in memory: `… memory_probe RUN STEPS`."""

import gc
import json
import sys
import tracemalloc
from collections.abc import Iterator

from engine.training.history import Record
from engine.training.trainer import Event
from tests.benchmarks.cases import dataset, trainer
from tests.benchmarks.memory import RUNS
from tests.benchmarks.resident import resident_bytes

BATCHES = 50
"""In an epoch: the steps go through many epochs, with their scores."""
WARM_UP_STEPS = 1000
TRACED_STEPS = 20
"""Within one epoch."""


def main() -> None:
    """Measure one network."""
    (case, training), steps = RUNS[int(sys.argv[1])], int(sys.argv[2])
    run = trainer(case, dataset(case.shape, case.classes, BATCHES * case.batch), **training)
    events = run.run()
    take(events, WARM_UP_STEPS)
    gc.collect()
    recorded = written_bytes(run.history.steps) + written_bytes(run.history.epochs)
    blocks, before = sys.getallocatedblocks(), resident_bytes()
    take(events, steps)
    gc.collect()
    after, blocks = resident_bytes(), sys.getallocatedblocks() - blocks
    recorded = written_bytes(run.history.steps) + written_bytes(run.history.epochs) - recorded
    print(
        json.dumps(
            {
                "grown": None if before is None or after is None else after - before,
                "record": recorded,
                "blocks": blocks,
                "passing": passing_bytes(events),
            }
        )
    )


def take(events: Iterator[Event], steps: int) -> None:
    """So many optimizer steps; the pieces in which an epoch is scored do not count."""
    while steps:
        steps -= next(events) is not Event.SCORING


def written_bytes(record: Record) -> int:
    return record.count * len(record.columns) * 8


def passing_bytes(events: Iterator[Event]) -> int:
    """The most that is allocated within steps beyond what was there before them."""
    while next(events) is not Event.EPOCH:
        pass
    tracemalloc.start()
    take(events, TRACED_STEPS)
    before = tracemalloc.get_traced_memory()[0]
    tracemalloc.reset_peak()
    take(events, TRACED_STEPS)
    return tracemalloc.get_traced_memory()[1] - before


if __name__ == "__main__":
    main()
