"""Losses as PyTorch computes them; where it has none, by their formula from its functions.

Targets are ours: rows that sum to 1, a column of 0 and 1, or numbers. With weights of the classes, ours
divides by the weights of the examples, PyTorch often by their number.
"""

import math

import numpy as np
import torch
from torch.nn import functional

from tests.engine.random_networks.counterpart_layers import Tensor
from tests.engine.random_networks.drawing_layers import Settings
from tests.engine.random_networks.drawing_losses import CLASSES, YES_OR_NO


def loss(settings: Settings, output: Tensor, targets: np.ndarray) -> Tensor:
    target = torch.tensor(targets)
    if settings["kind"] in CLASSES:
        return _of_classes(settings, output, target)
    if settings["kind"] in YES_OR_NO:
        return _of_yes_or_no(settings, output, target)
    return {
        "huber": lambda: functional.huber_loss(output, target, delta=settings["delta"]),
        "mean_absolute_error": lambda: functional.l1_loss(output, target),
        "mean_squared_error": lambda: _squared(settings, output, target),
        "log_cosh": lambda: _log_cosh(output - target).mean(),
        "cosine_similarity": lambda: 1 - functional.cosine_similarity(output, target).mean(),
    }[settings["kind"]]()


def _of_classes(settings: Settings, output: Tensor, target: Tensor) -> Tensor:
    classes = output.shape[1]
    weights = torch.ones(classes)
    if settings["class_weights"] is not None:
        weights = torch.tensor(settings["class_weights"], dtype=torch.float64)
    of_rows = target @ weights
    if settings["kind"] == "softmax_cross_entropy":
        smoothing = settings["label_smoothing"]
        return functional.cross_entropy(output, target.argmax(dim=1), weights, label_smoothing=smoothing)
    if settings["kind"] == "multiclass_hinge":
        power = 2 if settings["squared"] else 1
        each = functional.multi_margin_loss(
            output, target.argmax(dim=1), p=power, weight=weights, reduction="none"
        )
    elif settings["kind"] == "kullback_leibler":
        apart = functional.kl_div(functional.log_softmax(output, dim=1), target, reduction="none")
        each = apart.sum(dim=1) * of_rows
    else:
        smoothing = settings["label_smoothing"]
        smooth = weights * ((1 - smoothing) * target + smoothing / classes)
        logarithms = functional.log_softmax(output, dim=1)
        each = -(smooth * (1 - logarithms.exp()) ** settings["gamma"] * logarithms).sum(dim=1)
    return each.sum() / of_rows.sum()


def _of_yes_or_no(settings: Settings, output: Tensor, target: Tensor) -> Tensor:
    no, yes = settings["class_weights"] or (1.0, 1.0)
    importance = no + (yes - no) * target
    if settings["kind"] == "hinge":
        missing = functional.relu(1 - (2 * target - 1) * output)
        each = missing**2 if settings["squared"] else missing
        return (importance * each).sum() / importance.sum()
    smoothing = settings["label_smoothing"]
    smooth = (1 - smoothing) * target + smoothing / 2
    each = functional.binary_cross_entropy_with_logits(output, smooth, reduction="none")
    if settings["kind"] == "binary_focal":
        probability, alpha = torch.sigmoid(output), settings["alpha"]
        doubt = probability * (1 - smooth) + (1 - probability) * smooth
        each = each * doubt ** settings["gamma"]
        if alpha is not None:
            each = each * (alpha * smooth + (1 - alpha) * (1 - smooth))
    return (importance * each).sum() / importance.sum()


def _squared(settings: Settings, output: Tensor, target: Tensor) -> Tensor:
    if settings["reduction"] == "half_sum":
        return functional.mse_loss(output, target, reduction="sum") / (2 * len(output))
    return functional.mse_loss(output, target)


def _log_cosh(difference: Tensor) -> Tensor:
    return functional.softplus(-2 * difference, threshold=40.0) + difference - math.log(2)
