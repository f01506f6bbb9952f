"""The samples of a part of the data by their losses, the most wrong first."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Array
from engine.insight.trace.trace import PartName
from engine.network_assembly import linked
from engine.progress import Progress, blocks
from engine.training.trainer import Trainer

ROWS_AT_ONCE = 2048
MOST_SAMPLES = 100_000
"""More samples of a part are not computed: some microseconds each."""


@dataclass(frozen=True, eq=False)
class SampleLosses:
    """Samples in the order of their losses, largest first; those that are not finite before all others.

    step : of the run. indices : (n,), within the part. losses : (n,), of each sample alone, without penalty.
    targets, predictions : (n, …), as the network has them: class indices or numbers, and probabilities or
    numbers. left_out : samples that were not computed, as there are too many.
    """

    step: int
    part: PartName
    indices: NDArray[np.intp]
    losses: NDArray[np.float64]
    targets: Array
    predictions: Array
    left_out: int = 0


def sample_losses(
    trainer: Trainer, part: PartName, most: int = 500, progress: Progress | None = None
) -> SampleLosses:
    """The `most` samples with the largest losses, with the weights in use.

    Raises Cancelled once `progress` is cancelled.
    """
    progress = progress or Progress()
    examples, network = trainer.dataset.part(part), trainer.network
    count = examples.rows_count
    known = min(count, MOST_SAMPLES)
    losses = np.full(known, np.nan)
    found = np.empty((known, *network.output_shape), network.dtype)
    for block in blocks(known, progress, ROWS_AT_ONCE):
        inputs, targets = examples.inputs[block], examples.targets[block]
        out = np.empty((len(inputs), *network.output_shape), network.dtype)
        for _ in trainer.evaluator.fill_outputs(inputs, out):
            pass
        found[block] = out
        with np.errstate(all="ignore"):
            for number in range(len(inputs)):
                one = slice(number, number + 1)
                losses[block.start + number], _ = trainer.evaluator.chunk_loss(out[one], targets[one])
    ranked = np.where(np.isfinite(losses), losses, np.inf)
    order = np.argsort(-ranked, kind="stable")[:most]
    with np.errstate(all="ignore"):
        predictions = linked(trainer.loss, found[order])
    return SampleLosses(
        trainer.step,
        part,
        order.astype(np.intp),
        losses[order],
        np.asarray(examples.targets[order]),
        np.asarray(predictions),
        count - known,
    )
