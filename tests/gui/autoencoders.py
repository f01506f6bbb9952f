"""Small autoencoders that have been trained, and what the evaluation shows of them."""

from PySide6.QtWidgets import QApplication

from engine.data import describe, prepare
from engine.experiment import Experiment
from engine.settings import read
from engine.training.scoring import Scores
from engine.training.trainer import Trainer
from gui.core.messages import Prepared, Scored
from gui.core.model_summary import summarize


def prepared_of(experiment: Experiment, steps: bool = False) -> tuple[Prepared, Trainer]:
    table = experiment.data.load()
    trainer = Trainer(experiment, prepare(experiment.data, table, experiment.dtype))
    if steps:
        for _ in trainer.run():
            pass
    description = describe(table, experiment.data)
    return Prepared(1, experiment, description, trainer.dataset, trainer.network, 0), trainer


def autoencoder(source, layers, **data) -> Experiment:
    values = {
        "data": {"source": source, "task": "reconstruction", **data},
        "layers": layers,
        "training": {"epochs": 2, "optimizer": {"kind": "adam", "learning_rate": 0.01}},
    }
    return read(Experiment, values, "test")


FLOWERS = autoencoder("iris", [{"kind": "dense", "units": 3}])
DIGITS = autoencoder("digits", [{"kind": "flatten"}, {"kind": "dense", "units": 8}])


def shown(view, size=(1100, 800)):
    view.resize(*size)
    view.show()
    QApplication.processEvents()
    return view


def evaluate(view, run) -> list[Scores]:
    prepared, trainer = run
    view.show_model(summarize(prepared))
    scores = [trainer.evaluate(part) for part in ("training", "validation", "test")]
    view.show_scores(Scored(1, 1, tuple(scores), ""))
    QApplication.processEvents()
    return scores
