"""Max pooling ahead of a batch normalization and a ReLU that stand before it: the same result for less work.

With positive scales, a batch normalization keeps the order of a channel's numbers, and so does a ReLU: the
largest under a window is at the same place before and behind them. So the windows are searched first, and
only the numbers that win are normalized, bent and differentiated: of windows of 2 × 2 a quarter. The outputs
are the same bit for bit, as rounding keeps the order too; gradients differ by the rounding of sums, and where
rounding makes equals of unequal numbers.
"""

from collections.abc import Mapping, Sequence

from engine.arrays import Array, Shape
from engine.layers import Layer, Workspace


class EarlyPooling:
    """A batch normalization, a ReLU or both, and the max pooling behind them, trained as one layer.

    layers : from input to output, with their workspaces. shape : of a sample of the input.
    A batch for which a scale is not positive goes through the layers one by one.
    """

    def __init__(self, layers: Sequence[Layer], workspaces: Sequence[Workspace], shape: Shape) -> None:
        self._layers, self._workspaces = layers, workspaces
        first, self._pool, self._pool_space = layers[0], layers[-1], workspaces[-1]
        steps = [step for layer in layers if (step := layer.pooling_step()) is not None]
        norms = [step.normalization for step in steps]
        self._norm = norms[0]
        self._front_space = workspaces[0]
        self._relu = next((step.activation for step in steps if step.activation is not None), None)
        """A ReLU, or another function that never falls."""
        self._stages = list(zip(layers, norms, workspaces, strict=True))
        self._early = False
        self._x = self._largest = self._front_space.x
        """The input of the last batch, and what the pooling has found in it."""
        # What the layer in front would have, were it behind.
        buffers = first.buffers(self._pool.output_shape(shape))
        self._behind = Workspace.of(buffers, self._pool_space.rows, self._pool_space["y"].dtype)
        if self._norm is not None:
            self._behind.update({name: self._front_space[name] for name in ("mean", "inverse", "totals")})
            self._behind.partners = self._front_space.partners

    def forward(self, parameters: Mapping[str, Array], x: Array, workspace: object, training: bool) -> Array:
        """The pooling's output; takes what the first of the layers takes, but has its own workspaces."""
        norm, self._x = self._norm, x
        self._early = norm is None or bool((parameters["scale"] > 0).all())
        if not self._early:
            for layer, space in zip(self._layers, self._workspaces, strict=True):
                x = layer.forward(parameters, x, space, training)
            return x
        if norm is not None:
            norm.measure(x, self._front_space)
        y = self._largest = self._pool.forward({}, x, self._pool_space, training)
        if norm is not None:
            y = norm.normalize(parameters, y, self._behind)
        if self._relu is not None:
            self._relu.forward(y, self._behind["y"])
        return self._behind["y"]

    def backward(
        self, parameters: Mapping[str, Array], gradients: Mapping[str, Array], dy: Array, workspace: object
    ) -> Array:
        """Overwrite the normalization's gradients and return dx."""
        if not self._early:
            for layer, space in zip(reversed(self._layers), reversed(self._workspaces), strict=True):
                dy = layer.backward(parameters, gradients, dy, space)
            return dy
        norm, y = self._norm, self._behind["y"]
        if self._relu is not None:
            self._relu.backward(y, y, dy, dy)
        if norm is not None:
            # All others have a gradient of 0, and nothing to add.
            norm.sum_up(gradients, dy, self._largest, self._behind)
        if not self._front_space.needs_dx:
            return dy
        dx = self._pool.backward({}, {}, dy, self._pool_space)
        if norm is not None:
            norm.turn_into_dx(parameters, dx, self._front_space)
        return dx

    def fill_in(self, parameters: Mapping[str, Array]) -> None:
        """Write the outputs of the last batch that were left out into the layers' workspaces."""
        if not self._early:
            return
        x = self._x
        for layer, norm, space in self._stages:
            if norm is not None:
                x = norm.normalize(parameters, x, space)
            else:
                x = layer.forward({}, x, space, True)


def merged(layers: Sequence[Layer], places: Sequence[range]) -> list[range]:
    """The same runs of layers, in order, but for those that a max pooling can go ahead of: one run with it.

    places : the runs of layers that are trained as one otherwise, all layers in their order.
    """
    runs: list[range] = []
    for place in places:
        runs.append(place)
        for count in (3, 2):
            start = place.stop - count
            if start >= 0 and _fits(layers[start : place.stop]):
                runs[-count:] = [range(start, place.stop)]
                break
    return runs


def _fits(layers: Sequence[Layer]) -> bool:
    """Whether these are a normalization, a ReLU or both, and then a max pooling."""
    steps = [layer.pooling_step() for layer in layers]
    kinds = [
        "pooling" if step.pooling else "normalization" if step.normalization is not None else "activation"
        for step in steps
        if step is not None
    ]
    front = [["normalization", "activation"], ["normalization"], ["activation"]]
    return len(kinds) == len(steps) and kinds[-1:] == ["pooling"] and kinds[:-1] in front
