"""Fields take what people type, keep the last good value, and say in a sentence what cannot be."""

from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QColor, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton, QWidget

from gui.kit import (
    Card,
    Choice,
    ElidedLabel,
    InlineMessage,
    Label,
    ListField,
    NumberTile,
    Option,
    PathField,
    PlainScrollArea,
    Toggle,
    theme,
)
from gui.kit.layouts import Disclosure
from tests.gui.conftest import picture
from tests.gui.hands import wheel, write


def test_a_choice_ignores_the_wheel_without_focus(shown):
    choice = shown(Choice([("sgd", "SGD"), ("adam", "Adam")], value="sgd"))
    wheel(choice, -120)
    assert choice.value() == "sgd"
    choice.setFocus()
    wheel(choice, -120)
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
        write(field, 'id, "name, full" , sex,')
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


def test_a_section_opens_by_keys_but_not_by_the_space_bar(qtbot):
    section = Disclosure("More", Label("content"))
    qtbot.addWidget(section)
    section.show()
    opened = []
    for key in (*("Space", "Return", "Enter", "Right", "Right", "Left", "Left", "Space"),):
        QTest.keyClick(section.button, getattr(Qt.Key, f"Key_{key}"))
        opened.append(section.is_open())
    assert opened == [False, True, False, True, True, False, False, False]
