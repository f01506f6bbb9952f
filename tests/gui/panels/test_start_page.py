"""The start page: ready experiments, buttons, recent files."""

from itertools import combinations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QScrollArea

from engine.lessons import built_in
from gui.core.lessons import Progress
from gui.core.preferences import preferences
from gui.panels.start.page import StartPage
from gui.panels.start.thumbnails import PAINTERS
from tests.gui.conftest import picture
from tests.gui.hands import click, settle
from tests.gui.panels.models import shown

PRESETS = [
    ("spiral", "Spiral", "Two arms.", "spiral"),
    ("iris", "Iris", "Three species.", "iris"),
    ("digits", "Handwritten digits", "Small images.", "digits"),
    ("own", "Something else", "Without a picture of its own.", "unheard-of"),
]


@pytest.fixture
def start_page(qtbot):
    page = shown(StartPage(), (900, 700))
    qtbot.addWidget(page)
    page.set_presets(PRESETS)
    page.set_recent(["/somewhere/penguins.gradwright"])
    QApplication.processEvents()
    return page


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space])
def test_a_card_is_chosen_by_key(qtbot, start_page, key):
    card = start_page.cards[1]
    card.setFocus()
    with qtbot.waitSignal(start_page.preset_chosen) as caught:
        QTest.keyClick(card, key)
    assert caught.args == ["iris"]
    assert card.accessibleName() == "Iris"


def test_the_whole_card_is_clickable(qtbot, start_page):
    card = start_page.cards[2]
    for place in (QPoint(4, 4), QPoint(card.width() - 4, card.height() - 4)):
        with qtbot.waitSignal(start_page.preset_chosen) as caught:
            QTest.mouseClick(card, Qt.MouseButton.LeftButton, pos=place)
        assert caught.args == ["digits"]


def test_buttons_and_recent_files_emit(qtbot, start_page):
    by_name = {
        child.accessibleName() or child.text(): child for child in start_page.findChildren(QAbstractButton)
    }
    with qtbot.waitSignal(start_page.open_data):
        by_name["Open your data…"].click()
    with qtbot.waitSignal(start_page.open_images):
        by_name["Open images…"].click()
    with qtbot.waitSignal(start_page.draw_points):
        by_name["Draw points"].click()
    with qtbot.waitSignal(start_page.type_table):
        by_name["Type a table"].click()
    with qtbot.waitSignal(start_page.open_file):
        by_name["Open experiment…"].click()
    with qtbot.waitSignal(start_page.recent_chosen) as caught:
        QTest.keyClick(by_name["penguins.gradwright"], Qt.Key.Key_Return)
    assert caught.args == ["/somewhere/penguins.gradwright"]


@pytest.mark.parametrize(("width", "columns"), [(480, 2), (760, 3), (1300, 4)])
def test_the_grid_follows_the_width(start_page, width, columns):
    start_page.resize(width, 600)
    QApplication.processEvents()
    assert start_page.width() == width
    assert start_page.columns == columns
    cards = start_page.cards
    assert all(card.mapTo(start_page, QPoint(card.width(), 0)).x() <= width for card in cards)
    assert not any(one.geometry().intersects(other.geometry()) for one, other in combinations(cards, 2))


def test_presets_can_be_set_anew(start_page):
    start_page.set_presets(PRESETS[:1])
    QApplication.processEvents()
    assert [card.name for card in start_page.cards] == ["spiral"]
    picture(start_page)


def test_every_picture_is_painted_and_none_like_another(qtbot, start_page):
    start_page.set_presets([(kind, kind, "", kind) for kind in PAINTERS])
    QApplication.processEvents()
    images = [picture(card).copy(10, 10, 150, 70) for card in start_page.cards]
    assert all(one != other for one, other in combinations(images, 2))


@pytest.mark.parametrize("size", [(318, 260), (420, 300), (640, 500), (1400, 900)])
def test_nothing_of_it_is_cut_off_in_a_small_window(qtbot, size):
    page = shown(StartPage(), size)
    qtbot.addWidget(page)
    page.set_presets(PRESETS)
    page.set_lessons(built_in())
    page.show_progress(progress_of(vanishing=Progress(step=3)))
    QTest.qWait(30)
    area = page.findChild(QScrollArea)
    assert area.horizontalScrollBar().maximum() == 0
    view = area.viewport().rect()
    for part in page.findChildren(QAbstractButton):
        left = part.mapTo(area.viewport(), QPoint(0, 0)).x()
        assert 0 <= left <= view.width() - part.width(), part.accessibleName()
        text = part.text()
        if text:
            assert part.width() >= part.sizeHint().width()
    last = page.cards[-1]
    area.ensureWidgetVisible(last)
    assert last.visibleRegion().boundingRect().height() >= min(last.height(), view.height() - 100)


def progress_of(**known):
    return lambda name: known.get(name.replace("-", "_"), Progress())


def test_the_lessons_say_how_far_one_has_come(start_page):
    start_page.set_lessons(built_in())
    start_page.show_progress(progress_of(neuron=Progress(finished=True), learning_rate=Progress(step=2)))
    states = [card.state for card in start_page.lessons.values()]
    assert states[:2] == ["Lesson 1 · done", "Lesson 2"]
    assert start_page.lessons["learning-rate"].state == "Continue at step 3 of 6"
    assert start_page.to_lessons.text() == "Continue lesson 5"
    start_page.show_progress(progress_of())
    assert [card.state for card in start_page.lessons.values()] == [f"Lesson {n}" for n in range(1, 13)]


def test_the_link_leads_down_to_the_lessons(qtbot, start_page):
    start_page.set_lessons(built_in())
    start_page.show_progress(progress_of())
    QApplication.processEvents()
    first = start_page.lessons["neuron"]
    start_page.resize(900, 400)
    QApplication.processEvents()
    assert first.visibleRegion().isEmpty()
    start_page.activateWindow()
    click(start_page.to_lessons)
    QTest.qWait(10)
    assert first.hasFocus()
    assert first.visibleRegion().boundingRect().height() == first.height()
    with qtbot.waitSignal(start_page.lesson_chosen) as caught:
        QTest.keyClick(first, Qt.Key.Key_Return)
    assert caught.args == ["neuron"]


def test_a_click_begins_a_lesson_and_later_goes_on_with_it(desk):
    lessons, centre = desk.window.context.lessons, desk.window.centre
    desk.until(lambda: desk.window.session.ready, "the first run")
    page = centre.current_view()
    page.lessons["chain"].setFocus()
    settle()
    click(page.lessons["chain"])
    desk.until(lambda: lessons.name == "chain", "the lesson")
    assert centre.current_view() is not page
    assert desk.window.document.experiment.name == "A chain of two neurons"
    lessons.go(2)
    click(desk.window.panels["lesson"].leave)
    desk.until(lambda: lessons.lesson is None, "the end of the lesson")
    assert preferences().number("lessons/step/chain", 0) == 2
    desk.do("new")
    assert page.lessons["chain"].state.startswith("Continue at step 3 of")
    click(page.to_lessons)
    desk.until(lambda: lessons.name == "chain", "the lesson again")
    assert lessons.index == 2
