"""Orders to edit weights of a run, carried out by the worker at a step boundary. No Qt."""

from collections.abc import Callable, Sequence

from engine.errors import UserError
from engine.network import Network
from engine.training.parameter_edits import Edit
from gui.core.messages import Edited, in_words
from gui.core.runs import Run
from gui.kit.numbers import quantity_text
from gui.kit.text import tr

Edits = Sequence[Edit] | Callable[[Network], Sequence[Edit]]
"""Edits, or what says of the network at hand which edits are to be made."""


class EditOrder:
    """One edit of weights, which can be made, taken back and made again; text : as the history calls it.

    The window makes it and reads nothing of it later: what stood there before is known to the worker alone,
    which carries orders out one after the other, on its thread.
    """

    def __init__(self, edits: Edits, text: str) -> None:
        self.edits, self.text = edits, text
        self._undo: tuple[Edit, ...] = ()
        """What puts back what stood there; empty while the edit is not made."""
        self._step = 0

    def apply(self, run: Run, command: int) -> Edited:
        """Make the edit; without a number that would not be finite, all of it."""
        try:
            edits = self.edits(run.trainer.network) if callable(self.edits) else self.edits
            self._undo = run.trainer.edit_parameters(edits, self.text)
        except (UserError, MemoryError) as error:
            self._undo = ()
            return Edited(run.number, error=in_words(error))
        self._step = run.trainer.step
        return Edited(run.number)

    def take_back(self, run: Run, command: int) -> Edited:
        """Put the numbers back that stood there before; what other weights have learned since stays."""
        undo, self._undo = self._undo, ()
        if not undo:
            return Edited(run.number)
        trainer = run.trainer
        trainer.edit_parameters(undo, tr("Undone: {edit}", edit=self.text))
        steps = trainer.step - self._step
        if not steps:
            return Edited(run.number)
        since = quantity_text(steps, tr("step"), tr("steps"))
        return Edited(
            run.number,
            tr(
                "The edited weights are as they were before the edit; the {since} since then stay.",
                since=since,
            ),
        )
