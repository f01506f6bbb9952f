"""The base of everything that is fitted on training data and saved with a model."""

from pydantic import BaseModel, ConfigDict

from engine.data.table import Column
from engine.errors import UserError, excerpt


class Fitted(BaseModel):
    """Frozen values found in the training part; their JSON gives back every float bit by bit."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class ColumnError(UserError):
    """A column that cannot be used as the preparation needs it; `column` is its name."""

    def __init__(self, column: str, *, expected: str, got: str, help: str) -> None:
        super().__init__(f"Column “{excerpt(column)}”", expected=expected, got=got, help=help)
        self.column = column


def misfit(column: Column, expected: str, got: str, help: str) -> ColumnError:
    """A column that cannot be used as the preparation needs it."""
    return ColumnError(column.name, expected=expected, got=got, help=help)
