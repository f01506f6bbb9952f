"""What a frame says of a run in words."""

import re

import pytest

from engine.files.run_file import load, resume, save, saved_run
from gui.core.frame_maker import weights_in_use
from tests.engine.training.runs import experiment, finish, take, trainer

FAR_TOO_HIGH = {"kind": "sgd", "learning_rate": 8.0}
"""So that the last epoch is not the best."""


@pytest.mark.parametrize("average", [None, 0.9])
@pytest.mark.parametrize("patience", [3, 500], ids=["stopped early", "finished"])
def test_weights_of_the_best_epoch_are_called_so_until_training_goes_on(tmp_path, patience, average):
    rule = {"patience": patience, "restore_best_weights": True}
    run = finish(
        trainer(experiment(epochs=40, optimizer=FAR_TOO_HIGH, early_stopping=rule, weight_averaging=average))
    )
    best = re.search(r"The weights are those of epoch (\d+), the best", run.stop_reason.sentence)[1]
    assert weights_in_use(run) == f"The weights of epoch {best}, the best"
    save(tmp_path / "best.gradwright", saved_run(run))
    opened = resume(load(tmp_path / "best.gradwright"), run.dataset, "best.gradwright")
    assert weights_in_use(opened) == f"The weights of epoch {best}, the best"
    longer = run.experiment.training.replace(epochs=50)
    run.change(run.experiment.replace(training=longer))
    take(run, 1)
    of = "weights" if average is None else "average of the weights"
    assert weights_in_use(run) == f"The {of} after step {run.step}"


def test_weights_after_the_last_step_are_those_of_that_step():
    run = take(trainer(experiment(early_stopping={"patience": 3})), 12)
    assert weights_in_use(run) == "The weights after step 12"
