"""The data doctor: what was found in the data, what can be done about it, and how hard it is to predict."""

from PySide6.QtWidgets import QVBoxLayout, QWidget

from engine.data import Description, Finding
from engine.data.checks.remedies import Remedy
from engine.experiment import Experiment
from engine.insight import diagnosis
from gui.kit.layouts import ROW_SPACING
from gui.panels.base import PanelContext
from gui.panels.setup import edits
from gui.panels.setup.difficulty import DifficultyRow
from gui.panels.setup.finding_list import FindingList


class DataDoctor(QWidget):
    """The findings with their remedies, each an edit that can be undone, and the questions that take time.

    Rows that are to be shown are selected in all panels: `Selected.rows`.
    """

    def __init__(self, context: PanelContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document, self._selection = context.document, context.selection
        self._experiment: Experiment = context.document.experiment
        self._description: Description | None = None
        self._doubtful: Finding | None = None
        self._locked = False
        self.findings = FindingList()
        self.difficulty = DifficultyRow(context)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(ROW_SPACING)
        layout.addWidget(self.findings)
        layout.addWidget(self.difficulty)
        self.findings.chosen.connect(self._apply)
        self.findings.put_first.connect(self._put_first)
        self.findings.rows.connect(lambda rows: self._selection.select(rows=rows))
        self.difficulty.found.connect(self._doubt)

    def show_description(
        self, experiment: Experiment, description: Description | None, locked: bool, formula: bool
    ) -> None:
        """Show what was found in the data of an experiment; of other data, what took time is forgotten.

        locked : whether data can be read but not changed. formula : whether it is made by a formula, in which
        there is nothing to mend.
        """
        if experiment.data is not self._experiment.data:
            self._doubtful = None
            self.difficulty.clear()
        self._experiment, self._description, self._locked = experiment, description, locked
        usable = description is not None and description.problem is None
        predicts = usable and description is not None and description.task != "reconstruction"
        self.difficulty.setVisible(predicts and not formula)
        self.difficulty.set_classes(predicts and description is not None and bool(description.classes))
        self._show_findings()
        self.setVisible(not self.findings.isHidden() or not self.difficulty.isHidden())

    def _show_findings(self) -> None:
        findings: tuple[Finding, ...] = ()
        if self._description is not None:
            findings = (
                *diagnosis.data_findings(self._experiment, self._description),
                *((self._doubtful,) if self._doubtful is not None else ()),
            )
        self.findings.show_findings(findings, self._locked)

    def _doubt(self, finding: Finding) -> None:
        self._doubtful = finding
        self._show_findings()

    def _apply(self, remedy: Remedy) -> None:
        self._document.edit(*edits.apply_remedy(self._experiment, remedy))

    def _put_first(self, kind: str) -> None:
        layer = edits.declared_layer({"kind": kind})
        self._document.edit(*edits.insert_layer(self._experiment, 0, layer))
