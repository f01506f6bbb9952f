"""The data doctor in the window: cards with remedies, rows that are shown, and how hard it is."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from engine.data.checks.finding import Finding
from gui.panels.setup.finding_list import MOST_CARDS, FindingList
from tests.gui.hands import button, click
from tests.gui.panels.setup.columns import Column, experiment_on

LEFT = Qt.MouseButton.LeftButton
ROWS = 120


@pytest.fixture
def faulty(tmp_path):
    """Constant columns, a mark for missing values, and a column that is nearly constant."""
    draws = np.random.default_rng(0)
    age = draws.integers(20, 90, ROWS)
    age[::20] = -999
    path = tmp_path / "faulty.csv"
    kinds = draws.integers(0, 2, ROWS)
    x = draws.normal(size=ROWS) + 3 * kinds
    lines = [f"{x[row]:.4f},{age[row]},cm,7,{int(row == 5)},{'ab'[kinds[row]]}" for row in range(ROWS)]
    path.write_text("\n".join(["x,age,unit,scale,flag,kind", *lines]))
    return path


def card(findings: FindingList, kind: str):
    (found,) = (one for one in findings.messages if one.finding.kind == kind)
    return found


def test_one_click_mends_several_columns_and_one_undo_takes_it_back(qtbot, faulty):
    column = Column(qtbot, experiment_on(faulty, target="kind"))
    findings = column.data.findings
    shown = card(findings, "constant")
    assert shown.title() == "Constant: 2 columns"
    assert shown.text() == "2 columns are constant and tell nothing: “unit” (cm), “scale” (7)."
    click(button(shown, "Ignore 2 columns"))
    column.answer()
    assert column.experiment.data.ignored == ("unit", "scale")
    assert "constant" not in [one.finding.kind for one in findings.messages]
    assert column.document.undo_stack.undoText() == "Ignore 2 columns"
    column.undo()
    assert column.experiment.data.ignored == ()
    column.answer()
    assert card(findings, "constant").isVisible()


def test_a_number_becomes_a_mark_for_missing_values(qtbot, faulty):
    column = Column(qtbot, experiment_on(faulty, target="kind"))
    click(button(card(column.data.findings, "sentinel"), "Read −999 as missing"))
    assert column.experiment.data.column("age").missing_numbers == (-999.0,)
    column.answer()
    assert "sentinel" not in [one.finding.kind for one in column.data.findings.messages]


def test_rows_are_named_and_selected_in_all_panels(qtbot, faulty):
    column = Column(qtbot, experiment_on(faulty, target="kind"))
    shown = card(column.data.findings, "sentinel")
    assert shown.where() == ""
    click(button(shown, "Show them"))
    assert shown.where() == "Rows 1, 21, 41, 61, 81, 101"
    assert column.selection.selected.rows == (0, 20, 40, 60, 80, 100)


def test_unequal_classes_are_balanced_in_the_loss(qtbot, tmp_path):
    path = tmp_path / "rare.csv"
    draws = np.random.default_rng(1)
    lines = [f"{draws.normal():.4f},{('yes', 'no')[row % 15 > 0]}" for row in range(ROWS)]
    path.write_text("\n".join(["x,kind", *lines]))
    column = Column(qtbot, experiment_on(path, target="kind"))
    shown = card(column.data.findings, "imbalance")
    assert shown.text().startswith("112 of 120 rows are “no”; the others: “yes” (8 rows).")
    click(button(shown, "Balance the classes"))
    assert column.experiment.training.loss.balanced
    assert card(column.data.findings, "imbalance").action() == ""
    column.undo()
    assert column.experiment.training.loss is None
    assert card(column.data.findings, "imbalance").action() == "Balance the classes"


def test_hints_are_folded_at_first(qtbot, faulty):
    column = Column(qtbot, experiment_on(faulty, target="kind"))
    shown = card(column.data.findings, "near_constant")
    assert not shown.isVisible()
    hints = next(one for one in column.data.findings.groups if one.severity == "hint")
    click(hints.disclosure.button)
    assert shown.isVisible()
    click(button(shown, "Show it"))
    assert shown.where() == "Row 6"


def test_many_cards_are_shown_when_they_are_asked_for(qtbot):
    findings = FindingList()
    qtbot.addWidget(findings)
    findings.show_findings([Finding("k", f"Sentence {number}.") for number in range(9)], locked=False)
    findings.show()
    assert [one.isVisible() for one in findings.messages] == [True] * MOST_CARDS + [False] * (9 - MOST_CARDS)
    click(button(findings, "Show 5 more"))
    assert all(one.isVisible() for one in findings.messages)
    findings.show_findings([], locked=False)
    assert not findings.isVisible()


def test_while_training_cards_say_what_is_wrong_and_offer_nothing(qtbot):
    findings = FindingList()
    qtbot.addWidget(findings)
    one = Finding("k", "Wrong.", ("x",), rows=(3,), count=1, put_first="embedding")
    findings.show_findings([one], locked=True)
    assert [each.text() for each in findings.messages[0].buttons] == ["Show it"]
    findings.show_findings([one], locked=False)
    assert [each.text() for each in findings.messages[0].buttons] == ["Put it first", "Show it"]


def test_how_hard_it_is(desk, faulty):
    document = desk.window.document
    document.edit(experiment_on(faulty, target="kind"), "Open")
    data = desk.window.panels["data"]
    desk.until(lambda: desk.window.session.ready and data.difficulty.isVisible(), "table")
    # In the data section: a sentence, until the data changes.
    click(data.difficulty.compare_button)
    assert data.difficulty.running
    assert data.difficulty.cancel_button.isVisible()
    desk.until(lambda: not data.difficulty.running, "comparison")
    said = data.difficulty.answer.text()
    assert said.startswith("Always saying “")
    assert "A straight-line model reaches " in said
    click(data.difficulty.labels_button)
    desk.until(lambda: not data.difficulty.running, "search for wrong labels")
    # In its own window: with the network beside them, once it is trained.
    desk.do("baselines")
    panel = desk.window.panels["baselines"]
    QTest.mouseClick(panel.run_button, LEFT)
    desk.until(lambda: not panel.running, "comparison in its window")
    assert [bar.network for bar in panel.canvas.bars] == [False] * 4
    assert "The network is not trained yet" in panel.notes.text()
    # A column fewer: all of this is of other data.
    click(button(card(data.findings, "constant"), "Ignore 2 columns"))
    assert data.difficulty.answer.text() == ""


def test_a_question_is_cancelled(desk, faulty):
    desk.window.document.edit(experiment_on(faulty, target="kind"), "Open")
    data = desk.window.panels["data"]
    desk.until(lambda: desk.window.session.ready and data.difficulty.isVisible(), "table")
    click(data.difficulty.compare_button)
    click(data.difficulty.cancel_button)
    assert not data.difficulty.running
    assert data.difficulty.compare_button.isVisible()
    assert data.difficulty.answer.text() == ""
