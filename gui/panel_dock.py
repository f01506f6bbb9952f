"""The dock of one panel: a slim handle while it stands in the window, frame and title while it floats."""

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QDockWidget, QMainWindow, QSizeGrip, QWidget

from gui import theme
from gui.dock_rows import fitted
from gui.widgets.float_title import FloatTitle
from gui.widgets.grip import Grip

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
        self._grip = Grip(heading.lower())
        self._title = FloatTitle(heading)
        self._corner = QSizeGrip(self)
        self._corner.hide()
        self._title.hide()
        self._title.setParent(self)
        self.setTitleBarWidget(self._grip)
        self.setWidget(content)
        self._grip.activated.connect(lambda: self.setFloating(True))
        self._title.dock_back.connect(self._go_back)
        self._title.closed.connect(self.close)
        self.topLevelChanged.connect(self._float)

    @property
    def float_title(self) -> FloatTitle:
        """What stands over it while it floats."""
        return self._title

    def take_focus(self) -> None:
        """Put the keyboard on its handle, or on its title while it floats."""
        self.activateWindow()
        target: QWidget = self._title.dock_button if self.isFloating() else self._grip
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
        title: QWidget = self._title if floating else self._grip
        (self._grip if floating else self._title).hide()
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
