"""Finds texts that have no room in a window, parts that overlap, and parts that cannot be scrolled to."""

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QComboBox,
    QLabel,
    QLineEdit,
    QScrollArea,
    QStyle,
    QStyleOptionComboBox,
    QStyleOptionFrame,
    QTabBar,
    QToolButton,
    QWidget,
)

from gui.kit.labels import ElidedLabel
from gui.panels.setup.layer_list import AddStrip
from gui.panels.start.cards import PresetCard, RecentRow

ICON_ONLY = Qt.ToolButtonStyle.ToolButtonIconOnly
PAINTED_IN_LINES = (PresetCard, RecentRow)
"""They break or shorten their texts while they paint; tool tips have the whole."""


def shown(window: QWidget, kind: type) -> list:
    return [widget for widget in window.findChildren(kind) if widget.isVisible()]


def cut_labels(window: QWidget) -> list[str]:
    cut = []
    for label in shown(window, QLabel):
        words, room = label.fontMetrics().horizontalAdvance(label.text()), label.contentsRect()
        if not label.text() or label.pixmap():
            continue
        if label.fontMetrics().height() > room.height() + 1:
            cut.append(f"height of {label.text()!r}")
        if isinstance(label, ElidedLabel):
            if label.toolTip() and label.toolTip() != label.text():
                cut.append(f"no whole text of {label.text()!r}")
        elif label.wordWrap():
            if label.heightForWidth(label.width()) > label.height():
                cut.append(f"lines of {label.text()!r}")
            if max(map(label.fontMetrics().horizontalAdvance, label.text().split())) > room.width():
                cut.append(f"a word of {label.text()!r}")
        elif words > room.width():
            cut.append(f"{label.text()!r}: {words} > {room.width()}")
    return cut


def cut_buttons(window: QWidget) -> list[str]:
    cut = []
    for button in shown(window, QAbstractButton):
        words, letters = button.text(), button.fontMetrics()
        iconic = isinstance(button, QToolButton) and button.toolButtonStyle() == ICON_ONLY
        hidden = isinstance(button, AddStrip) and not button.is_shown()
        if not words or iconic or hidden or isinstance(button, PAINTED_IN_LINES):
            continue
        if letters.height() > button.height():
            cut.append(f"height of {words!r}: {letters.height()} > {button.height()}")
        # Alone it would take room for its icon, its words and what is around them.
        if button.width() < button.sizeHint().width():
            cut.append(f"{type(button).__name__} {words!r}: {button.width()} < {button.sizeHint().width()}")
    return cut


def cut_fields(window: QWidget) -> list[str]:
    cut = []
    for field in shown(window, QLineEdit):
        option = QStyleOptionFrame()
        field.initStyleOption(option)
        room = field.style().subElementRect(QStyle.SubElement.SE_LineEditContents, option, field)
        words = field.fontMetrics().horizontalAdvance(field.text() or field.placeholderText())
        if words > room.width() or field.fontMetrics().height() > room.height():
            cut.append(f"{field.accessibleName()} {field.text()!r}: {words} > {room}")
    for choice in shown(window, QComboBox):
        option = QStyleOptionComboBox()
        choice.initStyleOption(option)
        part = QStyle.SubControl.SC_ComboBoxEditField
        room = choice.style().subControlRect(QStyle.ComplexControl.CC_ComboBox, option, part, choice)
        # A long one ends in "…": its list shows it whole.
        if choice.fontMetrics().height() > room.height():
            cut.append(f"height of {choice.currentText()!r}: {room}")
        if choice.fontMetrics().horizontalAdvance("Automatic") > room.width():
            cut.append(f"width of {choice.currentText()!r}: {room}")
    return cut


def cut_tabs(window: QWidget) -> list[str]:
    cut = []
    for bar in shown(window, QTabBar):
        for number in filter(bar.isTabVisible, range(bar.count())):
            words, room = bar.fontMetrics().horizontalAdvance(bar.tabText(number)), bar.tabRect(number)
            if words > room.width() or bar.fontMetrics().height() > room.height():
                cut.append(f"tab {bar.tabText(number)!r}: {room}")
        # Where there is no room for all, arrows at its end bring the others into sight.
        arrows = [one for one in bar.findChildren(QToolButton) if one.isVisible()]
        if bar.tabRect(bar.count() - 1).right() > bar.width() and not arrows:
            cut.append(f"the last tab, {bar.tabText(bar.count() - 1)!r}")
    return cut


def cut_texts(window: QWidget) -> list[str]:
    return cut_labels(window) + cut_buttons(window) + cut_fields(window) + cut_tabs(window)


def overlapping(parts: list[QWidget], of: QWidget) -> list[str]:
    places = [(QRect(part.mapTo(of, QPoint(0, 0)), part.size()), part) for part in parts]
    return [
        f"{one.accessibleName()!r} over {other.accessibleName()!r}"
        for number, (place, one) in enumerate(places)
        for beside, other in places[number + 1 :]
        if place.intersects(beside)
    ]


def beyond_scrolling(area: QScrollArea) -> list[str]:
    """What stands where an area cannot be scrolled to."""
    content = area.widget()
    across, down = area.horizontalScrollBar().maximum(), area.verticalScrollBar().maximum()
    reach = QRect(0, 0, area.viewport().width() + across, area.viewport().height() + down)
    return [
        f"{type(part).__name__} {part.accessibleName()!r}"
        for part in shown(content, QWidget)
        if part.window() is content.window()
        and part.parentWidget() is content
        and not reach.contains(QRect(part.mapTo(content, QPoint(0, 0)), part.size()))
    ]
