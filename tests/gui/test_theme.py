"""Both themes are legible, the change between them reaches everything, and the icons exist."""

import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QFontInfo, QFontMetricsF, QPalette
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton, QSpacerItem, QWidget

import resources
from engine.data.augmentation import AUGMENTATIONS
from engine.layers import LAYERS
from gui.kit import theme
from tests.gui.conftest import picture

THEMES = [theme.LIGHT, theme.DARK]
by_name = pytest.mark.parametrize("colours", THEMES, ids=lambda colours: colours.name)


def test_contrast_is_that_of_the_standard():
    assert theme.contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert theme.contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)


@by_name
@pytest.mark.parametrize("ground", ["page", "surface", "raised"])
@pytest.mark.parametrize("written", ["text", "muted", "accent", "gradient", "error"])
def test_text_is_legible(colours, ground, written):
    assert theme.contrast(getattr(colours, written), getattr(colours, ground)) >= 4.5


@by_name
def test_text_on_the_accent_is_legible(colours):
    assert theme.contrast(colours.on_accent, colours.accent) >= 4.5
    assert theme.contrast(colours.on_accent, theme.mixed(colours.accent, colours.text, 0.24)) >= 4.5


@by_name
@pytest.mark.parametrize("colour", ["accent", "validation", "gradient", "good", "warning", "error", "text"])
def test_ink_is_legible_on_every_ground(colours, colour):
    ink = colours.ink(colour)
    for ground in (colours.page, colours.surface, colours.raised, colours.tint(colour)):
        assert theme.contrast(ink, ground) >= 4.5
    assert theme.contrast(colours.text, colours.tint(colour)) >= 4.5


@by_name
def test_selected_and_hovered_entries_stay_legible(colours):
    assert theme.contrast(colours.text, colours.tint("accent")) >= 4.5
    assert theme.contrast(colours.text, colours.hover) >= 4.5
    assert theme.contrast(colours.muted, colours.hover) >= 4.5


@by_name
def test_drawn_marks_use_the_colours_of_their_theme(colours):
    folder = Path(resources.__file__).parent / "themes" / colours.name
    allowed = {colours.muted, colours.on_accent}
    drawings = list(folder.glob("*.svg"))
    assert drawings
    for drawing in drawings:
        assert set(re.findall(r"#[0-9A-Fa-f]{6}", drawing.read_text(encoding="utf-8"))) <= allowed


@by_name
def test_style_sheet_names_only_drawings_that_exist(colours):
    paths = re.findall(r'url\("([^"]+)"\)', theme.style_sheet(colours))
    assert paths
    assert all(Path(path).is_file() for path in paths)


def test_change_at_run_time_reaches_palette_widgets_and_listeners(qapp, qtbot):
    field, label = QLineEdit("0.01"), QLabel("Epochs")
    for widget in (field, label):
        qtbot.addWidget(widget)
        widget.show()
    assert QColor(theme.LIGHT.surface) == _corner(field, 8)
    with qtbot.waitSignal(theme.notifier().changed):
        theme.apply(qapp, "dark")
    assert theme.current() is theme.DARK
    assert qapp.palette().color(QPalette.ColorRole.Window) == QColor(theme.DARK.surface)
    assert label.palette().color(QPalette.ColorRole.WindowText) == QColor(theme.DARK.text)
    assert QColor(theme.DARK.surface) == _corner(field, 8)


def test_applying_the_same_theme_again_is_no_change(qapp, qtbot):
    with qtbot.assertNotEmitted(theme.notifier().changed):
        theme.apply(qapp, "light")


def test_system_means_light_where_the_desktop_does_not_say(qapp):
    theme.apply(qapp, "dark")
    theme.apply(qapp, "system")
    assert theme.current() is theme.LIGHT


def test_an_icon_made_before_the_change_follows_it(qapp, qtbot):
    icon, button = theme.icon("play-fill", "accent"), QPushButton()
    qtbot.addWidget(button)
    button.setIcon(icon)
    assert _strongest(icon) == theme.LIGHT.accent
    theme.apply(qapp, "dark")
    assert _strongest(icon) == theme.DARK.accent
    assert _strongest(button.icon()) == theme.DARK.accent


def test_an_icon_of_a_fixed_colour_keeps_it(qapp):
    icon = theme.icon("stop-fill", "#FF0000")
    theme.apply(qapp, "dark")
    assert _strongest(icon) == "#FF0000"


def test_an_icon_is_as_sharp_as_the_screen():
    assert theme.icon_pixmap("play", 16, scale=2.0).size() == QSize(32, 32)


def test_an_unknown_icon_is_named():
    with pytest.raises(ValueError, match="no 'plya'"):
        theme.icon("plya")


@pytest.mark.parametrize("kind", [*LAYERS, *AUGMENTATIONS], ids=lambda kind: kind.heading)
def test_every_layer_and_augmentation_has_an_icon(kind):
    assert not theme.icon(kind.icon).pixmap(16, 16).isNull()


def test_figures_have_digits_of_one_width():
    font = theme.figure_font()
    assert font.pixelSize() == 15
    if QFontInfo(font).family() == "Inter":
        metrics = QFontMetricsF(font)
        assert metrics.horizontalAdvance("1111") == metrics.horizontalAdvance("8888")


def _corner(widget, distance) -> QColor:
    """The ground of a widget, away from its text and its edge."""
    image = picture(widget)
    return image.pixelColor(image.width() - distance, image.height() // 2)


def _strongest(icon) -> str:
    """The colour of the most opaque pixel."""
    image = icon.pixmap(32, 32).toImage()
    pixels = [image.pixelColor(x, y) for x in range(32) for y in range(32)]
    return max(pixels, key=QColor.alpha).name().upper()


def test_what_is_no_widget_is_passed_over_when_the_theme_is_switched(qtbot):
    """PySide was seen to list a spacer that was gone among the widgets."""
    widget = QWidget()
    qtbot.addWidget(widget)
    listed = SimpleNamespace(allWidgets=lambda: [QSpacerItem(1, 1), widget])
    assert theme.widgets_of(listed) == [widget]
