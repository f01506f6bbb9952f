"""The lesson under way: its step, what was answered, what the run has fulfilled, what is locked.

It only looks on: checks are evaluated in the window's thread, from frames that are there anyway.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from engine.experiment import Experiment
from engine.lessons import Lesson, LessonState, MultipleChoice, Step
from gui.core.document import Document
from gui.core.messages import Frame, Scored
from gui.core.preferences import preferences
from gui.core.selection import Selected
from gui.kit.text import tr


@dataclass(frozen=True)
class Progress:
    """How far a person has come in a lesson that comes along. step : the one it goes on at; 0: the first."""

    step: int = 0
    finished: bool = False


class Lessons(QObject):
    """Where a person is in a lesson. All methods and signals are of the window's thread.

    Signals: `changed` when another lesson is under way, or none; `step_changed` when another of its steps is
    shown; `progressed` when something of the step was fulfilled, answered or hinted; `wanted` with the Lesson
    and its name that the window is to begin; `left` when the person leaves.
    """

    changed = Signal()
    step_changed = Signal()
    progressed = Signal()
    wanted = Signal(object, str)
    left = Signal()

    def __init__(self, document: Document, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self.lesson: Lesson | None = None
        self.name = ""
        """Of one that comes along: by it the progress is remembered."""
        self.index = 0
        self.hints = 0
        """How many hints of the step are revealed."""
        self.panels_in_sight: Callable[[], frozenset[str]] = frozenset
        """Tells which panels a person sees; the window sets it."""
        self._answers: dict[int, str] = {}
        self._right: set[int] = set()
        self._fulfilled: set[tuple[int, int]] = set()
        self._frame: Frame | None = None
        self._scored: Mapping[str, float] = {}
        self._parameters: Mapping[str, Mapping[str, NDArray[Any]]] = {}
        self._selected: tuple[str, str, tuple[int, ...]] | None = None
        self._layers: tuple[str, ...] = ()
        self._since = (0, 0, 0)
        """Run, step and epochs from which the checks of the step count what was trained."""
        document.changed.connect(self._note_edit)

    # --- which lesson ------------------------------------------------------------------------------------

    def begin(self, lesson: Lesson, name: str = "") -> None:
        """A lesson is under way: its experiment is the document's."""
        self._forget()
        self.lesson, self.name = lesson, name
        self._document.locks.paths = lesson.locked
        last = self.progress(name).step if name else 0
        self.index = last if 0 < last < len(lesson.steps) else 0
        self.changed.emit()
        self.step_changed.emit()

    def end(self) -> None:
        """No lesson is under way any longer."""
        if self.lesson is not None:
            self._forget()
            self.changed.emit()

    def is_finished(self, name: str) -> bool:
        """Whether a lesson that comes along was once gone through to its end."""
        return preferences().flag(f"lessons/finished/{name}", False)

    def progress(self, name: str) -> Progress:
        """How far a person has come in a lesson that comes along."""
        step = int(preferences().number(f"lessons/step/{name}", 0))
        return Progress(max(step, 0), self.is_finished(name))

    def reason(self, path: str) -> str:
        """Why a section or a setting cannot be changed, in a sentence; empty where the lesson allows it.

        path : "data", "network", "training", a setting as "training.optimizer"; "weights", "reset".
        """
        return self._document.locks.reason(path)

    # --- where in it -------------------------------------------------------------------------------------

    @property
    def step(self) -> Step | None:
        """The step that is shown."""
        return self.lesson.steps[self.index] if self.lesson is not None else None

    def go(self, index: int) -> None:
        """Show another step; beyond the last one the lesson is finished."""
        if self.lesson is None:
            return
        if self.name and index >= len(self.lesson.steps):
            preferences().set(f"lessons/finished/{self.name}", True)
        index = min(max(index, 0), len(self.lesson.steps) - 1)
        if index != self.index:
            self.index, self.hints = index, 0
            self._count_from_here()
            if self.name:
                preferences().set(f"lessons/step/{self.name}", float(index))
            self.step_changed.emit()
            self.look()

    @property
    def finished(self) -> bool:
        """Whether the last step is done, and with it the lesson."""
        lesson = self.lesson
        return lesson is not None and self.index == len(lesson.steps) - 1 and not self.missing()

    def missing(self) -> str:
        """What the step still waits for, in a sentence; empty where it is done."""
        step = self.step
        if step is None:
            return ""
        unfulfilled = [check for place, check in enumerate(step.checks) if not self.fulfilled(place)]
        if unfulfilled:
            return tr(unfulfilled[0].sentence)
        if step.question is not None and self.index not in self._right:
            return tr("Answer the question first.")
        return ""

    def fulfilled(self, check: int) -> bool:
        """Whether a check of the step was fulfilled since the lesson began."""
        return (self.index, check) in self._fulfilled

    @property
    def answer(self) -> str:
        """What was answered in this step; of several answers the number of the chosen one."""
        return self._answers.get(self.index, "")

    @property
    def is_right(self) -> bool:
        """Whether the question of the step is answered rightly."""
        return self.index in self._right

    def give(self, answer: str) -> bool | None:
        """Answer the question of the step: whether that is right; None where it is no number."""
        step = self.step
        if step is None or step.question is None:
            return None
        question = step.question
        if isinstance(question, MultipleChoice):
            right: bool | None = answer == str(question.answer)
        else:
            right = question.is_right(answer)
        self._answers[self.index] = answer
        (self._right.add if right else self._right.discard)(self.index)
        self.progressed.emit()
        self._note_finished()
        return right

    def hint(self) -> None:
        """Reveal one more hint."""
        if self.step is not None and self.hints < len(self.step.hints):
            self.hints += 1
            self.progressed.emit()

    # --- what the window tells ---------------------------------------------------------------------------

    def end_run(self) -> None:
        """Another run takes the place of this one."""
        self._frame, self._scored, self._parameters = None, {}, {}
        self._since = (0, 0, 0)

    def show_layers(self, names: tuple[str, ...]) -> None:
        """The names of the layers of the run at hand, the output layer last."""
        self._layers = names

    def show_frame(self, frame: Frame) -> None:
        """How the run stands."""
        if self._frame is not None and frame.step != self._frame.step:
            self._scored = {}
        self._frame = frame
        self.look()

    def show_scores(self, scored: Scored) -> None:
        """Scores on all parts of the data."""
        self._scored = {scores.part: scores.loss for scores in scored.scores}
        self.look()

    def show_parameters(self, parameters: Mapping[str, Mapping[str, NDArray[Any]]]) -> None:
        """The weights of the run, where a check asks for them."""
        self._parameters = parameters
        self.look()

    def show_selection(self, new: Selected) -> None:
        """What is selected."""
        layer, parameter = new.layer, new.parameter
        if layer is None or parameter is None or layer >= len(self._layers):
            self._selected = None
        else:
            self._selected = self._layers[layer], *parameter
        self.look()

    def look(self) -> None:
        """Evaluate the checks of the step that is shown."""
        step = self.step
        if step is None or all(self.fulfilled(place) for place in range(len(step.checks))):
            return
        state, new = self._state(), False
        for place, check in enumerate(step.checks):
            if not self.fulfilled(place) and check.holds(state):
                self._fulfilled.add((self.index, place))
                new = True
        if new:
            self.progressed.emit()
            self._note_finished()

    # --- parts -------------------------------------------------------------------------------------------

    def _state(self) -> LessonState:
        frame = self._frame
        history = frame.history if frame is not None else None
        losses: dict[str, float] = {}
        epochs, diverged = 0, False
        if history is not None:
            epochs = history.epochs.count
            if epochs:
                for part in ("training", "validation"):
                    losses[part] = float(history.epochs.read(f"{part}_loss", epochs - 1, epochs)[0])
            steps = history.steps.count
            last = history.steps.read("loss", steps - 1, steps)
            diverged = bool(last.size and not np.isfinite(last).all())
        return LessonState(
            self._document.experiment,
            losses | dict(self._scored),
            self._trained(frame.step if frame is not None else 0, 1),
            self._trained(epochs, 2),
            diverged,
            self.panels_in_sight(),
            self._parameters,
            self._selected,
        )

    def _note_edit(self, new: Experiment, old: Experiment) -> None:
        """What was trained before an edit was not trained with it; more epochs are no other experiment."""
        if new.replace(training=new.training.replace(epochs=old.training.epochs)) != old:
            self._count_from_here()
        self.look()

    def _count_from_here(self) -> None:
        frame = self._frame
        history = frame.history if frame is not None else None
        if frame is not None and history is not None:
            self._since = frame.run, frame.step, history.epochs.count

    def _trained(self, now: int, place: int) -> int:
        """Steps (1) or epochs (2) since the step of the lesson began; all of a run that has begun since."""
        frame = self._frame
        same_run = frame is not None and frame.run == self._since[0]
        return max(now - self._since[place], 0) if same_run else now

    def _note_finished(self) -> None:
        if self.finished and self.name:
            preferences().set(f"lessons/finished/{self.name}", True)
            preferences().set(f"lessons/step/{self.name}", None)

    def _forget(self) -> None:
        self.lesson, self.name, self.index, self.hints = None, "", 0, 0
        self._answers, self._right, self._fulfilled = {}, set(), set()
        self._document.locks.paths = ()
        self._frame, self._scored, self._parameters, self._since = None, {}, {}, (0, 0, 0)
