"""The kinds of things that can be learned."""

from collections.abc import Mapping
from typing import Literal

Task = Literal["classification", "binary", "multilabel", "regression", "reconstruction"]
"""What is to be learned: one of several classes, yes or no, several times yes or no, numbers, or the input
itself (autoencoder)."""

TASK_TITLES: Mapping[Task, str] = {
    "classification": "one of several classes",
    "binary": "yes or no",
    "multilabel": "several times yes or no",
    "regression": "a number",
    "reconstruction": "the input itself",
}
"""What a message calls them."""
