"""Into how many parts a batch is split, by the network and the batch size: the same on every machine."""

from engine.network import Network
from engine.training.resources import cores, numbers_per_sample
from engine.training.sharded_dense import can_shard, count_sharded_parameters
from engine.training.worker_pool import WorkerPool

NUMBERS_WORTH_SPLITTING = 500_000
"""Numbers in the layers' workspaces, from which on a batch is split: about a millisecond of work."""

NUMBERS_OF_A_PART = 8_000_000
"""Where there are more parts than two. Each part costs its calls, and reads all weights: on one or two cores,
four parts of 6 million numbers take 7 % longer than two of 12 million, and four of 1 million 8 %."""

MULTIPLICATIONS_WORTH_SPLITTING = 30_000_000
"""In the largest product of a wide dense layer, from which on a batch is split too: then the workers also
update the parameters in parallel, and wait for one another three times a step, not in each product."""

SHARDED_FRACTION = 0.75
"""Of the parameters are at least in such layers, whose gradients are sharded."""

FEWEST_ROWS_OF_WIDE = 64
"""Of a part of such a batch: each worker reads all weights, which does not pay for fewer rows."""

MULTIPLICATIONS_OF_STEPWISE = 8_000_000
"""In a product of one time step, from which on a batch is split where layers are recurrent."""

FEWEST_ROWS_OF_STEPWISE = 64
"""Of such a batch. Two parts, for LSTMs of 512 and 256 units (64 and 128 rows), take a third less time than
one on two cores, and 24 and 11 % more on one core."""

FEWEST_PARTS = EARLY_PARTS = 2
"""Parts of a batch that is split; in runs of early files always two, as they had on two cores."""

MOST_PARTS = 8
"""With more parts, waiting for one another and for the memory takes longer than it saves."""


def batch_parts(network: Network, batch_size: int, early: bool = False) -> int:
    """Into how many parts a batch is split: the same on every machine.

    One part where the layers' workspaces are small, or smaller than the parameters: then the matrix products
    are most of the work. The exception are dense layers so wide that their gradients are sharded.
    early : for a run in a file that does not say how its batches are split.
    """
    stages = list(zip(network.layers, network.shapes, strict=False))
    if any(layer.stepwise for layer in network.layers):
        # Many small calls would wait for Python's lock.
        largest = batch_size * max(layer.largest_product(before) for layer, before in stages)
        large = largest >= MULTIPLICATIONS_OF_STEPWISE and batch_size >= FEWEST_ROWS_OF_STEPWISE
        return FEWEST_PARTS if large and not early else 1
    numbers = batch_size * numbers_per_sample(network.layers, network.shapes)
    if numbers >= max(NUMBERS_WORTH_SPLITTING, network.parameters.size):
        parts = EARLY_PARTS if early else _parts(numbers)
        return max(min(parts, batch_size // 2), 1)
    products = [layer.largest_product(before) for layer, before in stages if can_shard(layer, before)]
    wide = batch_size * max(products, default=0) >= MULTIPLICATIONS_WORTH_SPLITTING
    # The gradients of the other layers are computed by each worker and summed.
    wide = wide and count_sharded_parameters(network) >= SHARDED_FRACTION * network.parameters.size
    return FEWEST_PARTS if wide and batch_size >= FEWEST_PARTS * FEWEST_ROWS_OF_WIDE else 1


def _parts(numbers: int) -> int:
    """For so many numbers. A power of two: with three parts, one of two cores would wait."""
    enough = max(numbers // NUMBERS_OF_A_PART, 1)
    return min(max(1 << (enough.bit_length() - 1), FEWEST_PARTS), MOST_PARTS)


def batch_worker_pool(network: Network, batch_size: int) -> WorkerPool:
    """A worker for each part of a batch, of which as many run at the same time as there are cores."""
    return WorkerPool(batch_parts(network, batch_size), cores())
