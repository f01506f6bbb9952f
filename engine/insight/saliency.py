"""Saliency: how much each number of a sample moves a score, by the gradient of the score."""

import time
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Array
from engine.data.encoders.inputs import ImageInput, NumberInput
from engine.insight.evaluation_pass import EvaluationPass, score_gradient
from engine.insight.query import Query
from engine.insight.run_queries import frozen
from engine.network_assembly import linked
from engine.training.trainer import Trainer

Method = Literal["gradient", "gradient_input", "smooth_grad"]

NOISY_COPIES, NOISE = 25, 0.15
"""Of SmoothGrad: as many as its authors see little change beyond, and the standard deviation of the noise as
a part of the range of the sample's numbers (they use 10 % to 20 %)."""


@dataclass(frozen=True)
class Subject:
    """What is explained: a class or a target, or a unit of a layer.

    layer : None for the output. unit : the index of the class, of the target, or of the unit; None: the class
    that is predicted, or the first one.
    """

    layer: int | None = None
    unit: int | None = None


@dataclass(frozen=True)
class Resolved:
    """The output or unit that a subject is for one sample; sign −1 where it is “no” of one output."""

    layer: int
    unit: int
    sign: float = 1.0
    number: int = 0
    """Index of the class, of the target or of the unit."""


def resolve(trainer: Trainer, subject: Subject, output: Array) -> Resolved | None:
    """What the subject is for a sample with this output (k,) of the network; None where there is none."""
    network, dataset = trainer.network, trainer.dataset
    last = len(network.layers) - 1
    layer = last if subject.layer is None else subject.layer
    units = network.shapes[layer + 1][-1] if 0 <= layer <= last else 0
    unit = subject.unit
    if subject.layer is not None:
        number = unit or 0
        return Resolved(layer, number, 1.0, number) if number < units else None
    if dataset.task == "binary" and units == 1:
        number = int(output[0] > _half(trainer)) if unit is None else unit
        return Resolved(layer, 0, 1.0 if number else -1.0, number) if number < 2 else None
    if unit is None:
        unit = int(np.nan_to_num(output).argmax()) if dataset.task == "classification" else 0
    return Resolved(layer, unit, 1.0, unit) if unit < units else None


def _half(trainer: Trainer) -> float:
    """The output from which on the answer is yes."""
    return 0.0 if trainer.loss.inverse_link == "sigmoid" else 0.5


@dataclass(frozen=True, eq=False)
class Saliency:
    """The answer for one sample; arrays are read-only and without the batch axis.

    inputs : the sample, prepared. values : by each of its numbers the gradient of the score, or that times
    the number. subject : what the score is of. score : before softmax or sigmoid.
    own_units : (numbers,) of the gradient method: the gradient by a number column in the column's own units,
    NaN for other inputs; None where the sample is an image.
    """

    inputs: Array
    values: Array
    subject: Resolved
    score: float
    prediction: Array
    own_units: NDArray[np.float64] | None
    seconds: float
    """That the answer took."""


@dataclass(frozen=True)
class SaliencyQuery(Query[Saliency | None]):
    """Gradient of a score by the numbers of one sample; None where there is no such sample or unit.

    part, index : the sample. method : "gradient", the plain one (Simonyan et al. 2014); "gradient_input",
    times the prepared number; "smooth_grad", its mean over copies with noise (Smilkov et al. 2017).
    """

    part: str
    index: int
    subject: Subject = Subject()
    method: Method = "gradient"

    def answer(self, trainer: Trainer) -> Saliency | None:
        began = time.perf_counter()
        examples = trainer.dataset.part(self.part)
        if not 0 <= self.index < examples.rows_count:
            return None
        x = np.array(examples.inputs[self.index : self.index + 1])
        copies = self._copies(x)
        through = EvaluationPass(trainer.network, len(copies))
        outputs = through.forward(x)
        output = outputs[-1].reshape(-1).copy()
        subject = resolve(trainer, self.subject, output)
        if subject is None:
            return None
        layer, sign = trainer.network.layers[subject.layer], subject.sign
        _, scores, dy = score_gradient(layer, outputs[subject.layer], subject.unit, sign)
        score = float(scores[0])
        if self.method == "smooth_grad":
            total = np.zeros(x.shape[1:], np.float64)
            for start in range(0, len(copies), through.rows):
                noisy = copies[start : start + through.rows]
                values = through.forward(noisy)[subject.layer]
                _, _, dy = score_gradient(layer, values, subject.unit, sign)
                total += through.input_gradient(subject.layer, dy).sum(axis=0, dtype=np.float64)
            found: Array = (total / len(copies)).astype(x.dtype)
        else:
            found = through.input_gradient(subject.layer, dy)[0]
        own = _own_units(trainer, found) if self.method != "gradient_input" else None
        if self.method == "gradient_input":
            found = found * x[0]
        with np.errstate(all="ignore"):
            prediction = linked(trainer.loss, output[None])[0]
        seconds = time.perf_counter() - began
        return Saliency(frozen(x[0]), frozen(found), subject, score, frozen(prediction), own, seconds)

    def _copies(self, x: Array) -> Array:
        """The noisy copies of a sample (copies, …): the same ones each time."""
        if self.method != "smooth_grad":
            return x
        draws = np.random.default_rng(self.index)
        spread = NOISE * float(np.ptp(x)) if np.isfinite(x).all() else 0.0
        noise = draws.normal(0.0, spread, (NOISY_COPIES, *x.shape[1:]))
        copies: Array = (x + noise).astype(x.dtype)
        return copies


def _own_units(trainer: Trainer, gradient: Array) -> NDArray[np.float64] | None:
    """The gradient by the columns' own numbers, NaN where the input is no plainly scaled number."""
    flat = gradient.reshape(-1).astype(np.float64)
    found, place = np.full(flat.size, np.nan), 0
    for fitted in trainer.dataset.preparation.inputs:
        if isinstance(fitted, ImageInput):
            return None
        if isinstance(fitted, NumberInput):
            found[place] = flat[place] / fitted.scale
        place += len(fitted.names)
    return frozen(found)
