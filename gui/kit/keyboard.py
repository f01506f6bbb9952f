"""The order in which Tab goes through widgets that were made in another order than they stand in."""

import itertools
from collections.abc import Iterable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from gui.kit.form import SettingsForm


def chain_tab_order(widgets: Iterable[QWidget]) -> None:
    """Let Tab go through the widgets one after the other; a form stands for the fields in it."""
    stops = [stop for widget in widgets for stop in _stops(widget)]
    for before, after in itertools.pairwise(stops):
        QWidget.setTabOrder(before, after)


def tab_after(later: QWidget, earlier: QWidget) -> None:
    """Let Tab go through all that is in one part of a window after all that is in another."""
    last = _in_tab_order(earlier)[-1]
    for stop in _in_tab_order(later):
        QWidget.setTabOrder(last, stop)
        last = stop


def _in_tab_order(part: QWidget) -> list[QWidget]:
    """Where Tab stops in a part of a window, in the order in which it does."""
    window = part.window()
    stops: list[QWidget] = []
    widget = window.nextInFocusChain()
    while widget is not window:
        if (widget is part or part.isAncestorOf(widget)) and widget.focusPolicy() & Qt.FocusPolicy.TabFocus:
            stops.append(widget)
        widget = widget.nextInFocusChain()
    return stops


def _stops(widget: QWidget) -> list[QWidget]:
    """Where Tab stops in a widget and what is inside it, from top to bottom."""
    if isinstance(widget, SettingsForm):
        return widget.tab_stops()
    if widget.focusPolicy() & Qt.FocusPolicy.TabFocus:
        return [widget]
    inside = widget.findChildren(QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly)
    return [stop for child in inside for stop in _stops(child)]
