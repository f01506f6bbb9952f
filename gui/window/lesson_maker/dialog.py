"""The dialog in which a teacher writes a lesson."""

from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QPushButton,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from engine.lessons import Lesson
from gui.kit import PlainScrollArea
from gui.kit.labels import WrappedLabel
from gui.kit.text import tr
from gui.kit.theme import GRID, scaled
from gui.window.lesson_maker.locks_page import LocksPage
from gui.window.lesson_maker.step_editor import StepEditor

SIZE = (860, 680)
LIST_WIDTH = 190


class LessonDialog(QDialog):
    """Title, steps and locks of a lesson; experiment and weights come from elsewhere.

    Signals: `preview` and `save` are wanted; `edit` another lesson is to be opened here.
    """

    preview = Signal()
    save = Signal()
    edit = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Make a lesson"))
        self.resize(scaled(SIZE[0]), scaled(SIZE[1]))
        self.title, self.summary = QLineEdit(), QLineEdit()
        self.weights = QCheckBox(tr("Begin with the weights as they are now"))
        self.start = WrappedLabel("", "muted")
        self.steps = QListWidget()
        self.steps.setAccessibleName(tr("Steps"))
        self.steps.setFixedWidth(scaled(LIST_WIDTH))
        self.editor, self.locks = StepEditor(), LocksPage()
        self.message = WrappedLabel("", "warning")
        self.message.hide()
        self._steps: list[dict[str, Any]] = [{}]
        self._shown = -1
        self.add, self.remove = QPushButton(tr("Add")), QPushButton(tr("Remove"))
        self.up, self.down = QPushButton(tr("Up")), QPushButton(tr("Down"))
        self.tabs = QTabWidget()
        self.tabs.addTab(self._steps_page(), tr("Steps"))
        self.tabs.addTab(self.locks, tr("Locked and hidden"))
        head = QFormLayout()
        head.setHorizontalSpacing(3 * GRID)
        for title, field in ((tr("Title"), self.title), (tr("Summary"), self.summary)):
            field.setAccessibleName(title)
            head.addRow(title, field)
        head.addRow(tr("Beginning"), self.start)
        head.addRow("", self.weights)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        role = QDialogButtonBox.ButtonRole.ActionRole
        self.edit_button = buttons.addButton(tr("Edit a lesson…"), role)
        self.preview_button = buttons.addButton(tr("Preview"), role)
        self.save_button = buttons.addButton(tr("Save as…"), role)
        self.edit_button.setToolTip(tr("Open a lesson file, to change it here."))
        self.preview_button.setToolTip(tr("Begin the lesson at once; leaving it leads back here."))
        self.save_button.setProperty("primary", True)
        self.save_button.setToolTip(tr("Write a lesson file that others open."))
        for button in buttons.buttons():
            if isinstance(button, QPushButton):
                button.setAutoDefault(False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 20, 20, 16)
        layout.setSpacing(3 * GRID)
        layout.addLayout(head)
        layout.addWidget(self.tabs, 1)
        layout.addWidget(self.message)
        layout.addWidget(buttons)
        buttons.rejected.connect(self.reject)
        self.edit_button.clicked.connect(self.edit)
        self.preview_button.clicked.connect(self.preview)
        self.save_button.clicked.connect(self.save)
        self._show_steps(0)

    def _steps_page(self) -> QWidget:
        page = QWidget()
        row, column, grid = QHBoxLayout(page), QVBoxLayout(), QHBoxLayout()
        column.addWidget(self.steps, 1)
        orders = QHBoxLayout()
        for button, tip, line in (
            (self.add, tr("Add a step behind this one."), grid),
            (self.remove, tr("Remove this step."), grid),
            (self.up, tr("Move this step up."), orders),
            (self.down, tr("Move this step down."), orders),
        ):
            button.setToolTip(tip)
            button.setProperty("small", True)
            button.setAutoDefault(False)
            line.addWidget(button)
        column.addLayout(grid)
        column.addLayout(orders)
        row.addLayout(column)
        row.addWidget(PlainScrollArea(self.editor), 1)
        self.add.clicked.connect(self._add)
        self.remove.clicked.connect(self._remove)
        self.up.clicked.connect(lambda: self._move(-1))
        self.down.clicked.connect(lambda: self._move(1))
        self.steps.currentRowChanged.connect(self._choose)
        self.editor.title.textEdited.connect(self._rename)
        return page

    # --- the lesson --------------------------------------------------------------------------------------

    def show_lesson(self, lesson: Lesson) -> None:
        """Show a lesson that was written before."""
        values = lesson.model_dump(mode="json")
        self.title.setText(lesson.title)
        self.summary.setText(lesson.summary)
        self.locks.show_locks(lesson.locked, lesson.hidden)
        self._steps = values["steps"]
        self._shown = -1
        self._show_steps(0)

    def values(self) -> dict[str, Any]:
        """What was written, as in a file, without experiment and weights."""
        self._take()
        return {
            "title": self.title.text().strip(),
            "summary": self.summary.text().strip(),
            "locked": self.locks.locked(),
            "hidden": self.locks.hidden(),
            "steps": [{"text": ""} | step for step in self._steps],
        }

    def suggested_path(self, folder: Path, suffix: str) -> Path:
        """Where to save: named after the title."""
        name = "".join(letter if letter.isalnum() else "-" for letter in self.title.text().lower()).strip("-")
        return folder / f"{name or 'lesson'}{suffix}"

    def say(self, sentence: str) -> None:
        """Say what is wrong; an empty text takes it back."""
        self.message.setText(sentence)
        self.message.setVisible(bool(sentence))

    # --- its steps ---------------------------------------------------------------------------------------

    def _take(self) -> None:
        if 0 <= self._shown < len(self._steps):
            self._steps[self._shown] = self.editor.values()

    def _choose(self, row: int) -> None:
        if row >= 0 and row != self._shown:
            self._take()
            self._shown = row
            self.editor.show_step(self._steps[row])
            self._enable()

    def _show_steps(self, row: int) -> None:
        """List the steps and show one of them; what is shown was taken over before."""
        self._shown = -1
        self.steps.blockSignals(True)
        self.steps.clear()
        for number, step in enumerate(self._steps):
            self.steps.addItem(_name(number, step))
        self.steps.setCurrentRow(row)
        self.steps.blockSignals(False)
        self._choose(row)

    def _enable(self) -> None:
        self.remove.setEnabled(len(self._steps) > 1)
        self.up.setEnabled(self._shown > 0)
        self.down.setEnabled(self._shown < len(self._steps) - 1)

    def _rename(self, title: str) -> None:
        self.steps.item(self._shown).setText(_name(self._shown, {"title": title.strip()}))

    def _add(self) -> None:
        self._take()
        self._steps.insert(self._shown + 1, {})
        self._show_steps(self._shown + 1)
        self.editor.title.setFocus(Qt.FocusReason.OtherFocusReason)

    def _remove(self) -> None:
        row = self._shown
        del self._steps[row]
        self._show_steps(min(row, len(self._steps) - 1))

    def _move(self, by: int) -> None:
        self._take()
        row, steps = self._shown, self._steps
        steps[row], steps[row + by] = steps[row + by], steps[row]
        self._show_steps(row + by)


def _name(number: int, step: dict[str, Any]) -> str:
    return f"{number + 1}  {step.get('title') or tr('Step')}"
