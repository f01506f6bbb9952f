"""`gradwright` with pipes and terminals: readers that go away, full disks, letters, progress, Ctrl+C."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from engine.files.run_file import load
from tests.end_to_end.long_runs import LONG, PATIENCE_S, posix, write
from tests.engine.commands import CODE, arguments, environment, gradwright


@posix
@pytest.mark.parametrize("words", [["train", "xor", "--epochs", "1"], ["--help"], ["train", "xor", "--json"]])
def test_a_reader_that_goes_away_causes_no_traceback(words, tmp_path):
    read, written = os.pipe()
    os.close(read)
    process = subprocess.Popen(
        arguments(*words), cwd=tmp_path, env=environment(), stdout=written, stderr=subprocess.PIPE, text=True
    )
    os.close(written)
    _, err = process.communicate(timeout=PATIENCE_S)
    assert err == ""
    assert process.returncode == 141


@posix
def test_a_disk_that_is_full_behind_standard_output():
    if not Path("/dev/full").exists():
        pytest.skip("needs /dev/full")
    with open("/dev/full", "w") as full:
        result = subprocess.run(
            arguments("train", "xor", "--epochs", "1"),
            env=environment(),
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert result.returncode == 2
    assert result.stderr.count("\n") == 1
    assert "no space left on device" in result.stderr


def test_letters_that_the_terminal_does_not_have(tmp_path):
    path = write(tmp_path / "a.json", epochs=1)
    values = json.loads(path.read_text())
    values["data"]["split"] |= {"test": 0.0}
    path.write_text(json.dumps(values))
    for words in (["--json"], []):
        result = gradwright("train", path, *words, PYTHONIOENCODING="ascii")
        assert (result.returncode, result.stderr) == (0, "")


@posix
def test_a_progress_bar_only_on_a_terminal(tmp_path):
    import pty

    write(tmp_path / "a.json", epochs=300)
    assert gradwright("train", "a.json", cwd=tmp_path).stderr == ""
    terminal, inside = pty.openpty()
    process = subprocess.Popen(
        arguments("train", "a.json", "--json"),
        cwd=tmp_path,
        env=environment(TERM="xterm", COLUMNS="100"),
        stdout=subprocess.PIPE,
        stderr=inside,
        text=True,
    )
    os.close(inside)
    shown = b""
    while True:
        try:
            data = os.read(terminal, 4096)
        except OSError:
            break
        if not data:
            break
        shown += data
    os.close(terminal)
    out, _ = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0
    assert json.loads(out)["epochs"] == 300
    assert b"step/s" in shown
    assert b"Traceback" not in shown


@posix
def test_ctrl_c_typed_on_a_terminal(tmp_path):
    """The key itself: the terminal sends the signal to the process in front."""
    import pty

    write(tmp_path / "a.json", epochs=LONG)
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(tmp_path)
        words = ["train", "a.json", "--out", "a.gradwright"]
        os.execve(sys.executable, [sys.executable, "-c", CODE, *words], environment(TERM="xterm"))
    shown, typed = b"", False
    while True:
        try:
            data = os.read(terminal, 4096)
        except OSError:
            break
        if not data:
            break
        shown += data
        if b"loss" in shown and not typed:
            os.write(terminal, b"\x03")
            typed = True
    _, status = os.waitpid(pid, 0)
    os.close(terminal)
    assert os.waitstatus_to_exitcode(status) == 130
    assert b"Interrupted from the keyboard." in shown
    assert b"Saved as a.gradwright" in shown
    assert load(tmp_path / "a.gradwright").state.numbers["stop_kind"] == "stopped"
