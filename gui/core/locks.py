"""What a lesson keeps as it is: parts of the experiment, the weights, the beginning of the run. No Qt."""

from typing import Any

from engine.experiment import Experiment
from engine.lessons.checks.network import setting
from gui.kit.text import tr

LOCKED = tr("This lesson keeps it as it is; it can be changed once the lesson is left.")

WEIGHTS, RESET = "weights", "reset"
"""Locks that are no settings: editing weights by hand, and going back to the beginning of the run."""

PARTS = {"network": ("layers", "head")}
"""Sections of the setup that are called otherwise in the experiment."""


class Locks:
    """The locks of a document; without a lesson there are none."""

    def __init__(self) -> None:
        self.paths: tuple[str, ...] = ()
        """Sections ("data", "network", "training"), settings ("training.optimizer"), "weights", "reset"."""

    def reason(self, path: str) -> str:
        """Why a section or a setting cannot be changed, in a sentence; empty where it can."""
        return LOCKED if any(path == one or path.startswith(f"{one}.") for one in self.paths) else ""

    def against(self, old: Experiment, new: Experiment) -> str:
        """Why an edit cannot be made, in a sentence; empty where it changes nothing that is locked."""
        return LOCKED if any(_value(old, one) != _value(new, one) for one in self.paths) else ""


def _value(experiment: Experiment, path: str) -> Any:
    section, dot, rest = path.partition(".")
    return [setting(experiment, f"{part}{dot}{rest}") for part in PARTS.get(section, (section,))]
