"""The assembled window: what a person does in one place takes effect in the others, and nothing is lost."""

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, QRect, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QMessageBox

from engine.files.run_file import load
from gui.actions import COMMANDS
from gui.kit import ElidedLabel, NumberField
from gui.main_window import MainWindow
from gui.window.dock_sizes import fitted
from tests.gui.conftest import picture


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


def test_reset_can_be_undone(desk):
    desk.do("step_epoch")
    trained = desk.status("paused")
    desk.do("reset")
    assert desk.status("ready").step == 0
    desk.do("undo")
    back = desk.status("paused")
    assert (back.run, back.step) == (trained.run, trained.step)
    desk.do("redo")
    assert desk.status("ready").step == 0


def test_training_on_after_the_end_adds_as_many_epochs_as_were_chosen_also_after_a_step(desk):
    desk.set_epochs(3)
    desk.do("speed_full")
    desk.do("train")
    desk.status("finished")
    assert "3 more epochs" in desk.window.actions_["train"].toolTip()
    desk.do("step_batch")
    desk.until(lambda: desk.frame.status == "paused" and desk.frame.position > 3, "a step")
    assert desk.training.epochs == 4
    desk.do("step_epoch")
    desk.until(lambda: desk.frame.position == 4, "fourth epoch")
    desk.do("step_epoch")
    desk.until(lambda: desk.frame.position == 5, "fifth epoch")
    assert "1 more epoch" in desk.window.actions_["train"].toolTip()
    desk.do("train")
    desk.until(lambda: desk.frame.status == "finished" and desk.frame.position == 6, "six epochs")
    desk.do("train")
    desk.until(lambda: desk.frame.status == "finished" and desk.frame.position == 9, "nine epochs")


def test_train_after_stepping_onto_the_last_epoch_goes_on(desk):
    desk.set_epochs(1)
    desk.do("speed_full")
    desk.do("step_epoch")
    desk.until(lambda: desk.frame.status == "paused" and desk.frame.position == 1, "last epoch")
    desk.do("train")
    desk.until(lambda: desk.frame.position == 2, "one more epoch")


def progress_in_sight(desk) -> str:
    """The text on progress as it is seen, shortened where there is no room."""
    labels = desk.window.transport.findChildren(ElidedLabel)
    return next(QLabel.text(label) for label in labels if label.text().startswith("Epoch"))


def test_the_bar_says_what_train_will_do_after_the_last_epoch(desk):
    desk.set_epochs(3)
    desk.do("speed_full")
    desk.do("step_epoch")
    desk.until(lambda: desk.frame.position == 1, "first epoch")
    assert progress_in_sight(desk) == "Epoch 1 of 3"
    desk.do("step_epoch")
    desk.do("step_epoch")
    desk.until(lambda: desk.frame.status == "paused" and desk.frame.position == 3, "last epoch")
    assert progress_in_sight(desk) == "Epoch 3 of 3 · Train: 3 more"
    desk.do("train")
    desk.until(lambda: desk.frame.status == "finished" and desk.frame.position == 6, "six epochs")
    assert progress_in_sight(desk) == "Epoch 6 of 6 · Train: 3 more"
    desk.set_epochs(10)
    desk.until(lambda: desk.frame.epochs == 10, "ten epochs")
    assert progress_in_sight(desk) == "Epoch 6 of 10"
    desk.do("train")
    desk.until(lambda: desk.frame.status == "finished" and desk.frame.position == 10, "ten epochs")
    assert progress_in_sight(desk) == "Epoch 10 of 10 · Train: 10 more"


def test_after_a_stop_the_bar_says_how_many_epochs_are_left_and_while_training_nothing(desk):
    desk.train_for_long()
    assert "Train:" not in progress_in_sight(desk)
    desk.do("stop")
    epoch = int(desk.status("stopped").position)
    whole = desk.window.transport.findChild(ElidedLabel).text()
    done, left = (f"{number:,}".replace(",", "\u202f") for number in (epoch, 1_000_000 - epoch))
    assert whole == f"Epoch {done} of 1\u202f000\u202f000 · Train: {left} left"


def test_after_early_stopping_the_bar_says_how_many_epochs_are_left(desk):
    values = desk.training.model_dump() | {"epochs": 50, "early_stopping": {"patience": 1}}
    values["optimizer"] = {"kind": "sgd", "learning_rate": 10.0}
    stopping = desk.training.model_validate(values)
    desk.window.document.edit(desk.window.document.experiment.replace(training=stopping), "Stop early")
    desk.do("speed_full")
    desk.do("train")
    epoch = int(desk.status("stopped").position)
    assert progress_in_sight(desk) == f"Epoch {epoch} of 50 · Train: {50 - epoch} left"


def test_fewer_epochs_than_are_trained_do_not_keep_train_from_going_on(desk):
    desk.set_epochs(4)
    desk.do("speed_full")
    desk.do("train")
    desk.status("finished")
    desk.set_epochs(2)
    desk.until(lambda: desk.frame.epochs == 2, "two epochs")
    assert progress_in_sight(desk) == "Epoch 4 of 2 · Train: 2 more"
    desk.do("train")
    desk.until(lambda: desk.frame.status == "finished" and desk.frame.position == 6, "six epochs")


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


def test_unsaved_work_is_asked_about_once_and_can_be_saved_on_the_way(desk, answers, tmp_path, monkeypatch):
    desk.do("step_epoch")
    desk.status("paused")
    desk.until(lambda: desk.window.document.modified, "unsaved work")
    answers.append(QMessageBox.StandardButton.Cancel)
    desk.window.files.new_from_preset("xor")
    assert desk.window.document.experiment.name == "Spiral"
    path = tmp_path / "kept.gradwright"
    monkeypatch.setattr(
        "gui.window.file_commands.QFileDialog.getSaveFileName", lambda *arguments: (str(path), "")
    )
    answers.append(QMessageBox.StandardButton.Save)
    desk.window.files.new_from_preset("xor")
    desk.until(lambda: desk.window.document.experiment.name == "Exclusive or", "other experiment")
    assert path.stat().st_size > 0
    assert not answers


def test_a_model_whose_table_is_gone_opens_without_its_weights(desk, tmp_path, monkeypatch):
    table = tmp_path / "flowers.csv"
    table.write_text("a,b,kind\n" + "".join(f"{n},{n % 5},{'xy'[n % 2]}\n" for n in range(80)))
    desk.window.files.open(table)
    desk.until(lambda: desk.window.document.experiment.name == "flowers", "table")
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
    desk.until(lambda: desk.window.document.experiment.name == "dropped", "dropped table")
    desk.status("ready")


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
    desk.status("invalid")
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


def open_question(desk, monkeypatch, answer):
    """Answers the next question after a while in which the window lives; gives the steps before and after."""
    seen = []

    def wait(box):
        desk.status("paused")
        seen.append(desk.frame.step)
        QTest.qWait(150)
        seen.append(desk.frame.step)
        return answer

    monkeypatch.setattr(QMessageBox, "exec", wait)
    return seen


@pytest.mark.parametrize("deed", ["close", "open another"])
def test_training_waits_while_the_question_is_open_and_goes_on_at_cancel(desk, monkeypatch, deed):
    desk.train_for_long()
    seen = open_question(desk, monkeypatch, QMessageBox.StandardButton.Cancel)
    if deed == "close":
        assert not desk.window.close()
    else:
        desk.window.files.new_from_preset("xor")
    assert seen[0] == seen[1]
    desk.status("training")
    desk.until(lambda: desk.frame.step > seen[1], "more steps")


def test_what_is_saved_before_closing_in_mid_training_is_all_there_is(desk, monkeypatch, tmp_path):
    desk.do("speed_full")
    desk.train_for_long()
    path = tmp_path / "kept.gradwright"
    monkeypatch.setattr(
        "gui.window.file_commands.QFileDialog.getSaveFileName", lambda *arguments: (str(path), "")
    )
    seen = open_question(desk, monkeypatch, QMessageBox.StandardButton.Save)
    assert not desk.window.close()
    desk.until(lambda: not desk.window.isVisible(), "closed window")
    assert len(seen) == 2, "asked once"
    assert load(path).state.numbers["step"] == seen[1]


@pytest.mark.parametrize(("saved", "words"), [(998, "2 training steps"), (999, "1 training step")])
def test_what_is_at_stake_is_counted(desk, saved, words):
    desk.window.session.number += 1
    desk.window.files.begin_run(saved)
    desk.window.files.note_step(1000)
    assert desk.window.files.work.at_stake() == words


def test_an_edit_while_saving_before_closing_is_saved_too(desk, answers, monkeypatch, tmp_path):
    path = tmp_path / "kept.gradwright"
    monkeypatch.setattr(
        "gui.window.file_commands.QFileDialog.getSaveFileName", lambda *arguments: (str(path), "")
    )
    desk.set_epochs(41)
    answers.append(QMessageBox.StandardButton.Save)
    assert not desk.window.close()
    desk.set_epochs(42)
    desk.until(lambda: not desk.window.isVisible(), "closed window")
    assert load(path).experiment.training.epochs == 42
    assert not desk.window.document.modified


def test_training_goes_on_where_no_file_is_chosen_or_none_can_be_written(desk, monkeypatch, tmp_path):
    desk.train_for_long()
    window, problems = desk.window, []
    window.files.problem.disconnect(window.messages.show_problem)
    window.files.problem.connect(lambda deed, error: problems.append(deed))
    for chosen in ("", str(tmp_path / "nowhere" / "kept.gradwright")):
        monkeypatch.setattr(
            "gui.window.file_commands.QFileDialog.getSaveFileName",
            lambda *arguments, chosen=chosen: (chosen, ""),
        )
        seen = open_question(desk, monkeypatch, QMessageBox.StandardButton.Save)
        assert not window.close()
        held = seen[1]
        desk.until(lambda held=held: desk.frame.status == "training" and desk.frame.step > held, "more steps")
    assert problems == ["Save"]


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


def test_closing_in_mid_training_leaves_no_thread(desk, answers):
    desk.train_for_long()
    answers.append(QMessageBox.StandardButton.Discard)
    assert desk.window.close()
    assert not desk.window.session.client.thread_.is_alive()


def test_every_command_has_a_name_a_tip_and_does_something(desk):
    for command in COMMANDS:
        assert command.tip.endswith(".")
        action = desk.window.actions_[command.name]
        assert action.receivers("2triggered(bool)") > 0, command.name
