"""Opens damaged files as the window and the command line do: `python -m tests.end_to_end.mutations`.

Each is either opened or refused in a sentence. Anything else is a fault: an error that is no sentence, more
than ten seconds, or more than a gigabyte of memory. Status 1 where there is one.
"""

import argparse
import collections
import contextlib
import multiprocessing
import multiprocessing.connection
import os
import resource
import sys
import tempfile
import time
import traceback
import warnings
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from tests.end_to_end.mutants import Mutant, make_mutant, write_originals

LONGEST_SECONDS = 10.0
LARGEST_PEAK = 2**30
MEMORY = 2**28
"""What networks are told that the machine has: a large one that is meant is no fault of reading."""

ADDRESS_SPACE = 2**34
"""Nothing that is read may endanger the machine that this is run on."""

LONGEST_SENTENCE = 4000


@dataclass(frozen=True)
class Outcome:
    """What came of a mutant. fault : a word, empty where all is well. detail : the sentence, or the trace."""

    number: int
    kind: str
    fault: str
    detail: str
    seconds: float = 0.0
    peak: int = 0


def open_mutant(mutant: Mutant) -> None:
    """Open it as the program does; raises UserError where it is refused."""
    from engine.data import DataSettings, describe, prepare
    from engine.data.images.files import image_table
    from engine.data.sources.csv_file import CSVFile
    from engine.data.sources.mnist import MNIST
    from engine.files.atomic import file_state
    from engine.files.opening import open_run
    from engine.files.run_file import resume
    from tests.engine.training.runs import experiment

    if mutant.kind in ("model", "experiment"):
        file_state(mutant.path)
        run = open_run(str(mutant.path))
        settings, dtype = run.experiment.data, run.experiment.dtype
        table = settings.source.load()
        describe(table, settings)
        resume(run, prepare(settings, table, dtype), mutant.path.name)
        return
    dtype = experiment().dtype
    if mutant.kind == "table":
        table, _ = CSVFile(path=str(mutant.path)).load_with_fields({})
        settings = DataSettings(source=CSVFile(path=str(mutant.path)))
    elif mutant.path.is_dir():
        settings = DataSettings(source=MNIST(path=str(mutant.path)))
        table = settings.source.load()
    else:
        image_table(str(mutant.path), "image")
        return
    describe(table, settings)
    prepare(settings, table, dtype)


def judged(number: int, mutant: Mutant) -> Outcome:
    """Open a mutant in this process, and say what came of it."""
    from engine.errors import UserError

    fault, detail = "", "opened"
    before, start = _start_of_peak(), time.monotonic()
    try:
        open_mutant(mutant)
    except UserError as error:
        detail = str(error)
        if not detail.isprintable() or len(detail) > LONGEST_SENTENCE:
            fault = "sentence"
    except BaseException:  # whatever it is: finding it is what this is for
        fault, detail = "traceback", traceback.format_exc()
    seconds, peak = time.monotonic() - start, max(_peak() - before, 0)
    if not fault and seconds > LONGEST_SECONDS:
        fault = "hang"
    if not fault and peak > LARGEST_PEAK:
        fault = "peak"
    return Outcome(number, mutant.kind, fault, detail, seconds, peak)


def _start_of_peak() -> int:
    """Memory in use now, from which on the peak is counted, where the system can count afresh."""
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        return _peak()
    return _peak()


def _peak() -> int:
    try:
        status = Path("/proc/self/status").read_text()
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return int(status.split("VmHWM:")[1].split()[0]) * 1024


def work(connection: Connection, originals: Path, folder: Path, seed: int) -> None:
    """Open the mutants whose numbers come in: a process of its own."""

    from engine.training import resources

    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
    resources.memory_of_this_machine = lambda: MEMORY
    with open(os.devnull, "w") as nowhere, contextlib.redirect_stderr(nowhere):
        # What is imported on the way is not to count, in time or in memory.
        for name in ("table.csv", "0 model.gradwright", "1 model.gradwright"):
            open_mutant(Mutant("table" if "table" in name else "model", originals / name))
        warnings.simplefilter("error")
        connection.send(None)
        while (number := connection.recv()) is not None:
            mutant = make_mutant(originals, folder, seed, number)
            connection.send(mutant.kind)
            connection.send(judged(number, mutant))


class Worker:
    """A process that opens mutants, started again after one that it does not come back from."""

    def __init__(self, originals: Path, folder: Path, seed: int) -> None:
        self._arguments = (originals, folder, seed)
        folder.mkdir()
        self._start()

    def _start(self) -> None:
        context = multiprocessing.get_context("spawn")
        self.connection, theirs = context.Pipe()
        self._process = context.Process(target=work, args=(theirs, *self._arguments), daemon=True)
        self._process.start()
        theirs.close()
        self.connection.recv()

    def begin(self, number: int) -> None:
        """Hand out a mutant; `result` is what came of it."""
        self._number, self._kind, self._begun = number, "", time.monotonic()
        self.connection.send(number)

    def result(self) -> Outcome | None:
        """What came of the mutant; None while it is being opened."""
        try:
            while self.connection.poll():
                received = self.connection.recv()
                if isinstance(received, Outcome):
                    return received
                self._kind, self._begun = received, time.monotonic()
        except EOFError:
            return self._given_up("crash", "the process ended")
        if time.monotonic() - self._begun > 2 * LONGEST_SECONDS:
            return self._given_up("hang", f"not back after {2 * LONGEST_SECONDS:.0f} seconds")
        return None

    def _given_up(self, fault: str, detail: str) -> Outcome:
        self.stop()
        self._start()
        return Outcome(self._number, self._kind, fault, detail)

    def stop(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.join()
        self.connection.close()


def run(count: int, seed: int, processes: int) -> list[Outcome]:
    """Open so many mutants; what came of each."""
    outcomes: list[Outcome] = []
    with tempfile.TemporaryDirectory() as place:
        originals = Path(place) / "originals"
        originals.mkdir()
        write_originals(originals)
        workers = [Worker(originals, Path(place) / str(index), seed) for index in range(processes)]
        numbers = iter(range(count))
        busy = [worker for worker in workers if _begin(worker, numbers)]
        while busy:
            multiprocessing.connection.wait([worker.connection for worker in busy], timeout=1.0)
            for worker in list(busy):
                outcome = worker.result()
                if outcome is not None:
                    outcomes.append(outcome)
                    if not _begin(worker, numbers):
                        busy.remove(worker)
        for worker in workers:
            worker.stop()
    return outcomes


def _begin(worker: Worker, numbers: "collections.abc.Iterator[int]") -> bool:
    number = next(numbers, None)
    if number is not None:
        worker.begin(number)
    return number is not None


def main() -> int:
    """Run as the arguments say; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.end_to_end.mutations", description=__doc__)
    parser.add_argument("--count", type=int, default=3000, help="how many mutants")
    parser.add_argument("--seed", type=int, default=1, help="other mutants for another seed")
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args()
    start = time.monotonic()
    outcomes = run(options.count, options.seed, options.processes)
    faults = [outcome for outcome in outcomes if outcome.fault]
    for outcome in faults:
        print(f"\nmutant {outcome.number} ({outcome.kind}), {outcome.fault}:\n{outcome.detail[-3000:]}")
    for kind in sorted({outcome.kind for outcome in outcomes}):
        of_kind = [outcome for outcome in outcomes if outcome.kind == kind]
        opened = sum(outcome.detail == "opened" for outcome in of_kind)
        print(
            f"{kind:<12}{len(of_kind):>6,} mutants, {opened:>5,} opened, slowest "
            f"{max(outcome.seconds for outcome in of_kind):.1f} s, largest "
            f"{max(outcome.peak for outcome in of_kind) / 2**20:,.0f} MiB"
        )
    found = collections.Counter(outcome.fault for outcome in faults)
    words = ("traceback", "sentence", "crash", "hang", "peak")
    print(", ".join(f"{found[word]} × {word}" for word in words), f"in {time.monotonic() - start:.0f} s")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
