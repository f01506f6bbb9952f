"""Widths of panels: a small window takes them, a larger one gives them back, and no number loses digits."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDockWidget, QMainWindow, QWidget

from gui.kit import NumberField, Range, SliderField
from gui.window.dock_sizes import DockWidths
from tests.gui.hands import comes_true

LEFT, RIGHT = Qt.DockWidgetArea.LeftDockWidgetArea, Qt.DockWidgetArea.RightDockWidgetArea


class Window(QMainWindow):
    """Two docks of at least 150 px beside a middle of at least 300 px."""

    def __init__(self):
        super().__init__()
        middle = QWidget()
        middle.setMinimumSize(300, 100)
        self.setCentralWidget(middle)
        self.left, self.right = (QDockWidget(name, self) for name in ("left", "right"))
        for area, dock in ((LEFT, self.left), (RIGHT, self.right)):
            content = QWidget()
            content.setMinimumSize(150, 100)
            dock.setWidget(content)
            self.addDockWidget(area, dock)
        self.dock_widths = DockWidths(self, (self.left, self.right))

    def widths(self) -> tuple[int, int]:
        return self.left.width(), self.right.width()

    def go_to(self, width: int) -> None:
        """Another width, once the display has given it and the docks have been laid out in it."""
        self.resize(width, 500)
        assert comes_true(lambda: self.width() == width)
        QTest.qWait(30)

    def become(self, left: int, right: int) -> bool:
        """Whether the docks come to these widths, however busy the machine is."""
        return comes_true(lambda: self.widths() == (left, right))

    def drag(self, by: int) -> None:
        """Move the line between the left dock and the middle."""
        start = QPoint(self.left.geometry().right() + 2, 250)
        QTest.mousePress(self, Qt.MouseButton.LeftButton, pos=start)
        for part in (1, 2):
            QTest.mouseMove(self, start + QPoint(by * part // 2, 0), 10)
        QTest.qWait(30)
        QTest.mouseRelease(self, Qt.MouseButton.LeftButton, pos=start + QPoint(by, 0))
        QTest.qWait(30)


@pytest.fixture
def window(qtbot):
    window = Window()
    qtbot.addWidget(window)
    window.resize(1200, 500)
    with qtbot.waitExposed(window):
        window.show()
    window.dock_widths.set({window.left: 320, window.right: 380})
    QTest.qWait(30)
    return window


def test_docks_are_as_wide_as_before_once_there_is_room_again(window):
    assert window.become(320, 380)
    window.go_to(640)
    assert sum(window.widths()) < 345
    window.go_to(900)
    assert window.widths() != (320, 380)
    window.go_to(1200)
    assert window.become(320, 380)


def test_what_a_person_drags_counts_from_then_on(window):
    window.drag(60)
    assert window.become(380, 380)
    window.go_to(640)
    window.go_to(1400)
    assert window.become(380, 380)


def test_a_drag_in_a_small_window_counts_and_the_other_dock_gets_its_width_back(window):
    window.go_to(700)
    before = window.left.width()
    window.drag(30)
    dragged = window.left.width()
    assert before < dragged < 320
    window.go_to(1200)
    assert window.become(dragged, 380)


@pytest.mark.parametrize("value", [0.001, 0.00125, 1.5e-7, 123456])
def test_the_least_width_of_a_number_field_shows_all_digits(qtbot, value):
    field = NumberField(Range(0.0), value=value)
    qtbot.addWidget(field)
    field.show()
    field.resize(field.minimumSizeHint())
    field.end(False)
    # With the cursor at the end the text has not been scrolled: its beginning is still where it was.
    field.home(False)
    at_home = field.cursorRect().x()
    field.end(False)
    width = field.fontMetrics().horizontalAdvance(field.text())
    assert field.cursorRect().x() - at_home >= width - 2


def test_the_figure_of_a_slider_grows_with_what_is_typed(qtbot):
    slider = SliderField(Range(0.0, 1.0), value=0.5)
    qtbot.addWidget(slider)
    slider.show()
    slider.set_value(0.123456789)
    figure = slider.figure
    assert (
        figure.width()
        >= figure.minimumSizeHint().width()
        > figure.fontMetrics().horizontalAdvance("0.123456789")
    )
