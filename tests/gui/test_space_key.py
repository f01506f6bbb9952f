"""The space bar trains wherever the status line says so, and presses what Tab has reached."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QLineEdit, QSlider, QWidget

from gui.kit import Choice, NumberField, TextField, Toggle
from gui.kit.layouts import DisclosureButton
from gui.main_window import MainWindow
from gui.panels.setup.layer_list import AddStrip
from gui.panels.setup.target_and_task import FoldedField
from tests.gui.desk import close_without_question

# The offscreen platform says so of lists that open, which are windows of their own.
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")

SPACE = Qt.Key.Key_Space


@pytest.fixture
def window(qtbot, qapp):
    window = MainWindow()
    window.resize(1440, 900)
    with qtbot.waitActive(window, timeout=60_000):
        window.show()
        window.activateWindow()
    qapp.installEventFilter(window)
    train = window.actions_["train"]
    train.setEnabled(True)
    # Only the order is looked at here; a run would lock the fields, and one that is prepared the action.
    train.triggered.disconnect()
    window.document.edited.disconnect()
    window.orders = []
    train.triggered.connect(lambda: window.orders.append("train"))
    yield window
    qapp.removeEventFilter(window)
    close_without_question(window)


def space(window) -> bool:
    """Press Space on whatever has the focus; whether that gave the order to train."""
    before = len(window.orders)
    QTest.keyClick(QApplication.focusWidget() or window, SPACE)
    close_popups()
    return len(window.orders) == before + 1


def close_popups():
    for _ in range(5):
        popup = QApplication.activePopupWidget()
        if popup is not None:
            QTest.keyClick(popup, Qt.Key.Key_Escape)
            popup.hide()


def click(widget):
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton, pos=widget.rect().center())


def fields(window, kind):
    window.panels["data"].more.set_open(True)
    QTest.qWait(20)
    return [
        field for field in window.setup_column.findChildren(kind) if field.isVisible() and field.isEnabled()
    ]


def test_space_trains_after_a_click_on_any_control_of_the_setup(window):
    controls = [
        control
        for control in fields(window, QWidget)
        if isinstance(control, QAbstractButton | QComboBox | QSlider | NumberField)
        and not isinstance(control, AddStrip)
    ]
    assert len({type(control) for control in controls}) >= 5
    missed = []
    for control in controls:
        if not control.isVisible():
            continue
        was_open = isinstance(control, DisclosureButton) and control.isChecked()
        click(control)
        close_popups()
        if not space(window):
            missed.append(f"{type(control).__name__} {control.accessibleName()}")
        if isinstance(control, DisclosureButton) and control.isChecked() != was_open:
            control.setChecked(was_open)
    assert missed == []


def test_space_trains_after_a_choice_with_the_mouse_and_with_keys(window):
    loss = window.panels["training"].form.field("optimizer")
    assert isinstance(loss, Choice)
    for open_list in (
        lambda: click(loss),
        lambda: QTest.keyClick(loss, Qt.Key.Key_F4),
        lambda: QTest.keyClick(loss, Qt.Key.Key_Return),
        lambda: QTest.keyClick(loss, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier),
    ):
        loss.setFocus(Qt.FocusReason.TabFocusReason)
        open_list()
        assert loss.view().isVisible()
        before = loss.value()
        QTest.keyClick(loss.view(), Qt.Key.Key_Down)
        QTest.keyClick(loss.view(), Qt.Key.Key_Return)
        assert loss.value() != before
        assert not loss.view().isVisible()
        assert space(window)
        assert not loss.view().isVisible()


def test_space_presses_what_tab_has_reached(window):
    window.panels["data"].source.field("source").setFocus(Qt.FocusReason.MouseFocusReason)
    pressed = []
    for _ in range(20):
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        here = QApplication.focusWidget()
        if isinstance(here, FoldedField):
            here.clicked.connect(lambda _=False, here=here: pressed.append(here.accessibleName()))
            assert not space(window)
            break
    assert pressed == ["Split 70 / 15 / 15 %"]


def test_a_toggle_reached_by_tab_is_switched_by_space_and_one_clicked_is_not(window):
    box = Toggle("Shuffle", parent=window)
    box.move(400, 300)
    box.show()
    QTest.keyClick(QApplication.focusWidget() or window, Qt.Key.Key_Tab)
    box.setFocus(Qt.FocusReason.TabFocusReason)
    assert not space(window)
    assert box.value()
    click_at = QPoint(10, box.height() // 2)
    QTest.mouseClick(box, Qt.MouseButton.LeftButton, pos=click_at)
    assert not box.value()
    assert space(window)
    assert not box.value()
    QTest.keyClick(box, Qt.Key.Key_Tab)
    box.setFocus(Qt.FocusReason.BacktabFocusReason)
    assert not space(window)
    assert box.value()


def test_numbers_take_a_blank_only_between_digits(window):
    field = NumberField(value=50, name="Epochs", parent=window)
    field.move(400, 300)
    field.show()
    click(field)
    assert space(window)
    assert field.text() == "50"
    field.selectAll()
    QTest.keyClicks(field, "10")
    assert not space(window)
    QTest.keyClicks(field, "000")
    assert field.text() == "10 000"
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert field.value() == 10000
    assert space(window)


def test_a_text_takes_blanks_until_enter(window):
    field = TextField(value="", name="Name", parent=window)
    field.move(400, 300)
    field.show()
    click(field)
    QTest.keyClicks(field, "two")
    assert not space(window)
    QTest.keyClicks(field, "words")
    assert field.text() == "two words"
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert space(window)
    assert field.text() == "two words"
    QTest.keyClicks(field, "s")
    assert not space(window)
    assert isinstance(field, QLineEdit)
    assert field.text() == "two wordss "


def test_space_still_trains_where_the_focus_went_on_because_its_widget_was_disabled(window):
    """Qt tells of it as if Tab had been pressed: the target is disabled when training begins."""
    target = window.panels["data"].target.choice
    click(target)
    close_popups()
    target.setEnabled(False)
    assert space(window)
    target.setEnabled(True)


def test_undo_in_a_field_whose_value_is_taken_is_the_window_s(window):
    field = next(field for field in fields(window, NumberField) if field.accessibleName() == "Epochs")
    click(field)
    field.selectAll()
    QTest.keyClicks(field, "77")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert window.document.experiment.training.epochs == 77
    QTest.keyClick(field, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert window.document.experiment.training.epochs == 300
    assert field.value() == 300
    QTest.keyClick(field, Qt.Key.Key_5)
    QTest.keyClick(field, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert window.document.experiment.training.epochs == 300, "what is being typed is taken back in the field"
