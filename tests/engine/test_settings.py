"""The sentences in which bad settings are refused, and what forms read from the fields."""

import sys
from typing import Annotated, Literal

import pytest
from pydantic import BeforeValidator, Field, ValidationError, field_validator

from engine.errors import UserError
from engine.experiment import Experiment
from engine.losses.regression import MeanSquaredError
from engine.optimizers import OPTIMIZERS
from engine.optimizers.adam import Adam
from engine.optimizers.gradient_descent import SGD
from engine.settings import (
    Settings,
    describe_difference,
    differences,
    expand_kind,
    field_hints,
    hints,
    kind_of,
    members,
    number_text,
    read,
    user_error,
)
from engine.training_settings import Training


class Cat(Settings):
    heading = "Cat"
    kind: Literal["cat"] = "cat"
    lives: int = Field(9, ge=1, le=9, json_schema_extra=hints(live=True, unit="lives"))


class Dog(Settings):
    heading = "Dog"
    kind: Literal["dog"] = "dog"
    fetches: bool = True


_Pets = Annotated[Cat | Dog, Field(discriminator="kind")]
AnyPet = Annotated[_Pets, BeforeValidator(expand_kind)]


class House(Settings):
    heading = "House"
    name: str = Field("Home", min_length=2)
    floor_height: float = Field(2.5, gt=0, lt=10)
    colour: Literal["red", "blue"] = "red"
    heated: bool = True
    pet: AnyPet = Cat()
    rooms: tuple[Cat, ...] = Field((), max_length=3)
    note: str | None = None

    @field_validator("name")
    @classmethod
    def _not_nowhere(cls, name: str) -> str:
        if name == "Nowhere":
            raise ValueError("the name of a place")
        return name


def sentence(values: object) -> str:
    with pytest.raises(UserError) as caught:
        read(House, values, "The house")
    return str(caught.value)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"floor_height": -1}, "The house, floor height: expected a number above 0, found -1."),
        ({"floor_height": 1e7}, "The house, floor height: expected a number below 10, found 10000000."),
        ({"floor_height": "abc"}, "The house, floor height: expected a number, found 'abc'."),
        ({"floor_height": [1]}, "The house, floor height: expected a number, found [1]."),
        ({"floor_height": None}, "The house, floor height: expected a number, found nothing."),
        ({"floor_height": float("nan")}, "The house, floor height: expected a finite number, found nan."),
        ({"floor_height": float("inf")}, "The house, floor height: expected a finite number, found inf."),
        ({"name": ""}, "The house, name: expected a longer text, of 2 or more, found ''."),
        ({"name": 3}, "The house, name: expected a text, found 3."),
        ({"name": "Nowhere"}, "The house, name: expected the name of a place, found 'Nowhere'."),
        ({"colour": "green"}, "The house, colour: expected one of 'red' or 'blue', found 'green'."),
        ({"heated": "warm"}, "The house, heated: expected true or false, found 'warm'."),
        ({"rooms": 1}, "The house, rooms: expected a list, found 1."),
        ({"rooms": [{}] * 4}, "The house, rooms: expected at most 3 entries, found "),
        (
            {"rooms": [{}, {"lives": 0}]},
            "The house, rooms, entry 2, lives: expected a number of at least 1, found 0.",
        ),
        (
            {"rooms": [{"lives": 2.5}]},
            "The house, rooms, entry 1, lives: expected a whole number, found 2.5.",
        ),
        ({"rooms": [5]}, "The house, rooms, entry 1: expected a group of fields, found 5."),
        ({"pet": "cow"}, "The house, pet: expected one of 'cat', 'dog', found 'cow'."),
        ({"pet": {"lives": 3}}, "The house, pet: expected a field 'kind', found a group of fields."),
        ({"pet": {"kind": "dog", "fetches": "no idea"}}, "fetches: expected true or false, found 'no idea'."),
        ([], "The house: expected a group of fields, found []."),
        ({"note": "x" * 100, "name": 1}, "The house, name: expected a text, found 1."),
    ],
)
def test_the_sentence(values, expected):
    assert expected in sentence(values)
    assert sentence(values).endswith("Correct the value.")


@pytest.mark.parametrize(
    ("model", "values", "expected"),
    [
        (
            House,
            {"wings": 1},
            "Here: expected the name of a field, found “wings”. There is no such field; those there are: "
            "name, floor_height, colour, heated, pet, rooms, note.",
        ),
        (
            Experiment,
            {"training": {"epoch": 3}},
            "Here, training: expected the name of a field, found “epoch”. There is no such field; did you "
            "mean “epochs”?",
        ),
        (Experiment, {"training": {"Batch size": 3}}, "did you mean “batch_size”?"),
        (
            Experiment,
            {"training": {"optimizer": {"kind": "adam", "learnin_rate": 1}, "epochs": 0}},
            "adam: expected the name of a field, found “learnin_rate”. There is no such field; did you mean "
            "“learning_rate”? 1 more to correct after it.",
        ),
        (
            Experiment,
            {"layers": [{"kind": "residual", "layers": [{"kind": "dense", "unit": 3}]}]},
            "did you mean “units”?",
        ),
        (Experiment, {"data": {"source": {"kind": "csv", "pth": "a"}}}, "did you mean “path”?"),
        (
            Experiment,
            {"learning_rate": 0.1},
            "Here: expected the name of a field, found “learning_rate”. It belongs in “training.optimizer”.",
        ),
        (
            Experiment,
            {"training": {"Learning rate": 0.1, "colour": 0}},
            "optimizer”. 1 more to correct after",
        ),
        (Experiment, {"optimizer": "adam"}, "found “optimizer”. It belongs in “training”."),
        (Experiment, {"training": {"patience": 3}}, "of kind plateau, or “training.early_stopping”."),
        (
            Experiment,
            {"layers": [{"kind": "dense", "rate": 0.3}]},
            "It belongs in “layers” of kind dropout or spatial_dropout.",
        ),
        # Momentum is a kind of optimizer too; in one, a field of others is meant.
        (
            Experiment,
            {"training": {"optimizer": {"kind": "adam", "momentum": 0.9}}},
            "It belongs in “training.optimizer” of kind momentum, nesterov or rmsprop, or “layers” of kind ",
        ),
        (Experiment, {"training": {"layers": []}}, "found “layers”. It belongs at the top level,"),
        (Experiment, {"data": {"source": {"kind": "csv", "head": {}}}}, "found “head”. It belongs at the"),
        (
            Experiment,
            {"layers": [{"kind": "dense", "layers": []}]},
            "It belongs in “layers” of kind residual.",
        ),
        (Experiment, {"dropout": 0.3}, 'It is a kind of “layers”, written as {"kind": "dropout"}.'),
    ],
)
def test_an_unknown_field_is_told_with_those_that_are_meant(model, values, expected):
    with pytest.raises(UserError) as caught:
        read(model, values, "Here")
    assert expected in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value", "found"), [("accumulate_batches", 4, "4"), ("clip_norm", 2.5, "2.5")]
)
def test_what_a_line_search_cannot_do_with_is_found_at_its_place(name, value, found):
    with pytest.raises(UserError) as caught:
        read(Experiment, {"training": {"optimizer": "lbfgs", name: value}}, "Here")
    assert caught.value.where == f"Here, training, {name.replace('_', ' ')}"
    assert caught.value.got == found


def test_several_faults_are_counted():
    text = sentence({"floor_height": -1, "heated": "warm", "colour": "green"})
    assert text.endswith("found -1. Correct the value; 2 more to correct after it.")


def test_long_texts_are_shortened():
    assert len(sentence({"colour": "x" * 10_000})) < 200


def test_where_expected_got_and_help_are_apart():
    with pytest.raises(UserError) as caught:
        read(Adam, {"learning_rate": -1}, "Training, optimizer")
    error = caught.value
    assert error.where == "Training, optimizer, learning rate"
    assert error.expected == "a number above 0"
    assert error.got == "-1"
    assert error.help == "Correct the value."


def test_good_values_are_read():
    house = read(House, {"pet": "dog", "rooms": [{"lives": 3}], "floor_height": "2.4"}, "The house")
    assert house == House(pet=Dog(), rooms=(Cat(lives=3),), floor_height=2.4)


def test_replace_checks_the_values():
    assert House().replace(floor_height=3).floor_height == 3
    assert House().replace(pet=Dog()).pet == Dog()
    with pytest.raises(ValidationError):
        House().replace(floor_height=-3)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (3.0, "3"),
        (-1, "-1"),
        (1e-5, "1e-5"),
        (1e-10, "1e-10"),
        (0.001, "0.001"),
        (1e7, "10000000"),
        (65_536, "65536"),
    ],
)
def test_numbers_as_people_write_them(value, text):
    assert number_text(value) == text


def test_hints_keep_what_is_given():
    assert field_hints(Cat.model_fields["lives"]) == {"live": True, "unit": "lives"}
    assert field_hints(Cat.model_fields["kind"]) == {}


def test_members_and_kinds():
    assert members(_Pets) == (Cat, Dog)
    assert kind_of(Dog) == "dog"
    assert Adam in OPTIMIZERS


def test_differences_name_the_leaf_and_whether_it_may_change_in_mid_run():
    before = House(rooms=(Cat(), Cat()))
    after = House(rooms=(Cat(), Cat(lives=3)), heated=False)
    assert list(differences(before, after)) == [
        (("heated",), False, True, False),
        (("rooms", "1", "lives"), True, 9, 3),
    ]
    assert list(differences(before, before)) == []
    assert list(differences(House(), House(pet=Dog()))) == [(("pet",), False, Cat(), Dog())]


def test_a_difference_in_words():
    def words(before, after):
        return [
            describe_difference(after, path, one, other) for path, _, one, other in differences(before, after)
        ]

    training = Training()
    assert words(training, Training(optimizer=Adam(learning_rate=0.01))) == ["learning rate 0.001 → 0.01"]
    assert words(training, Training(optimizer=SGD())) == ["optimizer Adam → SGD"]
    # As the form calls it, not the field; L1 is no lower case.
    assert words(training, Training(accumulate_batches=4)) == ["accumulate batches 1 → 4"]
    assert words(training, Training(l1=0.5, clip_norm=1)) == ["L1 0 → 0.5", "clip norm off → 1"]
    # A choice by its title, where it has one.
    halves = Training(loss=MeanSquaredError(reduction="half_sum"))
    assert words(Training(loss=MeanSquaredError()), halves) == ["averaging Mean over outputs → Half the sum"]
    # Without a title, the name of the field.
    assert words(House(), House(floor_height=3)) == ["floor height 2.5 → 3"]


def test_a_difference_in_a_list_says_in_which_entry():
    def described(before, after):
        before, after = (read(Experiment, {"layers": layers}, "Here") for layers in (before, after))
        return [
            describe_difference(after, path, one, other) for path, _, one, other in differences(before, after)
        ]

    dense, first, second = "dense", {"kind": "dropout", "rate": 0.2}, {"kind": "dropout", "rate": 0.5}
    assert described([dense, first], [dense, second]) == ["layer 2, rate 0.2 → 0.5"]
    inside = [[{"kind": "residual", "layers": [dense, rate]}] for rate in (first, second)]
    assert described(*inside) == ["layer 1, inner layer 2, rate 0.2 → 0.5"]
    assert described([dense, dense], [dense, first]) == ["network Dense → Dropout"]
    assert described([dense, first], []) == ["network Dense, Dropout → none"]


def test_a_list_in_which_everything_is_wrong_is_refused_without_comparing_all_its_faults():
    """Faults of 20,000 entries, compared with one another, took longer than twenty seconds."""
    values = {"data": {"ignored": [[]] * 20_000}}
    with pytest.raises(UserError, match=r"ignored, entry 1: .* 19999 more to correct after it") as caught:
        read(Experiment, values, "Here")
    calls = []
    sys.setprofile(lambda frame, event, value: calls.append(event))
    try:
        user_error(caught.value.__context__, "Here", Experiment)
    finally:
        sys.setprofile(None)
    assert len(calls) < 20 * 20_000
