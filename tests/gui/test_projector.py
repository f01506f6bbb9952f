"""Projector, in the menu View, makes everything larger while the program runs, and is remembered."""

from gui.core.preferences import preferences
from gui.kit import theme
from tests.gui.hands import settle


def test_it_is_larger_at_once_and_usual_again(desk):
    usual = theme.text_font().pixelSize()
    button = desk.window.panels["lesson"].next
    height = button.sizeHint().height()
    desk.do("projector")
    settle()
    assert theme.text_font().pixelSize() >= 1.4 * usual
    assert button.sizeHint().height() > height
    assert preferences().flag("window/projector", False)
    desk.do("projector")
    settle()
    assert theme.text_font().pixelSize() == usual
    assert not preferences().flag("window/projector", True)
