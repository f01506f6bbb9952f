"""The layer that makes trained vectors of codes: of the categories in a table, or of words in a sequence."""

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import ClassVar, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, field_validator

from engine.arrays import Array, CodedColumn, Shape, constant
from engine.errors import ShapeError
from engine.initializers import AnyInitializer, Initializer
from engine.initializers.end_to_end import EndToEnd
from engine.initializers.uniform import Uniform
from engine.layers.base import Buffer, Layer, Workspace
from engine.layers.penalized import Penalized
from engine.settings import hints

LONGEST_FITTING = 600
"""The longest vector that a table gets by itself."""

Places = NDArray[np.intp]


def fitting_size(categories: int) -> int:
    """How long a category's vector is where nobody says: 1.6 · categories^0.56, but below their number.

    fast.ai's rule of thumb, found by trying (fastai, tabular models); the bound is Guo & Berkhahn's: with as
    many numbers as categories, one input for each would say the same.
    """
    return max(min(round(1.6 * math.pow(categories, 0.56)), categories - 1, LONGEST_FITTING), 1)


class _Plan(NamedTuple):
    """What the numbers of a sample are: C codes, E numbers of vectors, P plain numbers."""

    coded: Places
    """(C,): where the codes stand in a sample."""
    plain: Places
    """(P,): where the other numbers stand."""
    highest: Array
    """(C,): the largest code of each."""
    lengths: Places
    """(C,): how many numbers a vector has."""
    owners: Places
    """(E,): which code a number of a vector belongs to."""
    offsets: Places
    """(E,): what, added to code · length, gives a number's place in the weights."""
    starts: Places
    """(rows, C), filled by each batch: code · length."""
    places: Places
    """(rows, E), filled by each batch: where in the weights the numbers of its vectors are."""


class Codes(Layer):
    """What the codes are, and how long their vectors."""

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
    columns: tuple[CodedColumn, ...] | None = Field(
        None,
        max_length=100_000,
        title="Coded columns",
        description="Which inputs are codes, and how many codes each has; empty, as the data has them.",
        json_schema_extra=hints(hidden=True, none_title="As the data has them"),
    )

    @field_validator("columns")
    @classmethod
    def _at_different_places(cls, columns: tuple[CodedColumn, ...] | None) -> tuple[CodedColumn, ...] | None:
        if columns is not None and len({column.place for column in columns}) < len(columns):
            raise ValueError("columns at different places")
        return columns


class Embedding(Penalized, Codes):
    """Trained vectors in the place of codes, y = E[code].

    Without a vocabulary, for the coded columns of a table, each with a table of vectors of its own. Shapes:
    x (batch, inputs), y (batch, Σ lengths of the vectors + plain numbers): first the vectors, in the order in
    which the codes stand in a sample, then the numbers that are no codes, in theirs. Code c has row c − 1 of
    its column's table; code 0, a category that training did not hold, is the zero vector.
    With a vocabulary, for sequences of codes: x (batch, steps), y (batch, steps, size), one table for all
    steps, in which code c has row c.
    "weight" (numbers,) holds all tables one after the other: see `tables`. Codes are rounded, and those out
    of range are taken for the nearest.
    Gradients: dE[c] = Σ of dy over all places of c; dx = dy for plain numbers, and 0 for codes.
    The same as one input per category under a dense layer without bias, but for the time that takes.
    Raises ShapeError if a sample is not one-dimensional, or shorter than its columns say.
    Reference: Guo & Berkhahn 2016, Entity embeddings of categorical variables; for sequences, Bengio et al.
    2003, A neural probabilistic language model.
    """

    heading: ClassVar[str] = "Embedding"
    icon: ClassVar[str] = "tag"
    kind: Literal["embedding"] = "embedding"

    def fitted(self, codes: Sequence[CodedColumn]) -> "Embedding":
        """This layer with the columns that the data has, where none are given.

        Until then, a layer without a vocabulary knows of no codes and hands all numbers on. Raises ShapeError
        where the data has nothing for it.
        """
        if self.vocabulary is not None:
            most = max((column.codes for column in codes), default=0)
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
        if self.vocabulary is not None:
            return (*input_shape, self._shapes()[0][1])
        columns = self._in_order()
        if columns and columns[-1].place >= input_shape[0]:
            raise self._misfit(
                f"at least {columns[-1].place + 1:,} numbers",
                input_shape,
                "Leave its columns away: they are then taken from the data.",
            )
        return (sum(self._lengths(input_shape)) + input_shape[0] - len(columns),)

    def parameter_shapes(self, input_shape: Shape) -> dict[str, Shape]:
        numbers = sum(math.prod(shape) for shape in self._shapes())
        return {"weight": (numbers,)} if numbers else {}

    def initializers(self) -> Mapping[str, Initializer]:
        return {"weight": EndToEnd(shapes=tuple(self._shapes()), each=self.initializer)}

    def tables(self, weight: Array) -> tuple[Array, ...]:
        """The table (categories, size) of each coded column, or that of a vocabulary: views of the weight."""
        shapes = self._shapes()
        ends = [0]
        for shape in shapes:
            ends.append(ends[-1] + math.prod(shape))
        return tuple(
            weight[start:stop].reshape(shape)
            for (start, stop), shape in zip(pairwise(ends), shapes, strict=True)
        )

    def buffers(self, input_shape: Shape) -> dict[str, Buffer]:
        lengths = self._lengths(input_shape)
        codes, numbers = Buffer((len(lengths),)), Buffer((sum(lengths),))
        wanted = {**super().buffers(input_shape), "codes": codes}
        if self.vocabulary is None:
            plain = Buffer((input_shape[0] - len(lengths),))
            wanted |= {"known": codes, "mask": numbers, "vectors": numbers, "plain": plain}
        return wanted

    def multiplications(self, input_shape: Shape) -> int:
        return 0

    def forward(
        self, parameters: Mapping[str, Array], x: Array, workspace: Workspace, training: bool
    ) -> Array:
        y = workspace["y"]
        if not parameters:
            y[...] = x
            return y
        if workspace.plan is None:
            workspace.plan = self._plan(x)
        plan: _Plan = workspace.plan
        weight, codes = parameters["weight"], workspace["codes"]
        x.take(plan.coded, 1, codes, "clip")
        _locate(codes, plan)
        if self.vocabulary is not None:
            weight.take(plan.places, None, y.reshape(plan.places.shape), "clip")
            return y
        vectors, known, mask, plain = (workspace[name] for name in ("vectors", "known", "mask", "plain"))
        weight.take(plan.places, None, vectors, "clip")
        np.minimum(codes, constant(1.0, codes.dtype), out=known)
        known.take(plan.owners, 1, mask, "clip")
        x.take(plan.plain, 1, plain, "clip")
        numbers = len(plan.owners)
        np.multiply(vectors, mask, y[:, :numbers])
        y[:, numbers:] = plain
        return y

    def backward(
        self,
        parameters: Mapping[str, Array],
        gradients: Mapping[str, Array],
        dy: Array,
        workspace: Workspace,
    ) -> Array:
        dx = workspace["dx"]
        if not parameters:
            dx[...] = dy
            return dx
        plan: _Plan = workspace.plan
        dweight, numbers, dvectors = gradients["weight"], len(plan.owners), dy
        if self.vocabulary is None:
            dvectors = workspace["vectors"]
            np.multiply(dy[:, :numbers], workspace["mask"], dvectors)
        dweight.fill(0.0)
        # In a single dimension, and of one precision, this takes a nanosecond a number; their order is fixed.
        # The places of code 0 belong to other codes, negative ones counting from the end: they get zeros.
        np.add.at(dweight, plan.places.reshape(-1), dvectors.reshape(-1))
        if workspace.needs_dx:
            dx.fill(0.0)
            if self.vocabulary is None:
                dx[:, plan.plain] = dy[:, numbers:]
        return dx

    def _plan(self, x: Array) -> _Plan:
        rows, inputs = x.shape
        shapes, lengths = self._shapes(), np.array(self._lengths((inputs,)), np.intp)
        if self.vocabulary is not None:
            coded = np.arange(inputs)
            highest = np.full(inputs, self.vocabulary - 1)
            starts = np.zeros(inputs, np.intp)
        else:
            coded = np.array([column.place for column in self._in_order()], np.intp)
            highest = np.array([categories for categories, _ in shapes])
            # A table begins with the vector of code 1.
            starts = np.cumsum([0, *map(math.prod, shapes[:-1])]) - lengths
        owners = np.repeat(np.arange(len(lengths)), lengths)
        within = np.arange(len(owners)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        return _Plan(
            coded,
            np.setdiff1d(np.arange(inputs), coded),
            highest.astype(x.dtype),
            lengths,
            owners,
            starts[owners] + within,
            np.empty((rows, len(lengths)), np.intp),
            np.empty((rows, len(owners)), np.intp),
        )

    def _in_order(self) -> list[CodedColumn]:
        return sorted(self.columns or ())

    def _shapes(self) -> list[Shape]:
        """The shape of each table."""
        if self.vocabulary is not None:
            return [(self.vocabulary, self.size or fitting_size(self.vocabulary))]
        categories = [column.codes - 1 for column in self._in_order()]
        return [(number, self.size or fitting_size(number)) for number in categories]

    def _lengths(self, input_shape: Shape) -> list[int]:
        """For each code of a sample, how many numbers its vector has."""
        lengths = [size for _, size in self._shapes()]
        return lengths * input_shape[0] if self.vocabulary is not None else lengths


def _locate(codes: Array, plan: _Plan) -> None:
    """Bring codes (rows, C) into their range, and find where in the weights their vectors are."""
    np.rint(codes, codes)
    # Unlike maximum, fmax turns what is no number into 0.
    np.fmax(codes, constant(0.0, codes.dtype), out=codes)
    np.minimum(codes, plan.highest, out=codes)
    starts, places = plan.starts, plan.places
    starts[...] = codes
    np.multiply(starts, plan.lengths, starts)
    starts.take(plan.owners, 1, places, "clip")
    np.add(places, plan.offsets, places)
