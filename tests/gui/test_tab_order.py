"""Tab goes through the whole window in the order in which it is read, and is caught nowhere."""

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QWidget

from tests.gui.hands import press

MORE_THAN_THERE_ARE = 200


def walk() -> list[QWidget]:
    """Where Tab stops, from where the focus is until it is there again."""
    stops: list[QWidget] = []
    while QApplication.focusWidget() not in stops:
        stops.append(QApplication.focusWidget())
        press(stops[-1], Qt.Key.Key_Tab)
        assert len(stops) < MORE_THAN_THERE_ARE
    assert QApplication.focusWidget() is stops[0], "Tab is caught before it has gone round"
    return stops


def part_of(window, stop: QWidget) -> str:
    """The part of the window in which something stands."""
    if window.menuWidget().isAncestorOf(stop):
        return "bar"
    x, middle = stop.mapTo(window, stop.rect().center()).x(), window.centre.geometry()
    if x < middle.left():
        return "setup"
    return "centre" if x <= middle.right() else "plots"


def test_setup_then_centre_then_plots(desk):
    window = desk.window
    window.centre.leave_start_page()
    desk.do("step_batch")
    desk.status("paused")
    window.centre.findChild(QWidget, "qt_tabwidget_tabbar").setFocus()
    stops = walk()
    parts = [part_of(window, stop) for stop in stops]
    begin = parts.index("setup")
    parts = parts[begin:] + parts[:begin]
    assert list(dict.fromkeys(parts)) == ["setup", "centre", "plots", "bar"]
    assert parts == sorted(parts, key=["setup", "centre", "plots", "bar"].index)
    missed = [
        widget
        for widget in window.findChildren(QWidget)
        if widget.isVisible()
        and widget.isEnabled()
        and widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and widget.focusProxy() is None
        and widget not in stops
    ]
    assert missed == []


def test_the_cards_of_a_new_column_are_walked_from_top_to_bottom(desk):
    """Also before any has been opened: the output, made first, came before all others."""
    column = desk.window.setup_column
    layers = desk.window.panels["layers"].list
    assert not [card for card in layers.cards if card.is_open()]
    layers.strips[0].setFocus()
    heights = []
    while layers.isAncestorOf(QApplication.focusWidget()):
        stop = QApplication.focusWidget()
        heights.append(stop.mapTo(layers, QPoint(0, stop.height() // 2)).y())
        press(stop, Qt.Key.Key_Tab)
    assert heights == sorted(heights)
    assert len(heights) == len(layers.cards) + len(layers.strips)
    assert column.isAncestorOf(QApplication.focusWidget())
