"""The field of the margin losses that makes what is missing count squared."""

from typing import Any

from pydantic import Field


def squared_field() -> Any:
    """Squared or plain, explained to a person in one way."""
    return Field(
        False,
        title="Squared",
        description="Counts what is missing to the margin squared: smoother, and harder on large mistakes.",
    )
