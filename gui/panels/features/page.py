"""What every page of the view shares: what is looked at, what it asks, what it is given."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from engine.insight.query import Query
from gui.core.messages import Answers
from gui.core.model_summary import ModelSummary
from gui.core.selection import PartName
from gui.kit import Label
from gui.kit.sample_pictures import Samples
from gui.kit.text import tr
from gui.kit.theme import GRID, current, scaled
from gui.panels.features.pictures import ScaleBar

SIDE, LEAST_SIDE = 220, 72


@dataclass(frozen=True, eq=False)
class Looked:
    """What is looked at: a unit of a layer of this model, and a sample of a part."""

    model: ModelSummary
    samples: Samples
    layer: int
    unit: int
    part: PartName
    index: int

    @property
    def units(self) -> int:
        """How many units the layer has; the channels of a convolution."""
        return self.model.layers[self.layer].output_shape[-1]

    @property
    def layer_name(self) -> str:
        return self.model.layers[self.layer].name

    @property
    def sample_words(self) -> str:
        """ "Validation sample 7 · digit: 6"."""
        name, label = self.samples.name(self.part, self.index), self.label
        return f"{name} · {label}" if label else name

    @property
    def label(self) -> str:
        """What is true of the sample: "digit: 6"."""
        label = self.samples.label(self.part, self.index)
        if self.model.task == "reconstruction" or not label:
            return label
        return tr("{target}: {label}", target=self.model.target_name, label=label)


class Page(QWidget):
    """One page. `unit_chosen`, `sample_chosen` (part, index): what a person chose on it. `wanted`: it asks
    for something else now. `inspection_wanted`: the selected sample is to be inspected.
    """

    unit_chosen = Signal(int)
    sample_chosen = Signal(str, int)
    wanted = Signal()
    inspection_wanted = Signal()

    def look_at(self, looked: Looked | None, in_front: bool) -> None:
        """Something else is looked at; None: there is no run. in_front : whether a person sees the page."""

    def queries(self) -> Collection[Query[Any]]:
        """What it asks of the run while it is in front."""
        return ()

    def refresh(self, answers: Answers) -> None:
        """Answers to what it has asked, some may be missing."""

    def show_step(self, step: int) -> None:
        """How far the run is."""

    def set_training(self, training: bool) -> None:
        """Whether training is under way: then the run has most of the time for itself."""

    def end_run(self) -> None:
        """Another run takes the place of this one."""

    def forget_pictures(self) -> None:
        """The theme changed."""


class Picture(QWidget):
    """An image in a frame, as large as there is room for, never smoothed: each pixel is a number."""

    def __init__(self, name: str, side: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self._image: QImage | None = None
        self._side = side
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def show_image(self, image: QImage | None, words: str = "") -> None:
        """None: the frame is empty. words : what is to be seen."""
        self._image = image
        self.setAccessibleDescription(words)
        self.setToolTip(words)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(scaled(self._side), scaled(self._side))

    def minimumSizeHint(self) -> QSize:
        return QSize(scaled(LEAST_SIDE), scaled(LEAST_SIDE))

    def frame(self) -> QRectF:
        """Where the image lies."""
        image = self._image
        wide, high = (image.width(), image.height()) if image is not None else (1, 1)
        scale = min((self.width() - 2) / wide, (self.height() - 2) / high)
        return QRectF(1, 1, max(wide * scale, 1), max(high * scale, 1))

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, frame = current(), self.frame()
        painter = QPainter(self)
        if self._image is not None:
            painter.drawImage(frame, self._image)
        else:
            painter.fillRect(frame, QColor(theme.raised))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(theme.line), 1))
        painter.drawRect(frame)
        painter.end()


class TitledPicture(QWidget):
    """A picture under its title, its scale and a sentence below."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.picture, self.scale, self.words = (
            Picture(title, SIDE),
            ScaleBar(),
            Label("", "muted", caption=True, wrap=True),
        )
        self.words.setAlignment(Qt.AlignmentFlag.AlignTop)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GRID)
        layout.addWidget(Label(title, "strong"))
        layout.addWidget(self.picture, 1)
        layout.addWidget(self.scale)
        layout.addWidget(self.words)
        layout.addStretch(0)
