"""The question of a step, with a field or answers to choose from, and what was answered."""

import math

from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from engine.lessons import AnyQuestion, MultipleChoice, NumberQuestion
from gui.core.lessons import Lessons
from gui.kit.labels import WrappedLabel
from gui.kit.text import tr
from gui.kit.theme import GRID, set_sizes

FIELD_WIDTH = 110
MOST_DIGITS = 12


class QuestionField(QWidget):
    """Asks; Enter or Check answers. A right answer stays, a wrong one can be changed."""

    def __init__(self, lessons: Lessons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lessons = lessons
        self._question: AnyQuestion | None = None
        self.text = WrappedLabel()
        self.field = QLineEdit()
        set_sizes(self.field, width=FIELD_WIDTH)
        self.field.setAccessibleName(tr("Answer"))
        self.field.setToolTip(tr("A decimal such as 0.25, or a fraction such as 1/4."))
        self.check = QPushButton(tr("Check"))
        self.check.setProperty("small", True)
        self.check.setToolTip(tr("See whether the answer is right."))
        self.verdict = WrappedLabel()
        self.why = WrappedLabel("", "muted")
        self.options: list[QRadioButton] = []
        self._group = QButtonGroup(self)
        self._row = QWidget()
        row = QHBoxLayout(self._row)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2 * GRID)
        row.addWidget(self.field)
        row.addWidget(self.check)
        row.addStretch(1)
        self._answers = QVBoxLayout()
        self._answers.setSpacing(GRID)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, GRID, 0, 0)
        layout.setSpacing(GRID)
        layout.addWidget(self.text)
        layout.addWidget(self._row)
        layout.addLayout(self._answers)
        layout.addWidget(self.verdict)
        layout.addWidget(self.why)
        self.field.returnPressed.connect(self._give)
        self.check.clicked.connect(self._give)

    def show_question(self, question: AnyQuestion | None) -> None:
        """Ask this, with what was answered before."""
        self._question = question
        self.setVisible(question is not None)
        for option in self.options:
            self._group.removeButton(option)
            self._answers.removeWidget(option)
            option.hide()
            option.deleteLater()
        self.options = []
        if question is None:
            return
        self.text.setText(tr(question.text))
        self._row.setVisible(isinstance(question, NumberQuestion))
        answer = self._lessons.answer
        if isinstance(question, MultipleChoice):
            for number, title in enumerate(question.options):
                option = QRadioButton(tr(title))
                option.setToolTip(tr("Choose this answer."))
                option.setChecked(answer == str(number))
                option.clicked.connect(lambda _=False, number=number: self._choose(number))
                self._group.addButton(option)
                self._answers.addWidget(option)
                self.options.append(option)
        else:
            self.field.setText(answer)
        self._show_verdict(self._lessons.is_right if answer else None)

    def _give(self) -> None:
        text = self.field.text()
        right = self._lessons.give(text)
        self._show_verdict(right)
        if right is None:
            self._say(tr("A number is needed: a decimal such as 0.25, or a fraction such as 1/4."), "warning")

    def _choose(self, number: int) -> None:
        self._show_verdict(self._lessons.give(str(number)))

    def _show_verdict(self, right: bool | None) -> None:
        question = self._question
        self.why.setText(tr(question.why) if right and question is not None else "")
        self.why.setVisible(bool(self.why.text()))
        if right is None or question is None:
            self._say("", "")
        elif not right:
            self._say(tr("Not yet: try again."), "warning")
        elif isinstance(question, NumberQuestion) and question.tolerance > 0:
            self._say(tr("✓ right, to {digits} digits", digits=_digits(question)), "good")
        else:
            self._say(tr("✓ right"), "good")

    def _say(self, sentence: str, quality: str) -> None:
        self.verdict.setProperty("quality", quality)
        self.verdict.setText(sentence)
        self.verdict.style().polish(self.verdict)
        self.verdict.setVisible(bool(sentence))


def _digits(question: NumberQuestion) -> int:
    """How many decimals the tolerance leaves certain."""
    return min(max(round(-math.log10(2 * question.tolerance)), 1), MOST_DIGITS)
