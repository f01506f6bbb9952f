"""Laws of every registered kind of settings: JSON there and back, refusal of bad values, words for people."""

import json
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from engine.activations import ACTIVATIONS, AnyActivation
from engine.data import DataSettings
from engine.data.augmentation import AUGMENTATIONS, AnyAugmentation
from engine.data.sources import SOURCES
from engine.errors import UserError
from engine.experiment import Experiment, Head
from engine.initializers import INITIALIZERS, AnyInitializer
from engine.layers import LAYERS
from engine.layers.conv import Conv2D
from engine.layers.dense import Dense
from engine.losses import LOSSES, AnyLoss
from engine.losses.softmax_cross_entropy import SoftmaxCrossEntropy
from engine.optimizers import OPTIMIZERS, AnyOptimizer
from engine.schedules import SCHEDULES, AnySchedule
from engine.schedules.decay import MultiStep
from engine.settings import Settings, kind_of, read
from engine.training_settings import EarlyStopping, Training
from tests.engine.bad_values import check_refusal, out_of_range
from tests.engine.variants import variants

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


WHOLES = (Experiment, Head, DataSettings, Training, EarlyStopping)


@pytest.mark.parametrize(
    "cls",
    [cls for classes, _ in REGISTRIES.values() for cls in classes] + [*LAYERS, *SOURCES, *WHOLES],
    ids=lambda cls: cls.__name__,
)
def test_bad_values_get_a_sentence(cls):
    for name, value in out_of_range(cls):
        check_refusal(cls, name, value)


@pytest.mark.parametrize(
    ("cls", "name", "expected"),
    [
        (Dense, "units", {"abc", 2.5, 0, 65_537}),
        (Dense, "activation", {"nonsense", 3}),
        (Dense, "bias", {"abc", 2}),
        (Conv2D, "padding", {"nonsense", -1}),
        (MultiStep, "milestones", {"abc", 3, (), (0,), (10_000_001,)}),
        (SoftmaxCrossEntropy, "class_weights", {"abc", 3, (-1,), (1e9 + 1,)}),
    ],
)
def test_bad_values_are_of_every_kind(cls, name, expected):
    """What the law above tries, for a field of each kind."""
    tried = [value for field, value in out_of_range(cls) if field == name]
    assert expected <= {value for value in tried if not isinstance(value, dict)}


@pytest.mark.parametrize(("cls", "union"), EVERY_CLASS)
def test_unknown_fields_are_refused(cls, union):
    with pytest.raises(UserError, match=r"Training: .*found “colour”\. There is no such field"):
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
