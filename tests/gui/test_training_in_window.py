"""Training from the window: what each button does to a run, and what the bar says of it."""

from PySide6.QtWidgets import QLabel

from gui.kit import ElidedLabel


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


def test_an_edit_of_a_trained_network_says_that_undo_brings_it_back(desk):
    desk.do("step_epoch")
    run = desk.status("paused").run
    put_aside = []
    desk.window.session.put_aside.connect(put_aside.append)
    desk.window.document.edit(desk.window.document.experiment.replace(layers=()), "Delete layers")
    assert put_aside
    desk.status("ready")
    desk.do("undo")
    assert desk.status("paused").run == run


def test_orders_faster_than_frames_are_all_carried_out(desk):
    desk.set_epochs(1_000_000)
    desk.do("train")
    desk.do("train")
    desk.until(lambda: desk.frame.command >= desk.window.session.command, "frame of both orders")
    assert desk.frame.status in ("ready", "paused")
    step = desk.frame.step
    for _ in range(5):
        desk.do("step_batch")
    desk.until(lambda: desk.frame.status == "paused" and desk.frame.step == step + 5, "five steps")
    desk.do("train")
    assert desk.window.actions_["stop"].isEnabled()
    desk.do("stop")
    desk.status("stopped")
