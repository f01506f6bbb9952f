"""A window that is closed in whatever state ends its process, soon and with nothing left behind.

Two seconds are what a person is to wait at most. How long it took is printed; the test itself allows for a
machine that is busy with other things.
"""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

WANTED_S = 2.0
ALLOWED_S = 20.0

DRIVER = """
import sys, time
from pathlib import Path
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QMessageBox
from gui import app as program
from gui.core import jobs

QMessageBox.exec = lambda box: QMessageBox.StandardButton.Discard
state, table = sys.argv[1], Path(sys.argv[2])
right = program.create_window


def create():
    application, window = right()
    session, files = window.session, window.files
    timer = QTimer(window)
    reached = {
        "starting": lambda: True,
        "ready": lambda: session.ready,
        "training": lambda: session.goal == "run" and session.steps > 5,
        "opening": lambda: window.importing.dialog and window.importing.dialog.reading.job,
        "preparing": lambda: session.preparing,
        "saving": lambda: files.busy,
        "cancelled": lambda: cancelled,
    }
    jobs_begun, cancelled = [], []

    def look():
        if state == "cancelled" and window.importing.dialog and window.importing.dialog.reading.job:
            window.importing.dialog.reject()
            cancelled.append(True)
        if session.ready and not jobs_begun:
            jobs_begun.append(state)
            if state == "training":
                session.train()
            elif state in ("opening", "cancelled"):
                files.open(table)
            elif state == "preparing":
                source = {"kind": "csv", "path": str(table)}
                data = window.document.experiment.data.model_validate({"source": source})
                window.document.edit(window.document.experiment.replace(data=data), "Choose a table")
            elif state == "saving":
                files.save_to(table.with_name("run.gradwright"))
        if reached[state]():
            timer.stop()
            print("closing", flush=True)
            window.close()

    timer.timeout.connect(look)
    timer.start(5)
    return application, window


program.create_window = create
sys.exit(program.open_window(None))
"""


@pytest.fixture(scope="module")
def table(tmp_path_factory) -> Path:
    """So large that reading it takes longer than closing may."""
    path = tmp_path_factory.mktemp("table") / "large.csv"
    kinds = ("yes", "no", "yes")
    rows = "".join(f"{n},{n % 97 / 7},{n * 31 % 1000},city {n % 500},{kinds[n % 3]}\n" for n in range(5000))
    path.write_text("a,b,c,city,label\n" + rows * 120)
    return path


@pytest.mark.parametrize(
    "state", ["starting", "ready", "training", "opening", "preparing", "saving", "cancelled"]
)
def test_the_process_ends_soon_after_its_window_is_closed(state, table, tmp_path):
    environment = os.environ | {
        "QT_QPA_PLATFORM": "offscreen",
        "GRADWRIGHT_CONFIG": str(tmp_path / "config"),
        "GRADWRIGHT_STATE": str(tmp_path / "state"),
        "TMPDIR": str(tmp_path),
    }
    command = [sys.executable, "-c", DRIVER, state, str(table)]
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "closing\n", process.communicate()
        closed = time.monotonic()
        _, errors = process.communicate(timeout=60)
        seconds = time.monotonic() - closed
    sys.stdout.write(f"{state}: {seconds:.2f} s (wanted: at most {WANTED_S:.0f})\n")
    assert "Traceback" not in errors
    assert process.returncode == 0, errors
    assert seconds < ALLOWED_S
    assert list((tmp_path / "state" / "journal").glob("*")) == []
