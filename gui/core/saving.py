"""Saves the current run, in jobs, one after the other; asks before a changed or longer file is replaced."""

import collections
from dataclasses import dataclass, replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from engine.errors import UserError
from engine.files.atomic import FileState, file_state
from engine.files.run_file import save
from gui.core.jobs import JobRunner
from gui.core.messages import Copy
from gui.core.session import Session
from gui.kit.text import tr


@dataclass(frozen=True, eq=False)
class SaveOrder:
    """What is to be saved where.

    known : the file as it was when it was last read or written here; None where it never was.
    sure : a person has said that whatever the file holds is to be replaced.
    generation, run : of the document and the run that it is of.
    edits : how often weights were edited by then.
    """

    path: Path
    copy: Copy
    known: FileState | None
    sure: bool
    generation: int
    run: int
    edits: int = 0


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


class Saver(QObject):
    """Copies the run at once, and writes in the order in which it was asked to: two writes at the same time
    could end in the wrong order. All in the window's thread.

    Signals: `written` with SaveOrder and Written; `clashed` with SaveOrder and Clash, which may be handed to
    `replace`; `failed` with UserError, or None where the job was cancelled. One of them ends each save.
    """

    written = Signal(object, object)
    clashed = Signal(object, object)
    failed = Signal(object)

    def __init__(self, session: Session, jobs: JobRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session, self._jobs = session, jobs
        self._capturing = 0
        """Saves whose copy of the run is still to come."""
        self._orders: collections.deque[SaveOrder] = collections.deque()
        self._writing = False

    @property
    def busy(self) -> bool:
        """Whether anything is still to be written."""
        return bool(self._capturing or self._orders or self._writing)

    def save(self, path: Path, known: FileState | None, generation: int) -> None:
        """Save the run as it is now, or the experiment alone; see SaveOrder."""
        run, edits = self._session.number, self._session.edits
        self._capturing += 1

        def captured(copy: Copy) -> None:
            self._capturing -= 1
            self._orders.append(SaveOrder(path, copy, known, False, generation, run, edits))
            self._write_next()

        def failed(error: UserError) -> None:
            self._capturing -= 1
            self.failed.emit(error)

        self._session.capture(captured, failed)

    def replace(self, order: SaveOrder) -> None:
        """Write what has clashed: a person wants the file replaced."""
        self._orders.appendleft(replace(order, known=None, sure=True))
        self._write_next()

    def _write_next(self) -> None:
        if self._writing or not self._orders:
            return
        order, self._writing = self._orders.popleft(), True

        def ended(found: Written | Clash) -> None:
            self._writing = False
            signal = self.clashed if isinstance(found, Clash) else self.written
            signal.emit(order, found)
            self._write_next()

        def failed(error: UserError | None = None) -> None:
            self._writing = False
            self.failed.emit(error)
            self._write_next()

        title = tr("Saving {name}", name=order.path.name)
        self._jobs.start(title, lambda progress: write(order), ended, failed, failed, announced=False)
