"""Everything a person can set is a frozen model: what all of them share."""

from engine.settings.changes import describe_difference, differences
from engine.settings.faults import JSONFault, explain, read, read_json, user_error
from engine.settings.model import (
    Model,
    Settings,
    expand_kind,
    field_hints,
    hints,
    kind_of,
    members,
    number_text,
    withdraw_overridden,
)

__all__ = [
    "JSONFault",
    "Model",
    "Settings",
    "describe_difference",
    "differences",
    "expand_kind",
    "explain",
    "field_hints",
    "hints",
    "kind_of",
    "members",
    "number_text",
    "read",
    "read_json",
    "user_error",
    "withdraw_overridden",
]
