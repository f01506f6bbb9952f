"""While a file takes long to open, nothing that is done meanwhile is lost or mixed up with it."""

from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMessageBox

from engine.files.run_file import load, save, saved_run
from tests.engine.training.runs import dense, experiment, take, trainer


def test_a_ready_experiment_chosen_while_a_file_opens_is_what_is_trained_and_saved(
    desk, trained, slow_opening, chosen
):
    """It used to overwrite the file with an untrained run, in 18 of 19 tries."""
    before = trained.read_bytes()
    desk.window.files.open(trained)
    desk.window.files.new_from_preset("xor")
    slow_opening.set()
    desk.status("ready")
    desk.do("step_epoch")
    desk.status("paused")
    desk.do("save")
    desk.until(lambda: desk.window.document.path == chosen, "saved file")
    assert trained.read_bytes() == before
    assert load(chosen).experiment.name == "Exclusive or"
    assert load(chosen).state.numbers["step"] == desk.frame.step > 0
    assert {job.title for job in desk.window.jobs.running} <= {"Evaluating"}


def test_the_document_stays_while_a_file_opens_and_cancel_leaves_it(desk, trained, slow_opening):
    desk.do("step_epoch")
    at = desk.status("paused")
    desk.window.document.saved(trained.with_name("spiral.gradwright"))
    seen = []
    desk.window.files.opening.connect(seen.append)
    desk.window.files.open(trained)
    assert seen[-1].title == "Opening big.gradwright"
    desk.window.files.cancel_opening()
    assert seen[-1] is None
    slow_opening.set()
    QTest.qWait(100)
    assert desk.window.document.experiment.name == "Spiral"
    desk.do("step_batch")
    desk.until(lambda: desk.frame.status == "paused" and desk.frame.step == at.step + 1, "one more step")


def test_edits_made_while_a_file_opens_are_asked_about(desk, trained, slow_opening, answers):
    desk.window.files.open(trained)
    desk.set_epochs(77)
    answers.append(QMessageBox.StandardButton.Cancel)
    slow_opening.set()
    desk.until(lambda: not answers, "question")
    assert desk.training.epochs == 77
    answers.append(QMessageBox.StandardButton.Discard)
    desk.window.files.open(trained)
    desk.until(lambda: desk.window.document.path == trained, "opened file")
    assert desk.status("paused").step == 40


def test_training_ordered_while_a_file_opens_is_asked_about(desk, trained, slow_opening, answers):
    desk.window.files.open(trained)
    desk.do("step_epoch")
    desk.status("paused")
    answers.append(QMessageBox.StandardButton.Cancel)
    slow_opening.set()
    desk.until(lambda: not answers, "question")
    assert desk.window.document.experiment.name == "Spiral"


def test_of_two_files_opened_at_once_the_newer_wish_counts(desk, trained, tmp_path, slow_opening):
    other = tmp_path / "other.gradwright"
    save(other, saved_run(take(trainer(experiment([dense(3)])), 7)))
    desk.window.files.open(trained)
    desk.window.files.open(other)
    slow_opening.set()
    desk.until(lambda: desk.window.document.path == other, "opened file")
    assert desk.status("paused").step == 7
    QTest.qWait(50)
    assert desk.window.document.path == other


def test_closing_while_a_file_opens_ends_at_once(desk, trained, slow_opening):
    desk.window.files.open(trained)
    assert desk.window.close()
    assert not desk.window.session.client.thread_.is_alive()
    assert desk.window.jobs.running == []


def test_training_that_goes_on_while_a_file_opens_is_asked_about(
    desk, trained, slow_opening, answers, chosen
):
    desk.set_epochs(1_000_000)
    desk.window.document.saved(chosen)
    desk.do("train")
    desk.window.files.open(trained)
    step = desk.frame.step
    desk.until(lambda: desk.frame.step > step + 3, "more training")
    answers.append(QMessageBox.StandardButton.Cancel)
    slow_opening.set()
    desk.until(lambda: not answers, "question")
    assert desk.window.document.experiment.name == "Spiral"
    desk.until(lambda: desk.frame.step > step + 6, "still training")


def test_a_file_that_has_opened_waits_while_a_question_is_open(
    desk, trained, slow_opening, monkeypatch, chosen
):
    """Save is to save what the question is about, not what a file has put in its place."""
    desk.do("step_epoch")
    desk.status("paused")
    desk.until(lambda: desk.window.document.modified, "unsaved work")

    def answer(box):
        slow_opening.set()
        QTest.qWait(300)
        return QMessageBox.StandardButton.Save

    monkeypatch.setattr(QMessageBox, "exec", answer)
    desk.window.files.open(trained)
    desk.window.files.new_from_preset("xor")
    desk.until(lambda: desk.window.document.experiment.name == "Exclusive or", "the preset")
    saved = load(chosen)
    assert (saved.experiment.name, saved.state.numbers["step"]) == ("Spiral", 11)
