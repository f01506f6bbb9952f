"""How often a healthy run gets a finding: random networks on data that they learn, as a person would.

    python -m tests.end_to_end.healthy_runs --count 200

Each run takes data, layers, optimizer, rate, batch and seed at random from what is usual. It is looked at
after every tenth of its epochs. Healthy is what ends well below the loss of guessing, on validation too, and
whose loss is at the end not far above its best; what is not healthy is drawn too, and not counted.
"""

import argparse
import random
from collections.abc import Iterator
from typing import Any

import numpy as np

from engine.data import prepare
from engine.experiment import Experiment
from engine.insight.diagnosis import RunFinding, diagnose, measure
from engine.settings import read
from engine.training.stopping import Event
from engine.training.trainer import Trainer

SOURCES = ("gaussians", "circle", "moons", "spiral", "xor", "plane", "bumps", "iris", "wine", "breast_cancer")
RATES = {
    "sgd": (0.03, 0.1),
    "momentum": (0.01, 0.03),
    "nesterov": (0.01, 0.03),
    "adam": (0.003, 0.01),
    "rmsprop": (0.001, 0.003),
    "adagrad": (0.03, 0.1),
}
WELL = 0.5
"""A run is healthy that ends below this fraction of the loss of guessing, in training and validation."""


FAR_ABOVE, CLEARLY = 2.0, 0.1
"""A run that ends at more than twice its best validation loss, and above it by a tenth of the loss of
guessing, has overfitted."""


def drawn(seed: int) -> Experiment:
    """An experiment as people make them."""
    draw = random.Random(seed)
    activation = draw.choice(["relu", "tanh", "gelu", "leaky_relu", "elu"])
    layers: list[dict[str, Any]] = [
        {"kind": "dense", "units": draw.choice([8, 16, 32]), "activation": {"kind": activation}}
        for _ in range(draw.randint(1, 3))
    ]
    if draw.random() < 0.2:
        layers.insert(1, {"kind": "batch_norm"})
    if draw.random() < 0.2:
        layers.append({"kind": "dropout", "rate": 0.1})
    optimizer = draw.choice(list(RATES))
    training = {
        "optimizer": {"kind": optimizer, "learning_rate": draw.choice(RATES[optimizer])},
        "batch_size": draw.choice([16, 32, 64]),
        "epochs": draw.choice([30, 60, 120]),
        "l2": draw.choice([0.0, 0.0, 1e-4, 1e-3]),
        "seed": seed,
    }
    values = {"data": {"source": {"kind": draw.choice(SOURCES)}}, "layers": layers, "training": training}
    return read(Experiment, values, "experiment")


def looked_at(experiment: Experiment, looks: int = 10) -> Iterator[tuple[Trainer, tuple[RunFinding, ...]]]:
    """Train, and diagnose after every tenth of the epochs."""
    trainer = Trainer(experiment, prepare(experiment.data, experiment.data.load(), experiment.dtype))
    every = max(experiment.training.epochs // looks, 1)
    for event in trainer.run():
        if event is Event.EPOCH and trainer.epoch % every == 0:
            yield trainer, diagnose(measure(trainer)).findings
    yield trainer, diagnose(measure(trainer)).findings


def is_healthy(trainer: Trainer) -> bool:
    """Whether it has learned its task."""
    found = measure(trainer)
    losses = [*found.training[-1:], *found.validation[-1:]]
    if not losses or not all(loss < WELL * found.guess for loss in losses):
        return False
    best, last = found.validation.min(initial=np.inf), losses[-1]
    return not (last > FAR_ABOVE * best and last - best > CLEARLY * found.guess)


def findings_of(seed: int) -> tuple[bool, dict[str, str]]:
    """Whether the run is healthy, and all findings in its course: the sentence by kind."""
    looks = list(looked_at(drawn(seed)))
    found = {finding.kind: finding.sentence for _, findings in looks for finding in findings}
    return is_healthy(looks[-1][0]), found


def main() -> None:
    """Print each run with findings, and the share of healthy ones that have any."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=200)
    count, healthy, false, seed = parser.parse_args().count, 0, 0, 0
    while healthy < count and seed < 3 * count:
        well, found = findings_of(seed)
        healthy += well
        false += well and bool(found)
        if found:
            print(f"{'healthy' if well else 'not healthy'} run {seed}: {found}", flush=True)
        seed += 1
    print(f"{false} of {healthy} healthy runs got findings ({false / healthy:.1%}); {seed} were drawn")


if __name__ == "__main__":
    main()
