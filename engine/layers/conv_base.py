"""The base class of convolution layers over images and over sequences."""

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from pydantic import Field

from engine.arrays import Array, Shape, even_slices
from engine.errors import ShapeError
from engine.layers.base import ArraySpec, Workspace
from engine.layers.kernels.channels import Depthwise
from engine.layers.kernels.im2col import Products
from engine.layers.kernels.sliding_windows import Geometry, Padding, Sliding
from engine.layers.weighted import WEIGHTED_ORDER, Weighted
from engine.settings import hints

CONVOLUTION_ORDER = ("stride", "padding", "dilation", "groups", *WEIGHTED_ORDER)
"""The fields of a convolution in the order of forms; a subclass puts its own in front."""

PADDING_TITLES = {"same": "Same: pads the border with zeros", "valid": "Valid: stays inside"}


@dataclass(frozen=True)
class Piece:
    """Some images of a batch that are computed together, and views for their results."""

    rows: slice
    kernel: Products | Depthwise
    z: Array
    y: Array
    dz: Array


class Convolution(Weighted):
    """y = f(x ∗ W + b), for images (batch, height, width, channels); a sequence is an image of one row.

    The batch is computed in pieces that fit the cache: windows gathered into a matrix, one product, bias and
    activation, then the next piece. The backward pass gathers the windows again, which costs less than
    keeping the matrix.
    """

    stride: int = Field(
        1,
        ge=1,
        le=16,
        title="Stride",
        description="Cells from one position of the window to the next.",
        json_schema_extra=hints(unit="cells"),
    )
    padding: Padding = Field(
        "same",
        title="Padding",
        description="Whether the window may reach over the border, so that a stride of 1 keeps the size.",
        json_schema_extra=hints(choices=PADDING_TITLES),
    )
    dilation: int = Field(
        1,
        ge=1,
        le=16,
        title="Dilation",
        description="Cells from one cell of the window to the next.",
        json_schema_extra=hints(unit="cells", section="More"),
    )
    groups: int = Field(
        1,
        ge=1,
        le=1024,
        title="Groups",
        description="Parts that the channels are split into, each with filters of its own.",
        json_schema_extra=hints(section="More"),
    )

    @abstractmethod
    def _geometry(self, input_shape: Shape) -> Geometry:
        """Raises ShapeError where the input does not fit."""

    def _geometry_of(
        self, vertical: Sliding, horizontal: Sliding, input_shape: Shape, filters: int
    ) -> Geometry:
        """Raises ShapeError where the windows do not fit in, or channels and filters not into the groups."""
        channels = input_shape[-1]
        if min(vertical.outputs, horizontal.outputs) < 1:
            window = (vertical, horizontal)[-len(input_shape[:-1]) :]
            noun = " cells" if len(window) > 1 else " steps"
            raise self._misfit(
                "at least " + " × ".join(str(axis.reach + 1) for axis in window) + noun,
                input_shape,
                "Set the padding to Same, or make the window smaller.",
            )
        if channels % self.groups or filters % self.groups:
            raise ShapeError(
                self.heading,
                expected=f"channels and filters in multiples of {self.groups}, its number of groups,",
                got=f"{channels} channels and {filters} filters",
                help="Set the groups to 1, or change the number of filters.",
            )
        return Geometry(vertical, horizontal, channels, filters, self.groups)

    def workspace_arrays(self, input_shape: Shape) -> dict[str, ArraySpec]:
        geometry = self._geometry(input_shape)
        images, line = geometry.images_at_once, geometry.horizontal.outputs * geometry.filters
        wanted = {
            **super().workspace_arrays(input_shape),
            "dz": ArraySpec((images, *geometry.output_shape), per_sample=False),
            "line": ArraySpec((line,), per_sample=False),
            "ones": ArraySpec((images * geometry.positions,), per_sample=False, fill=1.0),
            "dweight": ArraySpec(self.parameter_shapes(input_shape)["weight"], per_sample=False),
            "dbias": ArraySpec((geometry.filters,), per_sample=False),
        }
        if self.activation.keeps_input:
            wanted["z"] = ArraySpec(geometry.output_shape)
        kernel = Depthwise if geometry.depthwise else Products
        for name, shape in kernel.scratch_shapes(geometry).items():
            # Zeros everywhere: the borders of padded arrays are never written.
            wanted[name] = ArraySpec(shape, per_sample=False, fill=0.0)
        return wanted

    def forward(
        self, parameters: Mapping[str, Array], x: Array, workspace: Workspace, training: bool
    ) -> Array:
        workspace.x = x
        pieces = self._pieces(workspace)
        images, weight, line = self._images(x), parameters["weight"], workspace["line"]
        if self.bias:
            np.copyto(line.reshape(-1, len(parameters["bias"])), parameters["bias"])
        pieces[0].kernel.prepare(weight)
        for piece in pieces:
            piece.kernel.load(images[piece.rows])
            piece.kernel.correlate(weight, piece.z)
            if self.bias:
                # Repeated along a row of the image, the bias is added in long runs.
                lines = piece.z.reshape(-1, len(line))
                np.add(lines, line, lines)
            self.activation.forward(piece.z, piece.y)
        return workspace["y"]

    def backward(
        self,
        parameters: Mapping[str, Array],
        gradients: Mapping[str, Array],
        dy: Array,
        workspace: Workspace,
    ) -> Array:
        pieces = self._pieces(workspace)
        weight, dx = parameters["weight"], workspace["dx"]
        images, dx_images = self._images(workspace.x), self._images(dx)
        dy_images = self._images(dy)
        linear = self.activation.identity
        if workspace.needs_dx:
            pieces[0].kernel.prepare_backward(weight)
        for piece in pieces:
            dz = dy_images[piece.rows]
            if not linear:
                self.activation.backward(piece.z, piece.y, dz, piece.dz)
                dz = piece.dz
            piece.kernel.load(images[piece.rows])
            self._add_gradients(gradients, dz, workspace, piece)
            if workspace.needs_dx:
                piece.kernel.input_gradient(weight, dz, dx_images[piece.rows])
        return dx

    def _add_gradients(
        self, gradients: Mapping[str, Array], dz: Array, workspace: Workspace, piece: Piece
    ) -> None:
        """The first piece overwrites the gradients, the others are added."""
        first = piece.rows.start == 0
        dweight = gradients["weight"] if first else workspace["dweight"]
        piece.kernel.weight_gradient(dz, dweight)
        if not first:
            np.add(gradients["weight"], dweight, gradients["weight"])
        if self.bias:
            dbias = gradients["bias"] if first else workspace["dbias"]
            flat = dz.reshape(-1, len(dbias))
            np.dot(workspace["ones"][: len(flat)], flat, dbias)
            if not first:
                np.add(gradients["bias"], dbias, gradients["bias"])

    def _pieces(self, workspace: Workspace) -> tuple[Piece, ...]:
        """The pieces of a batch of this workspace's size, with all views of its arrays; made once."""
        if workspace.prepared is None:
            workspace.prepared = self._cut(workspace)
        pieces: tuple[Piece, ...] = workspace.prepared
        return pieces

    def _cut(self, workspace: Workspace) -> tuple[Piece, ...]:
        geometry = self._geometry(workspace.x.shape[1:])
        count = -(-workspace.rows // geometry.images_at_once)
        kind = Depthwise if geometry.depthwise else Products
        slices = even_slices(workspace.rows, count)
        sizes = {rows.stop - rows.start for rows in slices}
        kernels = {size: kind(geometry, workspace, size) for size in sizes}
        shape = (-1, *geometry.output_shape)
        y = workspace["y"].reshape(shape)
        z = workspace["z"].reshape(shape) if self.activation.keeps_input else y
        pieces = []
        for rows in slices:
            part, size = y[rows], rows.stop - rows.start
            # An activation recognises in-place operation by its two arguments being the same object.
            before = part if z is y else z[rows]
            pieces.append(Piece(rows, kernels[size], before, part, workspace["dz"][:size]))
        return tuple(pieces)

    @staticmethod
    def _images(x: Array) -> Array:
        """x as (batch, height, width, channels)."""
        return x if x.ndim == 4 else x.reshape(len(x), 1, *x.shape[1:])
