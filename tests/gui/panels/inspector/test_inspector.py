"""The worked example of M. Mazur in the inspector: its printed numbers, step by step and by clicks."""

import math

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from engine.insight.trace.derivation import Place
from gui.kit.labels import ElidedLabel
from gui.kit.weight_editor import WeightEditor
from gui.panels.inspector.drawing import name_room
from tests.gui.hands import button, choose, click, press, settle, write

W5 = Place(1, "parameter", "weight", (0, 0), gradient=True)


def factors(view):
    """The values in the boxes, without that of the result."""
    return [box.box.factor.value for box in view.formula.factors.boxes][1:]


def test_the_gradient_of_w5_is_the_product_of_its_three_factors(inspector, click_weight):
    click_weight(0, 0, 0)
    assert inspector.derivation.value == pytest.approx(0.000438568, abs=5e-10)
    click_weight(1, 0, 0)
    assert inspector.inspection.focus == W5
    # ∂L/∂o₁ = .75136507 − .01, ∂o₁/∂z₁ = o₁ (1 − o₁), ∂z₁/∂w₅ = h₁.
    assert factors(inspector) == pytest.approx([0.741365070, 0.186815602, 0.593269992], abs=1e-8)
    assert math.prod(factors(inspector)) == pytest.approx(0.082167041, abs=5e-9)
    assert "∂L/∂w₅ = 0.08217" in inspector.page.status.text()
    assert "Nothing is changed until Update" in inspector.page.status.text()
    rows = inspector.page.column.rows.texts
    assert (rows["Input"], rows["Target"], rows["Loss"]) == ("0.05, 0.1", "0.01, 0.99", "0.2984")


def test_the_phases_are_stepped_through_by_clicks_and_keys(desk, inspector):
    bar = inspector.bar
    click(bar.phases.chips["forward"])
    choose(bar.steps.pace, "unit")
    assert inspector.inspection.phase == "forward"
    seen = []
    for _ in range(7):
        place = inspector.inspection.focus
        seen.append((inspector.inspection.phase, place.layer, place.index))
        click(bar.steps.after)
    # The walk goes on from where it was: o₁, o₂; the loss; back through o₁, o₂, h₁, h₂; then the update.
    assert seen[:3] == [("forward", 1, (0,)), ("forward", 1, (1,)), ("loss", -1, ())]
    assert seen[3:7] == [
        ("backward", 1, (0,)),
        ("backward", 1, (1,)),
        ("backward", 0, (0,)),
        ("backward", 0, (1,)),
    ]
    assert inspector.inspection.phase == "update"
    inspector.canvas.setFocus()
    press(inspector.canvas, Qt.Key.Key_Left)
    assert inspector.inspection.phase == "backward"
    assert "step 4 of 4 · chain rule" in inspector.formula.counter.text()
    assert desk.window.context.selection.selected.layer == 0


def test_the_walk_is_played(desk, inspector):
    bar = inspector.bar
    click(bar.phases.chips["forward"])
    choose(bar.steps.pace, "layer")
    bar.steps.speeds[-1].trigger()
    click(bar.steps.play)
    desk.until(lambda: inspector.inspection.phase == "backward", "backward pass")
    click(bar.steps.play)
    assert not bar.steps.play.isChecked()


def test_a_factor_leads_to_where_it_comes_from_and_back(inspector):
    box = inspector.formula.factors.boxes[-1]
    click(box)
    # h₁, what the weight multiplies: z = .05 · .15 + .10 · .20 + .35 = .3775.
    assert inspector.derivation.value == pytest.approx(0.593269992, abs=1e-8)
    assert inspector.derivation.sum == pytest.approx(0.3775)
    assert inspector.inspection.phase == "forward"
    rows = inspector.formula.terms.rows
    assert len(rows) == 3
    click(inspector.formula.back)
    assert inspector.inspection.focus == W5


def test_a_sum_over_paths_names_each_of_them_and_a_formula_is_copied(inspector, click_unit, click_weight):
    click_unit(0, 0)
    # ∂L/∂h₁ = .13849856 · .40 − .03809824 · .50
    assert inspector.derivation.value == pytest.approx(0.036350306, abs=5e-9)
    paths = [term.value for term in inspector.derivation.terms]
    assert paths == pytest.approx([0.055399425, -0.019049119], abs=5e-9)
    assert len(inspector.formula.terms.rows) == 2
    press(inspector.formula.terms, Qt.Key.Key_Down)
    assert math.prod(factors(inspector)) == pytest.approx(-0.019049119, abs=5e-9)
    # The formula of w₅ and its numbers as LaTeX.
    click_weight(1, 0, 0)
    click(button(inspector, "Copy as LaTeX"))
    text = QGuiApplication.clipboard().text()
    assert text.startswith("\\begin{aligned}")
    assert r"\frac{\partial L}{\partial w_5} &=" in text
    assert r"0.7414 \cdot 0.1868 \cdot 0.5933" in text
    assert text.rstrip().endswith("&= 0.08217\n\\end{aligned}")


def test_another_number_of_an_activation_changes_everything_after_it(desk, inspector, click_unit):
    before = desk.window.session.steps
    click_unit(0, 0)
    click_unit(0, 0)
    assert inspector.editor.isVisible()
    write(inspector.editor, "0")
    desk.until(lambda: inspector.inspection.trace.overrides, "trace of what if")
    trace = inspector.inspection.trace
    # z₁ = 0 · .40 + .596884378 · .45 + .60
    o1 = 1 / (1 + math.exp(-(0.596884378 * 0.45 + 0.60)))
    assert trace.output[0] == pytest.approx(o1, abs=1e-8)
    assert trace.layers[0].y[1] == pytest.approx(0.596884378, abs=1e-8)
    assert inspector.what_if.isVisible()
    assert "What if" in inspector.page.status.text()
    click(inspector.what_if.reset)
    desk.until(lambda: not inspector.inspection.trace.overrides, "trace of the sample itself")
    assert inspector.inspection.trace.output[0] == pytest.approx(0.751365070, abs=1e-8)
    assert not inspector.what_if.isVisible()
    assert desk.window.session.steps == before


def test_inputs_are_typed_in(desk, inspector):
    click(inspector.bar.sample.type)
    dialog = inspector.dialogs.typing
    write(dialog.fields[0], "1")
    write(dialog.fields[1], "0")
    click(dialog.use)
    desk.until(lambda: inspector.inspection.trace.sample.values == (1.0, 0.0), "trace of typed inputs")
    # z = .15 + .35
    assert inspector.inspection.trace.layers[0].z[0] == pytest.approx(0.5)
    click(inspector.what_if.reset)
    desk.until(lambda: inspector.inspection.trace.sample.values is None, "trace of the sample itself")


def test_the_gradient_is_checked_and_the_update_taken_when_a_person_says_so(desk, inspector):
    column = inspector.page.column
    desk.until(lambda: "numeric 0.08217" in column.weight_words.text(), "numeric check")
    click(column.check_all)
    desk.until(lambda: "All 12 parameters" in column.all_words.text(), "check of all parameters")
    desk.until(lambda: inspector.side.new_value is not None, "update to come")
    assert column.update_words.text() == "w₅ ← 0.4000 − 0.5 · 0.08217 = 0.3589"
    assert inspector.side.new_value == pytest.approx(0.358916480, abs=1e-7)
    assert desk.window.session.steps == 0
    click(inspector.bar.phases.chips["update"])
    assert inspector.canvas.shown.label == ("w = 0.4000 → 0.3589",)
    # w₅′ = w₅ − ρ · ∂L/∂w₅
    values = [box.box.factor.value for box in inspector.formula.factors.boxes]
    assert values == pytest.approx([0.358916480, 0.40, 0.5, 0.082167041], abs=1e-7)
    assert "1 sample" in column.take_words.text()
    click(column.take)
    desk.until(lambda: inspector.inspection.trace.step == 1, "trace after the step")
    weight = inspector.inspection.trace.layers[1].parameters["weight"]
    assert weight[0, 0] == pytest.approx(0.358916480, abs=1e-7)


def test_a_weight_is_edited_in_the_run_and_undone(desk, inspector, click_weight):
    # It is explained at first: one more click.
    click_weight(1, 0, 0)
    (editor,) = inspector.findChildren(WeightEditor)
    write(editor.fields[0], "1/2")
    desk.until(
        lambda: inspector.inspection.trace.layers[1].parameters["weight"][0, 0] == 0.5, "edited weight"
    )
    desk.do("undo")
    desk.until(
        lambda: inspector.inspection.trace.layers[1].parameters["weight"][0, 0] == pytest.approx(0.4),
        "weight of before",
    )


def test_losses_after_the_step_are_whole_however_narrow_the_column(desk, inspector):
    losses = inspector.page.column.losses
    desk.until(lambda: losses.texts, "update to come")
    values = losses.findChildren(ElidedLabel)
    assert all(" → " in value.text() for value in values)
    losses.resize(losses.minimumSizeHint().width(), losses.height())
    settle()
    assert not any(value.toolTip() for value in values)


def test_names_of_inputs_begin_within_the_drawing(inspector):
    inputs = [inspector.canvas.geometry_now.unit(-1, number) for number in range(2)]
    assert all(name_room(unit).left() >= 0 for unit in inputs)
