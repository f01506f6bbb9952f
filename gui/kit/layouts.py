"""Parts of layouts: rows in the columns of a form, a scroll area, and a disclosure of what is rarely used."""

from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QAbstractButton,
    QFrame,
    QHBoxLayout,
    QLayout,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from gui.kit import theme
from gui.kit.labels import Label
from gui.kit.text import tr

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
        theme.set_sizes(self.label, width=LABEL_WIDTH)
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


_SPACING = 6
CARET_SIZE = 12
_CARETS = {
    "down": ((2.75, 4.5), (6, 7.75), (9.25, 4.5)),
    "up": ((2.75, 7.5), (6, 4.25), (9.25, 7.5)),
    "right": ((4.5, 2.75), (7.75, 6), (4.5, 9.25)),
}
"""The strokes of the arrows that the style sheet gives drop-down lists."""


class Disclosure(QWidget):
    """A title with a caret, and the content that a click or Enter shows and hides."""

    toggled = Signal(bool)

    def __init__(self, title: str, content: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._button = DisclosureButton(title)
        self._content = content
        content.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(_SPACING)
        layout.addWidget(self._button)
        layout.addWidget(content)
        self._button.toggled.connect(self._show)

    @property
    def button(self) -> QAbstractButton:
        return self._button

    def is_open(self) -> bool:
        return self._button.isChecked()

    def set_open(self, opened: bool) -> None:
        self._button.setChecked(opened)

    def set_title(self, title: str) -> None:
        if title != self._button.text():
            self._button.setText(title)
            self._button.setAccessibleName(title)
            self._button.updateGeometry()

    def set_caption(self, caption: str) -> None:
        """What can be said of the content while it is hidden, at the right."""
        self._button.set_caption(caption)

    def _show(self, opened: bool) -> None:
        self._content.setVisible(opened)
        self.toggled.emit(opened)


class DisclosureButton(QAbstractButton):
    """The line itself: caret, title, caption.

    Keys: Enter, as on a card; Right opens and Left closes. The space bar trains and pauses, here too.
    """

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._caption = ""
        self.setText(title)
        self.setCheckable(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(title)
        self.setWhatsThis(tr("Opens and closes what belongs to “{title}”.", title=title))
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def set_caption(self, caption: str) -> None:
        if caption != self._caption:
            self._caption = caption
            self.setAccessibleDescription(caption)
            self.update()

    def sizeHint(self) -> QSize:
        words = self.fontMetrics().horizontalAdvance(self.text())
        return QSize(theme.scaled(CARET_SIZE) + 8 + words, theme.scaled(24))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        elif key in (Qt.Key.Key_Right, Qt.Key.Key_Left) and self.isEnabled():
            self.setChecked(key == Qt.Key.Key_Right)
        elif key == Qt.Key.Key_Space:
            event.ignore()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        caret = theme.scaled(CARET_SIZE)
        middle = (self.height() - caret) // 2
        paint_caret(painter, QPoint(0, middle), "down" if self.isChecked() else "right")
        painter.setPen(QColor(colours.text if self.underMouse() else colours.muted))
        area = self.rect().adjusted(caret + 6, 0, -2, 0)
        left = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        right = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        painter.drawText(area, left, self.text())
        if self._caption:
            taken = self.fontMetrics().horizontalAdvance(self.text()) + 12
            painter.setFont(theme.caption_font())
            painter.setPen(QColor(colours.muted))
            room = area.adjusted(taken, 0, 0, 0)
            shown = painter.fontMetrics().elidedText(self._caption, Qt.TextElideMode.ElideRight, room.width())
            painter.drawText(room, right, shown)
        if self.hasFocus():
            painter.setPen(QPen(QColor(colours.accent), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(self.rect().adjusted(1, 1, -1, -1), 4, 4)
        painter.end()


def paint_caret(painter: QPainter, place: QPoint, direction: str) -> None:
    """An arrow of `CARET_SIZE`, scaled, that points down, up or right."""
    scale = theme.scaled(CARET_SIZE) / CARET_SIZE
    pen = QPen(QColor(theme.current().muted), 1.5 * scale)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    painter.drawPolyline([QPointF(place) + QPointF(x, y) * scale for x, y in _CARETS[direction]])
