"""What is left of a run that is interrupted or ends in an error, and what is saved on the way."""

import json
import os
import signal

import pytest

from engine.cli import autosave, main
from engine.cli.terminal import Interruption
from engine.errors import UserError
from engine.files import atomic
from engine.files.run_file import load
from engine.training.checkpoint import capture
from engine.training.stepping import StepResult
from engine.training.trainer import Trainer
from tests.engine.cli.words import result_of, sentence_of, write_experiment
from tests.engine.training.runs import bits, experiment, finish, trainer


def test_interrupted_at_a_step_boundary_and_gone_on(tmp_path, capsys, monkeypatch):
    """A signal in the middle of a step: the step is finished, the run is saved and goes on unharmed."""
    write_experiment(tmp_path / "a.json", epochs=6)
    step = Trainer._take_step

    def interrupted(self):
        if self.step == 16:
            signal.raise_signal(signal.SIGINT)
        return step(self)

    with monkeypatch.context() as patch:
        patch.setattr(Trainer, "_take_step", interrupted)
        result = result_of(capsys, "a.json", "--out", "part.gradwright", status=130)
    assert result["stop_reason"] == "Interrupted from the keyboard."
    assert result["epochs"] == 2
    assert load(tmp_path / "part.gradwright").state.numbers["step"] == 17
    result_of(capsys, "part.gradwright", "--out", "all.gradwright")
    whole = capture(finish(trainer(experiment(epochs=6))))
    assert bits(load(tmp_path / "all.gradwright").state) == bits(whole)


def test_a_second_interruption_does_not_wait():
    with Interruption() as interruption:
        signal.raise_signal(signal.SIGINT)
        assert interruption.status == 130
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_an_error_in_mid_training_leaves_what_was_trained(tmp_path, capsys, monkeypatch):
    write_experiment(tmp_path / "a.json", epochs=6)
    step = Trainer._take_step

    def exhausted(self):
        if self.step == 16:
            raise MemoryError
        return step(self)

    with monkeypatch.context() as patch:
        patch.setattr(Trainer, "_take_step", exhausted)
        assert main(["train", "a.json", "--out", "part.gradwright"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    note, sentence = captured.err.splitlines()
    assert note == "Note: part.gradwright holds the run as it was after step 16."
    assert "expected enough memory" in sentence
    result_of(capsys, "part.gradwright", "--out", "all.gradwright")
    whole = capture(finish(trainer(experiment(epochs=6))))
    assert bits(load(tmp_path / "all.gradwright").state) == bits(whole)


def test_a_second_ctrl_c_leaves_what_was_trained(tmp_path, capsys, monkeypatch):
    write_experiment(tmp_path / "a.json", epochs=6)
    step = Trainer._take_step

    def interrupted(self):
        if self.step == 16:
            signal.raise_signal(signal.SIGINT)
            signal.raise_signal(signal.SIGINT)
        return step(self)

    monkeypatch.setattr(Trainer, "_take_step", interrupted)
    assert main(["train", "a.json", "--out", "part.gradwright"]) == 130
    told = "gradwright: interrupted; part.gradwright holds the run as it was after step 16.\n"
    assert capsys.readouterr().err == told
    assert load(tmp_path / "part.gradwright").state.numbers["step"] == 16


def test_a_step_without_its_record_is_not_saved(tmp_path, capsys, monkeypatch):
    """Such a file could not be opened; the one that was there stays."""
    write_experiment(tmp_path / "a.json", epochs=6)
    result_of(capsys, "a.json", "--epochs", 1, "--out", "a.gradwright")
    kept = (tmp_path / "a.gradwright").read_bytes()

    def interrupted(self, place, updater):
        raise KeyboardInterrupt

    monkeypatch.setattr(StepResult, "row", interrupted)
    assert main(["train", "a.gradwright", "--epochs", "6", "--out", "a.gradwright"]) == 130
    assert capsys.readouterr().err == "gradwright: interrupted; no file was changed.\n"
    assert (tmp_path / "a.gradwright").read_bytes() == kept


def test_a_run_is_saved_now_and_then(tmp_path, capsys, monkeypatch):
    """At ends of epochs, not more often than it is to be; a disk that is full for a while ends nothing."""
    write_experiment(tmp_path / "a.json", epochs=6)
    saved, seconds, epoch_done = [], [0.0], autosave.Autosave.epoch_done

    def note(path, run):
        saved.append(run.state.numbers["epoch"])
        if len(saved) == 1:
            raise UserError("a.gradwright", expected="room", got="none", help="Free some.")

    def epoch_after_100_seconds(keeper):
        seconds[0] += 100
        epoch_done(keeper)

    monkeypatch.setattr(autosave, "monotonic", lambda: seconds[0])
    monkeypatch.setattr(autosave.Autosave, "epoch_done", epoch_after_100_seconds)
    monkeypatch.setattr(autosave, "SECONDS_BETWEEN_SAVES", 150.0)
    monkeypatch.setattr(autosave, "save", note)
    assert main(["train", "a.json", "--out", "a.gradwright"]) == 0
    assert saved == [2, 4, 6]
    assert capsys.readouterr().err.splitlines() == [
        "Note: the run could not be saved. a.gradwright: expected room, found none. Free some."
    ]


def test_a_save_that_fails_at_the_end_does_not_hide_the_result(tmp_path, capsys, monkeypatch):
    def full(*_):
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(atomic.os, "fsync", full)
    write_experiment(tmp_path / "a.json", epochs=1)
    assert main(["train", "a.json", "--json", "--out", "a.gradwright"]) == 2
    captured = capsys.readouterr()
    assert json.loads(captured.out)["epochs"] == 1
    assert "a.gradwright: expected a place that can be written to, found no space left" in captured.err
    assert not (tmp_path / "a.gradwright").exists()


def test_too_little_memory_is_a_sentence(tmp_path, capsys, monkeypatch):
    def exhausted(*_):
        raise MemoryError

    monkeypatch.setattr(Trainer, "_take_step", exhausted)
    write_experiment(tmp_path / "a.json", epochs=1)
    assert "expected enough memory" in sentence_of(capsys, "train", "a.json")


def test_interrupted_before_training(tmp_path, capsys, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("engine.cli.train.open_run", interrupted)
    assert main(["train", "iris"]) == 130
    assert capsys.readouterr().err == "gradwright: interrupted; no file was changed.\n"
