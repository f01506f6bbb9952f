"""Comparison with simple models: a bar for each score, the network's among them, and what they say."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from engine.insight.baselines import NetworkComparison
from engine.insight.comparison import Comparison
from engine.training.trainer import Trainer
from gui.core.figure_saving import offer_figure
from gui.core.model_summary import ModelSummary
from gui.kit import Choice, Label
from gui.kit.text import tr
from gui.kit.theme import current, scaled, set_sizes
from gui.panels.base import PanelContext, PanelSpec
from gui.panels.checks.check_panel import Check, CheckPanel, Found

ROW_HEIGHT, BAR_HEIGHT = 34, 10
NAME_WIDTH, SCORE_WIDTH = 210, 80


@dataclass(frozen=True)
class Bar:
    """A score with its name. fraction : of the width, 0 to 1."""

    name: str
    text: str
    fraction: float
    network: bool = False


class BaselinesPanel(CheckPanel[Comparison]):
    """Simple models on the same parts, with the same preparation."""

    spec = PanelSpec(
        "baselines",
        tr("Compare with simple models"),
        "chart-bar-horizontal",
        "tool",
        tr("See how hard it is: what simple models reach on the same data."),
        reason_against=lambda model: _reason_against(model),
        order=5,
    )
    introduction = tr(
        "How hard is it? Fits simple models on the same rows with the same preparation: always the same "
        "answer, a straight-line model, nearest neighbours, boosted trees. The run is not changed."
    )

    def __init__(self, context: PanelContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        options = (("validation", tr("Validation rows")), ("test", tr("Test rows")))
        self.part = Choice(options, value="validation", name=tr("Rows that are scored"))
        self.part.setWhatsThis(tr("Which rows the baselines and the network are scored on."))
        set_sizes(self.part, least_width=160)
        self.choices.addWidget(self.part)
        self.canvas = BarCanvas()
        offer_figure(
            self.canvas, self.spec.title, self.spec.id, context.exports, context.preferences, aspect=0.62
        )
        self.notes = Label("", "muted", caption=True, wrap=True)
        self.body.addWidget(self.canvas)
        self.body.addWidget(self.notes)
        self.body.addStretch(1)

    def check_maker(self) -> Callable[[Trainer], Check[Comparison]]:
        return partial(NetworkComparison, part=str(self.part.value()))

    def show_result(self, found: Found[Comparison]) -> None:
        result = found.result
        self.verdict.show_message(tr(result.sentence), "accent")
        self.canvas.show_bars(bars(result), result.sentence)
        notes = list(map(tr, result.notes))
        if not result.classifies:
            notes.append(tr("R² is 1 where all is predicted, and 0 for always saying the mean."))
        if result.network is None:
            notes.append(tr("The network is not trained yet: train it and run this again to see it here."))
        self.notes.setText("\n".join(notes))
        self.notes.setVisible(bool(notes))

    def apply_theme(self) -> None:
        self.canvas.update()


def _reason_against(model: ModelSummary) -> str:
    if model.task == "reconstruction":
        return tr("It needs a target that is predicted.")
    return ""


def bars(comparison: Comparison) -> tuple[Bar, ...]:
    """A bar for each model, in the order of the comparison, the network's last."""
    scores = [(tr(one.title), one.score, False) for one in comparison.baselines]
    if comparison.network is not None:
        scores.append((tr("The network"), comparison.network, True))
    return tuple(
        Bar(name, comparison.score_text(score), min(max(score, 0.0), 1.0), network)
        for name, score, network in scores
    )


class BarCanvas(QWidget):
    """Horizontal bars from 0 to 1, each with its name and its score."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.bars: tuple[Bar, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(tr("Scores of simple models"))

    def show_bars(self, bars: tuple[Bar, ...], description: str) -> None:
        """description : what they show, for those who do not see them."""
        self.bars = bars
        self.setAccessibleDescription(description)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(scaled(480), scaled(ROW_HEIGHT) * len(self.bars))

    def minimumSizeHint(self) -> QSize:
        return QSize(scaled(360), self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        colours, row = current(), scaled(ROW_HEIGHT)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        left, right = scaled(NAME_WIDTH), self.width() - scaled(SCORE_WIDTH)
        for number, bar in enumerate(self.bars):
            top = number * row
            name = QRectF(0, top, left - scaled(12), row)
            painter.setPen(QColor(colours.text))
            middle = Qt.AlignmentFlag.AlignVCenter
            shown = self.fontMetrics().elidedText(bar.name, Qt.TextElideMode.ElideRight, int(name.width()))
            painter.drawText(name, middle | Qt.AlignmentFlag.AlignLeft, shown)
            track = QRectF(left, top + (row - scaled(BAR_HEIGHT)) / 2, right - left, scaled(BAR_HEIGHT))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colours.tint("accent")))
            painter.drawRoundedRect(track, track.height() / 2, track.height() / 2)
            filled = QRectF(track)
            filled.setWidth(max(track.width() * bar.fraction, track.height() if bar.fraction > 0 else 0))
            painter.setBrush(QColor(colours.accent if bar.network else colours.muted))
            painter.drawRoundedRect(filled, filled.height() / 2, filled.height() / 2)
            painter.setPen(QColor(colours.text))
            score = QRectF(right, top, self.width() - right, row)
            painter.drawText(score, middle | Qt.AlignmentFlag.AlignRight, bar.text)
        painter.end()
