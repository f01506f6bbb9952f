"""While a file opens: its name, how far it is, and Cancel, over the top of the centre."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from gui import theme
from gui.widgets.banner import Banner
from gui.widgets.labels import ElidedLabel
from gui.widgets.slim_progress import SlimProgress, percent


class OpeningBanner(Banner):
    """Says "Opening big.gradwright … 40 %"; `cancelled`: the person does not want to wait."""

    cancelled = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words = ElidedLabel("")
        self._progress = SlimProgress()
        self.cancel_button = QPushButton("Cancel")
        self.cancel_button.setProperty("small", True)
        self.cancel_button.clicked.connect(self.cancelled)
        left = QVBoxLayout()
        left.setSpacing(theme.GRID)
        left.addWidget(self._words)
        left.addWidget(self._progress)
        self.row.addLayout(left, 1)
        self.row.addSpacing(theme.GRID)
        self.row.addWidget(self.cancel_button)
        self.setMinimumWidth(300)

    @property
    def progress(self) -> SlimProgress:
        return self._progress

    def text(self) -> str:
        """What it says; empty while it is hidden."""
        return "" if self.isHidden() else self._words.text()

    def show_opening(self, name: str, fraction: float | None = None, *, cancellable: bool = True) -> None:
        """Say that a file opens.

        Parameters
        ----------
        name : of the file.
        fraction : how much of it is done, 0 to 1; None where that is not known.
        cancellable : False once it can no longer be cancelled, or Cancel was pressed.
        """
        words = " ".join(part for part in (f"Opening {name} …", percent(fraction)) if part)
        self._words.setText(words)
        self._progress.show_fraction(fraction)
        self._progress.setAccessibleName(f"Opening {name}")
        self.cancel_button.setEnabled(cancellable)
        self.cancel_button.setAccessibleName(f"Cancel: Opening {name}")
        self.setAccessibleName(words)
        self.show()

    def finish(self) -> None:
        """It is open, or was cancelled."""
        self.hide()
