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


def _stops(widget: QWidget) -> list[QWidget]:
    """Where Tab stops in a widget and what is inside it, from top to bottom."""
    if isinstance(widget, SettingsForm):
        return widget.tab_stops()
    if widget.focusPolicy() & Qt.FocusPolicy.TabFocus:
        return [widget]
    inside = widget.findChildren(QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly)
    return [stop for child in inside for stop in _stops(child)]
