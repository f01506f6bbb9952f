"""Several objects that change together or not at all."""

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager


@contextmanager
def rolled_back_on_failure(objects: Iterable[object], but: Collection[str] = ()) -> Iterator[None]:
    """Give the objects back the attributes that they had at first, where the body fails.

    but : names of attributes that stay as the body leaves them. Arrays are not copied: what the body writes
    into one that was there before is not undone.
    """
    before = [(one, {name: value for name, value in vars(one).items() if name not in but}) for one in objects]
    try:
        yield
    except BaseException:
        for one, attributes in before:
            now = vars(one)
            for name in now.keys() - attributes.keys() - set(but):
                del now[name]
            now.update(attributes)
        raise
