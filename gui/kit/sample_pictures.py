"""Samples of a run in pictures and words: the image, the label, the name that a person knows a sample by."""

from collections.abc import Callable

import numpy as np
from PySide6.QtGui import QImage

from engine.arrays import Array, Shape
from engine.data import Dataset
from gui.kit.colour_maps import picture_of
from gui.kit.numbers import count_text, reading_text
from gui.kit.text import tr
from gui.kit.theme import current

ROWS_FOR_RANGE = 256
"""Images of the training part in which the darkest and the brightest pixel are looked for."""


class Samples:
    """The samples of the run at hand.

    dataset : gives that of the run; None while there is none. It is asked each time, so that the data of a
    run that is gone is not kept alive. image : (height, width, channels) of a sample that is an image.
    """

    def __init__(self, dataset: Callable[[], Dataset | None], image: Shape | None = None) -> None:
        self._dataset, self.image_shape = dataset, image
        self._range: tuple[float, float] | None = None

    def count(self, part: str) -> int:
        """How many samples a part has."""
        dataset = self._dataset()
        return dataset.part(part).rows_count if dataset is not None else 0

    def image(self, part: str, index: int) -> Array | None:
        """The prepared image (height, width, channels); None where samples are none, or there is no such."""
        dataset = self._dataset()
        if dataset is None or self.image_shape is None or not 0 <= index < dataset.part(part).rows_count:
            return None
        values: Array = dataset.part(part).inputs[index]
        if values.size != np.prod(self.image_shape):
            return None
        return values.reshape(self.image_shape)

    def picture(self, part: str, index: int) -> QImage | None:
        """The image in colours of the theme; all samples share one range of brightness."""
        values = self.image(part, index)
        return None if values is None else picture_of(values, current(), *self.range())

    def range(self) -> tuple[float, float]:
        """Lowest and highest prepared pixel."""
        dataset = self._dataset()
        if self._range is None and dataset is not None:
            some = dataset.training.inputs[:ROWS_FOR_RANGE]
            self._range = float(np.nanmin(some)), float(np.nanmax(some))
        return self._range or (0.0, 1.0)

    def label(self, part: str, index: int) -> str:
        """What is true of it: the class, or the number in the target's units; "" where nothing is known."""
        dataset = self._dataset()
        if dataset is None or not 0 <= index < dataset.part(part).rows_count:
            return ""
        examples = dataset.part(part)
        if dataset.task == "reconstruction":
            return dataset.label_texts(examples.rows[index : index + 1])[0]
        target = examples.targets[index : index + 1]
        if dataset.task == "regression":
            numbers = np.asarray(dataset.in_target_units(target), np.float64).ravel()
            return ", ".join(reading_text(float(number)) for number in numbers)
        if dataset.task == "classification":
            return dataset.classes[int(target[0])]
        names = [dataset.classes[int(value)] for value in np.ravel(target)]
        return ", ".join(names)

    @staticmethod
    def name(part: str, index: int) -> str:
        """ "Training sample 38": counted from 1."""
        words = {
            "training": tr("Training sample {number}"),
            "validation": tr("Validation sample {number}"),
            "test": tr("Test sample {number}"),
        }
        return words[part].format(number=count_text(index + 1))
