"""The gradient check: passes what is right, finds what is wrong and where, and reports kinks apart."""

import threading

import numpy as np
import pytest

from engine.insight import finite_differences
from engine.insight.finite_differences import Differences
from engine.insight.gradient_check import GradientCheck, check_trainer
from engine.layers.dense import Dense
from engine.layers.embedding import Embedding
from engine.training import batch_parts
from engine.training.data_parallel import DataParallelGradient
from engine.training.fused_layers import FusedDense
from engine.training.sharded_dense import ShardedDense
from tests.engine.training.runs import dense, experiment, take, trainer

WIDE = 200
"""Units of a layer too wide to be trained as one with the next."""


def checked(settings, **options):
    run = take(trainer(settings), 5)
    before = run.network.parameters.copy()
    found = check_trainer(run, **options)
    assert np.array_equal(run.network.parameters, before)
    return found


@pytest.fixture
def in_parts(monkeypatch):
    """Runs split their batches in two, however little there is to do."""
    monkeypatch.setattr(batch_parts, "NUMBERS_WORTH_SPLITTING", 0)
    monkeypatch.setattr(batch_parts, "MULTIPLICATIONS_WORTH_SPLITTING", 0)
    monkeypatch.setattr(batch_parts, "FEWEST_ROWS_OF_WIDE", 2)


def test_a_smooth_network_is_right_everywhere():
    found = checked(experiment(), entries=0)
    assert [(one.layer_name, one.parameter) for one in found] == [
        (name, what) for name in ("Dense 1", "Dense 2", "Output") for what in ("weight", "bias")
    ]
    assert [one.checked for one in found] == [16, 8, 64, 8, 16, 2]
    assert {one.kinks for one in found} == {0}
    assert max(one.largest_error for one in found) <= 1e-6
    assert {one.verdict for one in found} <= {"right", "fine"}


DROPOUT = [dense(8), {"kind": "dropout", "rate": 0.5}, dense(8)]
BATCH_NORM = [dense(8), "batch_norm", dense(8), {"kind": "gaussian_noise", "std": 0.3}]
RANDOM_ATTENTION = [
    {"kind": "reshape", "target_shape": "sequence"},
    {"kind": "self_attention", "size": 3, "dropout": 0.4},
    "flatten",
]


@pytest.mark.parametrize("layers", [DROPOUT, BATCH_NORM, RANDOM_ATTENTION])
def test_dropout_is_frozen(layers):
    assert {one.verdict for one in checked(experiment(layers))} <= {"right", "fine"}


SHARED_OUT = [dense(300), dense(300)]


@pytest.mark.parametrize("layers", [[dense(8)], DROPOUT, BATCH_NORM, RANDOM_ATTENTION, SHARED_OUT])
def test_batches_in_parts_are_checked_as_such(layers, in_parts):
    run = trainer(experiment(layers))
    assert run.parts == 2
    before = set(threading.enumerate())
    found = check_trainer(run)
    assert {one.verdict for one in found} <= {"right", "fine"}
    assert set(threading.enumerate()) <= before


@pytest.mark.parametrize("layers", [[dense(8)], DROPOUT])
def test_a_fault_of_what_splits_is_found(layers, in_parts, monkeypatch):
    right = DataParallelGradient.evaluate

    def wrong(self, x, target, weights):
        found = right(self, x, target, weights)
        # As if one part were left out of the sum.
        self._network.gradients -= 0.9 * self.parts[1].gradients
        return found

    monkeypatch.setattr(DataParallelGradient, "evaluate", wrong)
    assert "wrong" in {one.verdict for one in check_trainer(trainer(experiment(layers)))}


def test_a_fault_of_what_shares_out_wide_layers_is_found(in_parts, monkeypatch):
    right = ShardedDense.finish

    def wrong(self, member, rows):
        right(self, member, rows)
        if member == 0:
            self.dweight[0] *= 1.5

    monkeypatch.setattr(ShardedDense, "finish", wrong)
    found = check_trainer(trainer(experiment(SHARED_OUT)), entries=1500)
    wrong_ones = [one for one in found if one.verdict == "wrong"]
    assert [(one.layer_name, one.parameter, one.worst_index[0]) for one in wrong_ones] == [
        ("Dense 2", "weight", 0)
    ]


def test_a_fault_of_layers_trained_as_one_is_found(monkeypatch):
    right = FusedDense.backward

    def wrong(self, parameters, gradients, dy, workspace):
        dx = right(self, parameters, gradients, dy, workspace)
        self._dweight *= 1.5
        return dx

    monkeypatch.setattr(FusedDense, "backward", wrong)
    found = checked(experiment(), entries=0)
    assert [(one.layer_name, one.parameter) for one in found if one.verdict == "wrong"] == [
        ("Dense 1", "weight")
    ]


def test_half_of_a_sample_has_a_gradient(monkeypatch):
    """A batch touches few of the vectors of an embedding: a sample of all would see zeros alone."""
    right = Embedding.backward

    def wrong(self, parameters, gradients, dy, workspace):
        dx = right(self, parameters, gradients, dy, workspace)
        gradients["weight"] *= 1.5
        return dx

    layers = [{"kind": "embedding", "vocabulary": 5000, "size": 8}, "flatten", dense(8)]
    sound = checked(experiment(layers), entries=40)[0]
    assert (sound.checked, sound.verdict) == (40, "right")
    assert 20 <= sound.not_zero < 40
    monkeypatch.setattr(Embedding, "backward", wrong)
    assert checked(experiment(layers), entries=40)[0].verdict == "wrong"


def test_a_gradient_that_is_0_everywhere_tests_nothing():
    dead = dense(8, "relu", bias_initializer={"kind": "constant", "value": -100.0})
    found = checked(experiment([dead]))
    assert [one.verdict for one in found[:2]] == ["nothing tested"] * 2
    assert found[-1].verdict in ("right", "fine")


def test_whoever_looks_on_may_leave_after_each_number():
    run = trainer(experiment())
    check = GradientCheck(run, entries=0)
    assert check.steps == run.network.parameters.size
    assert list(check) == list(range(1, check.steps + 1))
    whole = check.result()
    for done in check:
        if done == 3:
            break
    assert check.result() == []
    assert list(check)[-1] == check.steps
    assert check.result() == whole


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
    found = checked(experiment([dense(8), dense(WIDE)]), entries=20)
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
    found = checked(experiment([dense(8), dense(WIDE)]), entries=20)
    wrong_ones = [one for one in found if one.verdict == "wrong"]
    assert [(one.layer_name, one.parameter, one.worst_index) for one in wrong_ones] == [
        ("Dense 1", "weight", (1, 3))
    ]
    assert wrong_ones[0].largest_error == np.inf


def test_a_loss_that_is_no_number_is_wrong_everywhere():
    run = trainer(experiment())
    run.network.parameters[...] = np.nan
    with np.errstate(all="ignore"):
        found = check_trainer(run, entries=3)
    assert {(one.verdict, one.kinks) for one in found} == {("wrong", 0)}


def test_a_kink_is_counted_and_not_judged(monkeypatch):
    # Steps this wide push some unit across the bend of its ReLU for nearly every weight.
    monkeypatch.setattr(finite_differences, "STEP", 0.05)
    found = checked(experiment([dense(8, "relu")]), entries=0)
    first = next(one for one in found if one.parameter == "weight")
    assert first.kinks > 0
    assert first.checked + first.kinks == 16


def bent(jump, at):
    """A function of one number with a bend of its slope, which jumps where the number has grown by `at`."""
    numbers = np.array([0.3])

    def value():
        x = numbers[0]
        return np.sin(3 * x) + jump * max(x - 0.3 - at, 0.0)

    return Differences(numbers, value).slope(0)


@pytest.mark.parametrize("jump", [3e-4, 1e-3, 0.1, 10.0])
def test_a_jump_of_the_slope_is_a_kink_wherever_it_is_within_reach(jump):
    """One that is so far off that it changes the slope by less than rounding may is none."""
    slope = 3 * np.cos(0.9)
    for at in np.linspace(0.0, 1.2, 241) * finite_differences.STEP:
        found, kinked = bent(jump, at)
        assert kinked or abs(found - slope) <= 1e-4 * slope


def test_a_bend_is_no_kink():
    found, kinked = bent(0.0, 0.0)
    assert not kinked
    assert found == pytest.approx(3 * np.cos(0.9), rel=1e-8)
    numbers = np.array([1e-3])
    found, kinked = Differences(numbers, lambda: float(numbers[0] ** 2)).slope(0)
    assert not kinked
    assert found == pytest.approx(2e-3, rel=1e-6)
