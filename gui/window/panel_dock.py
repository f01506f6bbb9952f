"""The dock of one panel: a slim handle while it stands in the window, a frame with a title when it floats."""

from PySide6.QtCore import QPoint, QPointF, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QKeyEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QDockWidget, QHBoxLayout, QMainWindow, QSizeGrip, QToolButton, QWidget

from gui.kit import theme
from gui.kit.labels import ElidedLabel
from gui.kit.text import tr
from gui.window.dock_sizes import fitted

HEIGHT = 10
DOTS = 5
DISTANCE = 5.0


class DockTitle(QWidget):
    """A row of dots to drag a dock by; a double click or Enter lets it float, which `activated` says."""

    activated = Signal()

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(HEIGHT)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        self.setToolTip(tr("Drag to move {name}; double-click to let it float.", name=name))
        self.setAccessibleName(tr("Handle of {name}", name=name))
        self.setAccessibleDescription(tr("Enter lets it float."))

    def sizeHint(self) -> QSize:
        return QSize(60, HEIGHT)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.activated.emit()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), QColor(colours.surface))
        left = self.width() / 2 - DISTANCE * (DOTS - 1) / 2
        if self.hasFocus():
            painter.setPen(QPen(QColor(colours.accent), 2))
            painter.drawRoundedRect(self.rect().adjusted(1, 1, -1, -1), 4, 4)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colours.edge if self.underMouse() else colours.line))
        for dot in range(DOTS):
            painter.drawEllipse(QPointF(left + DISTANCE * dot, HEIGHT / 2 + 1), 1.2, 1.2)
        painter.end()


TITLE_HEIGHT = 32
ICON_SIZE = 16


class FloatTitle(QWidget):
    """Stands over a floating panel, which it moves: presses beside the buttons go on to the panel.

    The desktop gives no frame to a panel that has a title of its own.
    """

    dock_back = Signal()
    closed = Signal()

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        theme.set_sizes(self, height=TITLE_HEIGHT)
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        self.setToolTip(tr("Drag to move it; double-click to put it back into the window."))
        row = QHBoxLayout(self)
        row.setContentsMargins(3 * theme.GRID, 0, theme.GRID, 0)
        row.setSpacing(theme.GRID)
        row.addWidget(ElidedLabel(title, "strong"), 1)
        self.dock_button = self._button("arrow-square-in", tr("Put back into the window"), title)
        self.close_button = self._button("x", tr("Close"), title)
        self.dock_button.clicked.connect(self.dock_back)
        self.close_button.clicked.connect(self.closed)
        row.addWidget(self.dock_button)
        row.addWidget(self.close_button)

    def minimumSizeHint(self) -> QSize:
        return QSize(120, theme.scaled(TITLE_HEIGHT))

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = theme.current()
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(colours.raised))
        painter.fillRect(0, self.height() - 1, self.width(), 1, QColor(colours.line))
        painter.end()

    def _button(self, sign: str, what: str, title: str) -> QToolButton:
        button = QToolButton(self)
        button.setIcon(theme.icon(sign, "muted"))
        theme.set_sizes(button, icon=ICON_SIZE, width=24, height=24)
        button.setCursor(Qt.CursorShape.ArrowCursor)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        button.setToolTip(what)
        button.setAccessibleName(f"{what}: {title}")
        return button


APART = QPoint(-48, 48)
"""How far a panel that begins to float moves away from its place, so that one sees that it floats."""
FRAME = 4
"""Around a floating panel: what the mouse takes hold of to resize it."""
LEAST_FLOATING = (280, 220)
_CORNER = 14


class PanelDock(QDockWidget):
    """Holds a panel. With a title of its own Qt gives a floating dock neither frame nor buttons."""

    def __init__(self, name: str, heading: str, content: QWidget, window: QMainWindow) -> None:
        super().__init__(heading, window)
        self.setObjectName(f"dock-{name}")
        self._dock_title = DockTitle(heading.lower())
        self._float_title = FloatTitle(heading)
        self._corner = QSizeGrip(self)
        self._corner.hide()
        self._float_title.hide()
        self._float_title.setParent(self)
        self.setTitleBarWidget(self._dock_title)
        self.setWidget(content)
        self._dock_title.activated.connect(lambda: self.setFloating(True))
        self._float_title.dock_back.connect(self._go_back)
        self._float_title.closed.connect(self.close)
        self.topLevelChanged.connect(self._float)

    @property
    def float_title(self) -> FloatTitle:
        """What stands over it while it floats."""
        return self._float_title

    def take_focus(self) -> None:
        """Put the keyboard on its handle, or on its title while it floats."""
        self.activateWindow()
        target: QWidget = self._float_title.dock_button if self.isFloating() else self._dock_title
        target.setFocus(Qt.FocusReason.TabFocusReason)

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self.isFloating():
            super().paintEvent(event)
            return
        colours = theme.current()
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(colours.surface))
        painter.setPen(QColor(colours.edge))
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_corner()

    def _go_back(self) -> None:
        self.setFloating(False)
        self.show()
        self.take_focus()

    def _float(self, floating: bool) -> None:
        title: QWidget = self._float_title if floating else self._dock_title
        (self._dock_title if floating else self._float_title).hide()
        self.setTitleBarWidget(title)
        title.show()
        margin = FRAME if floating else 0
        self.setContentsMargins(margin, margin, margin, margin)
        self._corner.setVisible(floating)
        if not floating:
            return
        area = QRect(self.pos() + APART, self.size().expandedTo(self._least_size()))
        self.setGeometry(fitted(area, self.screen().availableGeometry()))
        self._place_corner()
        self.take_focus()

    def _least_size(self) -> QSize:
        return self.minimumSizeHint().expandedTo(QSize(*LEAST_FLOATING))

    def _place_corner(self) -> None:
        self._corner.setGeometry(self.width() - _CORNER, self.height() - _CORNER, _CORNER, _CORNER)
        self._corner.raise_()
