"""Networks with each kind of layer in the inspector: every layer, in both themes, and each step's number."""

import os

import numpy as np
import pytest

from engine.data import prepare
from engine.layers.conv import Conv2D
from engine.layers.dropout import Dropout
from engine.training.trainer import Trainer
from gui.core.messages import Answers
from gui.core.model_summary import summarize
from gui.kit import theme
from gui.panels.inspector.view import InspectorView
from tests.gui.conftest import picture
from tests.gui.contexts import panel_context
from tests.gui.hands import click
from tests.gui.panel_runs import prepared_of
from tests.gui.panels.inspector.conftest import press_at
from tests.gui.panels.models import shown
from tests.gui.test_every_layer import CASES, experiment_with

SIZE = (820, 900)
PICTURES = os.environ.get("INSPECTOR_PICTURES", "")


def inspected(qtbot, experiment):
    """A view that shows the trace of the first sample."""
    trainer = Trainer(experiment, prepare(experiment.data, experiment.data.load(), experiment.dtype))
    view = shown(InspectorView(panel_context(experiment)), SIZE)
    qtbot.addWidget(view)
    prepared = prepared_of(trainer)
    view.show_prepared(prepared)
    view.show_model(summarize(prepared))
    answer(view, trainer)
    return view, trainer


def answer(view, trainer):
    """What the worker would answer now."""
    view.refresh(Answers(1, trainer.step, {query: query.answer(trainer) for query in view.queries()}))


@pytest.mark.parametrize("layer", CASES, ids=lambda layer: layer.kind)
def test_each_layer_is_shown_in_both_themes(qtbot, qapp, tmp_path, layer):
    experiment, index = experiment_with(layer, tmp_path)
    view, _ = inspected(qtbot, experiment)
    trace = view.inspection.trace
    assert np.isfinite(trace.loss)
    if not view.page.shows_diagram:
        press_at(view.layers.strip, view.layers.strip.area_of(index).center().toPoint())
        assert view.inspection.focus.layer == index
    for phase in ("forward", "backward"):
        click(view.bar.phases.chips[phase])
        assert view.derivation.value == pytest.approx(trace.number(view.derivation.place))
        total = sum(term.value for term in view.derivation.terms) + view.derivation.rest
        assert total == pytest.approx(view.derivation.sum, rel=1e-6, abs=1e-9)
    light = picture(view)
    theme.apply(qapp, "dark")
    assert picture(view) != light
    if PICTURES:
        light.save(f"{PICTURES}/{layer.kind}.png")


def test_the_window_of_a_convolution_is_framed(qtbot, tmp_path):
    experiment, index = experiment_with(Conv2D(), tmp_path)
    view, trainer = inspected(qtbot, experiment)
    press_at(view.layers.strip, view.layers.strip.area_of(index).center().toPoint())
    click(view.bar.phases.chips["forward"])
    row, column, _ = view.inspection.focus.index
    rows, columns = ({cell[axis] for cell in view.layers.field} for axis in (0, 1))
    height, width = trainer.network.shapes[index][:2]
    assert rows == set(range(max(row - 1, 0), min(row + 2, height)))
    assert columns == set(range(max(column - 1, 0), min(column + 2, width)))


def test_the_mask_of_dropout_is_drawn_as_in_training(qtbot, tmp_path):
    experiment, index = experiment_with(Dropout(rate=0.5), tmp_path)
    view, trainer = inspected(qtbot, experiment)
    layer = view.inspection.trace.layers[index]
    np.testing.assert_array_equal(layer.y, layer.x)
    click(view.bar.sample.training)
    answer(view, trainer)
    layer = view.inspection.trace.layers[index]
    # Those that stay are doubled.
    np.testing.assert_allclose(layer.y[layer.y != 0], 2 * layer.x[layer.y != 0])
    assert (layer.y == 0).any()
