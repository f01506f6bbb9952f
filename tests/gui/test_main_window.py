"""The assembled window: what a person does in one place takes effect in the others, and nothing is lost."""

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, QRect, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDockWidget, QMessageBox

from gui.actions import COMMANDS
from gui.kit import NumberField
from gui.main_window import MainWindow
from gui.window.dock_sizes import fitted
from tests.gui.conftest import picture
from tests.gui.desk import close_without_question
from tests.gui.hands import comes_true


def learning_rate(desk) -> NumberField:
    return desk.window.panels["training"].form.field("optimizer.learning_rate")


def test_a_value_still_being_typed_counts_when_training_starts(desk):
    field = learning_rate(desk)
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, "3e-3")
    desk.do("step_batch")
    desk.status("paused")
    assert desk.training.optimizer.learning_rate == 0.003
    assert desk.frame.history.steps.read("learning_rate")[0] == 0.003


def test_start_page_comes_and_goes(desk):
    centre = desk.window.centre
    page = centre.currentWidget()
    desk.do("new")
    assert centre.currentWidget() is not page
    desk.do("new")
    assert centre.currentWidget() is page
    centre.setFocus()
    QTest.keyClick(centre, Qt.Key.Key_Escape)
    assert centre.currentWidget() is not page


def test_a_model_whose_table_is_gone_opens_without_its_weights(desk, tmp_path, monkeypatch):
    table = tmp_path / "flowers.csv"
    table.write_text("a,b,kind\n" + "".join(f"{n},{n % 5},{'xy'[n % 2]}\n" for n in range(80)))
    desk.open_table(table)
    assert desk.window.document.experiment.name == "flowers"
    desk.until(lambda: desk.frame.status == "ready" and desk.frame.epochs == 100, "prepared table")
    desk.do("step_epoch")
    desk.until(lambda: desk.frame.position == 1, "first epoch")
    path = tmp_path / "flowers.gradwright"
    desk.window.files.save_to(path)
    desk.until(lambda: desk.window.document.path == path, "saved file")
    before = path.read_bytes()
    table.unlink()
    seen = []

    def choose_experiment(box):
        seen.append(box.text())
        box.buttons()[0 if box.buttons()[0].text() == "Open the experiment" else 1].click()
        return 0

    monkeypatch.setattr(QMessageBox, "exec", choose_experiment)
    desk.window.files.open(path)
    desk.until(lambda: seen, "question")
    assert "flowers.csv" in seen[0]
    desk.status("invalid")
    assert desk.window.document.path is None
    assert path.read_bytes() == before


def test_a_dropped_table_is_opened(desk, tmp_path):
    table = tmp_path / "dropped.csv"
    table.write_text("a,b,kind\n" + "".join(f"{n},{n % 5},{'xy'[n % 2]}\n" for n in range(80)))
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(table))])
    event = QDropEvent(
        QPointF(QPoint(5, 5)),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    desk.window.dropEvent(event)
    desk.use_data()
    assert desk.window.document.experiment.name == "dropped"
    desk.status("ready")
    layers = desk.window.document.experiment.layers
    assert [(layer.kind, layer.units) for layer in layers] == [("dense", 16)]
    offered = desk.window.panels["layers"].offered
    assert "16 units, as there are 56 rows to train on" in offered.text()


def test_what_cannot_run_says_why_on_the_buttons(desk):
    experiment = desk.window.document.experiment
    broken = experiment.data.model_validate({"source": "digits"})
    desk.window.document.edit(experiment.replace(data=broken), "Digits")
    desk.status("invalid")
    train = desk.window.actions_["train"]
    desk.until(lambda: not train.isEnabled(), "disabled button")
    assert "Insert a Flatten" in train.toolTip()
    desk.do("undo")
    desk.status("ready")
    desk.until(train.isEnabled, "enabled button")


def test_of_the_last_document_nothing_stays_where_the_new_one_cannot_run(desk):
    window = desk.window
    desk.do("step_epoch")
    desk.status("paused")
    window.document.saved(Path("test.gradwright"))
    shown = [plot for plot in window.panels.of("plots") if plot.isVisible()]
    # Panels take their turns: what is shown of the last frame comes a little after it.
    desk.until(lambda: not any(plot.sentence for plot in shown), "plots of the epoch")
    before = [picture(plot) for plot in shown]
    window.files.new_from_preset("mnist-conv")
    desk.status("empty")
    for _ in range(5):
        QTest.qWait(10)
    assert all(picture(plot) != image for plot, image in zip(shown, before, strict=True))
    assert window.centre.current_view().accessibleName() == "Network"
    assert "folder" in window.panels["data"].message.text()


def test_the_title_names_the_document_and_says_whether_it_was_trained_or_edited(desk, answers):
    assert desk.window.windowTitle() == "Spiral — Gradwright"
    desk.do("step_epoch")
    desk.until(lambda: desk.window.windowTitle() == "Spiral — unsaved — Gradwright", "unsaved title")
    experiment = desk.window.document.experiment
    desk.window.document.edit(experiment.replace(layers=experiment.layers[:1]), "Remove Dense")
    assert desk.window.windowTitle() == "Spiral — edited — Gradwright"
    answers.append(QMessageBox.StandardButton.Discard)
    desk.window.files.new_from_preset("iris")
    assert desk.window.windowTitle() == "Iris — Gradwright"


def test_no_two_commands_share_a_shortcut():
    keys = [key for command in COMMANDS for key in command.keys]
    assert len(keys) == len(set(keys))


def test_a_saved_file_is_told_until_the_next_run_begins(desk, tmp_path, monkeypatch):
    monkeypatch.setattr("gui.window.status_line.NOTE_S", 1e5)
    desk.set_epochs(1_000_000)
    desk.do("step_batch")
    desk.status("paused")
    line = desk.window.status_line
    for begin in ("step_batch", "train"):
        path = tmp_path / f"{begin}.gradwright"
        desk.window.files.save_to(path)
        desk.until(lambda path=path: desk.window.document.path == path, "saved file")
        QTest.qWait(200)
        assert line.sentence.startswith(f"Saved {begin}.gradwright")
        desk.do(begin)
        desk.until(lambda: not line.sentence.startswith("Saved"), "the run's own sentence")
    assert line.sentence.startswith("Training: ")
    desk.window.files.save_to(path)
    desk.until(lambda: line.sentence.startswith("Saved"), "saved in mid-training")
    QTest.qWait(300)
    assert line.sentence.startswith("Saved")


def test_the_space_bar_trains_where_the_head_of_a_section_has_the_focus(desk, qapp):
    qapp.installEventFilter(desk.window)
    desk.set_epochs(1_000_000)
    more = desk.window.panels["data"].more
    was_open = more.is_open()
    more.button.setFocus()
    desk.until(more.button.hasFocus, "focus")
    QTest.keyClick(more.button, Qt.Key.Key_Space)
    desk.status("training")
    QTest.keyClick(more.button, Qt.Key.Key_Space)
    desk.status("paused")
    assert more.is_open() == was_open
    desk.window.panels["layers"].list.cards[0].setFocus()
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Space)
    desk.status("training")
    qapp.removeEventFilter(desk.window)


@pytest.mark.parametrize("stored", [None, (1200, 1000), (2600, 1700)])
def test_the_window_opens_no_larger_than_the_screen(qtbot, stored):
    screen = QApplication.primaryScreen().availableGeometry()
    if stored is not None:
        earlier = MainWindow()
        qtbot.addWidget(earlier)
        earlier.setGeometry(40, 40, *stored)
        earlier.docks.remember()
    window = MainWindow()
    qtbot.addWidget(window)
    window.show()
    least = window.minimumSizeHint()
    assert window.width() <= max(screen.width(), least.width())
    assert window.height() <= max(screen.height(), least.height())
    assert screen.contains(window.geometry().topLeft())


def test_panels_of_a_window_closed_while_squeezed_are_wide_again_in_a_larger_one(qtbot):
    def widths(window):
        docks = (window.findChild(QDockWidget, name) for name in ("dock-setup", "dock-loss"))
        return [dock.width() for dock in docks if dock.isVisible()]

    for width, seen in ((800, None), (1920, [332, 380]), (800, None), (1280, [332, 380])):
        window = MainWindow()
        qtbot.addWidget(window)
        window.resize(width, 1000)
        window.show()
        if seen is not None:
            assert comes_true(lambda window=window, seen=seen: widths(window) == seen), widths(window)
        else:
            assert comes_true(lambda window=window: len(widths(window)) == 2)
        close_without_question(window)


@pytest.mark.parametrize(
    ("area", "where"),
    [
        ((0, 0, 1440, 900), (0, 24, 1280, 776)),
        ((200, 100, 1000, 600), (200, 100, 1000, 600)),
        ((900, 500, 1000, 600), (280, 200, 1000, 600)),
        ((-1900, -50, 1440, 900), (0, 24, 1280, 776)),
    ],
)
def test_an_area_is_fitted_into_the_room_there_is(area, where):
    assert fitted(QRect(*area), QRect(0, 24, 1280, 776)) == QRect(*where)


def test_every_command_has_a_name_a_tip_and_does_something(desk):
    for command in COMMANDS:
        assert command.tip.endswith(".")
        action = desk.window.actions_[command.name]
        assert action.receivers("2triggered(bool)") > 0, command.name
