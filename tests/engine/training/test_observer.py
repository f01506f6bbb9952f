"""What the window is shown of weights and gradients, where they are no longer finite numbers."""

import numpy as np
import pytest

from engine.training.observer import histogram


@pytest.mark.parametrize("beyond", [[np.inf, -np.inf], [np.nan, np.inf], []])
def test_a_histogram_counts_what_is_not_finite_apart(beyond):
    found = histogram(np.array([-2.0, 1.0, 2.0, *beyond], np.float32))
    assert found.non_finite == len(beyond)
    assert found.counts.sum() == 3
    assert (found.below, found.above, found.largest) == (0, 0, 2.0)


def test_a_histogram_of_numbers_whose_sum_is_infinite_has_all_of_them():
    found = histogram(np.full(10, 3e38, np.float32))
    assert found.non_finite == 0
    assert found.counts.sum() == 10
