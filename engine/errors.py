"""Errors a person can use: where, what was expected, what was found, and what to do.

They are raised as exceptions, shown beside the thing that caused them, and never as a bare traceback.
"""

from collections.abc import Mapping, Sequence
from typing import Any

LONGEST_EXCERPT = 60
"""So many characters of a value from outside are enough to recognise it."""

LONGEST_PART = 1000
"""The longest part of a sentence, excerpts included: a last limit, for values that were not cut."""

JOINERS = "\u200c\u200d"
"""Invisible, but Persian, Hindi and many emoji are written with them."""


def printable(text: str) -> str:
    """The text with control characters, lone surrogates and marks of direction written as escapes.

    Such a character could hide the rest of a sentence, turn it round, or be refused by a terminal.
    """
    if text.isprintable():
        return text
    return "".join(
        letter if letter.isprintable() or letter in JOINERS else letter.encode("unicode_escape").decode()
        for letter in text
    )


def excerpt(value: object, longest: int = LONGEST_EXCERPT) -> str:
    """A value from outside for a sentence: printable, and never longer than `longest` characters.

    It never fails, whatever the value: an integer of more digits than Python converts, lists nested a
    thousand times. Groups and lists inside of a list are named, not written out.
    """
    if isinstance(value, str):
        text = value
    elif isinstance(value, int) and value.bit_length() > LARGEST_INTEGER_BITS:
        text = "a very large integer"
    elif isinstance(value, list | tuple):
        text = "[" + ", ".join(_entry(entry, longest) for entry in value[:longest]) + "]"
    elif value is None or isinstance(value, int | float):
        text = str(value)
    else:
        text = "a group of fields" if isinstance(value, Mapping) else f"a {type(value).__name__}"
    # Cut before the escapes are made, which of a long text takes long, and after them.
    text = printable(text[: longest + 1])
    return text if len(text) <= longest else text[: longest - 1] + "…"


LARGEST_INTEGER_BITS = 1000
"""Well below what Python converts to decimal digits, which is a setting of each process."""


def _entry(value: object, longest: int) -> str:
    if isinstance(value, list | tuple):
        return "[…]" if value else "[]"
    if isinstance(value, str):
        return f"'{value[:longest]}'"
    return "{…}" if isinstance(value, Mapping) else excerpt(value, longest)


class UserError(Exception):
    """Something outside the program is not as needed: a file, a number, a network that does not fit.

    Parameters
    ----------
    where : the location, as people know it ("penguins.csv, line 7", "Training, learning rate").
    expected : what is needed there, without a full stop.
    got : what was found there, without a full stop.
    help : what to do, a whole sentence.
    place : the path of the setting that is at fault, for the program, which never reads sentences:
        ("training", "augmentation", 2); empty where it is none.
    headline : what is wrong in a few words, where there is little room; the location where it is empty.

    All of them are made printable; what values from outside they quote is cut by `excerpt` where they are
    written.
    """

    pattern = "{where}: expected {expected}, found {got}."

    def __init__(
        self,
        where: str,
        *,
        expected: str,
        got: str,
        help: str = "",
        place: Sequence[str | int] = (),
        headline: str = "",
    ) -> None:
        self.where = excerpt(where, LONGEST_PART)
        self.expected = excerpt(expected, LONGEST_PART)
        self.got = excerpt(got, LONGEST_PART)
        self.help = excerpt(help, LONGEST_PART)
        self.place = tuple(place)
        self.headline = excerpt(headline, LONGEST_PART) or self.where
        sentence = self.pattern.format(where=self.where, expected=self.expected, got=self.got)
        super().__init__(f"{sentence} {self.help}".strip())


class NoDataYet(UserError):
    """Nothing is wrong: the data is still to be chosen, drawn or typed."""


class ShapeError(UserError):
    """A layer gets samples of a shape that it cannot work on.

    `layer_index` counts from 0; None until the network names the place. `insert_before` is the JSON form of
    a layer that would mend it when put before this one, so that the window can offer the remedy as a button.
    `inside` is the place within that layer ("inner layer 1, Conv2D"), where the fault is not its own.
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
        inside: str = "",
    ) -> None:
        super().__init__(where, expected=expected, got=got, help=help)
        self.layer_index = layer_index
        self.insert_before = insert_before
        self.inside = excerpt(inside, LONGEST_PART)

    def at(self, layer_index: int, where: str) -> "ShapeError":
        """The same error with its layer in the network."""
        return ShapeError(
            where,
            expected=self.expected,
            got=self.got,
            help=self.help,
            layer_index=layer_index,
            insert_before=self.insert_before,
            inside=self.inside,
        )
