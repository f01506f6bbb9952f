"""The lesson beside the live program: text, task, question, hints, back and next."""

from collections.abc import Collection
from typing import Any

from PySide6.QtCore import QRect, QTimer
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from engine.insight.query import Query
from engine.insight.run_queries import LayerParameters, ParametersQuery
from gui.core.messages import Answers
from gui.core.model_summary import ModelSummary
from gui.core.selection import Selected
from gui.kit import Card, LinkButton, SectionHeader
from gui.kit.labels import WrappedLabel
from gui.kit.layouts import SECTION_SPACING
from gui.kit.markdown import MarkdownLabel
from gui.kit.text import tr
from gui.kit.theme import GRID
from gui.panels.base import Panel, PanelContext, PanelSpec
from gui.panels.lesson.question import QuestionField

_PARAMETERS = ParametersQuery()


class LessonPanel(Panel):
    """Stands above data and network while a lesson is under way."""

    spec = PanelSpec(
        "lesson",
        tr("Lesson"),
        "graduation-cap",
        "setup",
        tr("A lesson, step by step, with questions and tasks on the run beside it."),
        order=-10,
    )

    def __init__(self, context: PanelContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        lessons = self._lessons = context.lessons
        self.header = SectionHeader(self.spec.title)
        self.leave = LinkButton(tr("Leave"))
        self.leave.setToolTip(tr("Leave the lesson; what was there before it comes back."))
        self.header.add_widget(self.leave)
        self.title = WrappedLabel("", "strong")
        self.text = MarkdownLabel()
        self.task = WrappedLabel("", "strong")
        self.checks: list[WrappedLabel] = []
        self._checks = QVBoxLayout()
        self._checks.setSpacing(2)
        self.question = QuestionField(lessons)
        self.hints = MarkdownLabel()
        self.hint, self.show_me = LinkButton(tr("Hint")), LinkButton(tr("Show me"))
        self.hint.setToolTip(tr("Reveal the next hint."))
        self.show_me.setToolTip(tr("Bring the view or plot to the front that this step is about."))
        self.skip = LinkButton(tr("Skip"))
        self.skip.setToolTip(tr("Go on without this step being done."))
        self.back, self.next = QPushButton(tr("Back")), QPushButton(tr("Next"))
        self.back.setToolTip(tr("To the step before."))
        self.next.setProperty("primary", True)
        self.done = WrappedLabel("", "good")
        links, buttons = QHBoxLayout(), QHBoxLayout()
        links.addWidget(self.hint)
        links.addWidget(self.show_me)
        links.addStretch(1)
        for widget in (self.back, self.next, self.skip):
            buttons.addWidget(widget)
        buttons.addStretch(1)
        buttons.setSpacing(2 * GRID)
        card = Card(padding=12)
        for part in (self.title, self.text, self.task):
            card.body.addWidget(part)
        card.body.addLayout(self._checks)
        card.body.addWidget(self.question)
        card.body.addWidget(self.hints)
        card.body.addLayout(links)
        card.body.addWidget(self.done)
        card.body.addLayout(buttons)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SECTION_SPACING)
        layout.addWidget(self.header)
        layout.addWidget(card)
        self.hint.clicked.connect(lessons.hint)
        self.show_me.clicked.connect(self._bring_up)
        self.leave.clicked.connect(lessons.left)
        self.back.clicked.connect(lambda: lessons.go(lessons.index - 1))
        self.next.clicked.connect(self._go_on)
        self.skip.clicked.connect(lambda: lessons.go(lessons.index + 1))
        lessons.changed.connect(self._show_lesson)
        lessons.step_changed.connect(self._show_step)
        lessons.progressed.connect(self._show_progress)
        self._show_lesson()

    def queries(self) -> Collection[Query[Any]]:
        step = self._lessons.step
        wanted = step is not None and any(check.wants_parameters for check in step.checks)
        return (_PARAMETERS,) if wanted else ()

    def show_model(self, model: ModelSummary) -> None:
        super().show_model(model)
        self._lessons.show_layers(tuple(layer.name for layer in model.layers))

    def end_run(self) -> None:
        self._lessons.end_run()

    def refresh(self, answers: Answers) -> None:
        found: tuple[LayerParameters, ...] | None = answers.get(_PARAMETERS)
        model = self.model
        if found is None or model is None:
            return
        shown = [one for one in found if one.layer < len(model.layers)]
        self._lessons.show_parameters(
            {
                model.layers[one.layer].name: {"weight": one.weight}
                | ({} if one.bias is None else {"bias": one.bias})
                for one in shown
            }
        )

    def show_selection(self, new: Selected, old: Selected) -> None:
        self._lessons.show_selection(new)

    def _show_lesson(self) -> None:
        lesson = self._lessons.lesson
        self.setVisible(lesson is not None)
        if lesson is not None:
            self.title.setText(tr(lesson.title))

    def _show_step(self) -> None:
        lesson, step, index = self._lessons.lesson, self._lessons.step, self._lessons.index
        if lesson is None or step is None:
            return
        self.header.set_caption(tr("{number} of {count}", number=index + 1, count=len(lesson.steps)))
        self.title.setText(tr(step.title) or tr(lesson.title))
        self.text.show_text(tr(step.text))
        self.task.setText(tr(step.task))
        self.task.setVisible(bool(step.task))
        for label in self.checks:
            self._checks.removeWidget(label)
            label.hide()
            label.deleteLater()
        self.checks = [WrappedLabel(caption=True) for _ in step.checks]
        for label in self.checks:
            self._checks.addWidget(label)
        self.question.show_question(step.question)
        self.back.setEnabled(index > 0)
        self.back.setToolTip(tr("To the step before.") if index else tr("This is the first step."))
        self.show_me.setVisible(bool(step.panels))
        if step.panels:
            self._bring_up()
        self._show_progress()
        self.queries_changed.emit()
        QTimer.singleShot(0, self, lambda: self.revealed.emit(QRect(0, 0, self.width(), self.height())))

    def _show_progress(self) -> None:
        lessons, step = self._lessons, self._lessons.step
        if step is None or lessons.lesson is None:
            return
        for place, (check, label) in enumerate(zip(step.checks, self.checks, strict=True)):
            fulfilled = lessons.fulfilled(place)
            label.setProperty("quality", "good" if fulfilled else "muted")
            label.setText(f"{'✓' if fulfilled else '○'} {tr(check.sentence)}")
            label.style().polish(label)
        self.hints.show_text("\n\n".join(tr(hint) for hint in step.hints[: lessons.hints]))
        self.hints.setVisible(lessons.hints > 0)
        self.hint.setVisible(lessons.hints < len(step.hints))
        missing = lessons.missing()
        last = lessons.index == len(lessons.lesson.steps) - 1
        self.next.setText(tr("Finish") if last else tr("Next"))
        self.next.setEnabled(not missing)
        self.next.setToolTip(missing or (tr("End the lesson.") if last else tr("To the next step.")))
        self.skip.setVisible(bool(missing) and not last)
        self.done.setVisible(lessons.finished)
        self.done.setText(tr("All steps of this lesson are done.") if lessons.finished else "")

    def _bring_up(self) -> None:
        step = self._lessons.step
        # The first of them comes last, to the front of those that share its place.
        for panel in reversed(step.panels if step is not None else ()):
            self.context.requests.show_panel.emit(panel)

    def _go_on(self) -> None:
        lessons = self._lessons
        if lessons.finished:
            lessons.left.emit()
        else:
            lessons.go(lessons.index + 1)
