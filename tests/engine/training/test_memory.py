"""Networks that do not fit into the machine are refused before they take its memory."""

import pytest

from engine.errors import UserError
from engine.training import resources
from tests.engine.training.runs import dense, experiment, trainer


def test_two_layers_of_65536_units():
    there = resources.memory_of_this_machine()
    if there is None or there > 60 << 30:
        pytest.skip("a machine with room for it, or one that does not tell")
    with pytest.raises(UserError, match=r"Network: expected one that can be trained in the .* GiB of memory"):
        trainer(experiment([dense(65_536), dense(65_536)]))


def test_what_is_needed_counts_slots_and_batches():
    network = trainer(experiment([dense(8), dense(8)])).network
    layers, shapes = network.layers, network.shapes
    few = resources.bytes_needed(layers, shapes, 0, 0, 4)
    assert few == 2 * 4 * (2 * 8 + 8 + 8 * 8 + 8 + 8 * 2 + 2)
    assert resources.bytes_needed(layers, shapes, 0, 2, 8) == 4 * few
    assert resources.bytes_needed(layers, shapes, 100, 0, 4) >= few + 100 * 4 * (8 + 8 + 2)


def test_a_machine_that_does_not_tell_refuses_nothing(monkeypatch):
    monkeypatch.setattr(resources, "memory_of_this_machine", lambda: None)
    resources.check_memory(1 << 80)


def test_the_sentence_says_what_to_do(monkeypatch):
    monkeypatch.setattr(resources, "memory_of_this_machine", lambda: 8 << 30)
    resources.check_memory(8 << 30)
    with pytest.raises(UserError, match=r"in the 8\.0 GiB .* takes 16\.0 GiB\. Choose smaller layers"):
        resources.check_memory(16 << 30)
