"""The page in the centre while nothing is open: ready experiments, lessons, own data, recent files."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from engine.lessons import Lesson
from gui.core.lessons import Progress
from gui.kit import Label
from gui.kit.labels import LinkButton
from gui.kit.text import tr
from gui.kit.theme import GRID, current, icon, notifier, scaled, set_sizes
from gui.kit.wrapping import WrappingRow
from gui.panels.start.cards import Card, PresetCard, RecentRow
from gui.panels.start.lesson_cards import LessonCard

Preset = tuple[str, str, str, str]
"""Name, title, one-line description, kind of thumbnail."""

PRODUCT = "Gradwright"
SENTENCE = tr("Build a neural network by pointing, train it on your own data, and watch it learn.")
DATA_TIP = tr("A table (CSV, Excel, Parquet, SQLite): choose what to predict, and train.")
IMAGES_TIP = tr("A folder of pictures, with a folder for each class.")
DRAW_TIP = tr("Points of two classes or more, drawn with the mouse; a network learns them meanwhile.")
TYPE_TIP = tr("A small table, typed in or pasted from a spreadsheet.")
FILE_TIP = tr("An experiment, or a saved run (.gradwright).")
WIDEST = 1040
NARROWEST_CARD = 200
LEAST_WORDS = 320
"""Width of the words beside the buttons; where less is left to them, the buttons stand under the title."""
MARGIN = 6 * GRID
GAP = 4 * GRID


class StartPage(QWidget):
    """Everything on it is one click away from a training that runs."""

    preset_chosen = Signal(str)
    open_data = Signal()
    open_images = Signal()
    draw_points = Signal()
    type_table = Signal()
    open_file = Signal()
    recent_chosen = Signal(str)
    lesson_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Start page"))
        self._cards: list[PresetCard] = []
        self._lessons: list[LessonCard] = []
        self._begun = ""
        """The lesson that the link at the top goes on with."""
        self._columns = 0
        self._page = QWidget()
        self._body = QVBoxLayout(self._page)
        self._body.setContentsMargins(MARGIN, 2 * MARGIN, MARGIN, MARGIN)
        self._body.setSpacing(3 * GRID)
        self._head = self._make_head()
        self._body.addLayout(self._head)
        self._body.addSpacing(4 * GRID)
        self._to_lessons = LinkButton(tr("To the lessons"))
        self._to_lessons.clicked.connect(self._go_to_lessons)
        heading = QHBoxLayout()
        heading.addWidget(Label(tr("Ready experiments"), "strong"), 1)
        heading.addWidget(self._to_lessons)
        self._body.addLayout(heading)
        self._grid, self._lesson_grid = QGridLayout(), QGridLayout()
        self._lesson_title = Label(tr("Lessons, step by step"), "strong")
        for grid in (self._grid, self._lesson_grid):
            grid.setSpacing(GAP)
        self._body.addLayout(self._grid)
        self._body.addSpacing(4 * GRID)
        self._body.addWidget(self._lesson_title)
        self._body.addLayout(self._lesson_grid)
        self._recent_title = Label(tr("Recent files"), "strong")
        self._recent = QVBoxLayout()
        self._recent.setSpacing(0)
        self._body.addSpacing(4 * GRID)
        self._body.addWidget(self._recent_title)
        self._body.addLayout(self._recent)
        self._body.addStretch(1)
        self._area = QScrollArea()
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.setWidgetResizable(True)
        self._area.setWidget(self._page)
        self._area.viewport().setAutoFillBackground(False)
        self._area.viewport().installEventFilter(self)
        self._page.setAutoFillBackground(False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._area)
        notifier().changed.connect(self._arrange)
        self.set_recent([])
        self.set_lessons({})

    @property
    def cards(self) -> tuple[PresetCard, ...]:
        return tuple(self._cards)

    @property
    def lessons(self) -> dict[str, LessonCard]:
        """The cards of the lessons, by name."""
        return {card.name: card for card in self._lessons}

    @property
    def to_lessons(self) -> LinkButton:
        """Beside the ready experiments: goes on with the first lesson begun, or down to the lessons."""
        return self._to_lessons

    @property
    def columns(self) -> int:
        """How many cards stand side by side now."""
        return self._columns

    def set_presets(self, presets: Sequence[Preset]) -> None:
        """The ready experiments, in the order shown."""
        for card in self._cards:
            self._grid.removeWidget(card)
            card.deleteLater()
        self._cards = [PresetCard(*preset, parent=self._page) for preset in presets]
        for card in self._cards:
            card.chosen.connect(self.preset_chosen)
            card.installEventFilter(self)
        self._columns = 0
        self._arrange()

    def set_lessons(self, lessons: Mapping[str, Lesson]) -> None:
        """The lessons by name, in the order shown; without any, the heading goes too."""
        for card in self._lessons:
            self._lesson_grid.removeWidget(card)
            card.deleteLater()
        self._lessons = [
            LessonCard(number, name, lesson, self._page)
            for number, (name, lesson) in enumerate(lessons.items(), 1)
        ]
        for card in self._lessons:
            card.chosen.connect(self.lesson_chosen)
            card.installEventFilter(self)
        self._lesson_title.setVisible(bool(lessons))
        self._to_lessons.setVisible(bool(lessons))
        self._columns = 0
        self._arrange()

    def show_progress(self, progress: Callable[[str], Progress]) -> None:
        """How far a person has come in the lessons. progress : tells it by the name of a lesson."""
        begun = {card.name: card for card in self._lessons if progress(card.name).step}
        for card in self._lessons:
            card.show_progress(progress(card.name))
        self._begun = next(iter(begun), "")
        if self._begun:
            card = begun[self._begun]
            text = tr("Continue lesson {number}", number=card.number)
            tip = tr("{title}: go on where you left it.", title=card.accessibleName())
        else:
            text, tip = tr("To the lessons"), tr("Down to the lessons, step by step.")
        self._to_lessons.setText(text)
        self._to_lessons.setToolTip(tip)

    def set_recent(self, paths: Sequence[str]) -> None:
        """The files used last, newest first; without any, the heading goes too."""
        while (item := self._recent.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for path in paths:
            row = RecentRow(Path(path))
            row.chosen.connect(self.recent_chosen)
            self._recent.addWidget(row)
        self._recent_title.setVisible(bool(paths))

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(event.rect(), QColor(current().page))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._area.viewport() and event.type() == QEvent.Type.Resize:
            self._arrange()
        if isinstance(watched, Card) and event.type() == QEvent.Type.FocusIn:
            self._area.ensureWidgetVisible(watched, 0, GAP)
        return super().eventFilter(watched, event)

    def _make_head(self) -> QBoxLayout:
        title = Label(PRODUCT)
        set_sizes(title, font="title")
        words = QVBoxLayout()
        words.setSpacing(GRID)
        words.addWidget(title)
        words.addWidget(Label(SENTENCE, "muted", wrap=True))
        head = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        head.setSpacing(4 * GRID)
        head.addLayout(words, 1)
        self._offers: list[QPushButton] = []
        for text, sign, signal, tip in (
            (tr("Open your data…"), "table", self.open_data, DATA_TIP),
            (tr("Open images…"), "image-square", self.open_images, IMAGES_TIP),
            (tr("Open experiment…"), "folder-open", self.open_file, FILE_TIP),
            (tr("Draw points"), "pencil-simple", self.draw_points, DRAW_TIP),
            (tr("Type a table"), "keyboard", self.type_table, TYPE_TIP),
        ):
            button = QPushButton(icon(sign), text)
            button.setToolTip(tip)
            button.setAccessibleDescription(tip)
            button.clicked.connect(lambda _=False, signal=signal: signal.emit())
            self._offers.append(button)
        self._buttons = WrappingRow(self._offers)
        head.addWidget(self._buttons, 0, Qt.AlignmentFlag.AlignTop)
        return head

    def _arrange(self) -> None:
        """As many columns as have room, four at most; the whole in the middle of a wide window."""
        width = self._area.viewport().width()
        side = max((width - scaled(WIDEST)) // 2, MARGIN)
        self._body.setContentsMargins(side, 2 * MARGIN, side, MARGIN)
        room = width - 2 * side
        direction = QBoxLayout.Direction
        buttons = sum(button.sizeHint().width() + 2 * GRID for button in self._offers)
        wide = room >= buttons + scaled(LEAST_WORDS)
        self._head.setDirection(direction.LeftToRight if wide else direction.TopToBottom)
        columns = min(max((room + GAP) // (scaled(NARROWEST_CARD) + GAP), 1), 4)
        card_width = (room - (columns - 1) * GAP) // columns
        for grid, cards in ((self._grid, self._cards), (self._lesson_grid, self._lessons)):
            for number, card in enumerate(cards):
                card.setFixedHeight(card.heightForWidth(card_width))
                if columns != self._columns:
                    grid.addWidget(card, number // columns, number % columns)
            if columns != self._columns:
                for column in range(4):
                    grid.setColumnStretch(column, 1 if column < columns else 0)
        self._columns = columns

    def _go_to_lessons(self) -> None:
        if self._begun:
            self.lesson_chosen.emit(self._begun)
            return
        bar = self._area.verticalScrollBar()
        bar.setValue(min(self._lesson_title.y() - GAP, bar.maximum()))
        self._lessons[0].setFocus(Qt.FocusReason.OtherFocusReason)
