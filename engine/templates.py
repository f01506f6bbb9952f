"""Networks to start from, fitted to the data: one class a template, listed at the end."""

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import ClassVar

from engine.activations.rectifiers import Linear
from engine.data.dimensions import DataDimensions
from engine.layers.activation import Activation
from engine.layers.base import Layer
from engine.layers.batch_norm import BatchNorm
from engine.layers.conv import Conv1D, Conv2D
from engine.layers.dense import Dense
from engine.layers.dropout import Dropout
from engine.layers.embedding import Embedding
from engine.layers.global_pooling import GlobalAveragePool
from engine.layers.gru import GRU
from engine.layers.layer_norm import LayerNorm
from engine.layers.pooling import MaxPool
from engine.layers.positional_encoding import PositionalEncoding
from engine.layers.reshape import Flatten, Reshape
from engine.layers.residual import Residual
from engine.layers.self_attention import SelfAttention
from engine.tasks import Task
from engine.training_settings import Training

SMALLEST_IMAGE = 12
"""Height and width that two convolutions of 5 with pooling need: 12 → 6 → 3."""
SMALLEST_RESIDUAL = 8
FEWEST_STEPS = 4
"""A shorter sequence is a list of numbers."""
LARGEST_IMAGE = 64
"""Longer images are halved by pooling before a network looks at them in detail."""
NARROWEST, WIDEST = 2, 32
"""Units in the middle of an autoencoder: an eighth of the inputs, but no fewer and no more."""


class Template(ABC):
    """A network that is made for the data's dimensions: samples, task, and integer-encoded categories."""

    heading: ClassVar[str]
    icon: ClassVar[str]
    task: ClassVar[Task | None] = None
    """The task that it sets; None: it serves all."""

    @classmethod
    def reason_against(cls, data: DataDimensions) -> str:
        """A sentence that says why it does not suit the data; empty where it does."""
        return ""

    @classmethod
    @abstractmethod
    def layers(cls, data: DataDimensions) -> tuple[Layer, ...]:
        """The hidden layers, from input to output."""

    @classmethod
    def training(cls, data: DataDimensions) -> Training | None:
        """How the network is to learn; None: as it is set."""
        return None


def flattened(data: DataDimensions) -> tuple[Layer, ...]:
    """What comes before dense layers: images are reduced and flattened, codes are looked up."""
    if len(data.input_shape) > 1:
        return (*(halvings(data.input_shape) if data.of_images else ()), Flatten())
    return (Embedding(),) if data.encoded_columns else ()


class LinearModel(Template):
    """No hidden layer: linear or logistic regression, the yardstick for all others."""

    heading: ClassVar[str] = "Linear model"
    icon: ClassVar[str] = "line-segment"

    @classmethod
    def layers(cls, data: DataDimensions) -> tuple[Layer, ...]:
        return flattened(data)


class SmallPerceptron(Template):
    """One hidden layer of 16 units: few enough to see each of them."""

    heading: ClassVar[str] = "Small perceptron"
    icon: ClassVar[str] = "graph"

    @classmethod
    def layers(cls, data: DataDimensions) -> tuple[Layer, ...]:
        return (*flattened(data), Dense(units=16))


class LargePerceptron(Template):
    """Two hidden layers of 128 and 64 units with dropout: for a thousand rows and more."""

    heading: ClassVar[str] = "Large perceptron"
    icon: ClassVar[str] = "graph"

    @classmethod
    def layers(cls, data: DataDimensions) -> tuple[Layer, ...]:
        return (*flattened(data), Dense(units=128), Dropout(rate=0.2), Dense(units=64))


class NormalizedPerceptron(Template):
    """Two hidden layers of 64 units, with batch normalization to learn faster."""

    heading: ClassVar[str] = "Perceptron with batch normalization"
    icon: ClassVar[str] = "scales"

    @classmethod
    def layers(cls, data: DataDimensions) -> tuple[Layer, ...]:
        block = (Dense(units=64, activation=Linear(), bias=False), BatchNorm(), Activation())
        return (*flattened(data), *block, *block)


class LeNet(Template):
    """Two convolutions with pooling, then dense layers (LeCun and others 1998)."""

    heading: ClassVar[str] = "LeNet"
    icon: ClassVar[str] = "image-square"

    @classmethod
    def reason_against(cls, data: DataDimensions) -> str:
        return _no_image(data, SMALLEST_IMAGE)

    @classmethod
    def layers(cls, data: DataDimensions) -> tuple[Layer, ...]:
        return (
            *halvings(data.input_shape),
            Conv2D(filters=6, height=5, width=5, padding="same"),
            MaxPool(),
            Conv2D(filters=16, height=5, width=5, padding="same"),
            MaxPool(),
            Flatten(),
            Dense(units=120),
            Dense(units=84),
        )


class SmallResNet(Template):
    """Convolutions with shortcuts around them (He and others 2016)."""

    heading: ClassVar[str] = "Small residual network"
    icon: ClassVar[str] = "git-merge"

    @classmethod
    def reason_against(cls, data: DataDimensions) -> str:
        return _no_image(data, SMALLEST_RESIDUAL)

    @classmethod
    def layers(cls, data: DataDimensions) -> tuple[Layer, ...]:
        return (
            *halvings(data.input_shape),
            Conv2D(filters=16, padding="same", activation=Linear(), bias=False),
            BatchNorm(),
            Activation(),
            _residual(16, 1),
            _residual(32, 2),
            GlobalAveragePool(),
        )


class Autoencoder(Template):
    """Squeezes the input through a narrow layer and makes it again."""

    heading: ClassVar[str] = "Autoencoder"
    icon: ClassVar[str] = "arrows-in-line-horizontal"
    task: ClassVar[Task | None] = "reconstruction"

    @classmethod
    def reason_against(cls, data: DataDimensions) -> str:
        if data.encoded_columns:
            return "It cannot make codes again: set Categories to one input per category."
        if math.prod(data.input_shape) <= NARROWEST:
            return f"It needs more than {NARROWEST} inputs: fewer cannot be squeezed."
        return ""

    @classmethod
    def layers(cls, data: DataDimensions) -> tuple[Layer, ...]:
        inputs = math.prod(data.input_shape)
        middle = max(NARROWEST, min(inputs // 8, WIDEST))
        around = max(2 * middle, min(128, inputs // 2))
        flat = (Flatten(),) if len(data.input_shape) > 1 else ()
        return (*flat, Dense(units=around), Dense(units=middle), Dense(units=around))


class Recurrent(Template):
    """A GRU that reads the sample step by step: rows of an image, columns in their order."""

    heading: ClassVar[str] = "Recurrent network"
    icon: ClassVar[str] = "arrows-clockwise"

    @classmethod
    def reason_against(cls, data: DataDimensions) -> str:
        return _no_sequence(data)

    @classmethod
    def layers(cls, data: DataDimensions) -> tuple[Layer, ...]:
        return (*as_sequence(data.input_shape), GRU(units=32))


class TinyAttention(Template):
    """A transformer of one block: steps that look at one another."""

    heading: ClassVar[str] = "Tiny attention"
    icon: ClassVar[str] = "eye"

    @classmethod
    def reason_against(cls, data: DataDimensions) -> str:
        return _no_sequence(data)

    @classmethod
    def layers(cls, data: DataDimensions) -> tuple[Layer, ...]:
        return (
            *as_sequence(data.input_shape),
            # The same dense layer for every step.
            Conv1D(filters=32, kernel_size=1, activation=Linear()),
            PositionalEncoding(encoding="learned"),
            Residual(layers=(LayerNorm(), SelfAttention(heads=4))),
            Residual(
                layers=(
                    LayerNorm(),
                    Conv1D(filters=64, kernel_size=1),
                    Conv1D(filters=32, kernel_size=1, activation=Linear()),
                )
            ),
            LayerNorm(),
            GlobalAveragePool(),
        )


TEMPLATES: tuple[type[Template], ...] = (
    LinearModel,
    SmallPerceptron,
    LargePerceptron,
    NormalizedPerceptron,
    LeNet,
    SmallResNet,
    Autoencoder,
    Recurrent,
    TinyAttention,
)
"""In the order in which they are offered."""


def halvings(input_shape: Sequence[int]) -> tuple[Layer, ...]:
    """Poolings that bring an image to at most `LARGEST_IMAGE` pixels in each direction."""
    times = max(0, math.ceil(math.log2(max(input_shape[:2]) / LARGEST_IMAGE)))
    # Of one window each: a single large one would need a size beyond the usual.
    return (MaxPool(),) * min(times, math.floor(math.log2(min(input_shape[:2]) / SMALLEST_RESIDUAL)))


def as_sequence(input_shape: Sequence[int]) -> tuple[Layer, ...]:
    """What makes steps of a sample: the rows of an image, or single numbers."""
    if len(input_shape) == 2:
        return ()
    features = input_shape[1] * input_shape[2] if len(input_shape) == 3 else 1
    return (Reshape(target_shape="sequence", channels=features),)


def _residual(filters: int, stride: int) -> Residual:
    return Residual(
        layers=(
            Conv2D(filters=filters, stride=stride, padding="same", activation=Linear(), bias=False),
            BatchNorm(),
            Activation(),
            Conv2D(filters=filters, padding="same", activation=Linear(), bias=False),
            BatchNorm(),
        ),
        activation=Activation().activation,
    )


def _no_image(data: DataDimensions, least: int) -> str:
    if not data.of_images:
        return "It needs images: these samples are lists of numbers."
    height, width = data.input_shape[:2]
    if min(height, width) < least:
        return f"It needs images of at least {least} × {least} pixels: these are {height} × {width}."
    return ""


def _no_sequence(data: DataDimensions) -> str:
    if data.encoded_columns:
        return "It reads numbers step by step, but these inputs are codes of categories."
    steps = data.input_shape[0]
    if steps < FEWEST_STEPS:
        return f"It needs a sequence of at least {FEWEST_STEPS} steps: these samples have {steps}."
    return ""
