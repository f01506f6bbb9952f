"""The laws that every registered augmentation obeys, with every choice that its settings offer.

JSON, ranges and words: tests/engine/test_settings_laws.py.
"""

import tracemalloc

import numpy as np
import pytest

from engine.data.augmentation import AUGMENTATIONS, Augmentation
from engine.data.augmentation.augmenter import Augmenter
from engine.data.augmentation.intensity import Noise
from engine.data.augmentation.mixup import Mixup
from engine.errors import UserError
from engine.losses import LOSSES
from engine.losses.softmax_cross_entropy import SoftmaxCrossEntropy
from engine.settings import field_hints, kind_of
from engine.training.rng import generator_state, restore_generator
from tests.engine.data.augmentation.batches import (
    ROWS,
    SHAPES,
    applied,
    generator,
    samples,
    targets,
)
from tests.engine.variants import variants

CASES = [
    pytest.param(augmentation, shape, id=f"{augmentation.kind}-{number}-{name}")
    for cls in AUGMENTATIONS
    for number, augmentation in enumerate(variants(cls))
    for name, shape in SHAPES.items()
    if ("table" if name == "table" else "image") in cls.kinds
]

NEUTRAL = {
    "shift": {"height": 0, "width": 0},
    "rotate": {"degrees": 0},
    "zoom": {"smallest": 1, "largest": 1},
    "flip": {"horizontal": 0, "vertical": 0},
    "crop": {"smallest": 1},
    "brightness": {"brightness": 0, "contrast": 0},
    "erase": {"probability": 0},
    "noise": {"std": 0},
}
"""Settings that leave everything as it is; mixup has none."""


def strong(cls: type[Augmentation]) -> Augmentation:
    """Settings that change nearly every sample."""
    certain = {"erase": {"probability": 1}, "flip": {"vertical": 0.5}, "shift": {"height": 0.5}}
    return cls(**certain.get(kind_of(cls), {}))


STRONG = [
    pytest.param(strong(cls), shape, id=f"{kind_of(cls)}-{name}")
    for cls in AUGMENTATIONS
    for name, shape in SHAPES.items()
    if ("table" if name == "table" else "image") in cls.kinds
]


@pytest.mark.parametrize(("augmentation", "shape"), CASES)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_shape_and_precision_stay_and_all_is_finite(augmentation, shape, dtype):
    facts = samples(shape, dtype)
    x, t = applied(augmentation, facts)
    assert (x.shape, x.dtype) == ((ROWS, *shape), dtype)
    assert (t.shape, t.dtype) == ((ROWS, 3), dtype)
    assert np.isfinite(x).all()
    assert np.isfinite(t).all()


@pytest.mark.parametrize(("augmentation", "shape"), STRONG)
def test_something_changes(augmentation, shape):
    facts = samples(shape)
    assert not np.array_equal(applied(augmentation, facts)[0], facts.inputs[:ROWS])


@pytest.mark.parametrize(("augmentation", "shape"), CASES)
def test_targets_are_left_alone_or_mixed(augmentation, shape):
    _, t = applied(augmentation, samples(shape))
    if not isinstance(augmentation, Mixup):
        assert np.array_equal(t, targets())
        return
    np.testing.assert_allclose(t.sum(axis=1), 1, rtol=1e-6)
    np.testing.assert_allclose(t.sum(axis=0), targets().sum(axis=0), rtol=1e-6)
    assert ((t >= 0) & (t <= 1)).all()


@pytest.mark.parametrize(("augmentation", "shape"), CASES)
def test_the_batch_itself_is_only_read(augmentation, shape):
    facts, t = samples(shape), targets()
    t.flags.writeable = False
    before = facts.inputs.copy()
    augmenter = Augmenter(facts, None, generator())
    augmenter.choose([augmentation])
    x, changed = augmenter.augment(facts.inputs[:ROWS], t)
    assert np.array_equal(facts.inputs, before)
    assert not np.shares_memory(x, facts.inputs)
    assert not np.shares_memory(changed, t)


@pytest.mark.parametrize(("augmentation", "shape"), CASES)
def test_the_generators_state_decides(augmentation, shape):
    facts, draws, t = samples(shape), generator(), targets()
    augmenter = Augmenter(facts, None, draws)
    augmenter.choose([augmentation])
    augmenter.augment(facts.inputs[:ROWS], t)
    state = generator_state(draws)
    second = [array.copy() for array in augmenter.augment(facts.inputs[:ROWS], t)]
    restore_generator(draws, state)
    # Others in between, with arrays of another size, leave nothing behind.
    other = Augmenter(facts, None, draws)
    other.choose([augmentation])
    again = other.augment(facts.inputs[:ROWS], t)
    for one, expected in zip(again, second, strict=True):
        assert one.tobytes() == expected.tobytes()


@pytest.mark.parametrize(("augmentation", "shape"), STRONG)
def test_another_seed_gives_another_result(augmentation, shape):
    facts = samples(shape)
    one, other = applied(augmentation, facts, seed=1)[0], applied(augmentation, facts, seed=2)[0]
    assert not np.array_equal(one, other)


@pytest.mark.parametrize(("augmentation", "shape"), STRONG)
def test_each_sample_draws_its_own(augmentation, shape):
    """Equal samples become different ones."""
    facts = samples(shape)
    equal = np.repeat(facts.inputs[:1], ROWS, axis=0)
    if isinstance(augmentation, Mixup):
        equal[::2] = facts.inputs[1]
    x, _ = applied(augmentation, facts, inputs=equal)
    assert len(np.unique(x.reshape(ROWS, -1), axis=0)) > 2


@pytest.mark.parametrize(
    ("augmentation", "shape"), [case for case in CASES if not isinstance(case.values[0], Mixup)]
)
def test_samples_do_not_influence_one_another(augmentation, shape):
    facts = samples(shape)
    alone = applied(augmentation, facts)[0][3]
    others = facts.inputs[20 : 20 + ROWS].copy()
    others[3] = facts.inputs[3]
    assert np.array_equal(applied(augmentation, facts, inputs=others)[0][3], alone)


@pytest.mark.parametrize("kind", NEUTRAL)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_no_strength_changes_no_bit(kind, dtype):
    cls = next(cls for cls in AUGMENTATIONS if kind_of(cls) == kind)
    for name, shape in SHAPES.items():
        if ("table" if name == "table" else "image") in cls.kinds:
            facts = samples(shape, dtype)
            x, _ = applied(cls(**NEUTRAL[kind]), facts)
            assert x.tobytes() == facts.inputs[:ROWS].tobytes()


def test_every_kind_but_mixup_can_be_turned_down_to_nothing():
    assert {kind_of(cls) for cls in AUGMENTATIONS} == {*NEUTRAL, "mixup"}


@pytest.mark.parametrize("rows", [1, 2, 3])
@pytest.mark.parametrize(("augmentation", "shape"), STRONG)
def test_small_batches(augmentation, shape, rows):
    facts = samples(shape)
    x, t = applied(augmentation, facts, inputs=facts.inputs[:rows])
    assert np.isfinite(x).all()
    assert t.sum() == pytest.approx(rows)


@pytest.mark.parametrize("cls", AUGMENTATIONS, ids=kind_of)
def test_other_data_is_refused_with_a_sentence(cls):
    for name, shape in SHAPES.items():
        kind = "table" if name == "table" else "image"
        if kind in cls.kinds:
            cls().check(samples(shape), SoftmaxCrossEntropy(), "Here")
            continue
        with pytest.raises(UserError) as caught:
            cls().check(samples(shape), None, "Training, augmentation, entry 2")
        assert str(caught.value) == (
            f"Training, augmentation, entry 2: expected images, which {cls.heading.lower()} is for, "
            "found rows of a table. Remove this augmentation, or choose other data."
        )


@pytest.mark.parametrize("loss", LOSSES, ids=kind_of)
def test_mixup_needs_a_loss_that_takes_soft_targets(loss):
    facts = samples(SHAPES["table"])
    if "hinge" not in kind_of(loss):
        Mixup().check(facts, loss(), "Here")
        return
    with pytest.raises(
        UserError, match=f"found {loss.heading.lower()}. Choose another loss, or remove mixup."
    ):
        Mixup().check(facts, loss(), "Here")


@pytest.mark.parametrize("cls", AUGMENTATIONS, ids=kind_of)
def test_every_one_says_what_it_does_and_where_it_is_from(cls):
    assert "Reference: " in cls.__doc__
    assert cls.icon
    assert all(field_hints(field).get("live") for name, field in cls.model_fields.items() if name != "kind")


def test_noise_without_numbers_is_refused():
    facts = samples(SHAPES["table"])
    without = type(facts)(facts.inputs, np.array([], np.intp), reconstructed=False)
    with pytest.raises(UserError, match="expected number columns, which noise is for, found only"):
        Noise().check(without, None, "Here")


@pytest.mark.parametrize("cls", AUGMENTATIONS, ids=kind_of)
def test_large_arrays_are_kept_from_batch_to_batch(cls):
    size = (64, 48, 48, 1)
    facts = samples(size[1:])
    augmenter = Augmenter(facts, None, generator())
    augmenter.choose([strong(cls)])
    batch = np.resize(facts.inputs, size)
    for _ in range(2):
        augmenter.augment(batch, np.zeros((64, 3), np.float32))
    tracemalloc.start()
    try:
        augmenter.augment(batch, np.zeros((64, 3), np.float32))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    # A few numbers a sample, and NumPy's buffers.
    assert peak < 0.25 * batch.nbytes
