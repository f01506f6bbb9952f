"""JSON from outside: one kind of error for all that can be wrong with the text."""

import pytest

from engine.settings import JSONFault, faults, read_json


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", "text that is none (expecting value)"),
        ('{"a": 1, "b": 2, "a": 1}', "“a” twice in one group"),
        ('[{"x": {"\\u202e": 1, "\\u202e": 2}}]', "“\\u202e” twice in one group"),
        ("[" * 100_000, "numbers too long or groups too deep"),
        ('{"a":' * 100_000, "numbers too long or groups too deep"),
        ("1" + "0" * 5000, "numbers too long or groups too deep"),
        (b"\xff\xfe", "bytes that are no text in UTF-8"),
        (b'{"a": "\xed\xa0\x80"}', "bytes that are no text in UTF-8"),
    ],
    ids=["empty", "twice", "twice inside", "deep lists", "deep groups", "long number", "bytes", "surrogate"],
)
def test_what_is_wrong(text, found):
    with pytest.raises(JSONFault) as caught:
        read_json(text)
    assert str(caught.value).startswith(found)


def test_the_line():
    with pytest.raises(JSONFault) as caught:
        read_json('{\n"a": }')
    assert caught.value.line == 2


def test_more_values_than_memory_should_be_spent_on(monkeypatch):
    monkeypatch.setattr(faults, "MOST_VALUES", 10)
    assert read_json("[1, 2, 3]") == [1, 2, 3]
    with pytest.raises(JSONFault, match="more than 10 values"):
        read_json("[[],[],[],[],[],[]]")


def test_what_is_right():
    assert read_json(b'{"a": [1, 2.5, "\xc3\xa9"], "b": null}') == {"a": [1, 2.5, "é"], "b": None}
