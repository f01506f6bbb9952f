"""Writes what is to be saved, after a look at what the file holds now. No Qt; runs in a job."""

from dataclasses import dataclass
from pathlib import Path

from engine.files.file_state import FileState, file_state
from engine.files.run_file import save
from gui.core.messages import Copy


@dataclass(frozen=True, eq=False)
class SaveOrder:
    """What is to be saved where.

    known : the file as it was when it was last read or written here; None where it never was.
    sure : a person has said that whatever the file holds is to be replaced.
    generation, run : of the document and the run that it is of.
    """

    path: Path
    copy: Copy
    known: FileState | None
    sure: bool
    generation: int
    run: int


@dataclass(frozen=True)
class Written:
    """The file is on disk; how it stands there now."""

    state: FileState


@dataclass(frozen=True)
class Clash:
    """Nothing was written: the file is another than it was, or holds more training than what is saved."""

    found: FileState
    changed: bool


def write(order: SaveOrder) -> Written | Clash:
    """Save, unless that would replace what nobody has agreed to lose; raises UserError."""
    found = file_state(order.path)
    if not order.sure and found is not None:
        changed = order.known is not None and found != order.known
        if changed or found.holds_more_than(order.copy.step):
            return Clash(found, changed)
    return Written(save(order.path, order.copy.complete()))
