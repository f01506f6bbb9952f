"""Small parts that several panels use."""

from gui.kit.card import Card
from gui.kit.choice import Choice, Option, Toggle
from gui.kit.field import FieldMarker, FieldWidget
from gui.kit.indicators import NumberTile
from gui.kit.labels import ElidedLabel, IconLabel, InlineMessage, Label, LinkButton, SectionHeader
from gui.kit.layouts import PlainScrollArea
from gui.kit.number_field import NumberField
from gui.kit.numbers import Range
from gui.kit.slider_field import SliderField
from gui.kit.text_field import ListField, PathField, TextField

__all__ = [
    "Card",
    "Choice",
    "ElidedLabel",
    "FieldMarker",
    "FieldWidget",
    "IconLabel",
    "InlineMessage",
    "Label",
    "LinkButton",
    "ListField",
    "NumberField",
    "NumberTile",
    "Option",
    "PathField",
    "PlainScrollArea",
    "Range",
    "SectionHeader",
    "SliderField",
    "TextField",
    "Toggle",
]
