"""What learning begins with on data made by hand: drawn points and typed tables, which have few rows.

No row is held out of them, the network is small enough to be drawn, and training takes long enough to learn
them by heart: who draws or types data wants to see how that goes.
"""

from typing import Any

from engine.data import DataSettings
from engine.data.sources.base import HandMade
from engine.data.sources.drawn_points import DrawnPoints
from engine.data.sources.typed_table import TypedTable
from engine.data.splitting.settings import Split
from engine.experiment import Experiment
from engine.first_model import PASTED_LINES, experiment_on
from engine.layers.dense import Dense
from engine.optimizers.adam import Adam
from engine.training_settings import Training

EXERCISE_LINES = 5
"""A table with fewer is an exercise, such as one done on paper."""


def experiment_by_hand(source: HandMade, target: str | None = None) -> Experiment:
    """An experiment on drawn points or a typed table, none of which is held out: there are few of them.

    A table of `PASTED_LINES` lines or more is treated as that of a file. One of hardly any lines is an
    exercise: its numbers are learned from as they are, as scaling would make zeros of a single row.
    """
    if isinstance(source, TypedTable) and source.text.count("\n") >= PASTED_LINES:
        return experiment_on(source, target, name=source.heading)
    drawn = isinstance(source, DrawnPoints)
    exercise = isinstance(source, TypedTable) and source.text.count("\n") < EXERCISE_LINES
    as_they_are: dict[str, Any] = {"scaling": "none", "scale_target": False} if exercise else {}
    return Experiment(
        name=source.heading,
        data=DataSettings(source=source, target=target, split=Split(validation=0, test=0), **as_they_are),
        layers=[Dense(units=8, activation="tanh")] * 2 if drawn else [Dense(units=16)],
        training=Training(epochs=1000, optimizer=Adam(learning_rate=0.02)),
    )
