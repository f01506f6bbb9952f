"""A table to import, and the dialog in which that is done."""

import pytest

from tests.gui.data_import.steps import imported


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "flowers.csv"
    rows = (f"{n};{n % 5},5;{n % 3};f{n};{'xy'[n % 2]}\n" for n in range(60))
    path.write_text("a;b;c;tag;kind\n" + "".join(rows))
    return path


@pytest.fixture
def dialog(qtbot, table):
    """The dialog over a window without a run."""
    with imported(qtbot, table) as dialog:
        yield dialog
