"""Panels at the sides: all plots have room on any screen, and what floats is a window one can handle."""

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QTabBar

from gui.core.preferences import preferences
from gui.main_window import MainWindow
from gui.window.docks import Docks
from tests.gui.conftest import picture

# The offscreen platform says so of a panel that floats, which is a window of its own.
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")

SCREENS = [(960, 540), (1024, 700), (1280, 800), (1440, 900), (1920, 1080)]
"""The first is 1920 × 1080 at double scale."""


@pytest.fixture
def make_window(qtbot, monkeypatch):
    def make(width: int, height: int) -> MainWindow:
        monkeypatch.setattr(Docks, "room", lambda docks: QRect(0, 0, width, height))
        window = MainWindow()
        with qtbot.waitExposed(window):
            window.show()
        window.resize(width, height)
        QTest.qWait(30)
        return window

    return make


def docks_of(window):
    return [window.docks[plot.spec.id] for plot in window.panels.of("plots")]


def show_all(window):
    for dock in docks_of(window):
        if dock.isHidden():
            dock.toggleViewAction().trigger()
            QTest.qWait(10)


@pytest.mark.parametrize("screen", SCREENS)
def test_all_plots_have_room_and_the_window_stays_on_its_screen(make_window, screen):
    window = make_window(*screen)
    show_all(window)
    QTest.qWait(30)
    assert window.size().toTuple() == screen
    least = window.minimumSizeHint()
    assert least.width() <= screen[0]
    assert least.height() <= screen[1]
    docks = docks_of(window)
    assert not any(dock.isHidden() for dock in docks)
    # The plot that was shown last is the one that is seen of its tabs.
    assert not docks[-1].visibleRegion().isEmpty()
    for dock in docks:
        if not dock.visibleRegion().isEmpty():
            assert dock.height() >= 100


@pytest.mark.parametrize("screen", SCREENS)
def test_reset_layout_brings_back_three_plots_and_a_window_that_fits(make_window, monkeypatch, screen):
    window = make_window(*screen)
    show_all(window)
    window.docks["loss"].setFloating(True)
    monkeypatch.setattr(Docks, "room", lambda docks: QRect(0, 0, *screen))
    window.resize(screen[0] + 200, screen[1] + 300)
    window.actions_["reset_layout"].trigger()
    QTest.qWait(30)
    assert window.size().toTuple() == screen
    shown = [dock for dock in docks_of(window) if not dock.isHidden()]
    assert [dock.objectName() for dock in shown] == [
        "dock-loss",
        "dock-gradient_norm",
        "dock-weight_histograms",
    ]
    assert not any(dock.isFloating() or window.tabifiedDockWidgets(dock) for dock in shown)
    tops = [dock.geometry().top() for dock in shown]
    assert tops == sorted(set(tops))


def test_a_layout_from_a_larger_screen_fits_a_smaller_one(make_window):
    large = make_window(1920, 1080)
    show_all(large)
    assert not any(large.tabifiedDockWidgets(dock) for dock in docks_of(large))
    large.docks.remember()
    large.close()
    small = make_window(1024, 700)
    assert preferences().layout is not None
    assert small.minimumSizeHint().height() <= 700
    assert small.size().toTuple() == (1024, 700)
    assert not any(dock.isHidden() for dock in docks_of(small))


def test_tabs_of_panels_are_reached_from_the_keyboard(make_window):
    window = make_window(1024, 700)
    show_all(window)
    options = Qt.FindChildOption.FindDirectChildrenOnly
    bars = [bar for bar in window.findChildren(QTabBar, options=options) if bar.isVisible()]
    assert bars
    for bar in bars:
        assert bar.focusPolicy() & Qt.FocusPolicy.TabFocus
        assert bar.accessibleName() == "Panels"


# --- floating ----------------------------------------------------------------------------------------


@pytest.fixture
def floating(make_window):
    window = make_window(1440, 900)
    dock = window.docks["loss"]
    dock.setFloating(True)
    QTest.qWait(50)
    return dock


def test_a_floating_panel_has_frame_title_and_buttons(floating):
    title = floating.float_title
    assert title.isVisible()
    assert floating.titleBarWidget() is title
    assert title.dock_button.accessibleName() == "Put back into the window: Loss"
    assert title.close_button.accessibleName() == "Close: Loss"
    image = picture(floating)
    edge = image.pixelColor(0, image.height() // 2)
    inside = image.pixelColor(2, image.height() // 2)
    assert edge != inside
    # The content leaves an edge free that the mouse can take hold of.
    assert floating.rect().adjusted(2, 2, -2, -2).contains(floating.widget().geometry())


def test_a_floating_panel_goes_back_and_closes(floating):
    QTest.mouseClick(floating.float_title.dock_button, Qt.MouseButton.LeftButton)
    assert not floating.isFloating()
    assert not floating.isHidden()
    assert not floating.float_title.isVisible()
    floating.setFloating(True)
    QTest.mouseClick(floating.float_title.close_button, Qt.MouseButton.LeftButton)
    assert floating.isHidden()
    assert not floating.toggleViewAction().isChecked()


def test_a_floating_panel_is_moved_by_its_title_and_resized_at_its_corner(floating):
    before, start = floating.geometry(), QPoint(40, 16)
    title = floating.float_title
    QTest.mousePress(title, Qt.MouseButton.LeftButton, pos=start)
    QTest.mouseMove(title, start + QPoint(30, 10), 20)
    QTest.mouseMove(title, start + QPoint(60, 20), 20)
    QTest.mouseRelease(title, Qt.MouseButton.LeftButton, pos=start)
    assert floating.pos() != before.topLeft()
    assert floating.isFloating()
    width = floating.width()
    floating.resize(width + 80, floating.height() + 60)
    assert floating.width() == width + 80


def test_panels_float_and_go_back_by_keys_alone(make_window, qtbot):
    window = make_window(1440, 900)
    with qtbot.waitActive(window, timeout=60_000):
        window.activateWindow()
    window.centre.setFocus()
    loss = window.docks["loss"]
    for _ in range(2):
        window.docks.focus_next()
    assert QApplication.focusWidget() is loss.titleBarWidget()
    QTest.keyClick(loss.titleBarWidget(), Qt.Key.Key_Return)
    QTest.qWait(50)
    assert loss.isFloating()
    assert loss.focusWidget() is loss.float_title.dock_button
    QTest.keyClick(loss.float_title.dock_button, Qt.Key.Key_Space)
    assert not loss.isFloating()
    assert window.focusWidget() is loss.titleBarWidget()
