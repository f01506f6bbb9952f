"""Small arrays that the engine shares: what they hold, what asking for many of them costs; even slices."""

import threading
import tracemalloc

import numpy as np
import pytest

from engine.arrays import even_slices, ones, scratch, zeros

SINGLE = np.dtype(np.float32)
COUNTS = range(300, 500)
"""Many layers, several sizes of batches, batches in parts: more lengths than any bound on a few arrays."""


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 5, 1023, 1024, 1025])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_what_they_hold(count, dtype):
    vector, array = ones(count, np.dtype(dtype)), zeros((2, count), np.dtype(dtype))
    assert vector.dtype == array.dtype == dtype
    assert vector.tolist() == [1.0] * count
    assert array.tolist() == [[0.0] * count] * 2
    for shared in (vector, array):
        assert not shared.flags.writeable
        assert shared.flags.c_contiguous


def bytes_for(ask) -> int:
    """The most that is allocated at once while all counts are asked for, as they have been before."""
    # Twice: what is as long as the longest is made anew where a longer one comes.
    for count in (*COUNTS, *COUNTS):
        ask(count)
    tracemalloc.start()
    try:
        for count in COUNTS:
            ask(count)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "ask",
    [
        lambda count: ones(count, SINGLE),
        lambda count: zeros((count, 4), SINGLE),
        lambda count: scratch((count, 4), SINGLE),
    ],
    ids=["ones", "zeros", "scratch"],
)
def test_many_lengths_by_turns_allocate_nothing(ask):
    # The shortest has 1,200 bytes; a view takes 200 or less.
    assert bytes_for(ask) < 1200


def test_all_lengths_share_their_memory():
    assert len({ones(count, SINGLE).base.ctypes.data for count in range(1025, 2049)}) == 1


def test_scratch_is_a_threads_own():
    mine = scratch((3, 4), SINGLE)
    mine[...] = 1.0
    theirs: list[np.ndarray] = []

    def work():
        theirs.append(scratch((4, 3), SINGLE))
        theirs[0][...] = 2.0

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert (mine == 1.0).all()
    assert theirs[0].shape == (4, 3)
    assert not np.shares_memory(mine, theirs[0])
    assert np.shares_memory(mine, scratch((2,), SINGLE))
    assert not np.shares_memory(mine, scratch((2,), np.dtype(np.float64)))


@pytest.mark.parametrize(
    ("length", "count", "sizes"),
    [(10, 3, [3, 3, 4]), (12, 4, [3, 3, 3, 3]), (2, 3, [0, 1, 1]), (0, 2, [0, 0]), (5, 1, [5]), (0, 0, [])],
)
def test_even_slices_cover_everything_once(length, count, sizes):
    slices = even_slices(length, count)
    assert [len(range(length)[place]) for place in slices] == sizes
    assert [number for place in slices for number in range(length)[place]] == list(range(length))
