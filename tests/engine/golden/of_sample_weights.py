"""What PyTorch computes for losses whose rows have sample weights."""

from typing import Any

import numpy as np
import torch


def sample_weights() -> dict[str, Any]:
    """Weighted mean and gradient: Σ s w E / Σ s w, with class weights w and PyTorch's row losses E."""
    generator = np.random.default_rng(7)
    functional = torch.nn.functional
    outputs, numbers = generator.normal(0, 2, (8, 4)), generator.normal(0, 2, (8, 4))
    logits, answers = generator.normal(0, 2, (8, 1)), generator.integers(0, 2, (8, 1)).astype(float)
    classes = generator.integers(0, 4, 8)
    given = np.array([1.0, 0.0, 2.0, 0.25, 3.0, 1.5, 0.0, 7.0])
    class_weights = torch.tensor([0.5, 2.0, 1.0, 4.0]).double()
    cases: list[tuple[dict[str, Any], Any, Any, Any, Any]] = [
        (
            {"kind": "mean_squared_error"},
            outputs,
            numbers,
            lambda o, t: functional.mse_loss(o, t, reduction="none").mean(1),
            None,
        ),
        (
            {"kind": "huber", "delta": 0.5},
            outputs,
            numbers,
            lambda o, t: functional.huber_loss(o, t, delta=0.5, reduction="none").mean(1),
            None,
        ),
        (
            {"kind": "binary_cross_entropy"},
            logits,
            answers,
            lambda o, t: functional.binary_cross_entropy_with_logits(o, t, reduction="none")[:, 0],
            None,
        ),
        (
            {"kind": "softmax_cross_entropy"},
            outputs,
            classes,
            lambda o, t: functional.cross_entropy(o, t, reduction="none"),
            None,
        ),
        (
            {"kind": "softmax_cross_entropy", "label_smoothing": 0.1},
            outputs,
            classes,
            lambda o, t: functional.cross_entropy(o, t, reduction="none", label_smoothing=0.1),
            None,
        ),
        (
            {"kind": "softmax_cross_entropy", "class_weights": class_weights.tolist()},
            outputs,
            classes,
            lambda o, t: functional.cross_entropy(o, t, reduction="none", weight=class_weights),
            class_weights[torch.tensor(classes)],
        ),
    ]
    stored = []
    for settings, output, target, function, counts in cases:
        x = torch.tensor(output, requires_grad=True)
        weights = torch.tensor(given)
        total = weights if counts is None else weights * counts
        loss = (function(x, torch.tensor(target)) * weights).sum() / total.sum()
        loss.backward()
        stored.append(
            {
                "settings": settings,
                "output": output.tolist(),
                "target": target.tolist(),
                "weights": given.tolist(),
                "loss": loss.item(),
                "gradient": x.grad.tolist(),
            }
        )
    return {"cases": stored}
