"""What hypothesis draws: whole training set-ups that Gradwright and PyTorch can both do. Needs no PyTorch.

What is left out on purpose is said where it is left out: where the two differ by design, and where a
gradient is 0 but for rounding, which a rule that divides by the gradient's size turns into whole steps.
"""

from typing import Any, NamedTuple

from hypothesis import strategies as st
from pydantic import TypeAdapter

from engine.arrays import Shape
from engine.layers import AnyLayer, Layer
from tests.engine.random_networks.drawing_layers import DRAWERS, activations, bend, needs_a_bend_before

Settings = dict[str, Any]

STEPS = 10

MOST_LAYERS = 5
"""Beside the output layer, and what has to stand before it."""

SHAPES: dict[str, st.SearchStrategy[Shape]] = {
    "list": st.tuples(st.integers(3, 8)),
    "image": st.tuples(st.integers(3, 7), st.integers(3, 7), st.integers(1, 4)),
    "sequence": st.tuples(st.integers(3, 9), st.integers(1, 4)),
}


class Case(NamedTuple):
    """All that is drawn. Numbers come from the seed, so that a failing case shrinks to a small set-up."""

    input_shape: Shape
    layers: list[Settings]
    loss: Settings
    optimizer: Settings
    schedule: Settings
    warmup_steps: int
    steps_per_epoch: int
    rows: tuple[int, ...]
    """Of the batches, which come round again and again. At least four: with two, a normalized value is ±1
    whatever it comes from, and its gradient nothing but rounding."""
    seed: int


def layer(settings: Settings) -> Layer:
    return TypeAdapter(AnyLayer).validate_python(settings)


@st.composite
def cases(draw: st.DrawFn, kind: str) -> Case:
    """One set-up for this kind of samples; its parts are independent but for what has to fit."""
    loss, outputs = draw(losses())
    input_shape = draw(SHAPES[kind])
    layers = draw(stacks(input_shape))
    # Cross-entropy takes logits; elsewhere the output may bend.
    linear = loss["kind"] in ("softmax_cross_entropy", "binary_cross_entropy")
    last = {"kind": "linear"} if linear else draw(activations(outputs))
    head = {"kind": "dense", "units": outputs, "activation": last, "bias": draw(st.booleans())}
    optimizer = draw(optimizers(loss["kind"]))
    if optimizer["kind"] == "rprop":
        # What is added to all keys alike changes no attention: the gradient of that bias is 0 but for
        # rounding, of which Rprop sees the sign.
        layers = [one | {"bias": False} if one["kind"] == "self_attention" else one for one in layers]
    # In PyTorch, Rprop heeds the learning rate at its first step only; ours always.
    schedule, warmup = ({"kind": "constant"}, 0) if optimizer["kind"] == "rprop" else draw(schedules())
    return Case(
        input_shape,
        [*layers, head],
        loss,
        optimizer,
        schedule,
        warmup,
        draw(st.sampled_from([1, 2, 4, 5])),
        tuple(draw(st.lists(st.integers(4, 7), min_size=1, max_size=3))),
        draw(st.integers(0, 2**32 - 1)),
    )


@st.composite
def stacks(draw: st.DrawFn, input_shape: Shape) -> list[Settings]:
    """Layers that fit one another and end in a list of numbers."""
    shape, chosen = input_shape, []
    for _ in range(draw(st.integers(1, MOST_LAYERS))):
        fitting = [drawer.strategy for drawer in DRAWERS if len(shape) in drawer.axes]
        settings = draw(draw(st.sampled_from(fitting))(shape))
        if chosen and needs_a_bend_before(settings):
            chosen.append(draw(bend()))
        chosen.append(settings)
        shape = layer(settings).output_shape(shape)
    if len(shape) > 1:
        chosen.append({"kind": draw(st.sampled_from(["flatten", "global_average_pool"]))})
    return chosen


@st.composite
def losses(draw: st.DrawFn) -> tuple[Settings, int]:
    """A loss, and the number of outputs."""
    kind = draw(st.sampled_from(["softmax", "binary", "mean_squared_error", "huber", "mean_absolute_error"]))
    smoothing = draw(st.sampled_from([0.0, 0.1, 0.35]))
    weight = st.floats(0.2, 5.0)
    if kind == "softmax":
        outputs = draw(st.integers(2, 5))
        weights = draw(st.none() | st.tuples(*[weight] * outputs))
        kind = "softmax_cross_entropy"
        return {"kind": kind, "label_smoothing": smoothing, "class_weights": weights}, outputs
    if kind == "binary":
        weights = draw(st.none() | st.tuples(weight, weight))
        return {"kind": "binary_cross_entropy", "label_smoothing": smoothing, "class_weights": weights}, 1
    more: Settings = {}
    if kind == "huber":
        more = {"delta": draw(st.floats(0.1, 3.0))}
    if kind == "mean_squared_error":
        more = {"reduction": draw(st.sampled_from(["mean", "half_sum"]))}
    return {"kind": kind, **more}, draw(st.integers(1, 4))


@st.composite
def optimizers(draw: st.DrawFn, loss: str) -> Settings:
    """A rule with settings of its own.

    No Rprop, which sees the sign of a gradient only, where the gradient of a bias is a sum of numbers of one
    size and both signs: that may be 0 but for rounding.

    ε stays at 1e-8 and above: below, rounding in gradients that are nearly 0 would decide on steps. Momentum
    and Nesterov have no weight decay here: ours is decoupled, PyTorch's SGD adds it to the gradient.
    """
    rate = draw(st.floats(1e-4, 0.03))
    memory, epsilon = st.floats(0.0, 0.99), st.sampled_from([1e-8, 1e-6, 1e-3])
    moments = {"beta1": memory, "beta2": st.floats(0.5, 0.999), "epsilon": epsilon}
    decay = st.sampled_from([0.0, 0.01, 0.5])
    fields: dict[str, dict[str, st.SearchStrategy[Any]]] = {
        "sgd": {},
        "momentum": {"momentum": memory},
        # PyTorch does without Nesterov where there is no momentum.
        "nesterov": {"momentum": st.floats(0.01, 0.99)},
        "rmsprop": {"alpha": memory, "epsilon": epsilon},
        "adam": {**moments, "amsgrad": st.booleans()},
        "adamw": {**moments, "amsgrad": st.booleans(), "weight_decay": decay},
        "nadam": {**moments, "momentum_decay": st.floats(0.0, 0.5), "weight_decay": decay},
        "adamax": moments,
        "adagrad": {"epsilon": epsilon},
        "adadelta": {"alpha": memory, "epsilon": epsilon},
        "rprop": {
            # PyTorch takes no growth of 1.
            "grow": st.floats(1.01, 2.0),
            "shrink": st.floats(0.1, 0.9),
            "smallest": st.floats(1e-3, 0.5),
            "largest": st.floats(1.0, 10.0),
        },
    }
    if loss in ("mean_absolute_error", "huber"):
        del fields["rprop"]
    kind = draw(st.sampled_from(list(fields)))
    return {"kind": kind, "learning_rate": rate, **draw(st.fixed_dictionaries(fields[kind]))}


@st.composite
def schedules(draw: st.DrawFn) -> tuple[Settings, int]:
    """A schedule, and the steps of a warm-up before it; the constant one alone has one here."""
    share, floor = st.floats(0.3, 1.0), st.sampled_from([0.0, 0.1])
    fields: dict[str, dict[str, st.SearchStrategy[Any]]] = {
        "constant": {},
        "exponential": {"gamma": share, "smooth": st.booleans()},
        "step": {"interval": st.integers(1, 4), "gamma": share},
        "multi_step": {"milestones": st.lists(st.integers(1, 8), min_size=1, max_size=3), "gamma": share},
        "cosine": {"floor": floor},
        "cosine_restarts": {"period": st.integers(1, 3), "growth": st.integers(1, 3), "floor": floor},
        "polynomial": {"power": st.floats(0.5, 3.0)},
        "one_cycle": {
            "rise": st.floats(0.2, 0.8),
            "start_divisor": st.floats(1.0, 30.0),
            "end_divisor": st.floats(1.0, 100.0),
        },
    }
    kind = draw(st.sampled_from(list(fields)))
    warmup = draw(st.integers(0, 6)) if kind == "constant" else 0
    return {"kind": kind, **draw(st.fixed_dictionaries(fields[kind]))}, warmup
