"""Hours of training are never written over: neither what others saved meanwhile, nor more steps."""

import shutil
from pathlib import Path

import pytest

from engine.cli import autosave, main
from engine.files.atomic import file_state
from engine.files.run_file import load, save, saved_run
from engine.training.trainer import Trainer
from tests.engine.cli.words import result_of, sentence_of, write_experiment
from tests.engine.training.runs import experiment, take, trainer


def steps_in(path: Path) -> int:
    return load(path).state.numbers["step"]


@pytest.fixture
def model(tmp_path) -> Path:
    """Two epochs of six steps... as many as the experiment takes."""
    write_experiment(tmp_path / "a.json", epochs=6)
    save(tmp_path / "a.gradwright", saved_run(take(trainer(experiment(epochs=6)), 9)))
    return tmp_path / "a.gradwright"


def in_the_middle(monkeypatch, step: int, action) -> None:
    """Let something happen before this step is taken."""
    take_step = Trainer._take_step

    def taken(self):
        if self.step == step:
            action()
        return take_step(self)

    monkeypatch.setattr(Trainer, "_take_step", taken)


def test_a_file_that_another_program_has_saved_meanwhile(model, tmp_path, capsys, monkeypatch):
    other = tmp_path / "other.gradwright"
    save(other, saved_run(take(trainer(experiment(epochs=60)), 200)))
    in_the_middle(monkeypatch, 12, lambda: shutil.copy(other, model))
    assert main(["train", "a.gradwright", "--out", "a.gradwright"]) == 0
    captured = capsys.readouterr()
    assert steps_in(model) == 200
    assert steps_in(tmp_path / "a 2.gradwright") == steps_in_all(6)
    note = "Note: a.gradwright was changed by another program; the run is saved as a 2.gradwright."
    assert note in captured.err
    assert captured.out.endswith("Saved as a 2.gradwright\n")


def steps_in_all(epochs: int) -> int:
    return epochs * trainer(experiment()).steps_per_epoch


def test_even_one_of_fewer_steps(model, tmp_path, capsys, monkeypatch):
    in_the_middle(monkeypatch, 12, lambda: save(model, saved_run(take(trainer(experiment(epochs=6)), 1))))
    assert main(["train", "a.gradwright", "--out", "a.gradwright"]) == 0
    assert steps_in(model) == 1
    assert steps_in(tmp_path / "a 2.gradwright") == steps_in_all(6)


def test_a_file_that_appears_meanwhile(model, tmp_path, monkeypatch):
    in_the_middle(monkeypatch, 12, lambda: shutil.copy(model, tmp_path / "new.gradwright"))
    assert main(["train", "a.gradwright", "--out", "new.gradwright"]) == 0
    assert steps_in(tmp_path / "new.gradwright") == 9
    assert steps_in(tmp_path / "new 2.gradwright") == steps_in_all(6)


def test_one_that_is_deleted_meanwhile_is_written_again(model, tmp_path, monkeypatch):
    in_the_middle(monkeypatch, 12, model.unlink)
    assert main(["train", "a.gradwright", "--out", "a.gradwright"]) == 0
    assert steps_in(model) == steps_in_all(6)
    assert not (tmp_path / "a 2.gradwright").exists()


def test_a_file_of_more_steps_is_refused_before_training(model, tmp_path, capsys, monkeypatch):
    before = model.read_bytes()
    monkeypatch.setattr(Trainer, "_take_step", None)
    sentence = sentence_of(capsys, "train", "a.json", "--epochs", 1, "--out", "a.gradwright")
    steps = steps_in_all(1)
    assert (
        f"expected a file that holds no more than the {steps} steps of this run, found one with 9" in sentence
    )
    assert model.read_bytes() == before


def test_a_run_that_ends_early_does_not_take_the_place_of_more_steps(model, tmp_path, capsys, monkeypatch):
    def interrupt():
        raise KeyboardInterrupt

    in_the_middle(monkeypatch, 4, interrupt)
    assert main(["train", "a.json", "--out", "a.gradwright"]) == 130
    assert steps_in(model) == 9
    assert steps_in(tmp_path / "a 2.gradwright") == 4
    told = capsys.readouterr().err.splitlines()
    assert told[0] == ("Note: a.gradwright holds more steps so far; the run is saved as a 2.gradwright.")
    assert told[1].endswith("a 2.gradwright holds the run as it was after step 4.")


def test_what_was_saved_beside_it_on_the_way_is_removed_in_the_end(model, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(autosave, "SECONDS_BETWEEN_SAVES", 0.0)
    (tmp_path / "a 2.gradwright").write_bytes(b"somebody's")
    seen = set()
    in_the_middle(monkeypatch, 8, lambda: seen.update(path.name for path in tmp_path.glob("*.gradwright")))
    save(model, saved_run(take(trainer(experiment(epochs=20)), 20)))
    assert result_of(capsys, "a.json", "--epochs", 5, "--out", "a.gradwright")["epochs"] == 5
    assert seen == {"a.gradwright", "a 2.gradwright", "a 3.gradwright"}
    assert {path.name for path in tmp_path.glob("*.gradwright")} == {"a.gradwright", "a 2.gradwright"}
    assert steps_in(model) == steps_in_all(5)
    assert (tmp_path / "a 2.gradwright").read_bytes() == b"somebody's"


def test_saving_again_and_again_is_no_change_by_others(model, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(autosave, "SECONDS_BETWEEN_SAVES", 0.0)
    assert main(["train", "a.gradwright", "--out", "a.gradwright"]) == 0
    assert capsys.readouterr().err == ""
    assert file_state(model).step == steps_in_all(6)
    assert [path.name for path in tmp_path.glob("*.gradwright")] == ["a.gradwright"]
