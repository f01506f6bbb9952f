"""Cross-validation: the experiment trained once for each fold, with the scores of all and their mean."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QSize, Qt
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QSizePolicy, QTableView, QWidget

from engine.data.splitting.folds import MOST_FOLDS, MOST_REPEATS
from engine.insight.cross_validation import FOLDS, REPEATS, CrossValidation, CrossValidationResult
from engine.metrics import USUAL
from engine.training.trainer import Trainer
from gui.kit import Label, NumberField, Range, theme
from gui.kit.numbers import count_text, quantity_text
from gui.kit.settings_text import metric_text
from gui.kit.text import tr
from gui.panels.base import PanelContext, PanelSpec
from gui.panels.checks.check_panel import Check, CheckPanel, Found

ROW_HEIGHT, LEAST_ROWS, FIELD_WIDTH = 28, 6, 64
FIRST_SCORE = 2
"""The first column with a score, behind the fold and its rows."""
_ROOT = QModelIndex()
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class CrossValidationPanel(CheckPanel[CrossValidationResult]):
    """Starts every fold from initial weights, so its result is the same however far the run is."""

    spec = PanelSpec(
        "cross_validation",
        tr("Cross-validation"),
        "rows",
        "tool",
        tr("Train once for each of several folds, and see how much the scores vary."),
        order=40,
    )
    introduction = tr(
        "Trains the experiment once for each fold, and tests it on the rows that were left out. Groups stay "
        "whole and classes are spread as in the split. The run is not changed."
    )

    def __init__(self, context: PanelContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self.folds = NumberField(Range(2, MOST_FOLDS, whole=True), value=FOLDS, name=tr("Folds"))
        self.folds.setWhatsThis(tr("Into how many parts the rows are divided; each is left out once."))
        self.repeats = NumberField(Range(1, MOST_REPEATS, whole=True), value=REPEATS, name=tr("Repeats"))
        self.repeats.setWhatsThis(tr("How often the whole is done again, with rows divided in another way."))
        for title, field in ((tr("Folds"), self.folds), (tr("Repeats"), self.repeats)):
            label = Label(title, "muted")
            label.setBuddy(field)
            label.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
            theme.set_sizes(field, width=FIELD_WIDTH)
            self.choices.addWidget(label)
            self.choices.addWidget(field)
        self.table, self.note = ScoresOfFolds(), Label("", "muted", caption=True, wrap=True)
        self.note.setText(
            tr("± is the standard error of the mean; folds share training rows, so the true one is larger.")
        )
        self.body.addWidget(self.table, 1)
        self.body.addWidget(self.note)
        self.body.addStretch(0)

    @property
    def from_initial_weights(self) -> bool:
        return True

    def check_maker(self) -> Callable[[Trainer], Check[CrossValidationResult]]:
        count, repeats = int(self.folds.value() or FOLDS), int(self.repeats.value() or REPEATS)
        return lambda run: CrossValidation(run.experiment, count=count, repeats=repeats)

    def show_result(self, found: Found[CrossValidationResult]) -> None:
        result = found.result
        main = next((name for name in result.names if name in MAIN), "loss")
        score = metric_text(main)
        self.verdict.show_message(
            tr(
                "{title} {mean} ± {error} over {folds}.",
                title=score.title,
                mean=score.write(result.mean(main)),
                error=score.write(result.standard_error(main)),
                folds=quantity_text(len(result.scores), "fold", "folds"),
            ),
            "accent",
        )
        self.table.show_scores(result)

    def apply_theme(self) -> None:
        self.table.viewport().update()


MAIN = tuple(metrics[0].name for metrics in USUAL.values())
"""The metric of each task that is named first."""


class ScoresOfFolds(QTableView):
    """A row for each fold, and one for the mean of all."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows = _Rows(self)
        self.setModel(self._rows)
        self.setAccessibleName(tr("Scores of the folds"))
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(theme.scaled(ROW_HEIGHT))
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionsClickable(False)
        header.setProperty("plain", True)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)

    def show_scores(self, result: CrossValidationResult) -> None:
        """Show these instead of those before."""
        self._rows.show(result)
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        """As high as its rows."""
        rows = self._rows.rowCount()
        return QSize(480, self.horizontalHeader().sizeHint().height() + rows * theme.scaled(ROW_HEIGHT) + 2)

    def minimumSizeHint(self) -> QSize:
        least = self.horizontalHeader().sizeHint().height() + LEAST_ROWS * theme.scaled(ROW_HEIGHT) + 2
        return QSize(320, min(least, self.sizeHint().height()))


class _Rows(QAbstractTableModel):
    """The mean first, which a person asks for first; then the folds."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._result: CrossValidationResult | None = None
        self._texts: list[tuple[str, ...]] = []

    def show(self, result: CrossValidationResult) -> None:
        self.beginResetModel()
        self._result, self._texts = result, _texts(result)
        self.endResetModel()

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = _ROOT) -> int:
        return 0 if parent.isValid() else len(self._texts)

    def columnCount(self, parent: QModelIndex | QPersistentModelIndex = _ROOT) -> int:
        return 0 if parent.isValid() or self._result is None else FIRST_SCORE + len(self._result.names)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        if orientation != Qt.Orientation.Horizontal or self._result is None:
            return None
        titles = (tr("Fold"), tr("Rows"), *(metric_text(name).title for name in self._result.names))
        return {
            Qt.ItemDataRole.DisplayRole: titles[section],
            Qt.ItemDataRole.FontRole: theme.caption_font(),
            Qt.ItemDataRole.TextAlignmentRole: _RIGHT if section else _LEFT,
        }.get(Qt.ItemDataRole(role))

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = 0) -> Any:
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self._texts[index.row()][index.column()]
            case Qt.ItemDataRole.TextAlignmentRole if index.column():
                return _RIGHT
            case Qt.ItemDataRole.FontRole:
                return theme.text_font(strong=index.row() == 0)
        return None


def _texts(result: CrossValidationResult) -> list[tuple[str, ...]]:
    scores = {name: metric_text(name) for name in result.names}
    means = (
        tr(
            "{mean} ± {error}",
            mean=score.write(result.mean(name)),
            error=score.write(result.standard_error(name)),
        )
        for name, score in scores.items()
    )
    found = [(tr("Mean"), count_text(sum(one.rows for one in result.scores)), *means)]
    for one in result.scores:
        place = str(one.fold)
        if result.repeats > 1:
            place = tr("{fold} of repeat {repeat}", fold=one.fold, repeat=one.repeat)
        values = (score.write(one.values[name]) for name, score in scores.items())
        found.append((place, count_text(one.rows), *values))
    return found
