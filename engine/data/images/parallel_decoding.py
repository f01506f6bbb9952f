"""Many pictures at once: decoded in parallel threads, with progress, what cannot be decoded left out."""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.data.images.decoding import PictureError, Pixels, pixels_of, without_warnings
from engine.data.stored_arrays import empty_or_stored, release
from engine.data.table import Unreadable
from engine.progress import Progress

MOST_THREADS = 8
PICTURES_A_TASK = 16
PICTURES_RELEASED = 1024
"""After so many, what was written to a file is no longer counted as memory."""
LOOKED_AT = 20
"""Pictures that tell whether a folder is in colour."""
NOT_GREY = 8
"""Difference of two channels from which on a pixel counts as coloured."""


@dataclass(frozen=True)
class Decoded:
    """The pictures that could be decoded, in their order.

    images : (kept, side, side, channels). kept : which of the paths they are. left_out : the others.
    """

    images: NDArray[np.uint8]
    kept: NDArray[np.intp]
    left_out: tuple[Unreadable, ...]


def decode_all(paths: Sequence[Path], folder: Path, wanted: Pixels, progress: Progress) -> Decoded:
    """Decode pictures, by as many threads as there are cores, eight at most; the result depends on none.

    folder : what the names of files in reasons are relative to. Raises Cancelled, and MemoryError.
    """
    channels = 3 if wanted.colour else 1
    images = empty_or_stored((len(paths), wanted.side, wanted.side, channels), np.uint8)
    faults: dict[int, str] = {}

    def decode(start: int) -> int:
        block = range(start, min(start + PICTURES_A_TASK, len(paths)))
        for place in block:
            progress.check()
            try:
                images[place] = pixels_of(paths[place], wanted)
            except PictureError as error:
                faults[place] = str(error)
        return len(block)

    done = 0
    with without_warnings(), ThreadPoolExecutor(min(os.cpu_count() or 1, MOST_THREADS), "pictures") as pool:
        tasks = [pool.submit(decode, start) for start in range(0, len(paths), PICTURES_A_TASK)]
        try:
            for task in as_completed(tasks):
                done += task.result()
                if done % PICTURES_RELEASED < PICTURES_A_TASK:
                    release(images)
                progress.report(done / len(paths), "Reading pictures")
        except BaseException:  # cancelled, or out of memory: what has not begun need not begin
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    kept = np.array([place for place in range(len(paths)) if place not in faults], np.intp)
    if faults:
        # In place: there may be no room for a copy.
        for row, place in enumerate(kept):
            images[row] = images[place]
    left_out = tuple(left_out_picture(paths[place], folder, faults[place]) for place in sorted(faults))
    return Decoded(images[: len(kept)], kept, left_out)


def left_out_picture(path: Path, folder: Path, found: str) -> Unreadable:
    """A picture that is left out, with the reason."""
    name = path.relative_to(folder).as_posix()
    return Unreadable(0, None, f"{name}: expected a picture, found {found}.")


def in_colour(paths: Sequence[Path], side: int, progress: Progress) -> bool:
    """Whether one of the first pictures has a pixel that is not grey."""
    for path in paths[:LOOKED_AT]:
        progress.check()
        try:
            with without_warnings():
                pixels = pixels_of(path, Pixels(side, True, "stretch")).astype(np.int16)
        except PictureError:
            continue
        if np.ptp(pixels, axis=2).max() > NOT_GREY:
            return True
    return False
