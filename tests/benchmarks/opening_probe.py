"""The process that `opening` measures: a second thread opens a table, the first notes how late it wakes."""

import gc
import json
import random
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from engine.data import DataSettings, Description, describe, prepare
from engine.data.sources.csv_file import CSVFile
from engine.progress import Cancelled, Progress
from tests.benchmarks.resident import resident_bytes

INTERVAL_S = 0.005
SWITCH_INTERVAL_S = 0.0005
"""As the window sets it."""

CANCELLED = 10
HIGHEST_MARK = Path("/proc/self/clear_refs")
"""Writing 5 into it makes the system count the most memory in use from now on."""


def main() -> None:
    """Measure one table."""
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    gc.disable()  # as the window does, which collects now and then in its own thread
    settings = DataSettings(source=CSVFile(path=sys.argv[1]), target="label")
    settings.source.replace(path=sys.argv[2]).load()  # imports the libraries
    found: dict[str, Any] = {}
    found["load"], table = watched(settings.source.load)
    found["describe"], description = watched(lambda: describe(table, settings))
    advised = as_advised(settings, description)
    found["prepare"], dataset = watched(lambda: prepare(advised, table))
    found["fingerprint"] = dataset.fingerprint
    seconds = sum(found[stage]["seconds"] for stage in ("load", "describe", "prepare"))
    found["cancel"] = cancelled(settings, seconds)
    print(json.dumps(found))


def as_advised(settings: DataSettings, description: Description) -> DataSettings:
    """Without the columns that cannot be learned from: names, dates."""
    ignored = tuple(name for finding in description.findings for name in finding.ignorable)
    return settings.replace(ignored=ignored)


def watched(work: Callable[[], Any]) -> tuple[dict[str, Any], Any]:
    """How late this thread woke while another worked, how long that took, and its result."""
    results: list[Any] = []
    thread = threading.Thread(target=lambda: results.append(work()))
    if HIGHEST_MARK.exists():
        HIGHEST_MARK.write_text("5")
    late = []
    began = time.perf_counter()
    thread.start()
    working = True
    while working:
        asleep = time.perf_counter()
        time.sleep(INTERVAL_S)
        late.append(time.perf_counter() - asleep - INTERVAL_S)
        working = thread.is_alive()
    seconds = time.perf_counter() - began
    milliseconds = 1000 * np.array(late)
    figures = {
        "seconds": seconds,
        "p50": float(np.percentile(milliseconds, 50)),
        "p99": float(np.percentile(milliseconds, 99)),
        "max": float(milliseconds.max()),
        "peak": resident_bytes("VmHWM"),
    }
    return figures, results[0]


def cancelled(settings: DataSettings, seconds: float) -> list[float]:
    """Seconds from cancelling to the end of the work, at random moments of the time that it takes."""
    chance, found = random.Random(0), []
    for _ in range(CANCELLED):
        progress = Progress()
        thread = threading.Thread(target=opened, args=(settings, progress))
        thread.start()
        time.sleep(chance.uniform(0, 0.9 * seconds))
        began = time.perf_counter()
        progress.cancel()
        thread.join()
        found.append(time.perf_counter() - began)
    return found


def opened(settings: DataSettings, progress: Progress) -> None:
    """All that opening a table does, until it is cancelled."""
    try:
        table = settings.source.load(progress.part(0, 0.6))
        description = describe(table, settings, progress.part(0.6, 0.8))
        prepare(as_advised(settings, description), table, progress=progress.part(0.8, 1))
    except Cancelled:
        pass


if __name__ == "__main__":
    main()
