"""How the task of an autoencoder is chosen in the setup column."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from engine.data import DataSettings, describe
from engine.data.sources.csv_file import CSVFile
from engine.experiment import Experiment
from gui.panels import PANELS
from gui.panels.setup import edits
from gui.window.docks import SetupColumn
from gui.window.panel_group import PanelGroup
from tests.gui.autoencoders import DIGITS, prepared_of, shown
from tests.gui.contexts import panel_context
from tests.gui.hands import choose


@pytest.fixture
def flowers(tmp_path):
    path = tmp_path / "flowers.csv"
    rows = [f"{i / 7:.3f},{i * 1.5},{'x' if i % 3 else 'y'}" for i in range(60)]
    path.write_text("\n".join(["width,height,kind", *rows]), encoding="utf-8")
    return Experiment(data=DataSettings(source=CSVFile(path=str(path))))


class Panel:
    """The left column and what the worker answers after an edit."""

    def __init__(self, qtbot, experiment: Experiment) -> None:
        context = panel_context(experiment)
        self.document = context.document
        self.panels = PanelGroup(context, [kind for kind in PANELS if kind.spec.place == "setup"])
        self.widget = SetupColumn(self.panels.of("setup"))
        qtbot.addWidget(self.widget)
        shown(self.widget, (320, 900))
        self.answer()

    @property
    def settings(self) -> DataSettings:
        return self.document.experiment.data

    def answer(self) -> None:
        self.panels.show_prepared(prepared_of(self.document.experiment)[0])
        QApplication.processEvents()


def test_the_input_itself_is_chosen_and_the_classes_stay_out_of_it(qtbot, flowers):
    panel = Panel(qtbot, flowers)
    section = panel.panels["data"]
    assert section.target.label.text() == "Target"
    choose(section.task.choice, "reconstruction")
    panel.answer()
    assert (panel.settings.task, panel.settings.target) == ("reconstruction", "kind")
    assert section.target.label.text() == "Label"
    assert section.header.caption() == "60 rows · reconstruction"
    assert panel.panels["layers"].list.cards[-1].header.shape() == "2 values"
    model = section.columns.model()
    assert [model.index(row, 1).data() for row in range(3)] == ["number", "number", "label"]
    assert model.index(2, 0).data(Qt.ItemDataRole.CheckStateRole) is None
    # Without a label every column is an input, and a chosen one does not end the reconstruction.
    choose(section.target.choice, "")
    panel.answer()
    assert (panel.settings.task, panel.settings.target) == ("reconstruction", None)
    assert panel.panels["layers"].list.cards[-1].header.shape() == "4 values"
    choose(section.target.choice, "height")
    panel.answer()
    assert (panel.settings.task, panel.settings.target) == ("reconstruction", "height")
    choose(section.task.choice, None)
    panel.answer()
    assert panel.settings.task is None
    assert section.target.label.text() == "Target"
    assert section.task.choice.currentText().endswith(", inferred")


def test_a_number_is_not_made_a_label_by_itself(flowers):
    data = flowers.data.replace(ignored=("kind",))
    experiment = flowers.replace(data=data)
    description = describe(data.source.load(), data)
    assert description.target == "height"
    assert description.inferred_task == "regression"
    for task in ("reconstruction", "regression"):
        edit = edits.change_task(experiment, task, description)
        assert (edit.experiment.data.target, edit.experiment.data.task) == (None, task)


def test_cross_entropy_makes_the_output_a_sigmoid(qtbot):
    training = DIGITS.training.replace(loss="binary_cross_entropy")
    experiment = DIGITS.replace(training=training, data=DIGITS.data.replace(scaling="minmax"))
    panel = Panel(qtbot, experiment)
    assert panel.panels["layers"].list.cards[-1].header.name() == "Output · sigmoid"
