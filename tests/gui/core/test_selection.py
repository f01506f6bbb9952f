"""What is selected: told once, cleared where it no longer exists."""

import pytest

from gui.core.selection import Sample, Selected, Selection

SAMPLES = {"training": 10, "validation": 2, "test": 0}


@pytest.fixture
def selection(qapp):
    found = Selection()
    found.begin_run(1, (8, 4, 2), SAMPLES)
    return found


@pytest.fixture
def told(selection):
    found = []
    selection.changed.connect(lambda new, old: found.append((new, old)))
    return found


def test_what_is_chosen_is_told_once_with_what_was_before(selection, told):
    selection.select(layer=1)
    selection.select(layer=1)
    assert told == [(Selected(layer=1, run=1), Selected(run=1))]
    assert selection.selected.layer == 1


def test_the_rest_stays_and_a_unit_goes_with_its_layer(selection):
    selection.select(layer=0, unit=7, parameter=("weight", (1, 7)))
    selection.select(sample=Sample("training", 9), step=3)
    assert selection.selected == Selected(0, 7, ("weight", (1, 7)), Sample("training", 9), 3, 1)
    selection.select(layer=0)
    assert selection.selected.unit == 7
    selection.select(layer=1)
    assert selection.selected == Selected(1, None, None, Sample("training", 9), 3, 1)
    selection.select(layer=2, unit=1)
    assert selection.selected.unit == 1


@pytest.mark.parametrize(
    ("chosen", "left"),
    [
        ({"layer": 1, "unit": 3}, Selected(1, 3, None, run=2)),
        ({"layer": 1, "unit": 4}, Selected(1, None, run=2)),
        ({"layer": 2, "unit": 0}, Selected(run=2)),
        ({"sample": Sample("training", 4)}, Selected(sample=Sample("training", 4), run=2)),
        ({"sample": Sample("training", 5)}, Selected(run=2)),
        ({"sample": Sample("test", 0)}, Selected(run=2)),
        ({"step": 7}, Selected(run=2)),
        ({"layer": 1, "parameter": ("bias", (0,))}, Selected(1, run=2)),
    ],
)
def test_a_new_run_clears_what_it_does_not_have(selection, chosen, left):
    selection.select(**chosen)
    selection.begin_run(2, (8, 4), {"training": 5})
    assert selection.selected == left


def test_the_same_run_with_other_settings_keeps_the_step(selection):
    selection.select(step=7)
    selection.begin_run(1, (8, 4, 2), SAMPLES)
    assert selection.selected.step == 7


def test_of_another_document_nothing_is_selected(selection, told):
    selection.select(layer=1, step=2)
    selection.clear()
    assert selection.selected == Selected()
    assert len(told) == 2


@pytest.mark.parametrize(
    ("chosen", "left"),
    [
        ({"layer": 3}, Selected(run=1)),
        ({"layer": 1, "unit": 4, "parameter": ("bias", (0,))}, Selected(1, None, ("bias", (0,)), run=1)),
        ({"layer": 9, "unit": 0, "parameter": ("bias", (0,))}, Selected(run=1)),
        ({"unit": 0}, Selected(run=1)),
        ({"sample": Sample("test", 0)}, Selected(run=1)),
        ({"sample": Sample("training", -1)}, Selected(run=1)),
    ],
)
def test_what_the_run_does_not_have_is_not_selected(selection, chosen, left):
    selection.select(**chosen)
    assert selection.selected == left


def test_while_the_next_run_is_made_what_it_may_have_is_selected(selection):
    selection.end_run()
    selection.select(layer=3)
    selection.begin_run(2, (8, 4, 4, 2), SAMPLES)
    assert selection.selected == Selected(3, run=2)


def test_what_nobody_can_select_is_refused(selection):
    with pytest.raises(TypeError):
        selection.select(colour="red")
