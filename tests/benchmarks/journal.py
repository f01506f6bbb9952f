"""What keeping unsaved work costs the training: the same run with and without its journal, in turns."""

import os
import tempfile
import time
from pathlib import Path

import numpy as np

from engine.cli.autosave import RunJournal
from engine.data import prepare
from engine.experiment import Experiment
from engine.files import journal
from engine.files.opening import preset
from engine.settings import read
from engine.training.stopping import Event
from engine.training.trainer import Trainer
from tests.benchmarks.measuring import QUICK, THOROUGH, Pace

WANTED = 0.02
TURN_S, QUICK_TURN_S = 8.0, 0.2
"""Long enough for some notes in each turn: the journal makes one every two to four seconds."""
STEPS_BETWEEN_LOOKS = 10


def main(pace: Pace = THOROUGH) -> None:
    """Print for some runs how many steps a second they take, and what part of them the journal costs."""
    turn_s = QUICK_TURN_S if pace is QUICK else TURN_S
    print(f"{'run':<34}{'parameters':>12}{'steps/s':>10}{'cost of the journal':>34}   wanted: ≤ {WANTED:.0%}")
    with tempfile.TemporaryDirectory() as folder:
        os.environ[journal.ENVIRONMENT_VARIABLE] = folder
        for name, experiment in runs().items():
            run = trainer(experiment)
            plain, noted = [], []
            for _ in range(pace.rounds):
                plain.append(speed(run, None, turn_s))
                keeper = RunJournal(run, Path(folder) / "run.gradwright")
                noted.append(speed(run, keeper, turn_s))
                keeper.end(saved=True)
            costs = 1 - np.array(noted) / np.array(plain)
            text = f"{np.median(costs):.1%} ({costs.min():.1%} – {costs.max():.1%})"
            size = run.network.parameters.size
            print(f"{name:<34}{size:>12,}{np.median(plain):>10,.0f}{text:>34}", flush=True)


def runs() -> dict[str, Experiment]:
    """A small run, one of middle size, and a wide one with 70 MB of weights and averages of gradients."""
    wide = {
        "data": {"source": {"kind": "digits"}},
        "layers": [{"kind": "flatten"}, {"kind": "dense", "units": 2048}, {"kind": "dense", "units": 2048}],
        "training": {"batch_size": 256, "optimizer": "adam"},
    }
    return {
        "spiral": preset("spiral"),
        "digits": preset("digits"),
        "digits, 2048 and 2048 units": read(Experiment, wide, "benchmark"),
    }


def trainer(experiment: Experiment) -> Trainer:
    """A run that does not come to an end."""
    training = experiment.training.replace(epochs=1_000_000, early_stopping=None)
    experiment = experiment.replace(training=training)
    data = experiment.data
    return Trainer(experiment, prepare(data, data.source.load(), experiment.dtype))


def speed(run: Trainer, keeper: RunJournal | None, seconds: float) -> float:
    """Steps per second, with a look at the journal after each."""
    began, first = time.perf_counter(), run.step
    for event in run.run():
        if event is Event.SCORING:
            continue
        if keeper is not None:
            keeper.step_done()
        if run.step % STEPS_BETWEEN_LOOKS == 0 and time.perf_counter() - began > seconds:
            break
    return (run.step - first) / (time.perf_counter() - began)
