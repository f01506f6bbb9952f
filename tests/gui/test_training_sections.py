"""The training panel: what is usual in sight, the rest in sections that the settings themselves name."""

import pytest
from PySide6.QtWidgets import QScrollArea

from engine.data.augmentation import AUGMENTATIONS
from engine.experiment import Experiment, Head
from engine.layers import LAYERS
from engine.optimizers import OPTIMIZERS
from engine.settings import Settings, field_hints
from engine.training_settings import Training
from gui.kit.form import SettingsForm
from tests.gui.panels.setup.columns import LAYERS_OF_THE_MOCKUP, Column


@pytest.fixture
def column(qtbot) -> Column:
    return Column(qtbot, Experiment(layers=LAYERS_OF_THE_MOCKUP))


def sections_named(model: type[Settings]) -> set[str]:
    return {field_hints(field).get("section", "") for field in model.model_fields.values()} - {""}


def test_every_section_that_a_field_names_is_one_that_the_form_folds():
    assert sections_named(Training) == set(Training.sections)
    for optimizer in OPTIMIZERS:
        assert sections_named(optimizer) <= set(Training.sections)
    for cls in (*LAYERS, Head):
        assert sections_named(cls) <= set(cls.sections)


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=lambda cls: cls.__name__)
def test_every_field_stands_in_one_place(qtbot, optimizer):
    training = Training(optimizer=optimizer(), early_stopping={})
    whole = SettingsForm(training)
    parts = [SettingsForm(training, section=name) for name in ("", *Training.sections)]
    for form in (whole, *parts):
        qtbot.addWidget(form)
    assert sorted(name for form in parts for name in form.names()) == sorted(whole.names())


def test_a_beginner_sees_what_is_usual(column):
    training = column.training
    assert [name for name in training.form.names() if "." not in name] == [
        *("loss", "optimizer", "schedule", "batch_size", "epochs", "l1", "l2", "clip_norm")
    ]
    assert not any(training.section(name).is_open() for name in Training.sections)
    assert not training.section_form("Gradient").isVisible()


def test_what_a_closed_section_hides_is_told_on_its_line(column):
    training = column.training
    assert training.section("Regularization").button.accessibleDescription() == ""
    changed = column.experiment.training.replace(
        max_norm=3, l1_update="gradient", early_stopping={}, shuffle=False, augmentation=("flip", "noise")
    )
    column.document.edit(column.experiment.replace(training=changed), "Change")
    captions = {name: training.section(name).button.accessibleDescription() for name in Training.sections}
    assert captions == {
        "Regularization": "L1 step gradient · max norm 3",
        "Augmentation": "Flip, Noise",
        "Gradient": "",
        "Stopping": "early stopping",
        "More": "shuffle off",
    }
    training.section("More").set_open(True)
    assert training.section("More").button.accessibleDescription() == ""
    assert training.section_form("More").isVisible()


def test_fields_in_a_section_can_be_changed_and_undone(column):
    training = column.training
    training.section("Gradient").set_open(True)
    field = training.section_form("Gradient").field("accumulate_batches")
    field.setText("4")
    field.commit()
    assert column.experiment.training.accumulate_batches == 4
    assert column.document.undo_stack.undoText() == "Change accumulate batches"
    epsilon = training.section_form("More").field("optimizer.epsilon")
    epsilon.setText("1e-6")
    epsilon.commit()
    assert column.experiment.training.optimizer.epsilon == 1e-6
    column.undo()
    column.undo()
    assert column.experiment.training == Training()


def test_all_sections_open_fit_the_column(column):
    for name in Training.sections:
        column.training.section(name).set_open(True)
    column.training.section_form("Augmentation").field("augmentation").add(AUGMENTATIONS[0])
    column.widget.resize(290, 800)
    column.answer()
    (area,) = column.widget.findChildren(QScrollArea)
    assert area.minimumWidth() <= 290
    assert area.horizontalScrollBar().maximum() == 0
