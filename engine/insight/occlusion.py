"""Occlusion: how much a prediction loses where a grey patch hides a piece of an image."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Array, Shape
from engine.errors import UserError
from engine.insight.evaluation_pass import image_shape, positions_of
from engine.insight.run_queries import frozen
from engine.insight.saliency import Resolved, Subject, resolve
from engine.network_assembly import linked
from engine.progress import Progress
from engine.training.trainer import Trainer

MOST_POSITIONS = 4096
"""Of the patch: a forward pass each. Beyond it the patch moves by more than a pixel."""
ROWS_AT_ONCE = 64
GREY_ROWS = 1024
"""Rows of the training part in which the lowest and the highest pixel are looked for."""


@dataclass(frozen=True, eq=False)
class Occlusion:
    """The answer for one image.

    before : the score of the whole image: the probability of the class, else the number that is predicted,
    or the activation of the unit. tops, lefts : where the patch stood, its upper left pixel.
    scores : (tops, lefts) with the patch there. drops : (height, width) the mean of before − score over all
    patches that hide a pixel. grey : what the patch holds, in prepared units.
    """

    step: int
    part: str
    index: int
    subject: Resolved
    patch: int
    stride: int
    grey: float
    before: float
    tops: NDArray[np.intp]
    lefts: NDArray[np.intp]
    scores: NDArray[np.float64]
    drops: NDArray[np.float64]


def occlusion(
    trainer: Trainer, part: str, index: int, subject: Subject, patch: int, progress: Progress
) -> Occlusion:
    """Move a square patch of so many pixels over an image, and predict each time.

    Raises UserError where the samples are no images, and Cancelled.
    """
    shape = image_shape(trainer.network)
    if shape is None:
        raise UserError(
            "Occlusion map",
            expected="images, or numbers that the network reshapes into images",
            got="other samples",
            help="Look at the saliency of the columns.",
        )
    x = np.array(trainer.dataset.part(part).inputs[index : index + 1])
    output = trainer.evaluator.outputs(x)[0].copy()
    found = resolve(trainer, subject, output.reshape(-1))
    if found is None:
        raise UserError("Occlusion map", expected="a unit of the network", got="another one")
    patch = min(patch, *shape[:2])
    stride = _stride(shape, patch)
    tops, lefts = _starts(shape[0], patch, stride), _starts(shape[1], patch, stride)
    grey = grey_of(trainer)
    places = [(int(top), int(left)) for top in tops for left in lefts]
    before = float(_scores(trainer, x, found)[0])
    scores = np.empty(len(places), np.float64)
    for start in range(0, len(places), ROWS_AT_ONCE):
        now = places[start : start + ROWS_AT_ONCE]
        hidden = occluded(x, shape, now, patch, grey)
        scores[start : start + len(now)] = _scores(trainer, hidden, found)
        progress.report((start + len(now)) / len(places))
    grid = scores.reshape(len(tops), len(lefts))
    drops = _mean_drops(before - grid, tops, lefts, patch, shape)
    return Occlusion(
        trainer.step, part, index, found, patch, stride, grey, before, tops, lefts, frozen(grid), drops
    )


def occluded(x: Array, shape: Shape, places: list[tuple[int, int]], patch: int, grey: float) -> Array:
    """Copies of one prepared sample (1, …), each with the patch at one of the places (top, left)."""
    copies = np.repeat(x, len(places), axis=0)
    images = copies.reshape(len(places), *shape)
    for image, (top, left) in zip(images, places, strict=True):
        image[top : top + patch, left : left + patch] = grey
    return copies


def grey_of(trainer: Trainer) -> float:
    """Half-way between the lowest and the highest pixel of training, in prepared units."""
    some = trainer.dataset.training.inputs[:GREY_ROWS]
    return (float(np.nanmin(some)) + float(np.nanmax(some))) / 2


def _scores(trainer: Trainer, x: Array, subject: Resolved) -> NDArray[np.float64]:
    """What is explained, for each row: a probability, a number in the target's units, or an activation."""
    network, last = trainer.network, len(trainer.network.layers) - 1
    if subject.layer != last:
        shape = network.shapes[subject.layer + 1]
        wanted = {subject.layer: np.empty((len(x), *shape), network.dtype)}
        with np.errstate(all="ignore"):
            values = trainer.evaluator.all_activations(x, wanted)[subject.layer]
        own = positions_of(network.layers[subject.layer], values)[..., subject.unit].max(axis=1)
        return np.asarray(own, np.float64)
    with np.errstate(all="ignore"):
        found = linked(trainer.loss, trainer.evaluator.outputs(x)).astype(np.float64)
    if trainer.dataset.task == "regression":
        found = np.asarray(trainer.dataset.in_target_units(found), np.float64)
    own = np.asarray(found.reshape(len(x), -1)[:, subject.unit], np.float64)
    # Of yes and no, one output is the probability of yes.
    return 1.0 - own if subject.sign < 0 else own


def _stride(shape: Shape, patch: int) -> int:
    """The smallest step of the patch that keeps the number of its positions within bounds."""
    stride = 1
    while np.prod([len(_starts(side, patch, stride)) for side in shape[:2]]) > MOST_POSITIONS:
        stride += 1
    return stride


def _starts(side: int, patch: int, stride: int) -> NDArray[np.intp]:
    """Where the patch begins along one side; the last one reaches the edge."""
    last = side - patch
    return np.unique(np.append(np.arange(0, last + 1, stride), last)).astype(np.intp)


def _mean_drops(
    drops: NDArray[np.float64],
    tops: NDArray[np.intp],
    lefts: NDArray[np.intp],
    patch: int,
    shape: Shape,
) -> NDArray[np.float64]:
    total, count = np.zeros(shape[:2]), np.zeros(shape[:2])
    for row, top in enumerate(tops):
        for column, left in enumerate(lefts):
            total[top : top + patch, left : left + patch] += drops[row, column]
            count[top : top + patch, left : left + patch] += 1
    found = np.divide(total, count, out=np.zeros_like(total), where=count > 0)
    found.flags.writeable = False
    return found
