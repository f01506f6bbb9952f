"""The window opens a table in every format, and says what is wrong with a broken one."""

from pathlib import Path

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog

from engine.data.sources import SOURCES
from engine.data.sources.table_file import TableFile
from tests.engine.data.sources.table_writers import NUMBERS_ALONE, WRITE, example_rows
from tests.gui.desk import wait_until

TABLES = [kind for kind in SOURCES if issubclass(kind, TableFile)]


def choose(desk, path: Path, monkeypatch) -> str:
    """Choose a file in the dialog; the patterns of names that it has offered."""
    offered = []

    def answer(parent, title, folder, patterns):
        offered.append(patterns)
        return str(path), patterns

    monkeypatch.setattr(QFileDialog, "getOpenFileName", answer)
    desk.do("open")
    return offered[0]


def source_of(desk):
    return desk.window.document.experiment.data.source


def wait_for_table(desk, path: Path) -> str:
    """The caption of the data section, once the table is read."""
    header = desk.window.panels["data"].header
    wait_until(lambda: getattr(source_of(desk), "path", "") == str(path), f"source of {path.name}")
    wait_until(lambda: "24 rows" in header.caption(), f"description of {path.name}")
    return header.caption()


def test_every_source_of_tables_is_opened_from_the_dialog(desk, tmp_path, monkeypatch):
    for kind in TABLES:
        suffix, write = WRITE[kind]
        path = tmp_path / f"cars.{suffix}"
        write(path, *example_rows(kind))
        patterns = choose(desk, path, monkeypatch)
        desk.use_data()
        caption = wait_for_table(desk, path)
        assert type(source_of(desk)) is kind
        assert kind in NUMBERS_ALONE or "2 classes" in caption
        assert all(f"*{ending}" in patterns for ending in kind.suffixes)


def test_what_is_wrong_with_a_file_is_said_and_changes_nothing(desk, tmp_path, monkeypatch):
    before = desk.window.document.experiment
    np.savez(tmp_path / "cars.npz", X=np.array([{}, 1], dtype=object))
    choose(desk, tmp_path / "cars.npz", monkeypatch)
    dialog = desk.dialog
    wait_until(lambda: "cars.npz" in dialog.message.text(), "sentence")
    assert "array “X”: expected numbers, texts or dates, found objects of Python" in dialog.message.text()
    assert not dialog.use_button.isEnabled()
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert desk.window.importing.dialog is None
    assert desk.window.document.experiment == before
