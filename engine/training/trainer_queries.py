"""The state of a run at a step boundary: where it is, its scores and predictions. Nothing changes it here."""

from collections.abc import Iterator

from engine.arrays import Array
from engine.data import Dataset
from engine.experiment import Experiment
from engine.losses import Loss
from engine.model import Model
from engine.network import Network
from engine.training.averaging import Weights
from engine.training.batches import Batches
from engine.training.evaluator import Evaluator
from engine.training.scoring import Scores
from engine.training.stepping import steps_per_epoch
from engine.training.worker_pool import WorkerPool


class TrainerQueries:
    """What a trainer can be asked. It looks through the model, at the weights in use."""

    experiment: Experiment
    dataset: Dataset
    model: Model
    weights: Weights
    batches: Batches
    epoch: int
    in_epoch: bool
    _pool: WorkerPool
    _running: bool

    @property
    def network(self) -> Network:
        """The network in use: with the average of its weights where one is kept, with the best at the end.

        Steps change `weights.trained`, which is the same one unless an average is kept.
        """
        return self.weights.in_use

    @property
    def loss(self) -> Loss:
        """What is made small, with the weights of the classes."""
        return self.model.loss

    @property
    def evaluator(self) -> Evaluator:
        """What runs the network in use over rows that are prepared."""
        return self.model.evaluator

    @property
    def parts(self) -> int:
        """In how many parts a batch is worked on at the same time."""
        return self._pool.size

    @property
    def threads(self) -> int:
        """How many threads work on a step at the same time."""
        return self._pool.running

    @property
    def position(self) -> float:
        """Where the run is, in epochs."""
        return self.epoch + (self.batches.position / self.batches.total if self.in_epoch else 0.0)

    @property
    def steps_per_epoch(self) -> int:
        """Optimizer steps in an epoch, under the present settings."""
        return steps_per_epoch(self.experiment.training, self.batches)

    def evaluate(self, part: str, limit: int | None = None) -> Scores:
        """Scores on "training", "validation" or "test"; on evenly spaced `limit` rows where given."""
        *_, scores = self.scoring(part, limit)
        if scores is None:
            raise ValueError(f"there is no {part} data")
        return scores

    def scoring(self, part: str, limit: int | None = None) -> Iterator[Scores | None]:
        """As `evaluate`, piece by piece: yields None in between, at last the scores if there are rows."""
        try:
            yield from self.model.scoring(self.dataset, part, limit, self._pool)
        finally:
            if not self._running:
                self._pool.shutdown()

    def predict(self, inputs: Array) -> Array:
        """Probabilities or (scaled) values (rows, outputs) for prepared inputs (rows, *input_shape)."""
        return self.model.outputs(inputs)
