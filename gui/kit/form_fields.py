"""What a form needs to know of the fields of a settings model, read from the model itself.

Makes no widgets: this says *what* a field is; gui/kit/form_rows.py says how it looks.
"""

import functools
import inspect
import math
import operator
import pathlib
import types
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from engine.settings import Settings, field_hints, kind_of
from gui.kit.choice import Option
from gui.kit.numbers import Range, number_text
from gui.kit.text import tr

_IN_A_LINE = (str, int, float, float | str)
"""What entries of a list may be, so that they can be typed in one line with commas between them."""

Shape = Literal["number", "flag", "choice", "text", "texts", "path", "union", "group", "entries"]


@dataclass(frozen=True)
class FieldSpec:
    """One field: what it holds, what it is called, what it may be.

    shape "union": one of `members`, chosen by its heading; "group": a nested model, optional ones are
    switched on and off; "entries": a list of such `members`, from `least` to `most` of them.
    options belong to "choice" and "union" (there the values are the kinds). section: where it stands
    in a form that folds; empty for what is always there.
    """

    name: str
    title: str
    description: str
    shape: Shape
    optional: bool = False
    none_title: str = ""
    allowed: Range = field(default_factory=Range)
    options: tuple[Option, ...] = ()
    members: tuple[type[Settings], ...] = ()
    unit: str = ""
    live: bool = False
    slider: bool = False
    logarithmic: bool = False
    path_filter: str = ""
    folder: bool = False
    section: str = ""
    least: int = 0
    most: int = 1000

    def member(self, kind: str | None) -> type[Settings] | None:
        """The class of a kind; of a group, its only class."""
        if self.shape == "group":
            return self.members[0]
        return next((member for member in self.members if kind_of(member) == kind), None)

    def range_sentence(self) -> str:
        """ "From 0 to 1." for the tooltip; empty without bounds."""
        text = self.allowed.text() if self.shape == "number" else ""
        if not text:
            return ""
        return f"{text[0].upper()}{text[1:]}{' ' + self.unit if self.unit else ''}."

    def shown(self, value: Any) -> str:
        """A value in words, for "Default …"."""
        if value is None:
            return self.none_title or tr("empty")
        if isinstance(value, bool):
            return tr("on") if value else tr("off")
        if isinstance(value, int | float):
            return number_text(value)
        if isinstance(value, Settings):
            return tr(type(value).heading)
        if isinstance(value, tuple):
            return ", ".join(self.shown(entry) for entry in value) or tr("none")
        titles = [option.title for option in self.options if option.value == value]
        return titles[0] if titles else str(value)


@functools.cache
def field_specs(model: type[BaseModel]) -> tuple[FieldSpec, ...]:
    """The fields of a model in their order, without tags, hidden ones, and what a form cannot show."""
    declared = sorted(model.model_fields.items(), key=lambda item: bool(field_hints(item[1]).get("last")))
    specs = (_spec(name, field) for name, field in declared if name != "kind")
    return tuple(spec for spec in specs if spec)


@functools.cache
def defaults(model: type[Settings]) -> Settings | None:
    """A model with nothing set; None where something must be."""
    try:
        return model()
    except ValidationError:
        return None


def switched(old: Settings | None, new: type[Settings]) -> Settings:
    """A settings model of another kind that keeps what the person had set, where the new kind takes it.

    A field that stood at its old default takes its new one: nobody chose it, and a learning rate that suits
    SGD need not suit Adam. A field of the same name that means something else, such as the folder of one
    source and the file of another, is not carried over. Raises ValidationError if the new kind cannot do
    without a value.
    """
    made = new()
    if old is None:
        return made
    before = defaults(type(old))
    for name, declared in type(old).model_fields.items():
        value = getattr(old, name)
        chosen = before is None or value != getattr(before, name)
        if name != "kind" and chosen and _means_the_same(declared, new.model_fields.get(name)):
            try:
                made = made.replace(**{name: value})
            except ValidationError:
                # The new kind has a narrower range for it: its default stands.
                continue
    return made


def _means_the_same(one: FieldInfo, other: FieldInfo | None) -> bool:
    """Whether two fields of one name hold the same thing: under one title, in one unit, the same files."""
    if other is None:
        return False
    first, second = field_hints(one), field_hints(other)
    alike = all(first.get(what) == second.get(what) for what in ("unit", "folder", "path_filter"))
    return one.title == other.title and alike


def mid_sentence(title: str) -> str:
    """A title in the middle of a sentence: "learning rate", "L2"."""
    return title[0].lower() + title[1:] if title[1:2].islower() else title


def replaced(model: Settings, path: tuple[str, ...], value: Any) -> Settings:
    """A validated copy of a nested model with one value changed; raises ValidationError."""
    if len(path) > 1:
        value = replaced(getattr(model, path[0]), path[1:], value)
    return model.replace(**{path[0]: value})


def _spec(name: str, declared: FieldInfo) -> FieldSpec | None:
    hints = field_hints(declared)
    kernel, metadata, optional = _unwrapped(declared.annotation, list(declared.metadata))
    found = _shape(kernel, hints)
    if hints.get("hidden") or found is None:
        return None
    shape, more = found
    if shape == "number":
        more = {"allowed": _range(metadata, whole=kernel is int)}
    if shape == "entries":
        more |= _lengths(metadata)
    options = more.pop("options", ())
    if optional and shape == "flag":
        # A check box has no third state that a person could understand: yes, no, or left open.
        shape, options = "choice", (Option(True, tr("Yes")), Option(False, tr("No")))
    if optional and shape in ("choice", "union"):
        options = (Option(None, tr(hints.get("none_title") or "None")), *options)
    return FieldSpec(
        name=name,
        title=tr(declared.title or name.replace("_", " ").capitalize()),
        description=tr(declared.description or ""),
        shape=shape,
        optional=optional,
        none_title=tr(hints.get("none_title", "")),
        options=options,
        unit=tr(hints.get("unit", "")),
        live=bool(hints.get("live")),
        slider=bool(hints.get("slider")),
        logarithmic=bool(hints.get("logarithmic")),
        path_filter=hints.get("path_filter", ""),
        folder=bool(hints.get("folder")),
        section=hints.get("section", ""),
        **more,
    )


def _unwrapped(annotation: Any, metadata: list[Any]) -> tuple[Any, list[Any], bool]:
    """The type without Annotated and None; what was annotated; whether None is allowed."""
    optional = False
    while True:
        origin, arguments = get_origin(annotation), get_args(annotation)
        if origin is Annotated:
            for extra in arguments[1:]:
                metadata += extra.metadata if isinstance(extra, FieldInfo) else [extra]
            annotation = arguments[0]
        elif origin in (Union, types.UnionType) and type(None) in arguments:
            optional = True
            rest = tuple(argument for argument in arguments if argument is not type(None))
            annotation = functools.reduce(operator.or_, rest)
        else:
            return annotation, metadata, optional


def _shape(kernel: Any, hints: dict[str, Any]) -> tuple[Shape, dict[str, Any]] | None:
    origin, arguments = get_origin(kernel), get_args(kernel)
    titles = hints.get("choices") or {}
    if origin is Literal:
        return "choice", {
            "options": tuple(Option(v, tr(titles.get(v) or _sentence_case(v))) for v in arguments)
        }
    if origin in (Union, types.UnionType) and all(_is_settings(member) for member in arguments):
        return "union", {"members": arguments, "options": tuple(_option(member) for member in arguments)}
    if origin is tuple and arguments[1:] == (Ellipsis,):
        entry = _shape(_unwrapped(arguments[0], [])[0], {})
        if entry is not None and entry[0] in ("union", "group"):
            return "entries", {"members": entry[1]["members"]}
    if origin in (tuple, list) and arguments and _unwrapped(arguments[0], [])[0] in _IN_A_LINE:
        # Numbers are typed as text too: the model reads them, and says what is none.
        return "texts", {}
    if _is_settings(kernel):
        return "group", {"members": (kernel,)}
    if kernel is str and titles:
        return "choice", {"options": tuple(Option(value, tr(title)) for value, title in titles.items())}
    if kernel is pathlib.Path or (kernel is str and (hints.get("path_filter") or hints.get("folder"))):
        return "path", {}
    plain: dict[Any, Shape] = {bool: "flag", int: "number", float: "number", str: "text"}
    shape = plain.get(kernel) if isinstance(kernel, type) else None
    return (shape, {}) if shape else None


def summary(member: type[Settings]) -> str:
    """What a kind of settings is: the first line of its docstring."""
    return tr(inspect.cleandoc(member.__doc__ or "").partition("\n")[0])


def _option(member: type[Settings]) -> Option:
    """A member of a union as an entry: heading, group, and the first line of its docstring as its tooltip."""
    return Option(
        kind_of(member),
        tr(member.heading or _sentence_case(kind_of(member))),
        group=tr(getattr(member, "group", "")),
        description=summary(member),
        icon=member.icon,
    )


def _is_settings(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Settings)


def _range(metadata: list[Any], whole: bool) -> Range:
    """The range from pydantic's bounds (objects with ge, gt, le or lt)."""
    keys = ("ge", "gt", "le", "lt")
    found = {key: getattr(bound, key) for bound in metadata for key in keys if hasattr(bound, key)}
    return Range(
        low=found.get("gt", found.get("ge", -math.inf)),
        high=found.get("lt", found.get("le", math.inf)),
        low_open="gt" in found,
        high_open="lt" in found,
        whole=whole,
    )


def _lengths(metadata: list[Any]) -> dict[str, int]:
    """How many entries a list may have (objects with min_length or max_length)."""
    keys = {"min_length": "least", "max_length": "most"}
    return {keys[key]: getattr(bound, key) for bound in metadata for key in keys if hasattr(bound, key)}


def _sentence_case(value: Any) -> str:
    """ "most_frequent" reads "Most frequent"; a technical name such as "float32" stays as it is."""
    text = str(value).replace("_", " ")
    return text if any(letter.isdigit() for letter in text) else text[:1].upper() + text[1:]
