"""Which of the cards at hand shows which of the new entries. No Qt."""

from collections.abc import Callable, Sequence

from engine.settings import Settings


def matched(old: Sequence[Settings], new: Sequence[Settings]) -> list[int | None]:
    """For each new entry the index of the old one that it continues, or None for a new one.

    An entry continues as itself wherever it moved to (settings are shared, not copied, by edits), else as
    an equal one, else as one of the same kind in the same order: that one was changed.
    """
    pairing: list[int | None] = [None] * len(new)
    free = list(range(len(old)))
    rules: tuple[Callable[[Settings, Settings], bool], ...] = (
        lambda before, after: before is after,
        lambda before, after: before == after,
        lambda before, after: type(before) is type(after),
    )
    for rule in rules:
        for place, after in enumerate(new):
            if pairing[place] is None:
                found = next((index for index in free if rule(old[index], after)), None)
                if found is not None:
                    pairing[place] = found
                    free.remove(found)
    return pairing
