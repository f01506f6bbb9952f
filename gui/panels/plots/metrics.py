"""A score after each epoch, on training and on validation data: accuracy, R², …"""

from collections.abc import Sequence

from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QWidget

from engine.training.history import History
from gui.kit import scales
from gui.kit.metric_text import metric_text
from gui.panels.base import PanelContext, PanelSpec
from gui.panels.plots.canvas import TickMaker
from gui.panels.plots.chart import Chart
from gui.panels.plots.lines import Line, plain


class MetricsPlot(Chart):
    spec = PanelSpec(
        "metrics",
        "Scores",
        "target",
        "plots",
        "Accuracy, R² and their kin after each epoch, on training and on validation data.",
        order=30,
    )
    empty_sentence = "Press Train to see the scores."
    logarithmic = None

    def __init__(self, context: PanelContext, parent: QWidget | None = None) -> None:
        self.shown_metric = ""
        self._wished = ""
        self._choices: QActionGroup | None = None
        super().__init__(context, parent)

    def lines(self, history: History) -> Sequence[Line]:
        if not self.shown_metric:
            return ()
        return (
            Line("epochs", f"training_{self.shown_metric}", "training", plain("accent"), 1.75, smooth=True),
            Line(
                "epochs",
                f"validation_{self.shown_metric}",
                "validation",
                plain("validation"),
                1.75,
                dashed=True,
                smooth=True,
            ),
        )

    def linear_ticks(self) -> TickMaker:
        return scales.percent_ticks if metric_text(self.shown_metric).in_percent else scales.linear_ticks

    def show_history(self, history: History | None) -> None:
        if history is not self._history:
            metrics = history.metrics if history is not None else ()
            self._offer(metrics)
            # What a person chose comes back with the next run that has it.
            wished = self._wished in metrics
            self._choose(self._wished if wished else next(iter(metrics), ""))
        super().show_history(history)

    def show_metric(self, metric: str) -> None:
        """Show another score of the run, and of the runs after it that have one."""
        self._wished = metric
        self._choose(metric)
        self._make_lines()

    def _choose(self, metric: str) -> None:
        self.shown_metric = metric
        self.title.set_title(metric_text(metric).title if metric else self.spec.title)
        self.canvas.left.set_ticks(self.linear_ticks())

    def _offer(self, metrics: Sequence[str]) -> None:
        if self._choices is not None:
            self._choices.deleteLater()
        self._choices = QActionGroup(self)
        for metric in metrics:
            action = self._choices.addAction(metric_text(metric).title)
            action.setCheckable(True)
            action.setData(metric)
        self._choices.triggered.connect(lambda action: self.show_metric(action.data()))

    def _menu_actions(self) -> list[list[QAction]]:
        actions = self._choices.actions() if self._choices else []
        for action in actions:
            action.setChecked(action.data() == self.shown_metric)
        return [actions, *super()._menu_actions()]
