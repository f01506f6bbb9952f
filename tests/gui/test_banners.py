"""What stands over the centre for a while: a notice with one thing to do, and a file that opens."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QUndoCommand, QUndoStack
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from gui.kit import theme
from gui.kit.theme import contrast
from gui.window.banners import WIDEST, BannerColumn, Notice, OpeningBanner
from gui.window.centre import Centre
from tests.gui.conftest import picture
from tests.gui.desk import wait_until

KEPT = "The trained network is kept: Ctrl+Z brings it back."


@pytest.fixture
def ground(qtbot):
    ground = QWidget()
    qtbot.addWidget(ground)
    ground.resize(800, 600)
    ground.opening, ground.notice = OpeningBanner(), Notice()
    ground.column = BannerColumn(ground, ground.opening, ground.notice, below=40)
    ground.show()
    # Else a window that becomes active gives the keyboard to the first button in it.
    ground.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    ground.setFocus()
    return ground


def settle():
    QTest.qWait(20)


def test_a_notice_says_what_can_be_done_and_does_it(ground):
    done = []
    notice = ground.notice
    assert notice.text() == ""
    assert not ground.column.isVisible()
    notice.show_note(KEPT, "Undo", lambda: done.append("undo"))
    settle()
    assert notice.text() == notice.accessibleName() == KEPT
    QTest.mouseClick(notice.action, Qt.MouseButton.LeftButton)
    assert done == ["undo"]
    settle()
    assert not ground.column.isVisible()


def test_a_notice_without_an_action_has_no_button_and_can_be_dismissed(ground):
    ground.notice.show_note("Saved.")
    settle()
    assert not ground.notice.action.isVisible()
    QTest.mouseClick(ground.notice.close_button, Qt.MouseButton.LeftButton)
    assert ground.notice.text() == ""


def test_a_notice_goes_by_itself_but_not_from_under_the_focus(ground, qtbot):
    notice = ground.notice
    QTest.mouseMove(ground, QPoint(5, 590))
    notice.show_note(KEPT, "Undo", lambda: None, seconds=0.05)
    wait_until(lambda: notice.text() == "", "end of the notice")
    with qtbot.waitActive(ground, timeout=60_000):
        ground.activateWindow()
    notice.show_note(KEPT, "Undo", lambda: None, seconds=0.05)
    settle()
    notice.action.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.qWait(200)
    assert notice.text() == KEPT


def test_a_second_notice_takes_the_place_of_the_first(ground):
    done = []
    ground.notice.show_note("First.", "One", lambda: done.append(1))
    ground.notice.show_note("Second.", "Two", lambda: done.append(2))
    assert ground.notice.text() == "Second."
    ground.notice.action.click()
    assert done == [2]


@pytest.mark.parametrize("width", [342, 500, 800, 1600])
def test_banners_stand_in_the_middle_of_the_top_and_cover_no_more_than_they_need(ground, width):
    ground.resize(width, 600)
    ground.notice.show_note(KEPT, "Undo", lambda: None)
    ground.opening.show_opening("Opening a file with a rather long name that has no end.gradwright", 0.4)
    settle()
    place = ground.column.geometry()
    assert place.top() == 40 + 12
    assert abs(place.center().x() - width // 2) <= 1
    assert place.width() <= min(width - 24, WIDEST)
    assert ground.opening.geometry().bottom() < ground.notice.geometry().top()
    assert place.height() <= 140
    for banner in (ground.opening, ground.notice):
        assert banner.rect().contains(banner.childrenRect())
    assert ground.notice.action.width() >= ground.notice.action.sizeHint().width()


def test_opening_says_the_file_and_how_far_it_is_and_is_cancelled(ground, qtbot):
    opening = ground.opening
    opening.show_opening("Opening big.gradwright", 0.4)
    settle()
    assert opening.text() == "Opening big.gradwright … 40 %"
    assert opening.cancel_button.accessibleName() == "Cancel: Opening big.gradwright"
    with qtbot.waitSignal(opening.cancelled):
        opening.cancel_button.click()
    opening.show_opening("Opening big.gradwright", cancellable=False)
    assert opening.text() == "Opening big.gradwright …"
    assert opening.progress.fraction() is None
    assert not opening.cancel_button.isEnabled()
    opening.finish()
    assert opening.text() == ""
    settle()
    assert not ground.column.isVisible()


def test_words_on_a_banner_can_be_read_in_both_themes(ground, qapp):
    ground.notice.show_note(KEPT, "Undo", lambda: None)
    settle()
    for name in ("light", "dark"):
        theme.apply(qapp, name)
        found = picture(ground.notice)
        assert found.pixelColor(6, found.height() // 2) == QColor(theme.current().raised)
        assert contrast(theme.current().text, theme.current().raised) >= 4.5


class Edit(QUndoCommand):
    pass


def test_the_centre_says_which_keys_bring_a_trained_network_back(qtbot):
    centre = Centre(())
    qtbot.addWidget(centre)
    centre.resize(700, 600)
    centre.show()
    stack = QUndoStack(centre)
    centre.say_kept(stack)
    settle()
    # Another document was loaded: there is nothing to undo.
    assert centre.notice.text() == ""
    stack.push(Edit("Change units"))
    centre.say_kept(stack)
    settle()
    assert centre.notice.text() == KEPT
    centre.notice.action.click()
    assert stack.index() == 0
    centre.say_kept(stack)
    settle()
    assert centre.notice.text() == "The trained network is kept: Ctrl+Shift+Z brings it back."
