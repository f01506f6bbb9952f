"""Layers as text: what is copied can be pasted, and what is no layer is said."""

import pytest

from engine.errors import UserError
from engine.experiment import Experiment
from engine.layer_text import layers_from_text, layers_to_text
from engine.layers import LAYERS
from engine.layers.dense import Dense
from engine.layers.dropout import Dropout


@pytest.mark.parametrize("kind", LAYERS)
def test_every_layer_comes_back_as_it_was(kind):
    layer = kind(enabled=False)
    assert layers_from_text(layers_to_text([layer])) == (layer,)


def test_several_layers_and_whole_experiments_are_read():
    layers = (Dense(units=7), Dropout())
    assert layers_from_text(layers_to_text(layers)) == layers
    assert layers_from_text(Experiment(layers=layers).to_json()) == layers
    assert layers_from_text('["dense", {"kind": "dropout", "rate": 0.5}]') == (Dense(), Dropout(rate=0.5))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "Clipboard: expected layers in JSON, found no text."),
        ("1\t2\t3", "Clipboard, line 1: expected layers in JSON, found "),
        ('{"kind": "dense",\n "units": }', "Clipboard, line 2: expected layers in JSON, found "),
        ('{"name": "x"}', "Clipboard: expected layers in JSON, found JSON without a layer in it."),
        ("[]", "Clipboard: expected layers in JSON, found JSON without a layer in it."),
        ("[1, 2]", "Clipboard: expected layers in JSON, found JSON without a layer in it."),
        ('{"kind": "dens"}', "Clipboard, "),
        ('{"kind": "dense", "units": 0}', "Clipboard, "),
    ],
)
def test_what_is_no_layer_is_said_in_a_sentence(text, sentence):
    with pytest.raises(UserError) as raised:
        layers_from_text(text)
    assert str(raised.value).startswith(sentence)
    assert str(raised.value).endswith(".")


def test_a_wrong_field_is_named():
    with pytest.raises(UserError) as raised:
        layers_from_text('[{"kind": "dense", "units": 4}, {"kind": "dropout", "rate": 2}]')
    assert "rate" in str(raised.value)
    assert "2" in raised.value.got
