"""What the chosen augmentations make of some training examples."""

import itertools

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from engine.data.augmentation import AnyAugmentation
from engine.data.augmentation.augmenter import Preview
from engine.errors import UserError
from engine.insight.run_queries import AugmentationQuery
from gui.core.messages import Answers, Prepared
from gui.kit import InlineMessage, Label, theme
from gui.kit.colour_maps import picture_of
from gui.kit.layouts import ROW_SPACING
from gui.kit.text import tr
from gui.panels.setup.sample_numbers import SampleNumbers
from gui.panels.setup.target_and_task import target_words

LARGEST_SIDE = 60
"""Of an image on the window; small ones are enlarged by a whole factor, so that they stay crisp."""
FEWEST_VERSIONS = 3
_BETWEEN, _APART, _CAPTION = 4, 12, 18
"""Between two versions, between the original and the first, and the height of a line of words."""


class SampleImages(QWidget):
    """A line for each example: the original, then as many versions as there is room for."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._preview: Preview | None = None
        self._classes: tuple[str, ...] = ()
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def show_preview(self, preview: Preview, classes: tuple[str, ...]) -> None:
        """classes : of what the targets are shares, where they are."""
        self._preview, self._classes = preview, classes
        count, versions = preview.augmented.shape[:2]
        self.setAccessibleName(
            tr(
                "{count} training images, each with {versions} augmented versions",
                count=count,
                versions=versions,
            )
        )
        self.updateGeometry()
        self.update()

    def image_size(self, width: int) -> QSize:
        """How large an image is painted in that room."""
        if self._preview is None:
            return QSize(0, 0)
        rows, columns = self._preview.original.shape[1:3]
        room = (width - _APART - (FEWEST_VERSIONS - 1) * _BETWEEN) // (FEWEST_VERSIONS + 1)
        side = min(LARGEST_SIDE, max(room, 1))
        factor = side / max(rows, columns)
        factor = int(factor) if factor >= 1 else factor
        return QSize(max(round(columns * factor), 1), max(round(rows * factor), 1))

    def versions_shown(self, width: int) -> int:
        """How many of the versions have room beside the original."""
        if self._preview is None:
            return 0
        side = self.image_size(width).width()
        room = (width - side - _APART + _BETWEEN) // (side + _BETWEEN)
        return int(np.clip(room, 1, self._preview.augmented.shape[1]))

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        if self._preview is None:
            return 0
        line = self.image_size(width).height() + self._words_height() + _BETWEEN
        return theme.scaled(_CAPTION) + len(self._preview.original) * line - _BETWEEN

    def sizeHint(self) -> QSize:
        return QSize(240, self.heightForWidth(max(self.width(), 240)))

    def minimumSizeHint(self) -> QSize:
        return QSize(160, self.heightForWidth(max(self.width(), 160)))

    def resizeEvent(self, event: QResizeEvent) -> None:
        # More room may be room for larger images.
        self.updateGeometry()
        super().resizeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        preview = self._preview
        if preview is None:
            return
        colours, size = theme.current(), self.image_size(self.width())
        shown = self.versions_shown(self.width())
        painter = QPainter(self)
        # Smaller than they are, images would lose lines without it; larger, they would be blurred by it.
        shrunk = size.height() < preview.original.shape[1]
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, shrunk)
        painter.setFont(theme.caption_font())
        painter.setPen(QColor(colours.muted))
        left = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        first = size.width() + _APART
        painter.drawText(QRectF(0, 0, first, theme.scaled(_CAPTION)), left, tr("Original"))
        painter.drawText(
            QRectF(first, 0, self.width() - first, theme.scaled(_CAPTION)), left, tr("Augmented")
        )
        for row, original in enumerate(preview.original):
            top = theme.scaled(_CAPTION) + row * (size.height() + self._words_height() + _BETWEEN)
            targets = (preview.targets[row], *preview.augmented_targets[row, :shown])
            for column, image in enumerate((original, *preview.augmented[row, :shown])):
                x = 0 if column == 0 else first + (column - 1) * (size.width() + _BETWEEN)
                self._paint_one(painter, QRectF(x, top, size.width(), size.height()), image, targets[column])
        painter.end()

    def _paint_one(
        self, painter: QPainter, place: QRectF, image: NDArray[np.floating], target: NDArray[np.floating]
    ) -> None:
        colours = theme.current()
        painter.drawImage(place, picture_of(image, colours))
        painter.setPen(QPen(QColor(colours.line), 1))
        painter.drawRect(place.adjusted(0.5, 0.5, -0.5, -0.5))
        if self._words_height():
            painter.setPen(QColor(colours.muted))
            below = QRectF(place.left(), place.bottom() + 1, place.width(), self._words_height())
            words = target_words(target, self._classes)
            shown = painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, int(place.width()))
            painter.drawText(below, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), shown)

    def _words_height(self) -> int:
        """Room for the classes under each image, where augmentation mixes them."""
        preview = self._preview
        mixed = preview is not None and not np.array_equal(
            np.broadcast_to(preview.targets[:, None], preview.augmented_targets.shape),
            preview.augmented_targets,
        )
        return theme.scaled(_CAPTION) if mixed and self._classes else 0


SETTLED_MS = 60
"""While a slider moves, what it passes through is not asked for."""


class AugmentationPreview(QWidget):
    """Asks for a preview when it is seen and what it shows is out of date: `queries`, and `asked` says so.

    There only while there is something to augment with, and examples to do it to.
    """

    asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._run = 0
        self._classes: tuple[str, ...] = ()
        self._augmentations: tuple[AnyAugmentation, ...] = ()
        self._seeds = itertools.count(1)
        self._seed = 0
        self._asked: AugmentationQuery | None = None
        self._shown: Preview | UserError | None = None
        self._images, self._numbers = SampleImages(), SampleNumbers()
        self._message = InlineMessage()
        self._others = QPushButton(tr("Other examples"))
        self._others.setAccessibleName(tr("Other examples"))
        self._others.setProperty("small", True)
        self._others.setIcon(theme.icon("dice-five", "muted"))
        theme.set_sizes(self._others, icon=16)
        self._others.setToolTip(tr("Draw other examples, and other changes to them."))
        self._others.clicked.connect(self._draw)
        line = QHBoxLayout()
        line.addWidget(Label(tr("Preview"), "muted"), 1)
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
            self._run, self._asked, self._shown = run, None, None
            self._classes = prepared.dataset.classes if prepared is not None else ()
        self._update()

    def show_augmentations(self, augmentations: tuple[AnyAugmentation, ...]) -> None:
        """Take what is to be done to them."""
        self._augmentations = augmentations
        self._update()

    def queries(self) -> tuple[AugmentationQuery, ...]:
        """What is asked for, from when it has settled."""
        return (self._asked,) if self._asked is not None and self.isVisible() else ()

    def show_answers(self, answers: Answers) -> None:
        """Show the answer, unless something else is to be asked by now."""
        query = self._query()
        preview, error = answers.get(query), answers.error(query)
        found = preview or error
        if answers.run != self._run or found is None or found is self._shown:
            return
        self._shown = found
        self._message.show_message("" if error is None else str(error))
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
        if self.isVisible() and self._query() != self._asked:
            self._settled.start()

    def _query(self) -> AugmentationQuery:
        return AugmentationQuery(self._augmentations, self._seed)

    def _ask(self) -> None:
        if self.isVisible():
            self._asked = self._query()
            self.asked.emit()

    def _draw(self) -> None:
        self._seed = next(self._seeds)
        self._update()
