"""The setup column with its document, and how a test works in it."""

from pathlib import Path

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from engine.data import DataSettings, describe, prepare
from engine.data.sources.csv_file import CSVFile
from engine.errors import UserError
from engine.experiment import Experiment
from engine.layers.dense import Dense
from engine.layers.dropout import Dropout
from engine.training.trainer import Trainer
from gui.core.messages import Invalid, Prepared
from gui.panels import PANELS
from gui.window.docks import SetupColumn
from gui.window.panel_group import PanelGroup
from tests.gui.contexts import panel_context
from tests.gui.hands import settle

LAYERS_OF_THE_MOCKUP = (
    Dense(units=8, activation="tanh", l2=1e-4),
    Dropout(rate=0.2),
    Dense(units=6, activation="tanh"),
)


def experiment_on(table: Path, **data) -> Experiment:
    source = CSVFile(path=str(table))
    return Experiment(data=DataSettings(source=source, **data), layers=(Dense(units=4),))


class Column:
    """The column with its document; `answer` does what the worker does after an edit."""

    def __init__(self, qtbot, experiment: Experiment) -> None:
        self.context = panel_context(experiment)
        self.document, self.selection = self.context.document, self.context.selection
        self.panels = PanelGroup(self.context, [kind for kind in PANELS if kind.spec.place == "setup"])
        _, self.data, self.network, self.training = self.panels.of("setup")
        self.widget = SetupColumn(self.panels.of("setup"))
        qtbot.addWidget(self.widget)
        self.widget.resize(320, 900)
        with qtbot.waitActive(self.widget):
            self.widget.show()
            self.widget.activateWindow()
        # Away from the strips, over which an earlier test may have left the pointer.
        QTest.mouseMove(self.widget, QPoint(2, 2))
        self.answer()

    @property
    def experiment(self) -> Experiment:
        return self.document.experiment

    @property
    def layers(self) -> tuple[str, ...]:
        return tuple(layer.heading for layer in self.experiment.layers)

    @property
    def list(self):
        return self.network.list

    def select_layer(self, index: int | None) -> None:
        """As another panel does."""
        self.selection.select(layer=index)

    def answer(self) -> None:
        experiment, description = self.experiment, None
        try:
            table = experiment.data.load()
            description = describe(table, experiment.data)
            trainer = Trainer(experiment, prepare(experiment.data, table, experiment.dtype))
        except UserError as error:
            self.panels.show_problem(Invalid(experiment, error, description))
        else:
            self.panels.show_prepared(
                Prepared(1, experiment, description, trainer.dataset, trainer.network, 0)
            )
        settle()

    def undo(self) -> None:
        self.document.undo_stack.undo()
        settle()

    def redo(self) -> None:
        self.document.undo_stack.redo()
        settle()

    def shown(self) -> tuple[str, ...]:
        """The names on the cards from top to bottom, by where they really are."""
        cards = sorted(self.list.cards, key=lambda card: card.y())
        return tuple(card.header.name() for card in cards)


def drag(card: QWidget, onto: QPoint, *, drop: bool = True) -> None:
    """Pull a card by its line to a place in the list's coordinates."""
    header = card.header
    start = QPoint(10, header.height() // 2)
    end = header.mapFrom(card.parentWidget(), onto)
    QTest.mousePress(header, Qt.MouseButton.LeftButton, pos=start)
    for share in (0.2, 0.6, 1.0):
        QTest.mouseMove(header, start + (end - start) * share)
        settle()
    if drop:
        QTest.mouseRelease(header, Qt.MouseButton.LeftButton, pos=end)
        settle()
