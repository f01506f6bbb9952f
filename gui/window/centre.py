"""The centre: the start page, or tabs of views on the run."""

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QUndoStack
from PySide6.QtWidgets import QStackedWidget, QTabWidget, QWidget

from engine.experiment import Experiment, from_json
from engine.files.opening import preset_files
from engine.training.snapshot import Wanted
from gui.core.messages import Frame, Scored
from gui.core.model_summary import ModelSummary, with_settings
from gui.core.preferences import preferences
from gui.panels import VIEWS
from gui.panels.decision.view import DecisionMapView
from gui.panels.evaluation.view import EvaluationView
from gui.panels.start.page import StartPage
from gui.panels.view import View
from gui.window.banners import BannerColumn, Notice, OpeningBanner


class Centre(QStackedWidget):
    """Start page and views. A view that is not seen costs nothing: it asks for nothing, gets nothing."""

    preset_chosen = Signal(str)
    open_data = Signal()
    open_file = Signal()
    recent_chosen = Signal(str)
    start_page_shown = Signal()
    view_changed = Signal()
    layer_selected = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self._start_page = StartPage()
        self._tabs = QTabWidget()
        self._tabs.setDocumentMode(True)
        self._views: list[View] = [view() for view in VIEWS]
        for view in self._views:
            self._tabs.addTab(view, view.heading)
            view.layer_selected.connect(self.layer_selected)
        self.addWidget(self._start_page)
        self.addWidget(self._tabs)
        self.notice, self.opening = Notice(), OpeningBanner()
        self._banners = BannerColumn(self, self.opening, self.notice)
        self.currentChanged.connect(self._place_banners)
        self._run = 0
        self._plane = False
        self._choosing = True
        """Until the data is known, the first view to show is open."""
        self._start_page.preset_chosen.connect(self.preset_chosen)
        self._start_page.open_data.connect(self.open_data)
        self._start_page.open_file.connect(self.open_file)
        self._start_page.recent_chosen.connect(self.recent_chosen)
        self._tabs.currentChanged.connect(self.view_changed)
        self.currentChanged.connect(self.view_changed)
        self._start_page.set_presets([(name, *offer(name)) for name in preset_files()])
        self.show_start_page()

    def show_start_page(self) -> None:
        """Offer ready experiments, files and recent files."""
        self.show_recent_files()
        self.setCurrentWidget(self._start_page)
        self.start_page_shown.emit()

    def show_recent_files(self) -> None:
        """Those of the preferences."""
        self._start_page.set_recent([str(path) for path in preferences().recent_files])

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
        """Show the run: the decision map where there are two inputs, else the network."""
        self._choosing = True
        self._tabs.setCurrentIndex(self._first_view())
        self.setCurrentWidget(self._tabs)

    def leave_if_start_page(self) -> None:
        """Training began, or the data is edited: what is offered makes room for what happens."""
        if self.currentWidget() is self._start_page:
            self.leave_start_page()

    def leave_start_page_for_network(self) -> None:
        """Layers are edited: show them."""
        if self.currentWidget() is self._start_page:
            self._choosing = False
            self._tabs.setCurrentIndex(0)
            self.setCurrentWidget(self._tabs)

    def wanted(self) -> Wanted:
        """What the view in sight needs of the next snapshot."""
        view = self._seen()
        return view.wanted() if view is not None else Wanted()

    def show_model(self, summary: ModelSummary, run: int) -> None:
        """Another experiment, or an edited one."""
        had_plane, self._plane = self._plane, summary.points is not None
        if self._choosing or (had_plane and not self._plane):
            self._choosing = self.currentWidget() is self._start_page
            self._tabs.setCurrentIndex(self._first_view())
        for view in self._views:
            if run != self._run:
                view.clear()
            view.show_model(summary)
        self._run = run

    def update_settings(self, experiment: Experiment) -> None:
        """An edit in mid-run: what views show of the settings of layers follows it at once."""
        for view in self._views:
            if view.model is not None:
                view.update_settings(with_settings(view.model, experiment))

    def clear(self) -> None:
        """Another document, or none that can run: no view shows anything of the last run."""
        self._run = 0
        for view in self._views:
            view.clear()

    def show_problem(self, sentence: str) -> None:
        """The experiment cannot run as it is."""
        self._run = 0
        if self._choosing:
            # Of the last experiment the decision map may be open; whether this one has one, nobody knows yet.
            self._tabs.setCurrentIndex(0)
        for view in self._views:
            view.show_problem(sentence)

    def show_scores(self, message: Scored) -> None:
        """Scores on all parts of the data."""
        if message.run == self._run:
            for view in self._views:
                if isinstance(view, EvaluationView):
                    view.show_scores(message.scores, message.caption)

    def refresh(self, frame: Frame) -> None:
        """A new state of the run, for the view in sight."""
        view = self._seen()
        if view is not None and frame.snapshot is not None:
            view.show_history(frame.history)
            view.refresh(frame.snapshot)

    def say_kept(self, stack: QUndoStack) -> None:
        """A trained network makes room for another: say what brings it back, as nothing else does.

        stack : that of what is done.
        """
        # It is not on the stack yet while it is carried out, and an undo has not left it.
        QTimer.singleShot(0, self, lambda: self._say_kept(stack))

    def _say_kept(self, stack: QUndoStack) -> None:
        for able, keys, title, action in (
            (stack.canRedo(), "Ctrl+Shift+Z", "Redo", stack.redo),
            (stack.canUndo(), "Ctrl+Z", "Undo", stack.undo),
        ):
            if able:
                self.notice.show_note(f"The trained network is kept: {keys} brings it back.", title, action)
                return

    def _place_banners(self) -> None:
        """Under the tabs, where there are some."""
        tabs = self.currentWidget() is self._tabs
        self._banners.set_below(self._tabs.tabBar().sizeHint().height() if tabs else 0)

    def current_view(self) -> QWidget:
        """What a person looks at: a view, or the start page."""
        return self._seen() or self._start_page

    def select_layer(self, index: int | None) -> None:
        """Show which layer is selected on the left."""
        for view in self._views:
            view.select_layer(index)

    def _seen(self) -> View | None:
        widget = self._tabs.currentWidget()
        return widget if self.currentWidget() is self._tabs and isinstance(widget, View) else None

    def _first_view(self) -> int:
        kinds = [type(view) for view in self._views]
        return kinds.index(DecisionMapView) if self._plane else 0


def offer(name: str) -> tuple[str, str, str]:
    """Title, description and kind of picture of a ready experiment."""
    experiment = from_json(preset_files()[name].read_text(encoding="utf-8"), name)
    reconstructs = experiment.data.task == "reconstruction"
    kind = "autoencoder" if reconstructs else experiment.data.source.kind
    return experiment.name, experiment.description, kind
