"""Findings on the run: what is wrong in a sentence, the evidence, why it is so, and remedies to click."""

from functools import partial

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLayout, QPushButton, QVBoxLayout, QWidget

from engine.insight.diagnosis import Evidence, RunFinding
from engine.insight.diagnosis.finding import LastStep
from gui.kit import IconLabel, Label, LinkButton, PlainScrollArea, theme
from gui.kit.labels import Level
from gui.kit.layouts import Disclosure, clear_layout
from gui.kit.numbers import count_text
from gui.kit.text import tr
from gui.kit.theme import GRID
from gui.panels.base import Panel, PanelContext, PanelSpec

SIZE, LEAST = QSize(600, 560), QSize(420, 280)
LEVELS: dict[str, Level] = {"serious": "error", "warning": "warning", "hint": "accent"}
ICONS = {"serious": "warning-circle", "warning": "warning", "hint": "info"}
SEVERITIES = {"serious": tr("Serious"), "warning": tr("Warning"), "hint": tr("Hint")}
ICON_ROOM = 8 + 16 + 8


def _empty(layout: QLayout) -> None:
    """Take all widgets out of a layout, and off the screen."""
    items = [layout.itemAt(place) for place in range(layout.count())]
    gone = [item.widget() for item in items if item is not None]
    clear_layout(layout)
    for widget in gone:
        if widget is not None:
            widget.hide()
            widget.deleteLater()


class RunFindingCard(QWidget):
    """One finding. Its buttons stay the same while only its numbers change."""

    def __init__(self, context: PanelContext, kind: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.kind = kind
        self._context = context
        self._level: Level = "warning"
        self._shown: tuple[object, ...] = ()
        self._icon = IconLabel("warning", "warning")
        self._icon.setParent(self)
        self._icon.move(8, 10)
        self.title, self.severity = Label("", "strong", wrap=True), Label("", "muted", caption=True)
        self.sentence, self.why = Label("", wrap=True), Label("", "muted", wrap=True)
        self.sentence.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.evidence: list[LinkButton] = []
        self.remedies: list[QPushButton] = []
        self._links, self._buttons = QVBoxLayout(), QVBoxLayout()
        head = QHBoxLayout()
        head.addWidget(self.title, 1)
        head.addWidget(self.severity, 0, Qt.AlignmentFlag.AlignTop)
        self.explanation = Disclosure(tr("Why"), self.why)
        self.explanation.set_open(False)
        self.steps = QGridLayout()
        """The last steps, where the finding has them: a line for each under a line of titles."""
        table = QWidget()
        table.setLayout(self.steps)
        self.last_steps = Disclosure(tr("The last steps"), table)
        self.last_steps.set_open(False)
        words = QVBoxLayout(self)
        words.setContentsMargins(ICON_ROOM, 8, 3 * GRID, 2 * GRID)
        words.setSpacing(GRID)
        words.addLayout(head)
        words.addWidget(self.sentence)
        words.addLayout(self._links)
        words.addLayout(self._buttons)
        words.addWidget(self.last_steps)
        words.addWidget(self.explanation)

    def show_finding(self, finding: RunFinding, locked: bool) -> None:
        """locked : whether training is under way: what would begin the run again has to wait."""
        self._level = LEVELS[finding.severity]
        self._icon.set_icon(ICONS[finding.severity], self._level)
        self.title.setText(tr(finding.title))
        self.severity.setText(SEVERITIES[finding.severity])
        self.sentence.setText(tr(finding.sentence))
        self.why.setText(tr(finding.why))
        self.setAccessibleName(f"{self.title.text()}. {self.sentence.text()}")
        self._show_evidence(finding.evidence)
        live = tuple(self._context.findings.is_live(remedy) for remedy in finding.remedies)
        shown = (finding.remedies, finding.rows, live, locked)
        if shown != self._shown:
            self._shown = shown
            self._show_remedies(finding, live, locked)
            self._show_steps(finding.last_steps)

    def _show_steps(self, steps: tuple[LastStep, ...]) -> None:
        _empty(self.steps)
        self.last_steps.setVisible(bool(steps))
        titles = tr("Step"), tr("Loss"), tr("Gradient norm"), tr("Update to weights")
        lines = [titles, *([count_text(one.step), *(f"{value:.3g}" for value in one[1:])] for one in steps)]
        for row, line in enumerate(lines):
            for column, text in enumerate(line):
                label = Label(text, "" if row else "muted", caption=True)
                self.steps.addWidget(label, row, column, Qt.AlignmentFlag.AlignRight)

    def _show_evidence(self, evidence: tuple[Evidence, ...]) -> None:
        if len(self.evidence) != len(evidence):
            _empty(self._links)
            self.evidence = [LinkButton() for _ in evidence]
            for link, one in zip(self.evidence, evidence, strict=True):
                self._links.addWidget(link)
                link.setToolTip(tr("Show where this is to be seen."))
                link.clicked.connect(partial(self._context.requests.show_panel.emit, one.panel))
        for link, one in zip(self.evidence, evidence, strict=True):
            link.setText(tr("Evidence: {numbers}", numbers=tr(one.text)))

    def _show_remedies(self, finding: RunFinding, live: tuple[bool, ...], locked: bool) -> None:
        _empty(self._buttons)
        self.remedies = []
        for remedy, goes_on in zip(finding.remedies, live, strict=True):
            title = self._context.findings.title(finding, remedy)
            button = self._offer(title, tr("the run goes on") if goes_on else tr("the run begins again"))
            button.clicked.connect(partial(self._context.findings.apply, finding, remedy))
            button.setEnabled(goes_on or not locked)
            tip = tr("One edit, which one undo takes back.")
            button.setToolTip(tip if button.isEnabled() else tr("Pause first: the run would begin again."))
        if finding.rows:
            button = self._offer(tr("Open the batch"), tr("selects its rows in the data"))
            button.clicked.connect(partial(self._show_rows, finding.rows))

    def _offer(self, text: str, note: str) -> QPushButton:
        button, row = QPushButton(text), QWidget()
        button.setProperty("small", True)
        button.setAutoDefault(False)
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(2 * GRID)
        line.addWidget(button)
        line.addWidget(Label(note, "muted", caption=True))
        line.addStretch(1)
        self._buttons.addWidget(row)
        self.remedies.append(button)
        return button

    def _show_rows(self, rows: tuple[int, ...]) -> None:
        self._context.selection.select(rows=rows)
        self._context.requests.open_tool.emit("data_viewer")

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.current().tint(self._level)))
        painter.drawRoundedRect(QRectF(self.rect()), theme.RADIUS, theme.RADIUS)
        painter.end()


class FindingsPanel(Panel):
    """A card for each finding, what explains others first; live while training goes on."""

    spec = PanelSpec(
        "findings",
        tr("Findings on the run"),
        "first-aid-kit",
        "tool",
        tr("What is wrong with the run, why, where to see it, and what to do about it."),
        order=5,
        menu="Train",
    )

    def __init__(self, context: PanelContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self.cards: tuple[RunFindingCard, ...] = ()
        """What is shown, from top to bottom."""
        self.sentence = Label("", "muted", wrap=True)
        self._column = QVBoxLayout()
        self._column.setSpacing(2 * GRID)
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(4 * GRID, 4 * GRID, 4 * GRID, 4 * GRID)
        column.setSpacing(2 * GRID)
        column.addWidget(self.sentence)
        column.addLayout(self._column)
        column.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(PlainScrollArea(content))
        self.setMinimumSize(LEAST)
        context.findings.changed.connect(self._show)
        self._show()

    def sizeHint(self) -> QSize:
        return SIZE

    def _show(self) -> None:
        found, locked = self.context.findings.shown, self.context.findings.training
        if [card.kind for card in self.cards] != [finding.kind for finding in found]:
            known = {card.kind: card for card in self.cards}
            for card in self.cards:
                self._column.removeWidget(card)
            made = {
                finding.kind: RunFindingCard(self.context, finding.kind)
                for finding in found
                if finding.kind not in known
            }
            self.cards = tuple((known | made)[finding.kind] for finding in found)
            for card in known.values():
                if card not in self.cards:
                    card.hide()
                    card.deleteLater()
            for card in self.cards:
                self._column.addWidget(card)
        for card, finding in zip(self.cards, found, strict=True):
            card.show_finding(finding, locked)
        self.sentence.setText(
            tr("Each remedy is one click, and one undo takes it back.")
            if found
            else tr("Nothing stands out. Findings come while a run trains, from what is measured of it.")
        )
