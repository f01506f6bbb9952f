"""*What is this?*: everything in the window explains itself, and a click or a key asks for it."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QComboBox,
    QHeaderView,
    QLineEdit,
    QMenuBar,
    QScrollBar,
    QTabBar,
    QToolButton,
    QWidget,
)

from engine.lessons import built_in
from gui.kit.card_list.settings_card import SettingsCard
from gui.kit.layouts import DisclosureButton
from gui.kit.settings_text import metric_text
from gui.panels import PANELS
from gui.panels.plots.canvas import Canvas
from gui.window.explanations import CONTROLS, explanation_of, lesson_about
from tests.gui.hands import click, settle

PLACES = {kind.spec.id: kind.spec.place for kind in PANELS}
SHORTEST = 15
"""Letters of an explanation that says something."""
PARTS_OF_QT = (QScrollBar, QHeaderView)


def is_part_of_another(widget):
    """Arrows of tab bars, lines inside fields, corners of tables: what Qt or a field is made of."""
    parent = widget.parentWidget()
    if isinstance(parent, QTabBar | QAbstractItemView) or isinstance(widget, PARTS_OF_QT):
        return True
    return isinstance(widget, QLineEdit) and isinstance(parent, QComboBox)


def unexplained():
    """Visible controls, numbers and plots in all windows that no explanation of their own is found for."""
    found = set()
    for window in QApplication.topLevelWidgets():
        for widget in [window, *window.findChildren(QWidget)] if window.isVisible() else []:
            control = isinstance(widget, CONTROLS)
            reached = control or isinstance(widget, Canvas) or widget.focusPolicy() != Qt.FocusPolicy.NoFocus
            if not widget.isVisible() or not reached or is_part_of_another(widget):
                continue
            said = explanation_of(widget, widget.rect().center())
            if said is None or (control and not said.own) or len(said.text) < SHORTEST:
                found.add((type(widget).__name__, widget.accessibleName() or widget.objectName()))
    return found


def walk(desk):
    """Every view, plot and tool of the window, one after the other."""
    missing = set()
    for id, place in PLACES.items():
        if place == "centre":
            desk.window.centre.show_view(id)
        elif place == "plots":
            desk.window.docks.show_plot(id)
        elif place == "tool" and desk.window.actions_[id].isEnabled():
            desk.do(id)
        settle()
        QTest.qWait(30)
        missing |= unexplained()
    return missing


def train_an_epoch(desk):
    desk.do("step_epoch")
    desk.until(lambda: desk.frame is not None and desk.frame.step > 0, "an epoch")
    desk.status("paused")


def open_all(parent):
    """Open the sections that fold and the cards, as far as they are in sight."""
    for button in parent.findChildren(DisclosureButton):
        if button.isVisible() and not button.isChecked():
            button.setFocus()
            QTest.keyClick(button, Qt.Key.Key_Return)
    settle()


def open_cards(parent):
    for card in parent.findChildren(SettingsCard):
        if card.isVisible():
            card.setFocus()
            QTest.keyClick(card, Qt.Key.Key_Return)
    settle()


def test_everything_in_the_window_explains_itself(desk):
    window = desk.window
    window.resize(1900, 1000)
    desk.until(lambda: window.session.ready, "the first run")
    missing = unexplained()
    train_an_epoch(desk)
    missing |= walk(desk)
    assert not sorted(missing)


def test_images_and_open_sections_explain_themselves(desk):
    window = desk.window
    window.resize(1900, 1000)
    window.files.new_from_preset("digits")
    desk.until(lambda: window.session.ready, "the run")
    open_all(window.setup_column)
    open_cards(window.setup_column)
    missing = unexplained()
    for id in ("features", "evaluation"):
        window.centre.show_view(id)
        settle()
        missing |= unexplained()
    assert not sorted(missing)


def test_a_lesson_its_list_and_other_dialogs_explain_themselves(desk):
    desk.until(lambda: desk.window.session.ready, "the first run")
    desk.do("shortcuts")
    missing = unexplained()
    QTest.keyClick(QApplication.activeModalWidget(), Qt.Key.Key_Escape)
    desk.do("lessons")
    missing |= unexplained()
    click(desk.window.lessons.list.buttons["learning-rate"])
    desk.until(lambda: desk.window.context.lessons.name == "learning-rate", "the lesson")
    settle()
    missing |= unexplained()
    assert not sorted(missing)


def shift_f1(widget):
    QTest.keyClick(widget, Qt.Key.Key_F1, Qt.KeyboardModifier.ShiftModifier)
    settle()


def field(desk, name):
    """The one visible control with a spoken name."""
    (found,) = [
        one
        for one in desk.window.findChildren(QWidget)
        if one.accessibleName() == name and one.isVisible() and isinstance(one, CONTROLS)
    ]
    return found


def asked_about(desk, widget, place=None):
    """What a click on something says, after Shift+F1."""
    shift_f1(desk.window)
    assert desk.window.whats_this.waits
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton, pos=place or widget.rect().center())
    settle()
    assert not desk.window.whats_this.waits
    card = desk.window.whats_this.card
    assert card.isVisible()
    return card


@pytest.fixture
def ready(desk):
    desk.window.resize(1600, 1000)
    desk.until(lambda: desk.window.session.ready, "the first run")
    desk.window.activateWindow()
    desk.do("new")
    settle()
    return desk


def test_a_click_explains_a_setting_and_leads_to_its_lesson(ready):
    rate = field(ready, "Learning rate")
    before = ready.window.document.experiment
    card = asked_about(ready, rate)
    assert card.title.text() == "Learning rate"
    assert card.text.text().startswith("How far each step goes along the negative gradient. Above 0")
    assert card.link.text() == "Lesson: The learning rate"
    assert not rate.hasFocus()
    click(card.link)
    lessons = ready.window.context.lessons
    ready.until(lambda: lessons.name == "learning-rate", "the lesson")
    assert ready.window.document.experiment != before


def test_a_click_explains_instead_of_pressing(ready):
    (train,) = [
        one
        for one in ready.window.transport.findChildren(QToolButton)
        if one.defaultAction() is ready.window.actions_["train"]
    ]
    card = asked_about(ready, train)
    assert card.text.text().startswith("Train, or pause. The bar at the top trains")
    QTest.keyClick(card, Qt.Key.Key_Escape)
    settle()
    assert ready.frame.status != "training"
    stop = ready.window.actions_["stop"]
    (disabled,) = [
        one
        for one in ready.window.findChildren(QToolButton)
        if one.defaultAction() is stop and one.isVisible()
    ]
    assert not disabled.isEnabled()
    card = asked_about(ready, disabled)
    assert card.text.text() == "End this run; its weights stay. Nothing is being trained."


def test_numbers_plots_and_tabs_are_explained(ready):
    card = asked_about(ready, ready.window.transport.figures["validation_loss"])
    assert "does not learn from" in card.text.text()
    card.close()
    train_an_epoch(ready)
    score = ready.window.transport.figures["training_score"]
    card = asked_about(ready, score)
    assert card.text.text().startswith(metric_text("accuracy").tip.rstrip("."))
    assert card.link.text() == "Lesson: Overfitting"
    card.close()
    canvas = ready.window.docks.plot("loss").findChild(Canvas)
    card = asked_about(ready, canvas)
    assert card.title.text() == "Loss"
    assert card.text.text().startswith("How wrong the network is, on the data it learns from")
    card.close()
    tabs = ready.window.centre.findChild(QTabBar)
    at = next(at for at in range(tabs.count()) if tabs.tabText(at) == "Inspector")
    card = asked_about(ready, tabs, tabs.tabRect(at).center())
    assert card.title.text() == "Inspector"
    assert card.link.text() == "Lesson: The worked 2-2-2 example"
    assert tabs.currentIndex() != at


def test_keys_explain_what_has_the_focus_and_escape_leaves(ready):
    whats_this = ready.window.whats_this
    epochs = field(ready, "Epochs")
    epochs.setFocus()
    settle()
    shift_f1(epochs)
    QTest.keyClick(epochs, Qt.Key.Key_Escape)
    assert not whats_this.waits
    assert whats_this.card is None
    shift_f1(epochs)
    QTest.keyClick(epochs, Qt.Key.Key_Return)
    settle()
    assert whats_this.card.title.text() == "Epochs"
    QTest.keyClick(whats_this.card, Qt.Key.Key_Escape)
    assert whats_this.card is None
    QTest.qWait(20)
    epochs.setFocus()
    settle()
    shift_f1(epochs)
    assert whats_this.waits
    shift_f1(epochs)
    assert whats_this.card.isVisible()
    assert not whats_this.waits


def test_a_command_in_a_menu_is_explained_and_not_carried_out(ready):
    bar = ready.window.findChild(QMenuBar)
    action = ready.window.actions_["new_seed"]
    seed = ready.window.document.experiment.training.seed
    shift_f1(ready.window)
    (menu,) = [one.menu() for one in bar.actions() if one.menu() and action in one.menu().actions()]
    menu.popup(ready.window.mapToGlobal(QPoint(60, 30)))
    settle()
    QTest.mouseClick(menu, Qt.MouseButton.LeftButton, pos=menu.actionGeometry(action).center())
    settle()
    assert not menu.isVisible()
    card = ready.window.whats_this.card
    assert card.title.text() == "New seed"
    assert card.text.text() == "Start from other random weights."
    assert ready.window.document.experiment.training.seed == seed


def test_every_topic_of_a_lesson_leads_to_a_lesson_that_has_it():
    for name, lesson in built_in().items():
        for topic in lesson.topics:
            found = built_in()[lesson_about([topic])]
            assert topic in found.topics
            assert lesson.topics.index(topic) >= found.topics.index(topic), (name, topic)
    assert lesson_about(["nothing", "momentum"]) == "ravine"
    assert lesson_about(["activation"]) == "neuron"
    assert lesson_about(["nothing"]) == ""
