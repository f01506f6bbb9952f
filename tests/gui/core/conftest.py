"""Session and worker at work without a window, and data that is slow to come."""

import threading

import pytest

from engine.data.sources.csv_file import CSVFile
from gui.core import runs as runs_module
from gui.core.messages import Crashed
from tests.gui.core.drivers import Driver
from tests.gui.core.sessions import Desk
from tests.gui.desk import PATIENCE_S


@pytest.fixture
def desk(qapp):
    desk = Desk()
    yield desk
    desk.close()


@pytest.fixture
def slow_preparing(monkeypatch):
    """Data is not prepared before this event is set."""
    let_go = threading.Event()
    right = runs_module.prepare

    def slow(*arguments):
        let_go.wait(PATIENCE_S)
        return right(*arguments)

    monkeypatch.setattr(runs_module, "prepare", slow)
    yield let_go
    let_go.set()


@pytest.fixture
def slow_reading(monkeypatch):
    """No table is read before this event is set."""
    let_go = threading.Event()
    right = CSVFile.load

    def slow(self, progress=None, types=None):
        let_go.wait(PATIENCE_S)
        return right(self, progress, types)

    monkeypatch.setattr(CSVFile, "load", slow)
    yield let_go
    let_go.set()


@pytest.fixture
def driver():
    driver = Driver()
    yield driver
    driver.close()
    assert not [m for m in driver.messages() if isinstance(m, Crashed)]
