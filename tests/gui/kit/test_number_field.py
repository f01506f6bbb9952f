"""Number fields and sliders take what people type, keep the last good value, and say what cannot be."""

import re

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest

from gui.kit import (
    NumberField,
    Range,
    SliderField,
    theme,
)
from gui.kit.numbers import number_text, parse_number, stepped
from tests.gui.conftest import picture
from tests.gui.hands import wheel, write

RATE = Range(0, 1000, low_open=True)
WHOLE = Range(1, 65536, whole=True)


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("1e-3", 1e-3),
        ("1e\N{MINUS SIGN}3", 1e-3),
        ("1E-3", 1e-3),
        (".5", 0.5),
        ("0,5", 0.5),
        ("5.", 5.0),
        (" 10 ", 10.0),
    ],
)
def test_numbers_as_people_write_them(typed, value):
    assert parse_number(typed, RATE) == value


@pytest.mark.parametrize(
    ("typed", "value"), [("1e3", 1000), ("8.0", 8), ("10 000", 10000), ("20 epochs", 20)]
)
def test_whole_numbers_as_people_write_them(typed, value):
    parsed = parse_number(typed, WHOLE, unit="epochs")
    assert parsed == value
    assert isinstance(parsed, int)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("abc", "Needs a number above 0 and at most 1000, found 'abc'."),
        ("-1", "Needs a number above 0 and at most 1000, found -1."),
        ("0", "Needs a number above 0 and at most 1000, found 0."),
        ("", "Needs a number above 0 and at most 1000, found nothing."),
        ("1e999", "Needs a number above 0 and at most 1000, found 1e999."),
        ("nan", "Needs a number above 0 and at most 1000, found 'nan'."),
        ("1,000", "'1,000' can mean 1000 or 1.000. Write one of these."),
    ],
)
def test_what_is_no_number_gives_a_sentence(typed, sentence):
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}$"):
        parse_number(typed, RATE)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (-0.0, "0"),
        (1e-4, "1e-4"),
        (1e-3, "0.001"),
        (32, "32"),
        (1.0, "1"),
        (1.5e7, "1.5e7"),
        (-2.5e-5, "-2.5e-5"),
    ],
)
def test_numbers_are_shown_short(value, text):
    assert number_text(value) == text


@pytest.mark.parametrize("value", [0.1 + 0.2, 1 / 3, 1e-8, 123456.789, 5e-324, 1.7e308])
def test_a_shown_number_reads_back_as_itself(value):
    assert parse_number(number_text(value), Range()) == value


@pytest.mark.parametrize(
    ("value", "steps", "allowed", "logarithmic", "new"),
    [
        (0.01, 1, RATE, True, 0.02),
        (0.02, 1, RATE, True, 0.05),
        (0.01, -1, RATE, True, 0.005),
        (0.01, 3, RATE, True, 0.1),
        (1000.0, 1, RATE, True, 1000.0),
        (0.0, 1, Range(0, 10), True, 1e-6),
        (1e-6, -1, Range(0, 10), True, 0.0),
        (64, 1, WHOLE, True, 128),
        (32, 1, WHOLE, False, 33),
        (1, -1, WHOLE, False, 1),
        (0.9, 1, Range(0, 1, high_open=True), False, 0.91),
        (0.995, 1, Range(0, 1, high_open=True), False, 0.995),
        (0.2, 1, Range(0, 1), False, 0.21),
    ],
)
def test_steps(value, steps, allowed, logarithmic, new):
    assert stepped(value, steps, allowed, logarithmic=logarithmic) == new


def test_typing_a_number_commits_on_enter(qtbot):
    field = NumberField(RATE, value=0.01, name="Learning rate")
    qtbot.addWidget(field)
    with qtbot.waitSignal(field.edited) as edited:
        write(field, "1e-3")
    assert edited.args == [1e-3]
    assert field.value() == 1e-3
    assert field.text() == "0.001"


@pytest.mark.parametrize("typed", ["abc", "-1"])
def test_a_bad_number_stays_with_a_sentence_and_changes_nothing(qtbot, typed):
    field = NumberField(RATE, value=0.01)
    qtbot.addWidget(field)
    with qtbot.assertNotEmitted(field.edited), qtbot.waitSignal(field.problem) as problem:
        write(field, typed)
    assert "above 0" in problem.args[0]
    assert field.text() == typed
    assert field.value() == 0.01
    field.set_value(0.01)
    assert field.text() == typed, "an update of the form must not wipe what is being corrected"
    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert field.text() == "0.01"
    assert field.sentence() == ""


def test_an_error_edge_is_painted(qtbot):
    field = NumberField(RATE, value=0.01)
    qtbot.addWidget(field)
    field.resize(120, 26)
    assert QColor(theme.LIGHT.error) not in _colours(field)
    write(field, "abc")
    assert QColor(theme.LIGHT.error) in _colours(field)


def test_a_difference_from_the_default_is_painted_on_the_left(qtbot):
    field = NumberField(RATE, value=0.01)
    qtbot.addWidget(field)
    field.resize(120, 26)
    field.set_default(0.01)
    assert picture(field).pixelColor(1, 13) != QColor(theme.LIGHT.accent)
    field.set_default(0.1)
    assert picture(field).pixelColor(1, 13) == QColor(theme.LIGHT.accent)
    with qtbot.waitSignal(field.edited):
        field.restore_default()
    assert field.value() == 0.1
    assert not field.differs()


def test_empty_is_none_only_where_it_may_be(qtbot):
    optional = NumberField(Range(0), value=1.0, optional=True, none_title="Off")
    needed = NumberField(Range(0), value=1.0)
    for field in (optional, needed):
        qtbot.addWidget(field)
        write(field, "")
    assert optional.value() is None
    assert optional.placeholderText() == "Off"
    assert needed.value() == 1.0
    assert needed.sentence() == "Needs a number of at least 0, found nothing."


def test_keys_step_and_the_wheel_only_with_focus(qtbot, shown):
    field = shown(NumberField(RATE, value=0.01, logarithmic=True))
    wheel(field, 120)
    assert field.value() == 0.01
    field.setFocus()
    wheel(field, 120)
    assert field.value() == 0.02
    QTest.keyClick(field, Qt.Key.Key_Down)
    assert field.value() == 0.01


def test_leaving_the_field_commits(shown):
    field = shown(NumberField(RATE, value=0.01))
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, "0.5")
    QTest.keyClick(field, Qt.Key.Key_Tab)
    assert field.value() == 0.5


def test_a_linear_slider(qtbot):
    field = SliderField(Range(0, 0.5), value=0.12, name="Noise")
    qtbot.addWidget(field)
    with qtbot.waitSignal(field.edited) as edited:
        QTest.keyClick(field.slider, Qt.Key.Key_Right)
    assert edited.args == [0.125]
    assert field.figure.text() == "0.125"
    field.set_value(0.5)
    assert field.slider.value() == field.slider.maximum()


def test_a_slider_keeps_a_typed_value_between_its_places(qtbot):
    field = SliderField(RATE, value=0.01, logarithmic=True)
    qtbot.addWidget(field)
    write(field.figure, "0.01234")
    assert field.value() == 0.01234


def test_a_slider_stays_inside_open_ends(qtbot):
    ranges = [(RATE, True), (Range(0, 1, True, True), False), (Range(0, 1, high_open=True), False)]
    for allowed, logarithmic in ranges:
        field = SliderField(allowed, value=0.5, logarithmic=logarithmic)
        qtbot.addWidget(field)
        for position in (field.slider.minimum(), field.slider.maximum()):
            field.slider.setValue(position)
            assert field.value() in allowed


def _colours(widget) -> list[QColor]:
    """The colours along the edge and the middle line."""
    image = picture(widget)
    return [image.pixelColor(x, y) for x in range(image.width()) for y in (0, 1, image.height() // 2)]
