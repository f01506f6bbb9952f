"""Small experiments for the tests of training and files."""

from functools import cache

from engine.data import Dataset, DataSettings, prepare
from engine.experiment import Experiment
from engine.settings import read
from engine.training.checkpoint import TrainerState
from engine.training.stopping import Event
from engine.training.trainer import Trainer


def experiment(layers=None, data=None, **training) -> Experiment:
    """A spiral of 120 points under a 2-8-8-2 network, unless said otherwise."""
    values = {
        "data": data or {"source": {"kind": "spiral", "points": 120}},
        "layers": layers if layers is not None else [dense(8), dense(8)],
        "training": {"epochs": 20, "batch_size": 16, **training},
    }
    return read(Experiment, values, "test")


def dense(units, activation="tanh", **more):
    return {"kind": "dense", "units": units, "activation": activation, **more}


@cache
def dataset(settings: DataSettings, dtype: type) -> Dataset:
    return prepare(settings, settings.source.load(), dtype)


def trainer(settings: Experiment) -> Trainer:
    return Trainer(settings, dataset(settings.data, settings.dtype))


def finish(run: Trainer) -> Trainer:
    for _ in run.run():
        pass
    return run


def take(run: Trainer, steps: int) -> Trainer:
    """Some optimizer steps, then leave the run."""
    for taken, event in enumerate((e for e in run.run() if e is not Event.SCORING), start=1):
        assert event in (Event.STEP, Event.EPOCH)
        if taken == steps:
            break
    return run


def bits(state: TrainerState) -> dict[str, bytes]:
    """Every array of a captured or saved run, for comparing two of them bit by bit."""
    return {name: array.tobytes() for name, array in (state.model | state.arrays).items()}


def with_training(settings: Experiment, **changes) -> Experiment:
    values = settings.training.model_dump() | changes
    return settings.replace(training=read(type(settings.training), values, "test"))
