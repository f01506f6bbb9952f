"""Activations of a layer in two dimensions: their first principal components, for a scatter plot."""

import math
import time
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Array, Targets
from engine.insight.query import Query
from engine.insight.run_queries import frozen
from engine.network import Network
from engine.network_assembly import linked
from engine.training.trainer import Trainer

MOST_SAMPLES = 2000
MOST_NUMBERS = 4_000_000
"""Activations of all samples together: of very wide layers fewer samples are shown."""
MOST_MULTIPLICATIONS, FEWEST_SAMPLES = 2e9, 200
"""Of one answer: about a tenth of a second, in which the run waits; and samples that are shown even so."""
EXACT_SIDE = 192
"""Up to so many numbers or samples, all components are computed; beyond it, only the first."""
BLOCK, MOST_ROUNDS, TOLERANCE = 8, 40, 1e-5


@dataclass(frozen=True, eq=False)
class EmbeddingMap:
    """Samples of a part as points; read-only.

    points : (n, 2) along the first two principal components. explained : (2,) the part of the variance along
    each. indices : (n,) within the part. of_rows : rows of the part. targets : the samples' targets, class
    indices or numbers in the targets' own units. predicted : (n,) class indices; None without classes.
    numbers : how many activations of a sample the components are of. seconds : that the answer took.
    """

    points: NDArray[np.float32]
    explained: NDArray[np.float64]
    indices: NDArray[np.intp]
    of_rows: int
    targets: Targets
    predicted: NDArray[np.intp] | None
    numbers: int
    seconds: float


@dataclass(frozen=True)
class EmbeddingMapQuery(Query[EmbeddingMap | None]):
    """PCA of a layer's activations over evenly spaced samples of a part.

    layer : −1 for the prepared inputs themselves. None where there are no two samples, or no such layer.
    """

    layer: int
    part: str
    samples: int = MOST_SAMPLES

    def answer(self, trainer: Trainer) -> EmbeddingMap | None:
        began = time.perf_counter()
        network, dataset = trainer.network, trainer.dataset
        examples = dataset.part(self.part)
        if not -1 <= self.layer < len(network.layers) or examples.rows_count < 2:
            return None
        numbers = math.prod(network.shapes[self.layer + 1])
        count = min(examples.rows_count, self.samples, _affordable(network, numbers))
        rows = np.linspace(0, examples.rows_count - 1, count).astype(np.intp)
        x = examples.inputs[rows]
        last = len(network.layers) - 1
        wanted: dict[int, Array] = {
            layer: np.empty((count, *network.shapes[layer + 1]), network.dtype)
            for layer in {self.layer, last} - {-1}
        }
        with np.errstate(all="ignore"):
            trainer.evaluator.all_activations(x, wanted)
        values = x if self.layer < 0 else wanted[self.layer]
        points, explained = principal_components(values.reshape(count, -1))
        targets = examples.targets[rows]
        if dataset.task == "regression":
            targets = np.asarray(dataset.in_target_units(targets), np.float64)
        predicted = _predicted(trainer, wanted[last])
        return EmbeddingMap(
            frozen(points.astype(np.float32)),
            frozen(explained),
            frozen(rows),
            examples.rows_count,
            frozen(targets),
            predicted,
            numbers,
            time.perf_counter() - began,
        )


def _affordable(network: Network, numbers: int) -> int:
    """How many samples can be looked at in the time and the memory of one answer."""
    stages = zip(network.layers, network.shapes, strict=False)
    work = sum(layer.multiplications(before) for layer, before in stages)
    most = max(int(MOST_MULTIPLICATIONS / max(work, 1)), FEWEST_SAMPLES)
    return max(min(MOST_SAMPLES, most, MOST_NUMBERS // max(numbers, 1)), 2)


def _predicted(trainer: Trainer, outputs: Array) -> NDArray[np.intp] | None:
    task = trainer.dataset.task
    if task not in ("binary", "classification") or len(trainer.dataset.targets) > 1:
        return None
    with np.errstate(all="ignore"):
        found = linked(trainer.loss, outputs)
    if found.shape[1] == 1:
        return frozen((found[:, 0] >= 0.5).astype(np.intp))
    return frozen(np.nan_to_num(found).argmax(axis=1))


def principal_components(x: Array, count: int = 2) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Scores (samples, count) along the first principal components, and the part of the variance of each.

    The sign of each component is such that its largest score in magnitude is positive. Components that there
    are not, and numbers that are not finite, count as 0.
    Reference: Halko, Martinsson & Tropp 2011, for large arrays, by subspace iteration.
    """
    samples, numbers = x.shape
    with np.errstate(all="ignore"):
        centred = np.nan_to_num(x, posinf=0.0, neginf=0.0).astype(np.float64 if x.size < 2**20 else x.dtype)
        centred -= centred.mean(axis=0, dtype=np.float64).astype(centred.dtype)
        total = float(np.square(centred).sum(dtype=np.float64))
    scores, explained = np.zeros((samples, count)), np.zeros(count)
    if not 0 < total < math.inf:
        return scores, explained
    axes = _axes(centred, min(count, samples, numbers))
    found = (centred @ axes).astype(np.float64)
    largest = np.abs(found).argmax(axis=0)
    found *= np.where(found[largest, np.arange(found.shape[1])] < 0, -1.0, 1.0)
    scores[:, : found.shape[1]] = found
    explained[: found.shape[1]] = np.square(found).sum(axis=0) / total
    return scores, explained


def _axes(centred: Array, count: int) -> Array:
    """The first principal axes (numbers, count) of centred samples."""
    samples, numbers = centred.shape
    if numbers <= EXACT_SIDE:
        _, vectors = np.linalg.eigh(centred.T @ centred)
        first: Array = vectors[:, ::-1][:, :count]
        return first
    if samples <= EXACT_SIDE:
        values, vectors = np.linalg.eigh(centred @ centred.T)
        axes: Array = centred.T @ vectors[:, ::-1][:, :count]
        axes /= np.maximum(np.sqrt(np.maximum(values[::-1][:count], 0)), 1e-300)
        return axes
    return _leading_axes(centred, count)


def _leading_axes(centred: Array, count: int) -> Array:
    """By subspace iteration: more axes than wanted, so that those wanted settle quickly."""
    start = np.random.default_rng(0).normal(size=(centred.shape[1], BLOCK)).astype(centred.dtype)
    axes, _ = np.linalg.qr(start)
    before = np.zeros(count)
    for _ in range(MOST_ROUNDS):
        axes, _ = np.linalg.qr(centred.T @ (centred @ axes))
        projected = centred @ axes
        values, turn = np.linalg.eigh(projected.T @ projected)
        axes = axes @ turn[:, ::-1]
        now = values[::-1][:count]
        if np.all(np.abs(now - before) <= TOLERANCE * now):
            break
        before = now
    return axes[:, :count]


def aligned(points: NDArray[np.float32], before: NDArray[np.float32]) -> NDArray[np.float32]:
    """The points with each axis flipped where that brings it nearer to what it was: no frame jumps.

    Where the samples are others, they stay as they are.
    """
    if points.shape != before.shape:
        return points
    signs = np.where((points * before).sum(axis=0) < 0, -1, 1).astype(points.dtype)
    flipped: NDArray[np.float32] = points * signs
    return flipped
