"""The loss surface at work: its path, a point that is read, weights set there, nothing while hidden."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt

from engine.insight.loss_surface import LossSurfaceQuery
from engine.insight.weight_path import ParameterPlace
from gui.panels.loss_surface.words import REASONS, reason_against
from tests.gui.conftest import hover, picture
from tests.gui.hands import choose, click, press
from tests.gui.panels.models import model_of


@pytest.fixture
def view(desk):
    """In front, with the surface of the first two weights of the network that the window opens with."""
    found = desk.window.panels["loss_surface"]
    assert desk.window.centre.show_view("loss_surface")
    desk.until(lambda: found.canvas.surface is not None, "surface")
    return found


def weights(desk):
    """Copies of the run's parameters by name of the layer and array, from a saved state of it."""
    found = []
    desk.window.context.run_jobs.start(
        "Copy", lambda trainer, progress: trainer.network.parameter_views, found.append, found.append
    )
    desk.until(lambda: found, "copy")
    return found[0]


def step(desk, count=1):
    for _ in range(count):
        done = desk.frame.step
        desk.do("step_batch")
        desk.until(lambda done=done: desk.frame.step > done, "a step")


def test_the_path_is_that_of_the_two_weights_and_ends_at_the_present(desk, view):
    step(desk, 3)
    desk.until(lambda: view.canvas.surface.step == 3 and view.canvas.path.steps[-1] == 3, "surface of now")
    path = view.canvas.path
    assert path.steps.tolist() == [0, 1, 2, 3]
    first = weights(desk)[0]["weight"]
    assert tuple(path.points[-1]) == (first[0, 0], first[0, 1]) == view.canvas.surface.here
    assert "around step 3" in view.caption.text()
    across, up = view.canvas.axes()
    assert (across.name, up.name) == (
        "Dense 1, weight from x₁ to unit 1",
        "Dense 1, weight from x₁ to unit 2",
    )
    assert across.low <= path.points[:, 0].min() <= path.points[:, 0].max() <= across.high


def test_a_click_tells_the_loss_and_the_button_sets_the_weights_there_in_one_undo(desk, view):
    canvas, undo = view.canvas, desk.window.document.undo_stack
    assert not view.set_button.isEnabled()
    plot = canvas.plot()
    place = QPointF(plot.left() + 0.7 * plot.width(), plot.top() + 0.3 * plot.height()).toPoint()
    click(canvas, place)
    x, y = canvas.point
    desk.until(lambda: "…" not in view.reading.text(), "its loss")
    before, steps = weights(desk), undo.count()
    click(view.set_button)
    desk.until(lambda: canvas.surface.here == (np.float32(x), np.float32(y)), "surface of the weights set")
    assert undo.count() == steps + 1
    after = weights(desk)
    assert tuple(after[0]["weight"][0, :2]) == (np.float32(x), np.float32(y))
    np.testing.assert_array_equal(after[0]["weight"][1:], before[0]["weight"][1:])
    np.testing.assert_array_equal(after[1]["weight"], before[1]["weight"])
    said = float(view.reading.text().split()[1])
    assert canvas.surface.loss == pytest.approx(said, abs=2e-4)
    desk.do("undo")
    desk.until(lambda: canvas.surface.here == tuple(before[0]["weight"][0, :2]), "weights of before")


def test_the_selected_parameter_is_the_first_axis_and_the_other_way_round(desk, view):
    selection = desk.window.context.selection
    selection.select(layer=1, parameter=("bias", (4,)))
    assert view.across.value() == ParameterPlace(1, "bias", (4,))
    choose(view.across, ParameterPlace(0, "weight", (1, 2)))
    assert (selection.selected.layer, selection.selected.parameter) == (0, ("weight", (1, 2)))
    desk.until(lambda: view.canvas.surface is not None, "surface of others")
    assert view.canvas.axes()[0].name == "Dense 1, weight from x₂ to unit 3"
    choose(view.up, ParameterPlace(0, "weight", (1, 2)))
    desk.until(lambda: view.canvas.accessibleDescription() == REASONS["none"], "sentence")


def test_random_and_main_directions(desk, view):
    choose(view.mode, "random")
    assert not view.across.isVisible()
    desk.until(lambda: view.canvas.surface is not None, "surface")
    first = view.canvas.surface
    click(view.others)
    desk.until(lambda: view.canvas.surface not in (None, first), "other directions")
    assert not np.array_equal(view.canvas.surface.values, first.values)
    choose(view.mode, "path")
    desk.until(lambda: view.canvas.accessibleDescription() == REASONS["short"], "sentence")
    step(desk, 4)
    desk.until(lambda: view.canvas.surface is not None and view.canvas.surface.step == 4, "path in its plane")
    assert len(view.canvas.path.points) == 5


def test_keys_read_pick_and_let_go(desk, view):
    canvas = view.canvas
    canvas.setFocus()
    press(canvas, Qt.Key.Key_Right)
    assert "loss about" in canvas.accessibleDescription()
    press(canvas, Qt.Key.Key_Return)
    assert canvas.point is not None
    assert view.set_button.isEnabled()
    press(canvas, Qt.Key.Key_Escape)
    assert canvas.point is None
    assert not view.set_button.isEnabled()
    hover(canvas, canvas.plot().center())
    assert canvas.reading_at(canvas.plot().center())
    before = picture(canvas)
    click(view.logarithmic)
    assert picture(canvas) != before


def test_hidden_it_asks_for_nothing_and_while_training_it_leaves_the_run_most_of_the_time(desk, view):
    desk.train_for_long()
    desk.until(lambda: view.canvas.surface.step > 20, "live surface")
    assert len(view.canvas.path.points) > 2
    assert desk.window.centre.show_view("network")
    asked = desk.window.panels.queries()
    assert not any(isinstance(query, LossSurfaceQuery) for query in asked)
    desk.do("train")
    desk.status("paused")


def test_a_network_of_one_number_says_why_there_is_no_surface():
    model = model_of(2)
    assert reason_against(model) == ""
    lone = replace(model, layers=(replace(model.layers[0], parameters=1),))
    assert reason_against(lone).endswith("two weights or more.")
