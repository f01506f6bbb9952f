"""Categories as codes in the left column: chosen in the data panel, remarked on, and given an Embedding."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from engine.data import DataSettings
from engine.data.sources.csv_file import CSVFile
from engine.experiment import Experiment
from engine.layers.dense import Dense
from engine.layers.embedding import Embedding
from gui.core.messages import Frame
from tests.gui.hands import act, choose, press
from tests.gui.panels.setup.columns import Column


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "shops.csv"
    rows = [f"{i / 7:.3f},shop {i % 11},{'abc'[i % 3]},{i * 1.5 % 13:.2f}" for i in range(80)]
    path.write_text("\n".join(["size,shop,day,sales", *rows]), encoding="utf-8")
    return path


@pytest.fixture
def column(qtbot, table) -> Column:
    data = DataSettings(source=CSVFile(path=str(table)), target="sales")
    found = Column(qtbot, Experiment(data=data, layers=(Dense(units=4),)))
    found.data.more.set_open(True)
    QApplication.processEvents()
    return found


def choose_categories(column: Column, categories: str) -> None:
    """What a person does with the field of that name."""
    choose(column.data.categories.field("categories"), categories)
    column.answer()


def take_out(column: Column, name: str) -> None:
    """What a person does with the keyboard in the table of columns."""
    table = column.data.columns
    (row,) = [row for row in range(table.model().rowCount()) if table.model().index(row, 0).data() == name]
    table.setCurrentIndex(table.model().index(row, 0))
    press(table, Qt.Key.Key_Space)


def sentences(column: Column) -> list[str]:
    return [message.text() for message in column.data.findings.messages]


def test_the_data_panel_offers_codes_where_there_are_categories(column):
    form = column.data.categories
    assert form.isVisible()
    titles = [option.title for option in form.field("categories").options()]
    assert titles == ["One input per category", "Codes, for Embedding"]
    assert column.network.check.input_shape == (1 + 11 + 3,)
    choose_categories(column, "integer")
    assert column.experiment.data.categories == "integer"
    assert column.network.check.input_shape == (3,)
    column.undo()
    assert column.experiment.data.categories == "one_hot"


def test_no_such_choice_where_there_are_none(column):
    for name in ("shop", "day"):
        take_out(column, name)
        column.answer()
    assert not column.data.categories.isVisible()


def test_codes_without_an_embedding_are_remarked_on_and_mended(column):
    assert not any("Embedding" in sentence for sentence in sentences(column))
    choose_categories(column, "integer")
    message = column.data.findings.messages[0]
    assert message.text().startswith("“shop”, “day” come in as codes, and without an Embedding layer")
    assert message.action() == "Put it first"
    act(message)
    # At once, before the data is prepared anew.
    assert not any("Embedding" in sentence for sentence in sentences(column))
    column.answer()
    assert column.layers == ("Embedding", "Dense")
    assert not any("Embedding" in sentence for sentence in sentences(column))
    check = column.network.check
    # 11 shops get 6 numbers each, 3 days 2, and one is plain.
    assert [layer.shape for layer in check.layers] == [(9,), (4,), (1,)]
    assert check.layers[0].parameters == 11 * 6 + 3 * 2
    assert check.cost is not None
    column.undo()
    column.answer()
    assert column.layers == ("Dense",)
    assert "Embedding" in sentences(column)[0]


def test_while_training_the_remark_offers_nothing(column):
    choose_categories(column, "integer")
    column.panels.show_frame(Frame(1, "training"))
    assert column.data.findings.messages[0].action() == ""
    assert not column.data.categories.field("categories").isEnabled()


def test_an_embedding_without_codes_says_so_on_its_card(column):
    column.document.edit(column.experiment.replace(layers=(Embedding(), Dense(units=4))), "Add Embedding")
    column.answer()
    card = column.list.cards[0]
    assert "Set Categories to codes in the data panel" in card.accessibleDescription()
    assert column.network.check.cost is None
    choose_categories(column, "integer")
    assert card.accessibleDescription() == ""


def test_an_embedding_behind_another_layer_says_so_on_its_card(column):
    choose_categories(column, "integer")
    column.document.edit(column.experiment.replace(layers=(Dense(units=4), Embedding())), "Add Embedding")
    column.answer()
    first, second = column.list.cards[:2]
    assert first.accessibleDescription() == ""
    assert "Put the Embedding layer in front of all others." in second.accessibleDescription()
    # What comes before it is known all the same.
    assert column.network.check.layers[0].shape == (4,)


def test_its_card_shows_what_can_be_set(column):
    choose_categories(column, "integer")
    act(column.data.findings.messages[0])
    column.answer()
    column.list.open_card(0)
    assert column.list.cards[0].form.names()[:2] == ["size", "vocabulary"]
    assert "columns" not in column.list.cards[0].form.names()
