"""The ready experiments by name. Imports nothing of the engine: the command line's help lists them."""

from importlib.resources import files
from importlib.resources.abc import Traversable

OFFERED_FIRST = ("spiral", "digits", "iris", "bumps", "moons", "breast-cancer")
"""What a newcomer meets first, one of each kind; the others follow by name."""

OFFERED_LAST = ("mnist-nielsen", "mnist-conv")
"""Their data does not come along: a folder has to be chosen first."""


def preset_files() -> dict[str, Traversable]:
    """The ready experiments by name, in the order in which they are offered.

    Each is an experiment in JSON; `engine.files.opening.preset` reads one.
    """
    folder = files("resources") / "presets"
    found = {entry.name.removesuffix(".json"): entry for entry in folder.iterdir()}
    names = [name for name in found if found[name].name.endswith(".json")]
    places = {name: place for place, name in enumerate(OFFERED_FIRST, -len(OFFERED_FIRST))}
    places |= {name: place for place, name in enumerate(OFFERED_LAST, 1)}
    names.sort(key=lambda name: (places.get(name, 0), name))
    return {name: found[name] for name in names}


def names_of_presets() -> str:
    """Their names as a list in a sentence: "spiral, digits, …"."""
    return ", ".join(preset_files())
