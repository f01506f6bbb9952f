"""What all layers with weights, a bias and an activation have in common: fields and starting values."""

from pydantic import Field

from engine.activations import AnyActivation
from engine.activations.relu import ReLU
from engine.arrays import Shape
from engine.initializers import AnyInitializer
from engine.initializers.glorot import GlorotUniform
from engine.initializers.he import HeUniform
from engine.initializers.zeros import Zeros
from engine.layers.base import Layer
from engine.layers.penalized import Penalized
from engine.settings import hints


class Combining(Layer):
    """What a weighted sum goes through, and how its parameters start."""

    activation: AnyActivation = Field(
        ReLU(),
        title="Activation",
        description="The bend after the weighted sum; without one, several layers are no more than one.",
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


class Weighted(Penalized, Combining):
    """y = f(x combined with "weight" + "bias").

    A subclass names this base *before* the class that declares its size: pydantic collects fields from the
    last base to the first, so that the size comes first in forms and files.
    """

    def initializers(self) -> dict[str, AnyInitializer]:
        fitting = HeUniform() if self.activation.rectifier else GlorotUniform()
        return {"weight": self.initializer or fitting, "bias": self.bias_initializer}

    def _with_bias(self, weight: Shape) -> dict[str, Shape]:
        """The parameters' shapes; the last axis of the weights counts the units."""
        return {"weight": weight, "bias": weight[-1:]} if self.bias else {"weight": weight}
