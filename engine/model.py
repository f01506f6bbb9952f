"""A model: network, loss, preparation and class names. What is saved, opened, scored and predicted with.

How these fit together is known here and in `engine.network_assembly`, and nowhere else.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Array
from engine.data import Dataset, Preparation
from engine.data.columns.texts import listed, texts_of
from engine.data.encoders.base import NumericInput
from engine.data.encoders.categories import OrdinalInput
from engine.data.encoders.category_inputs import TextInput
from engine.data.encoders.dates import DateInput
from engine.data.encoders.inputs import BooleanInput
from engine.data.sources import ReadingRules
from engine.data.table import Column, Table
from engine.experiment import Experiment
from engine.losses import Loss
from engine.metrics.regression import sample_errors
from engine.network import Network, StateVectors
from engine.network_assembly import Architecture, full_names, linked, parameter_text
from engine.tasks import Task
from engine.training.evaluator import Evaluator
from engine.training.resources import limited_to
from engine.training.scoring import Scores, Scoring
from engine.training.worker_pool import WorkerPool


@dataclass(frozen=True)
class Predictions:
    """What a model says of each row.

    values : class names as text, or numbers in the target's own units (rows,); of several targets
    (rows, targets).
    probabilities : (rows, classes) for classes, of yes (rows, targets) for several targets; None for
    numbers.
    targets : names of the columns that are predicted.
    notes : in sentences, what of the table the model does not know.
    """

    values: NDArray[Any]
    classes: tuple[str, ...]
    probabilities: NDArray[np.float64] | None
    notes: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()


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


@dataclass(frozen=True, eq=False)
class Model:
    """Predicts, reconstructs or scores rows that have the columns it was trained on.

    Parameters
    ----------
    experiment : whose network it is. preparation : from a table's columns to the network's numbers and back.
    network : the layers and their arrays. loss : says what the outputs mean; a trainer's has the weights that
    classes get from its training examples, if they get any.
    evaluator : runs this network over rows that are prepared.
    """

    experiment: Experiment
    preparation: Preparation
    network: Network
    loss: Loss
    evaluator: Evaluator

    @classmethod
    def of(cls, experiment: Experiment, preparation: Preparation, network: Network, loss: Loss) -> Self:
        """The model of a network that there is already."""
        return cls(experiment, preparation, network, loss, Evaluator(network, loss))

    @classmethod
    def untrained(cls, experiment: Experiment, preparation: Preparation) -> Self:
        """A model whose parameters are all 0; raises UserError where experiment and data do not fit."""
        architecture = Architecture.of(experiment, preparation)
        return cls.of(experiment, preparation, architecture.build(), architecture.loss)

    @classmethod
    def from_state(
        cls, experiment: Experiment, preparation: Preparation, arrays: Mapping[str, Array]
    ) -> Self:
        """The model that `state_dict` describes.

        Raises ValueError that names the parameter and its layer, where one is missing, of another shape, or
        of a layer that the network does not have.
        """
        model = cls.untrained(experiment, preparation)
        own = model.state_dict()
        for name, array in own.items():
            if name not in arrays:
                raise ValueError(f"there is no {parameter_text(name)}")
            if arrays[name].shape != array.shape:
                raise ValueError(
                    f"expected the {parameter_text(name)} of shape {array.shape}, found {arrays[name].shape}"
                )
        strangers = sorted(arrays.keys() - own.keys())
        if strangers:
            raise ValueError(f"the network has no {parameter_text(strangers[0])}")
        for name, array in own.items():
            array[...] = arrays[name]
        return model

    def state_dict(self) -> dict[str, Array]:
        """All that training changes, by name: parameters, then running statistics.

        The layer's name stands in front, "Dense 1.weight", "Batch normalization.mean"; of layers inside a
        layer also their place in it, "Residual.0.weight". The arrays are the network's own, not copies.
        """
        return named_arrays(self.network, self.network.state_vectors)

    @property
    def task(self) -> Task:
        return self.preparation.task

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the classes, (no, yes) for yes or no, empty for a number and for reconstruction."""
        return self.preparation.classes

    def outputs(self, inputs: Array) -> Array:
        """Probabilities or (scaled) values (rows, outputs) for prepared inputs (rows, *input_shape)."""
        return linked(self.loss, self.evaluator.outputs(inputs))

    def evaluate(self, dataset: Dataset, part: str, limit: int | None = None) -> Scores:
        """Scores on "training", "validation" or "test"; on `limit` evenly spaced rows where given.

        The loss counts classes as training does, by the training part of these data. Raises ValueError where
        there are no such rows.
        """
        training = dataset.training
        loss = self.loss.fitted(training.targets, dataset.classes, training.weights)
        model = self if loss == self.loss else self.of(self.experiment, self.preparation, self.network, loss)
        *_, scores = model.scoring(dataset, part, limit)
        if scores is None:
            raise ValueError(f"there is no {part} data")
        return scores

    def scoring(
        self, dataset: Dataset, part: str, limit: int | None = None, pool: WorkerPool | None = None
    ) -> Iterator[Scores | None]:
        """As `evaluate`, piece by piece: yields None in between, at last the scores if there are rows.

        pool : the workers that share the work.
        """
        scoring = Scoring(self.evaluator, self.experiment, dataset, part, limit, pool=pool)
        # As in a run: with more threads, matrix products sum in another order.
        with limited_to(1) as threads:
            for _ in scoring:
                yield None
                threads.hold()
        yield scoring.result

    @property
    def text_columns(self) -> dict[str, tuple[str, ...]]:
        """Inputs whose values are names, also where they look like numbers, each with the known ones."""
        found: dict[str, tuple[str, ...]] = {}
        for one in self.preparation.inputs:
            if one.known_texts is not None:
                found[one.column] = one.known_texts
            elif isinstance(one, BooleanInput) and one.column in self.experiment.data.types:
                found[one.column] = one.labels
        return found

    @property
    def number_columns(self) -> frozenset[str]:
        """Inputs that are numbers."""
        return frozenset(
            one.column for one in self.preparation.inputs if isinstance(one, NumericInput) and one.of_numbers
        )

    @property
    def reading(self) -> ReadingRules:
        """How the table of the training was read, as another one is to be."""
        inputs = self.preparation.inputs
        types = {
            name: chosen
            for name, chosen in self.experiment.data.types.items()
            if name in self.preparation.columns
        }
        days = {
            one.column: one.day_first
            for one in inputs
            if isinstance(one, DateInput) and one.day_first is not None
        }
        return ReadingRules(types, self.preparation.decimal, days)

    def predict(self, table: Table) -> Predictions:
        """Raises UserError where the table lacks a column or holds another kind of values.

        Raises ValueError for an autoencoder, which has `reconstruct` instead.
        """
        if self.reconstructs:
            raise ValueError("an autoencoder predicts no column; it reconstructs the inputs")
        outputs = self.outputs(self.preparation.transform(table, self.experiment.dtype))
        values, notes = self.preparation.predictions(outputs), tuple(self._unknown(table))
        targets = self.preparation.target.columns
        if self.task == "regression":
            return Predictions(values, (), None, notes, targets)
        probabilities = outputs.astype(np.float64)
        if self.task == "binary":
            probabilities = np.column_stack([1 - probabilities[:, 0], probabilities[:, 0]])
        return Predictions(values, self.classes, probabilities, notes, targets)

    @property
    def reconstructs(self) -> bool:
        """Whether it is an autoencoder."""
        return self.task == "reconstruction"

    def reconstruct(self, table: Table) -> Reconstructed:
        """The rows as they come back, and how far off they are.

        Raises UserError as `predict` does, and ValueError where the model is no autoencoder.
        """
        if not self.reconstructs:
            raise ValueError("only what is trained on its own input reconstructs it")
        inputs = self.preparation.transform(table, self.experiment.dtype)
        outputs = self.outputs(inputs)
        errors = sample_errors(inputs.reshape(outputs.shape), outputs)
        return Reconstructed(self.preparation.reconstruction(outputs), errors, tuple(self._unknown(table)))

    def _unknown(self, table: Table) -> Iterator[str]:
        for fitted in self.preparation.inputs:
            if not isinstance(fitted, TextInput | OrdinalInput):
                continue
            found = texts_of(table.column(fitted.column))
            strangers = dict.fromkeys(text for text in found if text not in {*fitted.known_texts, None})
            if strangers:
                rows = sum(text in strangers for text in found)
                yield (
                    f"Column “{fitted.column}”: {listed(list(strangers), 3)} did not occur in training and "
                    f"counts as {_taken_as(fitted)}, in {rows:,} {'row' if rows == 1 else 'rows'}."
                )


def named_arrays(network: Network, vectors: StateVectors) -> dict[str, Array]:
    """Views of vectors like the state vectors of a network, by the names of `Model.state_dict`."""
    parameters = full_names(network.names, network.views(vectors.parameters))
    return parameters | full_names(network.names, network.views_of_statistics(vectors.running_statistics))


def _taken_as(fitted: TextInput | OrdinalInput) -> str:
    """What a category counts as that was not met in training."""
    if isinstance(fitted, OrdinalInput):
        return f"“{fitted.order[round(fitted.missing_value)]}”"
    if fitted.size == 1:
        return "the only one that was known"
    return "one of the rare ones" if fitted.pooled else "none of its categories"
