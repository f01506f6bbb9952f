"""Random generators of a run: one seed, separate streams, states that can be saved as arrays."""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Array, constant, scratch
from engine.layers import Draws


class Generators(NamedTuple):
    """A stream for each use, so that a change to one (more dropout) does not shift the others."""

    initialization: np.random.Generator
    shuffling: np.random.Generator
    dropout: np.random.Generator
    augmentation: np.random.Generator


def spawn(seed: int) -> Generators:
    """Independent streams from one seed. SFC64: its state is six plain integers, and it is fast."""
    sequences = np.random.SeedSequence(seed).spawn(len(Generators._fields))
    return Generators(*(np.random.Generator(np.random.SFC64(sequence)) for sequence in sequences))


def generator_state(generator: np.random.Generator) -> NDArray[np.uint64]:
    """The state of an SFC64 generator: four words, and a buffered 32-bit half with its flag."""
    state: Any = generator.bit_generator.state
    words = [*state["state"]["state"], state["has_uint32"], state["uinteger"]]
    return np.array(words, dtype=np.uint64)


def restore_generator(generator: np.random.Generator, state: NDArray[np.uint64]) -> None:
    """Put a generator back to where `generator_state` found it."""
    generator.bit_generator.state = {
        "bit_generator": "SFC64",
        "state": {"state": np.array(state[:4], dtype=np.uint64)},
        "has_uint32": int(state[4]),
        "uinteger": int(state[5]),
    }


_SINGLE = np.dtype(np.float32)


class RowGenerator:
    """Draws for a stretch of a batch's rows what the whole batch would draw for them.

    Has the methods of a NumPy generator that layers use. Each batch starts from 128 random bits of the run's,
    and each call uses up what it would for all rows of the batch, so that all calls of a batch, in all parts,
    find their place by counting. The bits come from PCG64 DXSM, which can be moved on by any number of steps.

    source : the run's generator, which `begin` reads two words of.
    Reference: O'Neill 2014, PCG; Box & Muller 1958, A note on the generation of random normal deviates.
    """

    def __init__(self, source: np.random.Generator) -> None:
        self._source = source.bit_generator
        self._bits = np.random.PCG64DXSM(0)
        self._uniform = np.random.Generator(self._bits).random
        self._advance = self._bits.advance
        self._state: Any = self._bits.state
        self._first = self._rows = self._own = 0
        self._whole = True

    def seed(self) -> int:
        """Where the next batch is to start from, of the run's generator; the same for all of its parts."""
        return int.from_bytes(self._source.random_raw(2).astype("<u8", copy=False).tobytes(), "little")

    def begin(self, seed: int, first: int, own: int, rows: int) -> None:
        """Go to the start of a batch of so many rows, of which `own` from `first` on are to be drawn for."""
        self._state["state"]["state"] = seed
        self._bits.state = self._state
        self._first, self._own, self._rows = first, own, rows
        self._whole = own == rows

    def random(self, *, dtype: Any, out: Array) -> Array:
        """Fill `out` (own rows, …) with uniform numbers from [0, 1)."""
        word = 8 // out.itemsize
        if self._whole and not out.size % word:
            self._uniform(out=out, dtype=dtype)
            return out
        numbers = out.size // self._own
        before = self._first * numbers
        if before >= word:
            self._advance(before // word)
        if before % word:
            # The other half of a word that ends the row before.
            self._uniform(dtype=dtype)
        self._uniform(out=out, dtype=dtype)
        used, needed = -(-(before + out.size) // word), -(-self._rows * numbers // word)
        if needed > used or (before + out.size) % word:
            # Also by nothing: half a word that is left over belongs to nobody.
            self._advance(needed - used)
        return out

    def standard_normal(self, *, dtype: Any, out: Array) -> Array:
        """Fill `out` (own rows, …) with numbers from N(0, 1): pairs √(−2 ln u) · (cos 2πv, sin 2πv).

        Unlike rejection, it uses up equally many uniform numbers for each row. In float32 for both
        precisions: it takes a third of the time of rejection then, and in float64 three times as long.
        """
        flat = out.reshape(self._own, -1)
        numbers = flat.shape[1]
        half = -(-numbers // 2)
        length, angle, cosine = scratch((3, self._own * half), _SINGLE)
        self.random(dtype=_SINGLE, out=length)
        self.random(dtype=_SINGLE, out=angle)
        np.subtract(constant(1.0, _SINGLE), length, length)  # from (0, 1], as ln 0 is −∞
        np.log(length, length)
        np.multiply(length, constant(-2.0, _SINGLE), length)
        np.sqrt(length, length)
        np.multiply(angle, constant(2 * math.pi, _SINGLE), angle)
        np.cos(angle, cosine)
        np.sin(angle, angle)
        length, angle, cosine = (each.reshape(-1, half) for each in (length, angle, cosine))
        np.multiply(length, cosine, flat[:, :half])
        rest = numbers - half
        np.multiply(length[:, :rest], angle[:, :rest], flat[:, half:])
        return out


class RowDraws:
    """Of the parts of a batch: each draws for its rows what the whole batch would."""

    def __init__(self, generator: np.random.Generator, parts: int) -> None:
        self._generators = [RowGenerator(generator) for _ in range(parts)]

    @property
    def parts(self) -> Sequence[Draws]:
        """For each part, what its layers draw from."""
        return self._generators

    def begin(self, places: Sequence[slice]) -> None:
        """Start a batch of which the parts have these rows, one behind the other."""
        seed = self._generators[0].seed()
        for part, place in zip(self._generators, places, strict=False):
            part.begin(seed, place.start, place.stop - place.start, places[-1].stop)


class EarlyDraws:
    """Of the parts of a batch in runs of early files: each has a generator, the first one the run's own.

    The others' start again in each batch from numbers of the run's.
    """

    def __init__(self, generator: np.random.Generator, parts: int) -> None:
        others = [np.random.Generator(np.random.SFC64(0)) for _ in range(parts - 1)]
        self._generators = [generator, *others]

    @property
    def parts(self) -> Sequence[Draws]:
        """For each part, what its layers draw from."""
        return self._generators

    def begin(self, places: Sequence[slice]) -> None:
        """Start a batch in as many parts as there are places."""
        first, *others = self._generators[: len(places)]
        for other in others:
            words = first.integers(0, 2**64, 3, dtype=np.uint64)
            restore_generator(other, np.array([*words, 1, 0, 0], dtype=np.uint64))
