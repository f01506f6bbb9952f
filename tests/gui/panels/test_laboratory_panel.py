"""The unit laboratory in the window: what it shows, and that nothing is changed before it is applied."""

import numpy as np
import pytest
from PySide6.QtCore import Qt

from engine.insight.laboratory import LaboratoryChanges, LaboratoryQuery
from engine.training.parameter_edits import ParameterEdit, PruneSmallest
from tests.engine.training.runs import bits, take, trainer
from tests.gui.hands import choose, click, press, write


class Bench:
    """The laboratory, open beside a run of three steps."""

    def __init__(self, desk):
        self.desk, self.window = desk, desk.window
        for _ in range(3):
            desk.do("step_batch")
        desk.until(lambda: desk.frame.step == 3 and desk.frame.status == "paused", "three steps")
        desk.do("laboratory")
        self.panel = desk.window.panels["laboratory"]
        self.until_shown()

    def until_shown(self):
        self.desk.until(lambda: self.panel.effects.text(1, 1) not in ("", "–"), "scores")

    def state(self):
        found = []
        self.window.session.capture(found.append, found.append)
        self.desk.until(lambda: found, "copy of the run")
        return found[0].saved.state, [mark.text for mark in found[0].rows.marks]

    def until_answered(self, changes):
        """Wait for the effects of changes, which are reckoned here in a run of its own."""
        own = take(trainer(self.window.document.experiment), 3)
        result = LaboratoryQuery(changes).answer(own)
        self.desk.until(lambda: self.panel.controls.changes == changes, "sliders")
        right = [f"{value:.3f}" for value in result.parts[0].loss]
        shown = lambda: [self.panel.effects.text(1, column) for column in (1, 2)]  # noqa: E731
        self.desk.until(lambda: shown() == right, f"losses {right}")
        return own, result


@pytest.fixture
def bench(desk):
    return Bench(desk)


def test_sliders_show_scores_and_change_nothing_until_applied(bench):
    panel, before = bench.panel, bits(bench.state()[0])
    assert not panel.apply_button.isEnabled()
    choose(panel.controls.layer, 1)
    write(panel.controls.unit, "3")
    write(panel.controls.bias.figure, "0.5")
    write(panel.controls.scale.figure, "2")
    write(panel.controls.prune.figure, "40")
    changes = LaboratoryChanges(1, 2, 0.5, 2.0, pruned=0.4)
    own, result = bench.until_answered(changes)
    assert f"{result.changed} of 75 validation rows" in panel.effects.sentence.text()
    assert len(panel.maps.maps) == 2
    assert bits(bench.state()[0]) == before
    selected = bench.window.context.selection.selected
    assert (selected.layer, selected.unit) == (1, 2)
    click(panel.apply_button)
    own.edit_parameters(
        [
            ParameterEdit(1, "bias", (2,), "add", 0.5),
            ParameterEdit(1, "weight", (..., 2), "multiply", 2.0),
            PruneSmallest(1, 0.4),
        ]
    )
    state, marks = bench.state()
    np.testing.assert_array_equal(state.model["Dense 2.weight"], own.network.parameter_views[1]["weight"])
    np.testing.assert_array_equal(state.model["Dense 2.bias"], own.network.parameter_views[1]["bias"])
    text = "Dense 2, unit 3: bias shifted by 0.5, weights times 2; Pruned 40 % of Dense 2"
    assert marks == [text]
    stack = bench.window.document.undo_stack
    assert (stack.count(), stack.undoText()) == (1, text)
    assert panel.controls.changes == LaboratoryChanges(1, 2)
    bench.desk.do("undo")
    assert bits(bench.state()[0]) == before


def test_a_unit_is_switched_off_by_its_outgoing_weights(bench):
    click(bench.panel.controls.off)
    bench.until_answered(LaboratoryChanges(0, 0, off=True))
    click(bench.panel.apply_button)
    model = bench.state()[0].model
    assert (model["Dense 2.weight"][0] == 0).all()
    assert (model["Dense 2.weight"][1] != 0).all()


def test_noise_and_temperature_are_only_looked_at(bench):
    panel = bench.panel
    write(panel.controls.noise.figure, "0.3")
    write(panel.controls.temperature.figure, "4")
    bench.until_answered(LaboratoryChanges(0, 0, input_noise=0.3, temperature=4.0))
    assert not panel.apply_button.isEnabled()
    assert "worse" in panel.effects.text(1, 3) or "better" in panel.effects.text(1, 3)
    click(panel.reset_button)
    assert panel.controls.changes == LaboratoryChanges(0, 0)
    assert bench.window.document.undo_stack.count() == 0


def test_a_slider_moved_with_the_keyboard_is_a_question_at_once(bench):
    slider = bench.panel.controls.prune.slider
    for _ in range(3):
        press(slider, Qt.Key.Key_PageUp)
    share = bench.panel.controls.prune.value()
    assert share > 0
    bench.until_answered(LaboratoryChanges(0, 0, pruned=share / 100))


def test_what_a_layer_does_not_have_is_disabled_or_said(desk):
    experiment = desk.window.document.experiment
    layers = (experiment.layers[0], {"kind": "layer_norm"}, *experiment.layers[1:])
    values = experiment.model_dump() | {
        "layers": [getattr(one, "model_dump", lambda one=one: one)() for one in layers]
    }
    desk.window.document.edit(type(experiment).model_validate(values), "Add layer normalization")
    desk.until(lambda: desk.window.session.ready and desk.frame.status == "ready", "network")
    desk.do("laboratory")
    panel = desk.window.panels["laboratory"]
    desk.until(lambda: panel.effects.text(1, 1) not in ("", "–"), "scores")
    click(panel.controls.off)
    desk.until(panel.message.isVisible, "sentence")
    assert "Layer normalization, which mixes units" in panel.message.text()
    assert not panel.apply_button.isEnabled()
    click(panel.controls.off)
    desk.until(lambda: not panel.message.isVisible(), "end of the sentence")
    choose(panel.controls.layer, 1)
    assert (
        panel.controls.bias.isEnabled(),
        panel.controls.scale.isEnabled(),
        panel.controls.prune.isEnabled(),
    ) == (False, False, True)
    assert "no bias for each unit" in panel.controls.bias.toolTip()


def test_a_unit_chosen_elsewhere_is_chosen_here(bench):
    bench.window.context.selection.select(layer=1, unit=5)
    assert (bench.panel.controls.layer.value(), bench.panel.controls.unit.value()) == (1, 6)
    bench.until_answered(LaboratoryChanges(1, 5))
    bench.window.context.selection.select(layer=2, unit=1)
    bench.until_answered(LaboratoryChanges(2, 1))


def test_beside_training_it_rests_between_two_questions(bench):
    bench.desk.train_for_long()
    panel = bench.panel
    bench.desk.until(lambda: panel.queries() == (), "rest after an answer")
    bench.desk.until(panel.queries, "next question")
    write(panel.controls.temperature.figure, "9")
    assert panel.queries(), "another question is asked at once"
    bench.desk.until(lambda: panel.effects.text(1, 3) != "–", "effect")
    bench.desk.do("train")
    bench.desk.status("paused")
    assert panel.queries(), "at rest all is shown as it is"
