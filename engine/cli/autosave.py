"""Saves a run at intervals while it is trained, so that a crash does not lose hours of training."""

import os
import sys
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from time import monotonic, perf_counter, thread_time

from tqdm import tqdm

from engine.cli.terminal import Interruption, say
from engine.errors import UserError
from engine.files.atomic import FileState, file_state, free_path
from engine.files.journal import LEAST_INTERVAL_S, Journal, journal_root, next_interval
from engine.files.left_behind import left_behind
from engine.files.run_file import SavedRun, captured_run, load, save, saved_run
from engine.training.history import HistoryRows
from engine.training.trainer import Trainer

SECONDS_BETWEEN_SAVES = 180.0
"""Long enough that even a large network is hardly slowed down by it, short enough to be trained again."""


class OutputFile:
    """The file named by --out: what others have written there meanwhile, or more steps, is never overwritten.

    Make it before anything is read, since what is there then is what the person knows of. Where it may not be
    written over, the run goes into a file beside it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        """Where the run was saved last; the named file until then."""
        self._named, self._known = path, file_state(path)
        self._beside: Path | None = None
        self._known_beside: FileState | None = None

    @property
    def known(self) -> FileState | None:
        """The named file when it was last read or written here; None where there was none."""
        return self._known

    def check(self, steps: int) -> None:
        """Raise UserError where the file is known to hold more than the steps that the run will have."""
        if self._known is not None and self._known.holds_more_than(steps):
            raise UserError(
                f"--out {self._named}",
                expected=f"a file that holds no more than the {steps:,} steps of this run",
                got=f"one with {self._known.step:,}",
                help="Choose another name, or delete the file if it is no longer needed.",
            )

    def save(self, run: SavedRun) -> None:
        """Save the run; raises UserError where that cannot be."""
        steps = run.state.numbers["step"] if run.state is not None else None
        there = file_state(self._named)
        if there is None or (there == self._known and not there.holds_more_than(steps)):
            self._known, self.path = save(self._named, run), self._named
            self._remove_beside()
            return
        if self._beside is None or file_state(self._beside) != self._known_beside:
            self._beside = free_path(self._named)
            changed = "was changed by another program" if there != self._known else "holds more steps so far"
            say(f"Note: {self._named} {changed}; the run is saved as {self._beside}.")
        self._known_beside, self.path = save(self._beside, run), self._beside

    def _remove_beside(self) -> None:
        """Once the run is where it was to be, what was saved beside it on the way is not needed."""
        if self._beside is not None and file_state(self._beside) == self._known_beside:
            self._beside.unlink(missing_ok=True)
        self._beside = None


class Autosave:
    """Saves a run to its file at the ends of epochs and where it ends early, and to a journal in between.

    out : the file; None where none was asked for: then nothing is saved.
    """

    def __init__(self, trainer: Trainer, out: OutputFile | None, interruption: Interruption) -> None:
        self._trainer, self._out, self._interruption = trainer, out, interruption
        self._journal = None if out is None else RunJournal(trainer, out.path, out.known)
        self._last_save = monotonic()
        self._saved_sentence = ""

    def step_done(self) -> None:
        """Note the run in the journal if that was not done for some seconds."""
        if self._journal is not None:
            self._journal.step_done()

    def end(self, saved: bool) -> None:
        """The run has ended, and is in its file where it was `saved`."""
        if self._journal is not None:
            self._journal.end(saved)

    def epoch_done(self) -> None:
        """Save the run if that was not done for a while; where it fails, training goes on."""
        if self._out is None or monotonic() - self._last_save < SECONDS_BETWEEN_SAVES:
            return
        self._save(self._out)
        self._last_save = monotonic()

    def rescue(self) -> str:
        """Save the run after an error or an interruption; returns a sentence about the file."""
        trainer, history = self._trainer, self._trainer.history
        # Between the change of the weights and its record in the history, a file could not be continued.
        consistent = (trainer.step, trainer.epoch) == (history.steps.count, history.epochs.count)
        if self._out is not None and consistent:
            with self._interruption.postponed():
                self.end(self._save(self._out))
        return self._saved_sentence

    def _save(self, out: OutputFile) -> bool:
        """Whether the run is in its file now."""
        try:
            # The bar makes room for what is said meanwhile.
            with tqdm.external_write_mode(file=sys.stderr):
                out.save(saved_run(self._trainer))
        except UserError as error:
            with tqdm.external_write_mode(file=sys.stderr):
                say(f"Note: the run could not be saved. {error}")
            return False
        if self._journal is not None:
            self._journal.file_saved(out.known)
        self._saved_sentence = f"{out.path} holds the run as it was after step {self._trainer.step:,}"
        return True


PROGRAM = "command line"


class RunJournal:
    """Writes a run to a journal every few seconds while it is trained. Where that fails, training goes on.

    path : the file that the run is for; a killed run is restored into it.
    """

    def __init__(self, trainer: Trainer, path: Path, file: FileState | None = None) -> None:
        self._trainer, self._path = trainer, Path(os.path.realpath(path))
        self._journal: Journal | None = None
        self._pool = ThreadPoolExecutor(1, "gradwright journal")
        self._writing: Future[None] | None = None
        self._due = monotonic() + LEAST_INTERVAL_S
        self._interval = LEAST_INTERVAL_S
        try:
            self._journal = Journal(journal_root(), PROGRAM)
            self._journal.write_document(trainer.experiment, self._path, file, 1)
        except OSError as error:
            self._give_up(error)

    def file_saved(self, file: FileState | None) -> None:
        """Note that the run's file was written: it may be replaced by what is restored, and no other."""
        if self._journal is not None:
            try:
                self._wait()
                self._journal.write_document(self._trainer.experiment, self._path, file, 1)
            except Exception as error:  # whatever is wrong with the journal, it must not end the training
                self._give_up(error)

    def step_done(self) -> None:
        """Note the run if that was not done for a while; writing goes on beside the training."""
        if monotonic() >= self._due and self._journal is not None:
            self._note(self._journal)

    def end(self, saved: bool) -> None:
        """The run has ended. saved : it is in its file; else it is restored at the next start."""
        self._pool.shutdown()
        # What has failed in it makes no difference any more.
        self._writing = None
        journal, self._journal = self._journal, None
        if journal is None:
            return
        if saved:
            journal.discard()
            return
        with suppress(OSError, MemoryError):
            # What was noted before stays where this fails, too.
            journal.write_run(1, captured_run(self._trainer), HistoryRows.of(self._trainer.history))
        journal.close()

    def _note(self, journal: Journal) -> None:
        now = monotonic()
        if self._writing is not None and not self._writing.done():
            # A disk that is slower than this has notes that are older.
            self._due = now + LEAST_INTERVAL_S / 10
            return
        self._due = now + self._interval
        began = perf_counter()
        try:
            self._wait()
            run, rows = captured_run(self._trainer), HistoryRows.of(self._trainer.history)
        except Exception as error:  # as above; too little memory for a copy among it
            self._give_up(error)
            return
        copying = perf_counter() - began

        def write() -> None:
            started, spent = monotonic(), thread_time()
            journal.write_run(1, run, rows)
            self._interval = next_interval(copying + thread_time() - spent, monotonic() - started)

        self._writing = self._pool.submit(write)

    def _wait(self) -> None:
        """Wait for what is being written; raises what that has raised."""
        writing, self._writing = self._writing, None
        if writing is not None:
            writing.result()

    def _give_up(self, error: Exception) -> None:
        reason = (getattr(error, "strerror", None) or str(error) or "too little memory").lower()
        say(f"Note: the run cannot be saved every few seconds: {reason}. It is saved as usual.")
        if self._journal is not None:
            self._journal.discard()
            self._journal = None


def restore_interrupted(*files: Path) -> set[Path]:
    """Save runs whose process was killed into these files, which are returned.

    A file that is no longer as that process knew it is left alone: the run is then saved beside it. One that
    holds as many steps as the run has nothing to gain from it.
    """
    restored = set()
    wanted = {Path(os.path.realpath(file)) for file in files}
    for work in left_behind(journal_root()):
        if work.program != PROGRAM or work.path not in wanted:
            work.close()
            continue
        if not work.step:
            work.discard()
            continue
        try:
            run = work.load()
            there = file_state(work.path)
            own = there is None or there == work.file or _holds_the_same(work.path, run)
            if own and there is not None and (there.step or 0) >= work.step:
                work.discard()
                continue
            path = work.path if own else free_path(work.path)
            save(path, run)
        except (UserError, MemoryError) as error:
            say(f"Note: the run that was broken off at step {work.step:,} cannot be restored. {error}")
            work.close()
            continue
        changed = "" if own else f" {work.path} was changed by another program, and stays as it is."
        say(f"Note: {path} now holds the run that was broken off at step {work.step:,}.{changed}")
        work.discard()
        restored.add(path)
    return restored


def _holds_the_same(path: Path, run: SavedRun) -> bool:
    """Whether a file holds the run of this experiment: as when it was saved a moment before the kill."""
    try:
        return load(path).experiment == run.experiment
    except UserError:
        return False


def refuse_to_begin_again(restored: set[Path], file: str, out: Path | None) -> None:
    """Raise UserError where a run that was just restored would be replaced by one that begins again."""
    if out is None:
        return
    target = Path(os.path.realpath(out))
    if target in restored and Path(os.path.realpath(file)) != target:
        raise UserError(
            f"--out {out}",
            expected="a file that holds no run that was broken off",
            got="one that was restored just now",
            help=f"To go on with it: gradwright train {out} --out {out}. To begin again, choose another name "
            "or add --restart.",
        )
