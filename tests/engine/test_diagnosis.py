"""What the record of a run is said to show."""

import numpy as np
import pytest

from engine.insight.diagnosis import overfitting_findings
from engine.training.history import History


def history(training, validation):
    record = History({}, ("accuracy",))
    for epoch, (one, other) in enumerate(zip(training, validation, strict=True), start=1):
        record.epochs.append([epoch, epoch * 10, 0.0, one, other, 0.5, 0.5])
    return record


FALLING = np.geomspace(1, 0.01, 60)


def test_overfitting_is_said_with_how_long_it_has_lasted():
    turning = np.concatenate([np.linspace(1, 0.5, 40), np.linspace(0.52, 0.8, 20)])
    (sentence,) = overfitting_findings(history(FALLING, turning))
    assert "has not improved for 20 epochs" in sentence


@pytest.mark.parametrize(
    ("training", "validation"),
    [
        (FALLING, FALLING * 1.2),
        (FALLING[:5], np.linspace(0.5, 1, 5)),
        (FALLING, np.full(60, np.nan)),
        (np.linspace(0.5, 1, 60), np.linspace(0.5, 1, 60)),
        (FALLING, np.concatenate([np.linspace(1, 0.5, 40), np.full(20, 0.51)])),
    ],
    ids=["both fall", "too early", "nothing held out", "both rise", "hardly risen"],
)
def test_nothing_is_said_without_reason(training, validation):
    assert overfitting_findings(history(training, validation)) == ()
