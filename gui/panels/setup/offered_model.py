"""What is offered for the data: the menu of networks to start from, and why the first model is as it is."""

from collections.abc import Mapping

from PySide6.QtWidgets import QVBoxLayout, QWidget

from engine.data.dimensions import DataDimensions
from engine.experiment import Experiment
from engine.first_model import Suggested, first_model
from engine.templates import TEMPLATES, Template
from gui.kit.card_list.kind_picker import KindPicker
from gui.kit.labels import WrappedLabel
from gui.kit.layouts import Disclosure
from gui.kit.text import tr

OFFERED: tuple[type[Template], ...] = (Suggested, *TEMPLATES)


def reasons_against(data: DataDimensions | None) -> Mapping[type[Template], str]:
    """Why some of the networks do not suit the data; all of them where it is not known."""
    if data is None:
        return dict.fromkeys(OFFERED, tr("It is not known yet what the data is like."))
    found = {kind: kind.reason_against(data) for kind in OFFERED}
    return {kind: tr(reason) for kind, reason in found.items() if reason}


def start_picker(data: DataDimensions | None, parent: QWidget) -> KindPicker:
    """The list of networks to start from; those that do not suit the data say why."""
    return KindPicker(OFFERED, tr("Networks to start from"), parent, reasons=reasons_against(data))


class OfferedModel(QWidget):
    """Says why layers and training are as they are, as long as they are those that suit the data."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sentences = WrappedLabel("", "muted")
        self.fold = Disclosure(tr("Why this network"), self._sentences)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 0, 8, 0)
        layout.addWidget(self.fold)
        self.hide()

    def show_experiment(self, experiment: Experiment, data: DataDimensions | None) -> None:
        """Compare an experiment with what is offered for its data."""
        offered = first_model(data) if data is not None else None
        training = experiment.training
        holds = offered is not None and (experiment.layers, training) == (
            offered.layers,
            offered.training.replace(seed=training.seed, precision=training.precision),
        )
        self._sentences.setText("\n".join(tr(one) for one in offered.reasons) if holds and offered else "")
        self.setVisible(holds)

    def text(self) -> str:
        """The sentences, a line each; empty while nothing is said."""
        return self._sentences.text()
