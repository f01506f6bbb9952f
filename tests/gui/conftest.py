"""What every test of the window stands on: one application, preferences of its own, and nothing left behind.

The cyclic collector is off during a test: in a worker thread it would destroy Qt objects off their thread.
After each test windows are closed, deferred deletions are carried out, threads must have ended, and the
collector runs in this thread.
"""

import gc
import threading
import time
from collections.abc import Iterator
from unittest.mock import patch

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QEventLoop, QPointF, Qt, QTimer
from PySide6.QtGui import QImage, QMouseEvent
from PySide6.QtWidgets import QApplication, QMessageBox, QWidget

from engine.files import journal
from gui.core import preferences
from gui.kit import theme
from gui.main_window import MainWindow
from tests.gui.desk import PATIENCE_S, Desk, close_without_question

ENDED = -1
"""What an event loop returns once the application was told to exit."""

THREADS_END_WITHIN_S = 60.0
"""Long: a worker may have to finish importing a large library on a busy machine."""


@pytest.fixture(autouse=True)
def own_preferences(tmp_path_factory, monkeypatch) -> Iterator[None]:
    """No test reads or writes the preferences of the person who runs it."""
    monkeypatch.setenv(preferences.ENVIRONMENT_VARIABLE, str(tmp_path_factory.mktemp("preferences")))
    monkeypatch.setenv(journal.ENVIRONMENT_VARIABLE, str(tmp_path_factory.mktemp("state")))
    preferences.preferences.cache_clear()
    yield
    preferences.preferences.cache_clear()


@pytest.fixture(scope="module", autouse=True)
def modules_are_no_garbage() -> Iterator[None]:
    """What there is before the tests of a file is left out of the collections after each of them, for good.

    Looking through it takes longer than many a test does. Windows leave it at that: one that closes would
    have all of it looked through again, and what is alive when one starts would never be collected.
    """
    gc.collect()
    gc.freeze()
    with patch.object(gc, "freeze", lambda: None), patch.object(gc, "unfreeze", lambda: None):
        yield


@pytest.fixture(autouse=True)
def clean_window(qapp: QApplication, modules_are_no_garbage: None) -> Iterator[None]:
    """The light theme in its usual size at the start, and at the end no window, no thread, no garbage."""
    if theme.current() is not theme.LIGHT or theme.scale() != 1.0 or not qapp.styleSheet():
        theme.apply(qapp, "light", scale=1.0)
    threads = set(threading.enumerate())
    was_enabled = gc.isenabled()
    gc.disable()
    yield
    for window in [window for window in qapp.topLevelWidgets() if _stands_alone(window)]:
        window.close()
        window.deleteLater()
    flush_deferred_deletes()
    _take_quit_back(qapp)
    left = _still_running(threads)
    gc.collect()
    flush_deferred_deletes()
    if was_enabled:
        gc.enable()
    assert not left, f"The test left threads running: {left}"


def _take_quit_back(app: QApplication) -> None:
    """Where a test has ended the application, every event loop would return at once in those that follow."""
    loop = QEventLoop()
    QTimer.singleShot(0, loop.quit)
    if loop.exec() == ENDED:
        QTimer.singleShot(0, app.quit)
        app.exec()


def _stands_alone(window: QWidget) -> bool:
    """Whether nobody else deletes it. Menus and lists go with their widgets, and every graphics scene owns an
    empty hidden one: deleted twice, they take the process with them."""
    return window.parentWidget() is None and (type(window) is not QWidget or bool(window.children()))


@pytest.fixture
def desk(qtbot) -> Iterator[Desk]:
    """A window at work, with its first experiment ready."""
    window = MainWindow()
    window.resize(1280, 800)
    desk = Desk(window)
    # On an X display without a window manager nobody else gives it the keyboard.
    with qtbot.waitActive(window, timeout=int(1000 * PATIENCE_S)):
        window.show()
        window.activateWindow()
    window.start()
    desk.status("ready")
    yield desk
    close_without_question(window)


@pytest.fixture
def answers(monkeypatch) -> list[QMessageBox.StandardButton]:
    """Answers questions instead of a person; the list says how, in turn."""
    given: list[QMessageBox.StandardButton] = []
    monkeypatch.setattr(QMessageBox, "exec", lambda box: given.pop(0))
    return given


def picture(widget: QWidget) -> QImage:
    """What a widget paints, in exact colours: a grab has only those of the screen, be they 16 bit."""
    widget.ensurePolished()
    image = QImage(widget.size(), QImage.Format.Format_ARGB32)
    image.fill(0)
    widget.render(image)
    return image


def hover(widget: QWidget, place: QPointF, held: Qt.MouseButton = Qt.MouseButton.NoButton) -> None:
    """Move the mouse over a widget, wherever the display's own pointer is.

    Moving that pointer to where it stands already, as an earlier test may have left it, sends no event.
    """
    move = QMouseEvent(
        QEvent.Type.MouseMove,
        place,
        widget.mapToGlobal(place),
        Qt.MouseButton.NoButton,
        held,
        Qt.KeyboardModifier.NoModifier,
    )
    QApplication.sendEvent(widget, move)


def flush_deferred_deletes() -> None:
    """Carry out every deleteLater() now, and what follows from it."""
    for _ in range(3):
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        QCoreApplication.processEvents()


def _still_running(before: set[threading.Thread]) -> list[str]:
    deadline = time.monotonic() + THREADS_END_WITHIN_S
    new = [thread for thread in threading.enumerate() if thread not in before]
    for thread in new:
        thread.join(max(0.0, deadline - time.monotonic()))
    return [thread.name for thread in new if thread.is_alive()]
