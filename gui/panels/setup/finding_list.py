"""What was found in the data: a card for each finding, folded by how serious they are."""

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from engine.data.checks.finding import Finding, Severity
from engine.data.checks.remedies import Remedy
from gui.kit import IconLabel, Label, theme
from gui.kit.labels import Level
from gui.kit.layouts import ROW_SPACING, Disclosure
from gui.kit.numbers import count_text
from gui.kit.text import tr
from gui.kit.theme import GRID

MOST_ROWS = 12
"""Numbers of rows that a card names."""

ROOM = 244
"""Width for the buttons of a card, side by side."""

MOST_CARDS = 4
"""Cards of a group that are shown until the others are asked for."""

TITLES: dict[Severity, str] = {
    "serious": tr("Spoils the scores"),
    "warning": tr("To mend"),
    "hint": tr("Worth a look"),
}
LEVELS: dict[Severity, Level] = {"serious": "error", "warning": "warning", "hint": "accent"}
ICONS: dict[Severity, str] = {"serious": "warning-circle", "warning": "warning", "hint": "info"}


class FindingCard(QWidget):
    """One finding: what it is, the evidence, and a button for each remedy.

    `chosen` gives the remedy that was clicked, `put_first` the kind of layer that is to come first, `rows`
    the rows of the table that are to be shown, from 0.
    """

    chosen = Signal(object)
    put_first = Signal(str)
    rows = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._finding: Finding | None = None
        self._shown: tuple[Finding, bool] | None = None
        self._icon = IconLabel("info", "accent")
        self._title, self._text = Label("", "strong", wrap=True), Label("", wrap=True)
        self._where = Label("", "muted", caption=True, wrap=True)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._words = QVBoxLayout(self)
        self._words.setContentsMargins(8 + 16 + 8, 7, 8, 8)
        self._words.setSpacing(GRID)
        for label in (self._title, self._text, self._where):
            self._words.addWidget(label)
        self._icon.setParent(self)
        self._icon.move(8, 8)
        self._buttons: list[QPushButton] = []
        self._rows_of_buttons: list[QHBoxLayout] = []
        self._room = 0
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)

    @property
    def finding(self) -> Finding | None:
        """What it shows."""
        return self._finding

    @property
    def buttons(self) -> tuple[QPushButton, ...]:
        return tuple(self._buttons)

    def text(self) -> str:
        return self._text.text()

    def title(self) -> str:
        return self._title.text()

    def action(self) -> str:
        """What the first button does; empty where there is none."""
        return self._buttons[0].text() if self._buttons else ""

    def where(self) -> str:
        """The rows that were asked for."""
        return self._where.text()

    def show_finding(self, finding: Finding, locked: bool) -> None:
        """locked : whether the data can be read but not changed."""
        if self._shown == (finding, locked):
            return
        if self._finding != finding:
            self._where.setText("")
            self._where.hide()
        self._shown, self._finding = (finding, locked), finding
        self._icon.set_icon(ICONS[finding.severity], LEVELS[finding.severity])
        self._title.setText(tr(finding.title))
        self._title.setVisible(bool(finding.title))
        self._text.setText(tr(finding.sentence))
        self.setAccessibleName(f"{finding.title}. {finding.sentence}" if finding.title else finding.sentence)
        self._clear_buttons()
        if not locked:
            for remedy in finding.remedies:
                self._offer(tr(remedy.title)).clicked.connect(partial(self._choose, remedy))
            if finding.put_first is not None:
                self._offer(tr("Put it first")).clicked.connect(partial(self._put_first, finding.put_first))
        if finding.rows:
            button = self._offer(tr("Show it") if finding.count == 1 else tr("Show them"))
            button.setToolTip(tr("Say which rows these are, and select them where the table is shown."))
            button.clicked.connect(self._show_rows)
        self.update()

    def _clear_buttons(self) -> None:
        for button in self._buttons:
            button.hide()
            button.deleteLater()
        for row in self._rows_of_buttons:
            self._words.removeItem(row)
            row.deleteLater()
        self._buttons, self._rows_of_buttons, self._room = [], [], 0

    def _offer(self, text: str) -> QPushButton:
        """A button beside the last one where there is room, else under it."""
        button = QPushButton(text)
        button.setProperty("small", True)
        width = button.sizeHint().width() + GRID
        if width > self._room:
            row = QHBoxLayout()
            row.setSpacing(GRID)
            row.addStretch(1)
            self._words.addLayout(row)
            self._rows_of_buttons.append(row)
            self._room = theme.scaled(ROOM)
        self._room -= width
        row = self._rows_of_buttons[-1]
        row.insertWidget(row.count() - 1, button)
        self._buttons.append(button)
        return button

    def _choose(self, remedy: Remedy) -> None:
        self.chosen.emit(remedy)

    def _put_first(self, kind: str) -> None:
        self.put_first.emit(kind)

    def _show_rows(self) -> None:
        finding = self._finding
        if finding is None:
            return
        # As people count them: the first row is 1.
        numbers = ", ".join(count_text(row + 1) for row in finding.rows[:MOST_ROWS])
        more = finding.count - min(len(finding.rows), MOST_ROWS)
        if more > 0:
            text = tr("Rows {numbers} and {more} more", numbers=numbers, more=count_text(more))
        else:
            one = finding.count == 1
            text = tr("Row {numbers}", numbers=numbers) if one else tr("Rows {numbers}", numbers=numbers)
        self._where.setText(text)
        self._where.show()
        self.rows.emit(finding.rows)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        level = LEVELS[self._finding.severity] if self._finding is not None else "accent"
        painter.setBrush(QColor(theme.current().tint(level)))
        painter.drawRoundedRect(QRectF(self.rect()), theme.RADIUS, theme.RADIUS)
        painter.end()


class FindingGroup(QWidget):
    """The findings of one severity under a title that folds them."""

    chosen = Signal(object)
    put_first = Signal(str)
    rows = Signal(object)

    def __init__(self, severity: Severity, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.severity = severity
        self._count = 0
        self._cards: list[FindingCard] = []
        inner = QWidget()
        self._column = QVBoxLayout(inner)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(ROW_SPACING)
        self._all = False
        self.more_button = QPushButton()
        self.more_button.setProperty("small", True)
        self.more_button.clicked.connect(self._show_all)
        self._column.addWidget(self.more_button, 0, Qt.AlignmentFlag.AlignLeft)
        self.disclosure = Disclosure(TITLES[severity], inner)
        self.disclosure.set_open(severity != "hint")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.disclosure)
        self.hide()

    @property
    def cards(self) -> tuple[FindingCard, ...]:
        """Those that show something now."""
        return tuple(self._cards[: self._count])

    def show_findings(self, findings: Sequence[Finding], locked: bool) -> None:
        while len(self._cards) < len(findings):
            card = FindingCard()
            card.chosen.connect(self.chosen)
            card.put_first.connect(self.put_first)
            card.rows.connect(self.rows)
            self._cards.append(card)
            self._column.insertWidget(len(self._cards) - 1, card)
        self._count = len(findings)
        for number, card in enumerate(self._cards):
            if number < len(findings):
                card.show_finding(findings[number], locked)
        self._show_cards()
        self.disclosure.set_caption(count_text(len(findings)))
        self.setVisible(bool(findings))

    def _show_all(self) -> None:
        self._all = True
        self._show_cards()

    def _show_cards(self) -> None:
        # A button in place of a single card saves nothing.
        shown = self._count if self._all or self._count <= MOST_CARDS + 1 else MOST_CARDS
        for number, card in enumerate(self._cards):
            card.setVisible(number < shown)
        self.more_button.setText(tr("Show {count} more", count=count_text(self._count - shown)))
        self.more_button.setVisible(shown < self._count)


class FindingList(QWidget):
    """Hidden while there are none. The hints are folded at first.

    `chosen` gives a remedy that was clicked, `put_first` the kind of layer that a finding offers to put in
    front, `rows` the rows of the table, from 0, that are to be shown.
    """

    chosen = Signal(object)
    put_first = Signal(str)
    rows = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.groups = tuple(FindingGroup(severity) for severity in TITLES)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(ROW_SPACING)
        for group in self.groups:
            group.chosen.connect(self.chosen)
            group.put_first.connect(self.put_first)
            group.rows.connect(self.rows)
            layout.addWidget(group)
        self.hide()

    @property
    def messages(self) -> tuple[FindingCard, ...]:
        """The cards that say something now, the most serious first."""
        return tuple(card for group in self.groups for card in group.cards)

    def show_findings(self, findings: Sequence[Finding], locked: bool) -> None:
        """Show these, the gravest first."""
        for group in self.groups:
            group.show_findings([one for one in findings if one.severity == group.severity], locked)
        self.setVisible(bool(findings))
