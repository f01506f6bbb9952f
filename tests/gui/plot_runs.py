"""Runs and answers with numbers that are easy to tell, for the tests of the plots."""

import numpy as np
from PySide6.QtWidgets import QApplication

from engine.insight.distributions import HistogramsQuery, LayerHistogram, histogram
from engine.insight.layer_statistics import (
    LayerStatistics,
    LayerStatisticsQuery,
    NetworkStatistics,
    UnitCorrelations,
    UnitCorrelationsQuery,
)
from engine.training.history import History
from gui.core.messages import Answers
from gui.panels.plots.base import LivePlot
from tests.gui.contexts import panel_context

NAMES = {0: "Dense 1", 2: "Output"}


def run_of(
    epochs: int = 3, steps_per_epoch: int = 4, *, validation: bool = True, penalty: float = 0.0
) -> History:
    """A run whose numbers are easy to tell: the loss of step n is 1 / n."""
    history = History(NAMES, ("accuracy", "f1_macro"))
    train(history, epochs, steps_per_epoch, validation=validation, penalty=penalty)
    return history


def train(
    history: History, epochs: int, steps_per_epoch: int, *, validation: bool = True, penalty: float = 0.0
) -> None:
    for epoch in range(history.epochs.count + 1, history.epochs.count + epochs + 1):
        for batch in range(1, steps_per_epoch + 1):
            step = history.steps.count + 1
            at = epoch - 1 + batch / steps_per_epoch
            scalars = [at, 1 / step, penalty, 0.01, 3 / step, np.nan]
            history.steps.append([*scalars, 1 / step, 2 / step, 1e-3, 2e-3])
        score = 1 - 1 / (epoch + 1)
        held_out = [score - 0.1, score - 0.2] if validation else [np.nan, np.nan]
        loss = 0.5 + abs(epoch - 2) / 10 if validation else np.nan
        history.epochs.append(
            [epoch, history.steps.count, epoch * 0.5, 1 / epoch, loss, score, score, *held_out]
        )


def answers_of(*weights: np.ndarray) -> Answers:
    """Histograms of the weights of some layers, and of gradients that are a tenth of them."""

    def spread(factor: float) -> tuple[LayerHistogram, ...]:
        return tuple(
            LayerHistogram(i, f"Dense {i + 1}", histogram(w * factor)) for i, w in enumerate(weights)
        )

    results: dict = {HistogramsQuery("weights"): spread(1.0), HistogramsQuery("gradients"): spread(0.1)}
    layers = tuple(
        LayerStatistics(index, f"Dense {index + 1}", 4, 0.1, 0.5, 0, saturated=0.25, gradient=10.0**-index)
        for index in range(len(weights) + 1)
    )
    results[LayerStatisticsQuery()] = NetworkStatistics(80, layers)
    results[UnitCorrelationsQuery(0)] = UnitCorrelations(0, np.eye(4), 4, 80)
    return Answers(run=1, step=5, results=results)


def shown_plot(qtbot, kind: type[LivePlot], history: History | None = None, size=(340, 220)) -> LivePlot:
    """A plot on the screen that shows a run."""
    plot = kind(panel_context())
    qtbot.addWidget(plot)
    plot.resize(*size)
    plot.show()
    plot.show_history(history)
    plot.refresh()
    QApplication.processEvents()
    return plot
