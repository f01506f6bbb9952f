"""The small handwritten digits."""

from typing import ClassVar, Literal

import numpy as np

from engine.data.sources.bundled import Bundled, class_column
from engine.data.table import Column, Table
from engine.progress import Progress
from engine.tasks import Task


class Digits(Bundled):
    """1,797 images of 8 × 8 pixels with the values 0 (paper) to 16 (ink), and the digit they show."""

    heading: ClassVar[str] = "Handwritten digits"
    icon: ClassVar[str] = "number-square-eight"
    kind: Literal["digits"] = "digits"
    usual_target: ClassVar[str] = "digit"
    usual_task: ClassVar[Task | None] = "classification"
    origin: ClassVar[str] = (
        "1,797 digits of 8 × 8 pixels, written by 43 people, by E. Alpaydin and C. Kaynak, UCI 1998."
    )

    def read(self, progress: Progress) -> Table:
        from sklearn.datasets import load_digits

        bunch = load_digits()
        images = np.asarray(bunch.images, dtype=np.float32)[..., np.newaxis]
        return self.table((Column("image", "image", images), class_column(self.usual_target, bunch)))
