"""The session: which run belongs to the document, whatever is ordered, edited and undone in which order."""

import threading
import time

import pytest
from PySide6.QtTest import QTest

from engine.data.sources.csv_file import CSVFile
from engine.files.run_file import resume
from engine.training.frozen_network import PARTS, FrozenNetwork
from gui.core import runs as runs_module
from gui.core.document import Document
from gui.core.evaluation import REST_MS
from gui.core.jobs import JobRunner
from gui.core.messages import Frame
from gui.core.session import KEPT_RUNS, Session
from gui.core.worker_client import TICK_MS
from tests.engine.training.runs import dense, experiment, with_training
from tests.gui.core.still_worker import client_of_still_worker

PATIENCE_S = 60.0


class Desk:
    """Document and session as the window connects them, without a window."""

    def __init__(self, settings=None):
        self.document = Document(settings or experiment(epochs=5))
        self.jobs = JobRunner()
        self.session = Session(tuple, self.jobs)
        self.frames, self.scored, self.invalid, self.prepared, self.aside = [], [], [], [], []
        session = self.session
        session.frame.connect(self.frames.append)
        session.scored.connect(self.scored.append)
        session.invalid.connect(self.invalid.append)
        session.prepared.connect(self.prepared.append)
        session.put_aside.connect(self.aside.append)
        self.document.edited.connect(self._adopt)
        session.set_speed("full")
        session.start()
        self.document.run = session.load(self.document.experiment)

    def _adopt(self, settings, run):
        self.document.run = self.session.adopt(settings, run)

    @property
    def frame(self) -> Frame:
        return self.frames[-1]

    def edit(self, settings, text="Edit"):
        self.document.edit(settings, text)

    def until(self, status) -> Frame:
        """Wait for this status, after all that was ordered."""
        limit = time.monotonic() + PATIENCE_S
        while not self._stands(status):
            assert time.monotonic() < limit, f"no {status}: {self.frames[-1:]}"
            QTest.qWait(2)
        return self.frame

    def _stands(self, status) -> bool:
        if not self.frames or (self.frame.status, self.frame.run) != (status, self.document.run):
            return False
        return status in ("preparing", "invalid") or self.frame.command >= self.session.command

    def close(self):
        self.jobs.shutdown(PATIENCE_S)
        assert self.session.shutdown()


@pytest.fixture
def desk(qapp):
    desk = Desk()
    yield desk
    desk.close()


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


@pytest.fixture
def slow_reading(monkeypatch):
    """No table is read before this event is set."""
    let_go = threading.Event()
    right = CSVFile.load

    def slow(self, progress=None):
        let_go.wait(PATIENCE_S)
        return right(self, progress)

    monkeypatch.setattr(CSVFile, "load", slow)
    yield let_go
    let_go.set()


def test_undoing_an_edit_brings_the_very_run_back(desk):
    desk.until("ready")
    desk.session.train()
    trained = desk.until("finished")
    desk.edit(experiment([dense(3)], epochs=5))
    assert desk.until("ready").step == 0
    assert desk.aside == [trained.run]
    desk.document.undo_stack.undo()
    again = desk.until("finished")
    assert (again.run, again.step) == (trained.run, trained.step)


def test_undo_after_a_reset_brings_back_the_run_of_before_the_edit_and_none_earlier(desk):
    """Trained to the end, reset, trained a little, edited, undone: the run of after the reset is at hand."""
    desk.until("ready")
    desk.session.train()
    first = desk.until("finished")
    desk.document.run = desk.session.reset()
    desk.until("ready")
    desk.session.train("epoch")
    second = desk.until("paused")
    assert second.position == 1
    desk.edit(experiment([dense(8)], epochs=5))
    desk.until("ready")
    desk.document.undo_stack.undo()
    back = desk.until("paused")
    assert (back.run, back.step) == (second.run, second.step)
    assert back.run != first.run
    assert back.history.marks == []
    desk.document.undo_stack.redo()
    assert desk.until("ready").step == 0


def test_a_drag_back_to_where_it_began_brings_the_trained_run_back(desk):
    desk.until("ready")
    desk.session.train("epoch")
    trained = desk.until("paused")
    start = desk.document.experiment
    desk.document.edit(experiment([dense(9), dense(8)], epochs=5), "Change units", "units")
    desk.document.edit(start, "Change units", "units")
    back = desk.until("paused")
    assert (back.run, back.step) == (trained.run, trained.step)


def test_redo_goes_on_with_what_was_trained_after_the_edit(desk):
    desk.until("ready")
    desk.session.train("epoch")
    desk.until("paused")
    desk.edit(experiment([dense(3)], epochs=5))
    desk.until("ready")
    desk.session.train("batch")
    after = desk.until("paused")
    desk.document.undo_stack.undo()
    desk.until("paused")
    desk.document.undo_stack.redo()
    again = desk.until("paused")
    assert (again.run, again.step) == (after.run, 1)


def test_no_more_than_some_trained_runs_are_kept(desk):
    desk.until("ready")
    for units in range(2, 4 + KEPT_RUNS):
        desk.session.train("batch")
        desk.until("paused")
        desk.edit(experiment([dense(units)], epochs=5))
        desk.until("ready")
    for _ in range(KEPT_RUNS):
        desk.document.undo_stack.undo()
        assert desk.until("paused").step == 1
    desk.document.undo_stack.undo()
    assert desk.until("ready").step == 0


def test_a_live_edit_is_made_to_the_run_at_hand(desk):
    desk.until("ready")
    desk.session.train("epoch")
    run = desk.until("paused").run
    faster = with_training(desk.document.experiment, optimizer={"kind": "adam", "learning_rate": 0.5})
    desk.edit(faster)
    assert desk.document.run == run
    desk.session.train("batch")
    frame = desk.until("paused")
    assert [mark.text for mark in frame.history.marks] == ["learning rate 0.001 → 0.5"]


def test_what_is_ordered_counts_though_no_frame_has_shown_it(desk):
    desk.edit(with_training(desk.document.experiment, epochs=1_000_000))
    desk.until("ready")
    session = desk.session
    session.train()
    assert session.goal == "run"
    session.pause()
    assert session.goal is None
    assert desk.until("paused").step >= 0
    session.train()
    session.stop()
    stopped = desk.until("stopped")
    QTest.qWait(50)
    assert (desk.frame.status, desk.frame.step) == ("stopped", stopped.step)
    for _ in range(5):
        session.train("batch")
    assert desk.until("paused").step == stopped.step + 5


def test_only_the_newest_of_many_edits_is_prepared(desk, slow_preparing):
    for units in range(2, 30):
        desk.edit(experiment([dense(units)], epochs=5))
    slow_preparing.set()
    desk.until("ready")
    assert [message.experiment.layers[0].units for message in desk.prepared] == [29]


def test_edits_while_a_table_is_read_do_not_read_it_again(desk, slow_reading, monkeypatch, tmp_path):
    table = tmp_path / "table.csv"
    table.write_text("x,y,kind\n" + "".join(f"{n},{n % 7},{'ab'[n % 2]}\n" for n in range(60)))
    data = {"source": {"kind": "csv", "path": str(table)}, "target": "kind"}
    reads = []
    right = CSVFile.load

    def counted(self, progress=None):
        reads.append(self)
        return right(self, progress)

    monkeypatch.setattr(CSVFile, "load", counted)
    desk.edit(experiment(data=data, epochs=5))
    limit = time.monotonic() + PATIENCE_S
    while not reads:
        assert time.monotonic() < limit
        QTest.qWait(2)
    for units in range(2, 6):
        desk.edit(experiment([dense(units)], data=data, epochs=5))
    slow_reading.set()
    desk.until("ready")
    assert len(reads) == 1
    assert desk.prepared[-1].experiment == desk.document.experiment


def test_an_experiment_that_cannot_run_says_so_and_recovers(desk):
    desk.edit(experiment([dense(4)], {"source": "digits"}))
    desk.until("invalid")
    assert "Insert a Flatten before it" in str(desk.invalid[-1].error)
    assert desk.invalid[-1].description.rows == 1797
    desk.session.train()
    assert desk.session.goal is None
    desk.document.undo_stack.undo()
    desk.until("ready")


def test_a_change_that_is_refused_and_mended_keeps_the_run(desk):
    desk.until("ready")
    desk.session.train("epoch")
    run = desk.until("paused").run
    start = desk.document.experiment
    desk.edit(with_training(start, augmentation=["rotate"]))
    desk.until("invalid")
    assert desk.invalid[-1].error.expected == "images, which rotate is for"
    prepared = len(desk.prepared)
    desk.edit(with_training(start, augmentation=["noise"]))
    assert desk.until("paused").run == run
    assert len(desk.prepared) == prepared + 1, "what was marked as faulty is cleared"


def test_cancelled_preparing_says_so_and_can_be_taken_up(desk, slow_preparing):
    desk.edit(experiment([dense(3)], epochs=5))
    (job,) = desk.jobs.running
    desk.jobs.cancel(job)
    assert desk.frame.status == "invalid"
    assert desk.session.cancelled
    slow_preparing.set()
    desk.session.retry()
    assert desk.until("ready").run == desk.document.run


def test_loading_begins_from_the_start_even_with_the_same_experiment(desk):
    desk.until("ready")
    desk.session.train()
    trained = desk.until("finished")
    desk.document.run = desk.session.load(desk.document.experiment)
    fresh = desk.until("ready")
    assert fresh.step == 0
    assert fresh.run != trained.run


def test_a_table_that_has_changed_is_read_again(desk, tmp_path):
    table = tmp_path / "table.csv"
    lines = [f"{number},{number % 7},{'ab'[number % 2]}" for number in range(60)]
    table.write_text("x,y,kind\n" + "\n".join(lines) + "\n")
    data = {"source": {"kind": "csv", "path": str(table)}, "target": "kind"}
    desk.edit(experiment(data=data))
    desk.until("ready")
    assert desk.prepared[-1].description.rows == 60
    table.write_text("x,y,kind\n" + "\n".join(lines * 2) + "\n")
    desk.edit(experiment([dense(3)], data=data))
    desk.until("ready")
    assert desk.prepared[-1].description.rows == 120


def test_no_message_of_another_run_reaches_the_window(desk):
    """Scores, frames and copies that come late are of the run that they were asked of."""
    desk.edit(with_training(desk.document.experiment, epochs=3))
    desk.until("ready")
    for units in range(2, 12):
        desk.session.train()
        QTest.qWait(units % 4)
        desk.edit(experiment([dense(units)], epochs=3))
        desk.frames.clear()
        desk.scored.clear()
        desk.until("ready")
        assert {frame.run for frame in desk.frames} == {desk.document.run}
        assert {message.run for message in desk.scored} <= {desk.document.run}


def test_what_is_saved_is_the_run_of_the_moment_or_the_experiment_alone(desk):
    copies = []
    desk.session.capture(copies.append, pytest.fail)
    assert copies[0].saved.state is None, "nothing is made in order to be saved"
    desk.until("ready")
    desk.session.train("batch")
    desk.until("paused")
    desk.session.capture(copies.append, pytest.fail)
    desk.edit(experiment([dense(3)], epochs=5))
    limit = time.monotonic() + PATIENCE_S
    while len(copies) < 2:
        assert time.monotonic() < limit
        QTest.qWait(2)
    assert copies[1].step == 1
    assert len(copies[1].saved.experiment.layers) == 2


@pytest.mark.parametrize(
    ("status", "asks"), [("training", True), ("paused", False), ("finished", False), ("ready", False)]
)
def test_a_step_that_stays_the_same_ends_no_picture_of_training(qapp, monkeypatch, status, asks):
    """While an epoch is scored, or a step takes long, frame after frame shows the same step."""
    asked = []
    client = client_of_still_worker(monkeypatch, Frame(1, status, step=733), lambda: asked.append(0) or ())
    if asks:
        until(lambda: len(asked) > 10, "request of a frame")
    else:
        until(lambda: len(asked) == 2, "request of a frame to compare with the first")
        QTest.qWait(10 * TICK_MS)
        assert len(asked) == 2
    client.shutdown()


# --- evaluation ---------------------------------------------------------------------------------------


@pytest.fixture
def counted_evaluations(monkeypatch):
    """How often a run was evaluated."""
    began = []
    right = FrozenNetwork.scores

    def counted(self, progress):
        began.append(progress)
        return right(self, progress)

    monkeypatch.setattr(FrozenNetwork, "scores", counted)
    return began


@pytest.fixture
def slow_evaluation(monkeypatch):
    """No evaluation ends before this event is set, unless it is cancelled."""
    let_go = threading.Event()
    began = []
    right = FrozenNetwork.scores

    def slow(self, progress):
        began.append(progress)
        while not let_go.wait(0.005):
            progress.check()
        return right(self, progress)

    monkeypatch.setattr(FrozenNetwork, "scores", slow)
    yield let_go, began
    let_go.set()


def until(holds, what):
    limit = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < limit, f"no {what}"
        QTest.qWait(2)


@pytest.mark.parametrize("end", ["pause", "stop", "finish"])
def test_at_rest_a_run_is_evaluated_once_with_the_scores_of_its_trainer(desk, counted_evaluations, end):
    desk.edit(with_training(desk.document.experiment, epochs=5 if end == "finish" else 1_000_000))
    desk.until("ready")
    desk.session.train()
    if end != "finish":
        desk.until("training")
        getattr(desk.session, end)()
    frame = desk.until({"pause": "paused", "stop": "stopped", "finish": "finished"}[end])
    until(lambda: desk.scored, "scores")
    QTest.qWait(3 * REST_MS)
    (scored,) = desk.scored
    assert (scored.run, scored.step) == (frame.run, frame.step)
    assert len(counted_evaluations) == 1
    copies = []
    desk.session.capture(copies.append, pytest.fail)
    until(lambda: copies, "copy of the run")
    trainer = resume(copies[0].complete(), desk.prepared[-1].dataset, "the copy")
    for found, right in zip(scored.scores, map(trainer.evaluate, PARTS), strict=True):
        assert (found.part, found.loss, found.metrics) == (right.part, right.loss, right.metrics)
    assert scored.caption == f"The weights after step {frame.step:,}".replace(",", "\u202f")


def test_the_worker_answers_and_trains_while_an_evaluation_goes_on(desk, slow_evaluation):
    _, began = slow_evaluation
    desk.until("ready")
    desk.session.train("batch")
    desk.until("paused")
    until(lambda: began, "evaluation")
    assert [job.title for job in desk.jobs.running] == ["Evaluating"]
    assert not desk.jobs.running[0].quiet
    desk.session.train("batch")
    assert desk.until("paused").step == 2
    assert began[0].cancelled
    assert desk.scored == []


def test_training_on_cancels_the_evaluation_of_the_earlier_state(desk, slow_evaluation):
    let_go, began = slow_evaluation
    desk.until("ready")
    desk.session.train("epoch")
    desk.until("paused")
    until(lambda: began, "evaluation")
    desk.session.train("epoch")
    assert began[0].cancelled
    let_go.set()
    frame = desk.until("paused")
    until(lambda: desk.scored, "scores")
    assert [(message.run, message.step) for message in desk.scored] == [(frame.run, frame.step)]


@pytest.mark.parametrize("way", ["edit", "reset", "load", "close"])
def test_another_run_cancels_the_evaluation(desk, slow_evaluation, way):
    _, began = slow_evaluation
    desk.until("ready")
    desk.session.train("epoch")
    desk.until("paused")
    until(lambda: began, "evaluation")
    if way == "edit":
        desk.edit(experiment([dense(3)], epochs=5))
    elif way == "reset":
        desk.document.run = desk.session.reset()
    elif way == "load":
        desk.document.run = desk.session.load(desk.document.experiment)
    else:
        assert desk.session.shutdown()
    assert began[0].cancelled
    assert "Evaluating" not in [job.title for job in desk.jobs.running]


def test_many_quick_steps_are_evaluated_once(desk, counted_evaluations):
    desk.until("ready")
    for _ in range(20):
        desk.session.train("batch")
        desk.until("paused")
    assert len(counted_evaluations) <= 2, "two steps may lie far apart on a busy machine"
    until(lambda: desk.scored and desk.scored[-1].step == 20, "scores")


def test_a_cancelled_evaluation_does_not_begin_again_by_itself(desk, slow_evaluation):
    let_go, began = slow_evaluation
    desk.until("ready")
    desk.session.train("batch")
    desk.until("paused")
    until(lambda: began, "evaluation")
    desk.jobs.cancel(desk.jobs.running[0])
    let_go.set()
    desk.session.request_frame()
    QTest.qWait(3 * REST_MS)
    assert len(began) == 1
    desk.session.train("batch")
    until(lambda: desk.scored, "scores")


def test_an_average_that_ends_is_evaluated_again_at_the_same_step(desk):
    desk.edit(with_training(desk.document.experiment, weight_averaging=0.9))
    desk.until("ready")
    desk.session.train("epoch")
    step = desk.until("paused").step
    until(lambda: desk.scored, "scores")
    desk.edit(with_training(desk.document.experiment, weight_averaging=None))
    until(lambda: len(desk.scored) == 2, "scores of the weights themselves")
    assert [message.step for message in desk.scored] == [step, step]
    assert desk.scored[0].caption.startswith("The average of the weights")
    assert desk.scored[1].caption.startswith("The weights after")


def test_a_run_that_comes_back_is_evaluated_again(desk):
    desk.until("ready")
    desk.session.train("epoch")
    desk.until("paused")
    until(lambda: desk.scored, "scores")
    desk.edit(experiment([dense(3)], epochs=5))
    desk.until("ready")
    desk.scored.clear()
    desk.document.undo_stack.undo()
    until(lambda: desk.scored, "scores")
    assert desk.scored[0].run == desk.document.run


def test_too_little_memory_for_an_evaluation_is_a_sentence(desk, monkeypatch):
    failures = []
    desk.jobs.failed.connect(lambda title, error: failures.append((title, error.where)))

    def too_large(self, progress):
        raise MemoryError

    monkeypatch.setattr(FrozenNetwork, "scores", too_large)
    desk.until("ready")
    desk.session.train("batch")
    until(lambda: failures, "sentence")
    assert failures == [("Evaluating", "Memory")]
    assert desk.until("paused").step == 1
