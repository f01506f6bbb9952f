"""The line at the bottom: what is happening, in words; and what needs attention."""

from pathlib import Path

from PySide6.QtWidgets import QStatusBar, QWidget

from engine.errors import UserError
from gui.messages import Frame
from gui.widgets.labels import ElidedLabel


class StatusLine(QStatusBar):
    """Left a sentence on the run, right the problem that keeps it from starting."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizeGripEnabled(False)
        self.setContentsMargins(10, 0, 10, 0)
        self._sentence = ElidedLabel("", "muted")
        self._problem = ElidedLabel("", "error")
        self._problem.setObjectName("problem")
        self._problem.hide()
        self.addWidget(self._sentence, 1)
        self.addPermanentWidget(self._problem, 2)

    def show_frame(self, frame: Frame) -> None:
        """Say how the run stands."""
        self._sentence.setText(frame.sentence)

    def show_problem(self, error: UserError | None) -> None:
        """Say what is wrong with the experiment; None when nothing is."""
        self._problem.setText("" if error is None else str(error))
        self._problem.setVisible(error is not None)

    def show_saved(self, path: Path) -> None:
        """Say for a while that a picture or table was written."""
        self._sentence.setText(f"Saved {path.name} in {path.parent}.")

    @property
    def sentence(self) -> str:
        return self._sentence.text()

    @property
    def problem(self) -> str:
        return self._problem.text()
