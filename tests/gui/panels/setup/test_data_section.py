"""What the network learns from: source, target, columns, split, and what was understood."""

from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from engine.data import DataSettings, describe, prepare
from engine.data.sources.bundled import Iris
from engine.data.sources.csv_file import CSVFile
from engine.data.sources.image_folder import ImageFolder
from engine.data.sources.mnist import MNIST
from engine.files.opening import preset
from engine.training.trainer import Trainer
from gui.core.messages import Prepared
from gui.kit.form import SettingsForm
from gui.panels.setup import edits
from tests.engine.data.images.idx_files import write_mnist
from tests.gui.hands import act, choose, click, press, write
from tests.gui.panels.setup.columns import Column, experiment_on


def test_another_source_forgets_what_belongs_to_the_old_table(qtbot, table):
    column = Column(qtbot, experiment_on(table, target="kind", ignored=("name",), task="binary"))
    choice = column.data.source.field("source")
    choose(choice, "iris")
    data = column.experiment.data
    assert (data.source.kind, data.target, data.ignored, data.task) == ("iris", None, (), None)
    assert column.data.header.caption() == ""
    column.answer()
    assert column.data.header.caption() == "150 rows · 3 classes"
    assert column.data.target.choice.value() == "species"
    column.undo()
    assert column.experiment.data.ignored == ("name",)


def test_an_empty_path_asks_for_a_file(column):
    choice = column.data.source.field("source")
    choose(choice, "csv")
    column.answer()
    assert column.data.message.text() == "Choose a table above, or drop one onto the window."
    assert column.data.reading.isVisible()


def test_an_empty_path_of_images_asks_for_their_folder(column, tmp_path):
    data = column.data
    choose(data.source.field("source"), "mnist")
    column.answer()
    assert data.message.text().startswith("Choose the folder that holds the four files of MNIST")
    write(data.source.field("source.path"), str(write_mnist(tmp_path / "digits")))
    column.answer()
    assert data.message.text() == ""
    assert data.header.caption() == "42 rows · 3 classes"
    # Twelve of the 42 images are the test part as it was published, whatever the split says.
    assert data.split.line.text() == "56.4 / 15 / 28.6 %"


def test_the_target_is_chosen_among_the_columns_and_the_task_follows(qtbot, table):
    column = Column(qtbot, experiment_on(table, target="kind"))
    data = column.data
    assert data.header.caption() == "60 rows · 2 classes"
    assert [option.value for option in data.target.choice.options()] == [
        *("width", "kind", "petals", "name", "height")
    ]
    choose(data.target.choice, "height")
    column.answer()
    assert column.experiment.data.target == "height"
    assert data.header.caption() == "60 rows · regression"
    assert data.task.choice.currentText() == "Number, inferred"
    assert column.list.cards[-1].header.name() == "Output · linear"


def test_a_finding_offers_to_ignore_the_column(qtbot, table):
    column = Column(qtbot, experiment_on(table, target="kind"))
    findings = column.data.findings
    about_name = next(message for message in findings.messages if "“name”" in message.text())
    assert about_name.action() == "Ignore it"
    act(about_name)
    column.answer()
    assert column.experiment.data.ignored == ("name",)
    assert not any("“name”" in message.text() for message in findings.messages)


def test_a_column_is_taken_out_and_back_in(qtbot, table):
    column = Column(qtbot, experiment_on(table, target="kind"))
    view = column.data.columns
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
    view = column.data.columns
    view.setCurrentIndex(view.model().index(1, 0))
    press(view, Qt.Key.Key_Return)
    assert column.document.undo_stack.count() == 0


def test_how_a_file_was_read_stands_with_the_fields_that_change_it(qtbot, table):
    column = Column(qtbot, experiment_on(table, target="kind"))
    data = column.data
    data.reading.set_open(True)
    assert any("UTF-8" in label.text() for label in data.reading.findChildren(QLabel))
    form = data.reading.findChild(SettingsForm)
    read_by = [
        "delimiter",
        "encoding",
        "header",
        "skip",
        "decimal",
        "missing",
        "member",
        "first_rows",
        "rows",
    ]
    assert form.names() == read_by
    write(form.field("encoding"), "latin-1")
    assert column.experiment.data.source.encoding == "latin-1"
    assert column.experiment.data.target == "kind"


def test_an_example_by_formula_shows_three_rows_until_asked(column):
    data = column.data
    assert data.source.names() == ["source", "source.noise"]
    assert data.split.line.text() == "70 / 15 / 15 %"
    for hidden in (data.target, data.task, data.columns, data.reading, data.findings):
        assert not hidden.isVisible()


def test_the_split_opens_and_changes(column, qtbot):
    split = column.data.split
    qtbot.mouseClick(split.line, Qt.MouseButton.LeftButton)
    assert split.form.isVisible()
    write(split.form.field("test").figure, "0.25")
    assert split.line.text() == "60 / 15 / 25 %"
    column.undo()
    assert split.line.text() == "70 / 15 / 15 %"


def test_what_was_understood_of_an_earlier_table_is_passed_over(qtbot, table):
    column = Column(qtbot, experiment_on(table, target="kind"))
    table_read = column.experiment.data.load()
    dataset = prepare(column.experiment.data, table_read)
    network = Trainer(column.experiment, dataset).network
    late = Prepared(1, column.experiment, describe(table_read, column.experiment.data), dataset, network, 0)
    choose(column.data.source.field("source"), "circle")
    column.panels.show_prepared(late)
    assert column.data.header.caption() == ""


def test_a_guessed_target_is_called_a_guess_until_somebody_chooses(qtbot, table):
    column = Column(qtbot, experiment_on(table))
    data = column.data
    assert data.target.choice.value() == "height"
    assert data.guess.isVisible()
    assert data.guess.text() == "Guessed: the last column. Choose it, or another, here."
    # The very same one, from the list.
    choose(data.target.choice, "height")
    column.answer()
    assert not data.guess.isVisible()
    column.undo()
    column.answer()
    assert data.guess.isVisible()
    column.document.edit(column.experiment.replace(data=DataSettings(source=Iris())), "Iris")
    column.answer()
    assert not data.guess.isVisible()


def test_a_guess_that_passes_over_the_last_column_says_so(qtbot, table):
    column = Column(qtbot, experiment_on(table, ignored=("height",)))
    # Names differ in every row: "petals" is the last that suits.
    assert column.data.target.choice.value() == "petals"
    assert "the last column that suits" in column.data.guess.text()


def test_the_file_of_one_source_is_not_the_folder_of_another(qtbot, table):
    column = Column(qtbot, experiment_on(table))
    source = column.data.source
    choose(source.field("source"), "mnist")
    column.answer()
    assert column.experiment.data.source == MNIST()
    assert source.field("source.path").value() == ""
    column.undo()
    assert source.field("source.path").value() == str(table)


def test_a_name_made_from_the_table_follows_the_source_and_one_given_by_hand_stays(qtbot, table, tmp_path):
    named = experiment_on(table).replace(name=table.stem)
    column = Column(qtbot, named)
    data = column.data
    choose(data.source.field("source"), "mnist")
    assert column.experiment.name == "MNIST (IDX files)"
    write(data.source.field("source.path"), str(tmp_path / "fashion"))
    assert column.experiment.name == "fashion"
    choose(data.source.field("source"), "circle")
    assert column.experiment.name == "Circle"
    for _ in range(3):
        column.undo()
    assert column.experiment == named
    by_hand = named.replace(name="My flowers")
    column.document.edit(by_hand, "Rename")
    choose(data.source.field("source"), "iris")
    assert column.experiment.name == "My flowers"


def test_a_ready_experiment_on_other_data_is_called_after_it(table):
    ready = preset("iris")
    assert ready.name == "Iris"
    changed = ready.data.replace(source=CSVFile(path=str(table)))
    assert edits.change_data(ready, changed, "source").experiment.name == table.stem
    # Another setting of the same data leaves it.
    same = ready.data.replace(target="sepal length")
    assert edits.change_data(ready, same, "target").experiment.name == "Iris"


def test_a_table_that_is_chosen_is_looked_at_before_the_experiment_has_it(column, table, tmp_path):
    before = column.experiment
    asked = []
    column.context.requests.import_data.connect(asked.append)
    source = column.data.source
    choose(source.field("source"), "csv")
    write(source.field("source.path"), str(tmp_path / "other.csv"))
    (data,) = asked
    assert data.source == CSVFile(path=str(tmp_path / "other.csv"))
    assert (data.target, data.task, data.ignored) == (None, None, ())
    # The field shows what the experiment has, until a person agrees.
    assert source.field("source.path").value() == ""
    column.undo()
    assert column.experiment == before


def test_how_a_table_is_read_can_be_changed_and_the_data_looked_at(qtbot, table):
    column = Column(qtbot, experiment_on(table, target="kind"))
    asked = []
    column.context.requests.import_data.connect(asked.append)
    column.context.requests.open_tool.connect(asked.append)
    links = column.data.links
    click(links.read_again)
    click(links.look)
    assert asked == [column.experiment.data, "data_viewer"]
    column.data.set_locked(True)
    assert not links.read_again.isEnabled()
    assert links.look.isEnabled()


def test_where_nothing_else_can_be_predicted_the_target_is_no_guess(qtbot, tmp_path):
    """The classes of a folder of images are its only column beside the images."""
    for name in ("circle", "square"):
        (tmp_path / name).mkdir()
        for number in range(6):
            Image.new("L", (8, 8), 20 * number).save(tmp_path / name / f"{number}.png")
    column = Column(qtbot, experiment_on(tmp_path / "none.csv"))
    column.data.guess.show_target(
        settings := DataSettings(source=ImageFolder(path=str(tmp_path))), describe(settings.load(), settings)
    )
    assert column.data.guess.isHidden()
