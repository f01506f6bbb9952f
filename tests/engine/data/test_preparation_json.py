"""A preparation as JSON: it keeps every bit, and what is damaged is refused."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.data import Preparation, Table
from engine.data.encoders.inputs import NumberInput
from engine.data.encoders.targets import NumberTarget
from engine.errors import UserError
from tests.engine.data.encoders.preparations import fitted
from tests.engine.data.tables import flags, images, numbers, texts

finite = st.floats(allow_nan=False, allow_infinity=False)
positive = st.floats(min_value=0, exclude_min=True, allow_infinity=False)


@given(finite, finite, positive, finite, positive)
def test_json_keeps_every_bit(
    fill: float, offset: float, scale: float, mean: float, deviation: float
) -> None:
    preparation = Preparation(
        inputs=(NumberInput(column="x", missing_value=fill, offset=offset, scale=scale),),
        target=NumberTarget(column="t", mean=mean, std=deviation),
    )
    again = Preparation.from_json(preparation.to_json(), "preparation.json")
    number = again.inputs[0]
    assert isinstance(number, NumberInput)
    assert isinstance(again.target, NumberTarget)
    before = np.array([fill, offset, scale, mean, deviation])
    after = np.array([number.missing_value, number.offset, number.scale, again.target.mean, again.target.std])
    assert before.tobytes() == after.tobytes()


def test_json_of_every_kind_of_input() -> None:
    mixed = fitted(
        numbers("x", [0.1, 0.2, None]),
        texts("c", ["ä", None, "“b”"]),
        flags("f", [0, 1, 1], ("nein", "ja")),
        target=texts("t", ["a", "b", "a"]),
        task="classification",
    )
    picture = fitted(images("image", 3), target=flags("t", [0, 1, 1]), task="binary")
    for preparation in (mixed, picture):
        assert Preparation.from_json(preparation.to_json(), "preparation.json") == preparation


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{", "preparation.json: expected a preparation in JSON, found something else."),
        ("{}", "preparation.json, inputs: expected a value, found nothing."),
        ("[]", "preparation.json: expected a group of fields"),
    ],
)
def test_damaged_json_is_refused(text: str, sentence: str) -> None:
    with pytest.raises(UserError) as caught:
        Preparation.from_json(text, "preparation.json")
    assert sentence in str(caught.value)


def test_a_scale_of_zero_in_json_is_refused() -> None:
    values = json.loads(fitted(numbers("x", [1, 2])).to_json())
    values["inputs"][0]["scale"] = 0
    with pytest.raises(UserError, match="expected a number above 0, found 0"):
        Preparation.from_json(json.dumps(values), "preparation.json")


def test_an_empty_table_gives_empty_arrays() -> None:
    preparation = fitted(numbers("x", [1, 2]), texts("c", ["a", "b"]))
    nothing = Table("table", (numbers("x", []), texts("c", [])))
    assert preparation.transform(nothing).shape == (0, 3)
