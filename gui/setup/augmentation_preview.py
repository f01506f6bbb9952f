"""What the chosen augmentations make of some training examples, under their list."""

import itertools

from PySide6.QtCore import QSize, QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from engine.data.augmentation import AnyAugmentation
from gui import theme
from gui.core.messages import Prepared, Previewed, PreviewWanted
from gui.setup.rows import ROW_SPACING
from gui.setup.sample_images import SampleImages
from gui.setup.sample_numbers import SampleNumbers
from gui.widgets import InlineMessage, Label

SETTLED_MS = 60
"""While a slider moves, what it passes through is not asked for."""


class AugmentationPreview(QWidget):
    """Asks for a preview (`wanted` gives a PreviewWanted) when it is seen and what it shows is out of date.

    There only while there is something to augment with, and examples to do it to.
    """

    wanted = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._run = 0
        self._classes: tuple[str, ...] = ()
        self._augmentations: tuple[AnyAugmentation, ...] = ()
        self._seeds = itertools.count(1)
        self._seed = 0
        self._asked: PreviewWanted | None = None
        self._images, self._numbers = SampleImages(), SampleNumbers()
        self._message = InlineMessage()
        self._others = QPushButton("Other examples")
        self._others.setAccessibleName("Other examples")
        self._others.setProperty("small", True)
        self._others.setIcon(theme.icon("dice-five", "muted"))
        self._others.setIconSize(QSize(16, 16))
        self._others.setToolTip("Draw other examples, and other changes to them.")
        self._others.clicked.connect(self._draw)
        line = QHBoxLayout()
        line.addWidget(Label("Preview", "muted"), 1)
        line.addWidget(self._others)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(ROW_SPACING)
        layout.addLayout(line)
        for widget in (self._message, self._images, self._numbers):
            layout.addWidget(widget)
            widget.hide()
        self._settled = QTimer(self)
        self._settled.setSingleShot(True)
        self._settled.setInterval(SETTLED_MS)
        self._settled.timeout.connect(self._ask)
        self.hide()

    @property
    def images(self) -> SampleImages:
        return self._images

    @property
    def numbers(self) -> SampleNumbers:
        return self._numbers

    @property
    def message(self) -> InlineMessage:
        return self._message

    @property
    def others(self) -> QPushButton:
        return self._others

    def show_prepared(self, prepared: Prepared | None) -> None:
        """Take the examples of another run; None: there are none."""
        run = prepared.run if prepared is not None else 0
        if run != self._run:
            self._run, self._asked = run, None
            self._classes = prepared.dataset.classes if prepared is not None else ()
        self._update()

    def show_augmentations(self, augmentations: tuple[AnyAugmentation, ...]) -> None:
        """Take what is to be done to them."""
        self._augmentations = augmentations
        self._update()

    def show_preview(self, previewed: Previewed) -> None:
        """Show an answer, unless something else has been asked since."""
        if previewed.wanted != self._wanted():
            return
        preview = previewed.preview
        self._message.show_message("" if previewed.error is None else str(previewed.error))
        is_image = preview is not None and preview.original.ndim == 4
        self._images.setVisible(is_image)
        self._numbers.setVisible(preview is not None and not is_image)
        if preview is not None:
            (self._images if is_image else self._numbers).show_preview(preview, self._classes)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._update()

    def _update(self) -> None:
        self.setVisible(bool(self._run and self._augmentations))
        if self.isVisible() and self._wanted() != self._asked:
            self._settled.start()

    def _wanted(self) -> PreviewWanted:
        return PreviewWanted(self._run, self._augmentations, self._seed)

    def _ask(self) -> None:
        if self.isVisible():
            self._asked = self._wanted()
            self.wanted.emit(self._asked)

    def _draw(self) -> None:
        self._seed = next(self._seeds)
        self._update()
