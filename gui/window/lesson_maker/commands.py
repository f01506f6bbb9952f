"""Makes lessons of what there is: gathers data and weights, previews, saves, opens one for editing."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog, QWidget

from engine.errors import UserError
from engine.experiment import Experiment
from engine.lessons import SUFFIX, Lesson, read_lesson
from engine.lessons.files import write_lesson
from engine.lessons.making import weights_of, with_data_inside
from engine.progress import Progress
from engine.settings import read
from engine.training.trainer import Trainer
from gui.actions import Actions
from gui.core.preferences import preferences
from gui.kit.text import tr
from gui.panels.base import PanelContext
from gui.window.lesson_maker.dialog import LessonDialog

FILTER = f"Lessons (*{SUFFIX} *.json)"


class LessonMaking(QObject):
    """Opened from the menu File. The dialog stays while the lesson is previewed, and comes back after it."""

    def __init__(self, context: PanelContext, actions: Actions, window: QWidget) -> None:
        super().__init__(window)
        self._context, self._window = context, window
        self.dialog: LessonDialog | None = None
        self._base: Lesson | None = None
        """The lesson that is edited: its experiment and its weights stay."""
        self._experiment: Experiment = context.document.experiment
        self._previewed: Lesson | None = None
        self._weights: dict[str, dict[str, Any]] = {}
        actions["make_lesson"].triggered.connect(lambda _=False: self.make())
        context.lessons.changed.connect(self._come_back)

    def make(self) -> None:
        """Open the dialog, for a lesson that begins as things stand now."""
        if self.dialog is not None:
            self.dialog.deleteLater()
        dialog = self.dialog = LessonDialog(self._window)
        self._base, self._weights, self._previewed = None, {}, None
        self._experiment = self._context.document.experiment
        dialog.start.setText(
            tr("The experiment “{name}” as it stands, with its data.", name=self._experiment.name)
        )
        ready = self._context.session.ready
        dialog.weights.setEnabled(ready)
        dialog.weights.setToolTip("" if ready else tr("There is no run yet whose weights could be taken."))
        dialog.preview.connect(lambda: self._gather(self._preview))
        dialog.save.connect(lambda: self._gather(self._ask_where))
        dialog.edit.connect(self._ask_which)
        dialog.open()
        if ready:
            # As they are now: a preview has another run, and training goes on.
            self._context.run_jobs.start(tr("Reading weights"), _weights, self._know, self._cannot)

    def _know(self, weights: dict[str, dict[str, Any]]) -> None:
        self._weights = weights

    def _cannot(self, error: UserError) -> None:
        if self.dialog is not None:
            self.dialog.weights.setChecked(False)
            self.dialog.weights.setEnabled(False)
            self.dialog.weights.setToolTip(str(error))

    def _gather(self, then: Callable[[Lesson], None]) -> None:
        """Put the lesson together, in a job, as a table may have to be read."""
        dialog = self.dialog
        if dialog is None:
            return
        dialog.say("")
        values, base, experiment = dialog.values(), self._base, self._experiment
        weights = self._weights if dialog.weights.isChecked() else {}

        def work(progress: Progress) -> Lesson:
            if base is not None:
                kept = base.model_dump(mode="json", exclude=set(values))
                return read(Lesson, {**kept, **values}, tr("Lesson"))
            inside = with_data_inside(experiment, progress).model_dump(mode="json")
            return read(Lesson, {**values, "experiment": inside, "weights": weights}, tr("Lesson"))

        jobs = self._context.jobs
        jobs.start(tr("Making the lesson"), work, then, lambda error: dialog.say(str(error)))

    def _preview(self, lesson: Lesson) -> None:
        if self.dialog is not None:
            self._previewed = lesson
            self.dialog.hide()
            self._context.lessons.wanted.emit(lesson, "")

    def _come_back(self) -> None:
        lessons = self._context.lessons
        if self._previewed is not None and lessons.lesson is None and self.dialog is not None:
            self._previewed = None
            self.dialog.open()

    def _ask_where(self, lesson: Lesson) -> None:
        dialog = self.dialog
        if dialog is None:
            return
        suggested = dialog.suggested_path(preferences().last_folder, SUFFIX)
        chosen, _ = QFileDialog.getSaveFileName(dialog, tr("Save as"), str(suggested), FILTER)
        if not chosen:
            return
        path = Path(chosen)
        if path.suffix.lower() not in (SUFFIX, ".json"):
            path = path.with_name(path.name + SUFFIX)
        title = tr("Saving {name}", name=path.name)

        def saved(_: None) -> None:
            preferences().add_recent_file(path)
            dialog.accept()

        def work(progress: Progress) -> None:
            write_lesson(lesson, path)

        self._context.jobs.start(title, work, saved, lambda error: dialog.say(str(error)))

    def _ask_which(self) -> None:
        dialog = self.dialog
        if dialog is None:
            return
        chosen, _ = QFileDialog.getOpenFileName(dialog, tr("Open"), str(preferences().last_folder), FILTER)
        if chosen:
            work = partial(read_lesson, Path(chosen))
            failed = dialog.say
            title = tr("Opening {name}", name=Path(chosen).name)
            self._context.jobs.start(title, work, self._edit, lambda error: failed(str(error)))

    def _edit(self, lesson: Lesson) -> None:
        dialog = self.dialog
        if dialog is None:
            return
        self._base = lesson
        dialog.say("")
        dialog.show_lesson(lesson)
        dialog.start.setText(
            tr("The experiment “{name}” of the lesson that is edited.", name=lesson.experiment.name)
        )
        dialog.weights.setChecked(bool(lesson.weights))
        dialog.weights.setEnabled(False)
        dialog.weights.setToolTip(tr("The weights are those of the lesson that is edited."))


def _weights(trainer: Trainer, progress: Progress) -> dict[str, dict[str, Any]]:
    return weights_of(trainer.network)
