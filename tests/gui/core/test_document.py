"""Edits can be undone, drags are one step, and what is unsaved is known."""

from pathlib import Path

import pytest
from pydantic import Field

from engine.settings import Settings
from gui.core import document as document_module
from gui.core.document import Document


class Sample(Settings):
    rate: float = Field(0.01, gt=0)
    epochs: int = 50


@pytest.fixture
def clock(monkeypatch):
    """Time as the document sees it; a test moves it on."""
    now = [100.0]
    monkeypatch.setattr(document_module.time, "monotonic", lambda: now[0])
    return now


@pytest.fixture
def document(clock):
    return Document(Sample())


def test_edit_undo_redo(document, qtbot):
    seen = []
    document.changed.connect(lambda new, old: seen.append((new.rate, old.rate)))
    document.edit(Sample(rate=0.1), "Change learning rate")
    assert document.undo_stack.undoText() == "Change learning rate"
    document.undo_stack.undo()
    assert document.experiment == Sample()
    document.undo_stack.redo()
    assert document.experiment.rate == 0.1
    assert seen == [(0.1, 0.01), (0.01, 0.1), (0.1, 0.01)]


def test_an_edit_that_changes_nothing_is_no_step(document):
    document.edit(Sample(), "Change nothing")
    assert document.undo_stack.count() == 0
    assert not document.modified


def test_a_drag_is_one_step(document, clock):
    for rate in (0.02, 0.03, 0.04):
        clock[0] += 0.5
        document.edit(Sample(rate=rate), "Change learning rate", "optimizer.learning_rate")
    assert document.undo_stack.count() == 1
    document.undo_stack.undo()
    assert document.experiment.rate == 0.01


def test_a_pause_or_another_field_begins_a_new_step(document, clock):
    document.edit(Sample(rate=0.02), "Change learning rate", "rate")
    clock[0] += 1.5
    document.edit(Sample(rate=0.03), "Change learning rate", "rate")
    document.edit(Sample(rate=0.03, epochs=60), "Change epochs", "epochs")
    document.edit(Sample(rate=0.03, epochs=70), "Add a layer")
    document.edit(Sample(rate=0.03, epochs=80), "Add a layer")
    assert document.undo_stack.count() == 5


def test_a_drag_back_to_its_beginning_leaves_no_step(document):
    document.edit(Sample(rate=0.02), "Change learning rate", "rate")
    document.edit(Sample(), "Change learning rate", "rate")
    assert document.undo_stack.count() == 0
    assert not document.modified


def test_a_drag_does_not_merge_into_what_was_saved(document):
    document.edit(Sample(rate=0.02), "Change learning rate", "rate")
    document.saved(Path("a.gradwright"))
    document.edit(Sample(rate=0.03), "Change learning rate", "rate")
    assert document.modified
    document.undo_stack.undo()
    assert document.experiment.rate == 0.02
    assert not document.modified


def test_modified_follows_edits_saves_and_training(document):
    said = []
    document.modified_changed.connect(said.append)
    document.edit(Sample(rate=0.1), "Change learning rate")
    document.undo_stack.undo()
    document.undo_stack.redo()
    document.saved(Path("a.gradwright"))
    document.touch()
    document.touch()
    document.saved(Path("a.gradwright"))
    assert said == [True, False, True, False, True, False]


def test_loading_starts_afresh(document, qtbot):
    document.edit(Sample(rate=0.1), "Change learning rate")
    document.touch()
    with qtbot.waitSignals([document.changed, document.path_changed, document.modified_changed]):
        document.load(Sample(epochs=7), Path("b.gradwright"))
    assert document.path == Path("b.gradwright")
    assert not document.modified
    assert not document.undo_stack.canUndo()
    assert document.experiment.epochs == 7
