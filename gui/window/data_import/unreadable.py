"""What could not be read of a table: lines that were left out, and cells that then count as missing."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFileDialog, QFrame, QHBoxLayout, QVBoxLayout, QWidget

from engine.data.columns.types import MOST_UNREADABLE
from engine.data.table import Unreadable
from engine.errors import UserError, excerpt
from engine.files.atomic import write_atomically
from engine.progress import Progress
from gui.core.jobs import Exports
from gui.kit import Label, LinkButton, theme
from gui.kit.numbers import count_text, quantity_text
from gui.kit.text import tr

MOST_LINES = 5
"""Places that could not be read are listed up to here; all of them can be saved."""


class UnreadablePlaces(QWidget):
    """Lines and cells, each with its place and the reason.

    `read_as_text` : name of a column whose values can all be read as text.
    """

    read_as_text = Signal(str)

    def __init__(self, exports: Exports, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._exports = exports
        self._places: tuple[Unreadable, ...] = ()
        self.title = Label("", "strong")
        self.lines = Label("", wrap=True)
        self.lines.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.problem = Label("", "error", wrap=True)
        self.problem.hide()
        self.save = LinkButton(tr("Save this list…"))
        self.as_text = LinkButton()
        frame = QFrame()
        frame.setProperty("well", True)
        inside = QVBoxLayout(frame)
        inside.setContentsMargins(12, 10, 12, 8)
        inside.setSpacing(6)
        links = QHBoxLayout()
        links.setSpacing(2 * theme.GRID)
        links.addWidget(self.save)
        links.addWidget(self.as_text)
        links.addStretch(1)
        inside.addWidget(self.lines)
        inside.addLayout(links)
        inside.addWidget(self.problem)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(10)
        layout.addWidget(self.title)
        layout.addWidget(frame)
        layout.addStretch(1)
        self.save.clicked.connect(self._save)
        self.as_text.clicked.connect(lambda: self.read_as_text.emit(self._column()))

    def show_places(self, places: Sequence[Unreadable], rows: int) -> None:
        """Show what was left out of a table of so many rows; hidden where nothing was."""
        self._places = tuple(places)
        self.title.setText(heading(places, rows))
        words = [place_text(place) for place in places[:MOST_LINES]]
        if len(places) > MOST_LINES:
            words.append(tr("… and {count} more.", count=count_text(len(places) - MOST_LINES)))
        self.lines.setText("\n".join(words))
        column = self._column()
        self.as_text.setText(tr("Read “{name}” as text instead", name=excerpt(column)))
        self.as_text.setVisible(bool(column))
        self.problem.hide()
        self.setVisible(bool(places))

    def _column(self) -> str:
        """The one column in which all of the cells are, if there is one."""
        columns = {place.column for place in self._places if place.column is not None}
        return next(iter(columns)) if len(columns) == 1 else ""

    def _save(self) -> None:
        chosen, _ = QFileDialog.getSaveFileName(
            self.window(), tr("Save this list"), tr("not read.csv"), "CSV (*.csv)"
        )
        if chosen:
            places = self._places
            self._exports.write(
                Path(chosen), lambda progress: write_places(Path(chosen), places, progress), self._fail
            )

    def _fail(self, error: UserError) -> None:
        self.problem.setText(str(error))
        self.problem.show()


def heading(places: Sequence[Unreadable], rows: int) -> str:
    """ "1 line of 61 left out · 7 cells could not be read". rows : that could be read."""
    lines = sum(place.column is None for place in places)
    cells = len(places) - lines
    words = []
    if lines:
        left_out = quantity_text(lines, "line", "lines")
        words.append(tr("{lines} of {all} left out", lines=left_out, all=count_text(rows + lines)))
    if cells:
        count = quantity_text(cells, "cell", "cells")
        more = len(places) >= MOST_UNREADABLE
        words.append(
            tr("at least {cells} could not be read", cells=count)
            if more
            else tr("{cells} could not be read", cells=count)
        )
    return " · ".join(words)


def place_text(place: Unreadable) -> str:
    """ "Line 119, bill_depth: expected a number, found “18,7 mm”." """
    if not place.line:  # a file of its own, which the reason names
        return tr(place.reason)
    if place.column is None:
        return tr("Line {line}: {reason}", line=count_text(place.line), reason=tr(place.reason))
    return tr(
        "Line {line}, {column}: {reason}",
        line=count_text(place.line),
        column=place.column,
        reason=tr(place.reason),
    )


def write_places(path: Path, places: Sequence[Unreadable], progress: Progress) -> None:
    """Write the places as a table of line, column and reason; raises UserError."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("line", "column", "reason"))
    writer.writerows((place.line, place.column or "", place.reason) for place in places)
    progress.check()

    def write(stream: IO[bytes]) -> None:
        stream.write(text.getvalue().encode())

    write_atomically(path, write)
