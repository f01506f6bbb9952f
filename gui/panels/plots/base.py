"""What every live plot is: a heading, something drawn, a menu, and pictures and tables of it on disk."""

from abc import abstractmethod
from pathlib import Path
from typing import ClassVar

import shiboken6
from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QAction, QColor, QContextMenuEvent, QFocusEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QMenu,
    QSizePolicy,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from engine.errors import UserError
from gui.core.figure_saving import FigureDialog, figure_writing, save_figure
from gui.core.jobs import Writing
from gui.core.messages import Answers
from gui.kit import ElidedLabel, InlineMessage, Label
from gui.kit.figures import Figure, paint_resized
from gui.kit.text import tr
from gui.kit.theme import GRID, RADIUS, caption_font, current, icon, scaled, set_sizes
from gui.panels.base import Panel, PanelContext
from gui.panels.plots import export
from gui.panels.plots.export import Table
from gui.panels.plots.heading import Heading

LEAST_HEIGHT = 64
"""Of what is drawn: several plots have room above one another on a small screen."""
BY_KEYBOARD = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)


class LivePlot(Panel):
    """One plot of the live column. Being shown the same history again and again costs nothing."""

    follows_history: ClassVar[bool] = True
    empty_sentence: ClassVar[str] = tr("Press Train to see this.")
    figure_aspect: ClassVar[float] = 0.62
    """Height by width of a figure on paper."""
    logarithmic: ClassVar[bool | None] = None
    """How the scale is at first; None: there is no choice."""

    def __init__(self, context: PanelContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self.setObjectName(f"plot-{self.spec.id}")
        self.setAccessibleDescription(self.spec.description)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._framed: QWidget | None = None
        self.log_action = self._toggle(tr("Logarithmic scale"), bool(self.logarithmic))
        self.log_action.toggled.connect(self._scale_changed)
        self.log_action.setWhatsThis(tr("Equal factors are equally far apart: small values can be seen too."))
        self._log_button, self._more_button = QToolButton(self), QToolButton(self)
        self.title = Heading(self.spec.title)
        self._notes = ElidedLabel("", "muted", caption=True)
        self._notes.hide()
        self._message = InlineMessage()
        self._sentence = Label(self.empty_sentence, "muted", wrap=True)
        self._sentence.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._sentence.setMinimumHeight(LEAST_HEIGHT)
        self._pages = QStackedWidget()
        self._pages.addWidget(self._sentence)
        top = QHBoxLayout()
        top.setSpacing(0)
        top.addWidget(self.title, 1)
        top.addSpacing(GRID)
        for button in self._buttons():
            top.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(3 * GRID, 2 * GRID, 2 * GRID, GRID)
        layout.setSpacing(2)
        layout.addLayout(top)
        layout.addWidget(self._notes)
        layout.addWidget(self._message)
        layout.addWidget(self._pages, 1)

    def sizeHint(self) -> QSize:
        return QSize(340, scaled(208))

    # --- what the window calls ---------------------------------------------------------------------------

    def refresh(self, answers: Answers | None = None) -> None:
        """Draw what is new. A call that comes after the plot was deleted does nothing."""
        if shiboken6.isValid(self):
            self._refresh(answers)

    def end_run(self) -> None:
        """Forget the run, and what was said of saving its plot."""
        self.show_history(None)
        self._message.clear()

    def clear(self) -> None:
        super().clear()
        self.end_run()

    @property
    def sentence(self) -> str:
        """The sentence that stands here instead of a picture; empty while there is a picture."""
        return self._sentence.text() if self._pages.currentWidget() is self._sentence else ""

    @property
    def notes(self) -> str:
        """The line of remarks under the heading."""
        return self._notes.text()

    def menu(self) -> QMenu:
        """The context menu, made when it is asked for."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for group in self._menu_actions():
            menu.addActions(group)
            menu.addSeparator()
        figure = menu.addAction(tr("Save figure…"))
        figure.setEnabled(not self.sentence)
        figure.triggered.connect(self.save_figure)
        for title, suffix in (
            (tr("Save as PNG…"), "png"),
            (tr("Save as SVG…"), "svg"),
            (tr("Save as CSV…"), "csv"),
        ):
            action = menu.addAction(title)
            action.setEnabled(not self.sentence)
            action.triggered.connect(lambda _=False, kind=suffix: self._ask_and_save(kind))
        return menu

    def writing(self, path: Path) -> Writing:
        """What writes a picture (.png, .svg) or the exact numbers (.csv), of the plot as it is now."""
        kind = path.suffix.lower()
        if kind == ".csv":
            return export.table_writing(path, self._table())
        return figure_writing(path, self.figure(), on_paper=False)

    def figure(self) -> Figure:
        """The plot with its heading, at any size."""
        size = self._picture_size()
        return Figure(self.title.title, self.spec.id, size, self._paint_picture, self.figure_aspect)

    def save_figure(self) -> FigureDialog:
        """Ask for size, format and colours of a figure of it, and save that."""
        self._message.clear()
        folder = self.context.preferences.last_folder
        return save_figure(self.figure(), self.context.exports, folder, self.window(), self.show_unsaved)

    def show_unsaved(self, error: UserError) -> None:
        """Say why a picture or table was not written."""
        self._message.show_message(str(error))

    # --- what a plot fills in ----------------------------------------------------------------------------

    @abstractmethod
    def _refresh(self, answers: Answers | None) -> None: ...

    @abstractmethod
    def _table(self) -> Table:
        """The numbers as CSV, not decimated."""

    @abstractmethod
    def _picture(self) -> QWidget:
        """What is drawn, in full (also what is scrolled out of sight)."""

    def _menu_actions(self) -> list[list[QAction]]:
        """Groups, with a line between them."""
        return [[self.log_action]] if self.logarithmic is not None else []

    def _scale_changed(self) -> None:
        """The scale became logarithmic or linear."""

    def apply_theme(self) -> None:
        """Take the colours of the theme; called at the start and whenever it changes."""
        self._log_button.setStyleSheet(f"QToolButton:!checked {{ color: {current().muted}; }}")
        self.title.update()

    # --- parts -------------------------------------------------------------------------------------------

    def _fill_with(self, body: QWidget, focus: QWidget | None = None) -> None:
        """Put the widget in place that stands here when there is something to see."""
        self._body = body
        self._pages.addWidget(body)
        (focus or body).installEventFilter(self)

    def _say(self, sentence: str) -> None:
        self._sentence.setText(sentence)
        self._pages.setCurrentWidget(self._sentence)

    def _show_body(self) -> None:
        self._pages.setCurrentWidget(self._body)

    def _note(self, remarks: list[str], *, warning: bool = False) -> None:
        """Say something under the heading; `warning` for what should not be overlooked."""
        text, quality = " · ".join(remarks), "warning" if warning else "muted"
        if self._notes.property("quality") != quality:
            self._notes.setProperty("quality", quality)
            self._notes.style().polish(self._notes)
        if text != self._notes.text():
            self._notes.setText(text)
            self._notes.setVisible(bool(text))

    def _toggle(self, text: str, checked: bool = False) -> QAction:
        action = QAction(text, self)
        action.setCheckable(True)
        action.setChecked(checked)
        return action

    def _buttons(self) -> list[QToolButton]:
        log, more = self._log_button, self._more_button
        self.log_action.setIconText(tr("log"))
        log.setDefaultAction(self.log_action)
        set_sizes(log, font="caption")
        log.setToolTip(tr("Logarithmic scale"))
        log.setVisible(self.logarithmic is not None)
        more.setIcon(icon("dots-three", "muted"))
        set_sizes(more, icon=16)
        more.setToolTip(tr("What is shown, scale, zoom, save"))
        more.clicked.connect(lambda: self.menu().popup(more.mapToGlobal(QPoint(0, more.height()))))
        for button, what in ((log, tr("logarithmic scale")), (more, tr("menu"))):
            button.setAccessibleName(f"{self.spec.title}, {what}")
            set_sizes(button, height=20)
        return [log, more]

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.menu().popup(event.globalPos())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QFocusEvent) and isinstance(watched, QWidget):
            self._framed = watched if event.gotFocus() and event.reason() in BY_KEYBOARD else None
            self.update()
        return super().eventFilter(watched, event)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._framed is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(current().accent), 2))
        frame = QRectF(self._pages.geometry()).adjusted(-3, -1, 3, 1)
        painter.drawRoundedRect(frame, RADIUS, RADIUS)
        painter.end()

    # --- saving ------------------------------------------------------------------------------------------

    def _ask_and_save(self, kind: str) -> None:
        names = {"png": "Pictures (*.png)", "svg": "Vector pictures (*.svg)", "csv": "Tables (*.csv)"}
        title = tr("Save {title} as {upper}", title=self.title.title.lower(), upper=kind.upper())
        start = str(self.context.preferences.last_folder / f"{self.spec.id}.{kind}")
        chosen, _ = QFileDialog.getSaveFileName(self, title, start, names[kind])
        if not chosen:
            return
        path = Path(chosen) if Path(chosen).suffix else Path(chosen).with_suffix(f".{kind}")
        self._message.clear()
        self.context.exports.write(path, self.writing(path), self.show_unsaved)

    def _picture_size(self) -> QSize:
        picture = self._picture()
        height = 2 * GRID + self.title.height() + GRID + picture.height() + GRID
        if self._notes.text():
            height += self._notes.height()
        return QSize(picture.width() + 4 * GRID, height)

    def _paint_picture(self, painter: QPainter, size: QSize) -> None:
        theme, width = current(), size.width()
        painter.fillRect(QRect(QPoint(0, 0), size), QColor(theme.surface))
        y = 2 * GRID
        paint_resized(painter, self.title, QRect(3 * GRID, y, width - 5 * GRID, self.title.height()))
        y += self.title.height() + GRID
        if self._notes.text():
            # By hand: a label has the colours of the window's style sheet, whatever the figure's are.
            warning = self._notes.property("quality") == "warning"
            room = QRect(3 * GRID, y, width - 5 * GRID, self._notes.height())
            painter.setFont(caption_font())
            painter.setPen(QColor(theme.ink("warning") if warning else theme.muted))
            text = painter.fontMetrics().elidedText(
                self._notes.text(), Qt.TextElideMode.ElideRight, room.width()
            )
            painter.drawText(room, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), text)
            y += self._notes.height()
        room = QRect(2 * GRID, y, width - 4 * GRID, size.height() - y - GRID)
        paint_resized(painter, self._picture(), room)
