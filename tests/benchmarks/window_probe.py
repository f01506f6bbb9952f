"""The process that `window` measures: opens the window, trains digits, notes how late its timer is."""

import json
import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PySide6.QtCore import QEventLoop, Qt, QTimer
from PySide6.QtWidgets import QApplication, QMessageBox

from engine.files.opening import preset
from gui.core.messages import Frame
from gui.kit import theme
from gui.main_window import MainWindow

INTERVAL_MS = 5
MEASURED_S = 15
STOPS = 5
WATCHDOG_S = 120
TABLE = "GRADWRIGHT_TABLE"
"""Names the table that is opened."""
CANCELS = 5
ANSWERS_EACH_MS = 50


class Probe:
    """Drives one window through training, stopping and closing."""

    def __init__(self, started: float) -> None:
        self.application = QApplication([])
        theme.apply(self.application, "light")
        self.window = MainWindow()
        self.window.resize(1440, 900)
        self.application.installEventFilter(self.window)
        self.window.show()
        self.window.start()
        self.application.processEvents()
        self.open_ms = (time.perf_counter() - started) * 1000
        self.frame: Frame | None = None
        self.frames = 0
        self.window.session.frame.connect(self._note)
        self.lateness: list[float] = []
        self._last = 0.0
        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(INTERVAL_MS)
        self._timer.timeout.connect(self._tick)
        # A trained run is asked about before another file takes its place, and when the window closes.
        self._answers = QTimer(interval=ANSWERS_EACH_MS, timeout=discard)
        self._answers.start()

    def run(self) -> dict[str, object]:
        """All measurements; the window is left training."""
        self.window.files.new_from_preset("digits")
        self.until(lambda: self.status() == "ready")
        training = self.window.document.experiment.training
        longer = self.window.document.experiment.replace(training=training.replace(epochs=1_000_000))
        self.window.document.edit(longer, "Train for long")
        self.window.actions_["train"].trigger()
        self.until(lambda: self.status() == "training" and self.step() > 0)
        self.wait(1.0)
        first, frames, began = self.step(), self.frames, time.perf_counter()
        self._last = time.perf_counter()
        self._timer.start()
        self.wait(MEASURED_S)
        self._timer.stop()
        seconds = time.perf_counter() - began
        steps, shown = self.step() - first, self.frames - frames
        stops = [self.stop() for _ in range(STOPS)]
        self.window.actions_["train"].trigger()
        self.until(lambda: self.status() == "training")
        late = np.array(self.lateness)
        opening = self.open_table()
        return opening | {
            "open_ms": self.open_ms,
            "latest_ms": float(late.max()),
            "p99_ms": float(np.percentile(late, 99)),
            "median_ms": float(np.median(late)),
            "stop_ms": stops,
            "steps_per_second": steps / seconds,
            "frames_per_second": shown / seconds,
        }

    def open_table(self) -> dict[str, object]:
        """Open a large table while digits train: how late the event loop is, and how soon Cancel is over."""
        table = Path(os.environ[TABLE])
        self.lateness.clear()
        self._last = began = time.perf_counter()
        self._timer.start()
        self.window.files.open(table)
        self.until(lambda: self.window.importing.dialog is not None)
        dialog = self.window.importing.dialog
        self.until(lambda: dialog.understood is not None)
        dialog.choices.guess.click()
        self.until(dialog.use_button.isEnabled)
        dialog.use_button.click()
        self.until(lambda: self.status() == "ready")
        seconds = time.perf_counter() - began
        self._timer.stop()
        late = np.array(self.lateness)
        loaded = self.window.document.experiment.name == table.stem
        cancels = [self.cancel(table, seconds * (turn + 0.5) / CANCELS) for turn in range(CANCELS)]
        self.window.files.load(preset("digits"))
        self.until(lambda: self.status() == "ready")
        self.window.session.train()
        return {
            "opened": loaded,
            "opening_s": seconds,
            "opening_latest_ms": float(late.max()),
            "opening_p99_ms": float(np.percentile(late, 99)),
            "cancel_ms": cancels,
        }

    def cancel(self, table: Path, after_s: float) -> float:
        """Milliseconds from Cancel to the end of the thread that reads the table."""
        self.window.files.open(table)
        self.wait(after_s)
        began = time.perf_counter()
        self.window.importing.dialog.reject()
        self.until(lambda: not any("Reading" in thread.name for thread in threading.enumerate()))
        return (time.perf_counter() - began) * 1000

    def stop(self) -> float:
        """Milliseconds from the Stop command to the frame that says so."""
        if self.status() != "training":
            self.window.actions_["train"].trigger()
            self.until(lambda: self.status() == "training")
            self.wait(0.5)
        began = time.perf_counter()
        self.window.actions_["stop"].trigger()
        self.until(lambda: self.status() == "stopped")
        return (time.perf_counter() - began) * 1000

    def status(self) -> str:
        return self.frame.status if self.frame else "preparing"

    def step(self) -> int:
        return self.frame.step if self.frame else 0

    def until(self, holds: Callable[[], bool]) -> None:
        limit = time.perf_counter() + WATCHDOG_S
        while not holds():
            if time.perf_counter() > limit:
                raise TimeoutError(f"still {self.status()}")
            self.application.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents, 5)

    def wait(self, seconds: float) -> None:
        loop = QEventLoop()
        QTimer.singleShot(int(seconds * 1000), loop.quit)
        loop.exec()

    def _note(self, frame: Frame) -> None:
        self.frame = frame
        self.frames += 1

    def _tick(self) -> None:
        now = time.perf_counter()
        self.lateness.append(max((now - self._last) * 1000 - INTERVAL_MS, 0.0))
        self._last = now


def discard() -> None:
    """Answer the question about unsaved work."""
    question = QApplication.activeModalWidget()
    if isinstance(question, QMessageBox):
        question.button(QMessageBox.StandardButton.Discard).click()


def main() -> int:
    """Print the figures as JSON, then close in mid-training; returns the program's exit status."""
    probe = Probe(time.perf_counter())
    print(json.dumps(probe.run()), flush=True)
    QTimer.singleShot(0, probe.window.close)
    return probe.application.exec()


if __name__ == "__main__":
    sys.exit(main())
