"""Where windows stand along an axis, for the slow references of convolution and pooling."""


def border(length: int, size: int, stride: int, dilation: int, padding: str) -> tuple[int, int]:
    """Places along an axis, and the cells added in front of it, in Keras's words."""
    window = (size - 1) * dilation + 1
    if padding == "valid":
        return (length - window) // stride + 1, 0
    places = -(-length // stride)
    return places, max((places - 1) * stride + window - length, 0) // 2
