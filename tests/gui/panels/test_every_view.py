"""What holds for every view of the centre: its first sentence, its theme, and what it passes over."""

import numpy as np
import pytest
from PySide6.QtGui import QColor

from gui.core.messages import Answers
from gui.core.selection import Selected
from gui.kit import theme
from gui.panels import PANELS
from tests.gui.conftest import picture
from tests.gui.contexts import panel_context
from tests.gui.panels.models import SIDE, answers_of, left_and_right, model_of, points_of, shown

VIEWS = [kind for kind in PANELS if kind.spec.place == "centre"]


@pytest.mark.parametrize("kind", VIEWS, ids=lambda kind: kind.spec.id)
def test_a_view_begins_with_one_sentence(qtbot, kind):
    view = kind(panel_context())
    qtbot.addWidget(view)
    assert view.sentence.endswith(".")


@pytest.mark.parametrize("kind", VIEWS, ids=lambda kind: kind.spec.id)
def test_late_and_foreign_answers_are_passed_over(qtbot, kind):
    model, other = model_of(8, 2), model_of(3, 5, 4, inputs=2)
    late = answers_of(model, np.full((SIDE, SIDE, 2), 0.5))
    foreign = answers_of(other, np.full((SIDE, SIDE, 4), 0.25))
    view = shown(kind(panel_context()))
    qtbot.addWidget(view)
    view.refresh(late)
    view.show_model(model)
    view.refresh(foreign)
    picture(view)
    view.refresh(Answers(1, 0))
    view.clear()
    view.refresh(late)
    view.show_selection(Selected(layer=7), Selected())
    view.show_history(None)
    fresh = shown(kind(panel_context()))
    qtbot.addWidget(fresh)
    assert view.sentence == fresh.sentence
    assert picture(view) == picture(fresh)


@pytest.mark.parametrize("kind", VIEWS, ids=lambda kind: kind.spec.id)
def test_the_theme_changes_the_ground_at_once(qtbot, qapp, kind):
    view = shown(kind(panel_context()))
    qtbot.addWidget(view)
    field = np.stack([left_and_right(1, 0), left_and_right(0, 1)], axis=-1)
    model = model_of(4, 2, points=points_of([[-1, -1], [1, 1]], [0, 1]))
    view.show_model(model)
    view.refresh(answers_of(model, field))
    light = picture(view)
    theme.apply(qapp, "dark")
    dark = picture(view)
    assert light.pixelColor(4, 690) == QColor(theme.LIGHT.page)
    assert dark.pixelColor(4, 690) == QColor(theme.DARK.page)
