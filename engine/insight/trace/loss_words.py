"""What losses say of an output: how far it is off, and what the gradient of the loss by it is made of."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np

from engine.arrays import Array
from engine.insight.trace.stage import Pass
from engine.insight.trace.symbols import Symbols
from engine.losses import Loss
from engine.losses.base import are_class_indices
from engine.losses.binary_cross_entropy import BinaryCrossEntropy
from engine.losses.regression import Huber, LogCosh, MeanAbsoluteError, MeanSquaredError
from engine.losses.softmax_cross_entropy import KullbackLeibler, SoftmaxCrossEntropy
from engine.network_assembly import linked


class Difference(NamedTuple):
    """What the gradient of a loss by an output is proportional to.

    text : in symbols ("o₁ − t₁"). numbers : with the numbers put in. value : what comes out. too_high : how
    much an output, or a probability, is above its target; None where that says nothing.
    """

    text: str
    numbers: str
    value: float
    noun: str
    too_high: float | None


def shown(value: float) -> str:
    """A number as in a sentence, of four digits and with a real minus sign."""
    text, _, exponent = f"{value:.4g}".partition("e")
    scaled = f"{text}e{int(exponent)}" if exponent else text
    return scaled.replace("-", "−")


def target_row(recorded: Pass, row: int) -> Array:
    """The target of a row with a number for each output; classes as one-hot."""
    if are_class_indices(recorded.targets):
        found = np.zeros(recorded.output.shape[1])
        found[recorded.targets[row]] = 1.0
        return found
    return np.asarray(recorded.targets[row], np.float64)


def read_row(recorded: Pass, row: int) -> Array:
    """The outputs of a row as people read them: probabilities where the loss takes scores."""
    found: Array = linked(recorded.loss, recorded.output[row : row + 1])[0]
    return found


def _minus(output: str, target: float, value: float) -> str:
    return f"{shown(value)} − {shown(target)}" if target >= 0 else f"{shown(value)} + {shown(-target)}"


def _plain(loss: Loss, o: float, t: float, symbol: tuple[str, str]) -> Difference:
    name, goal = symbol
    return Difference(f"{name} − {goal}", _minus(name, t, o), o - t, "difference to the target", o - t)


def _sign(loss: Loss, o: float, t: float, symbol: tuple[str, str]) -> Difference:
    name, goal = symbol
    text = f"sign({name} − {goal})"
    return Difference(
        text, f"sign({_minus(name, t, o)})", float(np.sign(o - t)), "which side it is on", o - t
    )


def _clipped(loss: Loss, o: float, t: float, symbol: tuple[str, str]) -> Difference:
    name, goal = symbol
    delta = loss.delta if isinstance(loss, Huber) else np.inf
    value = float(np.clip(o - t, -delta, delta))
    text = f"{name} − {goal}, at most ±{shown(delta)}"
    return Difference(text, _minus(name, t, o), value, "difference to the target, clipped", o - t)


def _tanh(loss: Loss, o: float, t: float, symbol: tuple[str, str]) -> Difference:
    name, goal = symbol
    value = float(np.tanh(o - t))
    return Difference(
        f"tanh({name} − {goal})", f"tanh({_minus(name, t, o)})", value, "tanh of the difference", o - t
    )


def _smoothed(loss: Loss, o: float, t: float, symbol: tuple[str, str], classes: int) -> Difference:
    smoothing = float(getattr(loss, "label_smoothing", 0.0))
    goal = (1 - smoothing) * t + smoothing / classes
    name, target = symbol
    return Difference(
        f"{name} − {target}", _minus(name, goal, o), o - goal, "difference to the target", o - goal
    )


WORDS: Mapping[type[Loss], Callable[[Loss, float, float, tuple[str, str]], Difference]] = {
    MeanSquaredError: _plain,
    MeanAbsoluteError: _sign,
    Huber: _clipped,
    LogCosh: _tanh,
    KullbackLeibler: _plain,
}
"""By the class of the loss; cross-entropies, which may be smoothed, are `_smoothed`."""


def difference(recorded: Pass, symbols: Symbols, row: int, output: int) -> Difference | None:
    """What ∂L/∂o of one output is proportional to; None for a loss that is not described here."""
    loss = recorded.loss
    value, target = float(read_row(recorded, row)[output]), float(target_row(recorded, row)[output])
    letter = "o" if loss.inverse_link in (None, "linear") else "p"
    name = symbols.letter(letter, output), symbols.letter("t", output)
    kind = type(loss)
    if kind in (SoftmaxCrossEntropy, BinaryCrossEntropy):
        smoothed, weighted = getattr(loss, "label_smoothing", 0.0), getattr(loss, "weighted", False)
        if smoothed and weighted:
            return None
        classes = recorded.output.shape[1] if kind is SoftmaxCrossEntropy else 2
        return _smoothed(loss, value, target, name, classes)
    return WORDS[kind](loss, value, target, name) if kind in WORDS else None
