"""What every layer is: frozen settings, a shape rule, parameters, forward and backward.

Arrays live outside: parameters and gradients are views into the network's flat vectors, and a workspace
holds what one worker needs for one batch.
"""

import math
from abc import abstractmethod
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, NamedTuple, Protocol

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer

from engine.activations.base import ActivationFunction
from engine.arrays import Array, Shape, shape_text
from engine.errors import ShapeError
from engine.initializers import Initializer
from engine.layers.workspace import ArraySpec, BatchWorker, RandomSource, Workspace
from engine.settings import Settings, hints, withdraw_overridden

__all__ = [
    "Affine",
    "ArraySpec",
    "BatchWorker",
    "Layer",
    "Normalization",
    "PoolingStep",
    "RandomSource",
    "Workspace",
]


class Affine(NamedTuple):
    """How a layer describes itself that computes f(x W + b), with W and b adjacent in the flat vectors."""

    units: int
    weight: str
    """The name of W (inputs, units) among the layer's parameters."""
    bias: str | None
    """The name of b (units,), the parameter after W; None without one."""
    activation: ActivationFunction
    samples_are_vectors: bool
    """False where x may have more axes than (batch, inputs)."""
    pass_back: Callable[[Mapping[str, Array], Array, Workspace], Array]
    """From parameters, dy and workspace: computes dx like `backward`, but no gradients. Returns dz."""


class Normalization(Protocol):
    """A layer that computes y = scale · (x − mean) / standard deviation + shift, for each channel."""

    def compute_statistics(self, x: Array, workspace: Workspace) -> None:
        """Compute mean and standard deviation of a batch, and update the running statistics."""

    def normalize(self, parameters: Mapping[str, Array], x: Array, workspace: Workspace) -> Array:
        """Write y for these x, with the statistics in the workspace."""

    def parameter_gradients(
        self, gradients: Mapping[str, Array], dy: Array, x: Array, workspace: Workspace
    ) -> None:
        """Write the gradients of the parameters, from the x at which dy is not 0."""

    def input_gradient(self, parameters: Mapping[str, Array], dy: Array, workspace: Workspace) -> None:
        """Overwrite dy by dx."""


class PoolingStep(NamedTuple):
    """The role of a layer in a fused normalization, ReLU and max pooling: exactly one of these."""

    normalization: Normalization | None = None
    activation: ActivationFunction | None = None
    pooling: bool = False


class Layer(Settings):
    """A layer's settings and its mathematics; arrays live outside, see the module's docstring.

    A layer may declare that several layers can be computed together in a faster way: `affine` and
    `pooling_step`. A subclass that overrides methods loses these declarations, unless it declares its own.
    """

    kind: str
    heading: ClassVar[str]
    icon: ClassVar[str]
    sections: ClassVar[tuple[str, ...]] = ("More",)
    regularization: ClassVar[Mapping[str, tuple[Any, str]]] = {}
    """Fields that regularize: for each the value that switches it off, and its name in a sentence."""

    enabled: bool = Field(
        True,
        title="Enabled",
        description="A disabled layer stays in the list, but samples pass it by unchanged.",
        json_schema_extra=hints(hidden=True),
    )

    @model_serializer(mode="wrap")
    def _without_the_usual(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Only a disabled layer says so, at the end: all others are written as before there was a choice."""
        values: dict[str, Any] = write(self)
        enabled = values.pop("enabled", True)
        return values if enabled else {**values, "enabled": False}

    def __init_subclass__(cls, **more: Any) -> None:
        super().__init_subclass__(**more)
        withdraw_overridden(cls, Layer, ("affine", "pooling_step"))

    @abstractmethod
    def output_shape(self, input_shape: Shape) -> Shape:
        """Shape of one output sample; raises ShapeError where the input does not fit."""

    @abstractmethod
    def forward(
        self, parameters: Mapping[str, Array], x: Array, workspace: Workspace, training: bool
    ) -> Array:
        """The output for a batch x (rows, *input_shape), in an array of the workspace. x is only read."""

    @abstractmethod
    def backward(
        self,
        parameters: Mapping[str, Array],
        gradients: Mapping[str, Array],
        dy: Array,
        workspace: Workspace,
    ) -> Array:
        """Overwrite `gradients` and return dx; dy (rows, *output_shape), in one run, may be overwritten.

        Called after `forward` of the same batch. Where `workspace.needs_dx` is False the result is not read.
        """

    def parameter_shapes(self, input_shape: Shape) -> dict[str, Shape]:
        """Trained arrays by name. The last axis of a weight counts its units: `MaxNorm` relies on it."""
        return {}

    def initializers(self) -> Mapping[str, Initializer]:
        """For every parameter, how it is initialized."""
        return {}

    def penalized(self) -> frozenset[str]:
        """Names of the parameters that L1 and L2 act on: weights, never biases."""
        return frozenset({"weight"})

    def statistics_shapes(self, input_shape: Shape) -> dict[str, tuple[Shape, float]]:
        """Running statistics, which are saved but not trained: shape and starting value."""
        return {}

    def workspace_arrays(self, input_shape: Shape) -> dict[str, ArraySpec]:
        """The arrays that `forward` and `backward` need in the workspace."""
        return {"y": ArraySpec(self.output_shape(input_shape)), "dx": ArraySpec(input_shape)}

    def penalties(self, l1: float, l2: float) -> dict[str, tuple[float, float]]:
        """λ₁ and λ₂ of each penalized parameter: the layer's own, or else those of the network."""
        own_l1, own_l2 = getattr(self, "l1", None), getattr(self, "l2", None)
        strengths = (l1 if own_l1 is None else own_l1, l2 if own_l2 is None else own_l2)
        return dict.fromkeys(self.penalized(), strengths)

    def suited(self, input_shape: Shape) -> "Layer":
        """The layer that is added when a person inserts one with these settings at samples of this shape."""
        return self

    def multiplications(self, input_shape: Shape) -> int:
        """Multiply-adds for one sample: every weight once for each output position that shares it."""
        shapes = self.parameter_shapes(input_shape)
        weights = sum(math.prod(shapes[name]) for name in self.penalized() & shapes.keys())
        return weights * math.prod(self.output_shape(input_shape)[:-1])

    def largest_product(self, input_shape: Shape) -> int:
        """Multiply-adds for one sample in the largest of its matrix products."""
        shapes = self.parameter_shapes(input_shape).values()
        return max((math.prod(shape) for shape in shapes if len(shape) > 1), default=0)

    def simple_layers(self, input_shape: Shape) -> int:
        """How many simple layers need as many NumPy calls as this one; for the estimate of time."""
        return 1

    def affine(self) -> Affine | None:
        """Where the layer is f(x W + b): what `FusedDense` and `ShardedDense` need to compute it."""
        return None

    def pooling_step(self) -> PoolingStep | None:
        """Its role in a max pooling that is computed before other layers, if any; see `FusedNormReluPool`."""
        return None

    @property
    def output_activation(self) -> ActivationFunction | None:
        """The activation function that the output is a value of, if it is one."""
        return None

    @property
    def inner_layers(self) -> "tuple[Layer, ...]":
        """The layers inside this one, if it has any."""
        return ()

    @property
    def random(self) -> bool:
        """True where training draws random numbers (dropout, noise)."""
        return False

    @property
    def couples_batch(self) -> bool:
        """True where, in training, the output of a row depends on the other rows of the batch."""
        return False

    @property
    def stepwise(self) -> bool:
        """True where the layer processes a sequence step by step.

        That takes many small calls, which Python's lock keeps from running in parallel.
        """
        return False

    def as_evaluated(self) -> "Layer":
        """The layer whose `forward` and `backward` in training are those of this one in evaluation.

        So what evaluation computes can be differentiated: without noise, and by running statistics. It is the
        layer itself where training computes nothing else.
        """
        changes: dict[str, Any] = {
            name: off
            for name, (off, _) in self.regularization.items()
            if off is not None and getattr(self, name) != off
        }
        inner = tuple(layer.as_evaluated() for layer in self.inner_layers)
        if inner != self.inner_layers:
            changes["layers"] = inner
        # Not validated: such layers need not be ones that an experiment may hold.
        return self.model_copy(update=changes) if changes else self

    def _misfit(
        self, expected: str, input_shape: Shape, help: str, insert_before: dict[str, Any] | None = None
    ) -> ShapeError:
        return ShapeError(
            self.heading,
            expected=expected,
            got=shape_text(input_shape),
            help=help,
            insert_before=insert_before,
        )

    def _no_image(self, input_shape: Shape) -> ShapeError:
        """The error of a layer for images at other samples; a Reshape makes an image of a list of numbers."""
        expected = "an image (height, width, channels)"
        if len(input_shape) == 1:
            return self._misfit(expected, input_shape, "Insert a Reshape before it.", {"kind": "reshape"})
        return self._misfit(expected, input_shape, "Use it on images, or reshape the samples before it.")

    def _no_cells(self, input_shape: Shape, help: str = "") -> ShapeError:
        """The error of a layer for images and sequences at other samples.

        help : what to do, where making an image of a list of numbers does not help.
        """
        expected = "an image (height, width, channels) or a sequence (steps, features)"
        if len(input_shape) == 1 and not help:
            return self._misfit(expected, input_shape, "Insert a Reshape before it.", {"kind": "reshape"})
        return self._misfit(
            expected, input_shape, help or "Use it on images or sequences, or reshape the samples before it."
        )

    def _no_sequence(self, input_shape: Shape) -> ShapeError:
        """The error of a layer for sequences at other samples; a Reshape makes steps of numbers or rows."""
        features = input_shape[-2] * input_shape[-1] if len(input_shape) == 3 else 1
        return self._misfit(
            "a sequence (steps, features)",
            input_shape,
            "Insert a Reshape before it.",
            {"kind": "reshape", "target_shape": "sequence", "channels": features},
        )
