"""What was noticed about a table, each with its remedies."""

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from engine.data import Finding
from engine.data.checks.finding import Severity
from gui.kit import Label, LinkButton, theme
from gui.kit.numbers import count_text
from gui.kit.text import tr

MOST_BLOCKS = 40
"""Findings that are listed; what is about ten thousand columns is grouped before."""
COLOURS: dict[Severity, str] = {"serious": "error", "warning": "warning", "hint": "accent"}


class FindingBlock(QWidget):
    """One finding: what it is, the evidence, and links that do something about it."""

    def __init__(self, title: str, sentence: str, colour: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = Label(title, "strong", wrap=True)
        self.title.setVisible(bool(title))
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
        layout.addWidget(self.title)
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
    """All findings. `chosen` : the remedy that was clicked; `shown` : names of columns to select."""

    chosen = Signal(object)
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
        self._blocks = [self._block(finding) for finding in findings[:MOST_BLOCKS]]
        for place, block in enumerate(self._blocks):
            self._column.insertWidget(1 + place, block)
        self._title.setText(
            tr("What was noticed ({count})", count=count_text(len(findings)))
            if findings
            else tr("Nothing was noticed")
        )

    def _block(self, finding: Finding) -> FindingBlock:
        block = FindingBlock(tr(finding.title), tr(finding.sentence), COLOURS[finding.severity])
        for remedy in finding.remedies:
            block.add_link(tr(remedy.title)).clicked.connect(partial(self.chosen.emit, remedy))
        if finding.columns:
            words = tr("Show it") if len(finding.columns) == 1 else tr("Show them")
            block.add_link(words).clicked.connect(partial(self.shown.emit, finding.columns))
        return block
