"""What PyTorch's learning-rate schedulers give at every step."""

import math
from typing import Any

import numpy as np
import torch

STEPS_PER_EPOCH = 4
EPOCHS = 10


def schedules() -> dict[str, Any]:
    """The factor at every step of a run."""
    per_epoch, epochs = STEPS_PER_EPOCH, EPOCHS
    total = per_epoch * epochs
    schedulers = torch.optim.lr_scheduler
    cases = [
        ({"kind": "constant"}, 0, lambda o: schedulers.ConstantLR(o, 1.0), 1),
        ({"kind": "exponential", "gamma": 0.8}, 0, lambda o: schedulers.ExponentialLR(o, 0.8), per_epoch),
        (
            {"kind": "exponential", "gamma": 0.8, "smooth": True},
            0,
            lambda o: schedulers.ExponentialLR(o, math.pow(0.8, 1 / per_epoch)),
            1,
        ),
        (
            {"kind": "step", "interval": 3, "gamma": 0.1},
            0,
            lambda o: schedulers.StepLR(o, 3, 0.1),
            per_epoch,
        ),
        ({"kind": "cosine"}, 0, lambda o: schedulers.CosineAnnealingLR(o, total), 1),
        ({"kind": "cosine", "floor": 0.1}, 0, lambda o: schedulers.CosineAnnealingLR(o, total, 0.1), 1),
        ({"kind": "constant"}, 7, lambda o: schedulers.LinearLR(o, 1 / 8, total_iters=7), 1),
        (
            {"kind": "cosine"},
            7,
            lambda o: schedulers.SequentialLR(
                o,
                [
                    schedulers.LinearLR(o, 1 / 8, total_iters=7),
                    schedulers.CosineAnnealingLR(o, total - 7),
                ],
                [7],
            ),
            1,
        ),
        (
            {"kind": "multi_step", "milestones": [3, 4, 8], "gamma": 0.2},
            0,
            lambda o: schedulers.MultiStepLR(o, [3, 4, 8], 0.2),
            per_epoch,
        ),
        ({"kind": "polynomial"}, 0, lambda o: schedulers.PolynomialLR(o, total), 1),
        ({"kind": "polynomial", "power": 2.5}, 0, lambda o: schedulers.PolynomialLR(o, total, 2.5), 1),
        ({"kind": "one_cycle"}, 0, lambda o: schedulers.OneCycleLR(o, 1.0, total), 1),
        (
            {"kind": "one_cycle", "rise": 0.45, "start_divisor": 5.0, "end_divisor": 20.0},
            0,
            lambda o: schedulers.OneCycleLR(o, 1.0, total, pct_start=0.45, div_factor=5, final_div_factor=20),
            1,
        ),
        *(
            (
                {"kind": "cosine_restarts", "period": 1, "growth": growth, "floor": 0.1},
                0,
                # Its periods count calls; so many of one epoch are as many steps.
                lambda o, g=growth: schedulers.CosineAnnealingWarmRestarts(o, per_epoch, g, 0.1),
                1,
            )
            for growth in (1, 2, 3)
        ),
        *(
            (
                {"kind": "cosine_restarts", "period": period, "growth": growth, "floor": 0.1},
                0,
                lambda o, p=period, g=growth: schedulers.CosineAnnealingWarmRestarts(
                    o, p * per_epoch, g, 0.1
                ),
                1,
            )
            for period, growth in ((2, 2), (3, 1))
        ),
    ]
    stored = []
    for settings, warmup_steps, make, every in cases:
        optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
        scheduler = make(optimizer)
        factors = []
        for step in range(total):
            factors.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            if (step + 1) % every == 0:
                scheduler.step()
        stored.append({"settings": settings, "warmup_steps": warmup_steps, "factors": factors})
    stored += warmed_up()
    return {"steps_per_epoch": per_epoch, "total_steps": total, "plateau": plateaus(), "cases": stored}


def warmed_up() -> list[dict[str, Any]]:
    """A warm-up of one and a half epochs, with schedules that are stepped at the end of each epoch."""
    warmup_steps, schedulers = STEPS_PER_EPOCH + STEPS_PER_EPOCH // 2, torch.optim.lr_scheduler
    cases = [
        ({"kind": "step", "interval": 2, "gamma": 0.1}, lambda o: schedulers.StepLR(o, 2, 0.1)),
        (
            {"kind": "multi_step", "milestones": [1, 3, 8], "gamma": 0.2},
            lambda o: schedulers.MultiStepLR(o, [1, 3, 8], 0.2),
        ),
        ({"kind": "exponential", "gamma": 0.8}, lambda o: schedulers.ExponentialLR(o, 0.8)),
    ]
    stored = []
    for settings, make in cases:
        optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
        warmup = schedulers.LinearLR(optimizer, 1 / (warmup_steps + 1), total_iters=warmup_steps)
        scheduler, factors = make(optimizer), []
        for step in range(STEPS_PER_EPOCH * EPOCHS):
            factors.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            warmup.step()
            if (step + 1) % STEPS_PER_EPOCH == 0:
                scheduler.step()
        stored.append({"settings": settings, "warmup_steps": warmup_steps, "factors": factors})
    return stored


def plateaus() -> list[dict[str, Any]]:
    """The factor after each epoch, where it depends on the losses."""
    generator = np.random.default_rng(5)
    falling = np.exp(-np.arange(40) / 6) + 0.1
    noisy = falling * (1 + 0.05 * generator.normal(size=40))
    noisy[[5, 20]] = 1e300
    stored = []
    for losses in (falling, noisy, np.ones(40)):
        for gamma, patience, threshold, cooldown, floor in (
            (0.1, 10, 1e-4, 0, 0.0),
            (0.5, 2, 0.01, 3, 0.0),
            (0.3, 0, 0.1, 0, 0.05),
        ):
            optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
            scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(
                optimizer, "min", gamma, patience, threshold, cooldown=cooldown, min_lr=floor, eps=0
            )
            factors = []
            for loss in losses:
                scheduler.step(loss)
                factors.append(optimizer.param_groups[0]["lr"])
            settings = {
                "kind": "plateau",
                "gamma": gamma,
                "patience": patience,
                "threshold": threshold,
                "cooldown": cooldown,
                "floor": floor,
            }
            stored.append({"settings": settings, "losses": losses.tolist(), "factors": factors})
    return stored
