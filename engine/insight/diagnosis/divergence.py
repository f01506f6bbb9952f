"""Runs that come to nothing: a number that is not finite, a decay too large to be stable, divergence."""

import math
from collections.abc import Iterator

import numpy as np

from engine.insight.diagnosis.finding import (
    Evidence,
    LastStep,
    Remedy,
    RunFinding,
    clip_remedy,
    rate_remedy,
    rate_set_to,
    start_again,
)
from engine.insight.diagnosis.measurements import Measurements
from engine.optimizers.gradient_descent import SGD, VelocityRule
from engine.settings import number_text

LAST_STEPS = 20
MOST_ROWS = 8
WORSE = 1.1
"""A loss is worse than guessing from this multiple of what guessing costs on."""
FALLING = 0.9
"""The loss still falls where the later half of the last epochs is below this multiple of the earlier half."""
SETTLED, FEWEST_EPOCHS = 10, 5
ONE_ANSWER = "One answer to all rows, the share of each class or the mean of the targets, would do better. "
LARGE_RATIO, SMALL_RATIO = 1e-2, 1e-3
"""Steps that move weights by more, or less, than this fraction are large, or small; 1e-3 is usual (Karpathy,
CS231n notes)."""


def not_finite(m: Measurements) -> Iterator[RunFinding]:
    """A number overflowed, and the run was ended before the step that would have spoilt the weights."""
    if m.stop is None or m.stop.kind != "not finite":
        return
    texts = []
    for column, title in (("loss", "loss"), ("gradient_norm", "gradient norm")):
        values = m.steps[column][-LAST_STEPS:]
        if len(values):
            texts.append(
                f"{title} over the last {len(values)} steps: {values[0]:.3g} → {values[-1]:.3g}, "
                f"largest {values.max():.3g}"
            )
    yield RunFinding(
        "not_finite",
        "serious",
        "A number is not finite",
        m.stop.sentence + _batch(m.bad_rows),
        "Numbers of 32 bits end at 3.4e38. Steps that are too long make weights, and with them outputs and "
        "gradients, grow from step to step until one passes that end.",
        (
            Evidence(texts[0] if texts else "no step was taken", "loss"),
            Evidence(texts[1] if texts else "no gradient is known", "gradient_norm"),
        ),
        (*rate_remedy(m.experiment, 0.5), *clip_remedy(m.experiment)),
        m.bad_rows,
        rewinds=True,
        last_steps=_last_steps(m),
    )


def _last_steps(m: Measurements) -> tuple[LastStep, ...]:
    count = min(LAST_STEPS, len(m.steps["loss"]))
    if not count:
        return ()
    nothing = np.zeros(count)
    ratios = [np.nan_to_num(m.steps[f"update_ratio/{layer}"][-count:]) for layer in m.trained]
    columns = m.steps["loss"], m.steps["gradient_norm"], np.max(ratios or [nothing], axis=0)
    numbers = zip(*(column[-count:].tolist() for column in columns), strict=True)
    return tuple(LastStep(m.step - count + 1 + place, *found) for place, found in enumerate(numbers))


def _batch(rows: tuple[int, ...]) -> str:
    """Which rows the step was of, as people count them."""
    if not rows:
        return ""
    shown = ", ".join(str(row + 1) for row in rows[:MOST_ROWS])
    return f" Its batch has the rows {shown}{' and others' if len(rows) > MOST_ROWS else ''}."


def unstable_decay(m: Measurements) -> Iterator[RunFinding]:
    """The learning rate times L2, or times the weight decay, is so large that weights flip and grow.

    A step of p ← p − ρ (g + λ p) multiplies p by 1 − ρ λ, whose magnitude is above 1 from ρ λ > 2 on; with
    momentum μ, from ρ λ > 2 (1 + μ) on (Polyak 1964).
    """
    optimizer, training = m.experiment.training.optimizer, m.experiment.training
    if not m.step:
        return
    momentum = optimizer.momentum if isinstance(optimizer, VelocityRule) else 0.0
    decay = getattr(optimizer, "weight_decay", 0.0)
    coupled = training.l2 if isinstance(optimizer, SGD | VelocityRule) else 0.0
    limit = 2 * (1 + momentum) if coupled > decay else 2.0
    factor, name, field = max((decay, "weight decay", "weight_decay"), (coupled, "L2", "l2"))
    product = m.rate * factor
    if product <= limit:
        return
    rate, strength, total = (number_text(float(f"{value:.4g}")) for value in (m.rate, factor, product))
    if momentum and field == "l2":
        what = f"With momentum {number_text(momentum)}, weights flip their sign and grow from step to step."
    else:
        times = number_text(float(f"{1 - product:.4g}")).replace("-", "−")
        what = f"Each step multiplies every weight by 1 − {total} = {times}: they flip their sign and grow."
    small = float(f"{0.1 / m.rate:.1g}") if m.rate > 100 else 0.001
    path = ("training", "l2") if field == "l2" else ("training", "optimizer", "weight_decay")
    less = Remedy(f"Lower {name} to {number_text(small)}", ((path, small),))
    yield RunFinding(
        "unstable_decay",
        "serious",
        f"Learning rate × {name} is above {number_text(limit)}",
        f"The learning rate times {name} is {rate} × {strength} = {total}, above {number_text(limit)}. "
        f"{what}",
        f"{name[:1].upper() + name[1:]} pulls each weight towards 0 by the rate times {name} of its length. "
        "A pull of more than twice the length ends farther away on the other side. Clipping does not help: "
        "the product has to become smaller.",
        (Evidence(f"update to weights: {m.largest_ratio:.3g}", "update_ratio"),),
        (less, *rate_set_to(m.experiment, float(f"{0.1 / factor:.2g}"))),
    )


def diverged(m: Measurements) -> Iterator[RunFinding]:
    """The loss is above what one and the same answer to all rows costs, and steps are long or raised it."""
    if not _worse(m) or not (m.current_loss > m.first_loss or m.largest_ratio > LARGE_RATIO):
        return
    yield RunFinding(
        "diverged",
        "serious",
        "Learning rate too high: worse than guessing",
        f"{_losses(m)} The learning rate, {number_text(float(f'{m.rate:.4g}'))}, is too high.",
        ONE_ANSWER + "Steps that are too long jump over the valleys of the loss and land higher up.",
        (
            Evidence(
                f"loss {m.training[-1]:.3g}, lowest {m.training.min():.3g}, guessing {m.guess:.3g}", "loss"
            ),
            Evidence(f"update to weights {m.largest_ratio:.2g}; 0.001 is usual", "update_ratio"),
        ),
        (*start_again(m.experiment), *rate_remedy(m.experiment, 0.1)),
    )


def worse_than_guessing(m: Measurements) -> Iterator[RunFinding]:
    """The loss is as high, and short steps do not bring it down."""
    if m.epoch < FEWEST_EPOCHS or not _worse(m):
        return
    small = m.largest_ratio < SMALL_RATIO
    yield RunFinding(
        "worse_than_guessing",
        "serious",
        "Worse than guessing",
        f"{_losses(m)} It does not come down.",
        ONE_ANSWER + "The network began far off, with large weights or inputs, and its steps are too short "
        "or their gradients too small to get it back.",
        (
            Evidence(f"loss {m.training[-1]:.3g}, guessing {m.guess:.3g}", "loss"),
            Evidence(f"update to weights {m.largest_ratio:.2g}; 0.001 is usual", "update_ratio"),
        ),
        rate_remedy(m.experiment, 10) if small else (),
    )


def _worse(m: Measurements) -> bool:
    """Whether both losses are above that of guessing, and do not come down."""
    if math.isnan(m.guess) or m.guess <= 0 or len(m.training) < 2:
        return False
    validation = m.validation[-1]
    held_out = not math.isfinite(validation) or validation > m.guess
    return bool((m.training[-3:] > WORSE * m.guess).all()) and held_out and not _falls(m)


def _losses(m: Measurements) -> str:
    text = f"The training loss is {m.training[-1]:.3g}"
    if math.isfinite(m.validation[-1]):
        text += f", the validation loss {m.validation[-1]:.3g}"
    return f"{text}: worse than guessing, which costs {m.guess:.3g}."


def _falls(m: Measurements) -> bool:
    """Whether the loss still comes down, from where it began. After ten epochs of large steps a lower one is
    no more than chance."""
    if len(m.training) >= SETTLED and m.largest_ratio > LARGE_RATIO:
        return False
    if len(m.training) >= SETTLED // 2 and m.training[-1] > 2 * m.first_loss:
        return False
    recent = m.training[-SETTLED:]
    half = len(recent) // 2
    return bool(recent[half:].mean() < FALLING * recent[:half].mean())
