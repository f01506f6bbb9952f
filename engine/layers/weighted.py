"""The fields of layers with weights: penalties, activation, initializers and bias."""

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import Field

from engine.activations import ActivationFunction, AnyActivation
from engine.activations.rectifiers import ReLU
from engine.arrays import Shape
from engine.initializers import AnyInitializer
from engine.initializers.fixed_scale import Zeros
from engine.initializers.variance_scaling import GlorotUniform, HeUniform
from engine.layers.base import Layer
from engine.settings import hints


class Penalized(Layer):
    """A layer with penalties of its own; empty fields take the network's values."""

    regularization: ClassVar[Mapping[str, tuple[Any, str]]] = {"l1": (None, "L1"), "l2": (None, "L2")}

    l1: float | None = Field(
        None,
        ge=0,
        le=10,
        title="L1",
        description="Pulls this layer's weights towards exactly 0; empty takes the network's value.",
        json_schema_extra=hints(live=True, none_title="Same as network", section="More"),
    )
    l2: float | None = Field(
        None,
        ge=0,
        le=10,
        title="L2",
        description="Keeps this layer's weights small; empty takes the network's value.",
        json_schema_extra=hints(live=True, none_title="Same as network"),
    )


WEIGHTED_ORDER = ("activation", "initializer", "bias", "bias_initializer", "l1", "l2")
"""The fields of a Weighted layer in the order of forms; a subclass puts its own in front."""


class Weighted(Penalized):
    """A layer that computes y = f(x combined with "weight" + "bias")."""

    activation: AnyActivation = Field(
        ReLU(),
        title="Activation",
        description="Applied to the weighted sum; with linear ones, several layers are no more than one.",
    )
    initializer: AnyInitializer | None = Field(
        None,
        title="Initializer",
        description="How the weights start; too small and signals die out, too large and they explode.",
        json_schema_extra=hints(none_title="Fits the activation"),
    )
    bias: bool = Field(
        True,
        title="Bias",
        description="Adds a trained constant to every unit.",
        json_schema_extra=hints(section="More"),
    )
    bias_initializer: AnyInitializer = Field(
        Zeros(),
        title="Bias initializer",
        description="How the biases start; zeros is usual.",
        json_schema_extra=hints(section="More"),
    )

    @property
    def output_activation(self) -> ActivationFunction:
        return self.activation

    def initializers(self) -> dict[str, AnyInitializer]:
        fitting = HeUniform() if self.activation.rectifier else GlorotUniform()
        return {"weight": self.initializer or fitting, "bias": self.bias_initializer}

    def _with_bias(self, weight: Shape) -> dict[str, Shape]:
        """The parameters' shapes; the last axis of the weights counts the units."""
        return {"weight": weight, "bias": weight[-1:]} if self.bias else {"weight": weight}
