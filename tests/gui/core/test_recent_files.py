"""Recent files: those that are gone are hidden, and a drive that does not answer holds nothing up."""

import os
import threading
import time
from pathlib import Path

import pytest
from PySide6.QtTest import QTest

from gui.core import preferences as module
from gui.core.jobs import JobRunner
from gui.core.preferences import RecentFiles, preferences

PATIENCE_S = 60.0


class Desk:
    """Recent files as the window connects them, without a window."""

    def __init__(self):
        self.jobs = JobRunner()
        self.recent = RecentFiles(self.jobs)
        self.shown = []
        self.recent.changed.connect(lambda: self.shown.append(preferences().recent_files))

    def look(self):
        self.recent.look()
        until(lambda: not self.jobs.running)


@pytest.fixture
def desk(qapp):
    desk = Desk()
    yield desk
    assert desk.jobs.shutdown(PATIENCE_S)


@pytest.fixture
def files(tmp_path):
    """Three that are there, newest first."""
    paths = [tmp_path / f"{number}.gradwright" for number in range(3)]
    for path in paths:
        path.touch()
        preferences().add_recent_file(path)
    return paths[::-1]


def until(holds):
    limit = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < limit
        QTest.qWait(2)


def test_files_that_are_gone_are_hidden_and_come_back_in_their_order(desk, files):
    first, second, third = files
    desk.look()
    assert desk.shown == []
    second.unlink()
    desk.look()
    assert desk.shown == [[first, third]]
    desk.look()
    assert len(desk.shown) == 1
    second.touch()
    desk.look()
    assert desk.shown[1:] == [[first, second, third]]


def test_what_cannot_be_asked_for_now_stays(desk, files, monkeypatch):
    def no_answer(path):
        raise OSError(112, "Host is down")

    monkeypatch.setattr(Path, "is_file", no_answer)
    desk.look()
    assert preferences().recent_files == files


def test_a_drive_that_does_not_answer_holds_up_neither_the_window_nor_more_than_one_job(
    desk, files, monkeypatch
):
    let_go, asked = threading.Event(), []
    monkeypatch.setattr(module, "is_gone", lambda path: asked.append(path) or not let_go.wait(PATIENCE_S))
    preferences().last_folder = files[0].parent
    for _ in range(5):
        desk.recent.look()
    until(lambda: asked and len(desk.jobs.running) == 1)
    assert preferences().recent_files == files
    assert preferences().last_folder == files[0].parent
    assert asked == files[:1]
    let_go.set()


def test_a_file_opened_during_a_look_is_looked_for_too(desk, files, monkeypatch, tmp_path):
    let_go = threading.Event()
    right = module.is_gone
    monkeypatch.setattr(module, "is_gone", lambda path: let_go.wait(PATIENCE_S) and right(path))
    desk.recent.look()
    preferences().add_recent_file(tmp_path / "gone since.gradwright")
    let_go.set()
    until(lambda: not desk.jobs.running)
    assert preferences().recent_files == files


def test_the_last_folder_is_where_dialogs_begin_once_it_is_known_to_be_there(desk, tmp_path):
    preferences().last_folder = tmp_path / "folder"
    assert preferences().last_folder == tmp_path / "folder"
    preferences().flush()
    preferences.cache_clear()
    assert preferences().last_folder == Path.home(), "nobody has looked yet"
    desk.look()
    assert preferences().last_folder == Path.home(), "it is not there"
    (tmp_path / "folder").mkdir()
    desk.look()
    assert preferences().last_folder == tmp_path / "folder"
    (tmp_path / "folder").rmdir()
    desk.look()
    assert preferences().last_folder == Path.home()


def test_the_window_s_thread_asks_for_no_file(desk, files, monkeypatch):
    right, threads = os.stat, []

    def noting(path, *arguments, **named):
        if str(path).startswith(str(files[0].parent)):
            threads.append(threading.current_thread())
        return right(path, *arguments, **named)

    monkeypatch.setattr(os, "stat", noting)
    preferences().last_folder = files[0].parent
    preferences().add_recent_file(files[0])
    assert preferences().recent_files == files
    assert preferences().last_folder == files[0].parent
    assert threads == []
    desk.look()
    assert len(threads) == len(files) + 1
    assert threading.main_thread() not in threads
