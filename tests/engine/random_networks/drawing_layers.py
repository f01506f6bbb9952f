"""Layers that hypothesis draws, with settings that fit the shape before them."""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

from hypothesis import strategies as st

from engine.arrays import Shape

Settings = dict[str, Any]
Strategy = st.SearchStrategy[Settings]

SMOOTH = ("tanh", "sigmoid", "gelu", "silu", "softplus")

FEWEST_TO_NORMALIZE = 3
"""With one number, a normalized value is 0, with two ±1, whatever they are: their gradients are rounding."""


class Drawer(NamedTuple):
    """A kind of layer: on samples of how many axes, and a strategy for its settings there."""

    axes: tuple[int, ...]
    strategy: Callable[[Shape], Strategy]


def needs_a_bend_before(settings: Settings) -> bool:
    """Batch normalization takes out again what the layer before adds to all of a channel.

    The gradient of such a bias is 0 but for rounding. What bends at a point only, such as ReLU, may leave all
    of a channel as it is, and so does not help.
    """
    return settings["kind"] == "batch_norm"


def bend() -> Strategy:
    return st.sampled_from(SMOOTH).map(lambda kind: {"kind": "activation", "activation": {"kind": kind}})


@st.composite
def activations(draw: st.DrawFn, width: int, never_flat: bool = False) -> Settings:
    """An activation over an axis of so many numbers; the softmax of one number is always 1."""
    kinds = ["linear", "leaky_relu", "elu", *SMOOTH, *(["softmax"] if width > 1 else [])]
    kind = draw(st.sampled_from(kinds if never_flat else [*kinds, "relu"]))
    if kind == "leaky_relu":
        return {"kind": kind, "slope": draw(st.floats(0.01, 0.9))}
    if kind == "elu":
        return {"kind": kind, "alpha": draw(st.floats(0.1, 3.0))}
    return {"kind": kind}


@st.composite
def dense(draw: st.DrawFn, shape: Shape) -> Settings:
    units = draw(st.integers(1, 8))
    return {
        "kind": "dense",
        "units": units,
        "activation": draw(activations(units)),
        "bias": draw(st.booleans()),
    }


@st.composite
def convolution(draw: st.DrawFn, shape: Shape) -> Settings:
    channels, padding = shape[-1], draw(st.sampled_from(["same", "valid"]))
    dilation = draw(st.integers(1, 2))
    groups = draw(st.sampled_from([parts for parts in (1, 2, channels) if channels % parts == 0]))
    filters = groups * draw(st.integers(1, 3))
    sizes = {}
    for name, length in zip(
        ("height", "width") if len(shape) == 3 else ("kernel_size",), shape, strict=False
    ):
        # A window of n cells reaches over (n − 1) · dilation + 1.
        most = 4 if padding == "same" else min(4, (length - 1) // dilation + 1)
        sizes[name] = draw(st.integers(1, most))
    return {
        "kind": "conv2d" if len(shape) == 3 else "conv1d",
        "filters": filters,
        **sizes,
        "stride": draw(st.integers(1, 3)),
        "padding": padding,
        "dilation": dilation,
        "groups": groups,
        "activation": draw(activations(filters)),
        "bias": draw(st.booleans()),
    }


@st.composite
def pool(draw: st.DrawFn, shape: Shape) -> Settings:
    most = [min(3, length) for length in shape[:-1]]
    wide = {"width": draw(st.integers(1, most[1]))} if len(shape) == 3 else {}
    return {
        "kind": draw(st.sampled_from(["max_pool", "average_pool"])),
        "pool_size": draw(st.integers(1, most[0])),
        **wide,
        "stride": draw(st.none() | st.integers(1, 3)),
        "padding": draw(st.sampled_from(["same", "valid"])),
    }


@st.composite
def layer_norm(draw: st.DrawFn, shape: Shape) -> Settings:
    over = ["sample"]
    if shape[-1] >= FEWEST_TO_NORMALIZE:
        over.append("features")
    numbers = 1
    for length in shape:
        numbers *= length
    if numbers < FEWEST_TO_NORMALIZE:
        return {"kind": "prelu"}
    return {"kind": "layer_norm", "axes": draw(st.sampled_from(over)), "epsilon": draw(epsilons())}


def batch_norm(shape: Shape) -> Strategy:
    fields = {"kind": st.just("batch_norm"), "momentum": st.floats(0.05, 1.0), "epsilon": epsilons()}
    return st.fixed_dictionaries(fields)


def prelu(shape: Shape) -> Strategy:
    fields = {"kind": st.just("prelu"), "per_channel": st.booleans(), "start": st.floats(-0.5, 1.0)}
    return st.fixed_dictionaries(fields)


def activation(shape: Shape) -> Strategy:
    return activations(shape[-1]).map(lambda function: {"kind": "activation", "activation": function})


def up_sample(shape: Shape) -> Strategy:
    # Sizes are to stay small.
    most = 3 if max(shape[:-1]) <= 7 else 1
    return st.integers(1, most).map(lambda factor: {"kind": "up_sample", "factor": factor})


@st.composite
def reshape(draw: st.DrawFn, shape: Shape) -> Settings:
    """Into images or sequences with as many numbers."""
    numbers = math.prod(shape)
    channels = draw(st.sampled_from([parts for parts in (1, 2, 3, numbers) if numbers % parts == 0]))
    form = draw(st.sampled_from(["image", "sequence"]))
    cells = numbers // channels
    height = draw(st.none() | st.sampled_from([rows for rows in (1, 2, 3, cells) if cells % rows == 0]))
    if form == "sequence":
        height = None
    return {"kind": "reshape", "target_shape": form, "channels": channels, "height": height}


@st.composite
def embedding(draw: st.DrawFn, shape: Shape) -> tuple[list[Settings], tuple[tuple[int, int], ...]]:
    """A layer of vectors for codes, in front of all others, and where in a sample the codes stand.

    There are plain numbers beside them, or many codes: of samples that are equal, normalized values are
    nothing but rounding.
    """
    size = draw(st.none() | st.integers(1, 4))
    if draw(st.booleans()):
        vocabulary = draw(st.integers(20, 60))
        layer = {"kind": "embedding", "vocabulary": vocabulary, "size": size}
        return [layer], tuple((place, vocabulary) for place in range(shape[0]))
    places = draw(st.lists(st.integers(0, shape[0] - 1), min_size=1, max_size=2, unique=True))
    codes = tuple((place, draw(st.integers(2, 6))) for place in places)
    return [{"kind": "embedding", "columns": codes, "size": size}], codes


def flatten(shape: Shape) -> Strategy:
    return st.just({"kind": "flatten"})


def dense_on_cells(shape: Shape) -> Strategy:
    return dense(shape).map(lambda settings: settings | {"axes": "features"})


def global_pool(shape: Shape) -> Strategy:
    return st.sampled_from(["global_average_pool", "global_max_pool"]).map(lambda kind: {"kind": kind})


def epsilons() -> st.SearchStrategy[float]:
    return st.sampled_from([1e-5, 1e-3, 0.1])


@st.composite
def recurrent(draw: st.DrawFn, shape: Shape) -> Settings:
    kind = draw(st.sampled_from(["simple_recurrent", "gru", "lstm"]))
    # PyTorch's simple one has no sigmoid.
    bend = {"activation": draw(st.sampled_from(["tanh", "relu"]))} if kind == "simple_recurrent" else {}
    return {
        "kind": kind,
        "units": draw(st.integers(1, 4)),
        "returns": draw(st.sampled_from(["last", "sequence"])),
        "direction": draw(st.sampled_from(["forward", "backward", "both"])),
        "bias": draw(st.booleans()),
        **bend,
    }


@st.composite
def self_attention(draw: st.DrawFn, shape: Shape) -> Settings:
    # A single step can only look at itself: queries and keys do nothing, and their gradients are rounding.
    if shape[0] == 1:
        return {"kind": "prelu"}
    features = shape[1]
    size = draw(st.none() | st.integers(1, 3))
    heads = [heads for heads in (1, 2, 3) if size is not None or features % heads == 0]
    return {
        "kind": "self_attention",
        "heads": draw(st.sampled_from(heads)),
        "size": size,
        "causal": draw(st.booleans()),
        "bias": draw(st.booleans()),
    }


def positional_encoding(shape: Shape) -> Strategy:
    fields = {
        "kind": st.just("positional_encoding"),
        "encoding": st.sampled_from(["sinusoidal", "learned"]),
        "base": st.floats(2, 1e4),
    }
    return st.fixed_dictionaries(fields)


@st.composite
def residual(draw: st.DrawFn, shape: Shape) -> Settings:
    """Inner layers that keep the size, or shorten it by a stride that the shortcut can take too."""
    inner: list[Settings] = []
    for _ in range(draw(st.integers(1, 3))):
        weighted = dense if len(shape) == 1 else convolution
        drawn = draw(draw(st.sampled_from([weighted, weighted, activation, batch_norm, prelu]))(shape))
        if drawn["kind"] in ("conv1d", "conv2d"):
            drawn |= {"padding": "same", "groups": 1, "stride": min(drawn["stride"], 2)}
        if inner and needs_a_bend_before(drawn):
            inner.append(draw(bend()))
        inner.append(drawn)
        if len(shape) == 1 and drawn["kind"] == "dense":
            shape = (drawn["units"],)
        if drawn["kind"] in ("conv1d", "conv2d"):
            shape = (*(-(-cells // drawn["stride"]) for cells in shape[:-1]), drawn["filters"])
    return {"kind": "residual", "layers": inner, "activation": draw(activations(shape[-1]))}


ALL, SPATIAL, SEQUENCES = (1, 2, 3), (2, 3), (2,)

DRAWERS = (
    # More often than the others: these have the most that can be wrong.
    *[Drawer((1,), dense)] * 3,
    *[Drawer(SPATIAL, convolution)] * 4,
    *[Drawer(SEQUENCES, recurrent)] * 3,
    Drawer(SEQUENCES, self_attention),
    Drawer(SEQUENCES, positional_encoding),
    Drawer(ALL, residual),
    Drawer(SPATIAL, pool),
    Drawer(ALL, activation),
    Drawer(ALL, batch_norm),
    Drawer(ALL, layer_norm),
    Drawer(ALL, prelu),
    Drawer(SPATIAL, up_sample),
    Drawer(ALL, reshape),
    Drawer(SPATIAL, flatten),
    Drawer(SPATIAL, global_pool),
    Drawer(SPATIAL, dense_on_cells),
)
