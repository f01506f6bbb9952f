"""What hypothesis draws: whole training set-ups that Gradwright and PyTorch can both do. Needs no PyTorch.

What is left out on purpose is said where it is left out: where the two differ by design, and where a
gradient is 0 but for rounding, which a rule that divides by the gradient's size turns into whole steps.
"""

from typing import Any, NamedTuple

from hypothesis import strategies as st
from pydantic import TypeAdapter

from engine.arrays import Shape
from engine.layers import AnyLayer, Layer
from engine.losses import AnyLoss, Loss
from tests.engine.random_networks.drawing_layers import (
    DRAWERS,
    Settings,
    activations,
    bend,
    embedding,
    needs_a_bend_before,
)
from tests.engine.random_networks.drawing_losses import LENGTHLESS, SIGNS, losses

STEPS = 10

MOST_LAYERS = 5
"""Beside the output layer, and what has to stand before it."""

SHAPES: dict[str, st.SearchStrategy[Shape]] = {
    "list": st.tuples(st.integers(3, 8)),
    "image": st.tuples(st.integers(3, 7), st.integers(3, 7), st.integers(1, 4)),
    "sequence": st.tuples(st.integers(3, 9), st.integers(1, 4)),
}


LEFT_OUT = {
    "dropout": "it draws numbers of its own; `tests/engine/layers` has it",
    "spatial_dropout": "the same",
    "gaussian_noise": "the same",
    "lion": "PyTorch has none",
    "lbfgs": "PyTorch's searches in another way; both come to the same place, not by the same steps",
}
"""Of what is registered, what is not drawn, and why."""


MEMORY, EPSILON = st.floats(0.0, 0.99), st.sampled_from([1e-8, 1e-6, 1e-3])
MOMENTS = {"beta1": MEMORY, "beta2": st.floats(0.5, 0.999), "epsilon": EPSILON}
DECAY = st.sampled_from([0.0, 0.01, 0.5])
OPTIMIZER_FIELDS: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "sgd": {},
    "momentum": {"momentum": MEMORY},
    # PyTorch does without Nesterov where there is no momentum.
    "nesterov": {"momentum": st.floats(0.01, 0.99)},
    "rmsprop": {"alpha": MEMORY, "epsilon": EPSILON},
    "adam": {**MOMENTS, "amsgrad": st.booleans()},
    "adamw": {**MOMENTS, "amsgrad": st.booleans(), "weight_decay": DECAY},
    "nadam": {**MOMENTS, "momentum_decay": st.floats(0.0, 0.5), "weight_decay": DECAY},
    "adamax": MOMENTS,
    "adagrad": {"epsilon": EPSILON},
    "adadelta": {"alpha": MEMORY, "epsilon": EPSILON},
    "rprop": {
        # PyTorch takes no growth of 1.
        "eta_plus": st.floats(1.01, 2.0),
        "eta_minus": st.floats(0.1, 0.9),
        "min_step": st.floats(1e-3, 0.5),
        "max_step": st.floats(1.0, 10.0),
    },
}
"""By kind, the settings that are drawn."""

SHARE, FLOOR = st.floats(0.3, 1.0), st.sampled_from([0.0, 0.1])
SCHEDULE_FIELDS: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "constant": {},
    "exponential": {"gamma": SHARE, "smooth": st.booleans()},
    "step": {"interval": st.integers(1, 4), "gamma": SHARE},
    "multi_step": {"milestones": st.lists(st.integers(1, 8), min_size=1, max_size=3), "gamma": SHARE},
    "cosine": {"floor": FLOOR},
    "cosine_restarts": {"period": st.integers(1, 3), "growth": st.integers(1, 3), "floor": FLOOR},
    "polynomial": {"power": st.floats(0.5, 3.0)},
    "plateau": {
        "gamma": SHARE.filter(lambda gamma: gamma < 1),
        "patience": st.integers(0, 2),
        "threshold": st.sampled_from([0.0, 1e-3, 0.1]),
        "cooldown": st.integers(0, 2),
        "floor": FLOOR,
    },
    "one_cycle": {
        "rise": st.floats(0.3, 0.7),
        "start_divisor": st.floats(1.0, 30.0),
        "end_divisor": st.floats(1.0, 100.0),
    },
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
    codes: tuple[tuple[int, int], ...] = ()
    """Places in a sample at which codes stand, and how many there are."""
    parts: int = 1
    """In how many parts a batch is worked on at the same time."""


LAYER: TypeAdapter[Layer] = TypeAdapter(AnyLayer)
LOSS: TypeAdapter[Loss] = TypeAdapter(AnyLoss)


def layer(settings: Settings) -> Layer:
    return LAYER.validate_python(settings)


@st.composite
def cases(draw: st.DrawFn, kind: str) -> Case:
    """One set-up for this kind of samples; its parts are independent but for what has to fit."""
    loss, outputs = draw(losses())
    input_shape = draw(SHAPES[kind])
    first, codes = draw(embedding(input_shape)) if kind == "list" and draw(st.booleans()) else ([], ())
    shape = layer(first[0]).output_shape(input_shape) if first else input_shape
    layers = [*first, *draw(stacks(shape))]
    # Where the loss applies the activation, it takes scores; elsewhere the output may bend.
    if LOSS.validate_python(loss).inverse_link is not None:
        last = {"kind": "linear"}
    else:
        # All outputs 0 have no direction: PyTorch's derivative there is that of a length of 1e-8.
        last = draw(activations(outputs, never_flat=loss["kind"] == "cosine_similarity"))
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
        codes,
        draw(st.sampled_from([1, 1, 2])),
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
def optimizers(draw: st.DrawFn, loss: str) -> Settings:
    """A rule with settings of its own.

    No rule that divides by the gradient's size where that may be 0 but for rounding; and no Rprop, which sees
    the sign of a gradient only, where the gradient of a bias is a sum of numbers of one size and both signs.

    ε stays at 1e-8 and above: below, rounding in gradients that are nearly 0 would decide on steps. Momentum
    and Nesterov have no weight decay here: ours is decoupled, PyTorch's SGD adds it to the gradient.
    """
    rate = draw(st.floats(1e-4, 0.03))
    fields = dict(OPTIMIZER_FIELDS)
    if loss in SIGNS:
        del fields["rprop"]
    if loss in LENGTHLESS:
        fields = {kind: fields[kind] for kind in ("sgd", "momentum", "nesterov")}
    kind = draw(st.sampled_from(list(fields)))
    return {"kind": kind, "learning_rate": rate, **draw(st.fixed_dictionaries(fields[kind]))}


@st.composite
def schedules(draw: st.DrawFn) -> tuple[Settings, int]:
    """A schedule, and the steps of a warm-up before it."""
    kind = draw(st.sampled_from(list(SCHEDULE_FIELDS)))
    # One-cycle needs a step of its own on the way up, and one on the way down.
    warmup = draw(st.integers(0, 3 if kind == "one_cycle" else 6))
    return {"kind": kind, **draw(st.fixed_dictionaries(SCHEDULE_FIELDS[kind]))}, warmup
