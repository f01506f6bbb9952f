"""Where each number of an array lies in its picture: a grid for a vector, tiles for channels. No Qt."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Array, Shape

MOST_TILES = 64
"""Channels, or matrices, that are shown side by side."""
TURNED_FROM = 3
"""Times as many rows as columns, from which on a matrix lies on its side."""
MOST_CELLS = 512
"""Rows and columns of a tile; of more, the first are shown."""

Index = tuple[int, ...]


@dataclass(frozen=True)
class Tiles:
    """The cells of an array in the plane.

    shape : of the array. rows, columns : cells of a tile. across, down : tiles. shown : how many tiles.
    turned : a matrix of many rows and few columns lies on its side.
    """

    shape: Shape
    rows: int
    columns: int
    across: int = 1
    down: int = 1
    shown: int = 1
    turned: bool = False

    @classmethod
    def of(cls, shape: Shape) -> "Tiles":
        """A vector is written line by line; (rows, columns) as they are; (height, width, channels) as a tile
        for each channel; of more axes, those in front are rows.
        """
        if len(shape) == 3:
            shown = min(shape[2], MOST_TILES)
            across = math.ceil(math.sqrt(shown))
            return cls(
                shape,
                min(shape[0], MOST_CELLS),
                min(shape[1], MOST_CELLS),
                across,
                math.ceil(shown / across),
                shown,
            )
        if len(shape) <= 1:
            count = math.prod(shape)
            columns = count if count <= 12 else math.ceil(math.sqrt(count * 1.6))
            return cls(shape, math.ceil(count / max(columns, 1)), max(columns, 1))
        rows, columns = math.prod(shape[:-1]), shape[-1]
        turned = rows > TURNED_FROM * columns
        return cls(shape, min(rows, MOST_CELLS), min(columns, MOST_CELLS), turned=turned)

    @property
    def cells(self) -> tuple[int, int]:
        """Rows and columns of the whole picture, with a line of one cell between tiles."""
        down = self.down * self.rows + self.down - 1
        across = self.across * self.columns + self.across - 1
        return (across, down) if self.turned else (down, across)

    @property
    def left_out(self) -> int:
        """Numbers that are not shown."""
        if len(self.shape) == 3:
            return math.prod(self.shape) - self.rows * self.columns * self.shown
        return max(math.prod(self.shape) - self.rows * self.columns, 0) if len(self.shape) > 1 else 0

    def cell_of(self, index: Index) -> tuple[int, int] | None:
        """Row and column in the picture; None for what is left out, or is no index of the array."""
        if len(index) != len(self.shape) or not all(
            0 <= at < size for at, size in zip(index, self.shape, strict=True)
        ):
            return None
        if len(index) == 3:
            row, column, tile = index
            if tile >= self.shown or row >= self.rows or column >= self.columns:
                return None
            down, across = divmod(tile, self.across)
            return down * (self.rows + 1) + row, across * (self.columns + 1) + column
        if len(index) <= 1:
            return divmod(index[0] if index else 0, self.columns)
        row = int(np.ravel_multi_index(index[:-1], self.shape[:-1]))
        cell = (index[-1], row) if self.turned else (row, index[-1])
        return cell if row < self.rows and index[-1] < self.columns else None

    def index_at(self, row: int, column: int) -> Index | None:
        """The number at a cell of the picture."""
        if row < 0 or column < 0:
            return None
        if len(self.shape) == 3:
            down, row = divmod(row, self.rows + 1)
            across, column = divmod(column, self.columns + 1)
            tile = down * self.across + across
            inside = row < self.rows and column < self.columns and across < self.across
            return (row, column, tile) if inside and tile < self.shown else None
        if len(self.shape) <= 1:
            place = row * self.columns + column
            inside = column < self.columns and place < math.prod(self.shape)
            return ((place,) if self.shape else ()) if inside else None
        if self.turned:
            row, column = column, row
        if row >= self.rows or column >= self.columns:
            return None
        return (*map(int, np.unravel_index(row, self.shape[:-1])), column)

    def spread(self, values: Array) -> NDArray[np.float64]:
        """The array as (rows, columns) of the picture; NaN where there is nothing."""
        out = np.full(self.cells, np.nan)
        if len(self.shape) == 3:
            for tile in range(self.shown):
                down, across = divmod(tile, self.across)
                top, left = down * (self.rows + 1), across * (self.columns + 1)
                out[top : top + self.rows, left : left + self.columns] = values[
                    : self.rows, : self.columns, tile
                ]
        elif len(self.shape) <= 1:
            flat = out.reshape(-1)
            flat[: values.size] = values.ravel()
        else:
            shown = values.reshape(-1, self.shape[-1])[: self.rows, : self.columns]
            out[:] = shown.T if self.turned else shown
        return out

    def bounds(self, indices: Iterable[Index]) -> list[tuple[int, int, int, int]]:
        """Row, column, rows, columns of the rectangles around indices, one for each tile."""
        found: dict[int, list[tuple[int, int]]] = {}
        for index in indices:
            cell = self.cell_of(index)
            if cell is not None:
                tile = index[2] if len(self.shape) == 3 else 0
                found.setdefault(tile, []).append(cell)
        rectangles = []
        for cells in found.values():
            rows, columns = [row for row, _ in cells], [column for _, column in cells]
            top, left = min(rows), min(columns)
            rectangles.append((top, left, max(rows) - top + 1, max(columns) - left + 1))
        return rectangles
