"""The views of the centre: what they draw, what they read out, what they emit, and what they pass over."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication

from engine.training.evaluation import Scores, classification_metrics, regression_metrics
from engine.training.snapshot import DecisionMap, LayerSnapshot, Snapshot, Wanted
from gui import theme
from gui.theme import contrast
from gui.views import VIEWS, DecisionMapView, EvaluationView, NetworkView, StartPage
from gui.views.axes import Axis
from gui.views.colours import class_colours, sequential_colour
from gui.views.confusion_canvas import LEAST_CONTRAST, cell_colour, ink_on
from gui.views.decision_field import boundaries, refined, value_at, zero_lines
from gui.views.model_summary import DataPoints, LayerSummary, ModelSummary
from gui.views.network_blocks import thinned
from gui.views.network_layout import lay_out
from gui.views.network_plan import plan_of
from gui.views.network_values import values_of
from gui.views.numbers import number, percent, shape_text
from gui.views.thumbnails import PAINTERS
from tests.gui.conftest import picture

# Tooltips come to the front, which the offscreen platform cannot do.
pytestmark = pytest.mark.qt_log_ignore("does not support raise", extend=True)

SIDE = 40


def model_of(*units: int, inputs: int = 2, dropout_after: int | None = None, **changes) -> ModelSummary:
    """A network of dense layers; the last is the output."""
    layers, before = [], inputs
    for number_of_layer, count in enumerate(units):
        last = number_of_layer == len(units) - 1
        name, kind = ("Output", "softmax") if last else (f"Dense {number_of_layer + 1}", "tanh")
        parameters = before * count + count
        layers.append(LayerSummary(len(layers), name, kind, "dense", (count,), parameters))
        before = count
        if number_of_layer == dropout_after:
            layers.append(LayerSummary(len(layers), "Dropout", "20 %", "dropout", (count,), 0))
    facts = {
        "task": "classification",
        "feature_names": ("x₁", "x₂") if inputs == 2 else tuple(f"f{i}" for i in range(inputs)),
        "class_names": tuple("ABCDEFGHIJ"[: units[-1]]),
    }
    return ModelSummary(tuple(layers), (inputs,), **{**facts, **changes})


def points_of(x, targets, parts=None) -> DataPoints:
    return DataPoints(np.array(x, float), np.array(targets), np.array(parts or ["training"] * len(x)))


def snapshot_of(model: ModelSummary, field: np.ndarray | None = None, fill: float | None = None) -> Snapshot:
    """Random or even weights, and a decision map over −1 … 1."""
    random = np.random.default_rng(0)
    layers, before = [], model.inputs
    for layer in model.layers:
        if layer.kind != "dense":
            layers.append(LayerSnapshot(layer.index, layer.name, layer.kind))
            continue
        units = layer.output_shape[0]
        weight = random.normal(size=(before, units)) if fill is None else np.full((before, units), fill)
        maps = random.normal(size=(units, 6, 6)) if model.inputs == 2 else None
        bias = np.arange(units) / 10
        layers.append(LayerSnapshot(layer.index, layer.name, layer.kind, weight, bias, neuron_maps=maps))
        before = units
    decision = None if field is None else DecisionMap((-1.0, 1.0), (-1.0, 1.0), field.astype(np.float32))
    return Snapshot(1, 10, 1.0, tuple(layers), decision)


def left_and_right(left: float, right: float) -> np.ndarray:
    """(SIDE, SIDE): one value in the left half of the plane, one in the right."""
    return np.where(np.arange(SIDE) < SIDE / 2, left, right) * np.ones((SIDE, 1))


def shown(view, size=(800, 700)):
    view.resize(*size)
    view.show()
    QApplication.processEvents()
    return view


def colour_at(widget, place: QPointF) -> QColor:
    return picture(widget).pixelColor(place.toPoint())


def hue_distance(one: QColor, other: QColor) -> float:
    return abs((one.hueF() - other.hueF() + 0.5) % 1 - 0.5)


# --- what holds for every view ------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", VIEWS, ids=lambda kind: kind.name)
def test_a_view_names_itself_and_begins_with_one_sentence(qtbot, kind):
    view = kind()
    qtbot.addWidget(view)
    assert view.name
    assert view.heading
    assert not theme.icon(view.icon).isNull()
    assert view.accessibleName() == view.heading
    assert view.sentence.endswith(".")
    assert view.wanted() == Wanted()


@pytest.mark.parametrize("kind", VIEWS, ids=lambda kind: kind.name)
def test_late_and_foreign_snapshots_are_passed_over(qtbot, kind):
    model, other = model_of(8, 2), model_of(3, 5, 4, inputs=2)
    late = snapshot_of(model, np.full((SIDE, SIDE, 2), 0.5))
    foreign = snapshot_of(other, np.full((SIDE, SIDE, 4), 0.25))
    view = shown(kind())
    qtbot.addWidget(view)
    view.refresh(late)
    view.show_model(model)
    view.refresh(foreign)
    picture(view)
    view.refresh(Snapshot(1, 0, 0.0))
    view.clear()
    view.refresh(late)
    view.select_layer(7)
    view.show_history(None)
    picture(view)
    assert view.sentence


@pytest.mark.parametrize("kind", VIEWS, ids=lambda kind: kind.name)
def test_the_theme_changes_the_ground_at_once(qtbot, qapp, kind):
    view = shown(kind())
    qtbot.addWidget(view)
    field = np.stack([left_and_right(1, 0), left_and_right(0, 1)], axis=-1)
    model = model_of(4, 2, points=points_of([[-1, -1], [1, 1]], [0, 1]))
    view.show_model(model)
    view.refresh(snapshot_of(model, field))
    light = picture(view)
    theme.apply(qapp, "dark")
    dark = picture(view)
    assert light.pixelColor(4, 690) == QColor(theme.LIGHT.page)
    assert dark.pixelColor(4, 690) == QColor(theme.DARK.page)


def test_nothing_is_asked_for_while_hidden(qtbot):
    model = model_of(4, 2, points=points_of([[-1, -1], [1, 1]], [0, 1]))
    network, decision = NetworkView(), DecisionMapView()
    for view in (network, decision):
        qtbot.addWidget(view)
        view.show_model(model)
        assert view.wanted() == Wanted()
        shown(view)
    assert network.wanted().weights
    assert network.wanted().neuron_maps > 0
    assert not network.wanted().decision_map
    assert decision.wanted().decision_map > 0


# --- network ------------------------------------------------------------------------------------------------


@pytest.fixture
def network(qtbot):
    view = shown(NetworkView())
    qtbot.addWidget(view)
    model = model_of(4, 3, 2, dropout_after=0)
    view.show_model(model)
    view.refresh(snapshot_of(model))
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
    odd = LayerSummary(0, "Conv2D", "", "conv2d", (4, 4, 1), 10)
    output = LayerSummary(1, "Output", "", "dense", (2,), 34)
    model = ModelSummary((odd, output), (4, 4, 1), "classification", class_names=("A", "B"))
    assert not plan_of(model).unitwise


def test_blocks_show_shapes_and_select_by_click(qtbot):
    view = shown(NetworkView(), (900, 600))
    qtbot.addWidget(view)
    model = model_of(128, 64, 10, inputs=64)
    view.show_model(model)
    view.refresh(snapshot_of(model))
    layout = view.canvas.geometry_now
    assert not layout.edges
    assert len(layout.arrows) == 3
    assert layout.columns[1].lines == ("Dense 1 · tanh", "(128,) 8\u202f320 parameters")
    assert "deviation" in view.canvas.tip_at(layout.columns[1].body.center())
    with qtbot.waitSignal(view.layer_selected) as caught:
        click(view.canvas, layout.columns[2].body.center())
    assert caught.args == [1]


def click(widget, place: QPointF) -> None:
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton, pos=place.toPoint())


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
    layout, snapshot = network.canvas.geometry_now, network.canvas._values
    # From the second input to the third unit of Dense 1: row 1, column 2 of four.
    place = QPointF(*layout.edges[0].points[1 * 4 + 2, 11])
    weight = number(float(snapshot.weights[0][1, 2]))
    assert network.canvas.tip_at(place) == f"x₂ → Dense 1, unit 3: weight {weight}"


def test_the_tip_of_a_unit_tells_its_bias(network):
    layout = network.canvas.geometry_now
    tip = network.canvas.tip_at(layout.columns[1].units[2].center())
    assert tip.startswith("Dense 1, unit 3\nbias 0.200")
    assert network.canvas.tip_at(layout.columns[-1].units[1].center()).startswith("Output, B")
    assert network.canvas.tip_at(layout.gates[0].body.center()).startswith("Dropout · 20 %")


def test_a_unit_under_the_pointer_lights_its_incoming_edges_and_fades_the_others(qtbot, network):
    layout = network.canvas.geometry_now
    before = picture(network.canvas)
    QTest.mouseMove(network.canvas, layout.columns[3].units[0].center().toPoint())
    qtbot.waitUntil(lambda: network.canvas._unit == (3, 0))
    assert network.canvas._highlighted(layout) == [(2, 0), (2, 2), (2, 4)]
    after = picture(network.canvas)
    strongest = int(np.abs(network.canvas._values.weights[0]).argmax())
    place = QPointF(*layout.edges[0].points[strongest, 6]).toPoint()
    page = QColor(theme.current().page)
    assert colour_distance(after.pixelColor(place), page) < 0.5 * colour_distance(
        before.pixelColor(place), page
    )


def colour_distance(one: QColor, other: QColor) -> float:
    return float(np.linalg.norm(np.array(one.getRgb()[:3]) - np.array(other.getRgb()[:3])))


@pytest.mark.parametrize(("weight", "field"), [(1.0, "accent"), (-1.0, "validation")])
def test_the_sign_of_a_weight_is_its_colour(network, weight, field):
    network.refresh(snapshot_of(network.model, fill=weight))
    layout = network.canvas.geometry_now
    place = layout.edges[0].paths[0].pointAtPercent(0.03)
    expected = QColor(getattr(theme.current(), field))
    assert hue_distance(colour_at(network.canvas, place), expected) < 0.03


def test_clicks_and_keys_select_layers_and_emit(qtbot, network):
    canvas, layout = network.canvas, network.canvas.geometry_now
    chosen = []
    network.layer_selected.connect(chosen.append)
    click(canvas, layout.columns[1].heading.center())
    click(canvas, layout.gates[0].body.center())
    QTest.keyClick(canvas, Qt.Key.Key_Right)
    QTest.keyClick(canvas, Qt.Key.Key_Right)
    QTest.keyClick(canvas, Qt.Key.Key_Right)
    QTest.keyClick(canvas, Qt.Key.Key_Left)
    assert chosen == [0, 1, 2, 3, 2]
    assert "Dense 2 is selected" in canvas.accessibleDescription()
    click(canvas, layout.columns[0].units[0].center())
    network.select_layer(0)
    assert chosen == [0, 1, 2, 3, 2]
    assert canvas.selected == 0


@pytest.mark.parametrize("size", [(480, 360), (720, 720), (1400, 900)])
@pytest.mark.parametrize("model", [model_of(8, 6, 2), model_of(8, 8, 8, 8, 8, 3, dropout_after=2)])
def test_headings_never_overlap_and_stay_in_sight(qtbot, size, model):
    view = shown(NetworkView(), size)
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
    snapshot = snapshot_of(model)
    calm = values_of(snapshot).scale
    snapshot.layers[1].weight[3, 4] = 1e6
    assert values_of(snapshot).scale == pytest.approx(calm, rel=0.1)


def test_non_finite_values_are_drawn_without_a_word(network):
    network.refresh(snapshot_of(network.model, fill=float("nan")))
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
    view = shown(NetworkView(), (480, 360))
    qtbot.addWidget(view)
    view.show_model(model_of(*([4] * 12), 2))
    QApplication.processEvents()
    assert view.canvas.width() > 480
    layout = lay_out(view.canvas.plan, view.canvas.size().toSizeF(), lambda text, strong: 7 * len(text))
    assert len(layout.columns) == 14


# --- decision map -------------------------------------------------------------------------------------------


@pytest.fixture
def decision(qtbot):
    view = shown(DecisionMapView(), (720, 720))
    qtbot.addWidget(view)
    return view


CORNERS = [[-0.9, -0.9], [0.9, 0.9], [-0.9, 0.9], [0.9, -0.9]]


def test_a_region_has_the_colour_of_its_class(decision):
    model = model_of(4, 2, points=points_of(CORNERS, [0, 1, 0, 1]))
    decision.show_model(model)
    decision.refresh(snapshot_of(model, np.stack([left_and_right(1, 0), left_and_right(0, 1)], axis=-1)))
    first, second = class_colours(theme.current(), 2)
    assert hue_distance(colour_at(decision.canvas, decision.canvas.place_of(-0.5, 0.2)), first) < 0.03
    assert hue_distance(colour_at(decision.canvas, decision.canvas.place_of(0.5, 0.2)), second) < 0.03


def test_row_0_of_the_map_is_at_the_bottom(decision):
    model = model_of(4, 1, task="binary", class_names=("no", "yes"), points=points_of(CORNERS, [0, 1, 0, 1]))
    decision.show_model(model)
    decision.refresh(snapshot_of(model, left_and_right(0, 1).T[..., None]))
    no, yes = class_colours(theme.current(), 2)
    assert hue_distance(colour_at(decision.canvas, decision.canvas.place_of(0.3, -0.5)), no) < 0.03
    assert hue_distance(colour_at(decision.canvas, decision.canvas.place_of(0.3, 0.5)), yes) < 0.03
    assert decision.canvas.reading_at(decision.canvas.place_of(0.3, 0.5))[1] == "yes 100.0\u202f%"


def test_three_classes_have_three_colours_and_doubt_is_neutral(decision):
    model = model_of(4, 3, points=points_of(CORNERS, [0, 1, 2, 1]))
    decision.show_model(model)
    field = np.full((SIDE, SIDE, 3), 1 / 3)
    field[:, : SIDE // 3] = (1, 0, 0)
    field[:, -SIDE // 3 :] = (0, 0, 1)
    decision.refresh(snapshot_of(model, field))
    colours = class_colours(theme.current(), 3)
    canvas = decision.canvas
    assert hue_distance(colour_at(canvas, canvas.place_of(-0.7, 0.3)), colours[0]) < 0.04
    assert hue_distance(colour_at(canvas, canvas.place_of(0.7, 0.3)), colours[2]) < 0.04
    assert colour_at(canvas, canvas.place_of(0.0, 0.3)).hslSaturationF() < 0.15


def test_data_points_stand_there_before_the_first_step(decision):
    points = points_of([[-3, -30], [3, 30], [0, 10]], [0, 1, 1], ["training", "validation", "test"])
    decision.show_model(model_of(4, 2, points=points))
    canvas = decision.canvas
    filled, ring = canvas.place_of(-3, -30), canvas.place_of(3, 30)
    first, second = class_colours(theme.current(), 2)
    assert colour_distance(colour_at(canvas, filled), first) < 8
    assert colour_distance(colour_at(canvas, ring), QColor(theme.current().surface)) < 8
    around = [colour_at(canvas, ring + QPointF(x, 0)) for x in (3, 4, 5)]
    assert min(colour_distance(colour, second) for colour in around) < 60


def test_test_points_are_shown_only_on_request(decision):
    points = points_of([[-1, -1], [1, 1], [0, 0.1]], [0, 1, 1], ["training", "training", "test"])
    decision.show_model(model_of(4, 2, points=points))
    canvas, place = decision.canvas, decision.canvas.place_of(0, 0.1)
    assert "Example" not in " ".join(canvas.reading_at(place))
    decision.show_test.click()
    assert canvas.reading_at(place)[-1] == "Example: B (test)"
    assert any("test" in entry.text for entry in decision.legend.entries)


def test_a_prediction_of_numbers_has_the_scale_of_the_data(decision):
    points = points_of(CORNERS, [0.0, 10.0, 0.0, 10.0])
    model = model_of(4, 1, task="regression", class_names=(), target_name="Price", points=points)
    decision.show_model(model)
    decision.refresh(snapshot_of(model, left_and_right(0, 10)[..., None]))
    canvas = decision.canvas
    assert canvas.reading_at(canvas.place_of(0.5, 0.2))[1] == "Price 10.0"
    low = colour_at(canvas, canvas.place_of(-0.5, 0.2))
    assert hue_distance(low, sequential_colour(0)) < 0.04
    marked = colour_at(canvas, canvas.place_of(0.9, 0.9))
    assert colour_distance(marked, sequential_colour(1)) < 20


def test_the_arrow_keys_read_the_map(decision):
    model = model_of(4, 2, points=points_of(CORNERS, [0, 1, 0, 1]))
    decision.show_model(model)
    decision.refresh(snapshot_of(model, np.stack([left_and_right(1, 0), left_and_right(0, 1)], axis=-1)))
    decision.canvas.setFocus()
    for _ in range(5):
        QTest.keyClick(decision.canvas, Qt.Key.Key_Right)
    assert "B 100.0\u202f%" in decision.canvas.accessibleDescription()
    QTest.keyClick(decision.canvas, Qt.Key.Key_Escape)
    assert "Arrow keys" in decision.canvas.accessibleDescription()


def test_without_a_plane_a_sentence_says_why(decision):
    decision.show_model(model_of(4, 2, inputs=30))
    assert decision.sentence == "The decision map needs exactly two inputs; this experiment has 30."
    decision.show_model(model_of(4, 2))
    assert "two columns of numbers" in decision.sentence
    decision.show_model(model_of(4, 2, plane=((0.0, 1.0), (0.0, 5.0))))
    assert decision.sentence == ""
    assert decision.canvas.axes()[1] == Axis(0.0, 5.0, "x₂")


def test_boundaries_lie_where_the_class_changes():
    x = np.linspace(0, 1, 41)
    probability = 1 / (1 + np.exp(-20 * (x - 0.3))) * np.ones((41, 1))
    segments = boundaries(probability[..., None])
    assert len(segments) == 40
    assert segments[:, [0, 2]] == pytest.approx(0.3, abs=1e-3)
    both = boundaries(np.stack([1 - probability, probability], axis=-1))
    assert np.sort(both, axis=0) == pytest.approx(np.sort(segments, axis=0), abs=1e-2)


def test_a_circle_of_zeros_has_its_circumference():
    y, x = np.mgrid[-1:1:81j, -1:1:81j]
    segments = zero_lines(np.hypot(x, y) - 0.6) * 2
    length = np.hypot(segments[:, 2] - segments[:, 0], segments[:, 3] - segments[:, 1]).sum()
    assert length == pytest.approx(2 * np.pi * 0.6, rel=2e-3)


def test_refining_and_reading_agree_with_the_field():
    y, x = np.mgrid[0:1:20j, 0:1:20j]
    plane = (2 * x - y)[..., None]
    fine = refined(plane)
    ends = np.linspace(0, 1, fine.shape[0])
    inner = slice(20, -20)
    expected = (2 * ends[None, :] - ends[:, None])[inner, inner]
    assert fine[inner, inner, 0] == pytest.approx(expected, abs=1e-5)
    assert value_at(plane, 0.37, 0.81) == pytest.approx([2 * 0.37 - 0.81])
    assert value_at(plane, 1.0, 0.0) == pytest.approx([2.0])


# --- evaluation ---------------------------------------------------------------------------------------------


@pytest.fixture
def evaluation(qtbot):
    view = shown(EvaluationView(), (720, 900))
    qtbot.addWidget(view)
    return view


def class_scores(part: str, confusion) -> Scores:
    confusion = np.array(confusion)
    metrics = classification_metrics(confusion, len(confusion) == 2)
    return Scores(part, int(confusion.sum()), 0.25, metrics, confusion)


def test_scores_stand_side_by_side_with_their_units(evaluation):
    evaluation.show_model(model_of(4, 2))
    evaluation.show_scores(
        [class_scores("training", [[8, 2], [0, 10]]), class_scores("test", [[3, 1], [0, 0]])]
    )
    assert evaluation.table.text("training", "accuracy") == "90.0\u202f%"
    assert evaluation.table.text("training", "loss") == "0.250"
    assert evaluation.table.text("test", "rows") == "4"
    assert evaluation.sentence == ""


def test_the_confusion_matrix_follows_the_chosen_part(evaluation):
    evaluation.show_model(model_of(4, 2))
    parts = [class_scores("training", [[8, 2], [0, 10]]), class_scores("validation", [[3, 1], [4, 12]])]
    evaluation.show_scores(parts)
    assert evaluation.part.value() == "validation"
    assert evaluation.confusion.describe(1, 0) == "Actual B, predicted A: 4 rows, 25.0\u202f% of B"
    evaluation.part.set_value("training")
    evaluation.part.edited.emit("training")
    assert evaluation.confusion.describe(0, 1) == "Actual A, predicted B: 2 rows, 20.0\u202f% of A"
    evaluation.show_scores(parts)
    assert evaluation.part.value() == "training"


def test_cells_of_the_matrix_are_found_and_coloured(evaluation):
    evaluation.show_model(model_of(4, 3))
    evaluation.show_scores([class_scores("training", [[9, 0, 0], [0, 5, 5], [0, 0, 7]])])
    canvas = evaluation.confusion
    for row in range(3):
        for column in range(3):
            assert canvas.cell_at(canvas.cell_rect(row, column).center()) == (row, column)
    assert canvas.cell_at(QPointF(1, 1)) is None
    right = colour_at(canvas, canvas.cell_rect(0, 0).topLeft() + QPointF(8, 8))
    wrong = colour_at(canvas, canvas.cell_rect(1, 2).topLeft() + QPointF(8, 8))
    assert hue_distance(right, QColor(theme.current().accent)) < 0.03
    assert hue_distance(wrong, QColor(theme.current().validation)) < 0.03


@pytest.mark.parametrize("colours", [theme.LIGHT, theme.DARK], ids=["light", "dark"])
def test_text_is_legible_on_every_cell(colours):
    for right in (True, False):
        for share in np.linspace(0, 1, 41):
            ground = cell_colour(float(share), right, colours)
            assert contrast(ink_on(ground, colours), ground) >= LEAST_CONTRAST


def test_numbers_are_shown_predicted_against_actual(evaluation):
    actual = np.linspace(10, 40, 30)[:, None]
    predicted = actual + np.where(np.arange(30) % 2, 1.0, -1.0)[:, None]
    model = model_of(4, 1, task="regression", class_names=(), target_name="mpg")
    evaluation.show_model(model)
    metrics = regression_metrics(actual, predicted)
    evaluation.show_scores([Scores("training", 30, 0.1, metrics, None, actual, predicted)])
    assert evaluation.table.text("training", "rmse") == "1.00"
    scatter = evaluation.scatter
    assert scatter.isVisible()
    place = QPointF(*scatter.places()[3])
    assert scatter.reading_at(place) == "actual 13.1, predicted 14.1, off by 1.00"
    assert colour_distance(colour_at(scatter, place), QColor(theme.current().surface)) > 60


def test_scores_of_another_network_go_and_undefined_ones_are_a_dash(evaluation):
    model = model_of(4, 2)
    evaluation.show_model(model)
    evaluation.show_scores([Scores("training", 1, 0.1, {"r2": float("nan")})])
    assert evaluation.table.text("training", "r2") == "–"
    evaluation.show_model(replace(model, points=points_of(CORNERS, [0, 1, 0, 1])))
    assert evaluation.sentence == ""
    evaluation.show_model(model_of(5, 2))
    assert "Scores appear here" in evaluation.sentence


# --- start page ---------------------------------------------------------------------------------------------

PRESETS = [
    ("spiral", "Spiral", "Two arms.", "spiral"),
    ("iris", "Iris", "Three species.", "iris"),
    ("digits", "Handwritten digits", "Small images.", "digits"),
    ("own", "Something else", "Without a picture of its own.", "unheard-of"),
]


@pytest.fixture
def start_page(qtbot):
    page = shown(StartPage(), (900, 700))
    qtbot.addWidget(page)
    page.set_presets(PRESETS)
    page.set_recent(["/somewhere/penguins.gradwright"])
    QApplication.processEvents()
    return page


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space])
def test_a_card_is_chosen_by_key(qtbot, start_page, key):
    card = start_page.cards[1]
    card.setFocus()
    with qtbot.waitSignal(start_page.preset_chosen) as caught:
        QTest.keyClick(card, key)
    assert caught.args == ["iris"]
    assert card.accessibleName() == "Iris"


def test_the_whole_card_is_clickable(qtbot, start_page):
    card = start_page.cards[2]
    for place in (QPoint(4, 4), QPoint(card.width() - 4, card.height() - 4)):
        with qtbot.waitSignal(start_page.preset_chosen) as caught:
            QTest.mouseClick(card, Qt.MouseButton.LeftButton, pos=place)
        assert caught.args == ["digits"]


def test_buttons_and_recent_files_emit(qtbot, start_page):
    by_name = {
        child.accessibleName() or child.text(): child for child in start_page.findChildren(QAbstractButton)
    }
    with qtbot.waitSignal(start_page.open_data):
        by_name["Open your data…"].click()
    with qtbot.waitSignal(start_page.open_file):
        by_name["Open experiment…"].click()
    with qtbot.waitSignal(start_page.recent_chosen) as caught:
        QTest.keyClick(by_name["penguins.gradwright"], Qt.Key.Key_Return)
    assert caught.args == ["/somewhere/penguins.gradwright"]


@pytest.mark.parametrize(("width", "columns"), [(480, 2), (760, 3), (1300, 4)])
def test_the_grid_follows_the_width(start_page, width, columns):
    start_page.resize(width, 600)
    QApplication.processEvents()
    assert start_page.width() == width
    assert start_page.columns == columns
    cards = start_page.cards
    assert all(card.mapTo(start_page, QPoint(card.width(), 0)).x() <= width for card in cards)
    assert not any(one.geometry().intersects(other.geometry()) for one, other in combinations(cards, 2))


def test_presets_can_be_set_anew(start_page):
    start_page.set_presets(PRESETS[:1])
    QApplication.processEvents()
    assert [card.name for card in start_page.cards] == ["spiral"]
    picture(start_page)


def test_every_picture_is_painted_and_none_like_another(qtbot, start_page):
    start_page.set_presets([(kind, kind, "", kind) for kind in PAINTERS])
    QApplication.processEvents()
    images = [picture(card).copy(10, 10, 150, 70) for card in start_page.cards]
    assert all(one != other for one, other in combinations(images, 2))


# --- words and colours --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.4824, "0.482"), (-12.06, "−12.1"), (0, "0"), (0.00123456, "0.00123"), (123456, "1.23e5"),
     (3.1e-7, "3.10e−7"), (1234.5, "1234"), (float("inf"), "not finite")],
)  # fmt: skip
def test_numbers_are_short(value, text):
    assert number(value) == text


def test_shares_and_shapes_are_written_as_usual():
    assert percent(0.984) == "98.4\u202f%"
    assert shape_text((8,)) == "(8,)"
    assert shape_text((28, 28, 1)) == "(28, 28, 1)"


@pytest.mark.parametrize(
    ("low", "high"), [(-6, 6), (0, 1), (4.3, 7.9), (0.1, 0.12), (0, 5e6), (-0.004, 0.003)]
)
def test_ticks_are_round_inside_and_not_crowded(low, high):
    ticks = Axis(low, high, "").ticks(500)
    values = [value for value, _ in ticks]
    assert 2 <= len(ticks) <= 8
    assert min(values) >= low - 1e-9 * (high - low)
    assert max(values) <= high + 1e-9 * (high - low)
    assert len({text for _, text in ticks}) == len(ticks)
    for value, text in ticks:
        assert float(text.replace("−", "-")) == pytest.approx(value, abs=1e-9 * (high - low))


@pytest.mark.parametrize("colours", [theme.LIGHT, theme.DARK], ids=["light", "dark"])
def test_class_colours_differ_from_one_another_and_from_the_ground(colours):
    chosen = class_colours(colours, 10)
    assert len({colour.name() for colour in chosen}) == 10
    assert min(colour_distance(one, other) for one, other in combinations(chosen, 2)) > 35
    assert all(colour_distance(colour, QColor(colours.page)) > 60 for colour in chosen)
