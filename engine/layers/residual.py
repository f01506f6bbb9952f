"""The residual layer: inner layers with a shortcut connection, and stochastic depth."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal, NamedTuple

import numpy as np
from pydantic import Field, ValidatorFunctionWrapHandler, field_validator

from engine.activations import ActivationFunction, AnyActivation
from engine.activations.rectifiers import Linear
from engine.arrays import Array, Shape
from engine.initializers import AnyInitializer, Initializer
from engine.initializers.variance_scaling import LeCunNormal
from engine.layers.activation import Activation
from engine.layers.base import ArraySpec, Layer, Workspace
from engine.layers.dropout import draw_mask
from engine.layers.inner_layers import InnerStack, depth, inner_shapes, outside, shortcut_projection
from engine.layers.layer_norm import LayerNorm
from engine.settings import hints

if TYPE_CHECKING:
    from engine.layers import AnyLayer

MOST_LAYERS = 32
MOST_NESTED = 4
"""Levels of nested residual layers."""

PROJECTION = "projection"
"""The name of the shortcut's projection; the inner layers are named by their index from 0."""

FEWEST_UNITS, MOST_UNITS = 16, 64
"""Of the inner layers that `suited` chooses, unless the output needs more."""


class _Branches(NamedTuple):
    """The two branches of a batch, with views of the workspace."""

    inner: InnerStack
    projection: Layer | None
    shortcut: InnerStack


class Residual(Layer):
    """Adds the output of inner layers to their input, y = f(x + F(x)), so that they learn the residual.

    Where F(x) has another shape than x, y = f(P(x) + F(x)) with a trained linear projection P of the
    features; on images and sequences it is a convolution of size 1 with the stride by which F reduces their
    size. Shapes: x (batch, …); F(x) and y (batch, …) of the inner layers' output. Parameters of the inner
    layers begin with their index, "0.weight"; those of P (inputs, outputs), with leading axes of length 1 for
    the cells, are "projection.weight".
    Stochastic depth: training leaves F(x) out for a whole sample with probability drop_rate, and divides
    it by 1 − drop_rate otherwise, so that prediction needs no correction.
    Gradients: with dz = dy · f'(z) and m the sample's 0 or 1 / (1 − drop_rate), F gets m dz, and dx is what
    comes back from F plus dz, or what comes back from P.
    Raises ShapeError where an inner layer does not fit, or no projection of x has the shape of F(x).
    References: He, Zhang, Ren & Sun 2016, Deep residual learning for image recognition; Huang, Sun, Liu,
    Sedra & Weinberger 2016, Deep networks with stochastic depth.
    """

    heading: ClassVar[str] = "Residual"
    icon: ClassVar[str] = "git-merge"
    regularization: ClassVar[Mapping[str, tuple[Any, str]]] = {"drop_rate": (0.0, "stochastic depth")}

    kind: Literal["residual"] = "residual"

    layers: "tuple[AnyLayer, ...]" = Field(
        (LayerNorm(), Activation()),
        min_length=1,
        max_length=MOST_LAYERS,
        title="Inner layers",
        description="The layers that the shortcut skips: their output is added to their input.",
    )
    activation: AnyActivation = Field(
        Linear(),
        title="Activation",
        description="Applied to the sum; linear leaves the shortcut unchanged.",
    )
    drop_rate: float = Field(
        0.0,
        ge=0,
        le=0.95,
        title="Drop rate",
        description="Fraction of the examples for which a training step leaves the inner layers out.",
        json_schema_extra=hints(live=True, slider=True),
    )
    projection_initializer: AnyInitializer = Field(
        LeCunNormal(),
        title="Projection initializer",
        description="How the shortcut's weights start, where it has to change the shape.",
        json_schema_extra=hints(section="More"),
    )

    @field_validator("layers", mode="wrap")
    @classmethod
    def _not_too_deep(cls, layers: Any, read: ValidatorFunctionWrapHandler) -> Any:
        # Before validation, since deep recursion would fail, and after it: a kind given by name has layers
        # too.
        if depth(layers, MOST_NESTED) <= MOST_NESTED:
            found = read(layers)
            if depth(found, MOST_NESTED) <= MOST_NESTED:
                return found
        raise ValueError(f"at most {MOST_NESTED} residual layers inside one another")

    @property
    def output_activation(self) -> ActivationFunction:
        return self.activation

    @property
    def inner_layers(self) -> tuple[Layer, ...]:
        return self.layers

    @property
    def random(self) -> bool:
        return True

    @property
    def couples_batch(self) -> bool:
        return any(layer.couples_batch for layer in self.layers)

    @property
    def stepwise(self) -> bool:
        return any(layer.stepwise for layer in self.layers)

    def suited(self, input_shape: Shape) -> Layer:
        """With two weighted layers inside, and no projection unless there are few features."""
        if not 1 <= len(input_shape) <= 3:
            return self
        features = input_shape[-1]
        kind, size = (("dense", "units"), ("conv1d", "filters"), ("conv2d", "filters"))[len(input_shape) - 1]
        within = {"kind": kind, size: min(max(features, FEWEST_UNITS), MOST_UNITS)}
        last = {"kind": kind, size: max(features, FEWEST_UNITS), "activation": "linear"}
        return self.replace(layers=(within, last))

    def output_shape(self, input_shape: Shape) -> Shape:
        output = self._shapes(input_shape)[-1]
        shortcut_projection(self.heading, input_shape, output)
        return output

    def parameter_shapes(self, input_shape: Shape) -> dict[str, Shape]:
        found: dict[str, Shape] = {}
        for key, (layer, before) in self._inner_and_projection(input_shape).items():
            found |= outside(key, layer.parameter_shapes(before))
        return found

    def initializers(self) -> Mapping[str, Initializer]:
        found: dict[str, Initializer] = {}
        for number, layer in enumerate(self.layers):
            found |= outside(str(number), layer.initializers())
        return found | {f"{PROJECTION}.weight": self.projection_initializer}

    def penalized(self) -> frozenset[str]:
        return frozenset(self.penalties(0.0, 0.0))

    def penalties(self, l1: float, l2: float) -> dict[str, tuple[float, float]]:
        found: dict[str, tuple[float, float]] = {}
        for number, layer in enumerate(self.layers):
            found |= outside(str(number), layer.penalties(l1, l2))
        return found | {f"{PROJECTION}.weight": (l1, l2)}

    def statistics_shapes(self, input_shape: Shape) -> dict[str, tuple[Shape, float]]:
        found: dict[str, tuple[Shape, float]] = {}
        for key, (layer, before) in self._inner_and_projection(input_shape).items():
            found |= outside(key, layer.statistics_shapes(before))
        return found

    def workspace_arrays(self, input_shape: Shape) -> dict[str, ArraySpec]:
        wanted = {**super().workspace_arrays(input_shape)}
        output = wanted["y"].shape
        wanted |= {"branch": ArraySpec(output), "mask": ArraySpec(())}
        if self.activation.keeps_input:
            wanted["z"] = ArraySpec(output)
        if not self.activation.identity:
            wanted["dz"] = ArraySpec(output)
        for key, (layer, before) in self._inner_and_projection(input_shape).items():
            wanted |= outside(key, layer.workspace_arrays(before))
        return wanted

    def multiplications(self, input_shape: Shape) -> int:
        return sum(
            layer.multiplications(before)
            for layer, before in self._inner_and_projection(input_shape).values()
        )

    def largest_product(self, input_shape: Shape) -> int:
        return max(
            layer.largest_product(before)
            for layer, before in self._inner_and_projection(input_shape).values()
        )

    def simple_layers(self, input_shape: Shape) -> int:
        return 1 + sum(
            layer.simple_layers(before) for layer, before in self._inner_and_projection(input_shape).values()
        )

    def forward(
        self, parameters: Mapping[str, Array], x: Array, workspace: Workspace, training: bool
    ) -> Array:
        workspace.x = x
        branches, shortcut = self._branches(workspace), x
        branch = branches.inner.forward(self.layers, parameters, x, workspace, training)
        if branches.projection is not None:
            shortcut = branches.shortcut.forward((branches.projection,), parameters, x, workspace, training)
        if training:
            draw_mask(workspace["mask"], self.drop_rate, workspace.generator)
            if self.drop_rate:
                branch = np.multiply(branch, self._mask(workspace), workspace["branch"])
        y = workspace["y"]
        z = workspace["z"] if self.activation.keeps_input else y
        np.add(shortcut, branch, z)
        self.activation.forward(z, y)
        return y

    def backward(
        self,
        parameters: Mapping[str, Array],
        gradients: Mapping[str, Array],
        dy: Array,
        workspace: Workspace,
    ) -> Array:
        branches, y, dz = self._branches(workspace), workspace["y"], dy
        if not self.activation.identity:
            dz = workspace["dz"]
            self.activation.backward(workspace.get("z", y), y, dy, dz)
        # A copy in any case: the inner layers may overwrite their dy, and the shortcut needs it too.
        branch = workspace["branch"]
        if self.drop_rate:
            np.multiply(dz, self._mask(workspace), branch)
        else:
            np.copyto(branch, dz)
        branch = branches.inner.backward(self.layers, parameters, gradients, branch, workspace)
        if branches.projection is not None:
            dz = branches.shortcut.backward((branches.projection,), parameters, gradients, dz, workspace)
        dx = workspace["dx"]
        if workspace.needs_dx:
            np.add(dz, branch, dx)
        return dx

    @staticmethod
    def _mask(workspace: Workspace) -> Array:
        return workspace["mask"].reshape(-1, *(1 for _ in workspace["y"].shape[1:]))

    def _branches(self, workspace: Workspace) -> _Branches:
        if workspace.prepared is None:
            keys = [str(number) for number in range(len(self.layers))]
            before, after = workspace.x.shape[1:], workspace["y"].shape[1:]
            workspace.prepared = _Branches(
                InnerStack(keys, workspace),
                shortcut_projection(self.heading, before, after),
                InnerStack([PROJECTION], workspace),
            )
        branches: _Branches = workspace.prepared
        return branches

    def _shapes(self, input_shape: Shape) -> tuple[Shape, ...]:
        return inner_shapes(self.layers, input_shape, self.heading)

    def _inner_and_projection(self, input_shape: Shape) -> dict[str, tuple[Layer, Shape]]:
        """The inner layers, and the projection if there is one, each with its input shape."""
        shapes = self._shapes(input_shape)
        parts: dict[str, tuple[Layer, Shape]] = {
            str(number): (layer, shapes[number]) for number, layer in enumerate(self.layers)
        }
        projection = shortcut_projection(self.heading, input_shape, shapes[-1])
        return parts if projection is None else parts | {PROJECTION: (projection, input_shape)}
