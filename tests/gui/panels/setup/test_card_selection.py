"""One card is selected, whatever is done in whatever order, and what is shown elsewhere is that one."""

import random

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest

from gui.kit import theme
from gui.main_window import MainWindow
from gui.panels.network.view import NetworkView
from tests.gui.conftest import picture
from tests.gui.desk import close_without_question
from tests.gui.hands import press, settle
from tests.gui.panels.models import model_of
from tests.gui.panels.setup.columns import drag

CONTROL, ALT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.AltModifier


def framed(column) -> list[int]:
    """The cards with an accent edge, as they are painted."""
    accent = QColor(theme.current().accent)
    pictures = [picture(card) for card in column.list.cards]
    return [place for place, seen in enumerate(pictures) if seen.pixelColor(1, seen.height() // 2) == accent]


def opened(column) -> list[int]:
    return [place for place, card in enumerate(column.list.cards) if card.is_open()]


def check(column, what: str) -> None:
    settle()
    focused = [place for place, card in enumerate(column.list.cards) if card.hasFocus()]
    assert len(opened(column)) <= 1, what
    assert framed(column) == (focused or opened(column)), what


def test_after_drag_delete_and_undo_one_card_is_framed(column):
    column.select_layer(2)
    drag(column.list.cards[0], QPoint(40, column.list.cards[1].geometry().bottom() + 2))
    check(column, "drag")
    assert len(framed(column)) == 1
    press(column.list.cards[1], Qt.Key.Key_Delete)
    check(column, "delete")
    column.undo()
    check(column, "undo")


@pytest.mark.parametrize("seed", range(6))
def test_in_any_order_one_card_is_framed_and_selected(column, seed):
    chance = random.Random(seed)
    reported = []
    column.selection.changed.connect(lambda new, old: reported.append(new.layer))
    done = []
    for _ in range(40):
        cards = column.list.cards
        card = chance.choice(cards)
        keys = {
            "delete": (Qt.Key.Key_Delete, Qt.KeyboardModifier.NoModifier),
            "duplicate": (Qt.Key.Key_D, CONTROL),
            "move up": (Qt.Key.Key_Up, ALT),
            "move down": (Qt.Key.Key_Down, ALT),
            "up": (Qt.Key.Key_Up, Qt.KeyboardModifier.NoModifier),
            "down": (Qt.Key.Key_Down, Qt.KeyboardModifier.NoModifier),
            "enter": (Qt.Key.Key_Return, Qt.KeyboardModifier.NoModifier),
        }
        action = chance.choice([*keys, "click", "click", "drag", "undo", "undo", "redo", "answer"])
        done.append(action)
        if action in keys:
            card.setFocus()
            press(card, *keys[action])
        elif action == "click":
            QTest.mouseClick(card.header, Qt.MouseButton.LeftButton, pos=QPoint(60, 8))
        elif action == "drag" and len(cards) > 2:
            drag(chance.choice(cards[:-1]), chance.choice(cards).geometry().center())
        elif action in ("undo", "redo"):
            getattr(column, action)()
        elif action == "answer" and len(cards) > 1:
            column.answer()
        check(column, " ".join(done))
        if reported:
            assert reported[-1] == next(iter(opened(column)), None), " ".join(done)


@pytest.fixture
def window(qtbot):
    window = MainWindow()
    window.resize(1440, 900)
    # On an X display without a window manager nobody else gives it the keyboard.
    with qtbot.waitActive(window, timeout=60_000):
        window.show()
        window.activateWindow()
    yield window
    close_without_question(window)


def test_the_drawing_selects_the_layer_whose_card_is_open(window):
    layers = window.document.experiment.layers
    canvas = window.centre.findChild(NetworkView).canvas
    window.panels["network"].show_model(model_of(12, 8, 2))
    cards = window.panels["layers"].list
    QTest.mouseClick(cards.cards[1].header, Qt.MouseButton.LeftButton, pos=QPoint(60, 8))
    assert canvas.selected == 1
    press(cards.cards[1], Qt.Key.Key_Up, ALT)
    assert window.document.experiment.layers == layers[::-1]
    assert canvas.selected == cards.open_index() == 0
    press(cards.cards[0], Qt.Key.Key_Delete)
    assert cards.open_index() is None
    assert canvas.selected is None
