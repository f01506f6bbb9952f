"""A trained model apart from its training: weights and preparation, ready to predict rows of a table."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Array
from engine.assembly import loss_of, network_layers, predictions
from engine.data import Preparation
from engine.data.table import Table
from engine.experiment import Experiment
from engine.network import Network
from engine.training.evaluation import classes_of
from engine.training.evaluator import Evaluator


@dataclass(frozen=True)
class Predictions:
    """What a model says of each row.

    values : class names as text, or numbers in the target's own units (rows,).
    probabilities : (rows, classes) for classes, else None.
    """

    values: NDArray[Any]
    classes: tuple[str, ...]
    probabilities: NDArray[np.float64] | None


class Model:
    """Predicts rows of tables that have the columns it was trained on.

    Parameters
    ----------
    parameters : the flat vector. layer_state : untrained arrays by "index/name" (running means).

    Raises ValueError where the parameters are not as many as the network has.
    """

    def __init__(
        self,
        experiment: Experiment,
        preparation: Preparation,
        parameters: Array,
        layer_state: Mapping[str, Array],
    ) -> None:
        self.experiment, self.preparation = experiment, preparation
        layers, names = network_layers(experiment, preparation.outputs, preparation.task)
        self.network = Network(layers, preparation.input_shape, experiment.dtype, names)
        self.network.parameters[...] = parameters
        for index, state in enumerate(self.network.state):
            for name, value in state.items():
                value[...] = layer_state[f"{index}/{name}"]
        self._evaluator = Evaluator(self.network, loss_of(experiment, preparation.task))

    def predict(self, table: Table) -> Predictions:
        """Raises UserError where the table lacks a column or holds another kind of values."""
        inputs = self.preparation.inputs(table, self.experiment.dtype)
        task = self.preparation.task
        linked = predictions(self.experiment, task, self._evaluator.outputs(inputs))
        if task == "regression":
            return Predictions(self.preparation.in_target_units(linked)[:, 0], (), None)
        classes = self.preparation.classes
        probabilities = linked.astype(np.float64)
        if task == "binary":
            probabilities = np.column_stack([1 - probabilities[:, 0], probabilities[:, 0]])
        names = np.array(classes, dtype=object)[classes_of(linked, task)]
        return Predictions(names, classes, probabilities)
