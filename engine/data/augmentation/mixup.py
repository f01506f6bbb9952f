"""Mixup: weighted means of two examples and of their targets."""

from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from engine.arrays import Array, Targets
from engine.data.augmentation.base import Augmentation, AugmentationWorkspace, SampleKind, Samples
from engine.data.columns.texts import listed
from engine.errors import UserError
from engine.losses import Loss
from engine.settings import hints


class Mixup(Augmentation):
    """Mixes two examples of a batch, inputs and targets alike: x̃₁ = λ x₁ + (1 − λ) x₂, λ from Beta(α, α).

    The batch is split into random pairs, each of which draws its own λ; the other of the pair becomes
    x̃₂ = λ x₂ + (1 − λ) x₁, so that the sums of inputs and targets stay as they were. Of λ and 1 − λ, which
    would give the same two, the larger is taken: each keeps most of its own. Of an odd batch one example
    stays unmixed. A loss must take targets between the classes, and inputs must not be codes.
    Reference: Zhang, Cisse, Dauphin & Lopez-Paz 2018, mixup: Beyond empirical risk minimization.
    """

    heading: ClassVar[str] = "Mixup"
    icon: ClassVar[str] = "intersect"
    kinds: ClassVar[frozenset[SampleKind]] = frozenset({"image", "table"})
    mixes_targets: ClassVar[bool] = True
    kind: Literal["mixup"] = "mixup"

    alpha: float = Field(
        0.2,
        ge=0.01,
        le=10,
        title="Strength α",
        description="Small values mix in a trace of the other example, 1 any share alike, large ones half.",
        json_schema_extra=hints(live=True, slider=True, logarithmic=True),
    )

    def check(self, samples: Samples, loss: Loss | None, where: str) -> None:
        super().check(samples, loss, where)
        if samples.coded:
            raise UserError(
                where,
                expected="categories with one input each, whose shares can be mixed",
                got=f"codes in {listed(samples.coded, 3)}",
                help="Set Categories to one input per category in the data panel and remove the Embedding "
                "layer, or remove mixup.",
            )
        if loss is not None and not loss.soft_targets:
            raise UserError(
                where,
                expected="a loss that takes targets between the classes, as mixup makes them",
                got=loss.heading.lower(),
                help="Choose another loss, or remove mixup.",
            )

    def apply(
        self,
        inputs: Array,
        targets: Targets,
        generator: np.random.Generator,
        workspace: AugmentationWorkspace,
    ) -> None:
        pairs = len(inputs) // 2
        order = generator.permutation(len(inputs))
        one, other = order[:pairs], order[pairs : 2 * pairs]
        weights = generator.beta(self.alpha, self.alpha, pairs)
        weights = np.minimum(weights, 1 - weights)
        for name, values in (("inputs", inputs), ("targets", targets)):
            mine, yours, change = (
                workspace.array(f"{what} of {name}", pairs, values.shape[1:], values.dtype)
                for what in ("one half", "other half", "change")
            )
            np.take(values, one, axis=0, out=mine, mode="clip")
            np.take(values, other, axis=0, out=yours, mode="clip")
            np.subtract(yours, mine, change)
            np.multiply(change, weights.astype(values.dtype).reshape(-1, *[1] * (values.ndim - 1)), change)
            np.add(mine, change, mine)
            np.subtract(yours, change, yours)
            values[one], values[other] = mine, yours
