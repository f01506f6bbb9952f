"""The window: assembles menu, transport bar, docks and centre, and connects them to document and session."""

import functools
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QMainWindow, QMenuBar

from engine.experiment import Experiment
from engine.files.opening import preset
from gui.actions import Actions
from gui.core.document import Document
from gui.core.jobs import JobRunner
from gui.core.messages import Frame, Invalid, Prepared, Queries
from gui.core.preferences import RecentFiles
from gui.core.runs import only_live
from gui.core.session import Session
from gui.core.worker_client import GarbageCollection
from gui.kit.layouts import tab_after
from gui.kit.text import tr
from gui.panels import PANELS
from gui.panels.base import PanelContext
from gui.window.by_hand_commands import ByHandCommands
from gui.window.centre import Centre
from gui.window.data_import.commands import ImportCommands
from gui.window.dialogs import MessageBoxes, show_about, show_shortcuts
from gui.window.docks import Docks, SetupColumn, ToolWindows, tool_commands
from gui.window.file_commands import FileCommands, dropped_path
from gui.window.lesson_commands import LessonCommands
from gui.window.menus import RecentMenu, ThemeCommands
from gui.window.panel_group import PanelGroup
from gui.window.recovery import Recovery
from gui.window.status_line import JobDisplay, StatusLine
from gui.window.train_commands import SpaceKey, TrainCommands
from gui.window.transport_bar import TransportBar
from gui.window.whats_this import WhatsThis
from gui.window.window_header import WindowHeader

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
        self.session = Session(self._queries, self.jobs, self)
        self.context = PanelContext.of(self.document, self.session, self.jobs, self)
        self.panels = PanelGroup(self.context, PANELS, self)
        self.actions_ = Actions(tool_commands(PANELS), self)
        self.files = FileCommands(self, self.document, self.session)
        self.train_commands = TrainCommands(self.document, self.session, self.actions_, self)
        self.centre = Centre(self.panels.of("centre"), self)
        self.by_hand = ByHandCommands(self.files, self.actions_, self.centre)
        self.recent_files = RecentFiles(self.jobs, self)
        self.recovery = Recovery(self, self.document, self.session, self.files, self.centre)
        self.setup_column = SetupColumn(self.panels.of("setup"))
        self.status_line = StatusLine(self)
        self.messages = MessageBoxes(self)
        self.importing = ImportCommands(self, self.context, self.files, self.messages)
        self.job_display = JobDisplay(self.jobs, self.files, self.status_line, self.centre.opening)
        self.theme_commands = ThemeCommands(self.actions_, self)
        self.tools = ToolWindows(self.panels, self.context, self.actions_, self)
        self._space_key = SpaceKey()
        self._garbage = GarbageCollection(self)
        self.closed, self._ending = False, False
        """Whether a person has closed the window; whether it is ended from outside, without questions."""
        self._assemble()
        self._connect()
        self.lessons = LessonCommands(self.context, self.files, self.actions_, self.panels, self.docks, self)
        note = self.status_line.show_note
        self.whats_this = WhatsThis(self.actions_, self.context.lessons, note, self)
        tab_after(self.centre, self.setup_column)
        self.docks.restore()

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

    # --- assembly ------------------------------------------------------------------------------------

    def _assemble(self) -> None:
        bar = QMenuBar()
        menus = self.actions_.fill(bar)
        actions = self.actions_
        steps = [actions["step_batch"], actions["step_epoch"]]
        self.transport = TransportBar(actions["train"], steps, actions["stop"], actions["reset"])
        self.top = WindowHeader(bar, self.transport, self.document, self)
        self.setMenuWidget(self.top)
        self.setCentralWidget(self.centre)
        self.setStatusBar(self.status_line)
        self.docks = Docks(self, self.setup_column, self.panels.of("plots"))
        self.docks.fill(menus["View"].addMenu(tr("Panels")), self.session.request_frame)
        self.context.weights.noted.connect(self.status_line.show_note)
        self.context.exports.saved.connect(self.status_line.show_saved)
        self.context.requests.show_panel.connect(self._show_panel)
        findings, line = self.context.findings, self.status_line
        findings.changed.connect(lambda: line.show_findings(findings.shown))
        line.findings.clicked.connect(lambda: self.context.requests.open_tool.emit("findings"))
        self.recent_menu = RecentMenu(self.recent_files, self.files.open, self)
        menus["File"].insertMenu(actions["save"], self.recent_menu)

    # --- connections ---------------------------------------------------------------------------------

    def _connect(self) -> None:
        session, document, files = self.session, self.document, self.files
        session.frame.connect(self._show_frame)
        session.prepared.connect(self._show_prepared)
        session.invalid.connect(self._show_invalid)
        session.changing.connect(lambda _: self._end_run())
        session.put_aside.connect(lambda _: self.centre.say_kept(document.undo_stack))
        session.scored.connect(self.panels.show_scores)
        session.scored.connect(self.transport.show_scored)
        session.crashed.connect(self.messages.show_crash)
        document.edited.connect(self._adopt)
        document.changed.connect(self._show_changed)
        files.loaded.connect(self._show_loaded)
        files.problem.connect(self.messages.show_problem)
        files.saved.connect(self._show_saved)
        self.jobs.failed.connect(self.messages.show_problem)
        self.jobs.crashed.connect(self.messages.show_crash)
        files.closable.connect(self.close)
        self.context.weights.failed.connect(lambda error: self.messages.show_problem(tr("Edit"), error))
        session.weights_ordered.connect(self.transport.forget_scored)
        self.recovery.failed.connect(self.status_line.show_note)
        self._connect_actions()
        centre = self.centre
        centre.offer_files(files)
        centre.start_page_shown.connect(self.recent_files.look)
        files.problem.connect(lambda *_: self.recent_files.look())
        self.recent_files.changed.connect(centre.show_recent_files)
        centre.view_changed.connect(session.request_frame)
        self.panels.queries_changed.connect(session.request_frame)
        self.train_commands.started.connect(centre.leave_if_start_page)

    def _connect_actions(self) -> None:
        actions, files = self.actions_, self.files
        commands = {
            "new": self.centre.toggle_start_page,
            "open": files.ask_open,
            "open_folder": files.ask_open_folder,
            "save": files.save,
            "save_as": files.save_as,
            "quit": self.close,
            "undo": self.document.undo_group.undo,
            "redo": self.document.undo_group.redo,
            "reset_layout": self.docks.reset,
            "shortcuts": lambda: show_shortcuts(self, self.actions_.commands),
            "about": lambda: show_about(self),
        }
        for name, command in commands.items():
            actions[name].triggered.connect(lambda _=False, command=command: command())
        stack = self.document.undo_group
        stack.canUndoChanged.connect(actions["undo"].setEnabled)
        stack.canRedoChanged.connect(actions["redo"].setEnabled)
        actions["undo"].setEnabled(stack.canUndo())
        actions["redo"].setEnabled(stack.canRedo())

    def _queries(self) -> Queries:
        # Of the panels nothing, while they still show a run whose place another one takes.
        asked = self.panels.queries() if self.panels.run else ()
        return (*asked, *self.context.findings.queries())

    def _show_panel(self, id: str) -> None:
        _ = self.centre.show_view(id) or self.docks.show_plot(id)

    def _adopt(self, experiment: Experiment, run: int) -> None:
        """An edit, or one undone: the run that belongs to it is at hand from here on."""
        self.document.run = self.session.adopt(experiment, run)

    # --- news from the session ------------------------------------------------------------------------

    def _show_frame(self, frame: Frame) -> None:
        self.train_commands.show_frame(frame)
        self.transport.show_frame(frame, self.train_commands.train_hint)
        self.status_line.show_frame(frame)
        self.panels.show_frame(frame)
        if frame.run == self.panels.run and frame.history is not None:
            self.files.note_step(frame.step)

    def _show_prepared(self, prepared: Prepared) -> None:
        self.files.begin_run(prepared.step)
        self.status_line.show_problem(None)
        self.panels.show_prepared(prepared)
        if self.panels.model is not None:
            self.centre.show_model(self.panels.model)
        self.tools.update_commands()

    def _show_invalid(self, message: Invalid) -> None:
        self._end_run()
        self.centre.show_problem()
        self.status_line.show_problem(message.error)
        self.panels.show_problem(message)

    def _show_preparing(self) -> None:
        if not self.panels.run and self.session.problem is None:
            self.panels.show_preparing()

    def _show_saved(self, path: Path) -> None:
        self.status_line.show_saved(path)
        # The note stays until the run moves on from how it stands now.
        self.session.request_frame()

    def _show_changed(self, new: Experiment, old: Experiment) -> None:
        """An edit, or another document: the centre shows what is edited, and no plot what is no more."""
        if (new.layers, new.head) != (old.layers, old.head):
            self.centre.leave_start_page_for_first_tab()
        elif new.data != old.data:
            self.centre.leave_if_start_page()
        if only_live(old, new):
            self.panels.update_settings(new)

    def _end_run(self) -> None:
        """Another run belongs to the document."""
        self.transport.clear()
        self.centre.notice.dismiss()
        self.panels.end_run()
        # What is soon there takes the place of what is shown without an empty view in between.
        QTimer.singleShot(EMPTY_AFTER_MS, self, self._show_preparing)

    def _show_loaded(self) -> None:
        """Another document: of the last one nothing stays, also where the new one cannot run."""
        self.context.selection.clear()
        self.panels.clear()
        self.status_line.show_problem(None)
        self.centre.setFocus()
        self.centre.leave_start_page()

    # --- window --------------------------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Space presses a button that Tab has reached; anywhere else it trains and pauses."""
        if self._space_key.claims(event) or self.whats_this.claims(event):
            event.accept()
            return True
        return super().eventFilter(watched, event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if dropped_path(event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        path = dropped_path(event.mimeData().urls())
        if path:
            event.acceptProposedAction()
            self.files.open(path)

    def closeEvent(self, event: QCloseEvent) -> None:
        if not (self._ending or self.files.may_close()):
            event.ignore()
            return
        self.docks.remember()
        # Gone from the screen first: a thread may have to finish what cannot be broken off.
        self.hide()
        self.closed = True
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
        self.recovery.stop(keep=self._ending or not self.closed)
        return ended
