"""Random changes to training examples: a network sees more than there are. One a file, listed here."""

from typing import Annotated

from pydantic import BeforeValidator, Field

from engine.data.augmentation.base import Augmentation, Bench
from engine.data.augmentation.brightness import Brightness
from engine.data.augmentation.crop import Crop
from engine.data.augmentation.erase import Erase
from engine.data.augmentation.flip import Flip
from engine.data.augmentation.mixup import Mixup
from engine.data.augmentation.noise import Noise
from engine.data.augmentation.rotate import Rotate
from engine.data.augmentation.samples import Samples
from engine.data.augmentation.shift import Shift
from engine.data.augmentation.zoom import Zoom
from engine.settings import expand_kind, members

_Union = Annotated[
    Shift | Rotate | Zoom | Flip | Crop | Brightness | Erase | Noise | Mixup,
    Field(discriminator="kind"),
]
AnyAugmentation = Annotated[_Union, BeforeValidator(expand_kind)]
AUGMENTATIONS: tuple[type[Augmentation], ...] = members(_Union)

__all__ = ["AUGMENTATIONS", "AnyAugmentation", "Augmentation", "Bench", "Samples"]
