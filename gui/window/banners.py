"""Banners over the top of the centre: the file that is being opened, and notices."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QRectF, QSize, QTimer, Signal
from PySide6.QtGui import QAccessible, QAccessibleEvent, QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from gui.kit import theme
from gui.kit.indicators import SlimProgress, percent
from gui.kit.labels import ElidedLabel, IconLabel, Label
from gui.kit.text import tr

WIDEST = 560
MARGIN = 3 * theme.GRID
"""Around the banners, in the widget that they stand over."""


class Banner(QWidget):
    """A card with one row of widgets, hidden until it has something to say."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(3 * theme.GRID, 2 * theme.GRID, 2 * theme.GRID, 2 * theme.GRID)
        self.row.setSpacing(2 * theme.GRID)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        self.setMaximumWidth(theme.scaled(WIDEST))
        self.hide()

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QColor(colours.edge))
        painter.setBrush(QColor(colours.raised))
        inside = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(inside, theme.RADIUS, theme.RADIUS)
        painter.end()


class BannerColumn(QWidget):
    """Banners below one another, in the middle of the top of the widget that they stand over.

    below : how far from the top they begin, in pixels. The column is no larger than what it shows, so that
    everything beside it can be clicked.
    """

    def __init__(self, over: QWidget, *banners: Banner, below: int = 0) -> None:
        super().__init__(over)
        self._over, self._banners, self._below = over, banners, below
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2 * theme.GRID)
        for banner in banners:
            column.addWidget(banner)
            banner.installEventFilter(self)
        over.installEventFilter(self)
        self.hide()

    def set_below(self, below: int) -> None:
        """Begin further up or down: something else stands at the top."""
        if below != self._below:
            self._below = below
            self._place()

    def event(self, event: QEvent) -> bool:
        done = super().event(event)
        if event.type() == QEvent.Type.LayoutRequest:
            self._place()
        return done

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        shown = (QEvent.Type.ShowToParent, QEvent.Type.HideToParent)
        if (event.type() == QEvent.Type.Resize and watched is self._over) or event.type() in shown:
            self._place()
        return super().eventFilter(watched, event)

    def _place(self) -> None:
        self.setVisible(any(not banner.isHidden() for banner in self._banners))
        if self.isHidden():
            return
        room = self._over.width() - 2 * MARGIN
        width = min(self.sizeHint().width(), theme.scaled(WIDEST), room)
        height = self.heightForWidth(width) if self.hasHeightForWidth() else self.sizeHint().height()
        self.setGeometry((self._over.width() - width) // 2, self._below + MARGIN, width, height)
        self.raise_()


SHOWN_S = 12.0


class Notice(Banner):
    """Says something once: "The trained network is kept: Ctrl+Z brings it back", with a button for it.

    It goes by itself, but not while the pointer or the focus is on it.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._callback: Callable[[], object] | None = None
        self._text = Label("", wrap=True)
        self.action = QPushButton()
        self.action.setProperty("small", True)
        self.action.clicked.connect(self._act)
        self.close_button = QToolButton()
        self.close_button.setIcon(theme.icon("x", "muted"))
        theme.set_sizes(self.close_button, icon=14)
        self.close_button.setToolTip(tr("Dismiss"))
        self.close_button.setAccessibleName(tr("Dismiss"))
        self.close_button.clicked.connect(self.dismiss)
        self.row.addWidget(IconLabel("info", "accent"))
        self.row.addWidget(self._text, 1)
        self.row.addWidget(self.action)
        self.row.addWidget(self.close_button)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._time_out)

    def text(self) -> str:
        """What it says; empty while it is hidden."""
        return "" if self.isHidden() else self._text.text()

    def show_note(
        self,
        text: str,
        action: str = "",
        callback: Callable[[], object] | None = None,
        seconds: float = SHOWN_S,
    ) -> None:
        """Say something in place of what was said before.

        Parameters
        ----------
        text : a sentence.
        action : what the button says; without it there is none.
        callback : called when the button is pressed; the notice goes then.
        seconds : after how long it goes by itself.
        """
        self._text.setText(text)
        self.updateGeometry()
        self._callback = callback
        self.action.setText(action)
        self.action.setVisible(bool(action))
        self.setAccessibleName(text)
        self.show()
        self._timer.start(round(1000 * seconds))
        # A screen reader says it without being asked.
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.Alert))

    def sizeHint(self) -> QSize:
        """As wide as the sentence, where there is room: a label that wraps asks for far less."""
        hint = super().sizeHint()
        whole = self._text.fontMetrics().horizontalAdvance(self._text.text()) + 2
        return QSize(hint.width() + max(whole - self._text.sizeHint().width(), 0), hint.height())

    def dismiss(self) -> None:
        """Take it away."""
        self._timer.stop()
        self._callback = None
        self.hide()

    def _time_out(self) -> None:
        focused = self.action.hasFocus() or self.close_button.hasFocus()
        if self.underMouse() or focused:
            self._timer.start(1000)
        else:
            self.dismiss()

    def _act(self) -> None:
        callback = self._callback
        self.dismiss()
        if callback is not None:
            callback()


class OpeningBanner(Banner):
    """Says "Opening big.gradwright … 40 %"; `cancelled`: the person does not want to wait."""

    cancelled = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words = ElidedLabel("")
        self._progress = SlimProgress()
        self.cancel_button = QPushButton(tr("Cancel"))
        self.cancel_button.setProperty("small", True)
        self.cancel_button.clicked.connect(self.cancelled)
        left = QVBoxLayout()
        left.setSpacing(theme.GRID)
        left.addWidget(self._words)
        left.addWidget(self._progress)
        self.row.addLayout(left, 1)
        self.row.addSpacing(theme.GRID)
        self.row.addWidget(self.cancel_button)
        theme.set_sizes(self, least_width=300)

    @property
    def progress(self) -> SlimProgress:
        return self._progress

    def text(self) -> str:
        """What it says; empty while it is hidden."""
        return "" if self.isHidden() else self._words.text()

    def show_opening(self, title: str, fraction: float | None = None, *, cancellable: bool = True) -> None:
        """Say that a file opens.

        Parameters
        ----------
        title : of the job, with the name of the file: "Opening cars.csv".
        fraction : how much of it is done, 0 to 1; None where that is not known.
        cancellable : False once it can no longer be cancelled, or Cancel was pressed.
        """
        words = " ".join(part for part in (f"{title} …", percent(fraction)) if part)
        self._words.setText(words)
        self._progress.show_fraction(fraction)
        self._progress.setAccessibleName(title)
        self.cancel_button.setEnabled(cancellable)
        self.cancel_button.setAccessibleName(tr("Cancel: {title}", title=title))
        self.setAccessibleName(words)
        self.show()

    def finish(self) -> None:
        """It is open, or was cancelled."""
        self.hide()
