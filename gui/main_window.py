"""The window: assembles menu, transport bar, docks and centre, and connects them to document and session."""

import dataclasses
import functools
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QTimer, QUrl
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import (
    QApplication,
    QMainWindow,
    QMenu,
    QMenuBar,
    QMessageBox,
)

from engine.errors import UserError
from engine.experiment import Experiment
from engine.files.opening import preset
from engine.training.snapshot import Wanted
from gui.actions import MENUS, Actions
from gui.core.document import Document
from gui.core.jobs import Job, JobRunner
from gui.core.messages import Crashed, Frame, Invalid, Prepared
from gui.core.model_summary import summarize
from gui.core.pace import Refresher
from gui.core.preferences import preferences
from gui.core.recent_files import RecentFiles
from gui.core.runs import only_live
from gui.core.session import Session
from gui.core.worker_client import GarbageCollection
from gui.kit import theme
from gui.panels.plots import PLOTS
from gui.panels.plots.base import LivePlot
from gui.panels.setup.panel import SetupColumn
from gui.window.centre import Centre
from gui.window.docks import Docks
from gui.window.file_commands import FileCommands
from gui.window.help import show_about, show_shortcuts
from gui.window.job_list import JobView
from gui.window.plot_saves import PlotSaves
from gui.window.recovery import Recovery
from gui.window.space_key import SpaceKey
from gui.window.status_line import StatusLine
from gui.window.train_commands import TrainCommands
from gui.window.transport_bar import TransportBar, WindowHeader

FIRST_EXPERIMENT = "spiral"
EMPTY_AFTER_MS = 150
"""How long views go on showing a run whose experiment was edited, while the next is made."""
ENDS_WITHIN_S = 0.3
"""How long closing waits for jobs that cannot be broken off."""


class MainWindow(QMainWindow):
    """One window, everything in sight: setup left, the network in the middle, live plots right."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("main")
        self.setAcceptDrops(True)
        self.setDockOptions(
            QMainWindow.DockOption.AnimatedDocks
            | QMainWindow.DockOption.AllowNestedDocks
            | QMainWindow.DockOption.AllowTabbedDocks
        )
        self.document = Document(preset(FIRST_EXPERIMENT), self)
        self.jobs = JobRunner(self)
        self.session = Session(self.wanted, self.jobs, self)
        self.actions_ = Actions(self)
        self.files = FileCommands(self, self.document, self.session)
        self.train_commands = TrainCommands(self.document, self.session, self.actions_, self)
        self.centre = Centre(self)
        self.recent_files = RecentFiles(self.jobs, self)
        self.recovery = Recovery(self, self.document, self.session, self.files, self.centre)
        self.setup_column = SetupColumn(self.document)
        self.status_line = StatusLine(self)
        self.plots: list[LivePlot] = [plot() for plot in PLOTS]
        self._space_key = SpaceKey()
        self._garbage = GarbageCollection(self)
        self._refresher = Refresher(self)
        self._frame: Frame | None = None
        self._crash: QMessageBox | None = None
        self._run = 0
        self._closed = False
        """Whether a person has closed the window."""
        self._ending = False
        """Whether the program is ended from outside, without questions."""
        self._assemble()
        self._connect()
        self.docks.restore()
        self._retitle()

    def start(self, path: Path | None = None) -> None:
        """Begin: the worker starts and prepares the first experiment, or opens a file."""
        # On nothing in particular, so that the space bar trains rather than presses the first button.
        self.centre.setFocus()
        self._garbage.start()
        self.session.start()
        self.document.run = self.session.load(self.document.experiment)
        self.recovery.start()
        self.recent_files.look()
        if path is not None:
            self.files.open(path)

    def wanted(self) -> Wanted:
        """What the visible panels need of the next snapshot, taken together."""
        parts = [self.centre.wanted(), *(plot.wanted() for plot in self._seen_plots())]
        return Wanted(
            *(max(getattr(part, field.name) for part in parts) for field in dataclasses.fields(Wanted))
        )

    # --- assembly ------------------------------------------------------------------------------------

    def _assemble(self) -> None:
        bar = QMenuBar()
        menus = self.actions_.fill(bar)
        actions = self.actions_
        self.transport = TransportBar(
            actions["train"],
            [actions["step_batch"], actions["step_epoch"]],
            actions["stop"],
            actions["reset"],
        )
        self.top = WindowHeader(bar, self.transport)
        self.setMenuWidget(self.top)
        self.setCentralWidget(self.centre)
        self.setStatusBar(self.status_line)
        self.docks = Docks(self, self.setup_column, self.plots)
        self.docks.fill(menus[MENUS[4]].addMenu("Panels"), self.session.request_frame)
        self.plot_saves = PlotSaves(self.plots, self.jobs, self)
        self.plot_saves.saved.connect(self.status_line.show_saved)
        self.recent_menu = QMenu("Recent files", self)
        menus["File"].insertMenu(actions["save"], self.recent_menu)
        self.recent_menu.aboutToShow.connect(self._fill_recent)
        self.recent_menu.aboutToShow.connect(self.recent_files.look)

    # --- connections ---------------------------------------------------------------------------------

    def _connect(self) -> None:
        session, document, files = self.session, self.document, self.files
        session.frame.connect(self._show_frame)
        session.prepared.connect(self._show_prepared)
        session.invalid.connect(self._show_invalid)
        session.changing.connect(self._forget_run)
        session.put_aside.connect(lambda _: self.centre.say_kept(document.undo_stack))
        session.scored.connect(self.centre.show_scores)
        session.scored.connect(self.transport.show_scored)
        session.crashed.connect(self.show_crash)
        document.edited.connect(self._adopt)
        document.changed.connect(self._show_changed)
        document.modified_changed.connect(lambda _: self._retitle())
        document.path_changed.connect(lambda _: self._retitle())
        files.loaded.connect(self._show_loaded)
        files.problem.connect(self._show_problem)
        files.saved.connect(self._show_saved)
        self.jobs.failed.connect(self._show_problem)
        self.jobs.crashed.connect(self.show_crash)
        self.jobs.changed.connect(self._show_jobs)
        self.jobs.ended.connect(lambda title: self.status_line.show_note(f"{title}: done."))
        self.status_line.jobs.cancel_requested.connect(self.jobs.cancel)
        self.centre.opening.cancelled.connect(files.cancel_opening)
        files.opening.connect(self._show_jobs)
        files.closable.connect(self.close)
        self.recovery.failed.connect(self.status_line.show_note)
        self._connect_actions()
        centre = self.centre
        centre.preset_chosen.connect(files.new_from_preset)
        centre.open_data.connect(lambda: files.ask_open(tables_only=True))
        centre.open_file.connect(files.ask_open)
        centre.recent_chosen.connect(lambda path: files.open(Path(path)))
        centre.start_page_shown.connect(self.recent_files.look)
        files.problem.connect(lambda *_: self.recent_files.look())
        self.recent_files.changed.connect(centre.show_recent_files)
        self.recent_files.changed.connect(self._fill_recent)
        centre.view_changed.connect(session.request_frame)
        centre.layer_selected.connect(self.setup_column.select_layer)
        self.setup_column.layer_selected.connect(self.centre.select_layer)
        self.setup_column.preview_wanted.connect(session.preview)
        session.previewed.connect(self.setup_column.show_preview)
        self.train_commands.started.connect(centre.leave_if_start_page)
        theme.notifier().changed.connect(self._mark_theme)
        self._mark_theme()

    def _connect_actions(self) -> None:
        actions, files = self.actions_, self.files
        commands = {
            "new": self.centre.toggle_start_page,
            "open": files.ask_open,
            "save": files.save,
            "save_as": files.save_as,
            "quit": self.close,
            "undo": self.document.undo_stack.undo,
            "redo": self.document.undo_stack.redo,
            "light": lambda: self._choose_theme("light"),
            "dark": lambda: self._choose_theme("dark"),
            "system": lambda: self._choose_theme("system"),
            "reset_layout": self.docks.reset,
            "shortcuts": lambda: show_shortcuts(self),
            "about": lambda: show_about(self),
        }
        for name, command in commands.items():
            actions[name].triggered.connect(lambda _=False, command=command: command())
        stack = self.document.undo_stack
        for name, signal, able in (
            ("undo", stack.canUndoChanged, stack.canUndo),
            ("redo", stack.canRedoChanged, stack.canRedo),
        ):
            signal.connect(actions[name].setEnabled)
            actions[name].setEnabled(able())

    def _adopt(self, experiment: Experiment, run: int) -> None:
        """An edit, or one undone: the run that belongs to it is at hand from here on."""
        self.document.run = self.session.adopt(experiment, run)

    # --- news from the session ------------------------------------------------------------------------

    def _show_frame(self, frame: Frame) -> None:
        self.train_commands.show_frame(frame)
        self.transport.show_frame(frame, self.train_commands.train_hint)
        self.status_line.show_frame(frame)
        self.setup_column.show_status(frame.status)
        if frame.run != self._run or frame.history is None:
            return
        self.files.note_step(frame.step)
        self._frame = frame
        plots = [functools.partial(self._refresh_plot, plot) for plot in self._seen_plots()]
        self._refresher.refresh([self._refresh_centre, *plots])

    def _seen_plots(self) -> list[LivePlot]:
        """Those in sight: a panel behind a tab counts as visible in Qt, but nobody sees it."""
        return [plot for plot in self.plots if plot.isVisible() and not plot.visibleRegion().isEmpty()]

    def _refresh_centre(self) -> None:
        if self._frame is not None:
            self.centre.refresh(self._frame)

    def _refresh_plot(self, plot: LivePlot) -> None:
        if self._frame is not None:
            plot.show_history(self._frame.history)
            plot.refresh(self._frame.snapshot)

    def _show_prepared(self, prepared: Prepared) -> None:
        self._run = prepared.run
        self.files.begin_run(prepared.step)
        self.status_line.show_problem(None)
        self.setup_column.show_prepared(prepared)
        self.centre.show_model(summarize(prepared), prepared.run)

    def _show_invalid(self, message: Invalid) -> None:
        self._forget_run()
        self.centre.show_problem(str(message.error))
        self.status_line.show_problem(message.error)
        self.setup_column.show_invalid(message)

    def _clear_centre(self) -> None:
        if not self._run and self.session.problem is None:
            self.centre.clear()

    def _show_saved(self, path: Path) -> None:
        self.status_line.show_saved(path)
        # The note stays until the run moves on from how it stands now.
        self.session.request_frame()

    def _show_changed(self, new: Experiment, old: Experiment) -> None:
        """An edit, or another document: the centre shows what is edited, and no plot what is no more."""
        self._retitle()
        if (new.layers, new.head) != (old.layers, old.head):
            self.centre.leave_start_page_for_network()
        elif new.data != old.data:
            self.centre.leave_if_start_page()
        if only_live(old, new):
            self.centre.update_settings(new)

    def _forget_run(self) -> None:
        """Another run belongs to the document: until it is there nothing is shown of any."""
        self._run = 0
        self.transport.clear()
        self.centre.notice.dismiss()
        # What is soon there takes the place of what is shown without an empty view in between.
        QTimer.singleShot(EMPTY_AFTER_MS, self, self._clear_centre)
        self._frame = None
        for plot in self.plots:
            plot.clear()

    def _show_jobs(self) -> None:
        """What runs, at the foot of the window; a file that opens also over the centre."""
        listed = [job for job in self.jobs.running if job.listed]
        self.status_line.jobs.show_jobs(
            [JobView(job.number, job.title, _doing(job), job.progress.fraction) for job in listed]
        )
        opening = self.files.job
        if opening in listed:
            name = opening.title.partition(" ")[2]
            self.centre.opening.show_opening(name, opening.progress.fraction)
        else:
            self.centre.opening.finish()

    def _show_loaded(self) -> None:
        """Another document: of the last one nothing stays, also where the new one cannot run."""
        self.centre.clear()
        self.setup_column.clear()
        self.status_line.show_problem(None)
        self.centre.setFocus()
        self.centre.leave_start_page()

    def _show_problem(self, title: str, error: UserError) -> None:
        box = QMessageBox(QMessageBox.Icon.NoIcon, title, str(error), QMessageBox.StandardButton.Ok, self)
        box.open()

    def show_crash(self, message: Crashed) -> None:
        if self._crash is not None and self._crash.isVisible():
            return
        box = self._crash = QMessageBox(self)
        box.setWindowTitle("A fault of the program")
        box.setText("Training was interrupted by a fault of the program. Your experiment is as it was.")
        box.setInformativeText("Save your work. The details below help whoever mends it.")
        box.setDetailedText(message.traceback)
        box.open()

    # --- window --------------------------------------------------------------------------------------

    def _choose_theme(self, name: theme.ThemeName) -> None:
        preferences().theme = name
        application = QApplication.instance()
        if isinstance(application, QApplication):
            theme.apply(application, name)
        self._mark_theme()

    def _mark_theme(self) -> None:
        for name in ("light", "dark", "system"):
            self.actions_[name].setChecked(preferences().theme == name)

    def _retitle(self) -> None:
        document = self.document
        name = document.path.name if document.path else document.experiment.name
        title = f"{name} — edited" if document.modified else name
        self.top.show_title(title)
        self.setWindowTitle(f"{title} — Gradwright")

    def _fill_recent(self) -> None:
        self.recent_menu.clear()
        for path in preferences().recent_files:
            self.recent_menu.addAction(path.name, lambda path=path: self.files.open(path))
        if self.recent_menu.isEmpty():
            self.recent_menu.addAction("No files yet").setEnabled(False)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Space presses a button that Tab has reached; anywhere else it trains and pauses."""
        if self._space_key.claims(event):
            event.accept()
            return True
        return super().eventFilter(watched, event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if self._dropped(event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        path = self._dropped(event.mimeData().urls())
        if path:
            event.acceptProposedAction()
            self.files.open(path)

    @staticmethod
    def _dropped(urls: list[QUrl]) -> Path | None:
        return Path(urls[0].toLocalFile()) if len(urls) == 1 and urls[0].isLocalFile() else None

    def closeEvent(self, event: QCloseEvent) -> None:
        if not (self._ending or self.files.may_close()):
            event.ignore()
            return
        self.docks.remember()
        # Gone from the screen first: a thread may have to finish what cannot be broken off.
        self.hide()
        self._closed = True
        self.shutdown()
        self._garbage.stop()
        event.accept()

    def end(self, status: int) -> None:
        """End the program without a question, as something outside asks: unsaved work is kept for the next
        start. The application returns `status`."""
        self._ending = True
        self.recovery.keep_all(functools.partial(self._close_and_exit, status))

    def _close_and_exit(self, status: int) -> None:
        self.close()
        QApplication.exit(status)

    def shutdown(self) -> bool:
        """End jobs and worker; False where a thread has not ended soon. May be called again."""
        ended = self.session.shutdown()
        # Jobs first: one of them may be writing what is kept.
        ended = self.jobs.shutdown(ENDS_WITHIN_S) and ended
        # Where nobody has closed the window, the display is gone: then nobody was asked either.
        self.recovery.stop(keep=self._ending or not self._closed)
        return ended


def _doing(job: Job) -> str:
    """What a job is, and what it is at: "Opening big.csv: reading rows"."""
    text = job.progress.text
    return f"{job.title}: {text[:1].lower()}{text[1:]}" if text else job.title
