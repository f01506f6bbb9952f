"""Convolution layers over sequences and over images."""

from typing import ClassVar, Literal

from pydantic import Field

from engine.arrays import Shape
from engine.layers.conv_base import CONVOLUTION_ORDER, Convolution
from engine.layers.kernels.sliding_windows import Geometry, slide
from engine.settings import hints


class Conv1D(Convolution):
    """Slides filters along sequences, y = f(x ∗ W + b).

    Shapes: x (batch, steps, features), W (size, features / groups, filters), b (filters,),
    y (batch, positions, filters), positions as in Conv2D. The window looks at both sides ("same") or at whole
    windows only ("valid"); it is not causal.
    Gradients: with dz = dy · f'(z), dW[r] = Σ over positions of the steps under r, transposed, times dz;
    db = Σ dz; dx = dz convolved with the kernels reversed.
    Raises ShapeError if a sample is no sequence, is shorter than the window ("valid"), or where features or
    filters cannot be split into the groups.
    Reference: Waibel et al. 1989, Phoneme recognition using time-delay neural networks.
    """

    heading: ClassVar[str] = "Conv1D"
    icon: ClassVar[str] = "waves"
    field_order: ClassVar[tuple[str, ...]] = ("filters", "kernel_size", *CONVOLUTION_ORDER)

    kind: Literal["conv1d"] = "conv1d"
    filters: int = Field(
        16, ge=1, le=4096, title="Filters", description="Patterns to look for; features of the output."
    )
    kernel_size: int = Field(
        3,
        ge=1,
        le=1024,
        title="Size",
        description="Steps under the window.",
        json_schema_extra=hints(unit="steps"),
    )

    stride: int = Field(
        1,
        ge=1,
        le=16,
        title="Stride",
        description="Steps from one position of the window to the next.",
        json_schema_extra=hints(unit="steps"),
    )
    dilation: int = Field(
        1,
        ge=1,
        le=16,
        title="Dilation",
        description="Steps from one step of the window to the next.",
        json_schema_extra=hints(unit="steps", section="More"),
    )

    def output_shape(self, input_shape: Shape) -> Shape:
        return self._geometry(input_shape).output_shape[1:]

    def parameter_shapes(self, input_shape: Shape) -> dict[str, Shape]:
        return self._with_bias((self.kernel_size, input_shape[1] // self.groups, self.filters))

    def _geometry(self, input_shape: Shape) -> Geometry:
        if len(input_shape) != 2:
            raise self._no_sequence(input_shape)
        along = slide(input_shape[0], self.kernel_size, self.stride, self.padding, self.dilation)
        return self._geometry_of(slide(1, 1), along, input_shape, self.filters)


class Conv2D(Convolution):
    """Slides filters over images, y = f(x ∗ W + b), and looks for the same patterns everywhere.

    Shapes: x (batch, height, width, channels), W (rows, columns, channels / groups, filters), b (filters,),
    y (batch, positions down, positions across, filters). One output is
    f(Σ over r, s, c of x[i · stride + r · dilation, j · stride + s · dilation, c] W[r, s, c, k] + bₖ): a
    cross-correlation, as in all libraries for neural networks. "valid" gives
    ⌊(height − dilation (rows − 1) − 1) / stride⌋ + 1 positions down; "same" ⌈height / stride⌉, with zeros
    around the image, the odd one after it (Keras). Groups: group g of the filters sees group g of the
    channels; as many groups as channels and filters is a depthwise convolution.
    Gradients: with dz = dy · f'(z), dW[r, s] = Σ over positions of the cells under (r, s), transposed, times
    dz; db = Σ dz; dx = dz convolved with the kernels rotated by half a turn.
    Raises ShapeError if a sample is no image, is smaller than the window ("valid"), or where channels or
    filters cannot be split into the groups.
    Reference: LeCun et al. 1989, Backpropagation applied to handwritten zip code recognition; Dumoulin &
    Visin 2016, A guide to convolution arithmetic for deep learning.
    """

    heading: ClassVar[str] = "Conv2D"
    icon: ClassVar[str] = "grid-four"
    field_order: ClassVar[tuple[str, ...]] = ("filters", "height", "width", *CONVOLUTION_ORDER)

    kind: Literal["conv2d"] = "conv2d"
    filters: int = Field(
        16, ge=1, le=4096, title="Filters", description="Patterns to look for; channels of the output."
    )
    height: int = Field(
        3,
        ge=1,
        le=64,
        title="Height",
        description="Rows under the window.",
        json_schema_extra=hints(unit="cells"),
    )
    width: int = Field(
        3,
        ge=1,
        le=64,
        title="Width",
        description="Columns under the window.",
        json_schema_extra=hints(unit="cells"),
    )

    def output_shape(self, input_shape: Shape) -> Shape:
        return self._geometry(input_shape).output_shape

    def parameter_shapes(self, input_shape: Shape) -> dict[str, Shape]:
        return self._with_bias((self.height, self.width, input_shape[2] // self.groups, self.filters))

    def _geometry(self, input_shape: Shape) -> Geometry:
        if len(input_shape) != 3:
            raise self._no_image(input_shape)
        height, width, _ = input_shape
        return self._geometry_of(
            slide(height, self.height, self.stride, self.padding, self.dilation),
            slide(width, self.width, self.stride, self.padding, self.dilation),
            input_shape,
            self.filters,
        )
