"""Translation: every text of the window passes `tr`, in the user's language where a catalog has it.

A text is the message id of its translation, as gettext has it; its values are named, so that a translation
may put them in another order. What is data (the name of a column, of a class, of a file) is a value and is
never looked up. Tools such as `xgettext --keyword=tr --keyword=plural:1,2` find all texts.
"""

import gettext
from importlib.resources import files
from typing import Any

DOMAIN = "gradwright"
_catalog: gettext.NullTranslations = gettext.translation(
    DOMAIN, localedir=str(files("resources") / "locale"), fallback=True
)
"""Chosen by LANGUAGE, LC_ALL, LC_MESSAGES or LANG when the window is imported, as many texts are class
attributes; without a catalog for any of these, texts stay as they are."""


def tr(text: str, **values: Any) -> str:
    """A text in the person's language; `values` take the places that it names: "{count} rows"."""
    # The empty message id is that of the catalog's header.
    translated = _catalog.gettext(text) if text else ""
    return translated.format(**values) if values else translated


def plural(count: int, one: str, many: str) -> str:
    """The form of a word that goes with a count, by the rules of the language."""
    return _catalog.ngettext(one, many, count)


def use_catalog(catalog: gettext.NullTranslations) -> gettext.NullTranslations:
    """Take another catalog for all texts that are asked for from now on; gives the one before."""
    global _catalog
    before, _catalog = _catalog, catalog
    return before
