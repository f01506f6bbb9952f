"""Begins and leaves lessons: the experiment, its weights, what is hidden; and brings back what was before."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QPushButton, QVBoxLayout, QWidget

from engine.lessons import Lesson, built_in
from engine.training.parameter_edits import ParameterEdit
from gui.actions import Actions
from gui.core.document import DocumentAside
from gui.core.edit_orders import EditOrder
from gui.core.messages import Prepared
from gui.core.session import RunsAside
from gui.kit import Label, PlainScrollArea
from gui.kit.text import tr
from gui.kit.theme import GRID, scaled
from gui.panels.base import PanelContext
from gui.window.docks import Docks
from gui.window.file_commands import FileCommands
from gui.window.lesson_maker import LessonMaking
from gui.window.panel_group import PanelGroup

LIST_SIZE = (620, 560)


@dataclass(frozen=True, eq=False)
class Before:
    """What the first lesson has set aside; unsaved : whether there was anything that no file holds."""

    document: DocumentAside
    runs: RunsAside
    unsaved: bool


class LessonCommands(QObject):
    """Reached from the menu Help, from the start page and from lesson files."""

    def __init__(
        self,
        context: PanelContext,
        files: FileCommands,
        actions: Actions,
        panels: PanelGroup,
        docks: Docks,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._context, self._files, self._panels, self._docks = context, files, panels, docks
        self._window = window
        self._lessons = context.lessons
        self._before: Before | None = None
        self._hidden: list[str] = []
        self._weighted = 0
        """Number of the run that has the lesson's initial weights."""
        self._starting = False
        self.list: LessonList | None = None
        self.making = LessonMaking(context, actions, window)
        lessons, session = self._lessons, context.session
        lessons.panels_in_sight = panels.ids_in_sight
        lessons.wanted.connect(self.begin)
        lessons.left.connect(self.leave)
        actions["lessons"].triggered.connect(lambda _=False: self.show_list())
        files.lesson_chosen.connect(self.begin)
        files.leaving.connect(self._make_room)
        files.loaded.connect(self._another_document)
        session.prepared.connect(self._show_prepared)
        session.frame.connect(lessons.show_frame)
        session.scored.connect(lessons.show_scores)
        context.document.refused.connect(context.weights.noted)

    def show_list(self) -> None:
        """Let the person choose a lesson."""
        self.list = LessonList(self._window, self._lessons.is_finished)
        for name, button in self.list.buttons.items():
            button.clicked.connect(partial(self._begin_listed, name))
        self.list.open()

    def begin(self, lesson: Lesson, name: str = "") -> None:
        """Begin a lesson; the document is set aside as it is, unless it is that of another lesson."""
        context = self._context
        if self._before is None:
            unsaved = self._files.work.exists
            self._before = Before(context.document.set_aside(), context.session.set_aside(), unsaved)
        self._end()
        self._weighted = 0
        self._starting = True
        self._files.load(lesson.experiment)
        self._starting = False
        self._hide(lesson.hidden)
        self._lessons.begin(lesson, name)

    def leave(self) -> None:
        """Bring back what was there before the lesson: the document, its undo steps and its run."""
        before, self._before = self._before, None
        self._end()
        if before is None:
            return
        document, session = self._context.document, self._context.session
        self._files.cancel_opening()
        document.take_up(before.document)
        self._files.loaded.emit()
        document.run = session.take_up(before.runs)

    def _make_room(self, only_unsaved: bool) -> None:
        """Something else is about to take the place of the lesson: what would be lost comes back before."""
        if self._before is not None and (self._before.unsaved or not only_unsaved):
            self.leave()

    def _begin_listed(self, name: str) -> None:
        if self.list is not None:
            self.list.close()
        self.begin(built_in()[name], name)

    def _end(self) -> None:
        for id in self._hidden:
            self._set_shown(id, True)
        self._hidden = []
        self._lessons.end()

    def _hide(self, ids: tuple[str, ...]) -> None:
        self._hidden = [id for id in ids if self._set_shown(id, False)]

    def _set_shown(self, id: str, shown: bool) -> bool:
        """Show or hide a section or a plot: whether it was the other way before."""
        plot = self._docks.plot(id)
        widget = plot or next((panel for panel in self._panels.of("setup") if panel.spec.id == id), None)
        if widget is None or widget.isHidden() != shown:
            return False
        widget.setVisible(shown)
        return True

    def _another_document(self) -> None:
        """The person has opened something else: the lesson is over."""
        if not self._starting and self._lessons.lesson is not None:
            if self._before is not None:
                self._context.document.drop(self._before.document)
                self._before = None
            self._end()

    def _show_prepared(self, prepared: Prepared) -> None:
        """A run from its beginning gets the weights of the lesson, as far as they fit the network."""
        lesson = self._lessons.lesson
        self._lessons.show_layers(tuple(prepared.network.names))
        if lesson is None or not lesson.weights or prepared.step or prepared.run == self._weighted:
            return
        self._weighted = prepared.run
        edits = []
        for (layer, name), values in lesson.arrays.items():
            at = prepared.network.names.index(layer) if layer in prepared.network.names else -1
            views = prepared.network.parameter_views
            if at >= 0 and name in views[at] and np.shape(views[at][name]) == values.shape:
                edits.append(ParameterEdit(at, name, values=values))
        if edits:
            order = EditOrder(edits, tr("Initial weights of the lesson"))
            self._context.session.edit_weights(order)


class LessonList(QDialog):
    """The lessons that come along, each with a sentence; those that are finished say so."""

    def __init__(self, parent: QWidget, is_finished: Callable[[str], bool]) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Lessons"))
        self.resize(scaled(LIST_SIZE[0]), scaled(LIST_SIZE[1]))
        self.buttons: dict[str, QPushButton] = {}
        content = QWidget()
        column = QVBoxLayout(content)
        column.setSpacing(GRID)
        for number, (name, lesson) in enumerate(built_in().items(), 1):
            button = QPushButton(f"{number}  {tr(lesson.title)}")
            button.setToolTip(tr("Begin this lesson."))
            button.setStyleSheet("text-align: left")
            self.buttons[name] = button
            column.addWidget(button)
            done = f"  ✓ {tr('done')}" if is_finished(name) else ""
            column.addWidget(Label(f"{tr(lesson.summary)}{done}", "muted", caption=True, wrap=True))
            column.addSpacing(GRID)
        column.addStretch(1)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addWidget(PlainScrollArea(content))
        layout.addWidget(buttons)
