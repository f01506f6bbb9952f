"""Errors a person can use: where, what was expected, what was found, and what to do.

They are raised as exceptions, shown beside the thing that caused them, and never as a bare traceback.
"""

from typing import Any


class UserError(Exception):
    """Something outside the program is not as needed: a file, a number, a network that does not fit.

    Parameters
    ----------
    where : the place, as the person knows it ("penguins.csv, line 7", "Training, learning rate").
    expected : what is needed there, without a full stop.
    got : what was found there, without a full stop.
    help : what to do, a whole sentence.
    """

    pattern = "{where}: expected {expected}, found {got}."

    def __init__(self, where: str, *, expected: str, got: str, help: str = "") -> None:
        self.where = where
        self.expected = expected
        self.got = got
        self.help = help
        sentence = self.pattern.format(where=where, expected=expected, got=got)
        super().__init__(f"{sentence} {help}".strip())


class ShapeError(UserError):
    """A layer gets samples of a shape that it cannot work on.

    `layer_index` counts from 0; None until the network names the place. `insert_before` is the JSON form of
    a layer that would mend it when put before this one, so that the window can offer the deed as a button.
    """

    pattern = "{where}: needs {expected} but gets {got}."

    def __init__(
        self,
        where: str,
        *,
        expected: str,
        got: str,
        help: str = "",
        layer_index: int | None = None,
        insert_before: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(where, expected=expected, got=got, help=help)
        self.layer_index = layer_index
        self.insert_before = insert_before

    def at(self, layer_index: int, where: str) -> "ShapeError":
        """The same error with its place in the network."""
        return ShapeError(
            where,
            expected=self.expected,
            got=self.got,
            help=self.help,
            layer_index=layer_index,
            insert_before=self.insert_before,
        )
