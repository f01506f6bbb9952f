"""Live plots that are lines over the epochs: they read the history, in each frame only what is new in it."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from PySide6.QtCore import QEvent, QSize, QTimer
from PySide6.QtGui import QAction, QKeyEvent, QPainter
from PySide6.QtWidgets import QWidget

from engine.training.history import History
from gui.core.messages import Answers
from gui.kit import scales
from gui.kit.text import tr
from gui.kit.theme import current
from gui.panels.base import PanelContext
from gui.panels.plots import export
from gui.panels.plots.annotations import (
    Annotations,
    EndLabel,
    Guide,
    Point,
)
from gui.panels.plots.axis import TickMaker
from gui.panels.plots.base import LivePlot
from gui.panels.plots.canvas import Canvas
from gui.panels.plots.decimate import Sampler
from gui.panels.plots.heading import Entry
from gui.panels.plots.hover_cursor import Found, Reader, Reading, find
from gui.panels.plots.lines import Line, LineItems, RecordName, missing_values, place_on_axis
from gui.panels.plots.outside import EdgeMarks
from gui.panels.plots.ranges import RANGE_SECONDS, Ranges
from gui.panels.plots.zoom import Navigation

VALUES_PER_FRAME = 400_000
"""Numbers taken in per frame: about 10 ms; a long run that was opened is caught up with in a few frames."""
MOST_POINTS, FEWEST_POINTS, ALL_POINTS = 1600, 120, 6000
"""Points of a line, and of all lines together."""


class Chart(LivePlot):
    """Lines over epochs, with marks, zoom and read-out. A chart says which lines; see `lines`."""

    logarithmic: ClassVar[bool | None] = False
    guides: ClassVar[tuple[Guide, ...]] = ()
    upright_title: ClassVar[str] = ""
    """What the upright axis counts, with the unit."""
    robust: ClassVar[bool] = True
    """Whether the upright axis leaves outliers out until a person wants to see all; see `robust_range`."""

    def __init__(self, context: PanelContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self._history: History | None = None
        self.samplers: dict[RecordName, Sampler] = {}
        self.items: list[LineItems] = []
        self._drawn: tuple[object, ...] = ()
        self.all_action = self._toggle(tr("Show all values"))
        self.all_action.setToolTip(tr("Also those far beyond the others; a double click does the same."))
        self.all_action.toggled.connect(self.redraw)
        self.log_x_action = self._toggle(tr("Logarithmic epochs"))
        self.log_x_action.toggled.connect(self._x_scale_changed)
        self.reset_action = QAction(tr("Reset view"), self)
        self.reset_action.triggered.connect(self.reset_view)
        self.canvas = Canvas()
        self.canvas.setAccessibleName(self.spec.title)
        self.annotations = Annotations(self.canvas.pane)
        self.edge_marks = EdgeMarks(self.canvas.pane)
        self.reader = Reader(self.canvas, self.annotations, self._readings_at)
        self._navigation = Navigation(self.canvas, self.reader)
        self._navigation.changed.connect(self.redraw)
        self._navigation.toggled.connect(self.all_action.toggle)
        self.zoom = self._navigation.zoom
        self._ranges = Ranges(self.canvas, self.zoom, self.annotations, self.edge_marks)
        self.canvas.set_titles(self.upright_title, tr("epoch"))
        self._fill_with(self.canvas)
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.timeout.connect(self.refresh)
        self._settling = QTimer(self)
        """Lets the upright axis follow when no frame has come that does."""
        self._settling.setSingleShot(True)
        self._settling.setInterval(int(1000 * RANGE_SECONDS) + 1)
        # Not refresh: a coarse timer may run out a little early, and nothing would move the axis after it.
        self._settling.timeout.connect(self.redraw)
        self.canvas.resized.connect(self.redraw)
        self._scale_changed()
        self.apply_theme()

    # --- what a chart fills in ---------------------------------------------------------------------------

    @abstractmethod
    def lines(self, history: History) -> Sequence[Line]:
        """The lines of a run, from back to front."""

    def caption_now(self, history: History | None) -> str:
        """What stands at the right of the heading instead of a legend."""
        return ""

    def remarks(self, history: History) -> list[str]:
        """What the reader should know of the numbers shown."""
        return []

    def points(self, history: History) -> list[Point]:
        """Points that stand out."""
        return []

    def further_readings(self, history: History, x: float) -> list[Reading]:
        """Numbers for the read-out that are not on a line."""
        return []

    def further_columns(self, history: History) -> dict[RecordName, list[str]]:
        """Columns for the table that are not on a line."""
        return {}

    def linear_ticks(self) -> TickMaker:
        """How the upright axis is divided while it is linear."""
        return scales.linear_ticks

    # --- what the window calls ---------------------------------------------------------------------------

    def show_history(self, history: History | None) -> None:
        if history is not self._history:
            self._history = history
            self.zoom.reset()
            self._make_lines()

    def redraw(self) -> None:
        """Draw again although nothing new was recorded."""
        self._drawn = ()
        self._ranges.hurry()
        self.refresh()

    def reset_view(self) -> None:
        """Show the whole run."""
        self._navigation.reset()

    def _make_lines(self) -> None:
        for item in self.items:
            item.remove()
        history = self._history
        lines = self.lines(history) if history is not None else ()
        self.samplers = {}
        for record in ("steps", "epochs"):
            columns = list(dict.fromkeys(line.column for line in lines if line.record == record))
            if history is not None and columns:
                self.samplers[record] = Sampler(getattr(history, record), "epoch", columns)
        self.items = [LineItems(line, self.samplers[line.record], self.canvas.pane) for line in lines]
        self.redraw()
        self.apply_theme()

    # --- drawing -----------------------------------------------------------------------------------------

    def _refresh(self, answers: Answers | None) -> None:
        history = self._history
        done = [sampler.catch_up(VALUES_PER_FRAME) for sampler in self.samplers.values()]
        counts = [sampler.count for sampler in self.samplers.values()]
        if history is None or not any(counts):
            self._say(self.empty_sentence)
            self._note([])
            self.annotations.clear()
            self.edge_marks.clear()
            return
        if not all(done):
            self._later.start(0)
        state = (*counts, len(history.marks))
        if state == self._drawn and not self._ranges.due:
            return
        self._drawn = state
        self._show_body()
        filled = [sampler for sampler in self.samplers.values() if sampler.count]
        first = min(sampler.x_at(0) for sampler in filled)
        self.zoom.follow(max(sampler.x_at(sampler.count - 1) for sampler in filled), first)
        self.annotations.marks = history.marks[:]
        self._draw(history)
        self._annotate(history)
        self._show_legend()
        self.reader.update()

    def _draw(self, history: History) -> None:
        low, high = self.zoom.x_range
        points = min(MOST_POINTS, 2 * max(int(self.canvas.pane.width()), 100))
        points = max(min(points, ALL_POINTS // len(self.items)), FEWEST_POINTS)
        across = self.canvas.pane.across
        looks = {name: sampler.look(low, high, points, across) for name, sampler in self.samplers.items()}
        left, right = across(np.array([low, high]))
        for item in self.items:
            item.take(looks[item.line.record], float(right - left), self.log_action.isChecked())
        robust = self.robust and not self.all_action.isChecked()
        if self._ranges.move(self.items, self.log_action.isChecked(), robust):
            self._settling.stop()
        else:
            # Started again with each frame: while these come, one of them is the one that moves the axis.
            self._settling.start()
        for item in self.items:
            item.draw()
        missing = missing_values(self.items)
        self._note(missing + self.remarks(history), warning=bool(missing))

    def _annotate(self, history: History) -> None:
        theme, notes = current(), self.annotations
        notes.guides = [Guide(self._on_axis(guide.y), guide.text) for guide in self.guides]
        notes.points = [
            Point(float(x), float(y), item.line.colour(theme))
            for item in self.items
            for x, y in zip(*item.lone_points(), strict=True)
        ]
        notes.points += [Point(p.x, self._on_axis(p.y), p.colour, p.ring) for p in self.points(history)]
        ends = [(item.line.title, item.end()) for item in self.items if item.line.label]
        notes.ends = [EndLabel(title, *end) for title, end in ends if end is not None]
        notes.update()

    def _on_axis(self, y: float) -> float:
        return place_on_axis(y, self.log_action.isChecked())

    def _show_legend(self) -> None:
        theme = current()
        lines = [item.line for item in self.items if item.line.key and not item.absent]
        legend = [Entry(line.title, line.colour(theme), line.dashed) for line in lines]
        caption = self.caption_now(self._history)
        self.title.set_entries([Entry(caption)] if caption else legend)

    def apply_theme(self) -> None:
        super().apply_theme()
        self.canvas.apply_theme(current())
        self.apply_theme_lines(self.devicePixelRatioF())
        self._show_legend()
        if self._history is not None and not self.sentence:
            self._annotate(self._history)

    def apply_theme_lines(self, pixel_ratio: float) -> None:
        for item in self.items:
            item.apply_theme(current(), pixel_ratio)

    def _paint_picture(self, painter: QPainter, size: QSize) -> None:
        self.apply_theme_lines(painter.device().devicePixelRatioF())
        super()._paint_picture(painter, size)
        self.apply_theme_lines(self.devicePixelRatioF())

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self.apply_theme_lines(self.devicePixelRatioF())
        return super().event(event)

    def _scale_changed(self) -> None:
        logarithmic = self.log_action.isChecked()
        self.canvas.left.set_ticks(scales.decade_ticks if logarithmic else self.linear_ticks())
        self.zoom.y = None
        self.redraw()

    def _x_scale_changed(self, logarithmic: bool) -> None:
        self.zoom.logarithmic = logarithmic
        self.canvas.set_logarithmic_x(logarithmic)
        self._navigation.reset()

    # --- reading and navigating ---------------------------------------------------------------------------

    def _readings_at(self, x: float, y: float) -> Found | None:
        history = self._history
        if history is None or not any(sampler.count for sampler in self.samplers.values()):
            return None
        found = find(self.samplers, self.items, x, y, self.log_action.isChecked(), current())
        found.readings.extend(self.further_readings(history, x))
        found.readings.extend(Reading(text, "", "") for text in self.annotations.marks_near(x))
        return found

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self._navigation.press(event.key()):
            super().keyPressEvent(event)

    def _menu_actions(self) -> list[list[QAction]]:
        self.reset_action.setEnabled(self.zoom.active)
        scale = [action for group in super()._menu_actions() for action in group]
        shown = [self.all_action] if self.robust else []
        return [[*scale, self.log_x_action, *shown], [self.reset_action]]

    def _picture(self) -> QWidget:
        return self.canvas

    def _table(self) -> export.Table:
        history = self._history
        if history is None:
            return export.Table(iter(()), 0)
        shown: dict[RecordName, list[str]] = {"steps": [], "epochs": []}
        for item in self.items:
            shown[item.line.record].append(item.line.column)
        for record, columns in self.further_columns(history).items():
            shown[record] += columns
        return export.history_table(history, shown["steps"], shown["epochs"])
