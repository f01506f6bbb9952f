"""Scores of the parts, the confusion matrix, predictions against what is."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor

from engine.training.scoring import Scores
from gui.core.messages import Scored
from gui.kit import theme
from gui.kit.theme import contrast
from gui.panels.evaluation.confusion_canvas import LEAST_CONTRAST, cell_colour, ink_on
from gui.panels.evaluation.view import EvaluationView
from tests.gui.contexts import panel_context
from tests.gui.hands import choose
from tests.gui.panels.models import (
    CORNERS,
    colour_at,
    colour_distance,
    hue_distance,
    model_of,
    points_of,
    shown,
)
from tests.measured import metrics_of_counts, metrics_of_numbers


@pytest.fixture
def evaluation(qtbot):
    view = shown(EvaluationView(panel_context()), (720, 900))
    qtbot.addWidget(view)
    return view


def show(evaluation, scores):
    evaluation.show_scores(Scored(1, 10, tuple(scores), ""))


def class_scores(part: str, confusion) -> Scores:
    confusion = np.array(confusion)
    metrics = metrics_of_counts(confusion, len(confusion) == 2)
    return Scores(part, int(confusion.sum()), 0.25, metrics, confusion)


def test_scores_stand_side_by_side_with_their_units(evaluation):
    evaluation.show_model(model_of(4, 2))
    show(evaluation, [class_scores("training", [[8, 2], [0, 10]]), class_scores("test", [[3, 1], [0, 0]])])
    assert evaluation.table.text("training", "accuracy") == "90.0\u202f%"
    assert evaluation.table.text("training", "loss") == "0.250"
    assert evaluation.table.text("test", "rows") == "4"
    assert evaluation.sentence == ""


def test_the_confusion_matrix_follows_the_chosen_part(evaluation):
    evaluation.show_model(model_of(4, 2))
    parts = [class_scores("training", [[8, 2], [0, 10]]), class_scores("validation", [[3, 1], [4, 12]])]
    show(evaluation, parts)
    assert evaluation.part.value() == "validation"
    assert evaluation.confusion.describe(1, 0) == "Actual B, predicted A: 4 rows, 25.0\u202f% of B"
    choose(evaluation.part, "training")
    assert evaluation.confusion.describe(0, 1) == "Actual A, predicted B: 2 rows, 20.0\u202f% of A"
    show(evaluation, parts)
    assert evaluation.part.value() == "training"


def test_cells_of_the_matrix_are_found_and_coloured(evaluation):
    evaluation.show_model(model_of(4, 3))
    show(evaluation, [class_scores("training", [[9, 0, 0], [0, 5, 5], [0, 0, 7]])])
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
    metrics = metrics_of_numbers(actual, predicted)
    show(evaluation, [Scores("training", 30, 0.1, metrics, None, actual, predicted)])
    assert evaluation.table.text("training", "rmse") == "1.00"
    scatter = evaluation.scatter
    assert scatter.isVisible()
    place = QPointF(*scatter.places()[3])
    assert scatter.reading_at(place) == "actual 13.1, predicted 14.1, off by 1.00"
    assert colour_distance(colour_at(scatter, place), QColor(theme.current().surface)) > 60


def test_scores_of_another_network_go_and_undefined_ones_are_a_dash(evaluation):
    model = model_of(4, 2)
    evaluation.show_model(model)
    show(evaluation, [Scores("training", 1, 0.1, {"r2": float("nan")})])
    assert evaluation.table.text("training", "r2") == "–"
    evaluation.show_model(replace(model, points=points_of(CORNERS, [0, 1, 0, 1])))
    assert evaluation.sentence == ""
    evaluation.show_model(model_of(5, 2))
    assert "Scores appear here" in evaluation.sentence
