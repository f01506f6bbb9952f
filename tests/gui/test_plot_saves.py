"""Pictures and tables of plots: chosen in a plot's menu, written in a job, said at the foot of the window."""

import threading

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog

from gui.core.jobs import SHOWN_AFTER_S
from gui.kit import InlineMessage
from gui.panels.plots import export


@pytest.fixture
def plot(desk):
    """One that has something to save."""
    desk.set_epochs(3)
    desk.do("train")
    desk.status("finished")
    plot = desk.window.panels.of("plots")[0]
    desk.until(lambda: not plot.sentence, "plot")
    return plot


@pytest.fixture
def held_back(monkeypatch):
    """No table is written before this event is set, unless it is cancelled."""
    let_go = threading.Event()
    right = export.table_writing

    def slow(path, table):
        def write(progress):
            while not let_go.wait(0.005):
                progress.check()
            right(path, table)(progress)

        return write

    monkeypatch.setattr(export, "table_writing", slow)
    yield let_go
    let_go.set()


def save_as(plot, monkeypatch, path):
    """Choose "Save as …" in the plot's menu, and this name in the dialog."""
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    title = f"Save as {path.suffix[1:].upper()}…"
    next(action for action in plot.menu().actions() if action.text() == title).trigger()


@pytest.mark.parametrize("suffix", ["png", "svg", "csv"])
def test_what_is_saved_is_written_beside_the_window_and_said(desk, plot, monkeypatch, tmp_path, suffix):
    path = tmp_path / f"loss.{suffix}"
    save_as(plot, monkeypatch, path)
    desk.until(path.exists, "file")
    desk.until(lambda: desk.window.status_line.sentence == f"Saved {path.name} in {tmp_path}.", "word of it")
    assert path.stat().st_size > 100


def test_a_table_that_takes_long_is_listed_and_cancelled_there(desk, plot, monkeypatch, tmp_path, held_back):
    path = tmp_path / "loss.csv"
    path.write_text("old")
    save_as(plot, monkeypatch, path)
    jobs = desk.window.status_line.jobs
    desk.until(lambda: jobs.text() == "Saving loss.csv", f"job in the list after {SHOWN_AFTER_S} s")
    jobs.cancel_button.click()
    assert jobs.text() == ""
    held_back.set()
    QTest.qWait(50)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_the_later_of_two_saves_to_one_place_is_the_one_that_is_written(
    desk, plot, monkeypatch, tmp_path, held_back
):
    path = tmp_path / "loss.csv"
    save_as(plot, monkeypatch, path)
    save_as(desk.window.panels.of("plots")[1], monkeypatch, path)
    assert len([job for job in desk.window.jobs.running if job.title == "Saving loss.csv"]) == 1
    held_back.set()
    desk.until(path.exists, "file")
    assert path.read_text().startswith("step,epoch,gradient_norm")


def test_what_cannot_be_written_is_said_in_the_plot(desk, plot, monkeypatch, tmp_path):
    save_as(plot, monkeypatch, tmp_path / "nowhere" / "loss.csv")
    said = plot.findChild(InlineMessage)
    desk.until(said.isVisible, "sentence")
    assert "Nothing was changed. Make the folder first" in said.text()
    assert not (tmp_path / "nowhere").exists()
