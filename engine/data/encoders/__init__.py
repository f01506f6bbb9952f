"""How single columns become numbers for the network: one family of preparations a file, listed here."""

from typing import Annotated

from pydantic import BeforeValidator, Field

from engine.data.encoders.base import Categories, ColumnPreparation, Scaling
from engine.data.encoders.categories import EmbeddingCode, OneHot, Ordinal
from engine.data.encoders.dates import DateParts
from engine.data.encoders.numbers import AsTheyAre, Clip, Log, MinMax, Robust, Standardize
from engine.data.encoders.power import YeoJohnson
from engine.data.encoders.quantile import Quantiles
from engine.data.encoders.target_encoding import TargetEncoding
from engine.data.encoders.words import HashedWords
from engine.settings import expand_kind, members

_Union = Annotated[
    Standardize
    | MinMax
    | Robust
    | Log
    | YeoJohnson
    | Quantiles
    | Clip
    | AsTheyAre
    | OneHot
    | EmbeddingCode
    | Ordinal
    | TargetEncoding
    | HashedWords
    | DateParts,
    Field(discriminator="kind"),
]
AnyPreparation = Annotated[_Union, BeforeValidator(expand_kind)]
PREPARATIONS: tuple[type[ColumnPreparation], ...] = members(_Union)


def preparations_of(kind: str) -> tuple[type[ColumnPreparation], ...]:
    """The preparations that a column of this kind can have; none for yes/no and for images."""
    return tuple(preparation for preparation in PREPARATIONS if kind in preparation.kinds)


def usual_preparation(kind: str, scaling: Scaling, categories: Categories) -> ColumnPreparation | None:
    """What a column of this kind gets where nothing is chosen for it alone; None where there is no choice."""
    if kind == "number":
        return {"standardize": Standardize(), "minmax": MinMax(), "none": AsTheyAre()}[scaling]
    if kind in ("category", "code"):
        return EmbeddingCode() if categories == "integer" else OneHot()
    if kind == "text":
        return HashedWords()
    return DateParts() if kind == "date" else None


__all__ = ["PREPARATIONS", "AnyPreparation", "ColumnPreparation", "preparations_of", "usual_preparation"]
