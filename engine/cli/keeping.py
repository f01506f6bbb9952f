"""Saves a run while it goes on, so that hours of training do not hang on its last minute."""

import sys
from itertools import count
from pathlib import Path
from time import monotonic

from tqdm import tqdm

from engine.cli.interruption import Interruption
from engine.cli.messages import say
from engine.cli.recovery import RunJournal
from engine.errors import UserError
from engine.files.file_state import FileState, file_state
from engine.files.run_file import SavedRun, save, saved_run
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
            self._beside = _free(self._named)
            changed = "was changed by another program" if there != self._known else "holds more steps so far"
            say(f"Note: {self._named} {changed}; the run is saved as {self._beside}.")
        self._known_beside, self.path = save(self._beside, run), self._beside

    def _remove_beside(self) -> None:
        """Once the run is where it was to be, what was saved beside it on the way is not needed."""
        if self._beside is not None and file_state(self._beside) == self._known_beside:
            self._beside.unlink(missing_ok=True)
        self._beside = None


def _free(path: Path) -> Path:
    """The path with a number behind its name, so that there is no such file."""
    names = (path.with_name(f"{path.stem} {number}{path.suffix}") for number in count(2))
    return next(name for name in names if not name.exists())


class Keeper:
    """Keeps a run in its file at the ends of epochs and where it ends early, and in a journal in between.

    out : the file; None where none was asked for, and then nothing is done.
    """

    def __init__(self, trainer: Trainer, out: OutputFile | None, interruption: Interruption) -> None:
        self._trainer, self._out, self._interruption = trainer, out, interruption
        self._journal = None if out is None else RunJournal(trainer, out.path)
        self._looked = monotonic()
        self._kept = ""

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
        if self._out is None or monotonic() - self._looked < SECONDS_BETWEEN_SAVES:
            return
        self._save(self._out)
        self._looked = monotonic()

    def rescue(self) -> str:
        """Save what there is after an error or an interruption; tells in a sentence what file is there."""
        trainer, history = self._trainer, self._trainer.history
        # Between the change of the weights and its record, the file could not be gone on from.
        whole = (trainer.step, trainer.epoch) == (history.steps.count, history.epochs.count)
        if self._out is not None and whole:
            with self._interruption.postponed():
                self.end(self._save(self._out))
        return self._kept

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
        self._kept = f"{out.path} holds the run as it was after step {self._trainer.step:,}"
        return True
