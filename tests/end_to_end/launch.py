"""Opens the program's window and writes down, a few times a second, where its parts are on the screen.

`python -m tests.end_to_end.launch REPORT [FILE]`: only watches; every event comes from outside.
"""

import json
import os
import sys
from pathlib import Path

from PySide6.QtCore import QPoint, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QWidget

from gui.app import create_window, handle_signals
from gui.core.messages import Frame
from gui.main_window import MainWindow

REPORT_MS = 100


class Watcher:
    """Writes names, places and the state of the run to a file."""

    def __init__(self, window: MainWindow, report: Path) -> None:
        self._window, self._report = window, report
        self._frame: Frame | None = None
        self._reports = 0
        window.session.frame.connect(self._note)
        self._timer = QTimer()
        self._timer.timeout.connect(self._write)
        self._timer.start(REPORT_MS)

    def _note(self, frame: Frame) -> None:
        self._frame = frame

    def _write(self) -> None:
        frame, document = self._frame, self._window.document
        focus = QGuiApplication.focusWindow()
        self._reports += 1
        report = {
            "number": self._reports,
            # Of several with one name the first that is no mere text.
            "places": {name: place(widget) for name, widget in reversed(self._named())},
            "windows": {
                w.windowTitle(): int(w.winId()) for w in QApplication.topLevelWidgets() if w.isVisible()
            },
            "focus": focus.title() if focus else "",
            "run": frame.run if frame else 0,
            "status": frame.status if frame else "",
            "step": frame.step if frame else 0,
            "epochs_done": int(frame.position) if frame else 0,
            "history": frame.history.steps.count if frame and frame.history else 0,
            "marks": [mark.text for mark in frame.history.marks] if frame and frame.history else [],
            "learning_rate": document.experiment.training.optimizer.learning_rate,
            "modified": document.modified,
            "path": str(document.path or ""),
        }
        temporary = self._report.with_suffix(".part")
        temporary.write_text(json.dumps(report))
        os.replace(temporary, self._report)

    def _named(self) -> list[tuple[str, QWidget]]:
        named = [
            (spoken_name(widget), widget)
            for top in QApplication.topLevelWidgets()
            if top.isVisible()
            for widget in top.findChildren(QWidget)
            if spoken_name(widget) and widget.isVisible()
        ]
        return sorted(named, key=lambda pair: isinstance(pair[1], QLabel))


def spoken_name(widget: QWidget) -> str:
    """What a screen reader says: the accessible name, else a button's own text."""
    text = widget.text().replace("&", "") if isinstance(widget, QAbstractButton) else ""
    return widget.accessibleName() or text


def place(widget: QWidget) -> list[int]:
    """The middle of a widget on the screen."""
    middle = widget.mapToGlobal(QPoint(widget.width() // 2, widget.height() // 2))
    return [middle.x(), middle.y()]


def main() -> int:
    report = Path(sys.argv[1])
    application, window = create_window()
    handle_signals(window)
    watcher = Watcher(window, report)
    window.start(Path(sys.argv[2]) if len(sys.argv) > 2 else None)
    status = application.exec()
    window.shutdown()
    del watcher
    return status


if __name__ == "__main__":
    sys.exit(main())
