"""A person looks at the data: sorts, filters, and sees what the run makes of each row."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from engine.files.opening import preset
from gui.core.selection import Sample
from tests.gui.hands import choose, click, settle, write


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "people.csv"
    rows = (
        f"{20 + n % 40},{('m', 'f')[n % 2]},{n % 7},{'yes' if n % 40 > 19 else 'no'}\n" for n in range(120)
    )
    path.write_text("age,sex,visits,member\n" + "".join(rows))
    return path


def viewer(desk):
    """The tool, opened from its menu, once it has looked at all rows."""
    desk.do("data_viewer")
    panel = desk.window.panels["data_viewer"]
    desk.until(lambda: panel.found is not None and not panel.busy, "rows")
    return panel


def column(panel, name: str) -> list[str]:
    """What a column of the rows shows."""
    model = panel.pages.table.rows
    heads = [model.headerData(place, Qt.Orientation.Horizontal) for place in range(model.columnCount())]
    return [model.index(row, heads.index(name)).data() for row in range(model.rowCount())]


def click_head(panel, name: str) -> None:
    header, model = panel.pages.table.horizontalHeader(), panel.pages.table.rows
    heads = [model.headerData(place, Qt.Orientation.Horizontal) for place in range(model.columnCount())]
    left = header.sectionViewportPosition(heads.index(name))
    QTest.mouseClick(
        header.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(left + 20, header.height() // 2)
    )
    settle()


def test_rows_are_filtered_sorted_and_selected(desk, table):
    desk.open_table(table, "member")
    section = desk.window.panels["data"]
    click(section.links.look)
    panel = viewer(desk)
    assert panel.count.text() == "120 rows"
    assert column(panel, "age")[:3] == ["20", "21", "22"]
    parts = column(panel, "Part")
    assert {name: parts.count(name) for name in set(parts)} == {"training": 84, "validation": 18, "test": 18}

    write(panel.filter, "age > 40 and sex = f")
    desk.until(lambda: not panel.busy, "filtered rows")
    expected = [20 + n % 40 for n in range(120) if 20 + n % 40 > 40 and n % 2]
    assert column(panel, "age") == [str(age) for age in expected]
    assert panel.count.text() == f"{len(expected)} of 120 rows"

    click_head(panel, "age")
    click_head(panel, "age")
    desk.until(lambda: not panel.busy, "sorted rows")
    assert column(panel, "age") == [str(age) for age in sorted(expected, reverse=True)]

    view = panel.pages.table
    click(view.viewport(), view.visualRect(view.rows.index(0, 0)).center())
    sample = desk.window.context.selection.selected.sample
    dataset = panel.context.session.dataset
    row = dataset.part(sample.part).rows[sample.index]
    assert row == view.rows.rows[0]
    assert isinstance(sample, Sample)

    write(panel.filter, "height > 3")
    desk.until(lambda: not panel.busy, "refused filter")
    assert "one of the columns" in panel.message.text()
    # What was shown stays.
    assert len(column(panel, "age")) == len(expected)


def test_an_emptied_filter_filters_nothing_before_enter(desk, table):
    desk.open_table(table, "member")
    panel = viewer(desk)
    write(panel.filter, "age > 40")
    desk.until(lambda: not panel.busy, "filtered rows")
    panel.filter.setFocus()
    panel.filter.selectAll()
    QTest.keyClick(panel.filter, Qt.Key.Key_Backspace)
    desk.until(lambda: not panel.busy, "all rows")
    assert panel.count.text() == "120 rows"


def test_a_pair_begins_with_columns_of_the_table_and_categories_have_their_names(desk, table):
    desk.open_table(table, "member")
    panel = viewer(desk)
    pairs = panel.pages.pairs
    assert {pairs.across.value(), pairs.upright.value()}.isdisjoint({"part", "prediction", "loss"})
    choose(pairs.upright, "sex")
    assert [tick.text for tick in pairs.plot.axes[1].ticks(400)] == ["f", "m"]


def test_once_trained_each_row_has_its_prediction_and_its_loss(desk):
    desk.window.files.load(preset("iris"))
    desk.status("ready")
    panel = viewer(desk)
    assert "come with training" in panel.caption.text()
    desk.do("step_epoch")
    desk.status("paused")
    desk.until(lambda: panel.found.results.step == desk.frame.step and not panel.busy, "results of the step")
    species, predicted = column(panel, "species"), column(panel, "Prediction")
    loss = panel.found.results.loss.values
    assert np.isfinite(loss).all()
    write(panel.filter, "prediction = setosa and species = virginica")
    desk.until(lambda: not panel.busy, "wrong rows")
    pairs = zip(species, predicted, strict=True)
    wrong = [row for row, pair in enumerate(pairs) if pair == ("virginica", "setosa")]
    assert panel.pages.table.rows.rows.tolist() == wrong

    write(panel.filter, "")
    desk.until(lambda: not panel.busy, "all rows")
    click(panel.pages.tabBar(), panel.pages.tabBar().tabRect(3).center())
    choose(panel.pages.pairs.across, "petal length (cm)")
    choose(panel.pages.pairs.upright, "petal width (cm)")
    source = panel.found.table
    wanted = [source.column(name).values for name in ("petal length (cm)", "petal width (cm)")]
    np.testing.assert_array_equal(panel.pages.pairs.plot.points, np.column_stack(wanted))
    assert [entry.text for entry in panel.pages.pairs.legend.entries] == [
        *("species", "setosa", "versicolor", "virginica")
    ]

    click(panel.pages.tabBar(), panel.pages.tabBar().tabRect(2).center())
    spread = panel.pages.distributions
    assert spread.reading_at(4, spread.place(4).left() + 20) == "setosa: 50 rows"


def test_images_are_shown_and_chosen(desk):
    desk.window.files.load(preset("digits"))
    desk.status("ready")
    panel = viewer(desk)
    write(panel.filter, "digit = 3 and part = test")
    desk.until(lambda: not panel.busy, "filtered images")
    click(panel.pages.tabBar(), panel.pages.tabBar().tabRect(1).center())
    grid = panel.pages.images
    assert grid.isVisible()
    click(grid, grid.place(2).center())
    sample = desk.window.context.selection.selected.sample
    assert sample.part == "test"
    dataset = panel.context.session.dataset
    assert dataset.test.rows[sample.index] == panel.pages.table.rows.rows[2]
    assert dataset.classes[dataset.test.targets[sample.index]] == "3"
