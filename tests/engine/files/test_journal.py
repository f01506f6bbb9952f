"""The journal: what is written is read back bit by bit, whatever instant the program ended at."""

import os
import shutil
import subprocess
import sys

import pytest

from engine.errors import UserError
from engine.files import folder_lock
from engine.files import journal as journal_module
from engine.files.journal import Journal
from engine.files.left_behind import left_behind
from engine.files.run_file import captured_run, resume, saved_run
from engine.training.history import HistoryRows
from tests.engine.training.runs import dense, experiment, finish, take, trainer, with_training


@pytest.fixture
def journal(tmp_path):
    journal = Journal(tmp_path, "window")
    yield journal
    journal.close()


def note(journal, run, number=1, path=None):
    journal.write_document(run.experiment, path, None, number)
    journal.write_run(number, captured_run(run), HistoryRows.of(run.history))


def only_one(root):
    (work,) = left_behind(root)
    return work


TIMES = ("epochs/seconds",)


def same(run, again) -> bool:
    """Whether two runs are at the same bits; how long they took is their own affair."""
    (arrays, numbers), (others, other_numbers) = (_all_of(one) for one in (run, again))
    return (
        arrays.keys() == others.keys()
        and all(arrays[name].tobytes() == others[name].tobytes() for name in arrays)
        and numbers == other_numbers
    )


def _all_of(run):
    saved = saved_run(run)
    arrays = saved.state.model | saved.state.arrays | saved.history
    numbers = {name: value for name, value in saved.state.numbers.items() if name != "seconds"}
    return {name: array for name, array in arrays.items() if name not in TIMES}, numbers


def test_an_open_program_s_work_is_not_offered_and_a_closed_one_s_is(journal, tmp_path):
    run = take(trainer(experiment()), 12)
    note(journal, run, path=tmp_path / "spiral.gradwright")
    assert left_behind(tmp_path) == []
    journal.close()
    work = only_one(tmp_path)
    assert (work.experiment, work.path) == (run.experiment, tmp_path / "spiral.gradwright")
    assert (work.step, work.epoch, work.program) == (12, run.epoch, "window")
    assert left_behind(tmp_path) == [], "whoever looks into it holds it"
    work.close()
    assert only_one(tmp_path).step == 12


@pytest.mark.parametrize(
    "settings",
    [
        experiment(),
        experiment([dense(8), {"kind": "dropout", "rate": 0.3}], early_stopping={"patience": 5}),
        experiment(
            weight_averaging=0.9, precision="float64", optimizer={"kind": "momentum", "learning_rate": 0.01}
        ),
        experiment([dense(8), {"kind": "batch_norm"}], augmentation=["noise"]),
    ],
    ids=["plain", "dropout and best weights", "average", "batch norm and noise"],
)
def test_what_is_restored_goes_on_as_if_nothing_had_happened(journal, tmp_path, settings):
    run = trainer(settings)
    for steps in (5, 9, 1):
        note(journal, take(run, steps))
    journal.close()
    work = only_one(tmp_path)
    again = resume(work.load(), run.dataset, "journal")
    assert same(run, again)
    assert same(take(run, 20), take(again, 20))
    work.discard()
    assert list(tmp_path.iterdir()) == []


def test_rows_are_appended_and_never_written_again(journal):
    run = trainer(experiment())
    sizes = []
    for _ in range(3):
        note(journal, take(run, 10))
        (rows,) = journal.folder.glob("steps-*.rows")
        sizes.append(rows.stat().st_size)
    assert sizes == [10 * 8 * len(run.history.steps.columns) * times for times in (1, 2, 3)]


def test_a_write_that_fails_at_any_point_leaves_the_run_of_before(journal, tmp_path, monkeypatch):
    """As on a full disk: each system call in turn does not come through."""
    run = take(trainer(experiment()), 10)
    note(journal, run)
    failures = 0
    for call in ("fsync", "replace"):
        right = getattr(os, call)
        for survived in range(4):
            calls = iter(range(100))

            def failing(*arguments, right=right, calls=calls, survived=survived):
                if next(calls) == survived:
                    raise OSError(28, "No space left on device")
                return right(*arguments)

            before = run.step
            take(run, 3)
            monkeypatch.setattr(journal_module.os, call, failing)
            try:
                journal.write_run(1, captured_run(run), HistoryRows.of(run.history))
            except OSError:
                failures += 1
                expected = before
            else:
                expected = run.step
            monkeypatch.setattr(journal_module.os, call, right)
            copy = tmp_path / "copies" / "one"
            shutil.rmtree(copy.parent, ignore_errors=True)
            shutil.copytree(journal.folder, copy)
            work = only_one(copy.parent)
            assert work.step in (expected, run.step if call == "replace" else expected)
            assert resume(work.load(), run.dataset, "journal").step == work.step
            work.close()
            journal.write_run(1, captured_run(run), HistoryRows.of(run.history))
    assert failures >= 4


def test_another_run_takes_the_place_of_the_last(journal, tmp_path):
    note(journal, take(trainer(experiment()), 10), number=1)
    other = take(trainer(experiment([dense(3)])), 4)
    journal.write_document(other.experiment, None, None, 2)
    note(journal, other, number=2)
    journal.close()
    work = only_one(tmp_path)
    assert (work.step, len(work.load().experiment.layers)) == (4, 1)


def test_an_edit_after_which_no_run_was_noted_is_offered_with_the_run_of_before(journal, tmp_path):
    """As an edit of what is restored: undoing it brings the trained run back."""
    run = take(trainer(experiment()), 10)
    note(journal, run, number=1)
    edited = experiment([dense(3)])
    journal.write_document(edited, None, None, 2)
    journal.close()
    work = only_one(tmp_path)
    assert (work.step, work.experiment) == (10, edited)
    assert work.load().experiment == run.experiment
    work.close()


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="names are text there")
def test_a_file_whose_name_is_no_text_is_noted(journal, tmp_path):
    path = tmp_path / os.fsdecode(b"o\xff.gradwright")
    note(journal, take(trainer(experiment()), 3), path=path)
    journal.close()
    work = only_one(tmp_path)
    assert work.path == path
    work.close()


def test_what_is_saved_is_not_offered(journal, tmp_path):
    note(journal, take(trainer(experiment()), 10))
    journal.clear()
    journal.close()
    assert left_behind(tmp_path) == []
    assert list(tmp_path.iterdir()) == [], "an empty folder goes"


def test_a_program_that_ends_in_order_leaves_nothing(journal, tmp_path):
    note(journal, take(trainer(experiment()), 10))
    journal.write_picture(b"png")
    journal.discard()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("part", ["state-1.safetensors", "preparation.json", "steps-1.rows", "run.json"])
@pytest.mark.parametrize("damage", ["gone", "cut", "noise"])
def test_a_damaged_part_is_a_sentence_or_leaves_the_experiment(journal, tmp_path, part, damage):
    run = take(trainer(experiment()), 10)
    note(journal, run)
    journal.close()
    path = journal.folder / part
    data = path.read_bytes()
    if damage == "gone":
        path.unlink()
    else:
        path.write_bytes(data[: len(data) // 2] if damage == "cut" else bytes(byte ^ 0x5A for byte in data))
    work = only_one(tmp_path)
    assert work.experiment == run.experiment
    if part == "run.json":
        assert work.load().state is None
    elif part == "steps-1.rows" and damage == "noise":
        assert work.load().state is not None
    else:
        with pytest.raises(UserError):
            work.load()
    work.close()


def test_a_journal_that_cannot_be_read_is_left_alone(journal, tmp_path):
    note(journal, take(trainer(experiment()), 10))
    journal.close()
    (journal.folder / "document.json").write_text("{")
    assert left_behind(tmp_path) == []
    assert journal.folder.is_dir()


def test_a_killed_process_leaves_what_it_noted_last(tmp_path):
    script = (
        "import os, signal, sys; from pathlib import Path; "
        "from engine.files.journal import Journal, HistoryRows; "
        "from engine.files.run_file import captured_run; "
        "from tests.engine.training.runs import experiment, take, trainer; "
        "journal = Journal(Path(sys.argv[1]), 'window'); run = trainer(experiment())\n"
        "while True:\n"
        "    take(run, 7); journal.write_document(run.experiment, None, None, 1)\n"
        "    journal.write_run(1, captured_run(run), HistoryRows.of(run.history))\n"
        "    print(run.step, flush=True)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as child:
        seen = [int(child.stdout.readline()) for _ in range(3)]
        child.kill()
        seen += [int(line) for line in child.stdout.read().split()]
    work = only_one(tmp_path)
    assert work.step in (seen[-1], seen[-1] + 7)
    fresh = take(trainer(experiment()), work.step)
    assert same(fresh, resume(work.load(), fresh.dataset, "journal"))
    work.close()


def test_a_live_edit_after_the_last_note_is_an_edit_of_what_is_restored(journal, tmp_path):
    run = finish(trainer(experiment(epochs=3)))
    note(journal, run)
    longer = with_training(run.experiment, epochs=30)
    journal.write_document(longer, None, None, 1)
    journal.close()
    work = only_one(tmp_path)
    assert work.experiment == longer
    assert work.load().experiment == run.experiment
    work.close()


def test_a_folder_that_another_program_takes_for_left_behind_is_made_again(tmp_path, monkeypatch):
    """Between the making of the lock and its holding, somebody who looks for unsaved work may come in."""
    right, rivals = folder_lock._lock, []

    def beaten_once(descriptor):
        if not rivals:
            rivals.append(descriptor)
            raise BlockingIOError
        right(descriptor)

    monkeypatch.setattr(folder_lock, "_lock", beaten_once)
    journal = Journal(tmp_path, "window")
    monkeypatch.undo()
    journal.write_document(experiment(), None, None, 1)
    assert left_behind(tmp_path) == []
    journal.close()
    assert only_one(tmp_path).experiment == experiment()


def test_work_that_was_let_go_of_twice_closes_nothing_of_others(journal, tmp_path):
    note(journal, take(trainer(experiment()), 3))
    journal.close()
    work = only_one(tmp_path)
    work.close()
    with (tmp_path / "other").open("w") as other:
        work.close()
        other.write("still open")
