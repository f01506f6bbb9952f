"""The left column: it shows the experiment, every edit can be undone, and all is within reach."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from engine.data import DataSettings, describe, prepare
from engine.data.sources.csv_file import CSVFile
from engine.data.sources.digits import Digits
from engine.data.sources.iris import Iris
from engine.errors import ShapeError, UserError
from engine.experiment import Experiment, Head
from engine.layers import LAYERS
from engine.layers.dense import Dense
from engine.layers.dropout import Dropout
from engine.layers.flatten import Flatten
from engine.losses.mean_squared_error import MeanSquaredError
from engine.training.trainer import Trainer
from gui import theme
from gui.document import Document
from gui.entries.kind_picker import KindPicker, first_sentence
from gui.entries.matching import matched
from gui.messages import Invalid, Prepared
from gui.setup.edits import move_layer
from gui.setup.panel import SetupColumn
from gui.setup.quantities import bytes_text, count_text, duration_text
from tests.engine.data.idx_files import write_mnist
from tests.gui.conftest import flush_deferred_deletes

# Without a display a popup can neither be raised nor take the keyboard; it works all the same.
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)

LAYERS_OF_THE_MOCKUP = (
    Dense(units=8, activation="tanh", l2=1e-4),
    Dropout(rate=0.2),
    Dense(units=6, activation="tanh"),
)
THIN = "\N{NARROW NO-BREAK SPACE}"
LONGEST_UPDATE_MS = 8.0


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "flowers.csv"
    rows = [
        f"{i / 7:.3f},{'x' if i % 3 else 'y'},{'' if i == 5 else i % 4},flower {i},{i * 1.5}"
        for i in range(60)
    ]
    path.write_text("\n".join(["width,kind,petals,name,height", *rows]), encoding="utf-8")
    return path


def experiment_on(table: Path, **data) -> Experiment:
    source = CSVFile(path=str(table))
    return Experiment(data=DataSettings(source=source, **data), layers=(Dense(units=4),))


class Column:
    """The column with its document; `answer` does what the worker does after an edit."""

    def __init__(self, qtbot, experiment: Experiment) -> None:
        self.document = Document(experiment)
        self.widget = SetupColumn(self.document)
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
        return self.widget.network.list

    def answer(self) -> None:
        experiment, description = self.experiment, None
        try:
            table = experiment.data.source.load()
            description = describe(table, experiment.data)
            trainer = Trainer(experiment, prepare(experiment.data, table, experiment.dtype))
        except UserError as error:
            self.widget.show_invalid(Invalid(experiment, error, description))
        else:
            self.widget.show_prepared(
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


@pytest.fixture
def column(qtbot) -> Column:
    return Column(qtbot, Experiment(layers=LAYERS_OF_THE_MOCKUP))


def settle() -> None:
    for _ in range(3):
        QApplication.processEvents()


def press(widget: QWidget, key: Qt.Key, modifiers=Qt.KeyboardModifier.NoModifier) -> None:
    QTest.keyClick(widget, key, modifiers)
    settle()


# --- what stands on the cards ------------------------------------------------------------------------------


def test_names_shapes_and_parameters_are_those_of_the_mockup(column):
    headers = [card.header for card in column.list.cards]
    assert [header.name() for header in headers] == ["Dense 1", "Dropout", "Dense 2", "Output · softmax"]
    assert [header.shape() for header in headers] == ["(8,)", "(8,)", "(6,)", "(2,)"]
    assert [header.parameters() for header in headers] == ["24", "0", "54", "14"]
    assert column.list.input_header.shape() == "(2,)"
    assert column.widget.network.header.caption() == "92 parameters"
    assert column.widget.data.header.caption() == "500 points · 2 classes"


def test_shapes_follow_an_edit_before_the_worker_answers(column):
    column.widget.select_layer(0)
    units = column.list.cards[0].form.field("units")
    units.setText("20")
    units.commit()
    assert column.list.cards[0].header.shape() == "(20,)"
    assert column.list.cards[0].header.parameters() == "60"
    column.undo()
    assert column.list.cards[0].header.shape() == "(8,)"
    assert units.text() == "8"


def test_the_cost_stands_under_the_list_before_training(column):
    line = column.widget.network._cost
    assert line.text("Parameters") == "92"
    assert line.text("Memory").endswith("kB")
    assert line.text("Time per epoch").startswith("≈ ")


# --- adding, removing, duplicating, moving -----------------------------------------------------------------


def test_a_layer_is_added_with_the_mouse_from_the_strip_between_cards(column, qtbot):
    strip = column.list.strips[1]
    assert not strip.is_shown()
    QTest.mouseMove(strip, QPoint(30, strip.height() // 2))
    qtbot.mouseClick(strip, Qt.MouseButton.LeftButton, pos=QPoint(30, strip.height() // 2))
    picker = column.list.findChild(KindPicker)
    item = next(picker.item(row) for row in range(picker.count()) if picker.item(row).text() == "Dropout")
    qtbot.mouseClick(picker.viewport(), Qt.MouseButton.LeftButton, pos=picker.visualItemRect(item).center())
    settle()
    assert column.layers == ("Dense", "Dropout", "Dropout", "Dense")
    assert column.list.open_index() == 1
    column.undo()
    assert column.layers == ("Dense", "Dropout", "Dense")
    assert column.list.open_index() is None
    column.redo()
    assert column.layers == ("Dense", "Dropout", "Dropout", "Dense")


def test_a_layer_is_added_with_the_keyboard(column):
    strip = column.list.strips[-1]
    strip.setFocus()
    assert strip.is_shown()
    press(strip, Qt.Key.Key_Space)
    picker = column.list.findChild(KindPicker)
    press(picker, Qt.Key.Key_Down)
    press(picker, Qt.Key.Key_Return)
    assert column.layers == ("Dense", "Dropout", "Dense", "Activation")
    assert column.list.cards[3].hasFocus()


def test_the_picker_describes_every_layer_and_escape_leaves_everything(column):
    column.list.strips[0].click()
    picker = column.list.findChild(KindPicker)
    assert [picker.item(row).text() for row in range(picker.count())] == [kind.heading for kind in LAYERS]
    press(picker, Qt.Key.Key_Escape)
    assert column.document.undo_stack.count() == 0
    assert first_sentence(Dense) == "Fully connected layer, y = f(x W + b)."


def test_delete_removes_and_undo_brings_back_shape_and_place(column):
    card = column.list.cards[1]
    card.setFocus()
    press(card, Qt.Key.Key_Delete)
    assert column.layers == ("Dense", "Dense")
    assert column.shown() == ("Dense 1", "Dense 2", "Output · softmax")
    assert column.list.cards[1].hasFocus()
    column.undo()
    assert column.shown() == ("Dense 1", "Dropout", "Dense 2", "Output · softmax")
    assert column.experiment.layers == LAYERS_OF_THE_MOCKUP


def test_duplicate_with_the_keyboard(column):
    card = column.list.cards[0]
    card.setFocus()
    press(card, Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
    assert column.layers == ("Dense", "Dense", "Dropout", "Dense")
    assert column.experiment.layers[0] == column.experiment.layers[1]
    assert column.document.undo_stack.undoText() == "Duplicate Dense 1"
    column.undo()
    assert column.experiment.layers == LAYERS_OF_THE_MOCKUP


def test_delete_in_a_field_deletes_letters_not_the_layer(column):
    column.widget.select_layer(0)
    field = column.list.cards[0].form.field("units")
    field.setFocus()
    field.setCursorPosition(0)
    press(field, Qt.Key.Key_Delete)
    assert column.layers == ("Dense", "Dropout", "Dense")


def test_alt_down_moves_a_card_with_its_open_form_and_its_focus(column):
    column.widget.select_layer(0)
    card = column.list.cards[0]
    card.setFocus()
    press(card, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    assert column.layers == ("Dropout", "Dense", "Dense")
    assert column.list.cards[1] is card
    assert card.is_open()
    assert card.hasFocus()
    assert column.shown() == ("Dropout", "Dense 1", "Dense 2", "Output · softmax")
    press(card, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    assert column.experiment.layers == LAYERS_OF_THE_MOCKUP
    column.undo()
    assert column.list.cards[1] is card


def test_up_and_down_go_from_card_to_card_down_to_the_output(column):
    column.list.cards[0].setFocus()
    for expected in (1, 2, 3, 3):
        press(QApplication.focusWidget(), Qt.Key.Key_Down)
        assert column.list.cards[expected].hasFocus()
    press(QApplication.focusWidget(), Qt.Key.Key_Up)
    assert column.list.cards[2].hasFocus()


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


def test_a_card_is_dragged_to_another_place(column):
    first, last = column.list.cards[0], column.list.cards[2]
    drag(first, QPoint(40, last.geometry().bottom() - 2))
    assert column.layers == ("Dropout", "Dense", "Dense")
    assert column.list.cards[2] is first
    assert not first.is_open()
    assert column.document.undo_stack.undoText() == "Move Dense 1"
    column.undo()
    assert column.experiment.layers == LAYERS_OF_THE_MOCKUP


def test_a_drag_that_ends_where_it_began_or_is_escaped_changes_nothing(column):
    first, second = column.list.cards[0], column.list.cards[1]
    drag(first, QPoint(40, second.geometry().top() - 2))
    drag(first, QPoint(40, second.geometry().bottom() + 30), drop=False)
    press(column.widget, Qt.Key.Key_Escape)
    QTest.mouseRelease(first.header, Qt.MouseButton.LeftButton)
    assert column.document.undo_stack.count() == 0


def test_the_output_can_be_opened_but_not_moved_or_deleted(column):
    output = column.list.cards[-1]
    output.setFocus()
    press(output, Qt.Key.Key_Delete)
    press(output, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    assert column.document.undo_stack.count() == 0
    press(output, Qt.Key.Key_Return)
    assert output.is_open()
    assert output.form.value() == Head()
    assert [action.text() for action in output.menu().actions()] == ["Close"]


def test_the_menu_of_a_card_does_what_its_keys_do(column):
    actions = {action.text(): action for action in column.list.cards[2].menu().actions()}
    actions["Move up"].trigger()
    assert column.layers == ("Dense", "Dense", "Dropout")
    actions["Delete"].trigger()
    assert column.layers == ("Dense", "Dropout")


# --- opening and choosing ----------------------------------------------------------------------------------


def test_a_click_opens_one_card_at_a_time_and_tells_the_window(column, qtbot):
    chosen = []
    column.widget.layer_selected.connect(chosen.append)
    for index in (0, 2, 3):
        qtbot.mouseClick(column.list.cards[index].header, Qt.MouseButton.LeftButton)
        settle()
        assert [card.is_open() for card in column.list.cards].count(True) == 1
    assert chosen == [0, 2, 3]
    qtbot.mouseClick(column.list.cards[3].header, Qt.MouseButton.LeftButton)
    assert column.list.open_index() is None


def test_a_choice_from_elsewhere_opens_the_card_and_is_not_echoed(column):
    chosen = []
    column.widget.layer_selected.connect(chosen.append)
    column.widget.select_layer(3)
    assert column.list.cards[3].is_open()
    column.widget.select_layer(99)
    assert column.list.open_index() is None
    assert chosen == []


def test_the_strip_behind_the_open_card_always_shows(column):
    assert [strip.is_shown() for strip in column.list.strips] == [False, False, False, True]
    column.widget.select_layer(0)
    assert [strip.is_shown() for strip in column.list.strips] == [False, True, False, False]


def test_escape_goes_from_a_field_to_the_card_and_then_closes_it(column):
    column.widget.select_layer(0)
    field = column.list.cards[0].form.field("units")
    field.setFocus()
    press(field, Qt.Key.Key_Escape)
    assert column.list.cards[0].hasFocus()
    press(column.list.cards[0], Qt.Key.Key_Escape)
    assert column.list.open_index() is None


def test_tab_goes_from_top_to_bottom(column):
    column.widget.select_layer(1)
    column.list.strips[0].setFocus()
    heights = []
    for _ in range(9):
        widget = QApplication.focusWidget()
        heights.append(widget.mapTo(column.widget, QPoint(0, widget.height() // 2)).y())
        press(widget, Qt.Key.Key_Tab)
    assert heights == sorted(heights)


# --- faults ------------------------------------------------------------------------------------------------


def test_a_faulty_card_says_why_and_its_button_mends_it(qtbot):
    column = Column(qtbot, Experiment(data=DataSettings(source=Digits()), layers=(Dense(), Dense())))
    card = column.list.cards[0]
    assert card.is_faulty()
    assert card._message.text() == "Needs a list of numbers but gets an image of 8 × 8 × 1."
    assert card._message.action() == "Insert a Flatten"
    assert not column.list.cards[1].is_faulty()
    assert column.list.cards[1].header.shape() == ""
    card._message.acted.emit()
    column.answer()
    assert column.layers == ("Flatten", "Dense", "Dense")
    assert not any(card.is_faulty() for card in column.list.cards)
    assert column.list.cards[0].header.shape() == "(64,)"
    column.undo()
    assert column.list.cards[0].is_faulty()


def test_a_card_that_stays_among_others_takes_no_more_room_than_it_needs(qtbot):
    layers = (Flatten(), Dense(), Dropout())
    column = Column(qtbot, Experiment(data=DataSettings(source=Digits()), layers=layers))
    column.widget.select_layer(1)
    settle()
    # Without Flatten before it the card says what is wrong, until the data is another.
    column.document.load(Experiment(data=DataSettings(source=Iris()), layers=(Dense(),)), None)
    assert column.list.cards[0].is_faulty()
    settle()
    column.answer()
    assert not column.list.cards[0].is_faulty()
    assert [card.height() for card in column.list.cards] == [
        card.sizeHint().height() for card in column.list.cards
    ]


def test_an_output_without_layers_before_it_can_be_mended_too(qtbot):
    column = Column(qtbot, Experiment(data=DataSettings(source=Digits())))
    output = column.list.cards[0]
    assert output.is_faulty()
    output._message.acted.emit()
    assert column.layers == ("Flatten",)
    assert not output.is_faulty()


def test_an_output_that_does_not_go_with_the_loss_is_told_on_its_card(column):
    experiment = column.experiment
    column.document.edit(experiment.replace(head=Head(activation="tanh")), "Change activation")
    output = column.list.cards[-1]
    assert output.is_faulty()
    assert "softmax" in output._message.text()
    column.answer()
    assert column.widget.data.message.text() == ""


def test_a_loss_that_does_not_fit_the_task_is_told_beside_the_training_and_mended(qtbot, table):
    column = Column(qtbot, experiment_on(table, target="height"))
    training = column.experiment.training.replace(loss="softmax_cross_entropy")
    column.document.edit(column.experiment.replace(training=training), "Change loss")
    column.answer()
    message = column.widget.training.message
    assert message.text().startswith("Needs a loss for a number")
    message.acted.emit()
    column.answer()
    assert column.experiment.training.loss is None
    assert message.text() == ""


def test_a_missing_file_is_told_with_the_data(qtbot, tmp_path):
    column = Column(qtbot, experiment_on(tmp_path / "nothing.csv"))
    assert "nothing.csv" in column.widget.data.message.text()
    assert column.widget.data.header.caption() == ""


# --- data --------------------------------------------------------------------------------------------------


def test_another_source_forgets_what_belongs_to_the_old_table(qtbot, table):
    column = Column(qtbot, experiment_on(table, target="kind", ignored=("name",), task="binary"))
    choice = column.widget.data.source.field("source")
    choice.set_value("iris")
    choice.edited.emit("iris")
    data = column.experiment.data
    assert (data.source.kind, data.target, data.ignored, data.task) == ("iris", None, (), None)
    assert column.widget.data.header.caption() == ""
    column.answer()
    assert column.widget.data.header.caption() == "150 rows · 3 classes"
    assert column.widget.data.target.choice.value() == "species"
    column.undo()
    assert column.experiment.data.ignored == ("name",)


def test_an_empty_path_asks_for_a_file(column):
    choice = column.widget.data.source.field("source")
    choice.edited.emit("csv")
    column.answer()
    assert column.widget.data.message.text() == "Choose a table above, or drop one onto the window."
    assert column.widget.data.reading.isVisible()


def test_an_empty_path_of_images_asks_for_their_folder(column, tmp_path):
    data = column.widget.data
    data.source.field("source").edited.emit("mnist")
    column.answer()
    assert data.message.text().startswith("Choose the folder that holds the four files of MNIST")
    data.source.field("source.path").edited.emit(str(write_mnist(tmp_path / "digits")))
    column.answer()
    assert data.message.text() == ""
    assert data.header.caption() == "42 rows · 3 classes"
    # Twelve of the 42 images are the test part as it was published, whatever the split says.
    assert data.split.line.text() == "56.4 / 15 / 28.6 %"


def test_the_target_is_chosen_among_the_columns_and_the_task_follows(qtbot, table):
    column = Column(qtbot, experiment_on(table, target="kind"))
    data = column.widget.data
    assert data.header.caption() == "60 rows · 2 classes"
    assert [option.value for option in data.target.choice.options()] == [
        *("width", "kind", "petals", "name", "height")
    ]
    data.target.choice.edited.emit("height")
    column.answer()
    assert column.experiment.data.target == "height"
    assert data.header.caption() == "60 rows · regression"
    assert data.task.choice.currentText() == "Number, inferred"
    assert column.list.cards[-1].header.name() == "Output · linear"


def test_a_finding_offers_to_ignore_the_column(qtbot, table):
    column = Column(qtbot, experiment_on(table, target="kind"))
    findings = column.widget.data.findings
    about_name = next(message for message in findings.messages if "“name”" in message.text())
    assert about_name.action() == "Ignore it"
    about_name.acted.emit()
    column.answer()
    assert column.experiment.data.ignored == ("name",)
    assert not any("“name”" in message.text() for message in findings.messages)


def test_a_column_is_taken_out_and_back_in(qtbot, table):
    column = Column(qtbot, experiment_on(table, target="kind"))
    view = column.widget.data.columns
    view.setCurrentIndex(view.model().index(0, 0))
    press(view, Qt.Key.Key_Space)
    assert column.experiment.data.ignored == ("width",)
    column.answer()
    index = view.model().index(0, 0)
    assert index.data(Qt.ItemDataRole.CheckStateRole) == Qt.CheckState.Unchecked
    view.model().setData(index, Qt.CheckState.Checked, Qt.ItemDataRole.CheckStateRole)
    assert column.experiment.data.ignored == ()


def test_the_target_itself_cannot_be_ignored(qtbot, table):
    column = Column(qtbot, experiment_on(table, target="kind"))
    view = column.widget.data.columns
    view.setCurrentIndex(view.model().index(1, 0))
    press(view, Qt.Key.Key_Return)
    assert column.document.undo_stack.count() == 0


def test_how_a_file_was_read_stands_with_the_fields_that_change_it(qtbot, table):
    column = Column(qtbot, experiment_on(table, target="kind"))
    data = column.widget.data
    data.reading.set_open(True)
    assert "UTF-8" in data._notes.text()
    assert data._fields_of_file.names() == ["delimiter", "encoding", "header", "skip"]
    data._fields_of_file.field("encoding").setText("latin-1")
    data._fields_of_file.field("encoding").commit()
    assert column.experiment.data.source.encoding == "latin-1"
    assert column.experiment.data.target == "kind"


def test_an_example_by_formula_shows_three_rows_until_asked(column):
    data = column.widget.data
    assert data.source.names() == ["source", "source.noise"]
    assert data.split.line.text() == "70 / 15 / 15 %"
    for hidden in (data.target, data.task, data.columns, data.reading, data.findings):
        assert not hidden.isVisible()


def test_the_split_opens_and_changes(column, qtbot):
    split = column.widget.data.split
    qtbot.mouseClick(split.line, Qt.MouseButton.LeftButton)
    assert split.form.isVisible()
    field = split.form.field("test")
    field.figure.setText("0.25")
    field.figure.commit()
    assert split.line.text() == "60 / 15 / 25 %"
    column.undo()
    assert split.line.text() == "70 / 15 / 15 %"


def test_what_was_understood_of_an_earlier_table_is_passed_over(qtbot, table):
    column = Column(qtbot, experiment_on(table, target="kind"))
    late = Prepared(
        1,
        column.experiment,
        describe(column.experiment.data.source.load(), column.experiment.data),
        prepare(column.experiment.data, column.experiment.data.source.load()),
        None,
        0,
    )
    column.widget.data.source.field("source").edited.emit("circle")
    column.widget.show_prepared(late)
    assert column.widget.data.header.caption() == ""


# --- training ----------------------------------------------------------------------------------------------


def test_the_rows_of_the_mockup(column):
    form = column.widget.training.form
    assert form.names()[:3] == ["loss", "optimizer", "optimizer.learning_rate"]
    rate, schedule = form.field("optimizer.learning_rate"), form.field("schedule")
    assert rate.y() == schedule.y()
    assert form.field("batch_size").y() == form.field("epochs").y()
    assert form.field("l1").y() == form.field("l2").y()
    assert {"Constant", "Exponential", "Step", "Cosine"} <= {option.title for option in schedule.options()}


def test_another_optimizer_brings_its_own_fields_inline(column):
    training = column.widget.training
    training.form.field("optimizer").edited.emit("sgd")
    assert "optimizer.beta1" not in training.form.names()
    assert "optimizer.epsilon" not in training.section_form("More").names()
    column.undo()
    assert "optimizer.beta1" in training.form.names()
    assert "optimizer.epsilon" in training.section_form("More").names()


def test_one_slider_sets_all_dropout_layers_and_hides_without_any(column):
    training = column.widget.training
    assert training.dropout.isVisible()
    column.document.edit(
        column.experiment.replace(layers=(*LAYERS_OF_THE_MOCKUP, Dropout(rate=0.5))), "Add Dropout"
    )
    training.dropout.edited.emit(0.3)
    assert [layer.rate for layer in column.experiment.layers if isinstance(layer, Dropout)] == [0.3, 0.3]
    column.document.edit(column.experiment.replace(layers=()), "Remove all")
    assert not training.dropout.isVisible()


def test_early_stopping_opens_its_fields(column):
    stopping = column.widget.training.section_form("Stopping")
    assert stopping.names() == ["early_stopping", "stop_below"]
    stopping.field("early_stopping").edited.emit(True)
    assert "early_stopping.patience" in stopping.names()
    assert column.experiment.training.early_stopping is not None


def test_a_new_seed_is_drawn_and_can_be_undone(column):
    column.widget.training.section("More").set_open(True)
    column.widget.training.new_seed.click()
    assert column.experiment.training.seed != 1
    column.undo()
    assert column.experiment.training.seed == 1


# --- while training ----------------------------------------------------------------------------------------


def test_while_training_only_live_settings_can_be_changed(column):
    column.widget.select_layer(0)
    column.widget.show_status("training")
    card = column.list.cards[0]
    assert not card.form.field("units").isEnabled()
    assert "Pause training to change this" in card.form.field("units").toolTip()
    assert card.form.field("l2").isEnabled()
    training = column.widget.training
    assert not training.form.field("loss").isEnabled()
    assert training.form.field("optimizer.learning_rate").isEnabled()
    assert not column.widget.data.source.field("source.noise").isEnabled()
    assert all(not strip.isEnabled() for strip in column.list.strips)
    card.setFocus()
    for key, modifiers in (
        (Qt.Key.Key_Delete, Qt.KeyboardModifier.NoModifier),
        (Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier),
        (Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier),
    ):
        press(card, key, modifiers)
    drag(card, QPoint(40, column.list.cards[2].geometry().bottom() + 4))
    assert column.document.undo_stack.count() == 0
    column.widget.select_layer(1)
    assert column.list.cards[1].form.field("rate").isEnabled()
    column.widget.show_status("paused")
    assert training.form.field("loss").isEnabled()
    assert all(strip.isEnabled() for strip in column.list.strips)
    assert "Pause" not in training.form.field("loss").toolTip()


# --- edits in place ----------------------------------------------------------------------------------------


def test_a_slider_drag_is_one_step_to_undo(column):
    slider = column.widget.data.source.field("source.noise").slider
    before = column.experiment.data.source.noise
    for position in range(4, 12):
        slider.setValue(position)
    assert column.experiment.data.source.noise != before
    assert column.document.undo_stack.count() == 1
    column.undo()
    assert column.experiment.data.source.noise == before


def test_edits_of_different_layers_are_different_steps(column):
    for index in (0, 2):
        column.widget.select_layer(index)
        field = column.list.cards[index].form.field("units")
        field.setText("11")
        field.commit()
    assert column.document.undo_stack.count() == 2
    assert column.document.undo_stack.undoText() == "Change units of Dense 2"


def test_what_is_being_typed_survives_edits_elsewhere(column):
    column.widget.select_layer(0)
    field = column.list.cards[0].form.field("units")
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, "12")
    field.setCursorPosition(1)
    column.document.edit(move_layer(column.experiment, 1, 2).experiment, "Move Dropout")
    training = column.experiment.training.replace(batch_size=64)
    column.document.edit(column.experiment.replace(training=training), "Change batch")
    column.answer()
    assert field.hasFocus()
    assert (field.text(), field.cursorPosition()) == ("12", 1)
    press(field, Qt.Key.Key_Return)
    assert column.experiment.layers[0].units == 12
    assert field.hasFocus()


def test_no_part_is_ever_a_window_of_its_own(column):
    """A widget that is shown before it has a parent flashes up, and takes the focus away."""
    for index in range(len(column.list.cards)):
        column.widget.select_layer(index)
        settle()
        assert column.widget.isActiveWindow()
        assert [window for window in QApplication.topLevelWidgets() if window.isVisible()] == [column.widget]


def test_fifty_changes_leave_no_widget_behind(column):
    def settings(turn: int) -> Experiment:
        layers = (*LAYERS_OF_THE_MOCKUP, *[Dense(units=turn + 1)] * (turn % 4))
        source = ("spiral", "iris", "circle")[turn % 3]
        training = column.experiment.training.replace(optimizer=("adam", "sgd", "adamw")[turn % 3])
        return Experiment(data=DataSettings(source=source), layers=layers, training=training)

    def count() -> int:
        flush_deferred_deletes()
        return len(column.widget.findChildren(QWidget))

    for turn in range(12):
        column.document.edit(settings(turn), "Change")
        column.widget.select_layer(turn % 4)
    column.widget.select_layer(None)
    column.document.edit(settings(0), "Change")
    before = count()
    for turn in range(1, 51):
        column.document.edit(settings(turn), "Change")
        column.widget.select_layer(turn % 4)
        if turn % 10 == 0:
            column.answer()
    column.widget.select_layer(None)
    column.document.edit(settings(0), "Change")
    assert count() <= before


def test_an_edit_is_shown_within_half_a_frame(column):
    column.widget.select_layer(0)
    times = []
    for turn in range(20):
        layer = column.experiment.layers[0].replace(units=8 + turn % 5)
        new = column.experiment.replace(layers=(layer, *column.experiment.layers[1:]))
        began = time.perf_counter()
        column.document.edit(new, "Change units")
        settle()
        times.append(1000 * (time.perf_counter() - began))
    assert sorted(times)[len(times) // 2] <= LONGEST_UPDATE_MS


@pytest.mark.parametrize("width", [290, 306, 420])
def test_nothing_is_wider_than_the_column(column, width):
    column.widget.select_layer(0)
    column.widget.resize(width, 800)
    settle()
    area = column.widget._scroll
    assert area.minimumWidth() <= 290
    assert area.widget().width() <= area.viewport().width()
    assert area.horizontalScrollBar().maximum() == 0


@pytest.mark.parametrize("name", ["light", "dark"])
def test_the_theme_can_change_while_it_shows(column, qapp, name):
    theme.apply(qapp, name)
    settle()
    assert not column.widget.grab().isNull()
    theme.apply(qapp, "light")


def test_everything_to_be_operated_has_a_name(column):
    column.widget.select_layer(0)
    reachable = (
        widget
        for widget in column.widget.findChildren(QWidget)
        if widget.isVisible() and widget.focusPolicy() & Qt.FocusPolicy.TabFocus
    )
    assert [widget for widget in reachable if not widget.accessibleName()] == []


# --- the parts without a window ----------------------------------------------------------------------------


def test_cards_follow_their_layers():
    a, b, c = Dense(units=1), Dropout(), Dense(units=3)
    assert matched([a, b, c], [b, c, a]) == [1, 2, 0]
    assert matched([a, b, c], [a, Dense(units=2), b, c]) == [0, None, 1, 2]
    assert matched([a, b, c], [a, b, Dense(units=4)]) == [0, 1, 2]
    assert matched([a, b, c], [Flatten(), c]) == [None, 2]


@pytest.mark.parametrize(
    ("write", "value", "text"),
    [
        (count_text, 18420, f"18{THIN}420"),
        (bytes_text, 200, f"0.2{THIN}kB"),
        (bytes_text, 38_400, f"38{THIN}kB"),
        (bytes_text, 1_240_000, f"1.2{THIN}MB"),
        (bytes_text, 999_900, f"1{THIN}MB"),
        (duration_text, 0.00044, f"0.44{THIN}ms"),
        (duration_text, 0.0123, f"12{THIN}ms"),
        (duration_text, 0.25, f"0.25{THIN}s"),
        (duration_text, 95, f"95{THIN}s"),
        (duration_text, 600, f"10{THIN}min"),
        (duration_text, 9000, f"2.5{THIN}h"),
    ],
)
def test_quantities(write: Callable[[float], str], value: float, text: str):
    assert write(value) == text


def test_a_shape_error_and_the_loss_it_hides_do_not_confuse_one_another(qtbot):
    training = Experiment().training.replace(loss=MeanSquaredError())
    experiment = Experiment(data=DataSettings(source=Digits()), layers=(Dense(),), training=training)
    column = Column(qtbot, experiment)
    assert isinstance(column.list.cards[0]._stage.fault, ShapeError)
