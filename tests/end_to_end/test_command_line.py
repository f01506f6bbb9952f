"""`gradwright` in a process of its own: signals, pipes, terminals, exit statuses, and what it loads."""

import csv
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from engine.files.run_file import load
from tests.end_to_end.long_runs import LONG, PATIENCE_S, posix, write
from tests.engine.commands import CODE, ROOT, environment, gradwright
from tests.engine.training.runs import bits


def start_saving_often(*words, cwd: Path) -> subprocess.Popen[str]:
    hurried = f"from engine.cli import autosave; autosave.SECONDS_BETWEEN_SAVES = 0.05; {CODE}"
    return subprocess.Popen(
        [sys.executable, "-c", hurried, *words],
        cwd=cwd,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_for(path: Path, process: subprocess.Popen[str]) -> None:
    """Until the process has written this file."""
    deadline = time.monotonic() + PATIENCE_S
    while not path.exists():
        assert process.poll() is None, "it has ended"
        assert time.monotonic() < deadline, "no file"
        time.sleep(0.02)


# --- the words -------------------------------------------------------------------------------------------


def test_version_answers_at_once():
    before = os.times()
    result = gradwright("--version")
    after = os.times()
    assert (result.returncode, result.stdout[:11], result.stderr) == (0, "Gradwright ", "")
    # The processor's time, which others on the machine do not use up. It takes 0.06 s.
    took = after.children_user + after.children_system - before.children_user - before.children_system
    assert took < 0.4


def test_without_a_display_one_sentence_and_no_qt():
    for words in ([], ["some.gradwright"]):
        result = gradwright(*words)
        assert result.returncode == 2
        assert result.stdout == ""
        assert result.stderr.count("\n") == 1
        assert "gradwright train" in result.stderr


@pytest.mark.parametrize("words", [[], ["--version"], ["train", "xor", "--epochs", "1"]])
def test_the_command_line_loads_no_window(words):
    code = f"import sys; from gui.app import main; main({words!r}); print(*sys.modules, file=sys.stderr)"
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment(), capture_output=True, text=True, check=True
    )
    loaded = {name.split(".")[0] for name in result.stderr.splitlines()[-1].split()}
    assert "engine" in loaded
    assert not loaded & {"PySide6", "pyqtgraph", "qtawesome", "sklearn", "scipy", "duckdb"}
    if "train" not in words:
        assert not loaded & {"numpy", "pydantic"}


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["train"], "required: FILE"),
        (["train", "nosuch"], "Ready experiments are"),
        (["train", "iris", "--epochs", "abc"], "found 'abc'"),
        (["train", "iris", "--out", "/no/folder/a.gradwright"], "found no folder '/no/folder'"),
        (["predict", "no.gradwright", "--data", "x", "--out", "y.csv"], "found nothing at this path"),
        (["--frobnicate"], "gradwright"),
        (["one", "two"], "found 2"),
        (["trian", "a.json"], "gradwright: unknown command “trian”; did you mean train?"),
        (["feilds"], "gradwright: unknown command “feilds”; did you mean fields?"),
    ],
)
def test_what_is_wrong_is_one_sentence_and_status_2(words, found, tmp_path):
    result = gradwright(*words, cwd=tmp_path)
    assert result.returncode == 2
    assert result.stdout == ""
    assert found in result.stderr
    assert result.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


# --- the main job ----------------------------------------------------------------------------------------


def test_train_save_go_on_predict(tmp_path):
    # A few rows are wrong: a column that gives the target away would be pointed out.
    levels = ["high" if (n % 13 > 6) != (n % 40 == 0) else "low" for n in range(200)]
    rows = "".join(f"{n % 13},{n % 7},{level}\n" for n, level in enumerate(levels))
    (tmp_path / "t.csv").write_text("a,b,level\n" + rows)
    values = {
        "data": {"source": {"kind": "csv", "path": "t.csv"}, "target": "level"},
        "layers": [{"kind": "dense", "units": 8, "activation": "relu"}, {"kind": "dropout", "rate": 0.1}],
        "training": {"epochs": 10, "optimizer": {"kind": "adam", "learning_rate": 0.02}},
    }
    (tmp_path / "a.json").write_text(json.dumps(values))
    first = gradwright("train", "a.json", "--out", "ten.gradwright", "--json", cwd=tmp_path)
    assert (first.returncode, first.stderr) == (0, "Note: Read as UTF-8, separated by commas.\n")
    assert json.loads(first.stdout)["epochs"] == 10
    more = gradwright(
        "train", "ten.gradwright", "--epochs", 20, "--out", "m.gradwright", "--json", cwd=tmp_path
    )
    whole = gradwright("train", "a.json", "--epochs", 20, "--out", "w.gradwright", "--json", cwd=tmp_path)
    assert json.loads(more.stdout)["test"] == json.loads(whole.stdout)["test"]
    one, other = load(tmp_path / "m.gradwright").state, load(tmp_path / "w.gradwright").state
    assert bits(one) == bits(other)
    done = gradwright("predict", "m.gradwright", "--data", "t.csv", "--out", "o.csv", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "200 rows predicted, written to o.csv\n")
    with (tmp_path / "o.csv").open(newline="") as stream:
        found = list(csv.DictReader(stream))
    assert np.mean([row["prediction"] == row["level"] for row in found]) > 0.9
    assert list(found[0]) == ["a", "b", "level", "prediction", "probability high", "probability low"]


# --- signals ---------------------------------------------------------------------------------------------


@posix
@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_interrupted_in_mid_training(number, status, tmp_path):
    write(tmp_path / "a.json", epochs=LONG)
    process = start_saving_often("train", "a.json", "--out", "a.gradwright", "--json", cwd=tmp_path)
    # Then an epoch is done, and more are under way.
    wait_for(tmp_path / "a.gradwright", process)
    process.send_signal(number)
    out, err = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == status
    assert err == ""
    result = json.loads(out)
    run = load(tmp_path / "a.gradwright")
    assert 0 < result["epochs"] <= run.state.numbers["epoch"] + 1
    assert run.state.numbers["stop_kind"] == "stopped"
    assert run.state.numbers["step"] == len(run.history["steps/loss"])
    # And the file is one to go on from: bit for bit what an undisturbed run has at this epoch.
    epochs = result["epochs"] + 2
    gradwright("train", "a.gradwright", "--epochs", epochs, "--out", "b.gradwright", cwd=tmp_path)
    gradwright("train", "a.json", "--epochs", epochs, "--out", "c.gradwright", cwd=tmp_path)
    one, other = (load(tmp_path / name).state for name in ("b.gradwright", "c.gradwright"))
    assert bits(one) == bits(other)


@posix
def test_killed_in_mid_training(tmp_path):
    """Nothing can be done then; but the file of a moment ago is there, and is one to go on from."""
    write(tmp_path / "a.json", epochs=LONG)
    process = start_saving_often("train", "a.json", "--out", "a.gradwright", cwd=tmp_path)
    wait_for(tmp_path / "a.gradwright", process)
    time.sleep(0.2)
    process.kill()
    assert process.communicate(timeout=PATIENCE_S) == ("", "")
    assert process.returncode == -signal.SIGKILL
    run = load(tmp_path / "a.gradwright")
    epochs = run.state.numbers["epoch"] + 2
    assert run.state.numbers["stop_kind"] is None
    gradwright("train", "a.gradwright", "--epochs", epochs, "--out", "b.gradwright", cwd=tmp_path)
    gradwright("train", "a.json", "--epochs", epochs, "--out", "c.gradwright", cwd=tmp_path)
    one, other = (load(tmp_path / name).state for name in ("b.gradwright", "c.gradwright"))
    assert bits(one) == bits(other)


@posix
def test_interrupted_while_it_starts(tmp_path):
    """It ends, and without a traceback where the signal reaches our own code."""
    # The command is known once Python itself has started; how long that takes is the machine's business.
    code = (
        "import sys; from engine.cli.command_line import main;print(flush=True); sys.exit(main(sys.argv[1:]))"
    )
    for delay in (0.05, 0.2, 0.4):
        process = subprocess.Popen(
            [sys.executable, "-c", code, "train", "digits", "--epochs", str(LONG)],
            cwd=tmp_path,
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        process.stdout.readline()
        time.sleep(delay)
        process.send_signal(signal.SIGINT)
        try:
            _, err = process.communicate(timeout=PATIENCE_S / 3)
        except subprocess.TimeoutExpired:
            # Lost where Python cannot raise it. Not sooner: what is about to end would be struck once more.
            process.send_signal(signal.SIGINT)
            _, err = process.communicate(timeout=PATIENCE_S)
        assert process.returncode != 0
        # A library that is interrupted while its C code starts may turn the signal into an error of its own;
        # and of an interruption that strikes where it cannot raise it, Python itself writes a traceback.
        if process.returncode in (130, -signal.SIGINT) and "Exception ignored in" not in err:
            assert "Traceback" not in err
