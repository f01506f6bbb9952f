"""The form of one step of a lesson: text, question, task and hints."""

from typing import Any

from PySide6.QtWidgets import QFormLayout, QLineEdit, QPlainTextEdit, QVBoxLayout, QWidget

from engine.lessons import CHECKS, typed_number
from engine.settings import Settings, kind_of, number_text
from gui.kit.choice import Choice
from gui.kit.form import SettingsForm
from gui.kit.text import tr
from gui.kit.theme import GRID, scaled

STARTS: dict[str, dict[str, Any]] = {
    "loss_below": {"value": 0.1},
    "loss_above": {"value": 1.0},
    "steps": {"least": 1},
    "epochs": {"least": 10},
    "units": {"most": 8},
    "activation": {"activation": "relu"},
    "layer": {"layer": "dropout"},
    "setting": {"path": "training.epochs", "least": 1},
    "weight": {"layer": "Dense 1", "index": (0, 0), "value": 0.5},
    "panel": {"panel": "inspector"},
    "parameter": {"layer": "Dense 1", "index": (0, 0)},
}
"""What the form of a check begins with, where it has fields without a default."""

NONE, NUMBER, CHOICE = "", "number", "choice"


class StepEditor(QWidget):
    """Shows the values of a step, and gives them as they stand."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._others: dict[str, Any] = {}
        """What of the step has no field here."""
        self._why = ""
        self.title, self.text = QLineEdit(), _area(5)
        kinds = [(NONE, tr("None")), (NUMBER, tr("A number")), (CHOICE, tr("One of several answers"))]
        self.kind = Choice(kinds, value=NONE, name=tr("Question"))
        self.question = QLineEdit()
        self.answer, self.tolerance, self.options = QLineEdit(), QLineEdit(), _area(3)
        self.task = QLineEdit()
        checks = [(NONE, tr("None")), *((kind_of(kind), tr(kind.heading)) for kind in CHECKS)]
        self.check = Choice(checks, value=NONE, name=tr("Checked by"))
        self.form: SettingsForm | None = None
        self._place = QVBoxLayout()
        self.hints = _area(2)
        self._rows = QFormLayout()
        self._rows.setHorizontalSpacing(3 * GRID)
        self._rows.setVerticalSpacing(2 * GRID)
        for title, field in (
            (tr("Title"), self.title),
            (tr("Text"), self.text),
            (tr("Question"), self.kind),
            (tr("Asked"), self.question),
            (tr("Right answer"), self.answer),
            (tr("Tolerance"), self.tolerance),
            (tr("Answers, one a line"), self.options),
            (tr("Task"), self.task),
            (tr("Checked by"), self.check),
        ):
            field.setAccessibleName(title)
            self._rows.addRow(title, field)
        self._rows.addRow(self._place)
        self.hints.setAccessibleName(tr("Hints, one a line"))
        self._rows.addRow(tr("Hints, one a line"), self.hints)
        self.answer.setToolTip(tr("A number; of several answers, which line is right, from 1."))
        self.tolerance.setToolTip(tr("How far from it an answer may lie and still be right."))
        layout = QVBoxLayout(self)
        layout.addLayout(self._rows)
        layout.addStretch(1)
        self.kind.edited.connect(lambda _: self._show_fields())
        self.check.edited.connect(self._choose_check)
        self._show_fields()

    def show_step(self, values: dict[str, Any]) -> None:
        """Show a step, as it stands in a file."""
        question = values.get("question") or {}
        first, *further = values.get("checks") or [None]
        self._others = {"panels": values.get("panels", ()), "checks": further}
        self._why = question.get("why", "")
        self.title.setText(values.get("title", ""))
        self.text.setPlainText(values.get("text", ""))
        self.kind.set_value(question.get("kind", NONE))
        self.question.setText(question.get("text", ""))
        answer = question.get("answer")
        shown = "" if answer is None else number_text(answer + (question["kind"] == CHOICE))
        self.answer.setText(shown)
        self.tolerance.setText(number_text(question.get("tolerance", 0.0)))
        self.options.setPlainText("\n".join(question.get("options", ())))
        self.task.setText(values.get("task", ""))
        self.hints.setPlainText("\n".join(values.get("hints", ())))
        self.check.set_value(first["kind"] if first else NONE)
        self._show_form(first)
        self._show_fields()

    def values(self) -> dict[str, Any]:
        """The step as it stands here, as in a file."""
        checks = [self.form.value().model_dump(mode="json")] if self.form is not None else []
        return {
            "title": self.title.text().strip(),
            "text": self.text.toPlainText().strip(),
            "question": self._question(),
            "task": self.task.text().strip(),
            "checks": [*checks, *self._others.get("checks", ())],
            "hints": _lines(self.hints),
            "panels": self._others.get("panels", ()),
        }

    def _question(self) -> dict[str, Any] | None:
        kind = self.kind.value()
        if kind == NONE:
            return None
        answer = typed_number(self.answer.text())
        values: dict[str, Any] = {"kind": kind, "text": self.question.text().strip(), "why": self._why}
        if kind == NUMBER:
            return values | {"answer": answer, "tolerance": typed_number(self.tolerance.text())}
        place = int(answer) - 1 if answer is not None and answer == int(answer) else None
        return values | {"answer": place, "options": _lines(self.options)}

    def _choose_check(self, kind: str) -> None:
        self._show_form({"kind": kind} | STARTS.get(kind, {}) if kind else None)

    def _show_form(self, values: dict[str, Any] | None) -> None:
        if self.form is not None:
            self._place.removeWidget(self.form)
            self.form.hide()
            self.form.deleteLater()
            self.form = None
        if values is not None:
            self.form = SettingsForm(_check(values))
            self._place.addWidget(self.form)

    def _show_fields(self) -> None:
        kind = self.kind.value()
        for field, shown in (
            (self.question, kind != NONE),
            (self.answer, kind != NONE),
            (self.tolerance, kind == NUMBER),
            (self.options, kind == CHOICE),
        ):
            self._rows.setRowVisible(field, shown)


def _check(values: dict[str, Any]) -> Settings:
    (found,) = [kind for kind in CHECKS if kind_of(kind) == values["kind"]]
    return found.model_validate(values)


def _area(lines: int) -> QPlainTextEdit:
    area = QPlainTextEdit()
    area.setTabChangesFocus(True)
    area.setFixedHeight(scaled(20 * lines + 12))
    return area


def _lines(area: QPlainTextEdit) -> list[str]:
    return [line.strip() for line in area.toPlainText().splitlines() if line.strip()]
