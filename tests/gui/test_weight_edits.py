"""Weights typed in the window: one step to undo, made while the network trains or rests, saved with it."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMessageBox

from engine.files.journal import journal_root
from engine.files.left_behind import left_behind
from engine.files.run_file import load
from engine.training.checkpoint import capture
from tests.engine.training.runs import bits, finish, take, trainer
from tests.gui.hands import click, press

FIRST = (0, "weight", (1, 3))


class Pen:
    """A hand that types weights in the window, and an eye that reads them from the run."""

    def __init__(self, desk):
        self.desk, self.window = desk, desk.window
        self.weights = desk.window.context.weights

    def read(self):
        """The parameters of all layers and the marks of the run, after all commands."""
        found = []
        self.window.session.capture(found.append, found.append)
        self.desk.until(lambda: found, "copy of the run")
        copy = found[0]
        return copy.saved.state, [mark.text for mark in copy.rows.marks]

    def value(self, name="Dense 1.weight", index=(1, 3)):
        return self.read()[0].model[name][index]

    def model(self):
        return self.window.panels.model

    def open_editor(self):
        array = self.read()[0].model["Dense 1.weight"]
        place = self.window.mapToGlobal(QPoint(300, 300))
        return self.weights.open_editor(self.window, place, self.model(), *FIRST, array)

    def type(self, text):
        editor = self.open_editor()
        (field,) = editor.fields
        QTest.keyClicks(field, text)
        press(field, Qt.Key.Key_Return)
        return editor


@pytest.fixture
def pen(desk):
    return Pen(desk)


def test_a_fraction_is_typed_and_undone_and_made_again(pen):
    """Before any step: the run starts from the edited weight, and Reset goes back to that of the seed."""
    before = pen.value()
    assert not pen.window.document.modified
    editor = pen.open_editor()
    assert editor.accessibleName() == "Dense 1, weight from x₂ to unit 4"
    assert editor.fields[0].text() == str(before)
    QTest.keyClicks(editor.fields[0], "-2/5")
    press(editor.fields[0], Qt.Key.Key_Return)
    assert pen.value() == np.float32(-0.4)
    assert pen.window.document.modified
    assert pen.window.document.undo_stack.undoText() == "Set Dense 1 weight 2,4 to −0.4"
    pen.desk.do("undo")
    assert pen.value() == before
    assert not pen.window.document.modified
    pen.desk.do("redo")
    assert pen.value() == np.float32(-0.4)
    mark = "Set Dense 1 weight 2,4 to −0.4"
    assert pen.read()[1] == [mark, f"Undone: {mark}", mark]
    assert pen.window.actions_["reset"].isEnabled()
    pen.desk.do("reset")
    pen.desk.until(lambda: pen.window.session.ready, "reset run")
    assert pen.value() == before
    pen.desk.do("undo")
    assert pen.value() == np.float32(-0.4), "the edited network was kept"


def test_escape_and_the_same_number_leave_the_weight_alone(pen):
    editor = pen.open_editor()
    QTest.keyClicks(editor.fields[0], "7")
    press(editor.fields[0], Qt.Key.Key_Escape)
    pen.type(str(pen.value()))
    assert pen.window.document.undo_stack.count() == 0
    assert pen.read()[1] == []


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("1/0", "'1/0' divides by 0."),
        ("a third", "found 'a third'"),
        ("1/", "found nothing"),
        ("1e39", "found 1e39"),
        ("1,500", "'1,500' can mean 1500 or 1.500. Write one of these."),
    ],
)
def test_what_is_no_weight_gets_a_sentence_and_the_window_stays(pen, text, sentence):
    editor = pen.type(text)
    assert editor.isVisible()
    assert sentence in editor.message.text()
    press(editor.fields[0], Qt.Key.Key_Escape)
    assert pen.window.document.undo_stack.count() == 0


def test_the_weights_of_a_unit_are_one_step_to_undo(pen):
    state = pen.read()[0].model
    weight, bias = state["Dense 1.weight"], state["Dense 1.bias"]
    place = pen.window.mapToGlobal(QPoint(300, 300))
    editor = pen.weights.open_unit_editor(pen.window, place, pen.model(), 0, 2, weight, bias)
    assert editor.accessibleName() == "Dense 1, unit 3"
    for field, text in zip(editor.fields, ("0,5", "1/3", ".25"), strict=True):
        field.selectAll()
        QTest.keyClicks(field, text)
    press(editor.fields[1], Qt.Key.Key_Return)
    state = pen.read()[0].model
    assert state["Dense 1.bias"][2] == 0.5
    assert state["Dense 1.weight"][:, 2].tolist() == [np.float32(1 / 3), 0.25]
    assert pen.window.document.undo_stack.count() == 1
    pen.desk.do("undo")
    np.testing.assert_array_equal(pen.read()[0].model["Dense 1.weight"], weight)


def test_an_edit_while_training_lands_between_two_steps_and_undo_says_what_stays(pen):
    pen.desk.train_for_long()
    before = pen.desk.frame.step
    pen.weights.set(*FIRST, 0.5)
    pen.desk.until(lambda: pen.desk.frame.step > before + 20, "more steps")
    assert pen.desk.frame.status == "training"
    old = pen.window.document.undo_stack.count()
    pen.desk.do("undo")
    sentence = pen.window.status_line
    pen.desk.until(lambda: "as they were before the edit" in sentence.sentence, "note")
    pen.desk.do("train")
    pen.desk.status("paused")
    assert pen.window.document.undo_stack.count() == old
    assert [text for text in pen.read()[1] if "Dense" in text] == [
        "Set Dense 1 weight 2,4 to 0.5",
        "Undone: Set Dense 1 weight 2,4 to 0.5",
    ]


def test_a_paused_run_goes_on_bit_for_bit_as_if_edited_by_hand(pen):
    pen.desk.set_epochs(3)
    for _ in range(2):
        pen.desk.do("step_batch")
    pen.desk.until(lambda: pen.desk.frame.step == 2 and pen.desk.frame.status == "paused", "two steps")
    pen.type("1.25")
    pen.desk.do("train")
    pen.desk.status("finished")
    by_hand = take(trainer(pen.window.document.experiment), 2)
    by_hand.network.parameter_views[0]["weight"][1, 3] = 1.25
    found, right = bits(pen.read()[0]), bits(capture(finish(by_hand)))
    assert found == right


def test_a_saved_file_has_the_number_and_only_later_edits_are_unsaved(pen, tmp_path):
    path = tmp_path / "edited.gradwright"
    pen.type("0.75")
    pen.window.files.saving.save_to(path)
    pen.desk.until(lambda: pen.window.document.path == path, "saved file")
    assert not pen.window.document.modified
    saved = load(path)
    assert saved.state.model["Dense 1.weight"][1, 3] == 0.75
    assert saved.history["marks/text"].tolist() == ["Set Dense 1 weight 2,4 to 0.75"]
    pen.type("0.5")
    assert pen.window.document.modified
    pen.desk.do("undo")
    assert not pen.window.document.modified
    assert pen.value() == 0.75


def test_a_number_that_the_network_cannot_hold_is_refused_in_a_sentence(pen):
    before = pen.value()
    pen.weights.set(*FIRST, 1e39)
    pen.desk.until(lambda: pen.window.findChildren(QMessageBox), "message")
    (box,) = pen.window.findChildren(QMessageBox)
    assert box.text().startswith("Dense 1, weight 2,4: expected numbers up to 3.4e+38 in size")
    click(box.button(QMessageBox.StandardButton.Ok))
    assert pen.value() == before


def test_only_the_edited_network_is_taken_back(pen):
    """The edit of a network that is no longer kept cannot be undone in another one."""
    pen.type("0.75")
    for units in (9, 10, 11, 12):
        experiment = pen.window.document.experiment
        layers = (experiment.layers[0].replace(units=units), *experiment.layers[1:])
        pen.window.document.edit(experiment.replace(layers=layers), "Units")
        pen.desk.until(lambda: pen.window.session.ready, "network of so many units")
        pen.desk.do("step_batch")
        pen.desk.status("paused")
    for _ in range(4):
        pen.desk.do("undo")
        pen.desk.until(lambda: pen.window.session.ready, "network of before")
    fresh = trainer(pen.window.document.experiment).network.parameter_views[0]["weight"][1, 3]
    assert pen.value() == fresh, "three networks are kept, and this was the fifth"
    pen.desk.do("undo")
    assert pen.window.status_line.sentence == "The network with the edited weights is no longer kept."
    pen.desk.do("redo")
    assert pen.value() == 0.75, "made again, it is made in the network that there is"


@pytest.mark.parametrize("steps", [0, 2])
def test_what_ends_the_program_loses_no_edited_weight(pen, steps):
    """Also before any step, and after the last step was noted."""
    for _ in range(steps):
        pen.desk.do("step_batch")
    pen.desk.until(lambda: pen.desk.frame.step == steps, "steps")
    journal = pen.window.recovery.autosave
    pen.desk.until(lambda: journal.up_to_date, "noted work")
    pen.type("0.75")
    pen.window.end(143)
    pen.desk.until(lambda: not pen.window.isVisible(), "closed window")
    (work,) = left_behind(journal_root())
    saved = work.load()
    assert saved.state.model["Dense 1.weight"][1, 3] == 0.75
    assert saved.history["marks/text"].tolist() == ["Set Dense 1 weight 2,4 to 0.75"]
    work.discard()


def test_a_network_at_rest_is_scored_again_with_its_edited_weights(pen):
    pen.desk.do("step_epoch")
    pen.desk.status("paused")
    scored = []
    pen.window.session.scored.connect(scored.append)
    pen.desk.until(lambda: scored, "scores")
    pen.type("5")
    pen.desk.until(lambda: len(scored) > 1, "scores of the edited network")
    state = pen.read()[0]
    by_hand = trainer(pen.window.document.experiment)
    for name, array in by_hand.model.state_dict().items():
        array[...] = state.model[name]
    assert [one.loss for one in scored[-1].scores] == [
        by_hand.evaluate(one.part).loss for one in scored[-1].scores
    ]
