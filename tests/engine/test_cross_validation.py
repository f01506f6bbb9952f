"""Cross-validation: every fold is a run of its own, and the scores of all are averaged."""

import json
import math

import numpy as np
import pytest

from engine.cli.command_line import main
from engine.data import prepare
from engine.data.settings import DataSettings
from engine.data.splitting.folds import folds
from engine.insight.cross_validation import CrossValidation, CrossValidationResult, FoldScores
from engine.training.trainer import Trainer
from tests.engine.data.tables import numbers, table, texts
from tests.engine.training.runs import dense, experiment, finish


def settings(**data):
    chosen = experiment(layers=[dense(4)], epochs=3)
    return chosen.replace(data=DataSettings(target="y", **data))


def columns():
    draws = np.random.default_rng(2)
    x = draws.normal(size=60)
    return table(
        numbers("x", x.tolist()),
        texts("y", ["a" if value + draws.normal() > 0 else "b" for value in x]),
        texts("who", [f"p{row // 3}" for row in range(60)]),
        numbers("weight", draws.integers(0, 3, 60).tolist()),
    )


@pytest.mark.parametrize("roles", [{"ignored": ("who", "weight")}, {"group": "who", "weight": "weight"}])
def test_each_fold_is_a_run_of_its_own(roles):
    chosen, data = settings(**roles), columns()
    work = CrossValidation(chosen, data, count=3, repeats=2)
    done = list(work)
    assert done == sorted(done)
    assert done[-1] == work.steps
    result = work.result()
    assert [(one.repeat, one.fold) for one in result.scores] == [
        (1, 1),
        (1, 2),
        (1, 3),
        (2, 1),
        (2, 2),
        (2, 3),
    ]
    for one, fold in zip(result.scores, folds(chosen.data, data, 3, 2), strict=True):
        seed = chosen.training.seed + fold.repeat
        own = chosen.replace(training=chosen.training.replace(seed=seed))
        run = finish(Trainer(own, prepare(chosen.data, data, chosen.dtype, parts=fold.parts)))
        scores = run.evaluate("test")
        assert one.values["loss"] == scores.loss
        assert one.values["accuracy"] == scores.metrics["accuracy"]
        assert (one.rows, one.epochs) == (len(fold.parts.test), 3)


def test_mean_and_standard_error_of_a_hand_worked_example():
    scores = tuple(FoldScores(1, fold, 10, 5, {"loss": loss}) for fold, loss in enumerate([1.0, 2.0, 6.0], 1))
    result = CrossValidationResult(3, 1, scores, ("loss",))
    assert result.mean("loss") == 3
    # Squared distances 4 + 1 + 9 = 14; the variance is 14 / 2 = 7, and that of the mean 7 / 3.
    assert result.standard_error("loss") == pytest.approx(math.sqrt(7 / 3))
    assert math.isnan(CrossValidationResult(3, 1, scores[:1], ("loss",)).standard_error("loss"))


def test_it_can_be_left_and_taken_up_again():
    whole, parted = (
        CrossValidation(settings(ignored=("who", "weight")), columns(), count=3) for _ in range(2)
    )
    list(whole)
    for done in parted:
        if done > 1200:
            break
    assert len(parted.result().scores) == 1
    list(parted)
    assert parted.result() == whole.result()


def test_the_command_prints_folds_mean_and_standard_error(capsys):
    words = ["train", "iris", "--folds", "4", "--repeats", "2", "--epochs", "2"]
    assert main(words) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "4-fold cross-validation, 2 times: scores on the rows left out"
    assert [line.split()[1] for line in lines[2:10]] == [f"{r}.{f}" for r in (1, 2) for f in (1, 2, 3, 4)]
    assert lines[10].startswith("mean")
    assert main([*words, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert sum(found["rows"]) == 300
    accuracy = found["scores"]["accuracy"]
    assert accuracy["mean"] == pytest.approx(np.mean(accuracy["values"]))
    assert accuracy["standard_error"] == pytest.approx(np.std(accuracy["values"], ddof=1) / math.sqrt(8))


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--folds", "1"), "--folds: expected a whole number from 2 to 1,000, found '1'"),
        (("--folds", "5", "--repeats", "0"), "--repeats: expected a whole number from 1 to 100, found '0'"),
        (("--folds", "5", "--out", "x.gradwright"), "--out x.gradwright: expected no file to save"),
    ],
)
def test_the_command_refuses_with_a_sentence(capsys, words, sentence):
    assert main(["train", "iris", *words]) == 2
    assert sentence in capsys.readouterr().err
