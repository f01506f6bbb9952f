"""Settings in a few words, for every registered layer and augmentation, without knowing any of them."""

import pytest

from engine.data.augmentation import AUGMENTATIONS
from engine.layers import LAYERS
from engine.layers.activation import Activation
from engine.layers.conv import Conv2D
from engine.layers.dense import Dense
from engine.layers.dropout import Dropout
from engine.layers.gru import GRU
from engine.layers.pooling import MaxPool
from engine.layers.residual import Residual
from engine.layers.self_attention import SelfAttention
from gui.core.model_summary import subtitle
from gui.kit.settings_text import summary
from tests.engine.variants import variants

SHARE = "{}\N{NARROW NO-BREAK SPACE}%"
WITHOUT_A_WORD = {"flatten", "global_average_pool", "global_max_pool", "embedding", "prelu"}
"""Layers with nothing that has to be set."""


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (Dense(units=1), "1 unit · ReLU"),
        (Dense(units=8, activation="linear", bias=False), "8 units · no bias"),
        (Dense(units=8, l2=1e-4), "8 units · ReLU · L2 1e-4"),
        (Activation(activation="linear"), "Linear"),
        (Dropout(rate=0.25), SHARE.format(25)),
        (Conv2D(filters=8, stride=2, activation="tanh"), "8 filters · 3 × 3 · stride 2 · tanh"),
        (MaxPool(pool_size=3, width=2), "size 3 · width 2"),
        (GRU(units=5, returns="sequence"), "5 units · returns all states"),
        (SelfAttention(causal=True), "2 heads · causal"),
        (Residual(layers=(Dropout(),), drop_rate=0.2), f"1 inner layer · drop rate {SHARE.format(20)}"),
    ],
)
def test_what_matters_comes_first(settings, words):
    assert summary(settings) == words


def test_what_the_output_shape_says_is_not_said_twice():
    assert subtitle(Dense(units=8), (8,)) == "ReLU"
    assert subtitle(Conv2D(filters=8), (5, 5, 8)) == "3 × 3 · ReLU"
    assert subtitle(Dense(units=8)) == "8 units · ReLU"


@pytest.mark.parametrize("cls", [*LAYERS, *AUGMENTATIONS], ids=lambda cls: cls.__name__)
def test_everything_registered_has_words_that_can_be_read(cls):
    assert bool(summary(cls())) == (summary(cls()) != "" and cls().kind not in WITHOUT_A_WORD)
    for settings in variants(cls):
        words = summary(settings)
        assert len(words) <= 90
        assert not any(sign in words for sign in ("None", "kind=", "_", "  "))
