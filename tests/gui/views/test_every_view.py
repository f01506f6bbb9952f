"""What holds for every view: its first sentence, its theme, what it passes over and asks for."""

import numpy as np
import pytest
from PySide6.QtGui import QColor

from engine.training.snapshot import Snapshot, Wanted
from gui.kit import theme
from gui.panels import VIEWS, DecisionMapView, NetworkView
from tests.gui.conftest import picture
from tests.gui.views.models import SIDE, left_and_right, model_of, points_of, shown, snapshot_of


@pytest.mark.parametrize("kind", VIEWS, ids=lambda kind: kind.name)
def test_a_view_names_itself_and_begins_with_one_sentence(qtbot, kind):
    view = kind()
    qtbot.addWidget(view)
    assert view.name
    assert view.heading
    assert not theme.icon(view.icon).isNull()
    assert view.accessibleName() == view.heading
    assert view.sentence.endswith(".")
    assert view.wanted() == Wanted()


@pytest.mark.parametrize("kind", VIEWS, ids=lambda kind: kind.name)
def test_late_and_foreign_snapshots_are_passed_over(qtbot, kind):
    model, other = model_of(8, 2), model_of(3, 5, 4, inputs=2)
    late = snapshot_of(model, np.full((SIDE, SIDE, 2), 0.5))
    foreign = snapshot_of(other, np.full((SIDE, SIDE, 4), 0.25))
    view = shown(kind())
    qtbot.addWidget(view)
    view.refresh(late)
    view.show_model(model)
    view.refresh(foreign)
    picture(view)
    view.refresh(Snapshot(1, 0, 0.0))
    view.clear()
    view.refresh(late)
    view.select_layer(7)
    view.show_history(None)
    picture(view)
    assert view.sentence


@pytest.mark.parametrize("kind", VIEWS, ids=lambda kind: kind.name)
def test_the_theme_changes_the_ground_at_once(qtbot, qapp, kind):
    view = shown(kind())
    qtbot.addWidget(view)
    field = np.stack([left_and_right(1, 0), left_and_right(0, 1)], axis=-1)
    model = model_of(4, 2, points=points_of([[-1, -1], [1, 1]], [0, 1]))
    view.show_model(model)
    view.refresh(snapshot_of(model, field))
    light = picture(view)
    theme.apply(qapp, "dark")
    dark = picture(view)
    assert light.pixelColor(4, 690) == QColor(theme.LIGHT.page)
    assert dark.pixelColor(4, 690) == QColor(theme.DARK.page)


def test_nothing_is_asked_for_while_hidden(qtbot):
    model = model_of(4, 2, points=points_of([[-1, -1], [1, 1]], [0, 1]))
    network, decision = NetworkView(), DecisionMapView()
    for view in (network, decision):
        qtbot.addWidget(view)
        view.show_model(model)
        assert view.wanted() == Wanted()
        shown(view)
    assert network.wanted().weights
    assert network.wanted().neuron_maps > 0
    assert not network.wanted().decision_map
    assert decision.wanted().decision_map > 0
