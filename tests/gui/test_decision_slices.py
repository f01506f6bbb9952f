"""The decision map through more than two inputs, in the window: two columns chosen, the others moved."""

import numpy as np
import pytest

from engine.data.table import Column, Table
from gui.kit.decision_field import value_at
from tests.gui.conftest import picture
from tests.gui.hands import choose, click, settle, write


@pytest.fixture
def slices(desk):
    """The decision map of iris after some training, with its columns known."""
    desk.window.files.new_from_preset("iris")
    desk.until(
        lambda: desk.window.session.ready and "iris" in desk.window.document.experiment.name.lower(), "iris"
    )
    assert desk.window.centre.current_view() is desk.window.panels["network"], "tables open as ever"
    assert desk.window.centre.show_view("decision_map")
    desk.do("step_epoch")
    desk.status("paused")
    view = desk.window.panels["decision_map"]
    desk.until(lambda: view.controls.plane is not None and view.canvas.map_shown is not None, "plane")
    return view


def test_the_map_is_that_of_the_values_held_and_follows_them(desk, slices):
    controls, canvas = slices.controls, slices.canvas
    assert controls.across.value() == "sepal length (cm)"
    assert [axis.name for axis in canvas.axes()] == ["sepal length (cm)", "sepal width (cm)"]
    assert list(controls.fields) == ["petal length (cm)", "petal width (cm)"]
    shown = canvas.map_shown
    before = picture(canvas)
    write(controls.fields["petal length (cm)"].figure, "1.5")
    write(controls.fields["petal width (cm)"].figure, "0.2")
    assert dict(controls.plane.held) == {"petal length (cm)": 1.5, "petal width (cm)": 0.2}
    desk.until(lambda: canvas.map_shown is not shown, "map of other values")
    settle()
    assert picture(canvas) != before
    # The same rows, predicted by the run itself.
    plane, field = controls.plane, canvas.map_shown.values
    expected = by_hand(desk, plane, 3)
    ends = np.array([[value_at(field, x, y) for x in (0, 0.5, 1)] for y in (0, 0.5, 1)])
    np.testing.assert_allclose(ends.reshape(9, -1), expected, atol=0.02)


def by_hand(desk, plane, side):
    """What the model that is saved of the run predicts for rows on the plane."""
    window = desk.window
    x, y = np.meshgrid(np.linspace(*plane.x_range, side), np.linspace(*plane.y_range, side))
    held = {name: np.full(side * side, value) for name, value in plane.held}
    columns = {plane.x: x.ravel(), plane.y: y.ravel(), **held}
    found = []

    def work(trainer, progress):
        names = trainer.dataset.preparation.columns
        table = Table("by hand", tuple(Column(name, "number", columns[name]) for name in names))
        return trainer.predict(trainer.dataset.preparation.transform(table, np.float32))

    window.context.run_jobs.start("Predict", work, found.append, found.append)
    desk.until(lambda: found, "predictions")
    return found[0]


def test_other_columns_can_be_the_axes(desk, slices):
    controls, canvas = slices.controls, slices.canvas
    choose(controls.across, "petal length (cm)")
    assert [axis.name for axis in canvas.axes()] == ["petal length (cm)", "sepal width (cm)"]
    assert list(controls.fields) == ["sepal length (cm)", "petal width (cm)"]
    choose(controls.up, "petal length (cm)")
    assert controls.across.value() != "petal length (cm)", "a column is not both"
    plane = controls.plane
    desk.until(lambda: canvas.map_shown is not None and canvas.map_shown.x_range == plane.x_range, "map")


def test_a_point_selects_its_sample(desk, slices):
    canvas, selection = slices.canvas, desk.window.context.selection
    points = canvas.points_shown
    assert points.nearness.min() >= 0.15
    assert points.nearness.max() <= 1
    place = canvas.place_of(*points.x[0])
    sample = canvas.sample_at(place)
    assert not slices.inspect.isVisible()
    click(canvas, place.toPoint())
    assert selection.selected.sample == sample
    assert slices.inspect.isVisible()
    rows = desk.window.panels["decision_map"].canvas.reading_at(place)
    assert rows[-1].startswith("Example: ")
