"""The journal of `gradwright train`: a run whose process was killed goes into its file at the next start."""

from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from time import monotonic, perf_counter, thread_time

from engine.cli.messages import say
from engine.errors import UserError
from engine.files.file_state import file_state
from engine.files.journal import LEAST_INTERVAL_S, Journal, journal_root, left_behind, next_interval
from engine.files.run_file import captured_run, save
from engine.training.history import HistoryRows
from engine.training.trainer import Trainer

PROGRAM = "command line"


class RunJournal:
    """Notes a run in a journal every few seconds while it is trained. Where that fails, training goes on.

    path : the file that the run is for; a killed run is restored into it.
    """

    def __init__(self, trainer: Trainer, path: Path) -> None:
        self._trainer = trainer
        self._journal: Journal | None = None
        self._pool = ThreadPoolExecutor(1, "gradwright journal")
        self._writing: Future[None] | None = None
        self._due = monotonic() + LEAST_INTERVAL_S
        self._interval = LEAST_INTERVAL_S
        try:
            self._journal = Journal(journal_root(), PROGRAM)
            self._journal.write_document(trainer.experiment, path.absolute(), 1)
        except OSError as error:
            self._give_up(error)

    def step_done(self) -> None:
        """Note the run if that was not done for a while; writing goes on beside the training."""
        if monotonic() >= self._due and self._journal is not None:
            self._note(self._journal)

    def end(self, saved: bool) -> None:
        """The run has ended. saved : it is in its file; else it is restored at the next start."""
        self._pool.shutdown()
        journal, self._journal = self._journal, None
        if journal is None:
            return
        if saved:
            journal.discard()
        else:
            journal.close()

    def _note(self, journal: Journal) -> None:
        now = monotonic()
        if self._writing is not None and not self._writing.done():
            # A disk that is slower than this has notes that are older.
            self._due = now + LEAST_INTERVAL_S / 10
            return
        if self._writing is not None and isinstance(error := self._writing.exception(), OSError):
            self._give_up(error)
            return
        self._due = now + self._interval
        began = perf_counter()
        run, rows = captured_run(self._trainer), HistoryRows.of(self._trainer.history)
        copying = perf_counter() - began

        def write() -> None:
            started, spent = monotonic(), thread_time()
            journal.write_run(1, run, rows)
            self._interval = next_interval(copying + thread_time() - spent, monotonic() - started)

        self._writing = self._pool.submit(write)

    def _give_up(self, error: OSError) -> None:
        say(
            "Note: the run cannot be kept against a sudden end: "
            f"{(error.strerror or str(error)).lower()}. It is saved as usual."
        )
        if self._journal is not None:
            self._journal.discard()
            self._journal = None


def restore_interrupted(*files: Path) -> None:
    """Put runs whose process was killed into these files, where the files hold less."""
    wanted = {file.absolute() for file in files}
    for work in left_behind(journal_root()):
        if work.program != PROGRAM or work.path not in wanted:
            work.close()
            continue
        there = file_state(work.path)
        if not work.step or (there is not None and there.step is not None and there.step >= work.step):
            work.discard()
            continue
        try:
            save(work.path, work.load())
        except (UserError, MemoryError) as error:
            say(f"Note: the run that was broken off at step {work.step:,} cannot be restored. {error}")
            work.close()
            continue
        say(
            f"Note: {work.path} now holds the run that was broken off at step {work.step:,}. "
            f"To go on with it: gradwright train {work.path.name} --out {work.path.name}"
        )
        work.discard()
