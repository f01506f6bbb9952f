"""What the session reads and prepares: the newest wish alone, nothing twice, refusals that can be mended."""

from engine.data.sources.csv_file import CSVFile
from tests.engine.training.runs import dense, experiment, with_training
from tests.gui.desk import wait_until


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

    def counted(self, progress=None, types=None):
        reads.append(self)
        return right(self, progress, types)

    monkeypatch.setattr(CSVFile, "load", counted)
    desk.edit(experiment(data=data, epochs=5))
    wait_until(lambda: reads, "reading")
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
