"""Findings on a run in the window: the line at its foot, the list, remedies and what they change."""

import numpy as np
import pytest
from PySide6.QtWidgets import QPushButton

from engine.insight.diagnosis import diagnose, measure
from engine.training.trainer import Trainer
from gui.panels import PANELS
from gui.panels.findings import FindingsPanel
from tests.engine.diagnosis.runs import cases, trained
from tests.gui.hands import click


def opened(desk, kind) -> FindingsPanel:
    """The list, open, of a run that has the finding, at its end."""
    desk.window.document.load(cases()[kind][0], None)
    desk.window.document.run = desk.window.session.load(desk.window.document.experiment)
    desk.until(lambda: desk.window.session.ready, "run")
    desk.do("train")
    desk.until(lambda: desk.frame.status in ("stopped", "finished"), "end of the run")
    line = desk.window.status_line.findings
    desk.until(line.isVisible, "finding in the status line")
    click(line)
    return desk.window.findChild(FindingsPanel)


def test_a_click_on_the_line_opens_the_list(desk):
    panel = opened(desk, "diverged")
    assert "Learning rate too high: worse than guessing" in desk.window.status_line.findings.text()
    (card,) = panel.cards
    assert "worse than guessing, which costs 0.693" in card.sentence.text()
    assert card.severity.text() == "Serious"
    titles = [remedy.text() for remedy in card.remedies]
    assert titles == ["Begin again with a learning rate of 0.1", "Lower the learning rate to 0.5"]


def test_a_remedy_is_one_edit_and_one_undo(desk):
    panel = opened(desk, "diverged")
    click(panel.cards[0].remedies[1])
    assert desk.training.optimizer.learning_rate == 0.5
    desk.do("undo")
    assert desk.training.optimizer.learning_rate == 5.0


def test_weights_that_are_of_no_use_are_left_by_one_click_and_one_undo(desk):
    panel = opened(desk, "diverged")
    step = desk.frame.step
    click(panel.cards[0].remedies[0])
    assert desk.training.optimizer.learning_rate == 0.1
    desk.until(lambda: desk.window.session.ready and desk.frame.step == 0, "new run")
    desk.do("undo")
    assert desk.training.optimizer.learning_rate == 5.0
    desk.until(lambda: desk.frame.step == step > 0, "run of before")


def test_evidence_shows_the_plot(desk):
    panel = opened(desk, "diverged")
    asked = []
    panel.context.requests.show_panel.connect(asked.append)
    click(panel.cards[0].evidence[1])
    assert asked == ["update_ratio"]


def test_what_cannot_change_in_mid_run_says_that_the_run_begins_again(desk):
    panel = opened(desk, "head_mismatch")
    (card,) = panel.cards
    click(card.remedies[0])
    assert desk.window.document.experiment.head.activation == "automatic"
    desk.until(lambda: desk.window.session.ready and desk.frame.step == 0, "new run")
    desk.until(lambda: panel.cards == (), "end of the findings")
    assert not desk.window.status_line.findings.isVisible()


def test_a_number_that_is_not_finite_opens_its_batch(desk):
    panel = opened(desk, "not_finite")
    (card,) = panel.cards
    assert "no longer a finite number" in card.sentence.text()
    click(card.remedies[-1])
    rows = panel.context.selection.selected.rows
    assert len(rows) == 32
    assert str(rows[0] + 1) in card.sentence.text()


def test_a_run_is_rewound_by_one_click_and_one_undo(desk):
    panel = opened(desk, "not_finite")
    session = desk.window.session
    before = parameters(desk)
    assert panel.cards[0].remedies[0].text() == "Rewind and lower the learning rate to 50"
    click(panel.cards[0].remedies[0])
    assert desk.training.optimizer.learning_rate == 50.0
    desk.until(lambda: panel.cards == (), "end of the findings")
    fresh = Trainer(cases()["not_finite"][0], session.dataset)
    np.testing.assert_array_equal(parameters(desk), fresh.network.parameters)
    desk.do("undo")
    desk.until(lambda: len(panel.cards) == 1, "finding")
    assert desk.training.optimizer.learning_rate == 100.0
    np.testing.assert_array_equal(parameters(desk), before)


def parameters(desk):
    """All of the run, as it is saved."""
    copies = []
    desk.window.session.capture(copies.append, pytest.fail)
    desk.until(lambda: copies, "copy of the run")
    return np.concatenate([array.ravel() for array in copies[0].saved.state.model.values()])


def test_all_evidence_is_in_a_panel_that_there_is():
    views = {kind.spec.id for kind in PANELS if kind.spec.place in ("centre", "plots")}
    for ill, _ in cases().values():
        for finding in diagnose(measure(trained(ill))).findings:
            assert {evidence.panel for evidence in finding.evidence} <= views


def test_remedies_of_before_are_gone_from_the_screen(desk):
    (card,) = opened(desk, "diverged").cards
    click(card.remedies[1])
    desk.until(lambda: card.remedies[1].text() == "Lower the learning rate to 0.05", "next remedy")
    seen = [one.text() for one in card.findChildren(QPushButton) if one.isVisible()]
    own = [one.text() for one in card.remedies]
    assert [text for text in seen if text.startswith(("Lower", "Begin"))] == own
