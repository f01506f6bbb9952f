"""Embedding layers that know where codes stand, for the law suites: fields alone do not lead to these."""

from engine.arrays import CodedColumn
from engine.layers.embedding import Embedding

CODED = (
    Embedding(columns=(CodedColumn(0, 3),)),
    Embedding(columns=(CodedColumn(4, 4), CodedColumn(1, 2)), size=3),
    Embedding(columns=tuple(CodedColumn(place, 2 + place) for place in range(6))),
)
