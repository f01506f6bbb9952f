"""How the task of an autoencoder is chosen in the setup column."""

import pytest
from PySide6.QtCore import Qt

from engine.data import DataSettings, describe
from engine.data.sources.csv_file import CSVFile
from engine.experiment import Experiment
from gui.panels.setup import edits
from tests.gui.autoencoders import DIGITS
from tests.gui.hands import choose
from tests.gui.panels.setup.columns import Column


@pytest.fixture
def flowers(tmp_path):
    path = tmp_path / "flowers.csv"
    rows = [f"{i / 7:.3f},{i * 1.5},{'x' if i % 3 else 'y'}" for i in range(60)]
    path.write_text("\n".join(["width,height,kind", *rows]), encoding="utf-8")
    return Experiment(data=DataSettings(source=CSVFile(path=str(path))))


def test_the_input_itself_is_chosen_and_the_classes_stay_out_of_it(qtbot, flowers):
    column = Column(qtbot, flowers)
    section = column.data
    assert section.target.label.text() == "Target"
    choose(section.task.choice, "reconstruction")
    column.answer()
    assert (column.experiment.data.task, column.experiment.data.target) == ("reconstruction", "kind")
    assert section.target.label.text() == "Label"
    assert section.header.caption() == "60 rows · reconstruction"
    assert column.list.cards[-1].header.shape() == "2 values"
    model = section.columns.model()
    assert [model.index(row, 1).data() for row in range(3)] == ["number", "number", "label"]
    assert model.index(2, 0).data(Qt.ItemDataRole.CheckStateRole) is None
    # Without a label every column is an input, and a chosen one does not end the reconstruction.
    choose(section.target.choice, "")
    column.answer()
    assert (column.experiment.data.task, column.experiment.data.target) == ("reconstruction", None)
    assert column.list.cards[-1].header.shape() == "4 values"
    choose(section.target.choice, "height")
    column.answer()
    assert (column.experiment.data.task, column.experiment.data.target) == ("reconstruction", "height")
    choose(section.task.choice, None)
    column.answer()
    assert column.experiment.data.task is None
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
    column = Column(qtbot, experiment)
    assert column.list.cards[-1].header.name() == "Output · sigmoid"
