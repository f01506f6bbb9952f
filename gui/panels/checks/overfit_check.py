"""The overfit check: the loss while one small batch is memorized, and what may prevent that."""

from collections.abc import Callable

import numpy as np
from PySide6.QtWidgets import QWidget

from engine.insight.overfit_check import OverfitCheck, OverfitResult, Verdict
from engine.settings import number_text
from engine.training.trainer import Trainer
from gui.core.figure_saving import offer_figure
from gui.kit import InlineMessage, Label
from gui.kit.text import tr
from gui.panels.base import PanelContext, PanelSpec
from gui.panels.checks.check_panel import Check, CheckPanel, Found, Level
from gui.panels.checks.curves import Curve, CurveCanvas, Mark, Plot

LEVELS: dict[Verdict, Level] = {
    "learns": "good",
    "does not learn": "error",
    "nothing to learn": "warning",
    "cancelled": "warning",
}


class OverfitCheckPanel(CheckPanel[OverfitResult]):
    """Starts from the initial weights, so its result is the same however far the run is."""

    spec = PanelSpec(
        "overfit_check",
        tr("Overfit check"),
        "target",
        "tool",
        tr("See whether the network can memorize one small batch."),
        order=20,
    )
    introduction = tr(
        "Trains a copy on a handful of examples, without regularization. A network that can learn at all "
        "memorizes them. The run is not changed."
    )

    def __init__(self, context: PanelContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self.details = Label("", "muted", wrap=True)
        self.findings: list[InlineMessage] = []
        self.canvas = CurveCanvas(tr("Loss of the small batch"))
        offer_figure(
            self.canvas, self.spec.title, self.spec.id, context.exports, context.preferences, aspect=0.62
        )
        self.body.addWidget(self.details)
        self.body.addWidget(self.canvas, 1)

    @property
    def from_initial_weights(self) -> bool:
        return True

    def check_maker(self) -> Callable[[Trainer], Check[OverfitResult]]:
        return OverfitCheck

    def show_result(self, found: Found[OverfitResult]) -> None:
        result = found.result
        self.verdict.show_message(result.sentence, LEVELS[result.verdict])
        usual = [one.sentence for one in result.findings if not one.odd]
        self.details.setText(" ".join(filter(None, (*usual, result.switched_off_sentence))))
        self.details.setVisible(bool(self.details.text()))
        self._show_findings(result)
        self.canvas.setVisible(result.steps > 0)
        levels = (
            Mark(result.goal, tr("counts as learned: {goal:.4g}", goal=result.goal), "good", dashed=True),
            Mark(result.floor, tr("lowest possible: {floor}", floor=number_text(result.floor)), dashed=True),
        )
        steps = np.arange(1.0, result.steps + 1)
        curve = Curve(tr("Loss"), result.losses, "accent")
        plot = Plot(steps, (curve,), tr("Step"), "count", "logarithmic", levels)
        self.canvas.show_plot(plot, result.sentence)

    def apply_theme(self) -> None:
        self.canvas.update()

    def _show_findings(self, result: OverfitResult) -> None:
        """What may be the cause: a sentence for each, under the verdict."""
        for message in self.findings:
            message.hide()
            message.deleteLater()
        place = self.body.indexOf(self.caption)
        self.findings = [InlineMessage(one.sentence, "warning") for one in result.findings if one.odd]
        for number, message in enumerate(self.findings):
            self.body.insertWidget(place + number, message)
