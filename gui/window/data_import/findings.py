"""What was noticed about a table, each with its remedies."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from engine.data import Finding
from gui.kit import Label, LinkButton, theme
from gui.kit.numbers import count_text
from gui.kit.text import tr

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
