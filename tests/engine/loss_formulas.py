"""Every loss as its formula stands in the books, in float64 and without a thought of speed or memory."""

import math

import numpy as np

from engine.losses import Loss
from engine.losses.class_weights import ClassWeighted


def formula(loss: Loss, output: np.ndarray, target: np.ndarray) -> float:
    """The loss of one batch; the loss is fitted, output and target are of float64."""
    return float(FORMULAS[loss.kind](loss, output, target))


def log_sigmoid(z: np.ndarray) -> np.ndarray:
    return -np.logaddexp(0, -z)


def log_softmax(z: np.ndarray) -> np.ndarray:
    return z - np.logaddexp.reduce(z, axis=1, keepdims=True)


def row_weights(loss: ClassWeighted, target: np.ndarray) -> np.ndarray:
    """(rows, 1)."""
    weights = np.ones(target.shape[1]) if loss.class_weights is None else np.array(loss.class_weights)
    return target @ weights[:, None]


def answer_weights(loss: ClassWeighted, target: np.ndarray) -> np.ndarray:
    no, yes = loss.class_weights or (1.0, 1.0)
    return no * (1 - target) + yes * target


def smoothed_classes(loss, target):
    """The smoothed and weighted target, of rows that count."""
    weights = np.ones(target.shape[1]) if loss.class_weights is None else np.array(loss.class_weights)
    smoothed = (1 - loss.label_smoothing) * target + loss.label_smoothing / target.shape[1]
    return weights * smoothed * (row_weights(loss, target) > 0)


def smoothed_answers(loss, target):
    return (1 - loss.label_smoothing) * target + loss.label_smoothing / 2


def mean_squared_error(loss, o, t):
    total = ((o - t) ** 2).sum()
    return total / o.size if loss.reduction == "mean" else total / (2 * len(o))


def huber(loss, o, t):
    d = abs(o - t)
    return np.where(d <= loss.delta, d**2 / 2, loss.delta * (d - loss.delta / 2)).mean()


def log_cosh(loss, o, t):
    return (abs(o - t) + np.log1p(np.exp(-2 * abs(o - t))) - math.log(2)).mean()


def cosine_similarity(loss, o, t):
    cosines = []
    for one, other in zip(o, t, strict=True):
        length, other_length = math.hypot(*one), math.hypot(*other)
        cosines.append(sum(a / length * (b / other_length) for a, b in zip(one, other, strict=True)))
    return 1 - sum(cosines) / len(cosines)


def softmax_cross_entropy(loss, z, t):
    return -(smoothed_classes(loss, t) * log_softmax(z)).sum() / row_weights(loss, t).sum()


def focal(loss, z, t):
    logarithms = log_softmax(z)
    each = (1 - np.exp(logarithms)) ** loss.gamma * logarithms
    return -(smoothed_classes(loss, t) * each).sum() / row_weights(loss, t).sum()


def kullback_leibler(loss, z, t):
    logarithms = np.log(t, out=np.zeros_like(t), where=t > 0)
    w = row_weights(loss, t)
    return (w * t * (logarithms - log_softmax(z))).sum() / w.sum()


def multiclass_hinge(loss, z, t):
    right = (t * z).sum(axis=1, keepdims=True)
    missing = np.maximum(0, 1 - t + z - right) ** (2 if loss.squared else 1)
    w = row_weights(loss, t)
    return (w * missing).sum() / w.sum() / z.shape[1]


def binary_cross_entropy(loss, z, t):
    goal, w = smoothed_answers(loss, t), answer_weights(loss, t)
    each = -goal * log_sigmoid(z) - (1 - goal) * log_sigmoid(-z)
    return (w * each).sum() / w.sum()


def binary_focal(loss, z, t):
    goal, w = smoothed_answers(loss, t), answer_weights(loss, t)
    each = -goal * log_sigmoid(z) - (1 - goal) * log_sigmoid(-z)
    doubt = np.exp(log_sigmoid(z)) * (1 - goal) + np.exp(log_sigmoid(-z)) * goal
    share = 1 if loss.alpha is None else loss.alpha * goal + (1 - loss.alpha) * (1 - goal)
    return (w * share * doubt**loss.gamma * each).sum() / w.sum()


def hinge(loss, z, t):
    w = answer_weights(loss, t)
    missing = np.maximum(0, 1 - (2 * t - 1) * z) ** (2 if loss.squared else 1)
    return (w * missing).sum() / w.sum()


FORMULAS = {
    "mean_squared_error": mean_squared_error,
    "mean_absolute_error": lambda loss, o, t: abs(o - t).mean(),
    "huber": huber,
    "log_cosh": log_cosh,
    "cosine_similarity": cosine_similarity,
    "softmax_cross_entropy": softmax_cross_entropy,
    "focal": focal,
    "kullback_leibler": kullback_leibler,
    "multiclass_hinge": multiclass_hinge,
    "binary_cross_entropy": binary_cross_entropy,
    "binary_focal": binary_focal,
    "hinge": hinge,
}
