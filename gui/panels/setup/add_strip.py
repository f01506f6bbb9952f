"""The place between two cards where a layer can be added."""

from PySide6.QtCore import QEvent, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFocusEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from gui.kit import theme

GAP = 6
"""Between two cards."""
STRIP_HEIGHT = 22
_TEXT = "+ layer"


class Gap(QWidget):
    """Room between two cards, as high as a gap or, while its strip always shows, as the strip needs."""

    def __init__(self, strip: "AddStrip", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.strip = strip
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._always = False
        self.setFixedHeight(GAP)

    def set_always(self, always: bool) -> None:
        """Show the strip without being asked."""
        if always != self._always:
            self._always = always
            self.strip.set_always(always)
            self.setFixedHeight(STRIP_HEIGHT + 2 * GAP if always else GAP)

    def place_strip(self) -> None:
        """Put the strip over the gap: all of it while it shows, else no more than the gap itself."""
        self.strip.place(self.geometry())


class AddStrip(QAbstractButton):
    """The button "+ layer". Invisible in its gap until the pointer or the focus comes; then it lies over the
    edges of the cards, so that nothing moves."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._always = False
        self._hovered = False
        self._gap = QRect()
        self.setText(_TEXT)
        self.setAccessibleName("Add a layer here")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def set_always(self, always: bool) -> None:
        self._always = always
        self.place(self._gap)

    def place(self, gap: QRect) -> None:
        """Take the place that goes with the gap's geometry."""
        self._gap = gap
        if self._always:
            area = gap.adjusted(0, GAP, 0, -GAP)
        elif self.is_shown():
            area = QRect(gap.left(), gap.center().y() - STRIP_HEIGHT // 2, gap.width(), STRIP_HEIGHT)
        else:
            area = gap
        if area != self.geometry():
            self.setGeometry(area)
        self.raise_()

    def is_shown(self) -> bool:
        return self._always or self._hovered or self.hasFocus()

    def sizeHint(self) -> QSize:
        return QSize(80, STRIP_HEIGHT)

    def enterEvent(self, event: QEvent) -> None:
        self._set_hovered(self.isEnabled())
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self._set_hovered(False)
        super().leaveEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.place(self._gap)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.place(self._gap)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.EnabledChange:
            self._set_hovered(False)
        super().changeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self.is_shown():
            return
        colours = theme.current()
        active = self.isEnabled() and (self._hovered or self.hasFocus() or self.isDown())
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.hasFocus():
            pen = QPen(QColor(colours.accent), 2)
        else:
            pen = QPen(QColor(colours.edge if active else colours.line), 1, Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.setBrush(QColor(colours.hover if active else colours.surface))
        inset = pen.widthF() / 2
        painter.drawRoundedRect(
            self.rect().toRectF().adjusted(inset, inset, -inset, -inset), theme.RADIUS - 1, theme.RADIUS - 1
        )
        ink = colours.text if active else colours.muted if self.isEnabled() else colours.disabled
        painter.setPen(QColor(ink))
        painter.drawText(self.rect(), int(Qt.AlignmentFlag.AlignCenter), self.text())
        painter.end()

    def _set_hovered(self, hovered: bool) -> None:
        if hovered != self._hovered:
            self._hovered = hovered
            self.place(self._gap)
            self.update()
