"""What a person sets of every recurrent layer."""

from typing import Literal

from pydantic import Field

from engine.arrays import Shape
from engine.errors import ShapeError
from engine.initializers import AnyInitializer
from engine.initializers.orthogonal import Orthogonal
from engine.initializers.variance_scaling import GlorotUniform
from engine.layers.base import Layer
from engine.settings import hints


class Reading(Layer):
    """How a sequence is read, and what of it is passed on."""

    units: int = Field(
        16, ge=1, le=65_536, title="Units", description="Numbers that the layer remembers between two steps."
    )
    returns: Literal["last", "sequence"] = Field(
        "last",
        title="Returns",
        description="The state after the last step that is read, or the states of all steps.",
        json_schema_extra=hints(choices={"last": "The last state", "sequence": "All states"}),
    )
    direction: Literal["forward", "backward", "both"] = Field(
        "forward",
        title="Direction",
        description="From which end sequences are read; both ways doubles the output.",
        json_schema_extra=hints(
            choices={"forward": "Forwards", "backward": "Backwards", "both": "Both ways"}
        ),
    )

    def _no_sequence(self, input_shape: Shape) -> ShapeError:
        """Says what becomes a step in the sequence that the proposed layer makes."""
        error = super()._no_sequence(input_shape)
        step = "row of the image" if len(input_shape) == 3 else "number"
        help = f"Insert a Reshape into sequences before it: each {step} is then a step."
        return self._misfit(error.expected, input_shape, help, error.insert_before)


class Starting(Reading):
    """How the parameters start."""

    initializer: AnyInitializer = Field(
        GlorotUniform(), title="Initializer", description="How the weights of the inputs start."
    )
    recurrent_initializer: AnyInitializer = Field(
        Orthogonal(),
        title="Recurrent initializer",
        description="How the weights of the state start; they act at each step anew, so size matters more.",
        json_schema_extra=hints(section="More"),
    )
    bias: bool = Field(
        True,
        title="Bias",
        description="Adds trained constants to every unit.",
        json_schema_extra=hints(section="More"),
    )
