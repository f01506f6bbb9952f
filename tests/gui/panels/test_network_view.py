"""The network, unit by unit or in blocks: what is drawn, read out and selected."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, QSizeF, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from gui.core.model_summary import LayerSummary, ModelSummary
from gui.kit import theme
from gui.kit.numbers import reading_text
from gui.panels.network.drawing import layout_of
from gui.panels.network.plan import plan_of, strongest
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


@pytest.mark.parametrize("choice", [{"layer": 3, "unit": 9}, {"layer": 30}, {"layer": 1, "unit": 500}])
def test_what_is_selected_of_another_network_is_passed_over(qtbot, choice):
    view = shown(NetworkView(panel_context()))
    qtbot.addWidget(view)
    view.show_model(replace(model_of(4, 3, 2), class_names=("A", "B")))
    view.context.selection.select(**choice)
    assert view.canvas.accessibleDescription().startswith("From input to output")


@pytest.mark.parametrize(
    ("units", "inputs", "shown", "hidden"),
    [
        ((24, 24, 2), 24, [24, 24, 24, 2], [0, 0, 0, 0]),
        ((25, 2), 2, [2, 12, 2], [0, 13, 0]),
        ((64, 2), 300, [12, 12, 2], [288, 52, 0]),
        ((2048, 2048, 200), 784, [12, 12, 12, 12], [772, 2036, 2036, 188]),
    ],
)
def test_up_to_24_units_are_drawn_and_of_more_twelve(units, inputs, shown, hidden):
    columns = plan_of(model_of(*units, inputs=inputs)).columns
    assert [len(stage.shown) for stage in columns] == shown
    assert [stage.hidden for stage in columns] == hidden


def test_layers_of_other_kinds_are_blocks_beside_neurons():
    convolution = LayerSummary(0, "Conv2D", "", "conv2d", (4, 4, 3), 10, False)
    norm = LayerSummary(1, "Batch norm", "", "batch_norm", (4, 4, 3), 6, False, elementwise=True)
    dense = LayerSummary(2, "Own", "", "own", (30,), 1470, True)
    block = LayerSummary(3, "Residual", "", "residual", (30,), 930, False, skipped=("Dense",))
    output = LayerSummary(4, "Output", "", "dense", (2,), 62, True)
    layers = (convolution, norm, dense, block, output)
    model = ModelSummary(layers, (4, 4, 1), "classification", class_names=("A", "B"))
    plan = plan_of(model)
    assert [(stage.name, len(stage.shown)) for stage in plan.columns] == [
        *(("Input", 0), ("Conv2D", 0), ("Own", 12), ("Residual", 0), ("Output", 2)),
    ]
    assert [gate.name for gate in plan.columns[1].gates] == ["Batch norm"]
    layout = layout_of(plan, QSizeF(900, 600))
    assert layout.edges == ()
    # From image to convolution, on to twelve units, from these to the block, and from that to both outputs.
    assert len(layout.links) == 1 + 12 + 12 + 2
    (arc,) = layout.arcs
    assert arc.plus.left() > layout.columns[3].body.right()
    assert arc.path.boundingRect().bottom() > layout.columns[3].body.bottom()


def test_folded_are_all_but_the_strongest_by_their_outgoing_weights():
    outgoing = np.random.default_rng(3).permutation(64) + 1.0
    first = strongest(outgoing, ())
    assert first == tuple(sorted(np.flatnonzero(outgoing > 52).tolist()))
    # A little stronger is not enough to displace one, half as strong again is.
    weakest = first[int(np.argmin(outgoing[list(first)]))]
    outsider = int(np.flatnonzero(outgoing == 52)[0])
    outgoing[outsider] = 1.4 * outgoing[weakest]
    assert strongest(outgoing, first) == first
    outgoing[outsider] = 1.6 * outgoing[weakest]
    assert strongest(outgoing, first) == tuple(sorted({*first, outsider} - {weakest}))


def test_the_strongest_are_drawn_as_soon_as_weights_are_known(qtbot):
    view = shown(NetworkView(panel_context()), (900, 600))
    qtbot.addWidget(view)
    model = model_of(128, 64, 10, inputs=64)
    view.show_model(model)
    plan = view.canvas.plan
    view.refresh(answers_of(model))
    weight = np.random.default_rng(0)
    matrices = [weight.normal(size=shape) for shape in ((64, 128), (128, 64), (64, 10))]
    expected = [sorted(np.argsort(-np.linalg.norm(one, axis=1))[:12].tolist()) for one in matrices]
    (query,) = view.queries()
    assert view.canvas.plan == plan, "drawn until the weights of the others are there"
    assert [list(one.inputs) for one in query.shown] == expected
    wanted = replace(
        plan,
        columns=tuple(
            replace(stage, shown=tuple(found)) if stage.hidden else stage
            for stage, found in zip(plan.columns, [*expected, []], strict=True)
        ),
    )
    view.refresh(answers_of(model, plan=wanted))
    assert view.canvas.plan == wanted
    layout = view.canvas.geometry_now
    assert [len(edges.starts) for edges in layout.edges] == [144, 144, 120]
    assert layout.columns[1].lines == ("Dense 1 · tanh", "128 values · 8\u202f320 parameters")
    assert "deviation" in view.canvas.tip_at(layout.columns[1].heading.center())
    fold = layout.columns[2].fold.center()
    assert view.canvas.tip_at(fold).startswith("52 more units of Dense 2\nOf a layer of more than 24 units")
    place = layout.columns[1].units[3].center()
    assert f"Dense 1, unit {expected[1][3] + 1}\n" in view.canvas.tip_at(place)
    click(view.canvas, place)
    selected = view.context.selection.selected
    assert (selected.layer, selected.unit) == (0, expected[1][3])


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
    layout, snapshot = network.canvas.geometry_now, values_in(network.model, answers_of(network.model))
    # From the second input to the third unit of Dense 1: row 1, column 2 of four.
    place = QPointF(*layout.edges[0].points[1 * 4 + 2, 11])
    weight = reading_text(float(snapshot.weights[0][1, 2]))
    gradient = reading_text(float(snapshot.gradients[0][1, 2]))
    expected = f"x₂ → Dense 1, unit 3: weight {weight}\ngradient {gradient}"
    assert network.canvas.tip_at(place) == expected


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
    calm = values_in(model, answers).scale
    values_in(model, answers).weights[1][3, 4] = 1e6
    assert values_in(model, answers).scale == pytest.approx(calm, rel=0.1)


def test_non_finite_values_are_drawn_without_a_word(network):
    network.refresh(answers_of(network.model, fill=float("nan")))
    picture(network.canvas)
    place = QPointF(*network.canvas.geometry_now.edges[0].points[0, 1])
    assert network.canvas.tip_at(place).endswith("weight not finite\ngradient not finite")


def test_a_network_too_long_for_the_window_is_scaled_down_and_can_be_zoomed(qtbot):
    view = shown(NetworkView(panel_context()), (480, 360))
    qtbot.addWidget(view)
    view.show_model(model_of(*([4] * 12), 2))
    QApplication.processEvents()
    canvas = view.canvas
    layout = canvas.geometry_now
    assert len(layout.columns) == 14
    assert layout.size.width() > canvas.width()
    ends = [canvas.on_widget(layout.columns[place].body.center()) for place in (0, -1)]
    assert all(canvas.rect().contains(end.toPoint()) for end in ends)
    fitted = canvas.viewport.zoom
    place = canvas.on_widget(layout.columns[5].units[1].center())
    canvas.setFocus()
    QTest.keyClick(canvas, Qt.Key.Key_Plus)
    assert canvas.viewport.zoom == pytest.approx(1.25 * fitted)
    canvas.zoom_by(2.0, place)
    click(canvas, canvas.on_widget(layout.columns[5].units[1].center()))
    assert view.context.selection.selected.unit == 1
    # Dragged by the empty page, the drawing follows; a double click there, or 0, shows all of it again.
    before = canvas.on_widget(QPointF(0, 0))
    drag(canvas, QPoint(200, 340), QPoint(170, 320))
    assert canvas.on_widget(QPointF(0, 0)) - before == QPointF(-30, -20)
    QTest.keyClick(canvas, Qt.Key.Key_0)
    assert canvas.viewport.zoom == fitted


def test_arrow_keys_lead_from_unit_to_unit(network):
    canvas, selection = network.canvas, network.context.selection
    selection.select(layer=0)
    canvas.setFocus()
    seen = []
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Up):
        QTest.keyClick(canvas, key)
        seen.append((selection.selected.layer, selection.selected.unit))
    # Dropout has no units of its own, and the way beyond it begins with the layer again.
    assert seen == [(0, 0), (0, 1), (1, None), (2, None), (2, 2)]
    assert "Dense 2, unit 3 is selected" in canvas.accessibleDescription()
    QTest.keyClick(canvas, Qt.Key.Key_Right)
    assert (selection.selected.layer, selection.selected.unit) == (3, 1)


def drag(canvas, start, end):
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=start)
    hover(canvas, QPointF(end), Qt.MouseButton.LeftButton)
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=end)
