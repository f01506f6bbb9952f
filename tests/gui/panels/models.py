"""Networks, snapshots and data points made up for views, and a look at what these paint."""

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from engine.insight.connections import LayerConnections, Shown
from engine.insight.run_queries import DecisionMap, DecisionMapQuery
from gui.core.messages import Answers
from gui.core.model_summary import DataPoints, LayerSummary, ModelSummary
from gui.panels.decision import view as decision_view
from gui.panels.network.plan import Plan, plan_of
from gui.panels.network.values import LiveValues, values_of
from gui.panels.network.view import queries_of
from tests.gui.conftest import picture

SIDE = 40
_DECISION = DecisionMapQuery(decision_view.MAP_SIDE)
CORNERS = [[-0.9, -0.9], [0.9, 0.9], [-0.9, 0.9], [0.9, -0.9]]


def model_of(*units: int, inputs: int = 2, dropout_after: int | None = None, **changes) -> ModelSummary:
    """A network of dense layers; the last is the output."""
    layers, before = [], inputs
    for number_of_layer, count in enumerate(units):
        last = number_of_layer == len(units) - 1
        name, kind = ("Output", "softmax") if last else (f"Dense {number_of_layer + 1}", "tanh")
        parameters = before * count + count
        layers.append(LayerSummary(len(layers), name, kind, "dense", (count,), parameters, True))
        before = count
        if number_of_layer == dropout_after:
            layers.append(LayerSummary(len(layers), "Dropout", "20 %", "dropout", (count,), 0, False))
    facts = {
        "task": "classification",
        "feature_names": ("x₁", "x₂") if inputs == 2 else tuple(f"f{i}" for i in range(inputs)),
        "class_names": tuple("ABCDEFGHIJ"[: units[-1]]),
    }
    return ModelSummary(tuple(layers), (inputs,), **{**facts, **changes})


def points_of(x, targets, parts=None) -> DataPoints:
    return DataPoints(np.array(x, float), np.array(targets), np.array(parts or ["training"] * len(x)))


def connections_of(shown: Shown, weight: np.ndarray, bias: np.ndarray) -> LayerConnections:
    """What a run answers of a layer with these weights; its gradients are a tenth of them."""
    rows = slice(None) if shown.inputs is None else list(shown.inputs)
    units = slice(None) if shown.units is None else list(shown.units)
    part = weight[rows][:, units]
    norms = [np.linalg.norm(weight, axis=axis) if shown.strengths else None for axis in (0, 1)]
    largest = float(np.abs(weight).max())
    return LayerConnections(
        shown, part, part / 10, bias[units], bias[units] / 10, *norms, float(weight.std()), largest
    )


def answers_of(
    model: ModelSummary, field: np.ndarray | None = None, fill: float | None = None, plan: Plan | None = None
) -> Answers:
    """Random or even weights, and a decision map over −1 … 1. plan : what is asked of it."""
    random = np.random.default_rng(0)
    connections, maps, before = {}, {}, model.inputs
    query, maps_query = queries_of(plan or plan_of(model))
    shown = {one.layer: one for one in query.shown}
    for layer in model.layers:
        if layer.kind != "dense":
            continue
        units = layer.output_shape[0]
        weight = random.normal(size=(before, units)) if fill is None else np.full((before, units), fill)
        if layer.index in shown:
            connections[layer.index] = connections_of(shown[layer.index], weight, np.arange(units) / 10)
        before = units
    if maps_query is not None:
        maps = {layer: random.normal(size=(len(units), 6, 6)) for layer, units in maps_query.chosen}
    decision = None if field is None else DecisionMap((-1.0, 1.0), (-1.0, 1.0), field.astype(np.float32))
    return Answers(1, 10, {query: connections, maps_query: maps, _DECISION: decision})


def values_in(model: ModelSummary, answers: Answers) -> LiveValues:
    """What the drawing of a network takes of them."""
    plan = plan_of(model)
    query, maps = queries_of(plan)
    return values_of(plan, answers.get(query), answers.get(maps) or {})


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


def click(widget, place: QPointF) -> None:
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton, pos=place.toPoint())


def colour_distance(one: QColor, other: QColor) -> float:
    return float(np.linalg.norm(np.array(one.getRgb()[:3]) - np.array(other.getRgb()[:3])))
