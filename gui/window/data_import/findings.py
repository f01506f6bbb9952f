"""What was noticed about a table, each with its remedies, and the lines that could not be read."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QFileDialog, QFrame, QHBoxLayout, QVBoxLayout, QWidget

from engine.data import Finding
from engine.data.table import Unreadable
from engine.errors import UserError
from engine.files.atomic import write_atomically
from engine.progress import Progress
from gui.core.jobs import Exports
from gui.kit import Label, LinkButton, theme
from gui.kit.numbers import count_text, quantity_text
from gui.kit.text import tr

MOST_LINES = 5
"""Lines that could not be read are listed up to here; all of them can be saved."""
MOST_BLOCKS = 40
"""Findings that are listed; what is about ten thousand columns is grouped before."""
FEWEST_GROUPED = 3


class FindingBlock(QWidget):
    """One finding, or several of one kind: a sentence, and links that do something about it."""

    def __init__(self, sentence: str, colour: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._colour = colour
        self.sentence = Label(sentence, wrap=True)
        self.sentence.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.links: list[LinkButton] = []
        self._links = QHBoxLayout()
        self._links.setSpacing(2 * theme.GRID)
        self._links.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(11, 1, 0, 1)
        layout.setSpacing(2)
        layout.addWidget(self.sentence)
        layout.addLayout(self._links)

    def add_link(self, text: str) -> LinkButton:
        """A remedy."""
        link = LinkButton(text)
        self._links.insertWidget(self._links.count() - 1, link)
        self.links.append(link)
        return link

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        colour = getattr(theme.current(), self._colour)
        painter.fillRect(0, 0, 3, self.height(), QColor(colour))
        painter.end()


class FindingBlocks(QWidget):
    """All findings. `ignored` : names of columns to ignore; `shown` : names of columns to select."""

    ignored = Signal(object)
    shown = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = Label(tr("What was noticed"), "strong")
        self._blocks: list[FindingBlock] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(10)
        self._column.addWidget(self._title)
        self._column.addStretch(1)
        self._listed: tuple[Finding, ...] | None = None

    @property
    def blocks(self) -> tuple[FindingBlock, ...]:
        """From top to bottom."""
        return tuple(self._blocks)

    def links(self) -> list[LinkButton]:
        """All remedies, from top to bottom."""
        return [link for block in self._blocks for link in block.links]

    def show_findings(self, findings: Sequence[Finding]) -> None:
        """Show these in place of those before."""
        if tuple(findings) == self._listed:
            return
        self._listed = tuple(findings)
        for block in self._blocks:
            self._column.removeWidget(block)
            block.hide()
            block.deleteLater()
        groups = grouped(findings)
        self._blocks = [self._block(group) for group in groups[:MOST_BLOCKS]]
        for place, block in enumerate(self._blocks):
            self._column.insertWidget(1 + place, block)
        self._title.setText(
            tr("What was noticed ({count})", count=count_text(len(groups)))
            if groups
            else tr("Nothing was noticed")
        )

    def _block(self, group: Sequence[Finding]) -> FindingBlock:
        first, names = group[0], [one.column for one in group if one.column is not None]
        offered = [one.ignore for one in group if one.ignore is not None]
        sentence = tr(first.sentence)
        if len(group) > 1:
            sentence = tr(
                "{sentence} The same is true of {count} more: {names}",
                sentence=sentence,
                count=count_text(len(group) - 1),
                names=_listing(names[1:]),
            )
        block = FindingBlock(sentence, "warning" if offered else "accent")
        if offered:
            words = (
                tr("Ignore it")
                if len(offered) == 1
                else tr("Ignore all {count}", count=count_text(len(offered)))
            )
            block.add_link(words).clicked.connect(lambda: self.ignored.emit(offered))
        if names:
            words = tr("Show it") if len(names) == 1 else tr("Show them")
            block.add_link(words).clicked.connect(lambda: self.shown.emit(names))
        return block


def grouped(findings: Sequence[Finding]) -> list[list[Finding]]:
    """Findings of one kind together where there are many of them, at the place of the first."""
    kinds: dict[str, list[Finding]] = {}
    for finding in findings:
        kinds.setdefault(finding.kind, []).append(finding)
    found: list[list[Finding]] = []
    for same in kinds.values():
        found += [same] if len(same) >= FEWEST_GROUPED else [[one] for one in same]
    return found


def _listing(names: Sequence[str], most: int = 6) -> str:
    shown = ", ".join(f"“{name}”" for name in names[:most])
    return f"{shown}." if len(names) <= most else f"{shown}, …"


class UnreadableLines(QWidget):
    """Lines that were left out, each with its place and the reason.

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
        self.save = LinkButton(tr("Save these lines…"))
        self.as_text = LinkButton(tr("Read as text instead"))
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
        self.title.setText(
            tr(
                "{lines} could not be read, of {all}",
                lines=quantity_text(len(places), "place", "places"),
                all=quantity_text(rows + len({one.line for one in places}), "line", "lines"),
            )
        )
        words = [place_text(place) for place in places[:MOST_LINES]]
        if len(places) > MOST_LINES:
            words.append(tr("… and {count} more.", count=count_text(len(places) - MOST_LINES)))
        self.lines.setText("\n".join(words))
        self.as_text.setVisible(bool(self._column()))
        self.problem.hide()
        self.setVisible(bool(places))

    def _column(self) -> str:
        """The one column in which all of them are, if there is one."""
        columns = {place.column for place in self._places}
        return next(iter(columns)) or "" if len(columns) == 1 else ""

    def _save(self) -> None:
        chosen, _ = QFileDialog.getSaveFileName(
            self.window(), tr("Save these lines"), tr("lines not read.csv"), "CSV (*.csv)"
        )
        if chosen:
            places = self._places
            self._exports.write(
                Path(chosen), lambda progress: write_places(Path(chosen), places, progress), self._fail
            )

    def _fail(self, error: UserError) -> None:
        self.problem.setText(str(error))
        self.problem.show()


def place_text(place: Unreadable) -> str:
    """ "Line 119, bill_depth: expected a number, found “18,7 mm”." """
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
