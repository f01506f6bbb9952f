"""Layers as JSON text, as they are copied and pasted: the same form as in an experiment's file."""

import json
from collections.abc import Sequence
from typing import Any, ClassVar

from pydantic import Field

from engine.errors import UserError
from engine.layers import AnyLayer, Layer
from engine.settings import JSONFault, Settings, read, read_json

WHERE = "Clipboard"
MOST_CHARACTERS = 2**22
"""A text that is longer is no list of layers that anyone made."""

_HELP = 'Copy a layer here, or an entry of “layers” in an experiment: {"kind": "dense", "units": 16}.'


class _Fragment(Settings):
    """Layers without the experiment around them."""

    heading: ClassVar[str] = "Layers"

    layers: tuple[AnyLayer, ...] = Field((), max_length=500, title="Layers", description="From a text.")


def layers_to_text(layers: Sequence[Layer]) -> str:
    """One layer as an object, several as a list; `layers_from_text` reads it back to equal layers."""
    values = [layer.model_dump(mode="json") for layer in layers]
    return json.dumps(values[0] if len(values) == 1 else values, indent=2, ensure_ascii=False) + "\n"


def layers_from_text(text: str) -> tuple[Layer, ...]:
    """The layers of a text: one, a list of them, or an experiment, whose layers are taken.

    Raises UserError that says what the text is, or which layer of it is wrong and where.
    """
    if not text.strip():
        raise _unlike("no text")
    if len(text) > MOST_CHARACTERS:
        raise _unlike(f"a text of {len(text):,} characters")
    try:
        values = read_json(text)
    except JSONFault as fault:
        place = f"{WHERE}, line {fault.line}" if fault.line else WHERE
        raise UserError(place, expected="layers in JSON", got=str(fault), help=_HELP) from None
    found = _entries(values)
    if not found:
        raise _unlike("JSON without a layer in it")
    return read(_Fragment, {"layers": found}, WHERE).layers


def _entries(values: Any) -> list[Any]:
    """The JSON forms of the layers; none where it is something else."""
    if isinstance(values, dict) and isinstance(values.get("layers"), list) and "kind" not in values:
        return _entries(values["layers"])
    if isinstance(values, dict):
        return [values] if "kind" in values else []
    if isinstance(values, list):
        likely = all(
            isinstance(entry, str) or (isinstance(entry, dict) and "kind" in entry) for entry in values
        )
        return values if likely else []
    return []


def _unlike(got: str) -> UserError:
    return UserError(WHERE, expected="layers in JSON", got=got, help=_HELP)
