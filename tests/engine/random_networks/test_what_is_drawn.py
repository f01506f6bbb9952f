"""Everything that is registered is drawn, or left out with a reason. Needs no PyTorch."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from engine.activations import ACTIVATIONS
from engine.layers import LAYERS
from engine.losses import LOSSES
from engine.optimizers import OPTIMIZERS
from engine.schedules import SCHEDULES
from engine.settings import kind_of
from tests.engine.random_networks.drawing import (
    LEFT_OUT,
    OPTIMIZER_FIELDS,
    SCHEDULE_FIELDS,
    SHAPES,
    Case,
    cases,
)
from tests.engine.random_networks.drawing_losses import FIELDS as LOSS_FIELDS

DRAWN = 400
"""Cases of each kind of samples. With 150, one of six seeds left out a kind of layer; and Hypothesis draws
others with each of its versions."""

TABLES = {
    "losses": (LOSSES, LOSS_FIELDS),
    "optimizers": (OPTIMIZERS, OPTIMIZER_FIELDS),
    "schedules": (SCHEDULES, SCHEDULE_FIELDS),
}
"""What is registered, and the table from which one is drawn."""


@pytest.fixture(scope="module")
def drawn() -> list[Case]:
    found: list[Case] = []
    for kind in SHAPES:

        @settings(
            max_examples=DRAWN,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(case=cases(kind))
        def collect(case: Case) -> None:
            found.append(case)

        collect()
    return found


@pytest.mark.parametrize("what", TABLES)
def test_all_that_is_registered_is_drawn_or_left_out_with_a_reason(what):
    registered, table = TABLES[what]
    assert set(table) == {kind_of(one) for one in registered} - set(LEFT_OUT)


def test_so_are_layers_and_activations(drawn):
    layers = set().union(*(_kinds_of_layers(case.layers) for case in drawn))
    assert layers == {kind_of(one) for one in LAYERS} - set(LEFT_OUT)
    rules = {
        layer[name]["kind"]
        for case in drawn
        for layer in case.layers
        for name in ["activation"]
        if isinstance(layer.get(name), dict)
    }
    assert rules == {kind_of(one) for one in ACTIVATIONS}


def test_what_is_left_out_is_registered():
    registered = {kind_of(one) for one in LAYERS}
    registered |= {kind_of(one) for members, _ in TABLES.values() for one in members}
    assert set(LEFT_OUT) <= registered


def test_some_begin_slowly_some_have_codes_and_some_are_worked_on_in_parts(drawn):
    warmed = {case.schedule["kind"] for case in drawn if case.warmup_steps}
    assert len(warmed) > len(SCHEDULES) / 2
    assert {bool(case.codes) for case in drawn} == {True, False}
    assert {case.parts for case in drawn} == {1, 2}


def _kinds_of_layers(layers: list[dict[str, Any]]) -> Iterator[str]:
    for layer in layers:
        yield layer["kind"]
        yield from _kinds_of_layers(layer.get("layers", []))
