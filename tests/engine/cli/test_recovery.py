"""A run of `gradwright train` that was killed is in its file at the next start, a few seconds old at most."""

import os
import signal
import subprocess
import sys
import time

import pytest

from engine.cli import autosave as recovery_module
from engine.cli import main as command_line
from engine.cli.autosave import PROGRAM, RunJournal, restore_interrupted
from engine.files import journal as journal_module
from engine.files.journal import Journal, journal_root
from engine.files.left_behind import left_behind
from engine.files.run_file import load, resume, save, saved_run
from tests.engine.training.runs import experiment, take, trainer

PATIENCE_S = 60.0


@pytest.fixture(autouse=True)
def own_journal(tmp_path, monkeypatch):
    monkeypatch.setenv(journal_module.ENVIRONMENT_VARIABLE, str(tmp_path / "state"))


@pytest.fixture
def at_once(monkeypatch):
    """Notes are due at every step."""
    monkeypatch.setattr(recovery_module, "LEAST_INTERVAL_S", 0.0)
    monkeypatch.setattr(recovery_module, "next_interval", lambda *_: 0.0)


def noted(run, path, steps):
    """A journal as a killed process leaves it, after so many steps."""
    keeper = RunJournal(run, path)
    take(run, steps)
    keeper.step_done()
    keeper.end(saved=False)
    return run


def test_a_broken_off_run_is_put_into_its_file_and_goes_on(at_once, tmp_path, capfd):
    path = tmp_path / "run.gradwright"
    run = noted(trainer(experiment()), path, 30)
    restore_interrupted(path)
    assert "holds the run that was broken off at step 30" in capfd.readouterr().err
    again = resume(load(path), run.dataset, path.name)
    losses = take(run, 10).history.steps.read("loss")
    assert list(take(again, 10).history.steps.read("loss")) == list(losses)
    assert list(journal_root().iterdir()) == []


def test_a_file_that_holds_as_much_is_left_as_it_is(at_once, tmp_path, capfd):
    path = tmp_path / "run.gradwright"
    run = noted(trainer(experiment()), path, 30)
    save(path, saved_run(run))
    before = path.read_bytes()
    restore_interrupted(path)
    assert path.read_bytes() == before
    assert capfd.readouterr().err == ""
    assert list(journal_root().iterdir()) == []


def test_runs_of_other_files_and_of_the_window_are_left_alone(at_once, tmp_path):
    run = noted(trainer(experiment()), tmp_path / "other.gradwright", 30)
    window = Journal(journal_root(), "window")
    window.write_document(run.experiment, tmp_path / "run.gradwright", None, 1)
    window.close()
    restore_interrupted(tmp_path / "run.gradwright")
    assert not (tmp_path / "run.gradwright").exists()
    works = left_behind(journal_root())
    assert {work.program for work in works} == {"window", PROGRAM}
    for work in works:
        work.close()


def test_a_run_that_is_saved_leaves_no_journal(at_once, tmp_path):
    keeper = RunJournal(take(trainer(experiment()), 3), tmp_path / "run.gradwright")
    keeper.step_done()
    keeper.end(saved=True)
    assert list(journal_root().iterdir()) == []


def test_a_journal_that_cannot_be_written_is_said_once_and_training_goes_on(
    at_once, tmp_path, monkeypatch, capfd
):
    def full(descriptor):
        raise OSError(28, "No space left on device")

    keeper = RunJournal(run := trainer(experiment()), tmp_path / "run.gradwright")
    monkeypatch.setattr(os, "fsync", full)
    for _ in range(20):
        take(run, 1)
        keeper.step_done()
        time.sleep(0.002)
    monkeypatch.undo()
    keeper.end(saved=True)
    assert capfd.readouterr().err.count("no space left on device") == 1


def test_the_command_restores_what_a_kill_has_broken_off(tmp_path):
    (tmp_path / "spiral.json").write_text(experiment(epochs=1_000_000).to_json())
    program = [sys.executable, "-c", "import sys; from gui.app import main; sys.exit(main())"]
    command = [*program, "train", "spiral.json", "--out", "run.gradwright"]
    with subprocess.Popen(command, cwd=tmp_path, env=os.environ | {"PYTHONPATH": os.getcwd()}) as process:
        limit = time.monotonic() + PATIENCE_S
        while not list(journal_root().glob("*/run.json")):
            assert time.monotonic() < limit
            assert process.poll() is None
            time.sleep(0.05)
        process.send_signal(signal.SIGKILL)
    assert not (tmp_path / "run.gradwright").exists()
    restore_interrupted(tmp_path / "run.gradwright")
    assert load(tmp_path / "run.gradwright").state.numbers["step"] > 0


def test_a_file_that_is_no_longer_the_run_s_is_left_alone(at_once, tmp_path, capfd):
    path = tmp_path / "run.gradwright"
    noted(trainer(experiment()), path, 30)
    save(path, saved_run(take(trainer(experiment().replace(name="Another")), 10)))
    theirs = path.read_bytes()
    restore_interrupted(path)
    assert path.read_bytes() == theirs
    beside = load(tmp_path / "run 2.gradwright")
    assert beside.state.numbers["step"] == 30
    assert "stays as it is" in capfd.readouterr().err


def test_a_file_that_the_killed_process_had_saved_itself_is_replaced(at_once, tmp_path):
    path = tmp_path / "run.gradwright"
    run = take(trainer(experiment()), 5)
    keeper = RunJournal(run, path)
    keeper.file_saved(save(path, saved_run(run)))
    take(run, 20)
    keeper.step_done()
    keeper.end(saved=False)
    assert restore_interrupted(path) == {path}
    assert load(path).state.numbers["step"] == 25


def test_a_run_that_was_restored_is_not_replaced_by_one_that_begins_again(
    at_once, tmp_path, monkeypatch, capfd
):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "run.gradwright"
    noted(trainer(experiment(epochs=20)), path, 30)
    (tmp_path / "spiral.json").write_text(experiment(epochs=20).to_json())
    assert command_line(["train", "spiral.json", "--out", "run.gradwright"]) != 0
    assert "gradwright train run.gradwright --out run.gradwright" in capfd.readouterr().err
    assert load(path).state.numbers["step"] == 30
    assert command_line(["train", "run.gradwright", "--out", "run.gradwright"]) == 0
    assert load(path).state.numbers["epoch"] == 20


@pytest.mark.parametrize("error", [KeyError("a fault"), MemoryError()])
def test_whatever_is_wrong_with_the_journal_ends_no_training(at_once, tmp_path, monkeypatch, capfd, error):
    keeper = RunJournal(run := trainer(experiment()), tmp_path / "run.gradwright")

    def fault(*arguments):
        raise error

    place = "captured_run" if isinstance(error, MemoryError) else "HistoryRows"
    monkeypatch.setattr(
        recovery_module, place, fault if place == "captured_run" else type("Rows", (), {"of": fault})
    )
    for _ in range(3):
        take(run, 1)
        keeper.step_done()
    keeper.end(saved=True)
    assert capfd.readouterr().err.count("cannot be saved every few seconds") == 1
