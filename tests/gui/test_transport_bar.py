"""The bar under the menu: nothing in it overlaps, and its figures belong to the step beside them."""

import itertools

import pytest
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QLabel, QWidget

from engine.training.history import History
from engine.training.scoring import Scores
from gui.core.messages import Frame, Scored, Status
from gui.kit import ElidedLabel, theme
from gui.window.transport_bar import TransportBar
from tests.gui.conftest import picture


@pytest.fixture
def window(qtbot) -> QWidget:
    """It takes no notice of how wide the bar wants to be, as the main window does."""
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(1920, 54)
    window.show()
    return window


@pytest.fixture
def bar(window) -> TransportBar:
    train, batch, epoch, stop, reset = (
        QAction(theme.icon(icon, "text"), text)
        for icon, text in (
            ("play-fill", "Train"),
            ("skip-forward-fill", "Step batch"),
            ("skip-forward-fill", "Step epoch"),
            ("stop-fill", "Stop"),
            ("arrow-counter-clockwise", "Reset"),
        )
    )
    bar = TransportBar(train, [batch, epoch], stop, reset, window)
    for action in (train, batch, epoch, stop, reset):
        action.setParent(bar)
    bar.show()
    return bar


def parts(bar: TransportBar) -> list[QWidget]:
    """What is seen in the bar from left to right, without what holds it together."""
    children = [
        child for child in bar.findChildren(QWidget) if child.isVisibleTo(bar) and not child.children()
    ]
    return sorted(children, key=lambda child: child.mapTo(bar, child.rect().topLeft()).x())


@pytest.mark.parametrize("epochs", [100, 1_000_000])
@pytest.mark.parametrize("status", ["training", "invalid", "finished"])
@pytest.mark.parametrize("width", [761, 800, 900, 1000, 1100, 1280, 1920])
def test_nothing_in_the_bar_overlaps_or_is_cut_at_any_width(bar, qtbot, width, status, epochs):
    bar.resize(width, 54)
    hint = f"Train: {epochs} more" if status == "finished" else ""
    bar.show_frame(Frame(1, status, 7, epochs, epochs, 12_345.0, 4_000.0), hint)
    qtbot.wait(30)
    places = [child.rect().translated(child.mapTo(bar, child.rect().topLeft())) for child in parts(bar)]
    for one, other in itertools.combinations(places, 2):
        assert not one.intersects(other), (one, other)
    assert all(bar.rect().contains(place) for place in places)
    for child in parts(bar):
        assert child.width() >= min(child.sizeHint().width(), child.minimumSizeHint().width())
    label = next(child for child in parts(bar) if child.accessibleName().startswith("Epoch"))
    assert label.width() >= label.fontMetrics().horizontalAdvance(label.accessibleName().split(" · ")[0])


def test_what_train_will_do_gives_way_first_and_as_a_whole(bar, qtbot):
    label, score = bar.findChild(ElidedLabel), bar.figures["validation_score"]
    seen = []
    for width in range(1300, 760, -10):
        bar.resize(width, 54)
        bar.show_frame(Frame(1, "finished", 7, 100, 100), "Train: 100 more")
        qtbot.wait(5)
        seen.append((QLabel.text(label), score.isVisible(), label.toolTip()))
    short, whole = "Epoch 100 of 100", "Epoch 100 of 100 · Train: 100 more"
    assert seen[0] == (whole, True, "")
    assert next(each for each in seen if each[0] != whole) == (short, True, whole)
    assert {text for text, _, _ in seen} == {short, whole}
    assert seen[-1] == (short, False, whole)


def test_what_gave_way_comes_back_with_the_room(bar, qtbot):
    seen = []
    for width in (1920, 761, 1920):
        bar.resize(width, 54)
        bar.show_frame(Frame(1, "paused", 7, 100, 100))
        qtbot.wait(30)
        seen.append(len(parts(bar)))
    assert seen[0] == seen[2] > seen[1]
    assert bar.figures["validation_score"].isVisible()


def test_after_a_single_step_the_last_scores_stay_grey_until_those_of_the_step_are_there(bar):
    history = History({0: "Dense 1"}, ("accuracy",))
    end_epoch(history, 0.6)
    loss = bar.figures["validation_loss"]

    def show(status: Status, step: int) -> tuple[str, bool]:
        bar.show_frame(Frame(1, status, step, step / 10, 5, history=history))
        return loss.value(), "of an earlier step" in loss.accessibleName()

    assert show("training", 10) == ("0.6000", False)
    assert show("paused", 12) == ("0.6000", True)
    bar.show_scored(scored(12, 0.4))
    assert show("paused", 12) == ("0.4000", False)
    coloured = picture(loss)
    # The epoch's end lies further back than what was scored in the pause.
    assert show("training", 12) == ("0.4000", False)
    assert show("paused", 13) == ("0.4000", True)
    assert picture(loss) != coloured
    bar.show_scored(scored(13, 0.3))
    assert show("paused", 13) == ("0.3000", False)
    end_epoch(history, 0.25)
    assert show("training", 20) == ("0.2500", False)
    assert show("finished", 20) == ("0.2500", True)


def test_another_run_begins_without_figures(bar):
    history = History({0: "Dense 1"}, ("accuracy",))
    end_epoch(history, 0.6)
    bar.show_frame(Frame(1, "paused", 10, 1.0, 5, history=history))
    bar.show_frame(Frame(2, "ready", 0, 0.0, 5, history=History({0: "Dense 1"}, ("accuracy",))))
    assert bar.figures["validation_loss"].value() == "–"
    assert bar.figures["validation_loss"].accessibleName() == "Validation loss –"


def scored(step: int, loss: float) -> Scored:
    parts = ("training", "validation")
    return Scored(1, step, tuple(Scores(part, 10, loss, {"accuracy": 0.9}) for part in parts), "The weights")


def end_epoch(history: History, loss: float) -> None:
    history.epochs.append([loss] * len(history.epochs.columns))
