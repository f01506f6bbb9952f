"""A trained model apart from its training: weights and preparation, ready to predict rows of a table."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Array
from engine.assembly import loss_of, network_layers, predictions
from engine.data import Preparation
from engine.data.categorical_encoders import TextInput
from engine.data.column_text import listed, texts_of
from engine.data.table import Column, Table
from engine.experiment import Experiment
from engine.network import Network
from engine.training.evaluator import Evaluator
from engine.training.reconstruction import sample_errors


@dataclass(frozen=True)
class Predictions:
    """What a model says of each row.

    values : class names as text, or numbers in the target's own units (rows,).
    probabilities : (rows, classes) for classes, else None.
    notes : in sentences, what of the table the model does not know.
    """

    values: NDArray[Any]
    classes: tuple[str, ...]
    probabilities: NDArray[np.float64] | None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reconstructed:
    """What an autoencoder makes of each row.

    columns : the inputs as they come back, in their own units. errors : (rows,), the mean over the numbers of
    a sample of (reconstruction − original)², in prepared units; what is missing counts as the value that
    stands in for it. notes : in sentences, what of the table the model does not know.
    """

    columns: tuple[Column, ...]
    errors: NDArray[np.float64]
    notes: tuple[str, ...] = ()


class Model:
    """Predicts or reconstructs rows of tables that have the columns it was trained on.

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
        layers, names = network_layers(
            experiment, preparation.outputs, preparation.task, preparation.encoded_columns
        )
        self.network = Network(layers, preparation.input_shape, experiment.dtype, names)
        if parameters.shape != self.network.parameters.shape:
            raise ValueError(f"expected {self.network.parameters.size} parameters, found {parameters.size}")
        self.network.parameters[...] = parameters
        for index, state in enumerate(self.network.statistics_views):
            for name, value in state.items():
                value[...] = layer_state[f"{index}/{name}"]
        self._evaluator = Evaluator(self.network, loss_of(experiment, preparation.task))

    @property
    def text_columns(self) -> frozenset[str]:
        """Inputs whose values are names, also where they look like numbers."""
        return frozenset(fitted.column for fitted in self._categories())

    def predict(self, table: Table) -> Predictions:
        """Raises UserError where the table lacks a column or holds another kind of values.

        Raises ValueError for an autoencoder, which has `reconstruct` instead.
        """
        task = self.preparation.task
        if task == "reconstruction":
            raise ValueError("an autoencoder predicts no column; it reconstructs the inputs")
        inputs = self.preparation.inputs(table, self.experiment.dtype)
        linked = predictions(self.experiment, task, self._evaluator.outputs(inputs))
        values, notes = self.preparation.predictions(linked), tuple(self._unknown(table))
        if task == "regression":
            return Predictions(values, (), None, notes)
        probabilities = linked.astype(np.float64)
        if task == "binary":
            probabilities = np.column_stack([1 - probabilities[:, 0], probabilities[:, 0]])
        return Predictions(values, self.preparation.classes, probabilities, notes)

    @property
    def reconstructs(self) -> bool:
        """Whether it is an autoencoder."""
        return self.preparation.task == "reconstruction"

    def reconstruct(self, table: Table) -> Reconstructed:
        """The rows as they come back, and how far off they are.

        Raises UserError as `predict` does, and ValueError where the model is no autoencoder.
        """
        if not self.reconstructs:
            raise ValueError("only what is trained on its own input reconstructs it")
        inputs = self.preparation.inputs(table, self.experiment.dtype)
        outputs = predictions(self.experiment, self.preparation.task, self._evaluator.outputs(inputs))
        errors = sample_errors(inputs.reshape(outputs.shape), outputs)
        return Reconstructed(self.preparation.reconstruction(outputs), errors, tuple(self._unknown(table)))

    def _categories(self) -> Iterator[TextInput]:
        for fitted in self.preparation.inputs_fitted:
            if isinstance(fitted, TextInput):
                yield fitted

    def _unknown(self, table: Table) -> Iterator[str]:
        for fitted in self._categories():
            found = texts_of(table.column(fitted.column))
            strangers = dict.fromkeys(text for text in found if text not in {*fitted.categories, None})
            if strangers:
                rows = sum(text in strangers for text in found)
                yield (
                    f"Column “{fitted.column}”: {listed(list(strangers), 3)} did not occur in training and "
                    f"counts as none of its categories, in {rows:,} {'row' if rows == 1 else 'rows'}."
                )
