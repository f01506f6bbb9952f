"""What early stopping watches: the lowest loss so far, its epoch, and how long ago that was."""

import math


class BestSoFar:
    """The lowest watched loss of a run."""

    def __init__(self) -> None:
        self.loss = math.inf
        self.epoch = 0

    def improves(self, loss: float, epoch: int, min_change: float) -> bool:
        """Note an epoch's loss; True where it is the best so far by more than `min_change`."""
        if math.isfinite(loss) and (math.isinf(self.loss) or loss < self.loss - min_change):
            self.loss, self.epoch = loss, epoch
            return True
        return False

    def waited(self, epoch: int) -> int:
        """Epochs since the best one."""
        return epoch - self.epoch
