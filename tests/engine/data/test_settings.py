"""What can be set about the data, and how it is refused."""

import json

import pytest

from engine.data import DataSettings, Split
from engine.errors import UserError
from engine.settings import read


def test_shares_add_up_to_one() -> None:
    assert Split().training == 0.7
    assert Split(validation=0.2, test=0).training == 0.8
    assert read(Split, {"training": 0.8, "validation": 0.1, "test": 0.1}, "Split") == Split(
        validation=0.1, test=0.1
    )
    assert read(Split, {"training": 0.7}, "Split") == Split()


@pytest.mark.parametrize("shares", [{"training": 0.9}, {"training": 0.5, "validation": 0.1, "test": 0.1}])
def test_shares_that_do_not_add_up_are_refused(shares: dict[str, float]) -> None:
    with pytest.raises(UserError, match=r"shares of .* that add up to 1 \(they add up to (1\.2|0\.7)\)"):
        read(DataSettings, {"split": shares}, "Data")


def test_training_cannot_be_starved() -> None:
    with pytest.raises(UserError, match=r"at least 0\.05 of the rows left for training .* take 1\)"):
        read(Split, {"validation": 0.5, "test": 0.5}, "Split")


def test_one_share_can_be_edited_alone() -> None:
    assert Split().replace(test=0.3) == Split(test=0.3)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"scaling": "log"}, "one of 'standardize', 'minmax' or 'none', found 'log'"),
        ({"task": "ranking"}, "'binary', 'multilabel', 'regression' or 'reconstruction', found 'ranking'"),
        ({"source": "sprial"}, "one of 'spiral', 'circle'"),
        ({"missing": {"numbers": "zero"}}, "Data, missing, numbers: expected one of 'mean' or 'median'"),
        ({"split": {"seed": -1}}, "Data, split, seed: expected a number of at least 0, found -1"),
    ],
)
def test_bad_values_are_refused_in_sentences(values: dict[str, object], sentence: str) -> None:
    with pytest.raises(UserError) as caught:
        read(DataSettings, values, "Data")
    assert sentence in str(caught.value)


def test_json_round_trip() -> None:
    settings = DataSettings(target="class", ignored=("x₂",), scaling="minmax", split=Split(test=0.1, seed=7))
    assert read(DataSettings, json.loads(settings.model_dump_json()), "Data") == settings
    assert read(DataSettings, {"source": "iris"}, "Data").source.heading == "Iris flowers"
