"""Laws of every registered kind of settings: JSON there and back, refusal of bad values, words for people."""

import json
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from engine.activations import ACTIVATIONS, AnyActivation
from engine.data.augmentation import AUGMENTATIONS, AnyAugmentation
from engine.errors import UserError
from engine.initializers import INITIALIZERS, AnyInitializer
from engine.losses import LOSSES, AnyLoss
from engine.optimizers import OPTIMIZERS, AnyOptimizer
from engine.schedules import SCHEDULES, AnySchedule
from engine.settings import Settings, kind_of, number_text, read
from tests.engine.variants import out_of_range, variants

REGISTRIES: dict[str, tuple[tuple[type[Settings], ...], Any]] = {
    "activation": (ACTIVATIONS, AnyActivation),
    "augmentation": (AUGMENTATIONS, AnyAugmentation),
    "initializer": (INITIALIZERS, AnyInitializer),
    "loss": (LOSSES, AnyLoss),
    "optimizer": (OPTIMIZERS, AnyOptimizer),
    "schedule": (SCHEDULES, AnySchedule),
}

EVERY_CLASS = [
    pytest.param(cls, TypeAdapter(union), id=f"{name}-{kind_of(cls)}")
    for name, (classes, union) in REGISTRIES.items()
    for cls in classes
]


@pytest.mark.parametrize(("cls", "union"), EVERY_CLASS)
def test_json_round_trip(cls, union):
    for settings in variants(cls):
        text = json.dumps(settings.model_dump(mode="json"))
        again = union.validate_python(json.loads(text))
        assert again == settings
        assert type(again) is cls


@pytest.mark.parametrize(("cls", "union"), EVERY_CLASS)
def test_the_name_alone_means_the_defaults(cls, union):
    assert union.validate_python(kind_of(cls)) == cls()


@pytest.mark.parametrize(("cls", "union"), EVERY_CLASS)
def test_bad_values_get_a_sentence(cls, union):
    for name, value in out_of_range(cls):
        with pytest.raises(UserError) as caught:
            read(cls, {name: value}, "Training")
        error = caught.value
        found = "'abc'" if value == "abc" else number_text(value)
        place = f"Training, {name.replace('_', ' ')}"
        assert str(error) == f"{place}: expected {error.expected}, found {found}. Correct the value."
        assert error.expected.startswith(("a number", "a finite number", "a whole number"))


@pytest.mark.parametrize(("cls", "union"), EVERY_CLASS)
def test_unknown_fields_are_refused(cls, union):
    with pytest.raises(UserError, match="Training, colour: expected no such field, found 'red'"):
        read(cls, {"colour": "red"}, "Training")


@pytest.mark.parametrize(("cls", "union"), EVERY_CLASS)
def test_settings_are_frozen(cls, union):
    with pytest.raises(ValidationError):
        cls().kind = "other"


@pytest.mark.parametrize(("cls", "union"), EVERY_CLASS)
def test_everything_explains_itself(cls, union):
    assert cls.heading
    assert cls.__doc__
    for name, field in cls.model_fields.items():
        if name == "kind":
            continue
        assert field.title, name
        assert field.description, name
        assert field.description.endswith("."), name


@pytest.mark.parametrize("name", REGISTRIES)
def test_kinds_and_headings_are_unique(name):
    classes, _ = REGISTRIES[name]
    assert len({kind_of(cls) for cls in classes}) == len(classes)
    assert len({cls.heading for cls in classes}) == len(classes)
