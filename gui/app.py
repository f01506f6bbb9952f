"""The command `gradwright`: sub-commands go to the command line before Qt is imported."""

import functools
import os
import signal
import sys
import time
import traceback
from pathlib import Path
from types import FrameType, TracebackType
from typing import TYPE_CHECKING

from engine.cli import COMMANDS, USAGE_STATUS, meant
from engine.cli import main as command_line
from engine.cli.terminal import SIGNALLED_STATUS

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from gui.main_window import MainWindow

ASKED_AGAIN_S = 1.0
"""A request to end that comes later than this after the first one is meant."""
NO_DISPLAY = (
    "gradwright: the window needs a display, and there is none here. "
    "To train without a window: gradwright train FILE"
)


def main(arguments: list[str] | None = None) -> int:
    """Entry point; returns the exit status."""
    arguments = sys.argv[1:] if arguments is None else arguments
    first = arguments[0] if arguments else ""
    if first in COMMANDS or first.startswith("-") or (meant(first) and not Path(first).exists()):
        return command_line(arguments)
    if len(arguments) > 1:
        print(f"gradwright: expected one file, found {len(arguments)}.", file=sys.stderr)
        return USAGE_STATUS
    if not has_display():
        print(NO_DISPLAY, file=sys.stderr)
        return USAGE_STATUS
    return open_window(Path(arguments[0]) if arguments else None)


def has_display() -> bool:
    """Whether a window can be shown: always on Windows and macOS, elsewhere if a display is named."""
    if not sys.platform.startswith("linux"):
        return True
    if os.environ.get("QT_QPA_PLATFORM", "") in ("offscreen", "minimal", "vnc"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def open_window(path: Path | None) -> int:
    """Show the window and run until it is closed; returns the exit status."""
    application, window = create_window()
    handle_signals(window)
    from engine.files.presets import preset_files

    if path is not None and str(path) in preset_files() and not path.exists():
        window.start()
        window.files.new_from_preset(str(path))
    else:
        window.start(path)
    status = application.exec()
    if not window.shutdown():
        # A thread is in a library's call that cannot be broken off; nobody waits for what it finds.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)
    return status


def handle_signals(window: "MainWindow") -> None:
    """End in order, with unsaved work saved, when asked to from outside; at once when asked again later.

    A terminal that closes asks twice, by itself and by its shell, within milliseconds.
    """
    asked_at: list[float] = []

    def end(number: int, frame: FrameType | None) -> None:
        if asked_at:
            if time.monotonic() - asked_at[0] > ASKED_AGAIN_S:
                os._exit(SIGNALLED_STATUS + number)
            return
        asked_at.append(time.monotonic())
        # Not here, as it may be in the middle of painting.
        QTimer.singleShot(0, window, lambda: window.end(SIGNALLED_STATUS + number))

    from PySide6.QtCore import QTimer

    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, end)


def create_window() -> "tuple[QApplication, MainWindow]":
    """Set the process up for Qt and show the window, without starting anything in it."""
    from PySide6.QtWidgets import QApplication

    from gui.core.preferences import preferences
    from gui.kit import theme
    from gui.main_window import MainWindow

    application = QApplication(sys.argv[:1])
    application.setApplicationName("Gradwright")
    application.setDesktopFileName("gradwright")
    theme.apply(application, preferences().theme)
    window = MainWindow()
    theme.follow_fonts(window)
    application.installEventFilter(window)
    window.show()
    sys.excepthook = functools.partial(report, window)
    return application, window


def report(
    window: "MainWindow", kind: type[BaseException], error: BaseException, trace: TracebackType
) -> None:
    """A fault of the program in the window's thread: shown, and printed to the terminal that started it."""
    from gui.core.messages import Crashed

    text = "".join(traceback.format_exception(kind, error, trace))
    print(text, file=sys.stderr)
    if not issubclass(kind, KeyboardInterrupt):
        window.messages.show_crash(Crashed(text))
