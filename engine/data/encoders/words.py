"""Short texts by their words, hashed into a stated number of inputs."""

import re
import zlib
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from engine.arrays import Array
from engine.data.columns.encoded_texts import EncodedTexts
from engine.data.columns.texts import encoded
from engine.data.encoders.base import (
    ColumnPreparation,
    Fill,
    FittedInput,
    Imputation,
    Numbers,
    TargetValues,
    flagged,
)
from engine.data.encoders.categories import TEXTS
from engine.data.table import Column, ColumnKind
from engine.progress import Progress, blocks

TEXTS_AT_ONCE = 4096

_WORD = re.compile(r"\w+")


class WordsInput(FittedInput):
    """How often words of each bucket stand in the text, divided by the length of that vector (1 for a text).

    A missing text and one without words are 0. Buckets that did not vary in the training part are always 0:
    their weights were not trained.
    """

    restorable: ClassVar[bool] = False
    kind: Literal["words"] = "words"
    column: str
    buckets: int = Field(ge=1)
    used: tuple[int, ...]

    @property
    def own_names(self) -> tuple[str, ...]:
        return tuple(f"{self.column}: words {bucket + 1}" for bucket in range(self.buckets))

    @property
    def known_texts(self) -> tuple[str, ...]:
        """None: any text can be read, and is read as one."""
        return ()

    def write_own(self, column: Column, out: Array, progress: Progress) -> None:
        texts = encoded(column)
        silent = np.setdiff1d(np.arange(self.buckets), self.used)
        for block in blocks(len(texts), progress, TEXTS_AT_ONCE):
            out[block] = word_vectors(texts, block, self.buckets)
            out[block, silent] = 0

    def restored(self, values: Numbers) -> Column:
        raise ValueError("texts cannot be made of their hashed words")


class HashedWords(ColumnPreparation):
    """Each word of the text adds to one of a fixed number of inputs, chosen by its hash.

    Reference: Weinberger et al. 2009. The hash is CRC-32 of the word in lower case, the same everywhere.
    """

    heading: ClassVar[str] = "Hashed words"
    group: ClassVar[str] = "Texts"
    kinds: ClassVar[tuple[ColumnKind, ...]] = TEXTS
    fills: ClassVar[tuple[Fill, ...]] = ("own",)
    kind: Literal["words"] = "words"

    buckets: int = Field(
        64,
        ge=8,
        le=4096,
        title="Inputs",
        description="So many inputs the words share; with more of them, fewer words meet in one.",
    )

    def fit(self, column: Column, imputation: Imputation, target: TargetValues | None) -> WordsInput:
        texts = encoded(column)
        lowest, highest = np.full(self.buckets, np.inf), np.full(self.buckets, -np.inf)
        for block in blocks(len(texts), Progress(), TEXTS_AT_ONCE):
            vectors = word_vectors(texts, block, self.buckets)
            np.minimum(lowest, vectors.min(axis=0), out=lowest)
            np.maximum(highest, vectors.max(axis=0), out=highest)
        used = tuple(np.flatnonzero(lowest < highest).tolist())
        return WordsInput(
            column=column.name, buckets=self.buckets, used=used, flagged=flagged(column, imputation)
        )

    def width(self, column: Column, imputation: Imputation, outputs: int) -> int:
        return self.buckets + flagged(column, imputation)


def word_vectors(texts: EncodedTexts, rows: slice, buckets: int) -> NDArray[np.float64]:
    """The counted words of some rows, (rows, buckets), each row of length 1 or 0."""
    different, places = np.unique(texts.indices[rows], return_inverse=True)
    vectors = np.zeros((len(different), buckets))
    for vector, text in zip(vectors, texts.decoded(different).tolist(), strict=True):
        for bucket in buckets_of(text or "", buckets):
            vector[bucket] += 1
    lengths = np.sqrt((vectors**2).sum(axis=1, keepdims=True))
    vectors /= np.where(lengths == 0, 1, lengths)
    return vectors[places]


def buckets_of(text: str, buckets: int) -> list[int]:
    """The bucket of each word of a text: letters, digits and underscores in a row are a word."""
    return [zlib.crc32(word.encode()) % buckets for word in _WORD.findall(text.casefold())]
