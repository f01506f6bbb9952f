"""The gradient of one batch: forward, loss, backward and penalty, with everything looked up beforehand."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from engine.arrays import Array
from engine.layers import Workspace
from engine.losses import Loss
from engine.network import Network
from engine.training.penalty import Penalty

Stage = tuple[Callable[..., Array], dict[str, Array], Workspace]
Return = tuple[Callable[..., Array], dict[str, Array], dict[str, Array], Workspace]


class _Plan(NamedTuple):
    """What a batch of a certain number of rows needs, in the order in which it needs it."""

    forward: list[Stage]
    backward: list[Return]
    dy: Array
    scratch: dict[str, Array]


class BatchGradient:
    """Overwrites a network's gradients with those of a batch.

    capacity : most rows of a batch. generator : of the dropout. A batch of another size than the last one
    costs nothing but its first plan.
    """

    def __init__(
        self,
        network: Network,
        loss: Loss,
        capacity: int,
        generator: np.random.Generator,
        penalty: Penalty,
    ) -> None:
        self._network, self._loss, self._penalty = network, loss, penalty
        self.workspaces = network.workspaces(capacity, generator)
        self._dy = np.empty((capacity, *network.output_shape), network.dtype)
        self._scratch = {
            name: np.empty((capacity, *shape), network.dtype)
            for name, shape in loss.buffers(network.output_shape).items()
        }
        self._plans: dict[int, _Plan] = {}

    def evaluate(self, x: Array, target: Array) -> tuple[float, float, float]:
        """Loss of the batch, penalty, and what the batch counts in a mean over several."""
        rows = len(x)
        plan = self._plans.get(rows) or self._make_plan(rows)
        for forward, parameters, workspace in plan.forward:
            x = forward(parameters, x, workspace, True)
        value = self._loss.forward(x, target, plan.scratch)
        dy = plan.dy
        self._loss.backward(x, target, dy, plan.scratch)
        for backward, parameters, gradients, workspace in plan.backward:
            dy = backward(parameters, gradients, dy, workspace)
        penalty = self._penalty.add() if self._penalty.active else 0.0
        return value, penalty, self._loss.weight(target)

    def first_bad_output(self, rows: int) -> str | None:
        """Name of the first layer whose output in the last batch of that size is not finite."""
        for name, workspace in zip(self._network.names, self.workspaces.rows(rows), strict=True):
            if "y" in workspace and not np.isfinite(workspace["y"]).all():
                return name
        return None

    def _make_plan(self, rows: int) -> _Plan:
        network, spaces = self._network, self.workspaces.rows(rows)
        trained = network.trained_layers
        stop = trained[0] if trained else len(network.layers)
        plan = _Plan(
            [
                (layer.forward, network.parameter_views[index], spaces[index])
                for index, layer in enumerate(network.layers)
            ],
            [
                (
                    network.layers[index].backward,
                    network.parameter_views[index],
                    network.gradient_views[index],
                    spaces[index],
                )
                for index in range(len(network.layers) - 1, stop - 1, -1)
            ],
            self._dy[:rows],
            {name: array[:rows] for name, array in self._scratch.items()},
        )
        self._plans[rows] = plan
        return plan
