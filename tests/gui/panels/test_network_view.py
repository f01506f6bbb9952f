"""The network, unit by unit or in blocks: what is drawn, read out and selected."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from gui.core.model_summary import LayerSummary, ModelSummary
from gui.kit import theme
from gui.kit.numbers import reading_text
from gui.panels.network.blocks import thinned
from gui.panels.network.layout import lay_out
from gui.panels.network.plan import plan_of
from gui.panels.network.view import NetworkView
from tests.gui.conftest import hover, picture
from tests.gui.contexts import panel_context
from tests.gui.panels.models import (
    answers_of,
    click,
    colour_at,
    colour_distance,
    hue_distance,
    model_of,
    shown,
    values_in,
)

# Tooltips come to the front, which the offscreen platform cannot do.
pytestmark = pytest.mark.qt_log_ignore("does not support raise", extend=True)


@pytest.fixture
def network(qtbot):
    view = shown(NetworkView(panel_context()))
    qtbot.addWidget(view)
    model = model_of(4, 3, 2, dropout_after=0)
    view.show_model(model)
    view.refresh(answers_of(model))
    return view


def test_a_small_network_is_drawn_unit_by_unit(network):
    layout = network.canvas.geometry_now
    assert [len(column.units) for column in layout.columns] == [2, 4, 3, 2]
    assert [gate.stage.name for gate in layout.gates] == ["Dropout"]
    assert layout.edge_count == 2 * 4 + 4 * 3 + 3 * 2


@pytest.mark.parametrize(
    ("units", "inputs", "unitwise"),
    [((24, 24, 2), 24, True), ((25, 2), 2, False), ((8, 2), 64, False), ((24, 24, 24), 24, False)],
)
def test_many_units_or_edges_are_drawn_as_blocks(units, inputs, unitwise):
    assert plan_of(model_of(*units, inputs=inputs)).unitwise is unitwise


def test_a_layer_that_is_not_dense_is_drawn_as_a_block():
    odd = LayerSummary(0, "Conv2D", "", "conv2d", (4, 4, 1), 10, False)
    output = LayerSummary(1, "Output", "", "dense", (2,), 34, True)
    model = ModelSummary((odd, output), (4, 4, 1), "classification", class_names=("A", "B"))
    assert not plan_of(model).unitwise


def test_a_layer_of_another_kind_that_is_affine_is_drawn_unit_by_unit():
    own = LayerSummary(0, "Own", "", "own", (3,), 9, True)
    output = LayerSummary(1, "Output", "", "dense", (2,), 8, True)
    model = ModelSummary((own, output), (2,), "classification", class_names=("A", "B"))
    assert plan_of(model).unitwise


def test_blocks_show_shapes_and_select_by_click(qtbot):
    view = shown(NetworkView(panel_context()), (900, 600))
    qtbot.addWidget(view)
    model = model_of(128, 64, 10, inputs=64)
    view.show_model(model)
    view.refresh(answers_of(model))
    layout = view.canvas.geometry_now
    assert not layout.edges
    assert len(layout.arrows) == 3
    assert layout.columns[1].lines == ("Dense 1 · tanh", "128 values · 8\u202f320 parameters")
    assert "deviation" in view.canvas.tip_at(layout.columns[1].body.center())
    click(view.canvas, layout.columns[2].body.center())
    assert view.context.selection.selected.layer == 1


@pytest.mark.parametrize("bundle", [0, 1, 2])
def test_hover_finds_the_edge_under_the_pointer(network, bundle):
    layout = network.canvas.geometry_now
    edges = layout.edges[bundle]
    for edge in range(0, len(edges.starts), 3):
        # Near its end edges lie apart; a little beside it the edge must still be found.
        place = edges.paths[edge].pointAtPercent(0.04 if bundle != 2 else 0.08)
        found = layout.edge_at(place + QPointF(0, 0.5))
        assert found is not None
        near = edges.points[found[1], 0]
        assert found[0] == bundle
        assert near[1] == pytest.approx(edges.starts[edge, 1])


def test_the_tip_of_an_edge_names_both_ends_and_the_weight(network):
    layout, snapshot = network.canvas.geometry_now, values_in(answers_of(network.model))
    # From the second input to the third unit of Dense 1: row 1, column 2 of four.
    place = QPointF(*layout.edges[0].points[1 * 4 + 2, 11])
    weight = reading_text(float(snapshot.weights[0][1, 2]))
    assert network.canvas.tip_at(place) == f"x₂ → Dense 1, unit 3: weight {weight}"


def test_the_tip_of_a_unit_tells_its_bias(network):
    layout = network.canvas.geometry_now
    tip = network.canvas.tip_at(layout.columns[1].units[2].center())
    assert tip.startswith("Dense 1, unit 3\nbias 0.200")
    assert network.canvas.tip_at(layout.columns[-1].units[1].center()).startswith("Output, B")
    assert network.canvas.tip_at(layout.gates[0].body.center()).startswith("Dropout · 20 %")


def test_a_unit_under_the_pointer_lights_its_incoming_edges_and_fades_the_others(network):
    network.refresh(answers_of(network.model, fill=1.0))
    layout, page = network.canvas.geometry_now, QColor(theme.current().page)
    before = picture(network.canvas)
    hover(network.canvas, layout.columns[3].units[0].center())
    after = picture(network.canvas)

    def strength(bundle: int, edge: int) -> float:
        """How much of its colour an edge has kept, near its beginning, where edges lie apart."""
        place = QPointF(*layout.edges[bundle].points[edge, 2]).toPoint()
        one, other = (colour_distance(image.pixelColor(place), page) for image in (after, before))
        return one / other

    edges = [(bundle, edge) for bundle in range(3) for edge in range(len(layout.edges[bundle].starts))]
    lit = [place for place in edges if strength(*place) > 0.5]
    # Three units of the layer before, each with an edge to both outputs: those to the first one.
    assert lit == [(2, 0), (2, 2), (2, 4)]


@pytest.mark.parametrize(("weight", "field"), [(1.0, "accent"), (-1.0, "validation")])
def test_the_sign_of_a_weight_is_its_colour(network, weight, field):
    network.refresh(answers_of(network.model, fill=weight))
    layout = network.canvas.geometry_now
    place = layout.edges[0].paths[0].pointAtPercent(0.03)
    expected = QColor(getattr(theme.current(), field))
    assert hue_distance(colour_at(network.canvas, place), expected) < 0.03


def test_clicks_and_keys_select_layers(qtbot, network):
    canvas, layout = network.canvas, network.canvas.geometry_now
    chosen = []
    network.context.selection.changed.connect(lambda new, old: chosen.append(new.layer))
    click(canvas, layout.columns[1].heading.center())
    click(canvas, layout.gates[0].body.center())
    QTest.keyClick(canvas, Qt.Key.Key_Right)
    QTest.keyClick(canvas, Qt.Key.Key_Right)
    QTest.keyClick(canvas, Qt.Key.Key_Right)
    QTest.keyClick(canvas, Qt.Key.Key_Left)
    assert chosen == [0, 1, 2, 3, 2]
    assert "Dense 2 is selected" in canvas.accessibleDescription()
    click(canvas, layout.columns[0].units[0].center())
    assert chosen == [0, 1, 2, 3, 2]
    network.context.selection.select(layer=0)
    assert canvas.selected == 0


@pytest.mark.parametrize("size", [(480, 360), (720, 720), (1400, 900)])
@pytest.mark.parametrize("model", [model_of(8, 6, 2), model_of(8, 8, 8, 8, 8, 3, dropout_after=2)])
def test_headings_never_overlap_and_stay_in_sight(qtbot, size, model):
    view = shown(NetworkView(panel_context()), size)
    qtbot.addWidget(view)
    view.show_model(replace(model, input_name="Input of some length"))
    QApplication.processEvents()
    layout = view.canvas.geometry_now
    for one, other in combinations([column.heading for column in layout.columns], 2):
        assert not one.intersects(other)
    whole = view.canvas.rect().toRectF()
    assert all(whole.contains(column.heading) for column in layout.columns)
    assert all(whole.contains(column.body) for column in layout.columns)


def test_one_outlier_does_not_thin_all_other_edges():
    model = model_of(20, 10, 2)
    answers = answers_of(model)
    calm = values_in(answers).scale
    values_in(answers).weights[1][3, 4] = 1e6
    assert values_in(answers).scale == pytest.approx(calm, rel=0.1)


def test_non_finite_values_are_drawn_without_a_word(network):
    network.refresh(answers_of(network.model, fill=float("nan")))
    picture(network.canvas)
    place = QPointF(*network.canvas.geometry_now.edges[0].points[0, 1])
    assert network.canvas.tip_at(place).endswith("weight not finite")


def test_thinning_keeps_sign_and_size_of_weights():
    matrix = np.zeros((300, 201), np.float32)
    matrix[17, 132], matrix[250, 6] = -3, 2
    small = thinned(matrix, (100, 67))
    assert small.shape == (100, 67)
    # Each cell stands for 3 × 3 weights.
    assert small[5, 44] == pytest.approx(-3 / 3)
    assert small[83, 2] == pytest.approx(2 / 3)
    even = np.full((7, 5), -0.5, np.float32)
    assert thinned(even, (3, 2)) == pytest.approx(np.full((3, 2), -0.5))
    assert thinned(even, (64, 64)) == pytest.approx(even)


def test_a_network_too_long_for_the_window_scrolls(qtbot):
    view = shown(NetworkView(panel_context()), (480, 360))
    qtbot.addWidget(view)
    view.show_model(model_of(*([4] * 12), 2))
    QApplication.processEvents()
    assert view.canvas.width() > 480
    layout = lay_out(view.canvas.plan, view.canvas.size().toSizeF(), lambda text, strong: 7 * len(text))
    assert len(layout.columns) == 14
