"""The states that a run can be rewound to."""

import numpy as np
import pytest

from engine.files.run_file import captured_run
from engine.optimizers import OPTIMIZERS
from engine.training.recent_states import keeping_states, put_back, rewind, state_to_rewind_to
from tests.engine.training.runs import bits, dense, experiment, trainer, with_training

LAYERS = [dense(6), "batch_norm", {"kind": "dropout", "rate": 0.2}]


def train(run, until, keep=True):
    """Up to a step; returns the parameters after each."""
    seen = {run.step: run.weights.trained.parameters.copy()}
    for _ in keeping_states(run) if keep else run.run():
        seen.setdefault(run.step, run.weights.trained.parameters.copy())
        if run.step == until:
            break
    return seen


def test_a_state_is_at_least_twenty_steps_old_and_what_it_was_then():
    run, seen = trainer(experiment(epochs=50)), {}
    seen[0] = run.network.parameters.copy()
    for _ in keeping_states(run):
        seen[run.step] = run.network.parameters.copy()
        state = state_to_rewind_to(run)
        np.testing.assert_array_equal(state.vectors["parameters"], seen[state.step])
        assert run.step < 20 or 20 <= run.step - state.step < 40
        if run.step == 130:
            break
    rewind(run, "Rewound")
    np.testing.assert_array_equal(run.network.parameters, seen[state.step])


def test_keeping_states_changes_nothing():
    one, other = (trainer(experiment(epochs=3)) for _ in range(2))
    for _ in keeping_states(one):
        pass
    for _ in other.run():
        pass
    np.testing.assert_array_equal(one.network.parameters, other.network.parameters)


@pytest.mark.parametrize("more", [{}, {"weight_averaging": 0.9, "l1": 0.01, "accumulate_batches": 2}])
@pytest.mark.parametrize("rule", OPTIMIZERS, ids=lambda rule: rule().kind)
def test_a_rewound_run_takes_the_same_steps_again(rule, more):
    if rule().needs_full_batch:
        more = {}
    run = trainer(experiment(LAYERS, epochs=200, optimizer=rule(), **more))
    seen = train(run, 53)
    mean = run.network.parameters.copy()
    gone_to = state_to_rewind_to(run).step
    assert gone_to == 20
    rewind(run, "Rewound")
    for step, parameters in train(run, 53 + 33).items():
        np.testing.assert_array_equal(parameters, seen[step - 33])
    np.testing.assert_array_equal(run.network.parameters, mean)
    assert run.history.steps.count == run.step


def test_undone_it_is_the_run_that_was_not_rewound():
    run, other = (trainer(experiment(LAYERS, epochs=50, optimizer={"kind": "adam"})) for _ in range(2))
    for one in (run, other):
        train(one, 50)
    put_back(run, rewind(run, "Rewound"), "Undone")
    for one in (run, other):
        train(one, 90)
    assert bits(captured_run(run).state) == bits(captured_run(other).state)


def test_a_second_time_it_does_not_go_back_to_what_had_gone_astray():
    run = trainer(experiment(epochs=50))
    seen = train(run, 50)
    rewind(run, "Rewound")
    train(run, 61)
    rewind(run, "Rewound")
    np.testing.assert_array_equal(run.network.parameters, seen[20])


def test_positions_of_the_record_never_fall():
    run = trainer(experiment(epochs=50))
    train(run, 50)
    rewind(run, "Rewound")
    train(run, 100)
    assert np.all(np.diff(run.history.steps.read("epoch")) >= 0)


def test_slots_of_another_rule_are_cleared():
    run = trainer(experiment(epochs=50, optimizer={"kind": "adam"}))
    train(run, 50)
    run.change(with_training(run.experiment, optimizer={"kind": "momentum"}))
    train(run, 55)
    rewind(run, "Rewound")
    assert not any(vector.any() for vector in run.updater.slots.values())
    assert run.updater.steps == 0


def test_without_states_there_is_nothing_to_rewind_to():
    assert rewind(trainer(experiment()), "Rewound") is None
