"""Fields take what people type, keep the last good value, and say in a sentence what cannot be."""

import re

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QColor, QDropEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton, QVBoxLayout, QWidget

from gui.kit import (
    Card,
    Choice,
    ElidedLabel,
    InlineMessage,
    Label,
    ListField,
    NumberField,
    NumberTile,
    Option,
    PathField,
    PlainScrollArea,
    Range,
    SliderField,
    TextField,
    Toggle,
    theme,
)
from gui.kit.layouts import Disclosure
from gui.kit.numbers import number_text, parse_number, stepped
from tests.gui.conftest import picture

RATE = Range(0, 1000, low_open=True)
WHOLE = Range(1, 65536, whole=True)


@pytest.fixture
def shown(qtbot):
    """Show a widget in a window that has the focus, beside another that can take the focus away."""

    windows = []

    def show(widget):
        window = QWidget()
        windows.append(window)
        qtbot.addWidget(window)
        layout = QVBoxLayout(window)
        layout.addWidget(widget)
        layout.addWidget(TextField(name="elsewhere"))
        window.resize(160, 100)
        with qtbot.waitActive(window):
            window.show()
            window.activateWindow()
        window.setFocus()
        return widget

    yield show
    windows.clear()


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
        _type(field, "1e-3")
    assert edited.args == [1e-3]
    assert field.value() == 1e-3
    assert field.text() == "0.001"


@pytest.mark.parametrize("typed", ["abc", "-1"])
def test_a_bad_number_stays_with_a_sentence_and_changes_nothing(qtbot, typed):
    field = NumberField(RATE, value=0.01)
    qtbot.addWidget(field)
    with qtbot.assertNotEmitted(field.edited), qtbot.waitSignal(field.problem) as problem:
        _type(field, typed)
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
    _type(field, "abc")
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
        _type(field, "")
    assert optional.value() is None
    assert optional.placeholderText() == "Off"
    assert needed.value() == 1.0
    assert needed.sentence() == "Needs a number of at least 0, found nothing."


def test_keys_step_and_the_wheel_only_with_focus(qtbot, shown):
    field = shown(NumberField(RATE, value=0.01, logarithmic=True))
    _wheel(field, 120)
    assert field.value() == 0.01
    field.setFocus()
    _wheel(field, 120)
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


def test_a_choice_ignores_the_wheel_without_focus(shown):
    choice = shown(Choice([("sgd", "SGD"), ("adam", "Adam")], value="sgd"))
    _wheel(choice, -120)
    assert choice.value() == "sgd"
    choice.setFocus()
    _wheel(choice, -120)
    assert choice.value() == "adam"


def test_a_choice_lists_groups_and_unknown_values(qtbot):
    options = [Option("spiral", "Spiral", group="Examples"), Option("csv", "Table", group="Files")]
    choice = Choice(options, value="csv")
    qtbot.addWidget(choice)
    assert choice.count() == 4
    assert choice.value() == "csv"
    QTest.keyClick(choice, Qt.Key.Key_Up)
    assert choice.value() == "spiral", "headings are skipped"
    choice.set_value("moons")
    assert (choice.value(), choice.currentText()) == ("moons", "moons")


def test_a_choice_tells_none_from_absent(qtbot):
    choice = Choice([(None, "Automatic"), (0, "Zero"), (False, "Off")], value=False)
    qtbot.addWidget(choice)
    assert choice.currentText() == "Off"
    choice.set_value(None)
    assert choice.currentText() == "Automatic"


def test_a_shortened_choice_is_read_whole_in_its_tooltip(shown):
    choice = shown(Choice([("same", "Same: pads the border with <zeros>"), ("valid", "Valid")], value="same"))
    choice.setToolTip("<qt>What lies outside.</qt>")
    choice.setFixedWidth(120)
    assert choice.tip() == "<qt><b>Same: pads the border with &lt;zeros&gt;</b><br>What lies outside.</qt>"
    choice.setFixedWidth(400)
    assert choice.tip() == "<qt>What lies outside.</qt>"
    choice.set_value("valid")
    choice.setFixedWidth(120)
    choice.setToolTip("")
    assert choice.tip() == ""


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
    _type(field.figure, "0.01234")
    assert field.value() == 0.01234


def test_a_slider_stays_inside_open_ends(qtbot):
    ranges = [(RATE, True), (Range(0, 1, True, True), False), (Range(0, 1, high_open=True), False)]
    for allowed, logarithmic in ranges:
        field = SliderField(allowed, value=0.5, logarithmic=logarithmic)
        qtbot.addWidget(field)
        for position in (field.slider.minimum(), field.slider.maximum()):
            field.slider.setValue(position)
            assert field.value() in allowed


def test_a_toggle(qtbot):
    toggle = Toggle("Shuffle", value=True)
    qtbot.addWidget(toggle)
    with qtbot.waitSignal(toggle.edited) as edited:
        QTest.keyClick(toggle, Qt.Key.Key_Space)
    assert edited.args == [False]
    with qtbot.assertNotEmitted(toggle.edited):
        toggle.set_value(True)


def test_a_list_of_texts_with_commas_inside(qtbot):
    field = ListField(value=("id", "name, full"))
    qtbot.addWidget(field)
    assert field.text() == 'id, "name, full"'
    with qtbot.waitSignal(field.edited) as edited:
        _type(field, 'id, "name, full" , sex,')
    assert edited.args == [("id", "name, full", "sex")]


def test_numbers_of_a_list_are_written_as_people_do(qtbot):
    field = ListField(value=(1.0, 2.5, 1e6, 0.0))
    qtbot.addWidget(field)
    assert field.text() == "1, 2.5, 1000000, 0"


def test_a_path_is_picked_in_a_dialog(qtbot, monkeypatch, tmp_path):
    field = PathField(filter="Tables (*.csv)", name="File")
    qtbot.addWidget(field)
    asked = []

    def answer(parent, title, start, filter):
        asked.append(filter)
        return str(tmp_path / "penguins.csv"), filter

    monkeypatch.setattr("gui.kit.text_field.QFileDialog.getOpenFileName", answer)
    with qtbot.waitSignal(field.edited) as edited:
        field.browse()
    assert asked == ["Tables (*.csv)"]
    assert edited.args == [str(tmp_path / "penguins.csv")]


def test_a_folder_is_picked_or_one_of_its_files_dropped(qtbot, monkeypatch, tmp_path):
    field = PathField(folder=True, name="Folder")
    qtbot.addWidget(field)
    monkeypatch.setattr(
        "gui.kit.text_field.QFileDialog.getExistingDirectory", lambda *asked: str(tmp_path / "picked")
    )
    field.browse()
    assert field.value() == str(tmp_path / "picked")
    (tmp_path / "images.gz").write_bytes(b"")
    for dropped in (tmp_path / "images.gz", tmp_path):
        field.set_value("")
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(dropped))])
        event = QDropEvent(
            QPointF(5, 5),
            Qt.DropAction.CopyAction,
            data,
            Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
        )
        field.dropEvent(event)
        assert field.value() == str(tmp_path)


def test_a_message_hides_when_it_has_nothing_to_say(qtbot):
    message = InlineMessage()
    qtbot.addWidget(message)
    assert message.isHidden()
    message.show_message("Layer 3 needs an image.", "error", "Insert a Reshape")
    assert not message.isHidden()
    with qtbot.waitSignal(message.acted):
        message.findChild(QPushButton).click()


def test_a_card_is_chosen_by_mouse_and_keyboard(qtbot):
    card = Card(selectable=True)
    qtbot.addWidget(card)
    with qtbot.waitActive(card):
        card.show()
        card.activateWindow()
    with qtbot.waitSignal(card.clicked):
        QTest.mouseClick(card, Qt.MouseButton.LeftButton)
    card.setFocus()
    with qtbot.waitSignal(card.clicked):
        QTest.keyClick(card, Qt.Key.Key_Space)
    card.resize(100, 60)
    card.set_faulty(True)
    assert picture(card).pixelColor(0, 30) == QColor(theme.LIGHT.error)


def test_a_running_figure_does_not_move_its_neighbours(qtbot):
    figure = NumberTile("Training loss", "0.1111", colour="accent")
    qtbot.addWidget(figure)
    width = figure.sizeHint().width()
    for text in ("0.8888", "0.2", "–"):
        figure.set_value(text)
        assert figure.sizeHint().width() == width
    assert figure.accessibleName() == "Training loss –"


def test_a_long_text_is_shortened_and_whole_on_hover(shown):
    label = shown(ElidedLabel("a very long name of a file that does not fit.gradwright"))
    assert label.text().endswith(".gradwright")
    assert "…" in super(ElidedLabel, label).text()
    assert label.toolTip() == label.text()


def test_parts_of_a_text_give_way_as_a_whole_before_it_is_cut(shown):
    text = "Epoch 170 of 300 · 4 s left · 12 000 samples/s"
    label = shown(ElidedLabel(text, separator=" · "))
    seen = super(ElidedLabel, label).text
    width = label.fontMetrics().horizontalAdvance
    for room, expected in (
        (text, text),
        ("Epoch 170 of 300 · 4 s left · 12", "Epoch 170 of 300 · 4 s left"),
        ("Epoch 170 of 300 · 4", "Epoch 170 of 300"),
    ):
        label.resize(width(room) + 2, 20)
        assert seen() == expected
    label.resize(width("Epoch 170"), 20)
    assert seen().endswith("…")
    assert label.text() == label.toolTip() == text


def test_a_panel_never_scrolls_sideways(qtbot):
    wide = QWidget()
    wide.setMinimumWidth(240)
    area = PlainScrollArea(wide)
    qtbot.addWidget(area)
    area.show()
    assert area.minimumWidth() >= 240
    assert not area.horizontalScrollBar().isVisible()


def _type(field, text) -> None:
    """Replace the text of a line as a person does, and press Enter."""
    field.selectAll()
    QTest.keyClick(field, Qt.Key.Key_Delete)
    QTest.keyClicks(field, text)
    QTest.keyClick(field, Qt.Key.Key_Return)


def _wheel(widget, delta) -> None:
    event = QWheelEvent(
        QPointF(5, 5),
        QPointF(widget.mapToGlobal(QPoint(5, 5))),
        QPoint(),
        QPoint(0, delta),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(widget, event)


def _colours(widget) -> list[QColor]:
    """The colours along the edge and the middle line."""
    image = picture(widget)
    return [image.pixelColor(x, y) for x in range(image.width()) for y in (0, 1, image.height() // 2)]


def test_a_section_opens_by_keys_but_not_by_the_space_bar(qtbot):
    section = Disclosure("More", Label("content"))
    qtbot.addWidget(section)
    section.show()
    opened = []
    for key in (*("Space", "Return", "Enter", "Right", "Right", "Left", "Left", "Space"),):
        QTest.keyClick(section.button, getattr(Qt.Key, f"Key_{key}"))
        opened.append(section.is_open())
    assert opened == [False, True, False, True, True, False, False, False]
