"""How good the network is: loss and metrics of training, validation and test, side by side, and where it goes
wrong.
"""

from collections.abc import Sequence
from typing import ClassVar

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QHBoxLayout,
    QScrollArea,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from engine.training.reconstruction import Reconstruction
from engine.training.scoring import Scores
from gui.core.figure_saving import offer_figure
from gui.core.messages import Scored
from gui.core.model_summary import ModelSummary
from gui.kit import Choice, Label
from gui.kit.text import tr
from gui.kit.theme import GRID, scaled, set_sizes
from gui.panels.base import PanelContext, PanelSpec, View
from gui.panels.evaluation.confusion_canvas import ConfusionCanvas
from gui.panels.evaluation.reconstruction import ReconstructionPanel
from gui.panels.evaluation.regression_plots import ScatterCanvas
from gui.panels.evaluation.score_table import ScoreTable

PART_COLOURS = {"training": "accent", "validation": "validation", "test": "gradient"}
WIDEST_TABLE = 640
WIDEST_BESIDE = 420
SIDE_BY_SIDE_FROM = 960
NARROW_BELOW = 400


class EvaluationView(View):
    """Scores side by side; below, the confusion matrix, predicted against actual, or what comes back."""

    spec = PanelSpec(
        "evaluation",
        tr("Evaluation"),
        "chart-bar",
        "centre",
        tr("Scores of every part of the data, and where the network goes wrong."),
        order=20,
    )
    empty_sentence: ClassVar[str] = tr("Scores appear here whenever training pauses or ends.")

    def __init__(self, context: PanelContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self._scores: tuple[Scores, ...] = ()
        self._caption = Label("", "muted")
        self.table = ScoreTable()
        self.part = Choice(name=tr("Part of the data"))
        self.part.setWhatsThis(
            tr("Which rows are looked at: those of the training, the validation or the test part.")
        )
        set_sizes(self.part, least_width=128)
        self.part.edited.connect(lambda _value: self._show_part())
        self.target = Choice(name=tr("Target"))
        self.target.setWhatsThis(tr("Which of the several targets is judged below."))
        """Which of several targets is shown."""
        self.target.edited.connect(lambda _value: self._show_part())
        self.target.hide()
        self.confusion, self.scatter = ConfusionCanvas(), ScatterCanvas()
        self.reconstruction = ReconstructionPanel()
        errors = self.reconstruction.histogram
        for canvas, name in (
            (self.confusion, "confusion_matrix"),
            (self.scatter, "predictions"),
            (errors, "errors"),
        ):
            offer_figure(canvas, self._figure_title, name, context.exports, context.preferences, aspect=0.9)
        self._picture = QStackedWidget()
        self._picture.addWidget(self.confusion)
        self._picture.addWidget(self.scatter)
        self._picture.addWidget(self.reconstruction)
        self._picture_title = Label("", "strong")
        head = QHBoxLayout()
        head.setSpacing(3 * GRID)
        head.addWidget(self._picture_title)
        head.addWidget(self.part)
        head.addWidget(self.target)
        head.addStretch(1)
        left, right = QVBoxLayout(), QVBoxLayout()
        left.setSpacing(2 * GRID)
        left.addWidget(self._caption)
        left.addWidget(self.table)
        left.addStretch(1)
        right.setSpacing(3 * GRID)
        right.addLayout(head)
        right.addWidget(self._picture, 1)
        page = QWidget()
        self._halves = QBoxLayout(QBoxLayout.Direction.TopToBottom, page)
        self._halves.setContentsMargins(6 * GRID, 5 * GRID, 6 * GRID, 4 * GRID)
        self._halves.setSpacing(6 * GRID)
        self._halves.addLayout(left)
        self._halves.addLayout(right, 1)
        area = QScrollArea()
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidgetResizable(True)
        area.setWidget(page)
        # Only now: setWidget gives the page a ground of its own.
        page.setAutoFillBackground(False)
        area.viewport().setAutoFillBackground(False)
        self._fill_with(area)

    def _figure_title(self) -> str:
        return f"{self._picture_title.text()} · {self.part.currentText().lower()}"

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Wide enough, the picture stands beside the table; where it is narrow, all moves together."""
        direction = QBoxLayout.Direction
        wide = event.size().width() >= scaled(SIDE_BY_SIDE_FROM)
        narrow = event.size().width() < scaled(NARROW_BELOW)
        side = (3 if narrow else 6) * GRID
        self._halves.setContentsMargins(side, 5 * GRID, side, 4 * GRID)
        self.table.set_narrow(narrow)
        self._halves.setDirection(direction.LeftToRight if wide else direction.TopToBottom)
        self.table.setMaximumWidth(scaled(WIDEST_BESIDE if wide else WIDEST_TABLE))
        super().resizeEvent(event)

    def show_model(self, summary: ModelSummary) -> None:
        """Scores of another network or of other classes are no longer true, and go."""
        before = self._model
        super().show_model(summary)
        several = summary.task == "regression" and len(summary.targets) > 1
        chosen = self.target.value() if self.target.value() in summary.targets else None
        self.target.set_options(
            [(name, name) for name in summary.targets], chosen or (summary.targets or ("",))[0]
        )
        self.target.setVisible(several)
        same = before is not None and (before.layers, before.task, before.class_names, before.targets) == (
            summary.layers,
            summary.task,
            summary.class_names,
            summary.targets,
        )
        if not same:
            self._show((), "")

    def show_scores(self, scored: Scored) -> None:
        self._show(scored.scores, scored.caption)

    def _show(self, scores: Sequence[Scores], caption: str) -> None:
        """Scores of the parts in their order. caption : what they are of ("After epoch 12")."""
        self._scores = tuple(each for each in scores if each.rows)
        if not self._scores:
            self._forget_scores()
            self._say(self.empty_sentence)
            return
        self._caption.setText(caption)
        self._caption.setVisible(bool(caption))
        self.table.show_scores(self._scores, self._model.target_name if self._model else "target")
        parts = [each.part for each in self._scores]
        chosen = self.part.value() if self.part.value() in parts else None
        usual = "validation" if "validation" in parts else parts[0]
        self.part.set_options([(part, tr(part.capitalize())) for part in parts], chosen or usual)
        self._show_part()
        self._show_content()

    def clear(self) -> None:
        self._scores = ()
        self._forget_scores()
        super().clear()

    def _forget_scores(self) -> None:
        """Also behind the sentence nothing is left of what was shown."""
        self._caption.setText("")
        self._picture_title.setText("")
        self.part.set_options(())
        for shown in (self.table, self.confusion, self.scatter, self.reconstruction):
            shown.clear()

    def _show_part(self) -> None:
        scores = next((each for each in self._scores if each.part == self.part.value()), None)
        if scores is None:
            return
        names = self._model.class_names if self._model else ()
        self._picture.setVisible(True)
        if scores.confusion is not None:
            self._picture_title.setText(tr("Confusion matrix"))
            self.confusion.show_counts(scores.confusion, names)
            self._show_picture(self.confusion)
        elif scores.actual is not None and scores.predicted is not None:
            self._picture_title.setText(tr("Predicted against actual"))
            targets = self._model.targets if self._model else ()
            target = str(self.target.value()) if len(targets) > 1 else "".join(targets) or tr("value")
            place = targets.index(target) if target in targets else 0
            colour = PART_COLOURS.get(scores.part, "accent")
            self.scatter.show_pairs(scores.actual[:, place], scores.predicted[:, place], target, colour)
            self._show_picture(self.scatter)
        elif scores.reconstruction is not None:
            self._picture_title.setText(tr("Reconstruction error"))
            self._show_reconstruction(scores.part, scores.reconstruction)
        else:
            self._picture_title.setText("")
            self._picture.setVisible(False)

    def _show_reconstruction(self, part: str, shown: Reconstruction) -> None:
        others = (each.reconstruction for each in self._scores if each.part == "training" != part)
        self.reconstruction.show_reconstruction(shown, PART_COLOURS.get(part, "accent"), next(others, None))
        self._show_picture(self.reconstruction)

    def _show_picture(self, picture: QWidget) -> None:
        # The samples are many lines high: unseen, they must not make the page longer.
        policy = (
            QSizePolicy.Policy.Preferred if picture is self.reconstruction else QSizePolicy.Policy.Ignored
        )
        self.reconstruction.setSizePolicy(policy, policy)
        self._picture.setCurrentWidget(picture)

    def apply_theme(self) -> None:
        self.scatter.forget()
