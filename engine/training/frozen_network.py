"""A copy of a run's network at one step, which can be scored while the run goes on."""

from engine.progress import Progress
from engine.training.evaluator import Evaluator
from engine.training.resources import limited_to
from engine.training.scoring import Scores, Scoring
from engine.training.trainer import Trainer
from engine.training.worker_pool import WorkerPool

PARTS = ("training", "validation", "test")


class FrozenNetwork:
    """A copy of the weights in use and their running statistics, made between two steps.

    Making one takes as long as copying the parameters. Data, settings and loss are those of the trainer,
    which are never written to.
    """

    def __init__(self, trainer: Trainer) -> None:
        self._experiment, self._dataset, self._loss = trainer.experiment, trainer.dataset, trainer.loss
        self._network = trainer.network.copy_with_shared_gradients()
        self._parts, self._threads = trainer.parts, trainer.threads

    def scores(self, progress: Progress) -> tuple[Scores, ...]:
        """Scores on every part of the data that has rows, equal to those of the trainer bit for bit.

        Raises Cancelled some milliseconds after a cancel, or one forward pass of a chunk of rows where that
        takes longer.
        """
        progress.check()
        evaluator, dataset = Evaluator(self._network, self._loss), self._dataset
        done, total = 0, sum(dataset.part(part).rows_count for part in PARTS)
        pool, found = WorkerPool(self._parts, self._threads), []
        try:
            # As in a run: with more threads, matrix products would sum in another order.
            with limited_to(1):
                for part in PARTS:
                    progress.report(done / total, f"Evaluating the {part} data")
                    scoring = Scoring(evaluator, self._experiment, dataset, part, pool=pool)
                    for _ in scoring:
                        progress.report((done + evaluator.rows_done) / total)
                    if scoring.result is not None:
                        found.append(scoring.result)
                    done += dataset.part(part).rows_count
        finally:
            pool.shutdown()
        return tuple(found)
