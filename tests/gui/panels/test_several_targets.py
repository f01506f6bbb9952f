"""Several targets in the window: what is predicted is named, and each target can be looked at."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QTabWidget

from tests.engine.data.test_several_targets import ANSWERS, NUMBERS, experiment, settings, table_of


def test_each_of_several_numbers_can_be_looked_at(desk, tmp_path):
    desk.window.document.edit(experiment(settings(table_of(tmp_path), *NUMBERS), epochs=5), "Several")
    desk.until(lambda: desk.window.session.ready and desk.window.panels.model.targets, "run")
    desk.do("train")
    evaluation, setup = desk.window.panels["evaluation"], desk.window.panels["data"]
    desk.until(lambda: evaluation.target.count() == 2, "scores")
    assert setup.guess.text() == "Predicted as well: large"
    assert setup.header.caption() == "90 rows · 2 targets"
    tabs = desk.window.centre.findChild(QTabWidget)
    place = tabs.indexOf(evaluation)
    QTest.mouseClick(tabs.tabBar(), Qt.MouseButton.LeftButton, pos=tabs.tabBar().tabRect(place).center())
    desk.until(lambda: evaluation.scatter.isVisible(), "plot")
    first = evaluation.scatter.accessibleDescription()
    evaluation.target.setFocus()
    QTest.keyClick(evaluation.target, Qt.Key.Key_Down)
    assert evaluation.target.value() == "large"
    assert evaluation.scatter.accessibleDescription() != first


def test_several_answers_are_a_task_of_their_own_and_the_map_says_why_it_is_empty(desk, tmp_path):
    desk.window.document.edit(experiment(settings(table_of(tmp_path), *ANSWERS), epochs=5), "Several")
    desk.until(lambda: desk.window.session.ready and desk.window.panels.model.targets, "run")
    assert desk.window.panels["data"].task.choice.currentText() == "Several times yes or no, inferred"
    assert desk.window.panels["decision_map"].sentence == (
        "The decision map shows one target; this network predicts several."
    )
