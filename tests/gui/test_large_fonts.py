"""The window follows the size of the system's font: nothing is cut where it is large."""

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtGui import QFont, QFontDatabase
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QMainWindow,
    QPushButton,
    QScrollArea,
    QTabWidget,
    QToolButton,
    QWidget,
)

from gui.kit import theme
from gui.kit.card_list.settings_card import CardHeader
from gui.kit.labels import Label
from gui.kit.layouts import DisclosureButton
from gui.kit.sizes import system_scale
from gui.main_window import MainWindow
from gui.panels.inspector.canvas import TraceCanvas
from gui.panels.inspector.layer_arrays import LayerArrays
from gui.window.docks import SetupColumn
from tests.gui.cut_texts import (
    beyond_scrolling,
    cut_texts,
    overlapping,
    shown,
)
from tests.gui.desk import Desk, close_without_question

LARGE = 1.5
SIZES = [(1280, 800), (1920, 1080)]
by_size = pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")


@pytest.fixture
def large(qapp):
    """Everything 1.5 times as large, from before a window is made."""
    theme.apply(qapp, "light", scale=LARGE)
    yield
    theme.apply(qapp, "light", scale=1.0)


@pytest.fixture
def usual(qapp):
    """The usual size, whatever the font of this desktop is, and again for the tests that follow."""
    theme.apply(qapp, "light", scale=1.0)
    yield
    theme.apply(qapp, "light", scale=1.0)


class Look:
    """A window of a size, ready to be looked at."""

    def __init__(self, qtbot, size):
        self.window = MainWindow()
        self.desk = Desk(self.window)
        self.window.resize(*size)
        self.window.show()
        self.window.start()
        self.desk.status("ready")
        self.settle(qtbot)

    def settle(self, qtbot):
        qtbot.wait(0)
        self.window.layout().activate()
        qtbot.wait(0)

    def open(self, qtbot, preset):
        self.desk.frame = None
        self.window.files.new_from_preset(preset)
        self.desk.status("ready")
        self.settle(qtbot)

    def train_one_epoch(self, qtbot):
        self.desk.do("step_epoch")
        self.desk.until(lambda: self.desk.frame.position >= 1 and self.desk.frame.status == "paused", "epoch")
        self.settle(qtbot)

    def check(self):
        window, bar = self.window, self.window.transport
        least = window.minimumSizeHint()
        assert least.width() <= SIZES[0][0]
        assert least.height() <= SIZES[0][1]
        assert not cut_texts(window), "; ".join(cut_texts(window))
        parts = [*shown(bar, QToolButton), *shown(bar, QLabel), *bar.figures.values()]
        assert overlapping([part for part in parts if part.isVisible()], bar) == []
        for area in shown(window, QScrollArea):
            assert beyond_scrolling(area) == []
            # Down, as far as need be; sideways, nobody looks, but over a drawing of a network.
            drawing = isinstance(area, LayerArrays) or isinstance(area.widget(), TraceCanvas)
            assert drawing or area.horizontalScrollBar().maximum() == 0


@pytest.fixture
def look(qtbot, large, size):
    look = Look(qtbot, size)
    yield look
    close_without_question(look.window)


@by_size
def test_start_page_has_room_for_large_text(look):
    look.check()


@by_size
def test_trained_spiral_has_room_for_large_text(look, qtbot):
    look.open(qtbot, "spiral")
    look.train_one_epoch(qtbot)
    tabs = next(tabs for tabs in shown(look.window, QTabWidget))
    for number in range(tabs.count()):
        tabs.setCurrentIndex(number)
        look.settle(qtbot)
        look.check()


@by_size
def test_digits_have_room_for_large_text(look, qtbot):
    look.open(qtbot, "digits")
    look.check()


@by_size
def test_open_layer_has_room_for_large_text(look, qtbot):
    look.open(qtbot, "spiral")
    column = look.window.findChild(SetupColumn)
    for button in shown(column, DisclosureButton):
        button.click()
    look.settle(qtbot)
    look.check()


def test_sizes_are_as_they_were_at_the_usual_scale(usual, qtbot):
    assert [theme.scaled(pixels) for pixels in (0, 1, 11, 13, 26, 34)] == [0, 1, 11, 13, 26, 34]
    fonts = (theme.text_font(), theme.figure_font(), theme.caption_font())
    assert [font.pixelSize() for font in fonts] == [13, 15, 11]
    look = Look(qtbot, SIZES[0])
    window = look.window
    try:
        train = next(button for button in shown(window.transport, QToolButton) if button.text() == "Train")
        assert (train.width(), train.height()) == (98, 34)
        choice = next(iter(shown(window, QComboBox)))
        assert choice.height() == 26
        assert {header.height() for header in shown(window, CardHeader)} == {20}
        assert {button.height() for button in shown(window, DisclosureButton)} == {24}
    finally:
        close_without_question(window)


def test_large_sizes_are_larger_by_the_scale(large, qtbot):
    fonts = (theme.text_font(), theme.figure_font(), theme.caption_font())
    assert [font.pixelSize() for font in fonts] == [20, 23, 17]
    field, button, label = QLineEdit("0.01"), QPushButton("Train"), Label("epoch", caption=True)
    for widget in (field, button, label):
        qtbot.addWidget(widget)
        widget.show()
    assert (field.height(), button.height()) == (39, 51)
    assert label.font().pixelSize() == 17


def test_widgets_follow_a_change_while_they_are_shown(qapp, usual, qtbot):
    field, label, row = QLineEdit("0.01"), Label("epoch", caption=True), QWidget()
    theme.set_sizes(row, width=100, height=20)
    for widget in (field, label, row):
        qtbot.addWidget(widget)
        widget.show()
    with qtbot.waitSignal(theme.notifier().changed):
        theme.apply(qapp, "light", scale=LARGE)
    assert (row.width(), row.height()) == (150, 30)
    assert label.font().pixelSize() == 17
    assert field.sizeHint().height() == 39
    assert field.font().pixelSize() == 20
    theme.apply(qapp, "light", scale=1.0)
    assert (row.width(), row.height()) == (100, 20)
    assert label.font().pixelSize() == 11
    assert field.sizeHint().height() == 26


def test_open_window_has_room_for_text_that_becomes_large(qapp, usual, qtbot):
    look = Look(qtbot, SIZES[0])
    try:
        theme.apply(qapp, "light", scale=LARGE)
        look.settle(qtbot)
        look.check()
    finally:
        theme.apply(qapp, "light", scale=1.0)
        close_without_question(look.window)


def test_window_fits_a_small_screen_with_the_largest_text(qapp, usual, qtbot):
    theme.apply(qapp, "light", scale=2.0)
    look = Look(qtbot, SIZES[0])
    least = look.window.minimumSizeHint()
    close_without_question(look.window)
    theme.apply(qapp, "light", scale=1.0)
    assert least.width() <= SIZES[0][0]
    assert least.height() <= SIZES[0][1]


@pytest.mark.parametrize(("scale", "taken"), [(0.1, 0.8), (1.0, 1.0), (1.25, 1.25), (5.0, 2.0)])
def test_scale_stays_within_what_the_window_can_take(qapp, scale, taken):
    theme.apply(qapp, "light", scale=scale)
    assert theme.scale() == taken
    theme.apply(qapp, "dark")
    assert theme.scale() == taken
    theme.apply(qapp, "light", scale=1.0)


@pytest.mark.parametrize(
    ("pixels", "scale"),
    [
        pytest.param(12, 1.0, id="Windows"),
        pytest.param(13, 1.0, id="macOS and KDE"),
        pytest.param(15, 1.0, id="GNOME"),
        pytest.param(18, 18 / 13, id="Windows at 150 %, GNOME's large text"),
        pytest.param(20, 20 / 13, id="KDE at 15 points"),
        pytest.param(10, 10 / 13, id="small"),
    ],
)
def test_text_is_as_large_as_the_system_writes_it(monkeypatch, pixels, scale):
    monkeypatch.setattr(QFontDatabase, "systemFont", system_font_of(pixels))
    assert system_scale() == pytest.approx(scale)


def test_change_of_the_desktops_font_reaches_the_window(qapp, usual, qtbot, monkeypatch):
    window, field = QMainWindow(), QLineEdit("0.01")
    qtbot.addWidget(window)
    window.setCentralWidget(field)
    theme.follow_fonts(window)
    window.show()
    monkeypatch.setattr(QFontDatabase, "systemFont", system_font_of(12))
    theme.apply(qapp, "light", scale="system")
    assert field.font().pixelSize() == 13
    monkeypatch.setattr(QFontDatabase, "systemFont", system_font_of(18))
    with qtbot.waitSignal(theme.notifier().changed):
        # What the desktop sends when a person changes its font.
        QApplication.sendEvent(window, QEvent(QEvent.Type.ThemeChange))
    assert field.font().pixelSize() == 18
    theme.apply(qapp, "light", scale=1.0)


def system_font_of(pixels):
    """What stands for the database's way of naming the desktop's font."""
    font = QFont()
    font.setPixelSize(pixels)
    return staticmethod(lambda role: font)
