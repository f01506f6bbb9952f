"""Networks that say the same of every row: chance level, and one class for all."""

import math
from collections.abc import Iterator

from engine.insight.diagnosis.finding import Evidence, Remedy, RunFinding, rate_remedy, training_remedy
from engine.insight.diagnosis.measurements import Measurements

FEWEST_EPOCHS = 5
AT_CHANCE = 0.98
"""The loss is that of guessing from this fraction of it on."""
FALLING = 0.98
"""The loss is on its way where it is below this multiple of what it was two epochs before."""
STRONG_L2 = 0.03
SMALL_RATIO, LARGE_RATIO = 1e-4, 1e-2
FEWEST_ROWS = 20
RARE = 0.1
"""Where all other classes together are rarer than this, to predict one class is no collapse."""


def chance_level(m: Measurements) -> Iterator[RunFinding]:
    """The loss has not left the level of one and the same answer to all rows."""
    losses = m.training
    if m.epoch < FEWEST_EPOCHS or math.isnan(m.guess) or m.guess <= 0:
        return
    if not (losses[-3:] > AT_CHANCE * m.guess).all() or _falls(m):
        return
    score = ""
    if m.classes is not None:
        most = float(m.classes.targets.max())
        # Three standard errors above the most frequent class is more than chance.
        error = 3 * math.sqrt(max(most * (1 - most), 1e-9) / max(m.statistics.rows, 1))
        if m.classes.accuracy > most + error:
            return
        score = f" {m.classes.accuracy:.0%} of a sample are right; the most frequent class makes {most:.0%}."
    yield RunFinding(
        "chance_level",
        "serious",
        "The loss is at chance level",
        f"After {m.epoch} epochs the training loss, {losses[-1]:.3g}, is no better than guessing, which "
        f"costs {m.guess:.3g}: the network has learned nothing yet.{score}",
        "A network that gives every row the same answer has this loss. Steps may be too short or too long, "
        "weights held at 0 by a penalty, units dead or saturated, or the inputs say nothing of the target.",
        (
            Evidence(f"loss {losses[-1]:.4g}, guessing {m.guess:.4g}", "loss"),
            Evidence(f"update to weights {m.largest_ratio:.2g}; 0.001 is usual", "update_ratio"),
        ),
        _ways_out(m),
    )


def _falls(m: Measurements) -> bool:
    """Whether the loss is on its way; after large steps, a lower one is no more than chance."""
    losses = m.training
    return m.largest_ratio < LARGE_RATIO and bool(losses[-1] < FALLING * losses[-3])


def _ways_out(m: Measurements) -> tuple[Remedy, ...]:
    training = m.experiment.training
    if training.l2 >= STRONG_L2:
        return (training_remedy("Lower L2 to 0.0001", l2=1e-4),)
    if training.l1 >= STRONG_L2:
        return (training_remedy("Lower L1 to 0.0001", l1=1e-4),)
    if m.largest_ratio < SMALL_RATIO:
        return (*rate_remedy(m.experiment, 10), *rate_remedy(m.experiment, 100))
    if m.largest_ratio > LARGE_RATIO:
        return (*rate_remedy(m.experiment, 0.1), *rate_remedy(m.experiment, 0.01))
    return (*rate_remedy(m.experiment, 0.1), *rate_remedy(m.experiment, 10))


def class_collapse(m: Measurements) -> Iterator[RunFinding]:
    """All rows of a sample are predicted as one class, though others are not rare."""
    found = m.classes
    if found is None or m.epoch < FEWEST_EPOCHS or m.statistics.rows < FEWEST_ROWS:
        return
    most = int(found.predicted.argmax())
    others = 1 - float(found.targets[most])
    if found.predicted[most] < 1 or others <= RARE:
        return
    remedies = list(rate_remedy(m.experiment, 0.1))
    if others < 0.4 and hasattr(m.loss, "balanced") and not m.loss.balanced:
        loss = m.loss.replace(balanced=True)
        remedies.insert(0, training_remedy("Balance the classes", loss=loss))
    yield RunFinding(
        "class_collapse",
        "serious",
        "Only one class is predicted",
        f"Every row of a sample is predicted as class number {most + 1}, though {others:.0%} of them belong "
        "to others.",
        "One answer that is right for the most frequent class is an easy way to a lower loss. Where classes "
        "are of different size, balance them; where they are not, the steps are probably too long.",
        (Evidence(f"accuracy of the sample {found.accuracy:.0%}", "evaluation"),),
        tuple(remedies),
    )
