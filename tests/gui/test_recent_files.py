"""Recent files in the window: menu and start page show what is remembered, without those that are gone."""

import threading

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QMessageBox

from gui.core import preferences as module
from gui.core.preferences import preferences
from gui.panels.start.cards import RecentRow
from tests.gui.desk import PATIENCE_S
from tests.gui.hands import click, press, settle


@pytest.fixture
def files(tmp_path):
    """Three experiments that are there, newest first."""
    paths = [tmp_path / f"{name}.json" for name in ("third", "second", "first")]
    for path in paths:
        path.write_text('{"name": "' + path.stem + '"}')
        preferences().add_recent_file(path)
    return paths[::-1]


def rows(desk):
    """Of the start page, from top to bottom."""
    found = [row for row in desk.window.centre.findChildren(RecentRow) if row.isVisible()]
    return [row.accessibleName() for row in sorted(found, key=lambda row: row.y())]


def entries(desk):
    return [action.text() for action in desk.window.recent_menu.actions()]


def open_menu(desk):
    """Of recent files; on the screen it stays until Escape is pressed or an entry chosen."""
    menu = desk.window.recent_menu
    menu.popup(desk.window.mapToGlobal(QPoint(0, 30)))
    settle()
    assert menu.isVisible()
    return menu


def look_into_menu(desk):
    press(open_menu(desk), Qt.Key.Key_Escape)
    assert not desk.window.recent_menu.isVisible()


def test_menu_and_start_page_lose_what_is_gone_while_they_are_in_sight(files, desk):
    assert rows(desk) == ["first.json", "second.json", "third.json"]
    look_into_menu(desk)
    assert entries(desk) == ["first.json", "second.json", "third.json"]
    desk.until(lambda: not desk.window.jobs.running, "look")
    files[1].unlink()
    look_into_menu(desk)
    desk.until(lambda: entries(desk) == ["first.json", "third.json"], "shorter menu")
    desk.until(lambda: rows(desk) == ["first.json", "third.json"], "shorter start page")
    files[0].unlink()
    desk.do("new")
    desk.do("new")
    desk.until(lambda: rows(desk) == ["third.json"], "shorter start page")


def test_a_drive_that_does_not_answer_does_not_hold_the_window_up(files, monkeypatch, request):
    let_go, asked = threading.Event(), []
    monkeypatch.setattr(module, "is_gone", lambda path: asked.append(path) or not let_go.wait(PATIENCE_S))
    monkeypatch.setattr(module, "is_folder", lambda path: let_go.wait(PATIENCE_S))
    desk = request.getfixturevalue("desk")
    assert asked
    look_into_menu(desk)
    assert entries(desk) == ["first.json", "second.json", "third.json"]
    assert rows(desk) == ["first.json", "second.json", "third.json"]
    desk.do("step_batch")
    desk.status("paused")
    let_go.set()


def test_opening_one_that_is_gone_says_so_and_takes_it_off_the_list(files, desk):
    desk.until(lambda: not desk.window.jobs.running, "look")
    menu = open_menu(desk)
    desk.until(lambda: not desk.window.jobs.running, "another look")
    files[2].unlink()
    click(menu, menu.actionGeometry(menu.actions()[2]).center())
    desk.until(lambda: desk.window.findChildren(QMessageBox), "sentence")
    (box,) = desk.window.findChildren(QMessageBox)
    assert "third.json" in box.text()
    assert "expected" in box.text()
    box.accept()
    desk.until(lambda: rows(desk) == ["first.json", "second.json"], "shorter start page")
