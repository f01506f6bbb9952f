"""The settings of one column under the table of columns: shown by a click, one undo step each."""

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from engine.data.encoders.categories import Ordinal
from engine.data.encoders.numbers import Clip
from gui.kit.form import SettingsForm
from gui.panels.setup import edits
from tests.gui.hands import choose, click, press, settle
from tests.gui.panels.setup.columns import Column, experiment_on

FULL = ["type", "preparation", "missing", "was_missing", "missing_numbers"]


def chosen(qtbot, table, name, **data):
    """The setup column with this column of the table clicked."""
    column = Column(qtbot, experiment_on(table, target="kind", **data))
    fold = column.data.columns.parentWidget().parentWidget()
    fold.set_open(True)
    settle()
    click_row(column, name)
    return column


def click_row(column, name):
    view = column.data.columns
    rows = range(view.model().rowCount())
    # Not on its kind, where a click opens the menu of roles, too.
    index = next(view.model().index(row, 0) for row in rows if view.model().index(row, 0).data() == name)
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=view.visualRect(index).center())
    settle()


def values(field):
    return [option.value for option in field.options()]


def test_a_click_shows_what_suits_the_column(qtbot, table):
    column = chosen(qtbot, table, "width")
    editor = column.data.column
    assert editor.isVisible()
    assert editor.title == "width"
    assert editor.form.names() == FULL
    assert values(editor.form.field("preparation")) == [
        *(None, "standardize", "minmax", "robust", "log", "yeo_johnson", "quantile", "clip", "none")
    ]
    assert values(editor.form.field("missing")) == [None, "mean", "median", "most_frequent", "constant"]
    click_row(column, "name")
    assert values(editor.form.field("preparation")) == [
        *(None, "one_hot", "embedding", "ordinal", "target", "words")
    ]
    click_row(column, "kind")
    assert editor.form.names() == ["type"]


def test_each_change_is_one_step(qtbot, table):
    column = chosen(qtbot, table, "width")
    form = column.data.column.form
    choose(form.field("preparation"), "clip")
    assert column.experiment.data.column("width").preparation == Clip()
    assert form.names() == ["type", "preparation", "preparation.tail", *FULL[2:]]
    choose(form.field("missing"), "constant")
    assert "constant" in form.names()
    column.answer()
    assert column.data.column.title == "width"
    assert column.document.undo_stack.undoText() == "Change missing values of width"
    column.undo()
    column.undo()
    assert column.experiment.data.columns == ()
    assert form.names() == FULL


def test_a_type_reads_the_table_again(qtbot, table):
    column = chosen(qtbot, table, "petals")
    form = column.data.column.form
    choose(form.field("type"), "category")
    column.answer()
    assert column.experiment.data.types == {"petals": "category"}
    assert "one_hot" in values(form.field("preparation"))
    view = column.data.columns
    assert view.model().index(2, 1).data() == "category"


def test_an_order_is_made_by_dragging_and_by_keys(qtbot, table):
    column = chosen(qtbot, table, "petals")
    editor = column.data.column
    choose(editor.form.field("type"), "category")
    column.answer()
    choose(editor.form.field("preparation"), "ordinal")
    column.answer()
    order = editor.order
    assert order.isVisible()
    assert order.order() == ("0", "1", "2", "3")
    first, last = (order.visualItemRect(order.item(row)).center() for row in (0, 3))
    QTest.mousePress(order.viewport(), Qt.MouseButton.LeftButton, pos=first)
    for share in (0.5, 1.0):
        QTest.mouseMove(order.viewport(), first + (last - first) * share)
        settle()
    QTest.mouseRelease(order.viewport(), Qt.MouseButton.LeftButton, pos=last)
    settle()
    assert column.experiment.data.column("petals").preparation == Ordinal(order=("1", "2", "3", "0"))
    column.answer()
    order.setFocus()
    order.setCurrentRow(1)
    press(order, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    assert column.experiment.data.column("petals").preparation.order == ("2", "1", "3", "0")
    column.undo()
    column.undo()
    assert order.order() == ("0", "1", "2", "3")


def test_the_order_that_a_file_declares_is_the_usual_one(qtbot, tmp_path):
    rows = "".join(f"{('low', 'high')[row % 2]}\t{'xy'[row % 3 // 2]}\t{row}\n" for row in range(30))
    # Header rows of Orange.
    (tmp_path / "t.tab").write_text(f"size\tkind\tn\nlow middle high\tx y\tc\n\tclass\t\n{rows}")
    column = chosen(qtbot, tmp_path / "t.tab", "size")
    choose(column.data.column.form.field("preparation"), "ordinal")
    column.answer()
    order = column.data.column.order
    assert order.order() == ("low", "middle", "high")
    order.setFocus()
    order.setCurrentRow(1)
    for key, found in ((Qt.Key.Key_Up, True), (Qt.Key.Key_Down, False)):
        press(order, key, Qt.KeyboardModifier.AltModifier)
        column.answer()
        assert bool(column.experiment.data.column("size").preparation.order) == found


def test_while_training_it_is_locked_and_says_why(qtbot, table):
    column = chosen(qtbot, table, "width")
    editor = column.data.column
    column.data.set_locked(True)
    field = editor.form.field("preparation")
    assert not field.isEnabled()
    assert edits.PAUSE_FIRST in field.toolTip()
    assert not editor.order.isEnabled()
    assert editor.order.toolTip() == edits.PAUSE_FIRST
    column.data.set_locked(False)
    assert field.isEnabled()


def test_another_table_forgets_the_columns(qtbot, table):
    column = chosen(qtbot, table, "width")
    choose(column.data.column.form.field("preparation"), "log")
    choose(column.data.source.field("source"), "iris")
    assert column.experiment.data.columns == ()
    column.answer()
    assert column.data.column.isVisible() == (column.data.column.title in ("sepal length (cm)",))


def test_target_scaling_is_offered_for_numbers(qtbot, table):
    column = Column(qtbot, experiment_on(table, target="height"))
    column.data.more.set_open(True)
    settle()
    forms = column.data.more.findChildren(SettingsForm)
    form = next(one for one in forms if "scale_target" in one.names())
    assert form.isVisible()
    field = form.field("scale_target")
    click(field, QPoint(8, field.height() // 2))
    assert not column.experiment.data.scale_target
