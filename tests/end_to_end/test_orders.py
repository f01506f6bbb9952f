"""Some random orders of what a person does; `python -m tests.end_to_end.orders` does many more."""

import pytest
from PySide6.QtWidgets import QApplication

from engine.files import journal
from gui.core import preferences
from tests.end_to_end.orders import run_orders


@pytest.mark.parametrize("seed", [11, 12])
def test_random_orders_end_in_agreement(qapp: QApplication, monkeypatch, tmp_path, seed):
    for variable in (preferences.ENVIRONMENT_VARIABLE, journal.ENVIRONMENT_VARIABLE):
        monkeypatch.setenv(variable, str(tmp_path))
    preferences.preferences.cache_clear()
    assert run_orders(6, seed, qapp) == 6
    preferences.preferences.cache_clear()
