"""What a person sets of every recurrent layer."""

from typing import Literal

from pydantic import Field

from engine.initializers import AnyInitializer
from engine.initializers.glorot import GlorotUniform
from engine.initializers.orthogonal import Orthogonal
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
