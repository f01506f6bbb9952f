"""Random generators of a run: one seed, separate streams, states that can be saved as arrays."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray


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
