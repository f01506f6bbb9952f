"""The embedding layer: a trained vector for each category of a table, or for each token of a sequence."""

import math
from collections.abc import Mapping, Sequence
from itertools import accumulate, pairwise
from typing import ClassVar, Literal

from pydantic import Field, field_validator

from engine.arrays import Array, IntegerEncodedColumn, Shape
from engine.errors import ShapeError
from engine.initializers import AnyInitializer, Initializer
from engine.initializers.composite import Concatenated
from engine.initializers.fixed_scale import Uniform
from engine.layers.base import ArraySpec, Workspace
from engine.layers.embedding_tables import ColumnTables, Tables, VocabularyTable
from engine.layers.weighted import Penalized
from engine.settings import hints


class Embedding(Penalized):
    """Replaces integer codes by trained vectors, y = E[code].

    Without a vocabulary, it is for the integer-encoded columns of a table, each with a lookup table of its
    own. Shapes: x (batch, inputs), y (batch, Σ lengths of the vectors + other inputs): first the vectors, in
    the order of their columns in a sample, then the other inputs, in theirs. Code c has row c − 1 of its
    column's table; code 0, an unknown category, is the zero vector.
    With a vocabulary, it is for sequences of codes: x (batch, steps), y (batch, steps, size), one table for
    all steps, in which code c has row c.
    "weight" (numbers,) is all tables concatenated: see `tables`. Codes are rounded, and those out of range
    are clipped.
    Gradients: dE[c] = Σ of dy over all positions with code c; dx = dy for other inputs, and 0 for codes.
    It is the same function as one-hot inputs to a dense layer without bias, computed faster.
    Raises ShapeError if a sample is not one-dimensional, or shorter than its columns say.
    Reference: Guo & Berkhahn 2016, Entity embeddings of categorical variables; for sequences, Bengio et al.
    2003, A neural probabilistic language model.
    """

    heading: ClassVar[str] = "Embedding"
    icon: ClassVar[str] = "tag"
    field_order: ClassVar[tuple[str, ...]] = ("size", "vocabulary", "initializer", "columns", "l1", "l2")

    kind: Literal["embedding"] = "embedding"
    size: int | None = Field(
        None,
        ge=1,
        le=4096,
        title="Size",
        description="Numbers in the vector of a category; more can say more of it, and take more examples.",
        json_schema_extra=hints(none_title="Fits the categories"),
    )
    vocabulary: int | None = Field(
        None,
        ge=2,
        le=10_000_000,
        title="Vocabulary",
        description="For sequences: every input is a code below this, and one table serves all of them; "
        "empty, every coded column of the data has a table of its own.",
        json_schema_extra=hints(none_title="A table per column"),
    )
    initializer: AnyInitializer = Field(
        Uniform(), title="Initializer", description="How the vectors start; small ones are usual."
    )
    columns: tuple[IntegerEncodedColumn, ...] | None = Field(
        None,
        max_length=100_000,
        title="Coded columns",
        description="Which inputs are codes, and how many codes each has; empty, as the data has them.",
        json_schema_extra=hints(hidden=True, none_title="As the data has them"),
    )

    @field_validator("columns")
    @classmethod
    def _at_different_places(
        cls, columns: tuple[IntegerEncodedColumn, ...] | None
    ) -> tuple[IntegerEncodedColumn, ...] | None:
        if columns is not None and len({column.position for column in columns}) < len(columns):
            raise ValueError("columns at different places")
        return columns

    def fitted(self, codes: Sequence[IntegerEncodedColumn]) -> "Embedding":
        """This layer with the integer-encoded columns of the data, where none are given.

        Until then, a layer without a vocabulary passes all numbers on. Raises ShapeError where the data has
        no such columns.
        """
        if self.vocabulary is not None:
            most = max((column.cardinality for column in codes), default=0)
            if most > self.vocabulary:
                raise ShapeError(
                    self.heading,
                    expected=f"codes below its vocabulary of {self.vocabulary:,}",
                    got=f"a column with {most:,} codes",
                    help="Raise the vocabulary, or leave it empty: then every column has a table of its own.",
                )
            return self
        if self.columns is not None:
            return self
        if not codes:
            raise ShapeError(
                self.heading,
                expected="categories as codes",
                got="none",
                help="Set Categories to codes in the data panel, or remove the layer.",
            )
        return self.replace(columns=tuple(codes))

    def output_shape(self, input_shape: Shape) -> Shape:
        if len(input_shape) != 1:
            raise self._misfit(
                "a list of numbers with codes among them",
                input_shape,
                "Remove it: it is for columns of categories, and for sequences of codes.",
            )
        last = max((column.position for column in self.columns or ()), default=-1)
        if self.vocabulary is None and last >= input_shape[0]:
            raise self._misfit(
                f"at least {last + 1:,} numbers",
                input_shape,
                "Leave its columns away: they are then taken from the data.",
            )
        return self._tables.output_shape(input_shape[0])

    def parameter_shapes(self, input_shape: Shape) -> dict[str, Shape]:
        numbers = sum(map(math.prod, self._tables.shapes))
        return {"weight": (numbers,)} if numbers else {}

    def initializers(self) -> Mapping[str, Initializer]:
        return {"weight": Concatenated(shapes=tuple(self._tables.shapes), each=self.initializer)}

    def tables(self, weight: Array) -> tuple[Array, ...]:
        """The table (categories, size) of each column, or that of the vocabulary: views of the weight."""
        shapes = self._tables.shapes
        ends = accumulate(map(math.prod, shapes), initial=0)
        return tuple(
            weight[start:stop].reshape(shape)
            for (start, stop), shape in zip(pairwise(ends), shapes, strict=True)
        )

    def workspace_arrays(self, input_shape: Shape) -> dict[str, ArraySpec]:
        return {**super().workspace_arrays(input_shape), **self._tables.workspace_arrays(input_shape[0])}

    def multiplications(self, input_shape: Shape) -> int:
        return 0

    def forward(
        self, parameters: Mapping[str, Array], x: Array, workspace: Workspace, training: bool
    ) -> Array:
        if parameters:
            if workspace.prepared is None:
                workspace.prepared = self._tables
            tables: Tables = workspace.prepared
            return tables.forward(parameters["weight"], x, workspace)
        y = workspace["y"]
        y[...] = x
        return y

    def backward(
        self,
        parameters: Mapping[str, Array],
        gradients: Mapping[str, Array],
        dy: Array,
        workspace: Workspace,
    ) -> Array:
        if parameters:
            tables: Tables = workspace.prepared
            return tables.backward(gradients["weight"], dy, workspace)
        dx = workspace["dx"]
        dx[...] = dy
        return dx

    @property
    def _tables(self) -> Tables:
        if self.vocabulary is not None:
            return VocabularyTable(self.vocabulary, self.size)
        return ColumnTables(sorted(self.columns or ()), self.size)
