"""What a look at the record of a run would tell an experienced eye, in sentences."""

import numpy as np

from engine.training.history import History

FEWEST_EPOCHS = 10
PATIENCE_SHARE = 0.15
"""How long, as a share of the run so far, the validation loss may fail to improve."""
SHORTEST_PATIENCE = 5
CLEAR_RISE = 1.1
"""The validation loss counts as risen from this multiple of its best on."""


def findings(history: History) -> tuple[str, ...]:
    """Sentences, the gravest first; empty where nothing stands out."""
    count = history.epochs.count
    if count < FEWEST_EPOCHS:
        return ()
    validation = history.epochs.read("validation_loss", stop=count)
    training = history.epochs.read("training_loss", stop=count)
    if not np.isfinite(validation).any():
        return ()
    best = int(np.nanargmin(validation))
    waited = count - 1 - best
    risen = validation[-1] > CLEAR_RISE * validation[best]
    if waited >= max(SHORTEST_PATIENCE, PATIENCE_SHARE * count) and risen and training[-1] < training[best]:
        return (f"validation loss has not improved for {waited} epochs — overfitting begins",)
    return ()
