"""A test that ends the application leaves the event loops of the tests after it as they were."""

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication


def returned() -> int:
    """What a loop returns that is asked to end soon."""
    loop = QEventLoop()
    QTimer.singleShot(10, loop.quit)
    return loop.exec()


def test_an_ended_application_ends_all_loops(qapp):
    QApplication.exit(0)
    assert returned() == -1


def test_the_next_test_has_loops_that_wait(qapp):
    assert returned() == 0
