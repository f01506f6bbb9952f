"""Random number generators of a run: one seed, separate streams, states that can be saved as arrays."""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Array, constant, scratch
from engine.layers import RandomSource


class Generators(NamedTuple):
    """One stream for each use, so that a change to one (more dropout) does not shift the others."""

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
    """Set a generator to a state from `generator_state`."""
    generator.bit_generator.state = {
        "bit_generator": "SFC64",
        "state": {"state": np.array(state[:4], dtype=np.uint64)},
        "has_uint32": int(state[4]),
        "uinteger": int(state[5]),
    }


_SINGLE = np.dtype(np.float32)


class RowGenerator:
    """Draws for some rows of a batch the same random numbers that would be drawn for them in the full batch.

    Has the methods of a NumPy generator that layers use. Each batch is seeded with 128 random bits from the
    run's generator. Each call advances the stream as a call for all rows of the batch would, so that the
    calls of all parts stay aligned. The bits come from PCG64 DXSM, which can be advanced by any number of
    steps.

    source : the run's generator, from which `seed` draws.
    Reference: O'Neill 2014, PCG; Box & Muller 1958, A note on the generation of random normal deviates.
    """

    def __init__(self, source: np.random.Generator) -> None:
        self._source = source.bit_generator
        self._bits = np.random.PCG64DXSM(0)
        self._uniform = np.random.Generator(self._bits).random
        self._advance = self._bits.advance
        self._state: Any = self._bits.state
        self._first = self._rows = self._own = 0
        self._full_batch = True

    def seed(self) -> int:
        """Draw the seed of the next batch, which is the same for all of its parts."""
        # Two numbers one by one: an array of them would take three times as long, in each step.
        low, high = self._source.random_raw(), self._source.random_raw()
        return low | high << 64

    def begin(self, seed: int, first: int, own: int, rows: int) -> None:
        """Seed for a batch of so many rows; this generator draws for `own` rows of it, from `first` on."""
        self._state["state"]["state"] = seed
        self._bits.state = self._state
        self._first, self._own, self._rows = first, own, rows
        self._full_batch = own == rows

    def random(self, *, dtype: Any, out: Array) -> Array:
        """Fill `out` (own rows, …) with uniform numbers from [0, 1)."""
        word = 8 // out.itemsize
        if self._full_batch and not out.size % word:
            self._uniform(out=out, dtype=dtype)
            return out
        numbers = out.size // self._own
        before = self._first * numbers
        if before >= word:
            self._advance(before // word)
        if before % word:
            # Half of this word belongs to the row before.
            self._uniform(dtype=dtype)
        self._uniform(out=out, dtype=dtype)
        used, needed = -(-(before + out.size) // word), -(-self._rows * numbers // word)
        if needed > used or (before + out.size) % word:
            # Also by 0 steps, which discards half a word that is left over.
            self._advance(needed - used)
        return out

    def standard_normal(self, *, dtype: Any, out: Array) -> Array:
        """Fill `out` (own rows, …) with numbers from N(0, 1): pairs √(−2 ln u) · (cos 2πv, sin 2πv).

        Unlike rejection, it uses equally many uniform numbers for each row. It computes in float32 for both
        precisions: that takes a third of the time of rejection, where float64 would take three times as long.
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


class RowGenerators:
    """The generators of the parts of a batch, which draw for their rows the same as the full batch would."""

    def __init__(self, generator: np.random.Generator, parts: int) -> None:
        self._generators = [RowGenerator(generator) for _ in range(parts)]

    @property
    def parts(self) -> Sequence[RandomSource]:
        """For each part, the generator that its layers draw from."""
        return self._generators

    def begin(self, slices: Sequence[slice]) -> None:
        """Start a batch whose parts have these rows, in order."""
        seed = self._generators[0].seed()
        for part, own in zip(self._generators, slices, strict=False):
            part.begin(seed, own.start, own.stop - own.start, slices[-1].stop)


class PartGenerators:
    """The generators of the parts of a batch in runs of early files: the first part has the run's own.

    The generators of the other parts are seeded from it for each batch.
    """

    def __init__(self, generator: np.random.Generator, parts: int) -> None:
        others = [np.random.Generator(np.random.SFC64(0)) for _ in range(parts - 1)]
        self._generators = [generator, *others]

    @property
    def parts(self) -> Sequence[RandomSource]:
        """For each part, the generator that its layers draw from."""
        return self._generators

    def begin(self, slices: Sequence[slice]) -> None:
        """Start a batch in as many parts as there are slices."""
        first, *others = self._generators[: len(slices)]
        for other in others:
            words = first.integers(0, 2**64, 3, dtype=np.uint64)
            restore_generator(other, np.array([*words, 1, 0, 0], dtype=np.uint64))
