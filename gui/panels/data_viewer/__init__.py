"""The data themselves: rows, images, distributions and pairs of columns."""
