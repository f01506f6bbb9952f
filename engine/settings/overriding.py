"""What a class says of how it computes holds for its subclasses only while they compute the same."""

from types import FunctionType
from typing import Any

METHODS = (FunctionType, property, staticmethod, classmethod)


def withdraw_overridden(cls: type, root: type, declarations: tuple[str, ...]) -> None:
    """Give a new class what `root` declares, where its own methods make what it would inherit untrue.

    declarations : names of methods or class variables. One that `cls` has in its own body stays as it is; so
    does one whose class has the same methods as `cls`. Fields and their values may differ.
    """
    for name in declarations:
        declaring = next(base for base in cls.__mro__ if name in vars(base))
        if declaring not in (cls, root) and _overrides(cls, declaring):
            setattr(cls, name, vars(root)[name])


def _overrides(cls: type, declaring: type) -> bool:
    """Whether a class has another method than the one that it is derived from, be it from a mixin."""
    methods = {
        name
        for base in declaring.__mro__
        for name, value in vars(base).items()
        if isinstance(value, METHODS) and not name.startswith("__")
    }
    return any(_found(cls, name) is not _found(declaring, name) for name in methods)


def _found(cls: type, name: str) -> Any:
    return next(vars(base)[name] for base in cls.__mro__ if name in vars(base))
