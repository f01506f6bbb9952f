"""The foot of the window says what runs, and cancels it."""

import math

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QStatusBar, QWidget

from gui.kit.indicators import SlimProgress, percent
from gui.window.job_list import JobList, JobView
from tests.gui.conftest import picture
from tests.gui.desk import wait_until

# The offscreen platform says so of a list that opens, which is a window of its own.
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")

SAVE = JobView(1, "Save table", "Saving predictions.csv", 0.25)
CHECK = JobView(2, "Gradient check", "Checking layer 3 of 5")
EXPORT = JobView(3, "Export", "Writing model.onnx", 1.0, cancellable=False)


@pytest.fixture
def jobs(qtbot):
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(900, 300)
    bar = QStatusBar(window)
    jobs = JobList()
    bar.addPermanentWidget(jobs)
    bar.setGeometry(0, 270, 900, 30)
    window.show()
    jobs.ground = window
    return jobs


def test_nothing_is_seen_while_nothing_runs(jobs):
    assert not jobs.isVisible()
    jobs.show_jobs([SAVE])
    assert jobs.isVisible()
    jobs.show_jobs([])
    assert not jobs.isVisible()
    assert jobs.text() == ""


def test_one_job_is_shown_with_its_words_and_cancelled(jobs, qtbot):
    jobs.show_jobs([SAVE])
    assert jobs.text() == "Saving predictions.csv"
    assert not jobs.more_button.isVisible()
    assert jobs.cancel_button.accessibleName() == "Cancel: Saving predictions.csv"
    with qtbot.waitSignal(jobs.cancel_requested) as caught:
        jobs.cancel_button.click()
    assert caught.args == [1]


def test_what_can_no_longer_be_cancelled_says_so(jobs):
    jobs.show_jobs([EXPORT])
    assert not jobs.cancel_button.isEnabled()
    assert jobs.cancel_button.toolTip() == "This can no longer be cancelled."


def test_of_several_the_newest_is_shown_and_all_in_a_list(jobs, qtbot):
    jobs.show_jobs([SAVE, CHECK, EXPORT])
    assert jobs.text() == "Writing model.onnx"
    assert jobs.more_button.text() == "2 more"
    QTest.qWait(20)
    foot = jobs.mapToGlobal(QPoint(jobs.width(), 0))
    QTest.mouseClick(jobs.more_button, Qt.MouseButton.LeftButton)
    popup = jobs.popup
    assert popup.isVisible()
    assert popup.rows() == [
        "Export, Writing model.onnx, 100 %",
        "Gradient check, Checking layer 3 of 5",
        "Save table, Saving predictions.csv, 25 %",
    ]
    # Above the status line, and its right edge with it, but for the frame that offscreen windows have.
    assert popup.geometry().bottom() < foot.y()
    assert abs(popup.geometry().right() + 1 - foot.x()) <= 2
    with qtbot.waitSignal(jobs.cancel_requested) as caught:
        popup.cancel_button(2).click()
    assert caught.args == [2]
    bottom = popup.geometry().bottom()
    jobs.show_jobs([SAVE, EXPORT])
    assert popup.isVisible()
    assert popup.geometry().bottom() == bottom
    jobs.show_jobs([EXPORT])
    assert not popup.isVisible()


def test_a_row_that_goes_on_stays_the_same(jobs):
    jobs.show_jobs([SAVE, CHECK])
    button = jobs.popup.cancel_button(1)
    jobs.show_jobs([JobView(1, "Save table", "Saving predictions.csv", 0.5), CHECK])
    assert jobs.popup.cancel_button(1) is button
    assert jobs.popup.rows()[1].endswith("50 %")


def test_long_words_are_shortened_and_do_not_push_the_rest_away(jobs):
    jobs.show_jobs([JobView(7, "Open", "Reading " + "a very long name " * 20 + ".csv", 0.1)])
    QTest.qWait(20)
    assert jobs.width() <= 460
    assert jobs.cancel_button.geometry().right() < jobs.width()


@pytest.mark.parametrize(
    ("given", "shown"), [(0.5, 0.5), (-1.0, 0.0), (7.0, 1.0), (math.nan, 0.0), (None, None)]
)
def test_a_bar_takes_whatever_it_is_given(qtbot, given, shown):
    bar = SlimProgress()
    qtbot.addWidget(bar)
    bar.resize(96, 4)
    bar.show()
    bar.show_fraction(given)
    assert bar.fraction() == shown
    picture(bar)
    assert percent(bar.fraction()) == ("" if shown is None else f"{100 * shown:.0f} %")


def test_a_bar_that_knows_no_end_moves_only_while_it_is_seen(qtbot):
    bar = SlimProgress()
    qtbot.addWidget(bar)
    bar.resize(96, 4)
    bar.show()
    bar.show_fraction(None)
    before = picture(bar)
    wait_until(lambda: picture(bar) != before, "progress")
    bar.hide()
    before = picture(bar)
    QTest.qWait(150)
    assert picture(bar) == before
