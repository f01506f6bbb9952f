"""Signals that end a training, and terminals that are gone: what was trained is saved in any case."""

import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from engine.cli import autosave, main, terminal
from engine.cli.terminal import Interruption
from engine.files.run_file import load
from engine.training.trainer import Trainer
from tests.engine.cli.words import result_of, write_experiment
from tests.engine.commands import arguments, environment

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs SIGHUP")

SIGNALLED = {signal.SIGINT: "Interrupted from", signal.SIGTERM: "asked to end", signal.SIGHUP: "was closed"}


def in_the_middle(monkeypatch, step: int, action) -> None:
    """Let something happen before this step is taken."""
    take_step = Trainer._take_step

    def taken(self):
        if self.step == step:
            action()
        return take_step(self)

    monkeypatch.setattr(Trainer, "_take_step", taken)


@pytest.mark.parametrize(("number", "sentence"), SIGNALLED.items(), ids=lambda value: str(value))
def test_each_ends_training_with_a_save(tmp_path, capsys, monkeypatch, number, sentence):
    write_experiment(tmp_path / "a.json", epochs=6)
    in_the_middle(monkeypatch, 16, lambda: signal.raise_signal(number))
    result = result_of(capsys, "a.json", "--out", "a.gradwright", status=128 + number)
    assert sentence in result["stop_reason"]
    assert load(tmp_path / "a.gradwright").state.numbers["step"] == 17


@pytest.mark.parametrize("first", SIGNALLED)
def test_a_closing_terminal_asks_twice_and_breaks_nothing_off(tmp_path, capsys, monkeypatch, first):
    """A login that ends sends SIGTERM and SIGHUP, a terminal SIGHUP by itself and by its shell."""
    write_experiment(tmp_path / "a.json", epochs=6)
    numbers = [first, signal.SIGHUP, signal.SIGHUP]
    in_the_middle(monkeypatch, 16, lambda: [signal.raise_signal(number) for number in numbers])
    save = autosave.save

    def interrupted(path, run):
        for number in (first, *SIGNALLED):
            signal.raise_signal(number)
        return save(path, run)

    monkeypatch.setattr(autosave, "save", interrupted)
    result_of(capsys, "a.json", "--out", "a.gradwright", status=128 + first)
    assert load(tmp_path / "a.gradwright").state.numbers["step"] == 17


def test_what_was_ignored_stays_ignored():
    """As `nohup gradwright train …` asks for."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with Interruption() as interruption:
            signal.raise_signal(signal.SIGHUP)
            assert interruption.sentence == ""
            signal.raise_signal(signal.SIGTERM)
            assert interruption.status == 128 + signal.SIGTERM
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


def test_another_signal_is_no_second_one():
    with Interruption() as interruption:
        signal.raise_signal(signal.SIGTERM)
        signal.raise_signal(signal.SIGINT)
        assert interruption.status == 128 + signal.SIGTERM
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)


class Gone:
    """A stream whose other end is gone."""

    encoding = "utf-8"

    def write(self, text):
        raise OSError(5, "Input/output error")

    flush = write

    def isatty(self):
        return False


@pytest.mark.parametrize("stream", [None, Gone()], ids=["none", "gone"])
def test_nobody_reads_the_notes(tmp_path, monkeypatch, stream):
    """They come before training, in its middle where a save fails, and at its end."""
    write_experiment(tmp_path / "a.json", epochs=2)
    monkeypatch.setattr(autosave, "SECONDS_BETWEEN_SAVES", 0.0)
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stderr", stream)
        terminal.say("Nobody reads this.")
        assert main(["train", "a.json", "--out", "a.gradwright"]) == 0
        assert main(["train", "none.json"]) == 2
    assert load(tmp_path / "a.gradwright").state.numbers["epoch"] == 2


def test_nobody_reads_the_result(tmp_path, monkeypatch):
    write_experiment(tmp_path / "a.json", epochs=2)
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", None)
        assert main(["train", "a.json", "--out", "a.gradwright"]) == 0
    assert load(tmp_path / "a.gradwright").state.numbers["epoch"] == 2


def test_the_terminal_is_closed_in_mid_training(tmp_path):
    """A real one: the system sends SIGHUP, and whatever is printed from then on fails."""
    write_experiment(tmp_path / "a.json", epochs=1_000_000)
    terminal, inside = pty.openpty()
    process = subprocess.Popen(
        arguments("train", "a.json", "--out", "a.gradwright"),
        cwd=tmp_path,
        env=environment(),
        stdin=inside,
        stdout=inside,
        stderr=inside,
        start_new_session=True,
        preexec_fn=lambda: take_as_terminal(inside),
    )
    os.close(inside)
    # The bar says that training is under way.
    while b"epoch" not in os.read(terminal, 4096):
        pass
    os.close(terminal)
    process.wait(timeout=60)
    assert load(tmp_path / "a.gradwright").state.numbers["step"] > 0
    assert [path.name for path in Path(tmp_path).glob(".*")] == []


def take_as_terminal(descriptor: int) -> None:
    """Make it the terminal that this process is ended with."""
    import fcntl
    import termios

    fcntl.ioctl(descriptor, termios.TIOCSCTTY, 0)
