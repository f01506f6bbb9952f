"""The weights that a run can be rewound to."""

import numpy as np

from engine.training.recent_states import keeping_states, rewind_edits, state_to_rewind_to
from tests.engine.training.runs import experiment, trainer


def test_a_state_is_at_least_twenty_steps_old_and_what_it_was_then():
    run, seen = trainer(experiment(epochs=50)), {}
    seen[0] = run.network.parameters.copy()
    for _ in keeping_states(run):
        seen[run.step] = run.network.parameters.copy()
        state = state_to_rewind_to(run)
        np.testing.assert_array_equal(state.parameters, seen[state.step])
        assert run.step < 20 or 20 <= run.step - state.step < 40
        if run.step == 130:
            break
    run.edit_parameters(rewind_edits(run))
    np.testing.assert_array_equal(run.network.parameters, seen[state.step])


def test_keeping_states_changes_nothing():
    one, other = (trainer(experiment(epochs=3)) for _ in range(2))
    for _ in keeping_states(one):
        pass
    for _ in other.run():
        pass
    np.testing.assert_array_equal(one.network.parameters, other.network.parameters)


def test_without_states_there_is_nothing_to_rewind_to():
    assert rewind_edits(trainer(experiment())) == ()
