"""Making a sentence never fails, and what it quotes is printable and short, whatever the value."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.data.delimited.csv_dialect import find_layout
from engine.errors import LONGEST_EXCERPT, UserError, excerpt, printable
from engine.experiment import Experiment, from_json, migrate
from engine.settings import number_text, read


def nested(depth: int, kind=list):
    value = kind()
    for _ in range(depth):
        value = [value] if kind is list else {"a": value}
    return value


VALUES = {
    "a long text": "x" * 70_000,
    "an integer beyond floats": 10**400,
    "an integer beyond what is converted": 10**5000,
    "a negative one": -(10**5000),
    "a list of them": [10**5000] * 3,
    "NaN": math.nan,
    "infinity": math.inf,
    "a lone surrogate": "\ud800",
    "control characters": "\0\x1b[31m\x07\r\n",
    "a text turned round": "\u202etxet\u2066\u2069",
    "a list in lists": nested(100_000),
    "groups in groups": nested(100_000, dict),
    "long lists": [[1] * 1000] * 1000,
    "bytes": b"\xff" * 100_000,
    "nothing": None,
    "yes": True,
}


def check(sentence: str) -> None:
    """It can be printed anywhere."""
    assert sentence.isprintable()
    sentence.encode("ascii", errors="backslashreplace")
    sentence.encode("utf-8")


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
def test_an_excerpt_of_any_value(value):
    text = excerpt(value)
    check(text)
    assert 0 < len(text) <= LONGEST_EXCERPT


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
@pytest.mark.parametrize("field", ["name", "layers", "training", "schema_version", "unknown", "data"])
def test_settings_of_any_value_are_refused_in_a_short_sentence(field, value):
    if field == "name" and isinstance(value, str) and len(value) < 200 and value != "\ud800":
        return  # a name may be any text
    with pytest.raises(UserError) as caught:
        read(Experiment, migrate({field: value}, "a.json"), "a.json")
    check(str(caught.value))
    assert len(caught.value.got) < 100


@pytest.mark.parametrize(
    "place",
    [
        '{{"layers": [{{"kind": {}}}]}}',
        '{{"layers": [{{"kind": "dense", "units": {}}}]}}',
        '{{"training": {{"epochs": {}}}}}',
        '{{"training": {{"loss": {{"kind": "hinge", "x": {}}}}}}}',
        '{{"schema_version": {}}}',
    ],
)
@pytest.mark.parametrize(
    "value",
    ["1" + "0" * 400, "1" + "0" * 5000, "1e999", "NaN", '"' + "y" * 70_000 + '"', '"\\ud800"', "[[[]]]"],
)
def test_json_of_any_value(place, value):
    with pytest.raises(UserError) as caught:
        from_json(place.format(value), "a.json")
    check(str(caught.value))
    assert len(caught.value.got) < 100


@given(st.text(), st.text(), st.text(max_size=5000), st.text())
def test_any_texts_make_a_printable_error(where, expected, got, help):
    error = UserError(where, expected=expected, got=got, help=help)
    check(str(error))
    for part in (error.where, error.expected, error.got, error.help):
        check(part)
        assert len(part) <= 1000


def test_what_is_printable_stays():
    # With the joiner that is part of the emoji, and of Persian words.
    text = "Größe “5 µm” 👩\u200d🔬 \u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"
    assert printable(text) == text
    assert printable("a\u202eb\nc\ud800") == "a\\u202eb\\nc\\ud800"


def test_excerpts_in_full():
    assert excerpt("short") == "short"
    assert excerpt([1, 2.5, "a", None]) == "[1, 2.5, 'a', None]"
    assert excerpt([[1], {}, []]) == "[[…], {…}, []]"
    assert excerpt({"a": 1}) == "a group of fields"
    assert excerpt("x" * 61) == "x" * 59 + "…"
    assert excerpt("x" * 60) == "x" * 60


def test_numbers_beyond_all_floats():
    assert number_text(10**400) == "about 1e400"
    assert number_text(-(10**5000)) == "about −1e5000"
    assert number_text(10**300) == "1e300"


def test_a_header_of_long_names_is_quoted_in_part():
    name = "n" * 5000
    layout = find_layout("t.csv", f"{name},{name}\n1,2\n", True, None, None, None)
    (note,) = layout.notes
    assert note == f"Column 2 has “{'n' * 59}…” again in the header, and is called “{'n' * 59}…”."


def test_a_version_of_four_hundred_digits():
    text = json.dumps({"schema_version": 10**400})
    with pytest.raises(UserError, match="found version about 1e400"):
        from_json(text, "a.json")
