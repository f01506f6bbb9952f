"""Small parts that several panels use."""

from gui.widgets.card import Card
from gui.widgets.choice import Choice, Option
from gui.widgets.field import Edges, FieldWidget
from gui.widgets.figure import Figure
from gui.widgets.inline_message import InlineMessage
from gui.widgets.labels import ElidedLabel, IconLabel, Label, SectionHeader
from gui.widgets.number_field import NumberField
from gui.widgets.numbers import Range, number_text
from gui.widgets.path_field import PathField
from gui.widgets.plain_scroll_area import PlainScrollArea
from gui.widgets.slider_field import SliderField
from gui.widgets.text_field import ListField, TextField
from gui.widgets.toggle import Toggle

__all__ = [
    "Card",
    "Choice",
    "Edges",
    "ElidedLabel",
    "FieldWidget",
    "Figure",
    "IconLabel",
    "InlineMessage",
    "Label",
    "ListField",
    "NumberField",
    "Option",
    "PathField",
    "PlainScrollArea",
    "Range",
    "SectionHeader",
    "SliderField",
    "TextField",
    "Toggle",
    "number_text",
]
