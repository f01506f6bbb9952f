"""Data too large for the memory: kept in files, with the same numbers, and shuffled block by block."""

import numpy as np
import pytest

from engine.data import DataSettings, prepare, stored_arrays
from engine.data import preparation as preparation_module
from engine.data.delimited import number_columns
from engine.data.sources.csv_file import CSVFile
from engine.data.stored_arrays import is_stored, read_ahead, release, stored_empty
from engine.errors import UserError
from engine.training import batches as batches_module
from engine.training.batches import Batches


@pytest.fixture
def small(monkeypatch):
    """Everything counts as large."""
    monkeypatch.setattr(number_columns, "LARGE_BYTES", 0)
    monkeypatch.setattr(number_columns, "RELEASED_BYTES", 10_000)
    monkeypatch.setattr(preparation_module, "LARGE_BYTES", 0)
    monkeypatch.setattr(stored_arrays, "RELEASED_BYTES", 1000)


def source_of(folder):
    generator = np.random.default_rng(0)
    x = generator.standard_normal((500, 3))
    lines = [f"{a},{b},{c},{'yes' if a > 0 else 'no'},{'u' if b > 0 else 'v'}" for a, b, c in x.tolist()]
    lines[7] = ",,1,yes,v"
    path = folder / "t.csv"
    path.write_text("\n".join(["a,b,c,d,e", *lines]) + "\n")
    return DataSettings(source=CSVFile(path=str(path)), target="d")


def test_a_table_in_a_file_gives_the_same_data(tmp_path, request):
    settings = source_of(tmp_path)
    table = settings.load()
    wanted = prepare(settings, table)
    request.getfixturevalue("small")
    stored = settings.load()
    found = prepare(settings, stored)
    assert is_stored(stored.column("a").values)
    assert is_stored(found.training.inputs)
    assert not is_stored(wanted.training.inputs)
    assert found.fingerprint == wanted.fingerprint
    assert found.preparation == wanted.preparation
    for part in ("training", "validation", "test"):
        np.testing.assert_array_equal(found.part(part).inputs, wanted.part(part).inputs)
        np.testing.assert_array_equal(found.part(part).targets, wanted.part(part).targets)


def test_a_stored_column_is_taken_from_without_being_copied_first(tmp_path, small):
    column = source_of(tmp_path).load().column("a")
    rows = np.array([5, 3, 400, 7])
    taken = column.take(rows)
    assert (taken.rows, taken.missing, taken.distinct) == (4, 1, 3)
    np.testing.assert_array_equal(taken.take(np.array([2, 0])).values, column.values[[400, 5]])


def stored_rows(count, width):
    array = stored_empty((count, width), np.float32)
    array[:] = np.arange(count)[:, None]
    return array


def epoch(batches):
    """The rows of the rest of an epoch, in order."""
    rows = []
    while not batches.epoch_done:
        x, y = batches.next()
        assert (x[:, 0] == y[:, 0]).all()
        rows += x[:, 0].astype(int).tolist()
    return rows


def batches_of(inputs, seed=0):
    targets = np.arange(len(inputs), dtype=np.float32)[:, None]
    return Batches(inputs, targets, 1, 10, True, np.random.Generator(np.random.SFC64(seed)))


@pytest.fixture
def blocks_of_twenty(monkeypatch):
    """Rows of 8 bytes in blocks of 20, three blocks in a pool."""
    monkeypatch.setattr(batches_module, "BLOCK_BYTES", 160)
    monkeypatch.setattr(batches_module, "POOL_BLOCKS", 3)
    monkeypatch.setattr(batches_module, "WINDOW_BYTES", 400)


def test_stored_rows_are_shuffled_within_pools_of_blocks_that_come_at_random(blocks_of_twenty):
    batches = batches_of(stored_rows(250, 2))
    batches.start_epoch()
    rows = epoch(batches)
    assert sorted(rows) == list(range(250))
    blocks = [row // 20 for row in rows]
    pools = [set(blocks[start : start + 60]) for start in range(0, 240, 60)]
    # The last block has ten rows, so that a pool with it is ten rows shorter.
    assert all(3 <= len(pool) <= 4 for pool in pools)
    assert rows[:60] != sorted(rows[:60])
    batches.start_epoch()
    assert epoch(batches) != rows


def test_the_order_is_the_same_from_the_same_seed_and_after_a_resume(blocks_of_twenty):
    batches = batches_of(stored_rows(250, 2))
    batches.start_epoch()
    other = batches_of(stored_rows(250, 2))
    other.start_epoch()
    for _ in range(4):
        batches.next()
    resumed = batches_of(stored_rows(250, 2), seed=9)
    resumed.restore(batches.state(), batches.position, shuffled=True)
    rest = epoch(batches)
    assert epoch(resumed) == rest
    assert epoch(other)[40:] == rest


def test_rows_in_memory_are_shuffled_as_ever():
    batches = batches_of(np.arange(250, dtype=np.float32)[:, None].repeat(2, axis=1))
    batches.start_epoch()
    assert epoch(batches) == np.random.Generator(np.random.SFC64(0)).permutation(250).tolist()


def test_what_was_released_is_still_there():
    array = stored_rows(100_000, 4)
    view = array[10:]
    release(view)
    read_ahead(array, 99_000, 100_000)
    assert view[-1].tolist() == [99_999.0] * 4
    release(np.ones(3))
    assert not is_stored(np.ones(3))


def test_too_little_room_is_a_sentence(monkeypatch):
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(stored_arrays.os, "posix_fallocate", full)
    with pytest.raises(UserError, match=r"expected room for 4\.0 GiB, .* found no space left on device"):
        stored_empty((2**30,), np.float32)
