"""Embedding layers that know where codes stand, for the law suites: fields alone do not lead to these."""

from engine.arrays import IntegerEncodedColumn
from engine.layers.embedding import Embedding

CODED = (
    Embedding(columns=(IntegerEncodedColumn(0, 3),)),
    Embedding(columns=(IntegerEncodedColumn(4, 4), IntegerEncodedColumn(1, 2)), size=3),
    Embedding(columns=tuple(IntegerEncodedColumn(place, 2 + place) for place in range(6))),
)
