"""Filters, feature maps, saliency, occlusion and the most exciting samples, as a person meets them."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from engine.insight.exciting_samples import ExcitingSamples
from engine.insight.feature_maps import FeatureMapsQuery, FiltersQuery
from engine.insight.saliency import SaliencyQuery, Subject
from gui.core.messages import Answers
from gui.core.selection import Sample
from gui.kit.colour_maps import diverging_pixels
from gui.kit.sample_pictures import Samples
from gui.kit.theme import current
from gui.panels.features.pictures import filter_picture, filter_size, map_pixels, strongest
from gui.panels.features.tiles import TileGrid
from gui.panels.features.view import FeaturesView
from tests.engine.training.runs import dense, experiment, take, trainer
from tests.gui.conftest import picture
from tests.gui.contexts import panel_context
from tests.gui.hands import choose, click, write
from tests.gui.panel_runs import prepared_of
from tests.gui.panels.models import model_of, shown

DIGITS = {"source": {"kind": "digits"}}
LAYERS = [{"kind": "conv2d", "filters": 6, "activation": "relu"}, "max_pool", "flatten", dense(12)]


# --- tiles -------------------------------------------------------------------------------------------------


class Numbered(TileGrid):
    """Tiles that note which of them are painted."""

    def __init__(self):
        super().__init__("Numbers")
        self.painted = set()

    def paint_tile(self, painter, place: QRect, number: int):
        self.painted.add(number)

    def describe(self, number):
        return f"tile {number}"


@pytest.fixture
def grid(qtbot):
    grid = Numbered()
    qtbot.addWidget(grid)
    grid.set_tiles(512, QSize(40, 40))
    return shown(grid, (300, 200))


def test_of_512_tiles_only_those_in_sight_are_painted(grid):
    first, count = grid.span
    assert (first, count < 40) == (0, True)
    picture(grid)
    assert grid.painted == set(range(count))
    spans = []
    grid.span_changed.connect(lambda: spans.append(grid.span))
    grid.verticalScrollBar().setValue(grid.verticalScrollBar().maximum())
    assert spans[-1][0] + spans[-1][1] == 512


def test_tiles_are_chosen_by_click_and_by_keys(grid, qtbot):
    chosen, opened = [], []
    grid.chosen.connect(chosen.append)
    grid.opened.connect(opened.append)
    click(grid.viewport(), grid.place(3).center())
    QTest.keyClick(grid, Qt.Key.Key_Right)
    QTest.keyClick(grid, Qt.Key.Key_Down)
    QTest.keyClick(grid, Qt.Key.Key_End)
    QTest.keyClick(grid, Qt.Key.Key_Return)
    assert (chosen[:2], chosen[-1], opened) == ([3, 4], 511, [511])
    assert chosen[2] > 5
    assert grid.viewport().rect().contains(grid.place(511))
    assert grid.accessibleDescription() == "tile 511"


def test_where_there_is_room_tiles_are_larger(grid):
    grid.set_tiles(4, QSize(40, 40))
    small = grid.place(0).width()
    grid.set_room(1000)
    assert grid.place(0).width() == 2 * small
    grid.set_tiles(4000, QSize(40, 40))
    assert grid.place(0).width() == small


# --- pictures ----------------------------------------------------------------------------------------------


def colour_of(value: float) -> QColor:
    blue, green, red, _ = diverging_pixels(np.array([value]), current())[0].tolist()
    return QColor(red, green, blue)


def test_a_filter_of_several_inputs_has_a_square_for_each():
    values = np.zeros((2, 3, 4), np.float32)
    values[1, 2, 3] = -0.5
    image = filter_picture(values, 1.0, "channels", current())
    assert (image.height(), image.width()) == filter_size(2, 3, 4, "channels")
    across = (image.width() + 1) // 4
    down = 3 // across
    place = QPoint(3 % across * 4 + 2, down * 3 + 1)
    assert image.pixelColor(place) == colour_of(-0.5)


def test_a_filter_on_colours_is_in_colour_and_grey_is_0():
    values = np.zeros((1, 2, 3), np.float32)
    values[0, 1] = [2.0, 0.0, -2.0]
    image = filter_picture(values, 2.0, "colour", current())
    assert image.pixelColor(0, 0).getRgb()[:3] == (128, 128, 128)
    assert image.pixelColor(1, 0).getRgb()[:3] == (255, 128, 0)


def test_maps_with_negative_values_are_around_0_and_channels_count_by_the_strongest():
    pixels = map_pixels(np.array([[-1.0, 0.0, 4.0]]), -1.0, 4.0, current())
    np.testing.assert_array_equal(pixels[0], diverging_pixels(np.array([-0.25, 0.0, 1.0]), current()))
    np.testing.assert_array_equal(strongest(np.array([[[1.0, -3.0], [2.0, 1.0]]])), [[-3.0, 2.0]])


# --- the view ----------------------------------------------------------------------------------------------


def answer(view, run):
    view.refresh(Answers(1, run.step, {query: query.answer(run) for query in view.queries()}))
    QApplication.processEvents()


@pytest.fixture
def iris(qtbot):
    run = take(trainer(experiment([dense(6)], {"source": {"kind": "iris"}}, epochs=1)), 3)
    view = FeaturesView(panel_context())
    qtbot.addWidget(view)
    shown(view)
    view.show_prepared(prepared_of(run))
    names = run.dataset.feature_names
    view.show_model(model_of(6, 3, inputs=4, class_names=run.dataset.classes, feature_names=names))
    return view, run


def test_only_the_page_in_front_asks(iris):
    view, _ = iris
    assert {type(query) for query in view.queries()} == {FiltersQuery, FeatureMapsQuery}
    view.pages.setCurrentWidget(view.saliency)
    assert view.queries() == (SaliencyQuery("validation", 0),)


def test_layer_unit_and_sample_are_those_of_all_panels(iris):
    view, run = iris
    selection = view.context.selection
    choose(view.layer, 1)
    write(view.unit, "3")
    write(view.index, "5")
    assert (selection.selected.layer, selection.selected.unit) == (1, 2)
    assert selection.selected.sample == Sample("validation", 4)
    write(view.unit, "99")
    assert (selection.selected.unit, view.unit.value()) == (2, 3)
    selection.select(layer=0, unit=4, sample=Sample("training", 7))
    assert (view.layer.value(), view.unit.value(), view.index.value()) == (0, 5, 8)
    answer(view, run)
    maps = FeatureMapsQuery(0, "training", 7, 0, 6).answer(run)
    assert view.maps.maps.caption(4) == f"{maps.values[4, 0, 0]:.2f}".replace("-", "−")
    click(view.maps.maps.viewport(), view.maps.maps.place(2).center())
    assert selection.selected.unit == 2


def test_columns_have_bars_in_their_own_units_the_strongest_first(iris):
    view, run = iris
    view.pages.setCurrentWidget(view.saliency)
    answer(view, run)
    found = SaliencyQuery("validation", 0).answer(run)
    first = int(np.abs(found.values).argmax())
    name = run.dataset.feature_names[first]
    assert view.saliency.bars.describe(0).startswith(f"{name}: ")
    own = view.saliency.bars.describe(0).split(": ")[1].replace("−", "-")
    assert float(own) == pytest.approx(found.own_units[first], rel=1e-2)
    choose(view.saliency.subject, 2)
    choose(view.saliency.method, "smooth_grad")
    assert view.queries() == (SaliencyQuery("validation", 0, Subject(None, 2), "smooth_grad"),)
    choose(view.saliency.subject, "unit")
    view.context.selection.select(layer=0, unit=1)
    assert view.queries()[0].subject == Subject(0, 1)
    assert not view.saliency.occlude.isVisible()


def test_while_training_a_dear_saliency_is_not_asked_for_again_at_once(iris):
    view, run = iris
    view.pages.setCurrentWidget(view.saliency)
    (query,) = view.queries()
    view.set_locked(True)
    found = query.answer(run)
    view.refresh(Answers(1, 3, {query: type(found)(**{**vars(found), "seconds": 100.0})}))
    assert view.queries() == ()
    # Another question is asked at once.
    view.context.selection.select(sample=Sample("training", 3))
    assert view.queries() == (SaliencyQuery("training", 3),)
    view.context.selection.select(sample=Sample("validation", 0))
    view.set_locked(False)
    assert view.queries() == (query,)


@pytest.fixture
def digits(desk):
    """The window with a convolution on the digits, after some steps, and the view in front."""
    desk.window.files.begin(experiment(LAYERS, DIGITS, epochs=1, batch_size=64))
    desk.until(lambda: desk.frame and desk.frame.status == "ready", "the digits")
    desk.do("step_batch")
    desk.until(lambda: desk.frame.step == 1 and desk.frame.status != "training", "a step")
    desk.window.centre.show_view("features")
    return desk, desk.window.panels["features"]


def test_in_the_window_filters_and_maps_of_a_convolution_are_seen(digits):
    desk, view = digits
    desk.until(lambda: view.maps.filters.total == 6 and view.maps.maps.maps is not None, "filters and maps")
    filters, maps = view.maps.filters, view.maps.maps
    assert filters.filters.largest == np.abs(filters.filters.values).max()

    def first_cell_is_painted() -> bool:
        place = filters.place(4)
        cell = QPoint(place.left() + place.width() // 6, place.top() + place.height() // 6)
        value = filters.filters.values[4, 0, 0, 0] / filters.filters.largest
        in_sight = filters.viewport().rect().contains(cell)
        return in_sight and picture(filters.viewport()).pixelColor(cell) == colour_of(value)

    desk.until(first_cell_is_painted, "the first weight of a filter")
    assert maps.maps.values.shape == (6, 8, 8)
    click(filters.viewport(), filters.place(3).center())
    assert (desk.window.context.selection.selected.layer, view.unit.value()) == (0, 4)
    assert maps.current == 3


def test_in_the_window_an_occlusion_map_is_computed_on_demand(digits):
    desk, view = digits
    page = view.saliency
    view.pages.setCurrentWidget(page)
    desk.until(page.score.text, "a score")
    write(page.patch, "3")
    click(page.occlude)
    desk.until(lambda: not page.running and "Patch" in page.occlusion.words.text(), "occlusion map")
    assert "step 1." in page.occlusion.words.text()
    first = picture(page.occlusion.picture)
    choose(page.subject, 5)
    # What was computed for another class is not shown for this one.
    assert "Patch" not in page.occlusion.words.text()
    assert picture(page.occlusion.picture) != first


def test_in_the_window_the_most_exciting_samples_are_found_and_selected(digits):
    desk, view = digits
    page, centre = view.exciting, desk.window.centre
    view.pages.setCurrentWidget(page)
    desk.until(lambda: page.found is not None and not page.running, "samples")
    found: ExcitingSamples = page.found
    assert (found.layer, found.part, page.images.total) == (0, "training", 12)
    desk.window.context.selection.select(layer=0, unit=2)
    click(page.images.viewport(), page.images.place(1).center())
    index = int(found.indices[2, 1])
    assert desk.window.context.selection.selected.sample == Sample("training", index)
    assert page.images.accessibleDescription().startswith(f"{Samples.name('training', index)}: ")
    for inspect in (lambda: QTest.keyClick(page.images, Qt.Key.Key_Return), lambda: click(view.inspect)):
        inspect()
        assert centre.current_view() is desk.window.panels["inspector"]
        centre.show_view("features")
    # Another layer is looked through at once; another unit of it is known already.
    desk.window.context.selection.select(layer=3)
    desk.until(lambda: page.found.layer == 3 and not page.running, "samples of the other layer")
    desk.do("step_batch")
    desk.until(lambda: "the run is at step 2 now" in page.caption.text(), "the note")
    click(page.again)
    desk.until(lambda: page.found.step == 2, "samples of now")
