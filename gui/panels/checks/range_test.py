"""The learning-rate range test: the loss over rising rates, and a button that takes over what it suggests."""

from collections.abc import Callable

from PySide6.QtGui import QColor
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from engine.experiment import Experiment
from engine.insight.range_test import RangeTest, RangeTestResult, rate_text, same_trial, usual_start
from engine.training.trainer import Trainer
from gui.core.figure_saving import offer_figure
from gui.kit import Choice, Label
from gui.kit.plot_parts import Entry, LegendBar
from gui.kit.text import tr
from gui.kit.theme import GRID, current, set_sizes
from gui.panels.base import PanelContext, PanelSpec
from gui.panels.checks.check_panel import Check, CheckPanel, Found
from gui.panels.checks.curves import Curve, CurveCanvas, Mark, Plot

SMOOTHED, RAW = tr("Smoothed loss"), tr("Loss of each batch")


class RangeTestPanel(CheckPanel[RangeTestResult]):
    """Takes a rate over as an edit of the document, which is undone as any other."""

    spec = PanelSpec(
        "range_test",
        tr("Learning-rate range test"),
        "chart-line",
        "tool",
        tr("Try learning rates from small to large, and see which one fits."),
        order=30,
    )
    introduction = tr(
        "Trains a copy with a learning rate that rises from step to step, and reads from its loss with which "
        "rates it learns. The run is not changed."
    )

    def __init__(self, context: PanelContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        options = (("present", tr("Current weights")), ("fresh", tr("Initial weights")))
        self.start = Choice(options, value="present", name=tr("Weights that the test starts from"))
        self.start.setWhatsThis(tr("Whether the copy begins with the weights of now, or with initial ones."))
        set_sizes(self.start, least_width=160)
        self.choices.addWidget(self.start)
        self.use_button, self.reason = QPushButton(), Label("", "muted")
        self.use_button.clicked.connect(self._take_over)
        self.details = Label("", "muted", wrap=True)
        self.legend, self.canvas = LegendBar(), CurveCanvas(tr("Loss over the learning rate"))
        offer_figure(
            self.canvas, self.spec.title, self.spec.id, context.exports, context.preferences, aspect=0.62
        )
        taking_over = QHBoxLayout()
        taking_over.setSpacing(3 * GRID)
        taking_over.addWidget(self.use_button)
        taking_over.addWidget(self.reason, 1)
        self.body.insertLayout(1, taking_over)
        self.body.addWidget(self.details)
        self.body.addWidget(self.legend)
        self.body.addWidget(self.canvas, 1)
        self.apply_theme()

    @property
    def from_initial_weights(self) -> bool:
        return bool(self.start.value() == "fresh")

    def check_maker(self) -> Callable[[Trainer], Check[RangeTestResult]]:
        return _from_initial_weights if self.from_initial_weights else _from_current_weights

    def show_result(self, found: Found[RangeTestResult]) -> None:
        result = found.result
        self.verdict.show_message(
            result.advice,
            "error" if result.set_rate_breaks else "warning" if result.suggestion is None else "good",
        )
        self.details.setText(" ".join(filter(None, (result.stop_reason, result.readings_sentence))))
        self.canvas.setVisible(len(result.rates) > 0)
        self.legend.setVisible(len(result.rates) > 0)
        self._show_document()

    def show_experiment(self, experiment: Experiment) -> None:
        super().show_experiment(experiment)
        self._show_document()

    def apply_theme(self) -> None:
        colours = current()
        self.legend.set_entries((Entry(SMOOTHED, QColor(colours.accent)), Entry(RAW, QColor(colours.edge))))
        self.canvas.update()

    def _show_document(self) -> None:
        """The rate that the run has now is marked, and can be replaced."""
        if self.found is None:
            return
        result, present = self.found.result, self.context.document.experiment.training.optimizer.learning_rate
        if len(result.rates):
            curves = (Curve(RAW, result.losses, "edge", 1.0), Curve(SMOOTHED, result.smoothed, "accent", 2.0))
            x_name = tr("Learning rate")
            plot = Plot(result.rates, curves, x_name, "logarithmic", "linear", marks=_marks(result, present))
            self.canvas.show_plot(plot, f"{result.stop_reason} {result.readings_sentence}")
        rate, reason = result.suggested_rate, self._reason_against_use()
        self.use_button.setText(
            tr("Use the suggested rate") if rate is None else tr("Use {rate}", rate=rate_text(rate))
        )
        self.use_button.setEnabled(not reason)
        self.use_button.setToolTip(reason or tr("Make it the learning rate of the run: one step to undo."))
        self.reason.setText(reason)

    def _reason_against_use(self) -> str:
        """Why the suggestion cannot be taken over; empty where it can."""
        if self.found is None or self.found.result.suggested_rate is None:
            return tr("The test suggests none.")
        experiment = self.context.document.experiment
        if not same_trial(experiment, self.found.experiment):
            return tr("Settings have changed since the test: run it again.")
        if experiment.training.optimizer.learning_rate == self.found.result.suggested_rate:
            return tr("It is the learning rate of the run.")
        return ""

    def _take_over(self) -> None:
        if self.found is not None and not self._reason_against_use():
            experiment = self.context.document.experiment
            rate = self.found.result.suggested_rate
            optimizer = experiment.training.optimizer.replace(learning_rate=rate)
            training = experiment.training.replace(optimizer=optimizer)
            self.context.document.edit(experiment.replace(training=training), tr("Change learning rate"))


def _from_current_weights(trainer: Trainer) -> RangeTest:
    return RangeTest(trainer, start=usual_start(trainer))


def _from_initial_weights(trainer: Trainer) -> RangeTest:
    return RangeTest(trainer, start="fresh")


def _marks(result: RangeTestResult, present: float) -> tuple[Mark, ...]:
    found = [Mark(present, f"now {rate_text(present)}", "text", dashed=True)]
    if result.suggested_rate is not None:
        found.append(Mark(result.suggested_rate, f"suggested {rate_text(result.suggested_rate)}", "good"))
    if result.lowest is not None:
        found.append(
            Mark(result.lowest, tr("lowest loss {rate}", rate=rate_text(result.lowest)), "muted", dashed=True)
        )
    if result.breaking_rate is not None:
        found.append(Mark(result.breaking_rate, f"breaks {rate_text(result.breaking_rate)}", "error"))
    return tuple(found)
