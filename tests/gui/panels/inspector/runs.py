"""Runs for the inspector: the worked example of M. Mazur, as a file to open."""

from pathlib import Path

from engine.data import DataSettings, prepare
from engine.data.sources.typed_table import TypedTable
from engine.experiment import Experiment
from engine.files.run_file import save, saved_run
from engine.layers.dense import Dense
from engine.losses.regression import MeanSquaredError
from engine.optimizers.gradient_descent import SGD
from engine.training.trainer import Trainer
from engine.training_settings import Training

SIGMOID = {"kind": "sigmoid"}


def mazur_experiment() -> Experiment:
    """M. Mazur, "A step by step backpropagation example": 2-2-2, sigmoid, loss ½ Σ (target − output)²."""
    hidden = Dense.model_validate({"units": 2, "activation": SIGMOID})
    data = DataSettings(
        source=TypedTable(text="i1,i2,o1,o2\n0.05,0.10,0.01,0.99\n"),
        target="o1",
        further_targets=("o2",),
        scaling="none",
        scale_target=False,
        split={"validation": 0, "test": 0},
    )
    training = Training(
        loss=MeanSquaredError(reduction="half_sum"),
        optimizer=SGD(learning_rate=0.5),
        batch_size=1,
    )
    return Experiment(
        name="By hand", data=data, layers=(hidden,), head={"activation": "sigmoid"}, training=training
    )


def write_mazur(path: Path) -> Path:
    """The run before its first step, with the weights of the example."""
    experiment = mazur_experiment()
    trainer = Trainer(experiment, prepare(experiment.data, experiment.data.load()))
    hidden, output, *_ = [views for views in trainer.network.parameter_views if views]
    hidden["weight"][...] = [[0.15, 0.25], [0.20, 0.30]]
    output["weight"][...] = [[0.40, 0.50], [0.45, 0.55]]
    hidden["bias"][...], output["bias"][...] = 0.35, 0.60
    save(path, saved_run(trainer))
    return path
