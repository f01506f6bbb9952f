"""What a trainer tells whoever drives it."""

from enum import IntEnum


class Event(IntEnum):
    """What just happened in a run."""

    STEP = 1
    """An optimizer step."""
    SCORING = 2
    """A part of an epoch's scores: large data is scored in pieces, so that a Stop need not wait."""
    EPOCH = 3
    """The last step of an epoch was taken and scored; the scores are in the history."""
