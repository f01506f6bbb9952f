"""What PyTorch computes for our losses."""

from typing import Any

import numpy as np
import torch


def losses() -> dict[str, Any]:
    """Loss and gradient of one batch for each loss, with settings away from the defaults too."""
    generator = np.random.default_rng(1)
    outputs = generator.normal(0, 2, (6, 4))
    numbers = generator.normal(0, 2, (6, 4))
    classes = np.eye(4)[generator.integers(0, 4, 6)]
    shares = generator.dirichlet(np.ones(4), 6)
    logits = generator.normal(0, 3, (6, 1))
    answers = generator.integers(0, 2, (6, 1)).astype(float)
    functional = torch.nn.functional
    cases = [
        ({"kind": "mean_squared_error"}, outputs, numbers, functional.mse_loss),
        (
            {"kind": "mean_squared_error", "reduction": "half_sum"},
            outputs,
            numbers,
            lambda o, t: functional.mse_loss(o, t, reduction="sum") / (2 * len(o)),
        ),
        ({"kind": "mean_absolute_error"}, outputs, numbers, functional.l1_loss),
        ({"kind": "huber"}, outputs, numbers, functional.huber_loss),
        (
            {"kind": "huber", "delta": 0.3},
            outputs,
            numbers,
            lambda o, t: functional.huber_loss(o, t, delta=0.3),
        ),
        ({"kind": "binary_cross_entropy"}, logits, answers, functional.binary_cross_entropy_with_logits),
        (
            {"kind": "binary_cross_entropy"},
            logits,
            generator.uniform(0, 1, (6, 1)),
            functional.binary_cross_entropy_with_logits,
        ),
        ({"kind": "softmax_cross_entropy"}, outputs, classes, functional.cross_entropy),
        ({"kind": "softmax_cross_entropy"}, outputs, shares, functional.cross_entropy),
        ({"kind": "softmax_cross_entropy"}, 1e4 * outputs, classes, functional.cross_entropy),
        *_weighted_losses(outputs, classes, shares, logits, answers),
        *_other_losses(outputs, numbers, classes, shares, logits, answers),
        *_more_weighted_losses(outputs, classes, shares, logits, answers),
        *_reconstructions(outputs, generator.uniform(0, 1, (6, 4))),
    ]
    stored = []
    for settings, output, target, function in cases:
        x = torch.tensor(output, requires_grad=True)
        loss = function(x, torch.tensor(target))
        loss.backward()
        stored.append(
            {
                "settings": settings,
                "output": output.tolist(),
                "target": target.tolist(),
                "loss": loss.item(),
                "gradient": x.grad.tolist(),
            }
        )
    return {"cases": stored}


def _weighted_losses(outputs: Any, classes: Any, shares: Any, logits: Any, answers: Any) -> list[Any]:
    """Label smoothing and class weights; PyTorch's own are for class numbers, not for rows of shares."""
    functional = torch.nn.functional
    weights = (0.5, 2.0, 1.0, 4.0)

    def numbered(smoothing: float, weight: Any = None) -> Any:
        given = None if weight is None else torch.tensor(weight, dtype=torch.float64)
        return lambda o, t: functional.cross_entropy(o, t.argmax(1), given, label_smoothing=smoothing)

    def smoothed_answers(o: Any, t: Any) -> Any:
        return functional.binary_cross_entropy_with_logits(o, 0.8 * t + 0.1)

    def weighted_answers(o: Any, t: Any) -> Any:
        weight = 0.5 + 2.5 * t
        each = functional.binary_cross_entropy_with_logits(o, 0.9 * t + 0.05, weight, reduction="sum")
        return each / weight.sum()

    entropy = {"kind": "softmax_cross_entropy"}
    binary = {"kind": "binary_cross_entropy"}
    return [
        (entropy | {"label_smoothing": 0.1}, outputs, classes, numbered(0.1)),
        (
            entropy | {"label_smoothing": 0.3},
            outputs,
            shares,
            lambda o, t: functional.cross_entropy(o, t, label_smoothing=0.3),
        ),
        (entropy | {"class_weights": weights}, outputs, classes, numbered(0.0, weights)),
        (
            entropy | {"class_weights": weights, "label_smoothing": 0.2},
            outputs,
            classes,
            numbered(0.2, weights),
        ),
        (binary | {"label_smoothing": 0.2}, logits, answers, smoothed_answers),
        (binary | {"label_smoothing": 0.1, "class_weights": (0.5, 3.0)}, logits, answers, weighted_answers),
    ]


def _more_weighted_losses(outputs: Any, classes: Any, shares: Any, logits: Any, answers: Any) -> list[Any]:
    """Classes that count more than others, or not at all, in losses whose means PyTorch does not weight."""
    functional = torch.nn.functional
    weights, some = (0.5, 2.0, 1.0, 4.0), (0.5, 0.0, 1.0, 4.0)
    no, yes = answered = (0.5, 3.0)

    def of_class(weight: Any, t: Any) -> Any:
        return t @ torch.tensor(weight, dtype=torch.float64)

    def margin(power: int, weight: Any) -> Any:
        def mean(o: Any, t: Any) -> Any:
            given = torch.tensor(weight, dtype=torch.float64)
            each = functional.multi_margin_loss(o, t.argmax(1), p=power, weight=given, reduction="sum")
            return each / of_class(weight, t).sum()

        return mean

    def divergence(weight: Any) -> Any:
        def mean(o: Any, t: Any) -> Any:
            each = functional.kl_div(functional.log_softmax(o, 1), t, reduction="none").sum(1)
            return (of_class(weight, t) * each).sum() / of_class(weight, t).sum()

        return mean

    def importance(t: Any) -> Any:
        return no * (1 - t) + yes * t

    def hinge(power: int) -> Any:
        def mean(o: Any, t: Any) -> Any:
            each = functional.relu(1 - (2 * t - 1) * o) ** power
            return (importance(t) * each).sum() / importance(t).sum()

        return mean

    def focal(smoothing: float, weight: Any) -> Any:
        def mean(o: Any, t: Any) -> Any:
            goal = (1 - smoothing) * t + smoothing / 4
            logarithms = functional.log_softmax(o, 1)
            each = -goal * (1 - logarithms.exp()) ** 2 * logarithms
            return (each @ torch.tensor(weight, dtype=torch.float64)).sum() / of_class(weight, t).sum()

        return mean

    def binary_focal(smoothing: float) -> Any:
        def mean(o: Any, t: Any) -> Any:
            goal = (1 - smoothing) * t + smoothing / 2
            p = torch.sigmoid(o)
            each = functional.binary_cross_entropy_with_logits(o, goal, reduction="none")
            each = each * (p * (1 - goal) + (1 - p) * goal) ** 2
            return (importance(t) * each).sum() / importance(t).sum()

        return mean

    def numbered(o: Any, t: Any) -> Any:
        return functional.cross_entropy(o, t.argmax(1), torch.tensor(some, dtype=torch.float64))

    return [
        ({"kind": "softmax_cross_entropy", "class_weights": some}, outputs, classes, numbered),
        ({"kind": "multiclass_hinge", "class_weights": weights}, outputs, classes, margin(1, weights)),
        (
            {"kind": "multiclass_hinge", "squared": True, "class_weights": some},
            outputs,
            classes,
            margin(2, some),
        ),
        ({"kind": "kullback_leibler", "class_weights": weights}, outputs, shares, divergence(weights)),
        ({"kind": "kullback_leibler", "class_weights": some}, outputs, classes, divergence(some)),
        ({"kind": "hinge", "class_weights": answered}, logits, answers, hinge(1)),
        ({"kind": "hinge", "squared": True, "class_weights": answered}, logits, answers, hinge(2)),
        ({"kind": "focal", "label_smoothing": 0.2}, outputs, classes, focal(0.2, (1, 1, 1, 1))),
        (
            {"kind": "focal", "label_smoothing": 0.1, "class_weights": weights},
            outputs,
            shares,
            focal(0.1, weights),
        ),
        ({"kind": "binary_focal", "class_weights": answered}, logits, answers, binary_focal(0.0)),
        (
            {"kind": "binary_focal", "label_smoothing": 0.2, "class_weights": answered},
            logits,
            answers,
            binary_focal(0.2),
        ),
    ]


def _reconstructions(outputs: Any, inks: Any) -> list[Any]:
    """Cross-entropy of several outputs a row, each a share of yes, as a pixel is of ink."""
    functional = torch.nn.functional

    def weighted(o: Any, t: Any) -> Any:
        weight = 0.5 * (1 - t) + 3.0 * t
        each = functional.binary_cross_entropy_with_logits(o, 0.9 * t + 0.05, weight, reduction="sum")
        return each / weight.sum()

    plain = {"kind": "binary_cross_entropy"}
    return [
        (plain, outputs, inks, functional.binary_cross_entropy_with_logits),
        (plain | {"label_smoothing": 0.1, "class_weights": (0.5, 3.0)}, outputs, inks, weighted),
    ]


def _other_losses(
    outputs: Any, numbers: Any, classes: Any, shares: Any, logits: Any, answers: Any
) -> list[Any]:
    """Losses that PyTorch has under another name, or whose formula its gradients are taken of."""
    functional = torch.nn.functional

    def focal(gamma: float, weights: Any = (1, 1, 1, 1)) -> Any:
        def mean(o: Any, t: Any) -> Any:
            logarithms = functional.log_softmax(o, 1)
            weighted = t * torch.tensor(weights)
            each = -weighted * (1 - logarithms.exp()) ** gamma * logarithms
            return each.sum() / weighted.sum()

        return mean

    def binary_focal(gamma: float, alpha: float | None) -> Any:
        # The formula of torchvision.ops.sigmoid_focal_loss.
        def mean(o: Any, t: Any) -> Any:
            p = torch.sigmoid(o)
            each = functional.binary_cross_entropy_with_logits(o, t, reduction="none")
            each = each * (1 - (p * t + (1 - p) * (1 - t))) ** gamma
            if alpha is not None:
                each = each * (alpha * t + (1 - alpha) * (1 - t))
            return each.mean()

        return mean

    def hinge(power: int) -> Any:
        return lambda o, t: (functional.relu(1 - (2 * t - 1) * o) ** power).mean()

    def margin(power: int) -> Any:
        return lambda o, t: functional.multi_margin_loss(o, t.argmax(1), p=power)

    def divergence(o: Any, t: Any) -> Any:
        return functional.kl_div(functional.log_softmax(o, 1), t, reduction="batchmean")

    def cosine(o: Any, t: Any) -> Any:
        return (1 - functional.cosine_similarity(o, t)).mean()

    return [
        ({"kind": "focal"}, outputs, classes, focal(2.0)),
        ({"kind": "focal", "gamma": 0.5}, outputs, shares, focal(0.5)),
        (
            {"kind": "focal", "gamma": 1.5, "class_weights": (0.5, 2.0, 1.0, 4.0)},
            outputs,
            classes,
            focal(1.5, (0.5, 2.0, 1.0, 4.0)),
        ),
        ({"kind": "binary_focal"}, logits, answers, binary_focal(2.0, None)),
        ({"kind": "binary_focal", "gamma": 0.5, "alpha": 0.25}, logits, answers, binary_focal(0.5, 0.25)),
        ({"kind": "binary_focal", "alpha": 0.25}, logits, 0.7 * answers + 0.1, binary_focal(2.0, 0.25)),
        ({"kind": "kullback_leibler"}, outputs, shares, divergence),
        ({"kind": "kullback_leibler"}, outputs, classes, divergence),
        ({"kind": "hinge"}, logits, answers, hinge(1)),
        ({"kind": "hinge", "squared": True}, logits, answers, hinge(2)),
        ({"kind": "multiclass_hinge"}, outputs, classes, margin(1)),
        ({"kind": "multiclass_hinge", "squared": True}, outputs, classes, margin(2)),
        ({"kind": "log_cosh"}, outputs, numbers, lambda o, t: torch.log(torch.cosh(o - t)).mean()),
        ({"kind": "cosine_similarity"}, outputs, numbers, cosine),
    ]
