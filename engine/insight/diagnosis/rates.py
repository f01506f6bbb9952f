"""A learning rate that is too high, so that the loss jumps about, or too low, so that it creeps."""

from collections.abc import Iterator

import numpy as np

from engine.insight.diagnosis.finding import Evidence, RunFinding, rate_remedy
from engine.insight.diagnosis.measurements import Measurements
from engine.settings import number_text

FEWEST_EPOCHS = 12
WINDOW = 12
"""Epochs that are looked at."""
JUMP = 0.25
"""Mean change from one epoch to the next, as a fraction of the mean loss, from which on the loss jumps."""
TURNS = 0.5
"""Share of the epochs in which the loss turns, from falling to rising or back."""
HIGH = 0.3
"""Fractions of the loss of guessing: below it there is little left to gain."""
SMALL_RATIO = 1e-5
CREEP = 0.01
"""Fall of the loss over the window, as a fraction, below which it creeps."""


def oscillation(m: Measurements) -> Iterator[RunFinding]:
    """The loss jumps up and down from epoch to epoch, far from its end, and does not come down."""
    losses = m.training[-WINDOW:]
    if m.epoch < FEWEST_EPOCHS or not losses.mean() > HIGH * m.guess:
        return
    changes = np.diff(losses)
    turns = float(np.mean(changes[1:] * changes[:-1] < 0))
    jump = float(np.abs(changes).mean() / losses.mean())
    falls = losses[WINDOW // 2 :].mean() < 0.9 * losses[: WINDOW // 2].mean()
    if falls or turns < TURNS or jump < JUMP:
        return
    rate = number_text(float(f"{m.rate:.4g}"))
    yield RunFinding(
        "rate_too_high",
        "warning",
        "Learning rate too high",
        f"The training loss jumps by {jump:.0%} from epoch to epoch and does not settle: it was between "
        f"{losses.min():.3g} and {losses.max():.3g} in the last {WINDOW} epochs. The learning rate, {rate}, "
        "is too high.",
        "A step along the gradient is right for a short way only. Beyond the bottom of the valley it climbs "
        "the other side, and the next step comes back.",
        (
            Evidence(f"loss {losses.min():.3g} to {losses.max():.3g}", "loss"),
            Evidence(f"update to weights {m.largest_ratio:.2g}; 0.001 is usual", "update_ratio"),
        ),
        (*rate_remedy(m.experiment, 0.3), *rate_remedy(m.experiment, 0.1)),
    )


def creeping(m: Measurements) -> Iterator[RunFinding]:
    """Steps move the weights by next to nothing, though the loss is far from its end and falls with each."""
    losses = m.training[-WINDOW:]
    if m.epoch < FEWEST_EPOCHS or not losses[-1] > HIGH * m.guess or not 0 < m.largest_ratio < SMALL_RATIO:
        return
    fall = 1 - losses[-1] / losses[0]
    if not 0 < fall < CREEP:
        return
    rate = number_text(float(f"{m.rate:.4g}"))
    yield RunFinding(
        "rate_too_low",
        "warning",
        "Learning rate too low",
        f"Each step moves the weights by {m.largest_ratio:.1g} of their length, and the training loss fell "
        f"by {fall:.2%} in {len(losses)} epochs. The learning rate, {rate}, is probably too low.",
        "About 0.001 of the weights' length is usual for a step. Shorter ones are safe, and take as many "
        "times longer.",
        (
            Evidence(f"update to weights {m.largest_ratio:.1g}; 0.001 is usual", "update_ratio"),
            Evidence(f"loss {losses[0]:.4g} → {losses[-1]:.4g}", "loss"),
        ),
        (*rate_remedy(m.experiment, 10), *rate_remedy(m.experiment, 100)),
    )
