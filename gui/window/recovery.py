"""Recovery of unsaved work: saved automatically while the program runs, offered at the next start."""

import time
from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QHBoxLayout,
    QLabel,
    QMessageBox,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from engine.files.journal import journal_root
from engine.files.left_behind import LeftBehind, left_behind
from gui.core.autosave import Autosave
from gui.core.document import Document
from gui.core.session import Session
from gui.kit.labels import ElidedLabel, Label
from gui.kit.numbers import count_text, quantity_text
from gui.kit.text import tr
from gui.window.centre import Centre
from gui.window.file_commands import FileCommands

KEPT_WITHIN_S = 1.0
"""How long an ending program takes at most to write unsaved work down."""
LOOK_AGAIN_MS = 20
LATER_MS = 300
KEPT_PICTURE_WIDTH = 352
PICTURE_SIZE = (176, 110)
MOST_HEIGHT = 460


class Recovery(QObject):
    """Keeps unsaved work in the journal, and offers what another program has left in one.

    failed : with a sentence, where it cannot be kept.
    """

    failed = Signal(str)

    def __init__(
        self, window: QWidget, document: Document, session: Session, files: FileCommands, seen: Centre
    ) -> None:
        """seen : of which a small picture is kept beside the work."""
        super().__init__(window)
        self._window, self._session, self._files, self._seen = window, session, files, seen
        self.autosave = Autosave(document, session, self._picture, self)
        self.dialog: RecoveryDialog | None = None
        """The offer, once there was something to offer."""
        self._restored: list[LeftBehind] = []
        """Restored, and not yet in the journal of this program."""
        self.autosave.noted.connect(self._discard_restored)
        self.autosave.failed.connect(self.failed)
        files.restored.connect(self._restored.append)

    def start(self) -> None:
        """Begin to keep, and look for what was left behind."""
        root = journal_root()
        self.autosave.start(root)
        title = tr("Looking for unsaved work")
        self._session.jobs.start(title, lambda _: left_behind(root), self._offer, quiet=True)

    def keep_all(self, then: Callable[[], None]) -> None:
        """Hold training, write everything down, and go on with `then`: the program is ended from outside."""
        # What a lesson has set aside is what is to be kept.
        self._files.leaving.emit(True)
        self._session.hold()
        self._go_on_when_kept(then, time.monotonic() + KEPT_WITHIN_S)

    def stop(self, keep: bool) -> None:
        """End. keep : what is unsaved is offered at the next start; else a person has decided on it."""
        self.autosave.stop(keep)
        for work in self._restored:
            if keep:
                work.close()
            else:
                work.discard()
        self._restored.clear()

    def _go_on_when_kept(self, then: Callable[[], None], deadline: float) -> None:
        self.autosave.hurry()
        if self.autosave.up_to_date or time.monotonic() > deadline:
            then()
        else:
            QTimer.singleShot(LOOK_AGAIN_MS, self, lambda: self._go_on_when_kept(then, deadline))

    def _offer(self, works: list[LeftBehind]) -> None:
        if not works:
            return
        if QApplication.activeModalWidget() is not None:
            # One question at a time.
            QTimer.singleShot(LATER_MS, self, lambda: self._offer(works))
            return
        self.dialog = RecoveryDialog(works, self._files.restore, self._window)
        self.dialog.open()

    def _discard_restored(self) -> None:
        while self._restored:
            self._restored.pop().discard()

    def _picture(self) -> QImage:
        mode = Qt.TransformationMode.SmoothTransformation
        return self._seen.current_view().grab().toImage().scaledToWidth(KEPT_PICTURE_WIDTH, mode)


class RecoveryDialog(QDialog):
    """Lists what was left behind; each can be restored or discarded, and what is left alone comes again.

    restore : called with the work that a person wants back, after which the dialog is closed.
    """

    def __init__(
        self, works: Sequence[LeftBehind], restore: Callable[[LeftBehind], None], parent: QWidget
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Unsaved work"))
        self.setObjectName("recovery")
        self._works = list(works)
        self._restore = restore
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 18, 20, 16)
        layout.setSpacing(14)
        one = len(works) == 1
        layout.addWidget(Label(tr("Gradwright ended before its work was saved."), "strong"))
        which = tr("It was") if one else tr("All of it was")
        layout.addWidget(
            Label(
                tr("{which} saved automatically moments before, and can be restored.", which=which), "muted"
            )
        )
        self._list = QVBoxLayout()
        self._list.setSpacing(10)
        rows = QWidget()
        rows.setLayout(self._list)
        self._rows = {id(work): self._row(work) for work in works}
        for row in self._rows.values():
            self._list.addWidget(row)
        self._list.setContentsMargins(0, 0, 0, 0)
        if one:
            layout.addWidget(rows)
        else:
            area = QScrollArea()
            area.setWidget(rows)
            area.setWidgetResizable(True)
            area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
            area.setMinimumHeight(min(len(works) * (PICTURE_SIZE[1] + 12), MOST_HEIGHT))
            layout.addWidget(area)
        later = QPushButton(tr("Ask again at the next start"))
        later.clicked.connect(self.reject)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(later)
        layout.addLayout(foot)
        self.finished.connect(self._let_go)

    def _row(self, work: LeftBehind) -> QWidget:
        row = QWidget()
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(16)
        picture = QLabel()
        picture.setFixedSize(*PICTURE_SIZE)
        picture.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        shown = QPixmap(str(work.picture)) if work.picture is not None else QPixmap()
        if not shown.isNull():
            dense = self.devicePixelRatioF()
            size = QSize(*PICTURE_SIZE) * dense
            mode = Qt.TransformationMode.SmoothTransformation
            shown = shown.scaled(size, Qt.AspectRatioMode.KeepAspectRatio, mode)
            shown.setDevicePixelRatio(dense)
            picture.setPixmap(shown)
        else:
            picture.setText(tr("No picture"))
            picture.setProperty("quality", "muted")
        line.addWidget(picture)
        texts = QVBoxLayout()
        texts.setSpacing(3)
        texts.addStretch(1)
        texts.addWidget(ElidedLabel(title_of(work), "strong"))
        texts.addWidget(Label(reached(work)))
        texts.addWidget(Label(when(work), "muted"))
        texts.addSpacing(6)
        buttons = QHBoxLayout()
        restore = QPushButton(tr("Restore"))
        restore.setProperty("primary", True)
        restore.setDefault(len(self._works) == 1)
        restore.setAccessibleName(tr("Restore {title_of}", title_of=title_of(work)))
        restore.clicked.connect(lambda: self._choose(work))
        discard = QPushButton(tr("Discard"))
        discard.setAutoDefault(False)
        discard.setAccessibleName(tr("Discard {title_of}", title_of=title_of(work)))
        discard.clicked.connect(lambda: self._ask_to_discard(work))
        buttons.addWidget(restore)
        buttons.addSpacing(8)
        buttons.addWidget(discard)
        buttons.addStretch(1)
        texts.addLayout(buttons)
        texts.addStretch(1)
        line.addLayout(texts, 1)
        return row

    def _choose(self, work: LeftBehind) -> None:
        self._works.remove(work)
        self.accept()
        self._restore(work)

    def _ask_to_discard(self, work: LeftBehind) -> None:
        box = QMessageBox(self)
        box.setIcon(QMessageBox.Icon.NoIcon)
        box.setWindowTitle(tr("Discard"))
        box.setText(
            tr("Discard “{title_of}” for good? {reached}.", title_of=title_of(work), reached=reached(work))
        )
        discard = box.addButton(tr("Discard"), QMessageBox.ButtonRole.DestructiveRole)
        box.setDefaultButton(box.addButton(QMessageBox.StandardButton.Cancel))
        box.exec()
        if box.clickedButton() is discard:
            self._discard(work)

    def _discard(self, work: LeftBehind) -> None:
        self._works.remove(work)
        work.discard()
        row = self._rows.pop(id(work))
        row.hide()
        row.deleteLater()
        if not self._works:
            self.reject()
        else:
            QTimer.singleShot(0, self, self.adjustSize)

    def _let_go(self) -> None:
        for work in self._works:
            work.close()
        self._works = []


def title_of(work: LeftBehind) -> str:
    """The file's name, or that of the experiment."""
    return work.path.name if work.path is not None else work.experiment.name


def reached(work: LeftBehind) -> str:
    """How far the run had come."""
    if not work.step:
        return tr("Edited, not trained")
    steps = quantity_text(work.step, "training step", "training steps")
    return tr(
        "{steps}, {epoch} of {epochs} epochs",
        steps=steps,
        epoch=count_text(work.epoch),
        epochs=count_text(work.experiment.training.epochs),
    )


def when(work: LeftBehind) -> str:
    """When it was noted last."""
    by = tr(" by gradwright train") if work.program == "command line" else ""
    return time.strftime(tr("Last saved on %d %B %Y at %H:%M:%S{by}", by=by), time.localtime(work.written))
