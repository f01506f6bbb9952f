"""How many threads the matrix products may use: set, not left to chance."""

import os
from contextlib import AbstractContextManager
from functools import cache

from threadpoolctl import ThreadpoolController

from engine.network import Network

MULTIPLICATIONS_WORTH_A_THREAD = 2_000_000
"""Below this size of the largest product, handing over to a second thread costs more than it saves."""


def blas_threads(network: Network, batch_size: int) -> int:
    """Threads for the network's matrix products: one for small networks, all cores for large ones."""
    largest = max(
        (batch_size * (slot.stop - slot.start) for slot in network.slots if len(slot.shape) > 1),
        default=0,
    )
    return (os.cpu_count() or 1) if largest >= MULTIPLICATIONS_WORTH_A_THREAD else 1


def limited_to(threads: int) -> AbstractContextManager[object]:
    """While entered, matrix products use this many threads, in the whole process."""
    limiter: AbstractContextManager[object] = _controller().limit(limits=threads, user_api="blas")
    return limiter


@cache
def _controller() -> ThreadpoolController:
    # To find the loaded libraries takes a millisecond, to set their number of threads next to nothing.
    return ThreadpoolController()
