"""Multi-head self-attention."""

import math
from collections.abc import Mapping
from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from engine.arrays import Array, Shape, constant
from engine.errors import ShapeError
from engine.initializers import AnyInitializer, Initializer
from engine.initializers.composite import Blockwise
from engine.initializers.fixed_scale import Zeros
from engine.initializers.variance_scaling import GlorotUniform
from engine.layers.base import ArraySpec, Layer, Workspace
from engine.layers.dropout import draw_mask
from engine.layers.kernels.attention import AttentionViews, attend, differentiate, samples_at_once, weigh
from engine.layers.weighted import Penalized
from engine.settings import hints


class SelfAttention(Penalized):
    """Each step attends to all steps: its output is a weighted mean of their values.

    Every head h has queries, keys and values q, k, v = x W + b (steps, size), attention weights
    A = softmax(q kᵀ / √size) (steps, steps), with −∞ for later steps where causal, and the result A v; the
    concatenated results of all heads give y = [A v]ₕ W′ + b′. The order of steps has no influence: put a
    positional encoding before.
    Shapes: x and y (batch, steps, features); "weight" W (features, 3 · heads · size), queries of all heads
    first, then keys, then values; "bias" b (3 · heads · size,); "output_weight" W′ (heads · size, features);
    "output_bias" b′ (features,). The keys' bias cancels in the softmax; it is there as in PyTorch.
    Gradients: with o = A v and do = dy W′ᵀ of a head, dv = Aᵀ do, dA = do vᵀ,
    dS = A (dA − Σ do o), dq = dS k / √size, dk = dSᵀ q / √size; Σ dA A over a row of A is Σ do o over the
    head, which is shorter. dW = Σ xᵀ d(q, k, v); dx = d(q, k, v) Wᵀ; dW′ = Σ oᵀ dy. Dropout acts on A, as in
    the dropout layer.
    Raises ShapeError if a sample is no sequence, or its features cannot be split among the heads.
    Reference: Vaswani et al. 2017, Attention is all you need.
    """

    heading: ClassVar[str] = "Self-attention"
    icon: ClassVar[str] = "eye"
    regularization: ClassVar[Mapping[str, tuple[Any, str]]] = {
        "dropout": (0.0, "dropout"),
        **Penalized.regularization,
    }
    field_order: ClassVar[tuple[str, ...]] = (
        "heads",
        "size",
        "causal",
        "dropout",
        "initializer",
        "bias",
        "l1",
        "l2",
    )

    kind: Literal["self_attention"] = "self_attention"
    heads: int = Field(
        2, ge=1, le=256, title="Heads", description="Attentions side by side, each with its own view."
    )
    size: int | None = Field(
        None,
        ge=1,
        le=4096,
        title="Size of a head",
        description="Numbers of a query, a key and a value; empty splits the features among the heads.",
        json_schema_extra=hints(none_title="Features / heads"),
    )
    causal: bool = Field(
        False, title="Causal", description="Lets a step look at itself and at earlier steps only."
    )
    dropout: float = Field(
        0.0,
        ge=0,
        le=0.95,
        title="Dropout",
        description="Fraction of the attention weights that each training step switches off at random.",
        json_schema_extra=hints(live=True, slider=True),
    )
    initializer: AnyInitializer = Field(
        GlorotUniform(), title="Initializer", description="How all four weight matrices start."
    )
    bias: bool = Field(
        True,
        title="Bias",
        description="Adds trained constants after each product.",
        json_schema_extra=hints(section="More"),
    )

    @property
    def random(self) -> bool:
        return self.dropout > 0

    def suited(self, input_shape: Shape) -> Layer:
        if len(input_shape) != 2 or self.size is not None:
            return self
        return self.replace(heads=math.gcd(self.heads, input_shape[1]))

    def simple_layers(self, input_shape: Shape) -> int:
        return 4

    def multiplications(self, input_shape: Shape) -> int:
        steps, features = input_shape
        inner = self._inner(features)
        return steps * 4 * features * inner + 2 * steps**2 * inner

    def output_shape(self, input_shape: Shape) -> Shape:
        if len(input_shape) != 2:
            raise self._no_heads(input_shape)
        self._inner(input_shape[1])
        return input_shape

    def parameter_shapes(self, input_shape: Shape) -> dict[str, Shape]:
        features = input_shape[1]
        inner = self._inner(features)
        first: dict[str, Shape] = {"weight": (features, 3 * inner)}
        second: dict[str, Shape] = {"output_weight": (inner, features)}
        if self.bias:
            first["bias"], second["output_bias"] = (3 * inner,), (features,)
        return first | second

    def initializers(self) -> Mapping[str, Initializer]:
        return {
            "weight": Blockwise(parts=(self.initializer,) * 3),
            "output_weight": self.initializer,
            "bias": Zeros(),
            "output_bias": Zeros(),
        }

    def penalized(self) -> frozenset[str]:
        return frozenset({"weight", "output_weight"})

    def workspace_arrays(self, input_shape: Shape) -> dict[str, ArraySpec]:
        steps, features = input_shape
        inner = self._inner(features)
        weights = (self.heads, steps, steps)
        projected, context = ArraySpec((steps, 3 * inner)), ArraySpec((steps, inner))
        at_once = samples_at_once(weights)
        wanted = {
            **super().workspace_arrays(input_shape),
            **dict.fromkeys(("projected", "dprojected"), projected),
            **dict.fromkeys(("context", "dcontext"), context),
            "weights": ArraySpec(weights),
            "products": ArraySpec((steps, self.heads)),
            "scores": ArraySpec((at_once, *weights), per_sample=False),
            "levels": ArraySpec((at_once, self.heads, steps), per_sample=False),
            "ones": ArraySpec((max(steps, inner // self.heads),), fill=1.0),
        }
        if self.causal:
            wanted["later"] = ArraySpec((steps, steps), per_sample=False, fill=0.0)
        if self.dropout:
            wanted["mask"] = ArraySpec(weights)
        return wanted

    def forward(
        self, parameters: Mapping[str, Array], x: Array, workspace: Workspace, training: bool
    ) -> Array:
        workspace.x = x
        views, y = self._views(workspace), workspace["y"]
        features = x.shape[-1]
        x.reshape(-1, features).dot(parameters["weight"], views.projected)
        if self.bias:
            np.add(views.projected, parameters["bias"], views.projected)
        np.multiply(views.queries, self._scale(views), views.queries)
        ones = workspace["ones"].reshape(-1)
        later = workspace["later"][:, None, None] if self.causal else None
        if self.dropout and training:
            draw_mask(workspace["mask"], self.dropout, workspace.generator)
        for piece in views.pieces:
            # Evaluation uses large batches, of which the weights need not be kept.
            weights = piece.weights if training else piece.scores
            weigh(piece, weights, later, ones)
            attend(piece, weights, piece.mask if self.dropout and training else None)
        flat = y.reshape(-1, features)
        views.context.dot(parameters["output_weight"], flat)
        if self.bias:
            np.add(flat, parameters["output_bias"], flat)
        return y

    def backward(
        self,
        parameters: Mapping[str, Array],
        gradients: Mapping[str, Array],
        dy: Array,
        workspace: Workspace,
    ) -> Array:
        views, dx, features = self._views(workspace), workspace["dx"], dy.shape[-1]
        dy = dy.reshape(-1, features)
        ones = workspace["ones"].reshape(-1)
        views.context.T.dot(dy, gradients["output_weight"])
        dy.dot(parameters["output_weight"].T, views.dcontext)
        np.multiply(views.context, views.dcontext, views.context)
        views.products.dot(ones[: views.size], views.product_sums)
        for piece in views.pieces:
            differentiate(piece, piece.mask if self.dropout else None)
        np.multiply(views.dqueries, self._scale(views), views.dqueries)
        workspace.x.reshape(-1, features).T.dot(views.dprojected, gradients["weight"])
        if self.bias:
            ones[: len(dy)].dot(dy, gradients["output_bias"])
            ones[: len(dy)].dot(views.dprojected, gradients["bias"])
        if workspace.needs_dx:
            views.dprojected.dot(parameters["weight"].T, dx.reshape(-1, features))
        return dx

    def _scale(self, views: AttentionViews) -> Array:
        """1 / √size, for the queries, which are fewer than the weights."""
        return constant(views.size**-0.5, views.context.dtype)

    def _inner(self, features: int) -> int:
        """Numbers of all heads together; raises ShapeError where the features cannot be split."""
        if self.size is not None:
            return self.heads * self.size
        if features % self.heads:
            raise ShapeError(
                self.heading,
                expected=f"features in multiples of {self.heads}, its number of heads,",
                got=f"{features} feature" + ("s" if features != 1 else ""),
                help="Change the number of heads, or set the size of a head.",
            )
        return features

    def _no_heads(self, input_shape: Shape) -> ShapeError:
        """How to make sequences of other samples, with features that can be split among the heads."""
        error = self._no_sequence(input_shape)
        if error.insert_before is None or self.size is not None:
            return error
        numbers, features = math.prod(input_shape), error.insert_before["channels"]
        if features % self.heads == 0:
            return error
        if numbers % self.heads == 0:
            error.insert_before["channels"] = self.heads
            return error
        return self._misfit(
            error.expected, input_shape, "Insert a Reshape before it, and set the heads to 1."
        )

    def _views(self, workspace: Workspace) -> AttentionViews:
        if workspace.prepared is None:
            if self.causal:
                later = workspace["later"]
                later[np.tril_indices(len(later), -1)] = -np.inf
            workspace.prepared = AttentionViews(workspace, self.heads)
        views: AttentionViews = workspace.prepared
        return views
