"""Commands in every order, given faster than they can be carried out, and some random orders of many.

`python -m tests.end_to_end.orders` runs random orders by the hundred.
"""

import random
from itertools import permutations

import pytest
from PySide6.QtWidgets import QApplication

from engine.files import journal
from gui.core import preferences
from tests.end_to_end.orders import order_at_work, run_orders

SETS = {
    "runs come and go": ("train", "edit_layers", "undo", "save_as"),
    "documents come and go": ("open_file", "load_preset", "train", "cancel"),
    "a run is driven": ("step", "edit_live", "stop", "reset"),
    "weights are edited": ("step", "edit_weight", "undo", "edit_layers"),
    "data comes and goes": ("open_table", "break_it", "undo", "train"),
}
"""Four commands each whose order matters. All of what is read and written takes a random time meanwhile."""


@pytest.fixture(autouse=True)
def own_folders(monkeypatch, tmp_path):
    for variable in (preferences.ENVIRONMENT_VARIABLE, journal.ENVIRONMENT_VARIABLE):
        monkeypatch.setenv(variable, str(tmp_path))
    preferences.preferences.cache_clear()
    yield
    preferences.preferences.cache_clear()


@pytest.mark.parametrize("commands", SETS.values(), ids=SETS)
def test_commands_in_every_order_end_in_agreement(qapp: QApplication, commands):
    """One after the other in one window, as what one order leaves behind meets the next."""
    with order_at_work(random.Random(7), qapp, longest_reading_s=0.06) as order:
        for given in permutations(commands):
            try:
                order.run_in_row(given)
            except AssertionError as error:
                raise AssertionError(f"{', '.join(given)}: {error}") from error


@pytest.mark.parametrize("seed", [11, 12])
def test_random_orders_end_in_agreement(qapp: QApplication, seed):
    assert run_orders(6, seed, qapp) == 6
