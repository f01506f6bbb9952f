"""Parts of layouts: rows in the columns of a form, a panel that scrolls, and clearing a layout."""

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QSize, Qt, QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLayout, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from gui.kit.labels import Label

AROUND_SEEN = 12
"""Pixels around what is scrolled to that are seen with it."""
LABEL_WIDTH = 108
COLUMN_SPACING = 8
ROW_SPACING = 6
SECTION_SPACING = 8
"""Between the title of a section and what stands in it."""


def clear_layout(layout: QLayout) -> None:
    """Take all widgets out; they stay where they are on the screen.

    Not with `takeAt`: its items live on, and a widget tells only the first of its items that its size has
    changed. The later one would remember the old size for good.
    """
    items = [layout.itemAt(place) for place in range(layout.count())]
    for widget in [item.widget() for item in items if item is not None]:
        if widget is not None:
            layout.removeWidget(widget)


def scroll_to(widget: QWidget, area: QRect) -> None:
    """Scroll the panel around a widget until an area of it is seen, once the layout has settled."""
    QTimer.singleShot(0, widget, lambda: _scroll_to(widget, area))


def _scroll_to(widget: QWidget, area: QRect) -> None:
    around = widget.parentWidget()
    while around is not None and not isinstance(around, QScrollArea):
        around = around.parentWidget()
    held = around.widget() if around is not None else None
    if around is None or held is None:
        return
    seen = area.translated(widget.mapTo(held, QPoint(0, 0)))
    # The top last: where not all of the area has room, it is what is seen.
    for edge in (seen.bottom(), seen.top()):
        around.ensureVisible(0, edge, 0, AROUND_SEEN)


class PlainScrollArea(QScrollArea):
    """Holds one widget, as wide as the panel; the panel is never narrower than what it holds."""

    def __init__(self, content: QWidget | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        # What it holds takes the focus; the panel itself is no stop for Tab.
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        if content is not None:
            self.set_content(content)

    def set_content(self, content: QWidget) -> None:
        self.setWidget(content)
        content.installEventFilter(self)
        self._fit()

    def minimumSizeHint(self) -> QSize:
        return QSize(self._least_width(), 64)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:
            self._fit()
        return super().eventFilter(watched, event)

    def _fit(self) -> None:
        if self.minimumWidth() != self._least_width():
            self.setMinimumWidth(self._least_width())

    def _least_width(self) -> int:
        content = self.widget()
        width = max(content.minimumSizeHint().width(), content.minimumWidth()) if content else 0
        return width + self.verticalScrollBar().sizeHint().width()


class Row(QWidget):
    """A label and the field it belongs to, in the columns of a form."""

    def __init__(self, title: str, field: QWidget, tooltip: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.label = Label(title, "muted", wrap=True)
        self.label.setFixedWidth(LABEL_WIDTH)
        self.label.setBuddy(field)
        self.field = field
        self._tooltip = tooltip
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(COLUMN_SPACING)
        layout.addWidget(self.label, 0, Qt.AlignmentFlag.AlignVCenter)
        layout.addWidget(field, 1)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.set_enabled(True)

    def set_words(self, title: str, tooltip: str) -> None:
        """Call the row something else."""
        if title == self.label.text():
            return
        self.label.setText(title)
        self.field.setAccessibleName(title)
        self._tooltip = tooltip
        self.label.setToolTip(tooltip)
        self.field.setToolTip(tooltip)

    def set_enabled(self, enabled: bool, reason: str = "") -> None:
        """Let the field be used or not; the tooltip says why not."""
        self.field.setEnabled(enabled)
        self.label.setEnabled(enabled)
        tooltip = " ".join(text for text in (self._tooltip, "" if enabled else reason) if text)
        self.label.setToolTip(tooltip)
        self.field.setToolTip(tooltip)


class Stack(QWidget):
    """Widgets one under the other, as far apart as the rows of a form."""

    def __init__(self, *widgets: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(ROW_SPACING)
        for widget in widgets:
            layout.addWidget(widget)


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
    while widget is not None and widget is not window:
        if (widget is part or part.isAncestorOf(widget)) and widget.focusPolicy() & Qt.FocusPolicy.TabFocus:
            stops.append(widget)
        widget = widget.nextInFocusChain()
    return stops
