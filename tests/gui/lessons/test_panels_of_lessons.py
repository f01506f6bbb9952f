"""What a lesson brings up is there to be brought up: a view or a plot of the window."""

from engine.lessons import built_in
from gui.panels import PANELS


def test_every_panel_that_a_step_shows_is_registered():
    known = {kind.spec.id for kind in PANELS if kind.spec.place in ("centre", "plots")}
    named = {id for lesson in built_in().values() for step in lesson.steps for id in step.panels}
    assert named <= known
