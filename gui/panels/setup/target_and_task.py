"""Rows of the data section: target and task, and a field that opens what it sums up."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from engine.data import DataSettings, Description
from engine.tasks import Task
from gui.kit import Choice, Label, Option, theme
from gui.kit.field import FIELD_RADIUS, paint_field_marks
from gui.kit.layouts import CARET_SIZE, COLUMN_SPACING, LABEL_WIDTH, Row, paint_caret
from gui.kit.numbers import quantity_text
from gui.kit.text import tr

ALL_OF_IT = 0.995
TASK_WORDS: Mapping[Task, str] = {
    "classification": tr("Classes"),
    "binary": tr("Yes or no"),
    "multilabel": tr("Several times yes or no"),
    "regression": tr("Number"),
    "reconstruction": tr("Reconstruct the input (autoencoder)"),
}
_TASKS: Mapping[Task, str] = {
    "classification": tr("One of several classes; the output is a probability for each."),
    "binary": tr("One of two classes; the output is the probability of one of them."),
    "multilabel": tr("Several targets of yes or no; each output is the probability of one yes."),
    "regression": tr("A number, or several; each output is the number itself."),
    "reconstruction": tr("Reconstruction, by an autoencoder; there are as many outputs as inputs."),
}
_PREDICTED = tr("The column that the network learns to predict.")
_LABEL = tr("A column that labels the samples where they are shown; the network never sees it.")
KIND_ICONS = {
    "number": "hash",
    "category": "text-aa",
    "boolean": "toggle-right",
    "date": "calendar-blank",
    "text": "text-align-left",
    "code": "barcode",
    "image": "image",
}


def caption(description: Description, formula: bool) -> str:
    """What was understood, in a few words: "500 points · 2 classes", "398 rows · regression"."""
    nouns = ("point", "points") if formula else ("row", "rows")
    rows = quantity_text(description.rows, *nouns)
    if description.classes:
        return f"{rows} · {quantity_text(len(description.classes), 'class', 'classes')}"
    if description.further_targets:
        return f"{rows} · {quantity_text(1 + len(description.further_targets), 'target', 'targets')}"
    shown = description.task in ("regression", "reconstruction")
    return f"{rows} · {tr(str(description.task))}" if shown else rows


def target_words(target: NDArray[np.floating], classes: tuple[str, ...]) -> str:
    """The class, or what it is mixed of, the larger part first: "3", "81% 3 · 7"; empty without classes.

    target : (outputs,), one number for each class, or the probability of the second of two.
    """
    if len(target) == 1 and len(classes) == 2:
        target = np.array([1 - target[0], target[0]])
    if len(target) != len(classes):
        return ""
    most = [int(place) for place in np.argsort(-target, kind="stable")[:2]]
    if target[most[0]] >= ALL_OF_IT or len(most) < 2:
        return classes[most[0]]
    return f"{target[most[0]]:.0%} {classes[most[0]]} · {classes[most[1]]}"


class TargetRow(Row):
    """The columns of the table to choose the target from; `chosen` gives the name, None for no label.

    Where the input itself is learned, the column that is left out and labels the samples stands here.
    """

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        self.choice = Choice(name=tr("Target"))
        super().__init__(tr("Target"), self.choice, _PREDICTED, parent)
        self._listed: tuple[object, ...] = ()
        self.choice.edited.connect(lambda name: self.chosen.emit(name or None))

    def show_target(self, settings: DataSettings, description: Description | None) -> None:
        """Show the target, and the columns there are, as far as they are known."""
        labels = settings.task == "reconstruction"
        self.set_words(tr("Label") if labels else tr("Target"), _LABEL if labels else _PREDICTED)
        options = _options(description)
        if labels and not settings.source.usual_target:
            options = (Option("", tr("None"), description=tr("Every column may be an input.")), *options)
        target = settings.target or (description.target if description else None)
        if options != self._listed:
            self._listed = options
            self.choice.set_options(options)
        shown = target if target is not None else ""
        self.choice.set_value(shown)
        # Nobody chose what the source itself names.
        self.choice.set_default(shown if settings.target is None else "" if labels else None)


class GuessNote(Label):
    """Under the target: that nobody chose it, or which others are predicted as well; else hidden."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("", "muted", caption=True, wrap=True, parent=parent)
        self._indent()
        self.hide()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._indent()

    def _indent(self) -> None:
        self.setContentsMargins(theme.scaled(LABEL_WIDTH) + COLUMN_SPACING, 0, 0, 0)

    def show_target(self, settings: DataSettings, description: Description | None) -> None:
        chosen = settings.target is not None or settings.task == "reconstruction"
        target = None if chosen or settings.source.usual_target else description and description.target
        if description is not None and sum(one.kind != "image" for one in description.columns) == 1:
            # Nothing else can be predicted: the classes of a folder of images.
            target = None
        if target is not None and description is not None:
            last = description.columns[-1].name == target
            what = tr("the last column") if last else tr("the last column that suits")
            self.setText(tr("Guessed: {what}. Choose it, or another, here.", what=what))
        elif settings.further_targets:
            self.setText(tr("Predicted as well: {names}", names=", ".join(settings.further_targets)))
        self.setVisible(target is not None or bool(settings.further_targets))


class TaskRow(Row):
    """The kind of task: inferred from the target, or chosen; `chosen` gives it, None for inferred."""

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        self.choice = Choice(name=tr("Task"))
        super().__init__(tr("Task"), self.choice, tr("What kind of thing is learned."), parent)
        self._listed: tuple[object, ...] = ()
        self.choice.set_default(None)
        self.choice.edited.connect(self.chosen)

    def show_task(self, settings: DataSettings, description: Description | None) -> None:
        usual = type(settings.source).usual_task
        inferred = usual or (description.inferred_task if description else None)
        if settings.target is not None and description is not None:
            inferred = description.inferred_task
        title = tr("{task_words}, inferred", task_words=TASK_WORDS[inferred]) if inferred else tr("Inferred")
        tasks = (Option(task, TASK_WORDS[task], description=_TASKS[task]) for task in TASK_WORDS)
        options = (Option(None, title, description=tr("Follows from the values of the target.")), *tasks)
        if options != self._listed:
            self._listed = options
            self.choice.set_options(options)
        self.choice.set_value(settings.task)


def _options(description: Description | None) -> tuple[Option, ...]:
    if description is None:
        return ()
    return tuple(
        Option(column.name, column.name, description=column.summary, icon=KIND_ICONS.get(column.kind, ""))
        for column in description.columns
        if column.kind != "image"
    )


class FoldedField(QAbstractButton):
    """Looks like a field and holds a summary; pressing it opens what it sums up."""

    def __init__(self, name: str, default: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = name
        self._default = default
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def set_summary(self, summary: str) -> None:
        """What it says while it is closed; an accent edge marks what is not the default."""
        if summary != self.text():
            self.setText(summary)
            self.setAccessibleName(f"{self._name} {summary}")

    def sizeHint(self) -> QSize:
        return QSize(
            self.fontMetrics().horizontalAdvance(self.text()) + theme.scaled(CARET_SIZE) + 24,
            theme.scaled(theme.FIELD_HEIGHT),
        )

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = theme.current()
        focused = self.hasFocus()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        edge = colours.accent if focused else colours.edge if self.underMouse() else colours.line
        pen = QPen(QColor(edge), 2 if focused else 1)
        painter.setPen(pen)
        painter.setBrush(QColor(colours.surface))
        inset = pen.widthF() / 2
        outline = self.rect().toRectF().adjusted(inset, inset, -inset, -inset)
        painter.drawRoundedRect(outline, FIELD_RADIUS, FIELD_RADIUS)
        painter.setPen(QColor(colours.text if self.isEnabled() else colours.disabled))
        caret = theme.scaled(CARET_SIZE)
        words = self.rect().adjusted(8, 0, -caret - 8, 0)
        painter.drawText(words, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), self.text())
        place = QPoint(self.width() - caret - 5, (self.height() - caret) // 2)
        paint_caret(painter, place, "up" if self.isChecked() else "down")
        painter.end()
        if self.isEnabled() and self.text() != self._default:
            paint_field_marks(self, faulty=False, differs=True)
