"""The worker without a window: what it does between steps, and what it never loses."""

import threading
import time

import numpy as np
import pytest

from engine.files.run_file import load
from engine.training.snapshot import Wanted
from gui import runs as runs_module
from gui.mailbox import Mailbox
from gui.messages import Crashed, Failed, Frame, Invalid, Opened, Prepared, Saved, Scored
from gui.worker import PREPARING, Worker
from tests.engine.training.runs import dense, experiment, with_training

PATIENCE_S = 60.0
NOTHING = Wanted()


class Driver:
    """A worker on its thread, asked as the window asks."""

    def __init__(self):
        self.mailbox = Mailbox()
        self.worker = Worker(self.mailbox)
        self.worker.set_speed("full")
        self.thread = threading.Thread(target=self.worker.main)
        self.thread.start()
        self.seen = []
        self.asked = False
        """Whether an answer is still to come."""

    def frame(self, wanted=NOTHING) -> Frame:
        if not self.asked:
            self.mailbox.ask(wanted)
            self.worker.look()
        limit = time.monotonic() + PATIENCE_S
        while (frame := self.mailbox.take()) is None:
            assert time.monotonic() < limit, "no frame"
            time.sleep(0.001)
        # That data is being prepared is told unasked. To ask once more before the answer has come would bring
        # two, the second of them when what it tells is past.
        self.asked = frame.sentence == PREPARING
        return frame

    def until(self, status) -> Frame:
        limit = time.monotonic() + PATIENCE_S
        while (frame := self.frame()).status != status:
            assert time.monotonic() < limit, f"still {frame.status}, {self.messages()}"
        return frame

    def message(self, kind):
        limit = time.monotonic() + PATIENCE_S
        while not (found := [m for m in self.messages() if isinstance(m, kind)]):
            assert time.monotonic() < limit, f"no {kind.__name__} among {self.seen}"
            time.sleep(0.001)
        self.seen.remove(found[0])
        return found[0]

    def messages(self):
        while self.worker.outbox:
            self.seen.append(self.worker.outbox.popleft())
        return self.seen

    def close(self):
        self.worker.close()
        self.thread.join(PATIENCE_S)
        assert not self.thread.is_alive()


@pytest.fixture
def driver():
    driver = Driver()
    yield driver
    driver.close()
    assert not [m for m in driver.messages() if isinstance(m, Crashed)]


@pytest.fixture
def slow_preparing(monkeypatch):
    """Data is not prepared before this event is set."""
    let_go = threading.Event()
    right = runs_module.prepare

    def slow(*arguments):
        let_go.wait(PATIENCE_S)
        return right(*arguments)

    monkeypatch.setattr(runs_module, "prepare", slow)
    yield let_go
    let_go.set()


def test_train_to_the_end_and_score(driver):
    driver.worker.adopt(experiment(epochs=5))
    prepared = driver.message(Prepared)
    assert prepared.step == 0
    ready = driver.until("ready")
    assert ready.epochs == 5
    assert ready.threads == 1
    driver.worker.train()
    frame = driver.until("finished")
    assert frame.sentence == "All 5 epochs are done."
    assert frame.history.epochs.count == 5
    scored = driver.message(Scored)
    assert [scores.part for scores in scored.scores] == ["training", "validation", "test"]
    assert scored.step == frame.step


def test_step_batch_and_step_epoch(driver):
    driver.worker.adopt(experiment(epochs=5))
    per_epoch = driver.message(Prepared).dataset.training.rows_count // 16 + 1
    driver.worker.train("batch")
    assert driver.until("paused").step == 1
    driver.worker.train("epoch")
    assert driver.until("paused").step == per_epoch
    driver.worker.train("epoch")
    assert driver.until("paused").step == 2 * per_epoch


def test_pause_waits_and_stop_says_why(driver):
    driver.worker.adopt(experiment(epochs=1_000_000))
    driver.worker.train()
    driver.until("training")
    driver.worker.pause()
    paused = driver.until("paused")
    assert driver.frame().step == paused.step
    driver.worker.stop()
    assert driver.until("stopped").sentence.startswith("Stopped by you in epoch ")


def test_a_frame_asked_for_after_a_command_shows_what_the_command_did(driver):
    driver.worker.adopt(experiment(epochs=1_000_000))
    driver.until("ready")
    for _ in range(200):
        driver.worker.train()
        assert driver.frame().status == "training"
        driver.worker.stop()
        assert driver.frame().status == "stopped"


def test_reset_brings_the_same_weights_back(driver):
    driver.worker.adopt(experiment(epochs=5))
    driver.until("ready")
    wanted = Wanted(weights=True)
    start = driver.frame(wanted).snapshot.layers[0].weight
    driver.worker.train()
    driver.until("finished")
    assert not np.array_equal(driver.frame(wanted).snapshot.layers[0].weight, start)
    driver.worker.reset()
    frame = driver.frame(wanted)
    assert (frame.status, frame.step, frame.history.steps.count) == ("ready", 0, 0)
    assert np.array_equal(frame.snapshot.layers[0].weight, start)


def test_live_change_in_mid_run_keeps_the_run(driver):
    settings = experiment(epochs=1_000_000)
    driver.worker.adopt(settings)
    driver.worker.train()
    run = driver.until("training").run
    driver.worker.adopt(with_training(settings, optimizer={"kind": "adam", "learning_rate": 0.5}))
    limit = time.monotonic() + PATIENCE_S
    while not (frame := driver.frame()).history.marks:
        assert time.monotonic() < limit
    assert (frame.run, frame.status) == (run, "training")
    assert frame.history.marks[0].text == "learning rate 0.001 → 0.5"


def test_a_live_change_that_does_not_fit_the_data_waits_until_it_is_mended(driver):
    settings = experiment(epochs=1_000_000)
    driver.worker.adopt(settings)
    driver.worker.train()
    run = driver.until("training").run
    driver.worker.adopt(with_training(settings, augmentation=["rotate"]))
    assert driver.message(Invalid).error.expected == "images, which rotate is for"
    assert driver.until("invalid").history is None
    mended = with_training(settings, augmentation=["noise"])
    driver.worker.adopt(mended)
    frame = driver.until("paused")
    assert frame.run == run
    assert frame.step > 0
    assert [mark.text for mark in frame.history.marks] == ["augmentation none → Noise"]


def test_undoing_an_edit_brings_the_trained_run_back(driver):
    settings, other = experiment(epochs=5), experiment([dense(3)], epochs=5)
    driver.worker.adopt(settings)
    driver.worker.train()
    trained = driver.until("finished")
    driver.worker.adopt(other)
    assert driver.until("ready").step == 0
    driver.worker.adopt(settings)
    again = driver.until("finished")
    assert (again.run, again.step) == (trained.run, trained.step)


def test_only_the_newest_of_many_edits_is_prepared(driver, slow_preparing):
    driver.worker.adopt(experiment([dense(2)]))
    driver.until("preparing")
    for units in range(3, 30):
        driver.worker.adopt(experiment([dense(units)]))
    slow_preparing.set()
    driver.until("ready")
    prepared = [message for message in driver.messages() if isinstance(message, Prepared)]
    assert [message.experiment.layers[0].units for message in prepared] == [2, 29]


def test_an_experiment_that_cannot_run_says_so_and_recovers(driver):
    driver.worker.adopt(experiment([dense(4)], {"source": "digits"}))
    invalid = driver.message(Invalid)
    assert "Insert a Flatten before it" in str(invalid.error)
    assert invalid.description.rows == 1797
    driver.until("invalid")
    driver.worker.train()
    driver.worker.adopt(experiment())
    driver.until("ready")


def test_save_and_open_go_on_where_it_was(driver, tmp_path):
    settings = experiment(epochs=40)
    driver.worker.adopt(settings)
    driver.worker.train("epoch")
    paused = driver.until("paused")
    driver.worker.save(tmp_path / "run.gradwright", settings)
    saved = driver.message(Saved)
    assert saved.step == paused.step
    driver.worker.train("epoch")
    driver.until("paused")
    driver.worker.open(tmp_path / "run.gradwright")
    assert driver.message(Opened).experiment == settings
    assert driver.frame().step == paused.step


def test_a_file_that_cannot_be_opened_changes_nothing(driver, tmp_path):
    driver.worker.adopt(experiment(epochs=5))
    driver.worker.train()
    before = driver.until("finished")
    (tmp_path / "broken.gradwright").write_bytes(b"PK")
    driver.worker.open(tmp_path / "broken.gradwright")
    assert "broken.gradwright" in str(driver.message(Failed).error)
    after = driver.frame()
    assert (after.run, after.step, after.status) == (before.run, before.step, before.status)


def test_a_snapshot_holds_only_what_was_asked_for(driver):
    driver.worker.adopt(experiment(epochs=5))
    driver.until("ready")
    nothing = driver.frame().snapshot
    assert nothing.decision_map is None
    assert all(layer.weight is None and layer.weight_histogram is None for layer in nothing.layers)
    all_of_it = driver.frame(Wanted(True, True, 20, 10)).snapshot
    assert all_of_it.decision_map.values.shape == (20, 20, 2)
    assert all_of_it.layers[0].neuron_maps.shape == (8, 10, 10)
    assert all_of_it.layers[0].weight_histogram.counts.sum() == 16
    assert not all_of_it.layers[0].weight.flags.writeable


def test_saving_waits_for_the_edit_that_it_belongs_to(driver, tmp_path):
    """Edits that were overtaken by newer ones are skipped, but never the one that is being saved."""
    settings = experiment(epochs=5)
    driver.worker.adopt(settings)
    driver.worker.train()
    driver.until("finished")
    changed = with_training(settings, l2=0.01)
    path = tmp_path / "run.gradwright"
    driver.worker.adopt(changed)
    driver.worker.save(path, changed)
    driver.worker.adopt(with_training(settings, l2=0.02))
    saved = driver.message(Saved)
    assert saved.experiment == changed
    assert saved.step > 0
    assert load(path).state is not None


def test_a_trained_file_is_not_replaced_by_an_experiment_that_cannot_run(driver, tmp_path):
    settings = experiment(epochs=5)
    path = tmp_path / "run.gradwright"
    driver.worker.adopt(settings)
    driver.worker.train()
    driver.until("finished")
    driver.worker.save(path, settings)
    driver.message(Saved)
    before = path.read_bytes()
    broken = experiment([dense(4)], {"source": "digits"})
    driver.worker.adopt(broken)
    driver.until("invalid")
    driver.worker.save(path, broken)
    assert "Mend it first" in str(driver.message(Failed).error)
    assert path.read_bytes() == before
    driver.worker.save(tmp_path / "other.gradwright", broken)
    assert driver.message(Saved).step == 0


def test_a_fault_is_told_once_and_the_worker_lives_on(driver, monkeypatch):
    def fault(*arguments, **named):
        raise RuntimeError("a fault of the program")

    driver.worker.adopt(experiment(epochs=5))
    driver.until("ready")
    monkeypatch.setattr("gui.frames.Observer.snapshot", fault)
    for _ in range(5):
        assert driver.frame().snapshot is None
    monkeypatch.setattr("engine.training.evaluator.Evaluator.scoring", fault)
    driver.worker.train("batch")
    driver.until("paused")
    crashes = [driver.message(Crashed) for _ in range(2)]
    assert all("a fault of the program" in crash.traceback for crash in crashes)
    for _ in range(5):
        assert driver.frame().status == "paused"
    assert not [message for message in driver.messages() if isinstance(message, Crashed)]


def test_loading_begins_anew_even_with_the_same_experiment(driver):
    settings = experiment(epochs=5)
    driver.worker.load(settings)
    driver.worker.train()
    trained = driver.until("finished")
    driver.worker.load(settings)
    fresh = driver.until("ready")
    assert fresh.step == 0
    assert fresh.run != trained.run


def test_a_table_that_has_changed_is_read_again(driver, tmp_path):
    table = tmp_path / "table.csv"
    lines = [f"{number},{number % 7},{'ab'[number % 2]}" for number in range(60)]
    table.write_text("x,y,kind\n" + "\n".join(lines) + "\n")
    data = {"source": {"kind": "csv", "path": str(table)}, "target": "kind"}
    driver.worker.adopt(experiment(data=data))
    assert driver.message(Prepared).description.rows == 60
    table.write_text("x,y,kind\n" + "\n".join(lines * 2) + "\n")
    driver.worker.adopt(experiment([dense(3)], data=data))
    assert driver.message(Prepared).description.rows == 120


def test_more_epochs_after_the_last_one_make_a_finished_run_a_paused_one(driver):
    settings = experiment(epochs=5)
    driver.worker.adopt(settings)
    driver.worker.train()
    driver.until("finished")
    driver.worker.adopt(with_training(settings, epochs=8))
    driver.until("paused")
    driver.worker.train()
    assert driver.until("finished").position == 8


def test_the_window_is_told_that_data_is_being_prepared(driver, slow_preparing):
    driver.worker.adopt(experiment())
    driver.until("preparing")
    slow_preparing.set()
    driver.until("ready")
