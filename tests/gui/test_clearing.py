"""Whatever shows numbers of a run shows none of them after `clear()`: it is as one that never saw a run."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QAbstractButton, QComboBox, QLabel, QProgressBar, QTableView, QWidget

from engine.training.history import Mark
from engine.training.reconstruction import ColumnPair, Reconstruction, WorstSample
from engine.training.scoring import Scores
from gui.core.messages import Frame, Scored
from gui.kit.labels import ElidedLabel
from gui.panels import PANELS
from gui.panels.base import Panel
from gui.panels.plots.heading import Heading
from gui.window.transport_bar import TransportBar
from tests.gui import plot_runs
from tests.gui.conftest import flush_deferred_deletes, picture
from tests.gui.contexts import panel_context
from tests.gui.hands import settle
from tests.gui.panels.models import SIDE, answers_of, left_and_right, model_of, points_of
from tests.measured import metrics_of_counts, metrics_of_numbers


def of_place(place: str) -> list[type[Panel]]:
    return [kind for kind in PANELS if kind.spec.place == place]


def words_of(panel: QWidget) -> list[tuple[Any, ...]]:
    """All that a panel says, also where it is out of sight."""
    found = []
    for part in [panel, *panel.findChildren(QWidget)]:
        words: list[Any] = [type(part).__name__, part.accessibleName(), part.accessibleDescription()]
        if isinstance(part, QLabel | QAbstractButton | ElidedLabel):
            words.append(part.text())
        if isinstance(part, QComboBox):
            words += [part.itemText(place) for place in range(part.count())]
        if isinstance(part, QProgressBar):
            words.append(part.value())
        if isinstance(part, Heading):
            words += [part.title, part.entries]
        if isinstance(part, QTableView):
            words.append(part.model().rowCount())
        found.append(tuple(words))
    return sorted(found, key=repr)


def shown(make: Callable[[], QWidget], size: tuple[int, int]) -> QWidget:
    panel = make()
    panel.resize(*size)
    panel.show()
    # On nothing in particular: a frame around the first button is no number.
    if panel.focusWidget() is not None:
        panel.focusWidget().clearFocus()
    settle()
    return panel


def check(make: Callable[[], QWidget], use: Callable[[Any], None], size=(700, 600)) -> None:
    fresh, used = shown(make, size), shown(make, size)
    before = picture(used)
    use(used)
    settle()
    assert picture(used) != before, "the test shows it nothing"
    used.clear()
    flush_deferred_deletes()
    settle()
    assert words_of(used) == words_of(fresh)
    assert picture(used) == before


@pytest.mark.parametrize("kind", of_place("plots"), ids=lambda kind: kind.spec.id)
def test_a_plot(qtbot, kind):
    def use(plot):
        history = plot_runs.run_of(epochs=6, penalty=0.25)
        history.marks.append(Mark(3, 1.5, "learning rate 0.03 → 0.01"))
        plot.show_history(history)
        plot.refresh(plot_runs.answers_of(np.linspace(-1, 1, 50), np.linspace(-2, 3, 70)))
        assert plot.sentence == ""

    def make():
        plot = kind(panel_context())
        qtbot.addWidget(plot)
        return plot

    check(make, use)


SCORES = {
    "classification": lambda part: Scores(
        part, 20, 0.25, metrics_of_counts(np.array([[8, 2], [0, 10]]), True), np.array([[8, 2], [0, 10]])
    ),
    "regression": lambda part: Scores(
        part,
        4,
        0.5,
        metrics_of_numbers(np.arange(4.0)[:, None], np.arange(4.0)[:, None] + 0.5),
        actual=np.arange(4.0)[:, None],
        predicted=np.arange(4.0)[:, None] + 0.5,
    ),
    "reconstruction": lambda part: Scores(
        part,
        3,
        0.1,
        {"mse": 0.1},
        reconstruction=Reconstruction(
            np.array([0.1, 0.2, 0.4]),
            np.arange(3),
            (WorstSample(2, 0.4, np.ones(2), np.zeros(2), "", ColumnPair("x", 1.0, 0.5)),),
        ),
    ),
}


@pytest.mark.parametrize("task", SCORES)
@pytest.mark.parametrize(
    "kind", [kind for kind in of_place("centre") if not kind.spec.is_special], ids=lambda kind: kind.spec.id
)
def test_a_view(qtbot, kind, task):
    classes = {} if task == "classification" else {"class_names": ()}
    model = model_of(4, 2, task=task, points=points_of([[-1, -1], [1, 1]], [0, 1]), **classes)
    field = np.stack([left_and_right(1, 0), left_and_right(0, 1)], axis=-1)

    def use(view):
        view.show_model(model)
        view.refresh(answers_of(model, field if task == "classification" else np.zeros((SIDE, SIDE, 1))))
        scores = SCORES[task]("training"), SCORES[task]("test")
        view.show_scores(Scored(1, 10, scores, "After epoch 12"))

    def make():
        view = kind(panel_context())
        qtbot.addWidget(view)
        return view

    check(make, use)


def test_the_transport_bar(qtbot):
    def use(bar):
        scores = (SCORES["regression"]("training"), SCORES["regression"]("validation"))
        history = plot_runs.run_of()
        bar.show_scored(Scored(1, 12, scores, "After epoch 3"))
        bar.show_frame(Frame(1, "finished", 11, 3.0, 3, 100.0, history=history))
        bar.show_status("preparing")

    def make():
        actions = [QAction(text) for text in ("Train", "Batch", "Epoch", "Stop", "Reset")]
        bar = TransportBar(actions[0], actions[1:3], *actions[3:])
        for action in actions:
            action.setParent(bar)
        qtbot.addWidget(bar)
        return bar

    check(make, use, size=(1440, 54))
    bar = make()
    scores = (
        Scores("training", 20, 0.25, {"accuracy": 0.5}),
        Scores("validation", 9, 0.5, {"accuracy": 0.25}),
    )
    bar.show_scored(Scored(1, 12, scores, ""))
    bar.clear()
    # Scores that came before the run was forgotten are not those of the next one of that number.
    bar.show_frame(Frame(1, "paused", 12, 3.0, 9, history=plot_runs.run_of(validation=False)))
    assert bar.figures["validation_loss"].value() == "–"
