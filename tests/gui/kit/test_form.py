"""A form shows any settings model, changes it only to what the model takes, and keeps the hands at home."""

import weakref

import pytest
from PySide6.QtWidgets import QApplication, QWidget
from shiboken6 import isValid

from engine.layers import LAYERS
from engine.losses.softmax_cross_entropy import SoftmaxCrossEntropy
from engine.schedules.decay import MultiStep
from engine.training_settings import Training
from gui.kit import Choice, ListField, NumberField, PathField, SliderField, TextField, Toggle
from gui.kit.form import SettingsForm
from gui.kit.form_fields import defaults, field_specs
from tests.gui.conftest import flush_deferred_deletes
from tests.gui.hands import write
from tests.gui.kit.sample_settings import Momentum, Sample, Split, Step, Stopping


def test_every_field_gets_its_kind_of_widget(form):
    kinds = {name: type(form.field(name)) for name in form.names() if form.field(name) is not None}
    assert kinds == {
        "optimizer": Choice,
        "optimizer.learning_rate": SliderField,
        "warmup": NumberField,
        "schedule": Choice,
        "batch_size": NumberField,
        "epochs": NumberField,
        "clip": NumberField,
        "noise": SliderField,
        "shuffle": Toggle,
        "scaling": Choice,
        "file": PathField,
        "place": PathField,
        "ignored": ListField,
        "name": TextField,
        "stopping": Toggle,
        "split.validation": NumberField,
        "split.test": NumberField,
        "start": Choice,
    }


def test_typing_changes_the_model_and_names_the_field(form, qtbot):
    with qtbot.waitSignal(form.changed) as changed:
        write(form.field("optimizer.learning_rate").figure, "1e-3")
    model, name = changed.args
    assert model.optimizer.learning_rate == 1e-3
    assert name == "optimizer.learning_rate"
    assert form.value() is model


@pytest.mark.parametrize(("typed", "found"), [("-1", "found -1"), ("abc", "found 'abc'")])
def test_a_bad_value_changes_nothing_and_says_so(form, qtbot, typed, found):
    with qtbot.assertNotEmitted(form.changed), qtbot.waitSignal(form.problem) as problem:
        write(form.field("batch_size"), typed)
    sentence = f"Batch: needs a whole number from 1 to 4096, {found}."
    assert problem.args == [sentence]
    assert form.problems() == [sentence]
    assert form.value() == Sample()
    with qtbot.waitSignal(form.changed):
        write(form.field("batch_size"), "64")
    assert form.problems() == []


def test_what_only_the_model_refuses_is_said_beside_the_field(form, qtbot):
    write(form.field("split.test"), "0.7")
    with qtbot.assertNotEmitted(form.changed):
        write(form.field("split.validation"), "0.5")
    assert form.value().split == Split(test=0.7)
    assert form.problems() == ["Validation: needs some rows left for training."]
    assert form.field("split.validation").text() == "0.5"
    with qtbot.assertNotEmitted(form.changed):
        write(form.field("name"), "far too long")
    assert form.problems()[0].startswith("Name: needs")


def test_set_value_updates_in_place(form, qtbot):
    widgets = {name: form.field(name) for name in form.names()}
    with qtbot.assertNotEmitted(form.changed):
        form.set_value(Sample(epochs=7, clip=1.0, shuffle=False, ignored=("id",)))
    assert {name: form.field(name) for name in form.names()} == widgets
    assert form.field("epochs").text() == "7"
    assert not form.field("shuffle").isChecked()


def test_typing_goes_on_while_other_fields_change(form):
    field = form.field("epochs")
    field.setText("12")
    field.setCursorPosition(1)
    form.set_value(Sample(batch_size=64))
    assert field.text() == "12"
    assert field.cursorPosition() == 1


def test_differences_from_the_default_are_marked(form):
    assert not form.field("epochs").differs()
    form.set_value(Sample(epochs=7))
    assert form.field("epochs").differs()
    form.set_default(Sample(epochs=7))
    assert not form.field("epochs").differs()
    assert not form.field("batch_size").differs()


def test_tooltips_teach_and_give_range_and_default(form):
    tooltip = form.field("optimizer.learning_rate").toolTip()
    assert "How far each step goes." in tooltip
    assert "Above 0 and at most 1000. Default 0.1." in tooltip
    assert form.field("clip").placeholderText() == "Off"


def test_titles_are_in_sentence_case(form):
    assert [option.title for option in form.field("scaling").options()] == ["Automatic", "Min max", "None"]
    options = form.field("optimizer").options()
    assert [option.title for option in options] == ["Gradient descent", "Momentum"]
    assert options[0].description == "Plain descent."


def test_a_disabled_field_says_why(form):
    form.set_enabled_fields(lambda item: item.live, "This can only change while training is stopped.")
    assert form.field("epochs").isEnabled()
    assert not form.field("warmup").isEnabled()
    assert "while training is stopped" in form.field("warmup").toolTip()
    form.set_enabled_fields(None)
    assert form.field("warmup").isEnabled()
    assert "stopped" not in form.field("warmup").toolTip()


def test_only_exclude_and_live_only(qtbot):
    for options, names in (
        ({"only": ("epochs", "split")}, ["epochs", "split", "split.validation", "split.test"]),
        ({"only": ("optimizer.learning_rate",)}, ["optimizer", "optimizer.learning_rate"]),
        ({"live_only": True}, ["optimizer.learning_rate", "batch_size", "epochs"]),
    ):
        form = SettingsForm(Sample(), **options)
        qtbot.addWidget(form)
        assert form.names() == names
    form = SettingsForm(Sample(), exclude=("optimizer", "split.test"))
    qtbot.addWidget(form)
    assert not {"optimizer", "optimizer.learning_rate", "split.test"} & set(form.names())


def test_a_pair_shares_a_row_across_nested_models(qtbot):
    pairs = (("optimizer.learning_rate", "schedule", "Learning rate"), ("batch_size", "epochs"))
    form = SettingsForm(Sample(schedule=Step()), pairs=pairs)
    qtbot.addWidget(form)
    form.resize(300, 800)
    form.show()
    rate, schedule, batch = (form.field(n) for n in ("optimizer.learning_rate", "schedule", "batch_size"))
    assert isinstance(rate, NumberField), "half a row is too narrow for a slider"
    assert rate.y() == schedule.y()
    assert abs(rate.width() - schedule.width()) <= 8
    assert batch.y() == form.field("epochs").y()
    assert form.names()[:4] == ["optimizer", "optimizer.learning_rate", "schedule", "schedule.interval"]


def test_every_field_has_an_accessible_name(form):
    for name in form.names():
        editor = form.field(name)
        if editor is not None:
            target = editor.focusProxy() or editor
            assert target.accessibleName()


def test_fifty_forms_leave_nothing_behind(qtbot):
    keep = SettingsForm(Sample())
    qtbot.addWidget(keep)
    flush_deferred_deletes()
    before = len(QApplication.allWidgets())
    last = None
    for _ in range(50):
        form = SettingsForm(Sample())
        form.set_value(Sample(optimizer=Momentum(), stopping=Stopping()))
        form.set_value(Sample())
        last = weakref.ref(form)
        form.deleteLater()
        del form
        flush_deferred_deletes()
    assert len(QApplication.allWidgets()) == before
    assert last() is None or not _alive(last())


@pytest.mark.parametrize("model", [Training, *LAYERS], ids=lambda model: model.__name__)
def test_the_settings_of_the_engine_have_forms(qtbot, model):
    form = SettingsForm(defaults(model))
    qtbot.addWidget(form)
    assert form.names() or not field_specs(model)
    for name in form.names():
        editor = form.field(name)
        assert editor is None or not editor.differs()


def _alive(widget: QWidget) -> bool:
    return isValid(widget)


def test_class_weights_are_typed_as_numbers_by_name_or_as_a_word(qtbot):
    form = SettingsForm(SoftmaxCrossEntropy())
    qtbot.addWidget(form)
    field = form.field("class_weights")
    typed = {
        "1, 2.5": (1, 2.5),
        'fox: 2, "hen, brown: 0.5"': ("fox: 2", "hen, brown: 0.5"),
        "": None,
    }
    for text, weights in typed.items():
        field.setText(text)
        field.commit()
        assert form.value().class_weights == weights
    field.setText("balanced")
    field.commit()
    assert form.value() == SoftmaxCrossEntropy(balanced=True)
    assert field.text() == ""
    field.setText("fox: much")
    field.commit()
    assert form.problems() == [
        "Class weights: needs a number, or a class and its number such as “cat: 2”, found 'fox: much'."
    ]


def test_a_list_of_numbers_is_typed_with_commas(qtbot):
    form = SettingsForm(MultiStep())
    qtbot.addWidget(form)
    seen = []
    form.changed.connect(lambda model, path: seen.append((model.milestones, path)))
    field = form.field("milestones")
    assert field.text() == "25, 40"
    field.setText("10, 20, 30")
    field.commit()
    assert seen == [((10, 20, 30), "milestones")]
    field.setText("10, soon")
    field.commit()
    assert len(seen) == 1
    assert form.problems()
