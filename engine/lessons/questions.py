"""Questions of a lesson: a number that a person works out, or one of several answers."""

import math
import re
from fractions import Fraction
from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from engine.settings import Settings

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d{1,3})?")


class NumberQuestion(Settings):
    """What is to be answered with a number, typed as a decimal or a fraction."""

    heading: ClassVar[str] = "Number"
    kind: Literal["number"] = "number"
    text: str = Field(min_length=1, max_length=500, title="Question", description="What is asked.")
    answer: float = Field(title="Answer", description="The right number.")
    tolerance: float = Field(
        0.0, ge=0, title="Tolerance", description="How far from it an answer may lie and still be right."
    )
    why: str = Field(
        "", max_length=1000, title="Why", description="Said once the question is answered, for example how."
    )

    def is_right(self, text: str) -> bool | None:
        """Whether what was typed is right; None where it is no number."""
        value = typed_number(text)
        # A number that is not exact in base 2, such as the tolerance .1, must not make a right answer wrong.
        return None if value is None else abs(value - self.answer) <= self.tolerance * (1 + 1e-9) + 1e-12


class MultipleChoice(Settings):
    """One of several answers is right."""

    heading: ClassVar[str] = "Multiple choice"
    kind: Literal["choice"] = "choice"
    text: str = Field(min_length=1, max_length=500, title="Question", description="What is asked.")
    options: tuple[Annotated[str, Field(min_length=1, max_length=200)], ...] = Field(
        min_length=2, max_length=6, title="Answers", description="What can be chosen."
    )
    answer: int = Field(ge=0, title="Answer", description="Which one is right, counted from 0.")
    why: str = Field(
        "", max_length=1000, title="Why", description="Said once the question is answered, for example how."
    )

    @model_validator(mode="after")
    def _answer_is_an_option(self) -> "MultipleChoice":
        if self.answer >= len(self.options):
            raise ValueError(f"an answer below {len(self.options)}, the number of options")
        return self


AnyQuestion = Annotated[NumberQuestion | MultipleChoice, Field(discriminator="kind")]


def typed_number(text: str) -> float | None:
    """A number typed as "0.3589", "3,5", "-1/3", "1e-3" or "−2"; None for anything else."""
    plain = text.strip().replace("−", "-").replace(" ", "").lower()
    if plain.count(",") == 1 and "." not in plain:
        plain = plain.replace(",", ".")
    parts = plain.split("/")
    if len(parts) > 2 or not all(_NUMBER.fullmatch(part) for part in parts):
        return None
    try:
        value = Fraction(parts[0])
        if len(parts) == 2:
            value /= Fraction(parts[1])
        found = float(value)
    except (ValueError, ZeroDivisionError, OverflowError):
        return None
    return found if math.isfinite(found) else None
