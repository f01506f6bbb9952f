"""Random changes to training examples: a network sees more than there are. One a file, listed here."""

from typing import Annotated

from pydantic import BeforeValidator, Field

from engine.data.augmentation.base import Augmentation, AugmentationWorkspace, Samples
from engine.data.augmentation.geometric import Crop, Flip, Rotate, Shift, Zoom
from engine.data.augmentation.intensity import Brightness, Erase, Noise
from engine.data.augmentation.mixup import Mixup
from engine.settings import expand_kind, members

_Union = Annotated[
    Shift | Rotate | Zoom | Flip | Crop | Brightness | Erase | Noise | Mixup,
    Field(discriminator="kind"),
]
AnyAugmentation = Annotated[_Union, BeforeValidator(expand_kind)]
AUGMENTATIONS: tuple[type[Augmentation], ...] = members(_Union)

__all__ = ["AUGMENTATIONS", "AnyAugmentation", "Augmentation", "AugmentationWorkspace", "Samples"]
