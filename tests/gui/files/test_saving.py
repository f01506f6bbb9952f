"""Saving replaces nothing unasked, in the right order, and says where it is not possible."""

import itertools
import threading

from engine.files.atomic import file_state
from engine.files.run_file import load, save, saved_run
from gui.core import saving as saving_module
from tests.engine.training.runs import dense, experiment, take, trainer, with_training


def test_a_save_makes_no_run_and_asks_before_it_replaces_a_longer_one(desk, trained, click):
    asked, wanted = click
    desk.open(trained)
    before = trained.read_bytes()
    desk.window.document.edit(desk.window.document.experiment.replace(layers=()), "Delete layer")
    wanted.append("Cancel")
    desk.do("save")
    desk.until(lambda: asked, "question")
    assert "40 training steps" in asked[0]
    assert "0 training steps" in asked[0]
    assert trained.read_bytes() == before
    assert desk.window.document.modified
    wanted.append("Replace the file")
    desk.do("save")
    desk.until(lambda: not desk.window.document.modified, "saved file")
    assert load(trained).experiment.layers == ()


def test_a_file_that_another_program_has_replaced_is_not_replaced_unasked(desk, trained, click, chosen):
    """Two windows on one file: the last writer used to win unasked."""
    asked, wanted = click
    desk.open(trained)
    save(trained, saved_run(take(trainer(experiment([dense(5)], epochs=1_000_000)), 55)))
    theirs = trained.read_bytes()
    desk.do("step_batch")
    desk.status("paused")
    wanted.append("Save as…")
    desk.do("save")
    desk.until(lambda: desk.window.document.path == chosen, "file under another name")
    assert "changed by another program" in asked[0]
    assert "55 training steps" in asked[0]
    assert trained.read_bytes() == theirs
    assert load(chosen).state.numbers["step"] == 41


def test_saving_again_and_again_asks_nothing(desk, trained):
    desk.open(trained)
    for step in range(41, 45):
        desk.do("step_batch")
        desk.until(lambda step=step: desk.frame.step == step and desk.frame.status == "paused", "step")
        desk.do("save")
        desk.until(lambda: not desk.window.document.modified, "saved file")
        assert file_state(trained).step == step


def test_saves_are_written_in_the_order_in_which_they_were_asked_for(desk, tmp_path, monkeypatch):
    """The first write takes longest: written side by side, it would replace the later ones."""
    path, turns = tmp_path / "run.gradwright", itertools.count()
    right = saving_module.save

    def slow_at_first(*arguments):
        if next(turns) == 0:
            threading.Event().wait(0.3)
        return right(*arguments)

    monkeypatch.setattr(saving_module, "save", slow_at_first)
    for step in range(1, 4):
        desk.do("step_batch")
        desk.until(lambda step=step: desk.frame.step == step and desk.frame.status == "paused", "step")
        desk.window.files.save_to(path)
    desk.until(lambda: not desk.window.jobs.running and not desk.window.document.modified, "saved files")
    assert load(path).state.numbers["step"] == 3


def test_what_cannot_be_saved_says_so_and_training_goes_on(desk, tmp_path, monkeypatch):
    problems = []
    desk.window.files.problem.disconnect(desk.window.messages.show_problem)
    desk.window.files.problem.connect(lambda title, error: problems.append(error))
    desk.train_for_long()
    desk.window.files.save_to(tmp_path / "nowhere" / "run.gradwright")
    desk.until(lambda: problems, "sentence")
    assert "Make the folder first" in problems[0].help
    step = desk.frame.step
    desk.until(lambda: desk.frame.step > step and desk.frame.status == "training", "more steps")
    assert desk.window.document.modified


def test_an_edit_made_while_a_new_name_is_saved_leaves_the_file_of_before_alone(
    desk, trained, slow_saving, chosen
):
    """Ctrl+S used to go on saving to the old name, over what was there."""
    desk.open(trained)
    before = trained.read_bytes()
    desk.window.files.save_as()
    desk.set_epochs(7)
    slow_saving.set()
    desk.until(lambda: desk.window.document.path == chosen, "new name")
    assert desk.window.document.modified
    desk.do("save")
    desk.until(lambda: not desk.window.document.modified, "saved edit")
    assert load(chosen).experiment.training.epochs == 7
    assert trained.read_bytes() == before


def test_a_save_under_way_is_ended_before_the_window_closes(desk, trained, slow_saving, chosen):
    desk.open(trained)
    desk.window.files.save_as()
    assert not desk.window.close()
    slow_saving.set()
    desk.until(lambda: not desk.window.isVisible(), "closed window")
    assert load(chosen).state.numbers["step"] == 40


def test_a_run_that_refuses_an_edit_is_saved_with_what_it_has_learned(desk, tmp_path, monkeypatch):
    desk.do("step_epoch")
    step = desk.status("paused").step
    refuse_changes(monkeypatch)
    desk.window.document.edit(with_training(desk.window.document.experiment, batch_size=8), "Batch size")
    desk.status("invalid")
    path = tmp_path / "run.gradwright"
    desk.window.files.save_to(path)
    desk.until(lambda: desk.window.document.path == path, "saved file")
    saved = load(path)
    assert (saved.state.numbers["step"], saved.experiment.training.batch_size) == (step, 32)
    assert desk.window.document.modified, "the edit is not in the file"


def refuse_changes(monkeypatch):
    def change(trainer, experiment):
        raise MemoryError

    monkeypatch.setattr("engine.training.trainer.Trainer.change", change)
