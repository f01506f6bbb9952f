"""The centre: the start page, or tabs of views on the run."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QResizeEvent, QUndoStack
from PySide6.QtWidgets import QStackedWidget, QTabWidget, QWidget

from engine.experiment import Experiment, from_json
from engine.files.opening import preset_files
from engine.lessons import built_in
from gui.core.model_summary import ModelSummary
from gui.core.preferences import preferences
from gui.kit.text import tr
from gui.kit.theme import caption_font, notifier, text_font
from gui.panels.base import Panel
from gui.panels.start.page import StartPage
from gui.window.banners import BannerColumn, Notice, OpeningBanner
from gui.window.file_commands import FileCommands

AROUND_NAME = 28
"""Pixels that the style sheet leaves around the name on a tab."""


class Centre(QStackedWidget):
    """Start page, and a tab for each view."""

    preset_chosen = Signal(str)
    open_data = Signal()
    open_images = Signal()
    draw_points = Signal()
    type_table = Signal()
    open_file = Signal()
    recent_chosen = Signal(str)
    start_page_shown = Signal()
    view_changed = Signal()

    def __init__(self, views: Sequence[Panel], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self._start_page = StartPage()
        self._tabs = QTabWidget()
        self._tabs.setDocumentMode(True)
        self.setWhatsThis(tr("Views on the same run, a tab for each; the start page while nothing is open."))
        self._views = tuple(views)
        for view in self._views:
            self._tabs.addTab(view, view.spec.title)
            self._tabs.setTabVisible(self._tabs.count() - 1, not view.spec.is_special)
        if self._views:
            document = self._views[0].context.document
            document.changed.connect(lambda new, old: self._show_tabs(new))
            self._show_tabs(document.experiment)
        self.addWidget(self._start_page)
        self.addWidget(self._tabs)
        self.notice, self.opening = Notice(), OpeningBanner()
        self._banners = BannerColumn(self, self.opening, self.notice)
        self.currentChanged.connect(self._place_banners)
        self._first = 0
        """The tab that a new experiment opens with."""
        self._choosing = True
        """Until the data is known, the first view to show is open."""
        self._start_page.preset_chosen.connect(self.preset_chosen)
        self._start_page.open_data.connect(self.open_data)
        self._start_page.open_images.connect(self.open_images)
        self._start_page.open_file.connect(self.open_file)
        self._start_page.draw_points.connect(self.draw_points)
        self._start_page.type_table.connect(self.type_table)
        self._start_page.recent_chosen.connect(self.recent_chosen)
        self._tabs.currentChanged.connect(self.view_changed)
        notifier().changed.connect(self._fit_tabs)
        self.currentChanged.connect(self.view_changed)
        self._start_page.lesson_chosen.connect(self._begin_lesson)
        self._start_page.set_lessons(built_in() if self._views else {})
        self._start_page.set_presets([(name, *offer(name)) for name in preset_files()])
        self.show_start_page()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_tabs()

    def _fit_tabs(self) -> None:
        """Where the names of the views have no room side by side, they stand closer and smaller."""
        bar, letters = self._tabs.tabBar(), QFontMetrics(text_font(strong=True))
        names = [bar.tabText(place) for place in range(bar.count()) if bar.isTabVisible(place)]
        tight = sum(letters.horizontalAdvance(name) + AROUND_NAME for name in names) > self.width()
        bar.setFont(caption_font() if tight else text_font())
        if bar.property("tight") != tight:
            bar.setProperty("tight", tight)
            bar.style().unpolish(bar)
            bar.style().polish(bar)

    def show_start_page(self) -> None:
        """Offer ready experiments, files and recent files."""
        self.show_recent_files()
        if self._views:
            self._start_page.show_progress(self._views[0].context.lessons.progress)
        self.setCurrentWidget(self._start_page)
        self.start_page_shown.emit()

    def show_recent_files(self) -> None:
        """Those of the preferences."""
        self._start_page.set_recent([str(path) for path in preferences().recent_files])

    def offer_files(self, files: FileCommands) -> None:
        """What is chosen on the start page is opened by these commands."""
        self.preset_chosen.connect(files.new_from_preset)
        self.open_data.connect(lambda: files.ask_open(tables_only=True))
        self.open_images.connect(files.ask_open_folder)
        self.open_file.connect(files.ask_open)
        self.recent_chosen.connect(lambda path: files.open(Path(path)))

    def _begin_lesson(self, name: str) -> None:
        self._views[0].context.lessons.wanted.emit(built_in()[name], name)

    def toggle_start_page(self) -> None:
        """Show the start page, or go back from it to the run."""
        if self.currentWidget() is self._start_page:
            self.setCurrentWidget(self._tabs)
        else:
            self.show_start_page()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.currentWidget() is self._start_page:
            self.setCurrentWidget(self._tabs)
        else:
            super().keyPressEvent(event)

    def leave_start_page(self) -> None:
        """Show the run, in the view that it opens with."""
        self._choosing = True
        self._tabs.setCurrentIndex(self._own_tab() or self._first)
        self.setCurrentWidget(self._tabs)

    def leave_if_start_page(self) -> None:
        """Training began, or the data is edited: what is offered makes room for what happens."""
        if self.currentWidget() is self._start_page:
            self.leave_start_page()

    def leave_start_page_for_first_tab(self) -> None:
        """Layers are edited: show them, as the first tab does."""
        if self.currentWidget() is self._start_page:
            self._choosing = False
            self._tabs.setCurrentIndex(0)
            self.setCurrentWidget(self._tabs)

    def show_view(self, id: str) -> bool:
        """Bring the view with this id to the front; False where there is none of that name here."""
        for place, view in enumerate(self._views):
            if view.spec.id == id and self._tabs.isTabVisible(place):
                self._choosing = False
                self._tabs.setCurrentIndex(place)
                self.setCurrentWidget(self._tabs)
                return True
        return False

    def _show_tabs(self, experiment: Experiment) -> None:
        """The tabs that belong to the experiment; one that belongs to few others comes to the front."""
        for place, view in enumerate(self._views):
            there = view.spec.belongs_to(experiment)
            appears = there and not self._tabs.isTabVisible(place)
            self._tabs.setTabVisible(place, there)
            if appears:
                self._tabs.setCurrentIndex(place)
        self._fit_tabs()

    def _own_tab(self) -> int:
        """That of few experiments, where there is one; else the first."""
        places = range(len(self._views))
        special = (at for at in places if self._views[at].spec.is_special and self._tabs.isTabVisible(at))
        return next(special, 0)

    def show_model(self, model: ModelSummary) -> None:
        """Another experiment, or an edited one."""
        before, own = self._first, self._own_tab()
        specs = [view.spec for view in self._views]
        opening = (
            place
            for place, spec in enumerate(specs)
            if spec.opens_first is not None and spec.opens_first(model) and spec.applies_to(model)
        )
        self._first = own or next(opening, 0)
        # What the last one opened with may have nothing to show of this one.
        if self._choosing or (before and not self._first and self._tabs.currentIndex() == before):
            self._choosing = self.currentWidget() is self._start_page
            self._tabs.setCurrentIndex(self._first)

    def show_problem(self) -> None:
        """The experiment cannot run as it is."""
        if self._choosing:
            # What the last experiment opened with may be open; what this one opens with, nobody knows yet.
            self._tabs.setCurrentIndex(self._own_tab())

    def say_kept(self, stack: QUndoStack) -> None:
        """A trained network makes room for another: say what brings it back, as nothing else does.

        stack : that of what is done.
        """
        # It is not on the stack yet while it is carried out, and an undo has not left it.
        QTimer.singleShot(0, self, lambda: self._say_kept(stack))

    def _say_kept(self, stack: QUndoStack) -> None:
        # Where one draws or types, every stroke makes another run: what is undone goes without saying.
        if self.currentWidget() is self._tabs and self._views[self._tabs.currentIndex()].spec.is_special:
            return
        for able, keys, title, action in (
            (stack.canRedo(), "Ctrl+Shift+Z", tr("Redo"), stack.redo),
            (stack.canUndo(), "Ctrl+Z", tr("Undo"), stack.undo),
        ):
            if able:
                self.notice.show_note(
                    tr("The trained network is kept: {keys} brings it back.", keys=keys), title, action
                )
                return

    def _place_banners(self) -> None:
        """Under the tabs, where there are some."""
        tabs = self.currentWidget() is self._tabs
        self._banners.set_below(self._tabs.tabBar().sizeHint().height() if tabs else 0)

    def current_view(self) -> QWidget:
        """What a person looks at: a view, or the start page."""
        return self._tabs.currentWidget() if self.currentWidget() is self._tabs else self._start_page


def offer(name: str) -> tuple[str, str, str]:
    """Title, description and kind of picture of a ready experiment."""
    experiment = from_json(preset_files()[name].read_text(encoding="utf-8"), name)
    reconstructs = experiment.data.task == "reconstruction"
    kind = "autoencoder" if reconstructs else experiment.data.source.kind
    return tr(experiment.name), tr(experiment.description), kind
