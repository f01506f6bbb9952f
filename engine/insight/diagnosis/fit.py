"""Overfitting and underfitting: how training and validation loss lie to one another."""

from collections.abc import Iterator

import numpy as np

from engine.insight.diagnosis.finding import Evidence, Remedy, RunFinding, rate_remedy, training_remedy
from engine.insight.diagnosis.measurements import Measurements
from engine.layers.dense import Dense

FEWEST_EPOCHS = 10
SHORTEST_PATIENCE = 5
PATIENCE_FRACTION = 0.15
"""How long the validation loss may fail to improve, as a fraction of the run so far."""
CLEAR_RISE = 1.2
"""The validation loss counts as risen from this multiple of its best on …"""
LEAST_RISE = 0.1
"""… and by this fraction of what guessing costs: between two tiny losses there is nothing to see."""
TRUE_FALL = 0.8
"""The training loss has truly fallen below this fraction of what it was at the best epoch."""
CLEARLY_BELOW = 0.6
"""And lies clearly below validation from this fraction on."""
NOISE = 5
"""Epochs whose median stands for the present, so that one bad epoch says nothing."""

PLATEAU = 40
MOST_DOUBLED = 512
LITTLE = 0.01
POOR = 0.7
"""Fraction of the loss of guessing above which a loss that no longer falls says that the network is too
small, or held back."""


def overfitting(m: Measurements) -> Iterator[RunFinding]:
    """The validation loss rises clearly while the training loss truly falls, and lies clearly above it."""
    count = len(m.training)
    if count < FEWEST_EPOCHS or not np.isfinite(m.validation).all():
        return
    best = int(np.argmin(m.validation))
    waited = count - 1 - best
    if waited < max(SHORTEST_PATIENCE, PATIENCE_FRACTION * count):
        return
    training, validation = (float(np.median(each[-NOISE:])) for each in (m.training, m.validation))
    lowest = float(m.validation[best])
    risen = validation > CLEAR_RISE * lowest and validation - lowest > LEAST_RISE * m.guess
    around = float(np.median(m.training[max(best - 2, 0) : best + 3]))
    if not risen or training > TRUE_FALL * around or training > CLEARLY_BELOW * validation:
        return
    yield RunFinding(
        "overfitting",
        "warning",
        "The network overfits",
        f"The validation loss has not improved for {waited} epochs: it was {lowest:.3g} in epoch {best + 1} "
        f"and is {validation:.3g}, while the training loss fell from {around:.3g} to {training:.3g}.",
        "What the network still learns holds for the training rows alone. Stop early, punish large weights, "
        "or give it more data or fewer units.",
        (Evidence(f"training {training:.3g}, validation {validation:.3g}, best {lowest:.3g}", "loss"),),
        _against_overfitting(m),
    )


def _against_overfitting(m: Measurements) -> tuple[Remedy, ...]:
    training = m.experiment.training
    found = []
    if training.early_stopping is None:
        found.append(training_remedy("Stop early, with the best weights", early_stopping={}))
    stronger = min(max(10 * training.l2, 1e-3), 0.1)
    if stronger > training.l2:
        found.append(training_remedy(f"Raise L2 to {stronger:g}", l2=stronger))
    return tuple(found)


def underfitting(m: Measurements) -> Iterator[RunFinding]:
    """The training loss no longer falls, and is not far below that of guessing."""
    losses = m.training
    if len(losses) < PLATEAU:
        return
    early, late = losses[-PLATEAU // 2 :][:10].mean(), losses[-10:].mean()
    if not POOR * m.guess < late < 0.98 * m.guess or abs(1 - late / early) > LITTLE:
        return
    training = m.experiment.training
    remedies = list(rate_remedy(m.experiment, 3))
    if training.l2 > 0 or training.l1 > 0:
        remedies.insert(0, training_remedy("Turn L1 and L2 off", l1=0.0, l2=0.0))
    widened = tuple(
        (("layers", str(number), "units"), 2 * layer.units)
        for number, layer in enumerate(m.experiment.layers)
        if isinstance(layer, Dense) and layer.units <= MOST_DOUBLED
    )
    if widened:
        remedies.append(Remedy("Double the units of the dense layers", widened))
    yield RunFinding(
        "underfitting",
        "hint",
        "The network underfits",
        f"The training loss stays at {late:.3g}, {late / m.guess:.0%} of what guessing costs, and no longer "
        "falls.",
        "The network is too small for the task, held back by a penalty, or the inputs say no more than this "
        "of the target. Comparing with simple models tells which.",
        (Evidence(f"loss {late:.4g}, guessing {m.guess:.4g}", "loss"),),
        tuple(remedies),
    )
