"""Saves a run while it goes on, so that hours of training do not hang on its last minute."""

import sys
from pathlib import Path
from time import monotonic

from tqdm import tqdm

from engine.errors import UserError
from engine.files.run_file import save, saved_run
from engine.training.trainer import Trainer

SECONDS_BETWEEN_SAVES = 180.0
"""Long enough that even a large network is hardly slowed down by it, short enough to be trained again."""


class Keeper:
    """Keeps a run in a file at the ends of epochs, and where it ends before its time.

    out : the file; None where none was asked for, and then nothing is done.
    """

    def __init__(self, trainer: Trainer, out: Path | None) -> None:
        self._trainer, self._out = trainer, out
        self._looked = monotonic()
        self._kept = ""

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
            self._save(self._out)
        return self._kept

    def _save(self, out: Path) -> None:
        try:
            save(out, saved_run(self._trainer))
        except UserError as error:
            tqdm.write(f"Note: the run could not be saved. {error}", file=sys.stderr)
            return
        self._kept = f"{out} holds the run as it was after step {self._trainer.step:,}"
