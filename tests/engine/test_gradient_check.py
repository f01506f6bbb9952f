"""The gradient check: passes what is right, finds what is wrong and where, and reports kinks apart."""

import numpy as np
import pytest

from engine.insight import gradient_check
from engine.insight.gradient_check import check_trainer
from engine.layers.dense import Dense
from tests.engine.training.runs import dense, experiment, take, trainer


def checked(settings, **options):
    run = take(trainer(settings), 5)
    before = run.network.parameters.copy()
    found = list(check_trainer(run, **options))
    assert np.array_equal(run.network.parameters, before)
    return found


def test_a_smooth_network_is_right_everywhere():
    found = checked(experiment(), entries=0)
    assert [(one.layer_name, one.parameter) for one in found] == [
        (name, what) for name in ("Dense 1", "Dense 2", "Output") for what in ("weight", "bias")
    ]
    assert [one.checked for one in found] == [16, 8, 64, 8, 16, 2]
    assert {one.kinks for one in found} == {0}
    assert max(one.largest_error for one in found) <= 1e-6
    assert {one.verdict for one in found} <= {"right", "fine"}


def test_dropout_is_frozen():
    settings = experiment([dense(8), {"kind": "dropout", "rate": 0.5}, dense(8)])
    assert max(one.largest_error for one in checked(settings)) <= 1e-6


def test_data_and_penalty_are_checked_apart():
    found = checked(experiment(l1=0.01, l2=0.1))
    penalty = [one for one in found if one.term == "penalty"]
    assert [one.parameter for one in penalty] == ["weight"] * 3
    assert max(one.largest_error for one in penalty) <= 1e-6


def test_a_sample_is_checked_where_there_are_many():
    found = checked(experiment([dense(30)]), entries=7)
    assert {one.checked for one in found if one.parameter == "weight"} == {7}


def test_a_wrong_gradient_is_found_and_located(monkeypatch):
    right = Dense.backward

    def wrong(self, parameters, gradients, dy, workspace):
        dx = right(self, parameters, gradients, dy, workspace)
        if self.units == 8:
            gradients["weight"][1, 3] *= 1.5
        return dx

    monkeypatch.setattr(Dense, "backward", wrong)
    found = checked(experiment([dense(8), dense(6)]), entries=0)
    wrong_ones = [one for one in found if one.verdict == "wrong"]
    assert [(one.layer_name, one.parameter, one.worst_index) for one in wrong_ones] == [
        ("Dense 1", "weight", (1, 3))
    ]
    assert wrong_ones[0].analytic == pytest.approx(1.5 * wrong_ones[0].numeric, rel=1e-4)
    assert wrong_ones[0].largest_error == pytest.approx(1 / 3, rel=1e-3)


def test_a_gradient_that_is_no_number_is_wrong_and_no_kink(monkeypatch):
    right = Dense.backward

    def wrong(self, parameters, gradients, dy, workspace):
        dx = right(self, parameters, gradients, dy, workspace)
        if self.units == 8:
            gradients["weight"][1, 3] = np.nan
        return dx

    monkeypatch.setattr(Dense, "backward", wrong)
    found = checked(experiment([dense(8), dense(6)]), entries=0)
    wrong_ones = [one for one in found if one.verdict == "wrong"]
    assert [(one.layer_name, one.parameter, one.worst_index) for one in wrong_ones] == [
        ("Dense 1", "weight", (1, 3))
    ]
    assert wrong_ones[0].largest_error == np.inf


def test_a_loss_that_is_no_number_is_wrong_everywhere():
    run = trainer(experiment())
    run.network.parameters[...] = np.nan
    with np.errstate(all="ignore"):
        found = list(check_trainer(run, entries=3))
    assert {(one.verdict, one.kinks) for one in found} == {("wrong", 0)}


def test_a_kink_is_counted_and_not_judged(monkeypatch):
    # Steps this wide push some unit across the bend of its ReLU for nearly every weight.
    monkeypatch.setattr(gradient_check, "STEP", 0.05)
    found = checked(experiment([dense(8, "relu")]), entries=0)
    first = next(one for one in found if one.parameter == "weight")
    assert first.kinks > 0
    assert first.checked + first.kinks == 16
