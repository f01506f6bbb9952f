"""A person gives columns of a mixed table their types, and sees what these make of the cells."""

import pytest
from PySide6.QtWidgets import QFileDialog

from tests.gui.data_import.steps import click_entry, click_head, imported, read, shown
from tests.gui.desk import wait_until
from tests.gui.hands import choose, click

DAY, SHOP, PRICE = range(3)


@pytest.fixture
def dialog(qtbot, tmp_path):
    """Dates, codes, and numbers with a decimal comma, marks of missing values and cells that do not fit."""
    path = tmp_path / "orders.csv"
    prices = ["NA" if n % 20 == 0 else "18,7 kg" if n == 7 else f"{n},5" for n in range(60)]
    rows = [f"{1 + n % 28:02}.01.2020;{n % 9:03};{price};{'xy'[n % 2]}" for n, price in enumerate(prices)]
    rows.insert(30, "broken;line")
    path.write_text("day;shop;price;kind\n" + "\n".join(rows) + "\n")
    with imported(qtbot, path) as dialog:
        yield dialog


def give_type(dialog, column: int, word: str) -> None:
    click_head(dialog, column, "type")
    click_entry(word)
    read(dialog)


def words(dialog) -> list[str]:
    model = dialog.preview.table.columns
    return [model.type_words(column) for column in range(model.columnCount())]


def test_what_texts_look_like_is_asked_at_the_head(dialog):
    assert words(dialog) == ["category (date?)", "category (code?)", "category", "category"]
    give_type(dialog, DAY, "date")
    give_type(dialog, SHOP, "code")
    assert words(dialog)[:2] == ["date", "code"]
    assert dict(dialog.settings.types) == {"day": "date", "shop": "code"}


def test_the_preview_shows_what_types_make_of_the_cells(dialog):
    assert shown(dialog) == [["01.01.2020", "000", "NA", "x"], ["02.01.2020", "001", "1,5", "y"]]
    for column, word in ((DAY, "date"), (SHOP, "code"), (PRICE, "number")):
        give_type(dialog, column, word)
    assert shown(dialog) == [["2020-01-01", "000", "missing", "x"], ["2020-01-02", "001", "1.5", "y"]]
    assert dialog.understood.bars[DAY].labels[0] == "2020-01-01 … 2020-01-03"
    choose(dialog.heading.view, "written")
    wait_until(lambda: dialog.preview.table.columns.as_written, "fields, but for the line left out")
    assert shown(dialog)[0] == ["01.01.2020", "000", "NA", "x"]
    assert dialog.preview.table.columns.rowCount() == 60


def test_what_cannot_be_read_is_listed_and_saved(dialog, tmp_path, monkeypatch):
    places = dialog.unreadable
    assert places.title.text() == "1 line of 61 left out"
    assert not places.as_text.isVisible()
    give_type(dialog, PRICE, "number")
    assert places.title.text() == "1 line of 61 left out · 1 cell could not be read"
    lines = ["Line 9, price: expected a number, found “18,7 kg”", "Line 32: 2 cells where 4 were expected."]
    assert places.lines.text().splitlines() == lines
    saved = tmp_path / "left out.csv"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *arguments: (str(saved), ""))
    click(places.save)
    wait_until(saved.exists, "saved list")
    rows = saved.read_text().splitlines()
    assert rows[:2] == ["line,column,reason", '9,price,"expected a number, found “18,7 kg”"']
    assert len(rows) == 3
    click(places.as_text)
    read(dialog)
    assert dict(dialog.settings.types) == {"price": "text"}
    assert places.title.text() == "1 line of 61 left out"


def test_of_many_places_the_first_are_listed(dialog):
    give_type(dialog, DAY, "number")
    assert dialog.unreadable.title.text() == "1 line of 61 left out · 60 cells could not be read"
    assert dialog.unreadable.lines.text().splitlines()[-1] == "… and 56 more."
