"""Small real runs that have something wrong with them, and the same without it."""

from functools import cache
from typing import Any

from engine.data import prepare
from engine.experiment import Experiment
from engine.settings import read
from engine.training.trainer import Trainer

Values = dict[str, Any]


def experiment(source: str, layers: list[Values], head: Values | None = None, **more: Any) -> Experiment:
    """more : settings of training; "scaling", "noise" and "points" of the data."""
    data: Values = {"source": {"kind": source}}
    data["source"] |= {name: more.pop(name) for name in ("noise", "points") if name in more}
    if "scaling" in more:
        data["scaling"] = more.pop("scaling")
    values = {"data": data, "layers": layers, "training": more} | ({"head": head} if head else {})
    return read(Experiment, values, "experiment")


def dense(units: int, activation: str, count: int = 1, **more: Any) -> list[Values]:
    return [{"kind": "dense", "units": units, "activation": {"kind": activation}} | more] * count


def optimizer(kind: str, rate: float) -> Values:
    return {"kind": kind, "learning_rate": rate}


def trained(made: Experiment) -> Trainer:
    """The trainer after its run, whatever ended it."""
    trainer = Trainer(made, prepare(made.data, made.data.load(), made.dtype))
    for _ in trainer.run():
        pass
    return trainer


def sgd(rate: float) -> Values:
    return optimizer("sgd", rate)


def adam(rate: float) -> Values:
    return optimizer("adam", rate)


LARGE = {"kind": "normal", "std": 3.0}
HUGE = {"kind": "normal", "std": 40.0}
LOW = {"kind": "constant", "value": -20.0}
NORM = [*dense(8, "relu"), {"kind": "batch_norm"}]


@cache
def cases() -> dict[str, tuple[Experiment, Experiment]]:
    """By the kind of a finding: an experiment that has it, and one like it that does not."""
    spiral, deep = dense(12, "tanh", 2), dense(16, "sigmoid", 8)
    return {
        "unstable_decay": (
            experiment("spiral", spiral, optimizer=sgd(0.3), l2=10.0, batch_size=30, epochs=5),
            experiment("spiral", spiral, optimizer=sgd(0.1), l2=10.0, batch_size=30, epochs=5),
        ),
        "not_finite": (
            experiment("bumps", dense(8, "relu"), optimizer=sgd(100.0), epochs=5),
            experiment("bumps", dense(8, "relu"), optimizer=sgd(0.01), epochs=5),
        ),
        "diverged": (
            experiment("spiral", spiral, optimizer=sgd(5.0), epochs=30),
            experiment("spiral", spiral, optimizer=sgd(0.1), epochs=30),
        ),
        "worse_than_guessing": (
            experiment("moons", dense(16, "tanh", 2, initializer=HUGE), optimizer=sgd(0.001), epochs=5),
            experiment("moons", dense(16, "tanh", 2), optimizer=sgd(0.1), epochs=5),
        ),
        "chance_level": (
            experiment("spiral", spiral, optimizer=adam(0.02), l2=1.0, epochs=20),
            experiment("spiral", spiral, optimizer=adam(0.02), epochs=60),
        ),
        "class_collapse": (
            experiment("iris", dense(16, "relu", 2), optimizer=sgd(3.0), epochs=20),
            experiment("iris", dense(16, "relu", 2), optimizer=sgd(0.1), epochs=20),
        ),
        "head_mismatch": (
            experiment("diabetes", dense(8, "relu"), {"activation": "sigmoid"}, epochs=5),
            experiment("diabetes", dense(8, "relu"), epochs=5),
        ),
        "unscaled_inputs": (
            experiment("wine", dense(8, "tanh"), scaling="none", epochs=5),
            experiment("wine", dense(8, "tanh"), epochs=5),
        ),
        "small_batches": (
            experiment("moons", NORM, batch_size=2, epochs=2),
            experiment("moons", NORM, batch_size=32, epochs=2),
        ),
        "exploding_gradient": (
            experiment("diabetes", dense(16, "relu", 6, initializer=LARGE), optimizer=sgd(1e-12), epochs=5),
            experiment("diabetes", dense(16, "relu", 6), optimizer=sgd(0.01), epochs=5),
        ),
        "rate_too_high": (
            experiment("bumps", dense(8, "tanh", 2), optimizer=sgd(0.5), epochs=30),
            experiment("bumps", dense(8, "tanh", 2), optimizer=sgd(0.05), epochs=30),
        ),
        "rate_too_low": (
            experiment("moons", dense(12, "tanh", 2), optimizer=adam(1e-6), epochs=30),
            experiment("moons", dense(12, "tanh", 2), optimizer=adam(0.01), epochs=30),
        ),
        "dead_units": (
            experiment("moons", dense(16, "relu", 2, bias_initializer=LOW), optimizer=sgd(0.01), epochs=5),
            experiment("moons", dense(16, "relu", 2), optimizer=sgd(0.1), epochs=5),
        ),
        "saturation": (
            experiment("moons", dense(16, "tanh", 2, initializer=HUGE), optimizer=sgd(0.001), epochs=5),
            experiment("moons", dense(16, "tanh", 2), optimizer=sgd(0.001), epochs=5),
        ),
        "vanishing_gradient": (
            experiment("moons", deep, optimizer=sgd(0.1), epochs=5),
            experiment("moons", dense(16, "relu", 8), optimizer=sgd(0.1), epochs=5),
        ),
        "overfitting": (
            experiment("diabetes", dense(64, "tanh", 2), optimizer=adam(0.01), epochs=40),
            experiment("moons", dense(64, "tanh", 2), optimizer=adam(0.01), epochs=40),
        ),
        "underfitting": (
            experiment("spiral", [], optimizer=adam(0.05), epochs=60),
            experiment("moons", spiral, optimizer=adam(0.05), epochs=60),
        ),
    }
